//! How a parcel is told, decided from what its channel takes (data of its manifest) and what it was told before. Pure.

use huidan_channel::ShipmentLine;
use huidan_domain::Millis;
use huidan_store::outbox::{LineFacts, ShipmentFacts, ToldBefore};
use huidan_wire::call::TellingRules;

/// How long before an order is late a channel of one number is told, whatever is still to leave, in milliseconds.
const LAST_HOUR_MS: i64 = 3_600_000;

/// How a parcel is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Way {
    /// Like this.
    Tell(Telling),
    /// Not at all: the channel takes no further number, and has these.
    WithOther(Vec<String>),
    /// Not yet: the channel takes one number, and more of the order is to leave.
    Wait,
    /// Not while a refund is open: the channel would refuse the whole call.
    Refunding,
    /// Not at all: all of it was refunded.
    Refunded,
    /// Not by us: the channel changes no number (any more), and has this one.
    CannotChange(String),
}

/// What is told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Telling {
    /// What is in the parcel, as far as it is told now.
    pub(crate) lines: Vec<ShipmentLine>,
    /// The same with what was told of it before.
    pub(crate) in_all: Vec<(String, u32)>,
    /// The number whose place it takes.
    pub(crate) replaces: Option<String>,
    /// Whether the whole order has left with it.
    pub(crate) completes: bool,
}

/// Decides about a package with a number.
pub(crate) fn way(rules: &TellingRules, facts: &ShipmentFacts, package: &str, number: &str, now: Millis) -> Way {
    let same = facts.told.iter().find(|told| told.number == number);
    let replaces = replaced(rules, facts, package, number);
    if let Some(old) = replaces.filter(|_| !may_change(rules, facts, now)) {
        return Way::CannotChange(old.to_owned());
    }
    let mut lines: Vec<&LineFacts> = facts.lines.iter().collect();
    if replaces.is_none() && same.is_none() {
        let others: Vec<&ToldBefore> =
            facts.told.iter().filter(|told| told.package != package && !told.cancelled).collect();
        let numbers = |told: &[&ToldBefore]| told.iter().map(|told| told.number.clone()).collect();
        match rules.numbers.as_str() {
            "first_of_order" | "last_of_order" if !others.is_empty() => return Way::WithOther(numbers(&others)),
            "last_of_order" if !facts.completes && !late(facts, now) => return Way::Wait,
            "one_per_line" => {
                let told = |line: &LineFacts| others.iter().any(|other| other.lines.contains_key(&line.ext_line_id));
                lines.retain(|line| !told(line));
                if lines.is_empty() && !others.is_empty() {
                    return Way::WithOther(numbers(&others));
                }
            }
            _ => {}
        }
    }
    let mut held = false;
    if rules.holds_refunding_lines {
        held = lines.iter().any(|line| line.refunding);
        lines.retain(|line| !line.refunding && line.all > 0);
    }
    if lines.is_empty() {
        return if held { Way::Refunding } else { Way::Refunded };
    }
    Way::Tell(telling(facts, same, &lines, replaces, held))
}

fn telling(
    facts: &ShipmentFacts,
    same: Option<&ToldBefore>,
    lines: &[&LineFacts],
    replaces: Option<&str>,
    held: bool,
) -> Telling {
    let before = |line: &LineFacts| same.is_some_and(|told| told.lines.contains_key(&line.ext_line_id));
    let rest: Vec<&LineFacts> = lines.iter().copied().filter(|line| !before(line)).collect();
    // A parcel that was told whole is told whole again: who knows it says so.
    let now = if rest.is_empty() { lines.to_vec() } else { rest };
    let told = same.into_iter().flat_map(|told| &told.lines).map(|(id, qty)| (id.clone(), *qty));
    let fresh = now.iter().filter(|line| !before(line)).map(|line| (line.ext_line_id.clone(), line.qty));
    let line = |line: &&LineFacts| ShipmentLine {
        ext_line_id: line.ext_line_id.clone(),
        qty: line.qty,
        whole: line.qty >= line.all,
    };
    Telling {
        in_all: told.chain(fresh).collect(),
        lines: now.iter().map(line).collect(),
        replaces: replaces.map(str::to_owned),
        completes: facts.completes && !held,
    }
}

/// The number whose place this one takes: what a person named, what this package was told under before, or what a
/// package was told under that was cancelled and held something of the same.
fn replaced<'a>(rules: &TellingRules, facts: &'a ShipmentFacts, package: &str, number: &str) -> Option<&'a str> {
    let shares = |told: &ToldBefore| {
        rules.holds == "order" || facts.lines.iter().any(|line| told.lines.contains_key(&line.ext_line_id))
    };
    let wanted = facts.in_place_of.first().map(String::as_str);
    let own = || facts.told.iter().find(|told| told.package == package && told.number != number);
    let cancelled = || facts.told.iter().find(|told| told.cancelled && told.number != number && shares(told));
    let told_already = facts.told.iter().any(|told| told.number == number);
    wanted
        .or_else(|| own().or_else(|| if told_already { None } else { cancelled() }).map(|told| told.number.as_str()))
        .filter(|old| *old != number)
}

fn may_change(rules: &TellingRules, facts: &ShipmentFacts, now: Millis) -> bool {
    let often = rules.most_changes.is_none_or(|most| facts.changes < most);
    let within = |s: i64| facts.first_told_at.is_none_or(|at| now.since(at) <= s.saturating_mul(1000));
    rules.changes && often && rules.change_within_s.is_none_or(within)
}

fn late(facts: &ShipmentFacts, now: Millis) -> bool {
    facts.ship_by.is_some_and(|by| by.since(now) <= LAST_HOUR_MS)
}

/// Whether the channel's order cannot show that the parcel is told: it shows one number per line, and others hold pieces
/// of the same lines.
pub(crate) fn unseen(rules: &TellingRules, facts: &ShipmentFacts, number: &str) -> bool {
    let Some(told) = facts.told.iter().find(|told| told.number == number) else { return false };
    let shared =
        |line: &String| facts.told.iter().any(|other| other.number != number && other.lines.contains_key(line));
    rules.shows_one_per_line && !told.lines.is_empty() && told.lines.keys().all(shared)
}

/// What of a parcel that the channel shows is not told yet, because a refund was open then: nothing (`None`), or
/// whether one still is.
pub(crate) fn untold(rules: &TellingRules, facts: &ShipmentFacts, number: &str) -> Option<bool> {
    if !rules.holds_refunding_lines {
        return None;
    }
    let told = facts.told.iter().find(|told| told.number == number)?;
    let left: Vec<&LineFacts> =
        facts.lines.iter().filter(|line| line.all > 0 && !told.lines.contains_key(&line.ext_line_id)).collect();
    (!left.is_empty()).then(|| left.iter().any(|line| line.refunding))
}

#[cfg(test)]
mod tests;
