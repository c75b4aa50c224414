//! Print data: readable for the print component only, and signed.

use super::{Given, text};
use crate::fiction::Receiver;
use crate::sign;
use crate::world::World;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use chacha20poly1305::aead::{Aead, KeyInit};
use chacha20poly1305::{ChaCha20Poly1305, Key, Nonce};
use serde_json::{Value, json};

fn cipher(world: &World) -> ChaCha20Poly1305 {
    let secret = sign::sha256_hex(world.options.cainiao.print_secret.as_bytes());
    let mut key = [0_u8; 32];
    for (to, from) in key.iter_mut().zip(secret.bytes()) {
        *to = from;
    }
    ChaCha20Poly1305::new(&Key::from(key))
}

fn nonce(number: &str) -> Nonce {
    let mut nonce = [0_u8; 12];
    for (to, from) in nonce.iter_mut().zip(sign::sha256_hex(number.as_bytes()).bytes()) {
        *to = from;
    }
    Nonce::from(nonce)
}

/// Receiver and number, readable for the print component only.
pub(super) fn seal(world: &World, given: &Given, receiver: &Receiver, template: &str) -> String {
    let plain = json!({"waybillCode": given.number, "cpCode": given.carrier, "recipient": receiver}).to_string();
    let sealed = cipher(world).encrypt(&nonce(&given.number), plain.as_bytes()).unwrap_or_default();
    let encrypted = format!("SIM:{}:{}", given.number, STANDARD.encode(sealed));
    let signature = format!("MD:{}", signature(world, &encrypted, template));
    // The order of the keys is the platform's; whoever carries the text must not write it anew.
    format!(
        "{{\"encryptedData\":{},\"signature\":{},\"templateURL\":{},\"ver\":\"waybill_print_secret_version_1\"}}",
        json!(encrypted),
        json!(signature),
        json!(template)
    )
}

fn signature(world: &World, encrypted: &str, template: &str) -> String {
    sign::webhook(&world.options.cainiao.print_secret, format!("{encrypted}\n{template}").as_bytes())
}

/// What the print component reads out of print data: the number and the receiver, or why not.
pub(crate) fn open(world: &World, data: &Value) -> Result<(String, Receiver), String> {
    let (encrypted, template) = (text(data, "encryptedData"), text(data, "templateURL"));
    if text(data, "signature") != format!("MD:{}", signature(world, &encrypted, &template)) {
        return Err("验签失败 signature".to_owned());
    }
    let (number, sealed) = encrypted.strip_prefix("SIM:").and_then(|t| t.split_once(':')).ok_or("encryptedData")?;
    let sealed = STANDARD.decode(sealed).map_err(|e| e.to_string())?;
    let plain = cipher(world).decrypt(&nonce(number), sealed.as_slice()).map_err(|_| "encryptedData".to_owned())?;
    let plain: Value = serde_json::from_slice(&plain).map_err(|e| e.to_string())?;
    let receiver = plain.get("recipient").cloned().unwrap_or_default();
    Ok((number.to_owned(), serde_json::from_value(receiver).map_err(|e| e.to_string())?))
}
