use crate::taobao::beijing;
use crate::web::{call, form};
use huidan_platforms::{
    Fault, JdOptions, NewLine, NewOrder, Options, Platform, Platforms, Receiver, Refund, Running, When, sign,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const AT: Platform = Platform::Jd;
const FIELDS: &str = "orderId,orderState,modified,orderTotalPrice,orderPayment,freightPrice,consigneeInfo,itemInfoList,waybill,logisticsId,directParentOrderId,paymentConfirmTime";

async fn start() -> Running {
    Platforms::start(Options::default()).await.unwrap()
}

fn token(running: &Running) -> String {
    let shop = running.options().jd.shops[0].shop.clone();
    running.shop_tokens(AT, &shop).unwrap().access_token
}

/// The system parameters, signed after `change` had its way.
fn signed(running: &Running, method: &str, business: &Value, change: &[(&str, &str)]) -> BTreeMap<String, String> {
    let options = running.options().jd;
    let (token, now, business) = (token(running), beijing(0), business.to_string());
    let system = [
        ("method", method),
        ("app_key", options.app_key.as_str()),
        ("access_token", token.as_str()),
        ("timestamp", now.as_str()),
        ("format", "json"),
        ("v", "2.0"),
        ("360buy_param_json", business.as_str()),
    ];
    let all = system.iter().chain(change);
    let mut params: BTreeMap<String, String> = all.map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    let made = sign::sorted_md5(&params, &options.app_secret);
    params.insert("sign".to_owned(), made);
    params
}

async fn post(running: &Running, params: &BTreeMap<String, String>) -> Value {
    let pairs: Vec<(&str, &str)> = params.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    let reply = call("POST", &format!("{}/routerjson", running.addresses().jd), &[], form(&pairs)).await;
    assert_eq!(reply.status, 200, "errors too are HTTP 200");
    reply.json()
}

pub(crate) async fn ask(running: &Running, method: &str, business: Value) -> Value {
    let answer = post(running, &signed(running, method, &business, &[])).await;
    let name = format!("{}_responce", method.replace('.', "_"));
    if let Some(body) = answer.get(&name) {
        assert_eq!(body["code"], "0", "the code is a text");
        return body.clone();
    }
    answer
}

pub(crate) async fn search(running: &Running, more: Value) -> Value {
    let mut business = json!({"start_date": beijing(-600), "end_date": beijing(60), "order_state": "ALL",
        "optional_fields": FIELDS, "page": "1", "page_size": "50"});
    for (name, value) in more.as_object().unwrap() {
        business[name] = value.clone();
    }
    ask(running, "jingdong.pop.order.enSearch", business).await
}

pub(crate) fn code(answer: &Value) -> &str {
    answer["error_response"]["code"].as_str().unwrap_or_default()
}

pub(crate) fn ids(answer: &Value) -> Vec<i64> {
    let rows = answer["searchorderinfo_result"]["orderInfoList"].as_array().unwrap();
    rows.iter().map(|o| o["orderId"].as_str().unwrap().parse().unwrap()).collect()
}

fn order_of(skus: &[&str]) -> NewOrder {
    let lines = skus.iter().map(|s| NewLine { sku: (*s).to_owned(), qty: 2, unit_price: None, title: None }).collect();
    NewOrder { lines: Some(lines), receiver: Some(Receiver::default()), ..NewOrder::default() }
}

#[test]
fn the_protocols_vector_is_signed_alike() {
    let params = [
        ("360buy_param_json", "{\"order_id\":\"123456789012\",\"optional_fields\":\"orderId,orderState\"}"),
        ("access_token", "test_token"),
        ("app_key", "TESTKEY"),
        ("format", "json"),
        ("method", "jingdong.pop.order.enGet"),
        ("timestamp", "2024-01-01 12:00:00"),
        ("v", "2.0"),
        ("sign", "is left out"),
        ("empty", ""),
    ];
    let params = params.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    assert_eq!(sign::sorted_md5(&params, "secret"), "4D97B64B8AAAF4C5B9A0F2316133A47F");
}

#[tokio::test]
async fn the_gateway_refuses_in_its_own_form() {
    let running = start().await;
    let business = json!({"order_id": "1", "optional_fields": "orderId"});
    let method = "jingdong.pop.order.enGet";
    let cases: [(&[(&str, &str)], &str); 7] = [
        (&[("timestamp", &beijing(-601))], "8"),
        (&[("timestamp", &beijing(601))], "8"),
        (&[("access_token", "nobody")], "19"),
        (&[("app_key", "1")], "17"),
        (&[("v", "1.0")], "5"),
        (&[("access_token", "")], "16"),
        (&[("360buy_param_json", "order_id=1")], "51"),
    ];
    for (change, expected) in cases {
        let answer = post(&running, &signed(&running, method, &business, change)).await;
        assert_eq!(code(&answer), expected, "{change:?}: {answer}");
        assert!(answer["error_response"]["zh_desc"].is_string() && answer["error_response"]["en_desc"].is_string());
    }
    let mut wrong = signed(&running, method, &business, &[]);
    wrong.insert("360buy_param_json".to_owned(), "{}".to_owned());
    assert_eq!(code(&post(&running, &wrong).await), "10");
    assert_eq!(code(&ask(&running, "jingdong.no.such", json!({})).await), "13");
    assert_eq!(code(&ask(&running, "jingdong.pop.order.search", json!({})).await), "2001", "in clear is another right");
    assert_eq!(running.ledger().bad_signatures.len(), 4);
}

#[tokio::test]
async fn an_order_goes_from_new_to_received() {
    let running = start().await;
    let id = running.place(AT, &NewOrder { paid: Some(false), ..order_of(&["TEA-250"]) }).unwrap();
    assert_eq!(ids(&search(&running, json!({})).await), Vec::<i64>::new(), "unpaid orders are not listed");
    running.pay(AT, id).unwrap();
    let business = json!({"order_id": id.to_string(), "optional_fields": FIELDS});
    let get = || ask(&running, "jingdong.pop.order.enGet", business.clone());
    let order = get().await["orderDetailInfo"]["orderInfo"].clone();
    assert_eq!(order["orderState"], "WAIT_SELLER_STOCK_OUT");
    assert_eq!(
        (&order["orderTotalPrice"], &order["freightPrice"], &order["orderPayment"]),
        (&json!("240.00"), &json!("8.00"), &json!("248.00"))
    );
    assert_eq!(order["itemInfoList"][0]["itemTotal"], "2", "everything is a text");
    assert_eq!(order["itemInfoList"][0]["outerSkuId"], "TEA-250");
    let told = ask(
        &running,
        "jingdong.pop.order.shipment",
        json!({"orderId": id.to_string(), "logiCoprId": "467|1499", "logiNo": "SF1400000000013|73100000000001,73100000000002"}),
    )
    .await;
    assert_eq!(told["sopjosshipment_result"]["success"], true);
    let order = get().await["orderDetailInfo"]["orderInfo"].clone();
    assert_eq!(
        (&order["orderState"], &order["logisticsId"], &order["waybill"]),
        (
            &json!("WAIT_GOODS_RECEIVE_CONFIRM"),
            &json!("467|1499"),
            &json!("SF1400000000013|73100000000001,73100000000002")
        )
    );
    running.complete(AT, id).unwrap();
    assert_eq!(get().await["orderDetailInfo"]["orderInfo"]["orderState"], "FINISHED_L");
    let numbers = &running.ledger().orders[0].numbers;
    assert_eq!(numbers, &["SF1400000000013", "73100000000001", "73100000000002"]);
}

#[tokio::test]
async fn only_named_fields_come_and_nobody_in_clear() {
    let running = start().await;
    let id = running.place(AT, &order_of(&["TEA-250"])).unwrap();
    let row = search(&running, json!({"optional_fields": "orderId,consigneeInfo"})).await;
    let row = row["searchorderinfo_result"]["orderInfoList"][0].clone();
    let mut keys: Vec<&String> = row.as_object().unwrap().keys().collect();
    keys.sort();
    assert_eq!(keys, ["consigneeInfo", "orderId"]);
    let again = search(&running, json!({})).await;
    assert_eq!(
        again["searchorderinfo_result"]["orderInfoList"][0]["consigneeInfo"], row["consigneeInfo"],
        "sealed alike"
    );
    let text = again.to_string();
    let person = Receiver::default();
    for secret in [&person.name, &person.phone, &person.address] {
        assert!(!text.contains(secret), "{secret}");
    }
    assert_eq!(row["consigneeInfo"]["county"], "西湖区");
    assert_eq!(row["orderId"], id.to_string());
    let none = ask(&running, "jingdong.pop.order.enGet", json!({"order_id": id.to_string()})).await;
    assert_eq!(code(&none), "50", "optional_fields is not optional");
}

#[tokio::test]
async fn a_window_over_a_month_is_refused_and_the_list_pages() {
    let running = start().await;
    let placed: Vec<i64> = (0..5).map(|_| running.place(AT, &NewOrder::default()).unwrap()).collect();
    let long = json!({"start_date": beijing(-32 * 86_400)});
    assert_eq!(code(&search(&running, long).await), "51");
    assert_eq!(code(&search(&running, json!({"start_date": ""})).await), "50");
    assert_eq!(code(&search(&running, json!({"page_size": "101"})).await), "51");
    let to_ship = json!({"start_date": "", "end_date": "", "order_state": "WAIT_SELLER_STOCK_OUT"});
    assert_eq!(ids(&search(&running, to_ship).await).len(), 5, "what waits to be shipped needs no window");
    running.touch(AT, placed[0]).unwrap();
    let page = async |n: &str| search(&running, json!({"page": n, "page_size": "2"})).await;
    let (first, third) = (page("1").await, page("3").await);
    assert_eq!(first["searchorderinfo_result"]["orderTotal"], 5);
    assert_eq!((ids(&first), ids(&third)), (vec![placed[1], placed[2]], vec![placed[0]]));
    assert_eq!(ids(&page("101").await), Vec::<i64>::new());
    let newest = search(&running, json!({"sortType": "1", "dateType": "1", "page_size": "1"})).await;
    assert_eq!(ids(&newest), [placed[4]]);
}

#[tokio::test]
async fn what_is_locked_held_or_given_up_is_not_shipped() {
    let running = start().await;
    let states = async |id: i64| {
        let answer = ask(
            &running,
            "jingdong.pop.order.enGet",
            json!({"order_id": id.to_string(), "optional_fields": "orderState"}),
        )
        .await;
        answer["orderDetailInfo"]["orderInfo"]["orderState"].as_str().unwrap_or_default().to_owned()
    };
    let ship = |id: i64| {
        let told = json!({"orderId": id.to_string(), "logiCoprId": "467", "logiNo": "SF1400000000013"});
        ask(&running, "jingdong.pop.order.shipment", told)
    };
    let locked = running.place(AT, &NewOrder::default()).unwrap();
    running.refund(AT, locked, &[], Refund::Requested).unwrap();
    let held = running.place(AT, &NewOrder { tags: vec!["hold".to_owned()], ..NewOrder::default() }).unwrap();
    let gone = running.place(AT, &NewOrder::default()).unwrap();
    running.cancel(AT, gone).unwrap();
    for (id, state) in [(locked, "LOCKED"), (held, "POP_ORDER_PAUSE"), (gone, "TRADE_CANCELED")] {
        assert_eq!(states(id).await, state);
        assert_eq!(ship(id).await["sopjosshipment_result"]["success"], false, "{state}");
    }
    running.refund(AT, locked, &[], Refund::None).unwrap();
    assert_eq!(ship(locked).await["sopjosshipment_result"]["success"], true);
    assert_eq!(ship(locked).await["sopjosshipment_result"]["success"], false, "once");
    let other = json!({"order_id": locked.to_string(), "logistics_id": "1499", "waybill": "73100000000001"});
    ask(&running, "jingdong.order.sop.waybill.update", other).await;
    let told: Vec<(&str, String)> = running.ledger().confirmations.iter().map(|c| (c.kind, c.number.clone())).collect();
    assert_eq!(told, [("create", "SF1400000000013".to_owned()), ("update", "73100000000001".to_owned())]);
}

#[tokio::test]
async fn who_wants_to_cancel_is_listed_with_how_far_it_went() {
    let running = start().await;
    let (quiet, asking) =
        (running.place(AT, &NewOrder::default()).unwrap(), running.place(AT, &NewOrder::default()).unwrap());
    let requests = async |more: Value| {
        let mut business = json!({"pageIndex": "1", "pageSize": "50"});
        business.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let answer = ask(&running, "jingdong.pop.afs.soa.refundapply.queryPageList", business).await;
        let result = answer["queryResult"].clone();
        assert_eq!(result["success"], true, "{answer}");
        let rows = result["result"].as_array().unwrap().clone();
        rows.iter().map(|row| (row["orderId"].as_str().unwrap().to_owned(), row["status"].clone())).collect::<Vec<_>>()
    };
    assert!(requests(json!({})).await.is_empty());
    running.refund(AT, asking, &[], Refund::Requested).unwrap();
    assert_eq!(requests(json!({})).await, [(asking.to_string(), json!("0"))]);
    assert!(requests(json!({"orderId": quiet.to_string()})).await.is_empty());
    running.refund(AT, asking, &[], Refund::Done).unwrap();
    assert_eq!(requests(json!({"orderId": asking.to_string()})).await, [(asking.to_string(), json!("9"))]);
    let refused =
        ask(&running, "jingdong.pop.afs.soa.refundapply.queryPageList", json!({"pageIndex": "1", "pageSize": "51"}))
            .await;
    assert_eq!(refused["error_response"]["code"], "51");
}

#[tokio::test]
async fn a_split_order_is_cancelled_and_its_children_name_it() {
    let running = start().await;
    let parent = running.place(AT, &order_of(&["TEA-250", "CUP-WHITE"])).unwrap();
    let children = running.split(parent).unwrap();
    let answer = search(&running, json!({})).await;
    let rows = answer["searchorderinfo_result"]["orderInfoList"].as_array().unwrap();
    assert_eq!(rows[0]["orderState"], "PARENT_TRADE_CANCELED");
    assert_eq!(ids(&answer), [parent, children[0], children[1]]);
    for row in &rows[1..] {
        assert_eq!(row["directParentOrderId"], parent.to_string());
        assert_eq!(row["itemInfoList"].as_array().unwrap().len(), 1);
    }
    assert!(running.split(parent).is_err());
}

#[tokio::test]
async fn stock_is_set_and_read() {
    let running = start().await;
    let (_, sku) = running.goods()[0].listing(AT);
    for (method, level) in [("jingdong.stock.write.updateSkuStock", "12"), ("jingdong.ware.stock.sku.set", "7")] {
        let set = ask(&running, method, json!({"skuId": sku, "stockNum": level})).await;
        assert_eq!(set["success"], true);
        let read = ask(&running, "jingdong.stock.read.findSkuStock", json!({"skuId": sku, "field": "stockNum"})).await;
        assert_eq!(read["skuStocks"][0]["stockNum"], level);
    }
    assert_eq!(running.ledger().stock["jd"]["TEA-250"], 7);
    let unknown = ask(&running, "jingdong.ware.stock.sku.set", json!({"skuId": "1", "stockNum": "1"})).await;
    assert_eq!(code(&unknown), "10400021");
}

async fn oauth(running: &Running, more: &[(&str, &str)]) -> Value {
    let options = running.options().jd;
    let mut pairs = vec![("app_key", options.app_key.as_str()), ("app_secret", options.app_secret.as_str())];
    pairs.extend_from_slice(more);
    let url = format!("{}/oauth2/access_token?{}", running.addresses().jd, form(&pairs));
    call("GET", &url, &[], "").await.json()
}

#[tokio::test]
async fn tokens_end_and_a_refresh_token_works_once() {
    let running = start().await;
    let shop = running.options().jd.shops[0].clone();
    running.fault(AT, Fault::TokenExpired { when: When::default() });
    let stock = || ask(&running, "jingdong.delivery.logistics.get", json!({}));
    assert_eq!(code(&stock().await), "19");
    assert_eq!(code(&stock().await), "19", "it has ended for good");
    let refresh = [("grant_type", "refresh_token"), ("refresh_token", shop.refresh_token.as_str())];
    let new = oauth(&running, &refresh).await;
    assert_eq!(new["expires_in"], 86_400);
    assert_eq!(token(&running), new["access_token"].as_str().unwrap());
    assert!(stock().await["logistics_companies"].is_object());
    assert!(oauth(&running, &refresh).await["access_token"].is_null());
    let code = running.authorise(AT, &shop.shop).unwrap();
    let by_code = [("grant_type", "authorization_code"), ("code", code.as_str())];
    assert!(oauth(&running, &by_code).await["access_token"].is_string());
    assert!(oauth(&running, &by_code).await["access_token"].is_null(), "a code works once");
    let page = format!(
        "{}/oauth2/to_login?app_key=x&state=s-1&redirect_uri=http%3A%2F%2F127.0.0.1%3A1%2Foauth%2Fjd%2Fcallback",
        running.addresses().jd
    );
    let sent_back = call("GET", &page, &[], "").await;
    assert_eq!(sent_back.status, 302);
    let back_to = sent_back.header("location").to_owned();
    assert!(
        back_to.starts_with("http://127.0.0.1:1/oauth/jd/callback?code=jd-code-") && back_to.ends_with("&state=s-1")
    );
    let how: Vec<&str> = running.ledger().tokens.iter().map(|t| t.how).collect();
    assert_eq!(how, ["refresh", "refresh_again", "code", "refused"]);
}

#[tokio::test]
async fn who_calls_too_often_is_told_so() {
    let jd = JdOptions { calls_per_second: 3, ..JdOptions::default() };
    let running = Platforms::start(Options { jd, ..Options::default() }).await.unwrap();
    let mut codes = Vec::new();
    for _ in 0..9 {
        codes.push(code(&ask(&running, "jingdong.delivery.logistics.get", json!({})).await).to_owned());
    }
    assert!(codes.iter().any(|c| c == "22"), "{codes:?}");
    running.fault(AT, Fault::Limit { retry_after: 3, when: When::default() });
    let limited = ask(&running, "jingdong.delivery.logistics.get", json!({})).await;
    assert!(limited["error_response"]["zh_desc"].as_str().unwrap().contains("3 秒"));
}
