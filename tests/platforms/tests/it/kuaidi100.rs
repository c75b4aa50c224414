use crate::carriers::{book as book_at, start, start_with};
use crate::web::{Hub, form, try_call, until};
use huidan_platforms::{Options, Platform, Platforms, Repeats, Running, Until, sign};
use serde_json::{Value, json};

const FORM: [(&str, &str); 1] = [("content-type", "application/x-www-form-urlencoded")];
const ACK: &str = r#"{"result":true,"returnCode":"200","message":"成功"}"#;

async fn query(running: &Running, param: &Value, customer: &str) -> Value {
    let (options, param) = (running.options().kuaidi100, param.to_string());
    let signed = sign::kuaidi100(&[&param, &options.app_key, &options.customer]);
    let body = form(&[("customer", customer), ("param", &param), ("sign", &signed)]);
    let url = format!("{}/poll/query.do", running.addresses().kuaidi100);
    try_call("POST", &url, &FORM, body).await.unwrap().json()
}

pub(crate) async fn subscribe(running: &Running, number: &str, url: &str, salt: &str) -> Value {
    let param = json!({"company": "yuantong", "number": number, "key": running.options().kuaidi100.app_key,
        "parameters": {"callbackurl": url, "salt": salt, "resultv2": "4"}});
    let body = form(&[("schema", "json"), ("param", &param.to_string())]);
    let at = format!("{}/poll", running.addresses().kuaidi100);
    try_call("POST", &at, &FORM, body).await.unwrap().json()
}

async fn label(running: &Running, param: &Value, spoil: &str) -> Option<Value> {
    let (options, param) = (running.options().kuaidi100, param.to_string());
    let signed = sign::kuaidi100(&[&param, "1700000000000", &options.app_key, &options.token]);
    let body = form(&[
        ("method", "order"),
        ("key", &options.app_key),
        ("t", "1700000000000"),
        ("sign", &format!("{signed}{spoil}")),
        ("param", &param),
    ]);
    let url = format!("{}/label/order", running.addresses().kuaidi100);
    Some(try_call("POST", &url, &FORM, body).await.ok()?.json())
}

fn order(running: &Running, key: &str) -> Value {
    let who = |name: &str| json!({"name": name, "mobile": "13800100001", "printAddr": "浙江省宁波市鄞州区人民路 1 号"});
    json!({"kuaidicom": "yuantong", "partnerId": running.options().kuaidi100.customer, "recMan": who("王小明"),
        "sendMan": who("仓库"), "cargo": "茶叶", "count": 1, "payType": "MONTHLY", "printType": "HTML", "orderId": key})
}

pub(crate) async fn book(running: &Running, key: &str) -> Result<String, String> {
    let reply = label(running, &order(running, key), "").await.ok_or("cut")?;
    reply["data"]["kuaidinum"].as_str().map(str::to_owned).ok_or_else(|| reply.to_string())
}

#[tokio::test]
async fn three_signs_are_made_of_three_texts() {
    let running = start().await;
    let bad = label(&running, &order(&running, "HD-1"), "0").await.unwrap();
    assert_eq!((&bad["success"], &bad["message"]), (&json!(false), &json!("验证签名失败")));
    let wrong = query(&running, &json!({"com": "yuantong", "num": "YT1"}), "nobody").await;
    assert_eq!(wrong["message"], "验证签名失败");
    assert_eq!(running.ledger().bad_signatures.len(), 2);
    let known = start_with(Platform::Kuaidi100, |o| o.repeats = Repeats::First).await;
    let first = book(&known, "HD-1").await.unwrap();
    assert_eq!(book(&known, "HD-1").await.unwrap(), first);
}

#[tokio::test]
async fn the_same_number_is_not_asked_about_again_within_half_an_hour() {
    let running = Platforms::start(Options { speed: 1, ..Options::default() }).await.unwrap();
    let number = book_at(&running, Platform::Yto, "HD-1").await.unwrap();
    running.advance(&number, Until::InTransit, false).unwrap();
    let asked = json!({"com": "yuantong", "num": number, "order": "desc"});
    let customer = running.options().kuaidi100.customer;
    let found = query(&running, &asked, &customer).await;
    assert_eq!((&found["message"], &found["state"], &found["nu"]), (&json!("ok"), &json!("0"), &json!(number)));
    assert!(found["data"][0]["context"].as_str().unwrap().contains("到达"), "newest first");
    let again = query(&running, &asked, &customer).await;
    assert_eq!((&again["result"], &again["returnCode"]), (&json!(false), &json!("503")));
    let upper = query(&running, &json!({"com": "YTO", "num": number}), &customer).await;
    assert_eq!(upper["returnCode"], "400");
    let zto = query(&running, &json!({"com": "zhongtong", "num": "7300000000000"}), &customer).await;
    assert_eq!(zto["returnCode"], "408", "a phone is wanted");
}

#[tokio::test]
async fn another_carriers_scans_come_after_a_subscription_salted_and_end_with_a_shutdown() {
    let (running, hub) = (start().await, Hub::start().await);
    hub.answer(200, ACK);
    let number = book_at(&running, Platform::Yto, "HD-1").await.unwrap();
    running.advance(&number, Until::PickedUp, false).unwrap();
    assert!(hub.got().is_empty());
    assert_eq!(subscribe(&running, &number, &hub.url, "salt").await["returnCode"], "200");
    assert_eq!(subscribe(&running, &number, &hub.url, "salt").await["returnCode"], "501");
    running.advance(&number, Until::OutForDelivery, false).unwrap();
    let got = hub.wait(1).await;
    let fields: Vec<(String, String)> = form_urlencoded::parse(&got[0].body).into_owned().collect();
    let param: Value = serde_json::from_str(&fields[1].1).unwrap();
    assert_eq!(fields[0].1, sign::kuaidi100(&[&fields[1].1, "salt"]));
    assert_eq!((&param["status"], &param["lastResult"]["state"]), (&json!("polling"), &json!("5")));
    assert_eq!(param["lastResult"]["data"].as_array().unwrap().len(), 4, "the whole list");
    running.advance(&number, Until::Delivered, false).unwrap();
    hub.wait(2).await;
    assert_eq!(running.ledger().pushes[1].topic, "shutdown");
}

#[tokio::test]
async fn a_number_without_records_is_given_up_and_may_be_subscribed_four_times() {
    let (running, hub) = (start().await, Hub::start().await);
    hub.answer(200, ACK);
    for _ in 0..4 {
        assert_eq!(subscribe(&running, "EM000000001", &hub.url, "").await["returnCode"], "200");
        running.abort("EM000000001").unwrap();
    }
    let got = hub.wait(4).await;
    let fields: Vec<(String, String)> = form_urlencoded::parse(&got[0].body).into_owned().collect();
    let param: Value = serde_json::from_str(&fields[1].1).unwrap();
    assert_eq!((&param["status"], &param["message"]), (&json!("abort"), &json!("3天查询无记录")));
    assert_eq!(fields[0].1, sign::kuaidi100(&[&fields[1].1, ""]), "an empty salt signs too");
    assert_eq!(subscribe(&running, "EM000000001", &hub.url, "").await["returnCode"], "700");
}

#[tokio::test]
async fn a_push_that_is_not_acknowledged_is_tried_three_times_more() {
    let (running, hub) =
        (Platforms::start(Options { speed: 100_000, ..Options::default() }).await.unwrap(), Hub::start().await);
    hub.answer(200, "ok");
    subscribe(&running, "EM000000002", &hub.url, "salt").await;
    running.advance("EM000000002", Until::PickedUp, false).unwrap();
    until(|| running.ledger().pushes.first().is_some_and(|p| p.outcome == "given_up")).await;
    let push = running.ledger().pushes[0].clone();
    assert_eq!((push.attempts, push.wrong_acks), (vec![200, 200, 200, 200], 4));
}
