use crate::carriers::{start, targets};
use crate::web::{Hub, call, try_call, until};
use huidan_platforms::{NewScan, Platform, Running, ScanKind, Until, sign};
use serde_json::{Value, json};

async fn post(running: &Running, api: &str, body: &str, digest: &str) -> Option<Value> {
    let url = format!("{}/{api}", running.addresses().zto);
    let key = running.options().zto.app_key;
    let headers = [("content-type", "application/json"), ("x-appKey", key.as_str()), ("x-dataDigest", digest)];
    Some(try_call("POST", &url, &headers, body.to_owned()).await.ok()?.json())
}

async fn ask(running: &Running, api: &str, body: &Value) -> Option<Value> {
    let body = body.to_string();
    post(running, api, &body, &sign::raw_md5(&body, &running.options().zto.app_secret)).await
}

fn order(running: &Running, key: &str) -> Value {
    json!({"partnerType": "2", "orderType": "1", "partnerOrderCode": key,
        "accountInfo": {"accountId": running.options().zto.customer, "accountPassword": running.options().zto.password, "type": 1},
        "senderInfo": {"senderName": "仓库", "senderMobile": "13800100001", "senderProvince": "浙江省", "senderCity": "杭州市",
            "senderDistrict": "余杭区", "senderAddress": "良渚街道 1 号"},
        "receiveInfo": {"receiverName": "王小明", "receiverMobile": "13800100002", "receiverProvince": "浙江省",
            "receiverCity": "宁波市", "receiverDistrict": "鄞州区", "receiverAddress": "人民路 1 号"}})
}

pub(crate) async fn book(running: &Running, key: &str) -> Result<String, String> {
    let reply = ask(running, "zto.open.createOrder", &order(running, key)).await.ok_or("cut")?;
    reply["result"]["billCode"].as_str().map(str::to_owned).ok_or_else(|| reply.to_string())
}

pub(crate) async fn cancel(running: &Running, number: &str) -> bool {
    let reply = ask(running, "zto.open.cancelPreOrder", &json!({"cancelType": "1", "billCode": number})).await.unwrap();
    reply["status"] == true
}

#[tokio::test]
async fn the_digest_is_over_the_body_as_it_was_sent() {
    let running = start().await;
    let body = order(&running, "HD-1").to_string();
    let digest = sign::raw_md5(&body, &running.options().zto.app_secret);
    let refused = post(&running, "zto.open.createOrder", &format!("{body} "), &digest).await.unwrap();
    assert_eq!((&refused["status"], &refused["statusCode"]), (&json!(false), &json!("S211")));
    assert_eq!(running.ledger().bad_signatures.len(), 1);
    let unknown = ask(&running, "zto.open.none", &json!({})).await.unwrap();
    assert_eq!(unknown["statusCode"], "S207");
    let url = format!("{}/zto.open.createOrder", running.addresses().zto);
    assert_eq!(call("POST", &url, &[], body).await.json()["statusCode"], "S208");
    let mut other = order(&running, "HD-1");
    other["accountInfo"]["accountId"] = json!("nobody");
    assert_eq!(ask(&running, "zto.open.createOrder", &other).await.unwrap()["statusCode"], "E404");
    assert!(running.ledger().waybills.is_empty());
}

#[tokio::test]
async fn an_order_is_found_by_our_id_and_told_apart_when_cancelled() {
    let running = start().await;
    let number = book(&running, "HD-1").await.unwrap();
    let info = json!({"partnerOrderCode": "HD-1"});
    let found = ask(&running, "zto.open.getOrderInfo", &info).await.unwrap();
    assert_eq!((&found["result"]["billCode"], &found["result"]["orderStatus"]), (&json!(number), &json!("CREATED")));
    cancel(&running, &number).await;
    assert_eq!(ask(&running, "zto.open.getOrderInfo", &info).await.unwrap()["result"]["orderStatus"], "CANCEL");
    let none = ask(&running, "zto.open.getOrderInfo", &json!({"partnerOrderCode": "HD-2"})).await.unwrap();
    assert_eq!(none["status"], false);
}

#[tokio::test]
async fn a_parcel_is_called_back_once_and_comes_back() {
    let running = start().await;
    let (number, arrived) = (book(&running, "HD-1").await.unwrap(), book(&running, "HD-2").await.unwrap());
    let intercept = async |number: &str| {
        ask(&running, "thirdcenter.createIntercept", &json!({"billCode": number})).await.unwrap()["status"] == true
    };
    running.advance(&arrived, Until::Delivered, false).unwrap();
    assert!(!intercept(&arrived).await && !intercept("7000").await);
    running.advance(&number, Until::InTransit, false).unwrap();
    assert!(intercept(&number).await);
    assert!(!intercept(&number).await);
    // Forty hours are forty seconds at this speed: the first two are enough.
    until(|| running.ledger().parcels[0].scans.last().is_some_and(|s| s.kind == ScanKind::Returning)).await;
}

#[tokio::test]
async fn arrival_means_a_hub_in_the_push_and_a_locker_in_the_query() {
    let (running, hub) = (start().await, Hub::start().await);
    running.connect(&targets(Platform::Zto, &hub.url));
    hub.answer(200, r#"{"message":"","result":"success","status":true,"statusCode":"0"}"#);
    let number = book(&running, "HD-1").await.unwrap();
    running.advance(&number, Until::InTransit, true).unwrap();
    let scan = |kind| NewScan { kind, at_ms: None, city: String::new(), words: String::new(), silent: false };
    running.scan(&number, &scan(ScanKind::AtStation)).unwrap();
    running.scan(&number, &scan(ScanKind::Signed)).unwrap();
    let mut actions = Vec::new();
    for push in hub.wait(5).await {
        let fields: Vec<(String, String)> = form_urlencoded::parse(&push.body).into_owned().collect();
        assert_eq!(fields[1].1, sign::raw_md5(&fields[0].1, &running.options().zto.app_secret));
        assert_eq!((fields[2].1.as_str(), &fields[3].1), ("Traces", &running.options().zto.app_key));
        let data: Value = serde_json::from_str(&fields[0].1).unwrap();
        actions.push(data["action"].as_str().unwrap().to_owned());
    }
    actions.sort();
    assert_eq!(actions, ["ARRIVAL", "DEPARTURE", "DEPARTURE_SIGNED", "GOT", "INBOUND"]);
    let query = json!({"billCode": number, "mobilePhone": "0002"});
    let rows = ask(&running, "zto.merchant.waybill.track.query", &query).await.unwrap();
    let types: Vec<&str> = rows["result"].as_array().unwrap().iter().map(|r| r["scanType"].as_str().unwrap()).collect();
    assert_eq!(types, ["收件", "发件", "到件", "ARRIVAL", "SIGNED"]);
    let bad = json!({"billCode": number, "mobilePhone": "13800100002"});
    assert_eq!(ask(&running, "zto.merchant.waybill.track.query", &bad).await.unwrap()["statusCode"], "E409");
}
