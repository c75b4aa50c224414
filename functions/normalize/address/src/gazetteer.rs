//! The official divisions and what people call them, read once per instance from the tables in `data/`.

use std::sync::LazyLock;

const DIVISIONS: &str = include_str!("../data/divisions.txt");
const FORMER: &str = include_str!("../data/former.txt");

/// A division with all that it belongs to; 0 where a level is not known or does not exist.
///
/// Of a municipality (北京市) the city is the province itself; a county that belongs to no city (仙桃市) is a city.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Place {
    pub(crate) province: u32,
    pub(crate) city: u32,
    pub(crate) county: u32,
}

/// In what sense a name is one of a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    /// As the list has it, or as it had it before the division got another rank.
    Full,
    /// Without its last word, or without the peoples of an autonomous one.
    Short,
    /// A county that was merged or cut up: its name still leads the courier, its code is gone.
    Merged,
    /// The list's name, after the city that it was in before.
    Moved(u32),
}

/// A name that may stand in an address.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Name {
    pub(crate) text: &'static str,
    pub(crate) place: Place,
    pub(crate) how: How,
}

/// All names, sorted by their text.
pub(crate) struct Gazetteer {
    names: Vec<Name>,
    divisions: Vec<(u32, &'static str)>,
}

static GAZETTEER: LazyLock<Gazetteer> = LazyLock::new(Gazetteer::read);

/// The one gazetteer.
pub(crate) fn gazetteer() -> &'static Gazetteer {
    &GAZETTEER
}

impl Place {
    /// Whether one is the other or lies in it.
    pub(crate) fn on_one_line_with(self, other: Self) -> bool {
        let agree = |a: u32, b: u32| a == 0 || b == 0 || a == b;
        agree(self.province, other.province) && agree(self.city, other.city) && agree(self.county, other.county)
    }

    /// Of two on one line the smaller.
    pub(crate) fn narrowed_by(self, other: Self) -> Self {
        let pick = |a: u32, b: u32| if a == 0 { b } else { a };
        Self {
            province: pick(self.province, other.province),
            city: pick(self.city, other.city),
            county: pick(self.county, other.county),
        }
    }

    /// What both lie in.
    pub(crate) fn common(self, other: Self) -> Self {
        let mut common = Self::default();
        if self.province == other.province {
            common.province = self.province;
            if self.city == other.city {
                common.city = self.city;
                if self.county == other.county {
                    common.county = self.county;
                }
            }
        }
        common
    }

    /// The code of its last level; 0 for nowhere.
    pub(crate) fn code(self) -> u32 {
        [self.county, self.city, self.province].into_iter().find(|code| *code != 0).unwrap_or(0)
    }
}

impl Gazetteer {
    fn read() -> Self {
        let mut gazetteer = Self { names: Vec::with_capacity(8_000), divisions: Vec::with_capacity(3_300) };
        for line in DIVISIONS.lines() {
            let mut columns = line.split('\t');
            if let (Some(code), Some(name)) = (columns.next().and_then(|code| code.parse().ok()), columns.next()) {
                gazetteer.divisions.push((code, name));
            }
        }
        for line in DIVISIONS.lines() {
            let mut columns = line.split('\t');
            let Some(code) = columns.next().and_then(|code| code.parse().ok()) else { continue };
            let place = gazetteer.place(code);
            let full = columns.next().into_iter().map(|text| Name { text, place, how: How::Full });
            let short = columns.next().into_iter().flat_map(|all| all.split(' '));
            let short = short.map(|text| Name { text, place, how: How::Short });
            gazetteer.names.extend(full.chain(short));
        }
        for line in FORMER.lines() {
            let mut columns = line.split('\t');
            let (code, text, how) = (columns.next(), columns.next(), columns.next());
            let Some((code, text)) = code.and_then(|code| code.parse().ok()).zip(text) else { continue };
            let how = match (how, columns.next().and_then(|city| city.parse().ok())) {
                (Some("renamed"), _) => How::Full,
                (Some("moved"), Some(city)) => How::Moved(city),
                _ => How::Merged,
            };
            gazetteer.names.push(Name { text, place: gazetteer.place(code), how });
        }
        gazetteer.names.sort_unstable_by_key(|name| name.text);
        gazetteer
    }

    fn place(&self, code: u32) -> Place {
        let (province, city) = (code / 10_000 * 10_000, code / 100 * 100);
        match code {
            _ if code == province && is_municipality(code) => Place { province, city: province, county: 0 },
            _ if code == province => Place { province, city: 0, county: 0 },
            _ if code == city => Place { province, city, county: 0 },
            _ if is_municipality(province) => Place { province, city: province, county: code },
            _ if self.name(city).is_none() => Place { province, city: code, county: 0 },
            _ => Place { province, city, county: code },
        }
    }

    /// The official name of a code.
    pub(crate) fn name(&self, code: u32) -> Option<&'static str> {
        let index = self.divisions.binary_search_by_key(&code, |(code, _)| *code).ok()?;
        self.divisions.get(index).map(|(_, name)| *name)
    }

    /// Whether the list has counties in that city. 东莞市 has none, nor has a county that counts as a city.
    pub(crate) fn has_counties(&self, place: Place) -> bool {
        let first = if is_municipality(place.city) { place.city + 100 } else { place.city };
        let next = self.divisions.partition_point(|(code, _)| *code <= first);
        let in_city = |code: u32| self.place(code).city == place.city;
        self.divisions.get(next).is_some_and(|(code, _)| in_city(*code)) && place.city.is_multiple_of(100)
    }

    /// Whether the list has cities in that province; it has none of 香港特别行政区.
    pub(crate) fn has_cities(&self, place: Place) -> bool {
        let next = self.divisions.partition_point(|(code, _)| *code <= place.province);
        self.divisions.get(next).is_some_and(|(code, _)| code / 10_000 == place.province / 10_000)
    }

    /// Every name that `text` starts with.
    pub(crate) fn at_start_of<'a>(&'a self, text: &'a str) -> impl Iterator<Item = Name> + 'a {
        let first = text.chars().next();
        let head = first.map_or("", |c| text.get(..c.len_utf8()).unwrap_or(""));
        let from = self.names.partition_point(|name| name.text < head);
        let some = if head.is_empty() { 0 } else { usize::MAX };
        let rest = self.names.get(from..).unwrap_or(&[]);
        rest.iter()
            .take(some)
            .take_while(move |name| name.text.starts_with(head))
            .copied()
            .filter(|name| text.starts_with(name.text))
    }
}

fn is_municipality(code: u32) -> bool {
    matches!(code, 110_000 | 120_000 | 310_000 | 500_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places_named(text: &str) -> Vec<(u32, How)> {
        gazetteer().at_start_of(text).filter(|n| n.text == text).map(|n| (n.place.code(), n.how)).collect()
    }

    #[test]
    fn the_whole_list_is_read() {
        assert_eq!(gazetteer().divisions.len(), DIVISIONS.lines().count());
        assert!(gazetteer().names.len() > 6_500, "{}", gazetteer().names.len());
        assert!(gazetteer().names.iter().all(|name| name.place.province != 0));
    }

    #[test]
    fn names_lead_to_codes() {
        assert_eq!(places_named("浙江省"), [(330_000, How::Full)]);
        assert_eq!(places_named("恩施州"), [(422_800, How::Short)]);
        assert_eq!(places_named("萧山市"), [(330_109, How::Full)]);
        assert_eq!(places_named("崇文区"), [(110_101, How::Merged)]);
        assert!(places_named("简阳市").contains(&(510_185, How::Moved(512_000))));
        assert_eq!(places_named("鼓楼区").len(), 4);
    }

    #[test]
    fn levels_that_do_not_exist_are_told() {
        let place = |code| gazetteer().place(code);
        assert_eq!(place(110_105), Place { province: 110_000, city: 110_000, county: 110_105 });
        assert_eq!(place(429_004), Place { province: 420_000, city: 429_004, county: 0 });
        for (code, counties) in [(330_100, true), (441_900, false), (429_004, false), (110_000, true), (500_000, true)]
        {
            assert_eq!(gazetteer().has_counties(place(code)), counties, "{code}");
        }
        for (code, cities) in [(330_000, true), (810_000, false), (710_000, false), (460_000, true)] {
            assert_eq!(gazetteer().has_cities(place(code)), cities, "{code}");
        }
    }
}
