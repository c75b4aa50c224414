//! Which orders changed, and what one of them is now.

use crate::api::{self, Answer, Api};
use crate::{order, read};
use huidan_channel::{Document, Listed, Page, last_page_first};
use huidan_domain::Window;
use huidan_exchange::json::{Json, Object, Wrong};
use huidan_exchange::{Call, CallError, Effect, Next, Reply, Request, rejected, unreadable};

const LIST: Api = Api {
    name: "pdd.order.number.list.increment.get",
    envelopes: &["order_sn_increment_get_response", "order_number_list_increment_get_response"],
};
const FETCH: Api = Api {
    name: "pdd.order.information.get",
    envelopes: &["order_info_get_response", "order_information_get_response"],
};
/// Orders on a page: the most there may be.
const PAGE: u64 = 100;
/// The longest span that the list takes, in milliseconds.
const SPAN_MS: i64 = 1_800_000;
/// There is no such order in this shop (or none of the last three months).
const NO_ORDER: &str = "45001";

/// One page. The first call is made only for the total; pages are then asked for without one, which the platform does
/// much faster.
pub(crate) fn list(call: &Call<'_>, window: Window, cursor: Option<&str>) -> Result<Next<Page>, CallError> {
    if window.to.since(window.from) > SPAN_MS {
        return Err(rejected("window_too_long", "一次最多查 30 分钟 / at most 30 minutes at a time"));
    }
    last_page_first(call, cursor, |page| page_of(call, window, page), pages, read)
}

fn page_of(call: &Call<'_>, window: Window, page: Option<u64>) -> Result<Request, CallError> {
    let seconds = |at: i64| at.div_euclid(1000).to_string();
    let (from, to) = (seconds(window.from.0), seconds(window.to.0));
    let (number, size) = (page.unwrap_or(1).to_string(), PAGE.to_string());
    let parameters = [
        ("start_updated_at", from.as_str()),
        ("end_updated_at", to.as_str()),
        // Everything: whatever its status, its refund, and whether it was drawn in a lottery.
        ("order_status", "5"),
        ("refund_status", "5"),
        ("is_lucky_flag", "0"),
        ("page", number.as_str()),
        ("page_size", size.as_str()),
        ("use_has_next", if page.is_none() { "false" } else { "true" }),
    ];
    api::request(call, LIST, &parameters)
}

fn pages(reply: &Reply) -> Result<u64, CallError> {
    let total: u64 = opened(reply)?
        .need("total_count")
        .and_then(|total| total.whole())
        .map_err(|wrong| unreadable(&wrong, Effect::Harmless))?;
    Ok(total.div_ceil(PAGE))
}

fn read(reply: &Reply) -> Result<Vec<Listed>, CallError> {
    let lost = |wrong: Wrong| unreadable(&wrong, Effect::Harmless);
    let envelope = opened(reply)?;
    // Without orders the list itself may be missing, but then the total says so.
    let none = api::code_text(&envelope, "total_count").map_err(lost)? == "0";
    let rows = match envelope.get("order_sn_list") {
        Some(rows) => rows.list().map_err(lost)?,
        None if none => Vec::new(),
        None => return Err(lost(envelope.wrong("order_sn_list", "is missing"))),
    };
    rows.iter().map(listed).collect::<Result<_, _>>().map_err(lost)
}

fn opened(reply: &Reply) -> Result<Object<'_>, CallError> {
    match api::answer(reply, LIST, Effect::Harmless, &[])? {
        Answer::Given(envelope) => Ok(envelope),
        Answer::Refused(refused) => Err(refused.rejected()),
    }
}

/// A row is documented as the whole order: where it reads as one, nothing is fetched again. A bare number will do.
fn listed(row: &Json<'_>) -> Result<Listed, Wrong> {
    if row.raw().starts_with('"') {
        return Ok(Listed { ext_id: row.id()?, updated_at: None, document: None });
    }
    let order = row.object()?;
    let ext_id = order.need("order_sn")?.id()?;
    let updated_at = order::instant(&order, "updated_at")?.map(|at| at.0);
    let whole = read::facts(&order).is_ok();
    Ok(Listed { ext_id, updated_at, document: whole.then(|| document(row)) })
}

fn document(order: &Json<'_>) -> Document {
    Document { topic: "order".to_owned(), body: order.raw().to_owned() }
}

/// The request for a whole order.
pub(crate) fn ask(call: &Call<'_>, ext_id: &str) -> Result<Request, CallError> {
    api::request(call, FETCH, &[("order_sn", ext_id)])
}

/// The order in an answer to [`ask`]; `None` where there is none.
pub(crate) fn asked(reply: &Reply) -> Result<Option<Json<'_>>, CallError> {
    match api::answer(reply, FETCH, Effect::Harmless, &[])? {
        Answer::Given(envelope) => {
            envelope.need("order_info").map(Some).map_err(|wrong| unreadable(&wrong, Effect::Harmless))
        }
        Answer::Refused(refused) if refused.code == NO_ORDER || refused.words.contains("订单不存在") => Ok(None),
        Answer::Refused(refused) => Err(refused.rejected()),
    }
}

/// The order as it is now. Of the answer only the order itself is kept: its envelope changes with every call.
pub(crate) fn fetch(call: &Call<'_>, ext_id: &str) -> Result<Next<Option<Document>>, CallError> {
    let Some(reply) = call.replies.first() else { return ask(call, ext_id).map(Next::Send) };
    asked(reply).map(|order| Next::Done(order.as_ref().map(document)))
}
