//! The contract of a channel, and what is Taobao's own.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod fake;
mod telling;

use channel_taobao::Taobao;
use fake::{SECRET, Top, listed};
use huidan_channel::{Channel, Document, Shipment, StockLevel};
use huidan_domain::{ChannelState, LineKind, Millis, OrderFacts, PayState, RefundState, Window};
use huidan_exchange::{CallError, pairs, time};
use huidan_testkit::channel::{self as kit, Fixtures, Platform, Vary, check, fresh, level};
use huidan_testkit::{Caller, account, drive, reply};
use std::cell::RefCell;

const PAID: &str = include_str!("../samples/paid.json");
const PART: &str = include_str!("../samples/part-shipped-with-refund.json");
const GROUP: &str = include_str!("../samples/group-buy.json");
const STEP: &str = include_str!("../samples/presale-deposit.json");
const TID: &str = "9007199254740995";

fn caller() -> Caller {
    let credentials = [("app_key", "12345678"), ("app_secret", SECRET), ("access_token", "6100a3f0c2b1")];
    let account = account("shop-1", "https://gw.api.tbsandbox.com", credentials);
    Caller { account, now: at("2026-11-21 16:30:00") }
}

fn at(text: &str) -> Millis {
    time::local(text, time::CHINA).unwrap()
}

fn window() -> Window {
    Window { from: at("2026-11-21 16:00:00"), to: at("2026-11-21 16:30:00") }
}

fn document(body: impl Into<String>) -> Document {
    kit::document("trade", body)
}

fn facts(body: impl Into<String>) -> OrderFacts {
    kit::facts(&Taobao, &document(body))
}

fn vary(vary: Vary<'_>) -> Document {
    document(match vary {
        Vary::Id(id) => PAID.replace("\"tid\": 9007199254740995", &format!("\"tid\": {id}")),
        Vary::Total(total) => PAID.replace("200.07", total),
        Vary::State(state) => PAID.replacen("WAIT_SELLER_SEND_GOODS", state, 1),
        Vary::UpdatedAt(at) => PAID.replace("2026-11-21 16:00:06", &time::to_local(at, time::CHINA)),
    })
}

fn shipment(lines: &[&str], completes: bool) -> Shipment {
    Shipment { lines: kit::lines(lines), completes, ..kit::shipment(TID, ("sf", "顺丰速运"), "SF7444400043266") }
}

const LINES: [&str; 3] = ["9007199254740997", "9007199254740999", "9007199254741001"];

fn levels() -> Vec<StockLevel> {
    vec![level("1", "11", 5), level("2", "2", 7), level("1", "12", 0), level("3", "", 9)]
}

#[test]
fn it_keeps_the_contract_of_a_channel() {
    let samples = [("paid", PAID), ("part-shipped-with-refund", PART), ("group-buy", GROUP), ("presale-deposit", STEP)];
    let fixtures = Fixtures {
        caller: caller(),
        samples: &kit::samples("trade", samples),
        personal: &["王**", "*8000", "文**路", "1WicK9ibQF3", "小明", "13800138000"],
        vary: &vary,
        hooks: None,
        platform: Some(Platform {
            fresh: &fresh(|| Top::new(&[PAID]), Top::answer),
            window: window(),
            listed: listed(),
            known: TID,
            missing: "192230000000000999",
            shipment: Some(shipment(&LINES, true)),
            levels: levels(),
        }),
    };
    check(&Taobao, &fixtures);
}

#[test]
fn the_list_is_read_from_its_last_page_to_its_first() {
    let mut top = Top::new(&[]);
    let mut pages = Vec::new();
    kit::pages(&Taobao, &caller(), window(), |request| {
        let get = |name: &str| pairs::from_form(request.body(), name).unwrap();
        assert_eq!(
            (get("start_modified").as_str(), get("end_modified").as_str()),
            ("2026-11-21 16:00:00", "2026-11-21 16:30:01")
        );
        assert!(get("type").contains("step") && get("type").contains("nopaid"));
        pages.push(get("page_no"));
        top.answer(request)
    });
    assert_eq!(pages, ["1", "3", "2", "1"], "once for the total, then backwards");
}

#[test]
fn a_list_of_one_page_is_one_call_and_an_empty_one_is_empty() {
    let ask = |body: &'static str| {
        let calls = RefCell::new(0);
        let page = drive(
            &caller(),
            |call| Taobao.list(call, window(), None),
            |_| {
                *calls.borrow_mut() += 1;
                reply(200, body)
            },
        );
        (page.unwrap(), calls.into_inner())
    };
    let (page, calls) = ask(
        r#"{"trades_sold_increment_get_response":{"total_results":1,"trades":{"trade":[{"tid_str":"192230000000000123","modified":"2026-11-21 16:20:00"}]}}}"#,
    );
    assert_eq!((page.orders[0].ext_id.as_str(), page.next, calls), ("192230000000000123", None, 1));
    let (page, calls) = ask(r#"{"trades_sold_increment_get_response":{"total_results":0,"request_id":"r"}}"#);
    assert!(page.orders.is_empty() && page.next.is_none() && calls == 1);
}

#[test]
fn a_window_longer_than_a_day_is_not_asked_for() {
    let window = Window { from: at("2026-11-20 00:00:00"), to: at("2026-11-21 00:00:01") };
    let refused = drive(&caller(), |call| Taobao.list(call, window, None), |_| panic!("nothing is sent"));
    assert!(matches!(refused, Err(CallError::Rejected { code, .. }) if code == "window_too_long"));
}

#[test]
fn the_whole_trade_is_asked_for_with_what_its_receivers_token_needs() {
    let mut top = Top::new(&[PAID]);
    let document = drive(
        &caller(),
        |call| Taobao.fetch(call, TID),
        |request| {
            let fields = pairs::from_form(request.body(), "fields").unwrap();
            let fields: Vec<&str> = fields.split(',').collect();
            for needed in ["receiver_name", "receiver_address", "created", "receiver_mobile", "receiver_phone", "oaid"]
            {
                assert!(fields.contains(&needed), "{needed} is not asked for");
            }
            assert_eq!(pairs::from_form(request.body(), "include_oaid").unwrap(), "true");
            top.answer(request)
        },
    );
    let body = document.unwrap().unwrap().body;
    assert!(!body.contains("request_id"), "what changes with every call is not part of the document");
    let receiver = facts(body).receiver;
    assert_eq!(
        (receiver.name.as_str(), receiver.phone.as_str(), receiver.street.as_str()),
        ("王**", "*******8000", "翠苑街道文**路**号"),
        "what the platform masked stays masked"
    );
    assert!(receiver.token.unwrap().starts_with("1WicK9ibQF3"));
}

#[test]
fn every_status_means_what_the_platform_says() {
    use ChannelState::{Cancelled, Completed, Open, PartShipped, Shipped};
    for (status, pay, state) in [
        ("TRADE_NO_CREATE_PAY", PayState::Unpaid, Open),
        ("WAIT_BUYER_PAY", PayState::Unpaid, Open),
        ("PAY_PENDING", PayState::Unpaid, Open),
        ("WAIT_PRE_AUTH_CONFIRM", PayState::Unpaid, Open),
        ("PAID_FORBID_CONSIGN", PayState::Paid, Open),
        ("WAIT_SELLER_SEND_GOODS", PayState::Paid, Open),
        ("SELLER_CONSIGNED_PART", PayState::Paid, PartShipped),
        ("WAIT_BUYER_CONFIRM_GOODS", PayState::Paid, Shipped),
        ("TRADE_BUYER_SIGNED", PayState::Paid, Shipped),
        ("TRADE_FINISHED", PayState::Paid, Completed),
        ("TRADE_CLOSED", PayState::Refunded, Cancelled),
        ("TRADE_CLOSED_BY_TAOBAO", PayState::Unpaid, Cancelled),
    ] {
        let facts = facts(vary(Vary::State(status)).body);
        assert_eq!((facts.pay, facts.state), (pay, Ok(state)), "{status}");
        assert_eq!(facts.must_wait.as_deref(), (status == "PAID_FORBID_CONSIGN").then_some(status));
    }
}

#[test]
fn a_presale_is_paid_only_with_its_last_part() {
    for (step, pay, waits) in [
        ("FRONT_NOPAID_FINAL_NOPAID", PayState::Unpaid, false),
        ("FRONT_PAID_FINAL_NOPAID", PayState::DepositPaid, false),
        ("FRONT_PAID_FRONT_FORFEITED", PayState::DepositPaid, true),
        ("FRONT_PAID_FINAL_PAID", PayState::Paid, false),
        ("FRONT_SOMETHING_NEW", PayState::Paid, true),
    ] {
        let facts = facts(PAID.replacen("\"type\": \"fixed\"", &format!("\"step_trade_status\": \"{step}\""), 1));
        assert_eq!((facts.pay, facts.must_wait.is_some()), (pay, waits), "{step}");
    }
}

#[test]
fn every_refund_status_means_what_the_platform_says() {
    for (word, state, stops) in [
        ("NO_REFUND", RefundState::None, false),
        ("CLOSED", RefundState::None, false),
        ("WAIT_SELLER_AGREE", RefundState::Requested, true),
        ("SELLER_REFUSE_BUYER", RefundState::Refused, false),
        ("WAIT_BUYER_RETURN_GOODS", RefundState::Agreed, true),
        ("WAIT_SELLER_CONFIRM_GOODS", RefundState::ReturnInTransit, true),
        ("SUCCESS", RefundState::Refunded, true),
        ("ZZ_NEW_WORD", RefundState::Requested, true),
    ] {
        let facts = facts(PAID.replacen("NO_REFUND", word, 1));
        assert_eq!((facts.lines[0].refund, facts.lines[0].refund.stops_shipping()), (state, stops), "{word}");
        assert_eq!(facts.must_wait.as_deref(), (word == "ZZ_NEW_WORD").then_some(word), "an unknown word is kept");
        let back = (word == "SUCCESS").then_some(PayState::PartiallyRefunded);
        assert_eq!(facts.pay, back.unwrap_or(PayState::Paid));
        assert_eq!(facts.lines[0].refunded_qty, u32::from(word == "SUCCESS"));
    }
}

#[test]
fn gifts_and_virtual_goods_are_told_apart() {
    let kinds: Vec<LineKind> = facts(PAID).lines.iter().map(|line| line.kind).collect();
    assert_eq!(kinds, [LineKind::Sale, LineKind::Sale, LineKind::Gift]);
    let facts = facts(PAID.replacen("\"express\"", "\"virtual\"", 1));
    assert!(facts.lines.iter().all(|line| line.kind == LineKind::Virtual));
}

#[test]
fn nothing_is_pushed_here() {
    kit::refuses_every_push(&Taobao, &caller().account);
}
