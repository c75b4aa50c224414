//! The seller's own rules: a condition tree looked at against a proposal, with everything it saw written down.
//!
//! Three answers, not two: a weight that nobody entered is neither above nor below a limit. And a rule that cannot be
//! read is a fault that the step shows to a person: it is never silently passed over.

mod compare;

use compare::Test;
use huidan_wire::step::{Condition, Proposal, Rule};

/// Whether a condition holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Truth {
    /// It holds.
    Yes,
    /// It does not.
    No,
    /// A fact that it asks for is not there (an unknown weight, another currency).
    Unknown,
}

impl Truth {
    fn of(holds: bool) -> Self {
        if holds { Self::Yes } else { Self::No }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Unknown => "unknown",
        }
    }
}

/// What looking at a condition gave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Whether it holds.
    pub truth: Truth,
    /// Every comparison with the value seen and its answer; remarks are not quoted.
    pub seen: String,
    /// What of it cannot be read: unknown facts, operators that do not fit, values of the wrong kind.
    pub faults: Vec<String>,
}

impl Verdict {
    /// Whether the rule applies: it holds and all of it could be read.
    pub fn applies(&self) -> bool {
        self.truth == Truth::Yes && self.faults.is_empty()
    }
}

/// Looks at a condition. All of the tree is looked at, also where a part decides, so that the trace shows it whole.
pub fn judge(condition: &Condition, proposal: &Proposal) -> Verdict {
    let mut faults = Vec::new();
    let mut seen = String::new();
    let truth = walk(condition, proposal, &mut seen, &mut faults);
    Verdict { truth, seen, faults }
}

/// Whether a condition can be read: for whoever stores rules.
///
/// # Errors
/// A sentence naming the first comparison that cannot.
pub fn check(condition: &Condition) -> Result<(), String> {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => parts.iter().try_for_each(check),
        Condition::Not(part) => check(part),
        Condition::Is(compare) => Test::read(compare).map(|_| ()),
    }
}

/// How a rule is named in a trace.
pub fn title(rule: &Rule) -> String {
    if rule.name.is_empty() { rule.id.clone() } else { format!("{} {}", rule.id, rule.name) }
}

/// Whether two names mean the same division: equal, or equal without their last word (浙江 and 浙江省).
pub fn same_region(one: &str, other: &str) -> bool {
    let (one, other) = (one.trim(), other.trim());
    one == other || (!one.is_empty() && stem(one) == stem(other))
}

fn stem(name: &str) -> &str {
    const LAST_WORDS: [&str; 9] =
        ["特别行政区", "维吾尔自治区", "壮族自治区", "回族自治区", "自治区", "省", "市", "区", "县"];
    LAST_WORDS.iter().find_map(|word| name.strip_suffix(word)).filter(|stem| stem.chars().count() >= 2).unwrap_or(name)
}

fn walk(condition: &Condition, proposal: &Proposal, seen: &mut String, faults: &mut Vec<String>) -> Truth {
    match condition {
        Condition::All(parts) => {
            let truths = branch("all", parts, proposal, seen, faults);
            fewest(&truths, Truth::No, Truth::Yes)
        }
        Condition::Any(parts) => {
            let truths = branch("any", parts, proposal, seen, faults);
            fewest(&truths, Truth::Yes, Truth::No)
        }
        Condition::Not(part) => {
            seen.push_str("not(");
            let truth = walk(part, proposal, seen, faults);
            seen.push(')');
            match truth {
                Truth::Yes => Truth::No,
                Truth::No => Truth::Yes,
                Truth::Unknown => Truth::Unknown,
            }
        }
        Condition::Is(compare) => match Test::read(compare) {
            Ok(test) => {
                let (truth, words) = test.run(proposal);
                seen.push_str(&format!("{words} → {}", truth.word()));
                truth
            }
            Err(fault) => {
                seen.push_str(&fault);
                faults.push(fault);
                Truth::Unknown
            }
        },
    }
}

fn branch(
    name: &str,
    parts: &[Condition],
    proposal: &Proposal,
    seen: &mut String,
    faults: &mut Vec<String>,
) -> Vec<Truth> {
    seen.push_str(name);
    seen.push('(');
    let mut truths = Vec::with_capacity(parts.len());
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            seen.push_str("; ");
        }
        truths.push(walk(part, proposal, seen, faults));
    }
    seen.push(')');
    truths
}

/// `decisive` if any part is that; else unknown if any part is unknown; else `otherwise`.
fn fewest(truths: &[Truth], decisive: Truth, otherwise: Truth) -> Truth {
    if truths.contains(&decisive) {
        decisive
    } else if truths.contains(&Truth::Unknown) {
        Truth::Unknown
    } else {
        otherwise
    }
}

#[cfg(test)]
mod tests;
