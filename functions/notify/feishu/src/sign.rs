use huidan_exchange::sign::{base64, hmac_sha256};

/// The signature: time and secret are the key, and nothing is the text.
pub fn sign(secret: &str, timestamp_s: &str) -> String {
    base64(&hmac_sha256(format!("{timestamp_s}\n{secret}").as_bytes(), &[]))
}
