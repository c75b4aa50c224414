//! Printers and the codes by which bridges are paired.

use super::{by_id, one};
use crate::cx::{Cx, Reply};
use crate::problem::Problem;
use crate::table::Route;
use huidan_store::bridges;
use huidan_store::console::seller;
use huidan_wire::api::{Ask, Nothing, Page, PairingCode, PatchPrinter, Printer, Role, instant};
use huidan_world::World;

pub(super) fn routes<W: World + 'static>(routes: &mut Vec<Route<W>>) {
    routes.push(Route::get("/api/v1/printers", Role::Viewer, "The printers that bridges announced", list));
    let says = "A code by which a print bridge is paired: once, within ten minutes";
    routes.push(Route::post("/api/v1/printers/pairing-codes", Role::Operator, says, pair));
    routes.push(Route::get("/api/v1/printers/{id}", Role::Viewer, "One printer", show));
    let says = "Change a printer";
    routes.push(Route::new(http::Method::PATCH, "/api/v1/printers/{id}", Role::Operator, says, change));
}

async fn list<W: World>(cx: &Cx<'_, W>, ask: Ask) -> Result<Reply<Page<Printer>>, Problem> {
    Ok(by_id(cx, &ask, async |db, part| seller::printers(db, part).await, |printer| &printer.id).await?.into())
}

async fn read<W: World>(cx: &Cx<'_, W>, id: &str) -> Result<Printer, Problem> {
    one(cx, "打印机 printer", id, async |db, part| seller::printers(db, part).await).await
}

async fn show<W: World>(cx: &Cx<'_, W>, _: Nothing) -> Result<Reply<Printer>, Problem> {
    Ok(read(cx, cx.id()).await?.into())
}

async fn pair<W: World>(cx: &Cx<'_, W>, _: Nothing) -> Result<Reply<PairingCode>, Problem> {
    let code = cx.change(async |db| bridges::new_code(db, cx.moment(), cx.actor()).await).await?;
    let until = huidan_domain::Millis(cx.moment().now.0 + bridges::CODE_MS);
    Ok(Reply::made(PairingCode { code, expires_at: instant(until) }))
}

async fn change<W: World>(cx: &Cx<'_, W>, patch: PatchPrinter) -> Result<Reply<Printer>, Problem> {
    let printer = read(cx, cx.id()).await?;
    cx.change(async |db| seller::patch_printer(db, cx.moment(), cx.actor(), &printer.id, &patch).await).await?;
    Ok(read(cx, &printer.id).await?.into())
}
