//! One order whole: the order, its items and its parcels, put together as one document.

use crate::api::{self, Answer};
use crate::packages;
use huidan_channel::Document;
use huidan_exchange::json::{Json, Object, Wrong};
use huidan_exchange::{Call, CallError, Effect, Next, Reply, Request, pairs, unreadable};
use serde_json::json;

/// Most pages of items read; an order of more is left to a person.
const MOST_PAGES: usize = 20;

/// The request for an order, opened by a token.
pub(crate) fn ask(call: &Call<'_>, ext_id: &str, token: &str) -> Result<Request, CallError> {
    api::get(call, &format!("/orders/v0/orders/{}", api::in_path(ext_id)), token)
}

/// The order in an answer to [`ask`]; `None` where there is none.
pub(crate) fn asked(reply: &Reply) -> Result<Option<Json<'_>>, CallError> {
    let body = match api::answer(reply, Effect::Harmless)? {
        Answer::Given(body) => body,
        Answer::Refused(refused) if refused.status == 404 => return Ok(None),
        Answer::Refused(refused) => return Err(refused.rejected()),
    };
    body.need("payload").map(Some).map_err(lost)
}

/// The order as it is now. Of the answers only what they are about is kept.
pub(crate) fn fetch(call: &Call<'_>, ext_id: &str) -> Result<Next<Option<Document>>, CallError> {
    let mut replies = call.replies.iter();
    let token = if receivers_wanted(call) {
        let Some(reply) = replies.next() else { return ask_token(call, ext_id).map(Next::Send) };
        match restricted_token(reply)? {
            Some(token) => token,
            None => return Ok(Next::Done(None)),
        }
    } else {
        api::token(call)?.to_owned()
    };
    let Some(reply) = replies.next() else { return ask(call, ext_id, &token).map(Next::Send) };
    let Some(order) = asked(reply)? else { return Ok(Next::Done(None)) };
    let shipped = order.object().and_then(|order| shipped(&order)).map_err(lost)?;
    let (mut items, mut next) = (Vec::new(), None::<String>);
    loop {
        let Some(reply) = replies.next() else {
            return ask_items(call, ext_id, &token, next.as_deref()).map(Next::Send);
        };
        next = page(reply, &mut items)?;
        if next.is_none() {
            break;
        }
        if items.len() > MOST_PAGES * 100 {
            return Err(CallError::Rejected {
                code: "too_many_items".to_owned(),
                remedy: "订单行数过多，请人工处理 / more items than can be read: see to it by hand".to_owned(),
            });
        }
    }
    let parcels = if shipped {
        let Some(reply) = replies.next() else { return packages::ask(call, ext_id).map(Next::Send) };
        packages::answered(reply)?.map_or_else(|| "[]".to_owned(), |(raw, _)| raw)
    } else {
        "[]".to_owned()
    };
    let body = format!("{{\"order\":{},\"items\":[{}],\"packages\":{parcels}}}", order.raw(), items.join(","));
    Ok(Next::Done(Some(Document { topic: "order".to_owned(), body })))
}

/// A shop whose application has no right to receivers may say so: its orders are read without them.
fn receivers_wanted(call: &Call<'_>) -> bool {
    let set = call.account.credentials.optional("restricted_data");
    set.is_none_or(|value| !value.trim().eq_ignore_ascii_case("no"))
}

/// Asks for a token that opens the receiver of this one order and the gift notes of its items, and nothing else.
fn ask_token(call: &Call<'_>, ext_id: &str) -> Result<Request, CallError> {
    let path = format!("/orders/v0/orders/{}", api::in_path(ext_id));
    let body = json!({ "restrictedResources": [
        { "method": "GET", "path": path, "dataElements": ["buyerInfo", "shippingAddress"] },
        { "method": "GET", "path": format!("{path}/orderItems"), "dataElements": ["buyerInfo"] },
    ] });
    api::send(call, http::Method::POST, "/tokens/2021-03-01/restrictedDataToken", &body)
}

fn restricted_token(reply: &Reply) -> Result<Option<String>, CallError> {
    let body = match api::answer(reply, Effect::Harmless)? {
        Answer::Given(body) => body,
        Answer::Refused(refused) if refused.status == 404 => return Ok(None),
        Answer::Refused(refused) => return Err(refused.rejected()),
    };
    let token = body.need("restrictedDataToken").and_then(|token| token.id());
    token.map(Some).map_err(lost)
}

fn ask_items(call: &Call<'_>, ext_id: &str, token: &str, next: Option<&str>) -> Result<Request, CallError> {
    let query = next.map(|next| format!("?{}", pairs::to_form([("NextToken", next)]))).unwrap_or_default();
    api::get(call, &format!("/orders/v0/orders/{}/orderItems{query}", api::in_path(ext_id)), token)
}

/// Adds a page of items; says where the next one begins.
fn page(reply: &Reply, items: &mut Vec<String>) -> Result<Option<String>, CallError> {
    let payload = match api::payload(reply, Effect::Harmless)? {
        Answer::Given(payload) => payload,
        Answer::Refused(refused) => return Err(refused.rejected()),
    };
    let read = || {
        let listed = payload.need("OrderItems")?.list()?;
        Ok((listed.iter().map(|item| item.raw().to_owned()).collect::<Vec<_>>(), payload.text("NextToken")?))
    };
    let (listed, next) = read().map_err(lost)?;
    items.extend(listed);
    Ok(Some(next).filter(|next| !next.is_empty()))
}

/// Whether anything of it has left, so that there may be parcels to ask for.
fn shipped(order: &Object<'_>) -> Result<bool, Wrong> {
    let status = order.need("OrderStatus")?.text()?;
    Ok(["PartiallyShipped", "Shipped", "InvoiceUnconfirmed"].contains(&status.as_str()))
}

#[expect(clippy::needless_pass_by_value, reason = "what `map_err` hands over")]
fn lost(wrong: Wrong) -> CallError {
    unreadable(&wrong, Effect::Harmless)
}
