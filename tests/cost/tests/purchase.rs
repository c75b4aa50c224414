//! A number is bought once for each package, and its paper comes out once at most, whatever happens on the way. Counted
//! at the simulated carrier, on a clock that moves as fast as it can be computed.
//!
//! Ten tries of each in every run; `HUIDAN_TRIES=100 cargo test -p huidan-cost --test purchase -- --nocapture` makes a
//! hundred and prints the table.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test's report")]

mod house;
mod trade;

use http::Method;
use huidan_platforms::{Fault as Trouble, When};
use huidan_store::Db;
use huidan_store::schema::Which;
use huidan_testkit::world::{Fault, block_on};
use huidan_world::World;
use serde_json::Value;
use std::rc::Rc;
use trade::{CARRIERS, Trade};

/// How long the carrier takes to answer.
const LATENCIES_MS: [u64; 3] = [200, 1_000, 5_000];

/// What goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Trial {
    /// A second purchase is asked for 0.3 s after the first, and again later.
    DoubleClick,
    /// The number is taken, and the answer is lost or too late.
    LostAnswer,
    /// Whoever asked is held up until its lease is another's, and comes back with its answer.
    RepeatedLease,
    /// Whoever asks is killed before, or after the number is taken.
    KilledWorker,
    /// The bridge is killed with the paper in its hand.
    KilledBridge,
}

const TRIALS: [Trial; 5] =
    [Trial::DoubleClick, Trial::LostAnswer, Trial::RepeatedLease, Trial::KilledWorker, Trial::KilledBridge];

fn tries() -> u32 {
    std::env::var("HUIDAN_TRIES").ok().and_then(|tries| tries.parse().ok()).unwrap_or(10)
}

#[test]
fn a_number_is_bought_once_whatever_happens() {
    println!("trial, carrier's latency in ms, tries, numbers charged, most for a package, most papers of a package");
    for trial in TRIALS {
        for latency in LATENCIES_MS {
            let (mut charged, mut most, mut papers) = (0, 0, 0);
            for carrier in CARRIERS {
                let trade = block_on(tried(trial, carrier, latency, tries() / 2));
                let cost = block_on(trade.cost());
                let seen = (trial, carrier.0, latency);
                assert_eq!(cost.len(), usize::try_from(tries() / 2).unwrap(), "{seen:?}: packages");
                assert!(cost.values().all(|count| *count == 1), "{seen:?}: numbers by package: {cost:?}");
                assert_eq!(trade.charged().values().sum::<u32>(), tries() / 2, "{seen:?}: and none for nobody");
                charged += trade.charged().values().sum::<u32>();
                most = most.max(cost.values().copied().max().unwrap_or(0));
                let paper = trade.papers.borrow();
                assert_eq!(paper.len(), cost.len(), "{seen:?}: papers");
                papers = papers.max(paper.values().copied().max().unwrap_or(0));
                assert_eq!(papers, 1, "{seen:?}: {paper:?}");
            }
            println!("{trial:?}, {latency}, {}, {charged}, {most}, {papers}", tries());
        }
    }
}

async fn tried(trial: Trial, carrier: (&str, huidan_platforms::Platform), latency: u64, tries: u32) -> Rc<Trade> {
    let trade = Rc::new(Trade::new(carrier, latency).await);
    for nth in 0..tries {
        once(&trade, trial, nth).await;
        // Until every lease is over, every claim is resolved, and the carrier's breaker has closed again.
        trade.beats(6, 31).await;
        while trade.bridge(true).await > 0 {}
    }
    trade
}

async fn once(trade: &Rc<Trade>, trial: Trial, nth: u32) {
    let (world, order) = (trade.house.world.clone(), format!("{}", 1000 + nth));
    match trial {
        Trial::DoubleClick => {
            let clicker = Rc::clone(trade);
            world.later(300, async move { click(&clicker).await });
            trade.order(&order);
            world.pass(400).await;
            click(trade).await;
        }
        Trial::LostAnswer => {
            match nth % 3 {
                0 => world.fail(&trade.carrier, "/waybill/book", Fault::AnswerLost),
                1 => world.fail(&trade.carrier, "/waybill/book", Fault::AnswerLate),
                _ => {
                    let when = When { count: Some(1), ..When::default() };
                    let platform = CARRIERS.iter().find(|(id, _)| trade.carrier.ends_with(id)).unwrap().1;
                    trade.platforms.borrow().running().fault(platform, Trouble::LostAnswer { when });
                }
            }
            trade.order(&order);
        }
        Trial::RepeatedLease => {
            let other = Rc::clone(trade);
            trade.detour_ms.set(80_000);
            world.later(75_000, async move {
                other.house.tick().await;
                other.house.world.settle().await;
            });
            trade.order(&order);
        }
        Trial::KilledWorker => {
            let fault = if nth.is_multiple_of(2) { Fault::CallerDiesAfter } else { Fault::CallerDies };
            world.fail(&trade.carrier, "/waybill/book", fault);
            trade.order(&order);
        }
        Trial::KilledBridge => {
            trade.order(&order);
            trade.bridge(false).await;
        }
    }
}

/// Somebody wants the newest package booked, and wakes the lane besides.
async fn click(trade: &Trade) {
    let main = trade.house.world.connection(Which::Main);
    let rows = main.run("SELECT id FROM package ORDER BY created_at DESC, id DESC LIMIT 1", &[]).await.unwrap();
    let Some(row) = rows.iter().next() else { return };
    let path = format!("packages/{}/book", row.text(0).unwrap());
    let (status, said) = trade.house.ask(Method::POST, &path, Value::Null).await;
    assert!(status.is_success(), "{said}");
    trade.house.world.wake("flow-book", "c2");
    trade.house.world.settle().await;
}

#[test]
fn a_house_restored_from_yesterday_asks_for_the_numbers_it_had() {
    for carrier in CARRIERS {
        block_on(async {
            let trade = Trade::new(carrier, 200).await;
            let yesterday = trade.house.world.backup(Which::Main).await;
            trade.order("1");
            trade.beats(1, 31).await;
            let (charged, number) = (trade.charged(), number(&trade).await);
            assert_eq!((charged.len(), charged.values().sum::<u32>()), (1, 1));
            trade.house.world.restore(Which::Main, &yesterday);
            assert_eq!(trade.house.count("SELECT count(*) FROM orders").await, 0, "all is forgotten");
            // The channel tells of the order again.
            trade.order("1");
            trade.beats(6, 31).await;
            assert_eq!(trade.charged(), charged, "{}: nothing more is bought", carrier.0);
            assert_eq!(self::number(&trade).await, number, "{}: and it is the same number", carrier.0);
        });
    }
}

#[test]
fn a_backup_between_planning_and_booking_buys_nothing_again_either() {
    for carrier in CARRIERS {
        block_on(async {
            let trade = Trade::new(carrier, 200).await;
            // Another has the account's lane and does nothing: the package is planned and wants a number.
            let until = trade.house.world.moment().now.0 + 20_000;
            let busy = format!("INSERT OR REPLACE INTO runner (lane, token, until) VALUES ('book/c2', 'x', {until})");
            trade.house.world.connection(Which::Main).run(&busy, &[]).await.unwrap();
            trade.order("1");
            assert_eq!(trade.house.count("SELECT count(*) FROM package WHERE work = 'book'").await, 1);
            assert_eq!(trade.house.count("SELECT count(*) FROM waybill").await, 0);
            let yesterday = trade.house.world.backup(Which::Main).await;
            trade.beats(2, 31).await;
            let (charged, number) = (trade.charged(), number(&trade).await);
            assert_eq!(charged.values().sum::<u32>(), 1);
            for _ in 0..2 {
                trade.house.world.restore(Which::Main, &yesterday);
                trade.beats(6, 31).await;
                assert_eq!((trade.charged(), self::number(&trade).await), (charged.clone(), number.clone()));
            }
        });
    }
}

#[test]
fn a_number_that_was_given_back_is_not_asked_for_again() {
    block_on(async {
        let trade = Trade::new(CARRIERS[0], 200).await;
        trade.order("1");
        trade.beats(1, 31).await;
        let first = number(&trade).await;
        let package = "UPDATE package SET work = 'void', work_at = 0, fence = fence + 1";
        trade.house.world.connection(Which::Main).run(package, &[]).await.unwrap();
        trade.beats(1, 31).await;
        assert_eq!(trade.house.count("SELECT count(*) FROM waybill WHERE state = 'voided'").await, 1);
        click(&trade).await;
        trade.beats(1, 31).await;
        assert_ne!(number(&trade).await, first);
        assert_eq!(trade.charged().len(), 2, "the next claim on the same parcel is another");
    });
}

/// The newest number.
async fn number(trade: &Trade) -> String {
    let main = trade.house.world.connection(Which::Main);
    let statement = "SELECT number FROM waybill WHERE state NOT IN ('voided', 'refused') ORDER BY attempt DESC";
    main.run(statement, &[]).await.unwrap().first().unwrap().string(0).unwrap()
}
