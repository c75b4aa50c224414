//! The whole order: its detail, its encrypted receiver, its after-sales with their goods, put together as one document
//! `{"order":…,"receiver":…,"after_sales":[…]}` of the platform's own words.

use crate::after_sale::{self, Sale};
use crate::api::{self, Answer};
use huidan_channel::Document;
use huidan_exchange::json::{Json, Object, Wrong};
use huidan_exchange::{Call, CallError, Effect, Next, Reply, Request, unreadable};
use serde_json::json;

/// After-sales of one order that are asked for in full; the others stay as the list tells them, which holds the order.
const MOST_SALES: usize = 20;

/// The request for an order's detail.
pub(crate) fn ask(call: &Call<'_>, ext_id: &str) -> Result<Request, CallError> {
    api::request(call, "order.getOrderDetail", json!({ "orderId": ext_id }))
}

/// The detail in an answer to [`ask`]; `None` where there is no such order.
pub(crate) fn asked(reply: &Reply) -> Result<Option<Json<'_>>, CallError> {
    match api::answer(reply, Effect::Harmless, &[])? {
        Answer::Refused(refused) if refused.says_missing() => Ok(None),
        Answer::Given(Some(order)) if order.object().is_ok() => Ok(Some(order)),
        other => api::data(other).map(|_| None),
    }
}

/// Asks for the parts one after the other.
pub(crate) fn fetch(call: &Call<'_>, ext_id: &str) -> Result<Next<Option<Document>>, CallError> {
    let mut replies = call.replies.iter();
    let Some(reply) = replies.next() else { return ask(call, ext_id).map(Next::Send) };
    let Some(order) = asked(reply)? else { return Ok(Next::Done(None)) };
    let mut receiver = None;
    if let Some(question) = receiver_question(&order, ext_id).map_err(lost)? {
        let Some(reply) = replies.next() else {
            return api::request(call, "order.getOrderReceiverInfo", question).map(Next::Send);
        };
        receiver = receiver_in(reply, ext_id)?;
    }
    let Some(reply) = replies.next() else {
        let fields = json!({ "orderId": ext_id, "pageNo": 1, "pageSize": 50 });
        return api::request(call, "afterSale.listAfterSaleInfos", fields).map(Next::Send);
    };
    let mut sales = Vec::new();
    let mut asked_for = 0;
    for entry in sales_in(reply)? {
        let sale = after_sale::read(&entry).map_err(lost)?;
        if !sale.concerns_goods() || asked_for == MOST_SALES {
            sales.push(entry.raw().to_owned());
            continue;
        }
        asked_for += 1;
        let Some(reply) = replies.next() else {
            let fields = json!({ "returnsId": sale.id, "needNegotiateRecord": false });
            return api::request(call, "afterSale.getAfterSaleInfo", fields).map(Next::Send);
        };
        sales.push(sale_in(reply, &sale)?);
    }
    let receiver = receiver.as_deref().unwrap_or("null");
    let body = format!(r#"{{"order":{},"receiver":{receiver},"after_sales":[{}]}}"#, order.raw(), sales.join(","));
    Ok(Next::Done(Some(Document { topic: "order".to_owned(), body })))
}

/// What to ask for the receiver by. Only an order that is to ship shows one, and only to who names the address it had
/// when the detail was read.
fn receiver_question(order: &Json<'_>, ext_id: &str) -> Result<Option<serde_json::Value>, Wrong> {
    let order = order.object()?;
    let (status, address) = (order.id("orderStatus")?, order.text("openAddressId")?);
    let exchange = order.id("orderType")? == "5";
    let shown = matches!(status.as_str(), "4" | "5") && !address.is_empty();
    Ok(shown
        .then(|| json!({ "receiverQueries": [{ "orderId": ext_id, "openAddressId": address }], "isReturn": exchange })))
}

/// A refusal leaves the order without ciphertext: the waybill service needs the address's handle alone.
fn receiver_in(reply: &Reply, ext_id: &str) -> Result<Option<String>, CallError> {
    let data = match api::answer(reply, Effect::Harmless, &[])? {
        Answer::Refused(_) => return Ok(None),
        given => api::data(given)?,
    };
    for info in data.need("receiverInfos").and_then(|infos| infos.list()).map_err(lost)? {
        let fields = info.object().map_err(lost)?;
        if fields.id("orderId").map_err(lost)? != ext_id {
            continue;
        }
        let matched = fields.get("matched").map_or(Ok(true), |matched| matched.flag()).map_err(lost)?;
        if !matched {
            return Err(CallError::Transient {
                after_s: Some(5),
                detail: "收件地址刚被修改，重新读取 / the address has just changed: read again".to_owned(),
            });
        }
        return Ok(Some(info.raw().to_owned()));
    }
    Ok(None)
}

fn sales_in(reply: &Reply) -> Result<Vec<Json<'_>>, CallError> {
    let data = api::data(api::answer(reply, Effect::Harmless, &[])?)?;
    data.need("totalCount").map_err(lost)?;
    data.list("afterSaleBasicInfos").map_err(lost)
}

fn sale_in(reply: &Reply, of: &Sale) -> Result<String, CallError> {
    let data: Object<'_> = api::data(api::answer(reply, Effect::Harmless, &[])?)?;
    let info = data.need("afterSaleInfo").map_err(lost)?;
    let sale = after_sale::read(&info).map_err(lost)?;
    if sale.id != of.id {
        return Err(lost(info.wrong("is another after-sale")));
    }
    Ok(info.raw().to_owned())
}

fn lost(wrong: Wrong) -> CallError {
    unreadable(&wrong, Effect::Harmless)
}
