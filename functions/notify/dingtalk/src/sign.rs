use huidan_exchange::sign::{base64, hmac_sha256};

/// What stands behind `sign=`, before it is encoded for an address: the secret is the key, and stands in the text too.
pub fn sign(secret: &str, timestamp_ms: &str) -> String {
    base64(&hmac_sha256(secret.as_bytes(), &[timestamp_ms.as_bytes(), b"\n", secret.as_bytes()]))
}
