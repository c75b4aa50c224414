//! The contract of every way to tell, and what is this one's own.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test's report")]

use huidan_exchange::{CallError, Reply};
use huidan_notice::{GONE, Notice, Sent};
use huidan_testkit::notice::{self as contract, Subject, caller, message};
use huidan_testkit::{drive, golden, reply, vectors};
use notify_webhook_out::{NoKey, WebhookOut, sign};

const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
const OLD: &str = "whsec_b2xkLXNlY3JldC1vZi0yNC1ieXRlcw==";
const HOME: &str = "https://erp.example.com/hooks/huidan";

fn with<R>(credentials: &[(&str, &str)], check: impl FnOnce(&Subject<'_, WebhookOut>) -> R) -> R {
    let (caller, message) = (caller("", Some(HOME), credentials), message());
    check(&Subject { notice: &WebhookOut, caller: &caller, message: &message })
}

fn outcome(answer: &Reply) -> Result<Sent, CallError> {
    with(&[("secret", SECRET)], |subject| {
        drive(subject.caller, |call| WebhookOut.send(call, subject.message), |_| answer.clone())
    })
}

#[test]
fn the_published_signature_comes_out() {
    vectors("tests/vectors.json", |vector| {
        let body = vector.input("body").as_bytes();
        sign(vector.input("secret"), vector.input("id"), vector.input("timestamp"), body).unwrap()
    });
    assert_eq!(sign("whsec_", "a", "1", b""), Err(NoKey), "nothing is no key");
    assert_eq!(sign("whsec_%%%", "a", "1", b""), Err(NoKey));
}

#[test]
fn it_declares_itself_and_names_what_is_missing() {
    contract::declares_itself(&WebhookOut);
    with(&[("secret", SECRET)], |subject| contract::names_missing_credentials(subject, &[("secret", SECRET)]));
}

#[test]
fn an_event_is_one_request_signed_by_both_secrets_while_one_is_changed() {
    with(&[("secret", SECRET), ("old_secret", OLD)], |subject| {
        let request = contract::sends(subject, &reply(204, ""), &Sent::default());
        let header = |name: &str| request.headers()[name].to_str().unwrap().to_owned();
        let shown = ["webhook-id", "webhook-timestamp", "webhook-signature"].map(header).join("\n");
        let body = String::from_utf8_lossy(request.body()).into_owned();
        golden::golden("tests/golden/event.txt", &format!("{}\n{shown}\n{body}", request.uri()));
        contract::repeats_itself(subject, |request| {
            let id = request.headers()["webhook-id"].to_str().unwrap();
            format!("{id} {}", String::from_utf8_lossy(request.body()))
        });
        contract::keeps_addresses_clean(subject, &[SECRET, OLD], &reply(200, ""));
    });
}

#[test]
fn a_status_of_success_is_all_that_counts_and_gone_ends_it() {
    for status in [200, 201, 202, 204] {
        assert_eq!(outcome(&reply(status, "anything")), Ok(Sent::default()), "{status}");
    }
    for (status, kind) in [
        (301, "transient"),
        (400, "transient"),
        (401, "transient"),
        (404, "transient"),
        (429, "limited"),
        (500, "transient"),
        (503, "transient"),
    ] {
        assert_eq!(outcome(&reply(status, "")).map_err(|error| error.kind()), Err(kind), "{status}");
    }
    let gone = outcome(&reply(410, ""));
    assert!(matches!(&gone, Err(CallError::Rejected { code, .. }) if code == GONE), "{gone:?}");
}

#[test]
fn a_secret_that_is_none_names_itself() {
    let refused = with(&[("secret", "whsec_%%%")], |subject| {
        drive(subject.caller, |call| WebhookOut.send(call, subject.message), |_| panic!("sent"))
    });
    assert!(matches!(refused, Err(CallError::Credentials { field, .. }) if field == "secret"));
}
