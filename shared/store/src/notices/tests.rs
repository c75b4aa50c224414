use super::*;
use crate::{Chance, Db, Moment, native::Native, schema};
use futures::executor::block_on;
use huidan_domain::Millis;
use std::cell::Cell;

struct Counting(Cell<u8>);
impl Chance for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        self.0.set(self.0.get().wrapping_add(1));
        bytes.fill(self.0.get());
    }
}

async fn house() -> Native {
    let db = Native::in_memory().unwrap();
    schema::migrate(&db, schema::Which::Main).await.unwrap();
    for (id, audience) in [("robot", "team"), ("erp", "system")] {
        db.run(
            "INSERT INTO notice_way (id, provider, name, audience, environment, takes, created_at)
             VALUES (?1, 'p', 'P', ?2, 'live', '[\"*\"]', 0)",
            &[id.into(), audience.into()],
        )
        .await
        .unwrap();
    }
    db
}

fn message<'a>(id: &str, way: &'a str, key: &'a str) -> Message<'a> {
    Message {
        id: id.to_owned(),
        way,
        key,
        topic: "parcel.stalled",
        entity: "package",
        about: "p1",
        shop: "s1",
        facts: "{}",
        happened_at: 1,
        state: "waiting",
        next_at: 10,
        give_up_at: 1_000,
        reason: "",
    }
}

#[test]
fn a_message_is_one_for_each_way_and_key_and_is_claimed_once() {
    let chance = Counting(Cell::new(0));
    block_on(async {
        let db = house().await;
        let at = |ms: i64| Moment::new(Millis(ms), &chance);
        sort(&db, at(10), &[], &[message("a", "robot", "k"), message("b", "robot", "k")]).await.unwrap();
        let found = due(&db, Millis(10), "robot", 9).await.unwrap();
        assert_eq!(found.iter().map(|one| one.id.as_str()).collect::<Vec<_>>(), ["a"]);
        assert!(!any_due(&db, Millis(9), "robot").await.unwrap() && !any_due(&db, Millis(10), "erp").await.unwrap());
        let first = claim(&db, at(10), "a", "said", 100).await.unwrap();
        assert!(first.is_some() && claim(&db, at(11), "a", "said", 100).await.unwrap().is_none(), "claimed already");
        assert!(!any_due(&db, Millis(100), "robot").await.unwrap(), "the lease holds");
        assert!(due(&db, Millis(110), "robot", 9).await.unwrap().first().unwrap().lost, "and then it is lost");
        settle(&db, at(111), "a", Some("other"), &Outcome::Rejected("no".into())).await.unwrap();
        assert!(any_due(&db, Millis(111), "robot").await.unwrap(), "only the lease's own word counts");
        settle(&db, at(111), "a", first.as_deref(), &Outcome::Unknown("lost".into())).await.unwrap();
        assert!(!any_due(&db, Millis(500), "robot").await.unwrap());
        assert_eq!(recent(&db, "robot", Millis(0)).await.unwrap()["parcel.stalled"], (1, Millis(111)));
        sort(&db, at(112), &[], &[message("c", "robot", "k")]).await.unwrap();
        assert!(!any_due(&db, Millis(500), "robot").await.unwrap(), "what went out is not wanted anew");
        sort(&db, at(113), &[], &[message("d", "robot", "k2")]).await.unwrap();
        let second = claim(&db, at(113), "d", "said", 100).await.unwrap();
        settle(&db, at(114), "d", second.as_deref(), &Outcome::Sent("r".into())).await.unwrap();
        assert_eq!(resend(&db, at(115), "owner", "d", 99).await, Ok(None), "people are told once");
    });
}

#[test]
fn news_that_another_turn_sorted_makes_no_second_message_by_another_way() {
    let chance = Counting(Cell::new(0));
    block_on(async {
        let db = house().await;
        let at = |ms: i64| Moment::new(Millis(ms), &chance);
        let (entity, id, shop) = ("package", "p1", "s1");
        let one = News { key: "k", topic: "parcel.shipped", entity, id, shop, facts: serde_json::json!({}) };
        tell(&db, at(1), &[one]).await.unwrap();
        let seq: Vec<i64> = unsorted(&db, 9).await.unwrap().iter().map(|one| one.seq).collect();
        // Two turns read the same news; the buyer's wish changed between them.
        sort(&db, at(2), &seq, &[message("a", "robot", "k")]).await.unwrap();
        sort(&db, at(3), &seq, &[message("b", "erp", "k")]).await.unwrap();
        let told: Vec<String> =
            page(&db, None, None, false, None, 9).await.unwrap().into_iter().map(|(_, n)| n.way).collect();
        assert_eq!(told, ["robot"]);
    });
}

#[test]
fn many_become_one_and_a_person_may_send_again() {
    let chance = Counting(Cell::new(0));
    block_on(async {
        let db = house().await;
        let at = |ms: i64| Moment::new(Millis(ms), &chance);
        let of = [message("a", "robot", "1"), message("b", "robot", "2"), message("c", "erp", "1")];
        sort(&db, at(10), &[], &of).await.unwrap();
        let found = due(&db, Millis(10), "robot", 9).await.unwrap();
        let many: Vec<&Due> = found.iter().collect();
        bundle(&db, at(11), "robot", &many, &serde_json::json!({"count": 2})).await.unwrap();
        let left = due(&db, Millis(11), "robot", 9).await.unwrap();
        assert_eq!(left.iter().map(|one| (one.summary, one.shop.as_str())).collect::<Vec<_>>(), [(true, "s1")]);
        assert_eq!(resend(&db, at(12), "owner", "a", 99).await, Ok(None), "what went out with others");
        let token = claim(&db, at(12), "c", "said", 100).await.unwrap();
        settle(&db, at(13), "c", token.as_deref(), &Outcome::Sent("r".into())).await.unwrap();
        assert_eq!(resend(&db, at(14), "owner", "c", 99).await, Ok(Some("erp".into())), "a system knows the id");
        end_way(&db, at(15), "erp", "gone").await.unwrap();
        assert!(!way(&db, "erp").await.unwrap().unwrap().active);
        assert_eq!(one(&db, "c").await.unwrap().unwrap().state, "dead");
        let listed = page(&db, Some("robot"), None, false, None, 2).await.unwrap();
        assert_eq!(listed.len(), 2);
        let (at, last) = listed.last().unwrap();
        assert_eq!(page(&db, Some("robot"), None, false, Some((*at, &last.id)), 9).await.unwrap().len(), 1);
    });
}

#[test]
fn what_stands_in_the_rows_is_news_once() {
    let chance = Counting(Cell::new(0));
    block_on(async {
        let db = house().await;
        let at = |ms: i64| Moment::new(Millis(ms), &chance);
        crate::samples::house(&db).await.unwrap();
        let keys = crate::Keyring::derived("k", "receivers");
        let receiver = crate::samples::receiver();
        crate::samples::package(&db, at(1), &keys, "p1", "acc", receiver).await.unwrap();
        assert_eq!(look(&db, at(2)).await, Ok(false), "a planned parcel is no news");
        for statement in [
            "UPDATE package SET status = 'handed_over' WHERE id = 'p1'",
            "INSERT INTO shop_alarm (shop, kind, detail, since) VALUES ('s1', 'silent_shop', 'd', 5)",
        ] {
            db.run(statement, &[]).await.unwrap();
        }
        assert_eq!(look(&db, at(3)).await, Ok(true));
        assert_eq!(look(&db, at(4)).await, Ok(false), "told already");
        db.run("UPDATE package SET status = 'in_transit' WHERE id = 'p1'", &[]).await.unwrap();
        assert_eq!(look(&db, at(5)).await, Ok(false), "it left once");
        db.run("UPDATE shop_alarm SET since = 9", &[]).await.unwrap();
        assert_eq!(look(&db, at(10)).await, Ok(true), "another alarm of the same kind");
        let told: Vec<String> = unsorted(&db, 9).await.unwrap().into_iter().map(|one| one.key).collect();
        assert_eq!(told.len(), 3, "{told:?}");
        assert!(told.contains(&"parcel.shipped/p1".to_owned()), "{told:?}");
    });
}
