//! Reading orders.

use super::{Answer, Call, Caller, ME, Refused, invalid, refused, shape};
use crate::clock::{parse_iso, rfc3339_utc};
use crate::faults;
use crate::order::Order;
use crate::server::json;
use crate::world::World;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const PAGE_SIZE: usize = 100;
const STATUSES: &[&str] = &[
    "PendingAvailability",
    "Pending",
    "Unshipped",
    "PartiallyShipped",
    "Shipped",
    "InvoiceUnconfirmed",
    "Canceled",
    "Unfulfillable",
];

/// What a list is asked for; a next page's token holds it with the place to go on from.
struct Asked {
    query: BTreeMap<String, String>,
    after: Option<(i64, i64)>,
}

fn asked(call: &Call) -> Result<Asked, Refused> {
    let mut query: BTreeMap<String, String> = call.query_pairs().into_iter().collect();
    let Some(token) = query.remove("NextToken").filter(|t| !t.is_empty()) else {
        return Ok(Asked { query, after: None });
    };
    let (before, time, id) = read_token(&token).ok_or_else(|| invalid("NextToken is not valid."))?;
    if !query.contains_key("MarketplaceIds") {
        return Err(invalid("MarketplaceIds is missing."));
    }
    Ok(Asked { query: before, after: Some((time, id)) })
}

fn read_token(token: &str) -> Option<(BTreeMap<String, String>, i64, i64)> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(token).ok()?).ok()
}

struct Window {
    by_update: bool,
    from: i64,
    to: i64,
}

impl Window {
    /// The time of an order that is looked at.
    fn time(&self, o: &Order) -> i64 {
        if self.by_update { o.modified_ms } else { o.created_ms }
    }
}

fn window(world: &World, query: &BTreeMap<String, String>) -> Result<Window, Refused> {
    let at = |name: &str| match query.get(name).filter(|t| !t.is_empty()) {
        None => Ok(None),
        Some(text) => {
            parse_iso(text, 0).map(Some).ok_or_else(|| invalid(&format!("{name} is not in ISO 8601 format.")))
        }
    };
    let (created, updated) = (at("CreatedAfter")?, at("LastUpdatedAfter")?);
    let (by_update, from) = match (created, updated) {
        (Some(from), None) => (false, from),
        (None, Some(from)) => (true, from),
        (None, None) => return Err(invalid("Either CreatedAfter or LastUpdatedAfter must be given.")),
        (Some(_), Some(_)) => return Err(invalid("CreatedAfter and LastUpdatedAfter cannot both be given.")),
    };
    let before = if by_update { "LastUpdatedBefore" } else { "CreatedBefore" };
    let to = at(before)?.unwrap_or_else(|| world.now(ME));
    if to < from {
        return Err(invalid(&format!("{before} is before its other end.")));
    }
    Ok(Window { by_update, from, to })
}

fn named<'a>(query: &'a BTreeMap<String, String>, name: &str) -> Vec<&'a str> {
    query.get(name).map(|v| v.split(',').map(str::trim).filter(|v| !v.is_empty()).collect()).unwrap_or_default()
}

fn page_size(query: &BTreeMap<String, String>) -> Result<usize, Refused> {
    let size = query.get("MaxResultsPerPage").map_or(Ok(PAGE_SIZE), |v| v.parse().map_err(|_| ()));
    size.ok().filter(|s| (1..=PAGE_SIZE).contains(s)).ok_or_else(|| invalid("MaxResultsPerPage must be 1 to 100."))
}

/// The marketplaces that are named must be the seller's.
fn check_markets(world: &World, query: &BTreeMap<String, String>) -> Result<(), Refused> {
    let markets = named(query, "MarketplaceIds");
    if markets.is_empty() || markets.len() > 50 {
        return Err(invalid("MarketplaceIds: 1 to 50."));
    }
    if !markets.contains(&world.options.amazon.marketplace.as_str()) {
        return Err(invalid("The seller does not sell at these marketplaces."));
    }
    Ok(())
}

/// Every order that is asked for, oldest first.
fn matching<'a>(
    world: &'a World,
    caller: &Caller,
    query: &BTreeMap<String, String>,
    window: &Window,
) -> Result<Vec<&'a Order>, Refused> {
    let statuses = named(query, "OrderStatuses");
    let (channels, ids) = (named(query, "FulfillmentChannels"), named(query, "AmazonOrderIds"));
    if statuses.iter().any(|s| !STATUSES.contains(s)) {
        return Err(invalid("OrderStatuses: no such status."));
    }
    if ids.len() > 50 {
        return Err(invalid("AmazonOrderIds: at most 50."));
    }
    // Times have whole seconds here; both ends belong to the window.
    let second = |ms: i64| ms.div_euclid(1_000);
    let inside = second(window.from)..=second(window.to);
    let mut found: Vec<&Order> = world
        .orders
        .iter()
        .filter(|o| o.platform == ME && o.shop == caller.shop && inside.contains(&second(window.time(o))))
        .filter(|o| statuses.is_empty() || statuses.contains(&shape::status(o)))
        .filter(|o| channels.is_empty() || channels.contains(&if shape::by_amazon(o) { "AFN" } else { "MFN" }))
        .filter(|o| ids.is_empty() || ids.contains(&o.text_id().as_str()))
        .collect();
    found.sort_by_key(|o| (window.time(o), o.id));
    Ok(if window.by_update { faults::listed(world, ME, found) } else { found })
}

pub(super) fn list(world: &World, call: &Call, caller: &Caller) -> Result<Answer, Refused> {
    let Asked { mut query, after } = asked(call)?;
    check_markets(world, &query)?;
    let (window, size) = (window(world, &query)?, page_size(&query)?);
    let mut found = matching(world, caller, &query, &window)?;
    found.retain(|o| after.is_none_or(|after| (window.time(o), o.id) > after));
    let more = found.len() > size;
    found.truncate(size);
    let before = if window.by_update { "LastUpdatedBefore" } else { "CreatedBefore" };
    // The pages that follow are of the same window, also where its end was not named.
    query.insert(before.to_owned(), rfc3339_utc(window.to));
    let next =
        found.last().filter(|_| more).map(|o| URL_SAFE_NO_PAD.encode(json!([query, window.time(o), o.id]).to_string()));
    let rows = faults::page(world, ME, found).into_iter().map(|o| shape::order(world, o, caller));
    let mut payload = json!({"Orders": rows.collect::<Vec<_>>(), before: rfc3339_utc(window.to)});
    if let (Some(next), Some(payload)) = (next, payload.as_object_mut()) {
        payload.insert("NextToken".to_owned(), next.into());
    }
    Ok(shown(payload))
}

fn shown(payload: Value) -> Answer {
    json(200, &json!({"payload": payload}))
}

/// The order with this number, if it is the seller's.
pub(super) fn of_shop<'a>(world: &'a World, caller: &Caller, id: &str) -> Result<&'a Order, Refused> {
    let is = |o: &&Order| o.platform == ME && o.shop == caller.shop && o.text_id() == id;
    world.orders.iter().find(is).ok_or_else(|| refused(404, "NotFound", "The order does not exist."))
}

pub(super) fn one(world: &World, caller: &Caller, id: &str) -> Result<Answer, Refused> {
    Ok(shown(shape::order(world, of_shop(world, caller, id)?, caller)))
}

/// One order of the successor: what was asked for by `includedData`, and nobody's name.
pub(super) fn successor(world: &World, call: &Call, caller: &Caller, id: &str) -> Result<Answer, Refused> {
    let order = of_shop(world, caller, id)?;
    let asked = call.query_value("includedData").unwrap_or_default();
    let included: Vec<&str> = asked.split(',').filter(|name| !name.is_empty()).collect();
    if included.iter().any(|name| !INCLUDED.contains(name)) {
        return Err(invalid("includedData: no such data."));
    }
    Ok(json(200, &json!({"order": shape::successor(world, order, &included)})))
}

/// What may be asked for with an order of the successor.
const INCLUDED: &[&str] =
    &["BUYER", "RECIPIENT", "PROCEEDS", "EXPENSE", "PROMOTION", "CANCELLATION", "FULFILLMENT", "PACKAGES"];

pub(super) fn items(world: &World, caller: &Caller, id: &str) -> Result<Answer, Refused> {
    let order = of_shop(world, caller, id)?;
    let rows: Vec<Value> = order.lines.iter().map(|l| shape::item(order, l)).collect();
    Ok(shown(json!({"AmazonOrderId": id, "OrderItems": rows})))
}

fn with_right(caller: &Caller) -> Result<(), Refused> {
    if caller.restricted {
        return Ok(());
    }
    Err(super::unauthorised("Access to requested resource is denied. A restricted data token is needed."))
}

pub(super) fn address(world: &World, caller: &Caller, id: &str) -> Result<Answer, Refused> {
    with_right(caller)?;
    let order = of_shop(world, caller, id)?;
    let mut payload = json!({"AmazonOrderId": id});
    if let (Some(_), Some(payload)) = (order.paid_ms, payload.as_object_mut()) {
        payload.insert("ShippingAddress".to_owned(), shape::address(order, true));
    }
    Ok(shown(payload))
}

pub(super) fn buyer(world: &World, caller: &Caller, id: &str) -> Result<Answer, Refused> {
    with_right(caller)?;
    let order = of_shop(world, caller, id)?;
    let mut payload = shape::buyer(order, true);
    if let Some(payload) = payload.as_object_mut() {
        payload.insert("AmazonOrderId".to_owned(), id.into());
    }
    Ok(shown(payload))
}
