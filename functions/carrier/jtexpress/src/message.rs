//! What the services are told. It holds nothing but what the parcel and the account say, so that the same claim always
//! says the same.

use crate::sign;
use huidan_carrier::Parcel;
use huidan_carrier::common::{goods, is_mobile};
use huidan_domain::{Party, Receiver};
use huidan_exchange::{CallError, Credentials};
use serde::Serialize;

/// The lightest parcel that is taken, in hundredths of a kilogram; what the platform's own sample sends.
const LIGHTEST: u32 = 2;

/// Who books.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Customer<'a> {
    customer_code: &'a str,
    digest: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Order<'a> {
    #[serde(flatten)]
    customer: Customer<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    network: Option<&'a str>,
    txlogistic_id: &'a str,
    express_type: &'a str,
    order_type: &'static str,
    service_type: &'a str,
    delivery_type: &'static str,
    pay_type: &'a str,
    sender: Contact<'a>,
    receiver: Contact<'a>,
    goods_type: &'a str,
    weight: String,
    total_quantity: u8,
    items: Vec<Thing<'a>>,
    #[serde(skip_serializing_if = "String::is_empty")]
    remark: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Contact<'a> {
    name: &'a str,
    #[serde(flatten)]
    phone: Phone<'a>,
    country_code: &'static str,
    prov: &'a str,
    city: &'a str,
    area: &'a str,
    address: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    post_code: &'a str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
enum Phone<'a> {
    Mobile(&'a str),
    Phone(&'a str),
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Thing<'a> {
    item_type: &'a str,
    item_name: String,
    number: u32,
}

/// Who books, signed.
pub(crate) fn customer(credentials: &Credentials) -> Result<Customer<'_>, CallError> {
    let (customer_code, password) = (credentials.need("customer_code")?, credentials.need("password")?);
    let digest = sign::business(customer_code, password, credentials.need("private_key")?);
    Ok(Customer { customer_code, digest })
}

/// The order for a parcel.
pub(crate) fn order<'a>(credentials: &'a Credentials, parcel: &'a Parcel) -> Result<Order<'a>, CallError> {
    let service = Some(parcel.service.as_str()).filter(|service| !service.is_empty());
    let goods_type = credentials.optional("goods_type").unwrap_or("bm000006");
    let items = goods(parcel, 50, 60).into_iter();
    Ok(Order {
        customer: customer(credentials)?,
        network: credentials.optional("network"),
        txlogistic_id: &parcel.claim,
        express_type: service.or_else(|| credentials.optional("express_type")).unwrap_or("EZ"),
        order_type: "2",
        service_type: credentials.optional("service_type").unwrap_or("02"),
        delivery_type: "03",
        pay_type: credentials.optional("pay_type").unwrap_or("PP_PM"),
        sender: sender(&parcel.sender),
        receiver: receiver(&parcel.receiver),
        goods_type,
        weight: weight(parcel.weight_g),
        total_quantity: 1,
        items: items.map(|(item_name, number)| Thing { item_type: goods_type, item_name, number }).collect(),
        remark: parcel.remark.chars().take(100).collect(),
    })
}

fn sender(from: &Party) -> Contact<'_> {
    Contact {
        name: &from.name,
        phone: phone(&from.phone),
        country_code: "CHN",
        prov: &from.province,
        city: &from.city,
        area: &from.district,
        address: &from.street,
        post_code: "",
    }
}

fn receiver(to: &Receiver) -> Contact<'_> {
    Contact {
        name: &to.name,
        phone: phone(&to.phone),
        country_code: "CHN",
        prov: &to.province,
        city: &to.city,
        area: &to.district,
        address: &to.street,
        post_code: &to.postcode,
    }
}

fn phone(text: &str) -> Phone<'_> {
    if is_mobile(text) { Phone::Mobile(text) } else { Phone::Phone(text) }
}

/// Kilograms with two places, rounded up; the field must not be missing.
fn weight(grams: u32) -> String {
    let hundredths = grams.div_ceil(10).max(LIGHTEST);
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

#[cfg(test)]
mod tests {
    #[test]
    fn weights_are_rounded_up_and_never_missing() {
        for (grams, text) in [(0, "0.02"), (1, "0.02"), (21, "0.03"), (300, "0.30"), (1250, "1.25"), (1251, "1.26")] {
            assert_eq!(super::weight(grams), text);
        }
    }
}
