use huidan_exchange::sign;

/// Base64 of the raw MD5 over the text and the secret: the body of a call, the `data` of a push.
pub(crate) fn digest(text: &str, secret: &str) -> String {
    sign::base64(&sign::md5(&[text.as_bytes(), secret.as_bytes()]))
}

#[cfg(test)]
mod tests {
    use super::digest;

    #[test]
    fn the_vectors_come_out() {
        huidan_testkit::vectors("tests/vectors.json", |vector| {
            let text = vector.inputs.get("body").or_else(|| vector.inputs.get("data")).unwrap();
            digest(text, vector.input("secret"))
        });
    }
}
