//! The message of an order (`OMS_EXPRESS_ORDER_CREATE`). It holds nothing but what the parcel and the account say.

use huidan_carrier::{Parcel, common};
use huidan_domain::{Party, Receiver};
use huidan_exchange::{CallError, Credentials};
use serde::Serialize;
use serde_json::value::RawValue;

/// A plain waybill.
const PLAIN: &str = "00";
/// A plain order, not one that a courier is sent for.
pub(crate) const ORDER_TYPE: &str = "01";
/// Whether there is a battery inside: not known.
const BATTERY_UNKNOWN: &str = "10";

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Order<'a> {
    order_no: &'a str,
    order_source: &'a str,
    bill_type: &'a str,
    order_type: &'static str,
    sender: Person<'a>,
    receiver: Person<'a>,
    cargo: Cargo,
    customer: Customer<'a>,
    #[serde(skip_serializing_if = "str::is_empty")]
    remark: &'a str,
}

#[derive(Debug, Serialize)]
struct Person<'a> {
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    tel: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mobile: Option<&'a str>,
    province: &'a str,
    city: &'a str,
    area: &'a str,
    address: &'a str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Cargo {
    battery: &'static str,
    goods_type: &'static str,
    goods_name: String,
    goods_count: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    weight: Option<Box<RawValue>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Customer<'a> {
    site_code: &'a str,
    customer_name: &'a str,
    site_pwd: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    month_customer_code: Option<&'a str>,
}

/// The message for a parcel.
pub(crate) fn order<'a>(credentials: &'a Credentials, parcel: &'a Parcel) -> Result<Order<'a>, CallError> {
    let (from, to): (&Party, &Receiver) = (&parcel.sender, &parcel.receiver);
    Ok(Order {
        order_no: &parcel.claim,
        order_source: credentials.need("order_source")?,
        bill_type: if parcel.service.is_empty() { PLAIN } else { &parcel.service },
        order_type: ORDER_TYPE,
        sender: person(&from.name, &from.phone, [&from.province, &from.city, &from.district, &from.street]),
        receiver: person(&to.name, &to.phone, [&to.province, &to.city, &to.district, &to.street]),
        cargo: cargo(parcel),
        customer: Customer {
            site_code: credentials.need("site_code")?,
            customer_name: credentials.need("customer_name")?,
            site_pwd: credentials.need("site_pwd")?,
            month_customer_code: credentials.optional("month_customer_code"),
        },
        remark: &parcel.remark,
    })
}

fn person<'a>(name: &'a str, phone: &'a str, [province, city, area, address]: [&'a str; 4]) -> Person<'a> {
    let mobile = common::is_mobile(phone).then_some(phone);
    let tel = mobile.is_none().then_some(phone);
    Person { name, tel, mobile, province, city, area, address }
}

fn cargo(parcel: &Parcel) -> Cargo {
    let goods = common::goods(parcel, 10, 20);
    Cargo {
        battery: BATTERY_UNKNOWN,
        goods_type: "小件",
        goods_name: goods.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join("、"),
        goods_count: goods.iter().map(|(_, count)| u64::from(*count)).sum(),
        weight: common::kilograms(parcel.weight_g),
    }
}
