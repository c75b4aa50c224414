//! A file with its heading found and its columns mapped.

use super::columns::{self, Columns};
use super::guess::{self, Guess};
use super::headings::{self, Naming};
use super::{Cell, Row};
use huidan_channel::{ImportBy, ImportField as Field, ImportMapping, ImportRefused, MappingFrom};

/// Fewest known headings that make a row the heading.
pub(super) const FEWEST: usize = 3;
/// Rows above the heading that may hold a title.
const SEARCHED: usize = 20;

/// A table.
pub(super) struct Table<'a> {
    /// The heading's row, as a spreadsheet counts.
    pub(super) heading_row: u32,
    pub(super) headings: Vec<String>,
    pub(super) guesses: Vec<Guess>,
    pub(super) from: MappingFrom,
    /// The rows below.
    pub(super) rows: &'a [Row],
}

impl<'a> Table<'a> {
    /// Finds the heading and maps the columns: by what was given, else by what was confirmed for the same headings
    /// before, else by guessing.
    pub(super) fn find(rows: &'a [Row], by: &ImportBy) -> Result<Self, ImportRefused> {
        let given = by.given.as_ref().map(|mapping| (mapping, MappingFrom::Given));
        let remembered = by.remembered.iter().map(|mapping| (mapping, MappingFrom::Remembered));
        for (mapping, from) in given.into_iter().chain(remembered) {
            for (index, row) in rows.iter().take(SEARCHED).enumerate() {
                let below = rows.get(index + 1..).unwrap_or_default();
                let headings = columns::headings(row, width(row, below));
                if columns::is_for(mapping, &headings) {
                    return Self::mapped(row.number, headings, below, mapping, from);
                }
            }
        }
        let index = heading(rows).ok_or_else(nothing)?;
        let (Some(row), below) = (rows.get(index), rows.get(index + 1..).unwrap_or_default()) else {
            return Err(nothing());
        };
        let headings = columns::headings(row, width(row, below));
        match &by.given {
            // Given for fewer columns than there are: the others are not read.
            Some(mapping) => Self::mapped(row.number, headings, below, mapping, MappingFrom::Given),
            None => {
                let guesses = guess::guess(&headings, below);
                Ok(Self { heading_row: row.number, headings, guesses, from: MappingFrom::Guessed, rows: below })
            }
        }
    }

    fn mapped(
        heading_row: u32,
        headings: Vec<String>,
        rows: &'a [Row],
        mapping: &ImportMapping,
        from: MappingFrom,
    ) -> Result<Self, ImportRefused> {
        let fields = columns::applied(mapping, &headings).map_err(|heading| {
            let heading: String = heading.chars().take(40).collect();
            ImportRefused::new(
                "mapping_heading",
                format!("文件没有表头“{heading}” / the file has no heading “{heading}”"),
            )
        })?;
        let why = match from {
            MappingFrom::Given => "由您指定 / as you said",
            _ => "上次确认过 / confirmed before",
        };
        // Of two columns with one field the better heading is still asked first.
        let rank = |heading: &str, field: Field| {
            headings::named(heading).iter().find(|(named, ..)| *named == field).map_or(usize::MAX, |(.., rank)| *rank)
        };
        let guess = |(heading, field): (&String, Option<Field>)| Guess {
            field,
            confidence: if field.is_some() { 100 } else { 0 },
            rank: field.map_or(usize::MAX, |field| rank(heading, field)),
            why: if field.is_some() { vec![why.to_owned()] } else { Vec::new() },
        };
        let guesses = headings.iter().zip(fields).map(guess).collect();
        Ok(Self { heading_row, headings, guesses, from, rows })
    }

    /// Where each field stands.
    pub(super) fn columns(&self) -> Columns {
        let mut found: Vec<(&Guess, Field, String, usize)> = self
            .guesses
            .iter()
            .zip(&self.headings)
            .enumerate()
            .filter_map(|(place, (guess, heading))| Some((guess, guess.field?, heading.clone(), place)))
            .collect();
        found.sort_by_key(|(guess, _, _, place)| (std::cmp::Reverse(guess.confidence), guess.rank, *place));
        Columns::new(found.into_iter().map(|(_, field, heading, place)| (field, heading, place)))
    }

    /// The mapping, for a person to change or to be remembered.
    pub(super) fn mapping(&self) -> ImportMapping {
        let fields: Vec<Option<Field>> = self.guesses.iter().map(|guess| guess.field).collect();
        columns::written(&self.headings, &fields)
    }

    /// Without a person's word only usual headings count, and none that its content speaks against.
    ///
    /// # Errors
    /// When a person has to look first.
    pub(super) fn confirmed(mut self) -> Result<Self, ImportRefused> {
        if self.from != MappingFrom::Guessed {
            return Ok(self);
        }
        let mut doubtful = Vec::new();
        for (place, guess) in self.guesses.iter_mut().enumerate() {
            if guess.field.is_none() || guess.confidence >= guess::SURE {
                continue;
            }
            let filled = |row: &Row| row.cells.get(place).is_some_and(|cell| *cell != Cell::Text(String::new()));
            if guess.confidence >= guess::BY_HEADING && self.rows.iter().any(filled) {
                doubtful.extend(self.headings.get(place).cloned());
            }
            guess.field = None;
        }
        let missing = self.columns().missing();
        if doubtful.is_empty() && missing.is_empty() {
            return Ok(self);
        }
        let zh: Vec<&str> = missing.iter().flat_map(|one| one.fields.first()).map(|field| field.label().0).collect();
        let en: Vec<&str> = missing.iter().flat_map(|one| one.fields.first()).map(|field| field.label().1).collect();
        let (zh, en) = (zh.join("、"), en.join(", "));
        let sentence = match missing.is_empty() {
            false => format!(
                "表头里没有认出：{zh}，请先确认各列的含义（dry_run=1 或“导入”页）/ the headings lack: {en}; confirm first what the columns hold (dry_run=1, or the page “Import”)"
            ),
            true => {
                let list = doubtful.join("、");
                format!(
                    "不能确定这些列的含义：{list}，请先确认（dry_run=1 或“导入”页）/ it is not certain what these columns hold: {list}; confirm them first (dry_run=1, or the page “Import”)"
                )
            }
        };
        Err(ImportRefused::new("mapping_unconfirmed", sentence))
    }
}

fn nothing() -> ImportRefused {
    ImportRefused::new(
        "no_heading",
        "没有找到表头。应有一行写着：订单号、收件人、手机、地址、商品编码、数量 / no heading found. One row should hold: \
         order_id, name, phone, address, sku, qty",
    )
}

/// Columns that have a heading or anything below.
fn width(row: &Row, below: &[Row]) -> usize {
    let filled =
        |row: &Row| row.cells.iter().rposition(|cell| *cell != Cell::Text(String::new())).map_or(0, |at| at + 1);
    below.iter().take(SEARCHED).map(filled).max().unwrap_or_default().max(filled(row))
}

/// The heading: the row with the most headings that we know, else the first that has nothing but words.
fn heading(rows: &[Row]) -> Option<usize> {
    let known = rows.iter().take(SEARCHED).map(known).enumerate();
    let best = known.max_by_key(|(index, known)| (*known, std::cmp::Reverse(*index)));
    let words = |row: &Row| {
        let filled: Vec<&str> = row.cells.iter().filter_map(Cell::text).filter(|text| !text.is_empty()).collect();
        let word = |text: &&str| text.chars().count() <= 30 && text.chars().any(char::is_alphabetic);
        filled.len() >= FEWEST && filled.iter().all(word)
    };
    match best {
        Some((index, known)) if known >= FEWEST => Some(index),
        _ => rows.iter().take(SEARCHED).position(words),
    }
}

/// How many headings the best of the first rows has.
pub(super) fn best_known(rows: &[Row]) -> usize {
    rows.iter().take(SEARCHED).map(known).max().unwrap_or_default()
}

fn known(row: &Row) -> usize {
    let named = |text: &str| headings::named(text).iter().any(|(_, naming, _)| *naming >= Naming::Weak);
    row.cells.iter().filter_map(Cell::text).filter(|text| named(text)).count()
}
