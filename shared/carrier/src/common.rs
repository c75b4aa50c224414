//! What every adapter of a carrier would otherwise write again. Nothing here is one carrier's own.

use crate::{Parcel, Tracked};
use bytes::Bytes;
use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderValue};
use huidan_domain::Receiver;
use huidan_exchange::json::{Json, Object, Wrong};
use huidan_exchange::{Call, CallError, Credentials, Next, Reply, Request, Said};
use serde_json::value::RawValue;

/// Rejects a receiver whom nobody can read: encrypted by a platform, or masked.
///
/// # Errors
/// `encrypted_receiver` or `receiver_masked`.
pub fn in_clear(to: &Receiver) -> Result<(), CallError> {
    let rejected =
        |code: &str, remedy: &str| Err(CallError::Rejected { code: code.to_owned(), remedy: remedy.to_owned() });
    if to.token.is_some() {
        return rejected(
            "encrypted_receiver",
            "收件人由平台加密，承运商的直连接口打不开，请改用订单所在平台的电子面单 / the platform encrypts this receiver and \
             the carrier cannot open it: use the waybill service of the order's own platform",
        );
    }
    if [&to.name, &to.phone, &to.street].iter().any(|text| text.contains('*')) {
        return rejected(
            "receiver_masked",
            "收件人是掩码，请重新拉取订单，或改用订单所在平台的电子面单 / the receiver is masked: fetch the order again, or use \
             the waybill service of its own platform",
        );
    }
    Ok(())
}

/// What an error must not repeat of a parcel, for [`huidan_exchange::redact`].
pub fn private(parcel: &Parcel) -> [&str; 7] {
    let (to, from) = (&parcel.receiver, &parcel.sender);
    let token = to.token.as_deref().unwrap_or_default();
    [&to.name, &to.phone, &to.street, token, &from.name, &from.phone, &from.street]
}

/// Whether this is a mobile number of China, written without anything around it.
pub fn is_mobile(phone: &str) -> bool {
    phone.len() == 11 && phone.starts_with('1') && phone.bytes().all(|byte| byte.is_ascii_digit())
}

/// The goods of a parcel as names of at most `longest` characters and counts, at most `most` of them; never none.
pub fn goods(parcel: &Parcel, most: usize, longest: usize) -> Vec<(String, u32)> {
    let named = |title: &str| title.chars().take(longest).collect::<String>();
    let listed: Vec<(String, u32)> =
        parcel.items.iter().take(most).map(|item| (named(&item.title), item.qty)).collect();
    if listed.is_empty() { vec![("商品".to_owned(), 1)] } else { listed }
}

/// A setting that is a whole number; `None` where it is not set.
///
/// # Errors
/// [`CallError::Credentials`] naming the field where it is set to something else.
pub fn number<T: std::str::FromStr>(account: &Credentials, field: &str) -> Result<Option<T>, CallError> {
    let Some(text) = account.optional(field) else { return Ok(None) };
    text.trim().parse().map(Some).map_err(|_| CallError::Credentials {
        field: field.to_owned(),
        detail: "应为数字 / must be a number".to_owned(),
    })
}

/// Whether a refused booking says that this very order was made before. A claim is used once, so its number was taken and
/// only the answer was lost: the outcome is open, and no further number may be taken for it.
pub fn repeated(words: &str) -> bool {
    ["重复", "已存在", "已下单", "已经下单"].iter().any(|said| words.contains(said))
}

/// Kilograms as a JSON number with exactly the digits that the grams have; `None` where the weight is not known.
pub fn kilograms(grams: u32) -> Option<Box<RawValue>> {
    let text = format!("{}.{:03}", grams / 1000, grams % 1000);
    (grams > 0).then(|| RawValue::from_string(text).ok()).flatten()
}

/// The body of a message that is about to be signed and sent.
///
/// # Errors
/// `unwritable` where it cannot be written as JSON, which does not happen.
pub fn written(message: &impl serde::Serialize) -> Result<String, CallError> {
    serde_json::to_string(message).map_err(|_| CallError::Rejected {
        code: "unwritable".to_owned(),
        remedy: "报文无法生成 / unwritable".to_owned(),
    })
}

/// An operation that a carrier has not: a rejection, so that nobody tries again.
pub fn unsupported(operation: &str) -> CallError {
    CallError::Rejected {
        code: format!("{operation}_unsupported"),
        remedy:
            "这家承运商的接口没有这项功能，请到它自己的后台办理 / this carrier's interface cannot do that: use its own \
                 pages"
                .to_owned(),
    }
}

/// Asks about one parcel after the other, where a carrier takes one number per question, and gathers what the answers
/// say. The first error ends it, so that a limit is not run into again and again.
///
/// # Errors
/// What `ask` and `read` say.
pub fn one_by_one<T>(
    call: &Call<'_>,
    parcels: &[Tracked],
    ask: impl Fn(&Tracked) -> Result<Request, CallError>,
    read: impl Fn(&Tracked, &Reply) -> Result<Vec<T>, CallError>,
) -> Result<Next<Vec<T>>, CallError> {
    let mut read_so_far = Vec::new();
    for (parcel, reply) in parcels.iter().zip(call.replies) {
        read_so_far.extend(read(parcel, reply)?);
    }
    match parcels.get(call.replies.len()) {
        Some(next) => ask(next).map(Next::Send),
        None => Ok(Next::Done(read_so_far)),
    }
}

/// Words or a number, whichever the carrier wrote; empty where it wrote nothing.
///
/// # Errors
/// [`Wrong`] where it wrote something else.
pub fn words(object: &Object<'_>, name: &str) -> Result<String, Wrong> {
    let Some(value) = object.get(name) else { return Ok(String::new()) };
    if value.raw().starts_with('"') { value.text() } else { value.id() }
}

/// True or false, also where it is written as a string; `None` where it is not written.
///
/// # Errors
/// [`Wrong`] where it is neither.
pub fn truth(object: &Object<'_>, name: &str) -> Result<Option<bool>, Wrong> {
    let Some(value) = object.get(name) else { return Ok(None) };
    match value.raw().trim_matches('"').to_ascii_lowercase().as_str() {
        "true" => Ok(Some(true)),
        "false" => Ok(Some(false)),
        _ => Err(value.wrong("is neither true nor false")),
    }
}

/// The JSON text of a value that stands there as it is, or inside a string.
///
/// # Errors
/// [`Wrong`] where the string is none.
pub fn unwrapped(value: &Json<'_>) -> Result<String, Wrong> {
    if value.raw().starts_with('"') { value.text() } else { Ok(value.raw().to_owned()) }
}

/// The answer to a push: what is stored is acknowledged with status 200 and the carrier's own words, what is not is told
/// by a status that is no success and `refused`, so that it is pushed again.
pub fn acknowledged(said: &Said, kind: &'static str, stored: &'static str, refused: &'static str) -> Reply {
    let (status, body) = match said {
        Said::Stored => (StatusCode::OK, stored),
        Said::Refused(_) => (StatusCode::UNAUTHORIZED, refused),
        Said::Malformed(_) => (StatusCode::BAD_REQUEST, refused),
        Said::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, refused),
        Said::Busy => (StatusCode::SERVICE_UNAVAILABLE, refused),
    };
    let mut reply = Reply::new(Bytes::from_static(body.as_bytes()));
    *reply.status_mut() = status;
    reply.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    reply
}

/// What every answer of that kind is sent as.
pub const JSON: &str = "application/json;charset=utf-8";

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test's report")]

    use super::*;

    #[test]
    fn grams_become_kilograms_digit_by_digit() {
        for (grams, text) in [(1, "0.001"), (300, "0.300"), (1500, "1.500"), (u32::MAX, "4294967.295")] {
            assert_eq!(kilograms(grams).unwrap().get(), text);
        }
        assert!(kilograms(0).is_none(), "an unknown weight is not told");
    }

    #[test]
    fn only_a_mobile_number_is_called_one() {
        assert!(is_mobile("13800138000"));
        for other in ["0571-88888888", "+8613800138000", "1380013800", "138001380001", ""] {
            assert!(!is_mobile(other), "{other}");
        }
    }

    #[test]
    fn truth_is_read_in_both_spellings_and_never_guessed() {
        let document = Json::parse(br#"{"a":"true","b":false,"c":"TRUE","d":"yes","e":null}"#).unwrap();
        let object = document.object().unwrap();
        let read = |name| truth(&object, name);
        assert_eq!(
            [read("a"), read("b"), read("c"), read("e"), read("f")],
            [Ok(Some(true)), Ok(Some(false)), Ok(Some(true)), Ok(None), Ok(None)]
        );
        assert!(read("d").is_err());
    }
}
