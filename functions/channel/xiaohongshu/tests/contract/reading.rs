//! What the platform's numbers and words mean.

use crate::{EXCHANGE, PAID, PART, PRESALE, facts, paid};
use huidan_domain::{ChannelState, LineKind, PayState, RefundState};

#[test]
fn every_status_means_what_the_platform_says() {
    use ChannelState::{Cancelled, Completed, Open, PartShipped, Shipped};
    for (status, pay, state, waits) in [
        (1, PayState::Unpaid, Open, false),
        (2, PayState::Paid, Open, true),
        (3, PayState::Paid, Open, true),
        (4, PayState::Paid, Open, false),
        (5, PayState::Paid, PartShipped, false),
        (6, PayState::Paid, Shipped, false),
        (7, PayState::Paid, Completed, false),
        (8, PayState::Refunded, Cancelled, false),
        (9, PayState::Refunded, Cancelled, false),
        (10, PayState::Paid, Shipped, false),
    ] {
        let facts = facts(paid("\"orderStatus\": 4", &format!("\"orderStatus\": {status}")));
        assert_eq!((facts.pay, facts.state, facts.must_wait.is_some()), (pay, Ok(state), waits), "{status}");
    }
    let never = facts(paid("\"orderStatus\": 4", "\"orderStatus\": 9").replacen("1795248005000", "0", 1));
    assert_eq!((never.pay, never.paid_at), (PayState::Unpaid, None), "cancelled before it was paid");
}

#[test]
fn what_must_not_ship_says_so() {
    for (that, this, why) in [
        ("\"cancelStatus\": 0", "\"cancelStatus\": 1", "cancelStatus 1"),
        ("\"cancelStatus\": 0", "\"cancelStatus\": \"zz\"", "cancelStatus zz"),
        ("\"orderStatus\": 4", "\"orderStatus\": 2", "orderStatus 2"),
        ("\"orderAfterSalesStatus\": 1", "\"orderAfterSalesStatus\": 2", "orderAfterSalesStatus 2"),
        ("\"orderAfterSalesStatus\": 1", "\"orderAfterSalesStatus\": 88", "orderAfterSalesStatus 88"),
        ("red_auto", "red_express", "logistics red_express"),
        ("URGENT_SHIP", "QIC", "orderTag QIC"),
        ("\"paymentType\": 2", "\"subsidySkuIdentifyCodeRequiredInfo\": {}", "subsidySkuIdentifyCodeRequiredInfo"),
    ] {
        assert_eq!(facts(paid(that, this)).must_wait.as_deref(), Some(why));
    }
    assert_eq!(facts(PAID).must_wait, None);
    assert_eq!(facts(EXCHANGE).must_wait.as_deref(), Some("logistics red_domestic_trade"));
}

/// The paid order with one after-sale of its first line.
fn with_sale(kind: u32, status: &str, refund: u32, sku: &str, applied: u32) -> String {
    let sale = format!(
        r#""after_sales": [{{"returnsId": "R1", "returnType": {kind}, "status": {status}, "refundStatus": {refund},
            "updatedAt": 1795248100000, "skus": [{{"skuId": "{sku}", "appliedCount": {applied}}}]}}]"#
    );
    paid("\"after_sales\": []", &sale)
}

const FIRST: &str = "64a1f0c2d3e4b50001a2b3c4";

#[test]
fn every_after_sale_means_what_the_platform_says() {
    for (kind, status, refund, state, gone) in [
        (5, "1", 101, RefundState::Requested, 0),
        (1, "2", 101, RefundState::Agreed, 0),
        (1, "3", 101, RefundState::ReturnInTransit, 0),
        (5, "4", 2, RefundState::Refunded, 2),
        (5, "4", 1, RefundState::Agreed, 0),
        (5, "4", 3, RefundState::Agreed, 0),
        (5, "5", 401, RefundState::None, 0),
        (5, "6", 401, RefundState::None, 0),
        (5, "9", 0, RefundState::Refused, 0),
        (1, "9001", 0, RefundState::Refused, 0),
        (2, "11", 0, RefundState::Requested, 0),
        (2, "12", 0, RefundState::Received, 0),
        (2, "13", 0, RefundState::Received, 0),
        (5, "14", 0, RefundState::Requested, 0),
        (2, "4", 0, RefundState::None, 0),
        (6, "1", 0, RefundState::None, 0),
    ] {
        let facts = facts(with_sale(kind, status, refund, FIRST, 2));
        let line = &facts.lines[0];
        assert_eq!((line.refund, line.refunded_qty), (state, gone), "type {kind}, status {status}");
        assert_eq!((facts.must_wait, facts.lines[1].refund), (None, RefundState::None), "{status}");
        let back = (gone > 0).then_some(PayState::PartiallyRefunded);
        assert_eq!(facts.pay, back.unwrap_or(PayState::Paid));
        assert_eq!(facts.updated_at.0, 1_795_248_100_000, "its change is the order's change");
    }
}

#[test]
fn an_after_sale_that_nobody_can_place_holds_the_whole_order() {
    let unknown = facts(with_sale(5, "\"zz_new_word\"", 0, FIRST, 2));
    assert_eq!((unknown.lines[0].refund, unknown.must_wait.as_deref()), (RefundState::Requested, Some("afterSale R1")));
    let elsewhere = facts(with_sale(5, "1", 0, "another", 1));
    assert_eq!(elsewhere.must_wait.as_deref(), Some("afterSale R1"));
    assert!(elsewhere.lines.iter().all(|line| line.refund == RefundState::None));
}

#[test]
fn what_is_refunded_in_part_leaves_the_rest_to_be_shipped() {
    let facts = facts(with_sale(5, "4", 2, FIRST, 1));
    let line = &facts.lines[0];
    assert_eq!((line.refund, line.qty, line.refunded_qty), (RefundState::None, 2, 1));
    assert_eq!(facts.pay, PayState::PartiallyRefunded);
}

#[test]
fn a_lines_own_word_stops_it_where_no_after_sale_is_known() {
    for (word, stops) in [("1", false), ("2", true), ("3", false), ("6", true), ("7", false), ("99", true)] {
        let facts = facts(paid("\"skuAfterSaleStatus\": 1", &format!("\"skuAfterSaleStatus\": {word}")));
        assert_eq!(facts.lines[0].refund.stops_shipping(), stops, "{word}");
    }
}

#[test]
fn lines_are_told_apart_and_their_prices_are_before_discounts() {
    let facts = facts(PAID);
    let kinds: Vec<LineKind> = facts.lines.iter().map(|line| line.kind).collect();
    assert_eq!(kinds, [LineKind::Sale, LineKind::Sale, LineKind::Gift]);
    let prices: Vec<i64> = facts.lines.iter().map(|line| line.unit_price.minor().unwrap()).collect();
    assert_eq!(prices, [10_650, 1_900, 0]);
    assert_eq!(facts.lines[1].outer_code, "CUP-1", "from its only part");
    let free = paid("URGENT_SHIP", "NO_LOGISTICS_SHIP").replacen("\"deliveryMode\": 0", "\"deliveryMode\": 1", 1);
    assert_eq!(crate::facts(free).lines[0].kind, LineKind::Virtual);
}

#[test]
fn a_presale_is_paid_only_with_its_last_part() {
    let deposit = facts(PRESALE);
    assert_eq!(deposit.pay, PayState::DepositPaid);
    assert_eq!(deposit.ship_by.map(|at| at.0), Some(1_796_000_000_000), "the presale's own deadline");
    assert_eq!(facts(PRESALE.replacen("\"orderStatus\":1", "\"orderStatus\":4", 1)).pay, PayState::Paid);
    assert_eq!(facts(PRESALE.replacen("1795100020000", "0", 1)).pay, PayState::Unpaid);
}

#[test]
fn ciphertext_stays_as_it_is_and_the_handle_goes_beside_it() {
    let receiver = facts(PAID).receiver;
    assert_eq!(
        (receiver.name.as_str(), receiver.phone.as_str(), receiver.street.as_str()),
        ("#tVx3lP0s#mQ8=#1##", "#Jk92hZ7q#8000#1##", "#uW5nYb6d#wen3lu=#1##")
    );
    assert_eq!((receiver.province.as_str(), receiver.district.as_str()), ("浙江省", "西湖区"));
    assert_eq!(receiver.token.as_deref(), Some("9f2c1b7e4d8a4f0e93b6c5d1a7e80f42"));
}

#[test]
fn numbers_that_the_platform_knows_are_read_once_each() {
    assert_eq!(facts(PART).waybills, ["YT8800000000001"]);
    assert!(facts(PAID).waybills.is_empty());
}

#[test]
fn the_orders_own_number_speaks_for_all_goods_only_where_no_parcel_names_its_own() {
    let refunded = with_sale(5, "4", 2, FIRST, 2);
    let open = |body: &str| facts(body).lines[0].refunded_qty;
    assert_eq!(open(&refunded), 2, "nothing has left");
    let whole = refunded.replacen("\"expressTrackingNo\": \"\"", "\"expressTrackingNo\": \"SF7444400043266\"", 1);
    assert_eq!(open(&whole), 0, "all has left: it comes back instead");
    for (skus, left) in [("\"64a1f0c2d3e4b50001a2b3c5\"", 2), ("\"64a1f0c2d3e4b50001a2b3c4\"", 0), ("", 0)] {
        let part = format!(r#"[{{"expressTrackingNo": "SF7444400043266", "skuIdList": [{skus}]}}]"#);
        let body =
            whole.replacen("\"simpleDeliveryOrderList\": []", &format!("\"simpleDeliveryOrderList\": {part}"), 1);
        assert_eq!(open(&body), left, "{skus}");
    }
}

#[test]
fn a_refund_that_is_done_and_says_nothing_of_its_money_is_paid_back() {
    let silent = with_sale(5, "4", 2, FIRST, 2).replacen("\"refundStatus\": 2,", "", 1);
    assert_eq!(facts(silent).lines[0].refund, RefundState::Refunded);
}
