//! A buyer is told by one way: the one asked for, else the seller's first that reaches them, and not at all where they
//! said so.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test's report")]

mod house;

use house::{HOUR, House};
use http::{Method, StatusCode};
use huidan_exchange::sign;
use huidan_platforms::{Fault, NoticeSeen, Platform, When};
use huidan_store::schema::Which;
use huidan_store::{Keyring, notices, samples};
use huidan_testkit::world::block_on;
use huidan_world::World;
use serde_json::{Value, json};

const SHIPPED: &str = "parcel.shipped";

/// A house that tells buyers of parcels that left: by phone first, else by mail.
async fn telling() -> House {
    let house = House::new().await;
    for way in ["sms", "email"] {
        house.way(way, "buyer").await;
    }
    house.does(Method::PATCH, "notice-ways/email", json!({"position": 5})).await;
    house.does(Method::PUT, "notice-rules", json!({"buyer_topics": [SHIPPED]})).await;
    // Only places, as short messages need them: no letter is made of that.
    let text = json!({"topic": SHIPPED, "audience": "buyer", "language": "zh", "title": "",
        "body": "{number} {carrier} {order}", "code": "SMS_100010"});
    house.does(Method::PUT, "notice-texts", text).await;
    house
}

/// A package `p<nth>` of a receiver with that phone, mailbox and token.
async fn package(house: &House, nth: u32, phone: &str, email: &str, token: Option<&str>) {
    let keys = Keyring::parse(&sign::base64(&[1; 32])).unwrap();
    let mut receiver = samples::receiver();
    (receiver.phone, receiver.email) = (phone.to_owned(), email.to_owned());
    receiver.token = token.map(str::to_owned);
    let (main, moment) = (house.world.connection(Which::Main), house.world.moment());
    samples::package(&main, moment, &keys, &format!("p{nth}"), "acc", receiver).await.unwrap();
}

async fn wish(house: &House, wish: Value) {
    house.does(Method::PUT, "notice-wishes", wish).await;
}

fn to(seen: &[NoticeSeen]) -> Vec<&str> {
    let mut to: Vec<&str> = seen.iter().map(|one| one.to.as_str()).collect();
    to.sort_unstable();
    to
}

/// Why a parcel's buyer was told nothing, in English.
async fn why(house: &House, nth: u32) -> String {
    let all = house.get("notices?limit=200").await;
    let all = all["items"].as_array().unwrap().iter().filter(|one| one["about"] == format!("p{nth}"));
    let [one] = all.collect::<Vec<_>>()[..] else { panic!("p{nth} has one message") };
    assert_eq!(one["state"], "skipped", "{one}");
    one["reason"].as_str().unwrap().rsplit(" / ").next().unwrap().to_owned()
}

/// No mailbox, or what is a part of one, stands in the log, in what machines read, in any list, or open on the disk.
async fn shows_nothing_of(house: &House, secrets: &[&str]) {
    let mut shown = house.world.logged().join("\n");
    for path in ["notices?limit=200", "notice-ways", "notice-texts", "gauges", "events?limit=200", "orders", "packages"]
    {
        shown.push_str(&format!("\n{path} {}", house.get(path).await));
    }
    for which in [Which::Main, Which::Edge] {
        shown.push_str(&String::from_utf8_lossy(&house.world.backup(which).await));
    }
    let shown = shown.to_lowercase();
    for secret in secrets {
        let at = shown.find(secret).map(|at| shown.get(at.saturating_sub(80)..at + 20).unwrap_or_default().to_owned());
        assert_eq!(at, None, "{secret:?} is shown");
    }
}

#[test]
fn a_buyer_with_a_mailbox_and_no_phone_of_china_gets_exactly_one_letter() {
    block_on(async {
        let house = telling().await;
        house.world.set("public_url", "https://hub.example");
        package(&house, 1, "+1 555-555-0142", "Jane.Doe@example.com", None).await;
        // The answer is lost: the same letter goes again under its id, and is known.
        house.fault(Platform::Email, Fault::LostAnswer { when: When::default() });
        for _ in 0..3 {
            house.happens(SHIPPED, 1..2).await;
            house.a_moment().await;
        }
        house.passes(2 * HOUR, HOUR / 4).await;
        let seen = house.seen(Platform::Email);
        assert_eq!(to(&seen), ["Jane.Doe@example.com"], "to the buyer, once, and to nobody of the team");
        assert_eq!(house.repeats(Platform::Email), 1);
        assert!(
            seen[0].text.contains("https://hub.example/t/"),
            "with a link, the same at every try: {}",
            seen[0].text
        );
        assert_eq!(seen[0].template, "您的包裹已发出", "a subject, though the seller's text has none");
        assert!(seen[0].text.contains("您的包裹已由"), "words and not places: {}", seen[0].text);
        assert_eq!((house.states("email").await, house.states("sms").await), (vec!["sent".to_owned()], vec![]));
        shows_nothing_of(&house, &["jane.doe"]).await;
    });
}

#[test]
fn each_buyer_is_told_by_the_one_way_that_is_wanted_or_reaches() {
    block_on(async {
        let house = telling().await;
        for (nth, phone, email, token) in [
            (1, "13800138001", "one@example.com", None),
            (2, "13800138002", "two@example.com", None),
            (3, "13800138003", "three@example.com", None),
            (4, "13800138004", "four@example.com", None),
            (5, "13800138005", "relay@platform.example", Some("OAID")),
            (6, "13800138006", "", Some("OAID")),
            (7, "0571-88888888", "s***@example.com", None),
            (8, "13800138008", "", None),
            (9, "13800138009", "nine@example.com", None),
        ] {
            package(&house, nth, phone, email, token).await;
        }
        wish(&house, json!({"phone": "+86 138 0013 8002", "by": "email"})).await;
        wish(&house, json!({"email": "Three@Example.com", "by": "none"})).await;
        wish(&house, json!({"phone": "13800138004", "by": "none"})).await;
        wish(&house, json!({"phone": "13800138008", "by": "email"})).await;
        wish(&house, json!({"phone": "13800138009", "email": "nine@example.com", "by": "sms"})).await;
        house.world.pass(1_000).await;
        wish(&house, json!({"email": "nine@example.com", "by": "email"})).await;
        house.happens(SHIPPED, 1..10).await;
        house.a_moment().await;
        house.passes(HOUR, HOUR / 4).await;
        let (by_phone, by_mail) = (house.seen(Platform::Sms), house.seen(Platform::Email));
        assert_eq!(to(&by_phone), ["13800138001", "13800138008"]);
        assert_eq!(to(&by_mail), ["nine@example.com", "relay@platform.example", "two@example.com"]);
        let unwanted = "the buyer wants no notices";
        for (nth, reason) in [
            (3, unwanted),
            (4, unwanted),
            (6, "the platform encrypts the receiver, and there is no mailbox"),
            (7, "there is neither a phone that can be reached nor a mailbox"),
        ] {
            assert_eq!(why(&house, nth).await, reason, "p{nth}");
        }
        let all = house.get("notices?limit=200").await;
        assert_eq!(all["items"].as_array().unwrap().len(), 9, "one way for each buyer: {all}");
        assert!(!all.to_string().contains("1380013800"), "nor is a phone kept with what was said");
        shows_nothing_of(&house, &["@example.com", "@platform.example"]).await;
    });
}

#[test]
fn who_wants_nothing_any_more_is_not_told_what_waited_for_the_morning() {
    block_on(async {
        let house = telling().await;
        // It is 16:00 with the seller, and quiet from 22:00 to 08:00.
        house.passes(7 * HOUR, HOUR).await;
        for (nth, email) in [(1, "one@example.com"), (2, "two@example.com")] {
            package(&house, nth, "", email, None).await;
        }
        house.happens(SHIPPED, 1..3).await;
        house.a_moment().await;
        assert_eq!(house.states("email").await, ["waiting", "waiting"]);
        wish(&house, json!({"email": "one@example.com", "by": "none"})).await;
        house.passes(10 * HOUR, HOUR / 2).await;
        assert_eq!(to(&house.seen(Platform::Email)), ["two@example.com"]);
        assert_eq!(why(&house, 1).await, "the buyer wants no notices");
    });
}

#[test]
fn a_letter_speaks_the_ways_language_or_the_sellers_words() {
    block_on(async {
        let house = telling().await;
        house.does(Method::DELETE, &format!("notice-texts/{SHIPPED}/buyer/zh"), Value::Null).await;
        house.does(Method::PATCH, "notice-ways/email", json!({"language": "en"})).await;
        package(&house, 1, "", "one@example.com", None).await;
        house.happens(SHIPPED, 1..2).await;
        house.a_moment().await;
        let seen = house.seen(Platform::Email);
        assert_eq!(seen[0].template, "Your parcel is on its way");
        assert!(seen[0].text.contains("Your parcel is on its way with"), "{}", seen[0].text);
        for (title, subject) in [("Your tea {order}", "Your tea #p2"), ("", "Your parcel is on its way")] {
            let own = json!({"topic": SHIPPED, "audience": "buyer", "language": "en", "title": title, "body": "Gone."});
            house.does(Method::PUT, "notice-texts", own).await;
            let nth = if title.is_empty() { 3 } else { 2 };
            package(&house, nth, "", "one@example.com", None).await;
            house.happens(SHIPPED, nth..nth + 1).await;
            house.a_moment().await;
            let last = house.seen(Platform::Email).pop().unwrap();
            assert_eq!((last.template.as_str(), last.text.ends_with("\nGone.")), (subject, true), "{}", last.text);
        }
    });
}

#[test]
fn what_cannot_be_taken_is_said_and_never_repeated() {
    block_on(async {
        let house = telling().await;
        let room = json!({"id": "room", "provider": "wecom", "name": "room", "audience": "buyer",
            "credentials": {"key": "k"}});
        let (status, said) = house.ask(Method::POST, "notice-ways", room).await;
        assert_eq!((status, &said["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("audience")), "{said}");
        for (provider, of_its_own, names) in [
            ("email", json!({"api_key": "k", "from": "a@example.com"}), "credentials.to"),
            ("sms", json!({"access_key_id": "k", "access_key_secret": "s", "sign_name": "汇单"}), "credentials.phones"),
        ] {
            let team = json!({"id": "team", "provider": provider, "name": "team", "audience": "team",
                "credentials": of_its_own});
            let (status, said) = house.ask(Method::POST, "notice-ways", team).await;
            assert_eq!((status, &said["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!(names)), "{said}");
        }
        for (wish, field) in [
            (json!({"by": "email"}), "phone"),
            (json!({"email": "Li Wang@example.com", "by": "email"}), "email"),
            (json!({"phone": "13800138000", "email": "l***@example.com", "by": "none"}), "email"),
            (json!({"phone": "0571-88888888", "by": "none"}), "phone"),
            (json!({"email": "li@example.com", "by": "wecom"}), "by"),
        ] {
            let (status, said) = house.ask(Method::PUT, "notice-wishes", wish.clone()).await;
            assert_eq!((status, &said["field"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!(field)), "{wish}: {said}");
            let detail = said["detail"].as_str().unwrap();
            assert!(detail.contains(" / "), "in both languages: {detail}");
            assert!(!["Wang", "l***", "88888888"].iter().any(|secret| detail.contains(secret)), "{detail}");
        }
        // Nothing of a wish that is refused in part was kept.
        let keys = Keyring::parse(&sign::base64(&[1; 32])).unwrap();
        let hash = hex(&notices::contact_hash(&keys, "13800138000"));
        let kept = notices::wishes(&house.world.connection(Which::Main), &[hash]).await.unwrap();
        assert!(kept.is_empty(), "{kept:?}");
        // A provider that refuses an address may repeat it; we do not.
        package(&house, 1, "", "secret.one@localhost", None).await;
        house.happens(SHIPPED, 1..2).await;
        house.a_moment().await;
        assert_eq!(house.states("email").await, ["rejected"]);
        shows_nothing_of(&house, &["secret.one"]).await;
    });
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
