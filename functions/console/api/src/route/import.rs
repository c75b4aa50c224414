//! Spreadsheets in: goods, mappings, stock, orders.

use super::goods::read_anew;
use super::stock::counted;
use crate::cx::{Cx, Reply};
use crate::problem::Problem;
use crate::sheet::{self, Row};
use crate::table::Route;
use http::StatusCode;
use huidan_channel as channel;
use huidan_exchange::sign;
use huidan_store::console::{Part, goods, seller, shelf};
use huidan_store::inbox::{self, Arrival, Tray};
use huidan_wire::api::{AskImport, Imported, NewSku, Nothing, PutListing, Role, RowProblem, SetStock};
use huidan_wire::{SkuQty, TOKEN_HEADER, VERSION, VERSION_HEADER};
use huidan_world::World;
use huidan_world::adapter::inbox_keys;

pub(super) fn routes<W: World + 'static>(routes: &mut Vec<Route<W>>) {
    let says = "Goods from CSV or XLSX (sku, title, weight_g, barcode, tags); known ones are changed";
    routes.push(Route::file("/api/v1/skus/import", Role::Operator, says, skus));
    let says = "Mappings from CSV or XLSX (shop, ext_sku, skus as CODE*2;CODE, …)";
    routes.push(Route::file("/api/v1/listings/import", Role::Operator, says, listings));
    let says = "A count of the shelf from CSV or XLSX (sku, warehouse, on_hand)";
    routes.push(Route::file("/api/v1/stock/import", Role::Operator, says, stock));
    let says = "Orders of a self-built shop from CSV or XLSX";
    routes.push(Route::file("/api/v1/orders/import", Role::Operator, says, orders));
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

/// The channel that reads spreadsheets of orders.
const CHANNEL: &str = "own-shop";
/// Limit of reading a spreadsheet of orders, in milliseconds.
const READ_LIMIT_MS: u64 = 20_000;

/// The shop that is named, or the only one of the channel.
async fn shop_of<W: World>(cx: &Cx<'_, W>, named: Option<String>) -> Result<String, Problem> {
    let shops = cx.look(async |db| huidan_store::shops::all(db).await).await?;
    let mut fitting = shops
        .into_iter()
        .filter(|(id, shop)| shop.channel == CHANNEL && named.as_ref().is_none_or(|named| named == id));
    match (fitting.next(), fitting.next()) {
        (Some((id, _)), None) => Ok(id),
        _ => {
            let detail =
                format!("请用 ?shop= 指明一个 {CHANNEL} 店铺 / name a shop of the channel {CHANNEL} by ?shop=");
            Err(Problem::field("unknown_shop", "shop", detail))
        }
    }
}

async fn orders<W: World>(cx: &Cx<'_, W>, ask: AskImport) -> Result<Reply<Imported>, Problem> {
    let shop = shop_of(cx, ask.shop).await?;
    let read = imported(cx).await?;
    let arrivals: Vec<Arrival> = read
        .documents
        .iter()
        .map(|document| Arrival {
            // The same row again is the same event.
            event_id: format!("import/{}", sign::hex(&sign::sha256(&[document.body.as_bytes()]))),
            topic: document.topic.clone(),
            ext_id: String::new(),
            complete: true,
            body: document.body.clone().into_bytes(),
        })
        .collect();
    let keys = inbox_keys(cx.world).await?;
    let tray = Tray { kind: "order", source: CHANNEL };
    let new = cx.world.edge(async |db| inbox::take(db, cx.moment(), &keys, tray, &shop, &arrivals).await).await?;
    cx.world.wake("flow-intake", CHANNEL);
    let problems = read.problems.into_iter().map(|wrong| problem(wrong.row, &wrong.column, wrong.detail)).collect();
    Ok(answer(arrivals.len(), arrivals.len().saturating_sub(new), problems))
}

/// What the channel reads in the file.
async fn imported<W: World>(cx: &Cx<'_, W>) -> Result<channel::Imported, Problem> {
    let component = format!("channel-{CHANNEL}");
    let unread = || Problem::new(StatusCode::SERVICE_UNAVAILABLE, "component_away", "稍后再试 / try again in a moment");
    let token = cx.world.variable("internal_token").await.unwrap_or_default();
    let request = http::Request::post(format!("http://{component}.spin.internal/call/import"))
        .header(TOKEN_HEADER, token)
        .header(VERSION_HEADER, VERSION)
        .body(cx.body.clone())
        .map_err(|_| unread())?;
    let answer = cx.world.ask(&component, request, READ_LIMIT_MS).await?;
    match answer.status() {
        StatusCode::OK => serde_json::from_slice(answer.body()).map_err(|_| unread()),
        StatusCode::UNPROCESSABLE_ENTITY => {
            let said = String::from_utf8_lossy(answer.body()).into_owned();
            Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "unreadable_file", said))
        }
        _ => Err(unread()),
    }
}
