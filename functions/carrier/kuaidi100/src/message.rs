//! What the waybill services are told. It holds nothing but what the parcel and the account say, so that the same claim
//! always says the same.

use crate::company;
use huidan_carrier::Parcel;
use huidan_carrier::common::{goods, is_mobile, kilograms};
use huidan_domain::{Party, Receiver};
use huidan_exchange::{CallError, Credentials};
use serde::Serialize;
use serde_json::value::RawValue;

/// The account at the carrier, as every waybill service wants it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Partner<'a> {
    kuaidicom: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    partner_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    partner_key: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    partner_secret: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    partner_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    net: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    check_man: Option<&'a str>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Order<'a> {
    #[serde(flatten)]
    partner: Partner<'a>,
    order_id: &'a str,
    reorder: bool,
    rec_man: Man<'a>,
    send_man: Man<'a>,
    cargo: String,
    count: u16,
    need_child: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    weight: Option<Box<RawValue>>,
    pay_type: &'a str,
    exp_type: &'a str,
    remark: String,
    print_type: &'static str,
    need_subscribe: bool,
}

/// A person at an address.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Man<'a> {
    name: &'a str,
    #[serde(flatten)]
    phone: Phone<'a>,
    print_addr: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
enum Phone<'a> {
    Mobile(&'a str),
    Tel(&'a str),
}

/// The account's account at its carrier.
pub(crate) fn partner(credentials: &Credentials) -> Result<Partner<'_>, CallError> {
    Ok(Partner {
        kuaidicom: company::booking(credentials)?,
        partner_id: credentials.optional("partner_id"),
        partner_key: credentials.optional("partner_key"),
        partner_secret: credentials.optional("partner_secret"),
        partner_name: credentials.optional("partner_name"),
        net: credentials.optional("net"),
        code: credentials.optional("code"),
        check_man: credentials.optional("check_man"),
    })
}

/// The order for a parcel. `reorder` false: the same `orderId` again is answered with the first result.
pub(crate) fn order<'a>(credentials: &'a Credentials, parcel: &'a Parcel) -> Result<Order<'a>, CallError> {
    let service = Some(parcel.service.as_str()).filter(|service| !service.is_empty());
    Ok(Order {
        partner: partner(credentials)?,
        order_id: &parcel.claim,
        reorder: false,
        rec_man: receiver(&parcel.receiver),
        send_man: sender(&parcel.sender),
        cargo: cargo(parcel),
        count: parcel.pieces,
        need_child: if parcel.pieces > 1 { "1" } else { "0" },
        weight: kilograms(parcel.weight_g),
        pay_type: credentials.optional("pay_type").unwrap_or("MONTHLY"),
        exp_type: service.or_else(|| credentials.optional("exp_type")).unwrap_or("标准快递"),
        remark: parcel.remark.chars().take(100).collect(),
        print_type: "NON",
        need_subscribe: false,
    })
}

/// From.
pub(crate) fn sender(from: &Party) -> Man<'_> {
    let print_addr = [&from.province, &from.city, &from.district, &from.street].map(String::as_str).concat();
    Man { name: &from.name, phone: phone(&from.phone), print_addr }
}

/// To.
pub(crate) fn receiver(to: &Receiver) -> Man<'_> {
    let print_addr = [&to.province, &to.city, &to.district, &to.street].map(String::as_str).concat();
    Man { name: &to.name, phone: phone(&to.phone), print_addr }
}

fn phone(text: &str) -> Phone<'_> {
    if is_mobile(text) { Phone::Mobile(text) } else { Phone::Tel(text) }
}

fn cargo(parcel: &Parcel) -> String {
    let named: Vec<String> = goods(parcel, 20, 50).into_iter().map(|(title, _)| title).collect();
    named.join("、").chars().take(50).collect()
}
