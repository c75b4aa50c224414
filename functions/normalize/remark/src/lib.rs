//! The step that reads wishes out of remarks. See `README.md`.

mod card;
mod carrier;
mod change;
mod names;
#[cfg(target_family = "wasm")]
mod shell;
mod text;
mod word;

use huidan_domain::Millis;
use huidan_flow::Step;
use huidan_wire::Intent;
use huidan_wire::step::{Draft, Facts};
use text::Clause;

/// Fills `intents` from the buyer's and the seller's remark.
#[derive(Debug, Clone, Copy, Default)]
pub struct Remark;

impl Step<Draft> for Remark {
    fn name(&self) -> &'static str {
        "normalize-remark"
    }

    fn needs(&self) -> &'static [&'static str] {
        &[]
    }

    fn run(&self, _now: Millis, mut subjects: Vec<Draft>, _facts: &Facts) -> Vec<Draft> {
        for draft in &mut subjects {
            draft.intents = intents(&draft.order.buyer_remark, "buyer");
            draft.intents.extend(intents(&draft.order.seller_remark, "seller"));
        }
        subjects
    }
}

/// The wishes of one remark, each once, in the order in which they are said.
pub fn intents(remark: &str, by: &str) -> Vec<Intent> {
    let mut found: Vec<Intent> = Vec::new();
    let clauses = text::clauses(remark);
    let mut rest = clauses.as_slice();
    while let Some((clause, after)) = rest.split_first() {
        rest = after;
        let mut wishes = of_clause(clause, by);
        if let Some(mut words) = card::words(clause) {
            rest = continue_card(&mut words, clause, after, by);
            wishes.retain(|wish| wish.code == "urgent" && words.is_empty());
            wishes.push(intent("gift_card", &words, by, "贺卡"));
        }
        for wish in wishes {
            if !found.iter().any(|other| (&other.code, &other.value) == (&wish.code, &wish.value)) {
                found.push(wish);
            }
        }
    }
    let settled = |carrier: &str| found.iter().any(|i| i.value == carrier && i.code != carrier::MENTIONED);
    let only_named: Vec<_> = found.iter().map(|i| i.code != carrier::MENTIONED || !settled(&i.value)).collect();
    let mut keep = only_named.into_iter();
    found.retain(|_| keep.next().unwrap_or(true));
    found
}

fn of_clause(clause: &Clause, by: &str) -> Vec<Intent> {
    let carriers = carrier::wishes(clause);
    let names_carrier = !carriers.is_empty();
    let mut wishes: Vec<_> = carriers.iter().map(|wish| intent(wish.code, wish.carrier, by, &wish.words)).collect();
    wishes.extend(word::wishes(clause).iter().map(|(code, words)| intent(code, "", by, words)));
    wishes.extend(change::waiting(clause).map(|word| intent("do_not_ship", "", by, word)));
    wishes.extend(change::address(clause).map(|word| intent("address_change", "", by, word)));
    wishes.extend(change::goods(clause, names_carrier).map(|word| intent("sku_change", "", by, word)));
    wishes
}

/// A card's words go on over commas until a clause wishes for something.
fn continue_card<'a>(words: &mut String, clause: &Clause, after: &'a [Clause], by: &str) -> &'a [Clause] {
    let mut rest = after;
    let mut mark = clause.mark;
    while let Some((next, behind)) = rest.split_first() {
        let sentence_ends = matches!(mark, Some('。' | '\n' | '\r' | ';' | '；')) && !words.is_empty();
        if sentence_ends || !of_clause(next, by).is_empty() {
            break;
        }
        if words.is_empty() {
            *words = card::more(next);
        } else {
            words.extend(mark);
            words.push_str(if mark.is_some_and(|mark| mark.is_ascii()) { " " } else { "" });
            words.push_str(&next.written);
        }
        (rest, mark) = (behind, next.mark);
    }
    *words = card::unquoted(words);
    rest
}

fn intent(code: &str, value: &str, by: &str, words: &str) -> Intent {
    Intent { code: code.to_owned(), value: value.to_owned(), by: by.to_owned(), words: words.to_owned() }
}

#[cfg(test)]
mod tests;
