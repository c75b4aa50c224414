//! The message of an order (`privacy_create_adapter`). It holds nothing but what the parcel and the account say, so that
//! the same claim always sends the same message.

use huidan_carrier::{Parcel, common};
use huidan_exchange::Credentials;
use serde::Serialize;
use serde_json::value::RawValue;

/// The most goods that an order names.
const MOST_GOODS: usize = 20;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Order<'a> {
    logistics_no: &'a str,
    sender_name: &'a str,
    sender_province_name: &'a str,
    sender_city_name: &'a str,
    sender_county_name: &'a str,
    sender_address: &'a str,
    sender_mobile: &'a str,
    recipient_name: &'a str,
    recipient_province_name: &'a str,
    recipient_city_name: &'a str,
    recipient_county_name: &'a str,
    recipient_address: &'a str,
    recipient_mobile: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    remark: &'a str,
    goods: Vec<Goods>,
    #[serde(skip_serializing_if = "Option::is_none")]
    weight: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    product_code: Option<&'a str>,
}

#[derive(Debug, Serialize)]
struct Goods {
    name: String,
    quantity: u32,
}

/// The message for a parcel. A landline stands in the field for a mobile number too: the platform's own sample has one
/// there.
pub(crate) fn order<'a>(credentials: &'a Credentials, parcel: &'a Parcel) -> Order<'a> {
    let (from, to) = (&parcel.sender, &parcel.receiver);
    let chosen = Some(parcel.service.as_str()).filter(|service| !service.is_empty());
    Order {
        logistics_no: &parcel.claim,
        sender_name: &from.name,
        sender_province_name: &from.province,
        sender_city_name: &from.city,
        sender_county_name: &from.district,
        sender_address: &from.street,
        sender_mobile: &from.phone,
        recipient_name: &to.name,
        recipient_province_name: &to.province,
        recipient_city_name: &to.city,
        recipient_county_name: &to.district,
        recipient_address: &to.street,
        recipient_mobile: &to.phone,
        remark: &parcel.remark,
        goods: goods(parcel),
        weight: common::kilograms(parcel.weight_g),
        product_code: chosen.or_else(|| credentials.optional("product")),
    }
}

fn goods(parcel: &Parcel) -> Vec<Goods> {
    let listed = common::goods(parcel, MOST_GOODS, 50).into_iter();
    listed.map(|(name, quantity)| Goods { name, quantity }).collect()
}
