//! Orders by time of change, and one order whole.

use crate::api::{data, data_without, gid, post, tail};
use crate::read;
use huidan_channel::{Document, Listed, Page};
use huidan_domain::Window;
use huidan_exchange::json::{Object, Wrong};
use huidan_exchange::{Call, CallError, Effect, Next, Reply, time, unclear};
use serde_json::json;

/// Ids only: a page of whole orders would cost more points than one query may. Ascending by change, so an order that
/// changes while the pages are read moves to a later page and never out of sight.
const LIST: &str = "query HuidanOrders($query: String!, $after: String) {
  orders(first: 100, after: $after, sortKey: UPDATED_AT, query: $query) {
    pageInfo { hasNextPage endCursor }
    nodes { id updatedAt }
  }
}";

const ORDER: &str = "query HuidanOrder($id: ID!, $after: String) {
  order(id: $id) {
    id name createdAt updatedAt cancelledAt test note tags email phone
    displayFinancialStatus displayFulfillmentStatus
    totalPriceSet { shopMoney { amount currencyCode } }
    shippingAddress { firstName lastName name company address1 address2 city province zip countryCodeV2 phone }
    lineItems(first: 50, after: $after) {
      pageInfo { hasNextPage endCursor }
      nodes {
        id sku title variantTitle quantity currentQuantity requiresShipping isGiftCard
        product { id } variant { id } originalUnitPriceSet { shopMoney { amount currencyCode } }
      }
    }
    fulfillments(first: 20) { status trackingInfo(first: 5) { number } }
    refunds(first: 20) { refundLineItems(first: 20) { nodes { quantity restockType lineItem { id } } } }
  }
}";

/// One page of orders changed inside the window.
pub(crate) fn list(call: &Call<'_>, window: Window, cursor: Option<&str>) -> Result<Next<Page>, CallError> {
    let Some(reply) = call.replies.first() else {
        let (from, to) = (time::to_rfc3339(window.from), time::to_rfc3339(window.to));
        let query = format!("updated_at:>='{from}' updated_at:<='{to}' status:any");
        return Ok(Next::Send(post(call, LIST, json!({ "query": query, "after": cursor }))?));
    };
    let answer = data(reply, Effect::Harmless)?;
    page(&answer).map(Next::Done).map_err(|wrong| unclear(Effect::Harmless, wrong.to_string()))
}

fn page(answer: &Object<'_>) -> Result<Page, Wrong> {
    let orders = answer.need("orders")?.object()?;
    let mut listed = Vec::new();
    for node in orders.need("nodes")?.list()? {
        let node = node.object()?;
        let updated_at = Some(node.need("updatedAt")?.rfc3339()?.0);
        listed.push(Listed { ext_id: tail(&node.need("id")?)?, updated_at, document: None });
    }
    Ok(Page { orders: listed, next: next_page(&orders)? })
}

/// Where the next page of a connection begins.
pub(crate) fn next_page(connection: &Object<'_>) -> Result<Option<String>, Wrong> {
    let info = connection.need("pageInfo")?.object()?;
    if info.need("hasNextPage")?.flag()? { info.need("endCursor")?.text().map(Some) } else { Ok(None) }
}

/// The whole order: one node, or several that differ in their lines where one query does not hold them all.
pub(crate) fn fetch(call: &Call<'_>, ext_id: &str) -> Result<Next<Option<Document>>, CallError> {
    let mut nodes = Vec::new();
    let mut after = None;
    for reply in call.replies {
        let Some((node, next)) = node(reply)? else { return Ok(Next::Done(None)) };
        nodes.push(node);
        after = next;
        if after.is_none() {
            let body = format!("[{}]", nodes.join(","));
            return Ok(Next::Done(Some(Document { topic: read::GRAPHQL.to_owned(), body })));
        }
    }
    let variables = json!({ "id": gid("Order", ext_id), "after": after });
    Ok(Next::Send(post(call, ORDER, variables)?))
}

fn node(reply: &Reply) -> Result<Option<(&str, Option<String>)>, CallError> {
    // Mailboxes are approved for an app by themselves: an order without one is an order.
    let answer = data_without(reply, Effect::Harmless, &["email"])?;
    let unreadable = |wrong: Wrong| unclear(Effect::Harmless, wrong.to_string());
    let Some(order) = answer.get("order") else {
        // Shopify writes `null` for an order that is not there; an answer without the field is none.
        return if answer.has("order") { Ok(None) } else { Err(unclear(Effect::Harmless, "no order in the answer")) };
    };
    let lines = order.object().and_then(|fields| fields.need("lineItems")?.object()).map_err(unreadable)?;
    Ok(Some((order.raw(), next_page(&lines).map_err(unreadable)?)))
}
