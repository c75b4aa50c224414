//! The contract of a channel and of a carrier, and what is Pinduoduo's own.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod fake;
mod grants;
mod reading;
mod telling;
mod waybills;

use channel_pinduoduo::Pinduoduo;
use fake::{Gateway, SECRET, listed};
use huidan_channel::{Channel, Document, Shipment, StockLevel};
use huidan_domain::{Millis, Window};
use huidan_exchange::{Account, CallError, Credentials, pairs, time};
use huidan_testkit::channel::{self as kit, Fixtures, Platform, Vary, check, fresh, level};
use huidan_testkit::{Caller, account, drive, reply, values};
use serde_json::json;

const PAID: &str = include_str!("../samples/paid.json");
const SHIPPED: &str = include_str!("../samples/shipped-with-refund.json");
const STEP: &str = include_str!("../samples/presale-deposit.json");
const REVIEW: &str = include_str!("../samples/under-review.json");
/// The order of [`PAID`].
const SN: &str = "261121-123456789012345";
/// The lines of [`PAID`]: the platform has no ids of lines.
const LINES: [&str; 2] = [SN, "9007199254740997"];

fn credentials() -> [(&'static str, &'static str); 5] {
    [
        ("client_id", "4b6f1d2e"),
        ("client_secret", SECRET),
        ("access_token", "token-of-the-shop"),
        ("refresh_token", "refresh-of-the-shop"),
        ("owner_id", "9007199254740993"),
    ]
}

fn caller() -> Caller {
    let account = Account {
        origins: values([("auth", "https://open-api.pinduoduo.com"), ("page", "https://fuwu.pinduoduo.com")]),
        ..account("shop-1", "https://gw-api.pinduoduo.com", credentials())
    };
    Caller { account, now: at("2026-11-21 16:33:00") }
}

fn at(text: &str) -> Millis {
    time::local(text, time::CHINA).unwrap()
}

fn window() -> Window {
    Window { from: at("2026-11-21 16:00:00"), to: at("2026-11-21 16:30:00") }
}

fn document(body: impl Into<String>) -> Document {
    kit::document("order", body)
}

fn vary(vary: Vary<'_>) -> Document {
    document(match vary {
        Vary::Id(id) => PAID.replace(SN, id),
        Vary::Total(total) => PAID.replace("200.07", total),
        Vary::State(state) => PAID.replace("\"order_status\": 1", &format!("\"order_status\": \"{state}\"")),
        Vary::UpdatedAt(at) => PAID.replace("2026-11-21 16:00:07", &time::to_local(at, time::CHINA)),
    })
}

fn shipment(lines: &[&str], completes: bool) -> Shipment {
    Shipment { lines: kit::lines(lines), completes, ..kit::shipment(SN, ("sf", "顺丰速运"), "SF7444400043266") }
}

fn levels() -> Vec<StockLevel> {
    vec![level("1", "11", 5), level("1", "12", 0), level("2", "21", 9)]
}

#[test]
fn it_keeps_the_contract_of_a_channel() {
    let samples =
        [("paid", PAID), ("shipped-with-refund", SHIPPED), ("presale-deposit", STEP), ("under-review", REVIEW)];
    let fixtures = Fixtures {
        caller: caller(),
        samples: &kit::samples("order", samples),
        personal: &["RealName", "RealPhone", "RealStreet", "王*", "8000", "文**", "王小明", "13800138000"],
        vary: &vary,
        hooks: None,
        platform: Some(Platform {
            fresh: &fresh(|| Gateway::new(&[PAID]), Gateway::answer),
            window: window(),
            listed: listed(),
            known: SN,
            missing: "261121-999999999999999",
            shipment: Some(shipment(&LINES, true)),
            levels: levels(),
        }),
    };
    check(&Pinduoduo, &fixtures);
}

#[test]
fn the_list_is_counted_once_and_read_from_its_last_page_to_its_first() {
    let mut gateway = Gateway::new(&[]);
    let (mut asked, mut whole, mut bare) = (Vec::new(), 0, 0);
    let pages = kit::pages(&Pinduoduo, &caller(), window(), |request| {
        let get = |name: &str| pairs::from_form(request.body(), name).unwrap();
        let span = (get("start_updated_at"), get("end_updated_at"));
        assert_eq!(span, ("1795248000".into(), "1795249800".into()), "seconds, half an hour and no more");
        assert_eq!(get("timestamp"), "1795249980", "seconds");
        asked.push((get("page"), get("use_has_next")));
        gateway.answer(request)
    });
    for listed in pages.iter().flat_map(|page| &page.orders) {
        assert!(listed.updated_at.is_some());
        if listed.document.is_some() { whole += 1 } else { bare += 1 }
    }
    let expected = [("1", "false"), ("3", "true"), ("2", "true"), ("1", "true")];
    assert_eq!(asked, expected.map(|(page, next)| (page.to_owned(), next.to_owned())));
    assert_eq!((whole, bare), (2, 200), "what a row holds whole is not fetched again");
}

#[test]
fn orders_that_leave_the_window_while_it_is_read_take_no_other_with_them() {
    // Newest change first. After every call an order changes again, and so belongs to a later window.
    let mut orders = listed();
    let pages = kit::pages(&Pinduoduo, &caller(), window(), |request| {
        let page: usize = pairs::from_form(request.body(), "page").unwrap().parse().unwrap();
        let rows: Vec<_> = orders.iter().skip((page - 1) * 100).take(100).map(|sn| json!({"order_sn": sn})).collect();
        let envelope = json!({"total_count": orders.len(), "order_sn_list": rows});
        orders.remove(3);
        reply(200, json!({"order_sn_increment_get_response": envelope}).to_string())
    });
    let mut seen: Vec<String> = pages.into_iter().flat_map(|page| page.orders).map(|listed| listed.ext_id).collect();
    assert!(orders.iter().all(|still| seen.contains(still)), "one that stayed was missed");
    let met = seen.len();
    seen.sort();
    seen.dedup();
    assert!(met > seen.len(), "nothing moved while it was read");
}

#[test]
fn a_window_longer_than_half_an_hour_is_never_asked_for() {
    let long = Window { to: Millis(window().to.0 + 1), ..window() };
    let refused = drive(&caller(), |call| Pinduoduo.list(call, long, None), |_| panic!("nothing is sent"));
    assert!(matches!(refused, Err(CallError::Rejected { code, .. }) if code == "window_too_long"));
}

#[test]
fn a_list_without_orders_is_one_empty_page() {
    for body in [
        r#"{"order_sn_increment_get_response":{"total_count":0,"order_sn_list":[]}}"#,
        r#"{"order_sn_increment_get_response":{"total_count":0,"order_sn_list":null}}"#,
    ] {
        let page = drive(&caller(), |call| Pinduoduo.list(call, window(), None), |_| reply(200, body)).unwrap();
        assert!(page.orders.is_empty() && page.next.is_none());
    }
}

#[test]
fn a_credential_that_is_missing_is_named_and_nothing_is_sent() {
    for field in ["client_id", "client_secret", "access_token"] {
        let mut caller = caller();
        let set = credentials().into_iter().filter(|(name, _)| *name != field);
        caller.account.credentials = Credentials::new(values(set));
        let refused = drive(&caller, |call| Pinduoduo.fetch(call, SN), |_| panic!("nothing is sent"));
        assert!(matches!(refused, Err(CallError::Credentials { field: named, .. }) if named == field));
    }
}
