//! Orders and packages through the API, and the bench.

mod fixture;

use fixture::{House, OWNER};
use http::StatusCode;
use serde_json::json;
use std::collections::BTreeSet;

#[test]
fn an_order_is_shown_in_the_contracts_words() {
    House::new().run(async |house| {
        house.set_up().await;
        house.order("450789469", 1).await;
        let seen = house.get(OWNER, "orders?ext_id=450789469").await;
        assert_eq!(seen.status, StatusCode::OK, "{}", seen.text);
        let order = &seen.json["items"][0];
        assert_eq!(order["shop"], "s1");
        assert_eq!(order["status"], "to_plan");
        assert_eq!(order["placed_at"], "2026-11-21T08:00:01Z");
        assert_eq!(order["total"], json!({"amount": "409.94", "currency": "CNY"}));
        assert_eq!(order["lines"][0]["skus"], json!([{"sku": "TEA", "qty": 2}]));
        assert_eq!(order["receiver"]["phone"], "13912345678");
        assert_eq!(order["receiver"]["address"], "文三路 1 号");
        let one = house.get(OWNER, &format!("orders/{}", order["id"].as_str().unwrap())).await;
        assert_eq!(&one.json, order);
        assert_eq!(house.get(OWNER, "orders/none").await.status, StatusCode::NOT_FOUND);
    });
}

#[test]
fn a_viewer_sees_no_name_phone_or_street() {
    House::new().run(async |house| {
        house.set_up().await;
        house.order("1", 1).await;
        let made = house.post(OWNER, "tokens", json!({"name": "x", "role": "viewer"})).await;
        let viewer = made.json["token"].as_str().unwrap();
        for path in ["orders", "orders?format=csv"] {
            let seen = house.get(viewer, path).await;
            assert_eq!(seen.status, StatusCode::OK);
            assert!(seen.text.contains("浙江省"), "{path} {}", seen.text);
            for secret in ["13912345678", "王小明", "文三路"] {
                assert!(!seen.text.contains(secret), "{path} {}", seen.text);
            }
            assert!(house.get(OWNER, path).await.text.contains("13912345678"), "{path}");
        }
    });
}

#[test]
fn paging_sees_every_order_once_while_new_ones_arrive() {
    House::new().run(async |house| {
        house.set_up().await;
        for at in 0..9 {
            house.order(&format!("o{at}"), at / 2).await;
        }
        for sort in ["placed_at", "-placed_at"] {
            let (mut seen, mut cursor, mut turn) = (Vec::new(), String::new(), 0);
            loop {
                let page = house.get(OWNER, &format!("orders?limit=2&sort={sort}{cursor}")).await;
                assert_eq!(page.status, StatusCode::OK, "{}", page.text);
                let items = page.json["items"].as_array().unwrap().clone();
                seen.extend(items.iter().map(|order| order["ext_id"].as_str().unwrap().to_owned()));
                house.order(&format!("{sort}-new{turn}"), 1_000 + turn).await;
                turn += 1;
                match page.json["next"].as_str() {
                    Some(next) if turn < 20 => cursor = format!("&cursor={next}"),
                    _ => break,
                }
            }
            let old: Vec<&String> = seen.iter().filter(|id| !id.contains("new")).collect();
            let once: BTreeSet<&&String> = old.iter().collect();
            assert_eq!((old.len(), once.len()), (9, 9), "{sort} {seen:?}");
        }
        let broken = house.get(OWNER, "orders?cursor=zz").await;
        assert_eq!(broken.json["code"], "bad_cursor");
        assert_eq!(house.get(OWNER, "orders?limit=201").await.json["field"], "limit");
        assert_eq!(house.get(OWNER, "orders?colour=red").await.json["code"], "unknown_field");
    });
}

#[test]
fn a_held_order_waits_until_it_is_released() {
    House::new().run(async |house| {
        house.set_up().await;
        let id = house.order("1", 1).await;
        let held = house.post(OWNER, &format!("orders/{id}/hold"), json!({"detail": "等客户电话"})).await;
        assert_eq!(held.json["status"], "held", "{}", held.text);
        assert_eq!(held.json["holds"], json!([{"handle": "operator", "reason": "operator", "detail": "等客户电话"}]));
        assert_eq!(house.get(OWNER, "exceptions").await.json["held_orders"][0]["id"], id.as_str());
        assert_eq!(house.get(OWNER, "gauges").await.json["orders_held"], 1);
        let free = house.post(OWNER, &format!("orders/{id}/release"), json!(null)).await;
        assert_eq!(free.json["status"], "to_plan");
        let approved = house.post(OWNER, &format!("orders/{id}/approve"), json!({})).await;
        assert_eq!(approved.json["review_state"], "approved");
        assert!(house.world.woken().contains(&("flow-plan".into(), "plan".into())));
        let chain = house.get(OWNER, "events/verify").await;
        assert_eq!(chain.json["intact"], true);
    });
}

#[test]
fn a_parcel_is_counted_verified_and_handed_over_at_the_bench() {
    House::new().run(async |house| {
        house.set_up().await;
        let package = house.numbered("1", "SF1001").await;
        let scan = async |code: &str| house.post(OWNER, "scan", json!({"code": code, "station": "b1"})).await.json;
        assert_eq!(scan("6901234567892").await["code"], "no_parcel");
        assert_eq!(scan("SF1001").await["next"], "pack");
        assert_eq!(scan("what").await["code"], "unknown_code");
        assert_eq!(scan("6901234567892").await["lines"][0]["scanned"], 1);
        assert_eq!(scan("tea").await["next"], "verified");
        assert_eq!(house.get(OWNER, &format!("packages/{package}")).await.json["status"], "verified");
        assert_eq!(scan("TEA").await["code"], "too_many");
        assert_eq!(scan("SF1001").await["next"], "handed_over");
        let seen = house.get(OWNER, &format!("packages/{package}")).await;
        assert_eq!(seen.json["status"], "handed_over");
        assert_eq!(seen.json["carrier"], "sf");
        assert_eq!(seen.json["waybill"], "SF1001");
        assert_eq!(scan("SF1001").await["code"], "already_handed_over");
        assert!(house.world.woken().contains(&("flow-deliver".into(), "s1".into())));
        assert_eq!(house.get(OWNER, "gauges").await.json["outbox_pending"], 1);
    });
}

#[test]
fn a_held_or_stale_parcel_does_not_leave() {
    House::new().run(async |house| {
        house.set_up().await;
        let package = house.numbered("1", "SF1001").await;
        let ship = format!("packages/{package}/ship");
        let stale = house.post(OWNER, &ship, json!({"fence": 9})).await;
        assert_eq!((stale.status, stale.json["code"].as_str()), (StatusCode::CONFLICT, Some("stale_paper")));
        let order =
            house.get(OWNER, &format!("packages/{package}")).await.json["orders"][0].as_str().unwrap().to_owned();
        house.post(OWNER, &format!("orders/{order}/hold"), json!({})).await;
        assert_eq!(house.post(OWNER, &ship, json!({})).await.json["code"], "held");
        let scanned = house.post(OWNER, "scan", json!({"code": "SF1001", "station": "b1"})).await;
        assert_eq!((scanned.json["next"].as_str(), scanned.json["code"].as_str()), (Some("refused"), Some("held")));
        house.post(OWNER, &format!("orders/{order}/release"), json!({})).await;
        assert_eq!(house.post(OWNER, &ship, json!({"fence": 1})).await.json["status"], "handed_over");
        let void = house.post(OWNER, &format!("packages/{package}/void"), json!({})).await;
        assert_eq!(void.json["code"], "left_the_house");
    });
}

#[test]
fn a_voided_packages_paper_is_refused_and_its_order_waits() {
    House::new().run(async |house| {
        house.set_up().await;
        let package = house.numbered("1", "SF1001").await;
        let void = house.post(OWNER, &format!("packages/{package}/void"), json!({})).await;
        assert_eq!(void.json["status"], "cancelled", "{}", void.text);
        let scanned = house.post(OWNER, "scan", json!({"code": "SF1001", "station": "b1"})).await;
        assert_eq!(scanned.json["code"], "cancelled");
        assert_eq!(house.get(OWNER, "orders").await.json["items"][0]["holds"][0]["reason"], "package_voided");
    });
}
