use huidan_exchange::sign;

/// Lower-case hex of the MD5 over the body, an underscore and the secret, in both directions.
pub(crate) fn digest(body: &[u8], secret: &str) -> String {
    sign::hex(&sign::md5(&[body, b"_", secret.as_bytes()]))
}

#[cfg(test)]
mod tests {
    use super::digest;

    #[test]
    fn the_vector_comes_out() {
        huidan_testkit::vectors("tests/vectors.json", |vector| {
            digest(vector.input("body").as_bytes(), vector.input("secret"))
        });
    }
}
