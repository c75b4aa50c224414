use huidan_exchange::sign::{base64, from_base64, hmac_sha256};

/// A secret that is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoKey;

/// One entry of `webhook-signature`: over the id, the time in seconds and the body, byte by byte.
///
/// # Errors
/// [`NoKey`] where the secret is not base64, with or without `whsec_` before it.
pub fn sign(secret: &str, id: &str, timestamp_s: &str, body: &[u8]) -> Result<String, NoKey> {
    let key =
        from_base64(secret.strip_prefix("whsec_").unwrap_or(secret)).filter(|key| !key.is_empty()).ok_or(NoKey)?;
    let parts: [&[u8]; 5] = [id.as_bytes(), b".", timestamp_s.as_bytes(), b".", body];
    Ok(format!("v1,{}", base64(&hmac_sha256(&key, &parts))))
}
