use crate::carriers::{start, targets};
use crate::web::{Hub, call, form, try_call};
use bytes::Bytes;
use hayro::RenderSettings;
use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_syntax::Pdf;
use http::Request;
use huidan_platforms::{Platform, Running, Still, Until, sign};
use rxing::{BarcodeFormat, DecodeHints};
use serde_json::{Value, json};
use std::sync::Arc;

fn path(running: &Running, method: &str) -> String {
    format!("{}/open/{method}/v1/SIM01/{}", running.addresses().yto, running.options().yto.customer)
}

fn body(running: &Running, method: &str, param: &Value) -> String {
    let param = param.to_string();
    let sign = sign::raw_md5(&format!("{param}{method}v1"), &running.options().yto.app_secret);
    json!({"timestamp": 1_700_000_000_000_i64, "param": param, "sign": sign, "format": "JSON"}).to_string()
}

async fn ask(running: &Running, method: &str, param: &Value) -> Option<Value> {
    let reply = try_call("POST", &path(running, method), &[], body(running, method, param)).await.ok()?;
    Some(reply.json())
}

fn order(key: &str) -> Value {
    json!({"logisticsNo": key, "senderName": "仓库", "senderProvinceName": "浙江省", "senderCityName": "杭州市",
        "senderCountyName": "余杭区", "senderAddress": "良渚街道 1 号", "senderMobile": "13800100001",
        "recipientName": "王小明", "recipientProvinceName": "浙江省", "recipientCityName": "宁波市",
        "recipientCountyName": "鄞州区", "recipientAddress": "人民路 1 号", "recipientMobile": "13800100002",
        "remark": "", "goods": [{"name": "茶叶", "quantity": 1}]})
}

fn number(reply: &Value) -> Result<String, String> {
    match reply["data"]["mailNo"].as_str() {
        Some(number) => Ok(number.to_owned()),
        None => Err(reply.to_string()),
    }
}

pub(crate) async fn book(running: &Running, key: &str) -> Result<String, String> {
    number(&ask(running, "privacy_create_adapter", &order(key)).await.ok_or("cut")?)
}

/// The same without a socket.
pub(crate) fn book_still(still: &Still, key: &str) -> String {
    let method = "privacy_create_adapter";
    let request = Request::builder().method("POST").uri(path(still.running(), method));
    let body = Bytes::from(body(still.running(), method, &order(key)));
    let answer = still.answer(request.body(body).unwrap()).unwrap();
    number(&serde_json::from_slice(answer.body()).unwrap()).unwrap()
}

pub(crate) async fn cancel(running: &Running, key: &str) -> bool {
    let reply = ask(running, "korder_cancel_adapter", &json!({"logisticsNo": key, "cancelDesc": "不要了"})).await;
    reply.unwrap()["success"] == "true"
}

#[tokio::test]
async fn a_wrong_sign_is_refused_and_the_signed_text_is_the_one_that_was_sent() {
    let running = start().await;
    let mut sent: Value = serde_json::from_str(&body(&running, "privacy_create_adapter", &order("HD-1"))).unwrap();
    sent["param"] = json!(format!("{} ", sent["param"].as_str().unwrap()));
    let reply = call("POST", &path(&running, "privacy_create_adapter"), &[], sent.to_string()).await.json();
    assert_eq!((&reply["success"], &reply["message"]), (&json!("false"), &json!("签名校验失败")));
    assert_eq!((running.ledger().bad_signatures.len(), running.ledger().waybills.len()), (1, 0));
    let mut masked = order("HD-1");
    masked["recipientName"] = json!("王**");
    assert_eq!(ask(&running, "privacy_create_adapter", &masked).await.unwrap()["success"], "false");
}

/// The page as another's renderer draws it, three dots to a point; nothing of it may be missing.
fn drawn(bytes: Vec<u8>) -> (Vec<u8>, u32, u32) {
    let pdf = Pdf::new(bytes).unwrap();
    let settings = InterpreterSettings {
        warning_sink: Arc::new(|warning| panic!("{warning:?}")),
        ..InterpreterSettings::default()
    };
    let pages = hayro::render_pdf(&pdf, 3.0, settings, &RenderSettings::default(), None).unwrap();
    assert_eq!(pages.len(), 1);
    let luma = pages[0].data().iter().map(|dot| if dot.a < 128 { 255 } else { dot.g }).collect();
    (luma, pages[0].width().into(), pages[0].height().into())
}

#[tokio::test]
async fn the_printed_label_is_a_pdf_whose_code_128_holds_the_number() {
    let running = start().await;
    let number = book(&running, "HD-1").await.unwrap();
    let reply = ask(&running, "waybill_print_adapter", &json!({"waybillNo": number})).await.unwrap();
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    let pdf = STANDARD.decode(reply["data"]["pdfBase64"].as_str().unwrap()).unwrap();
    assert!(pdf.starts_with(b"%PDF-") && pdf.len() < 10_000);
    let (luma, width, height) = drawn(pdf);
    let mut hints = DecodeHints::default();
    let read =
        rxing::helpers::detect_in_luma_with_hints(luma, width, height, Some(BarcodeFormat::CODE_128), &mut hints)
            .unwrap();
    assert_eq!(read.getText(), number);
    let unknown = ask(&running, "waybill_print_adapter", &json!({"waybillNo": "YT0"})).await.unwrap();
    assert_eq!(unknown["success"], "false");
}

#[tokio::test]
async fn traces_stand_oldest_first_and_none_is_a_success_too() {
    let running = start().await;
    let number = book(&running, "HD-1").await.unwrap();
    let none = ask(&running, "track_query_adapter", &json!({"Number": number})).await.unwrap();
    assert_eq!(none, json!({"map": {}, "code": "1001", "success": "true", "message": "查询结果为空。"}));
    running.advance(&number, Until::Delivered, false).unwrap();
    let rows = ask(&running, "track_query_adapter", &json!({"Number": number})).await.unwrap();
    let codes: Vec<&str> = rows.as_array().unwrap().iter().map(|r| r["infoContent"].as_str().unwrap()).collect();
    assert_eq!(codes, ["GOT", "DEPARTURE", "ARRIVAL", "SENT_SCAN", "SIGNED"]);
    let param = json!({"NUMBER": number}).to_string();
    let method = "yto.Marketing.WaybillTrace";
    let sign = sign::raw_md5(&format!("{param}{method}1.01"), &running.options().yto.app_secret);
    let fields = form(&[
        ("sign", &sign),
        ("app_key", "k"),
        ("format", "JSON"),
        ("method", method),
        ("timestamp", "1700000000000"),
        ("user_id", "u"),
        ("v", "1.01"),
        ("param", &param),
    ]);
    let url = format!("{}/service/waybill_query/v1/SIM01", running.addresses().yto);
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    assert_eq!(call("POST", &url, &headers, fields).await.json().as_array().unwrap().len(), 5);
}

#[tokio::test]
async fn the_push_is_xml_in_a_form_with_its_digest() {
    let (running, hub) = (start().await, Hub::start().await);
    running.connect(&targets(Platform::Yto, &hub.url));
    let number = book(&running, "HD-1").await.unwrap();
    hub.answer(200, "<Response><success>true</success></Response>");
    running.advance(&number, Until::PickedUp, false).unwrap();
    let got = hub.wait(1).await;
    let fields: Vec<(String, String)> = form_urlencoded::parse(&got[0].body).into_owned().collect();
    assert_eq!(fields[0].0, "logistics_interface");
    assert!(fields[0].1.contains(&format!("<mailNo>{number}</mailNo>")) && fields[0].1.contains("<infoContent>GOT<"));
    assert_eq!(fields[1].1, sign::raw_md5(&fields[0].1, &running.options().yto.push_secret));
}
