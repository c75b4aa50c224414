//! A step that hangs on one order: those that come while it hangs, and those that came together with it, go on before it
//! has ended. On a clock that moves only when somebody waits, so nothing here depends on how fast the machine is.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "helpers of a test may fail it")]

use huidan_exchange::{Reply, Request};
use huidan_store::inbox::{self, Arrival, Tray};
use huidan_store::native::Native;
use huidan_store::schema::Which;
use huidan_store::{Db, Keyring, Moment, StoreError, samples};
use huidan_testkit::world::{START, TOKEN, TestWorld, block_on};
use huidan_world::{Incoming, Missed, Outgoing, SendError, Why, World};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::future::poll_fn;
use std::rc::Rc;
use std::task::Poll;

const TRAY: Tray<'static> = Tray { kind: "order", source: "demo" };

/// The world of the flows, in which `step` hangs on every subject whose buyer wrote `HANG`: its caller hears nothing
/// until the time it gave is up, and somebody else must let that time pass.
#[derive(Clone)]
struct Hanging {
    world: TestWorld,
    step: &'static str,
    /// When hanging calls ended.
    ends: Rc<RefCell<Vec<i64>>>,
    /// How many of them nobody did anything beside: the whole lane waited.
    waited_for: Rc<Cell<u32>>,
}

impl Hanging {
    async fn house(step: &'static str) -> Self {
        let world = TestWorld::new(7);
        world.set("normalize_steps", "normalize-demo");
        world.set("route_steps", "route-demo");
        world.main(async |db| samples::house(db).await).await.unwrap();
        world.answers("channel-demo", |_, asked| {
            let documents = asked["documents"].as_array().unwrap();
            let read = |document: &Value| serde_json::from_str::<Value>(document["body"].as_str().unwrap()).unwrap();
            documents.iter().map(|document| json!({ "order": read(document) })).collect()
        });
        world.answers("normalize-demo", |path, batch| {
            stepped(path, batch, &json!({"mapped": [[{"sku": "TEA", "qty": 1}]]}))
        });
        world.answers("route-demo", |path, batch| stepped(path, batch, &json!({"warehouse": "w1", "account": "acc"})));
        let house = Self { world, step, ends: Rc::default(), waited_for: Rc::default() };
        let (intake, plan) = (house.clone(), house.clone());
        house.world.component("flow-intake", async move |_, request| flow_intake::serve(&intake, request).await);
        house.world.component("flow-plan", async move |_, request| flow_plan::serve(&plan, request).await);
        house
    }

    /// Orders arrive at the same moment, and flow-intake is woken.
    async fn arrive(&self, orders: &[(&str, &str)]) {
        let arrivals: Vec<Arrival> = orders
            .iter()
            .map(|&(id, remark)| {
                let mut order = samples::order(id, samples::receiver());
                order.buyer_remark = remark.to_owned();
                let body = serde_json::to_vec(&order).unwrap();
                Arrival { event_id: id.into(), topic: "saved".into(), ext_id: id.into(), complete: true, body }
            })
            .collect();
        let keys = Keyring::derived(TOKEN, "inbox");
        let edge = self.world.connection(Which::Edge);
        inbox::take(&edge, self.world.moment(), &keys, TRAY, "s1", &arrivals).await.unwrap();
        self.lane("flow-intake", "demo").await;
    }

    async fn lane(&self, flow: &str, lane: &str) {
        let answer = self.world.post(flow, &format!("/wake?lane={lane}"), &json!(null)).await;
        assert!(answer.status().is_success(), "{flow} {lane}: {}", answer.status());
    }

    /// How long after the start each order was stored, and its package, in milliseconds; and what is wrong with it.
    async fn seen(&self) -> BTreeMap<String, (i64, Option<i64>, String)> {
        let main = self.world.connection(Which::Main);
        let rows = main
            .run(
                "SELECT o.ext_id, o.created_at, p.created_at, o.problems || coalesce((SELECT group_concat(h.detail)
                     FROM hold AS h WHERE h.order_id = o.id), '')
                 FROM orders AS o LEFT JOIN package_order AS po ON po.order_id = o.id
                 LEFT JOIN package AS p ON p.id = po.package",
                &[],
            )
            .await
            .unwrap();
        let since = |at: i64| at - START.0;
        let read = |row: &huidan_store::Row| {
            let package = row.maybe_int(2).unwrap().map(since);
            (row.string(0).unwrap(), (since(row.int(1).unwrap()), package, row.string(3).unwrap()))
        };
        rows.iter().map(read).collect()
    }
}

/// A step that gives every subject some fields.
fn stepped(path: &str, batch: Value, fields: &Value) -> Value {
    if path == "/needs" {
        return json!({"name": "demo", "needs": []});
    }
    let mut subjects = batch["subjects"].clone();
    for subject in subjects.as_array_mut().unwrap() {
        subject.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    }
    subjects
}

impl World for Hanging {
    type Db = Native;

    async fn edge<T>(&self, work: impl AsyncFn(&Native) -> Result<T, StoreError>) -> Result<T, StoreError> {
        self.world.edge(work).await
    }

    async fn main<T>(&self, work: impl AsyncFn(&Native) -> Result<T, StoreError>) -> Result<T, StoreError> {
        self.world.main(work).await
    }

    fn moment(&self) -> Moment<'_> {
        self.world.moment()
    }

    async fn sleep(&self, ms: u64) {
        self.world.sleep(ms).await;
    }

    async fn variable(&self, name: &str) -> Option<String> {
        self.world.variable(name).await
    }

    async fn call<Q: Serialize, A: DeserializeOwned>(
        &self,
        component: &str,
        path: &str,
        body: &Q,
        limit_ms: u64,
    ) -> Result<A, Missed> {
        let hangs = component == self.step && serde_json::to_string(body).unwrap().contains("HANG");
        if !hangs {
            return self.world.call(component, path, body, limit_ms).await;
        }
        let now = || self.world.moment().now.0;
        let (until, mut stood) = (now() + i64::try_from(limit_ms).unwrap(), (now(), 0));
        poll_fn(|context| {
            stood = if stood.0 == now() { (stood.0, stood.1 + 1) } else { (now(), 0) };
            // Asked again and again while no time passes: nobody does anything beside.
            if now() >= until || stood.1 > 100 {
                return Poll::Ready(());
            }
            context.waker().wake_by_ref();
            Poll::Pending
        })
        .await;
        if now() < until {
            self.waited_for.set(self.waited_for.get() + 1);
            self.world.pass(until - now()).await;
        }
        self.ends.borrow_mut().push(now() - START.0);
        Err(Missed { component: component.to_owned(), why: Why::Timeout })
    }

    async fn ask(&self, component: &str, request: Incoming, limit_ms: u64) -> Result<Outgoing, Missed> {
        self.world.ask(component, request, limit_ms).await
    }

    fn wake(&self, flow: &str, lane: &str) {
        self.world.wake(flow, lane);
    }

    async fn send(&self, request: Request, limit_ms: u64) -> Result<Reply, SendError> {
        self.world.send(request, limit_ms).await
    }

    async fn label(&self, sha: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.world.label(sha).await
    }

    async fn keep_label(&self, sha: &str, sealed: Vec<u8>) -> Result<(), StoreError> {
        self.world.keep_label(sha, sealed).await
    }

    async fn drop_label(&self, sha: &str) -> Result<(), StoreError> {
        self.world.drop_label(sha).await
    }

    fn log(&self, line: std::fmt::Arguments<'_>) {
        self.world.log(line);
    }
}

/// The bad order alone; when it hangs in `step`, five others come, one after the other.
async fn others_come_while(step: &'static str) -> (Hanging, BTreeMap<String, (i64, Option<i64>, String)>) {
    let house = Hanging::house(step).await;
    for n in 1..=5 {
        let others = house.clone();
        house.world.later(n * 200, async move { others.arrive(&[(&format!("good-{n}"), "")]).await });
    }
    house.arrive(&[("bad", "HANG")]).await;
    house.world.settle().await;
    assert_eq!(house.waited_for.get(), 0, "the lane waited for what hangs");
    let seen = house.seen().await;
    assert!((1..=5).all(|n| seen.contains_key(&format!("good-{n}"))), "{seen:?}");
    (house, seen)
}

#[test]
fn orders_that_come_while_a_normalize_step_hangs_are_stored_before_it_has_ended() {
    block_on(async {
        let (house, seen) = others_come_while("normalize-demo").await;
        assert!(!seen.contains_key("bad"), "it is still to be tried on its own");
        let ended = house.ends.borrow()[0];
        for (id, (stored, _, problems)) in &seen {
            assert!(*stored < ended && problems == "[]", "{id} at {stored} ms, the hang ended at {ended}: {problems}");
        }
        house.world.pass(2_000).await;
        house.lane("flow-intake", "demo/careful").await;
        house.world.settle().await;
        let (_, _, problems) = house.seen().await["bad"].clone();
        assert!(problems.contains("step_failed") && problems.contains("normalize-demo"), "{problems}");
    });
}

#[test]
fn orders_that_come_while_a_route_step_hangs_are_planned_once_before_it_has_ended() {
    block_on(async {
        let (house, seen) = others_come_while("route-demo").await;
        let ended = house.ends.borrow()[0];
        for (id, (_, package, _)) in seen.iter().filter(|(id, _)| *id != "bad") {
            assert!(package.is_some_and(|at| at < ended), "{id} at {package:?} ms, the hang ended at {ended}");
        }
        house.lane("flow-plan", "careful").await;
        house.world.settle().await;
        let (_, package, holds) = house.seen().await["bad"].clone();
        assert!(holds.contains("route-demo"), "{holds}");
        assert_eq!(package, None, "it waits");
        let packages = samples::packages(&house.world.connection(Which::Main)).await.unwrap();
        assert_eq!(packages.len(), 5, "a batch left behind is planned by nobody else: {packages:?}");
    });
}

#[test]
fn who_arrives_together_with_an_order_that_hangs_goes_on_without_it() {
    block_on(async {
        for step in ["normalize-demo", "route-demo"] {
            let house = Hanging::house(step).await;
            let names: Vec<String> = (0..20).map(|n| format!("good-{n}")).collect();
            let mut orders: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "")).collect();
            orders.insert(10, ("bad", "HANG"));
            house.arrive(&orders).await;
            house.world.settle().await;
            assert_eq!(house.waited_for.get(), 0, "{step}: the lane waited for what hangs");
            let seen = house.seen().await;
            let planned = seen.values().filter(|(_, package, _)| package.is_some()).count();
            assert_eq!(planned, 20, "{step}: {seen:?}");
            // Two tries within a batch's tight limits, not the generous one.
            let last = seen.values().filter_map(|(_, package, _)| *package).max().unwrap();
            assert!(last < 1_000, "{step}: the last of them after {last} ms");
            assert!(seen.get("bad").is_none_or(|(_, package, _)| package.is_none()), "{step}: {seen:?}");
        }
    });
}
