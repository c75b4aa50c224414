//! Being let into a shop, and staying there.

use crate::{account, caller, credentials};
use channel_kuaishou::Kuaishou;
use huidan_channel::{Channel, Grant, Granted};
use huidan_exchange::{CallError, Request, pairs};
use huidan_testkit::channel as kit;
use huidan_testkit::{Caller, drive, reply};
use serde_json::{Value, json};
use std::cell::RefCell;

const BACK: &str = "https://hub.example.com/oauth/kuaishou/callback";

fn given() -> Value {
    json!({"result": 1, "access_token": "new-access", "refresh_token": "new-refresh", "open_id": "f1917b0f5a2b6b6e",
        "expires_in": 172_800, "refresh_token_expires_in": 15_552_000, "scopes": ["merchant_order"]})
}

fn by_code() -> Grant {
    kit::code("c0de+/=", BACK)
}

fn grant(by: &Grant, status: u16, answer: &Value) -> (Result<Granted, CallError>, Option<Request>) {
    let sent = RefCell::new(None);
    let granted = drive(
        &caller(),
        |call| Kuaishou.grant(call, by),
        |request| {
            *sent.borrow_mut() = Some(request.clone());
            reply(status, answer.to_string())
        },
    );
    (granted, sent.into_inner())
}

#[test]
fn the_page_knows_the_application_and_the_way_back() {
    let page = Kuaishou.grant_page(&caller().account, "st4te", BACK).unwrap().unwrap();
    let (address, query) = page.split_once('?').unwrap();
    assert_eq!(address, "https://open.kwaixiaodian.com/oauth/authorize");
    let get = |name: &str| pairs::from_form(query.as_bytes(), name).unwrap();
    assert_eq!((get("app_id"), get("state")), ("ks660340295617067960".into(), "st4te".into()));
    assert_eq!((get("redirect_uri"), get("response_type")), (BACK.to_owned(), "code".to_owned()));
    assert_eq!(get("scope"), "merchant_order,merchant_refund,merchant_item,merchant_logistics");
    let mut values = credentials();
    values.insert("scope".into(), "merchant_order".into());
    let page = Kuaishou.grant_page(&account(values.clone()), "s", BACK).unwrap().unwrap();
    assert!(page.contains("scope=merchant_order&"), "{page}");
    values.remove("app_key");
    let refused = Kuaishou.grant_page(&account(values), "s", BACK);
    assert!(matches!(refused, Err(CallError::Credentials { field, .. }) if field == "app_key"));
}

#[test]
fn a_code_becomes_tokens_and_the_shops_own_id() {
    let (granted, sent) = grant(&by_code(), 200, &given());
    let sent = sent.unwrap();
    assert_eq!((sent.method().as_str(), sent.uri().path()), ("GET", "/oauth2/access_token"));
    let query = sent.uri().query().unwrap();
    let get = |name: &str| pairs::from_form(query.as_bytes(), name).unwrap();
    assert_eq!((get("grant_type"), get("code")), ("code".into(), "c0de+/=".into()));
    assert_eq!((get("app_id"), get("app_secret")), ("ks660340295617067960".into(), "app-secret-of-ks".into()));
    let granted = granted.unwrap();
    assert_eq!(granted.lives_s, Some(172_800));
    let names: Vec<&str> = granted.credentials.keys().map(String::as_str).collect();
    assert_eq!(names, ["access_token", "open_id", "refresh_token"]);
    assert_eq!(granted.credentials["access_token"], "new-access");
}

#[test]
fn a_renewal_brings_the_next_refresh_token() {
    let mut answer = given();
    answer.as_object_mut().unwrap().remove("open_id");
    let (granted, sent) = grant(&Grant::Renewal, 200, &answer);
    let sent = sent.unwrap();
    assert_eq!((sent.method().as_str(), sent.uri().path()), ("POST", "/oauth2/refresh_token"));
    assert!(sent.uri().query().is_none(), "nothing secret stands in the address");
    let get = |name: &str| pairs::from_form(sent.body(), name).unwrap();
    assert_eq!(
        (get("grant_type"), get("refresh_token")),
        ("refresh_token".into(), "ChJvYXV0aC5yZWZyZXNoVG9rZW4".into())
    );
    assert_eq!(granted.unwrap().credentials["refresh_token"], "new-refresh");
    let mut values = credentials();
    values.remove("refresh_token");
    let caller = Caller { account: account(values), ..caller() };
    let refused = drive(&caller, |call| Kuaishou.grant(call, &Grant::Renewal), |_| panic!("nothing is sent"));
    assert!(matches!(refused, Err(CallError::Credentials { field, .. }) if field == "refresh_token"));
}

#[test]
fn a_token_that_is_refused_names_what_a_person_must_mend() {
    for (by, result, error, message, kind, field) in [
        (Grant::Renewal, 100_200_102, "access_denied", "refreshToken.discarded", "credentials", "refresh_token"),
        (Grant::Renewal, 100_200_101, "unauthorized_client", "", "credentials", "app_key"),
        (Grant::Renewal, 100_200_500, "server_error", "", "unknown", ""),
        (by_code(), 100_200_105, "invalid_grant", "code 错误", "credentials", "code"),
        (by_code(), 100_200_106, "invalid_scope", "", "credentials", "code"),
    ] {
        let answer = json!({"result": result, "error": error, "error_msg": message});
        let refused = grant(&by, 200, &answer).0.unwrap_err();
        assert_eq!(refused.kind(), kind, "{error}: {refused:?}");
        assert!(field.is_empty() || matches!(&refused, CallError::Credentials { field: named, .. } if named == field));
    }
    let echo = json!({"result": 7, "error": "x", "error_msg": "ChJvYXV0aC5yZWZyZXNoVG9rZW4 app-secret-of-ks"});
    let said = grant(&Grant::Renewal, 200, &echo).0.unwrap_err().to_string();
    assert!(!said.contains("ChJv") && !said.contains("app-secret"), "{said}");
}

#[test]
fn an_answer_without_both_tokens_gives_none() {
    for broken in [json!({}), json!({"result": 1}), json!({"result": 1, "access_token": "a"}), json!([])] {
        let lost = grant(&Grant::Renewal, 200, &broken).0;
        assert!(matches!(lost, Err(CallError::Unknown { .. })), "{broken}: {lost:?}");
    }
    assert_eq!(grant(&Grant::Renewal, 500, &json!({})).0.unwrap_err().kind(), "unknown");
}
