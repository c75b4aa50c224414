use crate::carriers::{start, targets};
use crate::web::{Hub, try_call};
use huidan_platforms::{Platform, Running, Until, sign};
use serde_json::{Value, json};

async fn post(running: &Running, path: &str, body: &str, signed: &str) -> Option<Value> {
    let url = format!("{}{path}", running.addresses().yunda);
    let key = running.options().yunda.app_key;
    let headers = [
        ("content-type", "application/json"),
        ("app-key", key.as_str()),
        ("req-time", "1700000000000"),
        ("sign", signed),
    ];
    Some(try_call("POST", &url, &headers, body.to_owned()).await.ok()?.json())
}

async fn ask(running: &Running, path: &str, body: &Value) -> Option<Value> {
    let body = body.to_string();
    post(running, path, &body, &sign::yunda(&body, &running.options().yunda.app_secret)).await
}

async fn orders(running: &Running, what: &str, orders: Value) -> Option<Value> {
    let options = running.options().yunda;
    let body = json!({"appid": options.app_key, "partner_id": options.customer, "secret": options.password,
        "orders": orders});
    ask(running, &format!("/openapi-api/v1/accountOrder/{what}"), &body).await
}

fn order(key: &str) -> Value {
    let who = |name: &str| {
        json!({"name": name, "mobile": "13800100001", "province": "浙江省", "city": "宁波市", "county": "鄞州区",
            "address": "人民路 1 号"})
    };
    json!({"order_serial_no": key, "khddh": key, "order_type": "common", "sender": who("仓库"),
        "receiver": who("王小明"), "items": [{"name": "茶叶", "number": 1}], "weight": 0.3})
}

pub(crate) async fn book(running: &Running, key: &str) -> Result<String, String> {
    let reply = orders(running, "createBmOrder", json!([order(key)])).await.ok_or("cut")?;
    let number = reply["data"][0]["mail_no"].as_str().unwrap_or_default();
    if number.is_empty() { Err(reply.to_string()) } else { Ok(number.to_owned()) }
}

pub(crate) async fn cancel(running: &Running, key: &str) -> bool {
    let reply = orders(running, "cancelBmOrder", json!([{"order_serial_no": key}])).await.unwrap();
    reply["data"][0]["status"] == "1"
}

#[tokio::test]
async fn the_sign_is_lower_case_hex_and_the_password_counts() {
    let running = start().await;
    let body = json!({"mailno": "430000000000001"}).to_string();
    let upper = sign::yunda(&body, &running.options().yunda.app_secret).to_uppercase();
    let refused = post(&running, "/openapi/outer/logictis/query", &body, &upper).await.unwrap();
    assert_eq!((&refused["result"], &refused["message"]), (&json!(false), &json!("签名错误")));
    assert_eq!(running.ledger().bad_signatures.len(), 1);
    let wrong = json!({"appid": "yunda-key-1", "partner_id": "nobody", "secret": "no", "orders": [order("HD-1")]});
    let wrong = ask(&running, "/openapi-api/v1/accountOrder/createBmOrder", &wrong).await.unwrap();
    assert_eq!((&wrong["result"], running.ledger().waybills.len()), (&json!(false), 0));
}

#[tokio::test]
async fn rows_succeed_and_fail_alone_and_the_print_info_is_a_text_of_json() {
    let running = start().await;
    let mut bad = order("HD-2");
    bad["receiver"]["name"] = json!("王**");
    let reply = orders(&running, "createBmOrder", json!([order("HD-1"), bad])).await.unwrap();
    assert_eq!(
        (&reply["result"], &reply["data"][0]["status"], &reply["data"][1]["status"]),
        (&json!(true), &json!("1"), &json!("0"))
    );
    let info: Value = serde_json::from_str(reply["data"][0]["pdf_info"].as_str().unwrap()).unwrap();
    assert_eq!(info[0][0]["mailno"], reply["data"][0]["mail_no"]);
    let mut moved = order("HD-1");
    moved["receiver"]["address"] = json!("解放路 2 号");
    let reply = orders(&running, "updateBmOrder", json!([moved])).await.unwrap();
    assert_eq!(reply["data"][0]["status"], "1");
    assert_eq!(running.ledger().waybills[0].receiver.address, "解放路 2 号");
}

#[tokio::test]
async fn a_query_wants_a_subscription_first() {
    let (running, hub) = (start().await, Hub::start().await);
    running.connect(&targets(Platform::Yunda, &hub.url));
    hub.answer(200, r#"{"result":true,"code":"0000","message":"请求成功","data":null}"#);
    let number = book(&running, "HD-1").await.unwrap();
    running.advance(&number, Until::PickedUp, false).unwrap();
    let mailno = json!({"mailno": number});
    let refused = ask(&running, "/openapi/outer/logictis/query", &mailno).await.unwrap();
    assert_eq!((&refused["result"], &refused["message"]), (&json!(false), &json!("运单未订阅")));
    assert_eq!(ask(&running, "/openapi/outer/logictis/subscribe", &mailno).await.unwrap()["result"], true);
    let found = ask(&running, "/openapi/outer/logictis/query", &mailno).await.unwrap();
    assert_eq!((&found["data"]["status"], &found["data"]["steps"][0]["action"]), (&json!("GOT"), &json!("GOT")));
    let push = hub.wait(1).await[0].clone();
    let body = String::from_utf8_lossy(&push.body).into_owned();
    assert_eq!(push.header("sign"), sign::yunda(&body, &running.options().yunda.app_secret));
    assert_eq!(push.json()["mailno"], json!(number));
}
