//! How a call of the gateway is signed; the message service signs in the same way.

use huidan_exchange::{CallError, Credentials, sign};

/// How a call is signed; the name is itself part of what is signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignMethod {
    /// `md5`: the secret stands before and after the text.
    Md5,
    /// `hmac`: HMAC-MD5.
    Hmac,
    /// `hmac-sha256`.
    HmacSha256,
}

impl SignMethod {
    /// As the account's `sign_method` wants it; the one with published vectors where it does not say.
    ///
    /// # Errors
    /// It names another way.
    pub fn of(credentials: &Credentials) -> Result<Self, CallError> {
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
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Md5 => "md5",
            Self::Hmac => "hmac",
            Self::HmacSha256 => "hmac-sha256",
        }
    }

    /// `sign` over all parameters but itself.
    pub fn sign<'a>(self, secret: &str, parameters: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
        let text = sign::sorted_pairs(parameters);
        let (secret, text) = (secret.as_bytes(), text.as_bytes());
        sign::upper_hex(&match self {
            Self::Md5 => sign::md5(&[secret, text, secret]),
            Self::Hmac => sign::hmac_md5(secret, &[text]),
            Self::HmacSha256 => sign::hmac_sha256(secret, &[text]),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: [(&str, &str); 8] = [
        ("method", "taobao.item.seller.get"),
        ("app_key", "12345678"),
        ("session", "test"),
        ("timestamp", "2016-01-01 12:00:00"),
        ("format", "json"),
        ("v", "2.0"),
        ("fields", "num_iid,title,nick,price,num"),
        ("num_iid", "11223344"),
    ];

    fn signed(method: SignMethod) -> String {
        method.sign("helloworld", FIRST.into_iter().chain([("sign_method", method.name())]))
    }

    #[test]
    fn the_vectors_come_out() {
        assert_eq!(signed(SignMethod::Md5), "66987CB115214E59E6EC978214934FB8", "published");
        assert_eq!(signed(SignMethod::Hmac), "D56D7858309C31B6251083A874D48273");
        assert_eq!(signed(SignMethod::HmacSha256), "04DB15AD0774D5CFCE2C837DE43E3FCEA9011ED74F3038FB6AB5F3C4CEA119E8");
    }

    #[test]
    fn the_second_published_vector_comes_out() {
        let parameters = [
            ("method", "taobao.user.seller.get"),
            ("timestamp", "2013-05-06 13:52:03"),
            ("format", "xml"),
            ("app_key", "test"),
            ("v", "2.0"),
            ("fields", "nick"),
            ("sign_method", "md5"),
            ("session", "test"),
        ];
        assert_eq!(SignMethod::Md5.sign("test", parameters), "72CB4D809B375A54502C09360D879C64");
    }

    #[test]
    fn the_message_service_signs_in_the_same_way() {
        let parameters = [("app_key", "12345678"), ("group_name", "default"), ("timestamp", "1700000000000")];
        assert_eq!(SignMethod::Md5.sign("testsecret", parameters), "6B5E1260E6547F4890B8BCB843549990");
    }
}
