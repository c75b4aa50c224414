//! The bench of a person at the page: [`bench`] decides.

use crate::cx::{Cx, Reply};
use crate::problem::Problem;
use crate::read::filled;
use crate::table::Route;
use huidan_store::console::bench;
use huidan_wire::api::{Role, Scan, Scanned};
use huidan_world::World;

pub(super) fn routes<W: World + 'static>(routes: &mut Vec<Route<W>>) {
    let says = "A scan at a bench: what to do next";
    routes.push(Route::post("/api/v1/scan", Role::Packer, says, scan));
}

async fn scan<W: World>(cx: &Cx<'_, W>, mut ask: Scan) -> Result<Reply<Scanned>, Problem> {
    ask.code = ask.code.trim().to_owned();
    filled("code", &ask.code)?;
    filled("station", &ask.station)?;
    let answer = cx.change(async |db| bench::scan(db, cx.moment(), cx.actor(), &ask).await).await?;
    answer.shops.iter().for_each(|shop| cx.world.wake("flow-deliver", shop));
    Ok(answer.scanned.into())
}
