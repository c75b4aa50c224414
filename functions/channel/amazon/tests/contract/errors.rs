//! What errors become.

use crate::fake::error;
use crate::{ID, caller, with};
use channel_amazon::Amazon;
use huidan_channel::{Channel, Document};
use huidan_exchange::{CallError, Reply};
use huidan_testkit::{drive, reply};

fn fetched(answer: impl Fn() -> Reply) -> Result<Option<Document>, CallError> {
    drive(&caller(), |call| Amazon.fetch(call, ID), |_| answer())
}

#[test]
fn errors_say_what_to_do_next() {
    for (status, code, message, kind) in [
        (400, "InvalidInput", "Invalid order id", "rejected"),
        (403, "Unauthorized", "Access to requested resource is denied.", "credentials"),
        (403, "Unauthorized", "The access token you provided has expired.", "credentials"),
        (403, "MissingAuthenticationToken", "", "credentials"),
        (429, "QuotaExceeded", "You exceeded your quota for the requested resource.", "limited"),
        (400, "QuotaExceeded", "You exceeded your quota for the requested resource.", "limited"),
        (400, "InternalFailure", "", "transient"),
        (500, "InternalFailure", "", "transient"),
        (503, "ServiceUnavailable", "", "transient"),
        (200, "InvalidInput", "an error in a success", "rejected"),
    ] {
        let refused = fetched(|| error(status, code, message)).unwrap_err();
        assert_eq!(refused.kind(), kind, "{status} {code}: {refused:?}");
    }
    let said = fetched(|| error(400, "InvalidInput", "receiver 13800138000 unknown")).unwrap_err().to_string();
    assert!(!said.contains("13800138000"), "{said}");
    assert_eq!(fetched(|| error(404, "NotFound", "")), Ok(None));
}

#[test]
fn a_token_that_ended_is_told_apart_from_a_right_that_is_missing() {
    for (message, named) in [
        ("Access to requested resource is denied.", "client_id"),
        ("The access token you provided has expired.", "access_token"),
        ("The access token you provided is revoked, malformed or invalid.", "access_token"),
    ] {
        let refused = fetched(|| error(403, "Unauthorized", message));
        assert!(
            matches!(&refused, Err(CallError::Credentials { field, .. }) if field == named),
            "{message}: {refused:?}"
        );
    }
    let silent = fetched(|| reply(403, ""));
    assert!(matches!(silent, Err(CallError::Credentials { field, .. }) if field == "access_token"));
}

#[test]
fn a_credential_that_is_missing_is_named_and_nothing_is_sent() {
    let refused = drive(&with(&[("access_token", "two\nlines")]), |call| Amazon.fetch(call, ID), |_| panic!("sent"));
    assert!(matches!(refused, Err(CallError::Credentials { field, .. }) if field == "access_token"));
    let refused = drive(
        &with(&[("marketplace_ids", " , ")]),
        |call| Amazon.stock(call, &[crate::level("TEA-250", 1)]),
        |_| panic!("sent"),
    );
    assert!(matches!(refused, Err(CallError::Credentials { field, .. }) if field == "marketplace_ids"));
}
