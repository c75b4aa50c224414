#![allow(clippy::unwrap_used, reason = "a test's report")]

use super::*;
use crate::native::Native;
use crate::{Chance, Keyring, samples, schema};
use futures::executor::block_on;

struct Still;
impl Chance for Still {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(7);
    }
}

const NOW: Millis = Millis(1_795_140_000_000);

/// A house with a package `p1` that has the number `N1`.
async fn house() -> Native {
    let db = Native::in_memory().unwrap();
    schema::migrate(&db, schema::Which::Main).await.unwrap();
    samples::house(&db).await.unwrap();
    // 32 bytes of nothing, in base64.
    let keys = Keyring::parse("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=").unwrap();
    let moment = Moment::new(NOW, &Still);
    samples::package(&db, moment, &keys, "p1", "acc", samples::receiver()).await.unwrap();
    samples::number(&db, "b1", "p1", "N1").await.unwrap();
    db
}

async fn leased(db: &Native, moment: Moment<'_>) -> Option<(String, Leased)> {
    let (token, mut rows) = lease(db, moment, "s1", 1_000, 5).await.unwrap();
    rows.pop().map(|row| (token, row))
}

#[test]
fn a_parcel_is_wanted_once_and_anew_only_under_another_number() {
    block_on(async {
        let db = house().await;
        let moment = Moment::new(NOW, &Still);
        hand_over(&db, moment, "test", &["p1"]).await.unwrap();
        let (token, row) = leased(&db, moment).await.unwrap();
        let told = ToldNow { number: "N1".into(), carrier: "demo".into(), lines: vec![], replaces: None };
        settle(&db, moment, &token, &[(&row, Outcome::Told(NOW, told))]).await.unwrap();
        let (token, row) = leased(&db, moment).await.unwrap();
        assert_eq!((row.was.as_str(), row.number.as_str()), ("sent", "N1"));
        settle(&db, moment, &token, &[(&row, Outcome::Confirmed)]).await.unwrap();
        want_confirms(&db, moment, &["p1"]).await.unwrap();
        assert_eq!(leased(&db, moment).await, None, "the same number is told already");
        db.run("UPDATE waybill SET number = 'N2' WHERE id = 'b1'", &[]).await.unwrap();
        want_confirms(&db, moment, &["p1"]).await.unwrap();
        let (_, row) = leased(&db, moment).await.unwrap();
        assert_eq!(row.was, "pending");
        let facts = shipment(&db, row.order(), row.package()).await.unwrap().unwrap();
        assert_eq!((facts.waybill.as_deref(), facts.told[0].number.as_str()), (Some("N2"), "N1"));
    });
}

#[test]
fn the_last_pick_up_is_by_the_warehouses_own_clock() {
    block_on(async {
        let db = house().await;
        // Due at 2026-11-20T01:00Z, which is nine in the morning in Hangzhou and eight in the evening before in New York.
        let due = 1_795_136_400_000_i64;
        db.run("UPDATE orders SET ship_by = ?1, paid_at = 0", &[due.into()]).await.unwrap();
        let leave_by = async |zone: &str, minute: Option<u32>| {
            db.run("UPDATE warehouse SET zone = ?1", &[zone.into()]).await.unwrap();
            let cut_off = CutOff { warehouse: "w1".into(), minute };
            assert!(set_cut_off(&db, NOW, "test", &cut_off).await.unwrap());
            due - deadlines(&db, None, 5).await.unwrap()[0].leave_by.0
        };
        let hours = |hours: i64| hours * 3_600_000;
        assert_eq!(leave_by("+08:00", None).await, 0, "nobody said when carriers come");
        assert_eq!(leave_by("+08:00", Some(16 * 60)).await, hours(17), "at four the day before");
        assert_eq!(leave_by("+08:00", Some(9 * 60)).await, 0, "at nine sharp");
        assert_eq!(leave_by("-05:00", Some(16 * 60)).await, hours(4), "at four the same day there");
        assert_eq!(leave_by("+05:30", Some(6 * 60)).await, hours(1) / 2, "at six, half an hour before it is due");
    });
}
