use super::*;
use crate::native::Native;
use crate::{Chance, Keyring, samples, schema};
use futures::executor::block_on;
use huidan_domain::Millis;

struct Zero;
impl Chance for Zero {
    fn fill(&self, bytes: &mut [u8]) {
        bytes.fill(0);
    }
}

async fn queue(count: u32) -> Native {
    let db = Native::in_memory().unwrap();
    schema::migrate(&db, schema::Which::Main).await.unwrap();
    samples::house(&db).await.unwrap();
    samples::printer(&db, "zpl").await.unwrap();
    let (moment, keys) = (Moment::new(Millis(1), &Zero), Keyring::derived("k", "receiver"));
    for n in 1..=count {
        let (package, waybill) = (format!("k{n}"), format!("w{n}"));
        // One order at a time: ids are drawn by the clock alone here.
        let moment = Moment::new(Millis(i64::from(n)), moment.chance);
        samples::package(&db, moment, &keys, &package, "acc", samples::receiver()).await.unwrap();
        samples::number(&db, &waybill, &package, &format!("HD{n:08}")).await.unwrap();
        samples::job(&db, &format!("j{n}"), &waybill, ("b", n, count), "sha").await.unwrap();
    }
    db
}

#[test]
fn two_claims_at_once_never_share_a_job() {
    block_on(async {
        let db = queue(3).await;
        let rooms = [Room { printer: "p1".into(), room: 9 }];
        let moment = Moment::new(Millis(10), &Zero);
        // Both look before either takes.
        let first = waiting(&db, "b1", &rooms, &[], 9).await.unwrap();
        let second = waiting(&db, "b2", &rooms, &[], 9).await.unwrap();
        assert_eq!(first, second);
        assert_eq!(claim(&db, moment, "b1", &first).await.unwrap().len(), 3);
        assert!(claim(&db, moment, "b2", &second).await.unwrap().is_empty());
    });
}

#[test]
fn a_job_too_old_is_not_printed_by_surprise() {
    block_on(async {
        let db = queue(1).await;
        let eight_days = Moment::new(Millis(8 * 86_400_000), &Zero);
        assert_eq!(sweep(&db, eight_days).await, Ok(1));
        assert_eq!(samples::jobs(&db).await.unwrap()[0].state, "expired");
        assert_eq!(sweep(&db, eight_days).await, Ok(0), "nothing is written twice");
    });
}
