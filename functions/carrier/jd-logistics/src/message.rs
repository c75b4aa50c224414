//! The message of an order (`/ecap/v1/orders/create`). It holds nothing but what the parcel and the account say, so that
//! the same claim always sends the same message.

use huidan_carrier::{Parcel, common};
use huidan_exchange::{CallError, Credentials};
use serde::Serialize;
use serde_json::value::RawValue;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Order<'a> {
    order_id: &'a str,
    sender_contact: Contact<'a>,
    receiver_contact: Contact<'a>,
    order_origin: u8,
    customer_code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    business_unit_code: Option<&'a str>,
    products_req: Products<'a>,
    settle_type: u8,
    cargoes: [Cargo; 1],
    #[serde(skip_serializing_if = "String::is_empty")]
    remark: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Contact<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    mobile: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phone: Option<&'a str>,
    full_address: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Products<'a> {
    product_code: &'a str,
}

#[derive(Debug, Serialize)]
struct Cargo {
    name: String,
    quantity: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    weight: Option<Box<RawValue>>,
    volume: u32,
}

/// Who says where an order comes from, which every interface asks.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Origin<'a> {
    order_origin: u8,
    customer_code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    business_unit_code: Option<&'a str>,
}

/// The account's origin of orders.
pub(crate) fn origin(credentials: &Credentials) -> Result<Origin<'_>, CallError> {
    Ok(Origin {
        order_origin: common::number(credentials, "order_origin")?.unwrap_or(1),
        customer_code: credentials.need("customer_code")?,
        business_unit_code: credentials.optional("business_unit_code"),
    })
}

impl Origin<'_> {
    /// `cancelType` goes with it: 0 for a person's orders, 1 for a seller's.
    pub(crate) const fn cancel_type(self) -> u8 {
        if self.order_origin == 0 { 0 } else { 1 }
    }
}

/// The message for a parcel.
pub(crate) fn order<'a>(credentials: &'a Credentials, parcel: &'a Parcel) -> Result<Order<'a>, CallError> {
    let (from, to) = (&parcel.sender, &parcel.receiver);
    let chosen = Some(parcel.service.as_str()).filter(|service| !service.is_empty());
    let origin = origin(credentials)?;
    Ok(Order {
        order_id: &parcel.claim,
        sender_contact: contact(&from.name, &from.phone, [&from.province, &from.city, &from.district, &from.street]),
        receiver_contact: contact(&to.name, &to.phone, [&to.province, &to.city, &to.district, &to.street]),
        order_origin: origin.order_origin,
        customer_code: origin.customer_code,
        business_unit_code: origin.business_unit_code,
        products_req: Products {
            product_code: chosen.or_else(|| credentials.optional("product")).unwrap_or("ed-m-0001"),
        },
        settle_type: common::number(credentials, "settle_type")?.unwrap_or(3),
        cargoes: [cargo(credentials, parcel)?],
        remark: parcel.remark.chars().take(50).collect(),
    })
}

fn contact<'a>(name: &'a str, phone: &'a str, regions: [&str; 4]) -> Contact<'a> {
    let mobile = common::is_mobile(phone).then_some(phone);
    let landline = mobile.is_none().then_some(phone);
    Contact { name, mobile, phone: landline, full_address: regions.concat() }
}

/// The one parcel, not the goods in it: that is what the platform counts.
fn cargo(credentials: &Credentials, parcel: &Parcel) -> Result<Cargo, CallError> {
    let goods = common::goods(parcel, 10, 20);
    Ok(Cargo {
        name: goods.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join("、"),
        quantity: 1,
        weight: common::kilograms(parcel.weight_g),
        volume: common::number(credentials, "volume")?.unwrap_or(1000),
    })
}
