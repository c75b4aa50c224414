//! Being let into a shop, and new tokens.

use crate::caller;
use channel_jd::Jd;
use huidan_channel::{Channel, Grant, Granted};
use huidan_exchange::{CallError, Credentials, pairs};
use huidan_testkit::channel::code;
use huidan_testkit::{drive, reply};

const TOKEN: &str = r#"{"access_token":"new-token","expires_in":31536000,"refresh_token":"new-refresh","scope":"snsapi_base","open_id":"o","uid":"9007199254740993","time":1795248005000,"token_type":"bearer","code":0}"#;

fn granted(by: &Grant, body: &'static str) -> (Result<Granted, CallError>, String) {
    let mut asked = String::new();
    let granted = drive(
        &caller(),
        |call| Jd.grant(call, by),
        |request| {
            asked = request.uri().to_string();
            reply(200, body)
        },
    );
    (granted, asked)
}

#[test]
fn a_person_is_sent_to_the_platforms_page_with_our_state() {
    let back_to = "https://hub.example/oauth/jd/callback";
    let page = Jd.grant_page(&caller().account, "state-1", back_to).unwrap().unwrap();
    let (address, query) = page.split_once('?').unwrap();
    assert_eq!(address, "https://oauth.jd.example/oauth2/to_login");
    let get = |name: &str| pairs::from_form(query.as_bytes(), name).unwrap();
    assert_eq!(
        (get("app_key"), get("state"), get("redirect_uri")),
        ("12345678".into(), "state-1".into(), back_to.into())
    );
    let mut bare = caller().account;
    bare.credentials = Credentials::default();
    let refused = Jd.grant_page(&bare, "s", back_to);
    assert!(matches!(refused, Err(CallError::Credentials { field, .. }) if field == "app_key"));
}

#[test]
fn a_code_and_a_refresh_token_become_tokens() {
    let code = code("c+1", "https://hub.example/oauth/jd/callback");
    for (by, path, name, value) in [
        (code, "/oauth2/access_token", "code", "c+1"),
        (Grant::Renewal, "/oauth2/refresh_token", "refresh_token", "refresh-6100a3"),
    ] {
        let (granted, asked) = granted(&by, TOKEN);
        let granted = granted.unwrap();
        assert_eq!(granted.lives_s, Some(31_536_000));
        assert_eq!(granted.credentials["access_token"], "new-token");
        assert_eq!(granted.credentials["refresh_token"], "new-refresh");
        let (address, query) = asked.split_once('?').unwrap();
        assert_eq!(address, format!("https://oauth.jd.example{path}"));
        assert_eq!(pairs::from_form(query.as_bytes(), name).unwrap(), value);
    }
}

#[test]
fn a_refusal_asks_for_a_person_and_silence_is_unknown() {
    let (refused, _) = granted(&Grant::Renewal, r#"{"code":402,"msg":"refresh_token 已失效"}"#);
    assert!(matches!(refused, Err(CallError::Credentials { field, .. }) if field == "refresh_token"));
    for body in ["", "{}", "null", "<html>", r#"{"access_token":null}"#, r#"{"access_token":"x""#] {
        let (lost, _) = granted(&Grant::Renewal, body);
        assert!(matches!(lost, Err(CallError::Unknown { .. })), "{body}: {lost:?}");
    }
}
