//! Told when the label came out; voided and labelled anew after that.

use crate::house::House;
use http::{Method, StatusCode};
use huidan_platforms::Platform;
use huidan_testkit::world::block_on;
use serde_json::json;

async fn voided_and_made_anew(house: &House, order: &str) -> Vec<String> {
    let package = house.packages(order).await[0].clone();
    let path = format!("packages/{}/void", package["id"].as_str().unwrap());
    let (status, said) = house.ask(Method::POST, &path, json!({})).await;
    assert_eq!(status, StatusCode::OK, "{said}");
    let (status, said) = house.ask(Method::POST, &format!("orders/{order}/release"), json!({})).await;
    assert_eq!(status, StatusCode::OK, "{said}");
    house.world.settle().await;
    house.run(1).await;
    house.print_all(order).await
}

#[test]
fn a_label_that_was_voided_after_its_number_was_told_becomes_a_change_of_number() {
    for platform in [Platform::Taobao, Platform::Shopify, Platform::Douyin, Platform::Amazon] {
        block_on(async {
            let house = House::new(platform).await;
            house.rule_with(json!({"tells": "print", "after_print_min": 1})).await;
            let (id, order) = house.order(&[("TEA-250", 2)]).await;
            let first = house.print_all(&order).await;
            house.beat().await;
            assert!(house.told(id).is_empty(), "{platform:?}: the minute after the label is not over");
            house.run(6).await;
            assert_eq!(house.shown(id), first, "{platform:?}: {:?}", house.tellings(&order).await);
            assert_eq!(house.gauge("shipped_there_not_here").await, 0, "{platform:?}: it is our own word");
            let second = voided_and_made_anew(&house, &order).await;
            assert_ne!(first, second);
            house.run(6).await;
            assert_eq!(house.shown(id), second, "{platform:?}: {:?}", house.tellings(&order).await);
            assert_eq!(house.told(id).len(), 2, "{platform:?}");
            // Leaving says nothing new.
            house.ship_all(&order).await;
            house.run(2).await;
            assert_eq!(house.told(id).len(), 2, "{platform:?}");
            let confirmed = house.states(&order).await;
            assert!(confirmed.iter().all(|state| state == "confirmed"), "{platform:?}: {confirmed:?}");
        });
    }
}

#[test]
fn a_parcel_that_was_told_with_its_label_and_never_picked_up_is_flagged_once() {
    block_on(async {
        let house = House::new(Platform::Taobao).await;
        house.rule_with(json!({"tells": "print", "picked_up_h": 3})).await;
        let (_, order) = house.order(&[("TEA-250", 1)]).await;
        let numbers = house.print_all(&order).await;
        house.run_hours(2).await;
        assert_eq!(house.get("reports/deadlines").await["not_picked_up"], json!([]));
        house.run_hours(2).await;
        let flagged = house.get("reports/deadlines").await["not_picked_up"].clone();
        assert_eq!((flagged[0]["waybill"].as_str(), flagged[1].is_null()), (Some(&*numbers[0]), true), "{flagged}");
        let news = house.news().await;
        assert_eq!(news.iter().filter(|topic| *topic == "shipment.not_picked_up").count(), 1, "{news:?}");
    });
}
