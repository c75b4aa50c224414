//! Being let into a shop.

use crate::fake::{fields, no, yes};
use crate::{caller, credentials};
use channel_xiaohongshu::Xiaohongshu;
use huidan_channel::{Channel, Grant, Granted};
use huidan_exchange::{CallError, Credentials};
use huidan_testkit::channel as kit;
use huidan_testkit::{Caller, drive, reply, values};
use serde_json::{Value, json};

fn given(ends_at: i64) -> Value {
    yes(&json!({"accessToken": "token-new", "accessTokenExpiresAt": ends_at, "refreshToken": "refresh-new",
        "refreshTokenExpiresAt": ends_at + 604_800_000, "sellerId": "5f0c2d3e4b50001a2b3c4d5e", "sellerName": "汇单茶铺"}))
}

fn grant(caller: &Caller, by: &Grant, answer: &Value) -> Result<(Granted, Value), CallError> {
    let mut asked = Value::Null;
    let granted = drive(
        caller,
        |call| Xiaohongshu.grant(call, by),
        |request| {
            asked = fields(request);
            reply(200, answer.to_string())
        },
    );
    granted.map(|granted| (granted, asked))
}

fn code() -> Grant {
    kit::code("c-1", "https://hub.example/oauth/xiaohongshu/callback")
}

#[test]
fn a_code_becomes_a_token_and_the_shops_id() {
    let mut fresh = caller();
    let own = credentials().into_iter().filter(|(name, _)| name.starts_with("app_"));
    fresh.account.credentials = Credentials::new(own.collect());
    let (granted, asked) = grant(&fresh, &code(), &given(fresh.now.0 + 604_800_000)).unwrap();
    assert_eq!((&asked["method"], &asked["code"]), (&"oauth.getAccessToken".into(), &"c-1".into()));
    assert!(asked.get("accessToken").is_none());
    assert_eq!(granted.lives_s, Some(604_800));
    let set =
        [("access_token", "token-new"), ("refresh_token", "refresh-new"), ("seller_id", "5f0c2d3e4b50001a2b3c4d5e")];
    assert_eq!(granted.credentials, values(set));
}

#[test]
fn a_renewal_long_before_the_end_tells_what_is_left() {
    let caller = caller();
    let (granted, asked) = grant(&caller, &Grant::Renewal, &given(caller.now.0 + 90_500)).unwrap();
    assert_eq!((&asked["method"], &asked["refreshToken"]), (&"oauth.refreshToken".into(), &"refresh-9a8b7c6d".into()));
    assert_eq!(granted.lives_s, Some(90));
}

#[test]
fn another_shops_token_is_not_taken() {
    let caller = caller();
    let answer = given(caller.now.0 + 1000).to_string().replace("5f0c2d3e4b50001a2b3c4d5e", "another");
    let refused = grant(&caller, &code(), &serde_json::from_str(&answer).unwrap());
    assert!(matches!(refused, Err(CallError::Credentials { field, .. }) if field == "seller_id"));
}

#[test]
fn who_is_not_let_in_is_asked_again() {
    for words in ["refreshToken已过期", "授权码无效", "code 已被使用"] {
        let refused = grant(&caller(), &Grant::Renewal, &no(-5, words));
        assert!(matches!(refused, Err(CallError::Credentials { field, .. }) if field == "refresh_token"), "{words}");
    }
    let lost = grant(&caller(), &Grant::Renewal, &json!({"success": true, "error_code": 0}));
    assert!(matches!(lost, Err(CallError::Unknown { .. })), "it may have used the refresh token up");
    let mut bare = caller();
    bare.account.credentials = Credentials::default();
    let missing = grant(&bare, &Grant::Renewal, &Value::Null);
    assert!(matches!(missing, Err(CallError::Credentials { field, .. }) if field == "refresh_token"));
}

#[test]
fn the_page_is_the_shops_own_back_office() {
    let page = Xiaohongshu.grant_page(&caller().account, "s-1", "https://hub.example/oauth/xiaohongshu/callback");
    let address = "https://ark.xiaohongshu.com/ark/authorization?appId=testappid&redirectUri=https%3A%2F%2Fhub.example\
                   %2Foauth%2Fxiaohongshu%2Fcallback&state=s-1";
    assert_eq!(page, Ok(Some(address.to_owned())));
}
