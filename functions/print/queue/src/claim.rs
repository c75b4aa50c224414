//! `POST claim`: knows the bridge's printers again, renews what it holds, hands out what waits.

use crate::door;
use http::StatusCode;
use huidan_domain::Millis;
use huidan_exchange::time;
use huidan_store::StoreError;
use huidan_store::bridges::{self, Bridge, Printers, Shown};
use huidan_store::print::{self, Held, Job, Room};
use huidan_world::{Incoming, Outgoing, World, serve as front};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Longest wait, in milliseconds.
const LONGEST_WAIT_MS: i64 = 20_000;
/// How often the queue is looked at while a bridge waits, in milliseconds: often at first, since a bridge comes back as
/// soon as it has something to print, and who wants one label often wants another; seldom in a house where nobody prints.
const LOOK_MS: [u64; 2] = [40, 250];
/// How long "at first" is, in milliseconds.
const FRESH_MS: i64 = 1_500;
/// Most jobs of one answer.
const MOST: usize = 200;
/// Room of a printer that does not say how much it has.
const ROOM: u32 = 50;

#[derive(Deserialize)]
struct Claim {
    #[serde(default)]
    printers: Vec<PrinterState>,
    #[serde(default = "one")]
    max: usize,
    #[serde(default)]
    wait: i64,
    #[serde(default)]
    held: Vec<HeldLease>,
    /// How long leases are to last, in seconds: for a bridge that goes on printing while it cannot reach us.
    #[serde(default)]
    lease_s: i64,
}

fn one() -> usize {
    1
}

#[derive(Deserialize)]
struct PrinterState {
    name: String,
    lang: String,
    dpi: u32,
    media: Media,
    #[serde(default)]
    status: String,
    room: Option<u32>,
}

/// `"100x150"`, or an object in millimetres.
#[derive(Deserialize)]
#[serde(untagged)]
enum Media {
    Text(String),
    Size { width_mm: u32, height_mm: u32 },
}

impl Media {
    fn millimetres(&self) -> Option<(u32, u32)> {
        match self {
            Self::Text(text) => {
                let (width, height) = text.split_once('x')?;
                Some((width.trim().parse().ok()?, height.trim().parse().ok()?))
            }
            Self::Size { width_mm, height_mm } => Some((*width_mm, *height_mm)),
        }
    }
}

#[derive(Deserialize)]
struct HeldLease {
    id: String,
    lease: String,
}

#[derive(Serialize)]
struct Claimed {
    jobs: Vec<JobBody>,
    held: Vec<Renewal>,
    printers: Vec<PrinterBody>,
}

/// How the house knows a printer.
#[derive(Serialize)]
struct PrinterBody {
    name: String,
    /// Our id: its name, unless another bridge's printer has that.
    id: String,
    /// The machine of the bridge that has a printer of the same name.
    #[serde(skip_serializing_if = "Option::is_none")]
    twin: Option<String>,
}

#[derive(Serialize)]
struct Page {
    width_mm: u32,
    height_mm: u32,
    dpi: u32,
}

#[derive(Serialize)]
struct JobBody {
    id: String,
    attempt: u32,
    lease: String,
    lease_until: String,
    printer: String,
    media: Page,
    format: String,
    sha256: String,
    bytes: u32,
    batch: String,
    seq: u32,
    of: u32,
    fence: i64,
    copy_no: u32,
    waybill: Option<String>,
}

impl From<Job> for JobBody {
    fn from(job: Job) -> Self {
        Self {
            id: job.id,
            attempt: job.attempt,
            lease: job.lease,
            lease_until: time::to_rfc3339(job.lease_until),
            printer: job.printer,
            media: Page { width_mm: job.width_mm, height_mm: job.height_mm, dpi: job.dpi },
            format: job.format,
            sha256: job.sha,
            bytes: job.bytes,
            batch: job.batch,
            seq: job.seq,
            of: job.of,
            fence: job.fence,
            copy_no: job.copy_no,
            waybill: job.number,
        }
    }
}

#[derive(Serialize)]
struct Renewal {
    id: String,
    lease: String,
    lease_until: Option<String>,
}

/// Serves a claim; waits for a job as long as the bridge wants to, 20 seconds at most.
pub(crate) async fn serve<W: World>(world: &W, request: &Incoming, bridge: &Bridge) -> Result<Outgoing, StoreError> {
    let claim: Claim = match door::body(request) {
        Ok(claim) => claim,
        Err(refused) => return Ok(refused),
    };
    let Some(shown) = claim.printers.iter().map(shown).collect::<Option<Vec<_>>>() else {
        let why = "纸张应写作 100x150（毫米）/ media is written 100x150, in millimetres";
        return Ok(door::refuse(StatusCode::BAD_REQUEST, "media", why));
    };
    let held: Vec<Held> = claim.held.into_iter().map(|held| Held { id: held.id, lease: held.lease }).collect();
    let known = printers(world, bridge, &shown).await?;
    let rooms: Vec<Room> = known
        .ids
        .iter()
        .zip(&claim.printers)
        .map(|(printer, state)| Room { printer: printer.clone(), room: state.room.unwrap_or(ROOM) })
        .collect();
    let lease_ms = claim.lease_s.saturating_mul(1_000).clamp(print::LEASE_MS, print::LONGEST_LEASE_MS);
    let renewed = world
        .main(async |db| {
            let moment = world.moment();
            let mut renewed = print::renew(db, moment.now, &bridge.id, &held, lease_ms).await?;
            let stopped = print::stopped(db, &held).await?;
            let_go(&held, &stopped, &mut renewed);
            print::end_leases(db, moment).await?;
            Ok((renewed, stopped))
        })
        .await?;
    let (mut renewed, stopped) = renewed;
    let came = world.moment().now;
    let end = Millis(came.0 + (claim.wait.saturating_mul(1_000)).clamp(0, LONGEST_WAIT_MS));
    let max = claim.max.min(MOST);
    let jobs = loop {
        let (jobs, news) = world
            .main(async |db| {
                let ids = print::waiting(db, &bridge.id, &rooms, &held, max).await?;
                let jobs = print::claim_for(db, world.moment(), &bridge.id, &ids, lease_ms).await?;
                Ok((jobs, print::stopped(db, &held).await?))
            })
            .await?;
        // A wave that is stopped while the bridge waits is heard of at once.
        let_go(&held, &news, &mut renewed);
        if !jobs.is_empty() || world.moment().now >= end || news.len() > stopped.len() {
            break jobs;
        }
        let now = world.moment().now;
        let left = u64::try_from(end.since(now)).unwrap_or(0);
        world.sleep(pause(now.since(came)).min(left)).await;
    };
    let held = held.into_iter().zip(renewed);
    let held =
        held.map(|(held, until)| Renewal { id: held.id, lease: held.lease, lease_until: until.map(time::to_rfc3339) });
    let names = known.ids.into_iter().zip(known.twins).zip(shown);
    let printers = names.map(|((id, twin), shown)| PrinterBody { name: shown.name, id, twin }).collect();
    let claimed = Claimed { jobs: jobs.into_iter().map(JobBody::from).collect(), held: held.collect(), printers };
    Ok(front::json(StatusCode::OK, &claimed))
}

/// How long to the next look, for a bridge that has waited so long, both in milliseconds.
const fn pause(waited: i64) -> u64 {
    let [fresh, later] = LOOK_MS;
    if waited < FRESH_MS { fresh } else { later }
}

/// Leases that are not renewed: a bridge gives back what of them it has not started.
fn let_go(held: &[Held], stopped: &BTreeSet<String>, renewed: &mut [Option<Millis>]) {
    for (held, until) in held.iter().zip(renewed) {
        if stopped.contains(&held.id) {
            *until = None;
        }
    }
}

fn shown(printer: &PrinterState) -> Option<Shown> {
    let (width_mm, height_mm) = printer.media.millimetres()?;
    Some(Shown {
        name: printer.name.clone(),
        lang: printer.lang.clone(),
        dpi: printer.dpi,
        width_mm,
        height_mm,
        status: match printer.status.as_str() {
            "ready" => "ready",
            "offline" => "offline",
            _ => "unknown",
        }
        .to_owned(),
    })
}

/// What we know of the printers; labels that waited for one of them are rendered now.
async fn printers<W: World>(world: &W, bridge: &Bridge, shown: &[Shown]) -> Result<Printers, StoreError> {
    let known = world.main(async |db| bridges::printers(db, world.moment(), bridge, shown).await).await?;
    if known.wakes_labels {
        world.wake("flow-clock", "printer");
    }
    Ok(known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bridge_that_has_just_come_is_looked_after_often_and_one_that_waits_costs_little() {
        let (mut waited, mut looks) = (0, Vec::new());
        while waited < LONGEST_WAIT_MS {
            looks.push(waited);
            waited += i64::try_from(pause(waited)).unwrap();
        }
        let within = |ms| looks.iter().filter(|at| **at < ms).count();
        assert!(within(1_000) >= 20, "{looks:?}");
        assert!(looks.len() <= 120, "{} looks", looks.len());
    }
}
