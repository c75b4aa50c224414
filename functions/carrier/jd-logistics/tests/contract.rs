//! The contract of every carrier, and what is this one's own.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test's report")]

mod fixture;

use carrier_jd_logistics::JdLogistics;
use fixture::{PUSH_SECRET, SECRET, booked, caller, credentials, push, push_of};
use huidan_carrier::{Carrier, Intercept, ScanKind, Tracked};
use huidan_domain::WaybillNo;
use huidan_exchange::{CallError, Credentials, Reply, Request, pairs};
use huidan_testkit::carrier::{self as kit, Fault, Operation, Subject, sample};
use huidan_testkit::{drive, golden, reply};
use serde_json::{Value, json};

/// Runs a check of the contract over the usual account and parcel.
fn with<R>(check: impl FnOnce(&Subject<'_, JdLogistics>) -> R) -> R {
    kit::over(&JdLogistics, &caller(), &kit::parcel(), check)
}

fn done() -> Reply {
    reply(200, json!({"code": 0, "msg": "成功", "success": true, "data": "订阅成功"}).to_string())
}

fn refused(code: &str, words: &str) -> Value {
    json!({"code": code, "msg": words, "success": false, "data": null})
}

fn refusal(code: &str, words: &str) -> Reply {
    reply(200, refused(code, words).to_string())
}

fn parameter(request: &Request, name: &str) -> String {
    pairs::from_form(request.uri().query().unwrap().as_bytes(), name).unwrap()
}

#[test]
fn it_declares_itself_and_has_what_it_declares() {
    with(|subject| kit::is_what_it_says(subject, &credentials()));
}

#[test]
fn the_documented_answers_are_a_number_with_its_sorting_centre() {
    with(|subject| {
        for name in ["created.json", "repeated.json", "wrapped.json"] {
            kit::books(subject, &[sample(name)], &booked());
        }
    });
}

#[test]
fn the_order_says_what_the_parcel_says_and_is_signed_in_the_address() {
    let request = kit::sent(&JdLogistics, &caller(), &kit::parcel(), &sample("created.json"));
    assert_eq!(request.uri().path(), "/ecap/v1/orders/create");
    assert_eq!(kit::head(&request, "lop-tz"), "8");
    assert_eq!(parameter(&request, "LOP-DN"), "ECAP");
    assert_eq!(parameter(&request, "timestamp"), "2023-11-15 06:13:20", "Beijing's time");
    let text = format!(
        "{SECRET}access_tokentokenapp_keykeymethod/ecap/v1/orders/createparam_json{}timestamp2023-11-15 06:13:20v2.0{SECRET}",
        kit::text(&request)
    );
    let digest = huidan_exchange::sign::md5(&[text.as_bytes()]);
    assert_eq!(parameter(&request, "sign"), huidan_exchange::sign::upper_hex(&digest));
    golden::golden("tests/golden/order.txt", &kit::text(&request));
}

#[test]
fn a_repeat_says_the_same_and_gives_the_first_number() {
    with(|subject| {
        kit::repeats_itself(subject, kit::text);
        kit::resolves_a_lost_answer(subject, &sample("repeated.json"), None, &booked());
    });
}

#[test]
fn settings_that_are_no_numbers_or_no_algorithm_are_named() {
    for (field, value) in [("order_origin", "商家"), ("settle_type", "月结"), ("volume", "1 L"), ("algorithm", "sha1")]
    {
        let mut caller = caller();
        let mut values = credentials();
        values.insert(field.into(), value.into());
        caller.account.credentials = Credentials::new(values);
        let named = drive(&caller, |call| JdLogistics.book(call, &kit::parcel()), |_| panic!("nothing is sent"));
        assert!(matches!(named, Err(CallError::Credentials { field: ref named, .. }) if named == field), "{named:?}");
    }
}

#[test]
fn spoilt_answers_leave_the_outcome_open() {
    with(|subject| {
        kit::doubts_spoilt_answers(subject, Operation::Book, &sample("created.json"));
        kit::doubts_spoilt_answers(subject, Operation::Track, &sample("traces.json"));
        for operation in [Operation::Cancel, Operation::Subscribe, Operation::Intercept] {
            kit::doubts_spoilt_answers(subject, operation, &done());
        }
        // The token stands in the address because the platform wants it there.
        kit::keeps_addresses_clean(subject, &[SECRET, PUSH_SECRET], &sample("created.json"));
    });
}

#[test]
fn giving_a_number_back_twice_is_no_error() {
    with(|subject| kit::cancels(subject, &[done()], &[refusal("2000", "订单已取消，请勿重复操作")]));
}

#[test]
fn a_number_whose_parcel_is_called_back_instead_stays_in_use() {
    let answer = reply(200, r#"{"code":0,"msg":"成功","success":true,"data":{"waybillCode":"JDV1","resultType":2}}"#);
    let number = WaybillNo::parse("JDV000000001").unwrap();
    let cancelled = drive(&caller(), |call| JdLogistics.cancel(call, &number, "claim"), |_| answer.clone());
    assert!(matches!(cancelled, Err(CallError::Rejected { code, .. }) if code == "called_back"));
}

#[test]
fn a_parcel_is_called_back_but_not_sent_elsewhere() {
    let standing = [refusal("2001", "运单拦截中")];
    with(|subject| kit::intercepts(subject, &Intercept::Return, &[done()], &standing));
    let number = WaybillNo::parse("JDVE00000000001").unwrap();
    let elsewhere = Intercept::Redirect(kit::parcel().receiver);
    let refused =
        drive(&caller(), |call| JdLogistics.intercept(call, &number, kit::CLAIM, &elsewhere), |_| panic!("sent"));
    assert!(matches!(refused, Err(CallError::Rejected { code, .. }) if code == "redirect_unsupported"));
}

#[test]
fn a_standing_subscription_is_success_and_says_whose_parcel_it_is() {
    let parcel = Tracked { phone_tail: "8000".into(), ..Tracked::new("JDVE00000000001", "jd-logistics") };
    let sent = with(|subject| kit::subscribes(subject, &parcel, &done(), &[refusal("2002", "运单已订阅")]));
    let expected = r#"[{"waybillCode":"JDVE00000000001","mobile":"8000","orderOrigin":1,"customerCode":"010K123456"}]"#;
    assert_eq!(kit::text(&sent), expected);
}

#[test]
fn traces_are_read_one_number_after_the_other_under_any_known_name() {
    let parcels = ["JDVE00000000001", "JDVE00000000002"].map(|number| Tracked::new(number, "jd-logistics"));
    let answers = [sample("traces.json"), sample("nothing.json")];
    with(|subject| kit::tracks(subject, &parcels, &answers, "tests/golden/traces.json"));
    let body = String::from_utf8(sample("traces.json").body().to_vec()).unwrap();
    for name in ["trackDetails", "traceDetailList", "traceList", "traces"] {
        let answers = [reply(200, body.replace("traceDetails", name)), refusal("2003", "运单不存在")];
        with(|subject| kit::tracks(subject, &parcels, &answers, "tests/golden/traces.json"));
    }
    let document: Value = serde_json::from_str(&body).unwrap();
    let bare = json!({"code": 0, "success": true, "data": document["data"][0]["traceDetails"]}).to_string();
    with(|subject| kit::tracks(subject, &parcels[..1], &[reply(200, bare)], "tests/golden/traces.json"));
}

#[test]
fn every_known_error_says_what_to_do_next_and_nothing_private() {
    use Operation::{Book, Cancel, Intercept as Stop, Subscribe, Track};
    let fault = |to, status, body: Value, kind, code| Fault { to, status, body: body.to_string(), kind, code };
    let gateway = |code: u32, words: &str| json!({"error_response": {"code": code, "zh_desc": words, "en_desc": ""}});
    let sub = json!({"code": 1, "msg": "失败", "subCode": "1_0007", "subMsg": "{echo} 超区", "success": false});
    let faults = [
        fault(Book, 200, gateway(19, "无效access_token {echo}"), "credentials", "access_token"),
        fault(Book, 200, gateway(12, "无效签名 {echo}"), "credentials", "app_secret"),
        fault(Book, 200, gateway(10, "无效app_key {echo}"), "credentials", "app_key"),
        fault(Book, 200, gateway(11, "没有接口权限 {echo}"), "credentials", "app_key"),
        fault(Book, 200, gateway(66, "接口限流 {echo}"), "limited", ""),
        fault(Book, 200, gateway(67, "平台连接后端服务超时 {echo}"), "unknown", ""),
        fault(Track, 200, gateway(67, "平台连接后端服务超时 {echo}"), "transient", ""),
        fault(Book, 200, refused("9", "系统异常 {echo}"), "unknown", ""),
        fault(Book, 200, refused("9", "客户编码不存在 {echo}"), "credentials", "customer_code"),
        fault(Book, 200, sub, "rejected", "1_0007"),
        fault(Cancel, 200, refused("2004", "已妥投 {echo}"), "rejected", "2004"),
        fault(Stop, 200, refused("2005", "不支持拦截 {echo}"), "rejected", "2005"),
        fault(Subscribe, 200, refused("2006", "手机号不一致 {echo}"), "rejected", "2006"),
        fault(Book, 500, json!({}), "unknown", ""),
        fault(Book, 503, json!({}), "transient", ""),
        fault(Book, 401, json!({}), "credentials", "access_token"),
        fault(Book, 429, json!({}), "limited", ""),
    ];
    with(|subject| kit::maps_errors(subject, &[SECRET, PUSH_SECRET], &faults));
}

#[test]
fn the_captured_push_is_read_and_without_the_secret_it_is_nobodys() {
    let account = caller().account;
    kit::reads_push(&JdLogistics, &account, &push(), "tests/golden/push.json");
    kit::refuses_forged_pushes(&JdLogistics, &account, &push());
    let list = format!("[{}]", kit::sample_text("push.json"));
    kit::reads_push(&JdLogistics, &account, &push_of(&list), "tests/golden/push.json");
}

fn of(category: &str, state: &str) -> kit::Push {
    let mut node: Value = serde_json::from_str(&kit::sample_text("push.json")).unwrap();
    node["category"] = json!(category);
    node["state"] = json!(state);
    push_of(&node.to_string())
}

#[test]
fn categories_mean_what_is_documented_and_new_ones_are_kept() {
    let table = [
        ("100", ScanKind::Other),
        ("390", ScanKind::Other),
        ("403", ScanKind::Problem),
        ("420", ScanKind::PickedUp),
        ("430", ScanKind::Moving),
        ("440", ScanKind::OutForDelivery),
        ("480", ScanKind::Returning),
        ("500", ScanKind::Problem),
        ("510", ScanKind::Signed),
        ("530", ScanKind::Refused),
        ("690", ScanKind::Problem),
        ("700", ScanKind::Other),
    ];
    kit::keeps_unknown_codes(&JdLogistics, &caller().account, &table, |code| of(code, ""));
}

#[test]
fn states_alone_mean_what_was_seen_in_real_pushes() {
    let table = [
        ("200034", ScanKind::Other),
        ("200018", ScanKind::Other),
        ("200001", ScanKind::PickedUp),
        ("200076", ScanKind::Moving),
        ("10032", ScanKind::Moving),
        ("10054", ScanKind::Moving),
        ("200075", ScanKind::Moving),
        ("10033", ScanKind::Moving),
        ("11000", ScanKind::OutForDelivery),
        ("10034", ScanKind::Signed),
        ("10035", ScanKind::Refused),
        ("10042", ScanKind::Problem),
        ("200051", ScanKind::OutForDelivery),
        ("200010", ScanKind::Problem),
        ("200033", ScanKind::Returning),
    ];
    kit::keeps_unknown_codes(&JdLogistics, &caller().account, &table, |state| of("", state));
}

#[test]
fn what_is_stored_is_acknowledged() {
    kit::acknowledges_exactly(&JdLogistics, &push(), "application/json", r#"{"code":"0","msg":"success"}"#);
}
