//! The contract of a channel, and what is JD's own.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod fake;
mod granting;
mod listing;
mod telling;

use channel_jd::Jd;
use fake::{Jos, SECRET, listed};
use huidan_channel::{Channel, Document, Shipment, StockLevel};
use huidan_domain::{ChannelState, LineKind, Millis, OrderFacts, PayState, RefundState, Window};
use huidan_exchange::{Account, CallError, time};
use huidan_testkit::channel::{self as kit, Fixtures, Platform, Vary, check, fresh, level};
use huidan_testkit::{Caller, account, drive, reply, values};

const PAID: &str = include_str!("../samples/paid.json");
const STOPPED: &str = include_str!("../samples/two-parcels-being-stopped.json");
const LOCKED: &str = include_str!("../samples/locked-on-delivery.json");
const SERVICE: &str = include_str!("../samples/local-service-cancelled.json");
const ID: &str = "9007199254740995";
const LINES: [&str; 3] = ["100012345671", "9007199254740993", "100012345673"];

fn caller() -> Caller {
    let credentials = [
        ("app_key", "12345678"),
        ("app_secret", SECRET),
        ("access_token", "6100a3f0c2b1"),
        ("refresh_token", "refresh-6100a3"),
    ];
    let account = Account {
        origins: values([("auth", "https://oauth.jd.example")]),
        ..account("shop-1", "https://api.jd.example", credentials)
    };
    Caller { account, now: at("2026-11-21 16:30:00") }
}

fn at(text: &str) -> Millis {
    time::local(text, time::CHINA).unwrap()
}

fn window() -> Window {
    Window { from: at("2026-11-21 16:00:00"), to: at("2026-11-21 16:29:00") }
}

fn document(body: impl Into<String>) -> Document {
    kit::document("order", body)
}

fn facts(body: impl Into<String>) -> OrderFacts {
    kit::facts(&Jd, &document(body))
}

fn vary(vary: Vary<'_>) -> Document {
    document(match vary {
        Vary::Id(id) => PAID.replace(ID, id),
        Vary::Total(total) => PAID.replace("200.07", total),
        Vary::State(state) => PAID.replace("WAIT_SELLER_STOCK_OUT", state),
        Vary::UpdatedAt(at) => PAID.replace("2026-11-21 16:00:06", &time::to_local(at, time::CHINA)),
    })
}

fn shipment(lines: &[&str], completes: bool) -> Shipment {
    Shipment { lines: kit::lines(lines), completes, ..kit::shipment(ID, ("sf", "顺丰速运"), "SF7444400043266") }
}

fn levels() -> Vec<StockLevel> {
    vec![level("1", "11", 5), level("1", "12", 0), level("3", "", 9)]
}

#[test]
fn it_keeps_the_contract_of_a_channel() {
    let samples = [
        ("paid", PAID),
        ("two-parcels-being-stopped", STOPPED),
        ("locked-on-delivery", LOCKED),
        ("local-service-cancelled", SERVICE),
    ];
    let fixtures = Fixtures {
        caller: caller(),
        samples: &kit::samples("order", samples),
        personal: &["AQz7FN", "AQz7MB", "AQz7AD", "王小明", "小明", "13800138000", "科技园路"],
        vary: &vary,
        hooks: None,
        platform: Some(Platform {
            fresh: &fresh(|| Jos::new(&[PAID]), Jos::answer),
            window: window(),
            listed: listed(),
            known: ID,
            missing: "292230000000999999",
            shipment: Some(shipment(&LINES, true)),
            levels: levels(),
        }),
    };
    check(&Jd, &fixtures);
}

#[test]
fn an_order_and_the_requests_to_cancel_it_are_one_document() {
    let mut jos = Jos::new(&[STOPPED]);
    let id = "292230000000100017";
    let document = drive(&caller(), |call| Jd.fetch(call, id), |request| jos.answer(request)).unwrap().unwrap();
    assert_eq!(facts(document.body), facts(STOPPED));
    assert_eq!(jos.called, ["jingdong.pop.order.enGet", "jingdong.pop.afs.soa.refundapply.queryPageList"]);
}

#[test]
fn an_application_that_may_not_read_requests_to_cancel_still_reads_orders() {
    for refusal in [fake::error("88", "没有调用该接口权限"), fake::error("10400099", "不支持")] {
        let mut jos = Jos::new(&[LOCKED]);
        let document = drive(
            &caller(),
            |call| Jd.fetch(call, "292230000000100025"),
            |request| match fake::form(request, "method").contains("refundapply") {
                true => reply(200, refusal.clone()),
                false => jos.answer(request),
            },
        );
        let facts = facts(document.unwrap().unwrap().body);
        assert_eq!(facts.lines[0].refund, RefundState::Requested, "the order's own state stops it");
        assert_eq!(facts.must_wait.as_deref(), Some("LOCKED"));
    }
    let ended = drive(
        &caller(),
        |call| Jd.fetch(call, ID),
        |request| match fake::form(request, "method").contains("refundapply") {
            true => reply(200, fake::error("19", "无效access_token")),
            false => Jos::new(&[PAID]).answer(request),
        },
    );
    assert!(matches!(ended, Err(CallError::Credentials { field, .. }) if field == "access_token"));
}

#[test]
fn an_order_that_is_not_there_is_told_apart_from_a_failure() {
    for (answer, none) in [
        (fake::error("71", "当前的ID不属于此商家"), true),
        (
            fake::wrapped("jingdong.pop.order.enGet", serde_json::json!({"orderDetailInfo": {"orderInfo": null}}))
                .to_string(),
            true,
        ),
        (fake::wrapped("jingdong.pop.order.enGet", serde_json::json!({"orderDetailInfo": {}})).to_string(), false),
        (fake::error("67", "未知异常"), false),
    ] {
        let fetched = drive(&caller(), |call| Jd.fetch(call, ID), |_| reply(200, answer.clone()));
        assert_eq!(fetched == Ok(None), none, "{answer}");
    }
}

#[test]
fn every_state_means_what_the_platform_says() {
    use ChannelState::{Cancelled, Completed, Open, Shipped};
    for (status, pay, state, waits) in [
        ("WAIT_SELLER_STOCK_OUT", PayState::Paid, Open, false),
        ("WAIT_SELLER_DELIVERY", PayState::Paid, Open, false),
        ("WAIT_GOODS_RECEIVE_CONFIRM", PayState::Paid, Shipped, false),
        ("FINISHED_L", PayState::Paid, Completed, false),
        ("TRADE_CANCELED", PayState::Refunded, Cancelled, false),
        ("PARENT_TRADE_CANCELED", PayState::Refunded, Cancelled, false),
        ("LOCKED", PayState::Paid, Open, true),
        ("PAUSE", PayState::Paid, Open, true),
        ("POP_ORDER_PAUSE", PayState::Paid, Open, true),
        ("WAIT_SEND_CODE", PayState::Paid, Open, false),
    ] {
        let facts = facts(PAID.replace("WAIT_SELLER_STOCK_OUT", status));
        assert_eq!((facts.pay, facts.state.clone(), facts.must_wait.is_some()), (pay, Ok(state), waits), "{status}");
        let gone = facts.lines[0].refunded_qty == facts.lines[0].qty;
        assert_eq!(gone, state == Cancelled, "{status}");
    }
    let unpaid = PAID.replace("2026-11-21 16:00:05", "0001-01-01 00:00:00");
    assert_eq!(facts(unpaid.replace("WAIT_SELLER_STOCK_OUT", "ZZ_NEW")).pay, PayState::Unpaid, "the careful choice");
    let cancelled = facts(unpaid.replace("WAIT_SELLER_STOCK_OUT", "TRADE_CANCELED"));
    assert_eq!((cancelled.pay, cancelled.lines[0].refund), (PayState::Unpaid, RefundState::None));
    assert_eq!(facts(unpaid.replace("4-在线支付", "1-货到付款")).pay, PayState::Paid, "payable on delivery");
}

#[test]
fn the_newest_request_to_cancel_counts_for_every_line() {
    for (status, state) in [
        ("0", RefundState::Requested),
        ("1", RefundState::Agreed),
        ("2", RefundState::Refused),
        ("3", RefundState::Agreed),
        ("4", RefundState::Requested),
        ("5", RefundState::Agreed),
        ("6", RefundState::ReturnInTransit),
        ("7", RefundState::ReturnInTransit),
        ("8", RefundState::Refused),
        ("9", RefundState::Refunded),
        ("10", RefundState::Requested),
        ("11", RefundState::None),
        ("99", RefundState::Requested),
    ] {
        let older = r#"{"id":1,"applyTime":"2026-11-21 16:00:10","status":9}"#;
        let newer = format!(r#"{{"id":2,"applyTime":"2026-11-21 16:05:10","status":{status}}}"#);
        for both in [format!("[{older},{newer}]"), format!("[{newer},{older}]")] {
            let facts = facts(PAID.replace("\"after_sales\": []", &format!("\"after_sales\": {both}")));
            assert!(facts.lines.iter().all(|line| line.refund == state), "{status}: {:?}", facts.lines[0].refund);
            assert_eq!(facts.must_wait.as_deref(), (status == "99").then_some("refundapply 99"), "{status}");
            assert_eq!(facts.pay == PayState::Refunded, status == "9");
        }
    }
}

#[test]
fn gifts_services_and_goods_of_their_warehouse_are_told_apart() {
    let kinds: Vec<LineKind> = facts(PAID).lines.iter().map(|line| line.kind).collect();
    assert_eq!(kinds, [LineKind::Sale, LineKind::Sale, LineKind::Gift]);
    assert!(facts(SERVICE).lines.iter().all(|line| line.kind == LineKind::Virtual));
    let theirs = facts(PAID.replace("\"storeOrder\": \"\"", "\"storeOrder\": \"京仓订单\""));
    assert_eq!(theirs.must_wait.as_deref(), Some("京仓订单"));
}

#[test]
fn the_same_variant_twice_makes_two_lines() {
    let ids: Vec<String> =
        facts(STOPPED.replace("100012345679", "100012345671")).lines.into_iter().map(|line| line.ext_line_id).collect();
    assert_eq!(ids, ["100012345671", "100012345671#2"]);
}

#[test]
fn a_ciphertext_travels_unchanged_and_an_open_address_is_split() {
    let closed = facts(PAID).receiver;
    assert_eq!(closed.name, "AQz7FNKm0aVbXyTqL2pWn0c1RkE3dGhJ");
    assert_eq!(closed.street, "AQz7AD5zXc7vBn9mQw1eRt3yUi5oPa7sDf9gHj1kLz3xCv5b");
    assert_eq!(closed.token.as_deref(), Some(ID), "the waybill service opens it by the order's id");
    let open = facts(LOCKED).receiver;
    assert_eq!((open.street.as_str(), open.token), ("科技园路 1 号", None));
}

#[test]
fn nothing_is_pushed_here() {
    kit::refuses_every_push(&Jd, &caller().account);
}
