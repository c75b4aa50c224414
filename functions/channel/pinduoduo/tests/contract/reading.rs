//! What the platform's words mean.

use crate::{PAID, REVIEW, SHIPPED, STEP, document};
use channel_pinduoduo::Pinduoduo;
use huidan_channel::Channel;
use huidan_domain::{ChannelState, LineKind, OrderFacts, PayState, RefundState};

fn facts(body: impl Into<String>) -> OrderFacts {
    huidan_testkit::channel::facts(&Pinduoduo, &document(body))
}

/// The paid sample with other statuses.
fn with(changes: &[(&str, &str)]) -> OrderFacts {
    let mut body = PAID.to_owned();
    for (name, value) in changes {
        let old = body.lines().find(|line| line.trim_start().starts_with(&format!("\"{name}\":"))).unwrap().to_owned();
        body = body.replace(&old, &format!("      \"{name}\": {value},"));
    }
    facts(body)
}

#[test]
fn every_status_of_an_order_means_what_the_platform_says() {
    for (status, state) in [
        ("1", Ok(ChannelState::Open)),
        ("2", Ok(ChannelState::Shipped)),
        ("3", Ok(ChannelState::Completed)),
        ("7", Err("7".to_owned())),
    ] {
        assert_eq!(with(&[("order_status", status)]).state, state, "{status}");
    }
    let called_off = with(&[("confirm_status", "2")]);
    assert_eq!((called_off.state, called_off.pay), (Ok(ChannelState::Cancelled), PayState::Refunded));
    let never_full = with(&[("confirm_status", "0"), ("group_status", "2")]);
    assert_eq!(never_full.state, Ok(ChannelState::Cancelled));
    let refunded = with(&[("refund_status", "4")]);
    assert_eq!((refunded.state, refunded.pay), (Ok(ChannelState::Cancelled), PayState::Refunded));
    assert_eq!(refunded.lines.iter().map(|line| line.refunded_qty).collect::<Vec<_>>(), [2, 1]);
    let shipped = with(&[("refund_status", "4"), ("order_status", "2"), ("tracking_number", "\"SF7444400043266\"")]);
    assert_eq!((shipped.state, shipped.lines[0].refunded_qty), (Ok(ChannelState::Shipped), 0));
}

#[test]
fn what_the_platform_forbids_to_ship_waits_and_says_why() {
    assert_eq!(facts(PAID).must_wait, None);
    assert_eq!(facts(REVIEW).must_wait.as_deref(), Some("risk_control_status=1"));
    let held = facts(PAID.replace(r#""name": "ship_hold", "value": 0"#, r#""name": "ship_hold", "value": 1"#));
    assert_eq!(held.must_wait.as_deref(), Some("ship_hold"));
    for (name, value) in [
        ("confirm_status", "0"),
        ("confirm_status", "9"),
        ("risk_control_status", "2"),
        ("trade_type", "5"),
        ("refund_status", "9"),
        ("after_sales_status", "99"),
        ("self_contained", "1"),
        ("gift_order_status", "0"),
    ] {
        let waits = with(&[(name, value)]).must_wait;
        assert_eq!(waits, Some(format!("{name}={value}")));
    }
    // Taken to be about a deposit, but saying nothing of it.
    assert_eq!(with(&[("trade_type", "1")]).must_wait.as_deref(), Some("step_trade_status="));
}

#[test]
fn a_deposit_is_no_payment() {
    for (step, pay) in
        [("0", PayState::Unpaid), ("1", PayState::DepositPaid), ("2", PayState::Paid), ("5", PayState::DepositPaid)]
    {
        let facts = facts(STEP.replace("\"step_trade_status\": 1", &format!("\"step_trade_status\": {step}")));
        assert_eq!((facts.pay, facts.must_wait.is_some()), (pay, step == "5"), "{step}");
    }
}

#[test]
fn every_after_sale_stops_what_it_must_stop() {
    use RefundState::{Agreed, None, Refunded, Refused, Requested};
    let table: [(&str, RefundState); 28] = [
        ("0", None),
        ("2", Requested),
        ("3", Requested),
        ("4", Agreed),
        ("5", Agreed),
        ("6", Refused),
        ("7", Agreed),
        ("8", Requested),
        ("9", Refused),
        ("10", Refunded),
        ("11", None),
        ("12", None),
        ("13", None),
        ("14", Requested),
        ("15", Requested),
        ("16", None),
        ("17", None),
        ("18", Requested),
        ("21", Requested),
        ("22", Requested),
        ("24", None),
        ("25", None),
        ("27", Requested),
        ("31", Agreed),
        ("32", Requested),
        ("33", Agreed),
        ("99", Requested),
        ("\"\"", None),
    ];
    for (status, refund) in table {
        let facts = with(&[("after_sales_status", status)]);
        assert!(facts.lines.iter().all(|line| line.refund == refund), "{status}");
        assert_eq!(facts.must_wait.is_some(), status == "99");
        for (open, at_least) in [("2", Requested), ("3", Agreed)] {
            let stopped = with(&[("after_sales_status", status), ("refund_status", open)]).lines[0].refund;
            assert!(stopped.stops_shipping(), "{status} while an after-sale is open");
            let raised = !refund.stops_shipping();
            assert_eq!(stopped, if raised { at_least } else { refund }, "{status} {open}");
        }
    }
    assert_eq!(with(&[("refund_status", "9")]).lines[0].refund, Requested, "an unknown number stops");
}

#[test]
fn a_gift_with_an_order_of_its_own_leaves_with_that_one() {
    let kinds = |facts: OrderFacts| facts.lines.iter().map(|line| line.kind).collect::<Vec<_>>();
    assert_eq!(kinds(facts(PAID)), [LineKind::Sale, LineKind::Gift]);
    assert_eq!(kinds(with(&[("gift_order_status", "1")])), [LineKind::Sale]);
    let own = PAID.replace(r#""order_sn": """#, r#""order_sn": "261121-999""#);
    assert_eq!(kinds(facts(own)), [LineKind::Sale]);
    let cards = with(&[("card_info_list", r#"[{"card_no": "~x~", "mask_password": "~y~"}]"#)]);
    assert_eq!(kinds(cards), [LineKind::Virtual; 2]);
    let difference = PAID.replace(r#""name": "free_sf", "value": 0"#, r#""name": "ship_additional_order", "value": 1"#);
    assert_eq!(kinds(facts(difference)), [LineKind::Virtual; 2]);
}

#[test]
fn lines_have_different_ids_even_of_the_same_variant() {
    let same = PAID.replace("9007199254740997", "9007199254740995");
    let twice = same.replace(
        "\"gift_list\": [",
        "\"gift_list\": [{\"goods_id\": 1, \"sku_id\": 9007199254740995, \"goods_count\": 1},",
    );
    let ids: Vec<String> = facts(twice).lines.into_iter().map(|line| line.ext_line_id).collect();
    assert_eq!(ids, ["261121-123456789012345", "9007199254740995", "9007199254740995#3"]);
}

#[test]
fn ciphertext_travels_unchanged_and_masks_stand_where_it_is_withheld() {
    let open = facts(PAID).receiver;
    assert_eq!(open.name, "~AgAAAAJ1n0tARealNameCipher==~Wl3q~1~");
    assert_eq!(open.street, "~AgAAAAJ1n0tARealStreetCipher==~Qm7c~1~");
    assert_eq!(open.token.as_deref(), Some("261121-123456789012345"));
    let shipped = facts(SHIPPED).receiver;
    assert_eq!((shipped.name.as_str(), shipped.phone.as_str()), ("李*", "139****9000"));
    assert_eq!(facts(REVIEW).receiver.token, None, "of an order under review nothing is told");
}

#[test]
fn doubles_are_exact_to_the_fen() {
    assert_eq!(facts(SHIPPED).total.minor(), Ok(2999), "29.990000000000002");
    assert_eq!(facts(REVIEW).total.minor(), Ok(12_300), "1.23E2");
    let finer = Pinduoduo.read(&document(PAID.replace("200.07", "200.075")));
    assert_eq!(finer.unwrap_err().field, "order_info_get_response.order_info.pay_amount");
}

#[test]
fn all_numbers_the_platform_knows_are_told() {
    assert_eq!(facts(SHIPPED).waybills, ["SF7444400043266", "YT8800000000001"]);
    assert!(facts(PAID).waybills.is_empty());
}
