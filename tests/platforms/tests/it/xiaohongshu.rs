use crate::web::{Hub, Reply, call, until};
use huidan_platforms::{
    Fault, Modify, NewLine, NewOrder, Options, Platform, Platforms, Receiver, Refund, Running, Targets, Until, When,
    seal,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

const AT: Platform = Platform::Xiaohongshu;

fn now_s() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap()
}

async fn start() -> Running {
    Platforms::start(Options::default()).await.unwrap()
}

fn shop(running: &Running) -> String {
    running.options().xiaohongshu.shops[0].shop.clone()
}

async fn send(running: &Running, method: &str, business: &Value, change: &[(&str, &str)]) -> Reply {
    let options = running.options().xiaohongshu;
    let token = running.shop_tokens(AT, &shop(running)).unwrap().access_token;
    let mut body = json!({"method": method, "appId": options.app_key, "timestamp": now_s().to_string(), "version": "2.0", "accessToken": token});
    for (name, value) in change {
        body[*name] = json!(value);
    }
    let text = |name: &str| body[name].as_str().unwrap().to_owned();
    let sign = seal::xiaohongshu(method, &text("appId"), &text("timestamp"), &text("version"), &options.app_secret);
    if body.get("sign").is_none() {
        body["sign"] = json!(sign);
    }
    for (name, value) in business.as_object().unwrap() {
        body[name] = value.clone();
    }
    let url = format!("{}/ark/open_api/v3/common_controller", running.addresses().xiaohongshu);
    call("POST", &url, &[("content-type", "application/json;charset=utf-8")], body.to_string()).await
}

async fn ask(running: &Running, method: &str, business: Value) -> Value {
    send(running, method, &business, &[]).await.json()
}

fn order_of(skus: &[&str]) -> NewOrder {
    let line = |s: &&str| NewLine { sku: (*s).to_owned(), qty: 1, unit_price: None, title: None };
    NewOrder { lines: Some(skus.iter().map(line).collect()), ..NewOrder::default() }
}

fn place(running: &Running, order: &NewOrder) -> (i64, String) {
    let id = running.place(AT, order).unwrap();
    (id, format!("P{id}"))
}

async fn detail(running: &Running, id: &str) -> Value {
    ask(running, "order.getOrderDetail", json!({"orderId": id})).await["data"].clone()
}

#[tokio::test]
async fn the_gateway_checks_signature_clock_version_and_token_and_not_the_business() {
    let running = start().await;
    let (old, millis) = ((now_s() - 601).to_string(), (now_s() * 1_000).to_string());
    let cases: [(&[(&str, &str)], i64); 7] = [
        (&[("sign", "0")], 1_005),
        (&[("timestamp", &old)], 1_004),
        (&[("timestamp", &millis)], 1_004),
        (&[("version", "1.0")], 1_003),
        (&[("appId", "other")], 1_002),
        (&[("accessToken", "nobody")], 1_007),
        (&[("accessToken", "")], 1_007),
    ];
    for (change, expected) in cases {
        let answer = send(&running, "common.getExpressCompanyList", &json!({}), change).await.json();
        assert_eq!((&answer["success"], &answer["error_code"]), (&json!(false), &json!(expected)), "{answer}");
    }
    assert_eq!(running.ledger().bad_signatures.len(), 7);
    let answer = ask(&running, "common.getExpressCompanyList", json!({"nobody": "signs this"})).await;
    assert_eq!((&answer["success"], &answer["error_code"]), (&json!(true), &json!(0)));
    assert_eq!(ask(&running, "data.batchDecrypt", json!({})).await["success"], false);
}

#[tokio::test]
async fn tokens_come_by_code_and_refresh_once() {
    let running = start().await;
    let code = running.authorise(AT, &shop(&running)).unwrap();
    let made = ask(&running, "oauth.getAccessToken", json!({"code": code})).await["data"].clone();
    assert_eq!(made["sellerId"], shop(&running));
    assert!(made["accessTokenExpiresAt"].as_i64().unwrap() > (now_s() + 6 * 86_400) * 1_000, "milliseconds");
    running.fault(AT, Fault::TokenExpired { when: When::default() });
    assert_eq!(ask(&running, "common.getExpressCompanyList", json!({})).await["error_code"], 1_006);
    let refresh = json!({"refreshToken": made["refreshToken"]});
    assert_eq!(ask(&running, "oauth.refreshToken", refresh.clone()).await["success"], true);
    assert_eq!(ask(&running, "oauth.refreshToken", refresh).await["success"], false);
    assert_eq!(ask(&running, "common.getExpressCompanyList", json!({})).await["success"], true);
}

fn window(kind: i64, back: i64, page: i64, size: i64) -> Value {
    json!({"startTime": now_s() - back, "endTime": now_s() + 5, "timeType": kind, "orderType": 0, "orderStatus": 0, "pageNo": page, "pageSize": size})
}

fn ids(page: &Value) -> Vec<String> {
    page["data"]["orderList"].as_array().unwrap().iter().map(|o| o["orderId"].as_str().unwrap().to_owned()).collect()
}

/// What the list by modification has now; empty where the call is refused.
pub(crate) async fn listed(running: &Running) -> Vec<String> {
    let page = ask(running, "order.getOrderList", window(2, 1_700, 1, 100)).await;
    if page["success"] == true { ids(&page) } else { Vec::new() }
}

#[tokio::test]
async fn windows_are_half_an_hour_or_a_day_and_pages_are_counted_from_one() {
    let running = start().await;
    let placed: Vec<(i64, String)> = (0..5).map(|_| place(&running, &order_of(&["TEA-250"]))).collect();
    let last = ask(&running, "order.getOrderList", window(2, 1_700, 3, 2)).await;
    assert_eq!(
        (&last["data"]["total"], &last["data"]["maxPageNo"], ids(&last)),
        (&json!(5), &json!(3), vec![placed[0].1.clone()])
    );
    // Read from the last page: what is modified meanwhile comes once more, nothing is missed.
    running.touch(AT, placed[1].0).unwrap();
    let middle = ask(&running, "order.getOrderList", window(2, 1_700, 2, 2)).await;
    let first = ask(&running, "order.getOrderList", window(2, 1_700, 1, 2)).await;
    assert_eq!(
        (ids(&middle), ids(&first)),
        (vec![placed[3].1.clone(), placed[2].1.clone()], vec![placed[1].1.clone(), placed[4].1.clone()])
    );
    for (kind, back, page, size) in
        [(2, 1_801, 1, 50), (1, 86_401, 1, 50), (3, 60, 1, 50), (1, 60, 101, 50), (1, 60, 1, 101)]
    {
        assert_eq!(ask(&running, "order.getOrderList", window(kind, back, page, size)).await["error_code"], 2_001);
    }
    assert_eq!(ids(&ask(&running, "order.getOrderList", window(1, 86_000, 1, 50)).await).len(), 5);
    assert!(last["data"]["orderList"][0].get("skuList").is_none(), "a row has no goods");
}

#[tokio::test]
async fn orders_are_in_fen_and_milliseconds_and_the_receiver_stands_behind_a_token() {
    let running = start().await;
    let (id, text) = place(&running, &order_of(&["TEA-250", "TEA-500"]));
    let shown = detail(&running, &text).await;
    assert_eq!(
        (&shown["totalPayAmount"], &shown["totalShippingFree"], &shown["orderStatus"]),
        (&json!(35_600), &json!(800), &json!(4))
    );
    assert_eq!(
        (&shown["skuList"][0]["erpcode"], &shown["skuList"][0]["totalPaidAmount"]),
        (&json!("TEA-250"), &json!(12_000))
    );
    assert!(shown["paidTime"].as_i64().unwrap() > 1_000_000_000_000);
    let token = shown["openAddressId"].as_str().unwrap().to_owned();
    assert_eq!(token.len(), 32);
    let query = json!({"receiverQueries": [{"orderId": text, "openAddressId": token}], "isReturn": false});
    let receiver = ask(&running, "order.getOrderReceiverInfo", query.clone()).await["data"]["receiverInfos"][0].clone();
    assert_eq!(receiver["matched"], true);
    let known = running.ledger().orders[0].order.receiver.clone();
    for secret in [&known.name, &known.phone, &known.address] {
        assert!(!shown.to_string().contains(secret.as_str()) && !receiver.to_string().contains(secret.as_str()));
    }
    running.modify(AT, id, Modify { receiver: Some(Receiver::default()), ..Modify::default() }).unwrap();
    let moved = ask(&running, "order.getOrderReceiverInfo", query).await["data"]["receiverInfos"][0].clone();
    assert_eq!((&moved["matched"], &moved["receiverPhone"]), (&json!(false), &json!("")));
    assert_eq!(ask(&running, "order.getOrderDetail", json!({"orderId": "P1"})).await["success"], false);
}

fn deliver(id: &str, number: &str) -> Value {
    json!({"orderId": id, "expressNo": number, "expressCompanyCode": "zto", "expressCompanyName": "中通快递", "deliveringTime": now_s() * 1_000, "unpack": false})
}

#[tokio::test]
async fn only_what_is_to_be_shipped_ships_whole_or_unpacked() {
    let running = start().await;
    let (_, held) = place(&running, &NewOrder { tags: vec!["hold".to_owned()], ..order_of(&["TEA-250"]) });
    assert_eq!(detail(&running, &held).await["orderStatus"], 2);
    let (_, unpaid) = place(&running, &NewOrder { paid: Some(false), ..order_of(&["TEA-250"]) });
    let (refunding_id, refunding) = place(&running, &order_of(&["TEA-250"]));
    running.refund(AT, refunding_id, &[], Refund::Requested).unwrap();
    assert_eq!(detail(&running, &refunding).await["cancelStatus"], 1);
    for id in [&held, &unpaid, &refunding] {
        assert_eq!(ask(&running, "order.orderDeliver", deliver(id, "73100000000001")).await["success"], false);
    }
    let (_, two) = place(&running, &order_of(&["TEA-250", "TEA-500"]));
    let skus: Vec<Value> =
        detail(&running, &two).await["skuList"].as_array().unwrap().iter().map(|s| s["skuId"].clone()).collect();
    let mut part = deliver(&two, "73100000000001");
    part["unpack"] = json!(true);
    assert_eq!(ask(&running, "order.orderDeliver", part.clone()).await["success"], false, "which goods?");
    part["skuIdList"] = json!([skus[0]]);
    assert_eq!(ask(&running, "order.orderDeliver", part.clone()).await["success"], true);
    assert_eq!(detail(&running, &two).await["orderStatus"], 5);
    assert_eq!(ask(&running, "order.orderDeliver", part).await["success"], false, "already on its way");
    assert_eq!(ask(&running, "order.orderDeliver", deliver(&two, "73100000000002")).await["success"], true);
    assert_eq!(detail(&running, &two).await["orderStatus"], 6);
    let change = json!({"orderId": two, "expressNo": "73100000000003", "expressCompanyCode": "zto", "oldExpressNo": "73100000000001"});
    assert_eq!(ask(&running, "order.modifyOrderExpressInfo", change).await["success"], true);
    let shown = detail(&running, &two).await;
    assert_eq!(shown["simpleDeliveryOrderList"][0]["expressTrackingNo"], "73100000000003");
}

#[tokio::test]
async fn stock_is_set_changed_and_read() {
    let running = start().await;
    let tea = running.goods()[0].clone();
    let sku = tea.listing(AT).1;
    ask(&running, "inventory.syncSkuStock", json!({"skuId": sku, "qty": 7})).await;
    ask(&running, "inventory.incSkuStock", json!({"skuId": sku, "qty": -2})).await;
    assert_eq!(ask(&running, "inventory.incSkuStock", json!({"skuId": sku, "qty": -9})).await["success"], false);
    assert_eq!(ask(&running, "inventory.getSkuStock", json!({"skuId": sku})).await["data"]["skuStock"]["available"], 5);
    assert_eq!(running.ledger().stock_writes.len(), 2);
}

async fn booked(running: &Running, id: &str, change: impl FnOnce(&mut Value)) -> Value {
    let token = detail(running, id).await["openAddressId"].clone();
    let mut row = json!({"objectId": "o1", "orderInfo": {"orderChannelsType": "XIAO_HONG_SHU", "tradeOrderList": [id], "xhsOrderId": id},
        "packageInfo": {"id": "p1", "items": [{"name": "茶叶", "count": 1}]}, "recipient": {"openAddressId": token}, "templateId": 644_703});
    change(&mut row);
    let sender = json!({"name": "仓库", "mobile": "13800100001", "address": {"province": "浙江省", "city": "杭州市", "district": "余杭区", "detail": "良渚街道 1 号仓"}});
    let request = json!({"cpCode": "zto", "sellerName": "汇单", "branchCode": "310001", "sender": sender, "tradeOrderInfoList": [row]});
    ask(running, "express.createEbillOrders", request).await["data"]["tradeOrderInfoList"][0].clone()
}

#[tokio::test]
async fn waybills_take_the_token_or_cipher_text_and_are_printed_by_the_component() {
    let running = start().await;
    let (_, id) = place(&running, &order_of(&["TEA-250"]));
    let first = booked(&running, &id, |_| ()).await;
    assert_eq!(first["success"], true, "{first}");
    assert_eq!(booked(&running, &id, |r| r["objectId"] = json!("o2")).await["waybillCode"], first["waybillCode"]);
    let query =
        json!({"receiverQueries": [{"orderId": id, "openAddressId": detail(&running, &id).await["openAddressId"]}]});
    let hidden = ask(&running, "order.getOrderReceiverInfo", query).await["data"]["receiverInfos"][0].clone();
    let second = booked(&running, &id, |r| {
        r["packageInfo"]["id"] = json!("p2");
        r["recipient"] = json!({"name": hidden["receiverName"], "mobile": hidden["receiverPhone"],
            "address": {"province": hidden["receiverProvinceName"], "city": hidden["receiverCityName"], "district": hidden["receiverDistrictName"], "detail": hidden["receiverAddress"]}});
    }).await;
    assert_eq!(second["success"], true);
    let ledger = running.ledger();
    let known = &ledger.orders[0].order.receiver;
    assert!(ledger.waybills.iter().all(|w| w.receiver.phone == known.phone && w.receiver.address == known.address));
    for bad in
        [json!({"openAddressId": "0"}), json!({"name": "王**", "mobile": "138****0000", "address": {"detail": "**"}})]
    {
        assert_eq!(booked(&running, &id, |r| r["recipient"] = bad).await["success"], false);
    }
    let data: Value = serde_json::from_str(first["printData"].as_str().expect("printData is a text")).unwrap();
    assert!(data["encryptedData"].is_string() && !first.to_string().contains(known.phone.as_str()));
    let task = crate::component::print(&running, first["waybillCode"].as_str().unwrap(), &data).await;
    assert_eq!(task["status"], "success", "{task}");
    until(|| running.ledger().paper.len() == 1).await;
    assert_eq!(running.ledger().tasks[0].receivers[0].phone, known.phone);
    let number = json!({"cpCode": "zto", "waybillCode": second["waybillCode"]});
    assert_eq!(
        ask(&running, "express.queryEbillOrder", number.clone()).await["data"]["printData"],
        second["printData"]
    );
    assert_eq!(ask(&running, "express.cancelEbillOrder", number.clone()).await["success"], true);
    assert_eq!(ask(&running, "express.cancelEbillOrder", number.clone()).await["success"], false);
    assert_eq!(ask(&running, "express.queryEbillOrder", number).await["success"], false);
    running.advance(first["waybillCode"].as_str().unwrap(), Until::Delivered, false).unwrap();
    assert_eq!(detail(&running, &id).await["orderStatus"], 7);
}

#[tokio::test]
async fn messages_are_hints_signed_over_the_address_and_leave_much_untold() {
    let (running, hub) = (start().await, Hub::start().await);
    hub.answer(200, r#"{"success":true,"error_code":0,"error_msg":""}"#);
    running.connect(&Targets { xiaohongshu: Some(format!("{}?shop=1", hub.url)), ..Targets::default() });
    let (id, text) = place(&running, &NewOrder { paid: Some(false), ..order_of(&["TEA-250"]) });
    running.pay(AT, id).unwrap();
    running.modify(AT, id, Modify { receiver: Some(Receiver::default()), ..Modify::default() }).unwrap();
    running.modify(AT, id, Modify { seller_remark: Some("加急".to_owned()), ..Modify::default() }).unwrap();
    running.refund(AT, id, &[], Refund::Requested).unwrap();
    running.refund(AT, id, &[], Refund::None).unwrap();
    ask(&running, "order.orderDeliver", deliver(&text, "73100000000001")).await;
    let got = hub.wait(5).await;
    let rows: Vec<Value> = got.iter().flat_map(|g| g.json().as_array().unwrap().clone()).collect();
    let mut tags: Vec<&str> = rows.iter().map(|r| r["msgTag"].as_str().unwrap()).collect();
    tags.sort_unstable();
    assert_eq!(
        tags,
        [
            "msg_after_sale_create",
            "msg_fulfillment_receiver_change",
            "msg_fulfillment_seller_remark_change",
            "msg_fulfillment_status_change",
            "msg_fulfillment_status_change",
            "msg_fulfillment_status_change"
        ],
        "unpaid and withdrawn are not told"
    );
    let options = running.options().xiaohongshu;
    for push in &got {
        let query = BTreeMap::from([
            ("shop".to_owned(), "1".to_owned()),
            ("app-key".to_owned(), options.app_key.clone()),
            ("timestamp".to_owned(), push.header("timestamp").to_owned()),
        ]);
        assert_eq!(push.header("sign"), seal::xiaohongshu_path("/hook", &query, &options.app_secret));
        assert_eq!(push.header("app-key"), options.app_key);
    }
    let paid: Vec<&Value> = rows.iter().filter(|r| r["data"].as_str().unwrap().contains("\"orderStatus\":4")).collect();
    assert_eq!(paid.len(), 2, "to ship and picked are both 4");
    let refund = rows.iter().find(|r| r["msgTag"] == "msg_after_sale_create").unwrap()["data"].as_str().unwrap();
    assert!(refund.contains("\"refundFee\":120.0"), "yuan: {refund}");
    until(|| running.ledger().pushes.iter().all(|p| p.outcome == "acknowledged")).await;
}

#[tokio::test]
async fn too_often_is_429_with_and_without_a_hint_and_a_plain_200_is_no_acknowledgement() {
    let (running, hub) = (start().await, Hub::start().await);
    running.fault(AT, Fault::Limit { retry_after: 7, when: When::default() });
    let hinted = send(&running, "common.getExpressCompanyList", &json!({}), &[]).await;
    assert_eq!((hinted.status, hinted.header("retry-after")), (429, "7"));
    running.fault(AT, Fault::LimitWithoutHint { when: When::default() });
    assert_eq!(send(&running, "common.getExpressCompanyList", &json!({}), &[]).await.header("retry-after"), "");
    hub.answer(200, "success");
    running.connect(&Targets { xiaohongshu: Some(hub.url.clone()), ..Targets::default() });
    place(&running, &order_of(&["TEA-250"]));
    until(|| running.ledger().pushes.iter().any(|p| p.outcome == "given_up")).await;
    assert_eq!(running.ledger().pushes[0].attempts.len(), 6);
}
