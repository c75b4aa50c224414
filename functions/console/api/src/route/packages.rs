//! Packages.

use super::page;
use crate::cx::{Cx, Reply};
use crate::problem::Problem;
use crate::read::{beyond, cursor, instant, limit};
use crate::sheet::{ROWS, Sheet};
use crate::table::Route;
use http::StatusCode;
use huidan_store::console::packages::{self, Found, Refusal, Wanted};
use huidan_store::{StoreError, log_page, outbox, waybills};
use huidan_wire::api::{self, AskPackages, Event, Nothing, Package, Page, Role, Ship};
use huidan_world::World;

pub(super) fn routes<W: World + 'static>(routes: &mut Vec<Route<W>>) {
    routes.push(Route::get("/api/v1/packages", Role::Viewer, "Packages, newest first unless told", list));
    routes.push(Route::get("/api/v1/packages/{id}", Role::Viewer, "One package, with what happened to it", show));
    let says = "Have a planned package booked, whatever it waited for";
    routes.push(Route::post("/api/v1/packages/{id}/book", Role::Operator, says, book));
    let says = "Cancel a package and give its number back; its orders wait for a person";
    routes.push(Route::post("/api/v1/packages/{id}/void", Role::Operator, says, void));
    let says = "A package leaves the house: refused while it is held, refunded, or its paper is stale";
    routes.push(Route::post("/api/v1/packages/{id}/ship", Role::Packer, says, ship));
}

/// Packages by what was asked for, with one more than the page holds.
pub(super) fn wanted(ask: &AskPackages, most: u32) -> Result<Wanted<'_>, Problem> {
    let oldest_first = match ask.sort.as_deref() {
        None | Some("-created_at") => false,
        Some("created_at") => true,
        Some(_) => {
            let detail = "sort 只能是 created_at 或 -created_at / sort is created_at or -created_at";
            return Err(Problem::field("unknown_value", "sort", detail));
        }
    };
    Ok(Wanted {
        id: None,
        status: ask.status.as_deref(),
        shop: ask.shop.as_deref(),
        warehouse: ask.warehouse.as_deref(),
        carrier: ask.carrier.as_deref(),
        waybill: ask.waybill.as_deref(),
        order: ask.order.as_deref(),
        from: instant("from", ask.from.as_deref())?,
        to: instant("to", ask.to.as_deref())?,
        oldest_first,
        beyond: None,
        limit: most + 1,
    })
}

async fn list<W: World>(cx: &Cx<'_, W>, ask: AskPackages) -> Result<Reply<Page<Package>>, Problem> {
    if let Some(format) = &ask.format {
        let wanted = Wanted { limit: ROWS, ..wanted(&ask, 0)? };
        let found = cx.look(async |db| packages::list(db, &wanted).await).await?;
        let rows = found.into_iter().map(|found| row(found.package)).collect();
        return Ok(Reply::Whole(Sheet { name: "packages", headings: HEADINGS, rows }.answer(format)?));
    }
    let most = limit(ask.limit)?;
    let after: Option<(i64, String)> = beyond(ask.cursor.as_deref())?;
    let mut wanted = wanted(&ask, most)?;
    wanted.beyond = after.as_ref().map(|(at, id)| (*at, id.as_str()));
    let found = cx.look(async |db| packages::list(db, &wanted).await).await?;
    let Page { items, next } = page(found, most, |found: &Found| cursor(&(found.created_at, &found.package.id)));
    Ok(Page { items: items.into_iter().map(|found| found.package).collect(), next }.into())
}

const HEADINGS: &[&str] = &[
    "id",
    "orders",
    "shop",
    "warehouse",
    "carrier",
    "account",
    "service",
    "waybill",
    "status",
    "weight_g",
    "lines",
    "alarm",
    "created_at",
    "updated_at",
];

/// A package as a row of a spreadsheet.
fn row(package: Package) -> Vec<String> {
    let lines: Vec<String> = package.lines.iter().map(|line| format!("{} x{}", line.sku, line.qty)).collect();
    vec![
        package.id,
        package.orders.join(";"),
        package.shop,
        package.warehouse,
        package.carrier,
        package.account,
        package.service,
        package.waybill.unwrap_or_default(),
        package.status,
        package.weight_g.to_string(),
        lines.join("; "),
        package.alarm,
        package.created_at,
        package.updated_at,
    ]
}

/// Most events of one package.
const EVENTS: u32 = 200;

pub(super) async fn read<W: World>(cx: &Cx<'_, W>, id: &str) -> Result<Package, Problem> {
    let wanted = Wanted { id: Some(id), limit: 1, ..Wanted::default() };
    let found = cx.look(async |db| packages::list(db, &wanted).await).await?;
    let found = found.into_iter().next().ok_or_else(|| Problem::unknown("包裹 package", id))?;
    let logged = cx.look(async |db| log_page(db, 0, EVENTS, Some(("package", id))).await).await?;
    Ok(Package { events: logged.into_iter().map(event).collect(), ..found.package })
}

/// A row of the log as the API shows it.
pub(super) fn event(logged: huidan_store::Logged) -> Event {
    Event {
        seq: logged.seq,
        at: api::instant(huidan_domain::Millis(logged.at)),
        actor: logged.actor,
        entity: logged.entity,
        id: logged.id,
        kind: logged.kind,
        was: logged.was,
        becomes: logged.becomes,
        body: logged.body,
    }
}

async fn show<W: World>(cx: &Cx<'_, W>, _: Nothing) -> Result<Reply<Package>, Problem> {
    Ok(read(cx, cx.id()).await?.into())
}

async fn book<W: World>(cx: &Cx<'_, W>, _: Nothing) -> Result<Reply<Package>, Problem> {
    let lane = cx.change(async |db| waybills::want_number(db, cx.moment(), cx.id(), cx.actor()).await).await?;
    if let Some(lane) = lane {
        cx.world.wake("flow-book", &lane);
    }
    let package = read(cx, cx.id()).await?;
    if package.status == "cancelled" {
        return Err(Problem::conflict("cancelled", "包裹已取消 / the package is cancelled"));
    }
    if package.status == "planned" && cx.look(async |db| packages::is_for_show(db, &package.id).await).await? {
        let detail = "店铺在演练，不取运单号 / the shop is in shadow: no number is taken";
        return Err(Problem::conflict("shadow", detail));
    }
    Ok(package.into())
}

async fn void<W: World>(cx: &Cx<'_, W>, _: Nothing) -> Result<Reply<Package>, Problem> {
    let package = read(cx, cx.id()).await?;
    let lanes = cx.change(async |db| packages::void(db, cx.moment(), cx.actor(), &package.id).await).await?;
    match lanes {
        Some(lanes) => lanes.iter().for_each(|lane| cx.world.wake("flow-book", lane)),
        None if package.status == "cancelled" => {}
        None => {
            let detail = "包裹已出库，不能作废 / the package has left the house and cannot be voided";
            return Err(Problem::conflict("left_the_house", detail));
        }
    }
    Ok(read(cx, &package.id).await?.into())
}

/// Hands a package over unless something stands in the way, in one transaction. Answers what stands in the way.
pub(super) async fn hand_over<W: World>(
    cx: &Cx<'_, W>,
    id: &str,
    fence: Option<i64>,
) -> Result<Option<Refusal>, Problem> {
    let left = cx
        .change(async |db| {
            if let Some(refusal) = packages::may_leave(db, id, fence).await? {
                return Ok::<_, StoreError>(Err(refusal));
            }
            Ok(Ok(outbox::hand_over(db, cx.moment(), cx.actor(), &[id]).await?))
        })
        .await?;
    match left {
        Err(refusal) => Ok(Some(refusal)),
        Ok(shops) => {
            shops.iter().for_each(|shop| cx.world.wake("flow-deliver", shop));
            Ok(None)
        }
    }
}

async fn ship<W: World>(cx: &Cx<'_, W>, ask: Ship) -> Result<Reply<Package>, Problem> {
    match hand_over(cx, cx.id(), ask.fence).await? {
        None | Some(Refusal::Left) => Ok(read(cx, cx.id()).await?.into()),
        Some(Refusal::Unknown) => Err(Problem::unknown("包裹 package", cx.id())),
        Some(other) => {
            let (code, zh, en) = other.words();
            Err(Problem::new(StatusCode::CONFLICT, code, format!("{zh} / {en}")))
        }
    }
}
