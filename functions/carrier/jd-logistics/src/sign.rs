use huidan_exchange::{CallError, Credentials, sign};

/// What the account may set in `algorithm`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Algorithm {
    /// Upper-case hex of the MD5: the official sample's way, and ours where nothing is set.
    Md5Salt,
    /// Base64 of the HMAC with the secret as key.
    HmacMd5,
    /// The same with SHA-1.
    HmacSha1,
    /// The same with SHA-256.
    HmacSha256,
}

/// What is signed, beside the secret.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Signed<'a> {
    /// `access_token`.
    pub(crate) token: &'a str,
    /// `app_key`.
    pub(crate) key: &'a str,
    /// The path.
    pub(crate) path: &'a str,
    /// The body, byte by byte.
    pub(crate) body: &'a str,
    /// `timestamp`.
    pub(crate) timestamp: &'a str,
}

/// The version of the gateway's signature.
pub(crate) const VERSION: &str = "2.0";

impl Algorithm {
    /// As the account wants it.
    pub(crate) fn of(credentials: &Credentials) -> Result<Self, CallError> {
        match credentials.optional("algorithm").unwrap_or("md5-salt") {
            "md5-salt" => Ok(Self::Md5Salt),
            "HMacMD5" => Ok(Self::HmacMd5),
            "HMacSHA1" => Ok(Self::HmacSha1),
            "HMacSHA256" => Ok(Self::HmacSha256),
            _ => Err(CallError::Credentials {
                field: "algorithm".to_owned(),
                detail: "应为 md5-salt、HMacMD5、HMacSHA1 或 HMacSHA256 / must be one of these four".to_owned(),
            }),
        }
    }

    /// Its name on the wire.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Md5Salt => "md5-salt",
            Self::HmacMd5 => "HMacMD5",
            Self::HmacSha1 => "HMacSHA1",
            Self::HmacSha256 => "HMacSHA256",
        }
    }

    /// The signature over a text.
    pub(crate) fn digest(self, secret: &str, text: &str) -> String {
        let (key, text) = (secret.as_bytes(), &[text.as_bytes()]);
        match self {
            Self::Md5Salt => sign::upper_hex(&sign::md5(text)),
            Self::HmacMd5 => sign::base64(&sign::hmac_md5(key, text)),
            Self::HmacSha1 => sign::base64(&sign::hmac_sha1(key, text)),
            Self::HmacSha256 => sign::base64(&sign::hmac_sha256(key, text)),
        }
    }
}

impl Signed<'_> {
    /// The text that is signed: names and values in the gateway's order, the secret at both ends.
    pub(crate) fn text(self, secret: &str) -> String {
        let Self { token, key, path, body, timestamp } = self;
        format!(
            "{secret}access_token{token}app_key{key}method{path}param_json{body}timestamp{timestamp}v{VERSION}{secret}"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vectors_come_out() {
        huidan_testkit::vectors("tests/vectors.json", |vector| match vector.inputs.get("secret") {
            Some(secret) => Algorithm::HmacSha256.digest(secret, vector.input("text")),
            None => Algorithm::Md5Salt.digest("", vector.input("text")),
        });
    }

    #[test]
    fn the_text_is_the_one_of_the_vectors() {
        let signed = |body| {
            let signed = Signed {
                token: "tok",
                key: "key",
                path: "/ecap/v1/orders/create",
                body,
                timestamp: "2024-01-01 12:00:00",
            };
            signed.text("sec")
        };
        let digest = |algorithm: Algorithm, body| algorithm.digest("sec", &signed(body));
        assert_eq!(digest(Algorithm::Md5Salt, r#"[{"orderId":"1"}]"#), "D7FE170C71C36D98B860AA53C000813F");
        assert_eq!(digest(Algorithm::Md5Salt, r#"{"orderId":"1"}"#), "47523951AB78A1A36BD67233F3A8D736");
        let hmac = "TfwN1jMNnNs6p2eCIuWbtgtRSaskOemz0e/R/KQs3Oc=";
        assert_eq!(digest(Algorithm::HmacSha256, r#"{"orderId":"1"}"#), hmac);
    }

    #[test]
    fn another_name_of_an_algorithm_is_named() {
        let set = |value: &str| Credentials::new([("algorithm".to_owned(), value.to_owned())].into());
        assert_eq!(Algorithm::of(&Credentials::default()), Ok(Algorithm::Md5Salt));
        for algorithm in [Algorithm::Md5Salt, Algorithm::HmacMd5, Algorithm::HmacSha1, Algorithm::HmacSha256] {
            assert_eq!(Algorithm::of(&set(algorithm.name())), Ok(algorithm));
        }
        assert!(
            matches!(Algorithm::of(&set("sha1")), Err(CallError::Credentials { field, .. }) if field == "algorithm")
        );
    }
}
