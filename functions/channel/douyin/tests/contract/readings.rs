//! What the platform's words mean.

use crate::{CLEAR, DEPOSIT, PAID, PART, changed, document};
use channel_douyin::Douyin;
use huidan_domain::{ChannelState, LineKind, OrderFacts, PayState, RefundState};
use serde_json::json;

pub(crate) fn facts(body: impl Into<String>) -> OrderFacts {
    huidan_testkit::channel::facts(&Douyin, &document(body))
}

#[test]
fn every_status_means_what_the_platform_says() {
    use ChannelState::{Cancelled, Completed, Open, PartShipped, Shipped};
    for (status, main, pay, state, waits) in [
        (1, 1, PayState::Unpaid, Open, false),
        (1, 103, PayState::DepositPaid, Open, false),
        (105, 105, PayState::Paid, Open, true),
        (2, 2, PayState::Paid, Open, false),
        (101, 101, PayState::Paid, PartShipped, false),
        (3, 3, PayState::Paid, Shipped, false),
        (4, 4, PayState::Refunded, Cancelled, false),
        (4, 21, PayState::Refunded, Cancelled, false),
        (3, 22, PayState::Refunded, Shipped, false),
        (5, 39, PayState::Refunded, Completed, false),
        (5, 5, PayState::Paid, Completed, false),
        (2, 77, PayState::Paid, Open, true),
    ] {
        let facts = facts(changed(|order| {
            order["order_status"] = json!(status);
            order["main_status"] = json!(main);
        }));
        assert_eq!((facts.pay, facts.state), (pay, Ok(state)), "{status} {main}");
        assert_eq!(facts.must_wait.is_some(), waits, "{status} {main}");
    }
    let unpaid = facts(changed(|order| {
        order["order_status"] = json!(4);
        order["pay_time"] = json!(0);
    }));
    assert_eq!(unpaid.pay, PayState::Unpaid, "cancelled before it was paid");
}

#[test]
fn pay_on_delivery_counts_as_paid_once_it_is_to_be_shipped() {
    let cod = |status: u32| {
        facts(changed(|order| {
            order["pay_type"] = json!(0);
            order["pay_time"] = json!(0);
            order["order_status"] = json!(status);
        }))
    };
    assert_eq!((cod(1).pay, cod(2).pay), (PayState::Unpaid, PayState::Paid));
}

#[test]
fn every_after_sale_status_means_what_the_platform_says() {
    for (status, kind, state, stops) in [
        (0, 0, RefundState::None, false),
        (6, 2, RefundState::Requested, true),
        (7, 0, RefundState::Agreed, true),
        (8, 3, RefundState::Agreed, true),
        (11, 0, RefundState::ReturnInTransit, true),
        (12, 2, RefundState::Refunded, true),
        (51, 5, RefundState::Refunded, true),
        (53, 4, RefundState::Refunded, true),
        (27, 2, RefundState::Refused, false),
        (29, 0, RefundState::Refused, false),
        (28, 2, RefundState::None, false),
        (13, 3, RefundState::None, false),
        (14, 3, RefundState::None, false),
        (12, 7, RefundState::None, false),
        (6, 6, RefundState::None, false),
        (12, 6, RefundState::None, false),
        (99, 0, RefundState::Requested, true),
    ] {
        let facts = facts(changed(|order| {
            order["sku_order_list"][0]["after_sale_info"] =
                json!({"after_sale_status": status, "after_sale_type": kind, "refund_status": 1});
        }));
        let line = &facts.lines[0];
        assert_eq!((line.refund, line.refund.stops_shipping()), (state, stops), "{status} of kind {kind}");
        assert_eq!(facts.must_wait.as_deref(), (status == 99).then_some("after_sale_status 99"), "kept, not guessed");
        let back = (state == RefundState::Refunded).then_some(PayState::PartiallyRefunded);
        assert_eq!(facts.pay, back.unwrap_or(PayState::Paid), "{status} of kind {kind}");
        assert_eq!(line.refunded_qty, if state == RefundState::Refunded { 2 } else { 0 });
    }
}

#[test]
fn of_three_cups_of_which_one_was_paid_back_two_are_still_to_be_shipped() {
    let facts = facts(PART);
    let cups = &facts.lines[1];
    assert_eq!((cups.qty, cups.refunded_qty, cups.refund), (3, 1, RefundState::None));
    assert_eq!(facts.lines[0].refund, RefundState::ReturnInTransit);
    assert_eq!((facts.lines[0].refunded_qty, facts.lines[2].refunded_qty), (0, 1), "what left, and what was cancelled");
    assert_eq!(facts.pay, PayState::PartiallyRefunded);
    assert_eq!(facts.waybills, ["SF7444400043266"]);
}

#[test]
fn a_line_whose_refund_is_asked_for_again_stops_whatever_was_paid_back_before() {
    let again = PART.replacen("\"aftersale_status\": 11", "\"aftersale_status\": 6", 1).replacen(
        "\"related_order_info\": [\n     {\n      \"sku_order_id\": \"6938210000000000103\"",
        "\"related_order_info\": [\n     {\n      \"sku_order_id\": \"6938210000000000105\"",
        1,
    );
    assert_ne!(again, PART);
    let cups = facts(again).lines[1].clone();
    assert_eq!((cups.refunded_qty, cups.refund), (1, RefundState::Requested));
}

#[test]
fn an_open_after_sale_that_only_the_line_tells_stops_it_too() {
    let newer = PART.replacen("\"after_sale_status\": 12,", "\"after_sale_status\": 6,", 1);
    assert_ne!(newer, PART);
    let cups = facts(newer).lines[1].clone();
    assert_eq!((cups.refunded_qty, cups.refund), (1, RefundState::Requested));
}

#[test]
fn goods_of_other_kinds_are_told_apart() {
    let kinds: Vec<LineKind> = facts(PAID).lines.iter().map(|line| line.kind).collect();
    assert_eq!(kinds, [LineKind::Sale, LineKind::Sale, LineKind::Gift]);
    let all_virtual = facts(changed(|order| order["order_type"] = json!(4)));
    assert!(all_virtual.lines.iter().all(|line| line.kind == LineKind::Virtual));
    let one = facts(changed(|order| order["sku_order_list"][1]["goods_type"] = json!(1)));
    assert_eq!(one.lines[1].kind, LineKind::Virtual);
    for (field, value, reason) in [
        ("inventory_list", json!([{"warehouse_type": 2}]), "warehouse_type 2"),
        ("trade_type", json!(7), "trade_type 7"),
    ] {
        let facts = facts(changed(|order| order["sku_order_list"][0][field] = value.clone()));
        assert_eq!(facts.must_wait.as_deref(), Some(reason), "what another ships must not leave from here");
    }
}

#[test]
fn a_cipher_text_stays_as_it_is_and_the_street_travels_in_the_token() {
    let receiver = facts(PAID).receiver;
    assert_eq!(receiver.name, "##RkFLRQ==##name0+/=*CgQI##");
    assert_eq!(receiver.phone, "$RkFLRQ==$tel0+/=$1$$");
    assert_eq!(receiver.street, "##d2Vuc2FubHU5OQ==##addr1+/=*CgYIASAHKAESPgo8##");
    assert_eq!(receiver.token.as_deref(), Some("6938210000000000001/翠苑街道"));
    assert_eq!((&*receiver.province, &*receiver.city, &*receiver.district), ("浙江省", "杭州市", "西湖区"));
    let clear = facts(CLEAR).receiver;
    assert_eq!((&*clear.name, &*clear.street, clear.token), ("王小明", "翠苑街道文三路 1 号", None));
}

#[test]
fn an_id_with_a_letter_behind_it_is_the_same_order() {
    let with = facts(changed(|order| order["order_id"] = json!("6938210000000000001A")));
    assert_eq!(with.ext_id, "6938210000000000001");
}

#[test]
fn a_deposit_is_not_the_price() {
    assert_eq!(facts(DEPOSIT).pay, PayState::DepositPaid);
    let by_phases = DEPOSIT.replacen("\"main_status\": 103", "\"main_status\": 1", 1);
    assert_eq!(facts(by_phases).pay, PayState::DepositPaid, "the phases say so too");
}
