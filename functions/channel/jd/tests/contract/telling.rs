//! Telling shipments and stock, and what errors become.

use crate::fake::{Jos, business, error, form, text};
use crate::{ID, LINES, PAID, caller, levels, shipment};
use channel_jd::Jd;
use huidan_channel::{Channel, Confirmed, Shipment, StockOutcome};
use huidan_exchange::{CallError, Credentials};
use huidan_testkit::{drive, rejected, reply};

const SHIP: &str = "jingdong.pop.order.shipment";
const GET: &str = "jingdong.pop.order.enGet";
const CHANGE: &str = "jingdong.order.sop.waybill.update";

fn confirm(jos: &mut Jos, shipment: &Shipment) -> Result<Confirmed, CallError> {
    drive(&caller(), |call| Jd.confirm(call, shipment), |request| jos.answer(request))
}

fn told(jos: &Jos) -> (String, String) {
    (text(&jos.orders[ID]["logisticsId"]), text(&jos.orders[ID]["waybill"]))
}

#[test]
fn further_parcels_join_the_first_ones_number() {
    let mut jos = Jos::new(&[PAID]);
    assert_eq!(confirm(&mut jos, &shipment(&LINES[..1], false)), Ok(Confirmed::Told));
    assert_eq!(jos.called, [SHIP], "the first parcel is one call");
    let second = Shipment { waybill: "SF7444400043275".into(), ..shipment(&LINES[1..2], false) };
    assert_eq!(confirm(&mut jos, &second), Ok(Confirmed::Told));
    assert_eq!(jos.called, [SHIP, SHIP, GET, CHANGE]);
    let third = Shipment { waybill: "75300000000001".into(), carrier: "zto".into(), ..shipment(&LINES[2..], true) };
    assert_eq!(confirm(&mut jos, &third), Ok(Confirmed::Told));
    assert_eq!(told(&jos), ("467|1499".into(), "SF7444400043266,SF7444400043275|75300000000001".into()));
    for parcel in [&second, &third] {
        assert_eq!(confirm(&mut jos, parcel), Ok(Confirmed::AlreadyThere));
    }
    let whole = Shipment { waybill: "SF7444400043284".into(), ..shipment(&LINES, true) };
    assert_eq!(rejected(&confirm(&mut jos, &whole)), Some("already_shipped_elsewhere"), "the whole order left already");
}

#[test]
fn a_number_may_take_the_place_of_another() {
    let mut jos = Jos::new(&[PAID]);
    confirm(&mut jos, &shipment(&LINES, true)).unwrap();
    let changed = Shipment {
        waybill: "YT8800000000001".into(),
        carrier: "yto".into(),
        replaces: Some("SF7444400043266".into()),
        ..shipment(&LINES, true)
    };
    assert_eq!(confirm(&mut jos, &changed), Ok(Confirmed::Told));
    assert_eq!(told(&jos), ("463".into(), "YT8800000000001".into()));
    assert_eq!(confirm(&mut jos, &changed), Ok(Confirmed::AlreadyThere));
    let unknown = Shipment { replaces: Some("SF0".into()), waybill: "SF1".into(), ..shipment(&LINES, true) };
    assert_eq!(
        rejected(&confirm(&mut jos, &unknown)),
        Some("already_shipped_elsewhere"),
        "what it replaces is not there"
    );
    let mut open = Jos::new(&[PAID]);
    assert_eq!(confirm(&mut open, &changed), Ok(Confirmed::Told), "nothing was told before: it is told now");
    assert_eq!(open.called, [GET, SHIP]);
}

#[test]
fn a_change_that_is_refused_in_an_accepted_answer_is_refused() {
    let mut jos = Jos::new(&[PAID]);
    confirm(&mut jos, &shipment(&LINES[..1], false)).unwrap();
    let second = Shipment { waybill: "SF7444400043275".into(), ..shipment(&LINES[1..], true) };
    let refused = drive(
        &caller(),
        |call| Jd.confirm(call, &second),
        |request| match form(request, "method") == CHANGE {
            true => reply(
                200,
                r#"{"jingdong_order_sop_waybill_update_responce":{"code":"0","success":false,"errorCode":"10400014"}}"#,
            ),
            false => jos.answer(request),
        },
    );
    assert_eq!(rejected(&refused), Some("jd-10400014"));
}

#[test]
fn a_carrier_without_a_number_is_mapped_by_the_seller_or_not_told() {
    for (carrier, id) in [
        ("sf", "467"),
        ("zto", "1499"),
        ("yto", "463"),
        ("sto", "470"),
        ("yunda", "1327"),
        ("ems", "465"),
        ("deppon", "3046"),
        ("jd", "2087"),
    ] {
        let mut jos = Jos::new(&[PAID]);
        confirm(&mut jos, &Shipment { carrier: carrier.into(), ..shipment(&LINES, true) }).unwrap();
        assert_eq!(told(&jos).0, id, "{carrier}");
    }
    let mut jos = Jos::new(&[PAID]);
    let unknown = Shipment { carrier: "jtexpress".into(), ..shipment(&LINES, true) };
    assert_eq!(rejected(&confirm(&mut jos, &unknown)), Some("carrier_unmapped"));
    let mapped = Shipment { carrier_code: Some("773574".into()), ..unknown };
    assert_eq!(confirm(&mut jos, &mapped), Ok(Confirmed::Told));
    assert_eq!(told(&jos).0, "773574");
}

#[test]
fn an_order_that_must_not_leave_is_not_told_and_says_so() {
    for (status, code) in
        [("TRADE_CANCELED", "order_closed"), ("PARENT_TRADE_CANCELED", "order_closed"), ("LOCKED", "order_locked")]
    {
        let mut jos = Jos::new(&[&PAID.replace("WAIT_SELLER_STOCK_OUT", status)]);
        assert_eq!(rejected(&confirm(&mut jos, &shipment(&LINES, true))), Some(code), "{status}");
    }
    assert_eq!(rejected(&confirm(&mut Jos::new(&[]), &shipment(&LINES, true))), Some("order_missing"));
}

/// What a refusal of the shipping call becomes when the order, read back, knows nothing of the parcel.
fn refused_with(code: &str, words: &str) -> CallError {
    let mut jos = Jos::new(&[PAID]);
    let told = drive(
        &caller(),
        |call| Jd.confirm(call, &shipment(&LINES, true)),
        |request| if form(request, "method") == SHIP { reply(200, error(code, words)) } else { jos.answer(request) },
    );
    told.unwrap_err()
}

#[test]
fn errors_say_what_to_do_next() {
    for (code, words, kind) in [
        ("2", "限制时间内调用失败次数", "limited"),
        ("10400123", "接口调用次数超限", "limited"),
        ("22", "超过 API 调用频率，请稍后重试", "limited"),
        ("22", "授权者不是商家", "credentials"),
        ("8", "非法的时间戳参数", "transient"),
        ("11", "缺少签名参数", "credentials"),
        ("12", "无效签名", "credentials"),
        ("19", "无效access_token", "credentials"),
        ("21", "无效app_key", "credentials"),
        ("73", "请将您的app入住云鼎平台方可调用", "credentials"),
        ("80", "调用的IP不在白名单中", "credentials"),
        ("88", "没有调用该接口权限", "credentials"),
        ("2001", "无权限", "credentials"),
        ("65", "平台连接后端服务超时", "transient"),
        ("66", "平台连接后端服务不可用", "transient"),
        ("67", "未知异常", "transient"),
        ("70", "该订单正在出库中", "transient"),
        ("61", "参数值不合法", "rejected"),
        ("10400014", "当前状态的订单不能修改运单号", "rejected"),
    ] {
        let error = refused_with(code, words);
        assert_eq!(error.kind(), kind, "{code} {words}: {error:?}");
    }
    assert!(matches!(refused_with("19", ""), CallError::Credentials { field, .. } if field == "access_token"));
    assert!(matches!(refused_with("12", ""), CallError::Credentials { field, .. } if field == "app_secret"));
    let said = refused_with("9999", "收件人 13800138000 不存在").to_string();
    assert!(!said.contains("13800138000"), "{said}");
}

#[test]
fn an_error_inside_the_envelope_is_one_too() {
    let refused = drive(
        &caller(),
        |call| Jd.fetch(call, ID),
        |_| reply(200, r#"{"jingdong_pop_order_enGet_responce":{"code":"19","zh_desc":"无效access_token"}}"#),
    );
    assert!(matches!(refused, Err(CallError::Credentials { field, .. }) if field == "access_token"));
}

#[test]
fn a_credential_that_is_missing_is_named_and_nothing_is_sent() {
    for field in ["app_key", "app_secret", "access_token"] {
        let mut caller = caller();
        let set = ["app_key", "app_secret", "access_token"].into_iter().filter(|name| *name != field);
        caller.account.credentials = Credentials::new(set.map(|name| (name.into(), "x".into())).collect());
        let refused = drive(&caller, |call| Jd.fetch(call, ID), |_| panic!("nothing is sent"));
        assert!(matches!(refused, Err(CallError::Credentials { field: named, .. }) if named == field));
    }
}

#[test]
fn a_variant_that_is_refused_leaves_the_others_set() {
    let mut jos = Jos::new(&[]);
    let set = drive(
        &caller(),
        |call| Jd.stock(call, &levels()),
        |request| match text(&business(request)["skuId"]).as_str() {
            "12" => reply(200, r#"{"jingdong_stock_write_updateSkuStock_responce":{"code":"0","success":false}}"#),
            _ => jos.answer(request),
        },
    );
    let set = set.unwrap();
    assert!(matches!(&set[1], StockOutcome::Rejected { .. }));
    assert_eq!((&set[0], &set[2]), (&StockOutcome::Set, &StockOutcome::Set));
    let stock: Vec<(&str, &str)> = jos.stock.iter().map(|(sku, number)| (sku.as_str(), number.as_str())).collect();
    assert_eq!(stock, [("11", "5"), ("3", "9")], "an item without variants is its own");
}

#[test]
fn the_call_that_sets_stock_is_a_setting() {
    let with = |method: &str| {
        let mut caller = caller();
        let values = [("app_key", "1"), ("app_secret", crate::SECRET), ("access_token", "t"), ("stock_method", method)];
        caller.account.credentials = Credentials::new(values.map(|(name, value)| (name.into(), value.into())).into());
        let mut jos = Jos::new(&[]);
        let set = drive(&caller, |call| Jd.stock(call, &levels()), |request| jos.answer(request));
        (set, jos.called)
    };
    let (set, called) = with("jingdong.ware.stock.sku.set");
    assert_eq!((set.unwrap().len(), called[0].as_str()), (3, "jingdong.ware.stock.sku.set"));
    let (refused, called) = with("stock.delete");
    assert!(matches!(refused, Err(CallError::Credentials { field, .. }) if field == "stock_method"));
    assert!(called.is_empty());
}
