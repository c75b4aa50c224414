//! Spreadsheets in and out, and what a person is asked about paper.

mod fixture;

use bytes::Bytes;
use fixture::{House, OWNER};
use http::{Method, StatusCode};
use huidan_world::{Incoming, serve};
use serde_json::json;

#[test]
fn good_rows_are_taken_and_bad_ones_named() {
    House::new().run(async |house| {
        house.set_up().await;
        let owner = format!("Bearer {OWNER}");
        let import = async |path: &str, text: &str| {
            let body = Bytes::copy_from_slice(text.as_bytes());
            house.raw(Method::POST, path, &[("authorization", &owner)], body).await
        };
        let skus =
            import("/api/v1/skus/import", "\u{feff}sku,title,weight_g\nCUP,杯子,200\n,无码,1\nPOT,壶,heavy\n").await;
        assert_eq!(skus.json["taken"], 1, "{}", skus.text);
        let wrong: Vec<_> =
            skus.json["problems"].as_array().unwrap().iter().map(|p| (&p["row"], &p["column"])).collect();
        assert_eq!(wrong, [(&json!(3), &json!("sku")), (&json!(4), &json!("weight_g"))]);
        let listings = import("/api/v1/listings/import", "shop,ext_sku,skus\ns1,v9,TEA*2;CUP\ns9,v9,TEA\n").await;
        assert_eq!(
            (listings.json["taken"].as_u64(), listings.json["problems"][0]["column"].as_str()),
            (Some(1), Some("shop"))
        );
        let stock = import("/api/v1/stock/import", "sku,warehouse,on_hand\nCUP,w1,7\n").await;
        assert_eq!(stock.json["taken"], 1, "{}", stock.text);
        let out = house.get(OWNER, "stock?format=csv").await;
        assert!(out.text.contains("CUP,w1,7,0"), "{}", out.text);
        assert!(house.get(OWNER, "listings?format=csv").await.text.contains("CUP*1;TEA*2"));
        let book = house.get(OWNER, "skus?format=xlsx").await;
        assert!(book.text.starts_with("PK"));
    });
}

#[test]
fn a_spreadsheet_of_orders_goes_to_the_shop_that_it_is_for() {
    House::new().run(async |house| {
        house.set_up().await;
        house.world.component("channel-own-shop", async |_, request: Incoming| {
            assert_eq!(request.uri().path(), "/call/import");
            let read = json!({"documents": [{"topic": "order", "body": "{}"}],
                "problems": [{"row": 3, "column": "phone", "detail": "x / y"}]});
            serve::json(StatusCode::OK, &read)
        });
        let owner = format!("Bearer {OWNER}");
        let file = Bytes::from_static(b"a,b\n1,2\n");
        let sent = async |path: &str| house.raw(Method::POST, path, &[("authorization", &owner)], file.clone()).await;
        let first = sent("/api/v1/orders/import?shop=s1").await;
        assert_eq!((first.json["taken"].as_u64(), first.json["known"].as_u64()), (Some(1), Some(0)), "{}", first.text);
        assert_eq!(first.json["problems"][0]["row"], 3);
        assert_eq!(sent("/api/v1/orders/import").await.json["known"], 1, "the same row again");
        assert_eq!(sent("/api/v1/orders/import?shop=s9").await.json["code"], "unknown_shop");
        assert_eq!(house.get(OWNER, "gauges").await.json["inbox_pending"], 1);
    });
}

#[test]
fn a_label_is_printed_once_and_again_only_with_a_reason() {
    House::new().run(async |house| {
        house.set_up().await;
        let package = house.numbered("1", "SF1001").await;
        let printed = house.post(OWNER, &format!("packages/{package}/print"), json!({})).await;
        assert_eq!(printed.json["packages"], json!([package]), "{}", printed.text);
        assert!(house.world.woken().contains(&("flow-book".into(), "sf1".into())));
        let empty = house.post(OWNER, &format!("packages/{package}/reprint"), json!({"reason": " "})).await;
        assert_eq!((empty.json["code"].as_str(), empty.json["field"].as_str()), (Some("empty"), Some("reason")));
        let some = house.post(OWNER, "packages/print", json!({"packages": ["none"]})).await;
        assert_eq!(some.json["refused"][0]["id"], "none", "{}", some.text);
        let both = house.post(OWNER, "packages/print", json!({})).await;
        assert_eq!(both.json["code"], "either_or");
        let picture = house.get(OWNER, &format!("packages/{package}/label.png")).await;
        assert_eq!(picture.json["code"], "component_away", "{}", picture.text);
        let question = house.post(OWNER, "print-jobs/none/confirm", json!({"paper": true})).await;
        assert_eq!(question.json["code"], "no_question");
    });
}
