//! The contract of every way to tell, and what is this one's own.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test's report")]

use huidan_notice::{Message, Sent};
use huidan_testkit::notice::{self as contract, Fault, Subject, caller, message};
use huidan_testkit::{golden, reply, vectors};
use notify_dingtalk::{Dingtalk, sign};

const CREDENTIALS: &[(&str, &str)] =
    &[("access_token", "3f2a0c77"), ("secret", "SECtest"), ("keyword", "汇单"), ("mention", "manager7, all")];
const OK: &str = r#"{"errcode":0,"errmsg":"ok"}"#;
const GATEWAY: &str = "https://oapi.dingtalk.com";

fn with<R>(check: impl FnOnce(&Subject<'_, Dingtalk>) -> R) -> R {
    let (caller, message) = (caller(GATEWAY, None, CREDENTIALS), message());
    check(&Subject { notice: &Dingtalk, caller: &caller, message: &message })
}

fn content(body: &[u8]) -> String {
    let body: serde_json::Value = serde_json::from_slice(body).unwrap();
    body["text"]["content"].as_str().unwrap().to_owned()
}

#[test]
fn the_signature_is_the_documented_one() {
    vectors("tests/vectors.json", |vector| sign(vector.input("secret"), vector.input("timestamp")));
}

#[test]
fn it_declares_itself_and_names_what_is_missing() {
    contract::declares_itself(&Dingtalk);
    with(|subject| contract::names_missing_credentials(subject, CREDENTIALS));
}

#[test]
fn a_message_is_one_signed_request_with_the_robots_word_in_it() {
    with(|subject| {
        let sent = contract::sends(subject, &reply(200, OK), &Sent::default());
        let said = format!("{} {}", sent.uri(), String::from_utf8_lossy(sent.body()));
        golden::golden("tests/golden/message.txt", &said);
        contract::repeats_itself(subject, |request| content(request.body()));
        contract::keeps_to_its_length(subject, &reply(200, OK), |request| content(request.body()));
    });
}

#[test]
fn without_a_secret_nothing_is_signed() {
    let (caller, message) = (caller(GATEWAY, None, &[("access_token", "3f2a0c77")]), Message::default());
    let subject = Subject { notice: &Dingtalk, caller: &caller, message: &message };
    let sent = contract::sends(&subject, &reply(200, OK), &Sent::default());
    assert_eq!(sent.uri(), "https://oapi.dingtalk.com/robot/send?access_token=3f2a0c77");
}

#[test]
fn only_explicit_success_is_success() {
    with(|subject| contract::doubts_spoilt_answers(subject, &reply(200, OK)));
}

#[test]
fn every_documented_error_says_what_to_do_next() {
    let fault = |status, body, kind, code| Fault { status, body, kind, code };
    let faults = [
        fault(200, r#"{"errcode":130101,"errmsg":"send too fast, exceed 20 times per minute"}"#, "limited", ""),
        fault(200, r#"{"errcode":310000,"errmsg":"sign not match SECtest {echo}"}"#, "credentials", "secret"),
        fault(200, r#"{"errcode":300001,"errmsg":"token is not exist 3f2a0c77"}"#, "credentials", "access_token"),
        fault(200, r#"{"errcode":400105,"errmsg":"unsupported msgtype"}"#, "rejected", "400105"),
        fault(500, "", "unknown", ""),
        fault(503, "", "transient", ""),
    ];
    with(|subject| contract::maps_errors(subject, &["3f2a0c77", "SECtest"], &faults));
}
