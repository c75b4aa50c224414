//! What changed inside a window: first the orders, then the after-sales, each from its last page to its first.
//!
//! After-sales are listed too because nothing says that they touch their order's time of change, and the platform
//! pushes no change of theirs.

use crate::api;
use huidan_channel::{Listed, Page};
use huidan_domain::Window;
use huidan_exchange::json::{Json, Wrong};
use huidan_exchange::{Call, CallError, Effect, Next, Reply, Request, rejected, unreadable};
use serde_json::json;

/// Entries on a page: the most the platform gives.
const PAGE: u64 = 100;
/// The longest span that it takes by time of change, in seconds.
const LONGEST_S: i64 = 1800;

/// What is listed, and the names it has there.
struct Source {
    method: &'static str,
    list: &'static str,
    total: &'static str,
    changed: &'static str,
    /// The deepest page that can be asked for.
    deepest: u64,
    /// How many of its units of time a second has.
    second: i64,
}

const ORDERS: Source = Source {
    method: "order.getOrderList",
    list: "orderList",
    total: "total",
    changed: "updateTime",
    deepest: 100,
    second: 1,
};

const AFTER_SALES: Source = Source {
    method: "afterSale.listAfterSaleInfos",
    list: "afterSaleBasicInfos",
    total: "totalCount",
    changed: "updatedAt",
    deepest: 500,
    second: 1000,
};

/// Where the list goes on: the cursor, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Place {
    after_sales: bool,
    /// In seconds.
    from: i64,
    /// In seconds.
    to: i64,
    /// The page to read; 0 where it is not known yet how many there are.
    page: u64,
}

/// One page. The list is sorted by time of change and shifts while it is read: from its last page to its first,
/// whatever moves is met again instead of missed. A window with more pages than can be asked for is narrowed.
pub(crate) fn list(call: &Call<'_>, window: Window, cursor: Option<&str>) -> Result<Next<Page>, CallError> {
    let whole = whole(window);
    if whole.to - whole.from > LONGEST_S {
        return Err(rejected("window_too_long", "按更新时间一次最多查 30 分钟 / at most half an hour at a time"));
    }
    let mut place = match cursor {
        None => whole,
        Some(text) => Place::parse(text).ok_or_else(|| {
            rejected("bad_cursor", "翻页位置无法识别，请重新拉取 / no such place in the list: begin again")
        })?,
    };
    let mut replies = call.replies.iter();
    while place.page == 0 {
        let Some(first) = replies.next() else { return page_of(call, &place).map(Next::Send) };
        let pages = total(first, place.source())?.div_ceil(PAGE);
        if pages > place.source().deepest {
            place = place.narrowed()?;
            continue;
        }
        place.page = pages.max(1);
        if place.page == 1 {
            return read(first, &place, &whole).map(Next::Done);
        }
    }
    match replies.next() {
        None => page_of(call, &place).map(Next::Send),
        Some(reply) => read(reply, &place, &whole).map(Next::Done),
    }
}

/// The window in whole seconds, outwards.
fn whole(window: Window) -> Place {
    let (from, to) = (window.from.0.div_euclid(1000), window.to.0.div_euclid(1000) + 1);
    Place { after_sales: false, from, to, page: 0 }
}

impl Place {
    fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('.');
        let (what, from, to, page) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let place =
            Self { after_sales: what == "a", from: from.parse().ok()?, to: to.parse().ok()?, page: page.parse().ok()? };
        (place.text() == text).then_some(place)
    }

    fn text(&self) -> String {
        format!("{}.{}.{}.{}", if self.after_sales { "a" } else { "o" }, self.from, self.to, self.page)
    }

    const fn source(&self) -> &'static Source {
        if self.after_sales { &AFTER_SALES } else { &ORDERS }
    }

    /// The first half; the rest follows once it is read.
    fn narrowed(self) -> Result<Self, CallError> {
        if self.to - self.from < 2 {
            let remedy = "一秒内的变更超过平台能翻的页数，请在千帆核对 / more changed within a second than the platform will \
                          list: compare in its back office";
            return Err(rejected("too_many_changes", remedy));
        }
        Ok(Self { to: self.from + (self.to - self.from) / 2, ..self })
    }

    /// What comes after this page. The second at which a window was cut is read twice.
    fn after(&self, whole: &Self) -> Option<Self> {
        match (self.page > 1, self.to < whole.to, self.after_sales) {
            (true, _, _) => Some(Self { page: self.page - 1, ..*self }),
            (false, true, _) => Some(Self { from: self.to, to: whole.to, page: 0, ..*self }),
            (false, false, false) => Some(Self { after_sales: true, ..*whole }),
            (false, false, true) => None,
        }
    }
}

/// All types and all statuses, by time of change.
fn page_of(call: &Call<'_>, place: &Place) -> Result<Request, CallError> {
    let source = place.source();
    let mut fields = json!({
        "startTime": place.from * source.second,
        "endTime": place.to * source.second,
        "timeType": 2,
        "pageNo": place.page.max(1),
        "pageSize": PAGE,
    });
    if let (false, Some(fields)) = (place.after_sales, fields.as_object_mut()) {
        fields.insert("orderType".to_owned(), 0.into());
        fields.insert("orderStatus".to_owned(), 0.into());
    }
    api::request(call, source.method, fields)
}

fn total(reply: &Reply, source: &Source) -> Result<u64, CallError> {
    let data = api::data(api::answer(reply, Effect::Harmless, &[])?)?;
    data.need(source.total).and_then(|total| total.whole()).map_err(lost)
}

fn read(reply: &Reply, place: &Place, whole: &Place) -> Result<Page, CallError> {
    let source = place.source();
    let data = api::data(api::answer(reply, Effect::Harmless, &[])?)?;
    data.need(source.total).map_err(lost)?;
    let entries = data.list(source.list).map_err(lost)?;
    let orders = entries.iter().map(|entry| listed(entry, source)).collect::<Result<Vec<_>, _>>().map_err(lost)?;
    Ok(Page { orders, next: place.after(whole).map(|next| next.text()) })
}

fn listed(entry: &Json<'_>, source: &Source) -> Result<Listed, Wrong> {
    let entry = entry.object()?;
    let updated_at = Some(entry.need(source.changed)?.whole()?);
    Ok(Listed { ext_id: entry.need("orderId")?.id()?, updated_at, document: None })
}

fn lost(wrong: Wrong) -> CallError {
    unreadable(&wrong, Effect::Harmless)
}
