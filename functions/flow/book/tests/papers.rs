//! Labels: rendered once, sealed, in order, and never of a number that was given back.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test's report")]
#![allow(unreachable_pub, dead_code, reason = "the house is shared by several tests")]

mod house;

use house::{House, PRINT_DATA, failure};
use huidan_label::Waybill;
use huidan_store::print::{self, Refused, Room};
use huidan_store::{Keyring, bridges, labels, samples, transaction};
use huidan_testkit::world::block_on;
use huidan_world::World;

async fn kept(house: &House, sha: &str) -> labels::Kept {
    let sealed = house.world.label(sha).await.unwrap().unwrap();
    labels::open(&house.keys("label_key").await, sha, &sealed).unwrap()
}

async fn claim(house: &House) -> Vec<print::Job> {
    let room = [Room { printer: "p1".into(), room: 50 }];
    house
        .world
        .main(async |db| {
            let ids = print::waiting(db, "b1", &room, &[], 50).await?;
            print::claim(db, house.world.moment(), "b1", &ids).await
        })
        .await
        .unwrap()
}

async fn report(house: &House, job: &print::Job, phase: print::Phase) {
    let line = print::Line { id: job.id.clone(), lease: job.lease.clone(), phase, detail: String::new() };
    let moment = house.world.moment();
    house
        .world
        .main(async |db| {
            transaction(db, async |db| print::report(db, moment, "b1", std::slice::from_ref(&line)).await).await
        })
        .await
        .unwrap();
}

async fn void(house: &House, package: &str) -> bool {
    let asked = serde_json::json!({ "package": package, "actor": "person-1" });
    let answer = house.world.post("flow-book", "/void", &asked).await;
    house.world.settle().await;
    serde_json::from_slice(answer.body()).unwrap()
}

async fn want(house: &House, packages: &[&str], reason: &str) -> print::Wanted {
    let packages: Vec<String> = packages.iter().map(|&package| package.to_owned()).collect();
    let moment = house.world.moment();
    let wanted = house
        .world
        .main(async |db| transaction(db, async |db| print::want(db, moment, "person-1", &packages, reason).await).await)
        .await
        .unwrap();
    for lane in &wanted.lanes {
        house.world.wake("flow-book", lane);
    }
    house.world.settle().await;
    wanted
}

#[test]
fn a_label_opens_only_with_the_key_and_says_whom_it_goes_to() {
    block_on(async {
        let house = House::new("query", 1).await;
        house.wake().await;
        let job = house.jobs().await.remove(0);
        let kept = kept(&house, &job.sha).await;
        let model: Waybill = serde_json::from_slice(&kept.model).unwrap();
        assert_eq!((model.receiver.name.as_str(), model.number.as_str()), (samples::SECRETS[0], "HD0000000001"));
        assert_eq!((model.carrier.as_str(), model.routing.as_deref()), ("汇达速运", Some("731-A12")));
        assert_eq!(model.receiver.region, "湖南省长沙市岳麓区");
        assert_eq!((model.lines.len(), model.lines[0].title.as_str(), model.lines[0].qty), (1, "明前龙井 250g", 2));
        assert_eq!((model.remark.as_str(), model.order_refs.as_slice()), ("易碎", &["#k001".to_owned()][..]));
        assert!(kept.bytes.starts_with(b"^XA"), "ready to be sent as it is");
        assert_eq!(huidan_exchange::sign::hex(&huidan_exchange::sign::sha256(&[&kept.bytes])), job.sha);

        let sealed = &house.world.labels()[&job.sha];
        let other = Keyring::derived("another", "label");
        assert!(labels::open(&other, &job.sha, sealed).is_err());
        assert!(
            labels::open(&house.keys("label_key").await, &"0".repeat(64), sealed).is_err(),
            "nor under another name"
        );
        for secret in samples::SECRETS {
            assert!(!String::from_utf8_lossy(sealed).contains(secret));
        }
        assert!(house.world.logged().is_empty(), "{:?}", house.world.logged());
    });
}

#[test]
fn jobs_come_in_the_order_of_the_batch_and_bear_their_place() {
    block_on(async {
        let house = House::new("query", 130).await;
        house.wake().await;
        assert_eq!(house.carrier.borrow().batches, [100, 30]);
        let jobs = house.jobs().await;
        // Two batches of one millisecond have no order between them; within each it is the packages'.
        let (large, small): (Vec<_>, Vec<_>) = jobs.iter().partition(|job| job.seq.1 == 100);
        for (batch, of, first) in [(&large, 100, 1), (&small, 30, 101)] {
            assert_eq!(batch.len(), of);
            for (at, job) in batch.iter().enumerate() {
                assert_eq!(job.seq.0, i64::try_from(at + 1).unwrap());
                assert_eq!(job.package, format!("k{:03}", first + at));
            }
        }
        let model: Waybill = serde_json::from_slice(&kept(&house, &large[16].sha).await.model).unwrap();
        assert_eq!(model.seq, Some((17, 100)), "and so does the paper");
        let claimed = claim(&house).await;
        let claimed: Vec<&str> = claimed.iter().filter_map(|job| job.number.as_deref()).collect();
        assert_eq!(claimed.len(), 50);
        let waybills = house.waybills().await;
        let packages = claimed.iter().map(|number| {
            let row = waybills.iter().find(|row| row.number.as_deref() == Some(number));
            row.map_or("", |row| row.package.as_str())
        });
        let first: Vec<&str> = jobs.iter().take(50).map(|job| job.package.as_str()).collect();
        assert_eq!(packages.collect::<Vec<_>>(), first, "handed out in the order of the queue");
    });
}

#[test]
fn a_voided_waybill_is_not_printed() {
    block_on(async {
        let house = House::new("query", 2).await;
        house.wake().await;
        assert!(void(&house, "k001").await);
        let jobs = house.jobs().await;
        assert_eq!((jobs[0].state.as_str(), jobs[1].state.as_str()), ("cancelled", "queued"));
        assert_eq!(house.carrier.borrow().taken_back, ["HD0000000001"]);
        let seen = house.packages().await;
        assert_eq!((seen[0].status.as_str(), seen[0].work.as_str(), &seen[0].waybill), ("planned", "", &None));
        assert_eq!(house.waybills().await[0].state, "voided");
        let claimed = claim(&house).await;
        assert_eq!(claimed.iter().map(|job| job.number.as_deref()).collect::<Vec<_>>(), [Some("HD0000000002")]);
        assert!(!void(&house, "k001").await, "there is nothing to give back any more");
    });
}

#[test]
fn what_a_bridge_has_of_a_voided_waybill_never_goes_back_into_the_queue() {
    block_on(async {
        let house = House::new("query", 1).await;
        house.wake().await;
        let leased = claim(&house).await;
        void(&house, "k001").await;
        assert_eq!(house.jobs().await[0].state, "leased", "the bridge may be printing it");
        report(&house, &leased[0], print::Phase::NeverStarted).await;
        assert_eq!(house.jobs().await[0].state, "cancelled");
        assert!(claim(&house).await.is_empty());
    });
}

#[test]
fn a_number_the_carrier_keeps_is_shown_as_kept() {
    block_on(async {
        let house = House::new("query", 1).await;
        house.wake().await;
        house.carrier.borrow_mut().cancel_says = Some(failure("rejected"));
        void(&house, "k001").await;
        assert_eq!(house.waybills().await[0].state, "void_refused");
        assert!(house.packages().await[0].waits_for.contains("rejected"));
    });
}

#[test]
fn a_void_whose_answer_is_lost_is_asked_again() {
    block_on(async {
        let house = House::new("query", 1).await;
        house.wake().await;
        house.carrier.borrow_mut().cancel_says = Some(failure("unknown"));
        void(&house, "k001").await;
        assert_eq!(house.waybills().await[0].state, "voiding");
        house.carrier.borrow_mut().cancel_says = None;
        house.minutes(3).await;
        assert_eq!(house.waybills().await[0].state, "voided");
        assert_eq!(house.packages().await[0].status, "planned");
    });
}

#[test]
fn a_label_that_might_lead_its_parcel_astray_is_not_printed_and_leaves_no_gap() {
    block_on(async {
        let house = House::new("query", 1).await;
        let mut receiver = samples::receiver();
        receiver.name = "\u{1F9A6}".into();
        house.package("k002", receiver).await;
        house.package("k003", samples::receiver()).await;
        house.wake().await;
        let seen = house.packages().await;
        assert_eq!((seen[1].status.as_str(), seen[1].work.as_str()), ("numbered", ""));
        assert!(seen[1].waits_for.contains("receiver.name"), "{}", seen[1].waits_for);
        let jobs = house.jobs().await;
        assert_eq!(jobs.iter().map(|job| job.seq).collect::<Vec<_>>(), [(1, 2), (2, 2)]);
    });
}

#[test]
fn without_a_printer_the_label_waits_and_comes_when_one_appears() {
    block_on(async {
        let house = House::bare("query").await;
        house.package("k001", samples::receiver()).await;
        house.wake().await;
        let seen = house.packages().await;
        assert_eq!((seen[0].status.as_str(), seen[0].work.as_str()), ("numbered", "render"));
        assert!(seen[0].waits_for.contains("no printer"), "{}", seen[0].waits_for);
        let moment = house.world.moment();
        let code = house.world.main(async |db| bridges::new_code(db, moment, "person-1").await).await.unwrap();
        let printers = house
            .world
            .main(async |db| {
                let (id, _) = bridges::pair(db, moment, &code, "pc").await?.unwrap();
                let bridge = bridges::Bridge { id, name: "pc".into(), seen_at: None };
                let shown = bridges::Shown {
                    name: "packing-1".into(),
                    lang: "tspl".into(),
                    dpi: 300,
                    width_mm: 76,
                    height_mm: 130,
                    status: "ready".into(),
                };
                bridges::printers(db, moment, &bridge, &[shown]).await
            })
            .await
            .unwrap();
        assert_eq!((printers.ids, printers.wakes_labels), (vec!["packing-1".to_owned()], true));
        house.wake().await;
        let jobs = house.jobs().await;
        assert_eq!((jobs[0].format.as_str(), jobs[0].state.as_str()), ("tspl", "queued"));
        assert!(kept(&house, &jobs[0].sha).await.bytes.starts_with(b"SIZE 76 mm"));
        assert_eq!(house.packages().await[0].waits_for, "");
    });
}

#[test]
fn an_encrypted_receiver_goes_to_the_platforms_component_as_it_came() {
    block_on(async {
        let house = House::bare("query").await;
        house.carrier.borrow_mut().platform = true;
        house.world.main(async |db| samples::printer(db, "platform-task").await).await.unwrap();
        let mut receiver = samples::receiver();
        (receiver.name, receiver.phone, receiver.token) = ("王**".into(), "138****8000".into(), Some("oaid-1".into()));
        house.package("k001", receiver).await;
        house.wake().await;
        let job = house.jobs().await.remove(0);
        assert_eq!(job.format, "platform-task");
        let bytes = String::from_utf8(kept(&house, &job.sha).await.bytes).unwrap();
        assert_eq!(bytes, format!(r#"{{"documentID":"HD0000000001","contents":[{PRINT_DATA}]}}"#));
        assert_eq!(claim(&house).await.len(), 1);
    });
}

#[test]
fn a_second_paper_needs_a_reason_and_bears_a_mark() {
    block_on(async {
        let house = House::new("query", 1).await;
        house.wake().await;
        let none = want(&house, &["k001"], "").await;
        assert_eq!(none.refused, [("k001".to_owned(), Refused::Waiting)]);
        let job = claim(&house).await.remove(0);
        report(&house, &job, print::Phase::Unconfirmed).await;
        assert_eq!(want(&house, &["k001"], "卡纸").await.refused, [("k001".to_owned(), Refused::Question)]);
        report(&house, &job, print::Phase::Done).await;
        assert_eq!(house.packages().await[0].status, "printed", "late news of the same attempt counts");
        assert_eq!(want(&house, &["k001"], " ").await.refused, [("k001".to_owned(), Refused::ReasonNeeded)]);
        house.world.pass(1).await;
        let wanted = want(&house, &["k001", "nobody"], "卡纸").await;
        assert_eq!((wanted.packages, wanted.refused), (vec!["k001".into()], vec![("nobody".into(), Refused::Unknown)]));
        let jobs = house.jobs().await;
        assert_eq!(jobs.iter().map(|job| job.copy_no).collect::<Vec<_>>(), [1, 2]);
        let model: Waybill = serde_json::from_slice(&kept(&house, &jobs[1].sha).await.model).unwrap();
        assert_eq!(model.reprint, Some(1));
        assert_eq!(claim(&house).await[0].copy_no, 2);
    });
}

#[test]
fn a_batch_that_a_person_put_into_order_is_printed_in_that_order() {
    block_on(async {
        let house = House::bare("query").await;
        for package in ["k001", "k002", "k003"] {
            house.package(package, samples::receiver()).await;
        }
        house.wake().await;
        house.world.main(async |db| samples::printer(db, "zpl").await).await.unwrap();
        let wanted = want(&house, &["k003", "k001", "k002"], "").await;
        assert_eq!(wanted.packages, ["k003", "k001", "k002"]);
        let jobs = house.jobs().await;
        let order: Vec<(&str, (i64, i64))> = jobs.iter().map(|job| (job.package.as_str(), job.seq)).collect();
        assert_eq!(order, [("k003", (1, 3)), ("k001", (2, 3)), ("k002", (3, 3))]);
        let claimed = claim(&house).await;
        report(&house, &claimed[0], print::Phase::Failed).await;
        for job in &claimed[1..] {
            report(&house, job, print::Phase::NeverStarted).await;
        }
        assert!(claim(&house).await.is_empty(), "the rest waits behind the one that did not come out");
        let moment = house.world.moment();
        let lane = house
            .world
            .main(async |db| {
                transaction(db, async |db| print::retry_failed(db, moment, "person-1", &claimed[0].id).await).await
            })
            .await
            .unwrap();
        assert_eq!(lane.as_deref(), Some("acc"));
        house.wake().await;
        let again = claim(&house).await;
        let again: Vec<(&str, u32, u32)> = again.iter().map(|job| (job.id.as_str(), job.seq, job.attempt)).collect();
        let first: Vec<(&str, u32, u32)> = claimed.iter().map(|job| (job.id.as_str(), job.seq, 2)).collect();
        assert_eq!(again, first, "the same jobs, in the same order");
    });
}

#[test]
fn a_label_that_cannot_be_kept_is_rendered_again_and_costs_no_second_number() {
    block_on(async {
        let house = House::new("query", 3).await;
        house.world.fail_labels(2);
        house.wake().await;
        assert_eq!(house.jobs().await.len(), 1, "the others go on");
        house.minutes(1).await;
        assert_eq!(house.jobs().await.len(), 3);
        assert_eq!(house.carrier.borrow().given.len(), 3);
    });
}

#[test]
fn a_package_cancelled_during_the_call_gives_its_number_back_and_prints_nothing() {
    block_on(async {
        let house = House::new("safe_repeat", 1).await;
        house.world.fail("carrier-demo", "/waybill/book", huidan_testkit::world::Fault::AnswerLost);
        house.wake().await;
        let moment = house.world.moment();
        house
            .world
            .main(async |db| {
                transaction(db, async |db| huidan_store::plan::cancel_packages(db, moment, ["k001"].into_iter()).await)
                    .await
            })
            .await
            .unwrap();
        house.minutes(4).await;
        let seen = house.packages().await;
        assert_eq!((seen[0].status.as_str(), seen[0].work.as_str()), ("cancelled", ""), "{seen:?}");
        assert_eq!(house.waybills().await[0].state, "voided");
        assert_eq!(house.carrier.borrow().taken_back.len(), 1);
        assert!(house.jobs().await.is_empty());
    });
}

#[test]
fn a_label_is_shown_as_a_picture_whatever_the_printer_speaks() {
    block_on(async {
        let house = House::new("query", 1).await;
        house.wake().await;
        let waybill = house.waybills().await.remove(0).id;
        let shown = house.world.post("flow-book", &format!("/label?waybill={waybill}&format=png"), &()).await;
        assert_eq!((shown.status().as_u16(), &shown.headers()["content-type"]), (200, &"image/png".parse().unwrap()));
        assert!(shown.body().starts_with(b"\x89PNG"));
        assert_eq!(house.world.post("flow-book", "/label?waybill=none", &()).await.status(), 404);
    });
}
