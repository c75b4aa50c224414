//! Signatures: of our calls (version 2) and of the platform's pushes.

use huidan_exchange::sign;
use serde_json::Value;
use std::collections::BTreeMap;

/// Lower-case hex of HMAC-SHA256 over the text with the secret around it, keyed by the secret.
fn around(secret: &str, text: &str) -> String {
    let (secret, text) = (secret.as_bytes(), text.as_bytes());
    sign::hex(&sign::hmac_sha256(secret, &[secret, text, secret]))
}

/// `sign` of a call. `body` is the very text that is sent; the access token is not signed.
pub(crate) fn of_call(secret: &str, app_key: &str, method: &str, body: &str, timestamp: &str) -> String {
    around(secret, &format!("app_key{app_key}method{method}param_json{body}timestamp{timestamp}v2"))
}

/// `event-sign` of a push.
pub(crate) fn of_push(secret: &str, app_key: &str, body: &[u8]) -> String {
    sign::hex(&sign::md5(&[app_key.as_bytes(), body, secret.as_bytes()]))
}

/// Parameters as the platform signs them: keys sorted at every depth, no space, nothing escaped for HTML.
///
/// They are sorted here and not left to the map's type, which another crate's features may change.
pub(crate) fn param_json(parameters: &Value) -> String {
    let text = |value: &Value| serde_json::to_string(value).unwrap_or_default();
    match parameters {
        Value::Object(fields) => {
            let sorted: BTreeMap<&String, &Value> = fields.iter().collect();
            let written: Vec<String> = sorted
                .into_iter()
                .map(|(name, value)| format!("{}:{}", text(&Value::from(name.as_str())), param_json(value)))
                .collect();
            format!("{{{}}}", written.join(","))
        }
        Value::Array(entries) => format!("[{}]", entries.iter().map(param_json).collect::<Vec<_>>().join(",")),
        plain => text(plain),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_vector_of_a_call_comes_out() {
        let body = param_json(&json!({"size": "10", "page": "0"}));
        assert_eq!(body, r#"{"page":"0","size":"10"}"#);
        assert_eq!(
            of_call("testsecret", "testkey", "order.searchList", &body, "1700000000"),
            "42518a5e48348a693cb442a0773a77dfd792108abf142b2e0584b25021b3a9bd"
        );
    }

    #[test]
    fn the_vector_of_a_push_comes_out() {
        let body = r#"[{"tag":"101","msg_id":"1","data":"{\"p_id\":6938210000000000001,\"shop_id\":12345,\"order_status\":2,\"pay_amount\":9900}"}]"#;
        assert_eq!(of_push("testsecret", "testkey", body.as_bytes()), "f5bb3d6c9a0046b510f5d26d9c967de6");
    }

    #[test]
    fn the_vector_of_a_call_from_the_platform_comes_out_of_the_same_rule() {
        let text = r#"app_keytestkeyparam_json{"a":1,"b":"x"}timestamp2024-01-01 12:00:00"#;
        assert_eq!(around("testsecret", text), "ea707de216e531a102d4b2fe05b88f75e87e925c62a8ba91d29022198a6f8ea0");
    }

    #[test]
    fn keys_are_sorted_at_every_depth_and_nothing_is_escaped_for_html() {
        let parameters = json!({"z": [{"b": 1, "a": "<&>/\"汉😀"}], "id": 6_938_210_000_000_000_001_u64, "Z": {}});
        assert_eq!(param_json(&parameters), r#"{"Z":{},"id":6938210000000000001,"z":[{"a":"<&>/\"汉😀","b":1}]}"#);
        assert_eq!(param_json(&json!({})), "{}");
    }
}
