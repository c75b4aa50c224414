//! The contract of every way to tell, and what is this one's own.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test's report")]

use huidan_notice::Sent;
use huidan_testkit::notice::{self as contract, Fault, Subject, caller, message};
use huidan_testkit::{golden, reply};
use notify_wecom::Wecom;

const CREDENTIALS: &[(&str, &str)] = &[("key", "693axxx6-7aoc-4bc4-97a0"), ("mention", "zhang,@all")];
const OK: &str = r#"{"errcode":0,"errmsg":"ok"}"#;

fn with<R>(check: impl FnOnce(&Subject<'_, Wecom>) -> R) -> R {
    let (caller, message) = (caller("https://qyapi.weixin.qq.com", None, CREDENTIALS), message());
    check(&Subject { notice: &Wecom, caller: &caller, message: &message })
}

fn content(body: &[u8]) -> String {
    let body: serde_json::Value = serde_json::from_slice(body).unwrap();
    body["text"]["content"].as_str().unwrap().to_owned()
}

#[test]
fn it_declares_itself_and_names_what_is_missing() {
    contract::declares_itself(&Wecom);
    with(|subject| contract::names_missing_credentials(subject, CREDENTIALS));
}

#[test]
fn a_message_is_one_request() {
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
        fault(200, r#"{"errcode":45009,"errmsg":"api freq out of limit {echo}"}"#, "limited", ""),
        fault(200, r#"{"errcode":93000,"errmsg":"invalid webhook url 693axxx6-7aoc-4bc4-97a0"}"#, "credentials", "key"),
        fault(200, r#"{"errcode":40058,"errmsg":"content exceed max length {echo}"}"#, "rejected", "40058"),
        fault(200, r#"{"errcode":-1,"errmsg":"system busy"}"#, "unknown", ""),
        fault(500, "", "unknown", ""),
        fault(503, "", "transient", ""),
        fault(429, "", "limited", ""),
    ];
    with(|subject| contract::maps_errors(subject, &["693axxx6-7aoc-4bc4-97a0"], &faults));
}
