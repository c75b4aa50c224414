//! The contract of a channel and of a waybill service, and what is WeChat's own.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod fake;
mod house;
mod push;
mod reading;
mod telling;
mod waybill;

use channel_wechat_shop::WechatShop;
use fake::{TOKEN, Wechat, listed};
use huidan_channel::{Channel, Document, Grant, Shipment, StockLevel};
use huidan_domain::{Millis, OrderFacts, Window};
use huidan_exchange::{Account, CallError, Credentials};
use huidan_testkit::channel::{
    self as kit, Fixtures, Hooks, InAddress, Platform, Vary, check_with_credential_in_address, fresh,
};
use huidan_testkit::{Caller, drive, reply};
use std::cell::RefCell;

const PAID: &str = include_str!("../samples/paid.json");
const PART: &str = include_str!("../samples/part-shipped-with-refund.json");
const GIFT: &str = include_str!("../samples/gift-not-accepted.json");
const REVIEW: &str = include_str!("../samples/address-under-review.json");
const ORDER: &str = "3705115058471208929";
const LINES: [&str; 3] = ["3705115058471208929_001", "3705115058471208929_002", "3705115058471208929_003"];

/// A shop's account; `more` over what every shop has.
fn account(more: &[(&str, &str)]) -> Account {
    let usual =
        [("appid", "wxb11529c136998cb6"), ("secret", "app-secret"), ("access_token", TOKEN), ("token", "pamtest")];
    huidan_testkit::account("shop-1", "https://api.weixin.qq.com", usual.iter().chain(more).copied())
}

fn caller() -> Caller {
    Caller { account: account(&[]), now: Millis(1_795_249_800_000) }
}

fn window() -> Window {
    Window { from: Millis(1_795_248_000_500), to: Millis(1_795_249_800_001) }
}

fn document(body: impl Into<String>) -> Document {
    kit::document("order", body)
}

fn facts(body: impl Into<String>) -> OrderFacts {
    kit::facts(&WechatShop, &document(body))
}

fn vary(vary: Vary<'_>) -> Document {
    document(match vary {
        Vary::Id(id) => PAID.replacen("\"order_id\": \"3705115058471208929\"", &format!("\"order_id\": \"{id}\""), 1),
        Vary::Total(total) => {
            let fen: u64 = total.replace('.', "").parse().unwrap();
            PAID.replace("\"order_price\": 20007", &format!("\"order_price\": {fen}"))
        }
        Vary::State(state) => PAID.replacen("\"status\": 20", &format!("\"status\": \"{state}\""), 1),
        Vary::UpdatedAt(at) => {
            PAID.replace("\"update_time\": 1795248006", &format!("\"update_time\": {}", at.0 / 1000))
        }
    })
}

fn shipment(lines: &[(&str, u32)], completes: bool) -> Shipment {
    let lines = lines.iter().map(|(id, qty)| kit::line(id, *qty)).collect();
    Shipment { lines, completes, ..kit::shipment(ORDER, ("sf", "顺丰速运"), "SF7444400043266") }
}

fn whole() -> Shipment {
    shipment(&[(LINES[0], 1), (LINES[1], 2), (LINES[2], 1)], true)
}

fn level(ext_sku: &str, available: u32) -> StockLevel {
    kit::level("10000200857718", ext_sku, available)
}

#[test]
fn it_keeps_the_contract_of_a_channel() {
    let samples = [
        ("paid", PAID),
        ("part-shipped-with-refund", PART),
        ("gift-not-accepted", GIFT),
        ("address-under-review", REVIEW),
    ];
    let fixtures = Fixtures {
        caller: caller(),
        samples: &kit::samples("order", samples),
        personal: &["王小明", "王**", "13800138000", "138****8000", "14701641598", "文三路", "文一西路", "翠苑街道"],
        vary: &vary,
        // Of an open message only the parameters are signed; sealed ones have tests of their own.
        hooks: Some(Hooks {
            sign: &|_, _| push::signed_open("pamtest"),
            body: push::PAID_EVENT,
            secret_field: "token",
            ext_id: "3705115058471208929",
            signs_body: false,
            window_s: None,
        }),
        platform: Some(Platform {
            fresh: &fresh(|| Wechat::new(&[PAID]), Wechat::answer),
            window: window(),
            listed: listed(),
            known: ORDER,
            missing: "3705115058471209999",
            shipment: Some(whole()),
            levels: vec![level("3095702974", 5), level("3095702975", 0)],
        }),
    };
    let exception = InAddress {
        field: "access_token",
        page: "https://developers.weixin.qq.com/doc/store/shop/API/channels-shop-order/api_getorderlist.html",
    };
    check_with_credential_in_address(&WechatShop, &fixtures, &exception);
}

#[test]
fn the_list_is_asked_for_by_time_of_change_and_followed_by_the_after_sales() {
    let mut wechat = Wechat::new(&[]);
    let pages = kit::pages(&WechatShop, &caller(), window(), |request| {
        let asked: serde_json::Value = serde_json::from_slice(request.body()).unwrap();
        if let Some(range) = asked.get("update_time_range") {
            assert_eq!((&range["start_time"], &range["end_time"]), (&1_795_248_000.into(), &1_795_249_801.into()));
            assert!(asked.get("status").is_none(), "every status is listed");
        }
        wechat.answer(request)
    });
    let cursors: Vec<String> = pages.into_iter().filter_map(|page| page.next).collect();
    assert_eq!(
        cursors,
        ["orders:key-1", "orders:key-2", "after-sales:0:", "after-sales:20:"],
        "250 orders by hundreds, 25 after-sales by twenties"
    );
}

#[test]
fn a_page_that_leads_nowhere_is_an_error() {
    for next_key in ["", "same"] {
        let body = format!(r#"{{"errcode":0,"order_id_list":["1"],"next_key":"{next_key}","has_more":true}}"#);
        let listed =
            drive(&caller(), |call| WechatShop.list(call, window(), Some("orders:same")), |_| reply(200, body.clone()));
        assert!(matches!(listed, Err(CallError::Transient { .. })), "{listed:?}");
    }
}

#[test]
fn a_window_longer_than_a_day_is_not_asked_for() {
    let window = Window { from: Millis(0), to: Millis(86_400_001) };
    let refused = drive(&caller(), |call| WechatShop.list(call, window, None), |_| panic!("nothing is sent"));
    assert!(matches!(refused, Err(CallError::Rejected { code, .. }) if code == "window_too_long"));
}

#[test]
fn an_after_sale_that_is_not_shown_hides_no_other() {
    let mut wechat = Wechat::new(&[]);
    let page = drive(
        &caller(),
        |call| WechatShop.list(call, window(), Some("after-sales:20:")),
        |request| {
            let body = String::from_utf8_lossy(request.body()).into_owned();
            let hidden = body.contains(r#""after_sale_order_id":"2000000000000021""#);
            if hidden { reply(200, r#"{"errcode":10021040,"errmsg":"x"}"#) } else { wechat.answer(request) }
        },
    );
    assert_eq!(page.unwrap().orders.len(), 4, "of the last five");
}

#[test]
fn an_order_is_fetched_with_its_after_sales_and_nothing_that_changes_by_itself() {
    let mut wechat = Wechat::new(&[PART]);
    let fetched =
        drive(&caller(), |call| WechatShop.fetch(call, "3705115058471208931"), |request| wechat.answer(request));
    let body = fetched.unwrap().unwrap().body;
    assert!(!body.contains("deadline_left") && !body.contains("13900001111"), "{body}");
    assert_eq!(facts(body), facts(PART), "the sample is what is fetched");
    assert_eq!(
        wechat.called,
        [
            "/channels/ec/order/get",
            "/channels/ec/aftersale/getaftersaleorder",
            "/channels/ec/aftersale/getaftersaleorder"
        ]
    );
}

#[test]
fn a_token_comes_by_the_apps_own_credentials() {
    let asked = RefCell::new(None);
    let granted = drive(
        &caller(),
        |call| WechatShop.grant(call, &Grant::Renewal),
        |request| {
            assert_eq!(request.uri(), "https://api.weixin.qq.com/cgi-bin/stable_token", "no secret in the address");
            *asked.borrow_mut() = Some(serde_json::from_slice::<serde_json::Value>(request.body()).unwrap());
            reply(200, r#"{"access_token":"90_new","expires_in":7100}"#)
        },
    );
    let granted = granted.unwrap();
    assert_eq!(
        asked.into_inner().unwrap(),
        serde_json::json!({"grant_type": "client_credential", "appid": "wxb11529c136998cb6", "secret": "app-secret",
            "force_refresh": false})
    );
    assert_eq!((granted.credentials["access_token"].as_str(), granted.lives_s), ("90_new", Some(7100)));
}

#[test]
fn a_token_that_is_not_given_says_what_to_mend() {
    let grant = |body: &'static str| {
        drive(&caller(), |call| WechatShop.grant(call, &Grant::Renewal), |_| reply(200, body)).unwrap_err()
    };
    for (body, field) in [
        (r#"{"errcode":40013,"errmsg":"invalid appid"}"#, "appid"),
        (r#"{"errcode":40125,"errmsg":"invalid appsecret app-secret"}"#, "secret"),
        (r#"{"errcode":40164,"errmsg":"invalid ip 203.0.113.7, not in whitelist"}"#, "ip_whitelist"),
    ] {
        let error = grant(body);
        assert!(matches!(&error, CallError::Credentials { field: named, .. } if named == field), "{error:?}");
        assert!(!error.to_string().contains("app-secret"), "{error}");
    }
    for body in ["{}", r#"{"errcode":0}"#, r#"{"access_token":"","expires_in":1}"#, r#"{"access_token":"x"}"#, "[]"] {
        assert_eq!(grant(body).kind(), "transient", "{body}");
    }
    let by_page = kit::code("c", "https://hub.example/oauth/wechat-shop/callback");
    let refused = drive(&caller(), |call| WechatShop.grant(call, &by_page), |_| panic!("nothing is sent"));
    assert!(matches!(refused, Err(CallError::Rejected { code, .. }) if code == "no_grant_page"));
}

#[test]
fn codes_say_what_to_do_next() {
    let fetched = |code: i64, words: &str| {
        let body = serde_json::json!({"errcode": code, "errmsg": words}).to_string();
        drive(&caller(), |call| WechatShop.fetch(call, ORDER), |_| reply(200, body.clone()))
    };
    for (code, kind, field) in [
        (-1, "transient", ""),
        (40_001, "credentials", "access_token"),
        (40_014, "credentials", "access_token"),
        (41_001, "credentials", "access_token"),
        (42_001, "credentials", "access_token"),
        (42_007, "credentials", "access_token"),
        (48_001, "credentials", "appid"),
        (61_007, "credentials", "appid"),
        (45_009, "limited", ""),
        (45_011, "limited", ""),
        (100_003, "transient", ""),
        (40_097, "rejected", "40097"),
        (47_001, "rejected", "47001"),
    ] {
        let error = fetched(code, "13800138000 not valid rid: 67ea453d").unwrap_err();
        assert_eq!(error.kind(), kind, "{code}: {error:?}");
        assert!(!error.to_string().contains("13800138000"), "{error}");
        match &error {
            CallError::Credentials { field: named, .. } => assert_eq!(named, field),
            CallError::Rejected { code: named, .. } => assert_eq!(named, field),
            CallError::Limited { after_s } => assert!(after_s.is_some(), "{code}: when again"),
            _ => {}
        }
    }
    assert_eq!(fetched(100_002, "order not exist"), Ok(None));
    let said = fetched(40_001, &format!("invalid credential {TOKEN}")).unwrap_err();
    assert!(!said.to_string().contains(TOKEN), "{said}");
}

#[test]
fn a_shop_without_a_token_says_so_and_nothing_is_sent() {
    let mut caller = caller();
    caller.account.credentials = Credentials::new([("appid".to_owned(), "wx1".to_owned())].into());
    let refused = drive(&caller, |call| WechatShop.fetch(call, ORDER), |_| panic!("nothing is sent"));
    assert!(matches!(refused, Err(CallError::Credentials { field, .. }) if field == "access_token"));
}
