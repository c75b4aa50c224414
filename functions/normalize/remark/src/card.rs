//! The words for a card, which may hold anything and wish for nothing else.

use crate::text::{Clause, refuses};

const CARDS: [&str; 9] =
    ["贺卡", "卡片", "留言卡", "祝福卡", "附言", "明信片", "gift card", "gift note", "gift message"];

/// What a clause says of a card: its words as written, empty where they are still to come.
pub(crate) fn words(clause: &Clause) -> Option<String> {
    let text = clause.folded.as_str();
    let (at, card) = CARDS.iter().filter_map(|card| text.find(card).map(|at| (at, *card))).min_by_key(|(at, _)| *at)?;
    if refuses(text.get(..at).unwrap_or("")) {
        return None;
    }
    let behind = text.get(at + card.len()..).unwrap_or("");
    Some(said(clause, text.len() - behind.len(), text.len()))
}

/// The words in a clause that goes on from a card's: 贺卡，内容：….
pub(crate) fn more(clause: &Clause) -> String {
    said(clause, 0, 0)
}

/// What stands behind the first "writes" from `from` on, as written; from `or_else` on where there is none.
fn said(clause: &Clause, from: usize, or_else: usize) -> String {
    const SAYS: [&str; 14] =
        ["内容:", "内容是", "写上:", "写上", "写:", "写着", "写", "内容", "saying", ":", "“", "「", "『", "\""];
    let behind = clause.folded.get(from..).unwrap_or("");
    let start = SAYS.iter().find_map(|word| behind.find(word).map(|found| from + found + word.len()));
    let letters = clause.folded.get(..start.unwrap_or(or_else)).unwrap_or("").chars().count();
    unquoted(&clause.written.chars().skip(letters).collect::<String>())
}

/// Without blanks, colons and quotation marks around it.
pub(crate) fn unquoted(words: &str) -> String {
    words.trim_matches(|c: char| c.is_whitespace() || ":：\"“”‘’'「」『』《》".contains(c)).to_owned()
}
