//! What WeChat's words mean.

use crate::{GIFT, PAID, PART, REVIEW, document, facts, vary};
use channel_wechat_shop::WechatShop;
use huidan_channel::Channel;
use huidan_domain::{ChannelState, LineKind, PayState, RefundState};
use huidan_testkit::channel::Vary;

#[test]
fn every_status_means_what_wechat_says() {
    use ChannelState::{Cancelled, Completed, Open, PartShipped, Shipped};
    for (status, pay, state) in [
        ("10", PayState::Unpaid, Open),
        ("12", PayState::Paid, Open),
        ("20", PayState::Paid, Open),
        ("21", PayState::Paid, PartShipped),
        ("30", PayState::Paid, Shipped),
        ("100", PayState::Paid, Completed),
        ("190", PayState::Unpaid, Cancelled),
        ("200", PayState::Refunded, Cancelled),
        ("250", PayState::Refunded, Cancelled),
    ] {
        let text = facts(vary(Vary::State(status)).body);
        let number = facts(PAID.replacen("\"status\": 20", &format!("\"status\": {status}"), 1));
        assert_eq!((text.pay, text.state.clone()), (pay, Ok(state)), "{status}");
        assert_eq!(text, number, "{status} as text and as number");
        assert_eq!(text.must_wait.as_deref(), (status == "12").then_some("present_not_accepted"));
    }
    let unpaid =
        PAID.replace("\"pay_time\": 1795248005", "\"pay_time\": 0").replacen("\"status\": 20", "\"status\": 250", 1);
    assert_eq!(facts(unpaid).pay, PayState::Unpaid, "cancelled before anybody paid");
    let new = facts(vary(Vary::State("13")).body);
    assert_eq!((new.state, new.pay), (Err("13".to_owned()), PayState::Paid));
}

/// The paid order with an after-sale of its second line.
fn with_after_sale(status: &str, kind: &str, count: u32) -> String {
    let one = format!(
        r#""after_sales": [{{"after_sale_order_id": "2", "status": "{status}", "type": "REFUND", "sub_type": "{kind}",
        "product_info": {{"product_id": "10000200857719", "sku_id": "3095702975", "count": {count}}}}}]"#
    );
    PAID.replace("\"after_sales\": []", &one)
}

#[test]
fn every_after_sale_status_means_what_wechat_says() {
    use RefundState::{Agreed, None, Received, Refunded, Refused, Requested, ReturnInTransit};
    for (status, state) in [
        ("USER_CANCELD", None),
        ("RETURN_CLOSED", None),
        ("MERCHANT_EXCHANGE_SUCCESS", None),
        ("MERCHANT_PROCESSING", Requested),
        ("PLATFORM_PROCESSING", Requested),
        ("USER_WAIT_CONFIRM", Requested),
        ("USER_WAIT_CONFIRM_UPDATE", Requested),
        ("USER_WAIT_HANDLE_MERCHANT_AFTER_SALE", Requested),
        ("MERCHANT_REJECT_RESHIP", Requested),
        ("MERCHANT_REJECT_REFUND", Refused),
        ("MERCHANT_REJECT_RETURN", Refused),
        ("MERCHANT_REJECT_EXCHANGE", Refused),
        ("MERCHANT_FAIL", Refused),
        ("USER_WAIT_RETURN", Agreed),
        ("WAIT_PACKAGE_INTERCEPT", Agreed),
        ("PLATFORM_REFUNDING", Agreed),
        ("PLATFORM_REFUND_FAIL", Agreed),
        ("MERCHANT_OVERDUE_REFUND", Agreed),
        ("MERCHANT_REFUND_RETRY_FAIL", Agreed),
        ("MERCHANT_WAIT_RECEIPT", ReturnInTransit),
        ("USER_WAIT_RECEIPT", Received),
        ("MERCHANT_REFUND_SUCCESS", Refunded),
        ("MERCHANT_RETURN_SUCCESS", Refunded),
        ("ZZ_NEW_WORD", Requested),
    ] {
        let facts = facts(with_after_sale(status, "DEFAULT", 2));
        assert_eq!(facts.lines[1].refund, state, "{status}");
        assert_eq!(facts.lines[0].refund, None, "{status}: another line");
        assert_eq!(facts.must_wait.as_deref(), (status == "ZZ_NEW_WORD").then_some(status), "an unknown word is kept");
        let (pieces, pay) = if state == Refunded { (2, PayState::PartiallyRefunded) } else { (0, PayState::Paid) };
        assert_eq!((facts.lines[1].refunded_qty, facts.pay), (pieces, pay), "{status}");
    }
}

#[test]
fn a_piece_that_went_back_leaves_the_rest_to_ship() {
    let facts = facts(with_after_sale("MERCHANT_REFUND_SUCCESS", "DEFAULT", 1));
    assert_eq!((facts.lines[1].refund, facts.lines[1].refunded_qty), (RefundState::None, 1));
    assert_eq!(facts.pay, PayState::PartiallyRefunded);
}

#[test]
fn a_price_difference_that_was_paid_back_stops_nothing() {
    let facts = facts(with_after_sale("MERCHANT_REFUND_SUCCESS", "REFUND_PRICE_DIFF", 2));
    assert_eq!((facts.lines[1].refund, facts.lines[1].refunded_qty), (RefundState::None, 0));
}

#[test]
fn what_wechat_counts_in_after_sale_stops_its_line_even_when_no_after_sale_shows() {
    let counted = |name: &str| {
        facts(PAID.replace("\"sku_cnt\": 2,", &format!("\"sku_cnt\": 2, \"{name}\": 2,"))).lines[1].clone()
    };
    assert_eq!(counted("on_aftersale_sku_cnt").refund, RefundState::Requested);
    let gone = counted("finish_aftersale_sku_cnt");
    assert_eq!((gone.refund, gone.refunded_qty), (RefundState::Refunded, 2));
}

#[test]
fn what_left_and_came_back_is_no_less_to_ship() {
    let facts = facts(PART);
    let lines: Vec<_> = facts.lines.iter().map(|line| (line.refund, line.refunded_qty)).collect();
    assert_eq!(lines, [(RefundState::None, 0), (RefundState::None, 1), (RefundState::Requested, 0)]);
    let returned = PART.replace(
        "10000200857719\", \"sku_id\": \"3095702975\", \"count\"",
        "10000200857718\", \"sku_id\": \"3095702974\", \"count\"",
    );
    let line = facts_line(&returned);
    assert_eq!(line, (RefundState::Refunded, 0), "shipped, and sold back afterwards");
}

fn facts_line(body: &str) -> (RefundState, u32) {
    let facts = facts(body);
    (facts.lines[0].refund, facts.lines[0].refunded_qty)
}

#[test]
fn a_wish_for_another_address_or_variant_holds_the_order() {
    let reviewed = facts(REVIEW);
    assert_eq!(reviewed.must_wait.as_deref(), Some("address_under_review"));
    let granted = REVIEW.replace("西湖区", "余杭区").replace("文三路 1 号", "文一西路 9 号").replace("2 幢 301", "");
    assert_eq!(facts(granted).must_wait, None, "granted: it says what the address says");
    for (state, waits) in [(3, true), (4, false), (5, false)] {
        let wish = format!("\"change_sku_info\": {{\"preshipment_change_sku_state\": {state}}}, \"title\": \"玻璃杯\"");
        let body = PAID.replace("\"title\": \"玻璃杯\"", &wish);
        assert_eq!(facts(body).must_wait.as_deref(), waits.then_some("sku_change_requested"), "{state}");
    }
}

#[test]
fn what_a_supplier_ships_is_held() {
    for (flag, waits) in [(0, false), (1, false), (2, true), (3, true)] {
        let body = PAID.replace("\"deliver_method\": 0", &format!("\"deliver_method\": 0, \"dropship_flag\": {flag}"));
        assert_eq!(facts(body).must_wait.as_deref(), waits.then_some("dropship_assigned"), "{flag}");
    }
}

#[test]
fn a_masked_receiver_has_a_token_and_an_open_one_has_none() {
    let masked = facts(PAID).receiver;
    assert_eq!(
        (masked.name.as_str(), masked.phone.as_str(), masked.street.as_str()),
        ("王**", "138****8000", "翠苑街道****")
    );
    assert_eq!(masked.token.as_deref(), Some("9d4e1e23bd5b727046a9e3b4b7db57bd"));
    assert_eq!(
        facts(PART).receiver.token.as_deref(),
        Some("3705115058471208931"),
        "the order's id where there is no mark"
    );
    let open = facts(REVIEW).receiver;
    assert_eq!((open.street.as_str(), open.token), ("文三路 1 号2 幢 301", None));
    assert_eq!(facts(GIFT).receiver.province, "", "a gift that nobody accepted goes nowhere yet");
}

#[test]
fn gifts_and_goods_that_are_not_carried_are_told_apart() {
    let kinds = |body: &str| facts(body).lines.iter().map(|line| line.kind).collect::<Vec<_>>();
    assert_eq!(kinds(PAID), [LineKind::Sale, LineKind::Sale, LineKind::Gift]);
    assert_eq!(kinds(&PAID.replace("\"deliver_method\": 0", "\"deliver_method\": 1")), [LineKind::Virtual; 3]);
}

#[test]
fn a_variant_that_stands_twice_without_numbers_has_two_lines() {
    let mut body = PAID.to_owned();
    for line in 1..=3 {
        body = body.replace(&format!("3705115058471208929_00{line}"), "");
    }
    let ids: Vec<String> = facts(body).lines.into_iter().map(|line| line.ext_line_id).collect();
    assert_eq!(ids, ["3095702974", "3095702975", "3095702974#2"]);
}

#[test]
fn a_fraction_of_a_fen_is_no_price() {
    let spoilt = WechatShop.read(&document(PAID.replace("\"sale_price\": 4000", "\"sale_price\": 4000.5")));
    assert_eq!(spoilt.unwrap_err().field, "order.order_detail.product_infos[1].sale_price");
}
