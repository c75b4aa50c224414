use crate::taobao::{post, signed};
use crate::web::{Hub, until};
use huidan_platforms::{NewOrder, Options, Platform, Platforms, Running, Targets, Until, sign};
use serde_json::{Value, json};

async fn start() -> Running {
    Platforms::start(Options::default()).await.unwrap()
}

pub(crate) async fn ask(running: &Running, method: &str, business: &[(&str, &str)]) -> Value {
    post(&running.addresses().cainiao, &signed(running, method, business, &[])).await.json()
}

/// A trade and its receiver's token, as the channel gets them.
pub(crate) async fn trade(running: &Running) -> (String, String) {
    let tid = running.place(Platform::Taobao, &NewOrder::default()).unwrap().to_string();
    let fields = "oaid,receiver_name,receiver_address,created,receiver_mobile,receiver_phone";
    let answer = ask(running, "taobao.trade.fullinfo.get", &[("fields", fields), ("tid", &tid)]).await;
    (tid, answer["trade_fullinfo_get_response"]["trade"]["oaid"].as_str().unwrap().to_owned())
}

pub(crate) fn request(object_id: &str, tid: &str, recipient: Value) -> Value {
    json!({"cp_code": "YTO", "sender": {"name": "仓库", "mobile": "13800100001", "address": {"province": "浙江省", "city": "杭州市", "district": "余杭区", "detail": "良渚街道 1 号"}},
        "trade_order_info_dtos": [{"object_id": object_id, "template_url": "http://cloudprint.cainiao.com/template/standard/101", "user_id": 1,
            "order_info": {"order_channels_type": "TB", "trade_order_list": [tid]},
            "package_info": {"id": format!("pkg-{object_id}"), "items": [{"name": "茶叶", "count": 1}], "weight": 300},
            "recipient": recipient}], "need_encrypt": true})
}

pub(crate) async fn get(running: &Running, request: &Value) -> Value {
    ask(running, "cainiao.waybill.ii.get", &[("param_waybill_cloud_print_apply_new_request", &request.to_string())])
        .await
}

fn first(answer: &Value) -> Value {
    answer["cainiao_waybill_ii_get_response"]["modules"]["waybill_cloud_print_response"][0].clone()
}

#[tokio::test]
async fn a_token_gets_a_number_and_print_data_that_shows_no_receiver() {
    let running = start().await;
    let (tid, oaid) = trade(&running).await;
    let given = first(
        &get(&running, &request("o1", &tid, json!({"name": "王**", "mobile": "*******0001", "oaid": oaid}))).await,
    );
    let known = running.ledger().orders[0].order.receiver.clone();
    assert_eq!(given["object_id"], "o1");
    let print_data = given["print_data"].as_str().expect("print_data is a text");
    for secret in [&known.name, &known.phone, &known.address] {
        assert!(!print_data.contains(secret.as_str()));
    }
    let parsed: Value = serde_json::from_str(print_data).unwrap();
    for key in ["encryptedData", "signature", "templateURL", "ver"] {
        assert!(parsed[key].is_string(), "{key}");
    }
    let waybill = running.ledger().waybills[0].clone();
    assert_eq!(
        (waybill.receiver, waybill.orders, waybill.number.as_str()),
        (known, vec![tid], given["waybill_code"].as_str().unwrap())
    );
}

#[tokio::test]
async fn the_same_object_or_package_gets_the_first_number_and_is_charged_once() {
    let running = start().await;
    let (tid, oaid) = trade(&running).await;
    let one = first(&get(&running, &request("o1", &tid, json!({"oaid": oaid}))).await);
    let again = first(&get(&running, &request("o1", &tid, json!({"oaid": oaid}))).await);
    assert_eq!(one, again);
    let mut other_object = request("o2", &tid, json!({"oaid": oaid}));
    other_object["trade_order_info_dtos"][0]["package_info"]["id"] = json!("pkg-o1");
    let same_package = first(&get(&running, &other_object).await);
    assert_eq!((&same_package["waybill_code"], &same_package["object_id"]), (&one["waybill_code"], &json!("o2")));
    assert_eq!((running.ledger().waybills.len(), running.ledger().waybills[0].repeats), (1, 2));
    let second = first(&get(&running, &request("o3", &tid, json!({"oaid": oaid}))).await);
    assert_ne!(second["waybill_code"], one["waybill_code"]);
}

#[tokio::test]
async fn masks_foreign_tokens_and_empty_packages_are_refused_uncharged() {
    let running = start().await;
    let (tid, _) = trade(&running).await;
    let (_, foreign) = trade(&running).await;
    let clear = json!({"name": "王**", "mobile": "13800100001", "address": {"province": "浙江省", "detail": "1 号"}});
    let mut no_items = request("o1", &tid, json!({"oaid": foreign}));
    no_items["trade_order_info_dtos"][0]["package_info"]["items"] = json!([]);
    for bad in [request("o1", &tid, clear), request("o1", &tid, json!({"oaid": foreign})), no_items] {
        assert!(get(&running, &bad).await["error_response"]["sub_code"].as_str().unwrap().starts_with("isv."));
    }
    let mut eleven = request("o1", &tid, json!({}));
    let package = eleven["trade_order_info_dtos"][0].clone();
    eleven["trade_order_info_dtos"] = json!(vec![package; 11]);
    assert_eq!(get(&running, &eleven).await["error_response"]["code"], 41);
    let mut sf = request(
        "o1",
        &tid,
        json!({"name": "王小明", "mobile": "13800100001", "address": {"province": "浙江省", "detail": "1 号"}}),
    );
    sf["cp_code"] = json!("SF");
    assert_eq!(get(&running, &sf).await["error_response"]["sub_code"], "isv.missing-parameter:goods_description");
    assert!(running.ledger().waybills.is_empty());
}

async fn quota(running: &Running) -> i64 {
    let answer = ask(running, "cainiao.waybill.ii.search", &[("cp_code", "YTO")]).await;
    let branch = &answer["cainiao_waybill_ii_search_response"]["waybill_apply_subscription_cols"]["waybill_apply_subscription_info"]
        [0];
    branch["branch_account_cols"]["waybill_branch_account"][0]["quantity"].as_i64().unwrap()
}

#[tokio::test]
async fn numbers_are_counted_given_back_on_cancelling_and_run_out() {
    let mut options = Options::default();
    options.cainiao.quota = 1;
    let running = Platforms::start(options).await.unwrap();
    let (tid, oaid) = trade(&running).await;
    assert_eq!(quota(&running).await, 1);
    let one = first(&get(&running, &request("o1", &tid, json!({"oaid": oaid}))).await);
    assert_eq!(quota(&running).await, 0);
    let none = get(&running, &request("o2", &tid, json!({"oaid": oaid}))).await;
    assert_eq!(none["error_response"]["sub_code"], "isv.waybill-quota-not-enough");
    let number = one["waybill_code"].as_str().unwrap().to_owned();
    let cancel = [("cp_code", "YTO"), ("waybill_code", number.as_str())];
    assert_eq!(
        ask(&running, "cainiao.waybill.ii.cancel", &cancel).await["cainiao_waybill_ii_cancel_response"]["cancel_result"],
        true
    );
    assert!(ask(&running, "cainiao.waybill.ii.cancel", &cancel).await["error_response"].is_object());
    assert!(running.ledger().waybills[0].cancelled);
    let fresh = first(&get(&running, &request("o1", &tid, json!({"oaid": oaid}))).await);
    assert_ne!(fresh["waybill_code"].as_str(), Some(number.as_str()), "a cancelled number is not given again");
}

#[tokio::test]
async fn a_number_is_found_by_itself_and_by_its_trade() {
    let running = start().await;
    let (tid, oaid) = trade(&running).await;
    let one = first(&get(&running, &request("o1", &tid, json!({"oaid": oaid}))).await);
    let rows = json!([{"cp_code": "YTO", "waybill_code": one["waybill_code"], "object_id": "q1"}]).to_string();
    let by_number = ask(&running, "cainiao.waybill.ii.query.by.waybillcode", &[("param_list", &rows)]).await;
    let row = &by_number["cainiao_waybill_ii_query_by_waybillcode_response"]["modules"]["waybill_cloud_print_with_result_desc_response"]
        [0];
    assert_eq!(
        (&row["success"], &row["waybill_cloud_print_response"]["print_data"]),
        (&json!(true), &one["print_data"])
    );
    let rows = json!([{"biz_sub_code": tid, "object_id": "q2"}, {"biz_sub_code": "1", "object_id": "q3"}]).to_string();
    let by_trade = ask(&running, "cainiao.waybill.ii.query.by.tradecode", &[("param_list", &rows)]).await;
    let rows = &by_trade["cainiao_waybill_ii_query_by_tradecode_response"]["modules"]["waybill_cloud_print_with_result_desc_response"];
    assert_eq!(rows[0]["waybill_cloud_print_response"]["waybill_code"], one["waybill_code"]);
    assert_eq!(rows[1]["success"], false);
}

#[tokio::test]
async fn delivery_is_pushed_by_link_with_its_digest_and_ends_the_trade() {
    let (running, hub) = (start().await, Hub::start().await);
    running.connect(&Targets { cainiao: Some(hub.url.clone()), ..Targets::default() });
    let (tid, oaid) = trade(&running).await;
    let one = first(&get(&running, &request("o1", &tid, json!({"oaid": oaid}))).await);
    running.advance(one["waybill_code"].as_str().unwrap(), Until::Delivered, false).unwrap();
    let got = hub.wait(1).await;
    let fields: std::collections::BTreeMap<String, String> =
        form_urlencoded::parse(&got[0].body).into_owned().collect();
    assert_eq!(
        fields["data_digest"],
        sign::link(&fields["logistics_interface"], &running.options().cainiao.link_secret)
    );
    until(|| running.ledger().pushes[0].outcome == "acknowledged").await;
    let answer = ask(&running, "taobao.trade.fullinfo.get", &[("fields", "status"), ("tid", &tid)]).await;
    assert_eq!(answer["trade_fullinfo_get_response"]["trade"]["status"], "TRADE_FINISHED");
}
