//! Reads the run of division names that an address starts with.

use crate::gazetteer::{How, Name, Place, gazetteer};
use crate::guard;

/// What a text's beginning says of where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Run {
    /// The place, together with what was known before.
    pub(crate) place: Place,
    /// Bytes that the names and what stands between them take; 0 if there are none, or if they leave open which place.
    pub(crate) end: usize,
    /// A county's name that is no longer one.
    pub(crate) merged: Option<&'static str>,
    /// The places that the names could mean, where they leave it open.
    pub(crate) choices: Vec<Place>,
}

#[derive(Clone, Copy)]
struct Reading {
    place: Place,
    end: usize,
    letters: usize,
    full: usize,
    merged: Option<&'static str>,
    /// Whether the last name was a short one.
    short: bool,
}

/// Reads the names at the beginning of `text` that agree with what is known.
///
/// The reading that explains most letters wins; where several places do, only what they have in common is taken.
pub(crate) fn read(text: &str, known: Place) -> Run {
    let start = Reading { place: known, end: 0, letters: 0, full: 0, merged: None, short: false };
    let mut best = vec![start];
    extend(text, start, &mut best);
    let mut places: Vec<Place> = Vec::new();
    for reading in &best {
        if !places.contains(&reading.place) {
            places.push(reading.place);
        }
    }
    let Some(common) = places.iter().copied().reduce(Place::common) else { return settled(start) };
    let whole = best.iter().filter(|reading| reading.place == common).min_by_key(|reading| reading.merged.is_some());
    match whole {
        Some(reading) => settled(*reading),
        None => Run { place: common, end: 0, merged: None, choices: places },
    }
}

fn settled(reading: Reading) -> Run {
    Run { place: reading.place, end: reading.end, merged: reading.merged, choices: Vec::new() }
}

/// The one county of the known city that goes by this whole text, as 昌吉 in 昌吉回族自治州 does.
pub(crate) fn county(text: &str, known: Place) -> Option<Place> {
    let names = gazetteer().at_start_of(text).filter(|name| name.text == text && name.place.county != 0);
    let mut inside = names.filter(|name| known.narrowed_by(name.place) == name.place).map(|name| name.place);
    inside.next().filter(|one| inside.all(|other| other == *one))
}

/// Whether the text starts with the full name of a province, city or county that does not agree with what is known:
/// an address of elsewhere.
pub(crate) fn contradicts(text: &str, known: Place) -> bool {
    let (_, rest) = guard::skip(text);
    let mut full = gazetteer()
        .at_start_of(rest)
        .filter(|name| name.how == How::Full && !guard::is_common_word(name.text))
        .filter(|name| {
            let after = rest.get(name.text.len()..).unwrap_or("");
            guard::full_may_end(name.text, after) && !guard::is_landmark(after)
        })
        .peekable();
    full.peek().is_some() && full.all(|name| !known.on_one_line_with(name.place))
}

fn extend(text: &str, from: Reading, best: &mut Vec<Reading>) {
    let Some(tail) = text.get(from.end..) else { return };
    let (skipped, rest) = guard::skip(tail);
    for name in gazetteer().at_start_of(rest) {
        let after = rest.get(name.text.len()..).unwrap_or("");
        let Some(place) = joined(from.place, name) else { continue };
        if !may_stand(name, &from, skipped, after) {
            continue;
        }
        // 西湖区政府旁 tells the district and is still a landmark: it stays in the street.
        let landmark = name.how != How::Short && guard::is_landmark(after) && !inner_follows(name.place, after);
        let taken = if landmark { 0 } else { skipped + name.text.len() + guard::noise(after) };
        let reading = Reading {
            place,
            end: from.end + taken,
            letters: from.letters + name.text.chars().count(),
            full: from.full + usize::from(name.how != How::Short),
            merged: if name.how == How::Merged { Some(name.text) } else { from.merged },
            short: name.how == How::Short,
        };
        // A short name that repeats what is known proves nothing where the text goes on: 广州 + 广州塔下.
        let repeats = name.how == How::Short && place == from.place;
        if !repeats || guard::is_end(after) {
            offer(reading, best);
        }
        if !landmark {
            extend(text, reading, best);
        }
    }
}

/// The place that a name leads to from what is known, if it can.
fn joined(known: Place, name: Name) -> Option<Place> {
    match name.how {
        How::Moved(old_city) => (known.city == old_city && known.county == 0).then_some(name.place),
        _ => known.on_one_line_with(name.place).then(|| known.narrowed_by(name.place)),
    }
}

fn may_stand(name: Name, from: &Reading, skipped: usize, after: &str) -> bool {
    let is_county = name.place.county != 0;
    match name.how {
        How::Short if is_county => {
            // 杭州 西湖 and 杭州西湖文三路 are regions; in 杭州市西湖文化广场 it is a square.
            let in_style = from.short && skipped == 0 && guard::short_may_end(after);
            from.place.province != 0 && (guard::is_end(after) || (in_style && !guard::is_common_word(name.text)))
        }
        How::Short => guard::short_may_end(after) || inner_follows(name.place, after),
        // 东区 and the like are houses' names as often as districts': only within their city.
        _ if guard::is_common_word(name.text) && from.place.city == 0 => false,
        _ => guard::full_may_end(name.text, after) || inner_follows(name.place, after),
    }
}

/// Whether the name of a place within this one follows: 浙江 + 杭州, though 广东 + 中山 looks like a mountain.
fn inner_follows(place: Place, after: &str) -> bool {
    gazetteer().at_start_of(after).any(|name| name.place != place && place.narrowed_by(name.place) == name.place)
}

fn offer(reading: Reading, best: &mut Vec<Reading>) {
    let weight = |reading: &Reading| (reading.letters, reading.full);
    let leader = best.first().map_or((0, 0), weight);
    match weight(&reading).cmp(&leader) {
        std::cmp::Ordering::Greater => *best = vec![reading],
        std::cmp::Ordering::Equal => best.push(reading),
        std::cmp::Ordering::Less => {}
    }
}
