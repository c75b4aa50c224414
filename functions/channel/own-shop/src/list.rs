//! Orders by time of change, and one order whole.

use crate::api::{Answer, answer, is_reachable, request, segment, unreadable};
use crate::read;
use http::Method;
use huidan_channel::{Document, Listed, Page};
use huidan_domain::Window;
use huidan_exchange::json::{Json, Wrong};
use huidan_exchange::{Call, CallError, Next, time};
use url::form_urlencoded;

/// One page of orders changed inside the window. A site that cannot be called lists nothing: it sends.
pub(crate) fn list(call: &Call<'_>, window: Window, cursor: Option<&str>) -> Result<Next<Page>, CallError> {
    if !is_reachable(call) {
        return Ok(Next::Done(Page::default()));
    }
    let Some(reply) = call.replies.first() else {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query
            .append_pair("updated_from", &time::to_rfc3339(window.from))
            // Written in whole seconds; the last one is meant to its end.
            .append_pair("updated_to", &time::to_rfc3339(window.to.plus_seconds(1)))
            .append_pair("limit", "100");
        if let Some(cursor) = cursor {
            query.append_pair("cursor", cursor);
        }
        return request(call, Method::GET, &format!("orders?{}", query.finish()), None).map(Next::Send);
    };
    match answer(reply)? {
        Answer::Yes(json) => page(&json).map(Next::Done).map_err(|wrong| unreadable(&wrong)),
        Answer::Missing | Answer::Conflict(_) => Err(unreadable(&Wrong::at("orders", "is missing"))),
    }
}

fn page(json: &Json<'_>) -> Result<Page, Wrong> {
    let answer = json.object()?;
    let mut orders = Vec::new();
    for order in answer.need("orders")?.list()? {
        let fields = order.object()?;
        let updated_at = Some(fields.need("updated_at")?.rfc3339()?.0);
        orders.push(Listed { ext_id: fields.need("id")?.id()?, updated_at, document: Some(document(&order)) });
    }
    let next = answer.get("next").map(|next| next.text()).transpose()?.filter(|next| !next.is_empty());
    Ok(Page { orders, next })
}

fn document(order: &Json<'_>) -> Document {
    Document { topic: read::SAVED.to_owned(), body: order.raw().to_owned() }
}

/// The whole order.
pub(crate) fn fetch(call: &Call<'_>, ext_id: &str) -> Result<Next<Option<Document>>, CallError> {
    let Some(reply) = call.replies.first() else {
        return request(call, Method::GET, &format!("orders/{}", segment(ext_id)), None).map(Next::Send);
    };
    match answer(reply)? {
        Answer::Yes(json) => {
            let order = json.object().and_then(|answer| answer.need("order")).map_err(|wrong| unreadable(&wrong))?;
            Ok(Next::Done(Some(document(&order))))
        }
        Answer::Missing => Ok(Next::Done(None)),
        Answer::Conflict(_) => Err(unreadable(&Wrong::at("order", "is missing"))),
    }
}
