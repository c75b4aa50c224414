//! Telling shipments and stock, and what errors become.

use crate::fake::{Doudian, error};
use crate::{LINES, ORDER, PAID, caller, changed, levels, shipment};
use channel_douyin::Douyin;
use huidan_channel::{Channel, Confirmed, Shipment, StockOutcome};
use huidan_exchange::CallError;
use huidan_testkit::{drive, rejected, reply};
use serde_json::json;

fn confirm(platform: &mut Doudian, shipment: &Shipment) -> Result<Confirmed, CallError> {
    drive(&caller(), |call| Douyin.confirm(call, shipment), |request| platform.answer(request))
}

fn numbers(platform: &Doudian) -> Vec<&str> {
    let packs = platform.orders[ORDER]["logistics_info"].as_array().unwrap();
    packs.iter().map(|pack| pack["tracking_no"].as_str().unwrap()).collect()
}

#[test]
fn an_order_in_one_parcel_is_told_with_a_request_id_that_a_repeat_bears_too() {
    let mut platform = Doudian::new(&[PAID]);
    assert_eq!(confirm(&mut platform, &shipment(&LINES, true)), Ok(Confirmed::Told));
    assert_eq!(platform.called, ["order.orderDetail", "order.logisticsAddSinglePack"]);
    let told = platform.asked[1].clone();
    assert_eq!((&told["order_id_list"], &told["company_code"]), (&json!([ORDER]), &json!("shunfeng")));
    assert_eq!(told["shipped_order_info"][0], json!({"shipped_order_id": ORDER, "shipped_num": 2}));
    assert!(told.get("is_reject_refund").is_none(), "no refund is refused along the way");
    // The answer was lost, and the order does not show the parcel yet.
    let mut again = Doudian::new(&[PAID]);
    confirm(&mut again, &shipment(&LINES, true)).unwrap();
    assert_eq!(again.asked[1]["request_id"], told["request_id"], "another hour, another nonce, the same id");
    let other = Shipment { waybill: "SF7444400043275".into(), ..shipment(&LINES, true) };
    let mut third = Doudian::new(&[PAID]);
    confirm(&mut third, &other).unwrap();
    assert_ne!(third.asked[1]["request_id"], told["request_id"], "another number is another request");
}

#[test]
fn parcels_of_one_order_are_told_with_their_lines_and_pieces() {
    let mut platform = Doudian::new(&[PAID]);
    let mut first = shipment(&[(ORDER, 1)], false);
    first.lines[0].whole = false;
    assert_eq!(confirm(&mut platform, &first), Ok(Confirmed::Told));
    assert_eq!(platform.called[1], "order.logisticsAddMultiPack");
    assert_eq!(platform.asked[1]["pack_list"][0]["logistics_code"], "SF7444400043266");
    assert_eq!(platform.orders[ORDER]["order_status"], 101);
    let rest = [(ORDER, 1), LINES[1], LINES[2]];
    let mut second = Shipment {
        waybill: "YT8800000000001".into(),
        carrier: "yto".into(),
        parcel: "p2".into(),
        ..shipment(&rest, true)
    };
    second.lines[0].whole = false;
    assert_eq!(confirm(&mut platform, &second), Ok(Confirmed::Told));
    assert_eq!(numbers(&platform), ["SF7444400043266", "YT8800000000001"]);
    assert_eq!(confirm(&mut platform, &first), Ok(Confirmed::AlreadyThere));
    let other = Shipment { waybill: "SF7444400043284".into(), parcel: "p3".into(), ..first };
    assert_eq!(rejected(&confirm(&mut platform, &other)), Some("already_shipped_elsewhere"));
}

#[test]
fn what_is_refused_as_shipped_is_read_back_and_speaks_for_itself() {
    for (shown, expected) in [("SF7444400043266", Ok(Confirmed::AlreadyThere)), ("SF0000000000000", Err(()))] {
        // Somebody ships it between our look and our word.
        let mut platform = Doudian::new(&[PAID]);
        let outcome = drive(
            &caller(),
            |call| Douyin.confirm(call, &shipment(&LINES, true)),
            |request| {
                if request.uri().path() != "/order/logisticsAddSinglePack" {
                    return platform.answer(request);
                }
                let order = platform.orders.get_mut(ORDER).unwrap();
                order["order_status"] = json!(3);
                order["logistics_info"] = json!([{"tracking_no": shown, "company": "shunfeng", "delivery_id": "1"}]);
                reply(200, error(50002, "isv.business-failed:60110", "订单已发货，不允许再次执行发货。").to_string())
            },
        );
        match expected {
            Ok(done) => assert_eq!(outcome, Ok(done)),
            Err(()) => assert_eq!(rejected(&outcome), Some("already_shipped_elsewhere")),
        }
    }
}

#[test]
fn a_number_may_take_the_place_of_another_in_its_pack() {
    let mut platform = Doudian::new(&[PAID]);
    confirm(&mut platform, &shipment(&LINES[..1], false)).unwrap();
    let second = Shipment { waybill: "SF7444400043275".into(), parcel: "p2".into(), ..shipment(&LINES[1..], true) };
    confirm(&mut platform, &second).unwrap();
    let changed = Shipment {
        waybill: "YT8800000000001".into(),
        carrier: "yto".into(),
        replaces: Some("SF7444400043275".into()),
        ..second
    };
    assert_eq!(confirm(&mut platform, &changed), Ok(Confirmed::Told));
    assert_eq!(platform.called.last().unwrap(), "order.logisticsEditByPack");
    assert_eq!(numbers(&platform), ["SF7444400043266", "YT8800000000001"], "the other pack keeps its own");
    assert_eq!(confirm(&mut platform, &changed), Ok(Confirmed::AlreadyThere));
}

#[test]
fn an_order_told_as_a_whole_is_changed_as_a_whole() {
    let old = changed(|order| {
        order["order_status"] = json!(3);
        order["logistics_info"] = json!([{"tracking_no": "SF1", "company": "shunfeng"}]);
    });
    let mut platform = Doudian::new(&[&old]);
    let changed = Shipment { replaces: Some("SF1".into()), ..shipment(&LINES, true) };
    assert_eq!(confirm(&mut platform, &changed), Ok(Confirmed::Told));
    assert_eq!(platform.called.last().unwrap(), "order.logisticsEdit");
    assert_eq!(numbers(&platform), ["SF7444400043266"]);
}

#[test]
fn a_refund_that_is_asked_for_is_never_shipped_over() {
    let asked = changed(|order| {
        order["sku_order_list"][1]["after_sale_info"] = json!({"after_sale_status": 6, "after_sale_type": 2});
    });
    let mut platform = Doudian::new(&[&asked]);
    assert_eq!(rejected(&confirm(&mut platform, &shipment(&LINES, true))), Some("isv.business-failed:60040"));
    assert!(numbers(&platform).is_empty(), "all or nothing");
    assert_eq!(confirm(&mut platform, &shipment(&LINES[..1], false)), Ok(Confirmed::Told), "the other lines may go");
}

#[test]
fn an_order_that_ended_is_not_told_and_says_so() {
    for (field, value) in [("order_status", 4), ("main_status", 21)] {
        let mut platform = Doudian::new(&[&changed(|order| order[field] = json!(value))]);
        assert_eq!(rejected(&confirm(&mut platform, &shipment(&LINES, true))), Some("order_closed"));
        assert_eq!(platform.called.len(), 1, "nothing is told");
    }
    assert_eq!(rejected(&confirm(&mut Doudian::new(&[]), &shipment(&LINES, true))), Some("order_missing"));
    assert_eq!(rejected(&confirm(&mut Doudian::new(&[PAID]), &shipment(&[("1", 1)], true))), Some("line_missing"));
}

#[test]
fn a_carrier_without_a_code_is_mapped_by_the_seller_or_not_told() {
    let mut platform = Doudian::new(&[PAID]);
    let unknown = Shipment { carrier: "somebody".into(), waybill: "778800000000001".into(), ..shipment(&LINES, true) };
    assert_eq!(rejected(&confirm(&mut platform, &unknown)), Some("carrier_unmapped"));
    let mapped = Shipment { carrier_code: Some("youzhengguonei".into()), ..unknown };
    assert_eq!(confirm(&mut platform, &mapped), Ok(Confirmed::Told));
    assert_eq!(platform.asked.last().unwrap()["company_code"], "youzhengguonei");
    for (carrier, theirs) in [
        ("sf", "shunfeng"),
        ("yto", "yuantong"),
        ("zto", "zhongtong"),
        ("sto", "shentong"),
        ("yunda", "yunda"),
        ("jd", "jd"),
        ("jd-logistics", "jd"),
        ("jtexpress", "jtexpress"),
        ("ems", "ems"),
        ("deppon", "debangwuliu"),
    ] {
        let mut platform = Doudian::new(&[PAID]);
        let ours = Shipment { carrier: carrier.into(), waybill: "778800000000001".into(), ..shipment(&LINES, true) };
        confirm(&mut platform, &ours).unwrap();
        assert_eq!(platform.asked[1]["company_code"], theirs);
    }
}

/// What a refusal of the sending call becomes when the order, read back, knows nothing of the parcel.
fn refused_with(code: u32, sub_code: &str, sub_msg: &str) -> CallError {
    let mut platform = Doudian::new(&[PAID]);
    let told = drive(
        &caller(),
        |call| Douyin.confirm(call, &shipment(&LINES, true)),
        |request| match request.uri().path() {
            "/order/logisticsAddSinglePack" => reply(200, error(code, sub_code, sub_msg).to_string()),
            _ => platform.answer(request),
        },
    );
    told.unwrap_err()
}

#[test]
fn errors_say_what_to_do_next() {
    for (code, sub_code, kind) in [
        (40003, "isv.access-token-expired", "credentials"),
        (40003, "isv.signature-invalid", "credentials"),
        (30001, "isv.app-permissions-insufficient", "credentials"),
        (30002, "", "credentials"),
        (40003, "isv.timestamp-invalid", "transient"),
        (60000, "", "limited"),
        (20000, "isp.service-error:10005", "transient"),
        (50002, "isv.business-failed:60106", "transient"),
        (50002, "isv.business-failed:60109", "transient"),
        (50002, "isv.business-failed:60018", "rejected"),
        (40004, "isv.parameter-invalid:60017", "rejected"),
        (70000, "isp.api-service-off", "rejected"),
        (99999, "isv.nobody-knows", "transient"),
    ] {
        let error = refused_with(code, sub_code, "见平台说明");
        assert_eq!(error.kind(), kind, "{code} {sub_code}: {error:?}");
    }
    let waits = refused_with(50002, "isv.business-failed:60109", "订单正在风控审核中");
    assert!(matches!(waits, CallError::Transient { after_s: Some(1800), .. }), "{waits:?}");
    let field = |error| match error {
        CallError::Credentials { field, .. } => field,
        other => panic!("{other:?}"),
    };
    assert_eq!(field(refused_with(40003, "isv.access-token-expired", "")), "access_token");
    assert_eq!(field(refused_with(40003, "isv.signature-invalid", "")), "app_secret");
    let said = refused_with(50002, "isv.business-failed:1", "收件人 13800138000 不存在").to_string();
    assert!(!said.contains("13800138000"), "{said}");
}

#[test]
fn the_variants_of_a_product_are_set_together() {
    let mut platform = Doudian::new(&[]);
    let set = drive(&caller(), |call| Douyin.stock(call, &levels()), |request| platform.answer(request));
    assert_eq!(set, Ok(vec![StockOutcome::Set; 4]));
    assert_eq!(platform.called, ["sku.syncStockBatch", "sku.syncStock", "sku.syncStock"]);
    let stock: Vec<(&str, u64)> = platform.stock.iter().map(|(what, number)| (what.as_str(), *number)).collect();
    assert_eq!(
        stock,
        [
            ("3611230000000000007/1780010000000000003", 5),
            ("3611230000000000007/1780010000000000013", 0),
            ("3611230000000000009/\"CUP-1\"", 7),
            ("3611230000000000011/1780010000000000021", 9),
        ],
        "ids as whole numbers, digit by digit"
    );
}

#[test]
fn a_variant_that_is_refused_leaves_those_beside_it_set() {
    let mut platform = Doudian::new(&[]);
    platform.deleted = 1_780_010_000_000_000_013;
    let set = drive(&caller(), |call| Douyin.stock(call, &levels()), |request| platform.answer(request)).unwrap();
    assert!(matches!(&set[2], StockOutcome::Rejected { code, .. } if code == "isv.parameter-invalid:4"));
    assert_eq!((&set[0], &set[1], &set[3]), (&StockOutcome::Set, &StockOutcome::Set, &StockOutcome::Set));
    let mut nameless = levels();
    nameless[1].outer_code.clear();
    let set = drive(&caller(), |call| Douyin.stock(call, &nameless), |request| platform.answer(request)).unwrap();
    assert!(matches!(&set[1], StockOutcome::Rejected { code, .. } if code == "no_such_item"));
}
