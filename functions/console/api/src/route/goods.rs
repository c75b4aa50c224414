//! Goods, what shops call them: `skus`, `listings`, `aliases`.

use super::{by_id, one, page, plan_again};
use crate::cx::{Cx, Reply};
use crate::problem::Problem;
use crate::read::{beyond, cursor, filled, limit};
use crate::sheet::{ROWS, Sheet};
use crate::table::Route;
use huidan_store::console::{Part, goods};
use huidan_wire::api::{Alias, Ask, AskListings, Listing, NewSku, Nothing, Page, PatchSku, PutListing, Role, Sku};
use huidan_world::World;

pub(super) fn routes<W: World + 'static>(routes: &mut Vec<Route<W>>) {
    routes.push(Route::get("/api/v1/skus", Role::Viewer, "The goods", list));
    routes.push(Route::post("/api/v1/skus", Role::Operator, "Add goods", add));
    routes.push(Route::get("/api/v1/skus/{sku}", Role::Viewer, "Goods of one code", show));
    let says = "Change goods";
    routes.push(Route::new(http::Method::PATCH, "/api/v1/skus/{sku}", Role::Operator, says, change));
    routes.push(Route::get("/api/v1/listings", Role::Viewer, "Shops' variants and what they stand for", listings));
    let says = "Say what a shop's variant stands for; orders that waited for it go on";
    routes.push(Route::post("/api/v1/listings", Role::Operator, says, map));
    routes.push(Route::get("/api/v1/aliases", Role::Viewer, "Other words for goods", aliases));
    let says = "Say what a word stands for; orders that waited for it go on";
    routes.push(Route::post("/api/v1/aliases", Role::Operator, says, name));
}

/// Most orders that are read anew at once.
const MOST_ORDERS: u32 = 500;
/// Limit of reading orders anew, in milliseconds.
const MEND_LIMIT_MS: u64 = 20_000;

async fn list<W: World>(cx: &Cx<'_, W>, ask: Ask) -> Result<Reply<Page<Sku>>, Problem> {
    if let Some(format) = &ask.format {
        let part = Part { limit: ROWS, ..Part::default() };
        let all = cx.look(async |db| goods::skus(db, part).await).await?;
        let row =
            |sku: Sku| vec![sku.sku, sku.title, sku.weight_g.to_string(), sku.barcode, sku.tags.join(";"), sku.bin];
        let headings = &["sku", "title", "weight_g", "barcode", "tags", "bin"];
        let sheet = Sheet { name: "skus", headings, rows: all.into_iter().map(row).collect() };
        return Ok(Reply::Whole(sheet.answer(format)?));
    }
    Ok(by_id(cx, &ask, async |db, part| goods::skus(db, part).await, |sku| &sku.sku).await?.into())
}

async fn read<W: World>(cx: &Cx<'_, W>, code: &str) -> Result<Sku, Problem> {
    one(cx, "商品 sku", code, async |db, part| goods::skus(db, part).await).await
}

async fn show<W: World>(cx: &Cx<'_, W>, _: Nothing) -> Result<Reply<Sku>, Problem> {
    Ok(read(cx, cx.id()).await?.into())
}

async fn add<W: World>(cx: &Cx<'_, W>, new: NewSku) -> Result<Reply<Sku>, Problem> {
    filled("sku", &new.sku)?;
    filled("title", &new.title)?;
    if !cx.change(async |db| goods::add_sku(db, cx.moment(), cx.actor(), &new, false).await).await? {
        return Err(Problem::exists("商品 sku", &new.sku));
    }
    read_anew(cx, None, &[&new.sku]).await?;
    Ok(Reply::made(read(cx, &new.sku).await?))
}

async fn change<W: World>(cx: &Cx<'_, W>, patch: PatchSku) -> Result<Reply<Sku>, Problem> {
    let sku = read(cx, cx.id()).await?;
    patch.title.as_deref().map_or(Ok(()), |title| filled("title", title))?;
    cx.change(async |db| goods::patch_sku(db, cx.moment(), cx.actor(), &sku.sku, &patch).await).await?;
    plan_again(cx, &["not_routed", "too_heavy", "weight_unknown"]).await?;
    Ok(read(cx, &sku.sku).await?.into())
}

async fn listings<W: World>(cx: &Cx<'_, W>, ask: AskListings) -> Result<Reply<Page<Listing>>, Problem> {
    if let Some(format) = &ask.format {
        let all = cx.look(async |db| goods::listings(db, &ask, None, ROWS).await).await?;
        return Ok(Reply::Whole(listings_sheet(all).answer(format)?));
    }
    let most = limit(ask.limit)?;
    let after: Option<(String, String)> = beyond(ask.cursor.as_deref())?;
    let after = after.as_ref().map(|(shop, variant)| (shop.as_str(), variant.as_str()));
    let items = cx.look(async |db| goods::listings(db, &ask, after, most + 1).await).await?;
    Ok(page(items, most, |listing| cursor(&(&listing.shop, &listing.ext_sku))).into())
}

fn listings_sheet(all: Vec<Listing>) -> Sheet {
    let row = |item: Listing| {
        let skus: Vec<String> = item.skus.iter().map(|part| format!("{}*{}", part.sku, part.qty)).collect();
        let share = item.stock_share.to_string();
        vec![item.shop, item.ext_sku, item.ext_item, item.outer_code, item.title, item.spec, share, skus.join(";")]
    };
    let headings = &["shop", "ext_sku", "ext_item", "outer_code", "title", "spec", "stock_share", "skus"];
    Sheet { name: "listings", headings, rows: all.into_iter().map(row).collect() }
}

/// Says which of some codes are no goods of ours.
async fn known_skus<W: World>(cx: &Cx<'_, W>, field: &str, codes: &[&str]) -> Result<(), Problem> {
    let unknown = cx.look(async |db| goods::unknown_skus(db, codes).await).await?;
    match unknown.first() {
        None => Ok(()),
        Some(code) => {
            let detail =
                format!("没有商品 {code}，请先 POST skus / there is no sku {code}; add it with POST skus first");
            Err(Problem::field("unknown_sku", field, detail))
        }
    }
}

async fn map<W: World>(cx: &Cx<'_, W>, listing: PutListing) -> Result<Reply<Listing>, Problem> {
    filled("shop", &listing.shop)?;
    filled("ext_sku", &listing.ext_sku)?;
    if listing.skus.iter().any(|sku| sku.qty == 0) {
        return Err(Problem::field("bad_value", "skus.qty", "数量至少为 1 / the quantity is 1 at least"));
    }
    if listing.stock_share.is_some_and(|share| share > 100) {
        return Err(Problem::field("bad_value", "stock_share", "百分比为 0 到 100 / the share is 0 to 100"));
    }
    one(cx, "店铺 shop", &listing.shop, async |db, part| huidan_store::console::seller::shops(db, part).await).await?;
    let codes: Vec<&str> = listing.skus.iter().map(|sku| sku.sku.as_str()).collect();
    known_skus(cx, "skus", &codes).await?;
    let put = cx
        .change(async |db| {
            goods::put_listing(db, cx.moment(), cx.actor(), &listing).await?;
            goods::one_listing(db, &listing.shop, &listing.ext_sku).await
        })
        .await?;
    read_anew(cx, Some(&listing.shop), &[&listing.ext_sku]).await?;
    Ok(put.into())
}

async fn aliases<W: World>(cx: &Cx<'_, W>, ask: Ask) -> Result<Reply<Page<Alias>>, Problem> {
    Ok(by_id(cx, &ask, async |db, part| goods::aliases(db, part).await, |alias| &alias.alias).await?.into())
}

async fn name<W: World>(cx: &Cx<'_, W>, alias: Alias) -> Result<Reply<Alias>, Problem> {
    filled("alias", &alias.alias)?;
    known_skus(cx, "sku", &[&alias.sku]).await?;
    cx.change(async |db| goods::put_alias(db, cx.moment(), cx.actor(), &alias).await).await?;
    read_anew(cx, None, &[&alias.alias]).await?;
    Ok(alias.into())
}

/// Orders with a line that nobody knew are read anew when it is among these words; the conductor does it.
pub(super) async fn read_anew<W: World>(cx: &Cx<'_, W>, shop: Option<&str>, words: &[&str]) -> Result<(), Problem> {
    let ids = cx.look(async |db| goods::waiting_for(db, shop, words, MOST_ORDERS).await).await?;
    if ids.is_empty() {
        return Ok(());
    }
    // The mapping stands; if the conductor is away the orders wait, and the same request again mends them.
    if let Err(missed) = cx.world.call::<_, usize>("flow-intake", "/mend", &ids, MEND_LIMIT_MS).await {
        cx.world.log(format_args!("console-api: orders not read anew: {missed}"));
    }
    Ok(())
}
