//! Orders by time of change, and one order whole.

use crate::api::{answer, request};
use crate::read;
use http::Method;
use huidan_channel::{Document, Listed, Page};
use huidan_domain::{Millis, Window};
use huidan_exchange::json::{Json, Wrong};
use huidan_exchange::{Call, CallError, Effect, Next, Reply, Request, time, unclear, unreadable};
use url::form_urlencoded;

const PER_PAGE: u32 = 100;

/// One page of orders changed inside the window.
///
/// An order that changes while the pages are read leaves the window, and all behind it move up by one. So the pages are
/// read from the last to the first: what moves up is read twice and never missed. The first page is asked for first only
/// to learn how many there are. `cursor` is the page's number.
pub(crate) fn list(call: &Call<'_>, window: Window, cursor: Option<&str>) -> Result<Next<Page>, CallError> {
    let known = cursor.and_then(|text| text.parse::<u32>().ok());
    let number = known.unwrap_or(1);
    let Some(first) = call.replies.first() else { return ask(call, window, number).map(Next::Send) };
    if known.is_some() {
        return page(first, number).map(Next::Done);
    }
    let Some(json) = answer(first, Effect::Harmless)? else { return Err(no_list()) };
    json.list().map_err(|wrong| unreadable(&wrong, Effect::Harmless))?;
    match (total_pages(first)?, call.replies.get(1)) {
        (0 | 1, _) => page(first, 1).map(Next::Done),
        (last, None) => ask(call, window, last).map(Next::Send),
        (last, Some(reply)) => page(reply, last).map(Next::Done),
    }
}

/// Both bounds are exclusive at WooCommerce, to the second; so each is moved out by one.
fn ask(call: &Call<'_>, window: Window, page: u32) -> Result<Request, CallError> {
    let at = |at: Millis| time::to_rfc3339(at).trim_end_matches('Z').to_owned();
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("modified_after", &at(window.from.plus_seconds(-1)))
        .append_pair("modified_before", &at(window.to.plus_seconds(1)))
        .append_pair("dates_are_gmt", "true")
        .append_pair("status", "any")
        .append_pair("orderby", "id")
        .append_pair("order", "asc")
        .append_pair("per_page", &PER_PAGE.to_string())
        .append_pair("page", &page.to_string())
        .finish();
    request(call, Method::GET, &format!("orders?{query}"), None)
}

fn total_pages(reply: &Reply) -> Result<u32, CallError> {
    let header = reply.headers().get("x-wp-totalpages").and_then(|value| value.to_str().ok());
    let pages = header.and_then(|text| text.trim().parse().ok());
    pages.ok_or_else(|| {
        unclear(Effect::Harmless, "应答缺少 X-WP-TotalPages（代理删除了？）/ no X-WP-TotalPages (removed by a proxy?)")
    })
}

fn page(reply: &Reply, number: u32) -> Result<Page, CallError> {
    let Some(json) = answer(reply, Effect::Harmless)? else { return Err(no_list()) };
    let orders = listed(&json).map_err(|wrong| unreadable(&wrong, Effect::Harmless))?;
    Ok(Page { orders, next: (number > 1).then(|| (number - 1).to_string()) })
}

fn listed(json: &Json<'_>) -> Result<Vec<Listed>, Wrong> {
    let mut listed = Vec::new();
    for order in json.list()? {
        let fields = order.object()?;
        // An order with refunds is fetched together with them.
        let whole = fields.list("refunds")?.is_empty();
        let document = whole.then(|| Document { topic: read::ORDER.to_owned(), body: order.raw().to_owned() });
        let updated_at = Some(read::instant(&fields.need("date_modified_gmt")?)?.0);
        listed.push(Listed { ext_id: fields.need("id")?.id()?, updated_at, document });
    }
    Ok(listed)
}

fn no_list() -> CallError {
    unclear(Effect::Harmless, "no list of orders in the answer")
}

/// The whole order; where something was refunded together with what.
pub(crate) fn fetch(call: &Call<'_>, ext_id: &str) -> Result<Next<Option<Document>>, CallError> {
    let path = format!("orders/{}", segment(ext_id));
    let Some(reply) = call.replies.first() else {
        return request(call, Method::GET, &path, None).map(Next::Send);
    };
    let Some(order) = answer(reply, Effect::Harmless)? else { return Ok(Next::Done(None)) };
    let wrong = |wrong: Wrong| unreadable(&wrong, Effect::Harmless);
    let fields = order.object().map_err(wrong)?;
    fields.need("id").and_then(|id| id.id()).map_err(wrong)?;
    if fields.list("refunds").map_err(wrong)?.is_empty() {
        let body = order.raw().to_owned();
        return Ok(Next::Done(Some(Document { topic: read::ORDER.to_owned(), body })));
    }
    let Some(reply) = call.replies.get(1) else {
        return request(call, Method::GET, &format!("{path}/refunds?per_page=100"), None).map(Next::Send);
    };
    let refunds = match answer(reply, Effect::Harmless) {
        Ok(Some(refunds)) => {
            refunds.list().map_err(wrong)?;
            refunds.raw().to_owned()
        }
        Ok(None) => "null".to_owned(),
        // A shop that does not show them has told that something was refunded; reading makes the order wait.
        Err(CallError::Credentials { field, .. }) if field == "base_url" => "null".to_owned(),
        Err(error) => return Err(error),
    };
    let body = format!("{{\"order\":{},\"refunds\":{refunds}}}", order.raw());
    Ok(Next::Done(Some(Document { topic: read::ORDER_AND_REFUNDS.to_owned(), body })))
}

/// A text as one segment of a path.
pub(crate) fn segment(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}
