//! The contract of every carrier, and what is this one's own.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test's report")]

mod fixture;

use carrier_yunda::Yunda;
use fixture::{PASSWORD, SECRET, booked, caller, credentials, push, push_of, three};
use huidan_carrier::{Carrier, Parcel, ScanKind, Tracked};
use huidan_domain::WaybillNo;
use huidan_exchange::{CallError, Reply, Request};
use huidan_testkit::carrier::{self as kit, Fault, Operation, Subject, sample};
use huidan_testkit::{drive, golden, reply};
use serde_json::{Value, json};

/// Runs a check of the contract over the usual account and this parcel.
fn over<R>(parcel: &Parcel, check: impl FnOnce(&Subject<'_, Yunda>) -> R) -> R {
    kit::over(&Yunda, &caller(), parcel, check)
}

/// The same over the usual parcel.
fn with<R>(check: impl FnOnce(&Subject<'_, Yunda>) -> R) -> R {
    over(&kit::parcel(), check)
}

fn answer(code: &str, message: &str, data: Value) -> Value {
    json!({"result": code == "0000", "code": code, "message": message, "data": data})
}

fn done() -> Reply {
    reply(200, answer("0000", "请求成功", Value::Null).to_string())
}

fn cancelled(status: &str, msg: &str) -> Reply {
    reply(200, answer("0000", "请求成功", json!([{"status": status, "msg": msg}])).to_string())
}

fn sent(parcel: &Parcel) -> Request {
    kit::sent(&Yunda, &caller(), parcel, &sample("pieces.json"))
}

#[test]
fn it_declares_itself_and_has_what_it_declares() {
    with(|subject| kit::is_what_it_says(subject, &credentials()));
}

#[test]
fn the_documented_answer_is_a_number_with_its_large_mark() {
    with(|subject| kit::books(subject, &[sample("created.json")], &booked()));
}

#[test]
fn every_piece_of_a_parcel_gets_a_number_of_its_own_whatever_the_order_of_the_answer() {
    over(&kit::pieces(3), |subject| kit::books(subject, &[sample("pieces.json")], &three()));
    let body: Value = serde_json::from_slice(sent(&kit::pieces(3)).body()).unwrap();
    let marks: Vec<(&Value, &Value)> = body["orders"]
        .as_array()
        .unwrap()
        .iter()
        .map(|order| (&order["order_serial_no"], &order["multi_pack"]))
        .collect();
    let [first, second, third] = [kit::CLAIM.to_owned(), format!("{}_1", kit::CLAIM), format!("{}_2", kit::CLAIM)];
    assert_eq!(
        marks,
        [
            (&json!(first), &json!({"mulpck": "1"})),
            (&json!(second), &json!({"mulpck": "1"})),
            (&json!(third), &json!({"mulpck": "1", "total": 3, "endmark": 1})),
        ]
    );
    assert_eq!(body["orders"][1]["markingInfos"], json!([{"type": "MUL", "markingValue": {"value": 3}}]));
}

#[test]
fn where_only_some_pieces_get_numbers_a_person_must_see_it() {
    let parcel = kit::pieces(3);
    let booked = drive(&caller(), |call| Yunda.book(call, &parcel), |_| sample("partly.json"));
    assert!(matches!(booked, Err(CallError::Unknown { .. })), "{booked:?}");
}

#[test]
fn the_order_says_what_the_parcel_says_and_its_very_bytes_are_signed() {
    let request = sent(&kit::parcel());
    assert_eq!(request.uri(), "https://u-openapi.yundasys.com/openapi-api/v1/accountOrder/createBmOrder");
    assert_eq!((kit::head(&request, "app-key"), kit::head(&request, "req-time")), ("999999", "1700000000000"));
    let digest = huidan_exchange::sign::md5(&[request.body(), b"_", SECRET.as_bytes()]);
    assert_eq!(kit::head(&request, "sign"), huidan_exchange::sign::hex(&digest));
    golden::golden("tests/golden/order.txt", &kit::text(&request));
}

#[test]
fn a_repeat_says_the_same_and_gives_the_first_number_by_an_update() {
    with(|subject| {
        kit::repeats_itself(subject, kit::text);
        kit::resolves_a_lost_answer(subject, &sample("created.json"), None, &booked());
        kit::books(subject, &[sample("made-before.json"), sample("created.json")], &booked());
        let refused = reply(200, answer("1001", "更新订单请使用更新接口", Value::Null).to_string());
        kit::books(subject, &[refused, sample("created.json")], &booked());
    });
}

#[test]
fn an_order_made_before_whose_number_does_not_come_stays_open() {
    for second in [sample("made-before.json"), reply(200, answer("1002", "不允许更新", Value::Null).to_string())] {
        let mut answers = vec![sample("made-before.json"), second].into_iter();
        let booked = drive(&caller(), |call| Yunda.book(call, &kit::parcel()), |_| answers.next().unwrap());
        assert!(matches!(booked, Err(CallError::Unknown { .. })), "{booked:?}");
    }
}

#[test]
fn a_change_keeps_the_number() {
    with(|subject| kit::updates(subject, &[sample("created.json")], &booked()));
    let other = WaybillNo::parse("4399999999999").unwrap();
    let changed = drive(&caller(), |call| Yunda.update(call, &other, &kit::parcel()), |_| sample("created.json"));
    assert!(matches!(changed, Err(CallError::Unknown { .. })), "{changed:?}");
}

#[test]
fn spoilt_answers_leave_the_outcome_open() {
    with(|subject| {
        kit::doubts_spoilt_answers(subject, Operation::Book, &sample("created.json"));
        kit::doubts_spoilt_answers(subject, Operation::Update, &sample("created.json"));
        kit::doubts_spoilt_answers(subject, Operation::Cancel, &cancelled("1", "成功"));
        kit::doubts_spoilt_answers(subject, Operation::Track, &sample("traces.json"));
        kit::doubts_spoilt_answers(subject, Operation::Subscribe, &done());
        kit::keeps_addresses_clean(subject, &[SECRET, PASSWORD], &sample("created.json"));
    });
}

#[test]
fn giving_a_number_back_twice_is_no_error_and_a_hidden_refusal_is_one() {
    with(|subject| kit::cancels(subject, &[cancelled("1", "取消成功")], &[cancelled("0", "ERROR:订单已取消")]));
    let number = WaybillNo::parse("4312345678901").unwrap();
    for hidden in [cancelled("1", "ERROR:已揽收"), cancelled("0", "已揽收")] {
        let kept = drive(&caller(), |call| Yunda.cancel(call, &number, kit::CLAIM), |_| hidden.clone());
        assert!(matches!(kept, Err(CallError::Rejected { ref code, .. }) if code == "cancel_refused"), "{kept:?}");
    }
}

#[test]
fn a_standing_subscription_is_success() {
    let standing = reply(200, answer("1003", "运单已订阅", Value::Null).to_string());
    let parcel = Tracked::new("4312345678901", "yunda");
    let sent = with(|subject| kit::subscribes(subject, &parcel, &done(), &[standing]));
    assert_eq!(kit::text(&sent), r#"{"orders":[{"mailno":"4312345678901","orderid":"4312345678901"}]}"#);
}

#[test]
fn traces_are_read_one_number_after_the_other_and_one_without_a_subscription_has_none() {
    let parcels = ["4312345678901", "4312345678902"].map(|number| Tracked::new(number, "yunda"));
    let unknown = reply(200, answer("1004", "请先订阅", Value::Null).to_string());
    with(|subject| kit::tracks(subject, &parcels, &[sample("traces.json"), unknown], "tests/golden/traces.json"));
}

#[test]
fn every_known_error_says_what_to_do_next_and_nothing_private() {
    use Operation::{Book, Cancel, Subscribe, Track, Update};
    let fault = |to, status, body: Value, kind, code| Fault { to, status, body: body.to_string(), kind, code };
    let code = |code: &str| answer(code, "{echo}", Value::Null);
    let row = |msg: &str| {
        answer("0000", "请求成功", json!([{"order_serial_no": kit::CLAIM, "mail_no": "", "status": "0", "msg": msg}]))
    };
    let faults = [
        fault(Book, 200, code("7100"), "credentials", "app_key"),
        fault(Book, 200, code("7200"), "credentials", "app_key"),
        fault(Book, 200, code("7300"), "credentials", "app_key"),
        fault(Book, 200, code("7400"), "credentials", "app_secret"),
        fault(Book, 200, code("7500"), "limited", ""),
        fault(Book, 200, code("7501"), "limited", ""),
        fault(Book, 200, code("7502"), "limited", ""),
        fault(Book, 200, code("7503"), "limited", ""),
        fault(Book, 200, code("7600"), "credentials", "app_key"),
        fault(Book, 200, code("7601"), "credentials", "app_secret"),
        fault(Book, 200, code("7605"), "rejected", "7605"),
        fault(Book, 200, code("7777"), "unknown", ""),
        fault(Track, 200, code("7777"), "transient", ""),
        fault(Update, 200, code("7777"), "transient", ""),
        fault(Cancel, 200, code("1005"), "rejected", "1005"),
        fault(Subscribe, 200, code("1006"), "rejected", "1006"),
        fault(Book, 200, row("该快件收货地址所在网点已关停 {echo}"), "rejected", "refused"),
        fault(Update, 200, row("已揽收，不能更新 {echo}"), "rejected", "refused"),
        fault(Book, 200, answer("0000", "请求成功", json!([])), "unknown", ""),
        fault(Book, 500, json!({}), "unknown", ""),
        fault(Book, 503, json!({}), "transient", ""),
        fault(Book, 403, json!({}), "credentials", "app_key"),
        fault(Book, 429, json!({}), "limited", ""),
    ];
    with(|subject| kit::maps_errors(subject, &[SECRET, PASSWORD], &faults));
}

#[test]
fn the_push_is_read_and_a_forged_one_is_nobodys() {
    let account = caller().account;
    kit::reads_push(&Yunda, &account, &push(), "tests/golden/push.json");
    kit::refuses_forged_pushes(&Yunda, &account, &push());
    let answer: Value = serde_json::from_slice(sample("traces.json").body()).unwrap();
    kit::reads_push(&Yunda, &account, &push_of(&answer["data"].to_string()), "tests/golden/push-steps.json");
}

#[test]
fn words_mean_what_is_documented_and_new_ones_are_kept() {
    let table = [
        ("ACCEPT", ScanKind::Other),
        ("GOT", ScanKind::PickedUp),
        ("ARRIVAL", ScanKind::Moving),
        ("DEPARTURE", ScanKind::Moving),
        ("TRANSFER", ScanKind::Moving),
        ("SENT", ScanKind::OutForDelivery),
        ("INBOUND", ScanKind::OutForDelivery),
        ("OUTBOUND", ScanKind::OutForDelivery),
        ("SIGNED", ScanKind::Signed),
        ("SIGNFAIL", ScanKind::Problem),
        ("RETURN", ScanKind::Returning),
        ("ISSUE", ScanKind::Problem),
        ("REJECTION", ScanKind::Refused),
        ("OTHER", ScanKind::Other),
        ("OVERSEA_IN", ScanKind::Moving),
        ("OVERSEA_OUT", ScanKind::Moving),
        ("OVERSEA_ARRIVAL", ScanKind::Moving),
        ("OVERSEA_DEPARTURE", ScanKind::Moving),
        ("CLEARANCE_START", ScanKind::Moving),
        ("CLEARANCE_FINISH", ScanKind::Moving),
        ("CLEARANCE_FAIL", ScanKind::Problem),
    ];
    kit::keeps_unknown_codes(&Yunda, &caller().account, &table, |code| {
        push_of(&kit::sample_text("push.json").replace("SIGNED", code))
    });
}

#[test]
fn what_is_stored_is_acknowledged_in_the_platforms_own_words() {
    let body = r#"{"result":true,"code":"0000","message":"请求成功","data":null}"#;
    kit::acknowledges_exactly(&Yunda, &push(), "application/json", body);
}
