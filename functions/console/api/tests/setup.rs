//! Setting a house up through the API, as a newcomer or the demo does.

mod fixture;

use fixture::{House, OWNER};
use http::StatusCode;
use serde_json::json;

#[test]
fn credentials_never_come_back() {
    House::new().run(async |house| {
        let made = house.post(OWNER, "shops", house.shop()).await;
        assert_eq!(made.status, StatusCode::CREATED, "{}", made.text);
        let account = house.post(OWNER, "carriers", house.carrier()).await;
        assert_eq!(account.status, StatusCode::CREATED, "{}", account.text);
        assert!(account.json["push"].as_str().unwrap().starts_with("/track/sf/sf1/"), "shown this once");
        for path in ["shops", "shops/s1", "carriers", "carriers/sf1", "events"] {
            let seen = house.get(OWNER, path).await;
            assert_eq!(seen.status, StatusCode::OK, "{path} {}", seen.text);
            assert!(!seen.text.contains("s3cret"), "{path} {}", seen.text);
            assert!(!seen.text.contains(account.json["push"].as_str().unwrap()), "{path} {}", seen.text);
        }
    });
}

#[test]
fn a_shop_is_refused_by_the_field_that_is_wrong() {
    House::new().run(async |house| {
        let with = |field: &str, value: serde_json::Value| {
            let mut shop = house.shop();
            shop[field] = value;
            shop
        };
        for (body, code, field) in [
            (with("colour", json!("red")), "unknown_field", "colour"),
            (with("channel", json!("nobody")), "unknown_value", "channel"),
            (with("mode", json!("dead")), "unknown_value", "mode"),
            (with("name", json!(7)), "bad_value", "name"),
            (with("id", json!("a/b")), "bad_value", "id"),
            (with("credentials", json!({})), "missing_credential", "credentials.webhook_secret"),
            (with("credentials", json!({"webhook_secret": "x", "y": "z"})), "unknown_field", "credentials.y"),
            (with("base_url", json!("https://127.0.0.1/")), "address_refused", "base_url"),
            (with("base_url", json!("http://shop.example.com/")), "address_refused", "base_url"),
        ] {
            let refused = house.post(OWNER, "shops", body).await;
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{field} {}", refused.text);
            assert_eq!((refused.json["code"].as_str(), refused.json["field"].as_str()), (Some(code), Some(field)));
            assert!(refused.json["detail"].as_str().unwrap().contains(" / "), "in both languages: {}", refused.text);
        }
        assert_eq!(house.get(OWNER, "shops").await.json["items"], json!([]));
    });
}

#[test]
fn a_private_address_is_taken_once_the_settings_allow_it() {
    House::new().run(async |house| {
        house.world.set("allow_private_hosts", "http://192.168.1.5:8080");
        let mut shop = house.shop();
        shop["base_url"] = json!("http://192.168.1.5:8080");
        assert_eq!(house.post(OWNER, "shops", shop).await.status, StatusCode::CREATED);
    });
}

#[test]
fn a_shop_that_is_there_stays_as_it_is_and_a_patch_replaces_what_it_names() {
    House::new().run(async |house| {
        house.post(OWNER, "shops", house.shop()).await;
        let again = house.post(OWNER, "shops", house.shop()).await;
        assert_eq!((again.status, again.json["code"].as_str()), (StatusCode::CONFLICT, Some("already_there")));
        let changed =
            house.patch(OWNER, "shops/s1", json!({"mode": "observe", "credentials": {"webhook_secret": "n"}})).await;
        assert_eq!(changed.json["mode"], "observe", "{}", changed.text);
        assert_eq!(changed.json["name"], "自建站");
        let missing = house.patch(OWNER, "shops/s2", json!({})).await;
        assert_eq!(missing.status, StatusCode::NOT_FOUND);
    });
}

#[test]
fn a_new_shop_is_listed_from_three_days_back() {
    House::new().run(async |house| {
        house.post(OWNER, "shops", house.shop()).await;
        assert_eq!(house.get(OWNER, "shops/s1").await.json["pulled_to"], "2026-11-18T08:00:00Z");
        assert!(house.world.woken().contains(&("flow-intake".into(), "pull/s1".into())));
    });
}

#[test]
fn goods_mappings_and_counts_are_kept() {
    House::new().run(async |house| {
        house.set_up().await;
        let count = |on_hand| json!({"sku": "TEA", "warehouse": "w1", "on_hand": on_hand});
        assert_eq!(house.post(OWNER, "stock", count(5)).await.json["on_hand"], 5);
        assert_eq!(house.post(OWNER, "stock", count(3)).await.json["on_hand"], 3);
        let unknown = house.post(OWNER, "stock", json!({"sku": "X", "warehouse": "w1", "on_hand": 1})).await;
        assert_eq!((unknown.status.as_u16(), unknown.json["code"].as_str()), (422, Some("unknown_sku")));
        let listing = json!({"shop": "s1", "ext_sku": "v1", "skus": [{"sku": "TEA", "qty": 2}]});
        assert_eq!(house.post(OWNER, "listings", listing).await.json["skus"], json!([{"sku": "TEA", "qty": 2}]));
        let listing = json!({"shop": "s1", "ext_sku": "v1", "skus": [{"sku": "NONE", "qty": 2}]});
        assert_eq!(house.post(OWNER, "listings", listing).await.json["code"], "unknown_sku");
        assert_eq!(house.get(OWNER, "listings?shop=s1&unmapped=true").await.json["items"], json!([]));
    });
}

#[test]
fn a_pairing_code_has_eight_plain_characters_and_lies_nowhere_in_the_open() {
    House::new().run(async |house| {
        let made = house.post(OWNER, "printers/pairing-codes", json!(null)).await;
        let code = made.json["code"].as_str().unwrap();
        assert_eq!(code.len(), 8);
        assert!(code.bytes().all(|byte| b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789".contains(&byte)), "{code}");
        assert!(!house.get(OWNER, "events").await.text.contains(code));
    });
}
