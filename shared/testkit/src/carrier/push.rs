use crate::golden;
use bytes::Bytes;
use huidan_carrier::{Carrier, Scan, ScanKind};
use huidan_domain::Millis;
use huidan_exchange::{Account, Credentials, Refusal, Said, Unverified, Webhook, pairs};
use std::path::Path;

/// A push as it comes over the wire.
#[derive(Debug, Clone, Default)]
pub struct Push {
    /// The secret at the end of its path, where the carrier signs nothing.
    pub secret: Option<String>,
    /// `Content-Type`.
    pub content_type: &'static str,
    /// The body.
    pub body: Vec<u8>,
    /// What follows the `?` of the address; empty where nothing does.
    pub query: String,
    /// Further headers by their names in small letters, such as a signature.
    pub headers: Vec<(&'static str, String)>,
}

impl Push {
    /// A push with a JSON body.
    pub fn json(body: impl Into<Vec<u8>>) -> Self {
        Self { content_type: "application/json;charset=utf-8", body: body.into(), ..Self::default() }
    }

    /// A push with a form.
    pub fn form<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let body = pairs::to_form(pairs).into_bytes();
        Self { content_type: "application/x-www-form-urlencoded;charset=utf-8", body, ..Self::default() }
    }

    /// With the secret at the end of its path.
    #[must_use]
    pub fn with_secret(self, secret: &str) -> Self {
        Self { secret: Some(secret.to_owned()), ..self }
    }

    /// With a further header.
    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    fn hook(&self) -> Webhook<Unverified> {
        let mark = if self.query.is_empty() { "" } else { "?" };
        let path = format!("/track/carrier/account{mark}{}", self.query);
        Webhook::new(path, self.headers(), Bytes::from(self.body.clone()))
    }

    fn headers(&self) -> http::HeaderMap {
        let mut headers = http::HeaderMap::new();
        headers.insert("content-type", http::HeaderValue::from_static(self.content_type));
        for (name, value) in &self.headers {
            headers.insert(*name, http::HeaderValue::from_str(value).expect("a header's value"));
        }
        headers
    }

    fn with_body(&self, body: impl Into<Vec<u8>>) -> Self {
        Self { body: body.into(), ..self.clone() }
    }
}

fn take(carrier: &impl Carrier, account: &Account, push: &Push) -> Result<Result<Vec<Scan>, String>, Refusal> {
    let proven = carrier.verify(push.hook(), account, push.secret.as_deref(), Millis(0))?;
    Ok(carrier.read(&proven))
}

/// The documented push is proven and read as the golden file says.
///
/// # Panics
/// When it is not.
pub fn reads_push(carrier: &impl Carrier, account: &Account, push: &Push, file: impl AsRef<Path>) {
    let scans = take(carrier, account, push).expect("the push is proven").expect("the push is read");
    golden::golden_json(file, &scans);
}

/// A push that anybody could have sent is not proven: without the secret, with a wrong one, signed with something else,
/// or sent to an account that has no secret at all. A body cut at any byte is refused or unreadable, never half read.
///
/// # Panics
/// When one gets through.
pub fn refuses_forged_pushes(carrier: &impl Carrier, account: &Account, push: &Push) {
    let bare = Account { credentials: Credentials::default(), ..account.clone() };
    assert!(take(carrier, &bare, push).is_err(), "an account without a secret takes nothing");
    assert!(take(carrier, &bare, &Push { secret: Some(String::new()), ..push.clone() }).is_err());
    if carrier.manifest().secret_path {
        for secret in [None, Some(String::new()), Some("guess".into()), push.secret.as_ref().map(|s| s[1..].to_owned())]
        {
            assert!(take(carrier, account, &Push { secret, ..push.clone() }).is_err(), "a wrong secret gets through");
        }
    } else {
        for at in 0..push.body.len() {
            let mut forged = push.body.clone();
            forged[at] ^= 1;
            let taken = take(carrier, account, &push.with_body(forged));
            let same = take(carrier, account, push);
            assert!(taken.is_err() || taken == same, "a changed byte {at} gets through");
        }
        if !(push.headers.is_empty() && push.query.is_empty()) {
            let bare = Push { headers: Vec::new(), query: String::new(), ..push.clone() };
            assert!(take(carrier, account, &bare).is_err(), "a push without its signature gets through");
        }
    }
    let whole = take(carrier, account, push);
    for cut in 0..push.body.len() {
        let taken = take(carrier, account, &push.with_body(&push.body[..cut]));
        // What no signature covers may be missing, if all that is covered is there.
        let signed_part_whole = !carrier.manifest().secret_path && taken == whole;
        assert!(!matches!(taken, Ok(Ok(_))) || signed_part_whole, "a push cut at byte {cut} is read");
    }
}

/// A carrier that pushes nothing proves nothing.
///
/// # Panics
/// When something is proven.
pub fn refuses_every_push(carrier: &impl Carrier, account: &Account) {
    for secret in [None, Some(String::new()), Some("secret".to_owned())] {
        for body in ["", "{}", "a=b"] {
            let push = Push { secret: secret.clone(), ..Push::json(body) };
            assert!(take(carrier, account, &push).is_err());
        }
    }
}

/// Every code of a push is read as the table says; one that nobody knows is kept and changes nothing.
/// `push` makes a push of one event with that code.
///
/// # Panics
/// When one is read otherwise, or an unknown one is lost.
pub fn keeps_unknown_codes(
    carrier: &impl Carrier,
    account: &Account,
    table: &[(&str, ScanKind)],
    push: impl Fn(&str) -> Push,
) {
    for (code, kind) in table.iter().chain(&[("9Q7", ScanKind::Other)]) {
        let scans = take(carrier, account, &push(code)).expect("the push is proven").expect("the push is read");
        let read: Vec<(&str, ScanKind)> = scans.iter().map(|scan| (scan.code.as_str(), scan.kind)).collect();
        assert_eq!(read, [(*code, *kind)]);
    }
}

/// The answer to `said` in the form of `push` is this status and exactly this body.
///
/// # Panics
/// When it is another.
pub fn acknowledges(carrier: &impl Carrier, push: &Push, said: &Said, status: u16, body: &str) {
    let answer = carrier.answer(said, &push.headers());
    let seen = (answer.status().as_u16(), String::from_utf8_lossy(answer.body()).into_owned());
    assert_eq!(seen, (status, body.to_owned()), "to {said:?}");
}

/// What is on disk is acknowledged with status 200 and exactly these bytes, and what is not is told by a status that is
/// no success and by other bytes: the carrier must push it again.
///
/// # Panics
/// When something else is said.
pub fn acknowledges_exactly(carrier: &impl Carrier, push: &Push, content_type: &str, body: &str) {
    let answer = |said: &Said| carrier.answer(said, &push.headers());
    let stored = answer(&Said::Stored);
    assert_eq!((stored.status().as_u16(), String::from_utf8_lossy(stored.body()).as_ref()), (200, body));
    let kind = stored.headers().get("content-type").and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    assert!(kind.starts_with(content_type), "{kind} is not {content_type}");
    let not_taken = [
        Said::Refused(Refusal::Signature),
        Said::Refused(Refusal::Stale),
        Said::Refused(Refusal::UnknownAccount),
        Said::Malformed("traces[0].time: is no time".into()),
        Said::TooLarge,
        Said::Busy,
    ];
    for said in not_taken {
        let answer = answer(&said);
        assert!(!answer.status().is_success(), "{said:?} is called a success");
        assert_ne!(answer.body(), stored.body(), "{said:?} is acknowledged like what was stored");
    }
}
