//! Providers of e-mail over HTTP: Aliyun's `SingleSendMail`, signed as its SMS, and two forms of JSON with a bearer
//! (`POST /emails`, which knows an `Idempotency-Key`, and `POST /v3/mail/send`, which does not).

use super::aliyun::{self, Service, action, failure, params, request_id};
use super::{keep, repeated};
use crate::fields::{list, part, text};
use crate::order::Platform;
use crate::server::{Answer, Call, Face, json, set, with_type};
use crate::world::World;
use serde_json::{Value, json};
use std::collections::BTreeMap;

const ME: Platform = Platform::Email;

pub(crate) const FACE: Face = Face { platform: ME, operation, handle, limited, expired };

fn operation(call: &Call) -> String {
    match call.path.as_str() {
        "/" => action(call),
        other => other.to_owned(),
    }
}

fn limited(_: &World, call: &Call, seconds: Option<u32>) -> Answer {
    if call.path == "/" {
        return failure(503, "Throttling.User", "Request was denied due to user flow control.");
    }
    let mut answer =
        json(429, &json!({"statusCode": 429, "name": "rate_limit_exceeded", "message": "Too many requests"}));
    if let Some(seconds) = seconds {
        set(&mut answer, "retry-after", &seconds.to_string());
    }
    answer
}

fn expired(world: &mut World, call: &Call) -> Answer {
    world.refuse(ME, &operation(call), "key", true);
    if call.path == "/" {
        return failure(404, "InvalidAccessKeyId.Inactive", "Specified access key is disabled.");
    }
    json(401, &json!({"statusCode": 401, "name": "invalid_api_key", "message": "API key is invalid"}))
}

fn handle(world: &mut World, call: &Call) -> Answer {
    if call.path == "/" {
        return single(world, call);
    }
    if call.header("authorization") != format!("Bearer {}", world.options.email.api_key) {
        return expired(world, call);
    }
    let body: Value = serde_json::from_slice(&call.body).unwrap_or_default();
    match (call.method.as_str(), call.path.as_str()) {
        ("POST", "/emails") => emails(world, call, &body),
        ("POST", "/v3/mail/send") => mail_send(world, &body),
        _ => json(404, &json!({"statusCode": 404, "name": "not_found", "message": "Not Found"})),
    }
}

/// A bare address, or one in angle brackets after a name.
fn bare(address: &str) -> String {
    let inner = address.rsplit_once('<').map_or(address, |(_, rest)| rest.trim_end_matches('>'));
    inner.trim().to_owned()
}

fn fits(address: &str) -> bool {
    bare(address).split_once('@').is_some_and(|(user, host)| !user.is_empty() && host.contains('.'))
}

fn single(world: &mut World, call: &Call) -> Answer {
    let options = world.options.email.clone();
    let service = Service {
        platform: ME,
        version: "2015-11-23",
        key_id: &options.access_key_id,
        secret: &options.access_key_secret,
    };
    if let Err(answer) = aliyun::check(world, call, &service) {
        return answer;
    }
    if action(call) != "SingleSendMail" {
        return failure(404, "InvalidAction.NotFound", "Specified api is not found.");
    }
    let params = params(call);
    let get = |name: &str| params.get(name).cloned().unwrap_or_default();
    let wrong = if get("AccountName") != options.from {
        Some((404, "InvalidMailAddress.NotFound", "The specified mailAddress does not exist."))
    } else if !get("ToAddress").split(',').all(fits) {
        Some((400, "InvalidToAddress", "The specified toAddress is wrongly formed."))
    } else if get("Subject").is_empty() || (get("HtmlBody").is_empty() && get("TextBody").is_empty()) {
        Some((400, "InvalidBody", "The specified textBody is wrongly formed."))
    } else {
        None
    };
    if let Some((status, code, message)) = wrong {
        world.refuse(ME, "SingleSendMail", code, false);
        return failure(status, code, message);
    }
    accept(world, "", &get("ToAddress"), &get("Subject"), &body_of(&params));
    let seed = world.notices.len().to_string();
    json(200, &json!({"EnvId": seed, "RequestId": request_id(&seed)}))
}

fn body_of(params: &BTreeMap<String, String>) -> String {
    let get = |name: &str| params.get(name).cloned().unwrap_or_default();
    if get("TextBody").is_empty() { get("HtmlBody") } else { get("TextBody") }
}

fn accept(world: &mut World, key: &str, to: &str, subject: &str, body: &str) {
    // Without a key of its own: subject, body and receiver make one.
    let words = format!("{subject}\n{body}");
    let made =
        if key.is_empty() { crate::sign::sha256_hex(format!("{to}\n{words}").as_bytes()) } else { key.to_owned() };
    keep(world, ME, &made, to, subject, &words);
}

fn invalid(world: &mut World, call: &str, why: &str) -> Answer {
    world.refuse(ME, call, why, false);
    json(422, &json!({"statusCode": 422, "name": "validation_error", "message": why}))
}

fn emails(world: &mut World, call: &Call, body: &Value) -> Answer {
    let key = call.header("idempotency-key").to_owned();
    let to = match body.get("to") {
        Some(Value::String(one)) => one.clone(),
        Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(","),
        _ => String::new(),
    };
    if bare(&text(body, "from")) != world.options.email.from {
        return invalid(world, "/emails", "The domain of `from` is not verified");
    }
    if !to.split(',').all(fits) {
        return invalid(world, "/emails", "Invalid `to` field");
    }
    let words = [text(body, "text"), text(body, "html")].into_iter().find(|t| !t.is_empty()).unwrap_or_default();
    let subject = text(body, "subject");
    if subject.is_empty() || words.is_empty() {
        return invalid(world, "/emails", "Missing `subject`, `html` or `text`");
    }
    if !key.is_empty()
        && let Some(before) = repeated(world, ME, &key)
    {
        if (before.to, before.text) != (to, format!("{subject}\n{words}")) {
            world.refuse(ME, "/emails", "invalid_idempotent_request", false);
            let why = "Same idempotency key used with a different request payload";
            return json(409, &json!({"statusCode": 409, "name": "invalid_idempotent_request", "message": why}));
        }
        return json(200, &json!({"id": request_id(&before.key).to_lowercase()}));
    }
    accept(world, &key, &to, &subject, &words);
    let seed = if key.is_empty() { world.notices.len().to_string() } else { key };
    json(200, &json!({"id": request_id(&seed).to_lowercase()}))
}

fn mail_send(world: &mut World, body: &Value) -> Answer {
    let people = list(body, "personalizations");
    let to: Vec<String> = people.iter().flat_map(|p| list(p, "to")).map(|t| text(&t, "email")).collect();
    let words = list(body, "content").first().map(|c| text(c, "value")).unwrap_or_default();
    if text(&part(body, "from"), "email") != world.options.email.from {
        return invalid(world, "/v3/mail/send", "The from address does not match a verified Sender Identity");
    }
    if to.is_empty() || !to.iter().all(|t| fits(t)) || words.is_empty() {
        return invalid(world, "/v3/mail/send", "personalizations or content is invalid");
    }
    let key = text(&part(body, "custom_args"), "id");
    accept(world, &key, &to.join(","), &text(body, "subject"), &words);
    let mut answer = with_type(202, "application/json", "");
    set(&mut answer, "x-message-id", &request_id(&world.notices.len().to_string()).to_lowercase());
    answer
}
