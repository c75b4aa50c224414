//! The message of an order (`EXP_RECE_CREATE_ORDER`). It holds nothing but what the parcel and the account say, so that
//! the same claim always sends the same message.

use huidan_carrier::Parcel;
use huidan_domain::{Party, Receiver};
use huidan_exchange::{CallError, Credentials};
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
    parcel_qty: u8,
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
        parcel_qty: 1,
        total_weight: kilograms(parcel.weight_g),
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
    let mobile = text.len() == 11 && text.starts_with('1') && text.bytes().all(|byte| byte.is_ascii_digit());
    if mobile { Phone::Mobile(text) } else { Phone::Tel(text) }
}

fn cargo(parcel: &Parcel) -> Vec<Cargo> {
    let named = |title: &str| title.chars().take(100).collect::<String>();
    let listed: Vec<Cargo> =
        parcel.items.iter().map(|item| Cargo { name: named(&item.title), count: item.qty }).collect();
    if listed.is_empty() { vec![Cargo { name: "商品".to_owned(), count: 1 }] } else { listed }
}

/// Kilograms as a JSON number with exactly the digits that the grams have.
fn kilograms(grams: u32) -> Option<Box<RawValue>> {
    let text = format!("{}.{:03}", grams / 1000, grams % 1000);
    (grams > 0).then(|| RawValue::from_string(text).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grams_become_kilograms_digit_by_digit() {
        for (grams, text) in [(1, "0.001"), (300, "0.300"), (1500, "1.500"), (u32::MAX, "4294967.295")] {
            assert_eq!(kilograms(grams).unwrap().get(), text);
        }
        assert!(kilograms(0).is_none(), "an unknown weight is not told");
    }

    #[test]
    fn only_a_mobile_number_is_called_one() {
        assert!(matches!(phone("13800138000"), Phone::Mobile(_)));
        for other in ["0571-88888888", "+8613800138000", "1380013800", "138001380001", ""] {
            assert!(matches!(phone(other), Phone::Tel(_)), "{other}");
        }
    }
}
