//! The simulators' signing against vectors that others made.

use huidan_platforms::sign;
use std::collections::BTreeMap;

fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
}

#[test]
fn taobaos_two_published_vectors_hold() {
    let first = map(&[
        ("method", "taobao.item.seller.get"),
        ("app_key", "12345678"),
        ("session", "test"),
        ("timestamp", "2016-01-01 12:00:00"),
        ("format", "json"),
        ("v", "2.0"),
        ("sign_method", "md5"),
        ("fields", "num_iid,title,nick,price,num"),
        ("num_iid", "11223344"),
    ]);
    assert_eq!(sign::top(&first, "helloworld").unwrap(), "66987CB115214E59E6EC978214934FB8");
    let second = map(&[
        ("method", "taobao.user.seller.get"),
        ("timestamp", "2013-05-06 13:52:03"),
        ("format", "xml"),
        ("app_key", "test"),
        ("v", "2.0"),
        ("fields", "nick"),
        ("sign_method", "md5"),
        ("session", "test"),
    ]);
    assert_eq!(sign::top(&second, "test").unwrap(), "72CB4D809B375A54502C09360D879C64");
}

#[test]
fn taobaos_other_two_methods_hold_and_sign_their_own_name() {
    let of = |method: &str| {
        let params = map(&[
            ("method", "taobao.item.seller.get"),
            ("app_key", "12345678"),
            ("session", "test"),
            ("timestamp", "2016-01-01 12:00:00"),
            ("format", "json"),
            ("v", "2.0"),
            ("sign_method", method),
            ("fields", "num_iid,title,nick,price,num"),
            ("num_iid", "11223344"),
        ]);
        sign::top(&params, "helloworld")
    };
    assert_eq!(of("hmac").unwrap(), "D56D7858309C31B6251083A874D48273");
    assert_eq!(of("hmac-sha256").unwrap(), "04DB15AD0774D5CFCE2C837DE43E3FCEA9011ED74F3038FB6AB5F3C4CEA119E8");
    assert_eq!(of("sha1"), None);
}

/// Made by `taobaopy` 6.0.1 (PyPI), `BaseAPIRequest.sign`; the same package then called the running simulator.
#[test]
fn taobaopy_signs_alike() {
    let params = map(&[
        ("method", "taobao.logistics.offline.send"),
        ("session", "6100sim0001"),
        ("tid", "4012345678901330001"),
        ("out_sid", "SF1400000000013"),
        ("company_code", "SF"),
        ("feature", "备注 + 空格&=~*"),
        ("app_key", "12345678"),
        ("sign_method", "hmac"),
        ("format", "json"),
        ("v", "2.0"),
        ("timestamp", "2026-11-21 16:00:00"),
    ]);
    assert_eq!(sign::top(&params, "simulated-top-secret").unwrap(), "D11CA4D1AD65F72D012C08B82B5ED0CD");
}

/// Made by `node-taobao-topclient` 0.1.7 (npm), `TopClient.sign`; the same package then called the running simulator.
#[test]
fn node_taobao_topclient_signs_alike() {
    let params = map(&[
        ("timestamp", "2026-11-21 16:00:00"),
        ("format", "json"),
        ("app_key", "12345678"),
        ("v", "2.0"),
        ("sign_method", "md5"),
        ("method", "cainiao.waybill.ii.cancel"),
        ("session", "6100sim0001"),
        ("cp_code", "YTO"),
        ("waybill_code", "YT000310000007"),
        ("note", "备注 + 空格&=~*"),
    ]);
    assert_eq!(sign::top(&params, "simulated-top-secret").unwrap(), "A26D95077CD516ED368130F0F393501D");
}

/// Made by `@shopify/shopify-api` 15.0.0 (npm), `createSHA256HMAC`; its `webhooks.validate` then said `valid: true` of
/// the running simulator's webhooks.
#[test]
fn shopifys_own_library_signs_alike() {
    let body = "{\"id\":9407199254740995,\"note\":\"请发顺丰\"}";
    let expected = "bQyBg8QiVxSgyWAE6EJO9aqF6Mk41/yUx1xV+iXZZCM=";
    assert_eq!(sign::webhook("simulated-client-secret", body.as_bytes()), expected);
    let documented = sign::webhook("hush", b"{\"id\":820982911946154508}");
    assert_eq!(documented, "qBvrsZF7RfB1iS6BX6IHqJTp5L911P7intnPeTPsH0I=");
}

/// Made by `woocommerce` 3.0.0 (PyPI), `OAuth.get_oauth_url` with its nonce fixed; the same package then listed,
/// updated and noted orders at the running simulator.
#[test]
fn the_woocommerce_package_signs_alike() {
    let pairs = [
        ("modified_after", "2026-11-21T08:00:00"),
        ("per_page", "50"),
        ("oauth_consumer_key", "ck_simulated_0001"),
        ("oauth_timestamp", "1795248000"),
        ("oauth_nonce", "c0ffee"),
        ("oauth_signature_method", "HMAC-SHA256"),
    ];
    let pairs: Vec<(String, String)> = pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    let url = "http://127.0.0.1:8080/wp-json/wc/v3/orders";
    let made = sign::oauth1_sha256("GET", url, &pairs, "cs_simulated_0001");
    assert_eq!(made, "o6FnaZa+u8QtW+wrFJeYrROpvr8UyaqWkN8pI2ujryQ=");
    let hook = sign::webhook("wcsecret", b"{\"id\":727}");
    assert_eq!(hook, "IWrrlxL74652/ak9M0CRmMHZkRMXP4vDRlBwfJOIT88=");
}

#[test]
fn sfs_digest_holds_both_ways() {
    let data = "{\"language\":\"zh-CN\",\"orderId\":\"OMS-1\"}";
    assert_eq!(sign::sf(data, "1700000000000", "testcheckword", true), "FYW/m/vxbZBMM6bIeH7ULw==");
    assert_eq!(sign::sf(data, "1700000000000", "testcheckword", false), "PST4H6m4vsbfDWXwdb7/Lg==");
}
