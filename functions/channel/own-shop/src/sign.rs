//! The signature of both directions: who says what when.

use huidan_exchange::sign::{hex, hmac_sha256};

/// Header of the time, in seconds since 1970.
pub(crate) const TIMESTAMP: &str = "huidan-timestamp";
/// Header of the text that is new for every message.
pub(crate) const NONCE: &str = "huidan-nonce";
/// Header of the signature.
pub(crate) const SIGNATURE: &str = "huidan-signature";

/// `v1=` and HMAC-SHA256 over `timestamp.nonce.` and then `said`, in lower-case hex.
pub(crate) fn signature(secret: &str, timestamp: &str, nonce: &str, said: &[&[u8]]) -> String {
    let mut parts: Vec<&[u8]> = vec![timestamp.as_bytes(), b".", nonce.as_bytes(), b"."];
    parts.extend(said);
    format!("v1={}", hex(&hmac_sha256(secret.as_bytes(), &parts)))
}

/// 8 to 64 of `A-Z a-z 0-9 - _`: nothing in which a dot could move from one part of the signed text to another.
pub(crate) fn is_nonce(text: &str) -> bool {
    (8..=64).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_'))
}
