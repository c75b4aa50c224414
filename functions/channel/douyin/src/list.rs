//! Which orders changed.

use crate::api;
use crate::order;
use huidan_channel::{Listed, Page};
use huidan_domain::Window;
use huidan_exchange::json::{Json, Object, Wrong};
use huidan_exchange::{Call, CallError, Effect, Next, Request, rejected};
use serde_json::json;

const LIST: &str = "order.searchList";
/// Orders on a page, the most it takes.
const PAGE: u64 = 100;
/// The list ends here, whatever lies behind.
const DEPTH: u64 = 50_000;

/// Where in a window the reading stands, in seconds since 1970. As cursor: `from-until-page`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    from: i64,
    /// The end of the window, or sooner where the whole of it is deeper than the list.
    until: i64,
    /// Counted from 0; `None` until it is known how many there are.
    page: Option<u64>,
}

impl Place {
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '-');
        let (from, until, page) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?);
        let page = if page.is_empty() { None } else { Some(page.parse().ok()?) };
        Some(Self { from, until, page })
    }

    fn written(self) -> String {
        format!("{}-{}-{}", self.from, self.until, self.page.map_or_else(String::new, |page| page.to_string()))
    }

    /// What is to be read after `page`: the page before it, or the rest of the window.
    fn after(self, page: u64, end: i64) -> Option<Self> {
        match page.checked_sub(1) {
            Some(page) => Some(Self { page: Some(page), ..self }),
            None if self.until < end => Some(Self { from: self.until, until: end, page: None }),
            None => None,
        }
    }
}

/// One page. Oldest change first, and from the last page to the first: an order that changes meanwhile leaves the
/// window, those behind it move towards the front, and there they are still met.
///
/// A window with more orders than the list goes deep is halved until it has not.
pub(crate) fn list(call: &Call<'_>, window: Window, cursor: Option<&str>) -> Result<Next<Page>, CallError> {
    let (start, end) = (window.from.0.div_euclid(1000), window.to.0.div_euclid(1000) + 1);
    let whole = Place { from: start, until: end, page: None };
    let mut place = match cursor {
        Some(cursor) => Place::parse(cursor).ok_or_else(|| rejected("cursor", "游标无效 / no such cursor"))?,
        None => whole,
    };
    for reply in call.replies {
        let data = api::given(reply, Effect::Harmless)?;
        let Some(page) = place.page else {
            let total: u64 = data.need("total").and_then(|total| total.whole()).map_err(api::lost)?;
            if total <= PAGE {
                return page_of(&data, place.after(0, end)).map(Next::Done);
            }
            place = narrowed(place, total)?;
            continue;
        };
        return page_of(&data, place.after(page, end)).map(Next::Done);
    }
    ask(call, place).map(Next::Send)
}

/// The last page, or half of the time where that lies too deep.
fn narrowed(place: Place, total: u64) -> Result<Place, CallError> {
    if total <= DEPTH {
        return Ok(Place { page: Some(total.div_ceil(PAGE).saturating_sub(1)), ..place });
    }
    let half = (place.until - place.from) / 2;
    if half < 1 {
        return Err(rejected(
            "too_many_at_once",
            "一秒内变更的订单超过五万，平台无法列出 / more orders changed in a second than the platform lists",
        ));
    }
    Ok(Place { until: place.from + half, ..place })
}

fn ask(call: &Call<'_>, place: Place) -> Result<Request, CallError> {
    // No filter by type or status: every one that is left out is an order nobody sees.
    let parameters = json!({
        "update_time_start": place.from,
        "update_time_end": place.until,
        "size": PAGE,
        "page": place.page.unwrap_or(0),
        "order_by": "update_time",
        "order_asc": true,
    });
    api::request(call, LIST, &parameters)
}

fn page_of(data: &Object<'_>, next: Option<Place>) -> Result<Page, CallError> {
    data.need("total").map_err(api::lost)?;
    let orders = data.list("shop_order_list").and_then(|all| all.iter().map(listed).collect()).map_err(api::lost)?;
    Ok(Page { orders, next: next.map(Place::written) })
}

/// The list holds the whole order, but of its after-sales only the newest per line: such an order is fetched.
fn listed(entry: &Json<'_>) -> Result<Listed, Wrong> {
    let fields = entry.object()?;
    // What cannot be read is fetched too: it lands in quarantine by itself and takes no other order along.
    let updated_at = order::instant(&fields, "update_time").ok().flatten().map(|at| at.0);
    let whole = order::has_after_sales(&fields).is_ok_and(|has| !has);
    let document = whole.then(|| order::document(entry.raw().to_owned()));
    Ok(Listed { ext_id: order::id(&fields)?, updated_at, document })
}
