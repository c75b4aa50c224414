//! Which orders changed: the orders of a window first, then those whose after-sales changed in it, since nothing says
//! that an after-sale moves its order's own time of change.

use crate::api::{self, Answer};
use huidan_channel::{Listed, Page};
use huidan_domain::Window;
use huidan_exchange::json::{Object, Wrong};
use huidan_exchange::{Call, CallError, Effect, Next, Reply, Request, rejected, unreadable};
use serde_json::json;

const ORDERS: &str = "/channels/ec/order/list/get";
const AFTER_SALES: &str = "/channels/ec/aftersale/getaftersalelist";
const AFTER_SALE: &str = "/channels/ec/aftersale/getaftersaleorder";
/// Orders on a page, the most that WeChat gives.
const PAGE: u32 = 100;
/// After-sales looked up at a time: each is a call of its own.
const LOOKED_UP: usize = 20;
/// The longest span that the list of after-sales takes, in milliseconds.
const DAY_MS: i64 = 86_400_000;

/// Where the list stands. WeChat's own key says where its next page begins.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Place {
    Orders { key: String },
    AfterSales { from: usize, key: String },
}

impl Place {
    fn parse(cursor: Option<&str>) -> Option<Self> {
        let Some(cursor) = cursor else { return Some(Self::Orders { key: String::new() }) };
        if let Some(key) = cursor.strip_prefix("orders:") {
            return Some(Self::Orders { key: key.to_owned() });
        }
        let (from, key) = cursor.strip_prefix("after-sales:")?.split_once(':')?;
        Some(Self::AfterSales { from: from.parse().ok()?, key: key.to_owned() })
    }

    fn written(&self) -> String {
        match self {
            Self::Orders { key } => format!("orders:{key}"),
            Self::AfterSales { from, key } => format!("after-sales:{from}:{key}"),
        }
    }
}

/// One page.
pub(crate) fn list(call: &Call<'_>, window: Window, cursor: Option<&str>) -> Result<Next<Page>, CallError> {
    if window.to.since(window.from) > DAY_MS {
        return Err(rejected("window_too_long", "一次最多查一天 / at most a day at a time"));
    }
    match Place::parse(cursor) {
        Some(Place::Orders { key }) => orders(call, window, &key),
        Some(Place::AfterSales { from, key }) => after_sales(call, window, from, &key),
        None => Err(rejected("no_such_page", "翻页位置无法识别，请重新列出 / no such page: list again")),
    }
}

/// The window in whole seconds, not narrower than it is.
fn seconds(window: Window) -> (i64, i64) {
    (window.from.0.div_euclid(1000), window.to.0.saturating_add(999).div_euclid(1000))
}

fn orders(call: &Call<'_>, window: Window, key: &str) -> Result<Next<Page>, CallError> {
    let Some(reply) = call.replies.first() else {
        let (start, end) = seconds(window);
        let mut body = json!({"update_time_range": {"start_time": start, "end_time": end}, "page_size": PAGE});
        if let Some(fields) = body.as_object_mut().filter(|_| !key.is_empty()) {
            fields.insert("next_key".to_owned(), key.into());
        }
        return api::post(call, ORDERS, &body).map(Next::Send);
    };
    let envelope = given(call, reply)?;
    let ids = ids(&envelope, "order_id_list").map_err(lost)?;
    let next = match following(&envelope, key)? {
        Some(key) => Place::Orders { key },
        None => Place::AfterSales { from: 0, key: String::new() },
    };
    let orders = ids.into_iter().map(listed).collect();
    Ok(Next::Done(Page { orders, next: Some(next.written()) }))
}

fn after_sales(call: &Call<'_>, window: Window, from: usize, key: &str) -> Result<Next<Page>, CallError> {
    let mut replies = call.replies.iter();
    let Some(reply) = replies.next() else {
        let (start, end) = seconds(window);
        let mut body = json!({"begin_update_time": start, "end_update_time": end});
        if let Some(fields) = body.as_object_mut().filter(|_| !key.is_empty()) {
            fields.insert("next_key".to_owned(), key.into());
        }
        return api::post(call, AFTER_SALES, &body).map(Next::Send);
    };
    let envelope = given(call, reply)?;
    let ids = ids(&envelope, "after_sale_order_id_list").map_err(lost)?;
    let mut found: Vec<String> = Vec::new();
    for id in ids.iter().skip(from).take(LOOKED_UP) {
        let Some(reply) = replies.next() else { return ask(call, id).map(Next::Send) };
        // One that WeChat will not show must not keep the others from being seen.
        let order = match asked(call, reply)? {
            Some(after_sale) => after_sale.need("order_id").and_then(|id| id.id()).map_err(lost)?,
            None => continue,
        };
        if !found.contains(&order) {
            found.push(order);
        }
    }
    let next = if from + LOOKED_UP < ids.len() {
        Some(Place::AfterSales { from: from + LOOKED_UP, key: key.to_owned() })
    } else {
        following(&envelope, key)?.map(|key| Place::AfterSales { from: 0, key })
    };
    let orders = found.into_iter().map(listed).collect();
    Ok(Next::Done(Page { orders, next: next.map(|place| place.written()) }))
}

/// The request for an after-sale.
pub(crate) fn ask(call: &Call<'_>, id: &str) -> Result<Request, CallError> {
    api::post(call, AFTER_SALE, &json!({"after_sale_order_id": id}))
}

/// The after-sale in an answer to [`ask`]; `None` when WeChat refuses to show it.
pub(crate) fn asked<'a>(call: &Call<'_>, reply: &'a Reply) -> Result<Option<Object<'a>>, CallError> {
    match api::answer(call, reply, Effect::Harmless, &[])? {
        Answer::Given(envelope) => {
            envelope.need("after_sale_order").and_then(|found| found.object()).map(Some).map_err(lost)
        }
        Answer::Refused(_) => Ok(None),
    }
}

fn given<'a>(call: &Call<'_>, reply: &'a Reply) -> Result<Object<'a>, CallError> {
    match api::answer(call, reply, Effect::Harmless, &[])? {
        Answer::Given(envelope) => Ok(envelope),
        Answer::Refused(refused) => Err(refused.rejected()),
    }
}

fn ids(envelope: &Object<'_>, name: &str) -> Result<Vec<String>, Wrong> {
    envelope.list(name)?.iter().map(|id| id.id()).collect()
}

/// The key of the next page; a page that leads nowhere would be asked for for ever.
fn following(envelope: &Object<'_>, key: &str) -> Result<Option<String>, CallError> {
    if !envelope.flag("has_more").map_err(lost)? {
        return Ok(None);
    }
    let next = envelope.text("next_key").map_err(lost)?;
    if next.is_empty() || next == key {
        return Err(lost(envelope.wrong("next_key", "leads to no other page")));
    }
    Ok(Some(next))
}

fn listed(ext_id: String) -> Listed {
    Listed { ext_id, updated_at: None, document: None }
}

#[expect(clippy::needless_pass_by_value, reason = "the form that map_err asks for")]
fn lost(wrong: Wrong) -> CallError {
    unreadable(&wrong, Effect::Harmless)
}
