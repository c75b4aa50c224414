//! Spreadsheets in: goods, mappings, stock.

use super::goods::read_anew;
use super::stock::counted;
use crate::cx::{Cx, Reply};
use crate::problem::Problem;
use crate::sheet::{self, Row};
use crate::table::Route;
use huidan_store::console::{Part, goods, seller, shelf};
use huidan_wire::SkuQty;
use huidan_wire::api::{Imported, NewSku, Nothing, PutListing, Role, RowProblem, SetStock};
use huidan_world::World;

pub(super) fn routes<W: World + 'static>(routes: &mut Vec<Route<W>>) {
    let says = "Goods from CSV or XLSX (sku, title, weight_g, barcode, tags, bin); known ones are changed";
    routes.push(Route::file("/api/v1/skus/import", Role::Operator, says, skus));
    let says = "Mappings from CSV or XLSX (shop, ext_sku, skus as CODE*2;CODE, …)";
    routes.push(Route::file("/api/v1/listings/import", Role::Operator, says, listings));
    let says = "A count of the shelf from CSV or XLSX (sku, warehouse, on_hand)";
    routes.push(Route::file("/api/v1/stock/import", Role::Operator, says, stock));
}

fn problem(row: u32, column: &str, detail: impl Into<String>) -> RowProblem {
    RowProblem { row, column: column.to_owned(), detail: detail.into() }
}

/// A cell that must be filled.
fn needed(line: u32, row: &Row, column: &str) -> Result<String, RowProblem> {
    let cell = row.get(column).filter(|cell| !cell.is_empty()).cloned();
    cell.ok_or_else(|| problem(line, column, format!("请填写 {column} / fill in {column}")))
}

/// A cell that holds a whole number, or nothing.
fn number(line: u32, row: &Row, column: &str) -> Result<Option<u32>, RowProblem> {
    let Some(cell) = row.get(column).filter(|cell| !cell.is_empty()) else { return Ok(None) };
    let read = cell.parse().map(Some);
    read.map_err(|_| problem(line, column, format!("{column} 应为整数 / {column} must be a whole number")))
}

/// Sorts rows into those that can be taken and what is wrong with the others.
fn sorted<T>(
    rows: Vec<(u32, Row)>,
    read: impl Fn(u32, &Row) -> Result<T, RowProblem>,
) -> (Vec<(u32, T)>, Vec<RowProblem>) {
    let (mut taken, mut problems) = (Vec::new(), Vec::new());
    for (line, row) in rows {
        match read(line, &row) {
            Ok(item) => taken.push((line, item)),
            Err(wrong) => problems.push(wrong),
        }
    }
    (taken, problems)
}

fn answer(taken: usize, known: usize, problems: Vec<RowProblem>) -> Reply<Imported> {
    let count = |count| u32::try_from(count).unwrap_or(u32::MAX);
    Imported { taken: count(taken), known: count(known), problems }.into()
}

async fn skus<W: World>(cx: &Cx<'_, W>, _: Nothing) -> Result<Reply<Imported>, Problem> {
    let (items, problems) = sorted(sheet::read(&cx.body)?, |line, row| {
        let text = |column: &str| row.get(column).cloned().unwrap_or_default();
        Ok(NewSku {
            sku: needed(line, row, "sku")?,
            title: needed(line, row, "title")?,
            weight_g: number(line, row, "weight_g")?.unwrap_or(0),
            barcode: text("barcode"),
            tags: text("tags").split([';', ',', ' ']).filter(|tag| !tag.is_empty()).map(str::to_owned).collect(),
            bin: text("bin"),
        })
    });
    cx.change(async |db| {
        for (_, sku) in &items {
            goods::add_sku(db, cx.moment(), cx.actor(), sku, true).await?;
        }
        Ok(())
    })
    .await?;
    let codes: Vec<&str> = items.iter().map(|(_, sku)| sku.sku.as_str()).collect();
    read_anew(cx, None, &codes).await?;
    Ok(answer(items.len(), 0, problems))
}

/// `CODE*2;CODE`: what one of a variant is made of.
fn parts(line: u32, text: &str) -> Result<Vec<SkuQty>, RowProblem> {
    let part = |part: &str| match part.rsplit_once('*') {
        None => Some(SkuQty { sku: part.to_owned(), qty: 1 }),
        Some((sku, qty)) => {
            let qty = qty.trim().parse().ok().filter(|&qty| qty > 0)?;
            Some(SkuQty { sku: sku.trim().to_owned(), qty })
        }
    };
    let parts: Option<Vec<SkuQty>> = text.split(';').map(str::trim).filter(|text| !text.is_empty()).map(part).collect();
    parts.ok_or_else(|| problem(line, "skus", "请写成 CODE*2;CODE / write it as CODE*2;CODE"))
}

async fn listings<W: World>(cx: &Cx<'_, W>, _: Nothing) -> Result<Reply<Imported>, Problem> {
    let (mut items, mut problems) = sorted(sheet::read(&cx.body)?, |line, row| {
        let text = |column: &str| row.get(column).filter(|cell| !cell.is_empty()).cloned();
        Ok(PutListing {
            shop: needed(line, row, "shop")?,
            ext_sku: needed(line, row, "ext_sku")?,
            ext_item: text("ext_item"),
            outer_code: text("outer_code"),
            title: text("title"),
            spec: text("spec"),
            stock_share: number(line, row, "stock_share")?.map(|share| share.min(100)),
            skus: parts(line, &text("skus").unwrap_or_default())?,
        })
    });
    let codes: Vec<&str> = items.iter().flat_map(|(_, item)| item.skus.iter().map(|sku| sku.sku.as_str())).collect();
    let unknown = cx.look(async |db| goods::unknown_skus(db, &codes).await).await?;
    let shops = cx.look(async |db| huidan_store::shops::all(db).await).await?;
    items.retain(|(line, item)| {
        let wrong = if !shops.contains_key(&item.shop) {
            Some(problem(*line, "shop", "没有此店铺 / there is no such shop"))
        } else if item.skus.iter().any(|sku| unknown.contains(&sku.sku)) {
            Some(problem(*line, "skus", "没有此商品，请先导入商品 / no such goods; import the goods first"))
        } else {
            None
        };
        let fits = wrong.is_none();
        problems.extend(wrong);
        fits
    });
    cx.change(async |db| {
        for (_, listing) in &items {
            goods::put_listing(db, cx.moment(), cx.actor(), listing).await?;
        }
        Ok(())
    })
    .await?;
    let variants: Vec<&str> = items.iter().map(|(_, listing)| listing.ext_sku.as_str()).collect();
    read_anew(cx, None, &variants).await?;
    Ok(answer(items.len(), 0, problems))
}

async fn stock<W: World>(cx: &Cx<'_, W>, _: Nothing) -> Result<Reply<Imported>, Problem> {
    let (mut items, mut problems) = sorted(sheet::read(&cx.body)?, |line, row| {
        let on_hand = number(line, row, "on_hand")?;
        let on_hand = on_hand.ok_or_else(|| problem(line, "on_hand", "请填写 on_hand / fill in on_hand"))?;
        Ok(SetStock { sku: needed(line, row, "sku")?, warehouse: needed(line, row, "warehouse")?, on_hand })
    });
    let codes: Vec<&str> = items.iter().map(|(_, item)| item.sku.as_str()).collect();
    let unknown = cx.look(async |db| goods::unknown_skus(db, &codes).await).await?;
    let part = Part { limit: u32::MAX, ..Part::default() };
    let houses = cx.look(async |db| seller::warehouses(db, part).await).await?;
    items.retain(|(line, item)| {
        let wrong = if unknown.contains(&item.sku) {
            Some(problem(*line, "sku", "没有此商品，请先导入商品 / no such goods; import the goods first"))
        } else if !houses.iter().any(|house| house.id == item.warehouse) {
            Some(problem(*line, "warehouse", "没有此仓库 / there is no such warehouse"))
        } else {
            None
        };
        let fits = wrong.is_none();
        problems.extend(wrong);
        fits
    });
    cx.change(async |db| {
        for (_, count) in &items {
            shelf::set(db, cx.moment(), cx.actor(), count).await?;
        }
        Ok(())
    })
    .await?;
    counted(cx).await?;
    Ok(answer(items.len(), 0, problems))
}
