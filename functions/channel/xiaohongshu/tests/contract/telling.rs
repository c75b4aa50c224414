//! Telling shipments and stock, and what errors become.

use crate::fake::{Ark, fields, no, yes};
use crate::{LINES, ORDER, PAID, caller, level, shipment};
use channel_xiaohongshu::Xiaohongshu;
use huidan_channel::{Channel, Confirmed, Shipment, StockOutcome};
use huidan_exchange::{CallError, Credentials};
use huidan_testkit::{drive, rejected, reply};
use serde_json::{Value, json};

fn confirm(ark: &mut Ark, shipment: &Shipment) -> Result<Confirmed, CallError> {
    drive(&caller(), |call| Xiaohongshu.confirm(call, shipment), |request| ark.answer(request))
}

#[test]
fn a_whole_order_goes_unsplit() {
    let mut ark = Ark::new(&[PAID]);
    assert_eq!(confirm(&mut ark, &shipment(&LINES, true)), Ok(Confirmed::Told));
    assert_eq!(ark.orders[ORDER]["expressCompanyCode"], "shunfeng");
    assert_eq!(ark.orders[ORDER]["unpack"], false);
    let mut ark = Ark::new(&[PAID]);
    assert_eq!(confirm(&mut ark, &shipment(&LINES[..2], true)), Ok(Confirmed::Told), "the third was refunded, say");
    assert_eq!(ark.orders[ORDER]["unpack"], false);
}

#[test]
fn parcels_of_one_order_are_told_with_their_goods() {
    let mut ark = Ark::new(&[PAID]);
    assert_eq!(confirm(&mut ark, &shipment(&LINES[..1], false)), Ok(Confirmed::Told));
    let second = Shipment { waybill: "SF7444400043275".into(), ..shipment(&LINES[1..], true) };
    assert_eq!(confirm(&mut ark, &second), Ok(Confirmed::Told));
    let parts = &ark.orders[ORDER]["simpleDeliveryOrderList"];
    assert_eq!((&parts[0]["skuIdList"], &parts[1]["skuIdList"]), (&json!(LINES[..1]), &json!(LINES[1..])));
    assert_eq!(confirm(&mut ark, &shipment(&LINES[..1], false)), Ok(Confirmed::AlreadyThere));
    assert_eq!(confirm(&mut ark, &second), Ok(Confirmed::AlreadyThere));
    let other = Shipment { waybill: "SF7444400043284".into(), ..shipment(&LINES[..1], false) };
    assert_eq!(rejected(&confirm(&mut ark, &other)), Some("already_shipped_elsewhere"));
}

#[test]
fn what_somebody_else_told_meanwhile_is_seen_by_reading_back() {
    for (by, expected) in [("SF7444400043266", "told"), ("SF0000000000000", "already_shipped_elsewhere")] {
        let mut ark = Ark::new(&[PAID]);
        let told = drive(
            &caller(),
            |call| Xiaohongshu.confirm(call, &shipment(&LINES, true)),
            |request| {
                if fields(request)["method"] == "order.orderDeliver" {
                    let order = ark.orders.get_mut(ORDER).unwrap();
                    order["expressTrackingNo"] = by.into();
                    order["orderStatus"] = 6.into();
                }
                ark.answer(request)
            },
        );
        match expected {
            "told" => assert_eq!(told, Ok(Confirmed::AlreadyThere)),
            code => assert_eq!(rejected(&told), Some(code)),
        }
        assert_eq!(ark.called, ["order.getOrderDetail", "order.orderDeliver", "order.getOrderDetail"]);
    }
}

#[test]
fn a_number_may_take_the_place_of_another() {
    let change = |lines: &[&str]| Shipment {
        waybill: "YT8800000000001".into(),
        carrier: "yto".into(),
        replaces: Some("SF7444400043266".into()),
        ..shipment(lines, true)
    };
    let mut ark = Ark::new(&[PAID]);
    confirm(&mut ark, &shipment(&LINES, true)).unwrap();
    assert_eq!(confirm(&mut ark, &change(&LINES)), Ok(Confirmed::Told));
    assert_eq!(ark.orders[ORDER]["expressTrackingNo"], "YT8800000000001");
    assert_eq!(ark.orders[ORDER]["expressCompanyCode"], "yuantong");
    assert_eq!(confirm(&mut ark, &change(&LINES)), Ok(Confirmed::AlreadyThere));

    let mut ark = Ark::new(&[PAID]);
    confirm(&mut ark, &shipment(&LINES[..1], false)).unwrap();
    let mut asked = Value::Null;
    let told = drive(
        &caller(),
        |call| Xiaohongshu.confirm(call, &change(&LINES[..1])),
        |request| {
            asked = fields(request);
            ark.answer(request)
        },
    );
    assert_eq!(told, Ok(Confirmed::Told));
    assert_eq!((&asked["oldExpressNo"], &asked["deliveryOrderIndex"]), (&json!("SF7444400043266"), &json!(1)));
}

#[test]
fn pieces_of_a_line_cannot_have_a_second_number() {
    let mut ark = Ark::new(&[PAID]);
    let mut piece = shipment(&LINES[..1], false);
    piece.lines[0].whole = false;
    assert_eq!(confirm(&mut ark, &piece), Ok(Confirmed::Told));
    let other = Shipment { waybill: "SF7444400043275".into(), ..piece };
    assert_eq!(rejected(&confirm(&mut ark, &other)), Some("line_in_one_parcel"));
}

#[test]
fn a_carrier_without_a_code_is_mapped_by_the_seller_or_not_told() {
    let unknown = Shipment { carrier: "own".into(), waybill: "778800000000001".into(), ..shipment(&LINES, true) };
    assert_eq!(rejected(&confirm(&mut Ark::new(&[PAID]), &unknown)), Some("carrier_unmapped"));
    for (carrier, waybill, mapped, seen) in [
        ("own", "778800000000001", Some("annengwuliu"), "annengwuliu"),
        ("sf", "SF7444400043266", Some("FOP"), "FOP"),
        ("own", "YT8800000000001", None, "yuantong"),
        ("zto", "78689455849606", None, "zto"),
        ("sto", "778800000000001", None, "shentong"),
        ("yunda", "778800000000001", None, "yunda"),
        ("jd", "JD0000000000001", None, "jd"),
        ("jtexpress", "JT0000000000001", None, "jtexpress"),
        ("ems", "1234567890123", None, "ems"),
        ("deppon", "DPK0000000001", None, "debangwuliu"),
    ] {
        let mut ark = Ark::new(&[PAID]);
        let (carrier, waybill) = (carrier.into(), waybill.into());
        let carrier_code = mapped.map(str::to_owned);
        let told = Shipment { carrier, waybill, carrier_code, ..shipment(&LINES, true) };
        assert_eq!(confirm(&mut ark, &told), Ok(Confirmed::Told));
        assert_eq!(ark.orders[ORDER]["expressCompanyCode"], seen);
    }
}

#[test]
fn an_order_that_ended_is_not_told_and_says_so() {
    for status in [8, 9] {
        let mut ark = Ark::new(&[PAID]);
        ark.orders.get_mut(ORDER).unwrap()["orderStatus"] = status.into();
        assert_eq!(rejected(&confirm(&mut ark, &shipment(&LINES, true))), Some("order_closed"));
    }
    assert_eq!(rejected(&confirm(&mut Ark::new(&[]), &shipment(&LINES, true))), Some("order_missing"));
    assert_eq!(rejected(&confirm(&mut Ark::new(&[PAID]), &shipment(&["1"], true))), Some("line_missing"));
    let mut checked = Ark::new(&[PAID]);
    checked.orders.get_mut(ORDER).unwrap()["orderStatus"] = 2.into();
    assert_eq!(rejected(&confirm(&mut checked, &shipment(&LINES, true))), Some("-2001"), "the platform's own word");
}

/// What an answer to the sending call becomes when the order, read back, knows nothing of the parcel.
fn answered_with(answer: &Value) -> CallError {
    let mut ark = Ark::new(&[PAID]);
    let told = drive(
        &caller(),
        |call| Xiaohongshu.confirm(call, &shipment(&LINES, true)),
        |request| match fields(request)["method"] == "order.orderDeliver" {
            true => reply(200, answer.to_string()),
            false => ark.answer(request),
        },
    );
    told.unwrap_err()
}

#[test]
fn errors_say_what_to_do_next() {
    for (code, words, kind, field) in [
        (-9013, "触发Method维度的限流", "limited", ""),
        (-1, "请求过于频繁", "limited", ""),
        (401, "unauthorized", "credentials", "access_token"),
        (-2, "accessToken已过期，请重新授权", "credentials", "access_token"),
        (-2, "access_token invalid", "credentials", "access_token"),
        (-3, "签名校验失败", "credentials", "app_secret"),
        (-4, "appId 不存在", "credentials", "app_id"),
        (-4, "应用没有该接口权限", "credentials", "app_id"),
        (-5, "timestamp 超出范围", "transient", ""),
        (-6, "系统繁忙，请稍后重试", "transient", ""),
        (-6, "read timeout", "transient", ""),
        (-9012, "HTTP请求格式错误或不支持", "rejected", ""),
        (-7, "快递单号格式不正确", "rejected", ""),
    ] {
        let error = answered_with(&no(code, words));
        assert_eq!(error.kind(), kind, "{code} {words}: {error:?}");
        match error {
            CallError::Credentials { field: named, .. } => assert_eq!(named, field, "{words}"),
            CallError::Rejected { code: named, .. } => assert_eq!(named, code.to_string()),
            _ => {}
        }
    }
    let said = answered_with(&no(-7, "收件人 13800138000 不存在")).to_string();
    assert!(!said.contains("13800138000"), "{said}");
}

#[test]
fn success_with_a_code_that_says_no_is_none() {
    let answer = json!({"success": true, "error_code": 50_209, "error_msg": "当前商品必须支持七天无理由退货"});
    assert!(matches!(answered_with(&answer), CallError::Rejected { code, .. } if code == "50209"));
}

#[test]
fn a_credential_that_is_missing_is_named_and_nothing_is_sent() {
    for field in ["app_id", "app_secret", "access_token"] {
        let mut caller = caller();
        let set = ["app_id", "app_secret", "access_token"].into_iter().filter(|name| *name != field);
        caller.account.credentials = Credentials::new(set.map(|name| (name.into(), "x".into())).collect());
        let refused = drive(&caller, |call| Xiaohongshu.fetch(call, ORDER), |_| panic!("nothing is sent"));
        assert!(matches!(refused, Err(CallError::Credentials { field: named, .. }) if named == field));
    }
}

#[test]
fn stock_is_set_variant_by_variant_and_one_refusal_leaves_the_others() {
    let mut ark = Ark::new(&[]);
    let levels = [level("v-1", 5), level("v-2", 7), level("", 0)];
    let set = drive(
        &caller(),
        |call| Xiaohongshu.stock(call, &levels),
        |request| match fields(request)["skuId"].as_str().unwrap() {
            "v-2" => reply(200, no(-30, "商品开启了区域库存").to_string()),
            _ => ark.answer(request),
        },
    );
    let set = set.unwrap();
    assert_eq!((&set[0], &set[2]), (&StockOutcome::Set, &StockOutcome::Set));
    assert!(matches!(&set[1], StockOutcome::Rejected { code, .. } if code == "-30"));
    assert_eq!(
        (ark.stock["v-1"], ark.stock["64a1f0c2d3e4b50001a2b3c0"]),
        (5, 0),
        "an item without variants is its own"
    );
}

#[test]
fn another_number_than_the_one_told_is_a_refusal() {
    let kept = yes(&json!({"skuStock": {"available": 3, "total": 9}}));
    let set = drive(&caller(), |call| Xiaohongshu.stock(call, &[level("v-1", 5)]), |_| reply(200, kept.to_string()));
    assert!(matches!(&set.unwrap()[0], StockOutcome::Rejected { code, .. } if code == "another_number"));
}
