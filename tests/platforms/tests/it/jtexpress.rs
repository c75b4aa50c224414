use crate::carriers::{start, targets};
use crate::web::{Hub, form, try_call};
use huidan_platforms::{Fault, Platform, Running, Until, sign};
use serde_json::{Value, json};
use std::time::{SystemTime, UNIX_EPOCH};

async fn post(running: &Running, path: &str, content: &str, digest: &str) -> Option<Value> {
    let url = format!("{}/webopenplatformapi/api/{path}", running.addresses().jtexpress);
    let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis().to_string();
    let key = running.options().jtexpress.app_key;
    let headers = [
        ("content-type", "application/x-www-form-urlencoded"),
        ("apiAccount", key.as_str()),
        ("timestamp", time.as_str()),
        ("digest", digest),
    ];
    Some(try_call("POST", &url, &headers, form(&[("bizContent", content)])).await.ok()?.json())
}

async fn ask(running: &Running, path: &str, content: &Value) -> Option<Value> {
    let content = content.to_string();
    post(running, path, &content, &sign::raw_md5(&content, &running.options().jtexpress.app_secret)).await
}

fn order(running: &Running, key: &str) -> Value {
    let who = |name: &str| {
        json!({"name": name, "mobile": "13800100001", "prov": "浙江省", "city": "宁波市", "area": "鄞州区",
            "address": "人民路 1 号"})
    };
    json!({"customerCode": running.options().jtexpress.customer, "txlogisticId": key, "expressType": "EZ",
        "sender": who("仓库"), "receiver": who("王小明"), "goodsType": "bm000006", "weight": "0.3"})
}

pub(crate) async fn book(running: &Running, key: &str) -> Result<String, String> {
    let reply = ask(running, "order/addOrder", &order(running, key)).await.ok_or("cut")?;
    reply["data"]["billCode"].as_str().map(str::to_owned).ok_or_else(|| reply.to_string())
}

pub(crate) async fn cancel(running: &Running, key: &str) -> bool {
    let content =
        json!({"customerCode": running.options().jtexpress.customer, "txlogisticId": key, "reason": "不要了"});
    ask(running, "order/cancelOrder", &content).await.unwrap()["code"] == "1"
}

#[tokio::test]
async fn a_wrong_digest_and_a_time_that_is_off_are_refused() {
    let running = start().await;
    let content = order(&running, "HD-1").to_string();
    let refused = post(&running, "order/addOrder", &content, "bm8=").await.unwrap();
    assert_eq!((&refused["code"], &refused["msg"]), (&json!("145003030"), &json!("headers签名失败")));
    running.fault(Platform::Jtexpress, Fault::ClockSkew { seconds: 3_600 });
    let late = ask(&running, "order/addOrder", &order(&running, "HD-1")).await.unwrap();
    assert_eq!(late["msg"], "timestamp不合法");
    assert_eq!((running.ledger().bad_signatures.len(), running.ledger().waybills.len()), (2, 0));
}

#[tokio::test]
async fn traces_are_asked_for_by_a_list_in_one_text_and_pushed_signed() {
    let (running, hub) = (start().await, Hub::start().await);
    running.connect(&targets(Platform::Jtexpress, &hub.url));
    hub.answer(200, r#"{"code":"1","msg":"success","data":"SUCCESS"}"#);
    let (one, two) = (book(&running, "HD-1").await.unwrap(), book(&running, "HD-2").await.unwrap());
    running.advance(&one, Until::Problem, false).unwrap();
    let reply = ask(&running, "logistics/trace", &json!({"billCodes": format!("{one},{two}")})).await.unwrap();
    let details = reply["data"][0]["details"].as_array().unwrap();
    let last = details.last().unwrap();
    assert_eq!((&last["scanType"], &last["problemType"]), (&json!("11"), &json!("A1")));
    assert_eq!(reply["data"][1]["details"], json!([]));
    let push = hub.wait(5).await[0].clone();
    let content = form_urlencoded::parse(&push.body).next().unwrap().1.into_owned();
    assert_eq!(push.header("digest"), sign::raw_md5(&content, &running.options().jtexpress.app_secret));
    assert!(content.contains(&one));
    let found = ask(&running, "order/getOrders", &json!({"serialNumber": ["HD-2"]})).await.unwrap();
    assert_eq!(found["data"][0]["billCode"], json!(two));
}
