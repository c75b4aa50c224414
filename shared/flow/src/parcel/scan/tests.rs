#![allow(clippy::unwrap_used, reason = "a test's report")]

use super::*;

const HOUR: i64 = 3_600_000;

fn ends() -> Ends {
    let [from_province, from_city, to_province, to_city, to_district] =
        ["浙江省", "杭州市", "广东省", "广州市", "天河区"].map(str::to_owned);
    Ends { from_province, from_city, to_province, to_city, to_district }
}

fn seen(kind: &str, hours: i64) -> Seen<'_> {
    Seen { kind, at: hours * HOUR, place: "", code: kind, text: "" }
}

/// Scans in the order in which they are heard of; gives the last step and every alarm on the way.
fn walk(scans: &[Seen<'_>]) -> (Step, Vec<Kind>) {
    let mut step = Step::nothing(Way::begun(Some(0)));
    let mut open = Vec::new();
    for scan in scans {
        step = after(&step.way, &ends(), *scan);
        open.retain(|kind| !step.close.contains(kind));
        open.extend(step.open.iter().copied());
    }
    (step, open)
}

#[test]
fn a_parcel_passes_its_stages_and_each_stay_is_learnt_from() {
    let road = ["picked_up", "moving", "moving", "out_for_delivery", "signed"];
    let stages = [Stage::PickUp, Stage::FirstHub, Stage::Hub, Stage::Hub, Stage::Deliver];
    let mut way = Way::begun(Some(0));
    for (step, (kind, stage)) in road.iter().zip(stages).enumerate() {
        let hours = 10 * (i64::try_from(step).unwrap() + 1);
        let step = after(&way, &ends(), seen(kind, hours));
        assert_eq!(step.sample.map(|sample| (sample.stage, sample.ms)), Some((stage, 10 * HOUR)), "{kind}");
        assert_eq!(step.open, []);
        way = step.way;
    }
    assert_eq!(way.stage, Stage::Signed);
}

#[test]
fn what_is_older_than_the_newest_scan_changes_nothing() {
    let (step, open) = walk(&[seen("picked_up", 3), seen("out_for_delivery", 40), seen("problem", 20)]);
    assert_eq!((step.way.stage, step.way.since, open), (Stage::Deliver, Some(40 * HOUR), vec![]));
    let (step, _) = walk(&[seen("picked_up", 3), seen("moving", 9), seen("picked_up", 10)]);
    assert_eq!(step.way.stage, Stage::Hub, "a pick-up told late takes nothing back");
}

#[test]
fn nothing_counts_after_the_end_but_a_return() {
    let (step, open) = walk(&[seen("picked_up", 3), seen("signed", 50), seen("problem", 60), seen("moving", 61)]);
    assert_eq!((step.way.stage, open), (Stage::Signed, vec![]));
    let (step, open) = walk(&[seen("picked_up", 3), seen("signed", 50), seen("returning", 60), seen("returned", 90)]);
    assert_eq!((step.way.stage, open.contains(&Kind::Returned)), (Stage::Back, true));
}

#[test]
fn an_end_counts_even_when_its_clock_is_behind() {
    let (step, open) = walk(&[seen("picked_up", 3), seen("problem", 50), seen("signed", 49)]);
    assert_eq!((step.way.stage, open), (Stage::Signed, vec![]));
    assert_eq!(step.way.since, Some(50 * HOUR), "the parcel was seen later than that");
}

#[test]
fn a_stay_that_another_scan_than_the_awaited_ends_teaches_nothing() {
    let handed_over = Way::begun(Some(0));
    assert_eq!(after(&handed_over, &ends(), seen("moving", 30)).sample, None, "nobody scanned the pick-up");
    let picked = after(&handed_over, &ends(), seen("picked_up", 3)).way;
    assert_eq!(after(&picked, &ends(), seen("signed", 60)).sample, None, "no hub scanned it");
    let with_courier = after(&picked, &ends(), seen("out_for_delivery", 40)).way;
    assert_eq!(after(&with_courier, &ends(), seen("moving", 50)).sample, None, "it went back to a hub");
}

#[test]
fn trouble_is_told_and_over_when_the_parcel_moves_on() {
    for (kind, alarm) in [("problem", Kind::Problem), ("refused", Kind::Refused)] {
        let (_, open) = walk(&[seen("picked_up", 3), seen("out_for_delivery", 40), seen(kind, 42)]);
        assert_eq!(open, [alarm]);
        let (_, open) = walk(&[seen("picked_up", 3), seen(kind, 42), seen("out_for_delivery", 60)]);
        assert_eq!(open, []);
    }
    let held = Seen { text: "海关扣留", ..seen("problem", 30) };
    assert_eq!(walk(&[seen("picked_up", 3), held]).1, [Kind::CustomsStop]);
    let (step, open) = walk(&[seen("refused", 42), seen("returning", 50), seen("moving", 80)]);
    assert_eq!((step.way.stage, open), (Stage::Return, vec![Kind::Returned]), "on its way back it stays returned");
}

#[test]
fn a_signature_sooner_than_possible_is_told() {
    assert_eq!(walk(&[seen("picked_up", 3), seen("signed", 4)]).1, [Kind::SignedTooFast]);
    assert_eq!(walk(&[seen("picked_up", 3), seen("signed", 9)]).1, []);
    let near = Ends { to_province: "浙江省".into(), to_city: "杭州市".into(), ..ends() };
    let picked = after(&Way::begun(Some(0)), &near, seen("picked_up", 3)).way;
    assert_eq!(after(&picked, &near, seen("signed", 4)).open, [], "within a city an hour will do");
}

#[test]
fn a_signature_in_another_city_is_told_and_an_unclear_place_is_not() {
    for (place, told) in [
        ("深圳市", true),
        ("广东省深圳市南山区", true),
        ("广东,深圳市", true),
        ("广州市", false),
        ("广州白云营业部", false),
        ("天河区员村营业点", false),
        ("", false),
        ("营业部", false),
        ("菜市场驿站", false),
        ("南方电子市场", false),
    ] {
        let step =
            after(&Way { stage: Stage::Deliver, ..Way::begun(Some(0)) }, &ends(), Seen { place, ..seen("signed", 60) });
        assert_eq!(step.open.contains(&Kind::OtherCity), told, "{place}");
    }
}

#[test]
fn the_same_event_from_two_sources_is_learnt_from_once() {
    let picked = after(&Way::begun(Some(0)), &ends(), seen("picked_up", 3));
    assert!(picked.sample.is_some());
    assert_eq!(after(&picked.way, &ends(), seen("picked_up", 3)).sample, None);
    let moved = after(&picked.way, &ends(), seen("moving", 9)).way;
    assert_eq!(after(&moved, &ends(), seen("moving", 9)).sample, None);
}

#[test]
fn an_ended_watch_is_no_news_of_the_parcel() {
    let (step, open) = walk(&[seen("picked_up", 3), seen("unwatched", 99)]);
    assert_eq!((step.way.since, open), (Some(3 * HOUR), vec![Kind::Unwatched]));
}
