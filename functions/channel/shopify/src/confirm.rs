//! Telling Shopify that a parcel left: ask what is open, then fulfil it.
//!
//! <https://shopify.dev/docs/api/admin-graphql/latest/mutations/fulfillmentCreate>. The question comes first at every
//! repeat, so a lost answer never becomes a second fulfilment.

use crate::api::{data, gid, post, user_errors};
use crate::list::next_page;
use huidan_channel::{Confirmed, Shipment};
use huidan_exchange::json::{Object, Wrong};
use huidan_exchange::{Call, CallError, Effect, Next, Reply, Request, rejected, unclear};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

const SHIPPED: &str = "query HuidanShipped($id: ID!, $after: String) {
  order(id: $id) {
    cancelledAt
    fulfillments(first: 20) { id status trackingInfo(first: 5) { number } }
    fulfillmentOrders(first: 5, after: $after) {
      pageInfo { hasNextPage endCursor }
      nodes {
        id status assignedLocation { location { id } }
        lineItems(first: 50) { pageInfo { hasNextPage } nodes { id remainingQuantity lineItem { id } } }
      }
    }
  }
}";

const CHANGE: &str = "mutation HuidanChange($id: ID!, $info: FulfillmentTrackingInput!, $notify: Boolean) {
  fulfillmentTrackingInfoUpdate(fulfillmentId: $id, trackingInfoInput: $info, notifyCustomer: $notify) {
    fulfillment { id }
    userErrors { field message }
  }
}";

/// Companies whose numbers Shopify makes links of, by its own spelling.
pub(crate) const COMPANIES: &[(&str, &str)] = &[("sf", "SF Express")];

/// Tells Shopify.
pub(crate) fn confirm(call: &Call<'_>, shipment: &Shipment) -> Result<Next<Confirmed>, CallError> {
    let mut seen = Seen::default();
    let mut replies = call.replies.iter();
    loop {
        let Some(reply) = replies.next() else {
            let variables = json!({ "id": gid("Order", &shipment.ext_id), "after": seen.next });
            return Ok(Next::Send(post(call, SHIPPED, variables)?));
        };
        seen.add(reply)?;
        if seen.next.is_none() {
            break;
        }
    }
    let (request, payloads) = match seen.decide(shipment)? {
        Act::Nothing => return Ok(Next::Done(Confirmed::AlreadyThere)),
        Act::Change(id) => (change(call, shipment, &id), vec!["fulfillmentTrackingInfoUpdate".to_owned()]),
        Act::Create(by_location) => create(call, shipment, by_location),
    };
    match replies.next() {
        None => Ok(Next::Send(request?)),
        Some(reply) => settle(reply, &payloads).map(Next::Done),
    }
}

/// What Shopify has of the order.
#[derive(Default)]
struct Seen {
    next: Option<String>,
    cancelled: bool,
    /// Numbers told, with the id of their fulfilment.
    told: Vec<(String, String)>,
    /// Parts of the order that can be fulfilled, by location.
    open: Vec<Part>,
    held: bool,
}

/// A fulfilment order that can be fulfilled.
struct Part {
    id: String,
    location: String,
    /// Its id of the line, the order's id of the line, how many are left.
    lines: Vec<(String, String, u32)>,
    /// Whether it has more lines than were asked for.
    more: bool,
}

/// What to do.
enum Act {
    Nothing,
    Change(String),
    Create(Wanted),
}

/// By location: the parts, and what to fulfil of each by its ids of the lines; nothing means all of it.
type Wanted = BTreeMap<String, Vec<(String, Vec<(String, u32)>)>>;

impl Seen {
    fn add(&mut self, reply: &Reply) -> Result<(), CallError> {
        let answer = data(reply, Effect::Harmless)?;
        if answer.has("order") && answer.get("order").is_none() {
            return Err(rejected("order_not_found", "Shopify 没有该订单 / Shopify has no such order"));
        }
        let unreadable = |wrong: Wrong| unclear(Effect::Harmless, wrong.to_string());
        self.read(&answer).map_err(unreadable)
    }

    fn read(&mut self, answer: &Object<'_>) -> Result<(), Wrong> {
        let order = answer.need("order")?.object()?;
        self.cancelled = order.get("cancelledAt").is_some();
        self.told.clear();
        for fulfillment in order.need("fulfillments")?.list()? {
            let fulfillment = fulfillment.object()?;
            if matches!(fulfillment.text("status")?.as_str(), "CANCELLED" | "ERROR" | "FAILURE") {
                continue;
            }
            for tracking in fulfillment.list("trackingInfo")? {
                let number = tracking.object()?.text("number")?;
                self.told.push((number, fulfillment.need("id")?.text()?));
            }
        }
        let parts = order.need("fulfillmentOrders")?.object()?;
        for part in parts.need("nodes")?.list()? {
            let part = part.object()?;
            match part.need("status")?.text()?.as_str() {
                "OPEN" | "IN_PROGRESS" => self.open.push(Part::read(&part)?),
                "ON_HOLD" | "SCHEDULED" => self.held = true,
                _ => {}
            }
        }
        self.next = next_page(&parts)?;
        Ok(())
    }

    fn decide(&self, shipment: &Shipment) -> Result<Act, CallError> {
        let told = |number: &str| self.told.iter().find(|(told, _)| told.trim().eq_ignore_ascii_case(number.trim()));
        if told(&shipment.waybill).is_some() {
            return Ok(Act::Nothing);
        }
        if let Some((_, id)) = shipment.replaces.as_deref().and_then(told) {
            return Ok(Act::Change(id.clone()));
        }
        if self.cancelled {
            return Err(rejected(
                "order_cancelled",
                "订单在 Shopify 已取消，请拦截包裹 / cancelled at Shopify: stop the parcel",
            ));
        }
        let wanted = self.wanted(shipment)?;
        match wanted.is_empty() {
            false => Ok(Act::Create(wanted)),
            true => Err(self.nothing_open()),
        }
    }

    fn nothing_open(&self) -> CallError {
        if self.told.iter().any(|(number, _)| !number.trim().is_empty()) {
            rejected(
                "already_shipped_elsewhere",
                "Shopify 上已用其他单号发货，请核对 / shipped at Shopify under another number: compare",
            )
        } else if self.held {
            rejected(
                "on_hold",
                "Shopify 暂停了该订单的履约，请先在后台解除 / on hold at Shopify: release it there first",
            )
        } else {
            rejected("nothing_to_ship", "Shopify 上该订单没有待发商品 / Shopify has nothing left to ship of this order")
        }
    }

    /// What of the shipment is open at Shopify. Less than the shipment holds where somebody refunded or shipped a part.
    fn wanted(&self, shipment: &Shipment) -> Result<Wanted, CallError> {
        let mut left: BTreeMap<&str, u32> = BTreeMap::new();
        for line in &shipment.lines {
            let sum = left.entry(line.ext_line_id.as_str()).or_default();
            *sum = sum.saturating_add(line.qty);
        }
        let mut wanted = Wanted::new();
        for part in &self.open {
            if part.more && shipment.completes {
                wanted.entry(part.location.clone()).or_default().push((part.id.clone(), Vec::new()));
                continue;
            }
            if part.more {
                return Err(rejected(
                    "too_many_lines",
                    "行数超过 50 的订单只能整单发货 / an order of more than 50 lines can only be shipped whole",
                ));
            }
            let lines = part.take(&mut left);
            if !lines.is_empty() {
                wanted.entry(part.location.clone()).or_default().push((part.id.clone(), lines));
            }
        }
        Ok(wanted)
    }
}

impl Part {
    fn read(part: &Object<'_>) -> Result<Self, Wrong> {
        let items = part.need("lineItems")?.object()?;
        let mut lines = Vec::new();
        for item in items.need("nodes")?.list()? {
            let item = item.object()?;
            let line = crate::api::tail(&item.need("lineItem")?.object()?.need("id")?)?;
            lines.push((item.need("id")?.text()?, line, item.need("remainingQuantity")?.whole()?));
        }
        let location = part.object("assignedLocation")?.object("location")?.text("id")?;
        let more = items.need("pageInfo")?.object()?.need("hasNextPage")?.flag()?;
        Ok(Self { id: part.need("id")?.text()?, location, lines, more })
    }

    /// Takes from `left` what this part has of it.
    fn take(&self, left: &mut BTreeMap<&str, u32>) -> Vec<(String, u32)> {
        let mut taken = Vec::new();
        for (id, line, remaining) in &self.lines {
            let Some(wanted) = left.get_mut(line.as_str()) else { continue };
            let qty = (*wanted).min(*remaining);
            if qty > 0 {
                *wanted = wanted.saturating_sub(qty);
                taken.push((id.clone(), qty));
            }
        }
        taken
    }
}

/// One `fulfillmentCreate` per location, which is as much as Shopify takes in one, all in one request, so that no crash
/// comes between them.
fn create(call: &Call<'_>, shipment: &Shipment, by_location: Wanted) -> (Result<Request, CallError>, Vec<String>) {
    let (mut heads, mut fields, mut keys, mut variables) = (Vec::new(), Vec::new(), Vec::new(), Map::new());
    for (index, parts) in by_location.into_values().enumerate() {
        let key = if index == 0 { "fulfillmentCreate".to_owned() } else { format!("f{index}") };
        let alias = if index == 0 { String::new() } else { format!("{key}: ") };
        heads.push(format!("$f{index}: FulfillmentInput!"));
        fields.push(format!(
            "{alias}fulfillmentCreate(fulfillment: $f{index}) {{ fulfillment {{ id }} userErrors {{ field message }} }}"
        ));
        variables.insert(format!("f{index}"), input(call, shipment, parts));
        keys.push(key);
    }
    let query = format!("mutation HuidanShip({}) {{ {} }}", heads.join(", "), fields.join(" "));
    (post(call, &query, Value::Object(variables)), keys)
}

fn input(call: &Call<'_>, shipment: &Shipment, parts: Vec<(String, Vec<(String, u32)>)>) -> Value {
    let parts: Vec<Value> = parts
        .into_iter()
        .map(|(id, lines)| {
            let lines: Vec<Value> = lines.into_iter().map(|(id, qty)| json!({ "id": id, "quantity": qty })).collect();
            // Without lines it is all that the part has left.
            if lines.is_empty() {
                json!({ "fulfillmentOrderId": id })
            } else {
                json!({ "fulfillmentOrderId": id, "fulfillmentOrderLineItems": lines })
            }
        })
        .collect();
    json!({
        "lineItemsByFulfillmentOrder": parts,
        "trackingInfo": tracking(shipment),
        "notifyCustomer": notify(call),
    })
}

fn change(call: &Call<'_>, shipment: &Shipment, fulfillment: &str) -> Result<Request, CallError> {
    let variables = json!({ "id": fulfillment, "info": tracking(shipment), "notify": notify(call) });
    post(call, CHANGE, variables)
}

fn tracking(shipment: &Shipment) -> Value {
    json!({ "company": company(shipment), "number": shipment.waybill })
}

fn company(shipment: &Shipment) -> &str {
    let known = || COMPANIES.iter().find(|(carrier, _)| *carrier == shipment.carrier).map(|(_, company)| *company);
    shipment.carrier_code.as_deref().or_else(known).unwrap_or(&shipment.carrier_name)
}

fn notify(call: &Call<'_>) -> bool {
    call.account.credentials.optional("notify_customer").is_none_or(|value| !value.trim().eq_ignore_ascii_case("no"))
}

fn settle(reply: &Reply, payloads: &[String]) -> Result<Confirmed, CallError> {
    let answer = data(reply, Effect::Counts)?;
    let mut said = Vec::new();
    for name in payloads {
        let refused = answer.need(name).and_then(|payload| {
            let payload = payload.object()?;
            let errors = user_errors(&payload)?;
            // Only explicit success is success: no error and no fulfilment either is no answer.
            if errors.is_empty() {
                payload.need("fulfillment")?.object()?.need("id")?;
            }
            Ok(errors)
        });
        said.extend(refused.map_err(|wrong| unclear(Effect::Counts, wrong.to_string()))?.into_iter().map(|e| e.said));
    }
    if said.is_empty() {
        return Ok(Confirmed::Told);
    }
    Err(CallError::Rejected { code: "fulfillment_refused".to_owned(), remedy: said.join("; ") })
}
