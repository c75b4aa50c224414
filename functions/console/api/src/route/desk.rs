//! What needs a person, and the log.

use super::packages::event;
use super::page;
use crate::cx::{Cx, Reply};
use crate::problem::Problem;
use crate::read::{beyond, cursor, limit};
use crate::table::Route;
use huidan_domain::Millis;
use huidan_store::console::desk;
use huidan_store::inbox::{self, Arrival, Tray};
use huidan_store::{StoreError, breaker, log_page, outbox, quarantine, transaction, verify_log, waybills};
use huidan_wire::api::{
    AskEvents, BreakerTrouble, Chain, Done, Event, Exceptions, InboxTrouble, Nothing, Page, Role, instant,
};
use huidan_world::World;
use huidan_world::adapter::inbox_keys;

pub(super) fn routes<W: World + 'static>(routes: &mut Vec<Route<W>>) {
    routes.push(Route::get("/api/v1/exceptions", Role::Viewer, "Everything that needs a person", exceptions));
    let says = "Try a document again that could not be handled";
    routes.push(Route::post("/api/v1/quarantine/{id}/replay", Role::Operator, says, replay));
    let says = "Tell a channel again what it refused or never took";
    routes.push(Route::post("/api/v1/outbox/{id}/retry", Role::Operator, says, retry));
    routes.push(Route::get("/api/v1/events", Role::Operator, "The log, oldest first; of one thing when named", events));
    routes.push(Route::get("/api/v1/events/verify", Role::Operator, "Walk the log's hash chain", verify));
}

/// Most rows per list.
const LISTED: usize = 100;

async fn exceptions<W: World>(cx: &Cx<'_, W>, _: Nothing) -> Result<Reply<Exceptions>, Problem> {
    let now = cx.moment().now;
    let inbox = cx.world.edge(async |db| inbox::waiting(db).await).await?;
    let (mut found, open) =
        cx.look(async |db| Ok((desk::exceptions(db).await?, breaker::all_open(db, now).await?))).await?;
    let (numbers, balances) =
        cx.look(async |db| Ok((waybills::unused(db, now).await?, waybills::balances(db).await?))).await?;
    found.carriers.extend(balances);
    // A number of a dead package goes back by itself.
    found.numbers = numbers.items.into_iter().filter(|number| number.kind != "dead").take(LISTED).collect();
    let inbox = inbox.into_iter().map(|(source, account, count, since, reason)| InboxTrouble {
        source,
        account,
        count,
        since: instant(Millis(since)),
        reason,
    });
    let breakers =
        open.into_iter().map(|(name, until, reason)| BreakerTrouble { name, until: instant(Millis(until)), reason });
    let mut outbox = found.outbox;
    for entry in &mut outbox {
        entry.remedy = crate::telling::remedy(&entry.state, &entry.code);
    }
    Ok(Exceptions { inbox: inbox.collect(), breakers: breakers.collect(), outbox, ..found }.into())
}

/// Back to the door it came in by, under another event id: the first one is known there. It stands at the door before it
/// is taken out of quarantine, so that it is never in neither.
async fn replay<W: World>(cx: &Cx<'_, W>, _: Nothing) -> Result<Reply<Done>, Problem> {
    let receiver = cx.keys("receiver_key").await?;
    let keys = inbox_keys(cx.world).await?;
    let again = cx.moment().id();
    let kept = cx
        .world
        .main(async |db| {
            transaction(db, async |db| {
                let kept = quarantine::take(db, &receiver, cx.id()).await?;
                let arrival = Arrival {
                    event_id: format!("{}/again/{again}", kept.event_id),
                    topic: kept.topic.clone(),
                    ext_id: kept.ext_id.clone(),
                    complete: true,
                    body: kept.body.clone(),
                };
                let tray = Tray { kind: &kept.kind, source: &kept.source };
                let (account, arrivals) = (&kept.account, std::slice::from_ref(&arrival));
                cx.world
                    .edge(async |edge| inbox::take(edge, cx.moment(), &keys, tray, account, arrivals).await)
                    .await?;
                Ok::<_, StoreError>(kept)
            })
            .await
        })
        .await?;
    let flow = if kept.kind == "scan" { "flow-track" } else { "flow-intake" };
    cx.world.wake(flow, &kept.source);
    Ok(Done::YES.into())
}

async fn retry<W: World>(cx: &Cx<'_, W>, _: Nothing) -> Result<Reply<Done>, Problem> {
    let now = cx.moment().now;
    let Some(lane) = cx.look(async |db| desk::lane_of(db, cx.id()).await).await? else {
        return Err(Problem::unknown("待发消息 outbox row", cx.id()));
    };
    if !cx.change(async |db| outbox::retry(db, now, cx.id()).await).await? {
        return Err(Problem::conflict("told_already", "已送达或正在发送 / it was told, or is being told"));
    }
    cx.world.wake("flow-deliver", &lane);
    Ok(Done::YES.into())
}

async fn events<W: World>(cx: &Cx<'_, W>, ask: AskEvents) -> Result<Reply<Page<Event>>, Problem> {
    let most = limit(ask.limit)?;
    let after: i64 = beyond(ask.cursor.as_deref())?.unwrap_or(0);
    let about = match (ask.entity.as_deref(), ask.id.as_deref()) {
        (Some(entity), Some(id)) => Some((entity, id)),
        (None, None) => None,
        _ => {
            let detail = "entity 与 id 一起给出 / give entity and id together";
            return Err(Problem::field("missing_field", "entity", detail));
        }
    };
    let rows = cx.look(async |db| log_page(db, after, most + 1, about).await).await?;
    Ok(page(rows.into_iter().map(event).collect(), most, |event: &Event| cursor(&event.seq)).into())
}

async fn verify<W: World>(cx: &Cx<'_, W>, _: Nothing) -> Result<Reply<Chain>, Problem> {
    let (good, broken_at) = cx.look(async |db| verify_log(db).await).await?;
    Ok(Chain { intact: broken_at.is_none(), broken_at, rows: good }.into())
}
