//! The contract of every carrier, and what is this one's own.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test's report")]

mod fixture;

use carrier_sf::Sf;
use fixture::{SECRET, account, booked, caller, credentials, message, parcel, push_form, push_json, service};
use huidan_carrier::{Booked, Cancelled, Carrier, Child, Intercept, Paper, Quote, ScanKind, Tracked};
use huidan_domain::{Currency, Money, WaybillNo};
use huidan_exchange::{CallError, Refusal, Said};
use huidan_testkit::carrier::{self as contract, Fault, Operation, Push, Subject, sample};
use huidan_testkit::{drive, golden, reply};

/// Runs a check of the contract over the usual account and parcel.
fn with<R>(check: impl FnOnce(&Subject<'_, Sf>) -> R) -> R {
    contract::over(&Sf, &caller(), &parcel(), check)
}

#[test]
fn it_declares_itself_and_names_what_is_missing() {
    with(|subject| contract::is_what_it_says(subject, &credentials()));
}

#[test]
fn the_documented_answer_is_a_number_with_its_routing() {
    with(|subject| contract::books(subject, &[sample("created.json")], &booked()));
}

#[test]
fn a_mother_and_her_children_are_told_apart_and_counted() {
    let mut parcel = parcel();
    parcel.pieces = 2;
    let caller = caller();
    let subject = Subject { carrier: &Sf, caller: &caller, parcel: &parcel };
    let child = Child { number: "SF7444400043275".into(), paper: Paper::Hub };
    let two = Booked { children: vec![child], ..booked() };
    contract::books(&subject, &[sample("created-as-object.json")], &two);
    let one = drive(
        &caller,
        |call| Sf.book(call, &parcel),
        |request| {
            assert!(message(request).contains(r#""parcelQty":2"#));
            sample("created.json")
        },
    );
    assert!(matches!(one, Err(CallError::Unknown { .. })), "a piece without a number: {one:?}");
}

fn answer(data: &serde_json::Value) -> huidan_exchange::Reply {
    let inner = serde_json::json!({"success": true, "errorCode": "S0000", "errorMsg": null, "msgData": data});
    reply(200, serde_json::json!({"apiResultCode": "A1000", "apiResultData": inner.to_string()}).to_string())
}

#[test]
fn a_change_is_confirmed_and_the_order_read_again() {
    let confirmed = answer(&serde_json::json!({"orderId": "x", "resStatus": 2}));
    with(|subject| {
        contract::updates(subject, &[confirmed.clone(), sample("created.json")], &booked());
        contract::doubts_spoilt_answers(subject, Operation::Update, &sample("created.json"));
    });
    let other = WaybillNo::parse("SF0000000000000").unwrap();
    let mut answers = vec![confirmed, sample("created.json")].into_iter();
    let changed = drive(&caller(), |call| Sf.update(call, &other, &parcel()), |_| answers.next().unwrap());
    assert!(matches!(changed, Err(CallError::Rejected { code, .. }) if code == "number_mismatch"));
}

#[test]
fn prices_are_told_cheapest_first_and_a_product_without_one_is_left_out() {
    let product = |code: &str, title: &str, time: &str, fee: serde_json::Value| serde_json::json!({"businessType": code, "businessTypeDesc": title, "deliverTime": time, "fee": fee});
    let given = answer(&serde_json::json!({"deliverTmDto": [
        product("1", "顺丰特快", "2023-11-16 12:00:00,2023-11-16 12:00:00", serde_json::json!(23.5)),
        product("2", "顺丰标快", "2023-11-17 18:00:00", serde_json::json!("18")),
        product("6", "顺丰即日", "", serde_json::Value::Null),
    ]}));
    let quote = |service: &str, title: &str, fen, days| Quote {
        service: service.into(),
        title: title.into(),
        price: Money::from_minor(fen, Currency::CNY),
        days: Some(days),
    };
    let expected = [quote("2", "顺丰标快", 1800, 3), quote("1", "顺丰特快", 2350, 2)];
    with(|subject| {
        contract::doubts_spoilt_answers(subject, Operation::Price, &given);
        contract::prices(subject, std::slice::from_ref(&given), &expected);
        let invalid =
            drive(&caller(), |call| Sf.price(call, subject.parcel), |_| business("S0001", "非法的JSON格式 王小明"));
        assert!(matches!(invalid, Err(CallError::Rejected { ref code, .. }) if code == "S0001"), "{invalid:?}");
        assert!(!format!("{invalid:?}").contains("王小明"));
    });
}

#[test]
fn a_parcel_is_called_back_to_the_accounts_address_or_sent_elsewhere() {
    let done = [answer(&serde_json::Value::Null)];
    let standing = [business("20032", "请勿重复提交拦截")];
    let elsewhere = Intercept::Redirect(parcel().receiver);
    with(|subject| {
        contract::intercepts(subject, &Intercept::Return, &done, &standing);
        contract::intercepts(subject, &elsewhere, &done, &standing);
    });
    let mut caller = caller();
    let mut values = credentials();
    values.insert("return_to".into(), "汇单茶仓/0571-88888888".into());
    caller.account.credentials = huidan_exchange::Credentials::new(values);
    let number = WaybillNo::parse("SF7444400043266").unwrap();
    let unset = drive(&caller, |call| Sf.intercept(call, &number, "claim", &Intercept::Return), |_| panic!("sent"));
    assert!(matches!(unset, Err(CallError::Credentials { field, .. }) if field == "return_to"));
}

#[test]
fn the_order_says_what_the_parcel_says() {
    let request = contract::sent(&Sf, &caller(), &parcel(), &sample("created.json"));
    assert_eq!(request.uri(), "https://sfapi-sbox.sf-express.com/std/service");
    let sent = format!("{} {}", service(&request), message(&request));
    golden::golden("tests/golden/order.txt", &sent);
}

#[test]
fn a_repeat_says_the_same_and_gives_the_first_number() {
    with(|subject| contract::repeats_itself(subject, message));
    let unknown = business("8018", "未获取到订单信息");
    with(|subject| contract::resolves_a_lost_answer(subject, &sample("created.json"), Some(&unknown), &booked()));
}

#[test]
fn where_the_repeat_is_called_an_error_the_first_result_is_asked_for() {
    with(|subject| contract::books(subject, &[business("8016", "重复下单"), sample("created.json")], &booked()));
}

#[test]
fn spoilt_answers_leave_the_outcome_open() {
    with(|subject| {
        for operation in [Operation::Book, Operation::Query, Operation::Cancel] {
            contract::doubts_spoilt_answers(subject, operation, &sample("created.json"));
        }
        contract::doubts_spoilt_answers(subject, Operation::Track, &sample("routes.json"));
        contract::keeps_addresses_clean(subject, &["testcheckword", SECRET], &sample("created.json"));
    });
}

fn business(code: &str, words: &str) -> huidan_exchange::Reply {
    reply(200, business_text(code, words))
}

fn business_text(code: &str, words: &str) -> String {
    let inner = serde_json::json!({"success": false, "errorCode": code, "errorMsg": words, "msgData": null});
    serde_json::json!({"apiResultCode": "A1000", "apiErrorMsg": "", "apiResultData": inner.to_string()}).to_string()
}

fn filtered(filter: u8, remark: &str) -> String {
    let inner = serde_json::json!({"success": true, "errorCode": "S0000", "msgData":
        {"orderId": "x", "filterResult": filter, "remark": remark, "waybillNoInfoList": []}});
    serde_json::json!({"apiResultCode": "A1000", "apiResultData": inner.to_string()}).to_string()
}

#[test]
fn every_documented_error_says_what_to_do_next_and_nothing_private() {
    use Operation::{Book, Cancel, Query, Track};
    let gateway = |code: &str| format!(r#"{{"apiResultCode":"{code}","apiErrorMsg":"{{echo}} testcheckword"}}"#);
    let service = |code: &str| business_text(code, "不合法 {echo}");
    let fault = |to, status, body: String, kind, code| Fault { to, status, body, kind, code };
    with(|subject| {
        let faults = [
            fault(Book, 200, gateway("A1001"), "rejected", "A1001"),
            fault(Book, 200, gateway("A1002"), "transient", ""),
            fault(Book, 200, gateway("A1003"), "credentials", "partner_id"),
            fault(Book, 200, gateway("A1004"), "credentials", "partner_id"),
            fault(Book, 200, gateway("A1005"), "limited", ""),
            fault(Book, 200, gateway("A1006"), "credentials", "checkword"),
            fault(Book, 200, gateway("A1007"), "unknown", ""),
            fault(Book, 200, gateway("A1008"), "credentials", "checkword"),
            fault(Book, 200, gateway("A1009"), "unknown", ""),
            fault(Query, 200, gateway("A1009"), "transient", ""),
            fault(Book, 200, gateway("A1010"), "credentials", "partner_id"),
            fault(Book, 200, gateway("A1099"), "unknown", ""),
            fault(Book, 200, service("S0001"), "credentials", "partner_id"),
            fault(Track, 200, service("S0002"), "rejected", "S0002"),
            fault(Book, 200, service("S0003"), "rejected", "S0003"),
            fault(Track, 200, service("S0004"), "limited", ""),
            fault(Track, 200, service("S0005"), "rejected", "S0005"),
            fault(Book, 200, service("8040"), "rejected", "8040"),
            fault(Query, 200, service("8040"), "rejected", "8040"),
            fault(Cancel, 200, service("8019"), "rejected", "8019"),
            fault(Book, 200, filtered(3, "超出服务范围 {echo}"), "rejected", "not_deliverable"),
            fault(Book, 200, filtered(1, ""), "unknown", ""),
            fault(Query, 200, filtered(1, ""), "transient", ""),
            fault(Book, 200, filtered(2, ""), "unknown", ""),
            fault(Book, 500, String::new(), "unknown", ""),
            fault(Book, 503, String::new(), "transient", ""),
            fault(Book, 429, String::new(), "limited", ""),
            fault(Track, 502, String::new(), "transient", ""),
        ];
        contract::maps_errors(subject, &["testcheckword"], &faults);
    });
}

#[test]
fn a_parcel_that_sf_cannot_read_is_not_sent() {
    let mut parcel = parcel();
    parcel.receiver.token = Some("oaid".into());
    let refused = drive(&caller(), |call| Sf.book(call, &parcel), |_| panic!("nothing is sent"));
    assert!(matches!(refused, Err(CallError::Rejected { code, .. }) if code == "encrypted_receiver"));
}

#[test]
fn giving_a_number_back_twice_is_no_error() {
    let cancel = |answer: huidan_exchange::Reply| {
        let number = WaybillNo::parse("SF7444400043266").unwrap();
        drive(
            &caller(),
            |call| Sf.cancel(call, &number, "01JDCLAIM0000000000000001A"),
            |request| {
                assert_eq!(service(request), "EXP_RECE_UPDATE_ORDER");
                assert!(message(request).contains(r#""dealType":2"#));
                answer.clone()
            },
        )
    };
    let done = |status| {
        let inner = serde_json::json!({"success": true, "errorCode": "S0000", "msgData": {"resStatus": status}});
        reply(200, serde_json::json!({"apiResultCode": "A1000", "apiResultData": inner}).to_string())
    };
    assert_eq!(cancel(done(2)), Ok(Cancelled::Done));
    assert_eq!(cancel(business("8037", "已消单")), Ok(Cancelled::AlreadyGone));
    assert!(matches!(cancel(done(1)), Err(CallError::Rejected { code, .. }) if code == "number_mismatch"));
}

#[test]
fn routes_are_read_with_their_codes_and_beijing_times() {
    let numbers = ["SF7444400043266", "SF7444400043275"].map(|number| Tracked::new(number, "sf"));
    let scans = drive(
        &caller(),
        |call| Sf.track(call, &numbers),
        |request| {
            assert_eq!(
                message(request),
                r#"{"language":"zh-CN","trackingNumber":["SF7444400043266","SF7444400043275"],"trackingType":1}"#
            );
            sample("routes.json")
        },
    );
    golden::golden_json("tests/golden/routes.json", &scans.unwrap());
}

#[test]
fn both_forms_of_the_push_are_read_alike() {
    contract::reads_push(&Sf, &account(), &push_json(), "tests/golden/push-json.json");
    contract::reads_push(&Sf, &account(), &push_form(), "tests/golden/push-form.json");
}

#[test]
fn a_push_without_the_secret_is_nobodys() {
    contract::refuses_forged_pushes(&Sf, &account(), &push_json());
    contract::refuses_forged_pushes(&Sf, &account(), &push_form());
}

#[test]
fn operation_codes_mean_what_real_pushes_showed() {
    let table = [
        ("50", ScanKind::PickedUp),
        ("54", ScanKind::PickedUp),
        ("30", ScanKind::Moving),
        ("31", ScanKind::Moving),
        ("36", ScanKind::Moving),
        ("44", ScanKind::OutForDelivery),
        ("204", ScanKind::OutForDelivery),
        ("33", ScanKind::Problem),
        ("70", ScanKind::Problem),
        ("99", ScanKind::Returning),
        ("648", ScanKind::Returning),
        ("80", ScanKind::Signed),
        ("8000", ScanKind::Signed),
        ("60", ScanKind::Other),
        ("170", ScanKind::Other),
    ];
    contract::keeps_unknown_codes(&Sf, &account(), &table, |code| {
        let node = serde_json::json!({"id": "1", "mailno": "SF7444400043266", "acceptTime": "2026-11-21 18:02:10",
            "acceptAddress": "", "remark": "", "opCode": code});
        let body = serde_json::json!({"Body": {"WaybillRoute": [node]}}).to_string();
        Push { body: body.into_bytes(), ..push_json() }
    });
}

#[test]
fn acknowledgements_are_in_the_form_of_the_push() {
    let busy = r#"{"return_code":"1000","return_msg":"失败"}"#;
    contract::acknowledges(&Sf, &push_json(), &Said::Stored, 200, r#"{"return_code":"0000","return_msg":"成功"}"#);
    contract::acknowledges(&Sf, &push_json(), &Said::Busy, 503, busy);
    contract::acknowledges(&Sf, &push_json(), &Said::Refused(Refusal::Signature), 401, busy);
    contract::acknowledges(&Sf, &push_json(), &Said::Malformed("Body: is missing".into()), 400, busy);
    contract::acknowledges(&Sf, &push_json(), &Said::TooLarge, 413, busy);
    let xml = |word: &str| format!(r#"<Response service="RoutePushService"><Head>{word}</Head></Response>"#);
    contract::acknowledges(&Sf, &push_form(), &Said::Stored, 200, &xml("OK"));
    contract::acknowledges(&Sf, &push_form(), &Said::Busy, 503, &xml("ERR"));
}

#[test]
fn other_pushes_of_the_platform_are_taken_and_hold_no_scans() {
    let body = br#"{"requestId":"1","timestamp":1,"orderState":[{"orderNo":"1","waybillNo":"SF1","orderStateCode":"04-40001"}]}"#;
    let push = Push { body: body.to_vec(), ..push_json() };
    contract::reads_push(&Sf, &account(), &push, "tests/golden/order-state.json");
}
