use crate::carriers::{book as book_at, start, targets};
use crate::web::{Hub, form, try_call};
use huidan_platforms::{Platform, Running, Until, sign};
use serde_json::{Value, json};

const ACK: &str = r#"{"EBusinessID":"1","UpdateTime":"2026-11-22 12:00:00","Success":true,"Reason":""}"#;

async fn post(running: &Running, path: &str, kind: &str, data: &str, signed: &str) -> Option<Value> {
    let body = form(&[
        ("RequestData", data),
        ("EBusinessID", &running.options().kdniao.app_key),
        ("RequestType", kind),
        ("DataSign", signed),
        ("DataType", "2"),
    ]);
    let url = format!("{}{path}", running.addresses().kdniao);
    let headers = [("content-type", "application/x-www-form-urlencoded;charset=utf-8")];
    Some(try_call("POST", &url, &headers, body).await.ok()?.json())
}

async fn ask(running: &Running, kind: &str, data: &Value) -> Option<Value> {
    let data = data.to_string();
    let path = match kind {
        "1007" | "1147" => "/api/EOrderService",
        "1008" | "8008" => "/api/dist",
        _ => "/Ebusiness/EbusinessOrderHandle.aspx",
    };
    post(running, path, kind, &data, &sign::kdniao(&data, &running.options().kdniao.app_secret)).await
}

fn order(running: &Running, key: &str) -> Value {
    let who = |name: &str| {
        json!({"Name": name, "Mobile": "13800100001", "ProvinceName": "浙江省", "CityName": "宁波市",
            "ExpAreaName": "鄞州区", "Address": "人民路 1 号"})
    };
    json!({"OrderCode": key, "ShipperCode": "YTO", "CustomerName": running.options().kdniao.customer, "PayType": "1",
        "ExpType": "1", "Sender": who("仓库"), "Receiver": who("王小明"), "Commodity": [{"GoodsName": "茶叶"}],
        "Quantity": "1", "IsReturnPrintTemplate": "1"})
}

pub(crate) async fn book(running: &Running, key: &str) -> Result<String, String> {
    let reply = ask(running, "1007", &order(running, key)).await.ok_or("cut")?;
    if reply["ResultCode"] != "100" {
        return Err(reply.to_string());
    }
    Ok(reply["Order"]["LogisticCode"].as_str().unwrap().to_owned())
}

pub(crate) async fn cancel(running: &Running, key: &str) -> bool {
    let data = json!({"OrderCode": key, "ShipperCode": "YTO", "CustomerName": running.options().kdniao.customer});
    ask(running, "1147", &data).await.unwrap()["Success"] == true
}

#[tokio::test]
async fn the_sign_is_base64_of_hex_and_not_of_the_digest() {
    let running = start().await;
    let data = order(&running, "HD-1").to_string();
    let raw = sign::raw_md5(&data, &running.options().kdniao.app_secret);
    let refused = post(&running, "/api/EOrderService", "1007", &data, &raw).await.unwrap();
    assert_eq!((&refused["Success"], &refused["ResultCode"]), (&json!(false), &json!("104")));
    assert_eq!((running.ledger().bad_signatures.len(), running.ledger().waybills.len()), (1, 0));
    let signed = sign::kdniao(&data, &running.options().kdniao.app_secret);
    let wrong_place = post(&running, "/api/dist", "1007", &data, &signed);
    assert_eq!(wrong_place.await.unwrap()["ResultCode"], "105");
}

#[tokio::test]
async fn a_label_is_html_and_a_parcel_of_three_pieces_has_three_numbers() {
    let running = start().await;
    let mut three = order(&running, "HD-1");
    three["Quantity"] = json!("3");
    let reply = ask(&running, "1007", &three).await.unwrap();
    let number = reply["Order"]["LogisticCode"].as_str().unwrap();
    assert!(reply["PrintTemplate"].as_str().unwrap().contains(number));
    assert_eq!((&reply["SubCount"], reply["SubOrders"].as_array().unwrap().len()), (&json!(2), 2));
    assert_eq!(reply["SubPrintTemplates"].as_array().unwrap().len(), 2);
    assert_eq!((running.ledger().waybills.len(), running.charged()["kdniao"]["HD-1"]), (3, 3));
    assert!(cancel(&running, "HD-1").await);
    assert!(running.ledger().waybills.iter().all(|w| w.cancelled));
    let mut broken = order(&running, "HD-2");
    broken["Receiver"]["Address"] = json!("人民路 1 号 #3");
    assert_eq!(ask(&running, "1007", &broken).await.unwrap()["ResultCode"], "103");
}

#[tokio::test]
async fn the_repeated_order_is_refused_with_the_number_it_has() {
    let running = start().await;
    let number = book(&running, "HD-1").await.unwrap();
    let again = ask(&running, "1007", &order(&running, "HD-1")).await.unwrap();
    assert_eq!((&again["Success"], &again["ResultCode"]), (&json!(false), &json!("106")));
    assert_eq!(again["Order"]["LogisticCode"], json!(number));
    assert!(again.get("PrintTemplate").is_none());
}

#[tokio::test]
async fn the_whole_list_is_pushed_oldest_first_after_a_subscription() {
    let (running, hub) = (start().await, Hub::start().await);
    running.connect(&targets(Platform::Kdniao, &hub.url));
    hub.answer(200, ACK);
    let number = book_at(&running, Platform::Zto, "HD-1").await.unwrap();
    running.advance(&number, Until::PickedUp, false).unwrap();
    assert!(hub.got().is_empty());
    let data = json!({"ShipperCode": "ZTO", "LogisticCode": number, "CustomerName": "0001"});
    assert_eq!(ask(&running, "8008", &data).await.unwrap()["Success"], true);
    running.advance(&number, Until::Delivered, false).unwrap();
    let push = hub.wait(1).await[0].clone();
    let fields: Vec<(String, String)> = form_urlencoded::parse(&push.body).into_owned().collect();
    assert_eq!(fields[1].1, sign::kdniao(&fields[0].1, &running.options().kdniao.app_secret));
    let data: Value = serde_json::from_str(&fields[0].1).unwrap();
    assert_eq!(
        (&data["Count"], &data["Data"][0]["State"], &data["Data"][0]["StateEx"]),
        (&json!("1"), &json!("3"), &json!("301"))
    );
    let traces = data["Data"][0]["Traces"].as_array().unwrap();
    assert!(traces.len() == 5 && traces[0]["AcceptStation"].as_str().unwrap().contains("揽收"));
    let asked = json!({"ShipperCode": "ZTO", "LogisticCode": number, "CustomerName": "0001"});
    assert_eq!(ask(&running, "1002", &asked).await.unwrap()["Traces"].as_array().unwrap().len(), 5);
    let no_phone = json!({"ShipperCode": "ZTO", "LogisticCode": number});
    assert_eq!(ask(&running, "1002", &no_phone).await.unwrap()["Success"], false);
}
