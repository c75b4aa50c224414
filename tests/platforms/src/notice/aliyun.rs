//! How Aliyun's services are called: RPC parameters signed with HMAC-SHA1, or headers signed with ACS3-HMAC-SHA256.

use crate::clock::parse_iso;
use crate::order::Platform;
use crate::server::{Answer, Call, json};
use crate::sign::{self, AliyunRequest};
use crate::world::World;
use serde_json::json;
use std::collections::BTreeMap;

const WINDOW_MS: i64 = 15 * 60_000;

/// Whom a service answers to.
pub(crate) struct Service<'a> {
    pub(crate) platform: Platform,
    pub(crate) version: &'a str,
    pub(crate) key_id: &'a str,
    pub(crate) secret: &'a str,
}

/// An error in their form.
pub(crate) fn failure(status: u16, code: &str, message: &str) -> Answer {
    json(
        status,
        &json!({"Code": code, "Message": message, "RequestId": request_id(message), "HostId": "sim",
        "Recommend": "https://api.aliyun.example"}),
    )
}

/// As they look.
pub(crate) fn request_id(seed: &str) -> String {
    let digest = sign::sha256_hex(seed.as_bytes()).to_uppercase();
    let cut = |from: usize, to: usize| digest.get(from..to).unwrap_or_default().to_owned();
    format!("{}-{}-{}-{}-{}", cut(0, 8), cut(8, 12), cut(12, 16), cut(16, 20), cut(20, 32))
}

/// All parameters, from the query and from a form.
pub(crate) fn params(call: &Call) -> BTreeMap<String, String> {
    let form = call.header("content-type").starts_with("application/x-www-form-urlencoded");
    let body = if form { call.form() } else { Vec::new() };
    call.query_pairs().into_iter().chain(body).collect()
}

/// What is called.
pub(crate) fn action(call: &Call) -> String {
    let header = call.header("x-acs-action");
    if header.is_empty() { params(call).remove("Action").unwrap_or_default() } else { header.to_owned() }
}

struct Claim {
    key_id: String,
    version: String,
    at: Option<i64>,
    nonce: String,
    fits: bool,
}

fn rpc(call: &Call, secret: &str) -> Claim {
    let params = params(call);
    let get = |name: &str| params.get(name).cloned().unwrap_or_default();
    let plain = get("SignatureMethod") == "HMAC-SHA1" && get("SignatureVersion") == "1.0";
    let right = sign::aliyun_rpc(call.method.as_str(), &params, secret);
    Claim {
        key_id: get("AccessKeyId"),
        version: get("Version"),
        at: parse_iso(&get("Timestamp"), 0),
        nonce: get("SignatureNonce"),
        fits: plain && get("Signature") == right,
    }
}

fn v3(call: &Call, secret: &str) -> Claim {
    let given = call.header("authorization").strip_prefix("ACS3-HMAC-SHA256 ").unwrap_or_default();
    let parts: BTreeMap<&str, &str> = given.split(',').filter_map(|part| part.trim().split_once('=')).collect();
    let part = |name: &str| parts.get(name).copied().unwrap_or_default();
    let names: Vec<&str> = part("SignedHeaders").split(';').filter(|n| !n.is_empty()).collect();
    let headers: BTreeMap<String, String> =
        names.iter().map(|name| ((*name).to_owned(), call.header(name).to_owned())).collect();
    let needed =
        ["host", "x-acs-action", "x-acs-version", "x-acs-date", "x-acs-signature-nonce", "x-acs-content-sha256"];
    let whole = needed.iter().all(|n| names.contains(n));
    let hash = call.header("x-acs-content-sha256") == sign::sha256_hex(&call.body);
    let request = AliyunRequest {
        method: call.method.as_str().to_owned(),
        query: call.query_pairs().into_iter().collect(),
        headers,
        body: call.body.to_vec(),
    };
    Claim {
        key_id: part("Credential").to_owned(),
        version: call.header("x-acs-version").to_owned(),
        at: parse_iso(call.header("x-acs-date"), 0),
        nonce: call.header("x-acs-signature-nonce").to_owned(),
        fits: whole && hash && part("Signature") == sign::aliyun_v3(&request, secret),
    }
}

/// Checks a call's signature; the answer says what is wrong with it.
pub(crate) fn check(world: &mut World, call: &Call, service: &Service) -> Result<(), Answer> {
    let signed_header = call.header("authorization").starts_with("ACS3-");
    let claim = if signed_header { v3(call, service.secret) } else { rpc(call, service.secret) };
    let now = world.now(service.platform);
    let wrong = if claim.version != service.version {
        Some((400, "InvalidVersion", "Specified parameter Version is not valid."))
    } else if claim.key_id != service.key_id {
        Some((404, "InvalidAccessKeyId.NotFound", "Specified access key is not found."))
    } else if claim.at.is_none_or(|at| (at - now).abs() > WINDOW_MS) {
        Some((400, "InvalidTimeStamp.Expired", "Specified time stamp or date value is expired."))
    } else if !claim.fits {
        Some((400, "SignatureDoesNotMatch", "Specified signature is not matched with our calculation."))
    } else if claim.nonce.is_empty() || !world.notice.nonces.insert(claim.nonce.clone()) {
        Some((400, "SignatureNonceUsed", "Specified signature nonce was used already."))
    } else {
        None
    };
    match wrong {
        Some((status, code, message)) => {
            world.refuse(service.platform, &action(call), code, true);
            Err(failure(status, code, message))
        }
        None => Ok(()),
    }
}
