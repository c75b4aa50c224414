//! Waves: built from what waits, picked, printed, stopped, resumed; their lists and slips.

use super::page;
use crate::cx::{Cx, Reply};
use crate::problem::Problem;
use crate::read::{beyond, cursor, limit};
use crate::table::Route;
use bytes::Bytes;
use http::StatusCode;
use huidan_domain::{Millis, WaveEvent, WaveKind, WaveState};
use huidan_flow::wave::{self, Parcel, Plan, Planned};
use huidan_store::waves::{self, Asked, Made, Steered, Wanted};
use huidan_store::{StoreError, console::seller, transaction};
use huidan_wire::api::{
    AskSheets, AskWaves, Done, DropFromWave, LabelsWait, NewWaves, Nothing, Page, PrintWave, Queued, Role, Wave,
    WavePreview, WavePreviewKind,
};
use huidan_wire::{TOKEN_HEADER, VERSION, VERSION_HEADER};
use huidan_world::{Missed, Why, World};

pub(super) fn routes<W: World + 'static>(routes: &mut Vec<Route<W>>) {
    routes.push(Route::get("/api/v1/waves", Role::Viewer, "Waves, newest first", list));
    let says = "Build waves of the parcels that wait for paper";
    routes.push(Route::post("/api/v1/waves", Role::Packer, says, build));
    let says = "What would be built";
    routes.push(Route::get("/api/v1/waves/preview", Role::Viewer, says, preview));
    let says = "One wave, with its parcels in the order of the paper";
    routes.push(Route::get("/api/v1/waves/{id}", Role::Viewer, says, show));
    routes.push(Route::post("/api/v1/waves/{id}/pick", Role::Packer, "Somebody walks with its list", pick));
    let says = "Print a wave's waybills in its order, or its list or slips on label stock";
    routes.push(Route::post("/api/v1/waves/{id}/print", Role::Packer, says, print));
    let says = "Start no further paper of a wave; what is at the printer ends";
    routes.push(Route::post("/api/v1/waves/{id}/stop", Role::Packer, says, stop));
    let says = "Print what of a stopped wave has not been printed";
    routes.push(Route::post("/api/v1/waves/{id}/resume", Role::Packer, says, resume));
    let says = "End a wave; parcels without paper may be built into another";
    routes.push(Route::post("/api/v1/waves/{id}/close", Role::Packer, says, close));
    let says = "Take a parcel out of its wave; its slot stays empty";
    routes.push(Route::post("/api/v1/waves/{id}/drop", Role::Packer, says, drop_one));
    let says = "The list of a wave's walk (application/pdf)";
    routes.push(Route::get("/api/v1/waves/{id}/pick-list.pdf", Role::Packer, says, pick_list));
    let says = "A slip for each parcel of a wave (application/pdf)";
    routes.push(Route::get("/api/v1/waves/{id}/packing-slips.pdf", Role::Packer, says, packing_slips));
    let says = "Say whether a warehouse's labels wait for waves";
    routes.push(Route::post("/api/v1/warehouses/{id}/labels", Role::Operator, says, labels_wait));
}

/// Most parcels that are looked at when waves are built.
const MOST_PARCELS: u32 = 3_000;
/// Limit of drawing a wave's papers, in milliseconds.
const DRAW_LIMIT_MS: u64 = 20_000;
const HOUR_MS: i64 = 3_600_000;

async fn list<W: World>(cx: &Cx<'_, W>, ask: AskWaves) -> Result<Reply<Page<Wave>>, Problem> {
    let most = limit(ask.limit)?;
    let below: Option<i64> = beyond(ask.cursor.as_deref())?;
    cx.world.main(async |db| waves::tend(db, cx.moment()).await).await?;
    let (state, warehouse) = (ask.state.as_deref(), ask.warehouse.as_deref());
    let wanted = Wanted { id: None, state, warehouse, below, limit: most + 1 };
    let found = cx.look(async |db| waves::list(db, wanted).await).await?;
    Ok(page(found, most, |wave| cursor(&wave.number)).into())
}

async fn read<W: World>(cx: &Cx<'_, W>, id: &str) -> Result<Wave, Problem> {
    let wave = cx.look(async |db| waves::one(db, id).await).await?;
    wave.ok_or_else(|| Problem::unknown("波次 wave", id))
}

async fn show<W: World>(cx: &Cx<'_, W>, _: Nothing) -> Result<Reply<Wave>, Problem> {
    cx.world.main(async |db| waves::tend(db, cx.moment()).await).await?;
    Ok(read(cx, cx.id()).await?.into())
}

/// What is to be built of what, and by when it was cut off.
struct Draft {
    parcels: Vec<Parcel>,
    plan: Plan,
    cut_off: Option<Millis>,
}

impl Draft {
    fn build(&self) -> Vec<Planned> {
        wave::build(&self.parcels, &self.plan)
    }
}

async fn draft<W: World>(cx: &Cx<'_, W>, ask: &NewWaves) -> Result<Draft, Problem> {
    let house =
        super::one(cx, "仓库 warehouse", &ask.warehouse, async |db, part| seller::warehouses(db, part).await).await?;
    let now = cx.moment().now;
    let cut_off = ask.cut_off.as_deref().map(|hour| today(now, hour, &house.zone)).transpose()?;
    let kind = ask.kind.as_deref().map(WaveKind::parse).transpose().map_err(|_| {
        let detail = "kind 为 single_piece、single_line、put_wall 或 alone / kind is single_piece, single_line, put_wall or alone";
        Problem::field("unknown_value", "kind", detail)
    })?;
    let asked = Asked {
        warehouse: &ask.warehouse,
        carrier: ask.carrier.as_deref(),
        account: ask.account.as_deref(),
        before: cut_off,
        limit: MOST_PARCELS,
    };
    let mut parcels = cx.look(async |db| waves::candidates(db, asked).await).await?;
    let plan = plan(ask, now)?;
    if let Some(zone) = &ask.zone {
        parcels.retain(|parcel| wave::zone(parcel) == zone);
    }
    if let Some(kind) = kind {
        parcels.retain(|parcel| wave::kind(parcel, &plan) == kind);
    }
    Ok(Draft { parcels, plan, cut_off })
}

fn plan(ask: &NewWaves, now: Millis) -> Result<Plan, Problem> {
    let within = |field: &str, asked: Option<u32>, unless: u32, most: u32| match asked.unwrap_or(unless) {
        value if (1..=most).contains(&value) => Ok(usize::try_from(value).unwrap_or(1)),
        _ => Err(Problem::field("bad_value", field, format!("{field} 为 1 到 {most} / {field} is 1 to {most}"))),
    };
    Ok(Plan {
        slots: within("slots", ask.slots, 20, 200)?,
        columns: within("columns", ask.columns, 5, 50)?,
        most: within("most", ask.most, 200, 1_000)?,
        large_over_g: ask.large_over_g.unwrap_or(5_000),
        large_over_pieces: ask.large_over_pieces.unwrap_or(20),
        urgent_before: Some(now.0 + i64::from(ask.urgent_hours.unwrap_or(4)) * HOUR_MS),
        by_carrier: !ask.mix_carriers.unwrap_or(false),
        by_zone: ask.by_zone.unwrap_or(false),
    })
}

/// `14:00` of today by the warehouse's clock, as an instant.
fn today(now: Millis, hour: &str, zone: &str) -> Result<Millis, Problem> {
    let wrong = || Problem::field("bad_value", "cut_off", "请写成 14:00 / write it as 14:00");
    let minutes = |text: &str| {
        let (hours, minutes) = text.split_once(':')?;
        let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
        ((0..24).contains(&hours) && (0..60).contains(&minutes)).then_some(hours * 60 + minutes)
    };
    let asked = minutes(hour).ok_or_else(wrong)?;
    let ahead = match zone.split_at_checked(1) {
        Some(("-", zone)) => -minutes(zone).unwrap_or(0),
        Some((_, zone)) => minutes(zone).unwrap_or(8 * 60),
        None => 8 * 60,
    } * 60_000;
    let day = HOUR_MS * 24;
    Ok(Millis((now.0 + ahead).div_euclid(day) * day + asked * 60_000 - ahead))
}

async fn preview<W: World>(cx: &Cx<'_, W>, ask: NewWaves) -> Result<Reply<WavePreview>, Problem> {
    let draft = draft(cx, &ask).await?;
    let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let mut preview = WavePreview { parcels: count(draft.parcels.len()), kinds: Vec::new() };
    for planned in draft.build() {
        let inside = |parcel: &&Parcel| planned.members.iter().any(|member| member.package == parcel.package);
        let members: Vec<&Parcel> = draft.parcels.iter().filter(inside).collect();
        let name = planned.kind.name();
        if preview.kinds.last().is_none_or(|kind| kind.kind != name) {
            preview.kinds.push(WavePreviewKind { kind: name.to_owned(), ..WavePreviewKind::default() });
        }
        if let Some(kind) = preview.kinds.last_mut() {
            kind.waves += 1;
            kind.parcels += count(members.len());
            kind.bins += count(wave::distinct_bins(&members));
        }
    }
    Ok(preview.into())
}

/// A printer that was named must be one in service.
async fn in_service<W: World>(cx: &Cx<'_, W>, printer: Option<&str>) -> Result<(), Problem> {
    let Some(name) = printer else { return Ok(()) };
    match cx.look(async |db| waves::printer(db, "", Some(name)).await).await? {
        Some(_) => Ok(()),
        None => Err(Problem::field(
            "unknown_printer",
            "printer",
            "没有此打印机，或已停用 / there is no such printer in service",
        )),
    }
}

async fn build<W: World>(cx: &Cx<'_, W>, ask: NewWaves) -> Result<Reply<Page<Wave>>, Problem> {
    let draft = draft(cx, &ask).await?;
    in_service(cx, ask.printer.as_deref().filter(|printer| !printer.is_empty())).await?;
    let planned = draft.build();
    let made = Made {
        warehouse: &ask.warehouse,
        cut_off: draft.cut_off,
        printer: ask.printer.as_deref().filter(|printer| !printer.is_empty()),
        actor: cx.actor(),
    };
    // What was looked at without a lock may be another's by now: the index on open members says so.
    let make = async |db: &W::Db| waves::make(db, cx.moment(), made, &planned).await;
    let ids = match cx.world.main(async |db| transaction(db, &make).await).await {
        Ok(ids) => ids,
        Err(StoreError::Constraint(_)) => {
            let detail = "有人同时建了波次，请重试 / somebody built waves at the same time; try again";
            return Err(Problem::conflict("built_meanwhile", detail));
        }
        Err(error) => return Err(error.into()),
    };
    let mut items = Vec::with_capacity(ids.len());
    for id in &ids {
        items.push(Wave { members: Vec::new(), ..read(cx, id).await? });
    }
    Ok(Reply::made(Page { items, next: None }))
}

/// Steers a wave and shows it.
async fn steer<W: World>(cx: &Cx<'_, W>, event: WaveEvent, printer: Option<&str>) -> Result<Reply<Wave>, Problem> {
    let steered =
        cx.change(async |db| waves::steer(db, cx.moment(), cx.actor(), cx.id(), event, printer).await).await?;
    match steered {
        Steered::Unknown => Err(Problem::unknown("波次 wave", cx.id())),
        Steered::Conflict(state) => Err(refused(state)),
        Steered::Done(lanes) => {
            lanes.iter().for_each(|lane| cx.world.wake("flow-book", lane));
            Ok(read(cx, cx.id()).await?.into())
        }
    }
}

fn refused(state: WaveState) -> Problem {
    let detail = match state {
        WaveState::Done => "波次已结束 / the wave is over",
        WaveState::Stopped => "波次已停止，请点继续 / the wave is stopped: resume it",
        WaveState::Planned | WaveState::Picking | WaveState::Printing => "波次没有在打印 / the wave is not printing",
    };
    Problem::conflict("wave_state", detail)
}

async fn pick<W: World>(cx: &Cx<'_, W>, _: Nothing) -> Result<Reply<Wave>, Problem> {
    steer(cx, WaveEvent::Pick, None).await
}

async fn stop<W: World>(cx: &Cx<'_, W>, _: Nothing) -> Result<Reply<Wave>, Problem> {
    steer(cx, WaveEvent::Stop, None).await
}

async fn resume<W: World>(cx: &Cx<'_, W>, _: Nothing) -> Result<Reply<Wave>, Problem> {
    cx.world.main(async |db| waves::tend(db, cx.moment()).await).await?;
    steer(cx, WaveEvent::Resume, None).await
}

async fn close<W: World>(cx: &Cx<'_, W>, _: Nothing) -> Result<Reply<Wave>, Problem> {
    steer(cx, WaveEvent::Close, None).await
}

async fn print<W: World>(cx: &Cx<'_, W>, ask: PrintWave) -> Result<Reply<Wave>, Problem> {
    let printer = ask.printer.as_deref().filter(|printer| !printer.is_empty());
    in_service(cx, printer).await?;
    match ask.what.as_deref() {
        None | Some("waybills") => {
            cx.world.main(async |db| waves::tend(db, cx.moment()).await).await?;
            steer(cx, WaveEvent::Print, printer).await
        }
        Some(what @ ("pick_list" | "packing_slips")) => {
            let copy_no = ask.copy.unwrap_or(1).clamp(1, 99);
            let body = serde_json::json!({ "wave": cx.id(), "what": what, "printer": printer, "copy_no": copy_no,
                "actor": cx.actor() });
            let queued: Queued = drawn(cx.world.call("print-paper", "/queue", &body, DRAW_LIMIT_MS).await)?;
            cx.world.log(format_args!("console-api: {} sheets of a wave queued", queued.sheets));
            Ok(read(cx, cx.id()).await?.into())
        }
        Some(_) => {
            let detail = "what 为 waybills、pick_list 或 packing_slips / what is waybills, pick_list or packing_slips";
            Err(Problem::field("unknown_value", "what", detail))
        }
    }
}

fn drawn<T>(answer: Result<T, Missed>) -> Result<T, Problem> {
    answer.map_err(|missed| match missed.why {
        Why::Status(404) => Problem::new(StatusCode::NOT_FOUND, "not_found", "没有此波次 / there is no such wave"),
        Why::Status(409) => {
            let detail = "没有合适的打印机：纸张须为 100×150 或 76×130 mm，且在用 / there is no printer for it: one in service \
                          with labels of 100×150 or 76×130 mm is needed";
            Problem::conflict("no_printer", detail)
        }
        _ => Problem::new(StatusCode::SERVICE_UNAVAILABLE, "component_away", "单据暂不可用 / no papers just now"),
    })
}

async fn drop_one<W: World>(cx: &Cx<'_, W>, ask: DropFromWave) -> Result<Reply<Done>, Problem> {
    let (wave, package) = (cx.id(), &ask.package);
    let gone = cx.change(async |db| waves::drop_package(db, cx.moment(), cx.actor(), wave, package).await).await?;
    match gone {
        true => Ok(Done::YES.into()),
        false => Err(Problem::unknown("包裹 package", package)),
    }
}

async fn paper<W: World>(cx: &Cx<'_, W>, name: &str, ask: &AskSheets) -> Result<Reply<String>, Problem> {
    let token = cx.world.variable("internal_token").await.unwrap_or_default();
    let wave = cx.id();
    let fits = |text: &str| text.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let media = ask.media.as_deref().unwrap_or("a4");
    if !fits(wave) {
        return Err(Problem::unknown("波次 wave", wave));
    }
    if !fits(media) {
        return Err(wrong_media());
    }
    let request = http::Request::post(format!("http://print-paper.spin.internal/{name}?wave={wave}&media={media}"))
        .header(TOKEN_HEADER, token)
        .header(VERSION_HEADER, VERSION)
        .body(Bytes::new())
        .map_err(|_| Problem::unknown("波次 wave", wave))?;
    let answer = drawn(cx.world.ask("print-paper", request, DRAW_LIMIT_MS).await)?;
    match answer.status() {
        StatusCode::OK => Ok(Reply::Whole(answer)),
        StatusCode::NOT_FOUND => Err(Problem::unknown("波次 wave", wave)),
        StatusCode::BAD_REQUEST => Err(wrong_media()),
        _ => Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "component_away", "单据暂不可用 / no papers just now")),
    }
}

fn wrong_media() -> Problem {
    Problem::field("unknown_value", "media", "media 为 a4、100x150 或 76x130 / media is a4, 100x150 or 76x130")
}

async fn pick_list<W: World>(cx: &Cx<'_, W>, ask: AskSheets) -> Result<Reply<String>, Problem> {
    paper(cx, "pick-list.pdf", &ask).await
}

async fn packing_slips<W: World>(cx: &Cx<'_, W>, ask: AskSheets) -> Result<Reply<String>, Problem> {
    paper(cx, "packing-slips.pdf", &ask).await
}

async fn labels_wait<W: World>(cx: &Cx<'_, W>, ask: LabelsWait) -> Result<Reply<Done>, Problem> {
    let (id, wait) = (cx.id(), ask.wait);
    let lanes = cx.change(async |db| waves::labels_wait(db, cx.moment(), cx.actor(), id, wait).await).await?;
    let lanes = lanes.ok_or_else(|| Problem::unknown("仓库 warehouse", id))?;
    lanes.iter().for_each(|lane| cx.world.wake("flow-book", lane));
    Ok(Done::YES.into())
}

#[cfg(test)]
mod tests {
    use super::today;
    use huidan_domain::Millis;

    #[test]
    fn a_cut_off_is_read_by_the_warehouses_clock() {
        // 2026-11-21T20:30:00Z: the 22nd, 04:30 in Hangzhou; the 21st, 15:30 in New York.
        let now = Millis(1_795_293_000_000);
        for (zone, hour, minutes_from_now) in
            [("+08:00", "04:00", -30), ("+08:00", "14:00", 570), ("-05:00", "14:00", -90), ("+05:30", "02:30", 30)]
        {
            let at = today(now, hour, zone).ok().unwrap();
            assert_eq!((at.0 - now.0) / 60_000, minutes_from_now, "{zone} {hour}");
        }
        for wrong in ["14", "24:00", "ab:cd", "12:60", "-1:00"] {
            assert!(today(now, wrong, "+08:00").is_err(), "{wrong}");
        }
    }
}
