//! Telling WeChat that a parcel left.
//!
//! The order is read first: it says which goods the lines are, and what left already. What is refused is read back. So
//! telling a parcel may be repeated.

use crate::api::{self, Answer, Refused};
use crate::carriers;
use crate::order::{self, Goods, Parcel};
use huidan_channel::{Confirmed, Shipment};
use huidan_exchange::json::{Json, Wrong};
use huidan_exchange::{Call, CallError, Effect, Next, Reply, Request, rejected, unreadable};
use serde_json::{Value, json};

const SEND: &str = "/channels/ec/order/delivery/send";
const CHANGE: &str = "/channels/ec/order/deliveryinfo/update";
/// Sent by a carrier of the seller's.
const BY_CARRIER: u8 = 1;

/// What the order says of the parcel.
#[derive(Debug, Clone, PartialEq, Eq)]
enum There {
    /// It is told.
    Known,
    /// These goods of it are to be told.
    Open(Vec<Goods>),
    /// Its number takes the place of this parcel's.
    Change(Parcel),
}

/// Reads the order; tells; reads it back where that was refused.
pub(crate) fn confirm(call: &Call<'_>, shipment: &Shipment) -> Result<Next<Confirmed>, CallError> {
    let mut replies = call.replies.iter();
    let Some(reply) = replies.next() else { return order::ask(call, &shipment.ext_id).map(Next::Send) };
    let found = there(call, reply, shipment)?;
    if found == There::Known {
        return Ok(Next::Done(Confirmed::AlreadyThere));
    }
    let Some(reply) = replies.next() else { return request(call, shipment, &found).map(Next::Send) };
    let refused = match api::answer(call, reply, Effect::Harmless, &[])? {
        Answer::Given(_) => return Ok(Next::Done(Confirmed::Told)),
        Answer::Refused(refused) => refused,
    };
    let Some(reply) = replies.next() else { return order::ask(call, &shipment.ext_id).map(Next::Send) };
    match there(call, reply, shipment)? {
        There::Known => Ok(Next::Done(Confirmed::AlreadyThere)),
        There::Open(_) | There::Change(_) => Err(why(refused)),
    }
}

fn there(call: &Call<'_>, reply: &Reply, shipment: &Shipment) -> Result<There, CallError> {
    let Some(document) = order::asked(call, reply)? else { return Err(rejected("order_missing", MISSING)) };
    let read = read(&document, shipment).map_err(|wrong| unreadable(&wrong, Effect::Harmless))?;
    if ["190", "200", "250"].contains(&read.status.as_str()) {
        return Err(rejected("order_closed", CLOSED));
    }
    let Some(told) = read.told else { return Err(rejected("line_missing", NO_LINE)) };
    let left = without(&told, read.parcels.iter().filter(|parcel| parcel.waybill == shipment.waybill));
    if left.is_empty() {
        return Ok(There::Known);
    }
    let replaced = read.parcels.iter().find(|parcel| shipment.replaces.as_deref() == Some(parcel.waybill.as_str()));
    if let Some(parcel) = replaced {
        return Ok(There::Change(parcel.clone()));
    }
    let gone = |goods: &Goods| count(read.parcels.iter().flat_map(|parcel| &parcel.goods), goods);
    let bought = |goods: &Goods| count(&read.bought, goods);
    match left.iter().any(|goods| gone(goods).saturating_add(goods.qty) > bought(goods)) {
        true => Err(rejected("already_shipped_elsewhere", ELSEWHERE)),
        false => Ok(There::Open(left)),
    }
}

/// An order, as far as a parcel is concerned.
struct Read {
    status: String,
    bought: Vec<Goods>,
    parcels: Vec<Parcel>,
    /// The goods of the parcel; `None` when it has a line that the order has not.
    told: Option<Vec<Goods>>,
}

fn read(document: &Json<'_>, shipment: &Shipment) -> Result<Read, Wrong> {
    let order = document.object()?;
    let detail = order.need("order_detail")?.object()?;
    let parcels = order::parcels(&detail)?;
    let lines = order::lines(&detail, &parcels)?;
    let goods = |line: &order::Line, qty| Goods { product: line.product.clone(), sku: line.sku.clone(), qty };
    let of = |id: &str, qty| lines.iter().find(|line| line.id == id).map(|line| goods(line, qty));
    Ok(Read {
        status: order.need("status")?.id()?,
        bought: lines.iter().map(|line| goods(line, line.qty)).collect(),
        told: shipment.lines.iter().map(|line| of(&line.ext_line_id, line.qty)).collect::<Option<_>>().map(merged),
        parcels,
    })
}

/// Two lines of one variant are one thing to WeChat.
fn merged(goods: Vec<Goods>) -> Vec<Goods> {
    let mut merged: Vec<Goods> = Vec::new();
    for one in goods {
        match merged.iter_mut().find(|other| other.sku == one.sku && other.product == one.product) {
            Some(other) => other.qty = other.qty.saturating_add(one.qty),
            None => merged.push(one),
        }
    }
    merged
}

fn count<'a>(all: impl IntoIterator<Item = &'a Goods>, of: &Goods) -> u32 {
    let same = all.into_iter().filter(|goods| goods.sku == of.sku && goods.product == of.product);
    same.fold(0, |sum, goods| sum.saturating_add(goods.qty))
}

/// What is left of the goods when those of some parcels are taken away.
fn without<'a>(goods: &[Goods], parcels: impl Iterator<Item = &'a Parcel>) -> Vec<Goods> {
    let told: Vec<&Goods> = parcels.flat_map(|parcel| &parcel.goods).collect();
    let left = goods.iter().map(|one| {
        let qty = one.qty.saturating_sub(count(told.iter().copied(), one));
        Goods { qty, ..one.clone() }
    });
    left.filter(|one| one.qty > 0).collect()
}

fn request(call: &Call<'_>, shipment: &Shipment, found: &There) -> Result<Request, CallError> {
    let company = company(shipment)?;
    match found {
        There::Change(old) => {
            let body = json!({"order_id": shipment.ext_id, "change_infos": [{
                "old": package(&old.company, &old.waybill, &old.goods),
                "new": package(company, &shipment.waybill, &old.goods),
            }]});
            api::post(call, CHANGE, &body)
        }
        There::Known => Err(rejected("already_told", ELSEWHERE)),
        There::Open(goods) => {
            let body = json!({
                "order_id": shipment.ext_id,
                "delivery_list": [package(company, &shipment.waybill, goods)],
            });
            api::post(call, SEND, &body)
        }
    }
}

fn package(company: &str, waybill: &str, goods: &[Goods]) -> Value {
    let goods: Vec<Value> =
        goods.iter().map(|one| json!({"product_id": one.product, "sku_id": one.sku, "product_cnt": one.qty})).collect();
    json!({"delivery_id": company, "waybill_id": waybill, "deliver_type": BY_CARRIER, "product_infos": goods})
}

fn company(shipment: &Shipment) -> Result<&str, CallError> {
    let mapped = shipment.carrier_code.as_deref().filter(|code| !code.is_empty());
    mapped.or_else(|| carriers::theirs(&shipment.carrier)).ok_or_else(|| {
        rejected(
            "carrier_unmapped",
            "请在店铺设置中为该承运商填写微信的快递公司编码（不在名单中的填 OTHER）/ set WeChat's company code for this \
             carrier in the shop's settings (OTHER for one that is not on its list)",
        )
    })
}

/// Refusals that a person mends in some other place than the parcel, told in words of our own.
fn why(refused: Refused) -> CallError {
    match refused.code {
        606_034 => rejected(
            "ships_through_another",
            "该订单由微信指定的服务商发货（如质检仓），请在小店后台处理 / WeChat has this order shipped by another party \
             (such as its inspection): handle it in the shop's console",
        ),
        606_041 => rejected(
            "no_more_changes",
            "微信不再允许修改该订单的单号，请在小店后台处理 / WeChat allows no more changes of this order's number: handle \
             it in the shop's console",
        ),
        _ => refused.rejected(),
    }
}

const MISSING: &str = "微信没有这个订单，请核对店铺 / WeChat has no such order: check the shop";
const CLOSED: &str = "订单在微信已取消，请拦回包裹 / the order is cancelled at WeChat: stop the parcel";
const NO_LINE: &str = "订单中没有这些商品行，请重新拉取订单 / the order has no such lines: fetch it again";
const ELSEWHERE: &str = "微信已用另一个单号发货，请人工核对 / shipped at WeChat under another number: compare by hand";
