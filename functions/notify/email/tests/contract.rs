//! The contract of every way to tell, and what is this one's own.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test's report")]

use huidan_exchange::CallError;
use huidan_notice::{Message, Notice, Sent};
use huidan_testkit::notice::{self as contract, Fault, Subject, caller, message};
use huidan_testkit::{drive, golden, reply};
use notify_email::Email;

const CREDENTIALS: &[(&str, &str)] = &[
    ("api_key", "re_test_key"),
    ("from", "汇单 <notice@example.com>"),
    ("to", "小李 <li@example.com>，wang@example.com"),
];
const OK: &str = r#"{"id":"49a3999c-0ce1-4ea6-ab68-afcd6dc2e794"}"#;

fn with<R>(check: impl FnOnce(&Subject<'_, Email>) -> R) -> R {
    let caller = caller("https://api.resend.com", None, CREDENTIALS);
    let message = Message { to: Vec::new(), ..message() };
    check(&Subject { notice: &Email, caller: &caller, message: &message })
}

fn sent() -> Sent {
    Sent { receipt: "49a3999c-0ce1-4ea6-ab68-afcd6dc2e794".to_owned() }
}

#[test]
fn it_declares_itself_and_names_what_is_missing() {
    contract::declares_itself(&Email);
    with(|subject| contract::names_missing_credentials(subject, CREDENTIALS));
}

#[test]
fn a_message_is_one_request_with_its_id_as_the_key_of_repeats() {
    with(|subject| {
        let request = contract::sends(subject, &reply(200, OK), &sent());
        let body = String::from_utf8_lossy(request.body()).into_owned();
        let key = request.headers()["idempotency-key"].to_str().unwrap();
        assert_eq!(request.headers()["authorization"], "Bearer re_test_key");
        golden::golden("tests/golden/message.txt", &format!("{} {key}\n{body}", request.uri()));
        contract::repeats_itself(subject, |request| {
            let key = request.headers()["idempotency-key"].to_str().unwrap();
            format!("{key} {}", String::from_utf8_lossy(request.body()))
        });
    });
}

#[test]
fn a_buyers_letter_goes_to_the_buyer_and_never_to_the_team() {
    let buyer = Message { to: vec!["Buyer.One@example.com".to_owned()], ..message() };
    for credentials in [CREDENTIALS, &CREDENTIALS[..2]] {
        let caller = caller("https://api.resend.com", None, credentials);
        let subject = Subject { notice: &Email, caller: &caller, message: &buyer };
        let request = contract::sends(&subject, &reply(200, OK), &sent());
        let body: serde_json::Value = serde_json::from_slice(request.body()).unwrap();
        assert_eq!(body["to"], serde_json::json!(["Buyer.One@example.com"]));
        assert_eq!(body["subject"], buyer.title);
        contract::keeps_addresses_clean(&subject, &[], &reply(200, OK));
        let echo = r#"{"name":"validation_error","message":"Invalid `to`: <buyer.one@example.com>"}"#;
        let fault = Fault { status: 422, body: echo, kind: "rejected", code: "validation_error" };
        contract::maps_errors(&subject, &["buyer.one@"], &[fault]);
    }
}

#[test]
fn a_letter_to_the_team_wants_to_know_to_whom() {
    let caller = caller("https://api.resend.com", None, &CREDENTIALS[..2]);
    let message = Message { to: Vec::new(), ..message() };
    let error = drive(&caller, |call| Email.send(call, &message), |_| reply(200, OK)).unwrap_err();
    assert!(matches!(&error, CallError::Credentials { field, .. } if field == "to"), "{error:?}");
}

#[test]
fn only_explicit_success_is_success() {
    with(|subject| contract::doubts_spoilt_answers(subject, &reply(200, OK)));
}

#[test]
fn every_documented_error_says_what_to_do_next() {
    let fault = |status, body, kind, code| Fault { status, body, kind, code };
    let faults = [
        fault(401, r#"{"name":"missing_api_key","message":"re_test_key"}"#, "credentials", "api_key"),
        fault(
            401,
            r#"{"statusCode":401,"name":"invalid_api_key","message":"API key is invalid"}"#,
            "credentials",
            "api_key",
        ),
        fault(422, r#"{"name":"invalid_from_address","message":"no"}"#, "credentials", "from"),
        fault(
            422,
            r#"{"name":"validation_error","message":"Invalid to field: wang@example.com"}"#,
            "rejected",
            "validation_error",
        ),
        fault(429, r#"{"name":"rate_limit_exceeded","message":"Too many requests"}"#, "limited", ""),
        fault(409, r#"{"name":"concurrent_idempotent_requests","message":"busy"}"#, "unknown", ""),
        fault(
            409,
            r#"{"name":"invalid_idempotent_request","message":"other payload"}"#,
            "rejected",
            "invalid_idempotent_request",
        ),
        fault(500, r#"{"name":"application_error","message":"oh"}"#, "unknown", ""),
        fault(503, "", "transient", ""),
        fault(418, "tea", "unknown", ""),
    ];
    with(|subject| contract::maps_errors(subject, &["re_test_key", "wang@example.com"], &faults));
}
