//! The contract of a channel, and what is this platform's own.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests")]

mod fake;

use __crate__::__Name__ as Adapter;
use fake::{ORDER, Platform as Fake, TOKEN};
use http::{HeaderMap, HeaderName, HeaderValue};
use huidan_channel::{Channel, Confirmed, Document, Shipment, StockLevel, StockOutcome};
use huidan_domain::{Millis, Window};
use huidan_exchange::{CallError, Request, Webhook, sign, time};
use huidan_testkit::channel::{self as kit, Fixtures, Hooks, Platform, Vary, check, fresh};
use huidan_testkit::{Caller, account, drive, rejected, reply};

const PAID: &str = include_str!("samples/paid.json");
const SECRET: &str = "secret-of-the-tests";

fn at(text: &str) -> Millis {
    time::rfc3339(text).unwrap()
}

fn caller() -> Caller {
    let credentials = [("api_token", TOKEN), ("webhook_secret", SECRET)];
    Caller { account: account("shop-1", "https://api.example.com", credentials), now: at("2026-11-21T09:00:00Z") }
}

fn headers(body: &[u8], at: Millis) -> HeaderMap {
    let timestamp = (at.0 / 1000).to_string();
    let signature = sign::hex(&sign::hmac_sha256(SECRET.as_bytes(), &[timestamp.as_bytes(), b".", body]));
    [("x-timestamp", timestamp), ("x-signature", signature)]
        .into_iter()
        .map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_str(&value).unwrap()))
        .collect()
}

fn saved(order: &str) -> String {
    format!(r#"{{"event_id":"evt-1","topic":"order.saved","order":{order}}}"#)
}

fn vary(vary: Vary<'_>) -> Document {
    let body = match vary {
        Vary::Id(id) => PAID.replace(ORDER, id),
        Vary::Total(total) => PAID.replace("409.94", total),
        Vary::State(state) => PAID.replace("\"paid\"", &format!("\"{state}\"")),
        Vary::UpdatedAt(at) => PAID.replacen("2026-11-21T16:00:05+08:00", &time::to_rfc3339(at), 1),
    };
    kit::document("order.saved", body)
}

/// All that the order of the first sample holds: lines and how many of each.
const ALL: &[(&str, u32)] = &[("1", 2), ("2", 1), ("3", 1)];

/// A parcel with so many of these lines.
fn parcel(waybill: &str, lines: &[(&str, u32)]) -> Shipment {
    Shipment {
        parcel: format!("parcel-of-{waybill}"),
        lines: lines.iter().map(|(id, qty)| kit::line(id, *qty)).collect(),
        completes: lines.last() == ALL.last(),
        ..kit::shipment(ORDER, ("sf", "顺丰速运"), waybill)
    }
}

fn level(sku: &str) -> StockLevel {
    StockLevel { outer_code: sku.into(), ..kit::level("", sku, 12) }
}

fn tell(fake: &mut Fake, shipment: &Shipment) -> Result<Confirmed, CallError> {
    drive(&caller(), |call| Adapter.confirm(call, shipment), |request| fake.answer(request))
}

#[test]
fn it_keeps_the_contract_of_a_channel() {
    let samples = [
        ("paid", PAID),
        ("part-shipped", include_str!("samples/part-shipped.json")),
        ("in-review", include_str!("samples/in-review.json")),
    ];
    let body = saved(PAID);
    let fixtures = Fixtures {
        caller: caller(),
        samples: &kit::samples("order.saved", samples),
        personal: &["小明", "小红", "13800138000", "13900139000", "文三路", "科技园路", "Steve", "5145550100"],
        vary: &vary,
        hooks: Some(Hooks {
            sign: &|body, at| ("/webhook/__name__/shop-1".into(), headers(body, at)),
            body: &body,
            signs_body: true,
            secret_field: "webhook_secret",
            ext_id: ORDER,
            window_s: Some(300),
        }),
        platform: Some(Platform {
            fresh: &fresh(Fake::default, Fake::answer),
            window: Window { from: at("2026-11-21T00:00:00Z"), to: at("2026-11-21T09:00:00Z") },
            listed: ["1", "2", "3"].map(String::from).into(),
            known: ORDER,
            missing: "404",
            shipment: Some(parcel("SF1234567890123", ALL)),
            levels: vec![level("TEA-250"), level("茶 杯/大")],
        }),
    };
    check(&Adapter, &fixtures);
}

#[test]
fn the_signature_is_the_one_that_openssl_computes() {
    // printf '%s' '1795251600.{}' | openssl dgst -sha256 -hmac secret-of-the-tests
    let computed = "682f83b50fefda7977b41c94f1d1bf6a001a57a0f897cb34e92ad825a1d9cbf3";
    assert_eq!(headers(b"{}", caller().now)["x-signature"], computed);
}

#[test]
fn what_happened_to_an_order_beside_saving_it_is_a_hint_to_fetch_it() {
    let take = |topic: &str| {
        let body = format!(r#"{{"event_id":"evt-2","topic":"{topic}","order_id":{ORDER}}}"#);
        let hook = Webhook::new("/", headers(body.as_bytes(), caller().now), body.into());
        Adapter.take(&Adapter.verify(hook, &caller().account, caller().now).unwrap(), &caller().account).unwrap()
    };
    for topic in ["order.deleted", "refund.changed"] {
        let events = take(topic);
        assert_eq!((events[0].ext_id.as_str(), events[0].complete), (ORDER, false), "{topic}");
    }
    assert!(take("product.saved").is_empty());
}

#[test]
fn an_order_that_leaves_the_window_while_it_is_paged_hides_no_other() {
    let mut fake = Fake::default();
    let window = Window { from: at("2026-11-21T00:00:00Z"), to: at("2026-11-21T09:00:00Z") };
    let (mut seen, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let list = |call: &huidan_exchange::Call<'_>| Adapter.list(call, window, cursor.as_deref());
        let page = drive(&caller(), list, |request| fake.answer(request)).unwrap();
        seen.extend(page.orders.into_iter().map(|order| order.ext_id));
        // After the first page was read, the first order changes, and those behind it move up.
        fake.listed.retain(|id| *id != "1");
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    assert!(["2", "3"].iter().all(|id| seen.iter().any(|seen| seen == id)), "{seen:?}");
}

#[test]
fn an_order_goes_in_several_parcels_and_each_is_told_once() {
    let mut fake = Fake::default();
    let (first, second) = (parcel("SF1111111111111", &ALL[..1]), parcel("SF2222222222222", &ALL[1..]));
    assert_eq!(tell(&mut fake, &first), Ok(Confirmed::Told));
    assert_eq!(fake.order["status"], "part_shipped");
    assert_eq!(tell(&mut fake, &second), Ok(Confirmed::Told));
    assert_eq!(fake.order["status"], "shipped");
    for told in [&first, &second] {
        assert_eq!(tell(&mut fake, told), Ok(Confirmed::AlreadyThere));
    }
    assert_eq!(fake.writes, 2);
}

#[test]
fn a_corrected_number_takes_the_place_of_the_one_told() {
    let mut fake = Fake::default();
    tell(&mut fake, &parcel("SF1111111111111", ALL)).unwrap();
    let corrected = Shipment { replaces: Some("SF1111111111111".into()), ..parcel("SF3333333333333", ALL) };
    assert_eq!(tell(&mut fake, &corrected), Ok(Confirmed::Told));
    assert_eq!(fake.order["shipments"].as_array().unwrap().len(), 1);
    assert_eq!(fake.order["shipments"][0]["number"], "SF3333333333333");
}

#[test]
fn a_parcel_of_a_cancelled_order_is_to_be_stopped() {
    let mut fake = Fake::default();
    fake.order["status"] = "cancelled".into();
    let told = tell(&mut fake, &parcel("SF1111111111111", ALL));
    assert_eq!(rejected(&told), Some("order_cancelled"), "{told:?}");
}

#[test]
fn a_lost_answer_is_found_again_by_looking() {
    let mut fake = Fake::default();
    let shipment = parcel("SF1111111111111", ALL);
    let lost = drive(
        &caller(),
        |call| Adapter.confirm(call, &shipment),
        |request| match (request.method().as_str(), fake.answer(request)) {
            ("POST", _) => reply(504, ""),
            (_, answer) => answer,
        },
    );
    assert!(matches!(lost, Err(CallError::Unknown { .. })), "{lost:?}");
    assert_eq!(tell(&mut fake, &shipment), Ok(Confirmed::AlreadyThere));
}

#[test]
fn the_carrier_is_named_in_the_platforms_own_code_unless_the_seller_set_another() {
    for (carrier, set, told) in [("zto", None, "ZTO"), ("zto", Some("ZT9"), "ZT9"), ("own-van", None, "own-van")] {
        let mut fake = Fake::default();
        let shipment =
            Shipment { carrier: carrier.into(), carrier_code: set.map(str::to_owned), ..parcel("A12345678", ALL) };
        tell(&mut fake, &shipment).unwrap();
        assert_eq!(fake.order["shipments"][0]["carrier"], told);
    }
}

#[test]
fn every_code_of_the_platform_says_what_to_do_next() {
    for (code, kind) in [
        ("token_expired", "credentials"),
        ("token_revoked", "credentials"),
        ("too_many_requests", "limited"),
        ("order_cancelled", "rejected"),
        ("carrier_unknown", "rejected"),
        ("a_code_of_next_year", "rejected"),
    ] {
        let answer = |_: &Request| reply(400, format!(r#"{{"error":"{code}"}}"#));
        let error = drive(&caller(), |call| Adapter.fetch(call, ORDER), answer).unwrap_err();
        assert_eq!(error.kind(), kind, "{code}");
    }
}

#[test]
fn a_sku_that_the_platform_does_not_have_says_so_and_the_others_are_set() {
    let mut fake = Fake::default();
    let levels = [level("GONE"), level("CUP")];
    let outcomes = drive(&caller(), |call| Adapter.stock(call, &levels), |request| fake.answer(request)).unwrap();
    assert!(matches!(&outcomes[0], StockOutcome::Rejected { code, .. } if code == "sku_not_found"));
    assert_eq!(outcomes[1], StockOutcome::Set);
    assert_eq!(fake.stock.get("CUP"), Some(&12));
}
