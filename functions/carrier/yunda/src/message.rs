//! The messages about orders. They hold nothing but what the parcel and the account say, so that the same claim always
//! sends the same message.

use huidan_carrier::{Parcel, common};
use huidan_exchange::{CallError, Credentials};
use serde::Serialize;

/// Where a branch has not said otherwise.
const NODE: &str = "350";
/// A plain waybill.
const PLAIN: &str = "common";

/// What every message to the waybill system begins with.
#[derive(Debug, Serialize)]
pub(crate) struct Message<'a, Orders> {
    appid: &'a str,
    partner_id: &'a str,
    secret: &'a str,
    orders: Orders,
}

#[derive(Debug, Serialize)]
pub(crate) struct Order<'a> {
    order_serial_no: String,
    khddh: &'a str,
    order_type: &'a str,
    node_id: &'a str,
    sender: Person<'a>,
    receiver: Person<'a>,
    items: Vec<Item>,
    #[serde(skip_serializing_if = "str::is_empty")]
    remark: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    multi_pack: Option<MultiPack>,
    #[serde(rename = "markingInfos", skip_serializing_if = "Option::is_none")]
    marking_infos: Option<[Marking; 1]>,
}

#[derive(Debug, Clone, Serialize)]
struct Person<'a> {
    name: &'a str,
    mobile: &'a str,
    province: &'a str,
    city: &'a str,
    county: &'a str,
    address: String,
}

#[derive(Debug, Clone, Serialize)]
struct Item {
    name: String,
    number: u32,
}

/// Several pieces: the last one closes the parcel and says how many there are.
#[derive(Debug, Serialize)]
struct MultiPack {
    mulpck: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    endmark: Option<u8>,
}

#[derive(Debug, Serialize)]
struct Marking {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(rename = "markingValue")]
    value: Value,
}

#[derive(Debug, Serialize)]
struct Value {
    value: u16,
}

/// A message about these orders.
pub(crate) fn about<Orders>(credentials: &Credentials, orders: Orders) -> Result<Message<'_, Orders>, CallError> {
    Ok(Message {
        appid: credentials.need("app_key")?,
        partner_id: credentials.need("partner_id")?,
        secret: credentials.need("partner_secret")?,
        orders,
    })
}

/// Our number of a piece; the first piece bears the claim itself.
pub(crate) fn serial(claim: &str, piece: u16) -> String {
    if piece == 0 { claim.to_owned() } else { format!("{claim}_{piece}") }
}

/// One order per piece; all of them name the same order of the customer.
pub(crate) fn orders<'a>(credentials: &'a Credentials, parcel: &'a Parcel) -> Vec<Order<'a>> {
    let (from, to) = (&parcel.sender, &parcel.receiver);
    let sender = person(&from.name, &from.phone, [&from.province, &from.city, &from.district, &from.street]);
    let receiver = person(&to.name, &to.phone, [&to.province, &to.city, &to.district, &to.street]);
    let pieces = parcel.pieces.max(1);
    let order = |piece: u16| Order {
        order_serial_no: serial(&parcel.claim, piece),
        khddh: &parcel.claim,
        order_type: if parcel.service.is_empty() { PLAIN } else { &parcel.service },
        node_id: credentials.optional("node_id").unwrap_or(NODE),
        sender: sender.clone(),
        receiver: receiver.clone(),
        items: items(parcel),
        remark: &parcel.remark,
        multi_pack: (pieces > 1).then(|| multi_pack(piece, pieces)),
        marking_infos: (pieces > 1).then_some([Marking { kind: "MUL", value: Value { value: pieces } }]),
    };
    (0..pieces).map(order).collect()
}

fn multi_pack(piece: u16, pieces: u16) -> MultiPack {
    let last = piece + 1 == pieces;
    MultiPack { mulpck: "1", total: last.then_some(pieces), endmark: last.then_some(1) }
}

/// The address repeats the regions, with commas between, as the platform wants it.
fn person<'a>(name: &'a str, mobile: &'a str, regions: [&'a str; 4]) -> Person<'a> {
    let [province, city, county, _] = regions;
    let address = regions.iter().copied().filter(|region| !region.is_empty()).collect::<Vec<_>>().join(",");
    Person { name, mobile, province, city, county, address }
}

fn items(parcel: &Parcel) -> Vec<Item> {
    common::goods(parcel, 50, 100).into_iter().map(|(name, number)| Item { name, number }).collect()
}
