//! One number per package, whatever happens on the way.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test's report")]
#![allow(unreachable_pub, dead_code, reason = "the house is shared by several tests")]

mod house;

use futures::FutureExt;
use house::{House, Say};
use huidan_domain::WaybillNo;
use huidan_store::{samples, transaction, waybills};
use huidan_testkit::world::{Fault, block_on};
use huidan_world::World;

/// Every way in which a call for numbers can go wrong between the two functions.
const FAULTS: [Fault; 8] = [
    Fault::Down,
    Fault::Status(500),
    Fault::Hangs,
    Fault::AnswerLost,
    Fault::AnswerLate,
    Fault::Garbled,
    Fault::CallerDies,
    Fault::CallerDiesAfter,
];

#[test]
fn a_number_is_claimed_before_the_call() {
    block_on(async {
        let house = House::new("query", 3).await;
        house.look(|parcels, waybills| {
            assert_eq!(parcels.len(), 3);
            for parcel in parcels {
                let row = waybills.iter().find(|row| row.claim == parcel.claim);
                assert_eq!(row.map(|row| row.state.as_str()), Some("calling"), "stored before anybody hears of it");
                assert_eq!(parcel.claim.len(), 26);
            }
        });
        house.wake().await;
        assert_eq!(house.carrier.borrow().batches, [3], "one call for the whole batch");
        assert!(house.waybills().await.iter().all(|row| row.state == "issued"));
        assert!(house.packages().await.iter().all(|row| (row.status.as_str(), row.work.as_str()) == ("numbered", "")));
    });
}

#[test]
fn a_lost_answer_never_takes_a_second_number() {
    for outcome in ["query", "safe_repeat"] {
        for fault in FAULTS {
            block_on(async {
                let house = House::new(outcome, 2).await;
                house.world.fail("carrier-demo", "/waybill/book", fault);
                house.world.wake("flow-book", "acc");
                // A caller that dies takes its whole run with it.
                let _ = house.world.settle().now_or_never();
                house.minutes(10).await;
                let seen = house.waybills().await;
                let given = house.carrier.borrow().given.len();
                assert_eq!(given, 2, "{outcome} {fault:?}: numbers charged");
                let issued = seen.iter().filter(|row| row.state == "issued").count();
                assert_eq!(issued, 2, "{outcome} {fault:?}: {seen:?}");
                assert_eq!(house.jobs().await.len(), 2, "{outcome} {fault:?}");
            });
        }
    }
}

#[test]
fn an_unclear_answer_is_resolved_by_asking_and_not_by_a_new_claim() {
    for outcome in ["query", "safe_repeat"] {
        block_on(async {
            let house = House::new(outcome, 1).await;
            house.carrier.borrow_mut().next.push_back(Say::DoneButUnknown);
            house.wake().await;
            let waits = house.packages().await[0].waits_for.clone();
            assert!(waits.contains("unknown"), "{waits}");
            house.minutes(2).await;
            assert_eq!(house.carrier.borrow().given.len(), 1, "{outcome}");
            assert_eq!(house.waybills().await.len(), 1, "{outcome}: the same claim all along");
            assert_eq!(house.packages().await[0].status, "numbered");
        });
    }
}

#[test]
fn where_only_a_person_can_tell_a_person_is_asked_and_the_answer_ends_it() {
    for taken in [true, false] {
        block_on(async {
            let house = House::new("person", 1).await;
            house.carrier.borrow_mut().next.push_back(Say::DoneButUnknown);
            house.wake().await;
            house.minutes(30).await;
            let seen = house.waybills().await;
            assert_eq!((seen.len(), seen[0].state.as_str()), (1, "calling"), "nothing is tried meanwhile");
            assert!(house.packages().await[0].waits_for.contains("look it up at the carrier"));
            let number = taken.then(|| WaybillNo::parse("HD0000000001").unwrap());
            let lane = house
                .world
                .main(async |db| {
                    let moment = house.world.moment();
                    transaction(db, async |db| {
                        waybills::answer(db, moment, "person-1", &seen[0].id, number.clone()).await
                    })
                    .await
                })
                .await
                .unwrap();
            assert_eq!(lane.as_deref(), Some("acc"));
            house.wake().await;
            let seen = house.waybills().await;
            assert_eq!(seen.len(), if taken { 1 } else { 2 });
            assert_eq!(seen.last().unwrap().state, "issued");
            assert_eq!(house.jobs().await.len(), 1);
        });
    }
}

#[test]
fn two_runners_never_book_one_package_twice() {
    block_on(async {
        let house = House::new("query", 3).await;
        house.world.fail("carrier-demo", "/waybill/book", Fault::CallerDies);
        house.world.wake("flow-book", "acc");
        assert!(house.world.settle().now_or_never().is_none(), "the first runner is stuck in its call");
        house.world.pass(31_000).await;
        house.package("k999", samples::receiver()).await;
        house.wake().await;
        let seen = house.waybills().await;
        assert_eq!(seen.len(), 4, "the second runner takes the lane, and of the packages only the new one");
        assert_eq!(seen.iter().filter(|row| row.state == "calling").count(), 3);
        house.minutes(5).await;
        assert_eq!(house.carrier.borrow().given.len(), 4);
        assert!(house.packages().await.iter().all(|row| row.status == "numbered"));
    });
}

#[test]
fn a_refusal_holds_its_own_package_with_the_carriers_words() {
    block_on(async {
        let house = House::new("query", 3).await;
        house.carrier.borrow_mut().next.push_back(Say::No("rejected"));
        house.wake().await;
        let seen = house.packages().await;
        assert_eq!((seen[0].status.as_str(), seen[0].work.as_str()), ("planned", ""));
        assert!(seen[0].waits_for.contains("the carrier says rejected"), "{}", seen[0].waits_for);
        assert!(seen[1..].iter().all(|row| row.status == "numbered" && row.waits_for.is_empty()));
        // A person mended it and wants a number.
        let moment = house.world.moment();
        let lane =
            house.world.main(async |db| waybills::want_number(db, moment, "k001", "person-1").await).await.unwrap();
        assert_eq!(lane.as_deref(), Some("acc"));
        house.wake().await;
        assert_eq!(house.packages().await[0].status, "numbered");
        assert_eq!(house.waybills().await.len(), 4, "a new claim, since the first was certainly refused");
    });
}

#[test]
fn what_was_certainly_not_sent_goes_out_again_under_the_same_claim_and_serial() {
    for kind in ["transient", "limited", "credentials"] {
        block_on(async {
            let house = House::new("person", 1).await;
            house.carrier.borrow_mut().next.push_back(Say::No(kind));
            house.wake().await;
            let first = house.waybills().await;
            assert_eq!(first[0].state, "calling");
            assert!(house.packages().await[0].waits_for.contains(kind));
            let trouble = house.world.main(async |db| samples::account_trouble(db, "acc").await).await.unwrap();
            assert_eq!(!trouble.is_empty(), kind == "credentials", "{trouble}");
            house.minutes(2).await;
            let then = house.waybills().await;
            assert_eq!((then.len(), &then[0].claim, then[0].state.as_str()), (1, &first[0].claim, "issued"), "{kind}");
            assert_eq!(house.carrier.borrow().serials, [Some(0), Some(0)], "no number of the range is lost");
        });
    }
}

#[test]
fn serials_are_drawn_without_a_gap_and_never_twice() {
    block_on(async {
        let house = House::new("query", 5).await;
        house.wake().await;
        house.package("k900", samples::receiver()).await;
        house.wake().await;
        let mut serials: Vec<i64> = house.waybills().await.iter().filter_map(|row| row.serial).collect();
        serials.sort_unstable();
        assert_eq!(serials, [0, 1, 2, 3, 4, 5]);
    });
}

#[test]
fn a_carrier_that_fails_again_and_again_is_left_alone_and_its_packages_say_why() {
    block_on(async {
        let house = House::new("query", 2).await;
        house.carrier.borrow_mut().next.extend(std::iter::repeat_n(Say::No("transient"), 40));
        house.wake().await;
        house.minutes(3).await;
        let calls = house.carrier.borrow().batches.len();
        assert!((3..12).contains(&calls), "{calls} calls in three minutes");
        house.package("k500", samples::receiver()).await;
        house.wake().await;
        house.carrier.borrow_mut().next.clear();
        house.minutes(10).await;
        let seen = house.packages().await;
        assert!(seen.iter().all(|row| row.status == "numbered" && row.waits_for.is_empty()), "{seen:?}");
    });
}

#[test]
fn a_carrier_component_that_is_away_holds_its_packages_with_a_reason() {
    block_on(async {
        let house = House::new("query", 1).await;
        house.world.fail("carrier-demo", "/waybill/manifest", Fault::Down);
        house.wake().await;
        let seen = house.packages().await;
        assert!(seen[0].waits_for.contains("carrier-demo"), "{seen:?}");
        assert!(house.waybills().await.is_empty(), "no claim without knowing the carrier");
        house.minutes(3).await;
        assert_eq!(house.packages().await[0].status, "numbered");
    });
}

#[test]
fn a_number_that_is_in_use_is_taken_for_none() {
    block_on(async {
        let house = House::new("query", 2).await;
        house.carrier.borrow_mut().one_number = true;
        house.wake().await;
        let seen = house.packages().await;
        assert_eq!(seen.iter().filter(|row| row.status == "numbered").count(), 1);
        assert_eq!(seen.iter().filter(|row| row.waits_for.contains("in use already")).count(), 1, "{seen:?}");
        assert_eq!(house.jobs().await.len(), 1);
    });
}

#[test]
fn a_late_answer_is_recorded_and_changes_nothing() {
    block_on(async {
        let house = House::new("query", 1).await;
        house.world.fail("carrier-demo", "/waybill/book", Fault::CallerDies);
        house.world.wake("flow-book", "acc");
        let _ = house.world.settle().now_or_never();
        let waybill = house.waybills().await[0].id.clone();
        let given = waybills::Given::plain(WaybillNo::parse("HD7777777777").unwrap());
        let outcome = waybills::Outcome::Issued(Box::new(given));
        let moment = house.world.moment();
        let issued = house
            .world
            .main(async |db| waybills::settle(db, moment, "another lease", &[(waybill.clone(), outcome.clone())]).await)
            .await
            .unwrap();
        assert!(issued.is_empty());
        assert_eq!(house.waybills().await[0].state, "calling");
        assert_eq!(house.events("late_answer").await, 1);
    });
}
