mod messages;
mod waybills;

use crate::web::{Reply, call, form};
use huidan_platforms::{Fault, NewLine, NewOrder, Options, Platform, Platforms, Refund, Running, When, seal};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

const AT: Platform = Platform::Douyin;

fn now_s() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap()
}

async fn start() -> Running {
    Platforms::start(Options::default()).await.unwrap()
}

fn shop(running: &Running) -> String {
    running.options().douyin.shops[0].shop.clone()
}

/// A signed call, after `change` had its way with the query.
async fn post(running: &Running, method: &str, params: &str, change: &[(&str, &str)]) -> Reply {
    let options = running.options().douyin;
    let timestamp = now_s().to_string();
    let token = running.shop_tokens(AT, &shop(running)).unwrap().access_token;
    let mut query: BTreeMap<&str, String> = BTreeMap::from([
        ("app_key", options.app_key.clone()),
        ("method", method.to_owned()),
        ("access_token", token),
        ("timestamp", timestamp),
        ("v", "2".to_owned()),
        ("sign_method", "hmac-sha256".to_owned()),
    ]);
    query.extend(change.iter().map(|(k, v)| (*k, (*v).to_owned())));
    let text = seal::doudian_text(&query["app_key"], method, params, &query["timestamp"]);
    if !query.contains_key("sign") {
        let sign = seal::doudian(&options.app_secret, &text, &query["sign_method"]).unwrap();
        query.insert("sign", sign);
    }
    let pairs: Vec<(&str, &str)> = query.iter().map(|(k, v)| (*k, v.as_str())).collect();
    let url = format!("{}/{}?{}", running.addresses().douyin, method.replace('.', "/"), form(&pairs));
    let reply = call("POST", &url, &[("content-type", "application/json")], params.to_owned()).await;
    assert_eq!(reply.status, 200, "errors too are HTTP 200");
    reply
}

async fn ask(running: &Running, method: &str, params: Value) -> Value {
    // serde_json without `preserve_order` writes keys sorted, as every SDK does.
    post(running, method, &params.to_string(), &[]).await.json()
}

fn order_of(skus: &[&str]) -> NewOrder {
    let line = |s: &&str| NewLine { sku: (*s).to_owned(), qty: 2, unit_price: None, title: None };
    NewOrder {
        lines: Some(skus.iter().map(line).collect()),
        remark: Some("A<b>&\"c".to_owned()),
        ..NewOrder::default()
    }
}

#[tokio::test]
async fn the_gateway_checks_signature_clock_version_and_token() {
    let running = start().await;
    let (old, ahead) = ((now_s() - 601).to_string(), (now_s() + 601).to_string());
    let cases: [(&[(&str, &str)], &str); 7] = [
        (&[("sign", "0")], "isv.signature-invalid"),
        (&[("timestamp", &old)], "isv.timestamp-invalid"),
        (&[("timestamp", &ahead)], "isv.timestamp-invalid"),
        (&[("app_key", "1")], "isv.app-id-invalid"),
        (&[("v", "1")], "isv.version-invalid"),
        (&[("access_token", "nobody")], "isv.access-token-no-existed"),
        (&[("access_token", "")], "isv.access-token-missing"),
    ];
    for (change, expected) in cases {
        let answer = post(&running, "order.logisticsCompanyList", "{}", change).await.json();
        assert_eq!(answer["sub_code"], expected, "{answer}");
        assert!(answer["log_id"].is_string() && answer["data"].is_null());
    }
    assert_eq!(running.ledger().bad_signatures.len(), 7);
    for method in ["hmac-sha256", "md5"] {
        let answer = post(&running, "order.logisticsCompanyList", "{}", &[("sign_method", method)]).await.json();
        assert_eq!(answer["code"], 10_000);
    }
    let local = crate::taobao::beijing(-540);
    let answer = post(&running, "order.logisticsCompanyList", "{}", &[("timestamp", &local)]).await.json();
    assert_eq!(answer["code"], 10_000, "Beijing time is understood too");
    // Signed as sent, but not as every SDK writes it.
    for unsorted in [r#"{"size":10,"page":0}"#, r#"{"page": 0,"size":10}"#] {
        let answer = post(&running, "order.searchList", unsorted, &[]).await.json();
        assert_eq!(answer["sub_code"], "isv.signature-invalid");
    }
    assert_eq!(ask(&running, "order.batchDecrypt", json!({})).await["code"], 30_002);
}

#[tokio::test]
async fn tokens_are_made_end_and_refresh_once() {
    let running = start().await;
    let code = running.authorise(AT, &shop(&running)).unwrap();
    let by_code = json!({"code": code, "grant_type": "authorization_code"});
    let first = ask(&running, "token.create", by_code.clone()).await["data"].clone();
    assert_eq!((&first["expires_in"], first["shop_id"].as_i64()), (&json!(604_800), shop(&running).parse().ok()));
    assert_eq!(ask(&running, "token.create", by_code).await["code"], 50_002, "a code works once");
    let own =
        ask(&running, "token.create", json!({"grant_type": "authorization_self", "shop_id": shop(&running)})).await;
    assert_eq!(own["code"], 10_000);
    running.fault(AT, Fault::TokenExpired { when: When::default() });
    let ended = ask(&running, "order.logisticsCompanyList", json!({})).await;
    assert_eq!((&ended["code"], &ended["sub_code"]), (&json!(40_003), &json!("isv.access-token-expired")));
    let refresh = json!({"grant_type": "refresh_token", "refresh_token": first["refresh_token"]});
    let fresh = ask(&running, "token.refresh", refresh.clone()).await["data"].clone();
    assert_ne!(fresh["access_token"], first["access_token"]);
    let again = ask(&running, "token.refresh", refresh).await;
    assert_eq!(
        (&again["code"], &again["sub_code"]),
        (&json!(50_001), &json!("dop.token-generate-failed:token-invalid"))
    );
    assert_eq!(
        running.ledger().tokens.iter().map(|t| t.how).collect::<Vec<_>>(),
        ["code", "refused", "code", "refresh", "refresh_again"]
    );
    assert_eq!(ask(&running, "order.logisticsCompanyList", json!({})).await["code"], 10_000);
}

fn ids(page: &Value) -> Vec<String> {
    let rows = page["data"]["shop_order_list"].as_array().unwrap();
    rows.iter().map(|o| o["order_id"].as_str().unwrap().to_owned()).collect()
}

fn window(page: i64, size: i64) -> Value {
    json!({"update_time_start": now_s() - 600, "update_time_end": now_s() + 60, "order_by": "update_time", "page": page, "size": size})
}

#[tokio::test]
async fn the_list_is_newest_first_counts_pages_from_zero_and_shifts() {
    let running = start().await;
    let placed: Vec<String> = (0..5).map(|_| running.place(AT, &order_of(&["TEA-250"])).unwrap().to_string()).collect();
    let first = ask(&running, "order.searchList", window(0, 2)).await;
    assert_eq!((&first["data"]["total"], ids(&first)), (&json!(5), vec![placed[4].clone(), placed[3].clone()]));
    running.fault(
        AT,
        Fault::ModifiedWhilePaged {
            orders: 5,
            when: When { operation: "order.searchList".to_owned(), count: Some(1), seconds: None },
        },
    );
    let before = ids(&ask(&running, "order.searchList", window(0, 100)).await);
    assert_ne!(ids(&ask(&running, "order.searchList", window(0, 100)).await), before, "every order was modified");
    let mut ascending = window(0, 100);
    ascending["order_asc"] = json!(true);
    let mut turned = ids(&ask(&running, "order.searchList", ascending).await);
    turned.reverse();
    assert_eq!(turned, ids(&ask(&running, "order.searchList", window(0, 100)).await));
    for (page, size) in [(0, 101), (-1, 10), (501, 100)] {
        assert_eq!(ask(&running, "order.searchList", window(page, size)).await["code"], 40_004);
    }
    let mut shipped = window(0, 10);
    shipped["combine_status"] = json!([{"order_status": "3,101"}]);
    assert_eq!(ask(&running, "order.searchList", shipped).await["data"]["total"], 0);
}

/// What the list by modification has now; empty where the call is refused.
pub(crate) async fn listed(running: &Running) -> Vec<String> {
    let page = ask(running, "order.searchList", window(0, 100)).await;
    if page["code"] == 10_000 { ids(&page) } else { Vec::new() }
}

async fn detail(running: &Running, id: i64) -> Value {
    ask(running, "order.orderDetail", json!({"shop_order_id": id.to_string()})).await["data"]["shop_order_detail"]
        .clone()
}

#[tokio::test]
async fn orders_are_in_fen_and_show_no_receiver() {
    let running = start().await;
    let one = running.place(AT, &order_of(&["TEA-250"])).unwrap();
    let two = running.place(AT, &order_of(&["TEA-250", "TEA-500"])).unwrap();
    assert!(one > 1 << 53);
    let (single, double) = (detail(&running, one).await, detail(&running, two).await);
    assert_eq!(
        (&single["pay_amount"], &single["post_amount"], &single["order_status"]),
        (&json!(24_800), &json!(800), &json!(2))
    );
    assert_eq!(single["sku_order_list"][0]["order_id"], one.to_string(), "one line has the order's own number");
    let children: Vec<&Value> = double["sku_order_list"].as_array().unwrap().iter().map(|l| &l["order_id"]).collect();
    assert!(children.iter().all(|c| **c != json!(two.to_string())) && children[0] != children[1]);
    assert_eq!(single["buyer_words"], "A<b>&\"c");
    let known = running.ledger().orders[0].order.receiver.clone();
    for secret in [&known.name, &known.phone, &known.address] {
        assert!(!single.to_string().contains(secret.as_str()));
    }
    assert_eq!(single["post_addr"]["province"]["name"], known.province.as_str());
    assert_ne!(single["encrypt_post_tel"], double["encrypt_post_tel"]);
    assert_eq!(ask(&running, "order.orderDetail", json!({"shop_order_id": format!("{one}A")})).await["code"], 10_000);
    assert_eq!(ask(&running, "order.orderDetail", json!({"shop_order_id": "1"})).await["code"], 50_002);
}

#[tokio::test]
async fn shipping_whole_in_parts_and_anew() {
    let running = start().await;
    let one = running.place(AT, &order_of(&["TEA-250"])).unwrap();
    let ship = |id: i64, number: &str| json!({"company_code": "shunfeng", "logistics_code": number, "order_id": id.to_string()});
    assert_eq!(ask(&running, "order.logisticsAdd", ship(one, "SF1400000000013")).await["code"], 10_000);
    assert_eq!(detail(&running, one).await["order_status"], 3);
    assert_eq!(ask(&running, "order.logisticsAdd", ship(one, "SF1400000000014")).await["code"], 50_002, "only once");
    ask(&running, "order.logisticsEdit", ship(one, "SF1400000000026")).await;
    assert_eq!(detail(&running, one).await["logistics_info"][0]["tracking_no"], "SF1400000000026");
    let two = running.place(AT, &order_of(&["TEA-250", "TEA-500"])).unwrap();
    let children: Vec<Value> = detail(&running, two).await["sku_order_list"]
        .as_array()
        .unwrap()
        .iter()
        .map(|l| l["order_id"].clone())
        .collect();
    let part = |number: &str, child: &Value, request: &str| {
        json!({"company_code": "yuantong", "logistics_code": number, "order_id_list": [two.to_string()], "request_id": request,
            "shipped_order_info": [{"shipped_num": 2, "shipped_order_id": child}]})
    };
    let first = ask(&running, "order.logisticsAddSinglePack", part("YT0000000001", &children[0], "r1")).await;
    let again = ask(&running, "order.logisticsAddSinglePack", part("YT0000000001", &children[0], "r1")).await;
    assert_eq!(first["data"], again["data"], "the same request is answered alike");
    assert_eq!(detail(&running, two).await["order_status"], 101);
    let rest = json!({"order_id": two.to_string(), "request_id": "r2", "pack_list": [
        {"company_code": "yuantong", "logistics_code": "YT0000000002", "shipped_order_info": [{"shipped_num": 1, "shipped_order_id": children[1]}]},
        {"company_code": "yuantong", "logistics_code": "YT0000000003", "shipped_order_info": [{"shipped_num": 1, "shipped_order_id": children[1]}]}]});
    assert_eq!(ask(&running, "order.logisticsAddMultiPack", rest).await["code"], 10_000);
    assert_eq!(detail(&running, two).await["order_status"], 3);
    let kinds: Vec<&str> = running.ledger().confirmations.iter().map(|c| c.kind).collect();
    assert_eq!(kinds, ["create", "update", "create", "create", "create"]);
}

#[tokio::test]
async fn an_open_refund_stops_shipping_unless_it_is_refused_on_the_way() {
    let running = start().await;
    let id = running.place(AT, &order_of(&["TEA-250"])).unwrap();
    running.refund(AT, id, &[], Refund::Requested).unwrap();
    let row = ask(&running, "afterSale.List", json!({"page": 0, "size": 10})).await["data"]["items"][0].clone();
    assert_eq!(
        (&row["aftersale_info"]["aftersale_status"], &row["order_info"]["shop_order_id"]),
        (&json!(6), &json!(id.to_string()))
    );
    let mut ship = json!({"company_code": "shunfeng", "logistics_code": "SF1400000000013", "order_id": id.to_string()});
    assert_eq!(ask(&running, "order.logisticsAdd", ship.clone()).await["code"], 50_002);
    ship["is_reject_refund"] = json!(true);
    assert_eq!(ask(&running, "order.logisticsAdd", ship).await["code"], 10_000);
    let shown = detail(&running, id).await;
    assert_eq!(
        (&shown["order_status"], &shown["sku_order_list"][0]["after_sale_info"]["after_sale_status"]),
        (&json!(3), &json!(28))
    );
    let gone = running.place(AT, &order_of(&["TEA-250"])).unwrap();
    running.refund(AT, gone, &[], Refund::Done).unwrap();
    assert_eq!(detail(&running, gone).await["main_status"], 21);
}

#[tokio::test]
async fn stock_is_set_and_an_increment_counts_once() {
    let running = start().await;
    let tea = running.goods()[0].clone();
    let (product, sku) = tea.listing(AT);
    let set = json!({"incremental": false, "product_id": product.parse::<i64>().unwrap(), "sku_id": sku.parse::<i64>().unwrap(), "stock_num": 7});
    assert_eq!(ask(&running, "sku.syncStock", set).await["code"], 10_000);
    let add = json!({"code": tea.sku, "idempotent_id": "i1", "incremental": true, "stock_num": -2});
    assert_eq!(ask(&running, "sku.syncStock", add.clone()).await["code"], 10_000);
    assert_eq!(ask(&running, "sku.syncStock", add).await["sub_code"], "isv.idempotent-id-existed");
    let batch = json!({"incremental": false, "product_id": product, "sku_sync_list": [{"sku_id": sku, "stock_num": 9}, {"sku_id": "1", "stock_num": 9}]});
    assert_eq!(ask(&running, "sku.syncStockBatch", batch).await["code"], 50_002);
    assert_eq!(running.ledger().stock["douyin"][&tea.sku], 5, "all or nothing");
}

#[tokio::test]
async fn too_often_is_said_in_its_own_code_and_by_its_own_count() {
    let mut options = Options::default();
    options.douyin.per_second = 3;
    let running = Platforms::start(options).await.unwrap();
    running.fault(AT, Fault::Limit { retry_after: 9, when: When::default() });
    assert_eq!(ask(&running, "order.logisticsCompanyList", json!({})).await["code"], 60_000);
    let mut codes = Vec::new();
    for _ in 0..12 {
        codes.push(ask(&running, "order.logisticsCompanyList", json!({})).await["code"].as_i64().unwrap());
    }
    assert!(codes.contains(&60_000) && codes.contains(&10_000), "{codes:?}");
}
