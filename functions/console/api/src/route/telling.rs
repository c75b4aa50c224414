//! What channels are told, what becomes of what they refuse, and by when orders must leave.

use super::{one, page};
use crate::cx::{Cx, Reply};
use crate::problem::Problem;
use crate::read::{beyond, cursor, limit};
use crate::table::Route;
use crate::telling::{class, remedy};
use huidan_domain::Millis;
use huidan_store::console::{desk, seller};
use huidan_store::outbox::{self, Deadline, Listed, Ours, Rate, Rule};
use huidan_wire::api::{
    AskDeadlines, AskTellings, CutOff, Deadlines, Done, Due, NotPickedUp, Nothing, Pace, Page, Role, SetCutOff,
    Telling, TellingRule, instant,
};
use huidan_world::World;
use std::collections::BTreeMap;

pub(super) fn routes<W: World + 'static>(routes: &mut Vec<Route<W>>) {
    let says = "Shipments and how telling their channels stands; those that wait for a person unless told";
    routes.push(Route::get("/api/v1/tellings", Role::Viewer, says, tellings));
    let says = "Let the number stand that the channel shows in the place of ours";
    routes.push(Route::post("/api/v1/outbox/{id}/keep-theirs", Role::Operator, says, keep_theirs));
    let says = "Have our number take the place of what the channel shows";
    routes.push(Route::post("/api/v1/outbox/{id}/send-ours", Role::Operator, says, send_ours));
    let says = "When a shop is told, its carriers' codes, by when it ships";
    routes.push(Route::get("/api/v1/shops/{id}/telling", Role::Viewer, says, rule));
    routes.push(Route::new(http::Method::PUT, "/api/v1/shops/{id}/telling", Role::Owner, "Set that", set_rule));
    let says = "When carriers come to the warehouses for the last time of the day";
    routes.push(Route::get("/api/v1/cut-offs", Role::Viewer, says, cut_offs));
    let says = "Set when carriers come to a warehouse for the last time of the day";
    routes.push(Route::new(http::Method::PUT, "/api/v1/warehouses/{id}/cut-off", Role::Owner, says, set_cut_off));
    let says = "What must leave by when, what will be late at the present pace, and what was told and not picked up";
    routes.push(Route::get("/api/v1/reports/deadlines", Role::Viewer, says, deadlines));
}

async fn tellings<W: World>(cx: &Cx<'_, W>, ask: AskTellings) -> Result<Reply<Page<Telling>>, Problem> {
    let most = limit(ask.limit)?;
    let after: Option<(i64, String)> = beyond(ask.cursor.as_deref())?;
    let wanted = outbox::Wanted {
        shop: ask.shop.as_deref(),
        order: ask.order.as_deref(),
        state: ask.state.as_deref(),
        beyond: after.as_ref().map(|(at, id)| (*at, id.as_str())),
        limit: most + 1,
    };
    let found = cx.look(async |db| outbox::list(db, wanted).await).await?;
    let Page { items, next } = page(found, most, |found: &Listed| cursor(&(found.created_at, &found.id)));
    Ok(Page { items: items.into_iter().map(telling).collect(), next }.into())
}

fn telling(found: Listed) -> Telling {
    let at = |at: i64| instant(Millis(at));
    let due = matches!(found.state.as_str(), "pending" | "sending" | "sent").then(|| at(found.next_at));
    Telling {
        class: class(&found.state).to_owned(),
        remedy: remedy(&found.state, &found.code),
        id: found.id,
        shop: found.shop,
        order: found.order,
        number: found.order_number,
        package: found.package,
        waybill: found.waybill,
        told: Some(found.told).filter(|told| !told.is_empty()),
        state: found.state,
        code: found.code,
        reason: found.reason,
        theirs: found.theirs,
        tries: found.tries,
        created_at: at(found.created_at),
        next_at: due,
        told_at: found.told_at.map(at),
        read_back_at: found.read_back_at.map(at),
    }
}

const NO_CONFLICT: &str = "没有要选择的单号 / there is nothing to choose between";

async fn lane<W: World>(cx: &Cx<'_, W>) -> Result<String, Problem> {
    let lane = cx.look(async |db| desk::lane_of(db, cx.id()).await).await?;
    lane.ok_or_else(|| Problem::unknown("待发消息 outbox row", cx.id()))
}

async fn keep_theirs<W: World>(cx: &Cx<'_, W>, _: Nothing) -> Result<Reply<Done>, Problem> {
    lane(cx).await?;
    match cx.change(async |db| outbox::keep_theirs(db, cx.moment(), cx.actor(), cx.id()).await).await? {
        true => Ok(Done::YES.into()),
        false => Err(Problem::conflict("no_conflict", NO_CONFLICT)),
    }
}

async fn send_ours<W: World>(cx: &Cx<'_, W>, _: Nothing) -> Result<Reply<Done>, Problem> {
    let lane = lane(cx).await?;
    match cx.change(async |db| outbox::send_ours(db, cx.moment(), cx.actor(), cx.id()).await).await? {
        Ours::Wanted => {
            cx.world.wake("flow-deliver", &lane);
            Ok(Done::YES.into())
        }
        Ours::Settled => Err(Problem::conflict("no_conflict", NO_CONFLICT)),
        Ours::NotHere => Err(Problem::conflict(
            "cannot_change",
            "平台不允许改单号，请在平台后台修改 / the channel changes no number: change it on its page",
        )),
    }
}

async fn shop_is_there<W: World>(cx: &Cx<'_, W>) -> Result<(), Problem> {
    one(cx, "店铺 shop", cx.id(), async |db, part| seller::shops(db, part).await).await.map(|_| ())
}

/// Seconds in the larger unit, rounded up.
fn in_units(seconds: Option<i64>, unit: i64) -> Option<u32> {
    seconds.and_then(|s| u32::try_from((s + unit - 1) / unit).ok())
}

async fn read_rule<W: World>(cx: &Cx<'_, W>) -> Result<TellingRule, Problem> {
    let rule = cx.look(async |db| outbox::rule(db, cx.id()).await).await?;
    Ok(TellingRule {
        tells: if rule.at_print { "print" } else { "hand_over" }.to_owned(),
        after_print_min: in_units(rule.after_print_s, 60),
        picked_up_h: in_units(rule.picked_up_s, 3_600),
        ship_within_h: in_units(rule.ship_within_s, 3_600),
        carriers: rule.carriers,
    })
}

async fn rule<W: World>(cx: &Cx<'_, W>, _: Nothing) -> Result<Reply<TellingRule>, Problem> {
    shop_is_there(cx).await?;
    Ok(read_rule(cx).await?.into())
}

async fn set_rule<W: World>(cx: &Cx<'_, W>, wanted: TellingRule) -> Result<Reply<TellingRule>, Problem> {
    shop_is_there(cx).await?;
    let at_print = match wanted.tells.as_str() {
        "hand_over" => false,
        "print" => true,
        _ => {
            let detail = "tells 只能是 hand_over 或 print / tells is hand_over or print";
            return Err(Problem::field("unknown_value", "tells", detail));
        }
    };
    for (field, hours) in [("picked_up_h", wanted.picked_up_h), ("ship_within_h", wanted.ship_within_h)] {
        if hours == Some(0) {
            return Err(Problem::field("bad_value", field, "至少 1 小时 / at least one hour"));
        }
    }
    let seconds = |units: Option<u32>, unit: i64| units.map(|units| i64::from(units) * unit);
    let rule = Rule {
        at_print,
        after_print_s: seconds(wanted.after_print_min, 60),
        picked_up_s: seconds(wanted.picked_up_h, 3_600),
        ship_within_s: seconds(wanted.ship_within_h, 3_600),
        carriers: wanted.carriers,
    };
    cx.change(async |db| outbox::set_rule(db, cx.moment(), cx.actor(), cx.id(), &rule).await).await?;
    cx.world.wake("flow-deliver", cx.id());
    Ok(read_rule(cx).await?.into())
}

fn cut_off(found: outbox::CutOff) -> CutOff {
    let at = found.minute.map(|minute| format!("{:02}:{:02}", minute / 60, minute % 60));
    CutOff { warehouse: found.warehouse, at }
}

async fn cut_offs<W: World>(cx: &Cx<'_, W>, _: Nothing) -> Result<Reply<Page<CutOff>>, Problem> {
    let found = cx.look(async |db| outbox::cut_offs(db).await).await?;
    Ok(Page { items: found.into_iter().map(cut_off).collect(), next: None }.into())
}

async fn set_cut_off<W: World>(cx: &Cx<'_, W>, wanted: SetCutOff) -> Result<Reply<CutOff>, Problem> {
    let minute = match wanted.at.as_deref() {
        None => None,
        Some(at) => Some(minute(at).ok_or_else(|| {
            Problem::field(
                "bad_value",
                "at",
                "请写成 16:30（仓库当地时间）/ write it as 16:30, by the warehouse's clock",
            )
        })?),
    };
    let wanted = outbox::CutOff { warehouse: cx.id().to_owned(), minute };
    match cx.change(async |db| outbox::set_cut_off(db, cx.moment().now, cx.actor(), &wanted).await).await? {
        true => Ok(cut_off(wanted).into()),
        false => Err(Problem::unknown("仓库 warehouse", cx.id())),
    }
}

fn minute(at: &str) -> Option<u32> {
    let (hour, minute) = at.split_once(':')?;
    let number = |text: &str, below: u32| {
        let two = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse::<u32>().ok().filter(|number| two && *number < below)
    };
    Some(number(hour, 24)? * 60 + number(minute, 60)?)
}

/// How many orders the forecast looks at: more than a warehouse ships in a day or two.
const QUEUE: u32 = 2_000;
/// Most parcels listed that were told and not picked up.
const UNPICKED: u32 = 100;

async fn deadlines<W: World>(cx: &Cx<'_, W>, ask: AskDeadlines) -> Result<Reply<Deadlines>, Problem> {
    let most = usize::try_from(limit(ask.limit)?).unwrap_or(usize::MAX);
    let now = cx.moment().now;
    let (queue, rates, counts, unpicked) = cx
        .look(async |db| {
            Ok((
                // The pace is a warehouse's, so that the forecast needs every shop's orders.
                outbox::deadlines(db, None, QUEUE).await?,
                outbox::rates(db, now).await?,
                outbox::counts(db, now).await?,
                outbox::unpicked_list(db, UNPICKED).await?,
            ))
        })
        .await?;
    let mut places: BTreeMap<String, u32> = BTreeMap::new();
    let all: Vec<Due> = queue.into_iter().map(|order| due(order, now, &rates, &mut places)).collect();
    let of_shop: Vec<Due> =
        all.into_iter().filter(|due| ask.shop.as_ref().is_none_or(|shop| due.shop == *shop)).collect();
    let known = of_shop.iter().any(|due| due.expected_at.is_some());
    let late = of_shop.iter().filter(|due| due.will_be_late).count();
    let paces = places.into_iter().map(|(warehouse, to_leave)| {
        let left = rates.get(&warehouse).map_or(0, |rate| rate.left);
        Pace { warehouse, left, to_leave }
    });
    let not_picked_up = unpicked.into_iter().map(|(order, package, waybill, at, status)| NotPickedUp {
        order,
        package,
        waybill,
        told_at: instant(at),
        status,
    });
    Ok(Deadlines {
        late_now: counts.late_now,
        late_soon: counts.late_soon,
        will_be_late: known.then(|| i64::try_from(late).unwrap_or(i64::MAX)),
        paces: paces.collect(),
        items: of_shop.into_iter().take(most).collect(),
        not_picked_up: not_picked_up.collect(),
    }
    .into())
}

fn due(order: Deadline, now: Millis, rates: &BTreeMap<String, Rate>, places: &mut BTreeMap<String, u32>) -> Due {
    let place = places.entry(order.warehouse.clone()).or_default();
    *place += 1;
    let expected = rates.get(&order.warehouse).copied().unwrap_or_default().leaves_at(now, *place);
    let soon = order.leave_by.0 < now.0 + outbox::SOON_MS;
    let state = match (order.due < now, soon) {
        (true, _) => "late",
        (false, true) => "soon",
        (false, false) => "in_time",
    };
    Due {
        will_be_late: order.due < now || expected.is_some_and(|at| at > order.leave_by),
        state: state.to_owned(),
        due: instant(order.due),
        said_by_channel: order.said,
        leave_by: instant(order.leave_by),
        warehouse: order.warehouse,
        expected_at: expected.map(instant),
        order: order.order,
        shop: order.shop,
        number: order.number,
        status: order.status,
    }
}
