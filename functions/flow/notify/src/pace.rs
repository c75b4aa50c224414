//! Storms: how many messages of one topic a way takes one by one.

use huidan_domain::Millis;
use huidan_wire::api::NoticeRules;

/// What to do with the messages of a topic that are due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pace {
    /// Each by itself.
    Each,
    /// All of them as one.
    Bundle,
    /// Later: a storm is under way, and what comes until then goes out with them.
    Wait(Millis),
}

/// Decides by how many are `due` and how many went out within the window, and when the last of those did.
pub fn pace(rules: &NoticeRules, due: usize, recent: Option<(u32, Millis)>) -> Pace {
    let over = usize::try_from(rules.bundle_over.max(1)).unwrap_or(usize::MAX);
    let (sent, last) = recent.unwrap_or((0, Millis(0)));
    match usize::try_from(sent).unwrap_or(usize::MAX) {
        sent if sent.saturating_add(due) <= over => Pace::Each,
        0 => Pace::Bundle,
        _ => Pace::Wait(last.plus_seconds(i64::from(rules.bundle_window_s))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_few_go_one_by_one_many_as_one_and_a_trickle_waits() {
        let rules = NoticeRules::default();
        let last = Millis(1_000);
        assert_eq!(pace(&rules, 5, None), Pace::Each);
        assert_eq!(pace(&rules, 6, None), Pace::Bundle);
        assert_eq!(pace(&rules, 300, None), Pace::Bundle);
        assert_eq!(pace(&rules, 1, Some((4, last))), Pace::Each);
        assert_eq!(pace(&rules, 1, Some((5, last))), Pace::Wait(Millis(601_000)));
        assert_eq!(pace(&rules, 300, Some((1, last))), Pace::Wait(Millis(601_000)));
    }
}
