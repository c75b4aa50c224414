//! Somebody else told the platform first: under the same number, or under another.

use crate::house::House;
use http::StatusCode;
use huidan_platforms::Platform;
use huidan_testkit::world::block_on;

#[test]
fn what_was_told_by_another_way_under_the_same_number_counts_as_told() {
    for platform in [Platform::Taobao, Platform::Shopify, Platform::Douyin, Platform::Amazon] {
        block_on(async {
            let house = House::new(platform).await;
            let (id, order) = house.order(&[("TEA-250", 1)]).await;
            let number = house.packages(&order).await[0]["waybill"].as_str().unwrap().to_owned();
            house.told_elsewhere(&order, &number).await;
            house.ship_all(&order).await;
            house.run(2).await;
            assert_eq!(house.states(&order).await, ["confirmed"], "{platform:?}: {:?}", house.tellings(&order).await);
            assert_eq!(house.told(id).len(), 1, "{platform:?}: it was told a second time");
        });
    }
}

#[test]
fn another_number_there_is_a_conflict_with_both_numbers_and_ours_takes_its_place_when_a_person_says_so() {
    for platform in [Platform::Taobao, Platform::Shopify, Platform::Douyin, Platform::Amazon] {
        block_on(async {
            let house = House::new(platform).await;
            let (id, order) = house.order(&[("TEA-250", 1)]).await;
            house.told_elsewhere(&order, "1130000012345").await;
            let numbers = house.ship_all(&order).await;
            let telling = house.tellings(&order).await[0].clone();
            assert_eq!(telling["state"], "conflict", "{platform:?}: {telling}");
            assert_eq!(telling["waybill"], numbers[0].as_str());
            assert_eq!(telling["theirs"][0], "1130000012345", "{platform:?}: {telling}");
            assert_eq!(house.gauge("tellings_in_conflict").await, 1);
            assert!(house.news().await.contains(&"shipment.conflict".to_owned()));
            let (status, said) = house.decide(&telling, "send-ours").await;
            assert_eq!(status, StatusCode::OK, "{said}");
            house.run(2).await;
            assert_eq!(house.states(&order).await, ["confirmed"], "{platform:?}: {:?}", house.tellings(&order).await);
            assert_eq!(house.shown(id), numbers, "{platform:?}");
            assert_eq!(house.gauge("tellings_in_conflict").await, 0);
        });
    }
}

#[test]
fn a_person_may_let_the_number_stand_that_is_there() {
    for platform in [Platform::Taobao, Platform::OwnShop] {
        block_on(async {
            let house = House::new(platform).await;
            let (id, order) = house.order(&[("TEA-250", 1)]).await;
            house.told_elsewhere(&order, "1130000012345").await;
            house.ship_all(&order).await;
            let telling = house.tellings(&order).await[0].clone();
            assert_eq!(telling["state"], "conflict", "{platform:?}: {telling}");
            let (status, said) = house.decide(&telling, "keep-theirs").await;
            assert_eq!(status, StatusCode::OK, "{said}");
            house.run_hours(2).await;
            assert_eq!(house.states(&order).await, ["kept_theirs"], "{platform:?}");
            assert_eq!((house.told(id).len(), house.shown(id)), (1, vec!["1130000012345".to_owned()]));
            assert_eq!(house.gauge("shipped_here_not_there").await, 0);
            let (status, _) = house.decide(&telling, "keep-theirs").await;
            assert_eq!(status, StatusCode::CONFLICT, "it is decided");
        });
    }
}

#[test]
fn what_was_shipped_on_the_platforms_own_page_gets_no_number_and_what_has_one_does_not_leave() {
    block_on(async {
        let house = House::new(Platform::Taobao).await;
        let (_, order) = house.order(&[("TEA-250", 1)]).await;
        house.told_elsewhere(&order, "1130000012345").await;
        house.run(5).await;
        assert_eq!(house.gauge("shipped_there_not_here").await, 1);
        let package = house.packages(&order).await[0].clone();
        let path = format!("packages/{}/ship", package["id"].as_str().unwrap());
        let (status, said) = house.ask(http::Method::POST, &path, serde_json::json!({})).await;
        assert_eq!((status, &said["code"]), (StatusCode::CONFLICT, &serde_json::json!("held")));
    });
}
