//! The handlers, by resource. Each file lists its own routes.

mod carriers;
mod desk;
mod goods;
mod health;
mod import;
mod notices;
mod offers;
mod openapi;
mod order_import;
mod orders;
mod packages;
mod parcels;
mod people;
mod printers;
mod prints;
mod replay;
mod rules;
mod scan;
mod shadow;
mod shops;
mod stock;
mod telling;
mod warehouses;
mod waves;
mod waybills;
mod webhooks;

use crate::cx::Cx;
use crate::problem::Problem;
use crate::read::{beyond, cursor, limit};
use crate::table::Route;
use huidan_store::console::Part;
use huidan_wire::api::{Ask, Page};
use huidan_world::World;

/// Every route.
pub(crate) fn all<W: World + 'static>(routes: &mut Vec<Route<W>>) {
    shops::routes(routes);
    shadow::routes(routes);
    carriers::routes(routes);
    waybills::routes(routes);
    warehouses::routes(routes);
    printers::routes(routes);
    goods::routes(routes);
    stock::routes(routes);
    orders::routes(routes);
    packages::routes(routes);
    parcels::routes(routes);
    offers::routes(routes);
    prints::routes(routes);
    waves::routes(routes);
    scan::routes(routes);
    replay::routes(routes);
    rules::routes(routes);
    import::routes(routes);
    order_import::routes(routes);
    desk::routes(routes);
    telling::routes(routes);
    people::routes(routes);
    notices::routes(routes);
    webhooks::routes(routes);
    health::routes(routes);
    openapi::routes(routes);
}

/// Reads a page of a list that goes by its ids; `id` says an item's.
async fn by_id<W: World, T>(
    cx: &Cx<'_, W>,
    ask: &Ask,
    list: impl AsyncFn(&W::Db, Part<'_>) -> Result<Vec<T>, huidan_store::StoreError>,
    id: impl Fn(&T) -> &str,
) -> Result<Page<T>, Problem> {
    let most = limit(ask.limit)?;
    let after: Option<String> = beyond(ask.cursor.as_deref())?;
    let items =
        cx.look(async |db| list(db, Part { one: None, after: after.as_deref(), limit: most + 1 }).await).await?;
    Ok(page(items, most, |item| cursor(&id(item))))
}

/// Cuts what was read one too many, and says where the next page begins.
fn page<T>(mut items: Vec<T>, most: u32, cursor: impl Fn(&T) -> Option<String>) -> Page<T> {
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let more = items.len() > most;
    items.truncate(most);
    let next = items.last().filter(|_| more).and_then(cursor);
    Page { items, next }
}

/// Reads one thing of a list that goes by its ids.
async fn one<W: World, T>(
    cx: &Cx<'_, W>,
    what: &str,
    id: &str,
    list: impl AsyncFn(&W::Db, Part<'_>) -> Result<Vec<T>, huidan_store::StoreError>,
) -> Result<T, Problem> {
    let found = cx.look(async |db| list(db, Part::one(id)).await).await?;
    found.into_iter().next().ok_or_else(|| Problem::unknown(what, id))
}

/// Has orders planned anew that wait for something that may be there now.
async fn plan_again<W: World>(cx: &Cx<'_, W>, reasons: &[&str]) -> Result<(), Problem> {
    let now = cx.moment().now;
    if cx.look(async |db| huidan_store::plan::want_held_for(db, now, reasons).await).await? > 0 {
        cx.world.wake("flow-plan", "plan");
    }
    Ok(())
}
