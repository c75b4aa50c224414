//! A shop lets Huidan in on its platform's page, from the API to the credentials that are kept.
#![expect(clippy::unwrap_used, reason = "a test that cannot set itself up has failed")]

use bytes::Bytes;
use http::StatusCode;
use huidan_exchange::{Reply, sign};
use huidan_store::schema::Which;
use huidan_store::{Db, Keyring};
use huidan_testkit::world::{TestWorld, block_on};
use huidan_world::{World, adapter, credentials, put_access};
use serde_json::Value;
use std::collections::BTreeMap;

async fn house() -> TestWorld {
    let world = TestWorld::new(11);
    world.set("admin_token", "owner");
    world.set("public_url", "https://hub.example.com");
    world.component("console-api", async |world, request| console_api::serve(&world, request).await);
    world.component("channel-amazon", async |world, request| {
        adapter::channel(&world, request, &channel_amazon::Amazon).await
    });
    world.outside(async |request| {
        let asked = String::from_utf8_lossy(request.body()).into_owned();
        assert!(request.uri().path() == "/auth/o2/token" && asked.contains("code=the-code"), "{asked}");
        let token = r#"{"access_token":"Atza|new","token_type":"bearer","expires_in":3600,"refresh_token":"Atzr|new"}"#;
        Ok(Reply::new(Bytes::from_static(token.as_bytes())))
    });
    let application = [
        ("client_id", "amzn1.application-oa2-client.x"),
        ("client_secret", "a-secret"),
        ("marketplace_ids", "ATVPDKIKX0DER"),
        ("application_id", "amzn1.sp.solution.x"),
    ];
    let application: BTreeMap<String, String> =
        application.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
    let edge = world.connection(Which::Edge);
    put_access(&edge, world.moment(), &keys(), "shop", "a1", "amazon", "live", None, &application).await.unwrap();
    let shop = "INSERT INTO shop (id, channel, name, mode, environment, created_at)
         VALUES ('a1', 'amazon', 'A', 'observe', 'live', 0)";
    world.connection(Which::Main).run(shop, &[]).await.unwrap();
    world
}

fn keys() -> Keyring {
    Keyring::parse(&sign::base64(&[2; 32])).unwrap()
}

/// The platform's page sends the browser back.
async fn back(world: &TestWorld, query: &str) -> StatusCode {
    let request = http::Request::get(format!("http://house/oauth/amazon/callback?{query}")).body(Bytes::new()).unwrap();
    world.request("channel-amazon", request).await.status()
}

#[test]
fn a_shop_is_let_in_once_and_what_the_page_says_of_the_seller_is_kept() {
    block_on(async {
        let world = house().await;
        let request = http::Request::post("http://house/api/v1/shops/a1/authorize")
            .header("authorization", "Bearer owner")
            .body(Bytes::new())
            .unwrap();
        let begun = world.request("console-api", request).await;
        let begun: Value = serde_json::from_slice(begun.body()).unwrap();
        let page = begun["page"].as_str().unwrap();
        let state = page.split("state=").nth(1).unwrap().split('&').next().unwrap();

        let said = "selling_partner_id=A3EXAMPLE&mws_auth_token=x&spapi_oauth_code=the-code";
        assert_eq!(back(&world, &format!("state=another&{said}")).await, StatusCode::BAD_REQUEST);
        assert_eq!(back(&world, &format!("state={state}&{said}")).await, StatusCode::OK);
        assert_eq!(back(&world, &format!("state={state}&{said}")).await, StatusCode::BAD_REQUEST, "a state works once");

        let edge = world.connection(Which::Edge);
        let kept = credentials(&edge, &keys(), "shop", "a1").await.unwrap().unwrap();
        let of = |name: &str| kept.get(name).map(String::as_str);
        assert_eq!((of("refresh_token"), of("seller_id")), (Some("Atzr|new"), Some("A3EXAMPLE")));
        assert_eq!((of("client_secret"), of("mws_auth_token")), (Some("a-secret"), None));
    });
}
