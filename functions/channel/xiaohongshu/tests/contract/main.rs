//! The contract of a channel, and what is Xiaohongshu's own.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod fake;
mod granting;
mod listing;
mod pushing;
mod reading;
mod telling;

use channel_xiaohongshu::Xiaohongshu;
use fake::{APP, Ark, SECRET, TOKEN};
use huidan_channel::{Document, Shipment, StockLevel};
use huidan_domain::{Millis, OrderFacts, Window};
use huidan_exchange::time;
use huidan_testkit::channel::{self as kit, Fixtures, Hooks, Platform, Vary, check, fresh};
use huidan_testkit::{Caller, account, values};
use std::collections::BTreeMap;

const PAID: &str = include_str!("../samples/paid.json");
const PART: &str = include_str!("../samples/part-shipped-with-refunds.json");
const PRESALE: &str = include_str!("../samples/presale-deposit.json");
const EXCHANGE: &str = include_str!("../samples/exchange-from-stock.json");
const ORDER: &str = "P790600755242471711";
const LINES: [&str; 3] = ["64a1f0c2d3e4b50001a2b3c4", "64a1f0c2d3e4b50001a2b3c5", "64a1f0c2d3e4b50001a2b3c6"];

fn credentials() -> BTreeMap<String, String> {
    values([
        ("app_id", APP),
        ("app_secret", SECRET),
        ("access_token", TOKEN),
        ("refresh_token", "refresh-9a8b7c6d"),
        ("seller_id", "5f0c2d3e4b50001a2b3c4d5e"),
    ])
}

fn caller() -> Caller {
    Caller { account: account("shop-1", "https://ark.xiaohongshu.com", credentials()), now: at("2026-11-21 16:30:00") }
}

fn at(text: &str) -> Millis {
    time::local(text, time::CHINA).unwrap()
}

fn window() -> Window {
    Window { from: at("2026-11-21 16:00:00"), to: at("2026-11-21 16:28:59") }
}

fn document(body: impl Into<String>) -> Document {
    kit::document("order", body)
}

fn facts(body: impl Into<String>) -> OrderFacts {
    kit::facts(&Xiaohongshu, &document(body))
}

/// The paid order with this in the place of that.
fn paid(that: &str, this: &str) -> String {
    assert!(PAID.contains(that), "{that}");
    PAID.replacen(that, this, 1)
}

fn vary(vary: Vary<'_>) -> Document {
    document(match vary {
        Vary::Id(id) => paid("\"orderId\": \"P790600755242471711\"", &format!("\"orderId\": \"{id}\"")),
        Vary::Total(total) => {
            let fen = total.replace('.', "");
            paid("25607", fen.trim_start_matches('0'))
        }
        Vary::State(state) => paid("\"orderStatus\": 4", &format!("\"orderStatus\": \"{state}\"")),
        Vary::UpdatedAt(at) => paid("1795248006000", &at.0.to_string()),
    })
}

fn shipment(lines: &[&str], completes: bool) -> Shipment {
    Shipment { lines: kit::lines(lines), completes, ..kit::shipment(ORDER, ("sf", "顺丰速运"), "SF7444400043266") }
}

fn level(ext_sku: &str, available: u32) -> StockLevel {
    kit::level("64a1f0c2d3e4b50001a2b3c0", ext_sku, available)
}

#[test]
fn it_keeps_the_contract_of_a_channel() {
    let samples = [
        ("paid", PAID),
        ("part-shipped-with-refunds", PART),
        ("presale-deposit", PRESALE),
        ("exchange-from-stock", EXCHANGE),
    ];
    let all = Ark::new(&[]);
    let listed = all.listed.iter().chain(&all.returning).cloned().collect();
    let fixtures = Fixtures {
        caller: caller(),
        samples: &kit::samples("order", samples),
        personal: &["#tVx3lP0s#mQ8=#1##", "#Jk92hZ7q#8000#1##", "#uW5nYb6d#", "王小明", "13800138000"],
        vary: &vary,
        hooks: Some(Hooks {
            sign: &pushing::sign,
            body: pushing::BODY,
            secret_field: "app_secret",
            ext_id: ORDER,
            signs_body: false,
            window_s: Some(600),
        }),
        platform: Some(Platform {
            fresh: &fresh(|| Ark::new(&[PAID]), Ark::answer),
            window: window(),
            listed,
            known: ORDER,
            missing: "P790600755242479999",
            shipment: Some(shipment(&LINES, true)),
            levels: vec![level("64a1f0c2d3e4b50001a2b3c4", 5), level("", 0)],
        }),
    };
    check(&Xiaohongshu, &fixtures);
}
