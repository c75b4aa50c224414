use crate::web::{Got, Hub, Reply, call, form, until};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use huidan_platforms::{
    Fault, Modify, NewLine, NewOrder, Options, Platform, Platforms, Receiver, Refund, Running, Targets, Until, When,
    seal,
};
use serde_json::{Value, json};
use std::time::{SystemTime, UNIX_EPOCH};

const AT: Platform = Platform::WechatShop;

fn now_s() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap()
}

async fn start() -> Running {
    Platforms::start(Options::default()).await.unwrap()
}

fn token(running: &Running) -> String {
    let shop = running.options().wechat_shop.shops[0].shop.clone();
    running.shop_tokens(AT, &shop).unwrap().access_token
}

async fn send(running: &Running, token: &str, what: &str, body: &Value) -> Reply {
    let url = format!("{}/channels/ec/{what}?{}", running.addresses().wechat_shop, form(&[("access_token", token)]));
    let reply = call("POST", &url, &[("content-type", "application/json")], body.to_string()).await;
    assert_eq!(reply.status, 200, "errors too are HTTP 200");
    reply
}

async fn ask(running: &Running, what: &str, body: Value) -> Value {
    send(running, &token(running), what, &body).await.json()
}

fn order_of(skus: &[&str]) -> NewOrder {
    let line = |s: &&str| NewLine { sku: (*s).to_owned(), qty: 2, unit_price: None, title: None };
    NewOrder { lines: Some(skus.iter().map(line).collect()), ..NewOrder::default() }
}

async fn detail(running: &Running, id: i64) -> Value {
    ask(running, "order/get", json!({"order_id": id.to_string(), "encode_sensitive_info": false})).await["order"]
        .clone()
}

async fn plain_token(running: &Running, secret: &str) -> Value {
    let app = running.options().wechat_shop.app_id;
    let query = form(&[("grant_type", "client_credential"), ("appid", &app), ("secret", secret)]);
    call("GET", &format!("{}/cgi-bin/token?{query}", running.addresses().wechat_shop), &[], "").await.json()
}

async fn stable_token(running: &Running, force: bool) -> Value {
    let options = running.options().wechat_shop;
    let body = json!({"grant_type": "client_credential", "appid": options.app_id, "secret": options.app_secret, "force_refresh": force});
    call("POST", &format!("{}/cgi-bin/stable_token", running.addresses().wechat_shop), &[], body.to_string())
        .await
        .json()
}

#[tokio::test]
async fn one_token_is_shared_and_another_ends_it_after_five_minutes() {
    let running = start().await;
    let secret = running.options().wechat_shop.app_secret;
    assert_eq!(plain_token(&running, "wrong").await["errcode"], 40_125);
    let first = plain_token(&running, &secret).await;
    assert_eq!(first["expires_in"], 7_200);
    let stable = stable_token(&running, false).await;
    assert_eq!(stable["access_token"], first["access_token"], "the same while it lives");
    let forced = stable_token(&running, true).await;
    assert_ne!(forced["access_token"], first["access_token"]);
    let old = first["access_token"].as_str().unwrap();
    let code = |token: String| {
        let running = &running;
        async move {
            send(running, &token, "order/deliverycompanylist/get", &json!({})).await.json()["errcode"].as_i64().unwrap()
        }
    };
    assert_eq!(code(old.to_owned()).await, 0, "for a while both hold");
    running.fault(AT, Fault::ClockSkew { seconds: 301 });
    assert_eq!((code(old.to_owned()).await, code(token(&running)).await), (42_001, 0));
    assert_eq!((code("nobody".to_owned()).await, code(String::new()).await), (40_001, 41_001));
    running.fault(AT, Fault::TokenExpired { when: When::default() });
    assert_eq!(code(token(&running)).await, 42_001);
    assert_ne!(stable_token(&running, false).await["access_token"], forced["access_token"]);
    assert_eq!(code(token(&running)).await, 0);
    assert_eq!(running.ledger().bad_signatures.len(), 5);
}

fn window(back: i64, size: i64, key: &str) -> Value {
    json!({"update_time_range": {"start_time": now_s() - back, "end_time": now_s() + 5}, "page_size": size, "next_key": key})
}

/// What the list by modification has now.
pub(crate) async fn listed(running: &Running) -> Vec<String> {
    let page = ask(running, "order/list/get", window(600, 100, "")).await;
    page["order_id_list"].as_array().unwrap().iter().map(|id| id.as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn the_list_has_ids_only_and_goes_on_by_a_key() {
    let running = start().await;
    let placed: Vec<String> = (0..5).map(|_| running.place(AT, &order_of(&["TEA-250"])).unwrap().to_string()).collect();
    let first = ask(&running, "order/list/get", window(600, 2, "")).await;
    assert_eq!((&first["order_id_list"], &first["has_more"]), (&json!([placed[4], placed[3]]), &json!(true)));
    let second = ask(&running, "order/list/get", window(600, 2, first["next_key"].as_str().unwrap())).await;
    // Modified between two pages: it moves before the key and is missing from this reading.
    running.touch(AT, placed[0].parse().unwrap()).unwrap();
    let third = ask(&running, "order/list/get", window(600, 2, second["next_key"].as_str().unwrap())).await;
    assert_eq!((&second["order_id_list"], &third["order_id_list"]), (&json!([placed[2], placed[1]]), &json!([])));
    assert_eq!(ask(&running, "order/list/get", window(600, 100, "")).await["order_id_list"][0], placed[0]);
    for (back, size) in [(7 * 86_400 + 1, 10), (600, 101), (600, 0)] {
        assert_ne!(ask(&running, "order/list/get", window(back, size, "")).await["errcode"], 0);
    }
    assert_ne!(ask(&running, "order/list/get", json!({"page_size": 10})).await["errcode"], 0);
    let mut shipped = window(600, 10, "");
    shipped["status"] = json!(30);
    assert_eq!(ask(&running, "order/list/get", shipped).await["order_id_list"], json!([]));
}

#[tokio::test]
async fn orders_are_in_fen_and_seconds_and_masked_whatever_is_asked() {
    let running = start().await;
    let id = running.place(AT, &order_of(&["TEA-250"])).unwrap();
    let shown = detail(&running, id).await;
    assert!(id > 1 << 53 && shown["order_id"] == id.to_string().as_str());
    let price = &shown["order_detail"]["price_info"];
    assert_eq!(
        (&price["order_price"], &price["freight"], &price["merchant_receieve_price"]),
        (&json!(24_800), &json!(800), &json!(24_800))
    );
    assert!((now_s() - shown["create_time"].as_i64().unwrap()).abs() < 60, "seconds");
    assert_eq!(
        (&shown["status"], &shown["order_detail"]["product_infos"][0]["sku_code"]),
        (&json!(20), &json!("TEA-250"))
    );
    let known = running.ledger().orders[0].order.receiver.clone();
    for secret in [&known.name, &known.phone, &known.address] {
        assert!(!shown.to_string().contains(secret.as_str()));
    }
    let same = running.place(AT, &NewOrder { receiver: Some(known), ..order_of(&["TEA-500"]) }).unwrap();
    let address = |o: &Value| o["order_detail"]["delivery_info"]["address_info"]["hash_code"].clone();
    assert_eq!(address(&detail(&running, same).await), address(&shown), "equal receivers have equal hashes");
    assert_eq!(ask(&running, "order/get", json!({"order_id": id})).await["errcode"], 47_001, "ids are text");
    assert_eq!(
        ask(&running, "order/sensitiveinfo/decode", json!({"order_id": id.to_string()})).await["errcode"],
        48_001
    );
}

fn parcel(running: &Running, number: &str, skus: &[(&str, i64)]) -> Value {
    let goods = running.goods();
    let row = |(sku, pieces): &(&str, i64)| {
        let (product, variant) = goods.iter().find(|g| g.sku == *sku).unwrap().listing(AT);
        json!({"product_id": product, "sku_id": variant, "product_cnt": pieces})
    };
    json!({"delivery_id": "SF", "waybill_id": number, "deliver_type": 1, "product_infos": skus.iter().map(row).collect::<Vec<_>>()})
}

#[tokio::test]
async fn shipping_names_its_goods_and_the_list_can_be_written_anew() {
    let running = start().await;
    let id = running.place(AT, &order_of(&["TEA-250", "TEA-500"])).unwrap();
    let list = |parcels: Vec<Value>| json!({"order_id": id.to_string(), "delivery_list": parcels});
    let too_many = list(vec![parcel(&running, "SF1400000000013", &[("TEA-250", 3)])]);
    assert_ne!(ask(&running, "order/delivery/send", too_many).await["errcode"], 0);
    let first = list(vec![parcel(&running, "SF1400000000013", &[("TEA-250", 2)])]);
    assert_eq!(ask(&running, "order/delivery/send", first).await["errcode"], 0);
    assert_eq!(detail(&running, id).await["status"], 21);
    let rest = vec![
        parcel(&running, "SF1400000000026", &[("TEA-500", 1)]),
        parcel(&running, "SF1400000000039", &[("TEA-500", 1)]),
    ];
    assert_eq!(ask(&running, "order/delivery/send", list(rest.clone())).await["errcode"], 0);
    assert_eq!(detail(&running, id).await["status"], 30);
    assert_ne!(ask(&running, "order/delivery/send", list(rest.clone())).await["errcode"], 0, "nothing is left");
    let mut all = vec![parcel(&running, "SF1400000000014", &[("TEA-250", 2)])];
    assert_ne!(ask(&running, "order/deliveryinfo/update", list(all.clone())).await["errcode"], 0, "all of it");
    all.extend(rest);
    assert_eq!(ask(&running, "order/deliveryinfo/update", list(all)).await["errcode"], 0);
    let shown = detail(&running, id).await;
    assert_eq!(shown["order_detail"]["delivery_info"]["delivery_product_info"][0]["waybill_id"], "SF1400000000014");
    let kinds: Vec<&str> = running.ledger().confirmations.iter().map(|c| c.kind).collect();
    assert_eq!(kinds, ["create", "create", "create", "update"]);
    let held = running.place(AT, &NewOrder { tags: vec!["hold".to_owned()], ..order_of(&["TEA-250"]) }).unwrap();
    let body = json!({"order_id": held.to_string(), "delivery_list": [parcel(&running, "SF1400000000013", &[("TEA-250", 2)])]});
    assert_ne!(ask(&running, "order/delivery/send", body).await["errcode"], 0);
}

#[tokio::test]
async fn states_of_ending_differ_and_after_sales_have_words() {
    let running = start().await;
    let unpaid = running.place(AT, &NewOrder { paid: Some(false), ..order_of(&["TEA-250"]) }).unwrap();
    running.cancel(AT, unpaid).unwrap();
    let paid = running.place(AT, &order_of(&["TEA-250"])).unwrap();
    running.cancel(AT, paid).unwrap();
    let refunded = running.place(AT, &order_of(&["TEA-250"])).unwrap();
    running.refund(AT, refunded, &[], Refund::Requested).unwrap();
    let window = json!({"begin_update_time": now_s() - 600, "end_update_time": now_s() + 5});
    let listed = ask(&running, "aftersale/getaftersalelist", window).await;
    let one = json!({"after_sale_order_id": listed["after_sale_order_id_list"][0]});
    let shown = ask(&running, "aftersale/getaftersaleorder", one.clone()).await["after_sale_order"].clone();
    assert_eq!((&shown["status"], &shown["order_id"]), (&json!("MERCHANT_PROCESSING"), &json!(refunded.to_string())));
    running.refund(AT, refunded, &[], Refund::Done).unwrap();
    assert_eq!(
        ask(&running, "aftersale/getaftersaleorder", one).await["after_sale_order"]["status"],
        "MERCHANT_REFUND_SUCCESS"
    );
    for (id, status) in [(unpaid, 190), (paid, 250), (refunded, 200)] {
        assert_eq!(detail(&running, id).await["status"], status);
    }
}

#[tokio::test]
async fn stock_is_added_taken_set_and_read() {
    let running = start().await;
    let (product, sku) = running.goods()[0].listing(AT);
    for (kind, number, expected) in [(3, 10, 0), (1, 5, 0), (2, 6, 0), (2, 100, 10_020_011)] {
        let body = json!({"product_id": product, "sku_id": sku, "diff_type": kind, "num": number});
        assert_eq!(ask(&running, "product/stock/update", body).await["errcode"], expected);
    }
    let read = ask(&running, "product/stock/get", json!({"product_id": product, "sku_id": sku})).await;
    assert_eq!(read["data"]["total_stock_num"], 9);
}

async fn asked_for(running: &Running, id: i64) -> Value {
    let order = detail(running, id).await;
    let to = &order["order_detail"]["delivery_info"]["address_info"];
    let account =
        ask(running, "logistics/ewaybill/biz/account/get", json!({"delivery_id": "ZTO"})).await["account_list"][0]
            .clone();
    json!({"delivery_id": "ZTO", "ewaybill_acct_id": account["acct_id"], "shop_id": account["shop_id"], "site_code": account["site_info"]["site_code"],
        "sender": {"name": "仓库", "mobile": "13800100001", "province": "浙江省", "city": "杭州市", "county": "余杭区", "address": "良渚街道 1 号仓"},
        "receiver": {"name": to["user_name"], "mobile": to["tel_number"], "province": to["province_name"], "city": to["city_name"], "county": to["county_name"], "address": to["detail_info"]},
        "ec_order_list": [{"ec_order_id": order["order_id"], "goods_list": [{"good_name": "茶叶", "good_count": 1}]}]})
}

#[tokio::test]
async fn a_waybill_has_an_id_first_and_one_number_for_it() {
    let running = start().await;
    let id = running.place(AT, &order_of(&["TEA-250"])).unwrap();
    let mut request = asked_for(&running, id).await;
    let made = ask(&running, "logistics/ewaybill/biz/order/precreate", request.clone()).await;
    request["ewaybill_order_id"] = made["ewaybill_order_id"].clone();
    let given = ask(&running, "logistics/ewaybill/biz/order/create", request.clone()).await;
    assert_eq!(given["errcode"], 0, "{given}");
    assert_eq!(
        ask(&running, "logistics/ewaybill/biz/order/create", request.clone()).await["errcode"],
        10_025_019,
        "once"
    );
    let which = json!({"ewaybill_order_id": made["ewaybill_order_id"]});
    let found = ask(&running, "logistics/ewaybill/biz/order/get", which.clone()).await["order_info"].clone();
    assert_eq!(found["waybill_id"], given["waybill_id"], "a lost answer is found again");
    let ledger = running.ledger();
    assert_eq!(
        (ledger.waybills.len(), &ledger.waybills[0].receiver),
        (1, &ledger.orders[0].order.receiver),
        "the mask is opened by the order"
    );
    let print = json!({"ewaybill_order_id": made["ewaybill_order_id"], "template_id": "single"});
    let printed = ask(&running, "logistics/ewaybill/biz/print/get", print).await["print_info"].clone();
    assert_eq!(printed, given["print_info"]);
    let contents: Value = serde_json::from_slice(&STANDARD.decode(printed.as_str().unwrap()).unwrap()).unwrap();
    let task = crate::component::print(&running, given["waybill_id"].as_str().unwrap(), &contents).await;
    assert_eq!(task["status"], "success", "{task}");
    running
        .modify(
            AT,
            id,
            Modify {
                receiver: Some(Receiver { city: "宁波市".to_owned(), ..Receiver::default() }),
                ..Modify::default()
            },
        )
        .unwrap();
    let stale = ask(&running, "logistics/ewaybill/biz/order/precreate", request.clone()).await;
    assert_eq!(stale["errcode"], 10_025_021, "the receiver is another by now");
    let cancel = json!({"ewaybill_order_id": made["ewaybill_order_id"], "delivery_id": "ZTO", "waybill_id": given["waybill_id"]});
    assert_eq!(ask(&running, "logistics/ewaybill/biz/order/cancel", cancel.clone()).await["errcode"], 0);
    assert_ne!(ask(&running, "logistics/ewaybill/biz/order/cancel", cancel).await["errcode"], 0);
    assert!(running.ledger().waybills[0].cancelled);
    assert_eq!(
        ask(&running, "logistics/ewaybill/biz/order/get", json!({"ewaybill_order_id": "1"})).await["errcode"],
        10_025_010
    );
}

/// Opens an event and checks everything that vouches for it.
fn opened(running: &Running, push: &Got) -> Value {
    let options = running.options().wechat_shop;
    let body = push.json();
    let sealed = body["Encrypt"].as_str().unwrap();
    let (timestamp, nonce) = (push.query("timestamp"), push.query("nonce"));
    assert_eq!(push.query("msg_signature"), seal::wechat(&[&options.message_token, &timestamp, &nonce, sealed]));
    assert_eq!(push.query("signature"), seal::wechat(&[&options.message_token, &timestamp, &nonce]));
    assert_eq!(push.query("encrypt_type"), "aes");
    let (message, app) = seal::open_wechat_message(&options.encoding_aes_key, sealed).unwrap();
    assert_eq!((app, &body["ToUserName"]), (options.app_id, &json!(options.shops[0].shop)));
    serde_json::from_str(&message).unwrap()
}

#[tokio::test]
async fn the_address_proves_itself_and_then_gets_sealed_events() {
    let (running, hub) = (start().await, Hub::start().await);
    hub.answer(200, "success");
    running.connect(&Targets { wechat_shop: Some(format!("{}?app=1", hub.url)), ..Targets::default() });
    let id = running.place(AT, &NewOrder { paid: Some(false), ..order_of(&["TEA-250"]) }).unwrap();
    let check = hub.wait(1).await[0].clone();
    let options = running.options().wechat_shop;
    assert_eq!(
        check.query("signature"),
        seal::wechat(&[&options.message_token, &check.query("timestamp"), &check.query("nonce")])
    );
    assert!(check.body.is_empty() && check.query("app") == "1");
    hub.wait(2).await;
    running.pay(AT, id).unwrap();
    running.modify(AT, id, Modify { receiver: Some(Receiver::default()), ..Modify::default() }).unwrap();
    running.refund(AT, id, &[], Refund::Requested).unwrap();
    running.refund(AT, id, &[], Refund::None).unwrap();
    let mut request = asked_for(&running, id).await;
    request["ewaybill_order_id"] =
        ask(&running, "logistics/ewaybill/biz/order/precreate", request.clone()).await["ewaybill_order_id"].clone();
    let number =
        ask(&running, "logistics/ewaybill/biz/order/create", request).await["waybill_id"].as_str().unwrap().to_owned();
    ask(
        &running,
        "order/delivery/send",
        json!({"order_id": id.to_string(), "delivery_list": [parcel(&running, "SF1400000000013", &[("TEA-250", 2)])]}),
    )
    .await;
    assert_eq!(running.advance(&number, Until::Delivered, false).unwrap(), 4);
    let got = hub.wait(12).await;
    let messages: Vec<Value> = got[1..].iter().map(|push| opened(&running, push)).collect();
    let mut events: Vec<&str> = messages.iter().map(|m| m["Event"].as_str().unwrap()).collect();
    events.sort_unstable();
    assert_eq!(
        events,
        [
            "channels_ec_aftersale_update",
            "channels_ec_aftersale_update",
            "channels_ec_order_confirm",
            "channels_ec_order_deliver",
            "channels_ec_order_ext_info_update",
            "channels_ec_order_new",
            "channels_ec_order_pay",
            "ewaybill_push_path",
            "ewaybill_push_path",
            "ewaybill_push_path",
            "ewaybill_push_path"
        ]
    );
    let paid = messages.iter().find(|m| m["Event"] == "channels_ec_order_pay").unwrap();
    assert_eq!((&paid["order_info"]["order_id"], &paid["MsgType"]), (&json!(id.to_string()), &json!("event")));
    assert_eq!(detail(&running, id).await["status"], 100);
    until(|| running.ledger().pushes.iter().all(|p| p.outcome == "acknowledged")).await;
}

#[tokio::test]
async fn an_address_that_does_not_answer_gets_nothing_and_three_attempts_are_made_at_one_that_did() {
    let (running, hub) = (start().await, Hub::start().await);
    hub.answer(403, "no");
    running.connect(&Targets { wechat_shop: Some(hub.url.clone()), ..Targets::default() });
    until(|| running.ledger().pushes.iter().any(|p| p.outcome == "given_up")).await;
    running.place(AT, &order_of(&["TEA-250"])).unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    assert_eq!(hub.got().len(), 1);
    hub.answer(200, "{\"errcode\":0}");
    running.connect(&Targets { wechat_shop: Some(hub.url.clone()), ..Targets::default() });
    until(|| running.ledger().pushes.iter().any(|p| p.topic == "echostr" && p.outcome == "acknowledged")).await;
    running.place(AT, &NewOrder { paid: Some(false), ..order_of(&["TEA-250"]) }).unwrap();
    until(|| running.ledger().pushes.last().is_some_and(|p| p.outcome == "given_up")).await;
    assert_eq!(running.ledger().pushes.last().unwrap().attempts, [200, 200, 200, 200]);
}

#[tokio::test]
async fn too_often_is_said_in_its_own_codes() {
    let mut options = Options::default();
    options.wechat_shop.per_second = 3;
    let running = Platforms::start(options).await.unwrap();
    running.fault(AT, Fault::LimitWithoutHint { when: When::default() });
    assert_eq!(ask(&running, "order/deliverycompanylist/get", json!({})).await["errcode"], 45_009);
    let mut codes = Vec::new();
    for _ in 0..12 {
        codes.push(ask(&running, "order/deliverycompanylist/get", json!({})).await["errcode"].as_i64().unwrap());
    }
    assert!(codes.contains(&45_011) && codes.contains(&0), "{codes:?}");
}
