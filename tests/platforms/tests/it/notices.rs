//! Providers of notices: signatures, limits, errors, and what each counts.

use crate::carriers::start;
use crate::web::{Reply, call, try_call};
use huidan_platforms::sign::{self, AliyunRequest};
use huidan_platforms::{Fault, Options, Platform, Platforms, Running, When};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::{SystemTime, UNIX_EPOCH};

fn seconds() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()).unwrap()
}

fn utc() -> String {
    chrono::DateTime::from_timestamp(seconds(), 0).unwrap().format("%Y-%m-%dT%H:%M:%SZ").to_string()
}

fn map(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
    pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
}

fn encoded(params: &BTreeMap<String, String>) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(params).finish()
}

/// One SMS in the older form; `change` comes before signing.
async fn sms(running: &Running, nonce: &str, change: &[(&str, &str)]) -> Reply {
    let options = running.options().sms;
    let mut params = map(&[
        ("AccessKeyId", &options.access_key_id),
        ("Action", "SendSms"),
        ("Format", "JSON"),
        ("RegionId", "cn-hangzhou"),
        ("SignatureMethod", "HMAC-SHA1"),
        ("SignatureNonce", nonce),
        ("SignatureVersion", "1.0"),
        ("Timestamp", &utc()),
        ("Version", "2017-05-25"),
        ("PhoneNumbers", "13800100001"),
        ("SignName", "汇单"),
        ("TemplateCode", "SMS_100004"),
        ("TemplateParam", "{\"text\":\"您的包裹已发出\"}"),
        ("OutId", "n-1"),
    ]);
    params.extend(map(change));
    let signature = sign::aliyun_rpc("POST", &params, &options.access_key_secret);
    params.insert("Signature".to_owned(), signature);
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    call("POST", &format!("{}/", running.addresses().sms), &headers, encoded(&params)).await
}

#[tokio::test]
async fn an_sms_is_sent_once_a_minute_to_a_phone_and_counted_by_its_out_id() {
    let running = start().await;
    assert_eq!(sms(&running, "1", &[]).await.json()["Code"], "OK");
    let again = sms(&running, "2", &[("OutId", "n-2")]).await;
    assert_eq!((again.status, &again.json()["Code"]), (200, &json!("isv.BUSINESS_LIMIT_CONTROL")));
    assert_eq!(running.notices()["sms"], BTreeMap::from([("n-1".to_owned(), 1)]));
    let details = sms(&running, "3", &[("Action", "QuerySendDetails"), ("PhoneNumber", "13800100001")]).await.json();
    assert_eq!(details["SmsSendDetailDTOs"]["SmsSendDetailDTO"][0]["OutId"], "n-1");
    let mut options = Options::default();
    options.sms.limits = [0, 0, 2];
    let daily = Platforms::start(options).await.unwrap();
    for (nonce, code) in [("1", "OK"), ("2", "OK"), ("3", "isv.BUSINESS_LIMIT_CONTROL")] {
        assert_eq!(sms(&daily, nonce, &[]).await.json()["Code"], code);
    }
    assert_eq!(daily.notices()["sms"]["n-1"], 2, "the provider does not look at OutId");
}

#[tokio::test]
async fn what_is_not_approved_is_refused_by_name() {
    let running = start().await;
    for (nonce, field, value, code) in [
        ("1", "SignName", "别家", "isv.SMS_SIGNATURE_ILLEGAL"),
        ("2", "TemplateCode", "SMS_0", "isv.SMS_TEMPLATE_ILLEGAL"),
        ("3", "TemplateParam", "{}", "isv.TEMPLATE_MISSING_PARAMETERS"),
        ("4", "TemplateParam", "{\"text\":1}", "isv.INVALID_JSON_PARAM"),
        ("5", "PhoneNumbers", "138", "isv.MOBILE_NUMBER_ILLEGAL"),
    ] {
        assert_eq!(sms(&running, nonce, &[(field, value)]).await.json()["Code"], code);
    }
    let late = sms(&running, "6", &[("Timestamp", "2017-07-12T02:42:19Z")]).await;
    assert_eq!((late.status, &late.json()["Code"]), (400, &json!("InvalidTimeStamp.Expired")));
    assert_eq!(sms(&running, "7", &[("AccessKeyId", "nobody")]).await.status, 404);
    assert_eq!(sms(&running, "8", &[]).await.json()["Code"], "OK");
    assert_eq!(sms(&running, "8", &[]).await.json()["Code"], "SignatureNonceUsed");
    assert_eq!((running.ledger().bad_signatures.len(), running.ledger().notices.len()), (3, 1));
}

#[tokio::test]
async fn the_newer_signature_holds_too() {
    let running = start().await;
    let (options, at) = (running.options().sms, running.addresses().sms.clone());
    let host = at.trim_start_matches("http://").to_owned();
    let query = map(&[
        ("PhoneNumbers", "13800100001"),
        ("SignName", "汇单"),
        ("TemplateCode", "SMS_100004"),
        ("TemplateParam", "{\"text\":\"~*'\"}"),
        ("OutId", "n-3"),
    ]);
    let headers = map(&[
        ("host", &host),
        ("x-acs-action", "SendSms"),
        ("x-acs-version", "2017-05-25"),
        ("x-acs-date", &utc()),
        ("x-acs-signature-nonce", "v3-1"),
        ("x-acs-content-sha256", &sign::sha256_hex(b"")),
    ]);
    let request = AliyunRequest { method: "POST".to_owned(), query, headers, body: Vec::new() };
    let signature = sign::aliyun_v3(&request, &options.access_key_secret);
    let names = request.headers.keys().cloned().collect::<Vec<_>>().join(";");
    for (spoil, status) in [("0", 400), ("", 200)] {
        let credential = format!(
            "ACS3-HMAC-SHA256 Credential={},SignedHeaders={names},Signature={signature}{spoil}",
            options.access_key_id
        );
        let mut sent: Vec<(&str, &str)> = vec![("authorization", &credential)];
        sent.extend(request.headers.iter().filter(|(k, _)| *k != "host").map(|(k, v)| (k.as_str(), v.as_str())));
        let reply = call("POST", &format!("{at}/?{}", encoded(&request.query)), &sent, "").await;
        assert_eq!(reply.status, status, "{:?}", reply.body);
    }
    assert_eq!(running.notices()["sms"]["n-3"], 1);
}

/// The signatures of Aliyun as it publishes them.
#[test]
fn aliyuns_published_vectors_hold() {
    let first = map(&[
        ("AccessKeyId", "testId"),
        ("Action", "SendSms"),
        ("Format", "XML"),
        ("OutId", "123"),
        ("PhoneNumbers", "15300000001"),
        ("RegionId", "cn-hangzhou"),
        ("SignName", "阿里云短信测试专用"),
        ("SignatureMethod", "HMAC-SHA1"),
        ("SignatureNonce", "45e25e9b-0a6f-4070-8c85-2956eda1b466"),
        ("SignatureVersion", "1.0"),
        ("TemplateCode", "SMS_71390007"),
        ("TemplateParam", "{\"customer\":\"test\"}"),
        ("Timestamp", "2017-07-12T02:42:19Z"),
        ("Version", "2017-05-25"),
    ]);
    assert_eq!(sign::aliyun_rpc("GET", &first, "testSecret"), "zJDF+Lrzhj/ThnlvIToysFRq6t4=");
    let second = map(&[
        ("AccessKeyId", "testid"),
        ("Action", "DescribeRegions"),
        ("Format", "XML"),
        ("SignatureMethod", "HMAC-SHA1"),
        ("SignatureNonce", "3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf"),
        ("SignatureVersion", "1.0"),
        ("Timestamp", "2016-02-23T12:46:24Z"),
        ("Version", "2014-05-26"),
    ]);
    assert_eq!(sign::aliyun_rpc("GET", &second, "testsecret"), "OLeaidS1JvxuMvnyHOwuJ+uX5qY=");
}

#[test]
fn aliyuns_newer_vectors_hold() {
    let v3 = |host: &str, action: &str, version: &str, date: &str, nonce: &str, query: BTreeMap<String, String>| {
        let headers = map(&[
            ("host", host),
            ("x-acs-action", action),
            ("x-acs-content-sha256", &sign::sha256_hex(b"")),
            ("x-acs-date", date),
            ("x-acs-signature-nonce", nonce),
            ("x-acs-version", version),
        ]);
        AliyunRequest { method: "POST".to_owned(), query, headers, body: Vec::new() }
    };
    let image = "win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd";
    let query = map(&[("ImageId", image), ("RegionId", "cn-shanghai")]);
    let nonce = "3156853299f313e23d1673dc12e1703d";
    let run = v3("ecs.cn-shanghai.aliyuncs.com", "RunInstances", "2014-05-26", "2023-10-26T10:22:32Z", nonce, query);
    let expected = "06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0";
    assert_eq!(sign::aliyun_v3(&run, "YourAccessKeySecret"), expected);
    let query = map(&[
        ("PhoneNumbers", "15300000001"),
        ("SignName", "test"),
        ("TemplateCode", "SMS_1"),
        ("TemplateParam", "{\"no\":\"1\"}"),
    ]);
    let send = v3("dysmsapi.aliyuncs.com", "SendSms", "2017-05-25", "2024-01-01T00:00:00Z", "n1", query);
    let expected = "74813eddfaaf097741e2b91395aba9fd18879727c00033f81fb28d0b68d19eb5";
    assert_eq!(sign::aliyun_v3(&send, "testsecret"), expected);
}

async fn wecom(running: &Running, key: &str, content: &str) -> Value {
    let url = format!("{}/cgi-bin/webhook/send?key={key}", running.addresses().wecom);
    let body = json!({"msgtype": "text", "text": {"content": content}}).to_string();
    call("POST", &url, &[("content-type", "application/json")], body).await.json()
}

#[tokio::test]
async fn wecom_takes_twenty_a_minute_of_at_most_2048_bytes_each() {
    let running = start().await;
    let key = running.options().wecom.token;
    assert_eq!(wecom(&running, "nobody", "包裹").await["errcode"], 93_000);
    let long: String = "汇".repeat(683);
    assert_eq!(wecom(&running, &key, &long).await["errcode"], 40_058, "2049 bytes");
    let codes: Vec<Value> = {
        let mut codes = Vec::new();
        for n in 0..21 {
            codes.push(wecom(&running, &key, &format!("包裹 {n}")).await["errcode"].clone());
        }
        codes
    };
    assert!(codes.iter().take(20).all(|c| *c == 0));
    assert_eq!(codes[20], 45_009);
    assert_eq!(running.ledger().notices.len(), 20);
}

async fn dingtalk(running: &Running, time: i64, secret: &str, content: &str) -> Value {
    let signed = sign::dingtalk(secret, &time.to_string());
    let query = form_urlencoded::Serializer::new(String::new())
        .append_pair("access_token", &running.options().dingtalk.token)
        .append_pair("timestamp", &time.to_string())
        .append_pair("sign", &signed)
        .finish();
    let url = format!("{}/robot/send?{query}", running.addresses().dingtalk);
    let body = json!({"msgtype": "markdown", "markdown": {"title": "汇单", "text": content}}).to_string();
    call("POST", &url, &[], body).await.json()
}

#[tokio::test]
async fn dingtalk_checks_sign_and_hour_and_mutes_who_says_too_much() {
    let running = start().await;
    let (secret, now) = (running.options().dingtalk.secret, seconds() * 1_000);
    assert_eq!(dingtalk(&running, now, "SECother", "包裹").await["errcode"], 310_000);
    assert_eq!(dingtalk(&running, now - 4_000_000, &secret, "包裹").await["errcode"], 310_000);
    for n in 0..20 {
        assert_eq!(dingtalk(&running, now, &secret, &format!("包裹 {n}")).await["errcode"], 0);
    }
    assert_eq!(dingtalk(&running, now, &secret, "包裹 21").await["errcode"], 130_101);
    running.fault(Platform::Dingtalk, Fault::ClockSkew { seconds: 120 });
    assert_eq!(dingtalk(&running, now, &secret, "包裹 22").await["errcode"], 130_101, "muted for ten minutes");
    running.fault(Platform::Dingtalk, Fault::ClockSkew { seconds: 660 });
    assert_eq!(dingtalk(&running, now, &secret, "包裹 23").await["errcode"], 0);
}

#[tokio::test]
async fn feishu_signs_nothing_with_its_text_in_seconds_and_says_five_a_second() {
    let running = start().await;
    let options = running.options().feishu;
    let url = format!("{}/open-apis/bot/v2/hook/{}", running.addresses().feishu, options.token);
    let say = async |time: i64, signed: String| {
        let body = json!({"timestamp": time.to_string(), "sign": signed, "msg_type": "text",
            "content": {"text": "包裹"}});
        call("POST", &url, &[], body.to_string()).await.json()["code"].clone()
    };
    let now = seconds();
    let right = |time: i64| sign::feishu(&options.secret, &time.to_string());
    assert_eq!(say(now, sign::dingtalk(&options.secret, &now.to_string())).await, 19_021);
    assert_eq!(say(now * 1_000, right(now * 1_000)).await, 19_021);
    let mut codes = Vec::new();
    for _ in 0..12 {
        codes.push(say(now, right(now)).await);
    }
    assert!(codes.contains(&json!(0)) && codes.contains(&json!(11_232)), "{codes:?}");
    assert_eq!(call("POST", &url, &[], "{}").await.json()["code"], 19_021);
}

#[tokio::test]
async fn e_mail_with_an_idempotency_key_goes_once_and_without_one_each_time() {
    let running = start().await;
    let options = running.options().email;
    let bearer = format!("Bearer {}", options.api_key);
    let body = json!({"from": format!("汇单 <{}>", options.from), "to": ["a@shop.example"], "subject": "包裹", "text": "停滞"});
    let url = format!("{}/emails", running.addresses().email);
    let send = async |key: &str, bearer: &str| {
        let mut headers = vec![("authorization", bearer), ("content-type", "application/json")];
        if !key.is_empty() {
            headers.push(("idempotency-key", key));
        }
        call("POST", &url, &headers, body.to_string()).await
    };
    let first = send("n-1", &bearer).await.json();
    assert_eq!(send("n-1", &bearer).await.json()["id"], first["id"]);
    assert_eq!(running.notices()["email"]["n-1"], 1);
    let other = body.to_string().replace("停滞", "已签收");
    let headers = [("authorization", bearer.as_str()), ("idempotency-key", "n-1")];
    assert_eq!(call("POST", &url, &headers, other).await.status, 409, "other words under a key that is known");
    assert_eq!(running.notices()["email"]["n-1"], 1);
    assert_eq!(send("", "Bearer no").await.status, 401);
    send("", &bearer).await;
    send("", &bearer).await;
    assert!(running.notices()["email"].values().any(|n| *n == 2));
    let mut params = map(&[
        ("AccessKeyId", &options.access_key_id),
        ("Action", "SingleSendMail"),
        ("Format", "JSON"),
        ("SignatureMethod", "HMAC-SHA1"),
        ("SignatureNonce", "m-1"),
        ("SignatureVersion", "1.0"),
        ("Timestamp", &utc()),
        ("Version", "2015-11-23"),
        ("AccountName", &options.from),
        ("AddressType", "1"),
        ("ReplyToAddress", "false"),
        ("ToAddress", "a@shop.example"),
        ("Subject", "包裹"),
        ("TextBody", "停滞"),
    ]);
    params.insert("Signature".to_owned(), sign::aliyun_rpc("POST", &params, &options.access_key_secret));
    let headers = [("content-type", "application/x-www-form-urlencoded")];
    let url = format!("{}/", running.addresses().email);
    assert!(call("POST", &url, &headers, encoded(&params)).await.json()["EnvId"].is_string());
    let json = json!({"from": {"email": options.from}, "personalizations": [{"to": [{"email": "a@shop.example"}]}],
        "subject": "包裹", "content": [{"type": "text/plain", "value": "停滞"}]});
    let url = format!("{}/v3/mail/send", running.addresses().email);
    let reply = call("POST", &url, &[("authorization", &bearer)], json.to_string()).await;
    assert_eq!((reply.status, reply.header("x-message-id").is_empty()), (202, false));
}

async fn hook(running: &Running, id: &str, at: i64, signatures: &str) -> Option<Reply> {
    let time = at.to_string();
    let headers = [("webhook-id", id), ("webhook-timestamp", &time), ("webhook-signature", signatures)];
    let url = format!("{}/orders", running.addresses().webhook_out);
    try_call("POST", &url, &headers, r#"{"type":"package.shipped"}"#).await.ok()
}

fn hook_sign(secret: &str, id: &str, at: i64) -> String {
    sign::standard_webhook(secret, id, &at.to_string(), br#"{"type":"package.shipped"}"#).unwrap()
}

#[tokio::test]
async fn a_webhook_is_taken_by_any_of_its_keys_within_five_minutes_and_counted_by_its_id() {
    let running = start().await;
    let (secrets, now) = (running.options().webhook_out.secrets, seconds());
    let two = format!("v1,bm8= {}", hook_sign(&secrets[1], "msg_1", now));
    assert_eq!(hook(&running, "msg_1", now, &two).await.unwrap().status, 200);
    assert_eq!(hook(&running, "msg_1", now, &hook_sign(&secrets[0], "msg_1", now)).await.unwrap().status, 200);
    let foreign = hook_sign("whsec_bm9ib2R5", "msg_2", now);
    assert_eq!(hook(&running, "msg_2", now, &foreign).await.unwrap().status, 401);
    let old = hook_sign(&secrets[0], "msg_2", now - 400);
    assert_eq!(hook(&running, "msg_2", now - 400, &old).await.unwrap().status, 401);
    assert_eq!(running.notices()["webhook-out"], BTreeMap::from([("msg_1".to_owned(), 1)]));
    assert_eq!(running.ledger().notices.iter().map(|n| n.repeat).collect::<Vec<_>>(), [false, true]);
}

#[tokio::test]
async fn a_receiver_that_is_down_for_hours_answers_500_and_forgets_nothing_it_took() {
    let running = start().await;
    let (secret, now) = (running.options().webhook_out.secrets[0].clone(), seconds());
    let at = Platform::WebhookOut;
    let hours = When { operation: String::new(), count: None, seconds: Some(7_200) };
    running.fault(at, Fault::Status { status: 500, when: hours });
    for _ in 0..3 {
        assert_eq!(hook(&running, "msg_3", now, &hook_sign(&secret, "msg_3", now)).await.unwrap().status, 500);
    }
    running.fault(at, Fault::Clear);
    running.fault(at, Fault::LostAnswer { when: When::default() });
    assert!(hook(&running, "msg_3", now, &hook_sign(&secret, "msg_3", now)).await.is_none());
    assert_eq!(running.notices()["webhook-out"]["msg_3"], 1, "taken, and nobody heard of it");
}
