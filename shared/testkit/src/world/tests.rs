use super::*;
use huidan_store::schedule;

fn echo() -> TestWorld {
    let world = TestWorld::new(1);
    world.answers("echo", |path, body| serde_json::json!([path, body]));
    world
}

#[test]
fn functions_call_each_other_and_faults_are_used_up_in_order() {
    let world = echo();
    world.fail("echo", "/x", Fault::Down);
    world.fail("echo", "/x", Fault::AnswerLate);
    block_on(async {
        let call = || world.call::<_, serde_json::Value>("echo", "/x", &7, 500);
        assert_eq!(call().await.unwrap_err().why, Why::Crashed);
        assert_eq!(call().await.unwrap_err().why, Why::Timeout);
        assert_eq!(world.moment().now.since(START), 500, "waiting takes its time");
        assert_eq!(call().await.unwrap(), serde_json::json!(["/x", 7]));
        assert_eq!(world.call::<_, u8>("nobody", "/x", &7, 500).await.unwrap_err().why, Why::Crashed);
        assert_eq!(world.calls().len(), 4);
    });
}

#[test]
fn a_caller_that_dies_never_comes_back() {
    let world = echo();
    world.fail("echo", "/x", Fault::CallerDiesAfter);
    assert!(world.call::<_, serde_json::Value>("echo", "/x", &7, 500).now_or_never().is_none());
}

#[test]
fn what_is_woken_is_done_once_however_often_it_was_woken() {
    let world = TestWorld::new(1);
    let count = Rc::new(Cell::new(0));
    let seen = Rc::clone(&count);
    world.component("flow-x", async move |_, request: Incoming| {
        assert_eq!(huidan_world::serve::lane(&request), "a");
        seen.set(seen.get() + 1);
        huidan_world::serve::text(http::StatusCode::OK, "ok")
    });
    block_on(async {
        world.wake("flow-x", "a");
        world.wake("flow-x", "a");
        world.wake("flow-nobody", "a");
        world.settle().await;
    });
    assert_eq!(count.get(), 1);
    assert!(world.woken().is_empty());
}

#[test]
fn both_databases_are_there_and_connections_see_each_others_writes() {
    let world = TestWorld::new(1);
    block_on(async {
        world.main(async |db| schedule::plant(db, &[("job", 10)]).await).await.unwrap();
        let other = world.connection(Which::Main);
        assert_eq!(schedule::claim_due(&other, START).await.unwrap(), ["job"]);
        world.edge(async |db| schema::ready(db).await).await.unwrap();
    });
}

#[test]
fn what_is_put_for_later_happens_while_another_waits() {
    let world = TestWorld::new(1);
    let done = Rc::new(Cell::new(false));
    let seen = Rc::clone(&done);
    world.later(300, async move { seen.set(true) });
    block_on(async {
        world.sleep(250).await;
        assert!(!done.get());
        world.sleep(250).await;
        assert!(done.get());
    });
}
