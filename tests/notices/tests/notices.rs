//! What happens is told: to each who wants to know, at most once, by day, and a storm as one.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test's report")]

mod house;

use house::{HOUR, House, for_hours};
use http::{Method, StatusCode};
use huidan_platforms::{Fault, Platform, When};
use huidan_store::schema::Which;
use huidan_store::{Db, Keyring, samples};
use huidan_testkit::world::block_on;
use huidan_world::World;
use serde_json::json;

const ALL: [(&str, Platform); 5] = [
    ("sms", Platform::Sms),
    ("wecom", Platform::Wecom),
    ("dingtalk", Platform::Dingtalk),
    ("feishu", Platform::Feishu),
    ("email", Platform::Email),
];

/// An approved text, which short messages cannot do without: the simulated provider has one with these places.
async fn approved(house: &House, topic: &str, audience: &str) {
    let text = json!({"topic": topic, "audience": audience, "language": "zh", "title": "{title}",
        "body": "{number} {carrier} {order}", "code": "SMS_100010"});
    house.does(Method::PUT, "notice-texts", text).await;
}

#[test]
fn each_provider_takes_one_message_and_its_signature_is_right() {
    block_on(async {
        let house = House::new().await;
        for (provider, _) in ALL {
            house.way(provider, "team").await;
        }
        house.webhook().await;
        approved(&house, "parcel.stalled", "team").await;
        for _ in 0..2 {
            house.happens("parcel.stalled", 1..2).await;
            house.a_moment().await;
        }
        for (provider, at) in ALL {
            assert_eq!(house.seen(at).len(), 1, "{provider}: {:?}", house.states(provider).await);
            assert_eq!(house.states(provider).await, ["sent"], "{provider}");
        }
        let events = house.seen(Platform::WebhookOut);
        assert_eq!(events.len(), 1);
        let body: serde_json::Value = serde_json::from_str(&events[0].text).unwrap();
        assert_eq!((&body["type"], &body["data"]["number"]), (&json!("parcel.stalled"), &json!("SFp1")));
        assert_eq!(house.seen(Platform::Sms)[0].to, "13800138001");
        assert!(house.seen(Platform::Wecom)[0].text.contains("SFp1"), "the seller's own words");
        let refused = house.still.running().ledger().refusals;
        assert!(refused.is_empty(), "{refused:?}");
    });
}

#[test]
fn a_storm_of_three_hundred_is_one_message_and_what_follows_waits_for_its_end() {
    block_on(async {
        let house = House::new().await;
        house.way("wecom", "team").await;
        house.webhook().await;
        house.happens("parcel.stalled", 0..300).await;
        house.a_moment().await;
        let seen = house.seen(Platform::Wecom);
        assert_eq!(seen.len(), 1);
        assert!(seen[0].text.contains("× 300") && seen[0].text.contains("290"), "{}", seen[0].text);
        for nth in 300..308 {
            house.happens("parcel.stalled", nth..nth + 1).await;
            house.passes(60_000, 60_000).await;
        }
        assert!(house.seen(Platform::Wecom).len() <= 5, "a few more one by one: {}", house.seen(Platform::Wecom).len());
        house.passes(1_200_000, 60_000).await;
        let all: usize = house.seen(Platform::Wecom).len();
        assert!(all <= 9, "the rest waits, and is few: {all}");
        assert!(!house.states("wecom").await.contains(&"waiting".to_owned()), "nothing is forgotten");
        house.passes(HOUR, 60_000).await;
        assert_eq!(house.seen(Platform::WebhookOut).len(), 308, "a program gets each event");
    });
}

#[test]
fn nights_are_quiet_but_for_what_cannot_wait() {
    block_on(async {
        let house = House::new().await;
        house.way("wecom", "team").await;
        house.webhook().await;
        // It is 16:00 with the seller, and quiet from 22:00 to 08:00.
        house.passes(7 * HOUR, HOUR).await;
        house.happens("parcel.stalled", 1..2).await;
        house.happens("order.late", 1..2).await;
        house.a_moment().await;
        let told = house.seen(Platform::Wecom);
        assert_eq!(told.len(), 1);
        assert!(told[0].text.contains("订单已超时"), "{}", told[0].text);
        assert_eq!(house.seen(Platform::WebhookOut).len(), 2, "programs do not sleep");
        house.passes(8 * HOUR, HOUR / 2).await;
        assert_eq!(house.seen(Platform::Wecom).len(), 1, "07:00");
        house.passes(HOUR + 60_000, HOUR / 4).await;
        assert_eq!(house.seen(Platform::Wecom).len(), 2, "08:00");
    });
}

#[test]
fn what_may_have_gone_out_is_not_sent_again() {
    block_on(async {
        let house = House::new().await;
        let without_ids = [("sms", Platform::Sms), ("wecom", Platform::Wecom), ("dingtalk", Platform::Dingtalk)];
        for (provider, at) in without_ids {
            house.way(provider, "team").await;
            house.fault(at, Fault::LostAnswer { when: When::default() });
        }
        approved(&house, "parcel.stalled", "team").await;
        house.happens("parcel.stalled", 1..2).await;
        house.a_moment().await;
        house.passes(30 * HOUR, HOUR).await;
        for (provider, at) in without_ids {
            assert_eq!(house.seen(at).len(), 1, "{provider}");
            assert_eq!(house.states(provider).await, ["unknown"], "{provider}");
        }
        let open = house.get("notices?state=unknown").await;
        assert_eq!(open["items"].as_array().unwrap().len(), 3, "a person is shown them: {open}");
    });
}

#[test]
fn a_runner_that_is_lost_in_the_middle_sends_nothing_twice() {
    block_on(async {
        let house = House::new().await;
        house.way("wecom", "team").await;
        house.webhook().await;
        house.happens("parcel.stalled", 1..2).await;
        house.tick().await;
        // The provider's component did its work, and flow-notify was gone before it could write that down.
        for way in ["wecom", "erp"] {
            let main = house.world.connection(Which::Main);
            let sending = "UPDATE notice SET state = 'sending', lease = 'gone', lease_until = ?2, next_at = 0
                 WHERE way = ?1 AND state = 'waiting'";
            let until = house.world.moment().now.plus_seconds(60);
            main.run(sending, &[way.into(), until.into()]).await.unwrap();
        }
        let before = house.seen(Platform::WebhookOut).len();
        house.passes(HOUR, 60_000).await;
        assert_eq!(house.states("wecom").await, ["unknown"]);
        assert!(house.seen(Platform::Wecom).is_empty());
        assert_eq!(house.states("erp").await, ["sent"]);
        assert_eq!(house.seen(Platform::WebhookOut).len().max(before), 1);
    });
}

#[test]
fn a_webhook_is_tried_for_a_day_under_one_id_and_then_by_hand() {
    block_on(async {
        let house = House::new().await;
        house.webhook().await;
        house.fault(Platform::WebhookOut, Fault::LostAnswer { when: When::default() });
        house.happens("parcel.stalled", 1..2).await;
        house.tick().await;
        house.passes(600_000, 30_000).await;
        assert_eq!(house.seen(Platform::WebhookOut).len(), 1);
        assert_eq!(house.repeats(Platform::WebhookOut), 1, "the lost answer was asked for again, under the same id");
        house.fault(Platform::WebhookOut, Fault::Status { status: 500, when: for_hours(26) });
        house.happens("parcel.stalled", 2..3).await;
        house.passes(3 * HOUR, 60_000).await;
        let tries = house.get("webhooks/deliveries?state=waiting").await["items"][0]["tries"].as_u64().unwrap();
        assert!((4..=8).contains(&tries), "with pauses that grow: {tries}");
        house.passes(23 * HOUR, HOUR / 2).await;
        let dead = house.get("webhooks/deliveries?state=dead").await;
        let id = dead["items"][0]["id"].as_str().unwrap().to_owned();
        assert_eq!(house.seen(Platform::WebhookOut).len(), 1);
        house.passes(HOUR, HOUR).await;
        house.does(Method::POST, &format!("webhooks/deliveries/{id}/resend"), json!({})).await;
        house.world.settle().await;
        let seen = house.seen(Platform::WebhookOut);
        assert_eq!(seen.last().unwrap().key, id, "{seen:?}");
        assert_eq!(house.states("erp").await, ["sent", "sent"]);
    });
}

#[test]
fn who_answers_gone_is_told_nothing_more_until_a_person_says_so() {
    block_on(async {
        let house = House::new().await;
        house.webhook().await;
        house.fault(Platform::WebhookOut, Fault::Status { status: 410, when: When::default() });
        house.happens("parcel.stalled", 1..4).await;
        house.tick().await;
        let ended = house.get("webhooks/erp").await;
        assert_eq!(ended["active"], json!(false), "{ended}");
        assert!(ended["trouble"].as_str().unwrap().contains("410"), "{ended}");
        house.happens("parcel.stalled", 4..5).await;
        house.passes(HOUR, 60_000).await;
        assert!(house.seen(Platform::WebhookOut).is_empty());
        house.does(Method::PATCH, "webhooks/erp", json!({"active": true})).await;
        house.happens("parcel.stalled", 5..6).await;
        house.tick().await;
        assert_eq!(house.seen(Platform::WebhookOut).len(), 1, "only what happened since");
    });
}

#[test]
fn a_robot_is_never_asked_for_more_than_it_takes() {
    block_on(async {
        let house = House::new().await;
        house.way("dingtalk", "team").await;
        let rules = json!({"bundle_over": 1000, "quiet": false});
        house.does(Method::PUT, "notice-rules", rules).await;
        house.happens("parcel.stalled", 0..45).await;
        house.a_moment().await;
        assert!(house.seen(Platform::Dingtalk).len() <= 20);
        house.passes(HOUR, 10_000).await;
        assert_eq!(house.seen(Platform::Dingtalk).len(), 45);
        let refused = house.still.running().ledger().refusals;
        assert!(refused.is_empty(), "never muted: {refused:?}");
    });
}

/// A package `p<nth>` of a receiver with that phone.
async fn package(house: &House, nth: u32, phone: &str, token: Option<&str>) {
    let keys = Keyring::parse(&huidan_exchange::sign::base64(&[1; 32])).unwrap();
    let mut receiver = samples::receiver();
    receiver.phone = phone.to_owned();
    receiver.token = token.map(str::to_owned);
    let (main, moment) = (house.world.connection(Which::Main), house.world.moment());
    samples::package(&main, moment, &keys, &format!("p{nth}"), "acc", receiver).await.unwrap();
}

#[test]
fn buyers_hear_what_the_seller_turned_on_where_they_can_be_reached_and_want_to() {
    block_on(async {
        let house = House::new().await;
        house.way("sms", "buyer").await;
        approved(&house, "parcel.shipped", "buyer").await;
        for (nth, phone, token) in [
            (1, "138 0013 8000", None),
            (2, "13800138002", Some("OAID")),
            (3, "13800138003", None),
            (4, "138****8004", None),
        ] {
            package(&house, nth, phone, token).await;
        }
        house.happens("parcel.shipped", 1..5).await;
        house.a_moment().await;
        assert!(house.seen(Platform::Sms).is_empty(), "nobody turned it on");
        house.does(Method::PUT, "notice-wishes", json!({"phone": "+86 13800138003", "by": "none"})).await;
        let rules = json!({"buyer_topics": ["parcel.shipped"], "urgent": ["parcel.shipped"]});
        house.does(Method::PUT, "notice-rules", rules).await;
        for (nth, key) in (1..5).map(|nth| (nth, format!("again/{nth}"))) {
            let news = huidan_store::notices::News {
                key: &key,
                topic: "parcel.shipped",
                entity: "package",
                id: &format!("p{nth}"),
                shop: "s1",
                facts: json!({}),
            };
            let main = house.world.connection(Which::Main);
            huidan_store::notices::tell(&main, house.world.moment(), &[news.clone(), news]).await.unwrap();
        }
        house.a_moment().await;
        let seen = house.seen(Platform::Sms);
        assert_eq!(seen.iter().map(|one| one.to.as_str()).collect::<Vec<_>>(), ["13800138000"]);
        let mut states = house.states("sms").await;
        states.sort();
        assert_eq!(states, ["sent", "skipped", "skipped", "skipped"]);
        let kept = house.get("notices?way=sms").await.to_string();
        assert!(!kept.contains("13800138000"), "no phone is kept with what was said");
        // At night they are never woken, whatever is urgent to the seller.
        house.passes(7 * HOUR, HOUR).await;
        package(&house, 6, "13800138006", None).await;
        house.happens("parcel.shipped", 6..7).await;
        house.passes(8 * HOUR, HOUR / 2).await;
        assert_eq!(house.seen(Platform::Sms).len(), 1);
        house.passes(2 * HOUR, HOUR / 2).await;
        assert_eq!(house.seen(Platform::Sms).len(), 2);
    });
}

#[test]
fn a_slip_in_a_text_is_told_when_it_is_written() {
    block_on(async {
        let house = House::new().await;
        let text = |body: &str| json!({"topic": "parcel.stalled", "audience": "team", "language": "zh", "title": "t", "body": body});
        let (status, said) = house.ask(Method::PUT, "notice-texts", text("{phone}")).await;
        assert_eq!((status, &said["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("body")), "{said}");
        house.way("wecom", "team").await;
        house.does(Method::PUT, "notice-texts", text("看看 {number}，{place}")).await;
        house.happens("parcel.stalled", 1..2).await;
        house.a_moment().await;
        assert_eq!(house.seen(Platform::Wecom)[0].text, "t\n看看 SFp1，");
        house.does(Method::POST, "notice-ways/wecom/test", json!({})).await;
        house.world.settle().await;
        assert!(house.seen(Platform::Wecom)[1].text.contains("测试消息"));
        let (status, said) = house
            .ask(
                Method::POST,
                "webhooks",
                json!({"id": "in", "name": "in",
            "url": "http://10.0.0.1/", "takes": ["*"]}),
            )
            .await;
        assert_eq!((status, &said["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("url")), "{said}");
    });
}
