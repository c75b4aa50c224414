//! Being let into a shop.

use crate::fake::{SECRET, error};
use crate::{caller, credentials};
use channel_pinduoduo::Pinduoduo;
use huidan_channel::{Channel, Grant, Granted};
use huidan_exchange::{CallError, Credentials, Request};
use huidan_testkit::channel as kit;
use huidan_testkit::{drive, reply};
use serde_json::{Value, json};

const BACK: &str = "https://hub.example/oauth/pinduoduo/callback";

fn code() -> Grant {
    kit::code("c0de", BACK)
}

fn granted(by: &Grant, body: &str) -> (Result<Granted, CallError>, Value) {
    let mut sent = Value::Null;
    let outcome = drive(
        &caller(),
        |call| Pinduoduo.grant(call, by),
        |request: &Request| {
            assert_eq!(request.uri(), "https://open-api.pinduoduo.com/oauth/token");
            sent = serde_json::from_slice(request.body()).unwrap();
            reply(200, body.to_owned())
        },
    );
    (outcome, sent)
}

#[test]
fn the_page_is_the_sellers_and_carries_no_secret() {
    let page = Pinduoduo.grant_page(&caller().account, "st&te", BACK).unwrap().unwrap();
    assert_eq!(
        page,
        "https://fuwu.pinduoduo.com/service-market/auth?response_type=code&client_id=4b6f1d2e&redirect_uri=\
         https%3A%2F%2Fhub.example%2Foauth%2Fpinduoduo%2Fcallback&state=st%26te"
    );
    let mut nobody = caller().account;
    nobody.credentials = Credentials::default();
    let refused = Pinduoduo.grant_page(&nobody, "s", BACK);
    assert!(matches!(refused, Err(CallError::Credentials { field, .. }) if field == "client_id"));
}

#[test]
fn a_code_becomes_a_token_and_the_shops_id() {
    let body = json!({"access_token": "new-token", "refresh_token": "new-refresh", "expires_in": 86_400,
        "owner_id": 9_007_199_254_740_993_u64, "owner_name": "茶铺", "scope": ["pdd.order.list.get"]});
    let (outcome, sent) = granted(&code(), &body.to_string());
    let outcome = outcome.unwrap();
    let got = |name: &str| outcome.credentials.get(name).map(String::as_str);
    assert_eq!((got("access_token"), got("refresh_token")), (Some("new-token"), Some("new-refresh")));
    assert_eq!((got("owner_id"), outcome.lives_s), (Some("9007199254740993"), Some(86_400)));
    assert_eq!(outcome.credentials.len(), 3, "the seller's name is not kept");
    assert_eq!(
        sent,
        json!({"client_id": "4b6f1d2e", "client_secret": SECRET, "grant_type": "authorization_code", "code": "c0de",
            "redirect_uri": BACK})
    );
}

#[test]
fn a_refresh_token_becomes_a_new_token() {
    let (outcome, sent) = granted(&Grant::Renewal, r#"{"access_token":"newer","expires_in":"3600"}"#);
    let outcome = outcome.unwrap();
    assert_eq!((outcome.credentials.len(), outcome.lives_s), (1, Some(3600)), "what is not given again is kept");
    assert_eq!(
        (sent["grant_type"].as_str(), sent["refresh_token"].as_str()),
        (Some("refresh_token"), Some("refresh-of-the-shop"))
    );
    let mut caller = caller();
    let without = credentials().into_iter().filter(|(name, _)| *name != "refresh_token");
    caller.account.credentials = Credentials::new(without.map(|(name, value)| (name.into(), value.into())).collect());
    let refused = drive(&caller, |call| Pinduoduo.grant(call, &Grant::Renewal), |_| panic!("nothing is sent"));
    assert!(matches!(refused, Err(CallError::Credentials { field, .. }) if field == "refresh_token"));
}

#[test]
fn a_refused_grant_asks_for_a_person_and_a_lost_one_is_not_repeated() {
    for (by, field) in [(code(), "code"), (Grant::Renewal, "refresh_token")] {
        for (code, named) in [(10001, field), (10019, field), (20004, "client_secret"), (10016, "client_id")] {
            let (outcome, _) = granted(&by, &error(code, "", "").to_string());
            assert!(matches!(outcome, Err(CallError::Credentials { field, .. }) if field == named), "{code}");
        }
        assert_eq!(granted(&by, &error(52101, "", "").to_string()).0, Err(CallError::Limited { after_s: None }));
        for body in ["", "{}", r#"{"access_token":""}"#, r#"{"access_token":"x","expires_in":"soon"}"#] {
            assert!(matches!(granted(&by, body).0, Err(CallError::Unknown { .. })), "{body}");
        }
    }
}
