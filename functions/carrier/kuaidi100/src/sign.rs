//! Three services, three texts that are signed. All of them are upper-case hex of MD5.

use huidan_exchange::sign::{md5, upper_hex};

/// Of a query: `param + key + customer`.
pub(crate) fn query(param: &str, key: &str, customer: &str) -> String {
    upper_hex(&md5(&[param.as_bytes(), key.as_bytes(), customer.as_bytes()]))
}

/// Of the waybill services: `param + t + key + secret`.
pub(crate) fn label(param: &str, t: &str, key: &str, secret: &str) -> String {
    upper_hex(&md5(&[param.as_bytes(), t.as_bytes(), key.as_bytes(), secret.as_bytes()]))
}

/// Of a push: `param + salt`, where the salt is what the subscription gave.
pub(crate) fn push(param: &str, salt: &str) -> String {
    upper_hex(&md5(&[param.as_bytes(), salt.as_bytes()]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vectors_come_out() {
        huidan_testkit::vectors("tests/vectors.json", |vector| match vector.id.as_str() {
            "kuaidi100-query" => query(vector.input("param"), vector.input("key"), vector.input("customer")),
            "kuaidi100-callback" => push(vector.input("param"), vector.input("salt")),
            "kuaidi100-label" => {
                label(vector.input("param"), vector.input("t"), vector.input("key"), vector.input("secret"))
            }
            other => panic!("nobody computes {other}"),
        });
    }
}
