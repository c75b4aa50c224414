use super::*;
use huidan_wire::step::{CarrierAccount, Compare, Condition};
use huidan_wire::{Intent, Money};
use proptest::prelude::*;
use serde_json::json;

fn proposal() -> Proposal {
    Proposal {
        key: "k".into(),
        orders: vec!["o".into()],
        shop: "s".into(),
        channel: "taobao".into(),
        lines: vec![],
        country: "CN".into(),
        province: "浙江省".into(),
        city: "杭州市".into(),
        district: "西湖区".into(),
        encrypted: false,
        total: Money { amount: "60.00".into(), currency: "CNY".into() },
        weight_g: 1500,
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

fn account(id: &str, carrier: &str, first: i64, more: i64) -> CarrierAccount {
    CarrierAccount {
        id: id.into(),
        carrier: carrier.into(),
        takes_tokens_of: vec![],
        serves: vec![],
        max_weight_g: 0,
        price_first_fen: first,
        price_more_fen: more,
        ailing: false,
    }
}

/// In the seller's order: 顺丰 dear, 中通 cheap and light only, 圆通 cheapest for one kilogram, 菜鸟 for tokens.
fn facts() -> Facts {
    let list = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    Facts {
        carriers: vec![
            account("sf-1", "sf", 1800, 800),
            CarrierAccount { max_weight_g: 3000, ..account("zto-1", "zto", 500, 100) },
            CarrierAccount { serves: list(&["浙江", "江苏省"]), ..account("yto-1", "yto", 400, 300) },
            CarrierAccount { takes_tokens_of: list(&["taobao"]), ..account("cn-1", "cainiao", 0, 0) },
            CarrierAccount { serves: list(&["US"]), ..account("dhl-1", "dhl", 9000, 4000) },
        ],
        ..Facts::default()
    }
}

fn said(by: &str, code: &str, carrier: &str) -> Intent {
    Intent { code: format!("carrier_{code}"), value: carrier.into(), by: by.into(), words: "秘密的话".into() }
}

fn wishing(intents: &[(&str, &str, &str)]) -> Proposal {
    let intents = intents.iter().map(|(by, code, carrier)| said(by, code, carrier)).collect();
    Proposal { intents, ..proposal() }
}

fn rule(id: &str, action: &str, shop: &str, value: &str) -> Rule {
    let when = Condition::Is(Compare { fact: "shop".into(), op: "eq".into(), value: json!(shop) });
    Rule { id: id.into(), name: String::new(), when, action: action.into(), value: value.into() }
}

fn run(proposal: Proposal, facts: &Facts) -> Proposal {
    Carrier.run(Millis(0), vec![proposal], facts).remove(0)
}

/// The account chosen, or the reason of the hold.
fn check(proposal: Proposal, facts: &Facts, expected: &str) {
    let after = run(proposal.clone(), facts);
    let holds = after.holds.iter().map(|hold| hold.reason.clone());
    let got = after.account.clone().into_iter().chain(holds).collect::<Vec<_>>().join(" & ");
    assert_eq!(got, expected, "{:?}\n{:#?}", proposal.intents, after.trace);
    assert!(!after.trace.is_empty());
    assert!(!format!("{:?}{:?}", after.trace, after.holds).contains("秘密"));
}

#[test]
fn the_cheapest_for_region_and_weight_is_chosen() {
    for (province, weight_g, expected) in [
        ("浙江省", 500, "yto-1"),
        ("浙江省", 1000, "yto-1"),
        ("浙江省", 1001, "zto-1"), // 500 + 100 against 400 + 300
        ("浙江省", 3000, "zto-1"),
        ("浙江省", 3001, "yto-1"), // too heavy for 中通
        ("浙江省", 0, "yto-1"),    // unknown: as the first kilogram
        ("江苏省", 500, "yto-1"),
        ("西藏自治区", 500, "zto-1"),
        ("西藏自治区", 5000, "sf-1"),
    ] {
        check(Proposal { province: province.into(), weight_g, ..proposal() }, &facts(), expected);
    }
    let abroad = Proposal { country: "US".into(), province: "CA".into(), weight_g: 9000, ..proposal() };
    let only_dhl = Facts { carriers: facts().carriers.into_iter().filter(|a| a.id != "sf-1").collect(), ..facts() };
    check(abroad, &only_dhl, "dhl-1");
}

#[test]
fn an_unknown_price_comes_last_and_ties_go_by_the_sellers_order() {
    let carriers = vec![account("a", "x", 0, 0), account("b", "y", 600, 0), account("c", "z", 600, 0)];
    check(proposal(), &Facts { carriers, ..Facts::default() }, "b");
    let carriers = vec![account("a", "x", 0, 0), account("b", "y", 0, 0)];
    check(proposal(), &Facts { carriers, ..Facts::default() }, "a");
}

#[test]
fn an_encrypted_receiver_goes_only_where_its_token_is_taken() {
    check(Proposal { encrypted: true, ..proposal() }, &facts(), "cn-1");
    check(Proposal { encrypted: true, channel: "jd".into(), ..proposal() }, &facts(), "no_carrier");
    let must = Proposal { encrypted: true, ..wishing(&[("buyer", "must", "sf")]) };
    check(must, &facts(), "carrier_wish_unmet");
}

#[test]
fn what_must_be_is_or_a_person_decides() {
    for (wishes, expected) in [
        (&[("buyer", "must", "sf")][..], "sf-1"),
        (&[("seller", "must", "sf")], "sf-1"),
        (&[("buyer", "must", "sf"), ("seller", "must", "zto")], "zto-1"),
        (&[("buyer", "must", "sf"), ("seller", "never", "sf")], "zto-1"),
        (&[("buyer", "never", "sf"), ("seller", "must", "sf")], "sf-1"),
        (&[("buyer", "must", "sf"), ("buyer", "never", "sf")], "carrier_wish_unmet"),
        (&[("buyer", "must", "ems")], "carrier_wish_unmet"),
        (&[("buyer", "must", "ems"), ("buyer", "else", "zto")], "zto-1"),
        (&[("buyer", "must", "sf"), ("buyer", "else", "zto")], "sf-1"),
        (&[("buyer", "must", "sf"), ("buyer", "must", "zto")], "sf-1"),
        (&[("buyer", "must", "ems"), ("buyer", "must", "zto")], "zto-1"),
        (&[("buyer", "else", "sf")], "zto-1"),
        (&[("buyer", "mentioned", "sf")], "zto-1"),
    ] {
        check(wishing(wishes), &facts(), expected);
    }
    check(Proposal { weight_g: 9000, ..wishing(&[("buyer", "must", "zto")]) }, &facts(), "carrier_wish_unmet");
    check(Proposal { approved: true, ..wishing(&[("buyer", "must", "ems")]) }, &facts(), "zto-1");
}

#[test]
fn what_must_not_be_is_not_and_what_is_preferred_is_if_it_can() {
    for (wishes, expected) in [
        (&[("buyer", "never", "zto")][..], "yto-1"),
        (&[("buyer", "never", "zto"), ("seller", "never", "yto")], "sf-1"),
        (&[("buyer", "prefer", "sf")], "sf-1"),
        (&[("buyer", "prefer", "ems")], "zto-1"),
        (&[("buyer", "prefer", "sf"), ("seller", "prefer", "yto")], "yto-1"),
        (&[("buyer", "prefer", "sf"), ("buyer", "never", "sf")], "zto-1"),
    ] {
        check(wishing(wishes), &facts(), expected);
    }
    let without_price = wishing(&[("buyer", "never", "zto"), ("buyer", "never", "yto"), ("buyer", "never", "sf")]);
    check(without_price, &facts(), "cn-1");
    let all = ["sf", "zto", "yto", "cainiao"].map(|carrier| ("buyer", "never", carrier));
    check(wishing(&all), &facts(), "no_carrier");
}

#[test]
fn a_carrier_that_fails_is_passed_over_unless_it_must_be() {
    let ailing = |id: &str| {
        let ill = |a: CarrierAccount| CarrierAccount { ailing: a.id == id, ..a };
        Facts { carriers: facts().carriers.into_iter().map(ill).collect(), ..facts() }
    };
    check(proposal(), &ailing("zto-1"), "yto-1");
    check(wishing(&[("buyer", "must", "zto")]), &ailing("zto-1"), "zto-1");
    check(wishing(&[("buyer", "prefer", "sf")]), &ailing("sf-1"), "zto-1");
}

#[test]
fn the_sellers_rules_choose_and_forbid() {
    let with = |rules: &[Rule]| Facts { rules: rules.to_vec(), ..facts() };
    for (rules, expected) in [
        (&[rule("r", "carrier", "s", "sf-1")][..], "sf-1"),
        (&[rule("r", "carrier", "s", "sf")], "sf-1"),
        (&[rule("r", "carrier", "other", "sf-1")], "zto-1"),
        (&[rule("a", "carrier", "s", "yto-1"), rule("b", "carrier", "s", "sf-1")], "yto-1"),
        (&[rule("a", "carrier", "s", "dhl-1"), rule("b", "carrier", "s", "sf-1")], "sf-1"), // dhl does not go there
        (&[rule("a", "carrier", "s", "gone")], "zto-1"),
        (&[rule("a", "forbid_carrier", "s", "zto-1")], "yto-1"),
        (&[rule("a", "forbid_carrier", "s", "zto"), rule("b", "carrier", "s", "zto")], "yto-1"),
        (&[rule("a", "hold", "s", "zto-1")], "zto-1"),
    ] {
        check(proposal(), &with(rules), expected);
    }
    let rules = with(&[rule("a", "carrier", "s", "zto-1")]);
    check(wishing(&[("buyer", "prefer", "sf")]), &rules, "zto-1");
    check(wishing(&[("buyer", "must", "sf")]), &rules, "sf-1");
    check(wishing(&[("buyer", "never", "zto")]), &rules, "yto-1");
    let forbidden = with(&[rule("a", "forbid_carrier", "s", "sf")]);
    check(wishing(&[("buyer", "must", "sf")]), &forbidden, "carrier_wish_unmet");
}

#[test]
fn a_rule_that_cannot_be_read_holds() {
    let broken = Rule {
        when: Condition::Is(Compare { fact: "colour".into(), op: "eq".into(), value: json!(1) }),
        ..rule("r", "forbid_carrier", "s", "sf")
    };
    check(proposal(), &Facts { rules: vec![broken], ..facts() }, "rule_unreadable");
}

#[test]
fn an_account_that_was_given_is_kept_unless_it_cannot_work() {
    let given = |id: &str| Proposal { account: Some(id.into()), ..wishing(&[("buyer", "never", "sf")]) };
    check(given("sf-1"), &facts(), "sf-1");
    check(given("gone"), &facts(), "zto-1");
    check(Proposal { encrypted: true, ..given("sf-1") }, &facts(), "no_carrier");
}

#[test]
fn a_hold_says_why_in_both_languages() {
    let held = |proposal, facts: &Facts| run(proposal, facts).holds.remove(0).detail;
    assert_eq!(
        held(wishing(&[("buyer", "must", "ems")]), &facts()),
        "备注要求 ems：没有该快递的账号 / a remark wants ems: there is no account of it"
    );
    let only = Facts { carriers: facts().carriers.into_iter().filter(|a| a.id == "zto-1").collect(), ..facts() };
    assert_eq!(
        held(Proposal { weight_g: 9000, ..proposal() }, &only),
        "没有可用的快递：zto-1 超过限重 3000 克 / no carrier can take it: zto-1 takes no more than 3000 g"
    );
    assert_eq!(
        held(proposal(), &Facts::default()),
        "没有可用的快递：没有启用的快递账号 / no carrier can take it: no carrier account is active"
    );
}

#[test]
fn the_trace_shows_every_account_and_the_choice() {
    let after = run(wishing(&[("buyer", "never", "yto")]), &facts());
    let told: Vec<_> =
        after.trace.iter().map(|t| format!("{} | {} | {} | {}", t.rule, t.seen, t.passed, t.then)).collect();
    let expected = [
        "account sf-1 | sf, 26.00 CNY: can take it | true | ",
        "account zto-1 | zto, 6.00 CNY: can take it | true | ",
        "account yto-1 | yto, 7.00 CNY: is not wanted by a remark | false | ",
        "account cn-1 | cainiao, price unknown: can take it | true | ",
        "account dhl-1 | dhl, 130.00 CNY: does not serve the region | false | ",
        "chosen | by price, of 3 accounts, 6.00 CNY | true | account zto-1",
    ];
    assert_eq!(told, expected);
}

proptest! {
    /// Number and order stay; each is chosen or held; a refused carrier is never chosen, a required one always or a hold.
    #[test]
    fn wishes_are_never_crossed(batch in prop::collection::vec((0u32..12_000, "(sf|zto|yto|ems)", "(must|never|prefer)"), 0..12)) {
        let subjects: Vec<_> = batch
            .iter()
            .enumerate()
            .map(|(at, (weight_g, carrier, code))| Proposal { key: at.to_string(), weight_g: *weight_g, ..wishing(&[("buyer", code, carrier)]) })
            .collect();
        let facts = facts();
        let after = Carrier.run(Millis(0), subjects, &facts);
        prop_assert_eq!(after.len(), batch.len());
        for (at, (proposal, (_, carrier, code))) in after.iter().zip(&batch).enumerate() {
            prop_assert_eq!(&proposal.key, &at.to_string());
            prop_assert_eq!(proposal.account.is_some(), proposal.holds.is_empty());
            let chosen = proposal.account.as_ref().and_then(|id| facts.carriers.iter().find(|a| a.id == *id));
            prop_assert!(code != "never" || chosen.is_none_or(|a| a.carrier != *carrier));
            prop_assert!(code != "must" || chosen.is_none_or(|a| a.carrier == *carrier));
        }
    }
}
