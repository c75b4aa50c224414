use super::*;
use std::collections::BTreeMap;

fn rules(numbers: &str) -> TellingRules {
    TellingRules {
        numbers: numbers.into(),
        holds: "pieces".into(),
        shows_one_per_line: false,
        changes: true,
        most_changes: None,
        change_within_s: None,
        per_call: 1,
        weight: false,
        after_print_s: 0,
        picked_up_s: None,
        holds_refunding_lines: false,
        already: "looks_first".into(),
        carriers: BTreeMap::new(),
        others_by_name: true,
    }
}

fn line(id: &str, qty: u32, all: u32) -> LineFacts {
    LineFacts { ext_line_id: id.into(), qty, all, refunding: false }
}

fn told(number: &str, package: &str, lines: &[(&str, u32)]) -> ToldBefore {
    let lines = lines.iter().map(|(id, qty)| ((*id).to_owned(), *qty)).collect();
    ToldBefore { number: number.into(), package: package.into(), cancelled: false, lines }
}

fn facts(lines: Vec<LineFacts>, told: Vec<ToldBefore>) -> ShipmentFacts {
    ShipmentFacts {
        ext_id: "E1".into(),
        channel: "c".into(),
        carrier: "sf".into(),
        carrier_name: "SF".into(),
        carrier_code: None,
        waybill: Some("N2".into()),
        cancelled: false,
        lines,
        completes: true,
        ship_by: None,
        told,
        changes: 0,
        first_told_at: Some(Millis(0)),
        in_place_of: Vec::new(),
    }
}

fn ask(rules: &TellingRules, facts: &ShipmentFacts) -> Way {
    way(rules, facts, "p2", "N2", Millis(10_000_000))
}

fn told_way(way: Way) -> Telling {
    match way {
        Way::Tell(telling) => telling,
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_further_parcel_is_told_where_several_numbers_are_taken_and_noted_where_one_is() {
    let facts = facts(vec![line("a", 1, 3)], vec![told("N1", "p1", &[("a", 2)])]);
    let telling = told_way(ask(&rules("several"), &facts));
    assert_eq!((telling.lines.len(), telling.lines[0].whole, telling.replaces), (1, false, None));
    for numbers in ["first_of_order", "last_of_order", "one_per_line"] {
        assert_eq!(ask(&rules(numbers), &facts), Way::WithOther(vec!["N1".into()]), "{numbers}");
    }
}

#[test]
fn of_a_parcel_only_the_lines_without_a_number_are_told_where_a_line_takes_one() {
    let facts = facts(vec![line("a", 1, 3), line("b", 2, 2)], vec![told("N1", "p1", &[("a", 2)])]);
    let telling = told_way(ask(&rules("one_per_line"), &facts));
    assert_eq!(telling.lines.iter().map(|line| line.ext_line_id.as_str()).collect::<Vec<_>>(), ["b"]);
}

#[test]
fn where_the_last_number_counts_it_waits_for_the_last_parcel_but_not_past_the_deadline() {
    let mut facts = facts(vec![line("a", 1, 2)], vec![]);
    facts.completes = false;
    assert_eq!(ask(&rules("last_of_order"), &facts), Way::Wait);
    facts.ship_by = Some(Millis(10_000_000 + 3_000_000));
    told_way(ask(&rules("last_of_order"), &facts));
    facts.ship_by = Some(Millis(10_000_000 + 30_000_000));
    assert_eq!(ask(&rules("last_of_order"), &facts), Way::Wait);
    facts.completes = true;
    told_way(ask(&rules("last_of_order"), &facts));
}

#[test]
fn a_package_with_another_number_than_was_told_is_a_change() {
    let facts = facts(vec![line("a", 2, 2)], vec![told("N1", "p2", &[("a", 2)])]);
    for numbers in ["several", "first_of_order", "one_per_line"] {
        assert_eq!(told_way(ask(&rules(numbers), &facts)).replaces.as_deref(), Some("N1"), "{numbers}");
    }
}

#[test]
fn a_new_package_takes_the_place_of_a_cancelled_one_that_held_the_same() {
    let mut facts = facts(vec![line("a", 2, 2)], vec![told("N1", "p1", &[("a", 2)]), told("N0", "p0", &[("b", 1)])]);
    assert_eq!(told_way(ask(&rules("several"), &facts)).replaces, None, "the other parcel is under way");
    facts.told[0].cancelled = true;
    facts.told[1].cancelled = true;
    assert_eq!(told_way(ask(&rules("several"), &facts)).replaces.as_deref(), Some("N1"));
}

#[test]
fn a_channel_that_changes_no_number_leaves_it_to_a_person() {
    let mut facts = facts(vec![line("a", 2, 2)], vec![told("N1", "p2", &[("a", 2)])]);
    let never = TellingRules { changes: false, ..rules("several") };
    let thrice = TellingRules { most_changes: Some(3), ..rules("several") };
    let soon = TellingRules { change_within_s: Some(60), ..rules("several") };
    assert_eq!(ask(&never, &facts), Way::CannotChange("N1".into()));
    assert_eq!(ask(&soon, &facts), Way::CannotChange("N1".into()));
    told_way(ask(&thrice, &facts));
    facts.changes = 3;
    assert_eq!(ask(&thrice, &facts), Way::CannotChange("N1".into()));
}

#[test]
fn a_refunding_line_is_held_back_where_it_would_fail_the_call_and_told_by_itself_later() {
    let holds = TellingRules { holds_refunding_lines: true, ..rules("several") };
    let mut facts = facts(vec![line("a", 1, 1), line("b", 1, 1)], vec![]);
    facts.lines[1].refunding = true;
    let telling = told_way(ask(&holds, &facts));
    assert_eq!((telling.in_all.clone(), telling.completes), (vec![("a".to_owned(), 1)], false));
    assert_eq!(told_way(ask(&rules("several"), &facts)).lines.len(), 2, "elsewhere the platform decides");
    facts.told = vec![told("N2", "p2", &[("a", 1)])];
    assert_eq!(untold(&holds, &facts, "N2"), Some(true));
    facts.lines[1].refunding = false;
    assert_eq!(untold(&holds, &facts, "N2"), Some(false));
    let rest = told_way(ask(&holds, &facts));
    assert_eq!((rest.lines.len(), rest.in_all.len(), rest.replaces), (1, 2, None));
    facts.lines[1].refunding = true;
    facts.lines.remove(0);
    facts.told.clear();
    assert_eq!(ask(&holds, &facts), Way::Refunding);
}

#[test]
fn a_further_parcel_of_a_line_cannot_be_seen_where_a_line_shows_one_number() {
    let one = TellingRules { shows_one_per_line: true, ..rules("several") };
    let both = vec![told("N1", "p1", &[("a", 2)]), told("N2", "p2", &[("a", 1)])];
    let facts = facts(vec![line("a", 1, 3)], both);
    assert!(unseen(&one, &facts, "N2") && !unseen(&rules("several"), &facts, "N2"));
    let mut apart = facts.clone();
    apart.told[0].lines = BTreeMap::from([("b".to_owned(), 1)]);
    assert!(!unseen(&one, &apart, "N2"), "a line of its own is seen");
}

#[test]
fn what_a_person_wants_in_the_place_of_the_channels_number_is_a_change_of_that() {
    let mut facts = facts(vec![line("a", 2, 2)], vec![]);
    facts.in_place_of = vec!["THEIRS1".into()];
    assert_eq!(told_way(ask(&rules("several"), &facts)).replaces.as_deref(), Some("THEIRS1"));
}
