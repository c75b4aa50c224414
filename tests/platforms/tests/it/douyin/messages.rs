//! What it tells a shop's hub.

use super::{AT, ask, order_of, start};
use crate::web::{Hub, until};
use huidan_platforms::{Fault, Modify, NewOrder, Receiver, Refund, Targets, seal};
use serde_json::{Value, json};

fn tags(body: &Value) -> Vec<String> {
    body.as_array().unwrap().iter().map(|m| m["tag"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn messages_are_arrays_signed_over_their_text_and_tell_the_whole_life() {
    let (running, hub) = (start().await, Hub::start().await);
    hub.answer(200, r#"{"code":0,"msg":"success"}"#);
    running.connect(&Targets { douyin: Some(hub.url.clone()), ..Targets::default() });
    assert_eq!(tags(&hub.wait(1).await[0].json()), ["0"], "a saved address is tried");
    let id = running.place(AT, &NewOrder { paid: Some(false), ..order_of(&["TEA-250"]) }).unwrap();
    running.pay(AT, id).unwrap();
    running.modify(AT, id, Modify { receiver: Some(Receiver::default()), ..Modify::default() }).unwrap();
    running.modify(AT, id, Modify { seller_remark: Some("加急".to_owned()), ..Modify::default() }).unwrap();
    running.refund(AT, id, &[], Refund::Requested).unwrap();
    running.refund(AT, id, &[], Refund::None).unwrap();
    ask(
        &running,
        "order.logisticsAdd",
        json!({"company_code": "shunfeng", "logistics_code": "SF1400000000013", "order_id": id.to_string()}),
    )
    .await;
    running.complete(AT, id).unwrap();
    let got = hub.wait(9).await;
    let mut seen: Vec<String> = got.iter().flat_map(|g| tags(&g.json())).collect();
    seen.sort();
    assert_eq!(seen, ["0", "100", "101", "102", "103", "105", "113", "200", "207"]);
    let options = running.options().douyin;
    for push in &got {
        assert_eq!(push.header("event-sign"), seal::doudian_event(&options.app_key, &push.body, &options.app_secret));
        assert_eq!(push.header("app-id"), options.app_key);
    }
    let moved = got.iter().map(|g| g.json()[0].clone()).find(|m| m["tag"] == "105").unwrap();
    let data: Value = serde_json::from_str(moved["data"].as_str().expect("data is a text")).unwrap();
    assert_eq!(data["p_id"].as_i64(), Some(id));
    assert!(!moved.to_string().contains("13800138000"));
    let address: Value = serde_json::from_str(data["receiver_msg"]["addr"].as_str().expect("addr is a text")).unwrap();
    assert!(address["encrypt_detail"].is_string());
    until(|| running.ledger().pushes.iter().all(|p| p.outcome == "acknowledged")).await;
}

#[tokio::test]
async fn only_its_own_words_acknowledge_and_it_gives_up_in_the_end() {
    let (running, hub) = (start().await, Hub::start().await);
    hub.answer(200, "{}");
    running.connect(&Targets { douyin: Some(hub.url.clone()), ..Targets::default() });
    hub.wait(2).await;
    hub.answer(200, r#"{"code":0,"msg":"success"}"#);
    until(|| running.ledger().pushes[0].outcome == "acknowledged").await;
    assert!(running.ledger().pushes[0].attempts.len() > 1);
    running.fault(
        AT,
        Fault::Webhooks { drop_percent: 0, duplicate_percent: 100, shuffle: true, delay_ms: 0, late_seconds: 0 },
    );
    let before = hub.got().len();
    running.place(AT, &NewOrder::default()).unwrap();
    let got = hub.wait(before + 2).await;
    assert_eq!(tags(&got[before].json()), ["100", "101"], "placed and paid in one array");
    assert_eq!(got[before].json()[0]["msg_id"], got[before + 1].json()[0]["msg_id"]);
}
