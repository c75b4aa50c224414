//! Pushed messages: who sent them, what they announce, what is said to them.

use crate::account;
use aes::cipher::block_padding::NoPadding;
use aes::cipher::{BlockModeEncrypt, KeyIvInit};
use bytes::Bytes;
use channel_wechat_shop::WechatShop;
use http::HeaderMap;
use huidan_channel::{Channel, Event};
use huidan_domain::Millis;
use huidan_exchange::{Account, Refusal, Said, Verified, Webhook, sign};

/// The order was paid, as WeChat's page shows it.
pub(crate) const PAID_EVENT: &str = r#"{"ToUserName":"gh_09a08d72d1a6","FromUserName":"oHkRE2TYh","CreateTime":1662480000,"MsgType":"event","Event":"channels_ec_order_pay","order_info":{"order_id":"3705115058471208929","pay_time":1658509200}}"#;
const APPID: &str = "wxb11529c136998cb6";
const AES_KEY: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFE";
const PUBLISHED_KEY: &str = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";
const PUBLISHED: &str = "jn1L23DB+6ELqJ+6bruv21Y6MD7KeIfP82D6gU39rmkgczbWwt5+3bnyg5K55bgVtVzd832WzZGMhkP72vVOfg==";

/// Path, query and headers of an open message: the signature is over the parameters alone.
pub(crate) fn signed_open(token: &str) -> (String, HeaderMap) {
    let signature = sha1_sorted(&[token, "1409304348", "xxxxxx"]);
    let path = format!("/webhook/wechat-shop/shop-1?signature={signature}&timestamp=1409304348&nonce=xxxxxx&openid=o");
    (path, json_headers())
}

fn json_headers() -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert("content-type", http::HeaderValue::from_static("application/json"));
    headers
}

/// As WeChat's page tells it, put together here a second time.
pub(crate) fn sha1_sorted(texts: &[&str]) -> String {
    let mut texts = texts.to_vec();
    texts.sort();
    sign::hex(&sign::sha1(&[texts.concat().as_bytes()]))
}

/// Seals as WeChat does: padded to 32 bytes, the key's first half as the vector.
pub(crate) fn seal(message: &str, appid: &str) -> String {
    let key = sign::from_base64(&format!("{AES_KEY}=")).unwrap();
    let mut plain = b"aaaabbbbccccdddd".to_vec();
    plain.extend(u32::try_from(message.len()).unwrap().to_be_bytes());
    plain.extend([message.as_bytes(), appid.as_bytes()].concat());
    let pad = 32 - plain.len() % 32;
    plain.extend(std::iter::repeat_n(u8::try_from(pad).unwrap(), pad));
    let sealer = cbc::Encryptor::<aes::Aes256>::new_from_slices(&key, &key[..16]).unwrap();
    sign::base64(&sealer.encrypt_padded_vec::<NoPadding>(&plain))
}

pub(crate) fn sealed_path(token: &str, encrypt: &str) -> String {
    let (signature, msg) =
        (sha1_sorted(&[token, "1409304348", "xxxxxx"]), sha1_sorted(&[token, "1409304348", "xxxxxx", encrypt]));
    format!(
        "/webhook/wechat-shop/shop-1?signature={signature}&timestamp=1409304348&nonce=xxxxxx&openid=o&encrypt_type=aes&msg_signature={msg}"
    )
}

fn verify(shop: &Account, path: &str, body: &str) -> Result<Webhook<Verified>, Refusal> {
    let hook = Webhook::new(path, json_headers(), Bytes::copy_from_slice(body.as_bytes()));
    WechatShop.verify(hook, shop, Millis(0))
}

fn events(shop: &Account, path: &str, body: &str) -> Vec<Event> {
    WechatShop.take(&verify(shop, path, body).unwrap(), shop).unwrap()
}

pub(crate) fn sealing_shop() -> Account {
    account(&[("encoding_aes_key", AES_KEY)])
}

#[test]
fn the_published_knocks_are_answered_with_their_own_text() {
    for (timestamp, nonce, signature) in [
        ("1714036504", "1514711492", "f464b24fc39322e44b38aa78f5edd27bd1441696"),
        ("1714037059", "486452656", "899cf89e464efb63f54ddac96b0a0a235f53aa78"),
    ] {
        let path = |signature: &str| {
            format!(
                "/webhook/wechat-shop/shop-1?signature={signature}&echostr=4375120948345356249&timestamp={timestamp}&nonce={nonce}"
            )
        };
        for shop in [account(&[("token", "AAAAA")]), account(&[("token", "AAAAA"), ("encoding_aes_key", AES_KEY)])] {
            let hook = verify(&shop, &path(signature), "").unwrap();
            let echo = WechatShop.echo(&hook, &shop).unwrap();
            assert_eq!((echo.status().as_u16(), &echo.body()[..]), (200, &b"4375120948345356249"[..]));
            assert_eq!(WechatShop.take(&hook, &shop).map(|events| events.len()), Ok(0));
            let forged = path(&signature.replace('9', "8"));
            assert!(matches!(verify(&shop, &forged, ""), Err(Refusal::Signature)));
            assert!(
                matches!(verify(&shop, &path(signature), PAID_EVENT), Err(Refusal::Signature)),
                "a knock brings no body in"
            );
        }
    }
}

#[test]
fn a_knock_is_decoded_and_nothing_else_is_echoed() {
    let signature = sha1_sorted(&["pamtest", "1", "2"]);
    let shop = account(&[]);
    let path = format!("/webhook/wechat-shop/shop-1?signature={signature}&timestamp=1&nonce=2&echostr=a%2Bb%3D");
    let echo = WechatShop.echo(&verify(&shop, &path, "").unwrap(), &shop).unwrap();
    assert_eq!(&echo.body()[..], b"a+b=");
    assert_eq!(echo.headers()["content-type"], "text/plain; charset=utf-8");
    let (path, _) = signed_open("pamtest");
    assert!(WechatShop.echo(&verify(&shop, &path, PAID_EVENT).unwrap(), &shop).is_none());
}

#[test]
fn the_published_sealed_text_is_proven_by_its_own_signature() {
    let shop = account(&[("encoding_aes_key", PUBLISHED_KEY)]);
    let path = "/w?timestamp=1409304348&nonce=xxxxxx&msg_signature=82c962d39941aa48552f90ef55aa323dc620cc10";
    let body = format!(r#"{{"ToUserName":"gh_1","Encrypt":"{PUBLISHED}"}}"#);
    let hook = verify(&shop, path, &body).unwrap();
    assert!(WechatShop.take(&hook, &shop).err().unwrap().contains("sealed"), "what was sealed is no message");
}

#[test]
fn a_sealed_event_announces_its_order() {
    let (shop, encrypt) = (sealing_shop(), seal(PAID_EVENT, APPID));
    let path = sealed_path("pamtest", &encrypt);
    let json = format!(r#"{{"ToUserName":"gh_1","Encrypt":"{encrypt}"}}"#);
    let xml = format!("<xml><ToUserName><![CDATA[gh_1]]></ToUserName><Encrypt><![CDATA[{encrypt}]]></Encrypt></xml>");
    for body in [json, xml] {
        let events = events(&shop, &path, &body);
        let [event] = events.as_slice() else { panic!("{} events", events.len()) };
        assert_eq!((event.ext_id.as_str(), event.topic.as_str()), ("3705115058471208929", "channels_ec_order_pay"));
        assert!(!event.complete && event.event_id.contains("1662480000"));
        assert_eq!(&event.document[..], PAID_EVENT.as_bytes());
    }
}

#[test]
fn a_changed_byte_of_the_sealed_text_is_refused() {
    let (shop, encrypt) = (sealing_shop(), seal(PAID_EVENT, APPID));
    let path = sealed_path("pamtest", &encrypt);
    let body = format!(r#"{{"ToUserName":"gh_1","Encrypt":"{encrypt}"}}"#);
    let from = body.find(&encrypt).unwrap();
    for at in from..from + encrypt.len() {
        let mut changed = body.clone().into_bytes();
        changed[at] = if changed[at] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).unwrap();
        assert!(matches!(verify(&shop, &path, &changed), Err(Refusal::Signature)), "byte {at}");
    }
    for cut in 0..body.len() {
        assert!(verify(&shop, &path, &body[..cut]).is_err(), "cut at {cut}");
    }
}

#[test]
fn a_shop_with_a_key_takes_no_open_messages() {
    let (path, _) = signed_open("pamtest");
    assert!(matches!(verify(&sealing_shop(), &path, PAID_EVENT), Err(Refusal::Signature)));
    assert!(verify(&account(&[]), &path, PAID_EVENT).is_ok());
}

#[test]
fn a_message_for_another_app_or_without_a_key_is_told_and_not_taken() {
    let body = |encrypt: &str| format!(r#"{{"ToUserName":"gh_1","Encrypt":"{encrypt}"}}"#);
    let said = |shop: &Account, encrypt: &str| {
        let hook = verify(shop, &sealed_path("pamtest", encrypt), &body(encrypt)).unwrap();
        WechatShop.take(&hook, shop).err().unwrap()
    };
    assert!(said(&sealing_shop(), &seal(PAID_EVENT, "wx0000000000000000")).contains("another AppID"));
    assert!(said(&account(&[]), &seal(PAID_EVENT, APPID)).contains("EncodingAESKey"));
    assert!(said(&sealing_shop(), &seal(PAID_EVENT, APPID)[4..]).contains("does not open"));
}

#[test]
fn every_topic_about_an_order_is_a_hint_and_others_are_nothing() {
    let shop = account(&[]);
    let (path, _) = signed_open("pamtest");
    let told = |event: &str, inner: &str| {
        let body = format!(r#"{{"CreateTime":1,"MsgType":"event","Event":"{event}",{inner}}}"#);
        events(&shop, &path, &body).into_iter().map(|event| (event.ext_id, event.complete)).collect::<Vec<_>>()
    };
    for event in ["new", "cancel", "pay", "wait_shipping", "deliver", "confirm", "settle", "ext_info_update"] {
        let told = told(&format!("channels_ec_order_{event}"), r#""order_info":{"order_id":3705115058471208928}"#);
        assert_eq!(told, [("3705115058471208928".to_owned(), false)], "{event}");
    }
    let after_sale = r#""finder_shop_aftersale_status_update":{"status":"USER_WAIT_RETURN","after_sale_order_id":"2","order_id":"12345"}"#;
    assert_eq!(told("channels_ec_aftersale_update", after_sale), [("12345".to_owned(), false)]);
    for event in ["product_spu_listing", "channels_ec_stock_no_enough", "ewaybill_push_path", "zz_new_event", ""] {
        assert!(told(event, r#""order_info":{"order_id":"1"}"#).is_empty(), "{event}");
    }
    let bare = r#"{"Event":"channels_ec_order_pay","order_info":{}}"#;
    let said = WechatShop.take(&verify(&shop, &path, bare).unwrap(), &shop).err().unwrap();
    assert_eq!(said, "order_info.order_id: is missing");
}

#[test]
fn two_kinds_of_news_in_one_second_are_two_events_and_a_repeat_is_one() {
    let shop = account(&[]);
    let (path, _) = signed_open("pamtest");
    let id = |kind: u8, time: u8| {
        let body = format!(
            r#"{{"CreateTime":{time},"Event":"channels_ec_order_ext_info_update","order_info":{{"order_id":"1","type":{kind}}}}}"#
        );
        events(&shop, &path, &body)[0].event_id.clone()
    };
    assert_eq!(id(4, 1), id(4, 1));
    assert!(id(4, 1) != id(2, 1) && id(4, 1) != id(4, 2));
}

#[test]
fn wechat_reads_success_and_nothing_else() {
    let said = |said: Said| {
        let answer = WechatShop.answer(&said);
        (answer.status().as_u16(), String::from_utf8(answer.body().to_vec()).unwrap())
    };
    assert_eq!(said(Said::Stored), (200, "success".to_owned()));
    assert_eq!(said(Said::Refused(Refusal::Signature)).0, 401);
    assert_eq!(said(Said::Refused(Refusal::UnknownAccount)).0, 404);
    assert_eq!(said(Said::Malformed("x".into())).0, 422);
    assert_eq!(said(Said::TooLarge).0, 413);
    assert_eq!(said(Said::Busy).0, 503);
}
