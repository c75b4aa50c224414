//! Being let into a shop, and new tokens.

use crate::{caller, with};
use channel_amazon::Amazon;
use huidan_channel::{Channel, Grant, Granted};
use huidan_exchange::{CallError, pairs};
use huidan_testkit::channel as kit;
use huidan_testkit::{drive, reply};

const BACK_TO: &str = "https://hub.example/oauth/amazon/callback";
const TOKEN: &str = r#"{"access_token":"Atza|new","token_type":"bearer","expires_in":3600,"refresh_token":"Atzr|new"}"#;

fn code() -> Grant {
    kit::code("ANspapi+1", BACK_TO)
}

fn granted(by: &Grant, status: u16, body: &'static str) -> (Result<Granted, CallError>, Vec<u8>) {
    let mut asked = Vec::new();
    let granted = drive(
        &caller(),
        |call| Amazon.grant(call, by),
        |request| {
            assert_eq!(request.uri(), "https://lwa.example/auth/o2/token");
            asked = request.body().to_vec();
            reply(status, body)
        },
    );
    (granted, asked)
}

#[test]
fn a_person_is_sent_to_seller_central_with_our_state() {
    let page = Amazon.grant_page(&caller().account, "state-1", BACK_TO).unwrap().unwrap();
    let (address, query) = page.split_once('?').unwrap();
    assert_eq!(address, "https://seller.example/apps/authorize/consent");
    let get = |name: &str| pairs::from_form(query.as_bytes(), name);
    assert_eq!(get("application_id").unwrap(), "amzn1.sp.solution.example");
    assert_eq!((get("state").unwrap(), get("redirect_uri").unwrap()), ("state-1".into(), BACK_TO.into()));
    assert_eq!(get("version"), None);
    let draft = Amazon.grant_page(&with(&[("application_version", "beta")]).account, "s", BACK_TO).unwrap().unwrap();
    assert!(draft.ends_with("version=beta"));
    let private = Amazon.grant_page(&with(&[("application_id", "")]).account, "s", BACK_TO);
    assert!(matches!(private, Err(CallError::Credentials { field, .. }) if field == "application_id"));
}

#[test]
fn a_code_and_a_refresh_token_become_tokens() {
    for (by, kind, name, value) in [
        (code(), "authorization_code", "code", "ANspapi+1"),
        (Grant::Renewal, "refresh_token", "refresh_token", "Atzr|refresh"),
    ] {
        let (granted, asked) = granted(&by, 200, TOKEN);
        let granted = granted.unwrap();
        assert_eq!(granted.lives_s, Some(3600));
        assert_eq!(granted.credentials["access_token"], "Atza|new");
        assert_eq!(granted.credentials["refresh_token"], "Atzr|new");
        let get = |name: &str| pairs::from_form(&asked, name).unwrap();
        assert_eq!((get("grant_type").as_str(), get(name).as_str()), (kind, value));
        assert_eq!(get("client_secret"), "amzn1.oa2-cs.v1.example");
    }
    let with = |id: &str| {
        let more =
            [("selling_partner_id", id), ("mws_auth_token", "x")].map(|(name, value)| (name.into(), value.into()));
        let by = Grant::Code { code: "ANspapi+1".into(), back_to: BACK_TO.into(), more: more.into() };
        granted(&by, 200, TOKEN).0.unwrap().credentials
    };
    assert_eq!(with("A3EXAMPLE").get("seller_id").map(String::as_str), Some("A3EXAMPLE"), "the page says who sells");
    assert!(!with("A3/../x?").contains_key("seller_id") && !with("").contains_key("seller_id"));
    assert!(!with("A3EXAMPLE").contains_key("mws_auth_token"));
    let (kept, _) = granted(&Grant::Renewal, 200, r#"{"access_token":"Atza|new","expires_in":3600}"#);
    assert!(!kept.unwrap().credentials.contains_key("refresh_token"), "the old one goes on");
}

#[test]
fn refusals_name_what_to_mend() {
    for (by, status, word, field) in [
        (Grant::Renewal, 400, r#"{"error":"invalid_grant","error_description":"revoked"}"#, "refresh_token"),
        (Grant::Renewal, 401, r#"{"error":"invalid_client","error_description":"no"}"#, "client_secret"),
        (code(), 400, r#"{"error":"invalid_grant","error_description":"used"}"#, "client_id"),
    ] {
        let (refused, _) = granted(&by, status, word);
        assert!(matches!(&refused, Err(CallError::Credentials { field: named, .. }) if named == field), "{refused:?}");
    }
    let (limited, _) = granted(&Grant::Renewal, 429, "");
    assert!(matches!(limited, Err(CallError::Limited { .. })));
}

#[test]
fn a_lost_answer_is_unknown_for_a_code_and_harmless_for_a_refresh_token() {
    for body in ["", "{}", "null", "<html>", r#"{"access_token":null}"#, r#"{"access_token":"x""#] {
        assert!(matches!(granted(&code(), 200, body).0, Err(CallError::Unknown { .. })), "{body}");
        assert!(matches!(granted(&Grant::Renewal, 200, body).0, Err(CallError::Transient { .. })), "{body}");
    }
}
