//! Paper: printing, printing again, the questions whether it came out, and its picture.

use super::packages::wanted;
use crate::cx::{Cx, Reply};
use crate::problem::Problem;
use crate::read::{MOST, filled};
use crate::table::Route;
use bytes::Bytes;
use http::StatusCode;
use huidan_store::console::{desk, packages};
use huidan_store::print;
use huidan_wire::api::{Confirm, Done, Named, Nothing, Page, PrintJob, PrintSome, Printed, Reprint, Role};
use huidan_wire::{TOKEN_HEADER, VERSION, VERSION_HEADER};
use huidan_world::World;

pub(super) fn routes<W: World + 'static>(routes: &mut Vec<Route<W>>) {
    let says = "Papers that nobody knows whether they came out, and those that failed";
    routes.push(Route::get("/api/v1/print-jobs", Role::Viewer, says, open));
    let says = "Say whether a paper came out; if not, it prints once more";
    routes.push(Route::post("/api/v1/print-jobs/{id}/confirm", Role::Packer, says, confirm));
    let says = "Print a paper that certainly did not come out";
    routes.push(Route::post("/api/v1/print-jobs/{id}/retry", Role::Packer, says, retry));
    let says = "Print several packages, in this order or oldest first";
    routes.push(Route::post("/api/v1/packages/print", Role::Packer, says, print_some));
    routes.push(Route::post("/api/v1/packages/{id}/print", Role::Packer, "Print a package's label", print_one));
    let says = "Print a package's label again, with a reason and a mark on the paper";
    routes.push(Route::post("/api/v1/packages/{id}/reprint", Role::Packer, says, reprint));
    let says = "A picture of a package's label (image/png)";
    routes.push(Route::get("/api/v1/packages/{id}/label.png", Role::Packer, says, picture));
}

/// Limit of drawing a label, in milliseconds.
const DRAW_LIMIT_MS: u64 = 5_000;

async fn open<W: World>(cx: &Cx<'_, W>, _: Nothing) -> Result<Reply<Page<PrintJob>>, Problem> {
    let items = cx.look(async |db| desk::open_prints(db).await).await?;
    Ok(Page { items, next: None }.into())
}

async fn confirm<W: World>(cx: &Cx<'_, W>, ask: Confirm) -> Result<Reply<Done>, Problem> {
    let (job, paper) = (cx.id(), ask.paper);
    let state = cx.change(async |db| print::confirm_unconfirmed(db, cx.moment(), cx.actor(), job, paper).await).await?;
    match state {
        Some(_) => Ok(Done::YES.into()),
        None => {
            let detail = "此打印任务没有待确认的问题，请刷新 / this job is no open question (any more); reload";
            Err(Problem::conflict("no_question", detail))
        }
    }
}

async fn retry<W: World>(cx: &Cx<'_, W>, _: Nothing) -> Result<Reply<Done>, Problem> {
    let lane = cx.change(async |db| print::retry_failed(db, cx.moment(), cx.actor(), cx.id()).await).await?;
    match lane {
        Some(lane) => {
            if !lane.is_empty() {
                cx.world.wake("flow-book", &lane);
            }
            Ok(Done::YES.into())
        }
        None => {
            let detail = "此任务没有失败，或面单已过期 / this job has not failed, or its paper would be stale";
            Err(Problem::conflict("not_failed", detail))
        }
    }
}

async fn want<W: World>(cx: &Cx<'_, W>, ids: &[String], reason: &str) -> Result<Printed, Problem> {
    let wanted = cx.change(async |db| print::want(db, cx.moment(), cx.actor(), ids, reason).await).await?;
    for lane in &wanted.lanes {
        cx.world.wake("flow-book", lane);
    }
    let refused = wanted.refused.into_iter().map(|(id, why)| Named { id, detail: why.sentence().to_owned() });
    Ok(Printed { packages: wanted.packages, refused: refused.collect() })
}

/// One package: what stands in the way is the answer.
async fn only<W: World>(cx: &Cx<'_, W>, reason: &str) -> Result<Reply<Printed>, Problem> {
    let ids = [cx.id().to_owned()];
    let wanted = cx.change(async |db| print::want(db, cx.moment(), cx.actor(), &ids, reason).await).await?;
    match wanted.refused.first() {
        Some((id, print::Refused::Unknown)) => Err(Problem::unknown("包裹 package", id)),
        Some((_, why)) => Err(Problem::conflict(why.code(), why.sentence())),
        None => {
            wanted.lanes.iter().for_each(|lane| cx.world.wake("flow-book", lane));
            Ok(Printed { packages: wanted.packages, refused: Vec::new() }.into())
        }
    }
}

async fn print_one<W: World>(cx: &Cx<'_, W>, _: Nothing) -> Result<Reply<Printed>, Problem> {
    only(cx, "").await
}

async fn reprint<W: World>(cx: &Cx<'_, W>, ask: Reprint) -> Result<Reply<Printed>, Problem> {
    filled("reason", &ask.reason)?;
    only(cx, ask.reason.trim()).await
}

async fn print_some<W: World>(cx: &Cx<'_, W>, ask: PrintSome) -> Result<Reply<Printed>, Problem> {
    let ids = match (ask.packages, ask.filter) {
        (Some(ids), None) if ids.len() <= MOST as usize => ids,
        (Some(_), None) => {
            let detail = format!("一次至多 {MOST} 个 / {MOST} at a time at most");
            return Err(Problem::field("too_many", "packages", detail));
        }
        (None, Some(filter)) => {
            let wanted = packages::Wanted { oldest_first: true, limit: MOST, ..wanted(&filter, MOST)? };
            let found = cx.look(async |db| packages::list(db, &wanted).await).await?;
            found.into_iter().map(|found| found.package.id).collect()
        }
        _ => {
            let detail = "packages 与 filter 二选一 / give either packages or filter";
            return Err(Problem::field("either_or", "packages", detail));
        }
    };
    Ok(want(cx, &ids, "").await?.into())
}

async fn picture<W: World>(cx: &Cx<'_, W>, _: Nothing) -> Result<Reply<String>, Problem> {
    let waybill = cx.look(async |db| packages::waybill_of(db, cx.id()).await).await?;
    let none = || Problem::new(StatusCode::NOT_FOUND, "no_label", "还没有面单 / there is no label yet");
    let waybill = waybill.ok_or_else(none)?;
    let token = cx.world.variable("internal_token").await.unwrap_or_default();
    let request = http::Request::post(format!("http://flow-book.spin.internal/label?waybill={waybill}"))
        .header(TOKEN_HEADER, token)
        .header(VERSION_HEADER, VERSION)
        .body(Bytes::new())
        .map_err(|_| none())?;
    let answer = cx.world.ask("flow-book", request, DRAW_LIMIT_MS).await?;
    let said = || String::from_utf8_lossy(answer.body()).into_owned();
    match answer.status() {
        StatusCode::OK => Ok(Reply::Whole(answer)),
        StatusCode::NOT_FOUND => Err(none()),
        status @ (StatusCode::CONFLICT | StatusCode::GONE) => Err(Problem::new(status, "no_picture", said())),
        _ => Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "component_away", "面单暂不可用 / no label just now")),
    }
}
