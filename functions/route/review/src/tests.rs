use super::*;
use huidan_wire::step::{Compare, Condition, ProposalLine};
use huidan_wire::{Hold, Intent, Money, Problem};
use proptest::prelude::*;
use serde_json::json;

fn proposal() -> Proposal {
    Proposal {
        key: "k".into(),
        orders: vec!["o".into()],
        shop: "s".into(),
        channel: "own-shop".into(),
        lines: vec![ProposalLine { line: "l".into(), sku: "TEA-1".into(), qty: 1, tags: vec![] }],
        country: "CN".into(),
        province: "浙江省".into(),
        city: "杭州市".into(),
        district: "西湖区".into(),
        encrypted: false,
        total: Money { amount: "600.00".into(), currency: "CNY".into() },
        weight_g: 500,
        buyer_remark: "秘密的话".into(),
        seller_remark: String::new(),
        intents: vec![],
        problems: vec![],
        approved: false,
        holds: vec![],
        warehouse: None,
        account: None,
        service: String::new(),
        trace: vec![],
    }
}

fn problem(field: &str, code: &str) -> Problem {
    Problem { field: field.into(), code: code.into(), detail: format!("{field} 有问题 / is wrong") }
}

fn intent(code: &str) -> Intent {
    Intent { code: code.into(), value: String::new(), by: "buyer".into(), words: "秘密的话".into() }
}

fn rule(id: &str, fact: &str, op: &str, value: serde_json::Value, words: &str) -> Rule {
    let when = Condition::Is(Compare { fact: fact.into(), op: op.into(), value });
    Rule { id: id.into(), name: "大额".into(), when, action: "hold".into(), value: words.into() }
}

fn run(proposal: Proposal, rules: Vec<Rule>) -> Proposal {
    Review.run(Millis(0), vec![proposal], &Facts { rules, ..Facts::default() }).remove(0)
}

/// The holds that a proposal gets, before and after a person approved it.
fn check(proposal: Proposal, rules: &[Rule], held: &[&str], approved: &[&str]) {
    let reasons = |p: Proposal| run(p, rules.to_vec()).holds.into_iter().map(|hold| hold.reason).collect::<Vec<_>>();
    assert_eq!(reasons(proposal.clone()), held, "{proposal:?}");
    assert_eq!(reasons(Proposal { approved: true, ..proposal.clone() }), approved, "approved {proposal:?}");
}

#[test]
fn what_is_in_order_passes() {
    check(proposal(), &[], &[], &[]);
    let abroad = Proposal { country: "US".into(), province: String::new(), city: String::new(), ..proposal() };
    check(abroad, &[], &[], &[]);
    let secret = Proposal { encrypted: true, province: String::new(), city: String::new(), ..proposal() };
    check(secret, &[], &[], &[]);
}

#[test]
fn what_cannot_be_packed_or_sent_is_held_even_when_approved() {
    let unknown = ProposalLine { line: "m".into(), sku: String::new(), qty: 1, tags: vec![] };
    let lines = [proposal().lines, vec![unknown]].concat();
    check(Proposal { lines, ..proposal() }, &[], &["sku_unmapped"], &["sku_unmapped"]);
    let problems = vec![problem("lines[0].sku", "sku_unmapped")];
    check(Proposal { problems, ..proposal() }, &[], &["sku_unmapped"], &["sku_unmapped"]);
    let nowhere = Proposal { province: String::new(), city: String::new(), ..proposal() };
    check(nowhere, &[], &["address_incomplete"], &["address_incomplete"]);
    let problems = vec![problem("receiver.street", "address_incomplete")];
    let street = Proposal { problems, ..proposal() };
    check(street, &[], &["address_incomplete", "address_incomplete"], &["address_incomplete"]);
}

#[test]
fn what_a_person_may_settle_is_held_until_approved() {
    for code in ["address_incomplete", "address_conflict", "phone_invalid", "something_new"] {
        check(Proposal { problems: vec![problem("receiver.district", code)], ..proposal() }, &[], &[code], &[]);
    }
    for code in ["address_change", "sku_change", "do_not_ship"] {
        check(Proposal { intents: vec![intent(code)], ..proposal() }, &[], &[code], &[]);
    }
    for code in ["carrier_must", "carrier_never", "urgent", "gift_card"] {
        check(Proposal { intents: vec![intent(code)], ..proposal() }, &[], &[], &[]);
    }
}

#[test]
fn the_sellers_rules_hold_until_approved() {
    let large = rule("r1", "total", "ge", json!("500 CNY"), "大额订单，请确认 / large order");
    let small = rule("r2", "total", "lt", json!("500 CNY"), "");
    let dollars = rule("r3", "total", "ge", json!("1 USD"), "");
    check(proposal(), &[large.clone(), small.clone(), dollars], &["rule"], &[]);
    let held = run(proposal(), vec![large, small]);
    assert_eq!(held.holds[0].detail, "大额订单，请确认 / large order");
    assert_eq!(held.holds[0].handle, "route-review:rule:r1");
}

#[test]
fn a_rule_that_cannot_be_read_holds_and_says_so() {
    let broken = rule("r1", "colour", "eq", json!("red"), "");
    check(proposal(), std::slice::from_ref(&broken), &["rule_unreadable"], &[]);
    let other = Rule { action: "warehouse".into(), ..broken };
    check(proposal(), &[other], &[], &[]);
}

#[test]
fn a_second_run_replaces_its_own_holds_and_leaves_the_others() {
    let stranger = Hold { handle: "operator".into(), reason: "asked".into(), detail: "等客户回复".into() };
    let first =
        run(Proposal { intents: vec![intent("sku_change")], holds: vec![stranger.clone()], ..proposal() }, vec![]);
    assert_eq!(first.holds.len(), 2);
    let second = run(Proposal { intents: vec![], ..first }, vec![]);
    assert_eq!(second.holds, [stranger]);
}

#[test]
fn every_check_and_rule_leaves_a_trace_without_the_words_of_people() {
    let remark = rule("r1", "buyer_remark", "contains", json!("秘密"), "");
    let seen = run(Proposal { intents: vec![intent("sku_change")], ..proposal() }, vec![remark]);
    let told: Vec<_> = seen.trace.iter().map(|t| (t.rule.as_str(), t.passed)).collect();
    let expected = [
        ("sku_unmapped", false),
        ("address_missing", false),
        ("problems", false),
        ("address_change", false),
        ("sku_change", true),
        ("do_not_ship", false),
        ("r1 大额", true),
    ];
    assert_eq!(told, expected);
    assert!(!format!("{:?}{:?}", seen.trace, seen.holds).contains("秘密"));
}

proptest! {
    #[test]
    fn a_batch_keeps_its_number_and_order(keys in prop::collection::vec("[a-c]{1,2}", 0..20), approved: bool) {
        let batch: Vec<_> = keys.iter().map(|key| Proposal { key: key.clone(), approved, ..proposal() }).collect();
        let after: Vec<_> = Review.run(Millis(0), batch, &Facts::default()).into_iter().map(|p| p.key).collect();
        prop_assert_eq!(after, keys);
    }
}
