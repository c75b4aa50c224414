//! Three shops get into trouble; the others notice nothing, the trouble is named, and nothing is missing after it.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may fail so")]

use huidan_day::plan::{TROUBLED, troubled};
use huidan_day::{Outcome, Without, live};

fn at(outcome: &Outcome, channel: &str, share: usize) -> i64 {
    let took = &outcome.took[channel];
    took[(took.len() - 1) * share / 100]
}

#[test]
fn a_wrong_secret_an_outage_and_garbage_are_named_and_nobody_else_waits() {
    let (quiet, loud) =
        (live(&troubled(3, 1_500, false), Without::Nothing), live(&troubled(3, 1_500, true), Without::Nothing));
    let counts = |outcome: &Outcome| (outcome.missing.len(), outcome.doubled.len(), outcome.wrong.len(), outcome.gauge);
    assert_eq!(counts(&quiet), (0, 0, 0, 0), "{:?} {:?}", quiet.missing, quiet.wrong);
    assert_eq!(counts(&loud), (0, 0, 0, 0), "{:?} {:?}", loud.missing, loud.wrong);
    for platform in TROUBLED {
        let shop = loud.seen.iter().find(|shop| shop["channel"] == platform.name()).unwrap();
        let said = ["trouble", "pull_trouble", "compare_trouble"].map(|field| shop[field].as_str().unwrap_or_default());
        let named = said.iter().any(|text| !text.is_empty());
        let troubled = TROUBLED[..3].contains(&platform);
        assert_eq!(named, troubled, "{}: {said:?} {}", platform.name(), shop["alarms"]);
    }
    for platform in &TROUBLED[3..] {
        let name = platform.name();
        let (before, beside) = (at(&quiet, name, 99), at(&loud, name, 99));
        println!("{name}: p50 {} / {} ms, p99 {before} / {beside} ms", at(&quiet, name, 50), at(&loud, name, 50));
        // Listed once a minute or pushed: nobody else's trouble makes it later than the next turn.
        assert!(beside <= before + 60_000, "{name} waited: {before} ms quiet, {beside} ms beside the trouble");
    }
}
