//! Telling shipments and stock.

use crate::fake::{Wechat, error};
use crate::{LINES, ORDER, PAID, caller, level, shipment, whole};
use channel_wechat_shop::WechatShop;
use huidan_channel::{Channel, Confirmed, Shipment, StockOutcome};
use huidan_exchange::CallError;
use huidan_testkit::{drive, rejected, reply};
use serde_json::json;

const SEND: &str = "/channels/ec/order/delivery/send";
const GET: &str = "/channels/ec/order/get";

fn confirm(wechat: &mut Wechat, shipment: &Shipment) -> Result<Confirmed, CallError> {
    drive(&caller(), |call| WechatShop.confirm(call, shipment), |request| wechat.answer(request))
}

#[test]
fn a_parcel_is_told_with_its_goods_two_lines_of_one_variant_as_one() {
    let mut wechat = Wechat::new(&[PAID]);
    assert_eq!(confirm(&mut wechat, &whole()), Ok(Confirmed::Told));
    assert_eq!(
        wechat.asked[SEND],
        json!({"order_id": ORDER, "delivery_list": [{
            "delivery_id": "SF", "waybill_id": "SF7444400043266", "deliver_type": 1,
            "product_infos": [
                {"product_id": "10000200857718", "sku_id": "3095702974", "product_cnt": 2},
                {"product_id": "10000200857719", "sku_id": "3095702975", "product_cnt": 2},
            ],
        }]})
    );
}

#[test]
fn parcels_of_one_order_are_told_one_by_one() {
    let mut wechat = Wechat::new(&[PAID]);
    let first = shipment(&[(LINES[0], 1), (LINES[1], 1)], false);
    let second = Shipment { waybill: "SF7444400043275".into(), ..shipment(&[(LINES[1], 1), (LINES[2], 1)], true) };
    for parcel in [&first, &second] {
        assert_eq!(confirm(&mut wechat, parcel), Ok(Confirmed::Told));
    }
    for parcel in [&first, &second] {
        assert_eq!(confirm(&mut wechat, parcel), Ok(Confirmed::AlreadyThere));
    }
    let other = Shipment { waybill: "SF7444400043284".into(), ..first };
    assert_eq!(rejected(&confirm(&mut wechat, &other)), Some("already_shipped_elsewhere"));
    assert_eq!(wechat.called.iter().filter(|path| *path == SEND).count(), 2, "what is there is not told again");
}

#[test]
fn a_number_may_take_the_place_of_another() {
    let mut wechat = Wechat::new(&[PAID]);
    confirm(&mut wechat, &whole()).unwrap();
    let changed = Shipment {
        waybill: "YT8800000000001".into(),
        carrier: "yto".into(),
        replaces: Some("SF7444400043266".into()),
        ..whole()
    };
    assert_eq!(confirm(&mut wechat, &changed), Ok(Confirmed::Told));
    let change = &wechat.asked["/channels/ec/order/deliveryinfo/update"]["change_infos"][0];
    assert_eq!((&change["old"]["delivery_id"], &change["new"]["delivery_id"]), (&json!("SF"), &json!("YTO")));
    assert_eq!(confirm(&mut wechat, &changed), Ok(Confirmed::AlreadyThere));
}

#[test]
fn a_refusal_is_read_back_before_it_is_believed() {
    let mut wechat = Wechat::new(&[PAID]);
    // The parcel got there, and the answer says that it could not be done: somebody was faster.
    let told = drive(
        &caller(),
        |call| WechatShop.confirm(call, &whole()),
        |request| {
            let answer = wechat.answer(request);
            if request.uri().path() == SEND {
                reply(200, error(101_100, "订单状态错误").to_string())
            } else {
                answer
            }
        },
    );
    assert_eq!(told, Ok(Confirmed::AlreadyThere));
    assert_eq!(wechat.called, [GET, SEND, GET]);
}

/// What a refusal of the sending call becomes when the order, read back, knows nothing of the parcel.
fn refused_with(code: i64) -> CallError {
    let mut wechat = Wechat::new(&[PAID]);
    let told = drive(
        &caller(),
        |call| WechatShop.confirm(call, &whole()),
        |request| match request.uri().path() {
            SEND => reply(200, error(code, "收件人 13800138000 的订单").to_string()),
            _ => wechat.answer(request),
        },
    );
    told.unwrap_err()
}

#[test]
fn refusals_say_what_a_person_can_do() {
    for (code, kind, named) in [
        (101_100, "rejected", "101100"),
        (606_004, "rejected", "606004"),
        (606_005, "rejected", "606005"),
        (606_031, "rejected", "606031"),
        (606_034, "rejected", "ships_through_another"),
        (606_041, "rejected", "no_more_changes"),
        (48_001, "credentials", "appid"),
        (45_009, "limited", ""),
        (100_003, "transient", ""),
        (-1, "transient", ""),
    ] {
        let error = refused_with(code);
        assert_eq!(error.kind(), kind, "{code}: {error:?}");
        match &error {
            CallError::Rejected { code, .. } => assert_eq!(code, named),
            CallError::Credentials { field, .. } => assert_eq!(field, named),
            _ => {}
        }
        assert!(!error.to_string().contains("13800138000"), "{error}");
    }
}

#[test]
fn an_order_that_ended_or_is_not_there_is_not_told() {
    for status in [190, 200, 250] {
        let mut wechat = Wechat::new(&[&PAID.replacen("\"status\": 20", &format!("\"status\": {status}"), 1)]);
        assert_eq!(rejected(&confirm(&mut wechat, &whole())), Some("order_closed"));
        assert_eq!(wechat.called, [GET]);
    }
    assert_eq!(rejected(&confirm(&mut Wechat::new(&[]), &whole())), Some("order_missing"));
    let stranger = shipment(&[("3705115058471208929_009", 1)], true);
    assert_eq!(rejected(&confirm(&mut Wechat::new(&[PAID]), &stranger)), Some("line_missing"));
}

#[test]
fn our_carriers_have_wechats_codes_and_others_are_mapped_by_the_seller() {
    for (carrier, code) in [
        ("sf", "SF"),
        ("yto", "YTO"),
        ("zto", "ZTO"),
        ("sto", "STO"),
        ("yunda", "YUNDA"),
        ("jd", "JD"),
        ("jtexpress", "JTSD"),
        ("ems", "EMS"),
        ("deppon", "DBKD"),
    ] {
        let mut wechat = Wechat::new(&[PAID]);
        confirm(&mut wechat, &Shipment { carrier: carrier.into(), ..whole() }).unwrap();
        assert_eq!(wechat.asked[SEND]["delivery_list"][0]["delivery_id"], code);
    }
    let unknown = Shipment { carrier: "own-van".into(), ..whole() };
    let mut wechat = Wechat::new(&[PAID]);
    assert_eq!(rejected(&confirm(&mut wechat, &unknown)), Some("carrier_unmapped"));
    let mapped = Shipment { carrier_code: Some("OTHER".into()), ..unknown };
    assert_eq!(confirm(&mut wechat, &mapped), Ok(Confirmed::Told));
    assert_eq!(wechat.asked[SEND]["delivery_list"][0]["delivery_id"], "OTHER");
}

#[test]
fn a_variant_that_wechat_refuses_leaves_the_others_set() {
    let mut wechat = Wechat::new(&[]);
    let levels = [level("1", 5), level("2", 6), level("3", 0)];
    let set = drive(
        &caller(),
        |call| WechatShop.stock(call, &levels),
        |request| {
            let body = String::from_utf8_lossy(request.body()).into_owned();
            if body.contains(r#""sku_id":"2""#) {
                return reply(200, error(10_020_217, "当前商品状态不允许直接更新库存").to_string());
            }
            wechat.answer(request)
        },
    );
    let set = set.unwrap();
    assert!(matches!(&set[1], StockOutcome::Rejected { code, .. } if code == "10020217"));
    assert_eq!((&set[0], &set[2]), (&StockOutcome::Set, &StockOutcome::Set));
    assert_eq!(wechat.stock.into_iter().collect::<Vec<_>>(), [("1".to_owned(), 5), ("3".to_owned(), 0)]);
    let often = drive(
        &caller(),
        |call| WechatShop.stock(call, &levels),
        |_| reply(200, error(10_020_112, "更新该sku库存频率超限").to_string()),
    );
    assert_eq!(often, Err(CallError::Limited { after_s: Some(60) }));
}
