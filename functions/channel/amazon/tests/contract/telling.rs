//! Telling shipments and stock.

use crate::fake::{Gateway, body, error};
use crate::{CUP, ID, TEA, UNSHIPPED, caller, level, shipment, whole};
use bytes::Bytes;
use channel_amazon::Amazon;
use huidan_channel::{Channel, Confirmed, Shipment, StockOutcome};
use huidan_exchange::{CallError, Reply, Request};
use huidan_testkit::{drive, rejected, reply};
use serde_json::Value;

fn confirm(gateway: &mut Gateway, shipment: &Shipment) -> Result<Confirmed, CallError> {
    drive(&caller(), |call| Amazon.confirm(call, shipment), |request| gateway.answer(request))
}

fn numbers(gateway: &Gateway) -> Vec<&str> {
    let parcels = gateway.orders[ID]["packages"].as_array().unwrap();
    parcels.iter().map(|parcel| parcel["trackingNumber"].as_str().unwrap()).collect()
}

#[test]
fn parcels_of_one_order_are_told_with_their_items() {
    let mut gateway = Gateway::new(&[UNSHIPPED]);
    let first = shipment(&[(TEA, 2)], false);
    assert_eq!(confirm(&mut gateway, &first), Ok(Confirmed::Told));
    let second = Shipment {
        waybill: "SF7444400043275".into(),
        parcel: "01JD9Z6W7Y8X9A0B1C2D3E4F5H".into(),
        ..shipment(&[(TEA, 1), (CUP, 1)], true)
    };
    assert_eq!(confirm(&mut gateway, &second), Ok(Confirmed::Told));
    assert_eq!(numbers(&gateway), ["SF7444400043266", "SF7444400043275"]);
    assert_eq!(gateway.orders[ID]["order"]["OrderStatus"], "Shipped");
    for parcel in [&first, &second] {
        assert_eq!(confirm(&mut gateway, parcel), Ok(Confirmed::AlreadyThere));
    }
    let third = Shipment { waybill: "SF1".into(), parcel: "p3".into(), ..shipment(&[(CUP, 1)], true) };
    assert_eq!(rejected(&confirm(&mut gateway, &third)), Some("already_shipped_elsewhere"));
}

#[test]
fn a_number_may_take_the_place_of_another() {
    let mut gateway = Gateway::new(&[UNSHIPPED]);
    confirm(&mut gateway, &whole()).unwrap();
    let changed = Shipment {
        waybill: "YT8800000000001".into(),
        carrier: "yto".into(),
        parcel: "another".into(),
        replaces: Some("SF7444400043266".into()),
        ..whole()
    };
    assert_eq!(confirm(&mut gateway, &changed), Ok(Confirmed::Told));
    assert_eq!(numbers(&gateway), ["YT8800000000001"], "under the reference that the parcel has there");
    assert_eq!(confirm(&mut gateway, &changed), Ok(Confirmed::AlreadyThere));
    let silent = Shipment { waybill: "SF9".into(), ..whole() };
    assert_eq!(
        rejected(&confirm(&mut gateway, &silent)),
        Some("already_shipped_elsewhere"),
        "nothing says that it changed"
    );
}

#[test]
fn an_order_that_ended_is_not_told_and_says_so() {
    let mut gateway = Gateway::new(&[&UNSHIPPED.replace("\"Unshipped\"", "\"Canceled\"")]);
    assert_eq!(rejected(&confirm(&mut gateway, &whole())), Some("order_closed"));
    assert_eq!(gateway.called.len(), 1, "nothing is told");
}

#[test]
fn where_parcels_cannot_be_looked_at_the_platform_counts() {
    let mut gateway = Gateway::new(&[UNSHIPPED]);
    gateway.tells_packages = false;
    for _ in 0..2 {
        assert_eq!(confirm(&mut gateway, &whole()), Ok(Confirmed::Told), "a repeat changes nothing");
    }
    assert_eq!(numbers(&gateway), ["SF7444400043266"]);
    let other = Shipment { waybill: "SF9".into(), parcel: "p9".into(), ..whole() };
    assert_eq!(rejected(&confirm(&mut gateway, &other)), Some("already_shipped_elsewhere"));
    let mut half = Gateway::new(&[UNSHIPPED]);
    half.tells_packages = false;
    confirm(&mut half, &shipment(&[(TEA, 3)], false)).unwrap();
    assert_eq!(rejected(&confirm(&mut half, &other)), Some("InvalidInput"), "in the platform's own word");
    gateway.orders.get_mut(ID).unwrap()["order"]["OrderStatus"] = "Canceled".into();
    assert_eq!(rejected(&confirm(&mut gateway, &whole())), Some("order_closed"));
    assert_eq!(rejected(&confirm(&mut Gateway::new(&[]), &whole())), Some("order_missing"));
}

#[test]
fn carriers_go_by_code_by_name_or_as_the_seller_says() {
    for (carrier, mapped, told) in [
        ("sf", None, ["SF Express", "SF Express"]),
        ("yto", None, ["Other", "YTO Express"]),
        ("zto", None, ["Other", "ZTO Express"]),
        ("sto", None, ["Other", "STO Express"]),
        ("yunda", None, ["Other", "Yunda Express"]),
        ("jd", None, ["Other", "JD Logistics"]),
        ("jtexpress", None, ["Other", "J&T Express"]),
        ("ems", None, ["Other", "EMS"]),
        ("deppon", None, ["Other", "Deppon Express"]),
        ("own-numbers", None, ["Other", "顺丰速运"]),
        ("yto", Some("Yun Express"), ["Yun Express", "Yun Express"]),
    ] {
        let mut gateway = Gateway::new(&[UNSHIPPED]);
        let named = Shipment { carrier: carrier.into(), carrier_code: mapped.map(str::to_owned), ..whole() };
        assert_eq!(confirm(&mut gateway, &named), Ok(Confirmed::Told));
        assert_eq!(gateway.orders[ID]["packages"][0]["carrier"], serde_json::json!(told), "{carrier}");
    }
}

#[test]
fn a_shipment_is_told_once() {
    let mut gateway = Gateway::new(&[UNSHIPPED]);
    assert_eq!(confirm(&mut gateway, &whole()), Ok(Confirmed::Told));
    assert_eq!(confirm(&mut gateway, &whole()), Ok(Confirmed::AlreadyThere));
    let other = Shipment { waybill: "OTHER12345678".into(), parcel: "another-parcel".into(), ..whole() };
    assert_eq!(rejected(&confirm(&mut gateway, &other)), Some("already_shipped_elsewhere"));
}

/// Tells with one reply in the place of what the gateway would answer at that step.
fn spoilt(step: usize, by: &dyn Fn(Reply) -> Reply) -> Result<Confirmed, CallError> {
    let (mut gateway, mut at) = (Gateway::new(&[UNSHIPPED]), 0);
    let answer = |request: &Request| {
        let good = gateway.answer(request);
        at += 1;
        if at == step + 1 { by(good) } else { good }
    };
    drive(&caller(), |call| Amazon.confirm(call, &whole()), answer)
}

#[test]
fn a_spoilt_answer_is_never_taken_for_yes() {
    for (status, kind) in
        [(401, "credentials"), (403, "credentials"), (429, "limited"), (503, "transient"), (500, "transient")]
    {
        for step in 0..2 {
            let told = spoilt(step, &|_| reply(status, r#"{"name":"Tricia McMillan"}"#)).unwrap_err();
            assert_eq!(told.kind(), kind, "step {step}, {status}: {told:?}");
            assert!(!told.to_string().contains("Tricia"));
        }
    }
    for body in ["", "<html>502</html>", "null", "{}", "[]", "{\"order\":null}", "{\"errors\":null}"] {
        let told = spoilt(0, &|good| good.map(|_| Bytes::from_static(body.as_bytes())));
        assert!(matches!(told, Err(CallError::Transient { .. })), "{body}: {told:?}");
        let told = spoilt(1, &|_| reply(400, body));
        assert!(matches!(told, Err(CallError::Transient { .. })), "{body}: {told:?}");
    }
    for cut in 0..200 {
        let told = spoilt(0, &|good| good.map(|body| body.slice(..cut.min(body.len() - 1))));
        assert!(told.is_err(), "cut at byte {cut}");
    }
}

#[test]
fn only_the_right_status_is_yes() {
    for status in [200, 201, 202] {
        let mut gateway = Gateway::new(&[UNSHIPPED]);
        let told = drive(
            &caller(),
            |call| Amazon.confirm(call, &whole()),
            |request| if request.method() == "POST" { reply(status, "{}") } else { gateway.answer(request) },
        );
        assert!(matches!(told, Err(CallError::Transient { .. })), "{status}: {told:?}");
    }
}

#[test]
fn the_reference_of_a_parcel_is_the_same_number_every_time() {
    let reference = |parcel: &str| {
        let mut seen = Value::Null;
        let mut gateway = Gateway::new(&[UNSHIPPED]);
        let shipment = Shipment { parcel: parcel.into(), ..whole() };
        let answer = |request: &Request| {
            if request.method() == "POST" {
                seen = body(request)["packageDetail"]["packageReferenceId"].clone();
            }
            gateway.answer(request)
        };
        drive(&caller(), |call| Amazon.confirm(call, &shipment), answer).unwrap();
        seen
    };
    assert_eq!(reference("p1"), reference("p1"));
    assert_ne!(reference("p1"), reference("p2"));
}

#[test]
fn a_sku_is_escaped_and_one_that_is_refused_leaves_the_others_set() {
    let mut gateway = Gateway::new(&[]);
    let levels = [level("TEA-250", 5), level("CUP/1 blue", 0), level("GONE", 3), level("BAD", 3)];
    let set = drive(
        &caller(),
        |call| Amazon.stock(call, &levels),
        |request| match request.uri().path().rsplit('/').next().unwrap() {
            "GONE" => error(404, "NotFound", "SKU not found"),
            "BAD" => reply(
                200,
                r#"{"sku":"BAD","status":"INVALID","submissionId":"s","issues":[{"code":"90220","message":"needed","severity":"ERROR"}]}"#,
            ),
            _ => gateway.answer(request),
        },
    );
    let set = set.unwrap();
    assert_eq!((&set[0], &set[1]), (&StockOutcome::Set, &StockOutcome::Set));
    assert!(matches!(&set[2], StockOutcome::Rejected { code, .. } if code == "NotFound"));
    assert!(matches!(&set[3], StockOutcome::Rejected { code, .. } if code == "90220"));
    let stock: Vec<(&str, u64)> = gateway.stock.iter().map(|(sku, number)| (sku.as_str(), *number)).collect();
    assert_eq!(stock, [("CUP%2F1%20blue", 0), ("TEA-250", 5)]);
}
