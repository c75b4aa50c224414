//! Signatures and ciphers of Douyin, Kuaishou, Xiaohongshu and WeChat Shop against published and computed vectors.

use huidan_platforms::seal;
use std::collections::BTreeMap;

fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
}

#[test]
fn douyins_call_and_event_hold() {
    let text = seal::doudian_text("testkey", "order.searchList", r#"{"page":"0","size":"10"}"#, "1700000000");
    assert_eq!(text, r#"app_keytestkeymethodorder.searchListparam_json{"page":"0","size":"10"}timestamp1700000000v2"#);
    assert_eq!(
        seal::doudian("testsecret", &text, "hmac-sha256").unwrap(),
        "42518a5e48348a693cb442a0773a77dfd792108abf142b2e0584b25021b3a9bd"
    );
    assert_eq!(seal::doudian("testsecret", &text, "sha1"), None);
    let body = r#"[{"tag":"101","msg_id":"1","data":"{\"p_id\":6938210000000000001,\"shop_id\":12345,\"order_status\":2,\"pay_amount\":9900}"}]"#;
    assert_eq!(seal::doudian_event("testkey", body.as_bytes(), "testsecret"), "f5bb3d6c9a0046b510f5d26d9c967de6");
}

/// What Douyin would sign when it calls the seller: the same digest over a shorter text.
#[test]
fn douyins_calls_to_the_seller_hold() {
    let text = r#"app_keytestkeyparam_json{"a":1,"b":"x"}timestamp2024-01-01 12:00:00"#;
    assert_eq!(seal::doudian("testsecret", text, "md5").unwrap(), "b07d3b3f2978762a4de52cf0f2aa186c");
    assert_eq!(
        seal::doudian("testsecret", text, "hmac-sha256").unwrap(),
        "ea707de216e531a102d4b2fe05b88f75e87e925c62a8ba91d29022198a6f8ea0"
    );
}

#[test]
fn kuaishous_two_methods_hold() {
    let of = |method: &str| {
        let params = map(&[
            ("access_token", "tok"),
            ("appkey", "ks123"),
            ("method", "open.order.cursor.list"),
            ("param", r#"{"cursor":"","pageSize":50}"#),
            ("signMethod", method),
            ("timestamp", "1700000000000"),
            ("version", "1"),
            ("sign", "left out"),
        ]);
        seal::kuaishou(&params, "sigsecret")
    };
    assert_eq!(of("HMAC_SHA256").unwrap(), "o63T/J7q/TdFWEKm2huWkacF1LBd0bVGUzmg+PA4QhY=");
    assert_eq!(of("MD5").unwrap(), "7b51c21d75f8216055af1622c8c5700f");
    assert_eq!(of("SHA1"), None);
}

#[test]
fn kuaishous_message_seals_and_opens() {
    let secret = "MDEyMzQ1Njc4OWFiY2RlZg==";
    let plain = r#"{"eventId":"1","msgId":"2","bizId":2607602240240301,"event":"kwaishop_order_paySuccess","info":"{\"oid\":2607602240240301,\"sellerId\":1,\"status\":30,\"updateTime\":1700000000000}","test":false}"#;
    let sealed = "toKOWfsEk0pUDe6dmuVsAsQb4szEAyoaLiMQnDkNbdfmPzMRvLVI0vPmCPF79I3RZZC7CzK+lMrPF1d5MwLfp3NFxLYF6wqtwqN2lfaFF4PoaMytXGcsjvZsVnPUWWi1oilkyur4WBmzkrsBrPkwETHUBqP07e69OJrmTAc7t6ItqRycNtqV0OUIVf7qeWBP3SbNChvtfsKPyVIcjeEOOysgPImS+/1euys490WccQPW3omp6rkYYwW3yRr4J1qcvb4zND53fScALcmHO9hBdQ==";
    assert_eq!(seal::kuaishou_message(secret, plain).unwrap(), sealed);
    assert_eq!(seal::open_kuaishou_message(secret, sealed).unwrap(), plain);
    assert_eq!(seal::open_kuaishou_message(secret, "AAAA"), None);
}

#[test]
fn xiaohongshus_three_forms_hold() {
    assert_eq!(
        seal::xiaohongshu("order.getOrderDetail", "testappid", "1700000000", "2.0", "testsecret"),
        "2b6c1c0cae46f4af3ca30334399f8906"
    );
    let items =
        map(&[("app-key", "xhs"), ("page_no", "1"), ("page_size", "50"), ("status", "0"), ("timestamp", "1469902537")]);
    assert_eq!(
        seal::xiaohongshu_path("/ark/open_api/v1/items", &items, "9a539709cafc1efc9ef05838be468a28"),
        "72be6fad4dd0e5104dbdebbcdadb2a06"
    );
    let push = map(&[("app-key", "testappid"), ("shop", "1"), ("timestamp", "1700000000")]);
    assert_eq!(seal::xiaohongshu_path("/open_api/msg", &push, "testsecret"), "b17c11d261b7eb6c53125c34563250a2");
}

#[test]
fn wechats_signatures_hold_and_sort_as_text() {
    assert_eq!(seal::wechat(&["AAAAA", "1714036504", "1514711492"]), "f464b24fc39322e44b38aa78f5edd27bd1441696");
    assert_eq!(seal::wechat(&["AAAAA", "1714037059", "486452656"]), "899cf89e464efb63f54ddac96b0a0a235f53aa78");
    let sealed = "jn1L23DB+6ELqJ+6bruv21Y6MD7KeIfP82D6gU39rmkgczbWwt5+3bnyg5K55bgVtVzd832WzZGMhkP72vVOfg==";
    assert_eq!(seal::wechat(&["pamtest", "1409304348", "xxxxxx", sealed]), "82c962d39941aa48552f90ef55aa323dc620cc10");
}

#[test]
fn wechats_message_seals_and_opens() {
    let key = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";
    let sealed = "jn1L23DB+6ELqJ+6bruv21Y6MD7KeIfP82D6gU39rmkgczbWwt5+3bnyg5K55bgVtVzd832WzZGMhkP72vVOfg==";
    let made = seal::wechat_message(key, "wxb11529c136998cb6", b"aaaabbbbccccdddd", "我是中文abcd123");
    assert_eq!(made.unwrap(), sealed);
    let (message, app) = seal::open_wechat_message(key, sealed).unwrap();
    assert_eq!((message.as_str(), app.as_str()), ("我是中文abcd123", "wxb11529c136998cb6"));
    assert_eq!(seal::open_wechat_message(key, "AAAA"), None);
}
