//! A package as its carriers see it: what it would cost, and of how many pieces it is.

use super::packages::read;
use crate::cx::{Cx, Reply};
use crate::problem::Problem;
use crate::table::Route;
use http::StatusCode;
use huidan_store::waybills::{self, MOST_PIECES, Pieces};
use huidan_wire::api::{Nothing, PiecesSet, Prices, Role, SetPieces};
use huidan_world::World;

/// How long carriers may take to say their prices, in milliseconds, and what stands around it.
const PRICES_LIMIT_MS: u64 = 10_000;

pub(super) fn routes<W: World + 'static>(routes: &mut Vec<Route<W>>) {
    let says = "Ask every carrier account what it would take for a package; nothing is bought";
    routes.push(Route::post("/api/v1/packages/{id}/prices", Role::Operator, says, prices));
    let says = "Say how many pieces travel under a package's number; one that has a number gets another";
    routes.push(Route::post("/api/v1/packages/{id}/pieces", Role::Operator, says, pieces));
}

async fn prices<W: World>(cx: &Cx<'_, W>, _: Nothing) -> Result<Reply<Prices>, Problem> {
    let asked = serde_json::json!({ "package": cx.id() });
    let prices: Option<Prices> = cx.world.call("flow-book", "/prices", &asked, PRICES_LIMIT_MS).await?;
    Ok(prices.ok_or_else(|| Problem::unknown("包裹 package", cx.id()))?.into())
}

async fn pieces<W: World>(cx: &Cx<'_, W>, ask: SetPieces) -> Result<Reply<PiecesSet>, Problem> {
    if !(1..=MOST_PIECES).contains(&ask.pieces) {
        let detail = format!("件数为 1 到 {MOST_PIECES} / from 1 to {MOST_PIECES} pieces");
        return Err(Problem::field("out_of_range", "pieces", detail));
    }
    let set =
        cx.change(async |db| waybills::set_pieces(db, cx.moment(), cx.id(), ask.pieces, cx.actor()).await).await?;
    let how = match set {
        Pieces::Unknown => return Err(Problem::unknown("包裹 package", cx.id())),
        Pieces::Over => {
            let package = read(cx, cx.id()).await?;
            let detail = "包裹已出库或已取消 / it has left the house or is cancelled";
            let code = if package.status == "cancelled" { "cancelled" } else { "left_the_house" };
            return Err(Problem::conflict(code, detail));
        }
        Pieces::Busy => {
            let detail = "正在取号或作废，稍后再试 / a number is being taken or given back: try again in a moment";
            return Err(Problem::new(StatusCode::CONFLICT, "busy", detail));
        }
        Pieces::Same => "same",
        Pieces::Planned(lane) => {
            lane.iter().for_each(|lane| cx.world.wake("flow-book", lane));
            "planned"
        }
        Pieces::Anew(lane) => {
            cx.world.wake("flow-book", &lane);
            "anew"
        }
    };
    Ok(PiecesSet { how: how.to_owned(), pieces: ask.pieces }.into())
}
