use crate::web::{call, form};
use huidan_platforms::{
    Fault, NewLine, NewOrder, Options, PinduoduoOptions, Platform, Platforms, Receiver, Refund, Running, Until, When,
    sign,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const AT: Platform = Platform::Pinduoduo;

async fn start() -> Running {
    Platforms::start(Options::default()).await.unwrap()
}

fn seconds(ahead: i64) -> String {
    (chrono::DateTime::<chrono::Utc>::from(std::time::SystemTime::now()).timestamp() + ahead).to_string()
}

fn signed(
    running: &Running,
    api: &str,
    business: &[(&str, &str)],
    change: &[(&str, &str)],
) -> BTreeMap<String, String> {
    let options = running.options().pinduoduo;
    let token = running.shop_tokens(AT, &options.shops[0].shop).unwrap().access_token;
    let now = seconds(0);
    let system = [
        ("type", api),
        ("client_id", options.client_id.as_str()),
        ("access_token", token.as_str()),
        ("timestamp", now.as_str()),
        ("data_type", "JSON"),
        ("version", "V1"),
    ];
    let all = system.iter().chain(business).chain(change);
    let mut params: BTreeMap<String, String> = all.map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    let made = sign::sorted_md5(&params, &options.client_secret);
    params.insert("sign".to_owned(), made);
    params
}

async fn post(running: &Running, params: &BTreeMap<String, String>) -> Value {
    let pairs: Vec<(&str, &str)> = params.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let reply = call("POST", &format!("{}/api/router", running.addresses().pinduoduo), &headers, form(&pairs)).await;
    assert_eq!(reply.status, 200, "errors too are HTTP 200");
    reply.json()
}

/// What is under the one envelope, which must be the named one; or the error.
async fn ask(running: &Running, api: &str, envelope: &str, business: &[(&str, &str)]) -> Value {
    let answer = post(running, &signed(running, api, business, &[])).await;
    match answer.get(envelope) {
        Some(body) => body.clone(),
        None => answer,
    }
}

fn code(answer: &Value) -> i64 {
    answer["error_response"]["error_code"].as_i64().unwrap_or_default()
}

pub(crate) async fn list(running: &Running, more: &[(&str, &str)]) -> Value {
    let (from, to) = (seconds(-600), seconds(60));
    let mut business = vec![
        ("start_updated_at", from.as_str()),
        ("end_updated_at", to.as_str()),
        ("order_status", "5"),
        ("refund_status", "5"),
    ];
    business.extend_from_slice(more);
    ask(running, "pdd.order.number.list.increment.get", "order_sn_increment_get_response", &business).await
}

pub(crate) fn numbers(answer: &Value) -> Vec<String> {
    answer["order_sn_list"].as_array().unwrap().iter().map(|o| o["order_sn"].as_str().unwrap().to_owned()).collect()
}

async fn info(running: &Running, order_sn: &str) -> Value {
    let answer = ask(running, "pdd.order.information.get", "order_info_get_response", &[("order_sn", order_sn)]).await;
    answer["order_info"].clone()
}

fn tea() -> NewOrder {
    let line = NewLine { sku: "HONEY-500".to_owned(), qty: 3, unit_price: None, title: None };
    NewOrder { lines: Some(vec![line]), receiver: Some(Receiver::default()), ..NewOrder::default() }
}

fn place(running: &Running, order: &NewOrder) -> (i64, String) {
    let id = running.place(AT, order).unwrap();
    (id, running.ledger().orders.last().unwrap().text_id.clone())
}

async fn send(running: &Running, order_sn: &str, number: &str) -> Value {
    let business = [("order_sn", order_sn), ("logistics_id", "44"), ("tracking_number", number)];
    ask(running, "pdd.logistics.online.send", "logistics_online_send_response", &business).await
}

#[test]
fn the_protocols_vectors_are_signed_alike() {
    let params = [
        ("type", "pdd.order.information.get"),
        ("client_id", "testid"),
        ("access_token", "testtoken"),
        ("timestamp", "1700000000"),
        ("data_type", "JSON"),
        ("version", "V1"),
        ("order_sn", "240101-123456789012345"),
    ];
    let params = params.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    assert_eq!(sign::sorted_md5(&params, "testsecret"), "97D9995AD6E074DB8F8241AC8970F6BC");
    let path = sign::pinduoduo_path("app", "1700000000000", "secret");
    assert_eq!(path, "OTgxODMwNDI2NWZiN2NiNzA2NzIxOTI0ZjJlMDMxMjE%3D");
}

#[tokio::test]
async fn the_gateway_refuses_in_its_own_form_and_takes_forms_and_json() {
    let running = start().await;
    let api = "pdd.logistics.companies.get";
    let cases: [(&[(&str, &str)], i64); 5] = [
        (&[("timestamp", &seconds(-605))], 10_000),
        (&[("timestamp", &seconds(605))], 10_000),
        (&[("access_token", "nobody")], 10_019),
        (&[("client_id", "1")], 10_001),
        (&[("type", "pdd.no.such")], 30_004),
    ];
    for (change, expected) in cases {
        let answer = post(&running, &signed(&running, api, &[], change)).await;
        assert_eq!(code(&answer), expected, "{change:?}: {answer}");
        assert!(answer["error_response"]["request_id"].is_string());
    }
    let mut params = signed(&running, api, &[], &[]);
    let url = format!("{}/api/router", running.addresses().pinduoduo);
    let json = call("POST", &url, &[("content-type", "application/json")], json!(params).to_string()).await.json();
    assert!(json["logistics_companies_get_response"]["logistics_companies"].as_array().unwrap().len() > 5);
    params.insert("note".to_owned(), "not signed".to_owned());
    assert_eq!(code(&post(&running, &params).await), 20_004);
    assert_eq!(code(&ask(&running, "pdd.open.decrypt.batch", "-", &[("data_list", "[]")]).await), 30_000);
    assert_eq!(running.ledger().bad_signatures.len(), 4);
}

#[tokio::test]
async fn an_order_goes_from_new_to_signed() {
    let running = start().await;
    let (id, order_sn) = place(&running, &NewOrder { paid: Some(false), ..tea() });
    assert!(order_sn.split_once('-').is_some_and(|(day, rest)| day.len() == 6 && rest.len() == 15), "{order_sn}");
    assert!(numbers(&list(&running, &[]).await).is_empty(), "unpaid orders are invisible");
    running.pay(AT, id).unwrap();
    assert_eq!(numbers(&list(&running, &[]).await), std::slice::from_ref(&order_sn));
    let order = info(&running, &order_sn).await;
    assert_eq!(
        (&order["order_status"], &order["refund_status"], &order["confirm_status"]),
        (&json!(1), &json!(1), &json!(1))
    );
    assert_eq!(order["goods_amount"].to_string(), "179.7", "yuan as a JSON number");
    assert_eq!(order["item_list"][0]["goods_count"], 3);
    assert!(order["created_time"].is_string() && order["updated_at"].is_string());
    assert_eq!(send(&running, &order_sn, "SF1400000000013").await["is_success"], true);
    let order = info(&running, &order_sn).await;
    assert_eq!((&order["order_status"], &order["tracking_number"]), (&json!(2), &json!("SF1400000000013")));
    assert_eq!(send(&running, &order_sn, "SF1400000000013").await["is_success"], true, "the same again is no harm");
    assert_eq!(code(&send(&running, &order_sn, "SF1400000000021").await), 50_002, "another number is refused");
    let again = async |mode: &str, number: &str| {
        let business = [
            ("order_sn", order_sn.as_str()),
            ("logistics_id", "44"),
            ("tracking_number", number),
            ("redelivery_type", mode),
        ];
        ask(&running, "pdd.logistics.online.send", "logistics_online_send_response", &business).await
    };
    assert_eq!(code(&again("1", "SF1400000000021").await), 50_002, "only as a change");
    assert_eq!(code(&again("3", "SF1400000000021").await), 10_001);
    assert_eq!(again("2", "SF1400000000021").await["is_success"], true);
    assert_eq!(info(&running, &order_sn).await["tracking_number"], "SF1400000000021");
    assert_eq!(again("2", "SF1400000000013").await["is_success"], true);
    let more = [
        ("order_sn", order_sn.as_str()),
        ("extra_track_list", "[{\"shipping_id\":85,\"tracking_number\":\"YT14000000013\"}]"),
    ];
    ask(&running, "pdd.order.upload.extra.logistics", "order_upload_extra_logistics_response", &more).await;
    assert_eq!(info(&running, &order_sn).await["extra_delivery_list"][0]["tracking_number"], "YT14000000013");
    running.complete(AT, id).unwrap();
    assert_eq!(info(&running, &order_sn).await["order_status"], 3);
    let kinds: Vec<&str> = running.ledger().confirmations.iter().map(|c| c.kind).collect();
    assert_eq!(kinds, ["create", "repeat", "update", "update", "create"]);
}

#[tokio::test]
async fn a_window_over_half_an_hour_is_refused_and_the_list_shifts_under_who_pages_it() {
    let running = start().await;
    let placed: Vec<(i64, String)> = (0..5).map(|_| place(&running, &NewOrder::default())).collect();
    let at = |n: usize| placed[n].1.clone();
    let (half_hour, ago) = (seconds(0), seconds(-1_801));
    let window = [("start_updated_at", ago.as_str()), ("end_updated_at", half_hour.as_str())];
    assert_eq!(code(&list(&running, &window).await), 10_001);
    assert_eq!(code(&list(&running, &[("order_status", "")]).await), 10_001);
    assert_eq!(code(&list(&running, &[("page_size", "101")]).await), 10_001);
    let page = async |n: &str| list(&running, &[("page", n), ("page_size", "2"), ("use_has_next", "true")]).await;
    let first = page("1").await;
    assert_eq!((numbers(&first), &first["has_next"]), (vec![at(4), at(3)], &json!(true)));
    assert!(first.get("total_count").is_none());
    running.touch(AT, placed[0].0).unwrap();
    assert_eq!(numbers(&page("2").await), [at(3), at(2)], "one row stands on both pages");
    assert_eq!(numbers(&list(&running, &[("order_status", "2")]).await).len(), 0);
    assert_eq!(list(&running, &[]).await["total_count"], 5);
    let (from, to) = (seconds(-600), seconds(60));
    let confirmed = [
        ("start_confirm_at", from.as_str()),
        ("end_confirm_at", to.as_str()),
        ("order_status", "5"),
        ("refund_status", "5"),
    ];
    let by_confirmation = ask(&running, "pdd.order.list.get", "order_list_get_response", &confirmed).await;
    assert_eq!(by_confirmation["order_list"].as_array().unwrap().len(), 5);
}

#[tokio::test]
async fn what_is_refunded_held_or_given_up_is_not_shipped() {
    let running = start().await;
    let (refund, refund_sn) = place(&running, &NewOrder::default());
    running.refund(AT, refund, &[], Refund::Requested).unwrap();
    let (_, held_sn) = place(&running, &NewOrder { tags: vec!["hold".to_owned()], ..NewOrder::default() });
    let (gone, gone_sn) = place(&running, &NewOrder::default());
    running.cancel(AT, gone).unwrap();
    assert_eq!(info(&running, &refund_sn).await["after_sales_status"], 2);
    assert_eq!(info(&running, &held_sn).await["risk_control_status"], 1);
    assert_eq!(info(&running, &gone_sn).await["refund_status"], 4);
    for order_sn in [&refund_sn, &held_sn, &gone_sn] {
        assert_eq!(code(&send(&running, order_sn, "SF1400000000013").await), 50_002);
    }
    let both = format!("{refund_sn},{gone_sn}");
    let answer = ask(&running, "pdd.order.status.get", "order_status_get_response", &[("order_sns", &both)]).await;
    let refunds: Vec<&Value> =
        answer["order_status_list"].as_array().unwrap().iter().map(|o| &o["refund_status"]).collect();
    assert_eq!(refunds, [2, 4]);
}

#[tokio::test]
async fn stock_is_set_in_full_and_by_difference() {
    let running = start().await;
    let (goods, sku) = running.goods()[1].listing(AT);
    let update = async |more: &[(&str, &str)]| {
        let mut business = vec![("goods_id", goods.as_str())];
        business.extend_from_slice(more);
        ask(&running, "pdd.goods.quantity.update", "goods_quantity_update_response", &business).await
    };
    assert_eq!(update(&[("sku_id", &sku), ("quantity", "12")]).await["is_success"], true);
    assert_eq!(update(&[("outer_id", "TEA-500"), ("quantity", "-5"), ("update_type", "2")]).await["is_success"], true);
    assert_eq!(running.ledger().stock["pinduoduo"]["TEA-500"], 7);
    assert_eq!(code(&update(&[("sku_id", "1"), ("quantity", "1")]).await), 50_002);
    assert_eq!(code(&update(&[("sku_id", &sku), ("quantity", "-1")]).await), 10_001);
}

fn request(order: &Value, object_id: &str, name: &Value, channel: &str) -> String {
    let address = json!({"province": order["province"], "city": order["city"], "district": order["town"], "detail": order["receiver_address"]});
    let from = json!({"province": "浙江省", "city": "杭州市", "district": "余杭区", "detail": "良渚街道 1 号仓"});
    json!({"need_encrypt": true, "wp_code": "YTO", "sender": {"name": "汇单示例仓", "mobile": "13800100001", "address": from},
        "trade_order_info_dtos": [{"object_id": object_id, "template_url": "https://example.com/t", "user_id": 1,
            "order_info": {"order_channels_type": channel, "trade_order_list": [order["order_sn"]]},
            "package_info": {"id": "p1", "items": [{"name": "茶", "count": 1}]},
            "recipient": {"name": name, "mobile": order["receiver_phone"], "address": address}}]})
    .to_string()
}

async fn book(running: &Running, request: &str) -> Value {
    let business = [("param_waybill_cloud_print_apply_new_request", request)];
    ask(running, "pdd.waybill.get", "pdd_waybill_get_response", &business).await
}

#[tokio::test]
async fn a_waybill_is_taken_with_the_ciphertext_counted_once_and_given_back() {
    let pinduoduo = PinduoduoOptions { quota: 1, ..PinduoduoOptions::default() };
    let running = Platforms::start(Options { pinduoduo, ..Options::default() }).await.unwrap();
    let (id, order_sn) = place(&running, &tea());
    let order = info(&running, &order_sn).await;
    let text = order.to_string();
    let person = Receiver::default();
    for secret in [&person.name, &person.phone, &person.address] {
        assert!(!text.contains(secret), "{secret}");
    }
    assert_eq!(order, info(&running, &order_sn).await, "sealed alike each time");
    let masked = request(&order, "o-1", &order["receiver_name_mask"], "PDD");
    assert_eq!(code(&book(&running, &masked).await), 50_002, "a mask is no receiver");
    let foreign = request(&order, "o-1", &json!("~AAAA~0~"), "PDD");
    assert_eq!(code(&book(&running, &foreign).await), 50_002);
    let mine = request(&order, "o-1", &order["receiver_name"], "PDD");
    let first = book(&running, &mine).await["modules"][0].clone();
    let again = book(&running, &mine).await["modules"][0].clone();
    assert_eq!(first["waybill_code"], again["waybill_code"]);
    let number = first["waybill_code"].as_str().unwrap();
    let data: Value = serde_json::from_str(first["print_data"].as_str().unwrap()).unwrap();
    assert!(data["encryptedData"].is_string() && data["signature"].is_string());
    assert!(!first.to_string().contains(&person.phone));
    let second = request(&order, "o-2", &order["receiver_name"], "PDD");
    assert_eq!(code(&book(&running, &second).await), 50_002, "the account is empty");
    let seen = running.ledger().waybills[0].clone();
    assert_eq!((seen.repeats, &seen.receiver, &seen.orders), (1, &person, &vec![order_sn.clone()]));
    let cancel = [("wp_code", "YTO"), ("waybill_code", number)];
    let given_back = ask(&running, "pdd.waybill.cancel", "pdd_waybill_cancel_response", &cancel).await;
    assert_eq!(given_back["cancel_result"], true);
    assert_eq!(code(&ask(&running, "pdd.waybill.cancel", "-", &cancel).await), 50_002, "once");
    let second = book(&running, &second).await["modules"][0]["waybill_code"].as_str().unwrap().to_owned();
    assert_ne!(second, number);
    running.advance(&second, Until::PickedUp, false).unwrap();
    let cancel = [("wp_code", "YTO"), ("waybill_code", second.as_str())];
    assert_eq!(code(&ask(&running, "pdd.waybill.cancel", "-", &cancel).await), 50_002, "it is on its way");
    running.advance(&second, Until::Delivered, false).unwrap();
    assert_eq!(info(&running, &order_sn).await["order_status"], 3);
    assert!(running.ledger().orders.iter().any(|o| o.order.id == id));
}

#[tokio::test]
async fn tokens_end_and_a_refresh_token_works_once() {
    let running = start().await;
    let (options, shop) = (running.options().pinduoduo, running.options().pinduoduo.shops[0].clone());
    let url = format!("{}/oauth/token", running.addresses().pinduoduo);
    let oauth = async |more: Value| {
        let mut body = json!({"client_id": options.client_id, "client_secret": options.client_secret});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        call("POST", &url, &[("content-type", "application/json")], body.to_string()).await.json()
    };
    running.fault(AT, Fault::TokenExpired { when: When::default() });
    assert_eq!(code(&list(&running, &[]).await), 10_019);
    assert_eq!(code(&list(&running, &[]).await), 10_019, "it has ended for good");
    let refresh = json!({"grant_type": "refresh_token", "refresh_token": shop.refresh_token});
    let new = oauth(refresh.clone()).await;
    assert_eq!((&new["owner_id"], &new["expires_in"]), (&json!("100200300"), &json!(86_400)));
    assert!(list(&running, &[]).await["order_sn_list"].is_array());
    assert_eq!(code(&oauth(refresh).await), 10_019, "a refresh token works once");
    let code = running.authorise(AT, &shop.shop).unwrap();
    let by_code = oauth(json!({"grant_type": "authorization_code", "code": code})).await;
    assert!(by_code["refresh_token"].is_string());
}
