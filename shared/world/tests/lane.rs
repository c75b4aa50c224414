//! How a lane's turns follow each other.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::cell::{Cell, RefCell};

use huidan_testkit::world::{START, TestWorld, block_on};
use huidan_world::{Turn, World, work};

/// Works on a lane whose things come at `arrivals` (milliseconds from the start), each turn taking `turn_ms`; answers
/// when each turn began and how many things it took.
fn turns(arrivals: &[i64], turn_ms: u64) -> Vec<(i64, usize)> {
    let world = TestWorld::new(7);
    let (taken, turns) = (Cell::new(0), RefCell::new(Vec::new()));
    let now = || world.moment().now.since(START);
    let arrived = || arrivals.iter().filter(|at| **at <= now()).count();
    let turn = async || {
        let more = arrived() - taken.get();
        if more == 0 {
            return Ok(Turn::Idle);
        }
        turns.borrow_mut().push((now(), more));
        taken.set(taken.get() + more);
        world.sleep(turn_ms).await;
        Ok(Turn::Worked)
    };
    block_on(work(&world, "lane", async || Ok(arrived() > taken.get()), turn)).unwrap();
    turns.into_inner()
}

#[test]
fn what_comes_while_a_runner_rests_is_taken_together() {
    assert_eq!(turns(&[0, 5, 10, 15], 0), [(0, 1), (25, 3)]);
}

#[test]
fn a_turn_that_took_long_is_followed_by_the_next_at_once() {
    assert_eq!(turns(&[0, 5, 10, 50], 40), [(0, 1), (40, 2), (80, 1)]);
}

#[test]
fn a_lane_with_nothing_due_is_not_worked_on() {
    assert_eq!(turns(&[], 0), []);
}
