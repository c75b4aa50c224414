//! How Aliyun's calls are signed. Parameters travel in a form, never in the address: a phone must not stand in logs.

use huidan_exchange::sign::{base64, hex, hmac_sha1, hmac_sha256, sha256};
use huidan_exchange::{Call, CallError, Request, pairs, time};
use huidan_notice::common::no_address;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use std::collections::BTreeMap;

/// What RFC 3986 leaves as it is.
const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
const FORM: &str = "application/x-www-form-urlencoded";
const ALGORITHM: &str = "ACS3-HMAC-SHA256";

/// An action with its parameters.
#[derive(Debug, Clone)]
pub struct Asked<'a> {
    /// Origin of the gateway.
    pub gateway: &'a str,
    /// The action.
    pub action: &'a str,
    /// The interface's version.
    pub version: &'a str,
    /// The action's own parameters.
    pub business: BTreeMap<&'a str, String>,
}

/// One text as RFC 3986 writes it.
pub fn encoded(text: &str) -> String {
    utf8_percent_encode(text, KEPT).to_string()
}

/// Names and values, sorted by name, as a query.
pub fn query<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let sorted: BTreeMap<&str, &str> = pairs.into_iter().collect();
    let written: Vec<String> =
        sorted.iter().map(|(name, value)| format!("{}={}", encoded(name), encoded(value))).collect();
    written.join("&")
}

/// The signature of version 1: HMAC-SHA1 over the method and every parameter.
pub fn sign_v1(method: &str, secret: &str, query: &str) -> String {
    let text = format!("{method}&%2F&{}", encoded(query));
    base64(&hmac_sha1(format!("{secret}&").as_bytes(), &[text.as_bytes()]))
}

/// The signature of version 3: HMAC-SHA256 over the canonical request, whose signed headers are given.
pub fn sign_v3(method: &str, secret: &str, query: &str, headers: &BTreeMap<&str, &str>, body: &[u8]) -> String {
    let lines: String = headers.iter().map(|(name, value)| format!("{name}:{}\n", value.trim())).collect();
    let names = headers.keys().copied().collect::<Vec<_>>().join(";");
    let canonical = format!("{method}\n/\n{query}\n{lines}\n{names}\n{}", hex(&sha256(&[body])));
    let text = format!("{ALGORITHM}\n{}", hex(&sha256(&[canonical.as_bytes()])));
    hex(&hmac_sha256(secret.as_bytes(), &[text.as_bytes()]))
}

/// A call signed with version 1.
///
/// # Errors
/// `Credentials` on the address when it is none.
pub fn v1(call: &Call<'_>, asked: &Asked<'_>, id: &str, secret: &str) -> Result<Request, CallError> {
    let at = time::to_rfc3339(call.now);
    let mut all: BTreeMap<&str, &str> = asked.business.iter().map(|(name, value)| (*name, value.as_str())).collect();
    all.extend([
        ("AccessKeyId", id),
        ("Action", asked.action),
        ("Format", "JSON"),
        ("SignatureMethod", "HMAC-SHA1"),
        ("SignatureNonce", call.nonce),
        ("SignatureVersion", "1.0"),
        ("Timestamp", &at),
        ("Version", asked.version),
    ]);
    let signature = sign_v1("POST", secret, &query(all.iter().map(|(name, value)| (*name, *value))));
    all.insert("Signature", &signature);
    pairs::post_form(&format!("{}/", asked.gateway), all)
}

/// A call signed with version 3.
///
/// # Errors
/// `Credentials` on the address when it is none.
pub fn v3(call: &Call<'_>, asked: &Asked<'_>, id: &str, secret: &str) -> Result<Request, CallError> {
    let body = pairs::to_form(asked.business.iter().map(|(name, value)| (*name, value.as_str())));
    let url: http::Uri = format!("{}/", asked.gateway).parse().map_err(|_| no_address())?;
    let host = url.authority().map(ToString::to_string).ok_or_else(no_address)?;
    let (at, hash) = (time::to_rfc3339(call.now), hex(&sha256(&[body.as_bytes()])));
    let headers = BTreeMap::from([
        ("content-type", FORM),
        ("host", host.as_str()),
        ("x-acs-action", asked.action),
        ("x-acs-content-sha256", &hash),
        ("x-acs-date", &at),
        ("x-acs-signature-nonce", call.nonce),
        ("x-acs-version", asked.version),
    ]);
    let signature = sign_v3("POST", secret, "", &headers, body.as_bytes());
    let names = headers.keys().copied().collect::<Vec<_>>().join(";");
    let proof = format!("{ALGORITHM} Credential={id},SignedHeaders={names},Signature={signature}");
    let mut request = http::Request::post(url).header("authorization", proof);
    for (name, value) in headers.iter().filter(|(name, _)| **name != "host") {
        request = request.header(*name, *value);
    }
    request.body(body.into()).map_err(|_| no_address())
}
