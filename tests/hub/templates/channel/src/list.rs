//! Orders by time of change, and one order whole.

use crate::api::{answer, request, segment};
use crate::read;
use http::Method;
use huidan_channel::{Document, Listed, Page};
use huidan_domain::Window;
use huidan_exchange::json::{Json, Wrong};
use huidan_exchange::{Call, CallError, Effect, Next, Reply, Request, time, unclear, unreadable};
use url::form_urlencoded;

const PER_PAGE: &str = "100";

/// One page of orders changed inside the window; `cursor` is the page's number.
///
/// An order that changes while the pages are read leaves the window, and all behind it move up by one. So they are read
/// from the last page to the first: what moves up is read twice and never missed. The first page is asked for first only
/// to learn how many there are.
pub(crate) fn list(call: &Call<'_>, window: Window, cursor: Option<&str>) -> Result<Next<Page>, CallError> {
    let known = cursor.and_then(|text| text.parse::<u32>().ok());
    let Some(first) = call.replies.first() else { return ask(call, window, known.unwrap_or(1)).map(Next::Send) };
    let (pages, listed) = page(first)?;
    match (known, pages, call.replies.get(1)) {
        (Some(number), ..) => Ok(Next::Done(listed.before(number))),
        (None, 0 | 1, _) => Ok(Next::Done(listed.before(1))),
        (None, last, None) => ask(call, window, last).map(Next::Send),
        (None, last, Some(reply)) => Ok(Next::Done(page(reply)?.1.before(last))),
    }
}

/// The platform counts whole seconds and takes both ends; the last second is meant to its end.
fn ask(call: &Call<'_>, window: Window, page: u32) -> Result<Request, CallError> {
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("updated_from", &time::to_rfc3339(window.from))
        .append_pair("updated_to", &time::to_rfc3339(window.to.plus_seconds(1)))
        .append_pair("status", "any")
        .append_pair("per_page", PER_PAGE)
        .append_pair("page", &page.to_string())
        .finish();
    request(call, Method::GET, &format!("orders?{query}"), None)
}

/// The orders of one page.
struct Orders(Vec<Listed>);

impl Orders {
    /// As the page of that number; the one before it comes next.
    fn before(self, number: u32) -> Page {
        Page { orders: self.0, next: (number > 1).then(|| (number - 1).to_string()) }
    }
}

/// How many pages there are, and what is on this one.
fn page(reply: &Reply) -> Result<(u32, Orders), CallError> {
    let Some(json) = answer(reply, Effect::Harmless)? else {
        return Err(unclear(Effect::Harmless, "no list of orders in the answer"));
    };
    let read = || {
        let body = json.object()?;
        Ok((body.need("pages")?.whole()?, Orders(listed(&body.need("orders")?)?)))
    };
    read().map_err(|wrong| unreadable(&wrong, Effect::Harmless))
}

fn listed(orders: &Json<'_>) -> Result<Vec<Listed>, Wrong> {
    let one = |order: &Json<'_>| {
        let fields = order.object()?;
        let updated_at = Some(fields.need("updated_at")?.rfc3339()?.0);
        Ok(Listed { ext_id: fields.need("id")?.id()?, updated_at, document: Some(document(order)) })
    };
    orders.list()?.iter().map(one).collect()
}

fn document(order: &Json<'_>) -> Document {
    Document { topic: read::SAVED.to_owned(), body: order.raw().to_owned() }
}

/// The whole order.
pub(crate) fn fetch(call: &Call<'_>, ext_id: &str) -> Result<Next<Option<Document>>, CallError> {
    let Some(reply) = call.replies.first() else {
        return request(call, Method::GET, &format!("orders/{}", segment(ext_id)), None).map(Next::Send);
    };
    let Some(json) = answer(reply, Effect::Harmless)? else { return Ok(Next::Done(None)) };
    let order = json.object().and_then(|body| body.need("order"));
    let order = order.map_err(|wrong| unreadable(&wrong, Effect::Harmless))?;
    Ok(Next::Done(Some(document(&order))))
}
