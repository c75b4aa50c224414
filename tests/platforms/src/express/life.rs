//! Parcels move: by request, by a planned course under the clock, held up by storms.

use super::push::{ended, tell, watch_ended};
use super::route::{before, plan, scan as made, upto};
use super::{Course, NoIntercept, Parcel, Scan, ScanKind};
use crate::Until;
use crate::clock;
use crate::order::Platform;
use crate::world::World;
use serde::Deserialize;

/// One scan by request.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewScan {
    /// What happened.
    pub kind: ScanKind,
    /// When, Unix ms; now where it is left out.
    #[serde(default)]
    pub at_ms: Option<i64>,
    /// Where; the usual place where it is left out.
    #[serde(default)]
    pub city: String,
    /// In words; the usual ones where they are left out.
    #[serde(default)]
    pub words: String,
    /// Nobody is pushed to: only a question finds it.
    #[serde(default)]
    pub silent: bool,
}

/// A hub where nothing moves.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Storm {
    /// Of this carrier only.
    #[serde(default)]
    pub platform: Option<Platform>,
    /// The hub or the city.
    pub place: String,
    /// For so long, in life's seconds: `speed` shortens them.
    pub seconds: u64,
}

fn position(world: &World, number: &str) -> Result<usize, String> {
    let found = world.express.parcels.place(number);
    let at = found.ok_or_else(|| format!("nobody knows {number}"))?;
    if world.express.parcels.get(at).is_some_and(|p| p.cancelled) {
        return Err(format!("{number} is cancelled"));
    }
    Ok(at)
}

fn id(world: &mut World) -> String {
    (170_000_000_000_000 + world.next()).to_string()
}

fn parcel(world: &World, at: usize) -> Result<Parcel, String> {
    world.express.parcels.get(at).cloned().ok_or_else(|| "no such parcel".to_owned())
}

fn speed(world: &World) -> i64 {
    i64::from(world.options.speed.max(1))
}

/// Scans become known: kept, and told to who listens. `reverse` tells each alone, the latest first.
fn happen(world: &mut World, at: usize, scans: Vec<Scan>, reverse: bool) {
    let Some(parcel) = world.express.parcels.get_mut(at) else { return };
    let from = parcel.scans.len();
    parcel.scans.extend(scans);
    let parcel = parcel.clone();
    tell(world, &parcel, from, reverse);
}

/// Moves a parcel on by request; gives how many scans are new.
pub(crate) fn advance(world: &mut World, number: &str, until: Until, reverse: bool) -> Result<usize, String> {
    let at = position(world, number)?;
    let mut parcel = parcel(world, at)?;
    let new: Vec<ScanKind> =
        upto(until).into_iter().filter(|kind| !parcel.scans.iter().any(|s| s.kind == *kind)).collect();
    let now = world.now(parcel.platform);
    // Never before what is known already.
    let least = parcel.scans.iter().map(|s| s.at_ms).max().unwrap_or(i64::MIN);
    let count = new.len();
    let mut scans = Vec::new();
    for (kind, ahead) in new.into_iter().zip((0..count).rev()) {
        let at_ms = (now - 1_000 * i64::try_from(ahead).unwrap_or_default()).max(least);
        let one = made(&parcel, id(world), kind, at_ms, "", "");
        parcel.plan.push(one.clone());
        scans.push(one);
    }
    happen(world, at, scans, reverse);
    Ok(count)
}

/// One scan by request; gives its id.
pub(crate) fn scan(world: &mut World, number: &str, wanted: &NewScan) -> Result<String, String> {
    let at = position(world, number)?;
    let parcel = parcel(world, at)?;
    let at_ms = wanted.at_ms.unwrap_or_else(|| world.now(parcel.platform));
    let one = made(&parcel, id(world), wanted.kind, at_ms, &wanted.city, &wanted.words);
    let known = one.id.clone();
    if wanted.silent {
        if let Some(parcel) = world.express.parcels.get_mut(at) {
            parcel.scans.push(one);
        }
    } else {
        happen(world, at, vec![one], false);
    }
    Ok(known)
}

/// Sends a parcel on its way; gives how many scans are to come.
pub(crate) fn travel(world: &mut World, number: &str, course: Course) -> Result<usize, String> {
    let at = position(world, number)?;
    let parcel = parcel(world, at)?;
    let (now, speed) = (world.now(parcel.platform), speed(world));
    let mut rng = fastrand::Rng::with_seed(world.rng.u64(..));
    let old = if course == Course::Reused { before(&parcel, speed, &mut rng, || id(world)) } else { Vec::new() };
    let plan = plan(&parcel, course, now, speed, &mut rng, || id(world));
    let count = plan.len();
    if let Some(parcel) = world.express.parcels.get_mut(at) {
        parcel.course = course;
        parcel.plan = plan;
    }
    if !old.is_empty() {
        happen(world, at, old, false);
    }
    Ok(count)
}

/// A parcel is called back: what was planned gives way to its return.
pub(crate) fn intercept(world: &mut World, by: Platform, number: &str) -> Result<(), NoIntercept> {
    let found = world.express.parcels.find(number).filter(|p| p.platform == by && !p.cancelled);
    let parcel = found.cloned().ok_or(NoIntercept::Unknown)?;
    let coming = |s: &Scan| matches!(s.kind, ScanKind::Returning | ScanKind::Returned);
    if parcel.scans.iter().any(|s| s.kind == ScanKind::Signed) {
        return Err(NoIntercept::Arrived);
    }
    if parcel.scans.iter().chain(&parcel.plan).any(coming) {
        return Err(NoIntercept::Already);
    }
    let (now, hour) = (world.now(by), 3_600_000 / speed(world));
    let plan = [(ScanKind::Returning, 2), (ScanKind::Returned, 40)]
        .map(|(kind, hours)| made(&parcel, id(world), kind, now + hours * hour, "", ""));
    if let Some(parcel) = world.express.parcels.find_mut(number) {
        parcel.plan = plan.to_vec();
        parcel.course = Course::Returned;
    }
    Ok(())
}

/// Holds up every parcel that has yet to leave the place; gives how many.
pub(crate) fn storm(world: &mut World, storm: &Storm) -> usize {
    let late = i64::try_from(storm.seconds).unwrap_or(i64::MAX / 2_000).saturating_mul(1_000) / speed(world);
    let there = |s: &Scan| s.place == storm.place || s.city == storm.place;
    let mut count = 0;
    for parcel in world.express.parcels.iter_mut() {
        if storm.platform.is_some_and(|platform| platform != parcel.platform) {
            continue;
        }
        let Some(first) = parcel.plan.iter().position(there) else { continue };
        parcel.plan.iter_mut().skip(first).for_each(|s| s.at_ms += late);
        parcel.storm = true;
        count += 1;
    }
    count
}

/// Everything that is due by now happens.
pub(crate) fn tick(world: &mut World) {
    for at in 0..world.express.parcels.len() {
        let Some(parcel) = world.express.parcels.get(at) else { continue };
        if parcel.plan.is_empty() {
            continue;
        }
        let now = world.now(parcel.platform);
        let due = parcel.plan.iter().take_while(|s| s.at_ms <= now).count();
        if due == 0 {
            continue;
        }
        let Some(parcel) = world.express.parcels.get_mut(at) else { continue };
        let scans: Vec<Scan> = parcel.plan.drain(..due).collect();
        for one in scans {
            happen(world, at, vec![one], false);
        }
    }
    let now = clock::now_ms();
    let over: Vec<(Platform, String, &'static str)> = world
        .express
        .watches
        .values()
        .filter_map(|w| ended(world, w).filter(|(at, _)| *at <= now).map(|(_, why)| (w.by, w.number.clone(), why)))
        .collect();
    for (by, number, why) in over {
        watch_ended(world, by, &number, why);
    }
}

/// When something happens next, Unix ms.
pub(crate) fn next_due(world: &World) -> Option<i64> {
    let scans = world.express.parcels.iter().filter_map(|p| p.plan.first().map(|s| s.at_ms));
    let ends = world.express.watches.values().filter_map(|w| ended(world, w).map(|(at, _)| at));
    scans.chain(ends).min()
}

/// A watch is given up before its parcel arrived, for this reason.
pub(crate) fn abort(world: &mut World, number: &str, why: &'static str) -> Result<(), String> {
    let watched: Vec<Platform> = world
        .express
        .watches
        .values()
        .filter(|w| w.number == number && w.active && w.by == Platform::Kuaidi100)
        .map(|w| w.by)
        .collect();
    if watched.is_empty() {
        return Err(format!("nobody watches {number}"));
    }
    for by in watched {
        watch_ended(world, by, number, why);
    }
    Ok(())
}
