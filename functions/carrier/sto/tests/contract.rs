//! The contract of every carrier, and what is this one's own.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test's report")]

mod fixture;

use carrier_sto::Sto;
use fixture::{PASSWORD, SECRET, booked, caller, credentials, push, push_of};
use huidan_carrier::{Carrier, ScanKind, Tracked};
use huidan_exchange::{CallError, Credentials, Reply, Request};
use huidan_testkit::carrier::{self as kit, Fault, Operation, Push, Subject, sample};
use huidan_testkit::{drive, golden, reply};
use serde_json::{Value, json};

/// Runs a check of the contract over the usual account and parcel.
fn with<R>(check: impl FnOnce(&Subject<'_, Sto>) -> R) -> R {
    kit::over(&Sto, &caller(), &kit::parcel(), check)
}

fn content(request: &Request) -> String {
    kit::field(request, "content")
}

fn done() -> Reply {
    reply(200, json!({"success": "true", "errorCode": "", "errorMsg": "", "data": ""}).to_string())
}

fn refused(code: &str, words: &str) -> Value {
    json!({"success": "false", "errorCode": code, "errorMsg": words, "needRetry": "false", "data": null})
}

fn refusal(code: &str, words: &str) -> Reply {
    reply(200, refused(code, words).to_string())
}

#[test]
fn it_declares_itself_and_has_what_it_declares() {
    with(|subject| kit::is_what_it_says(subject, &credentials()));
}

#[test]
fn the_documented_answer_is_a_number_with_its_large_words_also_inside_a_string() {
    let body = String::from_utf8(sample("created.json").body().to_vec()).unwrap();
    let mut wrapped: Value = serde_json::from_str(&body).unwrap();
    wrapped["data"] = json!(wrapped["data"].to_string());
    with(|subject| {
        kit::books(subject, &[sample("created.json")], &booked());
        kit::books(subject, &[reply(200, wrapped.to_string())], &booked());
        kit::resolves_a_lost_answer(subject, &sample("created.json"), None, &booked());
    });
}

#[test]
fn the_order_says_what_the_parcel_says_and_is_signed() {
    let request = kit::sent(&Sto, &caller(), &kit::parcel(), &sample("created.json"));
    assert_eq!(request.uri(), "https://cloudinter-linkgateway.sto.cn/gateway/link.do");
    let route = ["api_name", "from_appkey", "from_code", "to_appkey", "to_code"];
    let expected = ["OMS_EXPRESS_ORDER_CREATE", "CAKTEST", "CAKTEST", "sto_oms", "sto_oms"];
    assert_eq!(route.map(|name| kit::field(&request, name)), expected);
    let digest = huidan_exchange::sign::md5(&[content(&request).as_bytes(), SECRET.as_bytes()]);
    assert_eq!(kit::field(&request, "data_digest"), huidan_exchange::sign::base64(&digest));
    golden::golden("tests/golden/order.txt", &content(&request));
    with(|subject| kit::repeats_itself(subject, content));
}

#[test]
fn a_resource_code_of_its_own_is_sent() {
    let mut caller = caller();
    let mut values = credentials();
    values.insert("from_code".into(), "RES1".into());
    caller.account.credentials = Credentials::new(values);
    let _ = drive(
        &caller,
        |call| Sto.book(call, &kit::parcel()),
        |request| {
            assert_eq!(kit::field(request, "from_code"), "RES1");
            sample("created.json")
        },
    );
}

#[test]
fn an_answer_about_another_order_or_an_order_made_before_is_no_number() {
    let body = String::from_utf8(sample("created.json").body().to_vec()).unwrap().replace("0001A", "0001B");
    for answer in [reply(200, body), refusal("ORDER_1", "订单号已存在")] {
        let booked = drive(&caller(), |call| Sto.book(call, &kit::parcel()), |_| answer.clone());
        assert!(matches!(booked, Err(CallError::Unknown { .. })), "{booked:?}");
    }
}

#[test]
fn spoilt_answers_leave_the_outcome_open() {
    with(|subject| {
        kit::doubts_spoilt_answers(subject, Operation::Book, &sample("created.json"));
        kit::doubts_spoilt_answers(subject, Operation::Track, &sample("traces.json"));
        kit::doubts_spoilt_answers(subject, Operation::Cancel, &done());
        kit::doubts_spoilt_answers(subject, Operation::Subscribe, &done());
        kit::keeps_addresses_clean(subject, &[SECRET, PASSWORD], &sample("created.json"));
    });
}

#[test]
fn giving_a_number_back_twice_is_no_error() {
    with(|subject| kit::cancels(subject, &[done()], &[refusal("E1", "该订单已取消")]));
}

#[test]
fn a_standing_subscription_is_success() {
    let parcel = Tracked::new("777031922725111", "sto");
    let sent = with(|subject| kit::subscribes(subject, &parcel, &done(), &[refusal("E2", "运单号已订阅")]));
    assert_eq!(content(&sent), r#"{"subscribeInfoList":[{"waybillNo":"777031922725111"}]}"#);
    assert_eq!(kit::field(&sent, "to_appkey"), "sto_trace_platform");
}

#[test]
fn traces_of_several_numbers_are_read_from_one_answer() {
    let parcels = ["777031922725111", "772011975782987"].map(|number| Tracked::new(number, "sto"));
    with(|subject| kit::tracks(subject, &parcels, &[sample("traces.json")], "tests/golden/traces.json"));
}

#[test]
fn every_known_error_says_what_to_do_next_and_nothing_private() {
    use Operation::{Book, Cancel, Subscribe, Track};
    let fault = |to, status, body: Value, kind, code| Fault { to, status, body: body.to_string(), kind, code };
    let retry = json!({"success": "false", "errorCode": "X", "errorMsg": "{echo}", "needRetry": "true"});
    let faults = [
        fault(Book, 200, refused("S02", "{echo}"), "credentials", "secret_key"),
        fault(Book, 200, refused("E9", "签名错误 {echo}"), "credentials", "secret_key"),
        fault(Book, 200, refused("E9", "invalid data_digest {echo}"), "credentials", "secret_key"),
        fault(Book, 200, refused("E9", "接口未订阅 {echo}"), "credentials", "app_key"),
        fault(Book, 200, refused("E9", "电子面单密码错误 {echo}"), "credentials", "site_pwd"),
        fault(Book, 200, refused("E9", "订单来源不存在 {echo}"), "credentials", "order_source"),
        fault(Book, 200, refused("E9", "触发限流 {echo}"), "limited", ""),
        fault(Book, 200, refused("S07", "{echo}"), "unknown", ""),
        fault(Track, 200, refused("S07", "{echo}"), "transient", ""),
        fault(Book, 200, retry.clone(), "unknown", ""),
        fault(Cancel, 200, retry, "transient", ""),
        fault(Book, 200, refused("E7", "面单余量不足 {echo}"), "rejected", "E7"),
        fault(Book, 200, refused("", "{echo}"), "rejected", "refused"),
        fault(Cancel, 200, refused("E3", "已揽收 {echo}"), "rejected", "E3"),
        fault(Subscribe, 200, refused("E4", "单号不合法 {echo}"), "rejected", "E4"),
        fault(Book, 500, json!({}), "unknown", ""),
        fault(Book, 503, json!({}), "transient", ""),
        fault(Book, 403, json!({}), "credentials", "app_key"),
        fault(Book, 429, json!({}), "limited", ""),
    ];
    with(|subject| kit::maps_errors(subject, &[SECRET, PASSWORD], &faults));
}

#[test]
fn the_push_is_read_with_the_platforms_own_key_and_a_forged_one_is_nobodys() {
    let account = caller().account;
    kit::reads_push(&Sto, &account, &push(), "tests/golden/push.json");
    kit::refuses_forged_pushes(&Sto, &account, &push());
    let bare = Push::json(kit::sample_text("push.json"));
    let hook = huidan_exchange::Webhook::new("/track/sto/c1", http::HeaderMap::new(), bare.body.into());
    assert!(Sto.verify(hook, &account, None, huidan_domain::Millis(0)).is_err(), "unsigned JSON is nobody's");
}

#[test]
fn words_mean_what_is_documented_and_new_ones_are_kept() {
    let table = [
        ("收件", ScanKind::PickedUp),
        ("发件", ScanKind::Moving),
        ("到件", ScanKind::Moving),
        ("转邮", ScanKind::Moving),
        ("转同行", ScanKind::Moving),
        ("改地址件", ScanKind::Moving),
        ("派件", ScanKind::OutForDelivery),
        ("第三方代派", ScanKind::OutForDelivery),
        ("柜机代收", ScanKind::OutForDelivery),
        ("驿站代收", ScanKind::OutForDelivery),
        ("快件取出", ScanKind::OutForDelivery),
        ("驿站出库", ScanKind::OutForDelivery),
        ("问题件", ScanKind::Problem),
        ("留仓件", ScanKind::Problem),
        ("退回件", ScanKind::Returning),
        ("签收", ScanKind::Signed),
        ("PU_PICKUP_SUCCESS", ScanKind::PickedUp),
        ("SC_INBOUND_SUCCESS", ScanKind::Moving),
        ("LH_DEPART", ScanKind::Moving),
        ("LH_ARRIVE", ScanKind::Moving),
        ("CC_IM_START", ScanKind::Moving),
        ("CC_IM_SUCCESS", ScanKind::Moving),
        ("CC_IM_FAILURE", ScanKind::Problem),
        ("GOT", ScanKind::PickedUp),
    ];
    kit::keeps_unknown_codes(&Sto, &caller().account, &table, |code| {
        push_of(&kit::sample_text("push.json").replace("\"签收\"", &format!("\"{code}\"")))
    });
}

#[test]
fn what_is_stored_is_acknowledged_in_the_platforms_own_words() {
    let body = r#"{"success":"true","errorCode":"","errorMsg":"","needRetry":"false","data":""}"#;
    kit::acknowledges_exactly(&Sto, &push(), "application/json", body);
}
