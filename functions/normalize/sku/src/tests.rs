use super::*;
use huidan_wire::step::{Listing, Sku as OurSku};
use huidan_wire::{Money, OrderFacts, Receiver};
use proptest::prelude::*;

fn sku(code: &str, title: &str) -> OurSku {
    OurSku { code: code.into(), title: title.into(), weight_g: 0, tags: vec![] }
}

fn facts() -> Facts {
    let listing = |shop: &str, ext_sku: &str, skus: &[(&str, u32)]| Listing {
        shop: shop.into(),
        ext_sku: ext_sku.into(),
        skus: skus.iter().map(|(sku, qty)| SkuQty { sku: (*sku).into(), qty: *qty }).collect(),
    };
    Facts {
        listings: vec![
            listing("s1", "v1", &[("TEA-1", 1)]),
            listing("s1", "set", &[("TEA-1", 2), ("CUP-1", 1)]),
            listing("s1", "nothing", &[]),
            listing("s2", "v1", &[("CUP-1", 1)]),
        ],
        skus: vec![
            sku("TEA-1", "龙井茶 绿茶 250g 罐装"),
            sku("CUP-1", "白瓷 茶杯 单只"),
            sku("Mix-7", "拼装"),
            sku("mix-7", "拼装 小"),
        ],
        aliases: [
            ("旧编码", "TEA-1"),
            ("龙井茶叶 500g", "TEA-2"),
            ("茶杯", "CUP-1"),
            ("ＤＵＰ", "TEA-1"),
            ("dup", "CUP-1"),
        ]
        .map(|(alias, sku)| (alias.to_owned(), sku.to_owned()))
        .into(),
        ..Facts::default()
    }
}

fn line(ext_sku: &str, outer_code: &str, title: &str, spec: &str) -> Line {
    Line {
        ext_line_id: "l".into(),
        ext_item: "i".into(),
        ext_sku: ext_sku.into(),
        outer_code: outer_code.into(),
        title: title.into(),
        spec: spec.into(),
        qty: 3,
        unit_price: Money { amount: "1.00".into(), currency: "CNY".into() },
        kind: "sale".into(),
        refund: "none".into(),
        refunded_qty: 0,
    }
}

fn draft(lines: Vec<Line>) -> Draft {
    let order = OrderFacts {
        ext_id: "1".into(),
        number: "1".into(),
        updated_at: 0,
        placed_at: 0,
        paid_at: None,
        ship_by: None,
        pay: "paid".into(),
        state: "open".into(),
        state_known: true,
        must_wait: None,
        lines,
        total: Money { amount: "1.00".into(), currency: "CNY".into() },
        receiver: Receiver::default(),
        buyer_remark: String::new(),
        seller_remark: String::new(),
        waybills: vec![],
    };
    let (shop, channel) = ("s1".to_owned(), "own-shop".to_owned());
    Draft { shop, channel, order, mapped: vec![], intents: vec![], problems: vec![] }
}

fn run(lines: Vec<Line>) -> Draft {
    Sku.run(Millis(0), vec![draft(lines)], &facts()).remove(0)
}

/// `TEA-1*2 CUP-1*1`, or `?` for an unmapped line.
fn written(mapped: &Option<Vec<SkuQty>>) -> String {
    let parts = |skus: &Vec<SkuQty>| skus.iter().map(|s| format!("{}*{}", s.sku, s.qty)).collect::<Vec<_>>().join(" ");
    mapped.as_ref().map_or_else(|| "?".to_owned(), parts)
}

#[test]
fn lines_resolve_in_the_order_of_certainty() {
    for (line, expected) in [
        (line("v1", "", "", ""), "TEA-1*1"),
        (line("set", "", "", ""), "TEA-1*2 CUP-1*1"),
        (line("v1", "CUP-1", "茶杯", ""), "TEA-1*1"), // the mapping wins over the code
        (line("nothing", "TEA-1", "", ""), ""),       // the seller said: nothing to ship
        (line("v9", "TEA-1", "", ""), "TEA-1*1"),
        (line("v9", " TEA-1 ", "", ""), "TEA-1*1"),
        (line("v9", "ｔｅａ－１", "", ""), "TEA-1*1"),
        (line("v9", "mix-7", "", ""), "mix-7*1"),
        (line("v9", "MIX-7", "", ""), "?"), // two codes fold alike
        (line("v9", "旧编码", "", ""), "TEA-1*1"),
        (line("v9", "", "龙井茶叶", "500G"), "TEA-2*1"),
        (line("v9", "", "茶杯", ""), "CUP-1*1"),
        (line("v9", "", "茶杯", "红"), "?"), // a title alone is no variant's name
        (line("v9", "Dup", "", ""), "?"),    // two aliases fold alike
        (line("v9", "TEA", "", ""), "?"),
        (line("", "", "", ""), "?"),
        (Line { kind: "virtual".into(), ..line("v9", "", "补差价", "") }, ""),
        (Line { kind: "gift".into(), ..line("v9", "CUP-1", "赠品", "") }, "CUP-1*1"),
        (Line { kind: "gift".into(), ..line("v9", "", "赠品", "") }, "?"),
    ] {
        let draft = run(vec![line.clone()]);
        assert_eq!(draft.mapped.iter().map(written).collect::<Vec<_>>(), [expected], "{line:?}");
        assert_eq!(draft.problems.len(), usize::from(expected == "?"), "{line:?}");
    }
}

#[test]
fn an_unmapped_line_is_named_and_stops_no_other() {
    let draft = run(vec![line("v1", "", "", ""), line("v9", "", "来历不明", ""), line("v1", "", "", "")]);
    assert_eq!(draft.mapped.iter().map(written).collect::<Vec<_>>(), ["TEA-1*1", "?", "TEA-1*1"]);
    let problems: Vec<_> = draft.problems.iter().map(|p| (p.field.as_str(), p.code.as_str())).collect();
    assert_eq!(problems, [("lines[1].sku", "sku_unmapped")]);
}

#[test]
fn a_likely_sku_is_named_and_never_applied() {
    let draft = run(vec![line("v9", "", "龙井茶 绿茶", "250g 罐装")]);
    assert_eq!(draft.mapped, [None]);
    assert!(draft.problems[0].detail.contains("TEA-1"), "{:?}", draft.problems);
    let unlike = run(vec![line("v9", "", "运动鞋", "42")]);
    assert!(!unlike.problems[0].detail.contains("perhaps"), "{:?}", unlike.problems);
}

#[test]
fn a_line_refunded_whole_needs_no_sku() {
    let draft = run(vec![Line { refunded_qty: 3, ..line("v9", "", "", "") }]);
    assert_eq!((draft.mapped.len(), draft.problems.len()), (1, 0));
}

#[test]
fn a_mapping_made_later_takes_the_problem_back() {
    let before = run(vec![line("new", "", "", "")]);
    assert_eq!(before.problems.len(), 1);
    let mut facts = facts();
    facts.listings.push(Listing {
        shop: "s1".into(),
        ext_sku: "new".into(),
        skus: vec![SkuQty { sku: "TEA-1".into(), qty: 1 }],
    });
    let after = Sku.run(Millis(0), vec![before], &facts).remove(0);
    assert_eq!((after.problems.len(), written(&after.mapped[0]).as_str()), (0, "TEA-1*1"));
}

proptest! {
    #[test]
    fn every_line_of_every_order_has_its_answer(orders in prop::collection::vec(prop::collection::vec("[v1-9 茶杯a-z]{0,6}", 0..6), 0..8)) {
        let drafts: Vec<_> = orders.iter().map(|codes| draft(codes.iter().map(|c| line(c, c, c, "")).collect())).collect();
        let after = Sku.run(Millis(0), drafts.clone(), &facts());
        prop_assert_eq!(after.len(), drafts.len());
        for (before, after) in drafts.iter().zip(&after) {
            prop_assert_eq!(&after.order, &before.order);
            prop_assert_eq!(after.mapped.len(), before.order.lines.len());
            prop_assert_eq!(after.problems.len(), after.mapped.iter().filter(|mapped| mapped.is_none()).count());
        }
    }
}
