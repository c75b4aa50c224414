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
use huidan_channel::{Channel, Document, Reading, Shipment, ShipmentLine, StockLevel};
use huidan_domain::{Millis, OrderFacts, Window};
use huidan_exchange::{Account, Credentials, time};
use huidan_testkit::Caller;
use huidan_testkit::channel::{Fixtures, Hooks, Platform, Sample, Vary, check};
use std::collections::BTreeMap;
use std::path::Path;

const PAID: &str = include_str!("../samples/paid.json");
const PART: &str = include_str!("../samples/part-shipped-with-refunds.json");
const PRESALE: &str = include_str!("../samples/presale-deposit.json");
const EXCHANGE: &str = include_str!("../samples/exchange-from-stock.json");
const ORDER: &str = "P790600755242471711";
const LINES: [&str; 3] = ["64a1f0c2d3e4b50001a2b3c4", "64a1f0c2d3e4b50001a2b3c5", "64a1f0c2d3e4b50001a2b3c6"];

fn credentials() -> BTreeMap<String, String> {
    let values = [
        ("app_id", APP),
        ("app_secret", SECRET),
        ("access_token", TOKEN),
        ("refresh_token", "refresh-9a8b7c6d"),
        ("seller_id", "5f0c2d3e4b50001a2b3c4d5e"),
    ];
    values.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
}

fn caller() -> Caller {
    let account = Account {
        id: "shop-1".into(),
        gateway: "https://ark.xiaohongshu.com".into(),
        base_url: None,
        origins: BTreeMap::new(),
        credentials: Credentials::new(credentials()),
    };
    Caller { account, now: at("2026-11-21 16:30:00") }
}

fn at(text: &str) -> Millis {
    time::local(text, time::CHINA).unwrap()
}

fn window() -> Window {
    Window { from: at("2026-11-21 16:00:00"), to: at("2026-11-21 16:28:59") }
}

fn document(body: impl Into<String>) -> Document {
    Document { topic: "order".into(), body: body.into() }
}

fn facts(body: impl Into<String>) -> OrderFacts {
    match Xiaohongshu.read(&document(body)) {
        Ok(Reading::Order(facts)) => *facts,
        other => panic!("{other:?}"),
    }
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
    Shipment {
        ext_id: ORDER.into(),
        parcel: "p1".into(),
        carrier: "sf".into(),
        carrier_name: "顺丰速运".into(),
        carrier_code: None,
        waybill: "SF7444400043266".into(),
        replaces: None,
        lines: lines.iter().map(|id| ShipmentLine { ext_line_id: (*id).into(), qty: 1, whole: true }).collect(),
        completes,
    }
}

fn level(ext_sku: &str, available: u32) -> StockLevel {
    let ext_item = "64a1f0c2d3e4b50001a2b3c0".into();
    StockLevel { ext_item, ext_sku: ext_sku.into(), outer_code: String::new(), available, version: 7 }
}

#[test]
fn it_keeps_the_contract_of_a_channel() {
    let samples = [
        ("paid", PAID),
        ("part-shipped-with-refunds", PART),
        ("presale-deposit", PRESALE),
        ("exchange-from-stock", EXCHANGE),
    ]
    .map(|(name, body)| Sample { name, topic: "order", body });
    let all = Ark::new(&[]);
    let listed: Vec<&str> = all.listed.iter().chain(&all.returning).map(String::as_str).collect();
    let fresh: &dyn Fn() -> Box<dyn FnMut(&huidan_exchange::Request) -> huidan_exchange::Reply> = &|| {
        let mut ark = Ark::new(&[PAID]);
        Box::new(move |request| ark.answer(request))
    };
    let fixtures = Fixtures {
        caller: caller(),
        golden: Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden")),
        samples: &samples,
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
            fresh,
            window: window(),
            listed: &listed,
            known: ORDER,
            missing: "P790600755242479999",
            shipment: Some(shipment(&LINES, true)),
            levels: vec![level("64a1f0c2d3e4b50001a2b3c4", 5), level("", 0)],
        }),
    };
    check(&Xiaohongshu, &fixtures);
}
