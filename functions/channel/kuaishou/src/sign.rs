use huidan_exchange::{CallError, Credentials, sign};

/// How a call is signed; the name is itself part of what is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SignMethod {
    /// `HMAC_SHA256`: Base64, and the secret is both the key and the end of the text.
    HmacSha256,
    /// `MD5`: lower-case hex.
    Md5,
}

impl SignMethod {
    /// As the shop wants it; the one that the platform recommends where it does not say.
    pub(crate) fn of(credentials: &Credentials) -> Result<Self, CallError> {
        match credentials.optional("sign_method").unwrap_or("HMAC_SHA256") {
            "HMAC_SHA256" => Ok(Self::HmacSha256),
            "MD5" => Ok(Self::Md5),
            _ => Err(CallError::Credentials {
                field: "sign_method".to_owned(),
                detail: "应为 HMAC_SHA256 或 MD5 / must be HMAC_SHA256 or MD5".to_owned(),
            }),
        }
    }

    /// The name it is sent by.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::HmacSha256 => "HMAC_SHA256",
            Self::Md5 => "MD5",
        }
    }

    /// `sign` over all parameters but itself: raw values, sorted by name.
    pub(crate) fn sign(self, secret: &str, parameters: &[(&str, &str)]) -> String {
        let mut sorted = parameters.to_vec();
        sorted.sort_unstable();
        sorted.push(("signSecret", secret));
        let text = sorted.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&");
        match self {
            Self::HmacSha256 => sign::base64(&sign::hmac_sha256(secret.as_bytes(), &[text.as_bytes()])),
            Self::Md5 => sign::hex(&sign::md5(&[text.as_bytes()])),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signed(method: SignMethod) -> String {
        let parameters = [
            ("method", "open.order.cursor.list"),
            ("appkey", "ks123"),
            ("access_token", "tok"),
            ("version", "1"),
            ("timestamp", "1700000000000"),
            ("param", r#"{"cursor":"","pageSize":50}"#),
            ("signMethod", method.name()),
        ];
        method.sign("sigsecret", &parameters)
    }

    #[test]
    fn the_vectors_come_out() {
        assert_eq!(signed(SignMethod::HmacSha256), "o63T/J7q/TdFWEKm2huWkacF1LBd0bVGUzmg+PA4QhY=");
        assert_eq!(signed(SignMethod::Md5), "7b51c21d75f8216055af1622c8c5700f");
    }
}
