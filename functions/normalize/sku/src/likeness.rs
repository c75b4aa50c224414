use huidan_flow::fold;
use huidan_wire::Line;
use huidan_wire::step::Sku;
use std::collections::HashSet;

/// Parts of a hundred of their tokens that two titles must share before one is worth naming to a person.
const ENOUGH: usize = 50;

/// The code of the SKU whose title is most like the line's, for a person to confirm; never applied.
pub(crate) fn most_like<'a>(line: &Line, skus: &'a [Sku]) -> Option<&'a str> {
    let wanted = tokens(&format!("{} {}", line.title, line.spec));
    let mut scored: Vec<_> =
        skus.iter().map(|sku| (likeness(&wanted, &tokens(&sku.title)), sku.code.as_str())).collect();
    scored.sort_unstable_by(|one, other| other.cmp(one));
    match scored.as_slice() {
        [(best, _), (second, _), ..] if best == second => None,
        [(best, code), ..] if *best >= ENOUGH => Some(code),
        _ => None,
    }
}

/// Twice the shared tokens by all tokens, in parts of a hundred.
fn likeness(one: &HashSet<String>, other: &HashSet<String>) -> usize {
    let all = one.len() + other.len();
    (one.intersection(other).count() * 200).checked_div(all).unwrap_or(0)
}

/// Latin words and numbers whole, Chinese by pairs of characters: nothing separates its words.
fn tokens(text: &str) -> HashSet<String> {
    let mut tokens = HashSet::new();
    let folded = fold(text);
    for word in folded.split(|c: char| !c.is_alphanumeric()) {
        let mut latin = String::new();
        let mut before = None;
        for c in word.chars() {
            if c.is_ascii() {
                latin.push(c);
                before = None;
                continue;
            }
            tokens.extend(before.map(|before| String::from_iter([before, c])));
            before = Some(c);
            tokens.extend(Some(std::mem::take(&mut latin)).filter(|latin| !latin.is_empty()));
        }
        tokens.extend(Some(latin).filter(|latin| !latin.is_empty()));
    }
    tokens
}
