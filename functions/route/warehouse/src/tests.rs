use super::*;
use huidan_wire::step::{Compare, Condition, ProposalLine, Stock};
use huidan_wire::{Hold, Money};
use proptest::prelude::*;
use serde_json::json;

fn proposal(lines: &[(&str, u32)]) -> Proposal {
    let line =
        |(sku, qty): &(&str, u32)| ProposalLine { line: "l".into(), sku: (*sku).into(), qty: *qty, tags: vec![] };
    Proposal {
        key: "k".into(),
        orders: vec!["o".into()],
        shop: "s".into(),
        channel: "own-shop".into(),
        lines: lines.iter().map(line).collect(),
        country: "CN".into(),
        province: "广东省".into(),
        city: "深圳市".into(),
        district: "南山区".into(),
        encrypted: false,
        total: Money { amount: "60.00".into(), currency: "CNY".into() },
        weight_g: 500,
        buyer_remark: String::new(),
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

fn house(id: &str, serves: &[&str]) -> House {
    House { id: id.into(), province: String::new(), serves: serves.iter().map(|s| (*s).to_owned()).collect() }
}

fn rule(id: &str, fact: &str, value: &str, warehouse: &str) -> Rule {
    let when = Condition::Is(Compare { fact: fact.into(), op: "eq".into(), value: json!(value) });
    Rule { id: id.into(), name: String::new(), when, action: "warehouse".into(), value: warehouse.into() }
}

/// Two warehouses: `hz` first in the seller's order, `gz` serves Guangdong. BULK is not counted.
fn facts() -> Facts {
    let stock =
        |sku: &str, warehouse: &str, available| Stock { sku: sku.into(), warehouse: warehouse.into(), available };
    Facts {
        warehouses: vec![house("hz", &["浙江"]), house("gz", &["广东", "US"])],
        stock: vec![
            stock("TEA", "hz", 10),
            stock("TEA", "gz", 3),
            stock("CUP", "hz", 10),
            stock("POT", "gz", 1),
            stock("DEBT", "hz", -4),
        ],
        ..Facts::default()
    }
}

fn run(proposal: Proposal, facts: &Facts) -> Proposal {
    Warehouse.run(Millis(0), vec![proposal], facts).remove(0)
}

/// The warehouse chosen, or the reason and detail of the hold.
fn check(proposal: Proposal, facts: &Facts, expected: &str) {
    let after = run(proposal.clone(), facts);
    let holds = after.holds.iter().map(|hold| format!("{}: {}", hold.reason, hold.detail));
    let got = after.warehouse.clone().into_iter().chain(holds).collect::<Vec<_>>().join(" & ");
    assert_eq!(got, expected, "{proposal:?}");
    assert!(!after.trace.is_empty());
}

#[test]
fn the_nearest_that_has_everything_is_chosen() {
    let facts = facts();
    check(proposal(&[("TEA", 1)]), &facts, "gz");
    check(proposal(&[("TEA", 3)]), &facts, "gz");
    check(proposal(&[("TEA", 4)]), &facts, "hz");
    check(proposal(&[("TEA", 2), ("TEA", 2)]), &facts, "hz");
    check(proposal(&[("TEA", 1), ("CUP", 1)]), &facts, "hz");
    check(Proposal { province: "浙江省".into(), ..proposal(&[("TEA", 1)]) }, &facts, "hz");
    check(Proposal { province: "西藏自治区".into(), ..proposal(&[("TEA", 1)]) }, &facts, "hz");
    check(Proposal { country: "US".into(), province: "CA".into(), ..proposal(&[("TEA", 1)]) }, &facts, "gz");
}

#[test]
fn what_none_can_supply_whole_is_held_with_what_is_missing() {
    let facts = facts();
    check(proposal(&[("TEA", 12)]), &facts, "stock_short: 仓库 hz：TEA 缺 2 件 / 2 short of TEA");
    check(proposal(&[("CUP", 1), ("POT", 1)]), &facts, "stock_short: 仓库 hz：POT 缺 1 件 / 1 short of POT");
    check(proposal(&[("DEBT", 1)]), &facts, "stock_short: 仓库 hz：DEBT 缺 1 件 / 1 short of DEBT");
}

#[test]
fn a_sku_of_which_no_stock_is_kept_is_never_short() {
    let facts = facts();
    check(proposal(&[("BULK", 1000)]), &facts, "gz");
    let after = run(proposal(&[("BULK", 1), ("TEA", 4)]), &facts);
    assert_eq!(after.warehouse.as_deref(), Some("hz"));
    assert!(after.trace.iter().any(|trace| trace.rule == "not_counted" && trace.seen.contains("BULK")));
}

#[test]
fn no_warehouse_at_all_is_a_reason_of_its_own() {
    let none = Facts { warehouses: vec![], ..facts() };
    check(proposal(&[("TEA", 1)]), &none, "no_warehouse: 没有启用的仓库 / no warehouse is active");
}

#[test]
fn the_first_rule_that_applies_wins_and_is_not_second_guessed() {
    let with = |rules: Vec<Rule>| Facts { rules, ..facts() };
    check(proposal(&[("TEA", 1)]), &with(vec![rule("r", "shop", "s", "hz")]), "hz");
    check(proposal(&[("TEA", 1)]), &with(vec![rule("r", "shop", "x", "hz")]), "gz");
    check(proposal(&[("TEA", 1)]), &with(vec![rule("a", "shop", "s", "gz"), rule("b", "shop", "s", "hz")]), "gz");
    check(proposal(&[("TEA", 1)]), &with(vec![rule("a", "shop", "s", "gone"), rule("b", "shop", "s", "hz")]), "hz");
    let short = "stock_short: 仓库 gz：TEA 缺 1 件 / 1 short of TEA";
    check(proposal(&[("TEA", 4)]), &with(vec![rule("r", "shop", "s", "gz")]), short);
    let other_action = Rule { action: "hold".into(), ..rule("r", "shop", "s", "hz") };
    check(proposal(&[("TEA", 1)]), &with(vec![other_action]), "gz");
}

#[test]
fn a_rule_that_cannot_be_read_holds_before_a_later_one_decides() {
    let rules = vec![rule("r1", "colour", "red", "gz"), rule("r2", "shop", "s", "hz")];
    let expected = "rule_unreadable: 规则「r1」无法读取，请修改 / rule \"r1\" cannot be read: mend it";
    check(proposal(&[("TEA", 1)]), &Facts { rules, ..facts() }, expected);
}

#[test]
fn a_warehouse_that_was_given_is_kept_if_it_is_there_and_has_the_goods() {
    let given = |id: &str, qty| Proposal { warehouse: Some(id.into()), ..proposal(&[("TEA", qty)]) };
    check(given("hz", 1), &facts(), "hz");
    check(given("gone", 1), &facts(), "gz");
    check(given("gz", 4), &facts(), "stock_short: 仓库 gz：TEA 缺 1 件 / 1 short of TEA");
}

#[test]
fn packages_of_a_batch_do_not_promise_the_same_piece_twice() {
    let held =
        Hold { handle: "route-review:phone_invalid".into(), reason: "phone_invalid".into(), detail: String::new() };
    let held = Proposal { holds: vec![held], ..proposal(&[("TEA", 3)]) };
    let batch = vec![held, proposal(&[("TEA", 2)]), proposal(&[("TEA", 2)]), proposal(&[("TEA", 9)])];
    let after = Warehouse.run(Millis(0), batch, &facts());
    let chosen: Vec<_> = after.iter().map(|p| p.warehouse.as_deref().unwrap_or("-")).collect();
    assert_eq!(chosen, ["gz", "gz", "hz", "-"]);
    assert_eq!(after[3].holds[0].detail, "仓库 hz：TEA 缺 1 件 / 1 short of TEA");
}

#[test]
fn a_second_run_takes_its_hold_back() {
    let first = run(proposal(&[("TEA", 12)]), &facts());
    let more = Facts { stock: vec![Stock { sku: "TEA".into(), warehouse: "hz".into(), available: 99 }], ..facts() };
    check(first, &more, "hz");
}

proptest! {
    /// Whatever is ordered: number and order stay, each is chosen or held, and no counted piece is promised twice.
    #[test]
    fn nothing_is_lost_and_nothing_is_promised_twice(orders in prop::collection::vec(("(TEA|CUP|POT|BULK)", 1u32..6), 0..12)) {
        let batch: Vec<_> = orders.iter().enumerate().map(|(at, (sku, qty))| Proposal { key: at.to_string(), ..proposal(&[(sku, *qty)]) }).collect();
        let facts = facts();
        let after = Warehouse.run(Millis(0), batch, &facts);
        let keys: Vec<_> = after.iter().map(|p| p.key.clone()).collect();
        prop_assert_eq!(keys, (0..orders.len()).map(|at| at.to_string()).collect::<Vec<_>>());
        prop_assert!(after.iter().all(|p| p.warehouse.is_some() == p.holds.is_empty()));
        for stock in &facts.stock {
            let promised: i64 = after
                .iter()
                .filter(|p| p.warehouse.as_deref() == Some(&stock.warehouse))
                .flat_map(|p| &p.lines)
                .filter(|line| line.sku == stock.sku)
                .map(|line| i64::from(line.qty))
                .sum();
            prop_assert!(promised <= stock.available.max(0), "{} {}", stock.sku, stock.warehouse);
        }
    }
}
