//! Which column stands where, by a mapping.

use super::{Cell, Row};
use huidan_channel::{ImportField as Field, ImportMapping, ImportMissing, MappedColumn};
use std::collections::BTreeMap;

/// Which column stands where.
#[derive(Default)]
pub(super) struct Columns {
    /// Places, and the heading of the first of them. Of several with one meaning the first that is filled counts.
    places: BTreeMap<Field, (String, Vec<usize>)>,
}

impl Columns {
    /// With columns as they are to be asked: the better one of two with one meaning first.
    pub(super) fn new(columns: impl IntoIterator<Item = (Field, String, usize)>) -> Self {
        let mut places: BTreeMap<Field, (String, Vec<usize>)> = BTreeMap::new();
        for (field, heading, place) in columns {
            places.entry(field).or_insert_with(|| (heading, Vec::new())).1.push(place);
        }
        Self { places }
    }

    /// Where a column stands; empty when the file has none.
    pub(super) fn places(&self, field: Field) -> &[usize] {
        self.places.get(&field).map_or(&[], |(_, places)| places.as_slice())
    }

    /// Whether the file has it.
    pub(super) fn has(&self, field: Field) -> bool {
        self.places.contains_key(&field)
    }

    /// Its heading in the file, or the name we would look for.
    pub(super) fn heading(&self, field: Field) -> String {
        match self.places.get(&field) {
            Some((heading, _)) => heading.clone(),
            None => field.label().0.to_owned(),
        }
    }

    /// What is not there and cannot be done without.
    pub(super) fn missing(&self) -> Vec<ImportMissing> {
        let needed: [&[Field]; 4] = [
            &[Field::OrderNo],
            &[Field::Name, Field::Receiver],
            &[Field::Address, Field::Receiver],
            &[Field::Sku, Field::Title],
        ];
        let lacking = needed.into_iter().filter(|any| !any.iter().any(|field| self.has(*field)));
        lacking
            .map(|any| {
                let side = |pick: fn((&'static str, &'static str)) -> &'static str, or: &str| {
                    any.iter().map(|field| pick(field.label())).collect::<Vec<_>>().join(or)
                };
                let (zh, en) = (side(|label| label.0, " 或 "), side(|label| label.1, " or "));
                let detail = format!("请指定哪一列是：{zh} / say which column is: {en}");
                ImportMissing { fields: any.to_vec(), detail }
            })
            .collect()
    }
}

/// The headings of a row, and where each stands; a column without a heading bears its letter in brackets.
pub(super) fn headings(row: &Row, width: usize) -> Vec<String> {
    (0..width)
        .map(|place| match row.cells.get(place) {
            // A line end within a heading would come back from a form as another one.
            Some(Cell::Text(text)) if !text.is_empty() => {
                text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(100).collect()
            }
            _ => format!("({})", letter(place)),
        })
        .collect()
}

/// A column's letter, as a spreadsheet shows it.
pub(super) fn letter(place: usize) -> String {
    let (before, last) = (place / 26, place % 26);
    let last = u32::try_from(last).ok().and_then(|last| char::from_u32(u32::from('A') + last)).unwrap_or('?');
    if before == 0 { last.to_string() } else { format!("{}{last}", letter(before - 1)) }
}

/// What a mapping says of each heading, in the headings' order; the error is a heading that is not there.
pub(super) fn applied(mapping: &ImportMapping, headings: &[String]) -> Result<Vec<Option<Field>>, String> {
    let mut fields = vec![None; headings.len()];
    let mut taken = vec![false; headings.len()];
    for MappedColumn { heading, field } in &mapping.columns {
        let free = |(place, known): (usize, &String)| known == heading && taken.get(place) == Some(&false);
        let place = headings.iter().enumerate().position(free).ok_or_else(|| heading.clone())?;
        if let (Some(taken), Some(slot)) = (taken.get_mut(place), fields.get_mut(place)) {
            *taken = true;
            *slot = *field;
        }
    }
    Ok(fields)
}

/// The mapping as it is written: every column of the file, also those that are not read.
pub(super) fn written(headings: &[String], fields: &[Option<Field>]) -> ImportMapping {
    let column = |(heading, field): (&String, &Option<Field>)| MappedColumn { heading: heading.clone(), field: *field };
    ImportMapping { columns: headings.iter().zip(fields).map(column).collect() }
}

/// Whether a mapping was made for just these headings, in whatever order.
pub(super) fn is_for(mapping: &ImportMapping, headings: &[String]) -> bool {
    let mut known: Vec<&str> = mapping.columns.iter().map(|column| column.heading.as_str()).collect();
    let mut here: Vec<&str> = headings.iter().map(String::as_str).collect();
    known.sort_unstable();
    here.sort_unstable();
    known == here
}
