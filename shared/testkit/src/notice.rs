//! The contract of a way to tell: what every adapter of that port must keep.

use crate::{Caller, drive};
use huidan_domain::Millis;
use huidan_exchange::{Account, Call, CallError, Credentials, Next, Reply, Request};
use huidan_notice::{Message, Notice, Reach, Repeat, Sent};
use std::collections::BTreeMap;

/// An adapter with an account and a message that can be sent.
#[derive(Debug)]
pub struct Subject<'a, N: Notice> {
    /// The adapter.
    pub notice: &'a N,
    /// An account with every credential set.
    pub caller: &'a Caller,
    /// A message with every field set.
    pub message: &'a Message,
}

/// A documented error: what the provider answers, and what that must become.
#[derive(Debug, Clone, Copy)]
pub struct Fault<'a> {
    /// The HTTP status.
    pub status: u16,
    /// The body.
    pub body: &'a str,
    /// [`CallError::kind`] of what it becomes.
    pub kind: &'static str,
    /// The code of a rejection or the field of a credential; empty for the other kinds.
    pub code: &'static str,
}

/// The account that adapters are tried with: at that gateway, with those credentials, on 2023-11-14T22:13:20Z.
pub fn caller(gateway: &str, base_url: Option<&str>, credentials: &[(&str, &str)]) -> Caller {
    let values: BTreeMap<String, String> =
        credentials.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Caller {
        account: Account {
            id: "n1".to_owned(),
            gateway: gateway.to_owned(),
            base_url: base_url.map(str::to_owned),
            origins: BTreeMap::new(),
            credentials: Credentials::new(values),
        },
        now: Millis(1_700_000_000_000),
    }
}

/// A message to fictional people, with every field set.
pub fn message() -> Message {
    Message {
        id: "01JDA7WZ3H8QKX5N2M4P6R8T0V".to_owned(),
        to: vec!["13800138000".to_owned()],
        title: "包裹停滞".to_owned(),
        text: "运单号: SF1234567890123\n小时: 48".to_owned(),
        code: "TEXT_1".to_owned(),
        values: BTreeMap::from([("number".to_owned(), "SF1234567890123".to_owned())]),
        payload: r#"{"type":"parcel.stalled","timestamp":"2023-11-14T22:13:20Z","data":{"number":"SF1"}}"#.to_owned(),
    }
}

fn run<N: Notice>(
    subject: &Subject<'_, N>,
    caller: &Caller,
    answer: impl FnMut(&Request) -> Reply,
) -> Result<Sent, CallError> {
    drive(caller, |call| subject.notice.send(call, subject.message), answer)
}

/// The manifest says what can be true of a way to tell.
///
/// # Panics
/// When it does not.
pub fn declares_itself(notice: &impl Notice) {
    let manifest = notice.manifest();
    let name = |text: &str| {
        !text.is_empty() && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    };
    assert!(name(manifest.id), "the id is a folder's name: {}", manifest.id);
    assert!(!manifest.zh.is_empty() && !manifest.en.is_empty(), "it has a name in both languages");
    for gateway in [manifest.gateway, manifest.sandbox] {
        let origin = gateway.strip_prefix("https://").is_some_and(|host| !host.contains('/'));
        assert!(gateway.is_empty() || origin, "{gateway} is an origin without a path");
    }
    let own = manifest.gateway.is_empty();
    assert_eq!(own, manifest.reach == Reach::System, "a program has an address of its own, a provider a gateway");
    assert!(manifest.repeat == Repeat::Never || manifest.reach != Reach::Phone, "nobody's phone rings twice by design");
    assert!(manifest.limits.iter().all(|limit| limit.calls > 0 && limit.per_s > 0), "a limit lets something through");
    for (index, field) in manifest.credentials.iter().enumerate() {
        assert!(!field.zh.is_empty() && !field.en.is_empty(), "{} is explained in both languages", field.name);
        let before = &manifest.credentials[..index];
        assert!(before.iter().all(|other| other.name != field.name), "{} stands twice", field.name);
    }
}

/// Without a needed credential nothing is sent, and the error names the field.
///
/// # Panics
/// When something is sent or another field is named.
pub fn names_missing_credentials<N: Notice>(subject: &Subject<'_, N>, values: &[(&str, &str)]) {
    for field in subject.notice.manifest().credentials.iter().filter(|field| field.needed) {
        let fewer: Vec<_> = values.iter().filter(|(name, _)| *name != field.name).copied().collect();
        assert_ne!(fewer.len(), values.len(), "the test's account has {}", field.name);
        let account = &subject.caller.account;
        let caller = caller(&account.gateway, account.base_url.as_deref(), &fewer);
        match run(subject, &caller, |_| panic!("a request went out without {}", field.name)) {
            Err(CallError::Credentials { field: named, .. }) => assert_eq!(named, field.name),
            other => panic!("without {}: {other:?}", field.name),
        }
    }
}

/// Sending with this answer succeeds after one request, which is handed back.
///
/// # Panics
/// When it fails, or asks more than once.
pub fn sends<N: Notice>(subject: &Subject<'_, N>, answer: &Reply, expected: &Sent) -> Request {
    let mut asked = Vec::new();
    let sent = run(subject, subject.caller, |request| {
        asked.push(request.clone());
        answer.clone()
    });
    assert_eq!(sent.as_ref(), Ok(expected));
    assert_eq!(asked.len(), 1, "one message is one request");
    asked.remove(0)
}

/// The same message says the same at another time and with another nonce. `words` takes what the message governs out of
/// a request: not its time, not its nonce, not its signature.
///
/// # Panics
/// When the repeat differs, or another message does not.
pub fn repeats_itself<N: Notice>(subject: &Subject<'_, N>, words: impl Fn(&Request) -> String) {
    let first = |message: &Message, at: i64, nonce: &str| {
        let now = Millis(subject.caller.now.0 + at);
        let call = Call { account: &subject.caller.account, now, nonce, replies: &[] };
        match subject.notice.send(&call, message) {
            Ok(Next::Send(request)) => words(&request),
            other => panic!("{other:?}"),
        }
    };
    let once = first(subject.message, 0, &"0".repeat(32));
    assert_eq!(once, first(subject.message, 3_600_000, &"f".repeat(32)), "the repeat says something else");
    let other = Message {
        id: "ZZZZZZZZZZZZZZZZZZZZZZZZZZ".to_owned(),
        text: "别的 / other".to_owned(),
        payload: "{}".to_owned(),
        ..subject.message.clone()
    };
    assert_ne!(once, first(&other, 0, &"0".repeat(32)), "another message says the same");
}

/// Every documented error becomes what it should, and repeats neither the recipient nor the secrets (`{echo}` in a body
/// stands for the recipient).
///
/// # Panics
/// When one does not, or does.
pub fn maps_errors<N: Notice>(subject: &Subject<'_, N>, secrets: &[&str], faults: &[Fault<'_>]) {
    let to = subject.message.to.join(",");
    for fault in faults {
        let answer = crate::reply(fault.status, fault.body.replace("{echo}", &to));
        let error = run(subject, subject.caller, |_| answer.clone());
        let error = error.err().unwrap_or_else(|| panic!("{fault:?} was taken for success"));
        assert_eq!(error.kind(), fault.kind, "{fault:?} became {error:?}");
        let code = match &error {
            CallError::Credentials { field, .. } => field.as_str(),
            CallError::Rejected { code, .. } => code.as_str(),
            CallError::Transient { .. } | CallError::Limited { .. } | CallError::Unknown { .. } => "",
        };
        assert_eq!(code, fault.code, "{fault:?} became {error:?}");
        let said = format!("{error} {error:?}");
        for secret in subject.message.to.iter().map(String::as_str).chain(secrets.iter().copied()) {
            assert!(!said.contains(secret), "{fault:?}: the error tells {secret:?}");
        }
    }
}

/// A good answer cut at any byte, or replaced by something that is none, is never taken for success, and leaves open
/// whether the message went out.
///
/// # Panics
/// When it is taken for success, or for a certain failure.
pub fn doubts_spoilt_answers<N: Notice>(subject: &Subject<'_, N>, good: &Reply) {
    let body = good.body();
    let mut spoilt: Vec<Vec<u8>> = (0..body.len()).map(|cut| body[..cut].to_vec()).collect();
    spoilt.extend([b"<html>502</html>".to_vec(), b"null".to_vec(), b"{}".to_vec(), b"[]".to_vec(), vec![0xff; 40]]);
    for answer in spoilt {
        let shown = answer.len();
        match run(subject, subject.caller, |_| crate::reply(200, answer.clone())) {
            Err(CallError::Unknown { .. }) => {}
            other => panic!("an answer of {shown} bytes that is none gave {other:?}"),
        }
    }
}

/// Neither the recipient nor a secret stands in an address or a header, where proxies and logs would keep it; but for
/// `needed`, which the provider wants there.
///
/// # Panics
/// When one does.
pub fn keeps_addresses_clean<N: Notice>(subject: &Subject<'_, N>, secrets: &[&str], answer: &Reply) {
    let request = match run(subject, subject.caller, |request| {
        let outside = format!("{} {:?}", request.uri(), request.headers());
        for secret in subject.message.to.iter().map(String::as_str).chain(secrets.iter().copied()) {
            assert!(!outside.contains(secret), "{secret:?} is shown: {outside}");
        }
        answer.clone()
    }) {
        Ok(sent) => format!("{sent:?}"),
        Err(error) => panic!("{error}"),
    };
    assert!(!request.is_empty());
}

/// A text longer than the provider takes is cut to what it takes. `text` takes it out of a request.
///
/// # Panics
/// When it is not.
pub fn keeps_to_its_length<N: Notice>(subject: &Subject<'_, N>, answer: &Reply, text: impl Fn(&Request) -> String) {
    let most = subject.notice.manifest().most_bytes;
    assert!(most > 0, "there is a limit");
    let long = Message { text: "件".repeat(most), ..subject.message.clone() };
    let subject = Subject { message: &long, ..*subject };
    let sent = text(&sends(&subject, answer, &Sent::default()));
    assert!(sent.len() <= most && sent.len() > most / 2, "{} bytes of {most}", sent.len());
}
