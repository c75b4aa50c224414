//! The way of a parcel: which scans there are, and how a course of life is made of them.

use super::Parcel;
use serde::{Deserialize, Serialize};

/// What a scan says. Each carrier has its own word for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScanKind {
    /// Collected from the seller.
    PickedUp,
    /// Left a hub.
    Departed,
    /// Reached a hub or a branch.
    Arrived,
    /// With the courier.
    OutForDelivery,
    /// In a locker or station.
    AtStation,
    /// A delivery failed.
    Problem,
    /// The receiver would not have it.
    Refused,
    /// On its way back.
    Returning,
    /// Back with the seller.
    Returned,
    /// Signed for.
    Signed,
}

/// One scan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Scan {
    /// The same in every telling of it.
    pub id: String,
    /// What happened.
    pub kind: ScanKind,
    /// When, Unix ms.
    pub at_ms: i64,
    /// City.
    pub city: String,
    /// The hub or branch.
    pub place: String,
    /// In words.
    pub words: String,
    /// It ends a stay in a locker or station.
    pub from_station: bool,
}

/// How a parcel's way goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Course {
    /// Nobody planned it: scans come on request.
    #[default]
    Untold,
    /// Signed for on the second day.
    Delivered,
    /// Collected from a station.
    Station,
    /// Never collected from the seller.
    NotPickedUp,
    /// Nothing more after it left the first hub.
    Stalled,
    /// A delivery fails, the next day's succeeds.
    Problem,
    /// Refused at the door, and back with the seller.
    Refused,
    /// Turned back on its way.
    Returned,
    /// Signed for an hour after it was collected, in no other place.
    SignedTooFast,
    /// The number was somebody's before: old scans stand there, older than the label. Then as delivered.
    Reused,
}

const HOUR: i64 = 3_600_000;
/// The number's life before: so long ago.
const BEFORE: i64 = 45 * 24 * HOUR;
const ORIGIN: &str = "杭州市";
const ORIGIN_BRANCH: &str = "杭州良渚营业部";
const ORIGIN_HUB: &str = "杭州转运中心";

use ScanKind::{Arrived, AtStation, Departed, OutForDelivery, PickedUp, Problem, Refused, Returned, Returning, Signed};

/// Steps of the way out, with hours since booking, and whether they are at the receiver's end.
const OUT: [(ScanKind, i64, End); 8] = [
    (PickedUp, 3, End::Seller),
    (Departed, 6, End::Seller),
    (Arrived, 9, End::FirstHub),
    (Departed, 12, End::FirstHub),
    (Arrived, 28, End::LastHub),
    (Departed, 31, End::LastHub),
    (Arrived, 34, End::Buyer),
    (OutForDelivery, 38, End::Buyer),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Seller,
    FirstHub,
    LastHub,
    Buyer,
}

type Step = (ScanKind, i64, End);

fn steps(course: Course) -> Vec<Step> {
    let out = |count: usize| OUT.iter().take(count).copied().collect::<Vec<Step>>();
    let with = |count: usize, more: &[Step]| [out(count).as_slice(), more].concat();
    match course {
        Course::Untold | Course::NotPickedUp => Vec::new(),
        Course::Delivered | Course::Reused => with(8, &[(Signed, 42, End::Buyer)]),
        Course::Station => with(8, &[(AtStation, 41, End::Buyer), (Signed, 58, End::Buyer)]),
        Course::Stalled => out(4),
        Course::Problem => {
            with(8, &[(Problem, 43, End::Buyer), (OutForDelivery, 62, End::Buyer), (Signed, 66, End::Buyer)])
        }
        Course::Refused => with(
            8,
            &[
                (Refused, 42, End::Buyer),
                (Returning, 50, End::Buyer),
                (Arrived, 80, End::FirstHub),
                (Returned, 92, End::Seller),
            ],
        ),
        Course::Returned => {
            with(5, &[(Returning, 33, End::LastHub), (Arrived, 58, End::FirstHub), (Returned, 70, End::Seller)])
        }
        Course::SignedTooFast => with(1, &[(Signed, 4, End::Seller)]),
    }
}

fn place(parcel: &Parcel, end: End) -> (String, String) {
    let city = parcel.receiver.city.clone();
    match end {
        End::Seller => (ORIGIN.to_owned(), ORIGIN_BRANCH.to_owned()),
        End::FirstHub => (ORIGIN.to_owned(), ORIGIN_HUB.to_owned()),
        End::LastHub => {
            let hub = format!("{}转运中心", city.trim_end_matches('市'));
            (city, hub)
        }
        End::Buyer => {
            let branch = format!("{}{}营业部", city.trim_end_matches('市'), parcel.receiver.district);
            (city, branch)
        }
    }
}

fn words(kind: ScanKind, place: &str) -> String {
    match kind {
        PickedUp => format!("【{place}】已揽收"),
        Departed => format!("【{place}】已发出"),
        Arrived => format!("快件到达【{place}】"),
        OutForDelivery => format!("【{place}】正在派件"),
        AtStation => format!("快件已由【{place}】驿站代收"),
        Problem => "派送未成功：联系不上收件人".to_owned(),
        Refused => "收件人拒收".to_owned(),
        Returning => format!("快件从【{place}】退回寄件人"),
        Returned => "退回件已由寄件人签收".to_owned(),
        Signed => "快件已签收".to_owned(),
    }
}

/// A scan of a parcel; what is left empty follows from its kind.
pub(super) fn scan(parcel: &Parcel, id: String, kind: ScanKind, at_ms: i64, city: &str, said: &str) -> Scan {
    let end = match kind {
        PickedUp | Returned => End::Seller,
        Departed => End::FirstHub,
        Arrived => End::LastHub,
        _ => End::Buyer,
    };
    let (usual, place) = place(parcel, end);
    let words = if said.is_empty() { words(kind, &place) } else { said.to_owned() };
    let last = parcel.plan.last().or(parcel.scans.last()).map(|s| s.kind);
    let from_station = kind == Signed && last == Some(AtStation);
    let city = if city.is_empty() { usual } else { city.to_owned() };
    Scan { id, kind, at_ms, city, place, words, from_station }
}

/// The scans of a course from an instant on, an hour of it lasting `1 / speed` of one.
pub(super) fn plan(
    parcel: &Parcel,
    course: Course,
    from_ms: i64,
    speed: i64,
    rng: &mut fastrand::Rng,
    mut id: impl FnMut() -> String,
) -> Vec<Scan> {
    let mut plan: Vec<Scan> = Vec::new();
    for (kind, hours, end) in steps(course) {
        // Up to forty minutes sooner or later: the steps keep their order.
        let minutes = hours * 60 + rng.i64(-25..=15);
        let (city, place) = place(parcel, end);
        let from_station = kind == Signed && plan.last().is_some_and(|s: &Scan| s.kind == AtStation);
        let at_ms = from_ms + minutes * 60_000 / speed.max(1);
        let words = words(kind, &place);
        plan.push(Scan { id: id(), kind, at_ms, city, place, words, from_station });
    }
    plan
}

/// The scans of whoever had the number before.
pub(super) fn before(parcel: &Parcel, speed: i64, rng: &mut fastrand::Rng, id: impl FnMut() -> String) -> Vec<Scan> {
    let from_ms = parcel.booked_ms - BEFORE / speed.max(1);
    plan(parcel, Course::Delivered, from_ms, speed, rng, id)
}

/// What stands between collection and an end, for a parcel that is moved on by request.
pub(super) fn upto(until: crate::Until) -> Vec<ScanKind> {
    use crate::Until;
    let mut kinds = vec![PickedUp];
    if until >= Until::InTransit {
        kinds.extend([Departed, Arrived]);
    }
    if until >= Until::OutForDelivery {
        kinds.push(OutForDelivery);
    }
    match until {
        Until::Problem => kinds.push(Problem),
        Until::Delivered => kinds.push(Signed),
        Until::PickedUp | Until::InTransit | Until::OutForDelivery => {}
    }
    kinds
}
