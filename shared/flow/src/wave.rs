//! Which parcels are packed together, in which order, and what is fetched for them.
//!
//! The order of a wave's members is the order of its paper, of its list and of packing: it follows the walk along the
//! bins, so that nobody sorts paper.

mod batch;
mod list;

pub use batch::{distinct_bins, similar};
pub use list::{PickRow, Place, pick_list};

use huidan_domain::WaveKind;
use std::cmp::Ordering;
use std::collections::BTreeMap;

/// Goods to be fetched for a parcel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Piece {
    /// Our code.
    pub sku: String,
    /// Where it lies; empty when nobody said.
    pub bin: String,
    /// How many.
    pub qty: u32,
}

/// A parcel that waits to be packed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parcel {
    /// The package.
    pub package: String,
    /// Our id of its carrier account.
    pub account: String,
    /// When it was planned, UTC milliseconds.
    pub planned_at: i64,
    /// By when it must leave, UTC milliseconds.
    pub ship_by: Option<i64>,
    /// Grams; 0 when unknown.
    pub weight_g: u32,
    /// The buyer or a rule asks for haste.
    pub urgent: bool,
    /// Marked as bulky.
    pub bulky: bool,
    /// What goes in.
    pub pieces: Vec<Piece>,
}

/// How waves are built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Slots of the put-wall: the most parcels of a wave that is sorted into it.
    pub slots: usize,
    /// Slots beside each other; `A1` to `A5`, then `B1`.
    pub columns: usize,
    /// Most parcels of the other kinds of wave.
    pub most: usize,
    /// A parcel heavier than so many grams is large.
    pub large_over_g: u32,
    /// A parcel of more pieces than these is large.
    pub large_over_pieces: u32,
    /// What must leave before then is urgent, UTC milliseconds.
    pub urgent_before: Option<i64>,
    /// Whether parcels of different carrier accounts stay apart.
    pub by_carrier: bool,
    /// Whether parcels of different zones stay apart.
    pub by_zone: bool,
}

/// A parcel's place in a wave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The package.
    pub package: String,
    /// Its slot in the put-wall; empty where there is none.
    pub slot: String,
}

/// A wave to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planned {
    /// What its parcels have in common.
    pub kind: WaveKind,
    /// Their carrier account; empty when it has several.
    pub account: String,
    /// Their zone; empty when it has several.
    pub zone: String,
    /// In the order of the paper.
    pub members: Vec<Member>,
}

/// The zone of a bin: what stands before the first `-` or `/` of it.
pub fn zone_of(bin: &str) -> &str {
    bin.split(['-', '/']).next().unwrap_or_default().trim()
}

/// The zone of a parcel whose goods all lie in one.
pub fn zone(parcel: &Parcel) -> &str {
    let mut zones = parcel.pieces.iter().map(|piece| zone_of(&piece.bin));
    let first = zones.next().unwrap_or_default();
    if zones.all(|zone| zone == first) { first } else { "" }
}

/// The order of a walk: bins by their parts, numbers as numbers (`A-2` before `A-10`); what has no bin comes last.
pub fn walk(a: &str, b: &str) -> Ordering {
    a.is_empty().cmp(&b.is_empty()).then_with(|| {
        let (mut left, mut right) = (parts(a), parts(b));
        loop {
            match (left.next(), right.next()) {
                (None, None) => return a.cmp(b),
                (None, Some(_)) => return Ordering::Less,
                (Some(_), None) => return Ordering::Greater,
                (Some(a), Some(b)) => match a.cmp(&b) {
                    Ordering::Equal => {}
                    other => return other,
                },
            }
        }
    })
}

/// Runs of digits with their value, and what stands between them.
fn parts(bin: &str) -> impl Iterator<Item = (u64, &str)> {
    let mut rest = bin;
    std::iter::from_fn(move || {
        let digits = rest.starts_with(|c: char| c.is_ascii_digit());
        let end = rest.find(|c: char| c.is_ascii_digit() != digits).unwrap_or(rest.len());
        let (part, after) = rest.split_at_checked(end).filter(|(part, _)| !part.is_empty())?;
        rest = after;
        // Letters before numbers, as labels on shelves are read.
        Some(if digits { (part.parse::<u64>().unwrap_or(u64::MAX).saturating_add(1), "") } else { (0, part) })
    })
}

/// How a parcel is picked and packed.
pub fn kind(parcel: &Parcel, plan: &Plan) -> WaveKind {
    let pieces: u64 = parcel.pieces.iter().map(|piece| u64::from(piece.qty)).sum();
    let late = parcel.ship_by.zip(plan.urgent_before).is_some_and(|(by, before)| by < before);
    let large = parcel.bulky || parcel.weight_g > plan.large_over_g || pieces > u64::from(plan.large_over_pieces);
    match parcel.pieces.len() {
        _ if large || late || parcel.urgent => WaveKind::Alone,
        0 | 1 if pieces <= 1 => WaveKind::SinglePiece,
        0 | 1 => WaveKind::SingleLine,
        _ => WaveKind::PutWall,
    }
}

/// Sorts parcels into waves. The same parcels and plan give the same waves, whatever order they come in.
pub fn build(parcels: &[Parcel], plan: &Plan) -> Vec<Planned> {
    let mut groups: BTreeMap<(WaveKind, &str, &str), Vec<&Parcel>> = BTreeMap::new();
    for parcel in parcels {
        let account = if plan.by_carrier { parcel.account.as_str() } else { "" };
        let zone = if plan.by_zone { zone(parcel) } else { "" };
        groups.entry((kind(parcel, plan), account, zone)).or_default().push(parcel);
    }
    let mut waves = Vec::new();
    for ((kind, account, zone), mut group) in groups {
        group.sort_by(|a, b| arrival(a, b));
        let batches = match kind {
            WaveKind::PutWall => similar(&group, plan.slots),
            WaveKind::SinglePiece | WaveKind::SingleLine => {
                group.sort_by(|a, b| by_walk(a, b));
                chunks(&group, plan.most)
            }
            // What hurries is fetched in the order in which it must leave.
            WaveKind::Alone => chunks(&group, plan.most),
        };
        for mut batch in batches {
            if kind == WaveKind::PutWall {
                batch.sort_by(|a, b| by_walk(a, b));
            }
            let member = |(at, parcel): (usize, &&Parcel)| Member {
                package: parcel.package.clone(),
                slot: if kind == WaveKind::PutWall { slot(at, plan.columns) } else { String::new() },
            };
            let members = batch.iter().enumerate().map(member).collect();
            waves.push(Planned { kind, account: account.to_owned(), zone: zone.to_owned(), members });
        }
    }
    waves
}

fn chunks<'a>(group: &[&'a Parcel], most: usize) -> Vec<Vec<&'a Parcel>> {
    group.chunks(most.max(1)).map(<[_]>::to_vec).collect()
}

/// What must leave first, then what waits longest.
fn arrival(a: &Parcel, b: &Parcel) -> Ordering {
    let key = |parcel: &Parcel| (parcel.ship_by.unwrap_or(i64::MAX), parcel.planned_at);
    key(a).cmp(&key(b)).then_with(|| a.package.cmp(&b.package))
}

/// Along the bins by the first stop of each parcel; what lies together stays together.
fn by_walk(a: &Parcel, b: &Parcel) -> Ordering {
    let first = |parcel: &Parcel| {
        parcel.pieces.iter().min_by(|a, b| walk(&a.bin, &b.bin).then_with(|| a.sku.cmp(&b.sku))).cloned()
    };
    match (first(a), first(b)) {
        (Some(x), Some(y)) => walk(&x.bin, &y.bin).then_with(|| x.sku.cmp(&y.sku)).then_with(|| x.qty.cmp(&y.qty)),
        (x, y) => x.is_none().cmp(&y.is_none()),
    }
    .then_with(|| arrival(a, b))
}

/// The name of a slot: rows `A`, `B`, …, columns from 1.
fn slot(at: usize, columns: usize) -> String {
    let columns = columns.max(1);
    let (mut row, column) = (at / columns, at % columns + 1);
    let mut letters = String::new();
    loop {
        letters.insert(0, char::from(b'A' + u8::try_from(row % 26).unwrap_or(0)));
        if row < 26 {
            break;
        }
        row = row / 26 - 1;
    }
    format!("{letters}{column}")
}

#[cfg(test)]
mod tests;
