//! Telling the channel that a parcel left.
//!
//! An order is one line of goods, so most parcels are told by one call. Pieces, gifts and changed numbers need the
//! order first; and whatever the platform refuses, the order is read back and speaks for itself. So telling a parcel may
//! be repeated.

use crate::api::{self, Answer, Refused};
use crate::list;
use crate::order::{self, Line};
use huidan_channel::{Confirmed, Shipment, ShipmentLine};
use huidan_exchange::json::Wrong;
use huidan_exchange::{Call, CallError, Effect, Next, Reply, Request, rejected, unreadable};
use serde_json::{Value, json};

const DELIVER: &str = "open.seller.order.goods.deliver";
const SPLIT: &str = "open.order.goods.split.deliver";
const APPEND: &str = "open.seller.order.goods.logistics.append";
const UPDATE: &str = "open.seller.order.logistics.update";

/// Our carriers and the platform's numbers of them. What is missing here the seller maps himself.
pub(crate) const COMPANIES: &[(&str, &str)] = &[
    ("ems", "2"),
    ("sto", "3"),
    ("sf", "4"),
    ("yto", "6"),
    ("zto", "9"),
    ("yunda", "11"),
    ("jd", "14"),
    ("jd-logistics", "14"),
    ("deppon", "53"),
    ("jtexpress", "109"),
];

/// Numbers that say by their first letters whose they are.
const HEADS: &[(&str, &str)] = &[("SF", "4"), ("YT", "6")];

/// One call that tells something of the parcel.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Act {
    method: &'static str,
    /// What it takes beside the number and its carrier.
    how: How,
    /// Whether nothing is left to tell after it.
    last: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum How {
    /// All of the only line.
    Whole,
    /// These lines and pieces; whether all of the line has then left.
    Pieces(Vec<(i64, u32, bool)>),
    /// One more parcel of a line that counts as shipped.
    More,
    /// The number takes the place of another, of this `logisticsId`.
    Change(i64),
}

/// What the order says of the parcel.
enum There {
    /// It is told.
    Known,
    /// This is still to be told.
    Open(Act),
}

/// Tells; reads the order where the parcel alone does not say how, and after a refusal.
pub(crate) fn confirm(call: &Call<'_>, shipment: &Shipment) -> Result<Next<Confirmed>, CallError> {
    let Some(oid) = api::number(&shipment.ext_id) else { return Err(rejected("order_missing", MISSING)) };
    let mut replies = call.replies.iter();
    let mut next = plain(shipment);
    let mut told: Vec<Act> = Vec::new();
    let mut refused: Option<Refused> = None;
    loop {
        let act = match next.take() {
            Some(act) => act,
            None => {
                let Some(reply) = replies.next() else { return list::ask(call, oid).map(Next::Send) };
                match (there(reply, shipment)?, refused.take()) {
                    (There::Known, _) if told.is_empty() => return Ok(Next::Done(Confirmed::AlreadyThere)),
                    (There::Known, _) => return Ok(Next::Done(Confirmed::Told)),
                    (There::Open(_), Some(refused)) => return Err(refused.rejected()),
                    // The order is slower than the answer about it: the next attempt goes on from where it is then.
                    (There::Open(act), None) if told.contains(&act) => return Err(slow()),
                    (There::Open(act), None) => act,
                }
            }
        };
        let Some(reply) = replies.next() else { return request(call, shipment, oid, &act).map(Next::Send) };
        match api::answer(reply, Effect::Harmless, &[])? {
            Answer::Given(_) if act.last => return Ok(Next::Done(Confirmed::Told)),
            Answer::Given(_) => told.push(act),
            Answer::Refused(words) => refused = Some(words),
        }
    }
}

fn slow() -> CallError {
    let detail = "快手已接受，订单尚未更新 / accepted, and not to be seen on the order yet".to_owned();
    CallError::Transient { after_s: None, detail }
}

/// How the parcel is told, where it says so itself: it holds all of the order's only line.
fn plain(shipment: &Shipment) -> Option<Act> {
    match shipment.lines.as_slice() {
        [only]
            if only.ext_line_id == shipment.ext_id
                && only.whole
                && shipment.completes
                && shipment.replaces.is_none() =>
        {
            Some(whole())
        }
        _ => None,
    }
}

fn whole() -> Act {
    Act { method: DELIVER, how: How::Whole, last: true }
}

fn there(reply: &Reply, shipment: &Shipment) -> Result<There, CallError> {
    let lost = |wrong: Wrong| unreadable(&wrong, Effect::Harmless);
    let Some(document) = list::asked(reply)? else { return Err(rejected("order_missing", MISSING)) };
    let order = order::unwrapped(&document).map_err(lost)?;
    let base = order.need("orderBaseInfo").and_then(|base| base.object()).map_err(lost)?;
    let lines = order::lines(&order).map_err(lost)?;
    match lines.first().map(|main| main.status.as_str()) {
        Some("80") => return Err(rejected("order_closed", CLOSED)),
        Some("10") => return Err(rejected("order_unpaid", UNPAID)),
        _ => {}
    }
    let told = |line: &&Line| shipment.lines.iter().any(|told| told.ext_line_id == line.oid);
    let ours: Vec<&Line> = lines.iter().filter(|line| !line.closed()).filter(told).collect();
    if ours.is_empty() {
        return Err(rejected("line_missing", NO_LINE));
    }
    let left: Vec<&Line> =
        ours.into_iter().filter(|line| !line.numbers().any(|number| number == shipment.waybill)).collect();
    if left.is_empty() {
        return Ok(There::Known);
    }
    if let Some(act) = change(shipment, &left)? {
        return Ok(There::Open(act));
    }
    let splits = base.flag("enableSplitDeliveryOrder").map_err(lost)?;
    tell(shipment, &left, lines.len() > 1, splits).map(There::Open)
}

/// The call that changes a number, one line at a time: each has its own `logisticsId`.
fn change(shipment: &Shipment, left: &[&Line]) -> Result<Option<Act>, CallError> {
    let Some(old) = shipment.replaces.as_deref() else { return Ok(None) };
    let parcels = left.iter().filter(|line| line.shipped()).flat_map(|line| &line.parcels);
    let replaced: Vec<_> = parcels.filter(|parcel| parcel.number == old).collect();
    let Some(first) = replaced.first() else { return Ok(None) };
    let Some(id) = api::number(&first.id) else {
        return Err(rejected(
            "parcel_unknown",
            "快手没有给出该包裹的编号，请在快手后台改单号 / Kuaishou names no parcel: change the number there",
        ));
    };
    Ok(Some(Act { method: UPDATE, how: How::Change(id), last: left.len() == 1 }))
}

fn tell(shipment: &Shipment, left: &[&Line], gifts: bool, splits: bool) -> Result<Act, CallError> {
    let of = |line: &Line| shipment.lines.iter().find(|told| told.ext_line_id == line.oid);
    let whole_of = |line: &Line| of(line).is_some_and(|told| told.whole);
    if left.iter().any(|line| line.shipped() && !line.partly()) {
        // A line that counts as shipped takes further parcels only where this one holds a piece of it.
        return match left {
            [only] if !whole_of(only) && shipment.replaces.is_none() => {
                Ok(Act { method: APPEND, how: How::More, last: true })
            }
            _ => Err(rejected("already_shipped_elsewhere", ELSEWHERE)),
        };
    }
    match left {
        [only] if !gifts && !only.partly() && (whole_of(only) || !splits) => Ok(whole()),
        _ => {
            let pieces = left.iter().filter_map(|line| of(line).map(|told| piece(line, told, shipment.completes)));
            let pieces = pieces.collect::<Option<Vec<_>>>();
            let pieces = pieces.ok_or_else(|| rejected("line_missing", NO_LINE))?;
            Ok(Act { method: SPLIT, how: How::Pieces(pieces), last: true })
        }
    }
}

fn piece(line: &Line, told: &ShipmentLine, completes: bool) -> Option<(i64, u32, bool)> {
    let all = told.whole || completes || line.delivered.saturating_add(told.qty) >= line.qty;
    Some((api::number(&line.oid)?, told.qty, all))
}

fn request(call: &Call<'_>, shipment: &Shipment, oid: i64, act: &Act) -> Result<Request, CallError> {
    let company = company(shipment)?;
    let number = shipment.waybill.as_str();
    let param: Value = match &act.how {
        How::Whole => json!({"orderId": oid, "expressCode": company, "expressNo": number}),
        How::More => json!({"oid": oid, "expressCode": company, "expressNo": number}),
        How::Change(id) => {
            json!({"orderId": oid, "logisticsId": id, "expressCode": company, "expressNo": number})
        }
        How::Pieces(pieces) => {
            let goods: Vec<Value> =
                pieces.iter().map(|(oid, qty, _)| json!({"oid": oid, "deliveryNum": qty})).collect();
            // 10: some of it, 40: all of it.
            let status = |all: bool| if all { 40 } else { 10 };
            let states: Vec<Value> =
                pieces.iter().map(|(oid, _, all)| json!({"oid": oid, "confirmDeliveryStatus": status(*all)})).collect();
            json!({
                "mainOrderId": oid,
                "deliveryItemInfoList":
                    [{"deliveryGoodsInfoList": goods, "expressCode": company, "expressNo": number}],
                "deliveryStatus": states,
            })
        }
    };
    api::request(call, act.method, &param.to_string())
}

fn company(shipment: &Shipment) -> Result<u32, CallError> {
    let unmapped = || rejected("carrier_unmapped", UNMAPPED);
    let mapped = shipment.carrier_code.as_deref().filter(|code| !code.is_empty());
    let known = COMPANIES.iter().find(|(carrier, _)| *carrier == shipment.carrier);
    let head = || HEADS.iter().find(|(head, _)| shipment.waybill.starts_with(head));
    let code = mapped.or_else(|| known.or_else(head).map(|&(_, code)| code));
    code.and_then(|code| code.trim().parse().ok()).ok_or_else(unmapped)
}

const MISSING: &str = "快手没有这个订单，请核对店铺 / Kuaishou has no such order: check the shop";
const CLOSED: &str = "订单在快手已关闭，请拦回包裹 / the order is closed at Kuaishou: stop the parcel";
const UNPAID: &str = "订单在快手尚未付款，请拦回包裹 / the order is not paid at Kuaishou: stop the parcel";
const NO_LINE: &str = "订单中没有这些商品，请重新拉取订单 / the order has no such lines: fetch it again";
const ELSEWHERE: &str =
    "快手已用另一个单号发货，请人工核对 / shipped at Kuaishou under another number: compare by hand";
const UNMAPPED: &str =
    "请在店铺设置中为该承运商填写快手的物流公司数字编码 / set Kuaishou's number of this carrier in the shop's settings";
