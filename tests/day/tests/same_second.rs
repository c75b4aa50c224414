//! A platform that tells whole seconds tells two changes of one second as one time.
#![allow(clippy::unwrap_used, reason = "a test may fail so")]

use huidan_day::plan::{BEGIN_MS, Deed, HOUR_MS};
use huidan_day::{Plan, Without, live};
use huidan_platforms::{Fault, NewOrder, Platform};

#[test]
fn two_changes_in_one_second_end_right_in_whatever_order_they_are_told() {
    let channel = Platform::Woocommerce;
    let shuffled =
        Fault::Webhooks { drop_percent: 0, duplicate_percent: 0, shuffle: true, delay_ms: 0, late_seconds: 7_200 };
    let begins = BEGIN_MS + 4 * HOUR_MS;
    let mut deeds = vec![(BEGIN_MS, Deed::Fault(channel, shuffled))];
    for number in 0..60_usize {
        let at = begins + i64::try_from(number).unwrap() * 20_000;
        let new = NewOrder { paid: Some(false), ..NewOrder::default() };
        deeds.push((at, Deed::Place(number, channel, Box::new(new))));
        deeds.push((at + 10_100, Deed::Modify(number)));
        deeds.push((at + 10_300, Deed::Pay(number)));
    }
    let outcome = live(&Plan { seed: 6, orders: 60, channels: vec![channel], deeds }, Without::Nothing);
    assert_eq!((outcome.orders, outcome.missing.len()), (60, 0), "{:?}", outcome.missing);
    assert!(outcome.wrong.is_empty(), "{:?}", outcome.wrong);
}
