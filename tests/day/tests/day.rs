//! One seed of the simulated day, and the same without what heals it.
#![allow(clippy::unwrap_used, reason = "a test may fail so")]

use huidan_day::{Outcome, Plan, Without, live};

fn shown(outcome: &Outcome) -> String {
    let some = |list: &[String]| list.iter().take(5).cloned().collect::<Vec<_>>().join("; ");
    format!("missing: {} doubled: {} wrong: {}", some(&outcome.missing), some(&outcome.doubled), some(&outcome.wrong))
}

#[test]
fn on_a_day_on_which_everything_goes_wrong_no_order_is_missed_doubled_or_wrong() {
    let outcome = live(&Plan::new(1, 10_000), Without::Nothing);
    assert_eq!(outcome.orders, 10_000);
    let counts = (outcome.missing.len(), outcome.doubled.len(), outcome.wrong.len(), outcome.invented);
    assert_eq!(counts, (0, 0, 0, 0), "{}", shown(&outcome));
    assert!(outcome.quarantined.is_empty(), "{:?}", outcome.quarantined);
    assert_eq!(outcome.gauge, 0);
    assert!(!outcome.healed.is_empty(), "nothing had to be healed: the day was too kind to show anything");
}

#[test]
fn without_healing_orders_are_missed_or_wrong() {
    let outcome = live(&Plan::new(1, 1_000), Without::Healing);
    assert!(outcome.missing.len() + outcome.wrong.len() > 0, "comparing is good for nothing");
}

#[test]
fn without_polling_orders_are_missed() {
    let outcome = live(&Plan::new(1, 1_000), Without::Polling);
    assert!(!outcome.missing.is_empty(), "polling is good for nothing");
}

#[test]
fn without_dedupe_orders_are_doubled() {
    let outcome = live(&Plan::new(1, 1_000), Without::Dedupe);
    assert!(!outcome.doubled.is_empty(), "telling orders apart is good for nothing");
}
