//! flow-clock: the heartbeat's end. Brings the databases up to date, and wakes every lane that has something due in
//! case the wake of the step before was lost.
//!
//! Any heartbeat drives it: the host's own timer, a system timer, a bridge's poll. Two at once do no harm.

#[cfg(target_family = "wasm")]
mod shell;

use http::StatusCode;
use huidan_store::schema::{self, Which};
use huidan_store::{Db, StoreError, inbox, mode, schedule, tokens};
use huidan_world::{Incoming, Outgoing, World, serve as front};

/// Jobs and how often they are due, in milliseconds.
const JOBS: &[(&str, i64)] = &[
    ("mend", 30_000),
    ("tokens", 60_000),
    ("alarms", 60_000),
    ("notices", 60_000),
    ("replan", 60_000),
    ("print-sweep", 5_000),
    ("track", 60_000),
    ("telling", 60_000),
    ("sweep", 600_000),
    ("numbers", 900_000),
];
/// How long the ids of handled arrivals are remembered, in seconds: longer than any platform repeats a message.
const REMEMBER_S: i64 = 8 * 86_400;
/// Limit of a job of another function, in milliseconds.
const JOB_LIMIT_MS: u64 = 5_000;

/// Serves `/tick` (public; harmless at any rate).
pub async fn serve<W: World>(world: &W, _request: Incoming) -> Outgoing {
    match tick(world).await {
        Ok(()) => front::text(StatusCode::OK, "ok"),
        Err(error) => {
            world.log(format_args!("flow-clock: {error}"));
            front::store_failed(&error)
        }
    }
}

async fn tick<W: World>(world: &W) -> Result<(), StoreError> {
    migrate(world).await?;
    let now = world.moment().now;
    for kind in ["order", "scan"] {
        let flow = if kind == "order" { "flow-intake" } else { "flow-track" };
        for source in world.edge(async |db| inbox::due(db, kind, now).await).await? {
            world.wake(flow, &source);
            world.wake(flow, &format!("{source}/careful"));
        }
    }
    for (flow, lane) in world.main(async |db| schedule::due_lanes(db, now).await).await? {
        world.wake(&flow, &lane);
    }
    for job in world.main(async |db| schedule::claim_due(db, now).await).await? {
        run(world, &job).await?;
    }
    Ok(())
}

async fn run<W: World>(world: &W, job: &str) -> Result<(), StoreError> {
    let now = world.moment().now;
    match job {
        "mend" => {
            world.wake("flow-intake", "mend");
            for shop in world.main(async |db| mode::shops_to_read_back(db, now).await).await? {
                world.wake("flow-intake", &format!("live/{shop}"));
            }
        }
        "tokens" => world.wake("flow-intake", "tokens"),
        "alarms" => world.wake("flow-reconcile", "alarms"),
        "notices" => world.wake("flow-notify", "look"),
        // What an order waits for may have come without anybody saying so: a carrier that is back, a step that is back.
        "replan" => {
            let reasons = ["no_carrier", "step_failed"];
            let wanted = world.main(async |db| huidan_store::plan::want_held_for(db, now, &reasons).await).await?;
            if wanted > 0 {
                world.wake("flow-plan", "plan");
            }
        }
        "print-sweep" => {
            // Its own claims sweep as well; a miss is made good at the next turn.
            let _ = world.call::<_, serde_json::Value>("print-queue", "/sweep", &(), JOB_LIMIT_MS).await;
        }
        // Whether a warehouse's night has come, the sweep itself sees.
        "numbers" => world.wake("flow-book", "sweep/numbers"),
        "track" => world.wake("flow-track", "watch"),
        "telling" => world.wake("flow-deliver", "watch/all"),
        "sweep" => {
            world.main(async |db| schedule::sweep(db, now).await).await?;
            let before = now.plus_seconds(-REMEMBER_S);
            world
                .edge(async |db| {
                    tokens::sweep(db, now).await?;
                    inbox::purge(db, before).await
                })
                .await?;
        }
        _ => {}
    }
    Ok(())
}

/// Brings both databases to the version this program knows, and writes the schedule down.
async fn migrate<W: World>(world: &W) -> Result<(), StoreError> {
    world.edge(async |db| up_to_date(db, Which::Edge).await.map(|_| ())).await?;
    if world.main(async |db| up_to_date(db, Which::Main).await).await? {
        world.main(async |db| schedule::plant(db, JOBS).await).await?;
    }
    Ok(())
}

/// Answers whether anything was to be done.
async fn up_to_date<D: Db>(db: &D, which: Which) -> Result<bool, StoreError> {
    if schema::version(db).await? == schema::VERSION {
        return Ok(false);
    }
    schema::migrate(db, which).await?;
    Ok(true)
}
