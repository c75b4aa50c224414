//! The signatures of the platforms, from their published descriptions. Written apart from the adapters on purpose:
//! a mistake that both made alike would otherwise go unseen.

mod express;
mod notice;

pub use express::{
    easypost, jd_logistics, jd_logistics_text, kdniao, kuaidi100, raw_md5, seventeen_track, trackingmore, yunda,
};
pub use notice::{AliyunRequest, aliyun_rpc, aliyun_v3, dingtalk, feishu, standard_webhook};

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use md5::{Digest, Md5};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::Sha256;
use std::collections::BTreeMap;

/// RFC 3986 unreserved characters stay; all else is encoded (OAuth 1.0a).
const RFC3986: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

fn mac<M: Mac + KeyInit>(key: &[u8], text: &[u8]) -> Vec<u8> {
    match <M as KeyInit>::new_from_slice(key) {
        Ok(mut mac) => {
            mac.update(text);
            mac.finalize().into_bytes().to_vec()
        }
        Err(_) => Vec::new(),
    }
}

fn hmac_sha256(key: &[u8], text: &[u8]) -> Vec<u8> {
    mac::<Hmac<Sha256>>(key, text)
}

fn hmac_md5(key: &[u8], text: &[u8]) -> Vec<u8> {
    mac::<Hmac<Md5>>(key, text)
}

/// TOP's `sign` for the `sign_method` named in the parameters themselves (`md5`, `hmac`, `hmac-sha256`); `sign` itself
/// and empty values are left out. `None` for a method TOP does not know.
pub fn top(params: &BTreeMap<String, String>, secret: &str) -> Option<String> {
    let text: String = params
        .iter()
        .filter(|(name, value)| name.as_str() != "sign" && !name.is_empty() && !value.is_empty())
        .map(|(name, value)| format!("{name}{value}"))
        .collect();
    let raw = match params.get("sign_method").map(String::as_str) {
        Some("md5") | None => Md5::digest(format!("{secret}{text}{secret}")).to_vec(),
        Some("hmac") => hmac_md5(secret.as_bytes(), text.as_bytes()),
        Some("hmac-sha256") => hmac_sha256(secret.as_bytes(), text.as_bytes()),
        Some(_) => return None,
    };
    Some(hex::encode_upper(raw))
}

/// JD's and Pinduoduo's `sign`: MD5 over the sorted names and values between two secrets, upper hex; `sign` itself and
/// empty values are left out.
pub fn sorted_md5(params: &BTreeMap<String, String>, secret: &str) -> String {
    let signed = params.iter().filter(|(name, value)| name.as_str() != "sign" && !value.is_empty());
    let text: String = signed.map(|(name, value)| format!("{name}{value}")).collect();
    hex::encode_upper(Md5::digest(format!("{secret}{text}{secret}")))
}

/// The last part of the path to Pinduoduo's messages, percent-encoded: Base64 of the hex text, not of the digest.
pub fn pinduoduo_path(client_id: &str, millis: &str, secret: &str) -> String {
    let digest = STANDARD.encode(hex::encode(Md5::digest(format!("{client_id}{millis}{secret}"))));
    utf8_percent_encode(&digest, RFC3986).to_string()
}

/// SF's `msgDigest`: Base64 of the raw MD5 over `msgData + timestamp + checkword`, URL-encoded the Java way when
/// `encoded`.
pub fn sf(msg_data: &str, timestamp: &str, checkword: &str, encoded: bool) -> String {
    let text = format!("{msg_data}{timestamp}{checkword}");
    let text = if encoded { form_urlencoded::byte_serialize(text.as_bytes()).collect() } else { text };
    STANDARD.encode(Md5::digest(text))
}

/// Base64 of HMAC-SHA256 over the raw body: Shopify's `X-Shopify-Hmac-Sha256`, WooCommerce's `X-WC-Webhook-Signature`.
pub fn webhook(secret: &str, body: &[u8]) -> String {
    STANDARD.encode(hmac_sha256(secret.as_bytes(), body))
}

/// Cainiao LINK's `data_digest`: Base64 of the raw MD5 over the text and the key.
pub fn link(text: &str, secret: &str) -> String {
    STANDARD.encode(Md5::digest(format!("{text}{secret}")))
}

/// The own-shop protocol's `Huidan-Signature` over any text that the protocol tells to sign.
pub fn own_shop(secret: &str, text: &[u8]) -> String {
    format!("v1={}", hex::encode(hmac_sha256(secret.as_bytes(), text)))
}

/// OAuth 1.0a, one-legged, HMAC-SHA256: what WooCommerce asks for over plain HTTP. `params` are all query parameters
/// but `oauth_signature`, decoded.
pub fn oauth1_sha256(method: &str, url: &str, params: &[(String, String)], secret: &str) -> String {
    let encode = |text: &str| utf8_percent_encode(text, RFC3986).to_string();
    let mut pairs: Vec<(String, String)> = params.iter().map(|(k, v)| (encode(k), encode(v))).collect();
    pairs.sort();
    let joined = pairs.iter().map(|(k, v)| format!("{k}={v}")).collect::<Vec<_>>().join("&");
    let text = format!("{}&{}&{}", method, encode(url), encode(&joined));
    STANDARD.encode(hmac_sha256(format!("{secret}&").as_bytes(), text.as_bytes()))
}

/// Lower-case hex of SHA-256.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

/// A short opaque token that depends on the secret and the text, as URL-safe text.
pub fn opaque(secret: &str, text: &str) -> String {
    base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(hmac_sha256(secret.as_bytes(), text.as_bytes()))
}
