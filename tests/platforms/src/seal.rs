//! Signatures and message ciphers of Douyin, Kuaishou, Xiaohongshu and WeChat Shop, from their descriptions. Written
//! apart from the adapters on purpose: a mistake that both made alike would otherwise go unseen.

use aes::cipher::block_padding::NoPadding;
use aes::cipher::{BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use base64::alphabet;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use base64::{Engine as _, engine::DecodePaddingMode};
use hmac::{Hmac, KeyInit, Mac};
use md5::{Digest, Md5};
use sha1::Sha1;
use sha2::Sha256;
use std::collections::BTreeMap;

const AES_BLOCK: usize = 16;
/// WeChat pads to twice the cipher's block.
const WECHAT_BLOCK: usize = 32;
/// The last character of an EncodingAESKey carries two bits that are nobody's.
const LAX: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

pub(crate) fn hmac_sha256(key: &[u8], text: &[u8]) -> Vec<u8> {
    Hmac::<Sha256>::new_from_slice(key).map_or_else(
        |_| Vec::new(),
        |mut mac| {
            mac.update(text);
            mac.finalize().into_bytes().to_vec()
        },
    )
}

fn md5_hex(text: &[u8]) -> String {
    hex::encode(Md5::digest(text))
}

/// What Douyin signs: five names and values without anything between them.
pub fn doudian_text(app_key: &str, method: &str, param_json: &str, timestamp: &str) -> String {
    format!("app_key{app_key}method{method}param_json{param_json}timestamp{timestamp}v2")
}

/// Douyin's `sign` over such a text, for `hmac-sha256` or `md5`; `None` for another method.
pub fn doudian(secret: &str, text: &str, method: &str) -> Option<String> {
    let text = format!("{secret}{text}{secret}");
    match method {
        "" | "hmac-sha256" => Some(hex::encode(hmac_sha256(secret.as_bytes(), text.as_bytes()))),
        "md5" => Some(md5_hex(text.as_bytes())),
        _ => None,
    }
}

/// Douyin's `event-sign` over the raw body of a push.
pub fn doudian_event(app_key: &str, body: &[u8], secret: &str) -> String {
    md5_hex(&[app_key.as_bytes(), body, secret.as_bytes()].concat())
}

/// Kuaishou's `sign` over all parameters but `sign` itself, by the `signMethod` among them.
pub fn kuaishou(params: &BTreeMap<String, String>, sign_secret: &str) -> Option<String> {
    const SIGNED: [&str; 7] = ["access_token", "appkey", "method", "param", "signMethod", "timestamp", "version"];
    let pairs: Option<Vec<String>> = SIGNED.iter().map(|n| params.get(*n).map(|v| format!("{n}={v}"))).collect();
    let text = format!("{}&signSecret={sign_secret}", pairs?.join("&"));
    match params.get("signMethod").map(String::as_str) {
        Some("HMAC_SHA256") => Some(STANDARD.encode(hmac_sha256(sign_secret.as_bytes(), text.as_bytes()))),
        Some("MD5") => Some(md5_hex(text.as_bytes())),
        _ => None,
    }
}

/// Xiaohongshu's `sign` of a call: neither the business parameters nor the token are in it.
pub fn xiaohongshu(method: &str, app_id: &str, timestamp: &str, version: &str, secret: &str) -> String {
    md5_hex(format!("{method}?appId={app_id}&timestamp={timestamp}&version={version}{secret}").as_bytes())
}

/// Xiaohongshu's older scheme, which signs a path with its sorted query: its pushes are said to use it.
pub fn xiaohongshu_path(path: &str, query: &BTreeMap<String, String>, secret: &str) -> String {
    let pairs: Vec<String> = query.iter().map(|(k, v)| format!("{k}={v}")).collect();
    md5_hex(format!("{path}?{}{secret}", pairs.join("&")).as_bytes())
}

/// WeChat's SHA-1 over its parts in the order of text: token, timestamp, nonce, and for messages the sealed text.
pub fn wechat(parts: &[&str]) -> String {
    let mut sorted = parts.to_vec();
    sorted.sort_unstable();
    hex::encode(Sha1::digest(sorted.concat()))
}

/// Seals by AES-CBC with a key of 16 or 32 bytes, after padding to `block` in the manner of PKCS #7.
fn seal_cbc(key: &[u8], iv: &[u8], plain: &[u8], block: usize) -> Option<Vec<u8>> {
    let pad = block - plain.len() % block;
    let mut padded = plain.to_vec();
    padded.resize(plain.len() + pad, u8::try_from(pad).ok()?);
    match key.len() {
        16 => {
            Some(cbc::Encryptor::<aes::Aes128>::new_from_slices(key, iv).ok()?.encrypt_padded_vec::<NoPadding>(&padded))
        }
        32 => {
            Some(cbc::Encryptor::<aes::Aes256>::new_from_slices(key, iv).ok()?.encrypt_padded_vec::<NoPadding>(&padded))
        }
        _ => None,
    }
}

/// Opens what [`seal_cbc`] makes.
fn open_cbc(key: &[u8], iv: &[u8], sealed: &[u8], block: usize) -> Option<Vec<u8>> {
    if sealed.is_empty() || !sealed.len().is_multiple_of(AES_BLOCK) {
        return None;
    }
    let plain = match key.len() {
        16 => cbc::Decryptor::<aes::Aes128>::new_from_slices(key, iv).ok()?.decrypt_padded_vec::<NoPadding>(sealed),
        32 => cbc::Decryptor::<aes::Aes256>::new_from_slices(key, iv).ok()?.decrypt_padded_vec::<NoPadding>(sealed),
        _ => return None,
    };
    let mut plain = plain.ok()?;
    let pad = usize::from(*plain.last()?);
    let keep = plain.len().checked_sub(pad).filter(|_| (1..=block).contains(&pad))?;
    plain.truncate(keep);
    Some(plain)
}

/// A Kuaishou push: Base64 of the text under the secret of the console, which is Base64 itself.
pub fn kuaishou_message(message_secret: &str, plain: &str) -> Option<String> {
    let key = STANDARD.decode(message_secret).ok()?;
    Some(STANDARD.encode(seal_cbc(&key, &[0; AES_BLOCK], plain.as_bytes(), AES_BLOCK)?))
}

/// The text of a Kuaishou push.
pub fn open_kuaishou_message(message_secret: &str, sealed: &str) -> Option<String> {
    let key = STANDARD.decode(message_secret).ok()?;
    let plain = open_cbc(&key, &[0; AES_BLOCK], &STANDARD.decode(sealed).ok()?, AES_BLOCK)?;
    String::from_utf8(plain).ok()
}

/// The `Encrypt` of a WeChat event: sixteen bytes of chance, the length, the message, the app.
pub fn wechat_message(encoding_aes_key: &str, app_id: &str, chance: &[u8; 16], message: &str) -> Option<String> {
    let key = LAX.decode(encoding_aes_key).ok()?;
    let length = u32::try_from(message.len()).ok()?.to_be_bytes();
    let plain = [chance.as_slice(), &length, message.as_bytes(), app_id.as_bytes()].concat();
    Some(STANDARD.encode(seal_cbc(&key, key.get(..AES_BLOCK)?, &plain, WECHAT_BLOCK)?))
}

/// Message and app of an `Encrypt`.
pub fn open_wechat_message(encoding_aes_key: &str, sealed: &str) -> Option<(String, String)> {
    let key = LAX.decode(encoding_aes_key).ok()?;
    let plain = open_cbc(&key, key.get(..AES_BLOCK)?, &STANDARD.decode(sealed).ok()?, WECHAT_BLOCK)?;
    let length = usize::try_from(u32::from_be_bytes(plain.get(16..20)?.try_into().ok()?)).ok()?;
    let (message, app_id) = plain.get(20..)?.split_at_checked(length)?;
    Some((String::from_utf8(message.to_vec()).ok()?, String::from_utf8(app_id.to_vec()).ok()?))
}

/// A receiver's field as a platform hands it out: readable for that platform only, bound to the order, the same each
/// time it is asked for.
pub(crate) fn hide(platform_key: &str, order: &str, field: &str, plain: &str) -> String {
    let iv = bound(platform_key, order, field, plain);
    let key = Sha256::digest(platform_key);
    let sealed = seal_cbc(&key, &iv, plain.as_bytes(), AES_BLOCK).unwrap_or_default();
    STANDARD.encode([iv.as_slice(), &sealed].concat())
}

/// What [`hide`] hid for this order and field; nothing for any other text.
pub(crate) fn reveal(platform_key: &str, order: &str, field: &str, hidden: &str) -> Option<String> {
    let bytes = STANDARD.decode(hidden).ok()?;
    let (iv, sealed) = bytes.split_at_checked(AES_BLOCK)?;
    let plain = String::from_utf8(open_cbc(&Sha256::digest(platform_key), iv, sealed, AES_BLOCK)?).ok()?;
    (bound(platform_key, order, field, &plain) == iv).then_some(plain)
}

fn bound(platform_key: &str, order: &str, field: &str, plain: &str) -> Vec<u8> {
    let mut iv = hmac_sha256(platform_key.as_bytes(), format!("{order}\n{field}\n{plain}").as_bytes());
    iv.truncate(AES_BLOCK);
    iv
}
