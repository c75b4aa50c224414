use crate::web::{Hub, Reply, call, form, until};
use huidan_platforms::{
    Fault, Modify, NewLine, NewOrder, Options, Platform, Platforms, Receiver, Refund, Running, Targets, Until, When,
    seal,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

const AT: Platform = Platform::Kuaishou;
const DAY_MS: i64 = 86_400_000;

fn now_ms() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap()
}

async fn start() -> Running {
    Platforms::start(Options::default()).await.unwrap()
}

fn shop(running: &Running) -> String {
    running.options().kuaishou.shops[0].shop.clone()
}

async fn send(running: &Running, http: &str, method: &str, param: Value, change: &[(&str, &str)]) -> Reply {
    let options = running.options().kuaishou;
    let token = running.shop_tokens(AT, &shop(running)).unwrap().access_token;
    let now = now_ms().to_string();
    let text = param.to_string();
    let system = [
        ("appkey", options.app_key.as_str()),
        ("access_token", token.as_str()),
        ("method", method),
        ("version", "1"),
        ("signMethod", "HMAC_SHA256"),
        ("timestamp", now.as_str()),
        ("param", text.as_str()),
    ];
    let all = system.iter().chain(change);
    let mut params: BTreeMap<String, String> = all.map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    if let Some(sign) = seal::kuaishou(&params, &options.sign_secret) {
        params.entry("sign".to_owned()).or_insert(sign);
    }
    let pairs: Vec<(&str, &str)> = params.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    let url = format!("{}/{}", running.addresses().kuaishou, method.replace('.', "/"));
    if http == "GET" {
        return call("GET", &format!("{url}?{}", form(&pairs)), &[], "").await;
    }
    call("POST", &url, &[("content-type", "application/x-www-form-urlencoded")], form(&pairs)).await
}

async fn get(running: &Running, method: &str, param: Value) -> Value {
    send(running, "GET", method, param, &[]).await.json()
}

async fn post(running: &Running, method: &str, param: Value) -> Value {
    send(running, "POST", method, param, &[]).await.json()
}

fn order_of(qty: i64) -> NewOrder {
    let line = NewLine { sku: "TEA-250".to_owned(), qty, unit_price: None, title: None };
    NewOrder { lines: Some(vec![line]), ..NewOrder::default() }
}

async fn detail(running: &Running, id: i64) -> Value {
    get(running, "open.order.detail", json!({"oid": id})).await["data"].clone()
}

#[tokio::test]
async fn the_gateway_checks_signature_clock_token_and_http_method() {
    let running = start().await;
    let param = json!({"expressCompanyCode": "ZTO"});
    let (old, seconds) = ((now_ms() - 601_000).to_string(), (now_ms() / 1_000).to_string());
    let cases: [(&[(&str, &str)], i64); 6] = [
        (&[("sign", "0")], 21),
        (&[("timestamp", &old)], 22),
        (&[("timestamp", &seconds)], 22),
        (&[("appkey", "ks1")], 10),
        (&[("access_token", "nobody")], 24),
        (&[("access_token", "")], 20),
    ];
    for (change, expected) in cases {
        let answer = send(&running, "POST", "open.express.subscribe.query", param.clone(), change).await.json();
        assert_eq!(answer["result"], expected, "{change:?}: {answer}");
    }
    for method in ["HMAC_SHA256", "MD5"] {
        let change = [("signMethod", method)];
        let answer = send(&running, "POST", "open.express.subscribe.query", param.clone(), &change).await.json();
        assert_eq!(answer["result"], 1);
    }
    assert_eq!(get(&running, "open.seller.order.goods.deliver", json!({})).await["result"], 20, "forms only");
    assert_eq!(running.ledger().bad_signatures.len(), 7);
    assert_eq!(post(&running, "open.order.decrypt.batch", json!({})).await["error_msg"], "BIZ_ERROR");
}

#[tokio::test]
async fn tokens_come_by_code_and_refresh_once() {
    let running = start().await;
    let options = running.options().kuaishou;
    let oauth = |path: &'static str, more: Vec<(&'static str, String)>| {
        let url = format!("{}/oauth2/{path}", running.addresses().kuaishou);
        let (id, secret) = (options.app_key.clone(), options.app_secret.clone());
        async move {
            let mut pairs = vec![("app_id", id.as_str()), ("app_secret", secret.as_str())];
            pairs.extend(more.iter().map(|(k, v)| (*k, v.as_str())));
            call("GET", &format!("{url}?{}", form(&pairs)), &[], "").await.json()
        }
    };
    let code = running.authorise(AT, &shop(&running)).unwrap();
    let made = oauth("access_token", vec![("grant_type", "code".to_owned()), ("code", code)]).await;
    assert_eq!(
        (&made["result"], &made["expires_in"], &made["refresh_token_expires_in"]),
        (&json!(1), &json!(172_800), &json!(15_552_000))
    );
    running.fault(AT, Fault::TokenExpired { when: When::default() });
    assert_eq!(post(&running, "open.express.subscribe.query", json!({})).await["result"], 28);
    let refresh = made["refresh_token"].as_str().unwrap().to_owned();
    let ask = |token: String| {
        oauth("refresh_token", vec![("grant_type", "refresh_token".to_owned()), ("refresh_token", token)])
    };
    assert_eq!(ask(refresh.clone()).await["result"], 1);
    assert_ne!(ask(refresh).await["result"], 1, "a refresh token works once");
    assert_eq!(post(&running, "open.express.subscribe.query", json!({})).await["result"], 1);
}

/// What the list by modification has now; empty where the call is refused.
pub(crate) async fn listed(running: &Running) -> Vec<String> {
    let page = get(running, "open.order.cursor.list", window("", 100)).await;
    if page["result"] == 1 { oids(&page).iter().map(i64::to_string).collect() } else { Vec::new() }
}

fn window(cursor: &str, size: i64) -> Value {
    json!({"orderViewStatus": 1, "queryType": 2, "beginTime": now_ms() - 600_000, "endTime": now_ms() + 60_000, "sort": 1, "cpsType": 0,
        "pageSize": size, "cursor": cursor})
}

fn oids(page: &Value) -> Vec<i64> {
    page["data"]["orderList"].as_array().unwrap().iter().map(|o| o["orderBaseInfo"]["oid"].as_i64().unwrap()).collect()
}

#[tokio::test]
async fn the_cursor_goes_on_to_the_end_and_windows_are_limited() {
    let running = start().await;
    let placed: Vec<i64> = (0..5).map(|_| running.place(AT, &order_of(1)).unwrap()).collect();
    let first = get(&running, "open.order.cursor.list", window("", 2)).await;
    assert_eq!(oids(&first), placed[..2]);
    // What is modified between two pages comes again later, and nothing is passed over.
    running.touch(AT, placed[0]).unwrap();
    let second = get(&running, "open.order.cursor.list", window(first["data"]["cursor"].as_str().unwrap(), 2)).await;
    let third = get(&running, "open.order.cursor.list", window(second["data"]["cursor"].as_str().unwrap(), 2)).await;
    assert_eq!((oids(&second), oids(&third)), (placed[2..4].to_vec(), vec![placed[4], placed[0]]));
    assert_eq!(third["data"]["cursor"], "nomore");
    let mut wide = window("", 50);
    wide["beginTime"] = json!(now_ms() - 7 * DAY_MS - 61_000);
    let answer = get(&running, "open.order.cursor.list", wide).await;
    assert_eq!((&answer["result"], &answer["sub_msg"]), (&json!(2_001), &json!("endTime无效")));
    let mut far = window("", 50);
    (far["beginTime"], far["endTime"]) = (json!(now_ms() - 91 * DAY_MS), json!(now_ms() - 90 * DAY_MS));
    assert_eq!(get(&running, "open.order.cursor.list", far).await["sub_msg"], "beginTime无效");
    assert_eq!(get(&running, "open.order.cursor.list", window("", 101)).await["sub_msg"], "pageSize无效");
    let mut shipped = window("", 50);
    shipped["orderViewStatus"] = json!(4);
    assert!(oids(&get(&running, "open.order.cursor.list", shipped).await).is_empty());
}

#[tokio::test]
async fn a_cart_becomes_orders_of_one_line_that_show_no_receiver() {
    let running = start().await;
    let lines = ["TEA-250", "TEA-500"].map(|s| NewLine { sku: s.to_owned(), qty: 2, unit_price: None, title: None });
    let first = running.place(AT, &NewOrder { lines: Some(lines.to_vec()), ..NewOrder::default() }).unwrap();
    let orders = running.ledger().orders;
    assert_eq!((orders.len(), orders[0].order.id), (2, first));
    assert_eq!(orders[0].order.receiver, orders[1].order.receiver);
    let shown = detail(&running, first).await;
    assert_eq!(
        (&shown["orderBaseInfo"]["totalFee"], &shown["orderBaseInfo"]["expressFee"]),
        (&json!(24_000), &json!(800))
    );
    assert_eq!((&shown["orderItemInfo"]["skuNick"], &shown["orderItemInfo"]["num"]), (&json!("TEA-250"), &json!(2)));
    assert!(shown["orderBaseInfo"]["payTime"].as_i64().unwrap() > 1_000_000_000_000, "milliseconds");
    let known = &orders[0].order.receiver;
    for secret in [&known.name, &known.phone, &known.address] {
        assert!(!shown.to_string().contains(secret.as_str()));
    }
    assert_eq!(shown["orderAddress"]["province"], known.province.as_str());
}

#[tokio::test]
async fn delivering_is_idempotent_by_number_and_takes_parts_more_parcels_and_changes() {
    let running = start().await;
    let whole = running.place(AT, &order_of(1)).unwrap();
    let parcel = |id: i64, number: &str| json!({"orderId": id, "expressCode": 4, "expressNo": number});
    for _ in 0..2 {
        assert_eq!(
            post(&running, "open.seller.order.goods.deliver", parcel(whole, "SF1400000000013")).await["result"],
            1
        );
    }
    assert_ne!(post(&running, "open.seller.order.goods.deliver", parcel(whole, "SF1400000000014")).await["result"], 1);
    let textual = json!({"orderId": whole, "expressCode": "4", "expressNo": "SF1400000000013"});
    assert_eq!(
        post(&running, "open.seller.order.goods.deliver", textual).await["result"],
        2_001,
        "the code is a number"
    );
    let more = json!({"oid": whole, "expressCode": 4, "expressNo": "SF1400000000015"});
    assert_eq!(post(&running, "open.seller.order.goods.logistics.append", more).await["result"], 1);
    assert_eq!(
        post(&running, "open.seller.order.logistics.update", parcel(whole, "SF1400000000026")).await["result"],
        1
    );
    let shown = detail(&running, whole).await;
    let numbers: Vec<&Value> =
        shown["orderLogisticsInfo"].as_array().unwrap().iter().map(|l| &l["expressNo"]).collect();
    assert_eq!(
        (&shown["orderBaseInfo"]["status"], numbers),
        (&json!(40), vec![&json!("SF1400000000026"), &json!("SF1400000000015")])
    );
    let parted = running.place(AT, &order_of(3)).unwrap();
    let piece = |number: &str, pieces: i64| json!({"expressCode": 4, "expressNo": number, "deliveryGoodsInfoList": [{"oid": parted, "deliveryNum": pieces}]});
    let split = json!({"mainOrderId": parted, "deliveryItemInfoList": [piece("SF1400000000031", 1), piece("SF1400000000032", 2)],
        "deliveryStatus": [{"oid": parted, "confirmDeliveryStatus": 40}]});
    assert_eq!(post(&running, "open.order.goods.split.deliver", split).await["result"], 1);
    let kinds: Vec<&str> = running.ledger().confirmations.iter().map(|c| c.kind).collect();
    assert_eq!(kinds, ["create", "repeat", "create", "update", "create", "create"]);
}

#[tokio::test]
async fn what_is_held_refunding_or_unpaid_is_not_to_be_shipped() {
    let running = start().await;
    let held = running.place(AT, &NewOrder { tags: vec!["hold".to_owned()], ..order_of(1) }).unwrap();
    let refunding = running.place(AT, &order_of(1)).unwrap();
    running.refund(AT, refunding, &[], Refund::Requested).unwrap();
    let unpaid = running.place(AT, &NewOrder { paid: Some(false), ..order_of(1) }).unwrap();
    for (id, status) in [(held, 30), (refunding, 30), (unpaid, 10)] {
        assert_eq!(detail(&running, id).await["orderBaseInfo"]["status"], status);
        let answer = post(
            &running,
            "open.seller.order.goods.deliver",
            json!({"orderId": id, "expressCode": 4, "expressNo": "SF1400000000013"}),
        )
        .await;
        assert_ne!(answer["result"], 1);
    }
    assert_eq!(detail(&running, held).await["orderBaseInfo"]["disableDeliveryReasonCode"], json!([1]));
    let times = json!({"beginTime": now_ms() - 600_000, "endTime": now_ms() + 60_000, "type": 9, "pageSize": 10, "pcursor": ""});
    let refunds = get(&running, "open.seller.order.refund.pcursor.list", times).await["data"].clone();
    let row = &refunds["refundOrderInfoList"][0];
    assert_eq!(
        (row["oid"].as_i64(), &row["status"], &refunds["pcursor"]),
        (Some(refunding), &json!(10), &json!("nomore"))
    );
    running.refund(AT, refunding, &[], Refund::Done).unwrap();
    let shown = detail(&running, refunding).await;
    assert_eq!(
        (&shown["orderBaseInfo"]["status"], &shown["orderRefundList"][0]["refundStatus"]),
        (&json!(80), &json!(60))
    );
}

#[tokio::test]
async fn stock_is_added_taken_and_set() {
    let running = start().await;
    let tea = running.goods()[0].clone();
    let (item, sku) = tea.listing(AT);
    for (kind, number, expected) in [(3, 10, 1), (1, 5, 1), (2, 6, 1), (2, 100, 3_002), (4, 1, 2_001)] {
        let param = json!({"kwaiItemId": item.parse::<i64>().unwrap(), "skuId": sku.parse::<i64>().unwrap(), "skuChangeStock": number, "changeType": kind});
        assert_eq!(post(&running, "open.item.sku.stock.update", param).await["result"], expected);
    }
    assert_eq!(running.ledger().stock["kuaishou"][&tea.sku], 9);
    let seen = get(&running, "open.item.get", json!({"kwaiItemId": item.parse::<i64>().unwrap()})).await;
    let variants = seen["data"]["skuInfos"].as_array().unwrap();
    let has = variants.iter().find(|one| one["kwaiSkuId"] == sku.parse::<i64>().unwrap()).unwrap();
    assert_eq!((&seen["result"], &has["skuStock"]), (&json!(1), &json!(9)));
    assert_eq!(get(&running, "open.item.get", json!({"kwaiItemId": 1})).await["result"], 3_001);
}

async fn booked(running: &Running, id: i64, change: impl FnOnce(&mut Value)) -> Value {
    let order = detail(running, id).await;
    let to = &order["orderAddress"];
    let mut row = json!({"requestId": "r1", "merchantCode": "m", "tradeOrderCode": id.to_string(), "packageCode": "p1", "orderChannel": "KUAI_SHOU", "templateUrl": "https://template",
        "expressCompanyCode": "ZTO", "totalPackageQuantity": 1, "itemList": [{"itemTitle": "茶叶", "itemQuantity": 1}],
        "receiverContract": {"name": to["encryptedConsignee"], "mobile": to["encryptedMobile"]},
        "receiverAddress": {"provinceName": to["province"], "cityName": to["city"], "districtName": to["district"], "detailAddress": to["encryptedAddress"]},
        "senderContract": {"name": "仓库", "mobile": "13800100001"},
        "senderAddress": {"provinceName": "浙江省", "cityName": "杭州市", "districtName": "余杭区", "detailAddress": "良渚街道 1 号仓"}});
    change(&mut row);
    post(running, "open.express.ebill.get", json!({"getEbillOrderRequest": [row]})).await["data"][0].clone()
}

#[tokio::test]
async fn the_same_trade_and_package_get_the_same_number_until_it_is_cancelled() {
    let running = start().await;
    let id = running.place(AT, &order_of(1)).unwrap();
    let first = booked(&running, id, |_| ()).await;
    let number = first["data"][0]["waybillCode"].clone();
    assert_eq!(first["baseResponse"]["success"], true);
    assert_eq!(booked(&running, id, |r| r["requestId"] = json!("r2")).await["data"][0]["waybillCode"], number);
    assert_ne!(booked(&running, id, |r| r["packageCode"] = json!("p2")).await["data"][0]["waybillCode"], number);
    let ledger = running.ledger();
    assert_eq!((ledger.waybills.len(), &ledger.waybills[0].receiver), (2, &ledger.orders[0].order.receiver));
    for secret in [&ledger.waybills[0].receiver.phone, &ledger.waybills[0].receiver.address] {
        assert!(!first.to_string().contains(secret.as_str()));
    }
    let masked = booked(&running, id, |r| r["receiverContract"]["mobile"] = json!("138****0000")).await;
    assert_eq!(masked["baseResponse"]["success"], false);
    let cancel = json!({"expressCompanyCode": "ZTO", "waybillCode": number});
    assert_eq!(post(&running, "open.express.ebill.cancel", cancel.clone()).await["result"], 1);
    assert_ne!(post(&running, "open.express.ebill.cancel", cancel).await["result"], 1);
    let fresh = booked(&running, id, |_| ()).await["data"][0]["waybillCode"].clone();
    assert_ne!(fresh, number);
    running.advance(fresh.as_str().unwrap(), Until::Delivered, false).unwrap();
    assert_eq!(detail(&running, id).await["orderBaseInfo"]["status"], 70);
}

#[tokio::test]
async fn messages_are_bare_cipher_text_and_tell_the_whole_life() {
    let (running, hub) = (start().await, Hub::start().await);
    hub.answer(200, r#"{"result":1}"#);
    running.connect(&Targets { kuaishou: Some(hub.url.clone()), ..Targets::default() });
    let id = running.place(AT, &NewOrder { paid: Some(false), ..order_of(1) }).unwrap();
    running.pay(AT, id).unwrap();
    running.modify(AT, id, Modify { receiver: Some(Receiver::default()), ..Modify::default() }).unwrap();
    running.refund(AT, id, &[], Refund::Requested).unwrap();
    running.refund(AT, id, &[], Refund::None).unwrap();
    post(
        &running,
        "open.seller.order.goods.deliver",
        json!({"orderId": id, "expressCode": 4, "expressNo": "SF1400000000013"}),
    )
    .await;
    running.complete(AT, id).unwrap();
    let secret = running.options().kuaishou.message_secret;
    let opened: Vec<Value> = hub
        .wait(8)
        .await
        .iter()
        .map(|push| {
            let text = seal::open_kuaishou_message(&secret, std::str::from_utf8(&push.body).unwrap()).unwrap();
            serde_json::from_str(&text).unwrap()
        })
        .collect();
    let heartbeats: Vec<&Value> = opened.iter().filter(|m| m["test"] == true).collect();
    assert_eq!(heartbeats.len(), 1);
    let mut events: Vec<&str> =
        opened.iter().filter(|m| m["test"] == false).map(|m| m["event"].as_str().unwrap()).collect();
    events.sort_unstable();
    assert_eq!(
        events,
        [
            "kwaishop_aftersales_addRefund",
            "kwaishop_aftersales_updateRefund",
            "kwaishop_order_addOrder",
            "kwaishop_order_addressUpdateAudit",
            "kwaishop_order_delivering",
            "kwaishop_order_orderSuccess",
            "kwaishop_order_paySuccess"
        ]
    );
    let paid = opened.iter().find(|m| m["event"] == "kwaishop_order_paySuccess").unwrap();
    let info: Value = serde_json::from_str(paid["info"].as_str().expect("info is a text")).unwrap();
    assert_eq!((info["oid"].as_i64(), &info["status"]), (Some(id), &json!(30)));
}

#[tokio::test]
async fn three_more_attempts_and_no_more() {
    let (running, hub) = (start().await, Hub::start().await);
    hub.answer(200, "ok");
    running.connect(&Targets { kuaishou: Some(hub.url.clone()), ..Targets::default() });
    until(|| running.ledger().pushes.iter().any(|p| p.outcome == "given_up")).await;
    assert_eq!(running.ledger().pushes[0].attempts, [200, 200, 200, 200]);
}

#[tokio::test]
async fn too_often_is_429_with_and_without_a_hint() {
    let running = start().await;
    running.fault(AT, Fault::Limit { retry_after: 7, when: When::default() });
    let hinted = send(&running, "GET", "open.order.detail", json!({"oid": 1}), &[]).await;
    assert_eq!((hinted.status, hinted.header("retry-after")), (429, "7"));
    running.fault(AT, Fault::LimitWithoutHint { when: When::default() });
    let bare = send(&running, "GET", "open.order.detail", json!({"oid": 1}), &[]).await;
    assert_eq!((bare.status, bare.header("retry-after")), (429, ""));
}
