//! Two signatures: one over the call, one inside it over who books.

use huidan_exchange::sign::{base64, md5, upper_hex};

/// What the platform appends to an order password before it is digested.
const PASSWORD_TAIL: &[u8] = b"jadada236t2";

/// `digest` of the header, of calls and pushes: base64 over the bytes of the MD5.
pub(crate) fn header(biz_content: &str, private_key: &str) -> String {
    base64(&md5(&[biz_content.as_bytes(), private_key.as_bytes()]))
}

/// `digest` inside `bizContent`: customer code, digested password, private key.
pub(crate) fn business(customer_code: &str, password: &str, private_key: &str) -> String {
    let password = upper_hex(&md5(&[password.as_bytes(), PASSWORD_TAIL]));
    base64(&md5(&[customer_code.as_bytes(), password.as_bytes(), private_key.as_bytes()]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vectors_come_out() {
        huidan_testkit::vectors("tests/vectors.json", |vector| match vector.id.as_str() {
            "jtexpress" => header(vector.input("bizContent"), vector.input("privateKey")),
            "jtexpress-business" => {
                business(vector.input("customerCode"), vector.input("password"), vector.input("privateKey"))
            }
            other => panic!("nobody computes {other}"),
        });
    }
}
