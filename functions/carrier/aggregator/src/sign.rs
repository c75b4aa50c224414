//! How each service signs its pushes.

use huidan_exchange::sign::{base64, hex, hmac_sha256, sha256};
use unicode_normalization::UnicodeNormalization;

/// EasyPost: the whole value of the header. The secret counts in its decomposed form (NFKD).
pub(crate) fn easypost(secret: &str, body: &[u8]) -> String {
    let key: String = secret.nfkd().collect();
    format!("hmac-sha256-hex={}", hex(&hmac_sha256(key.as_bytes(), &[body])))
}

/// AfterShip.
pub(crate) fn aftership(secret: &str, body: &[u8]) -> String {
    base64(&hmac_sha256(secret.as_bytes(), &[body]))
}

/// 17TRACK: a plain digest over the body, a slash and the API key.
pub(crate) fn track17(key: &str, body: &[u8]) -> String {
    hex(&sha256(&[body, b"/", key.as_bytes()]))
}

/// TrackingMore signs the time alone, not the body.
pub(crate) fn trackingmore(secret: &str, timestamp: &str) -> String {
    hex(&hmac_sha256(secret.as_bytes(), &[timestamp.as_bytes()]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vectors_come_out() {
        huidan_testkit::vectors("tests/vectors.json", |vector| match vector.id.as_str() {
            "easypost" => easypost(vector.input("secret"), vector.input("body").as_bytes()),
            "aftership" => aftership(vector.input("secret"), vector.input("body").as_bytes()),
            "17track" => track17(vector.input("key"), vector.input("body").as_bytes()),
            "trackingmore" => trackingmore(vector.input("secret"), vector.input("timestamp")),
            other => panic!("nobody computes {other}"),
        });
    }

    #[test]
    fn one_secret_in_two_spellings_signs_alike() {
        assert_eq!(easypost("s\u{e9}cret", b"x"), easypost("se\u{301}cret", b"x"));
        assert_ne!(easypost("secret", b"x"), easypost("se\u{301}cret", b"x"));
    }
}
