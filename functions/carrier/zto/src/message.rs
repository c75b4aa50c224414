//! The message of an order (`zto.open.createOrder`). It holds nothing but what the parcel and the account say.

use huidan_carrier::{Parcel, common};
use huidan_domain::{Party, Receiver};
use huidan_exchange::{CallError, Credentials};
use serde::Serialize;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Order<'a> {
    partner_type: &'static str,
    order_type: &'a str,
    partner_order_code: &'a str,
    account_info: Account<'a>,
    sender_info: Sender<'a>,
    receive_info: Receive<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    site_code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    site_name: Option<&'a str>,
    summary_info: Summary,
    order_items: Vec<Item>,
    #[serde(skip_serializing_if = "str::is_empty")]
    remark: &'a str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Account<'a> {
    account_id: &'a str,
    account_password: &'a str,
    #[serde(rename = "type")]
    kind: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_id: Option<&'a str>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Sender<'a> {
    sender_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    sender_phone: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sender_mobile: Option<&'a str>,
    sender_province: &'a str,
    sender_city: &'a str,
    sender_district: &'a str,
    sender_address: &'a str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Receive<'a> {
    receiver_name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    receiver_phone: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    receiver_mobile: Option<&'a str>,
    receiver_province: &'a str,
    receiver_city: &'a str,
    receiver_district: &'a str,
    receiver_address: &'a str,
}

#[derive(Debug, Serialize)]
struct Summary {
    quantity: u64,
}

#[derive(Debug, Serialize)]
struct Item {
    name: String,
    quantity: u32,
}

/// The type of orders of an account whose branch has not said otherwise.
pub(crate) const PLAIN: &str = "1";
/// The type of waybill that belongs to star-link orders; all others are 1.
const STAR_LINK: (&str, u8) = ("4", 74);

/// The message for a parcel.
pub(crate) fn order<'a>(credentials: &'a Credentials, parcel: &'a Parcel) -> Result<Order<'a>, CallError> {
    let order_type = order_type(credentials, parcel)?;
    let customer = credentials.optional("customer_id");
    Ok(Order {
        partner_type: if customer.is_some() { "1" } else { "2" },
        order_type,
        partner_order_code: &parcel.claim,
        account_info: Account {
            account_id: credentials.need("account_id")?,
            account_password: credentials.need("account_password")?,
            kind: if order_type == STAR_LINK.0 { STAR_LINK.1 } else { 1 },
            customer_id: customer,
        },
        sender_info: sender(&parcel.sender),
        receive_info: receiver(&parcel.receiver),
        site_code: credentials.optional("site_code"),
        site_name: credentials.optional("site_name"),
        summary_info: Summary { quantity: parcel.items.iter().map(|item| u64::from(item.qty)).sum::<u64>().max(1) },
        order_items: items(parcel),
        remark: &parcel.remark,
    })
}

fn order_type<'a>(credentials: &'a Credentials, parcel: &'a Parcel) -> Result<&'a str, CallError> {
    let chosen = Some(parcel.service.as_str()).filter(|service| !service.is_empty());
    let kind = chosen.or_else(|| credentials.optional("order_type")).unwrap_or(PLAIN);
    match kind {
        "1" | "2" | "4" => Ok(kind),
        _ => Err(CallError::Credentials {
            field: "order_type".to_owned(),
            detail: "应为 1、2 或 4 / must be 1, 2 or 4".to_owned(),
        }),
    }
}

fn sender(from: &Party) -> Sender<'_> {
    let (sender_mobile, sender_phone) = mobile_or_not(&from.phone);
    Sender {
        sender_name: &from.name,
        sender_phone,
        sender_mobile,
        sender_province: &from.province,
        sender_city: &from.city,
        sender_district: &from.district,
        sender_address: &from.street,
    }
}

fn receiver(to: &Receiver) -> Receive<'_> {
    let (receiver_mobile, receiver_phone) = mobile_or_not(&to.phone);
    Receive {
        receiver_name: &to.name,
        receiver_phone,
        receiver_mobile,
        receiver_province: &to.province,
        receiver_city: &to.city,
        receiver_district: &to.district,
        receiver_address: &to.street,
    }
}

fn mobile_or_not(phone: &str) -> (Option<&str>, Option<&str>) {
    if common::is_mobile(phone) { (Some(phone), None) } else { (None, Some(phone)) }
}

fn items(parcel: &Parcel) -> Vec<Item> {
    common::goods(parcel, 100, 100).into_iter().map(|(name, quantity)| Item { name, quantity }).collect()
}
