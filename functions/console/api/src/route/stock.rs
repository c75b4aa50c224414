//! Stock as people count it.

use super::{page, plan_again};
use crate::cx::{Cx, Reply};
use crate::problem::Problem;
use crate::read::{beyond, cursor, limit};
use crate::sheet::{ROWS, Sheet};
use crate::table::Route;
use huidan_store::console::{Part, goods, seller, shelf};
use huidan_wire::api::{AskStock, Page, Role, SetStock, Stock};
use huidan_world::World;

pub(super) fn routes<W: World + 'static>(routes: &mut Vec<Route<W>>) {
    routes.push(Route::get("/api/v1/stock", Role::Viewer, "What is on the shelf", list));
    let says =
        "Count the shelf: sets what is on hand by a move of the ledger; shops are told, orders that waited go on";
    routes.push(Route::post("/api/v1/stock", Role::Operator, says, set));
}

async fn list<W: World>(cx: &Cx<'_, W>, ask: AskStock) -> Result<Reply<Page<Stock>>, Problem> {
    if let Some(format) = &ask.format {
        let all = cx.look(async |db| shelf::stock(db, &ask, None, ROWS).await).await?;
        let row = |row: Stock| vec![row.sku, row.warehouse, row.on_hand.to_string(), row.reserved.to_string()];
        let headings = &["sku", "warehouse", "on_hand", "reserved"];
        let sheet = Sheet { name: "stock", headings, rows: all.into_iter().map(row).collect() };
        return Ok(Reply::Whole(sheet.answer(format)?));
    }
    let most = limit(ask.limit)?;
    let after: Option<(String, String)> = beyond(ask.cursor.as_deref())?;
    let after = after.as_ref().map(|(sku, warehouse)| (sku.as_str(), warehouse.as_str()));
    let items = cx.look(async |db| shelf::stock(db, &ask, after, most + 1).await).await?;
    Ok(page(items, most, |stock| cursor(&(&stock.sku, &stock.warehouse))).into())
}

async fn set<W: World>(cx: &Cx<'_, W>, count: SetStock) -> Result<Reply<Stock>, Problem> {
    if cx.look(async |db| goods::skus(db, Part::one(&count.sku)).await).await?.is_empty() {
        return Err(Problem::field("unknown_sku", "sku", "请先 POST skus / add it with POST skus first"));
    }
    if cx.look(async |db| seller::warehouses(db, Part::one(&count.warehouse)).await).await?.is_empty() {
        let detail = "请先 POST warehouses / add it with POST warehouses first";
        return Err(Problem::field("unknown_warehouse", "warehouse", detail));
    }
    let stock = cx.change(async |db| shelf::set(db, cx.moment(), cx.actor(), &count).await).await?;
    counted(cx).await?;
    Ok(stock.into())
}

/// After a count: orders that waited for goods are planned anew, shops are told.
pub(super) async fn counted<W: World>(cx: &Cx<'_, W>) -> Result<(), Problem> {
    plan_again(cx, &["stock_short"]).await?;
    for shop in cx.look(async |db| huidan_store::shops::all(db).await).await?.into_keys() {
        cx.world.wake("flow-deliver", &shop);
    }
    Ok(())
}
