//! The step that chooses the warehouse. See `README.md`.

#[cfg(target_family = "wasm")]
mod shell;
mod supply;

use huidan_domain::Millis;
use huidan_flow::Step;
use huidan_flow::reason::{hold, note, release};
use huidan_flow::rules::{self, same_region};
use huidan_wire::step::{Facts, Proposal, Rule, Warehouse as House};
use supply::{Missing, Supply};

/// Chooses `warehouse`, or holds: `stock_short`, `no_warehouse`, `rule_unreadable`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Warehouse;

const NAME: &str = "route-warehouse";

impl Step<Proposal> for Warehouse {
    fn name(&self) -> &'static str {
        NAME
    }

    fn needs(&self) -> &'static [&'static str] {
        &["warehouses", "stock", "rules"]
    }

    fn run(&self, _now: Millis, mut subjects: Vec<Proposal>, facts: &Facts) -> Vec<Proposal> {
        let mut supply = Supply::of(facts);
        for proposal in &mut subjects {
            release(proposal, NAME);
            let held = !proposal.holds.is_empty();
            proposal.warehouse = choose(proposal, facts, &supply);
            // What will not be stored now takes nothing from those behind it in the batch.
            if let (Some(warehouse), false) = (proposal.warehouse.clone(), held) {
                supply.take(&warehouse, &proposal.lines);
            }
        }
        subjects
    }
}

fn choose(proposal: &mut Proposal, facts: &Facts, supply: &Supply) -> Option<String> {
    let uncounted = supply.uncounted(&proposal.lines);
    if !uncounted.is_empty() {
        let seen = format!("no stock is kept for {}", uncounted.join(", "));
        note(proposal, NAME, "not_counted", seen, true, "never short");
    }
    let given = proposal.warehouse.take().filter(|id| facts.warehouses.iter().any(|house| house.id == *id));
    if let Some(given) = given {
        note(proposal, NAME, "given", format!("warehouse {given}"), true, "kept");
        return supplied(proposal, supply, given);
    }
    match by_rule(proposal, facts) {
        Some(Ok(chosen)) => supplied(proposal, supply, chosen),
        Some(Err(())) => None,
        None => by_stock(proposal, facts, supply),
    }
}

/// The warehouse of the first rule that applies. `Err`: a rule before it cannot be read, and may have been meant.
fn by_rule(proposal: &mut Proposal, facts: &Facts) -> Option<Result<String, ()>> {
    for rule in facts.rules.iter().filter(|rule| rule.action == "warehouse") {
        let verdict = rules::judge(&rule.when, proposal);
        let known = facts.warehouses.iter().any(|house| house.id == rule.value);
        if !verdict.faults.is_empty() {
            note(proposal, NAME, &rules::title(rule), verdict.seen, true, "hold rule_unreadable");
            unreadable(proposal, rule);
            return Some(Err(()));
        }
        let applies = verdict.applies();
        let then = match (applies, known) {
            (true, true) => format!("warehouse {}", rule.value),
            (true, false) => format!("passed over: no active warehouse {}", rule.value),
            (false, _) => String::new(),
        };
        note(proposal, NAME, &rules::title(rule), verdict.seen, applies, &then);
        if applies && known {
            return Some(Ok(rule.value.clone()));
        }
    }
    None
}

fn unreadable(proposal: &mut Proposal, rule: &Rule) {
    let name = if rule.name.is_empty() { &rule.id } else { &rule.name };
    let detail = format!("规则「{name}」无法读取，请修改 / rule \"{name}\" cannot be read: mend it");
    hold(proposal, NAME, &format!("rule:{}", rule.id), "rule_unreadable", detail);
}

/// A warehouse that a person or a rule chose, if it can supply everything; else a hold and no other warehouse.
fn supplied(proposal: &mut Proposal, supply: &Supply, chosen: String) -> Option<String> {
    let missing = supply.missing(&chosen, &proposal.lines);
    if missing.is_empty() {
        return Some(chosen);
    }
    short(proposal, &chosen, &missing);
    None
}

/// Those that can supply everything; of these the one that serves the region, then the first in the seller's order.
fn by_stock(proposal: &mut Proposal, facts: &Facts, supply: &Supply) -> Option<String> {
    let mut closest: Option<(&House, Vec<Missing>)> = None;
    let mut able: Vec<(&House, bool)> = Vec::new();
    for house in &facts.warehouses {
        let missing = supply.missing(&house.id, &proposal.lines);
        let near = serves(house, proposal);
        let seen =
            format!("{}; {}", supply::words(&missing), if near { "serves the region" } else { "serves others or all" });
        note(proposal, NAME, &format!("warehouse {}", house.id), seen, missing.is_empty(), "");
        if missing.is_empty() {
            able.push((house, near));
        } else if closest.as_ref().is_none_or(|(_, fewest)| supply::pieces(&missing) < supply::pieces(fewest)) {
            closest = Some((house, missing));
        }
    }
    let chosen = able.iter().find(|(_, near)| *near).or_else(|| able.first()).map(|(house, _)| house.id.clone());
    match (&chosen, closest) {
        (Some(id), _) => {
            let why =
                if able.iter().any(|(_, near)| *near) { "serves the region" } else { "first in the seller's order" };
            note(proposal, NAME, "chosen", why.to_owned(), true, &format!("warehouse {id}"));
        }
        (None, Some((house, missing))) => short(proposal, &house.id, &missing),
        (None, None) => {
            note(proposal, NAME, "chosen", "no active warehouse".to_owned(), false, "hold no_warehouse");
            hold(proposal, NAME, "no_warehouse", "no_warehouse", "没有启用的仓库 / no warehouse is active".to_owned());
        }
    }
    chosen
}

fn serves(house: &House, proposal: &Proposal) -> bool {
    let country = if proposal.country.is_empty() { "CN" } else { &proposal.country };
    let here = |region: &String| region == country || (country == "CN" && same_region(region, &proposal.province));
    house.serves.iter().any(here)
}

fn short(proposal: &mut Proposal, warehouse: &str, missing: &[Missing]) {
    let list = |words: fn(&Missing) -> String| missing.iter().map(words).collect::<Vec<_>>();
    let zh = list(|m| format!("{} 缺 {} 件", m.sku, m.pieces)).join("，");
    let en = list(|m| format!("{} short of {}", m.pieces, m.sku)).join(", ");
    let then = "hold stock_short";
    note(proposal, NAME, "stock", format!("{warehouse}: {}", supply::words(missing)), true, then);
    hold(proposal, NAME, "stock_short", "stock_short", format!("仓库 {warehouse}：{zh} / {en}"));
}

#[cfg(test)]
mod tests;
