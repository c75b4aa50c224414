//! Signatures of providers of notices.

use super::{RFC3986, mac, sha256_hex};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::Hmac;
use percent_encoding::utf8_percent_encode;
use sha1::Sha1;
use sha2::Sha256;
use std::collections::BTreeMap;

fn encode(text: &str) -> String {
    utf8_percent_encode(text, RFC3986).to_string()
}

/// Aliyun's RPC signature, version 1.0: HMAC-SHA1 over method and sorted parameters, `Signature` left out.
pub fn aliyun_rpc(method: &str, params: &BTreeMap<String, String>, secret: &str) -> String {
    let signed = params.iter().filter(|(name, _)| name.as_str() != "Signature");
    let joined =
        signed.map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect::<Vec<_>>().join("&");
    let text = format!("{method}&%2F&{}", encode(&joined));
    STANDARD.encode(mac::<Hmac<Sha1>>(format!("{secret}&").as_bytes(), text.as_bytes()))
}

/// A request that Aliyun's version 3 signs.
#[derive(Clone, Debug, Default)]
pub struct AliyunRequest {
    /// `GET` or `POST`.
    pub method: String,
    /// Query parameters, decoded.
    pub query: BTreeMap<String, String>,
    /// The signed headers: lower-case names and their values.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub body: Vec<u8>,
}

/// Aliyun's `ACS3-HMAC-SHA256` signature, hex.
pub fn aliyun_v3(request: &AliyunRequest, secret: &str) -> String {
    let query =
        request.query.iter().map(|(name, value)| format!("{}={}", encode(name), encode(value))).collect::<Vec<_>>();
    let headers: String = request.headers.iter().map(|(name, value)| format!("{name}:{}\n", value.trim())).collect();
    let names = request.headers.keys().cloned().collect::<Vec<_>>().join(";");
    let canonical =
        format!("{}\n/\n{}\n{headers}\n{names}\n{}", request.method, query.join("&"), sha256_hex(&request.body));
    let text = format!("ACS3-HMAC-SHA256\n{}", sha256_hex(canonical.as_bytes()));
    hex::encode(mac::<Hmac<Sha256>>(secret.as_bytes(), text.as_bytes()))
}

/// DingTalk's `sign`, not yet percent-encoded.
pub fn dingtalk(secret: &str, timestamp: &str) -> String {
    STANDARD.encode(mac::<Hmac<Sha256>>(secret.as_bytes(), format!("{timestamp}\n{secret}").as_bytes()))
}

/// Feishu's `sign`: the text is the key, and nothing is signed with it.
pub fn feishu(secret: &str, timestamp: &str) -> String {
    STANDARD.encode(mac::<Hmac<Sha256>>(format!("{timestamp}\n{secret}").as_bytes(), b""))
}

/// Standard Webhooks: one `v1,…` of `webhook-signature`. The secret is `whsec_` and Base64; `None` where it is not.
pub fn standard_webhook(secret: &str, id: &str, timestamp: &str, body: &[u8]) -> Option<String> {
    let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap_or(secret)).ok()?;
    let text = [format!("{id}.{timestamp}.").as_bytes(), body].concat();
    Some(format!("v1,{}", STANDARD.encode(mac::<Hmac<Sha256>>(&key, &text))))
}
