use huidan_exchange::sign;

/// `sign` over all parameters but itself: the secret stands before and after the sorted text.
pub(crate) fn sign<'a>(secret: &str, parameters: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let text = sign::sorted_pairs(parameters);
    sign::upper_hex(&sign::md5(&[secret.as_bytes(), text.as_bytes(), secret.as_bytes()]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use huidan_exchange::{pairs, sign as digests};

    #[test]
    fn the_published_example_of_the_calling_guide_comes_out() {
        let parameters = [
            ("type", "pdd.order.number.list.get"),
            ("client_id", "1"),
            ("access_token", "asd78172s8ds9a921j9qqwda12312w1w21211"),
            ("timestamp", "1480411125"),
            ("data_type", "XML"),
            ("order_status", "1"),
            ("page", "1"),
            ("page_size", "10"),
        ];
        assert_eq!(sign("testSecret", parameters), "E4DE3ED21002510DED352819E7AE6775");
    }

    #[test]
    fn the_computed_vector_comes_out() {
        let parameters = [
            ("type", "pdd.order.information.get"),
            ("client_id", "testid"),
            ("access_token", "testtoken"),
            ("timestamp", "1700000000"),
            ("data_type", "JSON"),
            ("version", "V1"),
            ("order_sn", "240101-123456789012345"),
            ("empty", ""),
        ];
        assert_eq!(sign("testsecret", parameters), "97D9995AD6E074DB8F8241AC8970F6BC");
    }

    /// Nobody here holds the websocket; the rule is kept proven for who will.
    #[test]
    fn the_message_services_digest_is_of_the_hex_and_not_of_the_bytes() {
        let digest = digests::md5(&[b"app", b"1700000000000", b"secret"]);
        let of_hex = digests::base64(digests::hex(&digest).as_bytes());
        assert_eq!(
            format!("/message/app/1700000000000/{}", pairs::encoded(&of_hex)),
            "/message/app/1700000000000/OTgxODMwNDI2NWZiN2NiNzA2NzIxOTI0ZjJlMDMxMjE%3D"
        );
        assert_ne!(of_hex, digests::base64(&digest));
    }
}
