//! The channel and its waybills in a house: knocks, sealed pushes, a token that nobody entered, a shop that lends it.

use crate::fake::{TOKEN, Wechat};
use crate::push::{PAID_EVENT, seal, sealed_path, sealing_shop, sha1_sorted};
use crate::{ORDER, PAID};
use bytes::Bytes;
use channel_wechat_shop::{WechatShop, WechatShopWaybill};
use huidan_exchange::{Request, sign};
use huidan_store::Keyring;
use huidan_store::schema::Which;
use huidan_testkit::reply;
use huidan_testkit::world::{TestWorld, block_on};
use huidan_wire::call::{Fetch, For};
use huidan_world::{Incoming, World, adapter, put_access};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

const SHOP: &str = "channel-wechat-shop";

/// A house with the shop, which has no token yet, and a waybill account that borrows from it.
async fn house() -> (TestWorld, Rc<RefCell<Wechat>>) {
    let world = TestWorld::new(5);
    world.component(SHOP, async |world, request: Incoming| match request.uri().path().starts_with("/waybill/") {
        true => adapter::carrier(&world, request, &WechatShopWaybill, &adapter::Lender(&WechatShop)).await,
        false => adapter::channel(&world, request, &WechatShop).await,
    });
    world.component("flow-intake", async |_, _| http::Response::new(Bytes::new()));
    let wechat = Rc::new(RefCell::new(Wechat::new(&[PAID])));
    let outside = Rc::clone(&wechat);
    world.outside(async move |request: Request| {
        Ok(match request.uri().path() {
            "/cgi-bin/stable_token" => {
                outside.borrow_mut().called.push("token".into());
                reply(200, format!(r#"{{"access_token":"{TOKEN}","expires_in":7200}}"#))
            }
            path if path.contains("/ewaybill/") => {
                assert_eq!(request.uri().query(), Some(format!("access_token={TOKEN}").as_str()));
                reply(200, r#"{"errcode":10025010,"errmsg":"电子面单订单不存在"}"#)
            }
            _ => outside.borrow_mut().answer(&request),
        })
    });
    let keys = Keyring::parse(&sign::base64(&[2; 32])).unwrap();
    let mut shop = BTreeMap::new();
    for name in ["appid", "secret", "token", "encoding_aes_key"] {
        let value = sealing_shop().credentials.optional(name).unwrap().to_owned();
        shop.insert(name.to_owned(), value);
    }
    let carrier = [("shop", "s1"), ("delivery_id", "ZTO"), ("ewaybill_acct_id", "66"), ("shop_id", "50")];
    let carrier = carrier.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let accounts = [("shop", "s1", "wechat-shop", shop), ("carrier", "c1", "wechat-shop-waybill", carrier)];
    for (role, id, adapter, credentials) in accounts {
        let (edge, moment) = (world.connection(Which::Edge), world.moment());
        put_access(&edge, moment, &keys, role, id, adapter, "live", None, &credentials).await.unwrap();
    }
    (world, wechat)
}

fn request(method: &str, path: &str, body: &str) -> Request {
    let built = http::Request::builder().method(method).uri(format!("http://hub{path}"));
    built.body(Bytes::copy_from_slice(body.as_bytes())).unwrap()
}

#[test]
fn a_knock_is_echoed_and_a_sealed_push_wakes_the_intake_once() {
    block_on(async {
        let (world, _) = house().await;
        let signature = sha1_sorted(&["pamtest", "1", "2"]);
        let knock =
            format!("/webhook/wechat-shop/s1?signature={signature}&timestamp=1&nonce=2&echostr=4375120948345356249");
        let echo = world.request(SHOP, request("GET", &knock, "")).await;
        assert_eq!((echo.status().as_u16(), &echo.body()[..]), (200, &b"4375120948345356249"[..]));
        let encrypt = seal(PAID_EVENT, "wxb11529c136998cb6");
        let path = sealed_path("pamtest", &encrypt).replace("shop-1", "s1");
        let body = format!(r#"{{"ToUserName":"gh_1","Encrypt":"{encrypt}"}}"#);
        for _ in 0..2 {
            let answer = world.request(SHOP, request("POST", &path, &body)).await;
            assert_eq!((answer.status().as_u16(), &answer.body()[..]), (200, &b"success"[..]));
        }
        assert_eq!(world.woken(), [("flow-intake".to_owned(), "wechat-shop".to_owned())], "the repeat is nothing new");
        let forged = world.request(SHOP, request("POST", &path, &body.replace(&encrypt, &encrypt[4..]))).await;
        assert_eq!(forged.status().as_u16(), 401);
    });
}

#[test]
fn the_first_call_gets_the_token_and_the_waybills_borrow_it() {
    block_on(async {
        let (world, wechat) = house().await;
        let asked = Fetch { shop: "s1".into(), ext_ids: vec![ORDER.into()] };
        for _ in 0..2 {
            let answer = world.post(SHOP, "/call/fetch", &asked).await;
            let answer: Value = serde_json::from_slice(answer.body()).unwrap();
            assert!(answer.to_string().contains("明前龙井"), "{answer}");
        }
        assert_eq!(wechat.borrow().called, ["token", "/channels/ec/order/get", "/channels/ec/order/get"]);
        let parcel = For { account: "c1".to_owned(), subject: vec![crate::waybill::parcel()] };
        let answer = world.post(SHOP, "/waybill/query", &parcel).await;
        let answer: Value = serde_json::from_slice(answer.body()).unwrap();
        assert_eq!(answer, json!([{"done": null}]), "no number was taken, and the shop's token was");
        let logged = world.logged().join("\n");
        assert!(!logged.contains(TOKEN) && !logged.contains("app-secret"), "{logged}");
    });
}
