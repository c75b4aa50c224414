//! Being let into a shop.

use crate::fake::{SECRET, error, parameter, success};
use crate::{caller, caller_with};
use channel_douyin::Douyin;
use huidan_channel::{Channel, Grant, Granted};
use huidan_exchange::{CallError, Request, sign};
use huidan_testkit::channel::code;
use huidan_testkit::{Caller, drive, reply};
use serde_json::{Value, json};
use std::cell::RefCell;

fn token(expires_in: i64) -> Value {
    success(&json!({"access_token": "new-access", "expires_in": expires_in, "refresh_token": "new-refresh",
        "scope": "SCOPE", "shop_id": 463_798_000_000_000_001_u64, "shop_name": "汇单茶仓"}))
}

/// What was asked for, and what came of it; each answer in its turn.
fn grant(caller: &Caller, by: &Grant, answers: &[Value]) -> (Vec<(String, Value)>, Result<Granted, CallError>) {
    let asked = RefCell::new(Vec::new());
    let granted = drive(
        caller,
        |call| Douyin.grant(call, by),
        |request| {
            looks_right(request);
            let at = asked.borrow().len();
            let body = serde_json::from_slice(request.body()).unwrap();
            asked.borrow_mut().push((request.uri().path().to_owned(), body));
            reply(200, answers[at].to_string())
        },
    );
    (asked.into_inner(), granted)
}

fn looks_right(request: &Request) {
    let get = |name| parameter(request, name);
    let body = std::str::from_utf8(request.body()).unwrap();
    let text =
        format!("{SECRET}app_keykey-1method{}param_json{body}timestamp{}v2{SECRET}", get("method"), get("timestamp"));
    assert_eq!(get("sign"), sign::hex(&sign::hmac_sha256(SECRET.as_bytes(), &[text.as_bytes()])));
    assert!(!request.uri().query().unwrap().contains("access_token"), "no token is needed to get one");
}

#[test]
fn the_page_of_a_tool_application_is_the_service_markets() {
    let page = Douyin.grant_page(&caller_with(&[("service_id", "22")]).account, "s t", "https://hub.example/oauth");
    assert_eq!(page, Ok(Some("https://fuwu.jinritemai.com/authorize?service_id=22&state=s+t".to_owned())));
    assert_eq!(Douyin.grant_page(&caller().account, "s", "b"), Ok(None), "a shop's own application asks nobody");
    let neither = Douyin.grant_page(&caller_with(&[("shop_id", "")]).account, "s", "b");
    assert!(matches!(neither, Err(CallError::Credentials { field, .. }) if field == "service_id"));
}

#[test]
fn a_code_gives_tokens_and_the_shops_id() {
    let by = code("the-code", "https://hub.example/oauth");
    let (asked, granted) = grant(&caller_with(&[("service_id", "22"), ("shop_id", "")]), &by, &[token(604_800)]);
    let body = json!({"code": "the-code", "grant_type": "authorization_code"});
    assert_eq!(asked, [("/token/create".to_owned(), body)]);
    let granted = granted.unwrap();
    let values: Vec<(&str, &str)> = granted.credentials.iter().map(|(name, value)| (&**name, &**value)).collect();
    assert_eq!(
        values,
        [("access_token", "new-access"), ("refresh_token", "new-refresh"), ("shop_id", "463798000000000001")]
    );
    assert_eq!(granted.lives_s, Some(604_800));
}

#[test]
fn a_life_told_as_the_instant_of_its_end_is_as_long() {
    let (_, granted) = grant(&caller(), &code("c", ""), &[token(1_795_249_800 + 3600)]);
    assert_eq!(granted.unwrap().lives_s, Some(3600));
}

#[test]
fn a_token_is_renewed_by_its_refresh_token() {
    let caller = caller_with(&[("refresh_token", "old-refresh"), ("service_id", "22")]);
    let (asked, granted) = grant(&caller, &Grant::Renewal, &[token(100)]);
    let body = json!({"grant_type": "refresh_token", "refresh_token": "old-refresh"});
    assert_eq!(asked, [("/token/refresh".to_owned(), body)]);
    assert_eq!(granted.unwrap().credentials["access_token"], "new-access");
}

#[test]
fn an_application_of_the_shops_own_authorises_itself() {
    let by_self = json!({"code": "", "grant_type": "authorization_self", "shop_id": "463798"});
    let (asked, granted) = grant(&caller(), &Grant::Renewal, &[token(100)]);
    assert_eq!(asked, [("/token/create".to_owned(), by_self.clone())]);
    assert!(granted.is_ok());
    let ended = error(50001, "dop.token-generate-failed:token-expired", "生成token失败，token已过期");
    let (asked, granted) = grant(&caller_with(&[("refresh_token", "old")]), &Grant::Renewal, &[ended, token(100)]);
    assert_eq!(asked[1], ("/token/create".to_owned(), by_self), "after the refresh token has ended too");
    assert!(granted.is_ok());
}

#[test]
fn where_a_person_must_let_us_in_again_it_says_so() {
    let tool = |token: &str| caller_with(&[("service_id", "22"), ("refresh_token", token)]);
    let ended = error(50001, "dop.token-generate-failed:token-expired", "生成token失败，token已过期");
    for (caller, answers) in [(tool("old"), vec![ended]), (tool(""), vec![])] {
        let (_, granted) = grant(&caller, &Grant::Renewal, &answers);
        assert!(matches!(granted, Err(CallError::Credentials { field, .. }) if field == "refresh_token"));
    }
    let expired = error(50001, "dop.token-generate-failed:code-expired", "code已经失效");
    let (_, granted) = grant(&tool(""), &code("c", ""), &[expired]);
    assert!(matches!(granted, Err(CallError::Credentials { field, .. }) if field == "code"));
    let both = error(50002, "isv.business-failed:31012", "刷新token失败，有并发请求");
    let (_, granted) = grant(&tool("old"), &Grant::Renewal, &[both]);
    assert!(matches!(granted, Err(CallError::Transient { after_s: Some(5), .. })), "somebody else is at it");
    let (_, granted) = grant(&tool("old"), &Grant::Renewal, &[success(&json!({}))]);
    assert!(matches!(granted, Err(CallError::Transient { .. })), "a success without a token is none");
}
