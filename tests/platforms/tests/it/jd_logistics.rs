use crate::carriers::{start, targets};
use crate::web::{Hub, try_call};
use huidan_platforms::{Fault, Platform, Running, Until, sign};
use serde_json::{Value, json};
use std::time::{SystemTime, UNIX_EPOCH};

fn beijing_now() -> String {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let at = chrono::DateTime::from_timestamp(i64::try_from(seconds).unwrap() + 8 * 3_600, 0).unwrap();
    at.format("%Y-%m-%d %H:%M:%S").to_string()
}

async fn post(running: &Running, domain: &str, path: &str, body: &str, algorithm: &str, spoil: &str) -> Option<Value> {
    let (options, time) = (running.options().jd_logistics, beijing_now());
    let text = sign::jd_logistics_text(&options.app_secret, &options.token, &options.app_key, path, body, &time);
    let signed = sign::jd_logistics(algorithm, &text, &options.app_secret).unwrap();
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("LOP-DN", domain)
        .append_pair("app_key", &options.app_key)
        .append_pair("access_token", &options.token)
        .append_pair("timestamp", &time)
        .append_pair("v", "2.0")
        .append_pair("algorithm", algorithm)
        .append_pair("sign", &format!("{signed}{spoil}"))
        .finish();
    let url = format!("{}{path}?{query}", running.addresses().jd_logistics);
    let headers = [("content-type", "application/json;charset=utf-8"), ("lop-tz", "8")];
    Some(try_call("POST", &url, &headers, body.to_owned()).await.ok()?.json())
}

async fn ask(running: &Running, domain: &str, path: &str, first: &Value) -> Option<Value> {
    post(running, domain, path, &json!([first]).to_string(), "md5-salt", "").await
}

fn order(running: &Running, key: &str) -> Value {
    let who =
        |name: &str| json!({"name": name, "mobile": "13800100001", "fullAddress": "浙江省宁波市鄞州区人民路 1 号"});
    json!({"orderId": key, "senderContact": who("仓库"), "receiverContact": who("王小明"), "orderOrigin": 1,
        "customerCode": running.options().jd_logistics.customer, "productsReq": {"productCode": "ed-m-0001"},
        "settleType": 3, "cargoes": [{"name": "茶叶", "quantity": 1, "weight": 0.3, "volume": 500}]})
}

pub(crate) async fn book(running: &Running, key: &str) -> Result<String, String> {
    let reply = ask(running, "ECAP", "/ecap/v1/orders/create", &order(running, key)).await.ok_or("cut")?;
    reply["data"]["waybillCode"].as_str().map(str::to_owned).ok_or_else(|| reply.to_string())
}

pub(crate) async fn cancel(running: &Running, number: &str) -> bool {
    let body = json!({"waybillCode": number, "cancelReason": "不要了", "cancelReasonCode": "1"});
    let reply = ask(running, "ECAP", "/ecap/v1/orders/cancel", &body).await.unwrap();
    // Once it is collected it is called back instead, which is a success of another kind.
    reply["success"] == true && reply["data"]["resultType"] == 1
}

pub(crate) async fn subscribe(running: &Running, number: &str) {
    let body = json!({"waybillCode": number, "mobile": "0001", "orderOrigin": 1,
        "customerCode": running.options().jd_logistics.customer});
    let reply = ask(running, "ECAP", "/ecap/v1/orders/trace/subscribe", &body).await.unwrap();
    assert_eq!(reply["data"], "订阅成功");
}

#[tokio::test]
async fn both_families_of_signatures_hold_and_a_wrong_one_does_not() {
    let running = start().await;
    let body = json!([order(&running, "HD-1")]).to_string();
    let path = "/ecap/v1/orders/create";
    for (n, algorithm) in ["md5-salt", "HMacMD5", "HMacSHA1", "HMacSHA256", "HMacSHA512"].into_iter().enumerate() {
        let reply = post(&running, "ECAP", path, &body, algorithm, "").await.unwrap();
        assert_eq!((&reply["success"], running.ledger().waybills[0].repeats), (&json!(true), n as u64), "{algorithm}");
        let bad = post(&running, "ECAP", path, &body, algorithm, "0").await.unwrap();
        assert_eq!(bad["success"], false, "{algorithm}");
    }
    running.fault(Platform::JdLogistics, Fault::ClockSkew { seconds: 3_600 });
    let late = post(&running, "ECAP", path, &body, "md5-salt", "").await.unwrap();
    assert_eq!(late["msg"], "timestamp 不合法");
    assert_eq!(running.ledger().bad_signatures.len(), 6);
}

#[tokio::test]
async fn a_repeated_order_is_a_success_that_says_so() {
    let running = start().await;
    let first = ask(&running, "ECAP", "/ecap/v1/orders/create", &order(&running, "HD-1")).await.unwrap();
    assert!(first.get("subCode").is_none());
    let again = ask(&running, "ECAP", "/ecap/v1/orders/create", &order(&running, "HD-1")).await.unwrap();
    assert_eq!((&again["success"], &again["subCode"]), (&json!(true), &json!("0_0001")));
    assert_eq!(again["data"]["waybillCode"], first["data"]["waybillCode"]);
    let object = order(&running, "HD-2").to_string();
    let bare = post(&running, "ECAP", "/ecap/v1/orders/create", &object, "md5-salt", "").await.unwrap();
    assert_eq!(bare["success"], false, "the body is an array of arguments");
}

#[tokio::test]
async fn print_data_and_traces_are_got_from_their_own_domains() {
    let (running, hub) = (start().await, Hub::start().await);
    running.connect(&targets(Platform::JdLogistics, &hub.url));
    hub.answer(200, r#"{"code":"0","msg":"success"}"#);
    let number = book(&running, "HD-1").await.unwrap();
    subscribe(&running, &number).await;
    let asked = json!({"objectId": "1", "wayBillInfos": [{"waybillCode": number}]});
    let mut three = order(&running, "HD-3");
    three["cargoes"][0]["quantity"] = json!(3);
    let three = ask(&running, "ECAP", "/ecap/v1/orders/create", &three).await.unwrap();
    let first = json!({"wayBillInfos": [{"waybillCode": three["data"]["waybillCode"]}]});
    let papers = ask(&running, "jdcloudprint", "/PullDataService/pullData", &first).await.unwrap();
    let last = papers["printDatas"][2]["packageCode"].as_str().unwrap();
    assert!(last.ends_with("-3-3-"), "{last}");
    let data = ask(&running, "jdcloudprint", "/PullDataService/pullData", &asked).await.unwrap();
    assert_eq!(data["printDatas"][0]["waybillCode"], json!(number));
    running.advance(&number, Until::Delivered, false).unwrap();
    let asked = json!({"referenceNumber": number, "referenceType": "20000", "phone": "0001"});
    let traces = ask(&running, "Tracking_JD", "/jd/tracking/query", &asked).await.unwrap();
    assert_eq!(traces["data"]["traceDetails"].as_array().unwrap().len(), 5);
    let wrong = ask(&running, "ECAP", "/jd/tracking/query", &asked).await.unwrap();
    assert_eq!(wrong["success"], false);
    let last = hub.wait(5).await;
    let categories: Vec<i64> = last.iter().map(|g| g.json()["category"].as_i64().unwrap()).collect();
    assert!(categories.contains(&420) && categories.contains(&510));
}
