//! The contract of every way to tell, and what is this one's own.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test's report")]

use huidan_notice::Sent;
use huidan_testkit::notice::{self as contract, Fault, Subject, caller, message};
use huidan_testkit::{golden, reply, vectors};
use notify_feishu::{Feishu, sign};

const CREDENTIALS: &[(&str, &str)] = &[("token", "9d1f5c2e-0a34"), ("secret", "testsecret")];
const OK: &str = r#"{"code":0,"msg":"success","data":{}}"#;

fn with<R>(check: impl FnOnce(&Subject<'_, Feishu>) -> R) -> R {
    let (caller, message) = (caller("https://open.feishu.cn", None, CREDENTIALS), message());
    check(&Subject { notice: &Feishu, caller: &caller, message: &message })
}

fn content(body: &[u8]) -> String {
    let body: serde_json::Value = serde_json::from_slice(body).unwrap();
    body["content"]["text"].as_str().unwrap().to_owned()
}

#[test]
fn the_signature_is_the_documented_one() {
    vectors("tests/vectors.json", |vector| sign(vector.input("secret"), vector.input("timestamp")));
}

#[test]
fn it_declares_itself_and_names_what_is_missing() {
    contract::declares_itself(&Feishu);
    with(|subject| contract::names_missing_credentials(subject, CREDENTIALS));
}

#[test]
fn a_message_is_one_request_with_its_signature_in_the_body() {
    with(|subject| {
        let sent = contract::sends(subject, &reply(200, OK), &Sent::default());
        let said = format!("{} {}", sent.uri(), String::from_utf8_lossy(sent.body()));
        golden::golden("tests/golden/message.txt", &said);
        contract::repeats_itself(subject, |request| content(request.body()));
        contract::keeps_to_its_length(subject, &reply(200, OK), |request| content(request.body()));
    });
}

#[test]
fn only_explicit_success_is_success() {
    with(|subject| contract::doubts_spoilt_answers(subject, &reply(200, OK)));
}

#[test]
fn every_documented_error_says_what_to_do_next() {
    let fault = |status, body, kind, code| Fault { status, body, kind, code };
    let faults = [
        fault(200, r#"{"code":11232,"msg":"frequency limited psm"}"#, "limited", ""),
        fault(200, r#"{"code":19021,"msg":"sign match fail testsecret {echo}"}"#, "credentials", "secret"),
        fault(
            200,
            r#"{"code":19001,"msg":"param invalid: incoming webhook access token invalid"}"#,
            "credentials",
            "token",
        ),
        fault(400, r#"{"code":9499,"msg":"Bad Request"}"#, "rejected", "9499"),
        fault(500, "", "unknown", ""),
        fault(503, "", "transient", ""),
    ];
    with(|subject| contract::maps_errors(subject, &["9d1f5c2e-0a34", "testsecret"], &faults));
}
