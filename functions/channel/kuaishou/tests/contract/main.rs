//! The contract of a channel and of its waybill service, and what is Kuaishou's own.
#![expect(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

mod fake;
mod grant;
mod push;
mod telling;
mod waybill;

use channel_kuaishou::Kuaishou;
use fake::{Ks, LISTED, SECRET, listed_id};
use huidan_channel::{Channel, Document, Shipment, ShipmentLine};
use huidan_domain::{ChannelState, LineKind, Millis, OrderFacts, PayState, RefundState, Window};
use huidan_exchange::{Account, CallError, pairs};
use huidan_testkit::channel::{self as kit, Fixtures, Platform, Vary, check, fresh, level};
use huidan_testkit::{Caller, drive, reply, values};
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub(crate) const PAID: &str = include_str!("../samples/paid.json");
pub(crate) const PART: &str = include_str!("../samples/part-shipped-with-refund.json");
const RISK: &str = include_str!("../samples/risk-presale.json");
const CLOSED: &str = include_str!("../samples/closed-refunded.json");
pub(crate) const OID: &str = "9007199254740995";

pub(crate) fn credentials() -> BTreeMap<String, String> {
    values([
        ("app_key", "ks660340295617067960"),
        ("app_secret", "app-secret-of-ks"),
        ("sign_secret", SECRET),
        ("msg_secret", "MDEyMzQ1Njc4OWFiY2RlZg=="),
        ("access_token", "ChFvYXV0aC5hY2Nlc3NUb2tlbg"),
        ("refresh_token", "ChJvYXV0aC5yZWZyZXNoVG9rZW4"),
        ("open_id", "f1917b0f5a2b6b6e"),
    ])
}

pub(crate) fn account(credentials: BTreeMap<String, String>) -> Account {
    Account {
        origins: values([("page", "https://open.kwaixiaodian.com")]),
        ..huidan_testkit::account("shop-1", "https://openapi.kwaixiaodian.com", credentials)
    }
}

pub(crate) fn caller() -> Caller {
    Caller { account: account(credentials()), now: Millis(1_795_300_000_000) }
}

fn window() -> Window {
    Window { from: Millis(1_795_249_000_000), to: Millis(1_795_299_000_000) }
}

fn document(order: &Value) -> Document {
    kit::document("order", order.to_string())
}

fn facts(order: &Value) -> OrderFacts {
    kit::facts(&Kuaishou, &document(order))
}

pub(crate) fn paid() -> Value {
    serde_json::from_str(PAID).unwrap()
}

fn vary(vary: Vary<'_>) -> Document {
    let mut order = paid();
    let base = &mut order["orderBaseInfo"];
    match vary {
        Vary::Id(id) => base["oid"] = id.parse::<u64>().unwrap().into(),
        Vary::Total(total) => {
            base["totalFee"] = total.replace('.', "").parse::<u64>().unwrap().into();
            base["discountFee"] = 0.into();
            base["expressFee"] = 0.into();
        }
        Vary::State(state) => base["status"] = state.into(),
        Vary::UpdatedAt(at) => base["updateTime"] = at.0.into(),
    }
    document(&order)
}

/// A parcel of these lines: which, how many, and whether that is all of it.
pub(crate) fn shipment(ext_id: &str, lines: &[(&str, u32, bool)], completes: bool) -> Shipment {
    let line = |&(id, qty, whole): &(&str, u32, bool)| ShipmentLine { whole, ..kit::line(id, qty) };
    let lines = lines.iter().map(line).collect();
    Shipment { lines, completes, ..kit::shipment(ext_id, ("sf", "顺丰速运"), "SF7444400043266") }
}

#[test]
fn it_keeps_the_contract_of_a_channel() {
    let samples =
        [("paid", PAID), ("part-shipped-with-refund", PART), ("risk-presale", RISK), ("closed-refunded", CLOSED)];
    let listed = (0..LISTED).map(|n| listed_id(n).to_string()).collect();
    let fixtures = Fixtures {
        caller: caller(),
        samples: &kit::samples("order", samples),
        personal: &[
            "王**",
            "138****8000",
            "文**路",
            "KsN1aQ",
            "Ks8vM0c4Q2Y",
            "KsAdr9fHk2L0mQ",
            "王小明",
            "13800138000",
        ],
        vary: &vary,
        // Nothing is signed: `push.rs` holds the pushes to what the platform's scheme can prove.
        hooks: None,
        platform: Some(Platform {
            fresh: &fresh(|| Ks::new(&[PAID]), Ks::answer),
            window: window(),
            listed,
            known: OID,
            missing: "192230000000000999",
            shipment: Some(shipment(OID, &[(OID, 2, true)], true)),
            levels: vec![level("1", "11", 5), level("2", "21", 9), level("1", "12", 0), level("3", "", 2)],
        }),
    };
    check(&Kuaishou, &fixtures);
}

fn page(ks: &mut Ks, cursor: Option<&str>) -> huidan_channel::Page {
    drive(&caller(), |call| Kuaishou.list(call, window(), cursor), |request| ks.answer(request)).unwrap()
}

#[test]
fn what_changes_while_the_list_is_read_is_met_again() {
    let mut ks = Ks::new(&[]);
    let first = page(&mut ks, None);
    let begin = &ks.called[0].1;
    assert_eq!(
        (&begin["beginTime"], &begin["endTime"]),
        (&json!(1_795_249_000_000_i64), &json!(1_795_299_000_000_i64))
    );
    assert_eq!((&begin["cursor"], &begin["pageSize"]), (&json!(""), &json!(50)));
    // One that was read already and one that was not both change now.
    for n in [3, 55] {
        ks.changes.retain(|(_, id)| *id != listed_id(n));
        ks.changes.push((1_795_298_000_000 + i64::try_from(n).unwrap(), listed_id(n)));
    }
    let mut seen: Vec<String> = first.orders.iter().map(|order| order.ext_id.clone()).collect();
    let mut cursor = first.next;
    while let Some(at) = cursor {
        let next = page(&mut ks, Some(&at));
        seen.extend(next.orders.iter().map(|order| order.ext_id.clone()));
        cursor = next.next;
    }
    let times = |n| seen.iter().filter(|id| **id == listed_id(n).to_string()).count();
    assert_eq!((times(3), times(55), seen.len()), (2, 1, LISTED + 1));
}

#[test]
fn a_list_that_ends_is_told_from_one_that_stops() {
    let ask = |body: Value, cursor: &str| {
        let answer = reply(200, body.to_string());
        drive(&caller(), |call| Kuaishou.list(call, window(), Some(cursor)), |_| answer.clone())
    };
    let empty = json!({"result": 1, "data": {"cursor": "nomore", "orderList": null}});
    assert_eq!(ask(empty, "").unwrap(), huidan_channel::Page::default());
    assert!(ask(json!({"result": 1, "data": {"cursor": "", "orderList": []}}), "").unwrap().next.is_none());
    for (cursor, next) in [("", ""), ("1_2", "1_2")] {
        let stuck = ask(json!({"result": 1, "data": {"cursor": next, "orderList": [paid()]}}), cursor);
        assert!(matches!(stuck, Err(CallError::Transient { .. })), "{stuck:?}");
    }
    let silent = ask(json!({"result": 1, "data": {"orderList": []}}), "");
    assert!(matches!(silent, Err(CallError::Transient { .. })), "an end is said in words: {silent:?}");
}

#[test]
fn of_an_order_with_gifts_the_list_gives_the_number_alone() {
    let gifts: Value = serde_json::from_str(PART).unwrap();
    let body = json!({"result": 1, "data": {"cursor": "nomore", "orderList": [paid(), gifts]}}).to_string();
    let page = drive(&caller(), |call| Kuaishou.list(call, window(), None), |_| reply(200, body.clone())).unwrap();
    let whole: Vec<bool> = page.orders.iter().map(|order| order.document.is_some()).collect();
    assert_eq!(whole, [true, false]);
    assert_eq!(page.orders[0].updated_at, Some(1_795_248_006_123));
}

#[test]
fn a_window_longer_than_a_week_is_not_asked_for() {
    let window = Window { from: Millis(0), to: Millis(7 * 86_400_000 + 1) };
    let refused = drive(&caller(), |call| Kuaishou.list(call, window, None), |_| panic!("nothing is sent"));
    assert!(matches!(refused, Err(CallError::Rejected { code, .. }) if code == "window_too_long"));
}

#[test]
fn an_id_that_is_no_number_is_nobodys() {
    let none = drive(&caller(), |call| Kuaishou.fetch(call, "KS-1"), |_| panic!("nothing is sent"));
    assert_eq!(none, Ok(None));
}

#[test]
fn the_shop_chooses_how_calls_are_signed() {
    for (how, named) in [("MD5", "MD5"), ("HMAC_SHA256", "HMAC_SHA256"), ("", "HMAC_SHA256")] {
        let mut values = credentials();
        values.insert("sign_method".into(), how.into());
        let caller = Caller { account: account(values), ..caller() };
        let mut ks = Ks::new(&[PAID]);
        let got = drive(
            &caller,
            |call| Kuaishou.fetch(call, OID),
            |request| {
                assert_eq!(pairs::from_form(request.body(), "signMethod").unwrap(), named);
                ks.answer(request)
            },
        );
        assert!(got.unwrap().is_some());
    }
}

#[test]
fn a_credential_that_is_missing_is_named_and_nothing_is_sent() {
    for field in ["app_key", "sign_secret", "access_token"] {
        let mut values = credentials();
        values.remove(field);
        let caller = Caller { account: account(values), ..caller() };
        let refused = drive(&caller, |call| Kuaishou.fetch(call, OID), |_| panic!("nothing is sent"));
        assert!(matches!(refused, Err(CallError::Credentials { field: named, .. }) if named == field));
    }
}

fn with(change: impl Fn(&mut Value)) -> OrderFacts {
    let mut order = paid();
    change(&mut order);
    facts(&order)
}

#[test]
fn every_status_means_what_the_platform_says() {
    for (status, pay, state) in [
        (10, PayState::DepositPaid, Ok(ChannelState::Open)),
        (30, PayState::Paid, Ok(ChannelState::Open)),
        (40, PayState::Paid, Ok(ChannelState::Shipped)),
        (50, PayState::Paid, Ok(ChannelState::Shipped)),
        (70, PayState::Paid, Ok(ChannelState::Completed)),
        (80, PayState::Refunded, Ok(ChannelState::Cancelled)),
        (0, PayState::Paid, Err("0".to_owned())),
    ] {
        let facts = with(|order| order["orderBaseInfo"]["status"] = status.into());
        assert_eq!((facts.pay, facts.state), (pay, state), "{status}");
    }
    for (status, pay) in [(10, PayState::Unpaid), (80, PayState::Unpaid), (0, PayState::Unpaid), (30, PayState::Paid)] {
        let facts = with(|order| {
            order["orderBaseInfo"]["status"] = status.into();
            order["orderBaseInfo"]["payTime"] = 0.into();
        });
        assert_eq!(facts.pay, pay, "{status} without a time of payment");
    }
}

#[test]
fn every_refund_status_means_what_the_platform_says() {
    for (status, way, special, state, stops) in [
        (10, 10, 0, RefundState::Requested, true),
        (11, 1, 0, RefundState::Requested, true),
        (12, 10, 0, RefundState::Refused, false),
        (20, 10, 0, RefundState::Requested, true),
        (30, 1, 0, RefundState::Agreed, true),
        (40, 1, 0, RefundState::ReturnInTransit, true),
        (45, 3, 0, RefundState::Received, true),
        (50, 10, 0, RefundState::Agreed, true),
        (60, 10, 0, RefundState::Refunded, true),
        (60, 3, 0, RefundState::None, false),
        (60, 10, 1, RefundState::None, false),
        (70, 10, 0, RefundState::None, false),
        (99, 10, 0, RefundState::Requested, true),
    ] {
        let facts = with(|order| {
            order["orderRefundList"] =
                json!([{"refundId": 1, "refundStatus": status, "handlingWay": way, "specialRefundType": special}]);
        });
        let line = &facts.lines[0];
        assert_eq!((line.refund, line.refund.stops_shipping()), (state, stops), "{status} {way} {special}");
        assert_eq!(facts.must_wait.as_deref(), (status == 99).then_some("refundStatus 99"), "an unknown word is kept");
        let back = state == RefundState::Refunded;
        assert_eq!(facts.pay, if back { PayState::Refunded } else { PayState::Paid });
        assert_eq!(line.refunded_qty, if back { 2 } else { 0 });
    }
}

#[test]
fn one_open_after_sale_among_several_stops_the_goods() {
    for order in [[10, 70], [70, 10]] {
        let facts = with(|document| {
            document["orderRefundList"] =
                order.map(|status| json!({"refundId": 1, "refundStatus": status, "handlingWay": 10})).into();
        });
        assert_eq!(facts.lines[0].refund, RefundState::Requested, "{order:?}");
    }
}

#[test]
fn what_the_platform_will_not_have_shipped_waits() {
    for (field, value, why) in [
        ("riskCode", json!(10001), Some("riskCode 10001")),
        ("riskCode", json!("10001"), Some("riskCode 10001")),
        ("riskCode", json!("0"), None),
        ("riskCode", json!(""), None),
        ("disableDeliveryReasonCode", json!([1, 3]), Some("disableDeliveryReasonCode 1,3")),
        ("disableDeliveryReasonCode", json!(["locked"]), Some("disableDeliveryReasonCode locked")),
        ("disableDeliveryReasonCode", json!([]), None),
    ] {
        let facts = with(|order| order["orderBaseInfo"][field] = value.clone());
        assert_eq!(facts.must_wait.as_deref(), why, "{field} {value}");
    }
}

#[test]
fn a_number_shown_before_the_goods_left_is_no_shipment() {
    let shown = |status: i64| {
        with(|order| {
            order["orderBaseInfo"]["status"] = status.into();
            order["orderLogisticsInfo"] = json!([{"logisticsId": 1, "expressNo": "SF7444400043266", "expressCode": 4}]);
        })
        .waybills
    };
    assert!(shown(30).is_empty());
    assert_eq!(shown(40), ["SF7444400043266"]);
}

#[test]
fn what_was_sent_back_and_paid_back_had_left_the_house() {
    for (sent, refunded, waybills) in [(0, 2, 0), (1_795_262_400_000_i64, 0, 1)] {
        let facts = with(|order| {
            order["orderBaseInfo"]["status"] = 80.into();
            order["orderBaseInfo"]["sendTime"] = sent.into();
            order["orderLogisticsInfo"] = json!([{"logisticsId": 1, "expressNo": "SF7444400043266", "expressCode": 4}]);
        });
        assert_eq!((facts.lines[0].refunded_qty, facts.waybills.len()), (refunded, waybills), "{sent}");
        assert_eq!(facts.lines[0].refund, RefundState::Refunded);
    }
}

#[test]
fn gifts_and_virtual_goods_are_told_apart() {
    let kinds = |facts: OrderFacts| facts.lines.iter().map(|line| line.kind).collect::<Vec<_>>();
    assert_eq!(kinds(facts(&serde_json::from_str(PART).unwrap())), [LineKind::Sale, LineKind::Gift]);
    assert_eq!(kinds(with(|order| order["orderBaseInfo"]["coType"] = 2.into())), [LineKind::Virtual]);
}

#[test]
fn a_receiver_is_carried_as_the_platform_sealed_it() {
    let receiver = facts(&paid()).receiver;
    assert_eq!(receiver.name, "#KsN1aQ==#2Rt9bXlZ0w==1#");
    assert_eq!(receiver.phone, "$Ks8vM0c4Q2Y=$7pTzWq3eYg==1$");
    assert_eq!(receiver.street, "~KsAdr9fHk2L0mQ==~Zx81nB6uVt==1~", "nothing is put before it");
    assert_eq!(receiver.token.as_deref(), Some(OID));
    let masked = with(|order| order["orderAddress"]["encryptedMobile"] = "".into()).receiver;
    assert_eq!((masked.phone.as_str(), masked.token), ("138****8000", None), "a mask is nothing to book with");
}

#[test]
fn the_total_is_goods_less_discount_and_freight() {
    assert_eq!(facts(&paid()).total.minor(), Ok(20_800 - 1_500 + 707));
    let free = with(|order| order["orderBaseInfo"]["discountFee"] = 90_000.into());
    assert_eq!(free.total.minor(), Ok(0), "never less than nothing");
}
