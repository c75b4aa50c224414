use crate::web::{call, form};
use huidan_platforms::{NewLine, NewOrder, Options, Platform, Platforms, Refund, Running, sign};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const AT: Platform = Platform::Taobao;

/// Beijing's clock, as the timestamp wants it.
pub(crate) fn beijing(ahead_s: i64) -> String {
    let at = chrono::DateTime::from(std::time::SystemTime::now()) + chrono::Duration::seconds(ahead_s);
    let at: chrono::DateTime<chrono::Utc> = at;
    at.with_timezone(&chrono::FixedOffset::east_opt(8 * 3_600).unwrap()).format("%Y-%m-%d %H:%M:%S").to_string()
}

/// The system parameters, signed after `change` had its way.
pub(crate) fn signed(
    running: &Running,
    method: &str,
    business: &[(&str, &str)],
    change: &[(&str, &str)],
) -> BTreeMap<String, String> {
    let options = running.options().taobao;
    let now = beijing(0);
    let system = [
        ("method", method),
        ("app_key", options.app_key.as_str()),
        ("session", options.sessions[0].0.as_str()),
        ("timestamp", now.as_str()),
        ("format", "json"),
        ("v", "2.0"),
        ("sign_method", "hmac-sha256"),
    ];
    let all = system.iter().chain(business).chain(change);
    let mut params: BTreeMap<String, String> = all.map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    if let Some(sign) = sign::top(&params, &options.app_secret) {
        params.insert("sign".to_owned(), sign);
    }
    params
}

pub(crate) async fn post(origin: &str, params: &BTreeMap<String, String>) -> crate::web::Reply {
    let pairs: Vec<(&str, &str)> = params.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
    let headers = [("content-type", "application/x-www-form-urlencoded;charset=utf-8")];
    let reply = call("POST", &format!("{origin}/router/rest"), &headers, form(&pairs)).await;
    assert_eq!(reply.status, 200, "errors too are HTTP 200");
    reply
}

pub(crate) async fn ask(running: &Running, method: &str, business: &[(&str, &str)]) -> Value {
    post(&running.addresses().taobao, &signed(running, method, business, &[])).await.json()
}

fn code(answer: &Value) -> i64 {
    answer["error_response"]["code"].as_i64().unwrap_or_default()
}

async fn start() -> Running {
    Platforms::start(Options::default()).await.unwrap()
}

fn order_of(skus: &[&str]) -> NewOrder {
    let lines = skus.iter().map(|s| NewLine { sku: (*s).to_owned(), qty: 1, unit_price: None, title: None }).collect();
    NewOrder { lines: Some(lines), ..NewOrder::default() }
}

#[tokio::test]
async fn the_gateway_refuses_in_its_own_form() {
    let running = start().await;
    let business = [("fields", "tid"), ("tid", "1")];
    let cases: [(&[(&str, &str)], i64); 6] = [
        (&[("timestamp", &beijing(-601))], 31),
        (&[("timestamp", &beijing(601))], 31),
        (&[("session", "nobody")], 27),
        (&[("app_key", "1")], 29),
        (&[("v", "1.0")], 33),
        (&[("sign_method", "sha1")], 24),
    ];
    for (change, expected) in cases {
        let answer =
            post(&running.addresses().taobao, &signed(&running, "taobao.trade.fullinfo.get", &business, change))
                .await
                .json();
        assert_eq!(code(&answer), expected, "{change:?}: {answer}");
        assert!(answer["error_response"]["request_id"].is_string());
    }
    let mut wrong = signed(&running, "taobao.trade.fullinfo.get", &business, &[]);
    wrong.insert("tid".to_owned(), "2".to_owned());
    assert_eq!(code(&post(&running.addresses().taobao, &wrong).await.json()), 25);
    for (method, expected) in [("taobao.no.such.method", 22), ("taobao.top.oaid.decrypt", 11)] {
        assert_eq!(code(&ask(&running, method, &business).await), expected);
    }
    assert_eq!(running.ledger().bad_signatures.len(), 6);
}

#[tokio::test]
async fn each_sign_method_is_accepted_and_nine_minutes_are_within_the_window() {
    let running = start().await;
    for method in ["md5", "hmac", "hmac-sha256"] {
        let change = [("sign_method", method), ("timestamp", &beijing(-540))];
        let answer = post(
            &running.addresses().taobao,
            &signed(&running, "taobao.logistics.companies.get", &[("fields", "id,code,name")], &change),
        )
        .await
        .json();
        let companies = &answer["logistics_companies_get_response"]["logistics_companies"]["logistics_company"];
        assert!(companies.as_array().unwrap().iter().any(|c| c["code"] == "SF"));
    }
}

async fn page(running: &Running, extra: &[(&str, &str)]) -> Value {
    let (start, end) = (beijing(-600), beijing(60));
    let mut business = vec![
        ("fields", "tid,status,modified,buyer_message"),
        ("start_modified", start.as_str()),
        ("end_modified", end.as_str()),
    ];
    business.extend_from_slice(extra);
    ask(running, "taobao.trades.sold.increment.get", &business).await["trades_sold_increment_get_response"].clone()
}

#[tokio::test]
async fn the_list_is_newest_first_paged_partial_and_only_of_its_shop() {
    let running = start().await;
    let order = NewOrder { remark: Some("请发顺丰".to_owned()), ..NewOrder::default() };
    let ids: Vec<i64> = (0..5).map(|_| running.place(AT, &order).unwrap()).collect();
    running.place(AT, &NewOrder { shop: Some("汇单示例二店".to_owned()), ..NewOrder::default() }).unwrap();
    running.touch(AT, ids[0]).unwrap();
    let first = page(&running, &[("page_no", "1"), ("page_size", "2")]).await;
    assert_eq!(first["total_results"], 5);
    let tids = |page: &Value| -> Vec<i64> {
        page["trades"]["trade"].as_array().unwrap().iter().map(|t| t["tid"].as_i64().unwrap()).collect()
    };
    assert_eq!(tids(&first), [ids[0], ids[4]]);
    assert!(ids[0] > 1 << 53);
    let row = &first["trades"]["trade"][0];
    let mut keys: Vec<&String> = row.as_object().unwrap().keys().collect();
    keys.sort();
    assert_eq!(keys, ["modified", "status", "tid"], "a list row has no buyer_message");
    let last = page(&running, &[("page_no", "3"), ("page_size", "2"), ("use_has_next", "true")]).await;
    assert_eq!((tids(&last), &last["has_next"]), (vec![ids[1]], &json!(false)));
    assert!(last.get("total_results").is_none());
    let middle = page(&running, &[("page_no", "2"), ("page_size", "2"), ("use_has_next", "true")]).await;
    assert_eq!(middle["has_next"], true);
}

#[tokio::test]
async fn a_window_over_a_day_or_a_page_over_a_hundred_is_refused() {
    let running = start().await;
    let list = |start: String, size: &'static str| {
        let running = &running;
        async move {
            let end = beijing(0);
            let business = [
                ("fields", "tid"),
                ("start_modified", start.as_str()),
                ("end_modified", end.as_str()),
                ("page_size", size),
            ];
            ask(running, "taobao.trades.sold.increment.get", &business).await
        }
    };
    assert_eq!(code(&list(beijing(-86_401), "40").await), 41);
    assert_eq!(code(&list(beijing(-86_399), "101").await), 41);
    assert_eq!(code(&list(beijing(-86_399), "100").await), 0);
    let missing = ask(&running, "taobao.trades.sold.increment.get", &[("fields", "tid")]).await;
    assert_eq!(
        (code(&missing), &missing["error_response"]["sub_code"]),
        (40, &json!("isv.missing-parameter:start_modified"))
    );
}

#[tokio::test]
async fn receivers_are_masked_and_the_token_comes_only_with_its_five_fields() {
    let running = start().await;
    let tid = running.place(AT, &NewOrder::default()).unwrap();
    let known = running.ledger().orders[0].order.receiver.clone();
    let tid_text = tid.to_string();
    let full = |fields: &'static str| {
        let (running, tid) = (&running, tid_text.as_str());
        async move {
            ask(running, "taobao.trade.fullinfo.get", &[("fields", fields), ("tid", tid)]).await["trade_fullinfo_get_response"]["trade"].clone()
        }
    };
    let all = "tid,created,receiver_name,receiver_address,receiver_mobile,receiver_phone,receiver_state,oaid,orders,payment,buyer_message";
    let trade = full(all).await;
    let token = trade["oaid"].as_str().unwrap().to_owned();
    for secret in [&known.name, &known.phone, &known.address] {
        assert!(!trade.to_string().contains(secret.as_str()));
    }
    assert!(trade["receiver_name"].as_str().unwrap().ends_with("**"));
    assert_eq!(trade["receiver_state"], known.province.as_str());
    assert!(
        full("tid,receiver_name,receiver_address,receiver_mobile,receiver_phone,oaid").await.get("oaid").is_none(),
        "created is not asked"
    );
    let other = running.place(AT, &NewOrder { receiver: Some(known), ..NewOrder::default() }).unwrap().to_string();
    let second = ask(&running, "taobao.trade.fullinfo.get", &[("fields", all), ("tid", &other)]).await;
    assert_ne!(
        second["trade_fullinfo_get_response"]["trade"]["oaid"],
        token.as_str(),
        "the same receiver has another token"
    );
}

#[tokio::test]
async fn a_single_line_carries_the_freight_and_several_do_not() {
    let running = start().await;
    let one = running.place(AT, &order_of(&["TEA-250"])).unwrap().to_string();
    let two = running.place(AT, &order_of(&["TEA-250", "TEA-500"])).unwrap().to_string();
    let fields = "tid,payment,post_fee,num_iid,title,orders.payment,orders.oid";
    let get = |tid: String| {
        let running = &running;
        async move {
            ask(running, "taobao.trade.fullinfo.get", &[("fields", fields), ("tid", &tid)]).await["trade_fullinfo_get_response"]["trade"].clone()
        }
    };
    let (one, two) = (get(one).await, get(two).await);
    assert_eq!((&one["payment"], &one["orders"]["order"][0]["payment"]), (&json!("128.00"), &json!("128.00")));
    assert_eq!(one["title"], "明前龙井 250g");
    assert_eq!((&two["payment"], &two["orders"]["order"][0]["payment"]), (&json!("356.00"), &json!("120.00")));
    assert!(two.get("title").is_none());
}

async fn send(running: &Running, tid: i64, extra: &[(&str, &str)]) -> Value {
    let tid = tid.to_string();
    let mut business = vec![("tid", tid.as_str()), ("company_code", "SF")];
    business.extend_from_slice(extra);
    ask(running, "taobao.logistics.offline.send", &business).await
}

async fn status(running: &Running, tid: i64) -> String {
    let answer = ask(running, "taobao.trade.fullinfo.get", &[("fields", "status"), ("tid", &tid.to_string())]).await;
    answer["trade_fullinfo_get_response"]["trade"]["status"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn sending_part_then_the_rest_moves_the_status_and_a_second_sending_is_refused() {
    let running = start().await;
    let tid = running.place(AT, &order_of(&["TEA-250", "TEA-500"])).unwrap();
    let oid = tid.to_string();
    let wrong = send(&running, tid, &[("out_sid", "12")]).await;
    assert!(wrong["error_response"]["sub_code"].as_str().unwrap().starts_with("isv."));
    let part = send(&running, tid, &[("out_sid", "SF1400000000013"), ("is_split", "1"), ("sub_tid", &oid)]).await;
    assert_eq!(part["logistics_offline_send_response"]["shipping"]["is_success"], true);
    assert_eq!(status(&running, tid).await, "SELLER_CONSIGNED_PART");
    send(&running, tid, &[("out_sid", "SF1400000000026")]).await;
    assert_eq!(status(&running, tid).await, "WAIT_BUYER_CONFIRM_GOODS");
    assert_eq!(code(&send(&running, tid, &[("out_sid", "SF1400000000039")]).await), 15);
    assert_eq!(running.ledger().confirmations.len(), 2);
}

#[tokio::test]
async fn what_is_held_unpaid_or_refunded_is_not_to_be_sent() {
    let running = start().await;
    let held = running.place(AT, &NewOrder::default()).unwrap();
    running.modify(AT, held, huidan_platforms::Modify { hold: Some(true), ..Default::default() }).unwrap();
    let unpaid = running.place(AT, &NewOrder { paid: Some(false), ..NewOrder::default() }).unwrap();
    let refunded = running.place(AT, &NewOrder::default()).unwrap();
    running.refund(AT, refunded, &[], Refund::Done).unwrap();
    let closed = running.place(AT, &NewOrder { paid: Some(false), ..NewOrder::default() }).unwrap();
    running.cancel(AT, closed).unwrap();
    for (tid, expected) in [
        (held, "PAID_FORBID_CONSIGN"),
        (unpaid, "WAIT_BUYER_PAY"),
        (refunded, "TRADE_CLOSED"),
        (closed, "TRADE_CLOSED_BY_TAOBAO"),
    ] {
        assert_eq!(status(&running, tid).await, expected);
        assert_eq!(code(&send(&running, tid, &[("out_sid", "SF1400000000013")]).await), 15);
    }
}

#[tokio::test]
async fn sending_online_without_a_number_changes_nothing_until_it_is_confirmed() {
    let running = start().await;
    let tid = running.place(AT, &NewOrder::default()).unwrap();
    let text = tid.to_string();
    ask(&running, "taobao.logistics.online.send", &[("tid", &text), ("company_code", "ZTO")]).await;
    assert_eq!(status(&running, tid).await, "WAIT_SELLER_SEND_GOODS");
    ask(&running, "taobao.logistics.online.confirm", &[("tid", &text), ("out_sid", "73100000000001")]).await;
    assert_eq!(status(&running, tid).await, "WAIT_BUYER_CONFIRM_GOODS");
}

#[tokio::test]
async fn stock_is_set_in_full_or_by_increment_and_for_at_most_twenty_skus() {
    let running = start().await;
    let tea = running.goods()[0].clone();
    let (item, sku) = (tea.num_iid().to_string(), tea.taobao_sku().to_string());
    ask(&running, "taobao.item.quantity.update", &[("num_iid", &item), ("sku_id", &sku), ("quantity", "7")]).await;
    let less =
        ask(&running, "taobao.item.quantity.update", &[("num_iid", &item), ("quantity", "-8"), ("type", "2")]).await;
    assert_eq!(code(&less), 41);
    let row = format!("{sku}:-9");
    ask(&running, "taobao.skus.quantity.update", &[("num_iid", &item), ("skuid_quantities", &row), ("type", "2")])
        .await;
    let levels: Vec<i64> = running.ledger().stock_writes.iter().map(|w| w.quantity).collect();
    assert_eq!(levels, [7, 0]);
    let many = vec![format!("{sku}:1"); 21].join(";");
    assert_eq!(
        code(&ask(&running, "taobao.skus.quantity.update", &[("num_iid", &item), ("skuid_quantities", &many)]).await),
        41
    );
}

#[tokio::test]
async fn the_default_format_is_xml_and_simplify_drops_the_wrapping() {
    let running = start().await;
    running.place(AT, &NewOrder::default()).unwrap();
    let xml = post(
        &running.addresses().taobao,
        &signed(&running, "taobao.logistics.companies.get", &[], &[("format", "xml")]),
    )
    .await;
    let text = String::from_utf8(xml.body.to_vec()).unwrap();
    assert!(
        text.contains("<logistics_companies_get_response><logistics_companies><logistics_company><code>SF</code>"),
        "{text}"
    );
    let flat = page_flat(&running).await;
    assert!(flat["trades"].as_array().is_some_and(|t| t.len() == 1), "{flat}");
}

async fn page_flat(running: &Running) -> Value {
    let (start, end) = (beijing(-600), beijing(60));
    let business = [
        ("fields", "tid,orders"),
        ("start_modified", start.as_str()),
        ("end_modified", end.as_str()),
        ("simplify", "true"),
    ];
    ask(running, "taobao.trades.sold.increment.get", &business).await
}
