use huidan_exchange::sign::{base64, hex, md5};

/// `DataSign`: base64 over the hex text of the MD5, not over its bytes.
pub(crate) fn data(request_data: &str, app_key: &str) -> String {
    base64(hex(&md5(&[request_data.as_bytes(), app_key.as_bytes()])).as_bytes())
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_vectors_come_out() {
        huidan_testkit::vectors("tests/vectors.json", |vector| {
            super::data(vector.input("RequestData"), vector.input("AppKey"))
        });
    }
}
