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

/// The vectors of the descriptions.
#[test]
fn the_carriers_vectors_hold() {
    assert_eq!(sign::raw_md5("opentest", "123456"), "YLstCNa3x8ijQx16e/jqOA==");
    let yto = "{\"Number\":\"YT2819014489339\"}track_query_adapterv1";
    assert_eq!(sign::raw_md5(yto, "123456"), "Qdd75xYvIhti4vU5PUClOg==");
    assert_eq!(sign::raw_md5("{\"billCode\":\"73100000000001\"}", "testsecret"), "D38j/Gou4odldksLmdtCZw==");
    let push = "{\"billCode\":\"73100000000001\",\"actionTime\":\"2025-05-22 15:07:46\",\"action\":\"SIGNED\"}";
    assert_eq!(sign::raw_md5(push, "testsecret"), "XeEzGhc7SUb4/T6Q0o3ipQ==");
    let sto = "{\"waybillNoList\":[\"777031922725111\"]}";
    assert_eq!(sign::raw_md5(sto, "testsecret"), "S/I1ugscyK1WoUkxNxbadQ==");
    assert_eq!(sign::yunda("{\"mailno\":\"4312345678901\"}", "testsecret"), "c1365e282e7222662328575a1f5e0275");
    assert_eq!(sign::raw_md5("{\"billCodes\":\"JT0000000000001\"}", "testkey"), "GVPFOh4Tn7FtKS/vBA/GlQ==");
    let kdniao = "{\"OrderCode\":\"\",\"ShipperCode\":\"SF\",\"LogisticCode\":\"118650888018\"}";
    assert_eq!(sign::kdniao(kdniao, "testkey"), "MTBiOGZmMjcwZDcxZTU4NzJkMWMwYjMwMzc4NzBiZGQ=");
    let param = "{\"com\":\"yuantong\",\"num\":\"em263999513jp\"}";
    assert_eq!(sign::kuaidi100(&[param, "testkey", "testcustomer"]), "AE3545D842567E9791BA7D5FF5EE7BEA");
    assert_eq!(sign::kuaidi100(&[param, "1700000000000", "testkey", "testsecret"]), "CF72636FF8BB2C9FA08A5C2513EE3778");
    let callback = "{\"status\":\"polling\",\"message\":\"\",\"lastResult\":{\"state\":\"0\",\"com\":\"yuantong\",\"nu\":\"YT6186594166532\"}}";
    assert_eq!(sign::kuaidi100(&[callback, "salt123"]), "AA9953B0E7A0E2FD0EA2AC4222AB11FA");
}

#[test]
fn jd_logistics_vectors_hold() {
    let text = |body: &str| {
        sign::jd_logistics_text("sec", "tok", "key", "/ecap/v1/orders/create", body, "2024-01-01 12:00:00")
    };
    let array = text("[{\"orderId\":\"1\"}]");
    assert_eq!(sign::jd_logistics("md5-salt", &array, "sec").unwrap(), "D7FE170C71C36D98B860AA53C000813F");
    let object = text("{\"orderId\":\"1\"}");
    assert_eq!(sign::jd_logistics("md5-salt", &object, "sec").unwrap(), "47523951AB78A1A36BD67233F3A8D736");
    let hmac = "TfwN1jMNnNs6p2eCIuWbtgtRSaskOemz0e/R/KQs3Oc=";
    assert_eq!(sign::jd_logistics("HMacSHA256", &object, "sec").unwrap(), hmac);
    assert_eq!(sign::jd_logistics("sha1", &object, "sec"), None);
}

#[test]
fn the_vectors_of_tracking_services_and_robots_hold() {
    let expected = "hmac-sha256-hex=0e4a6a1949f9bb1442131fecd0238c31f214f10181f1157297c769df45ae96c5";
    assert_eq!(sign::easypost("testsecret", b"{\"description\":\"tracker.updated\"}"), expected);
    let aftership = sign::webhook("testsecret", b"{\"event\":\"tracking_update\"}");
    assert_eq!(aftership, "2rvwgh760ZtvfZQkNNHAj/18S470Zrk1p7x6P7eRO2s=");
    let expected = "512d0055800c103d050c73d5aed69080d79ea41ca38014953d586da57290f129";
    assert_eq!(sign::seventeen_track("{\"event\":\"TRACKING_UPDATED\",\"data\":{}}", "testkey"), expected);
    let expected = "a37084ab68ae16b77db1f8463f31be9fcc965e2515e03efecf8139bb1e511b06";
    assert_eq!(sign::trackingmore("2e55b9a3-4dd1-4416-9897-c4bd1e3d738f", "1662371528"), expected);
    assert_eq!(sign::dingtalk("SECtest", "1700000000000"), "aZLLrriXgn05YbwaGR7knYsLeJADjr9NwLaNNKpxh4g=");
    assert_eq!(sign::feishu("testsecret", "1700000000"), "AOc8oJ7//5OlQlfWC3nRL0R+IkuzcD1FKcAyibRK9Q8=");
}

/// The example of the Standard Webhooks specification, made again with another library.
#[test]
fn a_standard_webhook_is_signed_over_id_time_and_body() {
    let secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    let made = sign::standard_webhook(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", b"{\"test\": 2432232314}");
    assert_eq!(made.unwrap(), "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    assert_eq!(sign::standard_webhook("whsec_not base64", "msg", "1", b""), None);
}
