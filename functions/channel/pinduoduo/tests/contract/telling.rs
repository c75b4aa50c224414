//! Telling shipments and stock, and what errors become.

use crate::fake::{Gateway, error};
use crate::{LINES, PAID, SN, caller, level, levels, shipment};
use channel_pinduoduo::Pinduoduo;
use huidan_channel::{Channel, Confirmed, Shipment, StockLevel, StockOutcome};
use huidan_exchange::{CallError, pairs};
use huidan_testkit::{drive, rejected, reply};

const SEND: &str = "pdd.logistics.online.send";
const ADD: &str = "pdd.order.upload.extra.logistics";
const FETCH: &str = "pdd.order.information.get";

fn confirm(gateway: &mut Gateway, shipment: &Shipment) -> Result<Confirmed, CallError> {
    drive(&caller(), |call| Pinduoduo.confirm(call, shipment), |request| gateway.answer(request))
}

fn numbers(gateway: &Gateway) -> Vec<&str> {
    let order = &gateway.orders[SN];
    let further = order["extra_delivery_list"].as_array().unwrap();
    std::iter::once(order).chain(further).map(|parcel| parcel["tracking_number"].as_str().unwrap()).collect()
}

#[test]
fn the_parcels_of_one_order_are_its_number_and_further_ones() {
    let mut gateway = Gateway::new(&[PAID]);
    let first = shipment(&LINES[..1], false);
    assert_eq!(confirm(&mut gateway, &first), Ok(Confirmed::Told));
    let second = Shipment { waybill: "YT8800000000001".into(), carrier: "yto".into(), ..shipment(&LINES[1..], true) };
    assert_eq!(confirm(&mut gateway, &second), Ok(Confirmed::Told));
    assert_eq!(numbers(&gateway), ["SF7444400043266", "YT8800000000001"]);
    assert_eq!(gateway.orders[SN]["extra_delivery_list"][0]["logistics_id"], 85);
    assert_eq!(gateway.called, [FETCH, SEND, SEND, FETCH, ADD]);
    for told in [first, second] {
        assert_eq!(confirm(&mut gateway, &told), Ok(Confirmed::AlreadyThere));
    }
    let mut piece = shipment(&LINES[..1], true);
    piece.lines[0].whole = false;
    piece.waybill = "SF7444400043275".into();
    assert_eq!(confirm(&mut gateway, &piece), Ok(Confirmed::Told), "a piece of a line");
    assert_eq!(numbers(&gateway).len(), 3);
}

#[test]
fn the_whole_order_is_told_in_one_call() {
    let mut gateway = Gateway::new(&[PAID]);
    assert_eq!(confirm(&mut gateway, &shipment(&LINES, true)), Ok(Confirmed::Told));
    assert_eq!(gateway.called, [SEND]);
    assert_eq!(gateway.orders[SN]["logistics_id"], 44);
    assert_eq!(confirm(&mut gateway, &shipment(&LINES, true)), Ok(Confirmed::AlreadyThere));
    let other = Shipment { waybill: "SF7444400043284".into(), ..shipment(&LINES, true) };
    assert_eq!(rejected(&confirm(&mut gateway, &other)), Some("already_shipped_elsewhere"));
    assert_eq!(numbers(&gateway), ["SF7444400043266"]);
}

#[test]
fn a_number_may_take_the_place_of_another() {
    let mut gateway = Gateway::new(&[PAID]);
    confirm(&mut gateway, &shipment(&LINES, true)).unwrap();
    let changed = Shipment {
        waybill: "YT8800000000001".into(),
        carrier: "yto".into(),
        replaces: Some("SF7444400043266".into()),
        ..shipment(&LINES, true)
    };
    assert_eq!(confirm(&mut gateway, &changed), Ok(Confirmed::Told));
    assert_eq!(numbers(&gateway), ["YT8800000000001"]);
    assert_eq!(confirm(&mut gateway, &changed), Ok(Confirmed::AlreadyThere));
    let stranger = Shipment { waybill: "YT8800000000002".into(), ..changed };
    assert_eq!(
        rejected(&confirm(&mut gateway, &stranger)),
        Some("already_shipped_elsewhere"),
        "what it replaces is not there"
    );
}

#[test]
fn a_change_of_a_number_that_was_never_told_tells_it() {
    let mut gateway = Gateway::new(&[PAID]);
    let changed = Shipment { replaces: Some("YT8800000000009".into()), ..shipment(&LINES, true) };
    assert_eq!(confirm(&mut gateway, &changed), Ok(Confirmed::Told));
    assert_eq!(numbers(&gateway), ["SF7444400043266"]);
}

#[test]
fn a_carrier_without_an_id_is_mapped_by_the_seller_or_not_told() {
    let mut gateway = Gateway::new(&[PAID]);
    let unknown = Shipment { carrier: "kuayue".into(), ..shipment(&LINES, true) };
    assert_eq!(rejected(&confirm(&mut gateway, &unknown)), Some("carrier_unmapped"));
    let mapped = Shipment { carrier_code: Some("183".into()), ..unknown };
    assert_eq!(confirm(&mut gateway, &mapped), Ok(Confirmed::Told));
    assert_eq!(gateway.orders[SN]["logistics_id"], 183);
    let word =
        Shipment { carrier_code: Some("KYE".into()), waybill: "KY1234567890".into(), ..shipment(&LINES[..1], false) };
    assert_eq!(rejected(&confirm(&mut gateway, &word)), Some("carrier_unmapped"), "a further parcel wants a number");
}

#[test]
fn an_order_that_ended_or_is_in_after_sale_is_not_told_and_says_so() {
    let ended = PAID.replace("\"confirm_status\": 1", "\"confirm_status\": 2");
    let refused = |body: &str, shipment: &Shipment| confirm(&mut Gateway::new(&[body]), shipment);
    assert_eq!(rejected(&refused(&ended, &shipment(&LINES[..1], false))), Some("order_closed"));
    let refunded = PAID.replace("\"refund_status\": 1", "\"refund_status\": 4");
    assert_eq!(rejected(&refused(&refunded, &shipment(&LINES, true))), Some("order_closed"));
    let open = PAID.replace("\"refund_status\": 1", "\"refund_status\": 2");
    assert_eq!(rejected(&refused(&open, &shipment(&LINES, true))), Some("20008"), "the platform's own reason");
    assert_eq!(rejected(&confirm(&mut Gateway::new(&[]), &shipment(&LINES, true))), Some("order_missing"));
}

#[test]
fn success_is_what_says_so() {
    let told = |body: &'static str| {
        let mut gateway = Gateway::new(&[PAID]);
        let answer = |request: &huidan_exchange::Request| {
            let api = pairs::from_form(request.body(), "type").unwrap();
            if api == SEND { reply(200, body) } else { gateway.answer(request) }
        };
        drive(&caller(), |call| Pinduoduo.confirm(call, &shipment(&LINES, true)), answer)
    };
    assert_eq!(rejected(&told(r#"{"logistics_online_send_response":{"is_success":false}}"#)), Some("not_shipped"));
    assert!(matches!(told(r#"{"logistics_online_send_response":{}}"#), Err(CallError::Transient { .. })));
}

/// What a refusal of a call becomes.
fn refused_with(code: u32, sub_code: &str, sub_msg: &str) -> CallError {
    let answer = error(code, sub_code, sub_msg).to_string();
    drive(&caller(), |call| Pinduoduo.fetch(call, SN), |_| reply(200, answer.clone())).unwrap_err()
}

#[test]
fn errors_say_what_to_do_next() {
    for (code, sub_code, kind) in [
        (10019, "", "credentials"),
        (20032, "", "credentials"),
        (20004, "", "credentials"),
        (10016, "", "credentials"),
        (20005, "", "credentials"),
        (20031, "", "credentials"),
        (70034, "", "credentials"),
        (52101, "", "limited"),
        (70031, "", "limited"),
        (70036, "", "limited"),
        (52102, "", "transient"),
        (70033, "", "transient"),
        (50000, "", "transient"),
        (50001, "", "transient"),
        (52002, "", "transient"),
        (50001, "20006", "rejected"),
        (50002, "", "transient"),
        (50002, "20006", "rejected"),
        (10001, "", "rejected"),
        (21001, "21001", "rejected"),
        (52004, "", "rejected"),
    ] {
        let error = refused_with(code, sub_code, "");
        assert_eq!(error.kind(), kind, "{code} {sub_code}: {error:?}");
    }
    for (code, named) in [(10019, "access_token"), (20004, "client_secret"), (20031, "client_id")] {
        assert!(matches!(refused_with(code, "", ""), CallError::Credentials { field, .. } if field == named));
    }
    let clock = drive(
        &caller(),
        |call| Pinduoduo.fetch(call, SN),
        |_| reply(200, r#"{"error_response":{"error_code":10001,"error_msg":"公共参数错误:timestamp"}}"#),
    );
    assert!(matches!(clock, Err(CallError::Transient { detail, .. }) if detail.contains("clock")));
    let said = refused_with(50001, "9", "收件人 13800138000 不存在").to_string();
    assert!(said.contains("不存在") && !said.contains("13800138000"), "{said}");
}

#[test]
fn an_order_of_another_shop_is_none() {
    let bare = error(45001, "", "订单不属于当前店铺或订单不存在").to_string();
    assert_eq!(drive(&caller(), |call| Pinduoduo.fetch(call, SN), |_| reply(200, bare.clone())), Ok(None));
}

#[test]
fn every_variant_is_set_by_its_own_call() {
    let mut gateway = Gateway::new(&[]);
    let by_code = StockLevel { outer_code: "TEA-250".into(), ..level("3", "", 4) };
    let levels: Vec<StockLevel> = levels().into_iter().chain([level("4", "4", 1), by_code]).collect();
    let set = drive(&caller(), |call| Pinduoduo.stock(call, &levels), |request| gateway.answer(request)).unwrap();
    assert_eq!((&set[..3], &set[4]), (&[const { StockOutcome::Set }; 3][..], &StockOutcome::Set));
    assert!(matches!(&set[3], StockOutcome::Rejected { code, .. } if code == "sku_missing"));
    let stock: Vec<(&str, &str)> = gateway.stock.iter().map(|(sku, number)| (sku.as_str(), number.as_str())).collect();
    assert_eq!(stock, [("1:11", "5"), ("1:12", "0"), ("2:21", "9"), ("3:TEA-250", "4")]);
}

#[test]
fn a_variant_that_the_platform_refuses_leaves_the_others_set() {
    let mut gateway = Gateway::new(&[]);
    let answer = |request: &huidan_exchange::Request| match pairs::from_form(request.body(), "sku_id").unwrap().as_str()
    {
        "12" => reply(200, error(50001, "6", "资源位商品不能减少库存").to_string()),
        "21" => reply(200, r#"{"goods_quantity_update_response":{"is_success":false}}"#),
        _ => gateway.answer(request),
    };
    let set = drive(&caller(), |call| Pinduoduo.stock(call, &levels()), answer).unwrap();
    assert_eq!(set[0], StockOutcome::Set);
    assert!(matches!(&set[1], StockOutcome::Rejected { code, .. } if code == "6"));
    assert!(matches!(&set[2], StockOutcome::Rejected { code, .. } if code == "not_set"));
}
