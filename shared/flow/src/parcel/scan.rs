//! What one scan means for a parcel's way.

use super::{Kind, Stage, Way};

const MINUTE: i64 = 60_000;

/// A scan.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen<'a> {
    /// What happened, by the name that scans are stored with.
    pub kind: &'a str,
    /// When, by the carrier's clock.
    pub at: i64,
    /// Where.
    pub place: &'a str,
    /// The carrier's code.
    pub code: &'a str,
    /// The carrier's words.
    pub text: &'a str,
}

/// From where to where a parcel goes. Any of it may be empty.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ends {
    /// Province of the warehouse.
    pub from_province: String,
    /// City of the warehouse.
    pub from_city: String,
    /// Province of the receiver.
    pub to_province: String,
    /// City of the receiver.
    pub to_city: String,
    /// District of the receiver.
    pub to_district: String,
}

impl Ends {
    /// What paces are learnt for: from a city to a province.
    pub fn lane(&self) -> String {
        format!("{}{}>{}", self.from_province, self.from_city, self.to_province)
    }
}

/// A stay that ended, to learn from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// Its stage.
    pub stage: Stage,
    /// Its [`Way::spot`].
    pub spot: String,
    /// How long it lasted, in milliseconds.
    pub ms: i64,
}

/// What a scan changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The way after it.
    pub way: Way,
    /// What can be learnt from it.
    pub sample: Option<Sample>,
    /// What a person should look at.
    pub open: Vec<Kind>,
    /// What a person need not look at any more.
    pub close: Vec<Kind>,
}

impl Step {
    const fn nothing(way: Way) -> Self {
        Self { way, sample: None, open: Vec::new(), close: Vec::new() }
    }
}

/// What a scan means for a way. What is older than the newest scan is kept by the caller and changes nothing here, as
/// does what comes after the end; only an end and a return count whenever they are heard of.
pub fn after(way: &Way, ends: &Ends, seen: Seen<'_>) -> Step {
    let mut step = Step::nothing(way.clone());
    let back = matches!(seen.kind, "returning" | "returned");
    if way.stage == Stage::Back || (way.stage == Stage::Signed && !back) {
        return step;
    }
    let stale = way.since.is_some_and(|since| seen.at < since);
    match seen.kind {
        "unwatched" => step.open.push(Kind::Unwatched),
        "signed" => signed(&mut step, ends, seen),
        "returned" => came_back(&mut step, seen),
        _ if stale => {}
        "returning" => turned(&mut step, seen),
        "picked_up" | "moving" | "out_for_delivery" => moved(&mut step, seen),
        "problem" => trouble(&mut step, seen, if customs(seen.text) { Kind::CustomsStop } else { Kind::Problem }),
        "refused" => trouble(&mut step, seen, Kind::Refused),
        // A word that nobody knows is a sign of life and no more.
        _ => arrive(&mut step, seen),
    }
    step
}

/// The parcel was seen: whatever was said about its silence is over.
fn arrive(step: &mut Step, seen: Seen<'_>) {
    step.way.since = Some(step.way.since.map_or(seen.at, |since| since.max(seen.at)));
    seen.place.clone_into(&mut step.way.place);
    seen.code.clone_into(&mut step.way.code);
    step.close.extend([Kind::NotPickedUp, Kind::Stalled, Kind::Unwatched]);
}

/// It goes on, to the stage that this kind of scan begins; a pick-up told late takes nothing back.
fn moved(step: &mut Step, seen: Seen<'_>) {
    let before = step.way.clone();
    let stage = match (before.stage, seen.kind) {
        (Stage::Return, _) => Stage::Return,
        (Stage::PickUp, "picked_up") => Stage::FirstHub,
        (stage, "picked_up") => stage,
        (_, "moving") => Stage::Hub,
        _ => Stage::Deliver,
    };
    step.sample = sample(&before, seen);
    arrive(step, seen);
    step.way.stage = stage;
    if seen.kind == "picked_up" {
        step.way.picked_at = step.way.picked_at.or(Some(seen.at));
    }
    if stage != Stage::Return {
        step.close.extend([Kind::Problem, Kind::CustomsStop, Kind::Refused]);
    }
}

/// A stay teaches something when the scan that ends it is the one it waited for.
fn sample(before: &Way, seen: Seen<'_>) -> Option<Sample> {
    let awaited = match before.stage {
        Stage::PickUp => seen.kind == "picked_up",
        Stage::FirstHub | Stage::Hub | Stage::Return => matches!(seen.kind, "moving" | "out_for_delivery"),
        Stage::Deliver => seen.kind == "signed",
        Stage::Signed | Stage::Back => false,
    };
    let ms = seen.at - before.since?;
    // The same event told by two sources is no stay.
    (awaited && ms > 0).then(|| Sample { stage: before.stage, spot: before.spot(), ms })
}

fn trouble(step: &mut Step, seen: Seen<'_>, kind: Kind) {
    arrive(step, seen);
    step.open.push(kind);
}

fn turned(step: &mut Step, seen: Seen<'_>) {
    arrive(step, seen);
    step.way.stage = Stage::Return;
    step.open.push(Kind::Returned);
    step.close.extend([Kind::Refused, Kind::Problem, Kind::CustomsStop]);
}

fn came_back(step: &mut Step, seen: Seen<'_>) {
    turned(step, seen);
    step.way.stage = Stage::Back;
}

fn signed(step: &mut Step, ends: &Ends, seen: Seen<'_>) {
    let before = step.way.clone();
    step.sample = sample(&before, seen);
    arrive(step, seen);
    step.way.stage = Stage::Signed;
    step.close.extend([Kind::Problem, Kind::CustomsStop, Kind::Refused, Kind::ReusedNumber]);
    let begun = before.picked_at.or((before.stage == Stage::PickUp).then_some(before.since).flatten());
    if begun.is_some_and(|begun| seen.at - begun < least(ends)) {
        step.open.push(Kind::SignedTooFast);
    }
    if before.stage != Stage::Return && elsewhere(ends, seen.place) {
        step.open.push(Kind::OtherCity);
    }
}

/// The shortest time in which a parcel can have gone from end to end. What is not known is taken to be near.
fn least(ends: &Ends) -> i64 {
    let differ = |a: &str, b: &str| !a.is_empty() && !b.is_empty() && plain(a) != plain(b);
    if differ(&ends.from_province, &ends.to_province) {
        360 * MINUTE
    } else if differ(&ends.from_city, &ends.to_city) {
        180 * MINUTE
    } else {
        30 * MINUTE
    }
}

/// Whether a place names a city, and one that is not the receiver's. Places are the carrier's own words, so that what
/// cannot be told is taken to be right.
fn elsewhere(ends: &Ends, place: &str) -> bool {
    let known = |name: &str| !plain(name).is_empty() && place.contains(plain(name));
    if plain(&ends.to_city).is_empty() || known(&ends.to_city) || known(&ends.to_district) {
        return false;
    }
    let Some((before, _)) = place.split_once('市') else { return false };
    // A municipality is its own province, and a warehouse (市场, 市区) is no city.
    let named = before.rsplit(['省', '区', ' ', ',', '，', '·', '【', '-']).next().unwrap_or_default();
    let next = place.get(before.len() + '市'.len_utf8()..).and_then(|rest| rest.chars().next());
    named.chars().count() >= 2 && !matches!(next, Some('场' | '区' | '政'))
}

/// A place's name without what kind of place it is.
fn plain(name: &str) -> &str {
    ["特别行政区", "自治州", "自治区", "地区", "市", "省", "县", "区"]
        .iter()
        .find_map(|kind| name.strip_suffix(kind))
        .unwrap_or(name)
}

/// Whether the words speak of customs.
fn customs(text: &str) -> bool {
    ["海关", "清关", "报关"].iter().any(|word| text.contains(word)) || text.to_ascii_lowercase().contains("customs")
}

#[cfg(test)]
mod tests;
