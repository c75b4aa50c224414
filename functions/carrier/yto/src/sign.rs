use huidan_exchange::sign;

/// Base64 of the raw MD5 over the parameters, the method, its version and the secret. A push is signed in the same way
/// over its text and its secret alone.
pub(crate) fn digest(parts: &[&str]) -> String {
    let parts: Vec<&[u8]> = parts.iter().map(|part| part.as_bytes()).collect();
    sign::base64(&sign::md5(&parts))
}

#[cfg(test)]
mod tests {
    use super::digest;

    #[test]
    fn the_vectors_come_out() {
        huidan_testkit::vectors("tests/vectors.json", |vector| match vector.inputs.get("data") {
            Some(data) => digest(&[data, vector.input("secret")]),
            None => digest(&["param", "method", "v", "secret"].map(|name| vector.input(name))),
        });
    }
}
