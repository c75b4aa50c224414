//! The message of an order (`EXP_RECE_CREATE_ORDER`). It holds nothing but what the parcel and the account say, so that
//! the same claim always sends the same message.

use huidan_carrier::{Parcel, common};
use huidan_domain::{Party, Receiver};
use huidan_exchange::{Call, CallError, Credentials, time};
use serde::Serialize;
use serde_json::value::RawValue;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Order<'a> {
    language: &'static str,
    order_id: &'a str,
    contact_info_list: [Contact<'a>; 2],
    cargo_details: Vec<Cargo>,
    monthly_card: &'a str,
    pay_method: u8,
    express_type_id: u32,
    parcel_qty: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    total_weight: Option<Box<RawValue>>,
    is_return_routelabel: u8,
    is_gen_waybill_no: u8,
    #[serde(skip_serializing_if = "String::is_empty")]
    remark: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Contact<'a> {
    contact_type: u8,
    contact: &'a str,
    #[serde(flatten)]
    phone: Phone<'a>,
    country: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    province: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    city: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    county: &'a str,
    address: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    post_code: &'a str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
enum Phone<'a> {
    Mobile(&'a str),
    Tel(&'a str),
}

#[derive(Debug, Serialize)]
struct Cargo {
    name: String,
    count: u32,
}

/// The message that changes a booked parcel (`EXP_RECE_UPDATE_ORDER`, `dealType` 1): its receiver, weight and remark.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Change<'a> {
    language: &'static str,
    order_id: &'a str,
    deal_type: u8,
    /// Only the newer confirmation takes another receiver.
    is_confirm_new: u8,
    waybill_no_info_list: [Number<'a>; 1],
    dest_contact_info: Contact<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    total_weight: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "String::is_empty")]
    remark: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Number<'a> {
    waybill_type: u8,
    waybill_no: &'a str,
}

/// The message that changes a booked parcel.
pub(crate) fn change<'a>(number: &'a str, parcel: &'a Parcel) -> Change<'a> {
    Change {
        language: "zh-CN",
        order_id: &parcel.claim,
        deal_type: 1,
        is_confirm_new: 1,
        waybill_no_info_list: [Number { waybill_type: 1, waybill_no: number }],
        dest_contact_info: receiver(&parcel.receiver),
        total_weight: common::kilograms(parcel.weight_g),
        remark: parcel.remark.chars().take(100).collect(),
    }
}

/// The question for prices (`EXP_RECE_QUERY_DELIVERTM`): of one product, or of all.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Question<'a> {
    business_type: &'a str,
    consigned_time: String,
    dest_address: Place<'a>,
    search_price: &'static str,
    src_address: Place<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    weight: Option<Box<RawValue>>,
    monthly_card: &'a str,
}

#[derive(Debug, Serialize)]
struct Place<'a> {
    province: &'a str,
    city: &'a str,
    district: &'a str,
    address: &'a str,
}

/// The question for the prices of a parcel that is sent now.
pub(crate) fn question<'a>(call: &Call<'a>, parcel: &'a Parcel) -> Result<Question<'a>, CallError> {
    let (from, to) = (&parcel.sender, &parcel.receiver);
    let place = |[province, city, district, address]: [&'a str; 4]| Place { province, city, district, address };
    Ok(Question {
        business_type: &parcel.service,
        consigned_time: time::to_local(call.now, time::CHINA),
        dest_address: place([&to.province, &to.city, &to.district, &to.street]),
        search_price: "1",
        src_address: place([&from.province, &from.city, &from.district, &from.street]),
        weight: common::kilograms(parcel.weight_g),
        monthly_card: call.account.credentials.need("monthly_card")?,
    })
}

/// The message for a parcel.
pub(crate) fn order<'a>(credentials: &'a Credentials, parcel: &'a Parcel) -> Result<Order<'a>, CallError> {
    Ok(Order {
        language: "zh-CN",
        order_id: &parcel.claim,
        contact_info_list: [sender(&parcel.sender), receiver(&parcel.receiver)],
        cargo_details: cargo(parcel),
        monthly_card: credentials.need("monthly_card")?,
        pay_method: 1,
        express_type_id: product(credentials, parcel)?,
        parcel_qty: parcel.pieces.max(1),
        total_weight: common::kilograms(parcel.weight_g),
        is_return_routelabel: 1,
        is_gen_waybill_no: 1,
        remark: parcel.remark.chars().take(100).collect(),
    })
}

fn product(credentials: &Credentials, parcel: &Parcel) -> Result<u32, CallError> {
    let chosen = Some(parcel.service.as_str()).filter(|service| !service.is_empty());
    let text = chosen.or_else(|| credentials.optional("express_type")).unwrap_or("1");
    text.trim().parse().map_err(|_| CallError::Credentials {
        field: "express_type".to_owned(),
        detail: "产品编号应为数字 / the product must be a number".to_owned(),
    })
}

fn sender(from: &Party) -> Contact<'_> {
    Contact {
        contact_type: 1,
        contact: &from.name,
        phone: phone(&from.phone),
        country: "CN",
        province: &from.province,
        city: &from.city,
        county: &from.district,
        address: &from.street,
        post_code: "",
    }
}

fn receiver(to: &Receiver) -> Contact<'_> {
    Contact {
        contact_type: 2,
        contact: &to.name,
        phone: phone(&to.phone),
        country: if to.country.is_empty() { "CN" } else { &to.country },
        province: &to.province,
        city: &to.city,
        county: &to.district,
        address: &to.street,
        post_code: &to.postcode,
    }
}

fn phone(text: &str) -> Phone<'_> {
    if common::is_mobile(text) { Phone::Mobile(text) } else { Phone::Tel(text) }
}

fn cargo(parcel: &Parcel) -> Vec<Cargo> {
    common::goods(parcel, usize::MAX, 100).into_iter().map(|(name, count)| Cargo { name, count }).collect()
}
