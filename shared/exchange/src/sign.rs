//! Digests and their spellings, and the one comparison that makes a [`Proof`].

use crate::Proof;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use md5::{Digest, Md5};
use sha1::Sha1;
use sha2::Sha256;
use subtle::ConstantTimeEq;

/// HMAC-SHA256 of the parts one after the other.
pub fn hmac_sha256(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    mac::<Hmac<Sha256>>(key, parts)
}

/// HMAC-MD5 of the parts one after the other.
pub fn hmac_md5(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    mac::<Hmac<Md5>>(key, parts)
}

/// HMAC-SHA1 of the parts one after the other.
pub fn hmac_sha1(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    mac::<Hmac<Sha1>>(key, parts)
}

/// MD5 of the parts one after the other.
pub fn md5(parts: &[&[u8]]) -> Vec<u8> {
    digest::<Md5>(parts)
}

/// SHA-1 of the parts one after the other.
pub fn sha1(parts: &[&[u8]]) -> Vec<u8> {
    digest::<Sha1>(parts)
}

/// SHA-256 of the parts one after the other.
pub fn sha256(parts: &[&[u8]]) -> Vec<u8> {
    digest::<Sha256>(parts)
}

/// Lower-case hex.
pub fn hex(bytes: &[u8]) -> String {
    hex::encode(bytes)
}

/// Upper-case hex.
pub fn upper_hex(bytes: &[u8]) -> String {
    hex::encode_upper(bytes)
}

/// Standard base64 with padding.
pub fn base64(bytes: &[u8]) -> String {
    STANDARD.encode(bytes)
}

/// Reads standard base64 with padding; `None` when it is none.
pub fn from_base64(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text).ok()
}

/// Names and values one after the other without any separator, sorted by name in byte order: the text that several
/// gateways sign, with a secret around it or as a key. Pairs without a name or without a value are left out.
pub fn sorted_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let mut kept: Vec<(&str, &str)> =
        pairs.into_iter().filter(|(name, value)| !name.is_empty() && !value.is_empty()).collect();
    kept.sort_unstable();
    kept.into_iter().flat_map(|(name, value)| [name, value]).collect()
}

/// Evidence when both texts are equal and not empty, compared in constant time.
///
/// Two empty texts are no evidence: an unset secret must never open anything.
pub fn same(expected: &str, given: &str) -> Option<Proof> {
    let equal = bool::from(expected.as_bytes().ct_eq(given.as_bytes()));
    (equal && !expected.is_empty()).then_some(Proof(()))
}

fn mac<M: Mac + KeyInit>(key: &[u8], parts: &[&[u8]]) -> Vec<u8> {
    // HMAC takes keys of every length; the error of `new_from_slice` cannot occur.
    let Ok(mut mac) = <M as KeyInit>::new_from_slice(key) else { return Vec::new() };
    for part in parts {
        mac.update(part);
    }
    mac.finalize().into_bytes().to_vec()
}

fn digest<D: Digest>(parts: &[&[u8]]) -> Vec<u8> {
    let mut digest = D::new();
    for part in parts {
        digest.update(part);
    }
    digest.finalize().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_digests_come_out() {
        assert_eq!(hex(&md5(&[b"a", b"bc"])), "900150983cd24fb0d6963f7d28e17f72");
        assert_eq!(hex(&sha1(&[b"abc"])), "a9993e364706816aba3e25717850c26c9cd0d89d");
        assert_eq!(
            base64(&hmac_sha256(b"hush", &[b"{\"id\":820982911946154508}"])),
            "qBvrsZF7RfB1iS6BX6IHqJTp5L911P7intnPeTPsH0I="
        );
    }

    #[test]
    fn pairs_are_sorted_by_name_and_joined_bare() {
        let pairs = [("v", "2.0"), ("app_key", "1"), ("Zeta", "z"), ("empty", ""), ("app", "0")];
        assert_eq!(sorted_pairs(pairs), "Zetazapp0app_key1v2.0");
    }

    #[test]
    fn an_unset_secret_opens_nothing() {
        assert!(same("", "").is_none());
        assert!(same("a", "b").is_none());
        assert!(same("a", "aa").is_none());
        assert!(same("abc", "abc").is_some());
    }
}
