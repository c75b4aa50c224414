use crate::web::{Hub, call, form, until};
use huidan_platforms::{Options, Platforms, Running, Targets, Until, sign};
use serde_json::{Value, json};

async fn post(running: &Running, service: &str, data: &Value, digest: Option<&str>) -> Value {
    let options = running.options().sf;
    let data = data.to_string();
    let right = sign::sf(&data, "1700000000000", &options.checkword, options.url_encoded_digest);
    let body = form(&[
        ("partnerID", &options.partner_id),
        ("requestID", "0f0e0d0c-0000-4000-8000-000000000001"),
        ("serviceCode", service),
        ("timestamp", "1700000000000"),
        ("msgDigest", digest.unwrap_or(&right)),
        ("msgData", &data),
    ]);
    let url = format!("{}/std/service", running.addresses().sf);
    let headers = [("content-type", "application/x-www-form-urlencoded;charset=UTF-8")];
    let reply = call("POST", &url, &headers, body).await;
    assert_eq!(reply.status, 200);
    reply.json()
}

async fn ask(running: &Running, service: &str, data: Value) -> Value {
    let outer = post(running, service, &data, None).await;
    assert_eq!(outer["apiResultCode"], "A1000");
    let text = outer["apiResultData"].as_str().expect("a text that holds JSON");
    serde_json::from_str(text).unwrap()
}

fn order(id: &str) -> Value {
    let who = |kind: i64, name: &str| {
        json!({"contactType": kind, "contact": name, "mobile": "13800100001", "country": "CN", "province": "浙江省",
            "city": "杭州市", "county": "余杭区", "address": "良渚街道 1 号"})
    };
    json!({"language": "zh-CN", "orderId": id, "contactInfoList": [who(1, "仓库"), who(2, "王 小+明")], "monthlyCard": "7551234567",
        "payMethod": 1, "expressTypeId": 1, "parcelQty": 1, "cargoDetails": [{"name": "茶叶", "count": 1}]})
}

async fn start() -> Running {
    Platforms::start(Options::default()).await.unwrap()
}

#[tokio::test]
async fn the_same_order_id_gets_the_first_number_and_is_charged_once() {
    let running = start().await;
    let first = ask(&running, "EXP_RECE_CREATE_ORDER", order("HD-1")).await;
    assert_eq!(first["msgData"]["filterResult"], 2);
    let again = ask(&running, "EXP_RECE_CREATE_ORDER", order("HD-1")).await;
    assert_eq!(first["msgData"]["waybillNoInfoList"], again["msgData"]["waybillNoInfoList"]);
    let waybills = running.ledger().waybills;
    assert_eq!((waybills.len(), waybills[0].repeats), (1, 1));
    let found = ask(&running, "EXP_RECE_SEARCH_ORDER_RESP", json!({"orderId": "HD-1"})).await;
    assert_eq!(found["msgData"]["waybillNoInfoList"], first["msgData"]["waybillNoInfoList"]);
    let none = ask(&running, "EXP_RECE_SEARCH_ORDER_RESP", json!({"orderId": "HD-2"})).await;
    assert_eq!(none["success"], false);
}

#[tokio::test]
async fn a_wrong_digest_is_refused_by_the_gateway_and_the_switch_changes_which_is_wrong() {
    let running = start().await;
    let options = running.options().sf;
    let data = order("HD-1");
    let raw = sign::sf(&data.to_string(), "1700000000000", &options.checkword, false);
    let refused = post(&running, "EXP_RECE_CREATE_ORDER", &data, Some(&raw)).await;
    assert_eq!((&refused["apiResultCode"], &refused["apiResultData"]), (&json!("A1006"), &json!("")));
    assert_eq!(running.ledger().bad_signatures.len(), 1);
    assert!(running.ledger().waybills.is_empty());
    let mut options = Options::default();
    options.sf.url_encoded_digest = false;
    let other = Platforms::start(options).await.unwrap();
    let taken = post(&other, "EXP_RECE_CREATE_ORDER", &data, Some(&raw)).await;
    assert_eq!(taken["apiResultCode"], "A1000");
    let unknown = post(&running, "EXP_RECE_NONE", &json!({}), None).await;
    assert_eq!(unknown["apiResultCode"], "A1004");
}

#[tokio::test]
async fn a_cancelled_order_gives_its_charge_back_and_one_on_its_way_does_not_cancel() {
    let running = start().await;
    ask(&running, "EXP_RECE_CREATE_ORDER", order("HD-1")).await;
    let cancel = json!({"orderId": "HD-1", "dealType": 2});
    assert_eq!(ask(&running, "EXP_RECE_UPDATE_ORDER", cancel.clone()).await["success"], true);
    assert_eq!(ask(&running, "EXP_RECE_UPDATE_ORDER", cancel).await["success"], false);
    assert!(running.ledger().waybills[0].cancelled);
    ask(&running, "EXP_RECE_CREATE_ORDER", order("HD-2")).await;
    let number = running.ledger().waybills[1].number.clone();
    running.advance(&number, Until::PickedUp, false).unwrap();
    let late = ask(&running, "EXP_RECE_UPDATE_ORDER", json!({"orderId": "HD-2", "dealType": 2})).await;
    assert_eq!(late["success"], false);
}

#[tokio::test]
async fn masked_or_missing_receivers_are_refused() {
    let running = start().await;
    let mut masked = order("HD-1");
    masked["contactInfoList"][1]["contact"] = json!("王**");
    assert_eq!(ask(&running, "EXP_RECE_CREATE_ORDER", masked).await["success"], false);
    let mut nobody = order("HD-1");
    nobody["contactInfoList"].as_array_mut().unwrap().pop();
    assert_eq!(ask(&running, "EXP_RECE_CREATE_ORDER", nobody).await["success"], false);
    assert!(running.ledger().waybills.is_empty());
}

#[tokio::test]
async fn routes_are_pushed_until_acknowledged_in_sfs_words_and_never_twice_after() {
    let (running, hub) = (start().await, Hub::start().await);
    running.connect(&Targets { sf: Some(hub.url.clone()), ..Targets::default() });
    ask(&running, "EXP_RECE_CREATE_ORDER", order("HD-1")).await;
    let number = running.ledger().waybills[0].number.clone();
    hub.answer(200, "{\"return_code\":\"1000\",\"return_msg\":\"fail\"}");
    assert_eq!(running.advance(&number, Until::Delivered, false), Ok(5));
    let got = hub.wait(2).await;
    assert_eq!(got[0].body, got[1].body, "the same nodes again");
    hub.answer(200, "{\"return_code\":\"0000\",\"return_msg\":\"成功\"}");
    until(|| running.ledger().pushes[0].outcome == "acknowledged").await;
    let nodes = got[0].json()["Body"]["WaybillRoute"].as_array().unwrap().clone();
    let codes: Vec<&str> = nodes.iter().map(|n| n["opCode"].as_str().unwrap()).collect();
    assert_eq!(codes, ["50", "30", "31", "44", "80"]);
    assert_eq!((nodes[0]["id"].as_str().unwrap().len(), &nodes[0]["mailno"]), (15, &json!(number)));
    assert_eq!(running.advance(&number, Until::Delivered, false), Ok(0));
    let routes =
        ask(&running, "EXP_RECE_SEARCH_ROUTES", json!({"trackingType": "1", "trackingNumber": [number]})).await;
    assert_eq!(routes["msgData"]["routeResps"][0]["routes"].as_array().unwrap().len(), 5);
}

#[tokio::test]
async fn the_form_push_is_xml_in_a_field_and_wants_an_xml_answer() {
    let (running, hub) = (start().await, Hub::start().await);
    running.connect(&Targets { sf: Some(hub.url.clone()), sf_form: true, ..Targets::default() });
    ask(&running, "EXP_RECE_CREATE_ORDER", order("HD-1")).await;
    let number = running.ledger().waybills[0].number.clone();
    hub.answer(200, "<Response service=\"RoutePushService\"><Head>OK</Head></Response>");
    running.advance(&number, Until::Delivered, true).unwrap();
    let got = hub.wait(5).await;
    until(|| running.ledger().pushes.iter().all(|p| p.outcome == "acknowledged")).await;
    assert_eq!(hub.got().len(), 5);
    for push in got {
        let fields: Vec<(String, String)> = form_urlencoded::parse(&push.body).into_owned().collect();
        assert_eq!(fields[0].0, "content");
        assert!(fields[0].1.starts_with("<Request service=\"RoutePushService\""));
        assert_eq!(fields[0].1.matches("<WaybillRoute ").count(), 1);
    }
}
