//! Taking numbers, changing what they say, giving them back.

use crate::api::{self, Outcome};
use crate::message;
use huidan_carrier::{Booked, Cancelled, Child, Paper, Parcel, common};
use huidan_domain::WaybillNo;
use huidan_exchange::json::{Json, Object, Wrong};
use huidan_exchange::{Call, CallError, Effect, Next, Reply, Request, redact, unclear, unreadable};
use serde_json::json;

const CREATE: &str = "openapi-api/v1/accountOrder/createBmOrder";
const UPDATE: &str = "openapi-api/v1/accountOrder/updateBmOrder";
const CANCEL: &str = "openapi-api/v1/accountOrder/cancelBmOrder";

/// What the platform gave for one piece.
#[derive(Debug)]
enum Piece {
    /// Its number and its sorting code.
    Given(String, String),
    /// It was made before: only `updateBmOrder` may speak of it.
    MadeBefore,
    /// Refused, with the platform's words.
    Refused(String),
}

/// `createBmOrder`. An order that was made before is refused with the words to update it; updating it with the same
/// facts gives its number, so a repeat never takes a second one.
pub(crate) fn book(call: &Call<'_>, parcel: &Parcel) -> Result<Next<Booked>, CallError> {
    common::in_clear(&parcel.receiver)?;
    let Some(created) = call.replies.first() else { return send(call, CREATE, parcel).map(Next::Send) };
    let pieces = pieces(created, parcel, Effect::Counts)?;
    if pieces.iter().all(|piece| matches!(piece, Piece::Given(..))) {
        return booked(pieces).map(Next::Done);
    }
    if pieces.iter().any(|piece| matches!(piece, Piece::MadeBefore)) {
        return match call.replies.get(1) {
            None => send(call, UPDATE, parcel).map(Next::Send),
            Some(updated) => found_again(updated, parcel).map(Next::Done),
        };
    }
    match refused_words(&pieces) {
        // Some pieces have numbers and others have none: a person must see it.
        Some(_) if pieces.iter().any(|piece| matches!(piece, Piece::Given(..))) => {
            Err(unclear(Effect::Counts, "一票多件只取到一部分单号 / only some of the pieces got their numbers"))
        }
        Some(words) => Err(rejected(&words, parcel)),
        None => Err(unclear(Effect::Counts, "应答没有这个包裹 / an answer without this parcel")),
    }
}

/// `updateBmOrder`: everything is sent again; the number must stay what it was.
pub(crate) fn update(call: &Call<'_>, number: &WaybillNo, parcel: &Parcel) -> Result<Next<Booked>, CallError> {
    common::in_clear(&parcel.receiver)?;
    let Some(updated) = call.replies.first() else { return send(call, UPDATE, parcel).map(Next::Send) };
    let pieces = pieces(updated, parcel, Effect::Harmless)?;
    if let Some(words) = refused_words(&pieces) {
        return Err(rejected(&words, parcel));
    }
    let booked = booked(pieces)?;
    if booked.number != number.as_str() {
        return Err(CallError::Unknown {
            detail: "韵达为更新返回了另一个单号 / Yunda answered the change with another number".to_owned(),
        });
    }
    Ok(Next::Done(booked))
}

/// `cancelBmOrder`.
pub(crate) fn cancel(call: &Call<'_>, number: &WaybillNo, claim: &str) -> Result<Next<Cancelled>, CallError> {
    let Some(reply) = call.replies.first() else {
        let orders = json!([{"order_serial_no": claim, "mailno": number.as_str()}]);
        return api::request(call, CANCEL, &message::about(&call.account.credentials, orders)?).map(Next::Send);
    };
    let (code, words) = match api::outcome(reply, Effect::Harmless)? {
        Outcome::Refused { code, words } => (code, words),
        Outcome::Given(answer) => match cancelled(&answer).map_err(|wrong| unreadable(&wrong, Effect::Harmless))? {
            None => return Ok(Next::Done(Cancelled::Done)),
            Some(words) => ("cancel_refused".to_owned(), words),
        },
    };
    if words.contains("已取消") || words.contains("已经取消") {
        return Ok(Next::Done(Cancelled::AlreadyGone));
    }
    Err(api::refused(&code, &words, Effect::Harmless, &[]))
}

/// The words of a refusal inside an answer that calls itself a success; `None` where the order was cancelled.
fn cancelled(answer: &Object<'_>) -> Result<Option<String>, Wrong> {
    let rows = answer.need("data")?.list()?;
    let row = rows.first().ok_or_else(|| answer.wrong("data", "is empty"))?.object()?;
    let words = common::words(&row, "msg")?;
    let done = common::words(&row, "status")? == "1" && !words.contains("ERROR");
    Ok((!done).then_some(words))
}

fn send(call: &Call<'_>, path: &str, parcel: &Parcel) -> Result<Request, CallError> {
    let credentials = &call.account.credentials;
    api::request(call, path, &message::about(credentials, message::orders(credentials, parcel))?)
}

/// The order is there, since the platform said so: whatever the update brings but its numbers leaves it open.
fn found_again(reply: &Reply, parcel: &Parcel) -> Result<Booked, CallError> {
    let open =
        |words: &str| unclear(Effect::Counts, format!("重复下单后没有取到单号 / no number after a repeat: {words}"));
    let pieces = pieces(reply, parcel, Effect::Counts).map_err(|error| match error {
        CallError::Rejected { code, .. } => open(&code),
        error => error,
    })?;
    booked(pieces).map_err(|_| open(""))
}

/// What the platform gave for every piece, in their order.
fn pieces(reply: &Reply, parcel: &Parcel, effect: Effect) -> Result<Vec<Piece>, CallError> {
    match api::outcome(reply, effect)? {
        Outcome::Given(answer) => {
            let rows = answer.need("data").and_then(|data| data.list()).map_err(|wrong| unreadable(&wrong, effect))?;
            let piece = |index| piece(&rows, &message::serial(&parcel.claim, index));
            (0..parcel.pieces.max(1)).map(|index| piece(index).map_err(|wrong| unreadable(&wrong, effect))).collect()
        }
        Outcome::Refused { words, .. } if made_before(&words) => Ok(vec![Piece::MadeBefore]),
        Outcome::Refused { code, words } => Err(api::refused(&code, &words, effect, &common::private(parcel))),
    }
}

fn piece(rows: &[Json<'_>], serial: &str) -> Result<Piece, Wrong> {
    for row in rows {
        let row = row.object()?;
        if row.id("order_serial_no")? != serial {
            continue;
        }
        let number = match common::words(&row, "mail_no")?.as_str() {
            "" => common::words(&row, "mailno")?,
            number => number.to_owned(),
        };
        let words = common::words(&row, "msg")?;
        if common::words(&row, "status")? == "1" && !number.is_empty() {
            let number = WaybillNo::parse(&number).map_err(|_| row.wrong("mail_no", "is no waybill number"))?;
            return Ok(Piece::Given(number.as_str().to_owned(), routing(&row)));
        }
        return Ok(if made_before(&words) { Piece::MadeBefore } else { Piece::Refused(words) });
    }
    Err(Wrong::at("data", "says nothing of one piece"))
}

fn made_before(words: &str) -> bool {
    words.contains("更新接口") || common::repeated(words)
}

fn refused_words(pieces: &[Piece]) -> Option<String> {
    pieces.iter().find_map(|piece| match piece {
        Piece::Refused(words) => Some(words.clone()),
        Piece::Given(..) | Piece::MadeBefore => None,
    })
}

fn rejected(words: &str, parcel: &Parcel) -> CallError {
    let said = redact(words, &common::private(parcel));
    CallError::Rejected { code: "refused".to_owned(), remedy: format!("韵达：{said} / Yunda says: {said}") }
}

/// The first piece is the mother, the others are its children.
fn booked(pieces: Vec<Piece>) -> Result<Booked, CallError> {
    let mut given = Vec::with_capacity(pieces.len());
    for piece in pieces {
        match piece {
            Piece::Given(number, routing) => given.push((number, routing)),
            Piece::MadeBefore | Piece::Refused(_) => {
                return Err(unclear(Effect::Counts, "应答里有一件没有单号 / one piece has no number"));
            }
        }
    }
    let mut given = given.into_iter();
    let (number, routing) =
        given.next().ok_or_else(|| unclear(Effect::Counts, "应答没有单号 / an answer without a number"))?;
    let children = given.map(|(number, _)| Child { number, paper: Paper::Hub }).collect();
    Ok(Booked { number, paper: Paper::Hub, routing, by: String::new(), children, reference: String::new() })
}

/// The large mark: `position` and `position_no` of the first object inside the lists of `pdf_info`, which is JSON inside
/// a string. A parcel without one still goes.
fn routing(row: &Object<'_>) -> String {
    let Some(info) = row.get("pdf_info").and_then(|info| common::unwrapped(&info).ok()) else { return String::new() };
    let mut text = info;
    for _ in 0..3 {
        let inner = Json::parse(text.as_bytes()).ok().and_then(|json| {
            json.raw().starts_with('[').then(|| json.list().ok()?.first().map(|first| first.raw().to_owned())).flatten()
        });
        match inner {
            Some(inner) => text = inner,
            None => break,
        }
    }
    let Ok(mark) = Json::parse(text.as_bytes()).and_then(|json| json.object()) else { return String::new() };
    let [position, number] = ["position", "position_no"].map(|name| common::words(&mark, name).unwrap_or_default());
    format!("{position} {number}").trim().to_owned()
}
