//! The contract of a channel, and what is Amazon's own.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod errors;
mod fake;
mod granting;
mod telling;

use channel_amazon::Amazon;
use fake::{Gateway, TOKEN, listed};
use huidan_channel::{Channel, Document, Shipment, StockLevel};
use huidan_domain::{ChannelState, Currency, Millis, Money, OrderFacts, PayState, RefundState, Window};
use huidan_exchange::{Account, CallError, time};
use huidan_testkit::channel::{self as kit, Fixtures, Platform, Vary, check, fresh};
use huidan_testkit::{Caller, account, drive, values};

const UNSHIPPED: &str = include_str!("../samples/unshipped.json");
const PART: &str = include_str!("../samples/part-shipped-with-wish-to-cancel.json");
const PENDING: &str = include_str!("../samples/pending.json");
const THEIRS: &str = include_str!("../samples/theirs-cancelled.json");
const ID: &str = "902-3159896-1390917";
const TEA: &str = "9007199254740993";
const CUP: &str = "68828574383267";

fn caller() -> Caller {
    with(&[])
}

/// The shop, with some credentials set otherwise.
fn with(other: &[(&str, &str)]) -> Caller {
    let usual = [
        ("client_id", "amzn1.application-oa2-client.example"),
        ("client_secret", "amzn1.oa2-cs.v1.example"),
        ("access_token", TOKEN),
        ("refresh_token", "Atzr|refresh"),
        ("marketplace_ids", "ATVPDKIKX0DER,A2EUQ1WTGCTBG2"),
        ("application_id", "amzn1.sp.solution.example"),
        // No secret: it is part of an address.
        ("seller_id", "A1B2C"),
    ];
    let account = Account {
        origins: values([
            ("eu", "https://eu.example"),
            ("fe", "https://fe.example"),
            ("auth", "https://lwa.example"),
            ("page", "https://seller.example"),
        ]),
        ..account("shop-1", "https://na.example", usual.iter().chain(other).copied())
    };
    Caller { account, now: at("2026-11-21T09:00:00Z") }
}

fn at(text: &str) -> Millis {
    time::rfc3339(text).unwrap()
}

fn window() -> Window {
    Window { from: at("2026-11-21T08:00:00Z"), to: at("2026-11-21T08:30:00Z") }
}

fn document(body: impl Into<String>) -> Document {
    kit::document("order", body)
}

fn facts(body: impl Into<String>) -> OrderFacts {
    kit::facts(&Amazon, &document(body))
}

fn vary(vary: Vary<'_>) -> Document {
    document(match vary {
        Vary::Id(id) => UNSHIPPED.replace(ID, id),
        Vary::Total(total) => UNSHIPPED.replace("409.94", total),
        Vary::State(state) => UNSHIPPED.replace("\"Unshipped\"", &format!("\"{state}\"")),
        Vary::UpdatedAt(at) => UNSHIPPED.replace("2026-11-21T08:00:06Z", &time::to_rfc3339(at)),
    })
}

fn shipment(lines: &[(&str, u32)], completes: bool) -> Shipment {
    Shipment {
        parcel: "01JD9Z6W7Y8X9A0B1C2D3E4F5G".into(),
        lines: lines.iter().map(|(id, qty)| kit::line(id, *qty)).collect(),
        completes,
        ..kit::shipment(ID, ("sf", "顺丰速运"), "SF7444400043266")
    }
}

fn whole() -> Shipment {
    shipment(&[(TEA, 3), (CUP, 1)], true)
}

fn level(outer_code: &str, available: u32) -> StockLevel {
    StockLevel { outer_code: outer_code.into(), ..kit::level("B0TEACUP01", outer_code, available) }
}

#[test]
fn it_keeps_the_contract_of_a_channel() {
    let samples = [
        ("unshipped", UNSHIPPED),
        ("part-shipped-with-wish-to-cancel", PART),
        ("pending", PENDING),
        ("theirs-cancelled", THEIRS),
    ];
    let fixtures = Fixtures {
        caller: caller(),
        samples: &kit::samples("order", samples),
        personal: &["Tricia", "Heart of Gold", "555-010-0142", "trillian", "山田", "架空町", "0300000000"],
        vary: &vary,
        hooks: None,
        platform: Some(Platform {
            fresh: &fresh(|| Gateway::new(&[UNSHIPPED]), Gateway::answer),
            window: window(),
            listed: listed(),
            known: ID,
            missing: "902-0000000-0000000",
            shipment: Some(whole()),
            levels: vec![level("TEA-250", 5), level("CUP/1 blue", 0)],
        }),
    };
    check(&Amazon, &fixtures);
}

fn fetched(gateway: &mut Gateway, caller: &Caller, id: &str) -> Option<Document> {
    drive(caller, |call| Amazon.fetch(call, id), |request| gateway.answer(request)).unwrap()
}

#[test]
fn an_order_its_items_and_its_parcels_are_one_document() {
    let mut gateway = Gateway::new(&[UNSHIPPED, PART]);
    let document = fetched(&mut gateway, &caller(), ID).unwrap();
    assert_eq!(facts(document.body), facts(UNSHIPPED));
    let path = format!("/orders/v0/orders/{ID}");
    let items = format!("GET {path}/orderItems");
    let order = format!("GET {path}");
    let opener = "POST /tokens/2021-03-01/restrictedDataToken";
    assert_eq!(gateway.called, [opener, order.as_str(), items.as_str(), items.as_str()], "no parcels before any left");
    let document = fetched(&mut gateway, &caller(), "249-7638334-8161404").unwrap();
    assert_eq!(facts(document.body), facts(PART));
}

#[test]
fn an_application_that_may_not_read_parcels_still_reads_orders() {
    let mut gateway = Gateway::new(&[PART]);
    gateway.tells_packages = false;
    let facts = facts(fetched(&mut gateway, &caller(), "249-7638334-8161404").unwrap().body);
    assert!(facts.waybills.is_empty() && facts.state == Ok(ChannelState::PartShipped));
}

#[test]
fn a_shop_without_the_right_to_receivers_reads_orders_without_them() {
    let mut gateway = Gateway::new(&[UNSHIPPED]);
    let facts = facts(fetched(&mut gateway, &with(&[("restricted_data", "no")]), ID).unwrap().body);
    assert!(facts.receiver.name.is_empty() && facts.lines.len() == 2);
    assert!(gateway.called.iter().all(|called| !called.contains("tokens")));
}

#[test]
fn the_gateway_is_that_of_the_shops_region() {
    for (region, host) in [
        ("", "https://na.example"),
        ("na", "https://na.example"),
        ("eu", "https://eu.example"),
        ("fe", "https://fe.example"),
    ] {
        let mut asked = String::new();
        let answer = |request: &huidan_exchange::Request| {
            asked = request.uri().to_string();
            fake::error(404, "NotFound", "")
        };
        drive(&with(&[("region", region)]), |call| Amazon.fetch(call, ID), answer).unwrap();
        assert!(asked.starts_with(host), "{region}: {asked}");
    }
    let refused = drive(&with(&[("region", "cn")]), |call| Amazon.fetch(call, ID), |_| panic!("nothing is sent"));
    assert!(matches!(refused, Err(CallError::Credentials { field, .. }) if field == "region"));
}

#[test]
fn a_window_that_the_platform_would_cut_is_asked_for_later() {
    let late = Window { to: at("2026-11-21T08:59:00Z"), ..window() };
    let refused = drive(&caller(), |call| Amazon.list(call, late, None), |_| panic!("nothing is sent"));
    assert!(matches!(refused, Err(CallError::Transient { after_s: Some(60), .. })), "{refused:?}");
}

#[test]
fn every_status_means_what_the_platform_says() {
    use ChannelState::{Cancelled, Open, PartShipped, Shipped};
    for (status, pay, state) in [
        ("PendingAvailability", PayState::Unpaid, Open),
        ("Pending", PayState::Unpaid, Open),
        ("Unshipped", PayState::Paid, Open),
        ("PartiallyShipped", PayState::Paid, PartShipped),
        ("Shipped", PayState::Paid, Shipped),
        ("InvoiceUnconfirmed", PayState::Paid, Shipped),
        ("Canceled", PayState::Unpaid, Cancelled),
        ("Unfulfillable", PayState::Unpaid, Cancelled),
    ] {
        let facts = facts(UNSHIPPED.replace("\"Unshipped\"", &format!("\"{status}\"")));
        assert_eq!((facts.pay, facts.state, facts.must_wait), (pay, Ok(state), None), "{status}");
        assert_eq!(facts.lines[0].refunded_qty, if state == Cancelled { 3 } else { 0 }, "{status}");
    }
    assert_eq!(facts(UNSHIPPED.replace("\"Unshipped\"", "\"zz\"")).pay, PayState::Unpaid, "the careful choice");
}

#[test]
fn what_the_seller_may_not_ship_waits() {
    for (now, then, why) in [
        ("\"MFN\"", "\"AFN\"", "AFN"),
        ("\"IsISPU\": false", "\"IsISPU\": true", "IsISPU"),
        ("\"IsISPU\": false", "\"EasyShipShipmentStatus\": \"PendingSchedule\"", "EasyShip"),
    ] {
        assert_eq!(facts(UNSHIPPED.replace(now, then)).must_wait.as_deref(), Some(why));
    }
}

#[test]
fn a_wish_to_cancel_stops_its_line_only() {
    for (word, state) in [
        ("\"false\"", RefundState::None),
        ("false", RefundState::None),
        ("\"true\"", RefundState::Requested),
        ("true", RefundState::Requested),
        ("\"zz\"", RefundState::Requested),
    ] {
        let written = format!("\"IsBuyerRequestedCancel\": {word}");
        let facts = facts(UNSHIPPED.replace("\"IsBuyerRequestedCancel\": \"false\"", &written));
        assert_eq!((facts.lines[0].refund, facts.lines[1].refund), (state, RefundState::None), "{word}");
    }
}

#[test]
fn a_lines_price_is_shared_out_and_rounded_down() {
    let yen = Currency::parse("JPY").unwrap();
    assert_eq!(facts(PART).lines[0].unit_price, Money::from_minor(833, yen), "2500 for three");
    assert_eq!(facts(UNSHIPPED).lines[0].unit_price.minor(), Ok(11_998));
}

#[test]
fn an_order_that_is_pending_has_the_currency_of_its_marketplace() {
    let pending = facts(PENDING);
    assert_eq!((pending.total.minor(), pending.total.currency.code()), (Ok(0), "EUR"));
    let unknown = facts(PENDING.replace("A1PA6795UKMFR9", "AZZ"));
    assert_eq!(unknown.total.currency.code(), "XXX");
    let mixed = UNSHIPPED.replacen(
        "{ \"CurrencyCode\": \"USD\", \"Amount\": \"359.94\" }",
        "{ \"CurrencyCode\": \"EUR\", \"Amount\": \"359.94\" }",
        1,
    );
    assert!(Amazon.read(&document(mixed)).is_err(), "currencies do not mix");
}

#[test]
fn nothing_is_pushed_here() {
    kit::refuses_every_push(&Amazon, &caller().account);
}
