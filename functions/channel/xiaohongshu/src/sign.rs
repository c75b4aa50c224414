use huidan_exchange::sign;

/// The version of the gateway's calls.
pub(crate) const VERSION: &str = "2.0";

/// Signs a call of the gateway. Neither the call's own fields nor the token are signed: nothing but TLS keeps them
/// whole on their way.
pub(crate) fn of_call(method: &str, app_id: &str, timestamp: &str, secret: &str) -> String {
    of_pairs(method, [("appId", app_id), ("timestamp", timestamp), ("version", VERSION)], secret)
}

/// `sign` of `what?name=value&…`, the pairs sorted by name: calls are signed so, and pushes by what is known of them.
pub(crate) fn of_pairs<'a>(what: &str, pairs: impl IntoIterator<Item = (&'a str, &'a str)>, secret: &str) -> String {
    let mut pairs: Vec<String> = pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
    pairs.sort_unstable();
    sign::hex(&sign::md5(&[what.as_bytes(), b"?", pairs.join("&").as_bytes(), secret.as_bytes()]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_call_is_signed_as_computed_from_the_page() {
        let seen = of_call("order.getOrderDetail", "testappid", "1700000000", "testsecret");
        assert_eq!(seen, "2b6c1c0cae46f4af3ca30334399f8906");
    }

    #[test]
    fn the_published_vector_of_the_older_interface_comes_out() {
        let pairs =
            [("page_size", "50"), ("app-key", "xhs"), ("timestamp", "1469902537"), ("status", "0"), ("page_no", "1")];
        let seen = of_pairs("/ark/open_api/v1/items", pairs, "9a539709cafc1efc9ef05838be468a28");
        assert_eq!(seen, "72be6fad4dd0e5104dbdebbcdadb2a06");
    }

    #[test]
    fn a_push_is_signed_as_one_receiver_in_production_builds_it() {
        let pairs = [("timestamp", "1700000000"), ("shop", "1"), ("app-key", "testappid")];
        assert_eq!(of_pairs("/open_api/msg", pairs, "testsecret"), "b17c11d261b7eb6c53125c34563250a2");
    }
}
