//! flow-track: what carriers say, merged by event time.
//!
//! Lanes: one per carrier for what it pushed, `watch` for asking carriers that were silent and for who is late,
//! `subscribe/<account>` for asking an account to push parcels' scans.

mod ears;
#[cfg(target_family = "wasm")]
mod shell;
mod subscribe;
mod watch;

use http::StatusCode;
use huidan_carrier::{Scan, ScanKind};
use huidan_exchange::sign;
use huidan_store::inbox::{self, Leased, Tray};
use huidan_store::quarantine::{self, Refused};
use huidan_store::track::{self, NewScan};
use huidan_store::{Keyring, StoreError, transaction};
use huidan_world::adapter::inbox_keys;
use huidan_world::{Incoming, Outgoing, Turn, World, serve as front, work};

/// Most scans in a batch.
const BATCH: u32 = 500;
/// How long a batch may take before somebody else may have it, in milliseconds.
const LEASE_MS: i64 = 60_000;

/// Serves `POST /wake?lane=…`.
pub async fn serve<W: World>(world: &W, request: Incoming) -> Outgoing {
    if let Err(refused) = front::private(world, &request).await {
        return refused;
    }
    let lane = front::lane(&request);
    let worked = match lane.split_once('/') {
        _ if lane == "watch" => watch::run(world).await,
        Some(("subscribe", account)) => subscribe::run(world, account).await,
        Some((carrier, "careful")) => pushed(world, carrier, true).await,
        _ => pushed(world, &lane, false).await,
    };
    match worked {
        Ok(()) => front::json(StatusCode::OK, &true),
        Err(error) => {
            world.log(format_args!("flow-track: {error}"));
            front::store_failed(&error)
        }
    }
}

async fn pushed<W: World>(world: &W, carrier: &str, careful: bool) -> Result<(), StoreError> {
    let tray = Tray { kind: "scan", source: carrier };
    let due = async || {
        let now = world.moment().now;
        world.edge(async |db| inbox::any_due(db, now, tray, careful).await).await
    };
    let lane = if careful { format!("track/{carrier}/careful") } else { format!("track/{carrier}") };
    work(world, &lane, due, async || turn(world, tray, careful).await).await
}

async fn turn<W: World>(world: &W, tray: Tray<'_>, careful: bool) -> Result<Turn, StoreError> {
    let keys = inbox_keys(world).await?;
    let (lease, leased) =
        world.edge(async |db| inbox::lease(db, world.moment(), &keys, tray, careful, LEASE_MS, BATCH).await).await?;
    if leased.is_empty() {
        return Ok(Turn::Idle);
    }
    let (mut scans, mut done) = (Vec::new(), Vec::new());
    for row in &leased {
        match serde_json::from_slice::<Scan>(&row.arrival.body) {
            Ok(scan) => {
                scans.push(new_scan(&scan, &row.account));
                done.push(row.id);
            }
            Err(error) => quarantine(world, tray, &lease, row, &error.to_string()).await?,
        }
    }
    merge(world, tray.source, &scans).await?;
    world.edge(async |db| inbox::done(db, &lease, &done).await).await?;
    Ok(Turn::Worked)
}

async fn merge<W: World>(world: &W, carrier: &str, scans: &[NewScan]) -> Result<(), StoreError> {
    if scans.is_empty() {
        return Ok(());
    }
    let shops = world
        .main(async |db| transaction(db, async |db| track::merge(db, world.moment(), carrier, scans).await).await)
        .await?;
    for shop in shops {
        world.wake("flow-deliver", &shop);
    }
    Ok(())
}

fn new_scan(scan: &Scan, account: &str) -> NewScan {
    let key = match scan.event_id.as_str() {
        "" => {
            let at = scan.at.0.to_le_bytes();
            let parts: [&[u8]; 4] = [&at, scan.code.as_bytes(), scan.place.as_bytes(), scan.text.as_bytes()];
            sign::hex(&sign::sha256(&parts))
        }
        id => id.to_owned(),
    };
    NewScan {
        number: scan.number.clone(),
        key,
        account: account.to_owned(),
        at: scan.at.0,
        kind: name_of(scan.kind).to_owned(),
        code: scan.code.clone(),
        text: scan.text.clone(),
        place: scan.place.clone(),
    }
}

fn name_of(kind: ScanKind) -> &'static str {
    match kind {
        ScanKind::PickedUp => "picked_up",
        ScanKind::Moving => "moving",
        ScanKind::OutForDelivery => "out_for_delivery",
        ScanKind::Problem => "problem",
        ScanKind::Refused => "refused",
        ScanKind::Signed => "signed",
        ScanKind::Returning => "returning",
        ScanKind::Returned => "returned",
        ScanKind::Unwatched => "unwatched",
        ScanKind::Other => "other",
    }
}

async fn quarantine<W: World>(
    world: &W,
    tray: Tray<'_>,
    lease: &str,
    row: &Leased,
    reason: &str,
) -> Result<(), StoreError> {
    let text = world.variable("receiver_key").await.ok_or(StoreError::Sealed)?;
    let keys = Keyring::parse(&text).map_err(|_| StoreError::Sealed)?;
    let refused = Refused {
        kind: tray.kind,
        source: tray.source,
        account: &row.account,
        event_id: &row.arrival.event_id,
        topic: &row.arrival.topic,
        ext_id: &row.arrival.ext_id,
        body: &row.arrival.body,
        reason,
    };
    world.main(async |db| quarantine::put(db, world.moment(), &keys, &refused).await).await?;
    world.edge(async |db| inbox::quarantined(db, lease, &[row.id], reason).await).await
}
