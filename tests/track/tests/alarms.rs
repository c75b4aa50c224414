//! One seed of weeks of parcels' lives.
#![allow(clippy::indexing_slicing, reason = "a test may fail so")]

use huidan_track::floors::{PRECISION_PERCENT, RECALL_PERCENT};
use huidan_track::life::Size;
use huidan_track::{report, score};

#[test]
fn alarms_find_parcels_in_trouble_and_are_right_and_a_storm_is_no_heap_of_tickets() {
    let score = score(1, Size { warm_up: 500, scored: 1_000, daily: 140 });
    println!("{}", report::line(1, &score));
    let ((all, found), (alarms, right)) = (score.recall(), score.precision());
    assert!(all > 60, "the weeks were too kind to show anything: {all} parcels in trouble");
    assert!(found * 100 >= all * RECALL_PERCENT, "{:?}", score.found);
    assert!(right * 100 >= alarms * PRECISION_PERCENT, "{:?}", score.wrong);
    let median = score.earlier[score.earlier.len() / 2];
    assert!(median > 0, "half of the silent parcels are seen later than after 48 hours");
    let (incidents, tickets, parcels) = score.storm;
    assert!(parcels >= 10 && incidents <= 3 && tickets * 5 <= parcels, "{:?}", score.storm);
}
