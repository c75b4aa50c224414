use huidan_exchange::{CallError, Credentials, sign};

/// How a call is signed; the name is itself part of what is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SignMethod {
    /// `md5`: the secret stands before and after the text.
    Md5,
    /// `hmac`: HMAC-MD5.
    Hmac,
    /// `hmac-sha256`.
    HmacSha256,
}

impl SignMethod {
    /// As the account wants it; the one with published vectors where it does not say.
    pub(crate) fn of(credentials: &Credentials) -> Result<Self, CallError> {
        match credentials.optional("sign_method").unwrap_or("md5") {
            "md5" => Ok(Self::Md5),
            "hmac" => Ok(Self::Hmac),
            "hmac-sha256" => Ok(Self::HmacSha256),
            _ => Err(CallError::Credentials {
                field: "sign_method".to_owned(),
                detail: "应为 md5、hmac 或 hmac-sha256 / must be md5, hmac or hmac-sha256".to_owned(),
            }),
        }
    }

    /// The name it is sent by.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Md5 => "md5",
            Self::Hmac => "hmac",
            Self::HmacSha256 => "hmac-sha256",
        }
    }

    /// `sign` over all parameters but itself.
    pub(crate) fn sign<'a>(self, secret: &str, parameters: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
        let text = sign::sorted_pairs(parameters);
        let (secret, text) = (secret.as_bytes(), text.as_bytes());
        sign::upper_hex(&match self {
            Self::Md5 => sign::md5(&[secret, text, secret]),
            Self::Hmac => sign::hmac_md5(secret, &[text]),
            Self::HmacSha256 => sign::hmac_sha256(secret, &[text]),
        })
    }
}

/// `data_digest` of the LINK gateway: base64 of the raw MD5 over the text and the secret.
pub(crate) fn link_digest(text: &str, secret: &str) -> String {
    sign::base64(&sign::md5(&[text.as_bytes(), secret.as_bytes()]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signed(method: SignMethod) -> String {
        let parameters = [
            ("method", "taobao.item.seller.get"),
            ("app_key", "12345678"),
            ("session", "test"),
            ("timestamp", "2016-01-01 12:00:00"),
            ("format", "json"),
            ("v", "2.0"),
            ("sign_method", method.name()),
            ("fields", "num_iid,title,nick,price,num"),
            ("num_iid", "11223344"),
        ];
        method.sign("helloworld", parameters)
    }

    #[test]
    fn the_vectors_of_the_gateway_come_out() {
        assert_eq!(signed(SignMethod::Md5), "66987CB115214E59E6EC978214934FB8", "published");
        assert_eq!(signed(SignMethod::Hmac), "D56D7858309C31B6251083A874D48273");
        assert_eq!(signed(SignMethod::HmacSha256), "04DB15AD0774D5CFCE2C837DE43E3FCEA9011ED74F3038FB6AB5F3C4CEA119E8");
    }

    #[test]
    fn the_trace_push_is_signed_over_its_text() {
        let text = r#"{"mailNo":"YT8800000000001","cpCode":"YTO","traces":[]}"#;
        assert_eq!(link_digest(text, "link-secret"), "ZLb1mHlb45QA9PNzrgB9dg==", "computed apart");
    }
}
