use huidan_exchange::{CallError, Credentials, pairs, sign};

/// `msgDigest`: base64 of the raw MD5 over message, timestamp and check word, URL-encoded first as the platform's own
/// sample does it. Some accounts are known to want it bare: the setting `digest` = `raw`.
pub(crate) fn digest(message: &str, timestamp: &str, credentials: &Credentials) -> Result<String, CallError> {
    let text = format!("{message}{timestamp}{}", credentials.need("checkword")?);
    let signed = match credentials.optional("digest").unwrap_or("encoded") {
        "encoded" => pairs::encoded(&text),
        "raw" => text,
        _ => {
            return Err(CallError::Credentials {
                field: "digest".to_owned(),
                detail: "应为 encoded 或 raw / must be encoded or raw".to_owned(),
            });
        }
    };
    Ok(sign::base64(&sign::md5(&[signed.as_bytes()])))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn digested(how: Option<&str>) -> Result<String, CallError> {
        let set = [("checkword", Some("testcheckword")), ("digest", how)];
        let values = set.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())));
        digest(r#"{"language":"zh-CN","orderId":"OMS-1"}"#, "1700000000000", &Credentials::new(values.collect()))
    }

    #[test]
    fn the_vectors_come_out() {
        for how in [None, Some("encoded")] {
            assert_eq!(digested(how).unwrap(), "FYW/m/vxbZBMM6bIeH7ULw==");
        }
        assert_eq!(digested(Some("raw")).unwrap(), "PST4H6m4vsbfDWXwdb7/Lg==");
    }

    #[test]
    fn another_spelling_of_the_setting_is_named() {
        assert!(matches!(digested(Some("hex")), Err(CallError::Credentials { field, .. }) if field == "digest"));
    }
}
