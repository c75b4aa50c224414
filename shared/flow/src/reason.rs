//! How a route step leaves its reasons on a proposal.

use huidan_wire::Hold;
use huidan_wire::step::{Proposal, Trace};

/// Takes back this step's earlier holds, whose handles all start with `<step>:`.
pub fn release(proposal: &mut Proposal, step: &str) {
    proposal.holds.retain(|hold| hold.handle.strip_prefix(step).is_none_or(|rest| !rest.starts_with(':')));
}

/// Holds the proposal under the handle `<step>:<what>`: one hold per handle, so a second one replaces the first.
/// `detail` is for a person, in Chinese and English, without personal data.
pub fn hold(proposal: &mut Proposal, step: &str, what: &str, reason: &str, detail: String) {
    let handle = format!("{step}:{what}");
    proposal.holds.retain(|hold| hold.handle != handle);
    proposal.holds.push(Hold { handle, reason: reason.to_owned(), detail });
}

/// Writes one sentence of the reasons. `seen` never quotes a remark, a name, a phone or a street.
pub fn note(proposal: &mut Proposal, step: &str, rule: &str, seen: String, passed: bool, then: &str) {
    let (step, rule, then) = (step.to_owned(), rule.to_owned(), then.to_owned());
    proposal.trace.push(Trace { step, rule, seen, passed, then });
}
