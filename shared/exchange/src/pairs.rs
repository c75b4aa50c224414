//! Form bodies (`application/x-www-form-urlencoded`), as several gateways and pushes want them.

use crate::{CallError, Request};
use bytes::Bytes;

/// Names and values as a form body: space as `+`, everything but letters, digits and `*-._` as upper-case `%XX`.
pub fn to_form<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// One text in the same spelling (what Java calls `URLEncoder.encode`).
pub fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// The value of a field of a form body, decoded; the first where it stands twice, `None` where it is missing.
pub fn from_form(body: &[u8], name: &str) -> Option<String> {
    form_urlencoded::parse(body).find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// A `POST` of a form to `url`.
///
/// # Errors
/// [`CallError::Credentials`] on `base_url` when the account's address is no address.
pub fn post_form<'a>(url: &str, pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Result<Request, CallError> {
    http::Request::post(url)
        .header(http::header::CONTENT_TYPE, "application/x-www-form-urlencoded;charset=utf-8")
        .body(Bytes::from(to_form(pairs)))
        .map_err(|_| CallError::Credentials {
            field: "base_url".to_owned(),
            detail: "网关地址不是有效的网址 / the gateway's address is no address".to_owned(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spelling_is_that_of_java() {
        assert_eq!(encoded("a b+c~*é顺"), "a+b%2Bc%7E*%C3%A9%E9%A1%BA");
    }

    #[test]
    fn what_was_written_is_read_back() {
        let body = to_form([("a", "1&2"), ("content", "<x y=\"顺丰 1\"/>")]);
        assert_eq!(from_form(body.as_bytes(), "content").unwrap(), "<x y=\"顺丰 1\"/>");
        assert_eq!(from_form(body.as_bytes(), "a").unwrap(), "1&2");
        assert_eq!(from_form(body.as_bytes(), "b"), None);
    }

    #[test]
    fn an_address_that_is_none_names_the_setting() {
        let refused = post_form("not an address", [("a", "b")]);
        assert!(matches!(refused, Err(CallError::Credentials { field, .. }) if field == "base_url"));
    }
}
