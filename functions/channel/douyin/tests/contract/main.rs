//! The contract of a channel, and what is Doudian's own.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod fake;
mod grants;
mod pushes;
mod readings;
mod telling;
mod waybills;

use channel_douyin::Douyin;
use fake::{Doudian, LISTED, SECRET, listed};
use huidan_channel::{Channel, Document, Shipment, StockLevel};
use huidan_domain::{Millis, Window};
use huidan_exchange::{Account, CallError};
use huidan_testkit::channel::{self as kit, Fixtures, Hooks, Platform, Vary, check, fresh};
use huidan_testkit::{Caller, account, drive, reply, values};
use serde_json::{Value, json};
use std::cell::RefCell;

pub(crate) const PAID: &str = include_str!("../samples/paid.json");
const PART: &str = include_str!("../samples/part-shipped-with-refunds.json");
const DEPOSIT: &str = include_str!("../samples/presale-deposit.json");
const CLEAR: &str = include_str!("../samples/looked-over-in-the-clear.json");
const ORDER: &str = "6938210000000000001";
const LINES: [(&str, u32); 3] = [(ORDER, 2), ("6938210000000000003", 1), ("6938210000000000005", 1)];

/// Key and token are so short because the platform wants them in the address, where the contract looks for long ones.
fn caller_with(changes: &[(&str, &str)]) -> Caller {
    let usual = [("app_key", "key-1"), ("app_secret", SECRET), ("access_token", "tok-1"), ("shop_id", "463798")];
    let credentials = usual.iter().chain(changes).copied();
    let account = Account {
        origins: values([("auth", "https://fuwu.jinritemai.com")]),
        ..account("shop-1", "https://openapi-sandbox.jinritemai.com", credentials)
    };
    Caller { account, now: Millis(1_795_249_800_000) }
}

fn caller() -> Caller {
    caller_with(&[])
}

fn window() -> Window {
    Window { from: Millis(1_795_248_000_000), to: Millis(1_795_249_800_000) }
}

fn document(body: impl Into<String>) -> Document {
    kit::document("order", body)
}

/// The paid sample with something changed.
fn changed(change: impl FnOnce(&mut Value)) -> String {
    let mut order: Value = serde_json::from_str(PAID).unwrap();
    change(&mut order);
    order.to_string()
}

fn vary(vary: Vary<'_>) -> Document {
    document(changed(|order| match vary {
        Vary::Id(id) => order["order_id"] = json!(id),
        Vary::Total(yuan) => order["pay_amount"] = json!(yuan.replace('.', "").parse::<u64>().unwrap()),
        Vary::State(state) => order["order_status"] = json!(state),
        Vary::UpdatedAt(at) => order["update_time"] = json!(at.0 / 1000),
    }))
}

fn shipment(lines: &[(&str, u32)], completes: bool) -> Shipment {
    let lines = lines.iter().map(|(id, qty)| kit::line(id, *qty)).collect();
    Shipment { lines, completes, ..kit::shipment(ORDER, ("sf", "顺丰速运"), "SF7444400043266") }
}

fn levels() -> Vec<StockLevel> {
    let level = |item: &str, sku: &str, code: &str, available| StockLevel {
        outer_code: code.into(),
        ..kit::level(item, sku, available)
    };
    vec![
        level("3611230000000000007", "1780010000000000003", "TEA-250", 5),
        level("3611230000000000009", "3611230000000000009", "CUP-1", 7),
        level("3611230000000000007", "1780010000000000013", "TEA-500", 0),
        level("3611230000000000011", "1780010000000000021", "", 9),
    ]
}

#[test]
fn it_keeps_the_contract_of_a_channel() {
    let samples = [
        ("paid", PAID),
        ("part-shipped-with-refunds", PART),
        ("presale-deposit", DEPOSIT),
        ("looked-over-in-the-clear", CLEAR),
    ];
    let fixtures = Fixtures {
        caller: caller(),
        samples: &kit::samples("order", samples),
        personal: &["name0+/=", "tel0+/=", "addr1+/=", "王**", "小明", "13800138000", "文三路"],
        vary: &vary,
        hooks: Some(Hooks {
            sign: &|body, _| ("/webhook/douyin".to_owned(), pushes::signed(body)),
            body: pushes::PUSH,
            secret_field: "app_secret",
            ext_id: "6938210000000000001",
            signs_body: true,
            window_s: None,
        }),
        platform: Some(Platform {
            fresh: &fresh(|| Doudian::new(&[PAID]), Doudian::answer),
            window: window(),
            listed: listed(),
            known: ORDER,
            missing: "6938210000000999999",
            shipment: Some(shipment(&LINES, true)),
            levels: levels(),
        }),
    };
    check(&Douyin, &fixtures);
}

/// Reads all pages; `between` may change the platform before each.
fn pages(platform: &RefCell<Doudian>, between: impl Fn(usize, &mut Doudian)) -> Vec<String> {
    let (mut seen, mut cursor, mut page) = (Vec::new(), None, 0);
    loop {
        let listed = drive(
            &caller(),
            |call| Douyin.list(call, window(), cursor.as_deref()),
            |request| platform.borrow_mut().answer(request),
        );
        let listed = listed.unwrap();
        seen.extend(listed.orders.into_iter().map(|order| order.ext_id));
        cursor = listed.next;
        page += 1;
        if cursor.is_none() {
            return seen;
        }
        between(page, &mut platform.borrow_mut());
    }
}

#[test]
fn the_list_is_read_from_its_last_page_to_its_first() {
    let platform = RefCell::new(Doudian::new(&[]));
    assert_eq!(pages(&platform, |_, _| ()).len(), LISTED);
    let asked: Vec<u64> = platform.borrow().asked.iter().map(|asked| asked["page"].as_u64().unwrap()).collect();
    assert_eq!(asked, [0, 2, 1, 0], "once for the total, then backwards");
}

#[test]
fn orders_that_change_while_the_list_is_read_move_no_other_out_of_sight() {
    let platform = RefCell::new(Doudian::new(&[]));
    // Sixty of the oldest change after the first page was read: they leave the window, all others move up.
    let mut seen = pages(&platform, |page, platform| {
        if page == 1 {
            for order in platform.listed.iter_mut().take(60) {
                order["update_time"] = json!(1_795_250_000);
            }
        }
    });
    seen.sort();
    seen.dedup();
    let stayed: Vec<String> = listed().into_iter().skip(60).collect();
    assert_eq!(seen, stayed, "read forwards, the orders of a page would have slipped by");
}

#[test]
fn a_window_deeper_than_the_list_is_read_in_parts() {
    // As if every second held so many that half an hour lies too deep.
    let deep = |asked: &Value| {
        let seconds = asked["update_time_end"].as_i64().unwrap() - asked["update_time_start"].as_i64().unwrap();
        json!({"total": seconds * 60, "page": asked["page"], "size": 100, "shop_order_list": []})
    };
    let mut asked = Vec::new();
    kit::pages(&Douyin, &caller(), window(), |request| {
        let parameters: Value = serde_json::from_slice(request.body()).unwrap();
        let answer = fake::success(&deep(&parameters));
        asked.push(parameters);
        reply(200, answer.to_string())
    });
    assert!(asked.iter().all(|asked| asked["page"].as_u64().unwrap() * 100 < 50_000), "never beyond the depth");
    let mut read: Vec<(i64, i64)> = asked
        .iter()
        .filter(|asked| asked["update_time_end"].as_i64().unwrap() - asked["update_time_start"].as_i64().unwrap() < 834)
        .map(|asked| (asked["update_time_start"].as_i64().unwrap(), asked["update_time_end"].as_i64().unwrap()))
        .collect();
    read.dedup();
    assert_eq!((read[0].0, read[read.len() - 1].1), (1_795_248_000, 1_795_249_801), "from end to end");
    assert!(read.windows(2).all(|pair| pair[1].0 == pair[0].1), "without a gap: {read:?}");
}

#[test]
fn a_list_of_one_page_is_one_call_and_carries_whole_orders() {
    let mut platform = Doudian::new(&[]);
    platform.listed =
        vec![fake::whole("6938210000000010001", 1_795_248_000), fake::whole("6938210000000010003", 1_795_248_001)];
    platform.listed[1]["sku_order_list"][0]["after_sale_info"]["after_sale_status"] = json!(6);
    let page = drive(&caller(), |call| Douyin.list(call, window(), None), |request| platform.answer(request)).unwrap();
    assert_eq!((platform.called.len(), page.next), (1, None));
    assert_eq!(page.orders[0].updated_at, Some(1_795_248_000_000));
    let document = page.orders[0].document.clone().unwrap();
    assert_eq!(readings::facts(document.body).ext_id, page.orders[0].ext_id);
    assert!(page.orders[1].document.is_none(), "its after-sales are more than the list tells: it is fetched");
}

#[test]
fn an_order_with_after_sales_is_fetched_with_their_documents() {
    let mut platform = Doudian::new(&[PAID, PART]);
    let mut fetch = |id: &str| {
        let document = drive(&caller(), |call| Douyin.fetch(call, id), |request| platform.answer(request));
        (document.unwrap().unwrap(), std::mem::take(&mut platform.called))
    };
    let (plain, called) = fetch(ORDER);
    assert_eq!(called, ["order.orderDetail"]);
    assert!(!plain.body.contains("log_id"), "what changes with every call is not part of the document");
    let (with, called) = fetch("6938210000000000101");
    assert_eq!(called, ["order.orderDetail", "afterSale.List"]);
    assert_eq!(readings::facts(with.body), readings::facts(PART), "as the sample that holds both");
}

#[test]
fn without_the_right_to_after_sales_an_order_is_seen_all_the_same_and_carefully() {
    let fetch = |answer: Value| {
        let mut platform = Doudian::new(&[PART]);
        drive(
            &caller(),
            |call| Douyin.fetch(call, "6938210000000000101"),
            |request| match request.uri().path() {
                "/afterSale/List" => reply(200, answer.to_string()),
                _ => platform.answer(request),
            },
        )
    };
    for (code, sub_code) in [(30001, "isv.app-permissions-insufficient"), (70000, "isp.api-service-off")] {
        let document = fetch(fake::error(code, sub_code, "x")).unwrap().unwrap();
        let cups = readings::facts(document.body).lines[1].clone();
        assert_eq!(cups.refunded_qty, 3, "of whom nobody knows how many were paid back none leaves");
    }
    for (code, sub_code, kind) in [(40003, "isv.access-token-expired", "credentials"), (20000, "", "transient")] {
        assert_eq!(fetch(fake::error(code, sub_code, "x")).unwrap_err().kind(), kind);
    }
}

#[test]
fn a_credential_that_is_missing_is_named_and_nothing_is_sent() {
    for field in ["app_key", "app_secret", "access_token"] {
        let caller = caller_with(&[(field, "")]);
        let refused = drive(&caller, |call| Douyin.fetch(call, ORDER), |_| panic!("nothing is sent"));
        assert!(matches!(refused, Err(CallError::Credentials { field: named, .. }) if named == field));
    }
}
