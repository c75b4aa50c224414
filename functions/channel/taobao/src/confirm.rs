//! Telling the channel that a parcel left.
//!
//! The platform refuses what is shipped already, in many words; whatever it refuses, the trade is read back and speaks
//! for itself. So telling a parcel may be repeated.

use crate::TOP;
use crate::list;
use crate::trade::{self, Line};
use huidan_channel::{Confirmed, Shipment};
use huidan_exchange::{Call, CallError, Effect, Next, Reply, Request, rejected, unreadable};
use huidan_top::{Answer, Refused};
use serde_json::json;

const SEND: &str = "taobao.logistics.offline.send";
const RESEND: &str = "taobao.logistics.consign.resend";
const SEND_PART: &str = "alibaba.ascp.logistics.offline.send";
/// The platform's own "try again in a moment".
const BUSY: &str = "isv.logistics-offline-service-error:B150";

/// Our carriers and the platform's codes of them (`taobao.logistics.companies.get`). What is missing here the seller
/// maps himself.
pub(crate) const COMPANIES: &[(&str, &str)] = &[
    ("sf", "SF"),
    ("yto", "YTO"),
    ("zto", "ZTO"),
    ("sto", "STO"),
    ("yunda", "YUNDA"),
    ("jd-logistics", "JD"),
    ("ems", "EMS"),
    ("jtexpress", "HTKY"),
];

/// Numbers that say by their first letters whose they are.
const HEADS: &[(&str, &str)] = &[("SF", "SF"), ("YT", "YTO")];

/// How a parcel is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum How {
    /// It is the whole trade.
    Whole,
    /// It is some lines of it.
    Split,
    /// It holds less of a line than was bought.
    Part,
    /// Its number takes the place of another.
    Change {
        /// Whether it is some lines of the trade.
        split: bool,
    },
}

/// What the trade says of the parcel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum There {
    /// It is told.
    Known,
    /// It is to be told like this.
    Open(How),
}

/// Reads the trade where the parcel alone does not say how it is told; tells; reads the trade back where that was
/// refused.
pub(crate) fn confirm(call: &Call<'_>, shipment: &Shipment) -> Result<Next<Confirmed>, CallError> {
    let mut replies = call.replies.iter();
    let how = match plain(shipment) {
        Some(how) => how,
        None => match replies.next() {
            None => return list::ask(call, &shipment.ext_id).map(Next::Send),
            Some(reply) => match there(reply, shipment)? {
                There::Known => return Ok(Next::Done(Confirmed::AlreadyThere)),
                There::Open(how) => how,
            },
        },
    };
    let Some(reply) = replies.next() else { return request(call, shipment, how).map(Next::Send) };
    let Some(refused) = refusal(reply, how)? else { return Ok(Next::Done(Confirmed::Told)) };
    let Some(reply) = replies.next() else { return list::ask(call, &shipment.ext_id).map(Next::Send) };
    match there(reply, shipment)? {
        There::Known => Ok(Next::Done(Confirmed::AlreadyThere)),
        There::Open(_) if refused.code == BUSY => Err(CallError::Transient { after_s: None, detail: refused.words }),
        There::Open(_) => Err(TOP.rejected(refused)),
    }
}

/// How the parcel is told, where it says so itself. The only line of a trade bears the trade's id.
fn plain(shipment: &Shipment) -> Option<How> {
    if shipment.replaces.is_some() {
        return None;
    }
    match shipment.lines.as_slice() {
        lines if lines.iter().any(|line| !line.whole) => Some(How::Part),
        [only] if only.ext_line_id == shipment.ext_id => Some(How::Whole),
        _ if !shipment.completes => Some(How::Split),
        _ => None,
    }
}

fn there(reply: &Reply, shipment: &Shipment) -> Result<There, CallError> {
    let Some(document) = list::asked(reply)? else { return Err(rejected("order_missing", MISSING)) };
    let read = trade::unwrapped(&document).and_then(|trade| Ok((trade.text("status")?, trade::lines(&trade)?)));
    let (status, lines) = read.map_err(|wrong| unreadable(&wrong, Effect::Harmless))?;
    if status.starts_with("TRADE_CLOSED") {
        return Err(rejected("order_closed", CLOSED));
    }
    let told = |line: &&Line| shipment.lines.iter().any(|told| told.ext_line_id == line.oid);
    let (ours, others): (Vec<&Line>, Vec<&Line>) = lines.iter().filter(|line| !line.closed()).partition(told);
    if ours.is_empty() {
        return Err(rejected("line_missing", NO_LINE));
    }
    let (known, left): (Vec<&Line>, Vec<&Line>) = ours.into_iter().partition(|line| line.waybill == shipment.waybill);
    if left.is_empty() {
        return Ok(There::Known);
    }
    let part = |line: &Line| shipment.lines.iter().any(|told| told.ext_line_id == line.oid && !told.whole);
    let replaced = |line: &Line| shipment.replaces.as_deref() == Some(line.waybill.as_str());
    let alone = others.is_empty() && known.is_empty();
    match left.iter().find(|line| line.shipped() && !part(line)) {
        Some(line) if replaced(line) => Ok(There::Open(How::Change { split: !alone })),
        Some(_) => Err(rejected("already_shipped_elsewhere", ELSEWHERE)),
        None if left.iter().any(|line| part(line)) => Ok(There::Open(How::Part)),
        None => Ok(There::Open(if alone { How::Whole } else { How::Split })),
    }
}

fn request(call: &Call<'_>, shipment: &Shipment, how: How) -> Result<Request, CallError> {
    let company = company(shipment)?;
    let lines: Vec<&str> = shipment.lines.iter().map(|line| line.ext_line_id.as_str()).collect();
    let (method, split) = match how {
        How::Part => return part(call, shipment, company),
        How::Whole => (SEND, false),
        How::Split => (SEND, true),
        How::Change { split } => (RESEND, split),
    };
    let (flag, lines) = if split { ("1", lines.join(",")) } else { ("0", String::new()) };
    let parameters = [
        ("tid", shipment.ext_id.as_str()),
        ("is_split", flag),
        ("sub_tid", lines.as_str()),
        ("out_sid", shipment.waybill.as_str()),
        ("company_code", company),
    ];
    TOP.request(call, method, &parameters)
}

/// Only the newer call takes pieces of a line.
fn part(call: &Call<'_>, shipment: &Shipment, company: &str) -> Result<Request, CallError> {
    let goods: Vec<_> =
        shipment.lines.iter().map(|line| json!({"sub_tid": line.ext_line_id, "num": line.qty})).collect();
    let parcels = json!([{"company_code": company, "out_sid": shipment.waybill, "goods": goods}]).to_string();
    let parameters = [("tid", shipment.ext_id.as_str()), ("consign_type", "1"), ("consign_pkgs", parcels.as_str())];
    TOP.request(call, SEND_PART, &parameters)
}

/// What the platform refused; `None` when it told success in words.
fn refusal(reply: &Reply, how: How) -> Result<Option<Refused>, CallError> {
    let (method, outer, flag) = match how {
        How::Part => (SEND_PART, "result", "success"),
        How::Whole | How::Split => (SEND, "shipping", "is_success"),
        How::Change { .. } => (RESEND, "shipping", "is_success"),
    };
    match TOP.answer(reply, method, Effect::Harmless, &[])? {
        Answer::Refused(refused) => Ok(Some(refused)),
        Answer::Given(envelope) => {
            let success = envelope.object(outer).and_then(|result| result.need(flag)?.flag());
            match success.map_err(|wrong| unreadable(&wrong, Effect::Harmless))? {
                true => Ok(None),
                false => Ok(Some(Refused { code: "not_shipped".to_owned(), words: String::new() })),
            }
        }
    }
}

fn company(shipment: &Shipment) -> Result<&str, CallError> {
    let known = COMPANIES.iter().find(|(carrier, _)| *carrier == shipment.carrier);
    let head = HEADS.iter().find(|(head, _)| shipment.waybill.starts_with(head));
    let mapped = shipment.carrier_code.as_deref().filter(|code| !code.is_empty());
    mapped.or(known.or(head).map(|(_, code)| *code)).ok_or_else(|| {
        rejected(
            "carrier_unmapped",
            "请在店铺设置中为该承运商填写淘宝的物流公司代码 / set Taobao's company code for this carrier in the shop's settings",
        )
    })
}

const MISSING: &str = "淘宝没有这个订单，请核对店铺 / Taobao has no such order: check the shop";
const CLOSED: &str = "订单在淘宝已关闭，请拦回包裹 / the order is closed at Taobao: stop the parcel";
const NO_LINE: &str = "订单中没有这些子订单，请重新拉取订单 / the order has no such lines: fetch it again";
const ELSEWHERE: &str = "淘宝已用另一个单号发货，请人工核对 / shipped at Taobao under another number: compare by hand";
