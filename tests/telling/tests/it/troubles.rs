//! Lost answers, platforms that are down, lines whose refund is open, carriers without a code.

use crate::house::House;
use http::StatusCode;
use huidan_platforms::{Fault, Platform, Refund, When};
use huidan_testkit::world::{self, block_on};
use serde_json::json;

const FIVE: [Platform; 5] =
    [Platform::Taobao, Platform::Shopify, Platform::Douyin, Platform::Amazon, Platform::OwnShop];

#[test]
fn a_word_whose_answer_is_lost_is_told_again_and_stands_once() {
    for platform in FIVE {
        block_on(async {
            let house = House::new(platform).await;
            let (id, order) = house.order(&[("TEA-250", 1)]).await;
            let component = format!("channel-{}", platform.name());
            house.world.fail(&component, "/call/confirm", world::Fault::AnswerLost);
            let numbers = house.ship_all(&order).await;
            assert_eq!(house.states(&order).await, ["pending"], "{platform:?}: the answer is lost");
            assert_eq!(house.told(id).len(), 1, "{platform:?}: the platform took it");
            house.run(3).await;
            assert_eq!(house.states(&order).await, ["confirmed"], "{platform:?}: {:?}", house.tellings(&order).await);
            let told = house.told(id);
            assert!(told.iter().skip(1).all(|told| told.kind == "repeat"), "{platform:?}: {told:?}");
            assert_eq!(house.shown(id), numbers, "{platform:?}");
        });
    }
}

#[test]
fn a_platform_that_is_down_for_three_hours_is_told_afterwards_once() {
    for platform in [Platform::Taobao, Platform::Shopify] {
        block_on(async {
            let house = House::new(platform).await;
            let (id, order) = house.order(&[("TEA-250", 1)]).await;
            let when = When { seconds: Some(3 * 3_600), ..When::default() };
            house.platforms.borrow().running().fault(platform, Fault::Outage { when });
            let numbers = house.ship_all(&order).await;
            house.run_hours(2).await;
            assert_eq!((house.states(&order).await, house.told(id).len()), (vec!["pending".to_owned()], 0));
            assert_eq!(house.gauge("shipped_here_not_there").await, 1, "an hour after it left it counts");
            let telling = &house.tellings(&order).await[0];
            assert_eq!((telling["class"].as_str(), telling["next_at"].is_string()), (Some("transient"), true));
            house.run_hours(3).await;
            assert_eq!(house.states(&order).await, ["confirmed"], "{platform:?}");
            assert_eq!((house.told(id).len(), house.shown(id)), (1, numbers));
            assert_eq!(house.gauge("shipped_here_not_there").await, 0);
        });
    }
}

#[test]
fn a_line_that_is_being_refunded_is_held_back_and_told_when_the_refund_is_withdrawn() {
    block_on(async {
        let house = House::new(Platform::Douyin).await;
        let (id, order) = house.order(&[("TEA-250", 1), ("CUP-1", 1)]).await;
        // The parcel has left, the platform is away, and meanwhile the buyer asks for one of the goods back.
        for _ in 0..4 {
            house.world.fail("channel-douyin", "/call/confirm", world::Fault::Down);
        }
        let numbers = house.ship_all(&order).await;
        let refunding = house.platforms.borrow().running().ledger().orders[0].order.lines[1].id;
        house.platforms.borrow().running().refund(Platform::Douyin, id, &[refunding], Refund::Requested).unwrap();
        house.run(5).await;
        let told = house.told(id);
        assert_eq!(told.len(), 1, "{told:?} {:?}", house.tellings(&order).await);
        assert!(told[0].lines.iter().all(|(line, _)| *line != refunding), "the refunding line was told: {told:?}");
        let telling = house.tellings(&order).await[0].clone();
        assert_eq!((telling["state"].as_str(), telling["code"].as_str()), (Some("rejected"), Some("refund_open")));
        assert!(telling["remedy"].as_str().unwrap().contains("withdrawn"), "{telling}");
        house.platforms.borrow().running().refund(Platform::Douyin, id, &[refunding], Refund::None).unwrap();
        house.run(5).await;
        assert_eq!(house.states(&order).await, ["confirmed"], "{:?}", house.tellings(&order).await);
        let told = house.told(id);
        assert_eq!(told.len(), 2, "{told:?}");
        assert_eq!((told[1].lines[0].0, &told[1].number), (refunding, &numbers[0]));
    });
}

#[test]
fn a_carrier_without_a_code_waits_for_the_seller_and_goes_out_when_one_is_set() {
    block_on(async {
        let house = House::new(Platform::Taobao).await;
        let (id, order) = house.order(&[("TEA-250", 1)]).await;
        house.rule(json!({})).await;
        house.ship_all(&order).await;
        let telling = house.tellings(&order).await[0].clone();
        assert_eq!((telling["state"].as_str(), telling["code"].as_str()), (Some("rejected"), Some("carrier_unmapped")));
        assert_eq!(telling["class"], "permanent");
        assert!(telling["remedy"].as_str().unwrap().contains("telling"), "{telling}");
        assert!(house.news().await.contains(&"shipment.rejected".to_owned()));
        let listed = house.get("exceptions").await["outbox"][0].clone();
        assert_eq!(listed["remedy"], telling["remedy"]);
        let (status, _) = house.decide(&telling, "send-ours").await;
        assert_eq!(status, StatusCode::CONFLICT, "there is nothing to choose");
        house.rule_with(json!({})).await;
        house.run(2).await;
        assert_eq!((house.states(&order).await, house.told(id).len()), (vec!["confirmed".to_owned()], 1));
    });
}
