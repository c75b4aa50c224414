//! The step that lets a package pass or holds it for a person. See `README.md`.

mod builtin;
#[cfg(target_family = "wasm")]
mod shell;

use huidan_domain::Millis;
use huidan_flow::reason::{hold, note, release};
use huidan_flow::{Step, rules};
use huidan_wire::step::{Facts, Proposal, Rule};

/// Sets the holds of its own checks and of the seller's `hold` rules.
#[derive(Debug, Clone, Copy, Default)]
pub struct Review;

const NAME: &str = "route-review";

impl Step<Proposal> for Review {
    fn name(&self) -> &'static str {
        NAME
    }

    fn needs(&self) -> &'static [&'static str] {
        &["rules"]
    }

    fn run(&self, _now: Millis, mut subjects: Vec<Proposal>, facts: &Facts) -> Vec<Proposal> {
        for proposal in &mut subjects {
            release(proposal, NAME);
            builtin::review(proposal);
            for rule in facts.rules.iter().filter(|rule| rule.action == "hold") {
                apply(proposal, rule);
            }
        }
        subjects
    }
}

/// Looks at one of the seller's rules. One that cannot be read holds too: it may have been meant for this package.
fn apply(proposal: &mut Proposal, rule: &Rule) {
    let verdict = rules::judge(&rule.when, proposal);
    let broken = !verdict.faults.is_empty();
    let meant = broken || verdict.applies();
    let then = match (meant, proposal.approved) {
        (true, false) if broken => "hold rule_unreadable",
        (true, false) => "hold rule",
        (true, true) => "approved by a person",
        (false, _) => "",
    };
    note(proposal, NAME, &rules::title(rule), verdict.seen, meant, then);
    if !meant || proposal.approved {
        return;
    }
    let name = if rule.name.is_empty() { &rule.id } else { &rule.name };
    let (reason, detail) = match (broken, rule.value.is_empty()) {
        (true, _) => {
            ("rule_unreadable", format!("规则「{name}」无法读取，请修改 / rule \"{name}\" cannot be read: mend it"))
        }
        (false, true) => ("rule", format!("规则「{name}」 / rule \"{name}\"")),
        (false, false) => ("rule", rule.value.clone()),
    };
    hold(proposal, NAME, &format!("rule:{}", rule.id), reason, detail);
}

#[cfg(test)]
mod tests;
