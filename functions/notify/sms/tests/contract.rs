//! The contract of every way to tell, and what is this one's own.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test's report")]

use huidan_exchange::{CallError, pairs};
use huidan_notice::{Message, Notice, Sent};
use huidan_testkit::notice::{self as contract, Fault, Subject, caller, message};
use huidan_testkit::{Vector, drive, golden, reply, vectors};
use notify_sms::{Sms, sign};
use std::collections::BTreeMap;

const CREDENTIALS: &[(&str, &str)] =
    &[("access_key_id", "testId"), ("access_key_secret", "testSecret"), ("sign_name", "汇单")];
const OK: &str = r#"{"Code":"OK","Message":"OK","BizId":"900619746936498440^0","RequestId":"A90E4451"}"#;
const GATEWAY: &str = "https://dysmsapi.aliyuncs.com";

fn with<R>(check: impl FnOnce(&Subject<'_, Sms>) -> R) -> R {
    let (caller, message) = (caller(GATEWAY, None, CREDENTIALS), message());
    check(&Subject { notice: &Sms, caller: &caller, message: &message })
}

fn sent() -> Sent {
    Sent { receipt: "900619746936498440^0".to_owned() }
}

/// The published ones of version 1 name every parameter, those of version 3 what their headers say.
fn computed(vector: &Vector) -> String {
    let secret = vector.input("secret");
    if vector.inputs.contains_key("SignatureMethod") {
        let all = vector.inputs.iter().filter(|(name, _)| !["secret", "method"].contains(&name.as_str()));
        let query = sign::query(all.map(|(name, value)| (name.as_str(), value.as_str())));
        return sign::sign_v1(vector.input("method"), secret, &query);
    }
    let hash = huidan_exchange::sign::hex(&huidan_exchange::sign::sha256(&[b""]));
    let headers = BTreeMap::from([
        ("host", vector.input("host")),
        ("x-acs-action", vector.input("action")),
        ("x-acs-content-sha256", hash.as_str()),
        ("x-acs-date", vector.input("date")),
        ("x-acs-signature-nonce", vector.input("nonce")),
        ("x-acs-version", vector.input("version")),
    ]);
    sign::sign_v3(vector.input("method"), secret, vector.input("query"), &headers, b"")
}

#[test]
fn the_published_signatures_of_both_versions_come_out() {
    vectors("tests/vectors.json", computed);
}

#[test]
fn it_declares_itself_and_names_what_is_missing() {
    contract::declares_itself(&Sms);
    with(|subject| contract::names_missing_credentials(subject, CREDENTIALS));
}

#[test]
fn a_message_is_one_signed_form_without_the_phone_in_its_address() {
    with(|subject| {
        let request = contract::sends(subject, &reply(200, OK), &sent());
        let headers: Vec<String> =
            request.headers().iter().map(|(name, value)| format!("{name}: {}", value.to_str().unwrap())).collect();
        let body = String::from_utf8_lossy(request.body()).into_owned();
        golden::golden("tests/golden/message.txt", &format!("{}\n{}\n{body}", request.uri(), headers.join("\n")));
        contract::repeats_itself(subject, |request| String::from_utf8_lossy(request.body()).into_owned());
        contract::keeps_addresses_clean(subject, &["testSecret"], &reply(200, OK));
    });
}

#[test]
fn version_one_signs_every_parameter_of_the_form() {
    let mut values = CREDENTIALS.to_vec();
    values.push(("signature", "v1"));
    let (caller, message) = (caller(GATEWAY, None, &values), message());
    let subject = Subject { notice: &Sms, caller: &caller, message: &message };
    let request = contract::sends(&subject, &reply(200, OK), &sent());
    let names = [
        "AccessKeyId",
        "Action",
        "Format",
        "OutId",
        "PhoneNumbers",
        "SignName",
        "SignatureMethod",
        "SignatureNonce",
        "SignatureVersion",
        "TemplateCode",
        "TemplateParam",
        "Timestamp",
        "Version",
    ];
    let values: Vec<(&str, String)> =
        names.iter().map(|name| (*name, pairs::from_form(request.body(), name).unwrap())).collect();
    let query = sign::query(values.iter().map(|(name, value)| (*name, value.as_str())));
    let given = pairs::from_form(request.body(), "Signature").unwrap();
    assert_eq!(given, sign::sign_v1("POST", "testSecret", &query));
    contract::keeps_addresses_clean(&subject, &["testSecret"], &reply(200, OK));
}

#[test]
fn the_team_is_told_at_its_own_phones_and_nobody_without_any() {
    let mut values = CREDENTIALS.to_vec();
    values.push(("phones", "13800138001，13800138002"));
    let own = Message { to: Vec::new(), ..message() };
    let with_phones = caller(GATEWAY, None, &values);
    let subject = Subject { notice: &Sms, caller: &with_phones, message: &own };
    let request = contract::sends(&subject, &reply(200, OK), &sent());
    assert_eq!(pairs::from_form(request.body(), "PhoneNumbers").unwrap(), "13800138001,13800138002");
    let refused = drive(&caller(GATEWAY, None, CREDENTIALS), |call| Sms.send(call, &own), |_| panic!("sent"));
    assert!(matches!(refused, Err(CallError::Credentials { field, .. }) if field == "phones"));
    let uncoded = Message { code: String::new(), ..message() };
    let refused = drive(&with_phones, |call| Sms.send(call, &uncoded), |_| panic!("sent"));
    assert!(matches!(refused, Err(CallError::Rejected { code, .. }) if code == "no_template"));
}

#[test]
fn only_explicit_success_is_success() {
    with(|subject| contract::doubts_spoilt_answers(subject, &reply(200, OK)));
}

#[test]
fn every_documented_error_says_what_to_do_next() {
    let fault = |status, body, kind, code| Fault { status, body, kind, code };
    let faults = [
        fault(200, r#"{"Code":"isv.BUSINESS_LIMIT_CONTROL","Message":"触发分钟级流控 {echo}"}"#, "limited", ""),
        fault(
            200,
            r#"{"Code":"isv.MOBILE_NUMBER_ILLEGAL","Message":"{echo}非法手机号"}"#,
            "rejected",
            "isv.MOBILE_NUMBER_ILLEGAL",
        ),
        fault(
            200,
            r#"{"Code":"isv.SMS_TEMPLATE_ILLEGAL","Message":"短信模版不合法"}"#,
            "rejected",
            "isv.SMS_TEMPLATE_ILLEGAL",
        ),
        fault(200, r#"{"Code":"isv.SMS_SIGNATURE_ILLEGAL","Message":"短信签名不合法"}"#, "credentials", "sign_name"),
        fault(200, r#"{"Code":"isv.AMOUNT_NOT_ENOUGH","Message":"余额不足"}"#, "credentials", "balance"),
        fault(400, r#"{"Code":"SignatureDoesNotMatch","Message":"testSecret"}"#, "credentials", "access_key_secret"),
        fault(404, r#"{"Code":"InvalidAccessKeyId.NotFound","Message":"no"}"#, "credentials", "access_key_id"),
        fault(400, r#"{"Code":"InvalidTimeStamp.Expired","Message":"no"}"#, "transient", ""),
        fault(400, r#"{"Code":"SignatureNonceUsed","Message":"no"}"#, "unknown", ""),
        fault(503, r#"{"Code":"Throttling.User","Message":"flow control"}"#, "limited", ""),
        fault(503, r#"{"Code":"ServiceUnavailable","Message":"no"}"#, "transient", ""),
        fault(500, "", "unknown", ""),
    ];
    with(|subject| contract::maps_errors(subject, &["testSecret"], &faults));
    with(|subject| {
        let odd = drive(subject.caller, |call| Sms.send(call, subject.message), |_| reply(502, OK));
        assert_eq!(odd.map_err(|error| error.kind()), Err("unknown"), "no success with a status that is none");
    });
}
