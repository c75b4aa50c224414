use huidan_exchange::sign;

/// `sign` over all parameters but itself: the secret stands before and after the sorted pairs. The gateway knows this
/// one way, so there is no parameter that names it.
pub(crate) fn sign<'a>(secret: &str, parameters: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let text = sign::sorted_pairs(parameters);
    let (secret, text) = (secret.as_bytes(), text.as_bytes());
    sign::upper_hex(&sign::md5(&[secret, text, secret]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vector_comes_out_and_what_is_empty_is_not_signed() {
        let parameters = [
            ("360buy_param_json", r#"{"order_id":"123456789012","optional_fields":"orderId,orderState"}"#),
            ("access_token", "test_token"),
            ("app_key", "TESTKEY"),
            ("format", "json"),
            ("method", "jingdong.pop.order.enGet"),
            ("timestamp", "2024-01-01 12:00:00"),
            ("v", "2.0"),
        ];
        let expected = "4D97B64B8AAAF4C5B9A0F2316133A47F";
        assert_eq!(sign("secret", parameters), expected);
        assert_eq!(sign("secret", parameters.into_iter().rev().chain([("empty", "")])), expected);
    }
}
