//! What is not told: of other shops and topics, by a way that was turned off, too late, or while a provider wants rest.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test's report")]

mod house;

use house::{HOUR, House};
use http::Method;
use huidan_platforms::{Fault, Platform, When};
use huidan_store::schema::Which;
use huidan_store::{Db, Keyring, samples};
use huidan_testkit::world::block_on;
use huidan_world::World;
use serde_json::json;

async fn approved(house: &House) {
    let text = json!({"topic": "parcel.stalled", "audience": "buyer", "language": "zh", "title": "{title}",
        "body": "{number} {carrier} {order}", "code": "SMS_100010"});
    house.does(Method::PUT, "notice-texts", text).await;
    house.does(Method::PUT, "notice-rules", json!({"buyer_topics": ["parcel.stalled"]})).await;
}

/// A package `p<nth>` of a buyer with that phone.
async fn package(house: &House, nth: u32, phone: &str) {
    let keys = Keyring::parse(&huidan_exchange::sign::base64(&[1; 32])).unwrap();
    let mut receiver = samples::receiver();
    receiver.phone = phone.to_owned();
    let (main, moment) = (house.world.connection(Which::Main), house.world.moment());
    samples::package(&main, moment, &keys, &format!("p{nth}"), "acc", receiver).await.unwrap();
}

#[test]
fn a_way_tells_of_its_topics_and_its_shops_alone() {
    block_on(async {
        let house = House::new().await;
        house.way("wecom", "team").await;
        house.way("dingtalk", "team").await;
        house.way("sms", "buyer").await;
        approved(&house).await;
        package(&house, 1, "13800138001").await;
        let main = house.world.connection(Which::Main);
        main.run("UPDATE notice_way SET takes = '[\"order.late\"]' WHERE id = 'wecom'", &[]).await.unwrap();
        main.run("UPDATE notice_way SET shops = '[\"s2\"]' WHERE id IN ('dingtalk', 'sms')", &[]).await.unwrap();
        house.happens("parcel.stalled", 1..2).await;
        house.a_moment().await;
        for way in ["wecom", "dingtalk", "sms"] {
            assert!(house.states(way).await.is_empty(), "{way}");
        }
        house.happens("order.late", 1..2).await;
        house.a_moment().await;
        assert_eq!((house.seen(Platform::Wecom).len(), house.seen(Platform::Dingtalk).len()), (1, 0));
        main.run("UPDATE notice_way SET shops = '[\"s2\", \"s1\"]'", &[]).await.unwrap();
        house.happens("parcel.stalled", 2..3).await;
        house.a_moment().await;
        assert_eq!((house.seen(Platform::Wecom).len(), house.seen(Platform::Dingtalk).len()), (1, 1));
    });
}

#[test]
fn what_waited_is_not_told_by_a_way_that_was_turned_off_nor_when_it_is_a_day_late() {
    block_on(async {
        let house = House::new().await;
        house.way("wecom", "team").await;
        house.way("dingtalk", "team").await;
        house.happens("parcel.stalled", 1..2).await;
        house.tick().await;
        house.does(Method::PATCH, "notice-ways/wecom", json!({"active": false})).await;
        house.passes(6_000, 6_000).await;
        assert_eq!((house.seen(Platform::Wecom).len(), house.seen(Platform::Dingtalk).len()), (0, 1));
        assert_eq!(house.states("wecom").await, ["dead"]);
        house.happens("parcel.stalled", 2..3).await;
        house.tick().await;
        // The house stood still for longer than a day.
        house.passes(26 * HOUR, 26 * HOUR).await;
        assert_eq!(house.seen(Platform::Dingtalk).len(), 1);
        assert_eq!(house.states("dingtalk").await, ["sent", "dead"]);
    });
}

#[test]
fn a_robot_that_wants_rest_is_left_alone_and_a_phone_that_had_its_share_holds_up_nobody_else() {
    block_on(async {
        let house = House::new().await;
        house.way("wecom", "team").await;
        house.fault(Platform::Wecom, Fault::LimitWithoutHint { when: When::default() });
        house.happens("parcel.stalled", 1..4).await;
        house.a_moment().await;
        let tried = "SELECT '' || sum(tries) FROM notice WHERE way = 'wecom'";
        let main = house.world.connection(Which::Main);
        assert_eq!(main.run(tried, &[]).await.unwrap().0[0].text(0).unwrap(), "1", "the others were not tried");

        house.way("sms", "buyer").await;
        approved(&house).await;
        for nth in 10..20 {
            let phone = if nth % 2 == 0 { "13800138001".to_owned() } else { format!("138001380{nth}") };
            package(&house, nth, &phone).await;
        }
        house.happens("parcel.stalled", 10..20).await;
        house.tick().await;
        let mut told: Vec<String> = house.seen(Platform::Sms).into_iter().map(|one| one.to).collect();
        told.sort();
        let wanted = ["13800138001", "13800138011", "13800138013", "13800138015", "13800138017", "13800138019"];
        assert_eq!(told, wanted, "one to each phone");
    });
}
