//! What all express carriers have in common: numbers that are charged, counted and given once for an order, cancelled
//! until the first scan, and the parcel behind each number. How a carrier is asked and how it speaks is its own module.

mod account;
mod life;
mod parcels;
mod push;
mod read;
mod route;

pub use account::{CarrierOptions, Repeats};
pub(crate) use account::{latency, left, options, over, over_second, recharge};
pub use life::{NewScan, Storm};
pub(crate) use life::{abort, advance, intercept, next_due, scan, storm, tick, travel};
pub(crate) use push::{Outgoing, Pusher, Told, after_attempt, often};
pub(crate) use read::{Names, who};
pub use route::{Course, Scan, ScanKind};

use crate::ebill;
use crate::fiction::Receiver;
use crate::ledger::Waybill;
use crate::order::Platform;
use crate::rate::Rate;
use crate::world::World;
use serde::Serialize;
use std::collections::BTreeMap;

/// Those that give out numbers or watch them.
pub(crate) const ALL: [Platform; 12] = [
    Platform::Yto,
    Platform::Zto,
    Platform::Sto,
    Platform::Yunda,
    Platform::JdLogistics,
    Platform::Jtexpress,
    Platform::Kuaidi100,
    Platform::Kdniao,
    Platform::Easypost,
    Platform::Aftership,
    Platform::SeventeenTrack,
    Platform::Trackingmore,
];

/// What the carriers keep.
#[derive(Debug, Default)]
pub(crate) struct State {
    pub(crate) parcels: parcels::Parcels,
    /// By number and watcher.
    watches: BTreeMap<(String, Platform), Watch>,
    left: BTreeMap<Platform, i64>,
    pub(crate) targets: BTreeMap<Platform, String>,
    rate: Rate,
    /// Packages under one number, where there are several.
    pub(crate) packages: BTreeMap<String, i64>,
    /// When a number was last asked for, where a carrier minds.
    pub(crate) asked: BTreeMap<String, i64>,
}

/// A parcel under its number.
#[derive(Clone, Debug, Serialize)]
pub struct Parcel {
    /// Who gave the number, or first heard of it.
    pub platform: Platform,
    /// The number.
    pub number: String,
    /// The number of the first piece, for the pieces after it.
    pub mother: Option<String>,
    /// The caller's order id; empty where the number came from elsewhere.
    pub key: String,
    /// Carrier code as the platform writes it.
    pub carrier: String,
    /// To whom.
    pub receiver: Receiver,
    /// Given back.
    pub cancelled: bool,
    /// When it was booked, Unix ms.
    pub booked_ms: i64,
    /// Scans so far, in order of their making.
    pub scans: Vec<Scan>,
    /// How its way goes: the truth that alarms are compared with.
    pub course: Course,
    /// A storm has held it up.
    pub storm: bool,
    /// Scans to come, in order.
    #[serde(skip)]
    pub(crate) plan: Vec<Scan>,
}

/// Somebody asked to be told of a number.
#[derive(Clone, Debug)]
pub(crate) struct Watch {
    pub(crate) by: Platform,
    pub(crate) number: String,
    /// Where to push; the account's address where it is empty.
    pub(crate) url: String,
    pub(crate) salt: String,
    /// The watcher's code of the carrier.
    pub(crate) carrier: String,
    /// Given back in pushes.
    pub(crate) order: String,
    pub(crate) since_ms: i64,
    pub(crate) active: bool,
    /// How often it was asked for.
    pub(crate) times: u32,
}

/// What a caller wants numbers for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Wanted {
    pub(crate) key: String,
    pub(crate) package: String,
    pub(crate) carrier: String,
    pub(crate) receiver: Receiver,
    pub(crate) pieces: i64,
}

/// Numbers given.
#[derive(Clone, Debug)]
pub(crate) struct Given {
    /// The first piece's comes first.
    pub(crate) numbers: Vec<String>,
    /// The order had them already; nothing is charged.
    pub(crate) repeat: bool,
}

impl Given {
    pub(crate) fn first(&self) -> String {
        self.numbers.first().cloned().unwrap_or_default()
    }
}

/// Why there is no number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoNumber {
    /// The account's numbers are used up.
    Empty,
    /// The order id was used before, and this carrier says so.
    Repeated,
    /// The order id was used and cancelled.
    Cancelled,
}

/// Why a number is not taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoCancel {
    Unknown,
    Already,
    /// It has been scanned.
    Travelling,
}

/// Why a parcel is not called back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoIntercept {
    Unknown,
    Arrived,
    /// It is on its way back.
    Already,
}

/// The parcel of a number, whoever gave it.
pub(crate) fn by_number<'a>(world: &'a World, number: &str) -> Option<&'a Parcel> {
    world.express.parcels.find(number)
}

/// The first piece booked under an order id.
pub(crate) fn by_key<'a>(world: &'a World, at: Platform, key: &str) -> Option<&'a Parcel> {
    world.express.parcels.iter().rfind(|p| p.platform == at && p.key == key && !key.is_empty() && p.mother.is_none())
}

/// A number's scans, oldest first, by their own time.
pub(crate) fn scans_of(world: &World, number: &str) -> Vec<Scan> {
    let mut scans = by_number(world, number).map(|p| p.scans.clone()).unwrap_or_default();
    scans.sort_by_key(|s| s.at_ms);
    scans
}

/// The numbers of all pieces booked together.
pub(crate) fn pieces(world: &World, first: &str) -> Vec<String> {
    let of_it = |p: &&Parcel| p.number == first || p.mother.as_deref() == Some(first);
    world.express.parcels.iter().filter(of_it).map(|p| p.number.clone()).collect()
}

/// Gives numbers, by the carrier's rule for an order id that comes again.
pub(crate) fn book(world: &mut World, at: Platform, wanted: &Wanted) -> Result<Given, NoNumber> {
    let repeats = options(world, at).map(|o| o.repeats).unwrap_or_default();
    if let Some(before) = by_key(world, at, &wanted.key).cloned() {
        match repeats {
            _ if before.cancelled && repeats != Repeats::Anew => return Err(NoNumber::Cancelled),
            Repeats::First => {
                repeated(world, at, &wanted.key);
                return Ok(Given { numbers: pieces(world, &before.number), repeat: true });
            }
            Repeats::Refused => {
                repeated(world, at, &wanted.key);
                return Err(NoNumber::Repeated);
            }
            Repeats::Anew => {}
        }
    }
    let count = wanted.pieces.clamp(1, 300);
    if left(world, at) < count {
        return Err(NoNumber::Empty);
    }
    recharge(world, at, -count);
    let numbers: Vec<String> = (0..count).map(|_| ebill::number_of(&wanted.carrier, world.next())).collect();
    for number in &numbers {
        issue(world, at, wanted, number, numbers.first().filter(|first| *first != number));
    }
    Ok(Given { numbers, repeat: false })
}

fn repeated(world: &mut World, at: Platform, key: &str) {
    for waybill in world.waybills.iter_mut().filter(|w| w.platform == at && w.key == key) {
        waybill.repeats += 1;
    }
}

fn issue(world: &mut World, at: Platform, wanted: &Wanted, number: &str, mother: Option<&String>) {
    let at_ms = world.now(at);
    world.waybills.push(Waybill {
        platform: at,
        carrier: wanted.carrier.clone(),
        number: number.to_owned(),
        key: wanted.key.clone(),
        package: wanted.package.clone(),
        orders: Vec::new(),
        repeats: 0,
        cancelled: false,
        receiver: wanted.receiver.clone(),
        at_ms,
    });
    world.express.parcels.add(Parcel {
        platform: at,
        number: number.to_owned(),
        mother: mother.cloned(),
        key: wanted.key.clone(),
        carrier: wanted.carrier.clone(),
        receiver: wanted.receiver.clone(),
        cancelled: false,
        booked_ms: at_ms,
        scans: Vec::new(),
        course: Course::Untold,
        storm: false,
        plan: Vec::new(),
    });
}

/// Takes back all numbers that were booked together with this one, and their charge.
pub(crate) fn cancel(world: &mut World, at: Platform, number: &str) -> Result<(), NoCancel> {
    let parcel = by_number(world, number).filter(|p| p.platform == at).ok_or(NoCancel::Unknown)?;
    let first = parcel.mother.clone().unwrap_or_else(|| parcel.number.clone());
    let all = pieces(world, &first);
    let of_it = |p: &&Parcel| all.contains(&p.number);
    if world.express.parcels.iter().filter(of_it).all(|p| p.cancelled) {
        return Err(NoCancel::Already);
    }
    if world.express.parcels.iter().filter(of_it).any(|p| !p.scans.is_empty()) {
        return Err(NoCancel::Travelling);
    }
    for parcel in world.express.parcels.iter_mut().filter(|p| all.contains(&p.number)) {
        parcel.cancelled = true;
        parcel.plan.clear();
    }
    for waybill in world.waybills.iter_mut().filter(|w| w.platform == at && all.contains(&w.number)) {
        waybill.cancelled = true;
    }
    recharge(world, at, i64::try_from(all.len()).unwrap_or_default());
    Ok(())
}

/// Changes whom a parcel goes to, while it has not been scanned.
pub(crate) fn readdress(world: &mut World, at: Platform, number: &str, to: &Receiver) -> Result<(), NoCancel> {
    let found = world.express.parcels.find_mut(number).filter(|p| p.platform == at);
    let parcel = found.ok_or(NoCancel::Unknown)?;
    if parcel.cancelled {
        return Err(NoCancel::Already);
    }
    if !parcel.scans.is_empty() {
        return Err(NoCancel::Travelling);
    }
    parcel.receiver.clone_from(to);
    for waybill in world.waybills.iter_mut().filter(|w| w.platform == at && w.number == number) {
        waybill.receiver.clone_from(to);
    }
    Ok(())
}

/// The watch that a platform keeps on a number.
pub(crate) fn watch_of<'a>(world: &'a World, by: Platform, number: &str) -> Option<&'a Watch> {
    world.express.watches.get(&(number.to_owned(), by))
}

/// Watches a number, also one that nobody here gave out; `false` when it is watched already.
pub(crate) fn watch(world: &mut World, mut wanted: Watch) -> bool {
    if by_number(world, &wanted.number).is_none() {
        foreign(world, &wanted);
    }
    wanted.since_ms = world.now(wanted.by);
    let key = (wanted.number.clone(), wanted.by);
    match world.express.watches.get_mut(&key) {
        Some(before) if before.active => {
            before.times += 1;
            false
        }
        Some(before) => {
            wanted.times = before.times + 1;
            *before = wanted;
            true
        }
        None => {
            wanted.times = 1;
            world.express.watches.insert(key, wanted);
            true
        }
    }
}

impl Watch {
    /// A plain watch by a platform.
    pub(crate) fn new(by: Platform, number: &str, carrier: &str) -> Watch {
        Watch {
            by,
            number: number.to_owned(),
            url: String::new(),
            salt: String::new(),
            carrier: carrier.to_owned(),
            order: String::new(),
            since_ms: 0,
            active: true,
            times: 0,
        }
    }
}

/// No longer watched.
pub(crate) fn unwatch(world: &mut World, by: Platform, number: &str) -> bool {
    let found = world.express.watches.get_mut(&(number.to_owned(), by)).filter(|w| w.active);
    found.map(|watch| watch.active = false).is_some()
}

fn foreign(world: &mut World, watch: &Watch) {
    let receiver = crate::fiction::receiver(&mut world.rng);
    let booked_ms = world.now(watch.by);
    world.express.parcels.add(Parcel {
        platform: watch.by,
        number: watch.number.clone(),
        mother: None,
        key: String::new(),
        carrier: watch.carrier.clone(),
        receiver,
        cancelled: false,
        booked_ms,
        scans: Vec::new(),
        course: Course::Untold,
        storm: false,
        plan: Vec::new(),
    });
}
