//! The step that chooses the carrier account. See `README.md`.

mod candidate;
#[cfg(target_family = "wasm")]
mod shell;
mod wish;

use candidate::{Candidate, Refusal, candidates, price, words};
use huidan_domain::Millis;
use huidan_flow::reason::{hold, note, release};
use huidan_flow::{Step, rules};
use huidan_wire::step::{Facts, Proposal, Rule};
use wish::Wishes;

/// Chooses `account`, or holds: `carrier_wish_unmet`, `no_carrier`, `rule_unreadable`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Carrier;

const NAME: &str = "route-carrier";

impl Step<Proposal> for Carrier {
    fn name(&self) -> &'static str {
        NAME
    }

    fn needs(&self) -> &'static [&'static str] {
        &["carriers", "rules"]
    }

    fn run(&self, _now: Millis, mut subjects: Vec<Proposal>, facts: &Facts) -> Vec<Proposal> {
        for proposal in &mut subjects {
            release(proposal, NAME);
            proposal.account = choose(proposal, facts);
        }
        subjects
    }
}

fn choose(proposal: &mut Proposal, facts: &Facts) -> Option<String> {
    let ruled = Ruled::of(proposal, facts)?;
    let wishes = Wishes::of(&proposal.intents);
    let all = candidates(proposal, facts, &wishes, &ruled.forbidden);
    for candidate in &all {
        let seen = candidate.seen(proposal);
        note(proposal, NAME, &format!("account {}", candidate.account.id), seen, candidate.fits(), "");
    }
    if let Some(given) = given(proposal, &all) {
        return given;
    }
    let mut able: Vec<&Candidate> = all.iter().filter(|candidate| candidate.fits()).collect();
    if !wishes.must.is_empty() {
        let wished = wishes.first_met(&able);
        match (wished.is_empty(), proposal.approved) {
            (false, _) => able = wished,
            (true, true) => {
                let seen = format!("must be {}, which none can be", wishes.must.join(" or "));
                note(proposal, NAME, "carrier_must", seen, true, "approved by a person without it");
            }
            (true, false) => {
                unmet(proposal, &wishes, &all);
                return None;
            }
        }
    }
    if able.is_empty() {
        none_left(proposal, &all);
        return None;
    }
    pick(proposal, &able, &wishes, &ruled.wanted)
}

/// What the seller's rules say of this package: accounts or carriers, by rule.
#[derive(Default)]
struct Ruled<'a> {
    forbidden: Vec<&'a Rule>,
    wanted: Vec<&'a Rule>,
}

impl<'a> Ruled<'a> {
    /// Nothing if a rule cannot be read: it may have been meant to forbid what would be chosen. That holds.
    fn of(proposal: &mut Proposal, facts: &'a Facts) -> Option<Self> {
        let mut ruled = Self::default();
        let mut readable = true;
        for rule in facts.rules.iter().filter(|rule| matches!(rule.action.as_str(), "carrier" | "forbid_carrier")) {
            let verdict = rules::judge(&rule.when, proposal);
            let broken = !verdict.faults.is_empty();
            let applies = verdict.applies();
            let then = match (broken, applies) {
                (true, _) => "hold rule_unreadable".to_owned(),
                (false, true) => format!("{} {}", rule.action, rule.value),
                (false, false) => String::new(),
            };
            note(proposal, NAME, &rules::title(rule), verdict.seen, broken || applies, &then);
            if broken {
                readable = false;
                let name = if rule.name.is_empty() { &rule.id } else { &rule.name };
                let detail = format!("规则「{name}」无法读取，请修改 / rule \"{name}\" cannot be read: mend it");
                hold(proposal, NAME, &format!("rule:{}", rule.id), "rule_unreadable", detail);
            } else if applies {
                let list = if rule.action == "carrier" { &mut ruled.wanted } else { &mut ruled.forbidden };
                list.push(rule);
            }
        }
        readable.then_some(ruled)
    }
}

/// An account that a person or an earlier step chose is kept, whatever it costs; only not where it cannot work.
fn given(proposal: &mut Proposal, all: &[Candidate]) -> Option<Option<String>> {
    let id = proposal.account.take()?;
    let candidate = all.iter().find(|candidate| candidate.account.id == id)?;
    let impossible = candidate.refusals.iter().find(|refusal| matches!(refusal, Refusal::Tokens(_)));
    let then = if impossible.is_some() { "hold no_carrier" } else { "kept" };
    note(proposal, NAME, "given", format!("account {id}"), true, then);
    if impossible.is_some() {
        none_left(proposal, std::slice::from_ref(candidate));
        return Some(None);
    }
    Some(Some(id))
}

/// Of those that can: the one of the first rule, else the one that is preferred, else the cheapest, else the first in the
/// seller's order.
fn pick(proposal: &mut Proposal, able: &[&Candidate], wishes: &Wishes, wanted: &[&Rule]) -> Option<String> {
    let of = |name: &str| able.iter().filter(|c| c.is(name)).copied().collect::<Vec<_>>();
    let by_rule = wanted.iter().map(|rule| (rules::title(rule), of(&rule.value))).find(|(_, found)| !found.is_empty());
    let preferred = || {
        let found = wishes.prefer.iter().map(|carrier| ("carrier_prefer".to_owned(), wish::of(able, carrier)));
        found.into_iter().find(|(_, found)| !found.is_empty())
    };
    let (why, among) = by_rule.or_else(preferred).unwrap_or_else(|| ("price".to_owned(), able.to_vec()));
    let dearness = |candidate: &&Candidate| price(candidate.account, proposal.weight_g).unwrap_or(i64::MAX);
    let best = among.iter().copied().min_by_key(dearness)?;
    let id = best.account.id.clone();
    let cost = words(price(best.account, proposal.weight_g));
    note(
        proposal,
        NAME,
        "chosen",
        format!("by {why}, of {} accounts, {cost}", among.len()),
        true,
        &format!("account {id}"),
    );
    Some(id)
}

fn unmet(proposal: &mut Proposal, wishes: &Wishes, all: &[Candidate]) {
    let wished = wishes.must.join("/");
    let of_wished: Vec<_> = all.iter().filter(|c| wishes.wants(&c.account.carrier)).collect();
    let (zh, en) = match of_wished.as_slice() {
        [] => ("没有该快递的账号".to_owned(), "there is no account of it".to_owned()),
        some => reasons(some.iter().copied()),
    };
    note(proposal, NAME, "carrier_must", format!("must be {wished}: {en}"), true, "hold carrier_wish_unmet");
    let detail = format!("备注要求 {wished}：{zh} / a remark wants {wished}: {en}");
    hold(proposal, NAME, "carrier_wish_unmet", "carrier_wish_unmet", detail);
}

fn none_left(proposal: &mut Proposal, all: &[Candidate]) {
    let (zh, en) = match all {
        [] => ("没有启用的快递账号".to_owned(), "no carrier account is active".to_owned()),
        some => reasons(some.iter()),
    };
    note(proposal, NAME, "chosen", en.clone(), false, "hold no_carrier");
    hold(proposal, NAME, "no_carrier", "no_carrier", format!("没有可用的快递：{zh} / no carrier can take it: {en}"));
}

/// Why these accounts cannot, in Chinese and in English; the first few, since a person reads it.
fn reasons<'a>(candidates: impl Iterator<Item = &'a Candidate<'a>>) -> (String, String) {
    const SHOWN: usize = 5;
    let told: Vec<_> = candidates
        .filter_map(|c| c.refusals.first().map(|refusal| (&c.account.id, refusal.words())))
        .take(SHOWN)
        .collect();
    let zh = told.iter().map(|(id, (zh, _))| format!("{id} {zh}")).collect::<Vec<_>>().join("；");
    let en = told.iter().map(|(id, (_, en))| format!("{id} {en}")).collect::<Vec<_>>().join("; ");
    (zh, en)
}

#[cfg(test)]
mod tests;
