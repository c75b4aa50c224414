//! A list that names orders without saying when they were changed hides a second change behind the first.
#![allow(clippy::unwrap_used, reason = "a test may fail so")]

use huidan_day::plan::{BEGIN_MS, Deed, HOUR_MS};
use huidan_day::{Plan, Without, live};
use huidan_platforms::{Fault, NewOrder, Platform};

const MINUTE_MS: i64 = 60_000;

#[test]
fn a_change_soon_after_another_is_seen_although_webhook_and_list_are_late_and_the_list_names_no_times() {
    let channel = Platform::WechatShop;
    let begins = BEGIN_MS + 4 * HOUR_MS;
    let mut deeds = Vec::new();
    let lists = Fault::Lists { drop_percent: 0, duplicate_percent: 0, shuffle: false, late_seconds: 3_600 };
    let gone =
        Fault::Webhooks { drop_percent: 100, duplicate_percent: 0, shuffle: false, delay_ms: 0, late_seconds: 0 };
    for number in 0..40_i64 {
        let placed = begins + number * 2 * MINUTE_MS;
        let new = NewOrder { paid: Some(false), ..NewOrder::default() };
        deeds.push((placed, Deed::Place(usize::try_from(number).unwrap(), channel, Box::new(new))));
    }
    deeds.push((begins + 82 * MINUTE_MS, Deed::Fault(channel, lists)));
    // Each is paid, which the webhook tells, and soon after changed, which nothing tells in time.
    for number in 0..40_i64 {
        let paid = begins + 90 * MINUTE_MS + number * 7_000;
        deeds.push((paid, Deed::Pay(usize::try_from(number).unwrap())));
        deeds.push((paid + 3 * MINUTE_MS, Deed::Modify(usize::try_from(number).unwrap())));
    }
    deeds.push((begins + 92 * MINUTE_MS, Deed::Fault(channel, gone)));
    deeds.sort_by_key(|(at, _)| *at);
    let plan = Plan { seed: 5, orders: 40, channels: vec![channel], deeds };
    let outcome = live(&plan, Without::Nothing);
    assert_eq!((outcome.orders, outcome.missing.len()), (40, 0), "{:?}", outcome.missing);
    assert!(outcome.wrong.is_empty(), "{:?}", outcome.wrong);
    let unhealed = live(&plan, Without::Healing);
    assert!(!unhealed.wrong.is_empty(), "the lists were late, yet nothing was hidden: the test shows nothing");
}
