//! Which orders changed.

use crate::api::{self, Answer};
use huidan_channel::{Listed, Page};
use huidan_domain::{Millis, Window};
use huidan_exchange::json::{Json, Object, Wrong};
use huidan_exchange::{Call, CallError, Effect, Next, Reply, Request, rejected, time, unreadable};
use serde_json::json;

const LIST: &str = "jingdong.pop.order.enSearch";
/// Orders on a page: some pages of the platform say 100, some 50.
const PAGE: u64 = 50;
/// Behind this page the platform answers with nothing, and says so nowhere.
const LAST_PAGE: u64 = 100;
/// The longest span that the list takes, in milliseconds.
const MONTH_MS: i64 = 30 * 86_400_000;

/// A part of the window, and which of its pages to read; `None` before it is known how many there are.
#[derive(Debug, Clone, Copy)]
struct Span {
    from: Millis,
    to: Millis,
    page: Option<u64>,
}

/// One page.
///
/// An order that changes while the list is read leaves its window and all behind it move up, so pages are read from
/// the last to the first: whatever moves is met again instead of missed. A window of more pages than the platform
/// shows is read in parts, the latest first.
pub(crate) fn list(call: &Call<'_>, window: Window, cursor: Option<&str>) -> Result<Next<Page>, CallError> {
    if window.to.since(window.from) > MONTH_MS {
        return Err(rejected("window_too_long", "一次最多查一个月 / at most a month at a time"));
    }
    let whole = Span { from: window.from, to: window.to, page: None };
    let mut span = cursor.and_then(Span::parse).unwrap_or(whole);
    for reply in call.replies {
        if span.page.is_some() {
            return read(reply, span, window).map(Next::Done);
        }
        match pages(reply)? {
            0 | 1 => return read(reply, span, window).map(Next::Done),
            most if most <= LAST_PAGE => span.page = Some(most),
            _ => span = span.later_half()?,
        }
    }
    span.ask(call).map(Next::Send)
}

impl Span {
    fn parse(cursor: &str) -> Option<Self> {
        let mut parts = cursor.split('~');
        let (from, to, page) = (parts.next()?, parts.next()?, parts.next()?);
        Some(Self { from: Millis(from.parse().ok()?), to: Millis(to.parse().ok()?), page: page.parse().ok() })
    }

    fn cursor(self) -> String {
        let page = self.page.map(|page| page.to_string()).unwrap_or_default();
        format!("{}~{}~{page}", self.from.0, self.to.0)
    }

    /// What comes after this page: the page before it, or the part of the window before this part.
    fn next(self, window: Window) -> Option<Self> {
        match self.page {
            Some(page) if page > 1 => Some(Self { page: Some(page - 1), ..self }),
            _ if self.from > window.from => Some(Self { from: window.from, to: self.from, page: None }),
            _ => None,
        }
    }

    fn later_half(self) -> Result<Self, CallError> {
        let seconds = self.to.since(self.from) / 2000;
        if seconds < 1 {
            return Err(rejected(
                "too_many_orders",
                "同一秒内变化的订单超过平台可翻的页数 / more orders changed in one second than the platform shows",
            ));
        }
        Ok(Self { from: self.to.plus_seconds(-seconds), ..self })
    }

    fn ask(self, call: &Call<'_>) -> Result<Request, CallError> {
        let parameters = json!({
            "start_date": time::to_local(self.from, time::CHINA),
            // Whether the end belongs to it is not said; a second more costs nothing.
            "end_date": time::to_local(self.to.plus_seconds(1), time::CHINA),
            "order_state": "ALL",
            "optional_fields": "orderId,modified",
            "page": self.page.unwrap_or(1).to_string(),
            "page_size": PAGE.to_string(),
            "sortType": "1",
            // Anything but 1 is the time of change.
            "dateType": "0",
        });
        api::request(call, LIST, &parameters)
    }
}

fn pages(reply: &Reply) -> Result<u64, CallError> {
    let total: u64 = opened(reply)?.need("orderTotal").and_then(|total| total.whole()).map_err(lost)?;
    Ok(total.div_ceil(PAGE))
}

fn read(reply: &Reply, span: Span, window: Window) -> Result<Page, CallError> {
    let result = opened(reply)?;
    let total: u64 = result.need("orderTotal").and_then(|total| total.whole()).map_err(lost)?;
    let entries = result.list("orderInfoList").map_err(lost)?;
    let orders = entries.iter().map(listed).collect::<Result<Vec<_>, _>>().map_err(lost)?;
    // Of the first page at least something must be there where the total says so.
    if orders.is_empty() && total > 0 && span.page.unwrap_or(1) == 1 {
        return Err(lost(result.wrong("orderInfoList", "is empty although there are orders")));
    }
    Ok(Page { orders, next: span.next(window).map(Span::cursor) })
}

fn opened(reply: &Reply) -> Result<Object<'_>, CallError> {
    let envelope = match api::answer(reply, LIST, Effect::Harmless)? {
        Answer::Given(envelope) => envelope,
        Answer::Refused(refused) => return Err(refused.rejected()),
    };
    let result = envelope.need("searchorderinfo_result").and_then(|result| result.object()).map_err(lost)?;
    if let Some(said) = result.get("apiResult") {
        let said = said.object().map_err(lost)?;
        api::operated(&said, Effect::Harmless)?.map_err(crate::errors::Refused::rejected)?;
    }
    Ok(result)
}

fn listed(order: &Json<'_>) -> Result<Listed, Wrong> {
    let order = order.object()?;
    let modified = order.need("modified")?;
    let at = time::local(&modified.text()?, time::CHINA).ok_or_else(|| modified.wrong("is no time"))?;
    Ok(Listed { ext_id: order.need("orderId")?.id()?, updated_at: Some(at.0), document: None })
}

#[expect(clippy::needless_pass_by_value, reason = "what `map_err` hands over")]
fn lost(wrong: Wrong) -> CallError {
    unreadable(&wrong, Effect::Harmless)
}
