//! Which orders changed, and what one of them is now.

use crate::api::{self, Answer};
use crate::{meaning, order};
use huidan_channel::{Document, Listed, Page};
use huidan_domain::Window;
use huidan_exchange::json::{Json, Object, Wrong};
use huidan_exchange::{Call, CallError, Effect, Next, Reply, Request, rejected, unreadable};
use serde_json::json;

const LIST: &str = "open.order.cursor.list";
const DETAIL: &str = "open.order.detail";
/// Orders on a page. The platform's description says fifty at most; others say a hundred.
const PAGE: u32 = 50;
/// The longest span that the list takes, in milliseconds.
const LONGEST_MS: i64 = 7 * 86_400_000;
/// The cursor after the last page.
const NO_MORE: &str = "nomore";

/// One page. The cursor is the place of the last order by its time of change, and the list is read from the oldest
/// change on: whatever changes meanwhile moves to where it is met again.
pub(crate) fn list(call: &Call<'_>, window: Window, cursor: Option<&str>) -> Result<Next<Page>, CallError> {
    if window.to.since(window.from) > LONGEST_MS {
        return Err(rejected("window_too_long", "一次最多查七天 / at most seven days at a time"));
    }
    let cursor = cursor.unwrap_or_default();
    match call.replies.first() {
        None => page(call, window, cursor).map(Next::Send),
        Some(reply) => read(reply, cursor).map(Next::Done),
    }
}

fn page(call: &Call<'_>, window: Window, cursor: &str) -> Result<Request, CallError> {
    let param = json!({
        "orderViewStatus": 1,
        "queryType": 2,
        "sort": 2,
        "cpsType": 0,
        "pageSize": PAGE,
        "beginTime": window.from.0,
        "endTime": window.to.0,
        "cursor": cursor,
    });
    api::request(call, LIST, &param.to_string())
}

fn read(reply: &Reply, cursor: &str) -> Result<Page, CallError> {
    let lost = |wrong: Wrong| unreadable(&wrong, Effect::Harmless);
    let envelope = match api::answer(reply, Effect::Harmless, &[])? {
        Answer::Given(envelope) => envelope,
        Answer::Refused(refused) => return Err(refused.rejected()),
    };
    let data = envelope.need("data").and_then(|data| data.object()).map_err(lost)?;
    let next = data.need("cursor").and_then(|next| next.text()).map_err(lost)?;
    let listed = data.list("orderList").map_err(lost)?;
    let orders = listed.iter().map(one).collect::<Result<Vec<_>, _>>().map_err(lost)?;
    match next.as_str() {
        NO_MORE => Ok(Page { orders, next: None }),
        "" if orders.is_empty() => Ok(Page { orders, next: None }),
        // Neither an end nor a way on: the rest would be lost, or the same page read for ever.
        same if same.is_empty() || same == cursor => Err(lost(data.wrong("cursor", "does not move on"))),
        _ => Ok(Page { orders, next: Some(next) }),
    }
}

/// The list carries whole orders, except that of gifts it is not certain that it tells more than their numbers.
fn one(listed: &Json<'_>) -> Result<Listed, Wrong> {
    let order = listed.object()?;
    let base = order.need("orderBaseInfo")?.object()?;
    let whole = order.list("subOrderInfo")?.is_empty() && order.get("orderItemInfo").is_some();
    Ok(Listed {
        ext_id: base.need("oid")?.id()?,
        updated_at: order::instant(&base, "updateTime")?.map(|at| at.0),
        document: whole.then(|| document(listed)),
    })
}

fn document(order: &Json<'_>) -> Document {
    Document { topic: "order".to_owned(), body: order.raw().to_owned() }
}

/// The request for a whole order.
pub(crate) fn ask(call: &Call<'_>, oid: i64) -> Result<Request, CallError> {
    api::request(call, DETAIL, &json!({ "oid": oid }).to_string())
}

/// The order in an answer to [`ask`]; `None` where the shop has none of that id.
pub(crate) fn asked(reply: &Reply) -> Result<Option<Json<'_>>, CallError> {
    let lost = |wrong: Wrong| unreadable(&wrong, Effect::Harmless);
    match api::answer(reply, Effect::Harmless, &[])? {
        Answer::Given(envelope) => {
            let data = envelope.need("data").map_err(lost)?;
            data.object().and_then(|order: Object<'_>| order.need("orderBaseInfo")).map_err(lost)?;
            Ok(Some(data))
        }
        Answer::Refused(refused) if meaning::no_order(&refused.code, &refused.words) => Ok(None),
        Answer::Refused(refused) => Err(refused.rejected()),
    }
}

/// The order as it is now. Of the answer only the order itself is kept: its envelope changes with every call.
pub(crate) fn fetch(call: &Call<'_>, ext_id: &str) -> Result<Next<Option<Document>>, CallError> {
    let Some(oid) = api::number(ext_id) else { return Ok(Next::Done(None)) };
    match call.replies.first() {
        None => ask(call, oid).map(Next::Send),
        Some(reply) => asked(reply).map(|order| Next::Done(order.as_ref().map(document))),
    }
}
