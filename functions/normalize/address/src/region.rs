//! Brings the fields and the free text of an address together into one place and what is left for the street.

use crate::clean::clean;
use crate::gazetteer::{Place, gazetteer};
use crate::run::{self, Run};
use crate::{guard, latin};

/// Which piece of an address something is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Piece {
    Province,
    City,
    District,
    Street,
}

/// What could not be settled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Doubt {
    /// Not there.
    Missing(Piece),
    /// There, and no name on the list.
    Unknown(Piece),
    /// Names another place than the pieces before it.
    Conflict(Piece),
    /// Could be any of these.
    Choice(Vec<String>),
}

/// A region in the official words, and the street without it.
#[derive(Debug, Default)]
pub(crate) struct Region {
    pub(crate) province: String,
    pub(crate) city: String,
    pub(crate) district: String,
    pub(crate) street: String,
    pub(crate) division: Option<String>,
    pub(crate) doubts: Vec<Doubt>,
}

/// What is known on the way.
#[derive(Default)]
struct State {
    place: Place,
    merged: Option<&'static str>,
    choices: Vec<Place>,
    /// Texts that no name explains, by level.
    province: String,
    city: String,
    district: String,
    /// What stood behind the district in its own field.
    behind: String,
    doubts: Vec<Doubt>,
}

/// Resolves province, city, district and street as a channel or a person gave them.
pub(crate) fn resolve(province: &str, city: &str, district: &str, street: &str) -> Region {
    let mut state = State::default();
    state.take_field(Piece::Province, &latin::province(&clean(province)));
    state.take_field(Piece::City, &clean(city));
    state.take_field(Piece::District, &clean(district));
    let street = clean(street);
    let street = state.take_street(&street);
    state.region(street)
}

impl State {
    fn take_field(&mut self, piece: Piece, text: &str) {
        if text.is_empty() || guard::is_noise(text) {
            return;
        }
        let run = run::read(text, self.place);
        let rest = after(text, &run);
        // Of 香港特别行政区 the list has no cities: what stands there is the city, whatever it repeats.
        let below = piece != Piece::Province && self.place.province != 0 && !gazetteer().has_cities(self.place);
        if run.end > 0 && rest.is_empty() && !below {
            self.learn(&run);
            if piece == Piece::District && self.place.county == 0 {
                self.place = run::county(text, self.place).unwrap_or(self.place);
            }
            return;
        }
        if run.place == self.place && run.choices.is_empty() && run::contradicts(text, self.place) {
            self.doubts.push(Doubt::Conflict(piece));
        }
        let reached_county = run.place.county != 0 && run.place != self.place;
        self.learn(&run);
        match piece {
            _ if reached_county => self.behind = rest.to_owned(),
            Piece::Province => text.clone_into(&mut self.province),
            // 杭州市高新区 in the city's field: the rest is the district's.
            Piece::City if run.end > 0 && !below => rest.clone_into(&mut self.district),
            Piece::City => text.clone_into(&mut self.city),
            // 苏州工业园区 is a name of its own, though it starts with a city's.
            Piece::District | Piece::Street => text.clone_into(&mut self.district),
        }
    }

    /// Reads the street's beginning and returns what remains of it.
    fn take_street(&mut self, street: &str) -> String {
        let run = run::read(street, self.place);
        let contradicts = self.place.province != 0 && run.end == 0 && run::contradicts(street, self.place);
        if contradicts && run.place == self.place {
            self.doubts.push(Doubt::Conflict(Piece::Street));
        }
        self.learn(&run);
        // A district's field that several cities could have meant, now that the street named one.
        if self.place.county == 0 && !self.district.is_empty() {
            let again = run::read(&self.district, self.place);
            if after(&self.district, &again).is_empty() {
                self.learn(&again);
                self.district.clear();
            }
        }
        let mut rest = after(street, &run);
        if self.place.county == 0 {
            rest = rest.strip_prefix(self.district.as_str()).map_or(rest, |rest| guard::skip(rest).1);
            if self.district.is_empty() && self.place.city != 0 && gazetteer().has_counties(self.place) {
                let end = zone(rest);
                rest.get(..end).unwrap_or("").clone_into(&mut self.district);
                rest = guard::skip(rest.get(end..).unwrap_or("")).1;
            }
        }
        // 三环到四环之间 below a district: no name, and yet it may help the courier.
        let level = if self.place.county == 0 { String::new() } else { std::mem::take(&mut self.district) };
        let level = if rest.starts_with(&level) { "" } else { &level };
        format!("{level}{}{rest}", self.behind)
    }

    fn learn(&mut self, run: &Run) {
        if self.place.county == 0 {
            self.merged = run.merged;
        }
        self.place = run.place;
        self.choices.clone_from(&run.choices);
    }

    fn region(mut self, street: String) -> Region {
        let name = |code: u32, given: String| gazetteer().name(code).map_or(given, ToOwned::to_owned);
        self.doubt_levels();
        if street.is_empty() {
            self.doubts.push(Doubt::Missing(Piece::Street));
        }
        let district = self.merged.map_or(self.district, ToOwned::to_owned);
        Region {
            division: self.place.division(self.merged.is_some()),
            province: name(self.place.province, self.province),
            city: name(self.place.city, self.city),
            district: if self.merged.is_some() { district } else { name(self.place.county, district) },
            street,
            doubts: self.doubts,
        }
    }

    fn doubt_levels(&mut self) {
        let missing_or_unknown =
            |text: &str, piece| if text.is_empty() { Doubt::Missing(piece) } else { Doubt::Unknown(piece) };
        if !self.doubts.is_empty() {
            return; // What contradicts itself is not incomplete as well.
        }
        let doubt = if !self.choices.is_empty() && self.place.county == 0 {
            Doubt::Choice(self.choices.iter().filter_map(|place| words(*place)).collect())
        } else if self.place.province == 0 {
            missing_or_unknown(&self.province, Piece::Province)
        } else if self.place.city == 0 && gazetteer().has_cities(self.place) {
            missing_or_unknown(&self.city, Piece::City)
        } else if self.place.city != 0 && self.place.county == 0 && self.district.is_empty() {
            if !gazetteer().has_counties(self.place) {
                return;
            }
            Doubt::Missing(Piece::District)
        } else {
            return;
        };
        self.doubts.push(doubt);
    }
}

impl Place {
    /// The code of the smallest division on the list, once it is as small as the list goes here.
    fn division(self, merged: bool) -> Option<String> {
        let complete = self.county != 0
            || (self.city != 0 && !gazetteer().has_counties(self))
            || (self.province != 0 && self.city == 0 && !gazetteer().has_cities(self));
        (complete && !merged).then(|| format!("{:06}", self.code()))
    }
}

fn words(place: Place) -> Option<String> {
    let mut codes = vec![place.province, place.city, place.county];
    codes.dedup();
    let names: Vec<_> = codes.into_iter().filter(|code| *code != 0).filter_map(|code| gazetteer().name(code)).collect();
    (!names.is_empty()).then(|| names.concat())
}

/// What remains behind a run.
fn after<'a>(text: &'a str, run: &Run) -> &'a str {
    let rest = text.get(run.end..).unwrap_or("");
    if run.end > 0 { guard::skip(rest).1 } else { rest }
}

/// Bytes of a zone's name that is on no list and that everybody uses as a district: 工业园区, 高新技术产业开发区.
fn zone(text: &str) -> usize {
    const LAST_WORDS: [&str; 10] =
        ["开发区", "高新区", "经开区", "工业园区", "新区", "示范区", "保税区", "度假区", "管理区", "实验区"];
    const LONGEST: usize = 14;
    let ends = text.char_indices().take(LONGEST).map(|(at, c)| (at + c.len_utf8(), c));
    for (end, c) in ends {
        if !('\u{4e00}'..='\u{9fff}').contains(&c) || "路街道巷弄号村镇乡".contains(c) {
            return 0;
        }
        let (name, rest) = text.split_at_checked(end).unwrap_or((text, ""));
        if LAST_WORDS.iter().any(|word| name.ends_with(word)) {
            return if guard::short_may_end(rest) { end } else { 0 };
        }
    }
    0
}
