//! Signatures of carriers and tracking services.

use super::mac;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::Hmac;
use md5::{Digest, Md5};
use sha1::Sha1;
use sha2::{Sha256, Sha512};
use unicode_normalization::UnicodeNormalization;

/// Base64 of the raw MD5 over a text and a secret: ZTO's body or `data`, STO's `content`, J&T's `bizContent`, and YTO's
/// `param + method + v`.
pub fn raw_md5(text: &str, secret: &str) -> String {
    STANDARD.encode(Md5::digest(format!("{text}{secret}")))
}

/// Yunda's `sign`: lower hex of MD5 over body, underscore and secret.
pub fn yunda(body: &str, secret: &str) -> String {
    hex::encode(Md5::digest(format!("{body}_{secret}")))
}

/// KDNiao's `DataSign`: Base64 of the hex text, not of the digest.
pub fn kdniao(data: &str, key: &str) -> String {
    STANDARD.encode(hex::encode(Md5::digest(format!("{data}{key}"))))
}

/// Kuaidi100's three signs: upper hex of MD5 over their own parts, joined.
pub fn kuaidi100(parts: &[&str]) -> String {
    hex::encode_upper(Md5::digest(parts.concat()))
}

/// The text that JD logistics signs.
pub fn jd_logistics_text(secret: &str, token: &str, key: &str, path: &str, body: &str, timestamp: &str) -> String {
    format!("{secret}access_token{token}app_key{key}method{path}param_json{body}timestamp{timestamp}v2.0{secret}")
}

/// JD logistics' `sign` of such a text; `None` for an algorithm it does not know.
pub fn jd_logistics(algorithm: &str, text: &str, secret: &str) -> Option<String> {
    let (key, bytes) = (secret.as_bytes(), text.as_bytes());
    match algorithm {
        "md5-salt" => Some(hex::encode_upper(Md5::digest(text))),
        "HMacMD5" => Some(STANDARD.encode(mac::<Hmac<Md5>>(key, bytes))),
        "HMacSHA1" => Some(STANDARD.encode(mac::<Hmac<Sha1>>(key, bytes))),
        "HMacSHA256" => Some(STANDARD.encode(mac::<Hmac<Sha256>>(key, bytes))),
        "HMacSHA512" => Some(STANDARD.encode(mac::<Hmac<Sha512>>(key, bytes))),
        _ => None,
    }
}

/// EasyPost's `X-Hmac-Signature`.
pub fn easypost(secret: &str, body: &[u8]) -> String {
    let key: String = secret.nfkd().collect();
    format!("hmac-sha256-hex={}", hex::encode(mac::<Hmac<Sha256>>(key.as_bytes(), body)))
}

/// 17TRACK's `sign`: a plain hash over body, slash and key.
pub fn seventeen_track(body: &str, key: &str) -> String {
    hex::encode(Sha256::digest(format!("{body}/{key}")))
}

/// TrackingMore's signature: over the timestamp alone.
pub fn trackingmore(secret: &str, timestamp: &str) -> String {
    hex::encode(mac::<Hmac<Sha256>>(secret.as_bytes(), timestamp.as_bytes()))
}
