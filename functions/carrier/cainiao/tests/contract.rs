//! The contract of every carrier, and what is this one's own.
#![expect(clippy::unwrap_used, reason = "tests")]

mod fixture;

use carrier_cainiao::Cainiao;
use fixture::{OAID, PRINT_DATA, account, booked, caller, credentials, field, parcel, push, push_of};
use huidan_carrier::{Booked, Cancelled, Carrier, Paper, Parcel, ScanKind};
use huidan_domain::WaybillNo;
use huidan_exchange::{CallError, Credentials, Refusal, Reply, Request, Said};
use huidan_testkit::carrier::{self as contract, Fault, Operation, Subject, sample};
use huidan_testkit::{drive, golden, reply};
use serde_json::json;

const APPLY: &str = "param_waybill_cloud_print_apply_new_request";

/// Runs a check of the contract over the usual account and parcel.
fn with<R>(check: impl FnOnce(&Subject<'_, Cainiao>) -> R) -> R {
    contract::over(&Cainiao, &caller(), &parcel(), check)
}

#[test]
fn it_declares_itself_and_names_what_is_missing() {
    with(|subject| contract::is_what_it_says(subject, &credentials()));
}

#[test]
fn the_documented_answer_is_a_number_and_print_data_byte_by_byte() {
    with(|subject| contract::books(subject, &[sample("given.json")], &booked()));
    assert!(PRINT_DATA.contains(r"\u002B"), "the escape inside the signed text is not undone");
}

#[test]
fn a_repeat_asks_the_same_and_gives_the_first_number() {
    with(|subject| contract::repeats_itself(subject, |request| field(request, APPLY)));
    with(|subject| {
        let unknown = sample("unknown.json");
        contract::resolves_a_lost_answer(subject, &sample("given.json"), Some(&unknown), &booked());
    });
}

#[test]
fn of_the_numbers_of_an_order_only_that_of_the_claim_counts() {
    let found = drive(
        &caller(),
        |call| Cainiao.query(call, &parcel()),
        |request| {
            let asked = r#"[{"biz_sub_code":"9007199254740995","object_id":"q-01JDCLAIM0000000000000001A"}]"#;
            assert_eq!(field(request, "param_list"), asked);
            sample("found.json")
        },
    );
    assert_eq!(found, Ok(Some(booked())));
}

#[test]
fn spoilt_answers_leave_the_outcome_open() {
    with(|subject| {
        contract::doubts_spoilt_answers(subject, Operation::Book, &sample("given.json"));
        contract::doubts_spoilt_answers(subject, Operation::Query, &sample("unknown.json"));
        contract::doubts_spoilt_answers(subject, Operation::Cancel, &cancelled(true));
        contract::keeps_addresses_clean(subject, &["helloworld-secret", OAID], &sample("given.json"));
    });
}

/// What is sent for a parcel.
fn sent(parcel: &Parcel) -> Request {
    contract::sent(&Cainiao, &caller(), parcel, &sample("given.json"))
}

#[test]
fn an_encrypted_receiver_goes_by_its_token() {
    let request = sent(&parcel());
    assert_eq!(request.uri(), "https://gw.api.tbsandbox.com/router/rest");
    assert_eq!(field(&request, "method"), "cainiao.waybill.ii.get");
    assert_eq!(field(&request, "timestamp"), "2016-01-01 12:00:00", "Beijing's time");
    golden::golden("tests/golden/apply.txt", &field(&request, APPLY));
}

#[test]
fn the_request_is_signed_as_the_gateway_wants_it() {
    let request = sent(&parcel());
    let names = ["app_key", "format", "method", APPLY, "session", "sign_method", "timestamp", "v"];
    let text: String = names.map(|name| format!("{name}{}", field(&request, name))).concat();
    let secret = "helloworld-secret";
    let digest = huidan_exchange::sign::md5(&[secret.as_bytes(), text.as_bytes(), secret.as_bytes()]);
    assert_eq!(field(&request, "sign"), huidan_exchange::sign::upper_hex(&digest));
}

#[test]
fn a_receiver_in_clear_goes_in_clear_and_other_channels_by_their_codes() {
    let mut parcel = parcel();
    parcel.channel = "own-shop".into();
    parcel.receiver.token = None;
    parcel.receiver.name = "王小明".into();
    parcel.receiver.phone = "13800138000".into();
    parcel.receiver.street = "科技园一路 1 号".into();
    let apply = field(&sent(&parcel), APPLY);
    assert!(apply.contains(r#""order_channels_type":"OTHERS""#) && apply.contains(r#""mobile":"13800138000""#));
    assert!(!apply.contains("oaid"));
}

#[test]
fn a_mask_without_a_token_names_nobody_and_is_not_sent() {
    let refused = |change: &dyn Fn(&mut Parcel)| with(|subject| contract::refuses_unsent(subject, change));
    assert_eq!(refused(&|parcel| parcel.receiver.token = None), "receiver_masked");
    assert_eq!(refused(&|parcel| parcel.channel = "douyin".into()), "token_not_taken");
}

#[test]
fn a_setting_that_is_no_number_is_named() {
    let mut caller = caller();
    let mut values = credentials();
    values.insert("user_id".into(), "店铺".into());
    caller.account.credentials = Credentials::new(values);
    let refused = drive(&caller, |call| Cainiao.book(call, &parcel()), |_| panic!("nothing is sent"));
    assert!(matches!(refused, Err(CallError::Credentials { field, .. }) if field == "user_id"));
}

#[test]
fn who_really_carries_it_is_told() {
    let by = |code: &str| {
        let body = String::from_utf8(sample("given.json").body().to_vec()).unwrap();
        let answer = reply(200, body.replace(r#""real_cp_code":"YTO""#, &format!(r#""real_cp_code":"{code}""#)));
        let booked = drive(&caller(), |call| Cainiao.book(call, &parcel()), |_| answer.clone());
        booked.map(|Booked { by, .. }| by).unwrap()
    };
    assert_eq!(
        (by("ZTO"), by("HTKY"), by("DBKD"), by("")),
        ("zto".into(), "jtexpress".into(), "dbkd".into(), "yto".into())
    );
}

#[test]
fn an_answer_without_print_data_is_no_number_that_can_be_printed() {
    let body = String::from_utf8(sample("given.json").body().to_vec()).unwrap();
    for broken in
        [body.replace("print_data", "other"), body.replace("{\\\"enc", "\\\"enc"), body.replace("0001A", "0001B")]
    {
        let booked = drive(&caller(), |call| Cainiao.book(call, &parcel()), |_| reply(200, broken.clone()));
        assert!(matches!(booked, Err(CallError::Unknown { .. })), "{booked:?}");
    }
}

fn cancelled(result: bool) -> Reply {
    reply(200, json!({"cainiao_waybill_ii_cancel_response": {"cancel_result": result, "request_id": "r"}}).to_string())
}

fn error(code: u32, sub_code: &str, sub_msg: &str) -> String {
    json!({"error_response": {"code": code, "msg": "Remote service error", "sub_code": sub_code, "sub_msg": sub_msg}})
        .to_string()
}

#[test]
fn giving_a_number_back_twice_is_no_error() {
    let cancel = |answer: Reply| {
        let number = WaybillNo::parse("YT8800000000001").unwrap();
        drive(
            &caller(),
            |call| Cainiao.cancel(call, &number, "claim"),
            |request| {
                assert_eq!(
                    (field(request, "cp_code"), field(request, "waybill_code")),
                    ("YTO".into(), "YT8800000000001".into())
                );
                answer.clone()
            },
        )
    };
    assert_eq!(cancel(cancelled(true)), Ok(Cancelled::Done));
    assert_eq!(cancel(reply(200, error(15, "isv.x", "电子面单已取消"))), Ok(Cancelled::AlreadyGone));
    assert!(matches!(cancel(cancelled(false)), Err(CallError::Rejected { code, .. }) if code == "cancel_refused"));
}

#[test]
fn every_documented_error_says_what_to_do_next_and_nothing_private() {
    use Operation::{Book, Cancel, Query};
    let fault = |to, status, body: String, kind, code| Fault { to, status, body, kind, code };
    let limited = "This ban will last for 8 more seconds";
    with(|subject| {
        let faults = [
            fault(Book, 200, error(7, "accesscontrol.limited-by-api-access-count", limited), "limited", ""),
            fault(Book, 200, error(27, "isv.invalid-session", "{echo}"), "credentials", "session"),
            fault(Book, 200, error(26, "", "{echo}"), "credentials", "session"),
            fault(Book, 200, error(11, "isv.permission-api-package-limit", "{echo}"), "credentials", "session"),
            fault(Book, 200, error(25, "", "{echo} helloworld-secret"), "credentials", "app_secret"),
            fault(Book, 200, error(29, "", "{echo}"), "credentials", "app_key"),
            fault(Book, 200, error(31, "", "{echo}"), "transient", ""),
            fault(Book, 200, error(15, "isp.remote-service-timeout", "{echo}"), "unknown", ""),
            fault(Query, 200, error(15, "isp.remote-service-timeout", "{echo}"), "transient", ""),
            fault(Cancel, 200, error(15, "isp.remote-service-timeout", "{echo}"), "transient", ""),
            fault(
                Book,
                200,
                error(15, "isv.waybill-quota-not-enough", "{echo} 余额不足"),
                "rejected",
                "isv.waybill-quota-not-enough",
            ),
            fault(Book, 200, error(41, "isv.invalid-parameter", "{echo}"), "rejected", "isv.invalid-parameter"),
            fault(Cancel, 200, error(15, "isv.waybill-picked-up", "已揽收"), "rejected", "isv.waybill-picked-up"),
            fault(Book, 500, String::new(), "unknown", ""),
            fault(Book, 503, String::new(), "transient", ""),
            fault(Book, 429, String::new(), "limited", ""),
        ];
        contract::maps_errors(subject, &[OAID], &faults);
    });
    let banned = drive(&caller(), |call| Cainiao.book(call, &parcel()), |_| reply(200, error(7, "", limited)));
    assert_eq!(banned, Err(CallError::Limited { after_s: Some(8) }));
}

#[test]
fn the_trace_push_is_read_in_both_spellings() {
    contract::reads_push(&Cainiao, &account(), &push(), "tests/golden/trace.json");
    let other = r#"{"mailNo":"YT8800000000001","cpCode":"YTO","traces":[{"status":"04","time":"2026-11-22 09:00:00","desc":"派送中","city":"深圳市"}]}"#;
    contract::reads_push(&Cainiao, &account(), &push_of(other), "tests/golden/trace-other.json");
}

#[test]
fn a_push_that_is_not_signed_is_nobodys() {
    contract::refuses_forged_pushes(&Cainiao, &account(), &push());
}

#[test]
fn status_codes_mean_what_is_documented_and_new_ones_are_kept() {
    let table = [
        ("00", ScanKind::PickedUp),
        ("01", ScanKind::Moving),
        ("02", ScanKind::Moving),
        ("03", ScanKind::Moving),
        ("04", ScanKind::OutForDelivery),
        ("05", ScanKind::Problem),
        ("06", ScanKind::Refused),
        ("07", ScanKind::Signed),
        ("08", ScanKind::Returning),
        ("09", ScanKind::Returning),
        ("10", ScanKind::Returning),
        ("11", ScanKind::Returned),
        ("12", ScanKind::Problem),
        ("13", ScanKind::Moving),
        ("14", ScanKind::Other),
    ];
    contract::keeps_unknown_codes(&Cainiao, &account(), &table, |code| {
        push_of(
            &json!({"mailNo": "YT8800000000001", "operationDetails":
            [{"operateTime": "2026-11-21 18:02:10", "status": code}]})
            .to_string(),
        )
    });
}

#[test]
fn acknowledgements_are_json() {
    contract::acknowledges(&Cainiao, &push(), &Said::Stored, 200, r#"{"success":true,"errorCode":"","errorMsg":""}"#);
    let refused = r#"{"success":false,"errorCode":"S02","errorMsg":"invalid data_digest"}"#;
    contract::acknowledges(&Cainiao, &push(), &Said::Refused(Refusal::Signature), 401, refused);
    assert_eq!(Cainiao.answer(&Said::Busy, &http::HeaderMap::new()).status(), 503);
}

#[test]
fn print_data_is_the_paper_and_the_sender_is_the_branch() {
    assert!(matches!(booked().paper, Paper::PlatformTask { .. }));
    assert!(field(&sent(&parcel()), APPLY).contains(r#""shipping_branch_code":"310001""#));
}
