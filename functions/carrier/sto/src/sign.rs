use huidan_exchange::sign;

/// Base64 of the raw MD5 over the content and the secret, in both directions.
pub(crate) fn digest(content: &str, secret: &str) -> String {
    sign::base64(&sign::md5(&[content.as_bytes(), secret.as_bytes()]))
}

#[cfg(test)]
mod tests {
    use super::digest;

    #[test]
    fn the_vector_comes_out() {
        huidan_testkit::vectors("tests/vectors.json", |vector| digest(vector.input("content"), vector.input("secret")));
    }
}
