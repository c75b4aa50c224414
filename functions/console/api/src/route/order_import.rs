//! Spreadsheets of orders in: what the columns hold is guessed, confirmed by a person, and remembered.

use crate::cx::{Cx, Reply};
use crate::problem::Problem;
use crate::table::Route;
use crate::upload::{self, Upload};
use bytes::{BufMut, BytesMut};
use http::StatusCode;
use huidan_channel::{ImportBy, ImportRefused, Imported as Read, ImportedOrder};
use huidan_exchange::sign;
use huidan_store::console::mappings;
use huidan_store::inbox::{self, Arrival, Tray};
use huidan_wire::api::{AskImport, ImportLook, ImportMapping, Imported, OrderImport, Role};
use huidan_wire::{TOKEN_HEADER, VERSION, VERSION_HEADER};
use huidan_world::World;
use huidan_world::adapter::inbox_keys;
use serde::de::DeserializeOwned;

pub(super) fn routes<W: World + 'static>(routes: &mut Vec<Route<W>>) {
    let says = "Orders from CSV or XLSX, as the body or as a form with `file` and `mapping` (JSON). With `dry_run=1` \
                nothing is taken in: the answer says what the columns seem to hold, and its `mapping` can be changed \
                and sent back. A mapping that was sent is remembered for the shop and these headings. Without any, \
                only headings that leave no doubt are acted on";
    routes.push(Route::mapped("/api/v1/orders/import", Role::Operator, says, orders));
}

/// The channel that reads spreadsheets of orders.
const CHANNEL: &str = "own-shop";
/// Limit of reading a spreadsheet of orders, in milliseconds.
const READ_LIMIT_MS: u64 = 20_000;

async fn orders<W: World>(cx: &Cx<'_, W>, ask: AskImport) -> Result<Reply<OrderImport>, Problem> {
    let shop = shop_of(cx, ask.shop).await?;
    let Upload { file, mapping } = upload::read(&cx.headers, cx.body.clone()).await?;
    let remembered = cx.look(async |db| mappings::of_shop(db, &shop).await).await?;
    let by = ImportBy { given: mapping, remembered };
    if ask.dry_run {
        let look: ImportLook = asked(cx, "/call/import/look", &by, &file).await?;
        return Ok(OrderImport::Look(Box::new(ImportLook { shop, ..look })).into());
    }
    let Read { orders, problems, mapping } = asked(cx, "/call/import", &by, &file).await?;
    let new = taken(cx, &shop, &orders).await?;
    if by.given.is_some() {
        let sha = headings_sha(&mapping);
        cx.change(async |db| mappings::keep(db, cx.moment(), cx.actor(), &shop, &sha, &mapping).await).await?;
    }
    let count = |count| u32::try_from(count).unwrap_or(u32::MAX);
    let known = count(orders.len().saturating_sub(new));
    Ok(OrderImport::Done(Imported { taken: count(orders.len()), known, problems }).into())
}

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

/// Puts the orders into the inbox, all of them or none; answers how many were new there.
async fn taken<W: World>(cx: &Cx<'_, W>, shop: &str, orders: &[ImportedOrder]) -> Result<usize, Problem> {
    let arrival = |ImportedOrder { key, document }: &ImportedOrder| Arrival {
        // The same rows again are the same event.
        event_id: format!("import/{key}"),
        topic: document.topic.clone(),
        ext_id: String::new(),
        complete: true,
        body: document.body.clone().into_bytes(),
    };
    let arrivals: Vec<Arrival> = orders.iter().map(arrival).collect();
    let keys = inbox_keys(cx.world).await?;
    let tray = Tray { kind: "order", source: CHANNEL };
    let new = cx.world.edge(async |db| inbox::take(db, cx.moment(), &keys, tray, shop, &arrivals).await).await?;
    cx.world.wake("flow-intake", CHANNEL);
    Ok(new)
}

/// A set of headings, in whatever order they stand.
fn headings_sha(mapping: &ImportMapping) -> String {
    let mut headings: Vec<&str> = mapping.columns.iter().map(|column| column.heading.as_str()).collect();
    headings.sort_unstable();
    sign::hex(&sign::sha256(&[headings.join("\n").as_bytes()]))
}

/// Asks the channel about a file: a line of JSON, then the file as it is.
async fn asked<W: World, A: DeserializeOwned>(
    cx: &Cx<'_, W>,
    path: &str,
    by: &ImportBy,
    file: &[u8],
) -> Result<A, Problem> {
    let component = format!("channel-{CHANNEL}");
    let unread = || Problem::new(StatusCode::SERVICE_UNAVAILABLE, "component_away", "稍后再试 / try again in a moment");
    let by = serde_json::to_vec(by).map_err(|_| unread())?;
    let mut body = BytesMut::with_capacity(by.len() + 1 + file.len());
    body.put_slice(&by);
    body.put_u8(b'\n');
    body.put_slice(file);
    let token = cx.world.variable("internal_token").await.unwrap_or_default();
    let request = http::Request::post(format!("http://{component}.spin.internal{path}"))
        .header(TOKEN_HEADER, token)
        .header(VERSION_HEADER, VERSION)
        .body(body.freeze())
        .map_err(|_| unread())?;
    let answer = cx.world.ask(&component, request, READ_LIMIT_MS).await?;
    match answer.status() {
        StatusCode::OK => serde_json::from_slice(answer.body()).map_err(|_| unread()),
        StatusCode::UNPROCESSABLE_ENTITY => {
            let refused: ImportRefused = serde_json::from_slice(answer.body()).map_err(|_| unread())?;
            Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, code(&refused.code), refused.detail))
        }
        _ => Err(unread()),
    }
}

/// A problem's code is one of ours.
fn code(said: &str) -> &'static str {
    const KNOWN: [&str; 4] = ["no_heading", "mapping_unconfirmed", "mapping_incomplete", "mapping_heading"];
    KNOWN.into_iter().find(|known| *known == said).unwrap_or("unreadable_file")
}
