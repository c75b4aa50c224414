//! Telling shipments and stock, and what errors become.

use crate::fake::{Ks, error};
use crate::{OID, PAID, PART, caller, level, paid, shipment};
use channel_kuaishou::Kuaishou;
use huidan_channel::{Channel, Confirmed, Shipment, StockOutcome};
use huidan_exchange::{CallError, pairs};
use huidan_testkit::{drive, rejected, reply};
use serde_json::{Value, json};

const MAIN: &str = "9007199254741003";
const GIFT: &str = "9007199254741005";

fn confirm(ks: &mut Ks, shipment: &Shipment) -> Result<Confirmed, CallError> {
    drive(&caller(), |call| Kuaishou.confirm(call, shipment), |request| ks.answer(request))
}

fn with(change: impl Fn(&mut Value)) -> Ks {
    let mut order = paid();
    change(&mut order);
    Ks::new(&[&order.to_string()])
}

fn numbers<'a>(ks: &'a Ks, oid: &str, place: &str) -> Vec<&'a str> {
    let numbers = ks.orders[oid].pointer(place).unwrap().as_array().unwrap();
    numbers.iter().map(|one| one["expressNo"].as_str().unwrap()).collect()
}

#[test]
fn a_whole_order_is_one_call() {
    let mut ks = Ks::new(&[PAID]);
    assert_eq!(confirm(&mut ks, &shipment(OID, &[(OID, 2, true)], true)), Ok(Confirmed::Told));
    assert_eq!(ks.methods(), ["open.seller.order.goods.deliver"]);
    let sent = json!({"orderId": 9_007_199_254_740_995_i64, "expressCode": 4, "expressNo": "SF7444400043266"});
    assert_eq!(ks.called[0].1, sent);
}

#[test]
fn pieces_of_an_order_are_told_one_by_one() {
    let mut ks = Ks::new(&[PAID]);
    let first = shipment(OID, &[(OID, 1, false)], false);
    assert_eq!(confirm(&mut ks, &first), Ok(Confirmed::Told));
    assert_eq!(ks.methods(), ["open.order.detail", "open.order.goods.split.deliver"]);
    assert_eq!(ks.called[1].1["deliveryStatus"][0]["confirmDeliveryStatus"], 10, "some of it");
    let second = Shipment { waybill: "SF7444400043275".into(), ..shipment(OID, &[(OID, 1, false)], true) };
    assert_eq!(confirm(&mut ks, &second), Ok(Confirmed::Told));
    assert_eq!(ks.called[3].1["deliveryStatus"][0]["confirmDeliveryStatus"], 40, "all of it");
    assert_eq!(numbers(&ks, OID, "/orderLogisticsInfo"), ["SF7444400043266", "SF7444400043275"]);
    for again in [&first, &second] {
        assert_eq!(confirm(&mut ks, again), Ok(Confirmed::AlreadyThere));
    }
}

#[test]
fn an_order_that_may_not_be_split_takes_its_other_parcels_behind_the_first() {
    let mut ks = with(|order| order["orderBaseInfo"]["enableSplitDeliveryOrder"] = false.into());
    assert_eq!(confirm(&mut ks, &shipment(OID, &[(OID, 1, false)], false)), Ok(Confirmed::Told));
    let second = Shipment { waybill: "SF7444400043275".into(), ..shipment(OID, &[(OID, 1, false)], true) };
    assert_eq!(confirm(&mut ks, &second), Ok(Confirmed::Told));
    let told: Vec<&str> = ks.methods().into_iter().filter(|method| *method != "open.order.detail").collect();
    assert_eq!(told, ["open.seller.order.goods.deliver", "open.seller.order.goods.logistics.append"]);
    assert_eq!(confirm(&mut ks, &second), Ok(Confirmed::AlreadyThere));
}

#[test]
fn gifts_are_told_with_the_goods_or_alone() {
    let mut ks = Ks::new(&[PART]);
    let rest = Shipment {
        waybill: "YT8800000000001".into(),
        carrier: "yto".into(),
        ..shipment(MAIN, &[(MAIN, 2, false), (GIFT, 1, true)], true)
    };
    assert_eq!(confirm(&mut ks, &rest), Ok(Confirmed::Told));
    let sent = &ks.called[1].1;
    assert_eq!(
        sent["deliveryStatus"],
        json!([
            {"oid": 9_007_199_254_741_003_i64, "confirmDeliveryStatus": 40},
            {"oid": 9_007_199_254_741_005_i64, "confirmDeliveryStatus": 40},
        ])
    );
    assert_eq!(sent["deliveryItemInfoList"][0]["expressCode"], 6);
    assert_eq!(numbers(&ks, MAIN, "/subOrderInfo/0/subOrderLogisticsInfo"), ["YT8800000000001"]);
    assert_eq!(confirm(&mut ks, &rest), Ok(Confirmed::AlreadyThere));
}

#[test]
fn a_number_may_take_the_place_of_another_line_by_line() {
    let mut ks = Ks::new(&[PART]);
    let together = shipment(MAIN, &[(MAIN, 2, false), (GIFT, 1, true)], true);
    let together = Shipment { waybill: "SF7444400043275".into(), ..together };
    confirm(&mut ks, &together).unwrap();
    let changed = Shipment {
        waybill: "YT8800000000001".into(),
        carrier: "yto".into(),
        replaces: Some("SF7444400043275".into()),
        ..together
    };
    assert_eq!(confirm(&mut ks, &changed), Ok(Confirmed::Told));
    let updates = ks.methods().into_iter().filter(|method| *method == "open.seller.order.logistics.update").count();
    assert_eq!(updates, 2, "the goods and the gift have a parcel of their own each");
    assert_eq!(numbers(&ks, MAIN, "/orderLogisticsInfo"), ["SF7444400043266", "YT8800000000001"]);
    assert_eq!(numbers(&ks, MAIN, "/subOrderInfo/0/subOrderLogisticsInfo"), ["YT8800000000001"]);
    assert_eq!(confirm(&mut ks, &changed), Ok(Confirmed::AlreadyThere));
}

#[test]
fn a_change_that_is_slow_to_show_is_tried_again_later() {
    let mut ks = Ks::new(&[PART]);
    let together = shipment(MAIN, &[(MAIN, 2, false), (GIFT, 1, true)], true);
    let together = Shipment { waybill: "SF7444400043275".into(), ..together };
    confirm(&mut ks, &together).unwrap();
    let changed = Shipment { waybill: "SF7444400043284".into(), replaces: Some("SF7444400043275".into()), ..together };
    let told = drive(
        &caller(),
        |call| Kuaishou.confirm(call, &changed),
        |request| match request.uri().path().ends_with("update") {
            true => reply(200, r#"{"result":1}"#),
            false => ks.answer(request),
        },
    );
    assert!(matches!(told, Err(CallError::Transient { .. })), "{told:?}");
    assert_eq!(confirm(&mut ks, &changed), Ok(Confirmed::Told));
}

#[test]
fn a_change_before_anything_was_told_tells_the_new_number() {
    let mut ks = Ks::new(&[PAID]);
    let changed = Shipment { replaces: Some("SF7444400043275".into()), ..shipment(OID, &[(OID, 2, true)], true) };
    assert_eq!(confirm(&mut ks, &changed), Ok(Confirmed::Told));
    assert_eq!(ks.methods(), ["open.order.detail", "open.seller.order.goods.deliver"]);
}

#[test]
fn what_left_under_a_third_number_is_left_to_a_person() {
    let mut ks = Ks::new(&[PAID]);
    confirm(&mut ks, &shipment(OID, &[(OID, 2, true)], true)).unwrap();
    let other = Shipment { waybill: "SF7444400043284".into(), ..shipment(OID, &[(OID, 2, true)], true) };
    assert_eq!(rejected(&confirm(&mut ks, &other)), Some("already_shipped_elsewhere"));
    let changed = Shipment { replaces: Some("SF7444400043275".into()), ..other };
    assert_eq!(rejected(&confirm(&mut ks, &changed)), Some("already_shipped_elsewhere"));
}

#[test]
fn a_number_that_is_only_shown_is_still_told() {
    let mut ks = with(|order| {
        order["orderLogisticsInfo"] = json!([{"logisticsId": 1, "expressNo": "SF7444400043266", "expressCode": 4}]);
    });
    assert_eq!(confirm(&mut ks, &shipment(OID, &[(OID, 1, false)], false)), Ok(Confirmed::Told));
    assert_eq!(ks.methods().last(), Some(&"open.order.goods.split.deliver"));
}

#[test]
fn an_order_that_ended_is_not_told_and_says_so() {
    for (status, named) in [(80, "order_closed"), (10, "order_unpaid")] {
        let mut ks = with(|order| order["orderBaseInfo"]["status"] = status.into());
        assert_eq!(rejected(&confirm(&mut ks, &shipment(OID, &[(OID, 2, true)], true))), Some(named));
    }
    let whole = shipment(OID, &[(OID, 2, true)], true);
    assert_eq!(rejected(&confirm(&mut Ks::new(&[]), &whole)), Some("order_missing"));
    assert_eq!(
        rejected(&confirm(&mut Ks::new(&[PAID]), &shipment(OID, &[("1", 1, true)], true))),
        Some("line_missing")
    );
    let nobody = Shipment { ext_id: "KS-1".into(), ..whole };
    assert_eq!(rejected(&confirm(&mut Ks::new(&[]), &nobody)), Some("order_missing"));
}

#[test]
fn a_carrier_is_told_by_the_platforms_number_of_it() {
    let told = |carrier: &str, code: Option<&str>, number: &str| {
        let mut ks = Ks::new(&[PAID]);
        let shipment = Shipment {
            carrier: carrier.into(),
            carrier_code: code.map(str::to_owned),
            waybill: number.into(),
            ..shipment(OID, &[(OID, 2, true)], true)
        };
        confirm(&mut ks, &shipment).map(|_| ks.called[0].1["expressCode"].as_u64().unwrap())
    };
    for (carrier, number) in [
        ("sf", 4),
        ("yto", 6),
        ("zto", 9),
        ("sto", 3),
        ("yunda", 11),
        ("jd", 14),
        ("jd-logistics", 14),
        ("jtexpress", 109),
        ("ems", 2),
        ("deppon", 53),
    ] {
        assert_eq!(told(carrier, None, "778800000000001"), Ok(number), "{carrier}");
    }
    assert_eq!(told("cainiao", None, "YT8800000000001"), Ok(6), "a number that bears its carrier's letters");
    assert_eq!(told("own-fleet", Some("119"), "778800000000001"), Ok(119));
    for unmapped in [told("own-fleet", None, "778800000000001"), told("sf", Some("SF"), "SF7444400043266")] {
        assert!(matches!(unmapped, Err(CallError::Rejected { code, .. }) if code == "carrier_unmapped"));
    }
}

/// What an answer to the telling call becomes when the order, read back, knows nothing of the parcel.
fn refused_with(answer: &Value) -> CallError {
    let mut ks = Ks::new(&[PAID]);
    let told = drive(
        &caller(),
        |call| Kuaishou.confirm(call, &shipment(OID, &[(OID, 2, true)], true)),
        |request| match pairs::from_form(request.body(), "method").unwrap().ends_with(".deliver") {
            true => reply(200, answer.to_string()),
            false => ks.answer(request),
        },
    );
    told.unwrap_err()
}

#[test]
fn errors_say_what_to_do_next() {
    for (result, words, kind, about) in [
        (802_006, "APP已达到当天调用额度限制，请申请额度", "limited", ""),
        (21_001, "Exceed qps limit, KEY [apiId:open.order.detail;appkey:ks66], MAX_QPS [300.0]", "limited", ""),
        (21_001, "Exceed quota limit, KEY [appkey:ks66;primaryUserId:20009988843]", "limited", ""),
        (1017, "exceed quota limit", "limited", ""),
        (24, "AUTHORIZATION_REVOKED", "credentials", "access_token"),
        (100_200_102, "access_denied", "credentials", "access_token"),
        (28, "鉴权失败", "credentials", "access_token"),
        (28, "TOKEN过期", "credentials", "access_token"),
        (29, "token中无scope权限", "credentials", "scope"),
        (100_200_101, "unauthorized_client", "credentials", "app_key"),
        (30, "验签失败", "credentials", "sign_secret"),
        (31, "timestamp 无效", "transient", ""),
        (100_200_500, "server_error", "transient", ""),
        (32, "系统繁忙，请稍后重试", "transient", ""),
        (11, "运单号和物流公司不匹配", "rejected", "11"),
        (2001, "endTime无效", "rejected", "2001"),
    ] {
        let error = refused_with(&error(result, words));
        assert_eq!(error.kind(), kind, "{words}: {error:?}");
        let named = match &error {
            CallError::Credentials { field, .. } => field.as_str(),
            CallError::Rejected { code, .. } => code.as_str(),
            _ => "",
        };
        assert_eq!(named, about, "{words}");
    }
    let bare = refused_with(&json!({"result": 11, "error_msg": "运单号已被其他商家使用", "requestId": "r"}));
    assert!(matches!(&bare, CallError::Rejected { code, remedy } if code == "11" && remedy.contains("其他商家")));
    let said = refused_with(&error(11, "收件人 13800138000 不存在")).to_string();
    assert!(!said.contains("13800138000"), "{said}");
}

fn stock(ks: &mut Ks, levels: &[huidan_channel::StockLevel]) -> Result<Vec<StockOutcome>, CallError> {
    drive(&caller(), |call| Kuaishou.stock(call, levels), |request| ks.answer(request))
}

#[test]
fn stock_is_told_as_the_difference_to_what_is_there() {
    let mut ks = Ks::new(&[]);
    let levels = [level("1", "11", 5), level("2", "21", 9), level("1", "12", 4), level("3", "3", 0)];
    assert_eq!(stock(&mut ks, &levels), Ok(vec![StockOutcome::Set; 4]));
    let changes: Vec<&Value> =
        ks.called.iter().filter(|(method, _)| method.ends_with("update")).map(|(_, param)| param).collect();
    assert_eq!(
        changes,
        [
            &json!({"kwaiItemId": 1, "skuId": 11, "skuChangeStock": 4, "changeType": 2}),
            &json!({"kwaiItemId": 2, "skuId": 21, "skuChangeStock": 2, "changeType": 1}),
            &json!({"kwaiItemId": 3, "skuId": 31, "skuChangeStock": 2, "changeType": 2}),
        ]
    );
    ks.called.clear();
    assert_eq!(stock(&mut ks, &levels), Ok(vec![StockOutcome::Set; 4]));
    assert_eq!(ks.methods(), ["open.item.get"; 3], "what is right already is left alone");
}

#[test]
fn a_change_whose_answer_was_lost_is_open_and_its_repeat_comes_to_the_same_number() {
    let mut ks = Ks::new(&[]);
    let levels = [level("1", "11", 5)];
    let lost = drive(
        &caller(),
        |call| Kuaishou.stock(call, &levels),
        |request| {
            let told = ks.answer(request);
            match request.uri().path().ends_with("update") {
                true => reply(500, ""),
                false => told,
            }
        },
    );
    assert!(matches!(lost, Err(CallError::Unknown { .. })), "{lost:?}");
    assert_eq!(stock(&mut ks, &levels), Ok(vec![StockOutcome::Set]));
    assert_eq!(ks.stock[&1][&11], 5, "it is not taken away twice");
}

#[test]
fn what_the_platform_does_not_know_leaves_the_others_set() {
    let mut ks = Ks::new(&[]);
    let levels = [level("9", "91", 1), level("1", "19", 1), level("x", "1", 1), level("2", "21", 8)];
    let outcomes = stock(&mut ks, &levels).unwrap();
    let codes: Vec<&str> = outcomes
        .iter()
        .map(|outcome| match outcome {
            StockOutcome::Rejected { code, .. } => code.as_str(),
            _ => "set",
        })
        .collect();
    assert_eq!(codes, ["3001", "variant_missing", "variant_missing", "set"]);
}
