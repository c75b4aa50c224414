use super::*;
use crate::native::Native;
use crate::{Chance, Keyring, samples, schema, transaction};
use futures::executor::block_on;
use huidan_domain::WaybillState;
use std::sync::atomic::{AtomicU64, Ordering};

struct Counting(AtomicU64);
impl Chance for Counting {
    fn fill(&self, bytes: &mut [u8]) {
        let next = self.0.fetch_add(1, Ordering::Relaxed).to_le_bytes();
        for (to, from) in bytes.iter_mut().zip(next.iter().cycle()) {
            *to = *from;
        }
    }
}

/// The names that statements spell out are the domain's.
#[test]
fn a_package_is_held_by_exactly_the_states_that_the_domain_says() {
    let spelled = ["voided", "reclaimed", "refused"];
    for &state in WaybillState::ALL {
        assert_eq!(!state.holds_the_package(), spelled.contains(&state.name()), "{state}");
    }
}

#[test]
fn whoever_claims_at_the_same_moment_gets_other_packages_and_other_serials() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("main");
    let db = Native::open(&file).unwrap();
    let chance = Counting(AtomicU64::new(1));
    let moment = Moment::new(Millis(1_000), &chance);
    let keys = Keyring::derived("k", "receiver");
    block_on(async {
        schema::migrate(&db, schema::Which::Main).await.unwrap();
        samples::house(&db).await.unwrap();
        for n in 0..120 {
            samples::package(&db, moment, &keys, &format!("k{n:03}"), "acc", samples::receiver()).await.unwrap();
        }
    });
    std::thread::scope(|scope| {
        for runner in 0..4_u64 {
            let file = &file;
            scope.spawn(move || {
                let db = Native::open(file).unwrap();
                let chance = Counting(AtomicU64::new((runner + 2) << 40));
                let moment = Moment::new(Millis(2_000), &chance);
                let lease = format!("runner-{runner}");
                loop {
                    let claimed = block_on(transaction(&db, async |db| {
                        begin(db, moment, "acc", (&lease, Millis(60_000)), true, 7).await
                    }));
                    if claimed.unwrap().is_empty() {
                        return;
                    }
                }
            });
        }
    });
    let claimed = block_on(samples::waybills(&db)).unwrap();
    let packages: std::collections::BTreeSet<&str> = claimed.iter().map(|row| row.package.as_str()).collect();
    let serials: std::collections::BTreeSet<i64> = claimed.iter().filter_map(|row| row.serial).collect();
    assert_eq!((claimed.len(), packages.len()), (120, 120));
    assert_eq!(serials, (0..120).collect());
}

#[test]
fn the_schema_itself_refuses_a_second_living_number() {
    let chance = Counting(AtomicU64::new(1));
    let moment = Moment::new(Millis(1_000), &chance);
    block_on(async {
        let db = Native::in_memory().unwrap();
        schema::migrate(&db, schema::Which::Main).await.unwrap();
        samples::house(&db).await.unwrap();
        let keys = Keyring::derived("k", "receiver");
        samples::package(&db, moment, &keys, "k1", "acc", samples::receiver()).await.unwrap();
        samples::number(&db, "w1", "k1", "HD00000001").await.unwrap();
        let second = db
            .run(
                "INSERT INTO waybill (id, package, attempt, fence, account, carrier, claim, state, claimed_at)
                 VALUES ('w2', 'k1', 2, 1, 'acc', 'demo', 'c2', 'calling', 0)",
                &[],
            )
            .await;
        assert!(matches!(second, Err(StoreError::Constraint(_))), "{second:?}");
    });
}

#[test]
fn a_parcel_says_what_the_order_says() {
    let chance = Counting(AtomicU64::new(1));
    let moment = Moment::new(Millis(1_000), &chance);
    let keys = Keyring::derived("k", "receiver");
    block_on(async {
        let db = Native::in_memory().unwrap();
        schema::migrate(&db, schema::Which::Main).await.unwrap();
        samples::house(&db).await.unwrap();
        samples::package(&db, moment, &keys, "k1", "acc", samples::receiver()).await.unwrap();
        let ids = begin(&db, moment, "acc", ("l", Millis(60_000)), false, 10).await.unwrap();
        let read = bookings(&db, &keys, &ids).await.unwrap().remove(0);
        assert_eq!(read.receiver.unwrap().name, samples::SECRETS[0]);
        assert_eq!((read.sender.unwrap().city.as_str(), read.serial, read.weight_g), ("杭州市", None, 300));
        assert_eq!(read.value.minor(), Ok(12_800));
        assert_eq!((read.ext_ids, read.order_numbers), (vec!["k1".to_owned()], vec!["#k1".to_owned()]));
        let item = BookingItem { sku: "TEA".into(), title: "明前龙井 250g".into(), qty: 2 };
        assert_eq!((read.items, read.remarks), (vec![item], vec!["易碎".to_owned()]));
        let other = Keyring::derived("another", "receiver");
        assert!(bookings(&db, &other, &ids).await.unwrap()[0].receiver.is_none(), "and only with the key");
    });
}
