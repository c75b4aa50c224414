//! Guesses what the columns of a file hold, by their headings and by what stands in them, and says why.
//!
//! A guess is a proposal. Only [`SURE`] ones are acted on before a person has seen them.

use super::content;
use super::headings::{self, Naming};
use super::{Cell, Row};
use huidan_channel::ImportField as Field;
use std::collections::{BTreeMap, BTreeSet};

/// From here on a guess may be acted on without a person: a usual heading, and nothing below it that speaks against it.
pub(super) const SURE: u8 = 80;
/// Below this nothing is proposed.
const LEAST: u8 = 25;
/// What is guessed by content alone stays below this.
pub(super) const BY_HEADING: u8 = 50;
/// Rows that are looked at.
const SAMPLES: usize = 200;

/// What a column seems to hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Guess {
    pub(super) field: Option<Field>,
    pub(super) confidence: u8,
    /// Of two columns with one field the smaller rank is asked first.
    pub(super) rank: usize,
    pub(super) why: Vec<String>,
}

/// One possibility.
struct Candidate {
    place: usize,
    field: Field,
    confidence: u8,
    rank: usize,
    why: Vec<String>,
}

/// Guesses every column; `rows` are those below the heading.
pub(super) fn guess(headings: &[String], rows: &[Row]) -> Vec<Guess> {
    let mut candidates: Vec<Candidate> =
        headings.iter().enumerate().flat_map(|(place, heading)| candidates(place, heading, rows)).collect();
    candidates.sort_by_key(|one| (std::cmp::Reverse(one.confidence), one.rank, one.place));
    let mut guesses: Vec<Guess> = headings.iter().map(|_| unknown()).collect();
    let mut taken: BTreeSet<Field> = BTreeSet::new();
    for one in candidates {
        let Some(guess) = guesses.get_mut(one.place) else { continue };
        let again = taken.contains(&one.field);
        if guess.field.is_some() || (again && !(may_repeat(one.field) && one.confidence >= SURE)) {
            if guess.field.is_none() {
                let (zh, en) = one.field.label();
                guess.why = vec![format!("另一列更像“{zh}” / another column fits {en} better")];
            }
            continue;
        }
        taken.insert(one.field);
        *guess = Guess { field: Some(one.field), confidence: one.confidence, rank: one.rank, why: one.why };
    }
    amounts_of_lines(&mut guesses, rows);
    guesses
}

fn unknown() -> Guess {
    Guess { field: None, confidence: 0, rank: usize::MAX, why: Vec::new() }
}

/// Fields of which a file may well have two columns: the first that is filled counts.
const fn may_repeat(field: Field) -> bool {
    matches!(field, Field::Phone | Field::Sku | Field::BuyerRemark | Field::SellerRemark)
}

/// The filled cells of a column.
fn cells(rows: &[Row], place: usize) -> Vec<&str> {
    let filled = rows.iter().take(SAMPLES).filter_map(|row| match row.cells.get(place)? {
        Cell::Text(text) if !text.is_empty() => Some(text.as_str()),
        _ => None,
    });
    filled.collect()
}

fn candidates(place: usize, heading: &str, rows: &[Row]) -> Vec<Candidate> {
    let cells = cells(rows, place);
    let named = headings::named(heading);
    let mut all: Vec<Candidate> = named
        .iter()
        .map(|(field, naming, rank)| by_heading(place, *field, *naming, *rank, &cells))
        .filter(|one| one.confidence >= LEAST)
        .collect();
    // A heading that says something else is believed.
    if !headings::is_other(heading) && !named.iter().any(|(_, naming, _)| *naming == Naming::Sure) {
        all.extend(by_content(place, &cells));
    }
    all
}

fn by_heading(place: usize, field: Field, naming: Naming, rank: usize, cells: &[&str]) -> Candidate {
    let (base, against, said) = match naming {
        Naming::Sure => (90, 52, "表头是常用写法 / the heading is a usual one"),
        Naming::Weak => (74, 20, "表头可能是这个意思 / the heading may mean this"),
        Naming::Part => (55, 10, "表头里有相关的词 / the heading has a word of it"),
    };
    let mut why = vec![said.to_owned()];
    let fitting: Vec<bool> = cells.iter().filter_map(|cell| content::fits(field, cell)).collect();
    let (good, all) = (fitting.iter().filter(|fits| **fits).count(), fitting.len());
    let confidence = match all {
        // Nothing there that could speak for or against it.
        0 if cells.is_empty() => {
            why.push("整列为空 / the column is empty".to_owned());
            base
        }
        0 => base + 8,
        _ if good * 10 >= all * 7 => {
            why.push(format!("{good}/{all} 格的内容相符 / {good} of {all} cells look like it"));
            base + 8
        }
        // Bad cells below a good heading are bad cells; when hardly one fits, it is the heading.
        _ if good * 10 > all * 3 => {
            why.push(format!("只有 {good}/{all} 格的内容相符 / only {good} of {all} cells look like it"));
            base
        }
        _ => {
            why.push(format!(
                "内容不像：{good}/{all} 格相符 / the content speaks against it: {good} of {all} cells fit"
            ));
            against
        }
    };
    Candidate { place, field, confidence, rank, why }
}

/// How sure content alone can make, by field.
const CONTENT: [(Field, u8); 12] = [
    (Field::Receiver, 48),
    (Field::Phone, 48),
    (Field::Address, 46),
    (Field::Region, 45),
    (Field::Province, 42),
    (Field::Currency, 40),
    (Field::OrderNo, 40),
    (Field::PlacedAt, 38),
    (Field::Name, 36),
    (Field::Sku, 32),
    (Field::Title, 30),
    (Field::Qty, 28),
];

fn by_content(place: usize, cells: &[&str]) -> Option<Candidate> {
    if cells.is_empty() {
        return None;
    }
    CONTENT.iter().find_map(|(field, confidence)| {
        let good = cells.iter().filter(|cell| content::suggests(*field, cell)).count();
        let all = cells.len();
        // An order's number is the same on the rows of one order, but not on all rows.
        let all_same = *field == Field::OrderNo && all > 1 && cells.iter().all(|cell| Some(cell) == cells.first());
        (good * 10 >= all * 8 && !all_same).then(|| Candidate {
            place,
            field: *field,
            confidence: *confidence,
            rank: usize::MAX,
            why: vec![format!("按内容猜测：{good}/{all} 格像 / by content alone: {good} of {all} cells look like it")],
        })
    })
}

/// Some exports write on each row what was paid for that row, under a heading that elsewhere means the order: where
/// rows of one order differ, it is the line's amount.
fn amounts_of_lines(guesses: &mut [Guess], rows: &[Row]) {
    let place_of = |guesses: &[Guess], field| guesses.iter().position(|guess| guess.field == Some(field));
    let (Some(order), Some(total)) = (place_of(guesses, Field::OrderNo), place_of(guesses, Field::Total)) else {
        return;
    };
    let text = |row: &Row, place: usize| match row.cells.get(place) {
        Some(Cell::Text(text)) => text.clone(),
        _ => String::new(),
    };
    let mut seen: BTreeMap<String, String> = BTreeMap::new();
    let differs = rows.iter().any(|row| {
        let (order, total) = (text(row, order), text(row, total));
        if order.is_empty() || total.is_empty() {
            return false;
        }
        *seen.entry(order).or_insert_with(|| total.clone()) != total
    });
    if !differs {
        return;
    }
    let before = place_of(guesses, Field::LineTotal);
    if let Some(guess) = guesses.get_mut(total) {
        guess.field = if before.is_none() { Some(Field::LineTotal) } else { None };
        guess.confidence = guess.confidence.min(SURE);
        guess.why.push(
            "同一订单各行的金额不同，应为该行金额 / it differs between the rows of one order: the line's amount"
                .to_owned(),
        );
    }
}
