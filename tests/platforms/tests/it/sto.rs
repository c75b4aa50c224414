use crate::carriers::{start, targets};
use crate::web::{Hub, form, try_call};
use huidan_platforms::{Platform, Running, Until, sign};
use serde_json::{Value, json};

async fn post(running: &Running, api: &str, to: &str, content: &str, digest: &str) -> Option<Value> {
    let key = running.options().sto.app_key;
    let body = form(&[
        ("api_name", api),
        ("content", content),
        ("from_appkey", &key),
        ("from_code", &key),
        ("to_appkey", to),
        ("to_code", to),
        ("data_digest", digest),
    ]);
    let url = format!("{}/gateway/link.do", running.addresses().sto);
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    Some(try_call("POST", &url, &headers, body).await.ok()?.json())
}

async fn ask(running: &Running, api: &str, to: &str, content: &Value) -> Option<Value> {
    let content = content.to_string();
    post(running, api, to, &content, &sign::raw_md5(&content, &running.options().sto.app_secret)).await
}

fn order(running: &Running, key: &str) -> Value {
    let who = |name: &str| {
        json!({"name": name, "mobile": "13800100001", "province": "浙江省", "city": "宁波市", "area": "鄞州区",
            "town": "", "address": "人民路 1 号"})
    };
    json!({"orderNo": key, "orderSource": "HUIDAN", "billType": "00", "orderType": "01", "sender": who("仓库"),
        "receiver": who("王小明"), "cargo": {"battery": "30", "goodsType": "小件", "goodsName": "茶叶"},
        "customer": {"siteCode": "571001", "customerName": running.options().sto.customer,
            "sitePwd": running.options().sto.password}})
}

pub(crate) async fn book(running: &Running, key: &str) -> Result<String, String> {
    let reply = ask(running, "OMS_EXPRESS_ORDER_CREATE", "sto_oms", &order(running, key)).await.ok_or("cut")?;
    reply["data"]["waybillNo"].as_str().map(str::to_owned).ok_or_else(|| reply.to_string())
}

pub(crate) async fn cancel(running: &Running, number: &str) -> bool {
    let content = json!({"billCode": number, "orderType": "01", "orderSource": "HUIDAN"});
    ask(running, "EDI_MODIFY_ORDER_CANCEL", "edi_modify_order", &content).await.unwrap()["success"] == "true"
}

#[tokio::test]
async fn a_wrong_digest_a_wrong_password_and_a_wrong_receiver_of_the_call_are_refused() {
    let running = start().await;
    let content = order(&running, "HD-1").to_string();
    let refused = post(&running, "OMS_EXPRESS_ORDER_CREATE", "sto_oms", &content, "bm8=").await.unwrap();
    assert_eq!((&refused["success"], &refused["errorMsg"]), (&json!("false"), &json!("签名验证失败")));
    assert_eq!(running.ledger().bad_signatures.len(), 1);
    let mut other = order(&running, "HD-1");
    other["customer"]["sitePwd"] = json!("no");
    let wrong = ask(&running, "OMS_EXPRESS_ORDER_CREATE", "sto_oms", &other).await.unwrap();
    assert_eq!(wrong["success"], "false");
    let elsewhere = ask(&running, "OMS_EXPRESS_ORDER_CREATE", "sto_none", &order(&running, "HD-1")).await.unwrap();
    assert_eq!(elsewhere["errorCode"], "S04");
    assert!(running.ledger().waybills.is_empty());
}

#[tokio::test]
async fn traces_are_asked_for_by_numbers_newest_first_where_wanted() {
    let running = start().await;
    let number = book(&running, "HD-1").await.unwrap();
    running.advance(&number, Until::Problem, false).unwrap();
    let asked = json!({"waybillNoList": [number, "770000000000000"], "order": "desc"});
    let reply = ask(&running, "STO_TRACE_QUERY_COMMON", "sto_trace_query", &asked).await.unwrap();
    let rows = reply["data"][&number].as_array().unwrap();
    assert_eq!((&rows[0]["scanType"], &rows[0]["issueName"]), (&json!("问题件"), &json!("联系不上收件人")));
    assert_eq!(rows.last().unwrap()["scanType"], "收件");
    assert_eq!(reply["data"]["770000000000000"], json!([]));
}

#[tokio::test]
async fn the_push_comes_in_the_same_envelope_and_again_while_a_retry_is_wanted() {
    let (running, hub) = (start().await, Hub::start().await);
    running.connect(&targets(Platform::Sto, &hub.url));
    let number = book(&running, "HD-1").await.unwrap();
    hub.answer(200, r#"{"success":"true","needRetry":"true"}"#);
    running.advance(&number, Until::PickedUp, false).unwrap();
    let got = hub.wait(2).await;
    let fields: Vec<(String, String)> = form_urlencoded::parse(&got[1].body).into_owned().collect();
    let content: Value = serde_json::from_str(&fields[1].1).unwrap();
    assert_eq!((fields[0].1.as_str(), &content["linkCode"]), ("STO_TRACE_PLATFORM_PUSH", &json!("HD-1")));
    assert_eq!(fields[2].1, sign::raw_md5(&fields[1].1, &running.options().sto.app_secret));
    assert!(!content["trace"]["outBizCode"].as_str().unwrap().is_empty());
}
