//! A house that counts: every statement, durable commit and call of its functions, by function. The figures in
//! `ARCHITECTURE.md` come from here.
#![expect(clippy::expect_used, reason = "a library of tests")]

use huidan_exchange::{Reply, Request};
use huidan_store::native::Native;
use huidan_store::schema::Which;
use huidan_store::{Db, Moment, Rows, StoreError, Value};
use huidan_testkit::world::TestWorld;
use huidan_world::{Incoming, Missed, Outgoing, SendError, World};
use serde::{Serialize, de::DeserializeOwned};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

/// What one function did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Cost {
    /// Statements.
    pub statements: u32,
    /// Commits that wrote something.
    pub commits: u32,
    /// Calls of other functions, but for questions what they are.
    pub calls: u32,
}

/// What every function did since the last [`Costs::take`].
#[derive(Debug, Clone, Default)]
pub struct Costs(Rc<RefCell<BTreeMap<String, Cost>>>);

impl Costs {
    /// The costs so far, by function; counting begins anew.
    pub fn take(&self) -> BTreeMap<String, Cost> {
        std::mem::take(&mut *self.0.borrow_mut())
    }

    fn add(&self, who: &str, change: impl FnOnce(&mut Cost)) {
        change(self.0.borrow_mut().entry(who.to_owned()).or_default());
    }
}

/// The world of one function, counted.
#[derive(Clone)]
pub struct Counted {
    world: TestWorld,
    who: &'static str,
    costs: Costs,
}

impl Counted {
    /// `who` in a house.
    pub fn new(world: TestWorld, who: &'static str, costs: Costs) -> Self {
        Self { world, who, costs }
    }

    fn db(&self, which: Which) -> CountedDb {
        let db = self.world.connection(which);
        CountedDb { db, who: self.who, costs: self.costs.clone(), inside: Cell::new(false) }
    }
}

/// A connection that counts.
pub struct CountedDb {
    db: Native,
    who: &'static str,
    costs: Costs,
    inside: Cell<bool>,
}

impl CountedDb {
    async fn changes(&self) -> i64 {
        let rows = self.db.run("SELECT total_changes()", &[]).await;
        rows.expect("a function of SQLite's").first().and_then(|row| row.int(0)).expect("a number")
    }
}

impl Db for CountedDb {
    async fn run(&self, statement: &str, values: &[Value]) -> Result<Rows, StoreError> {
        let before = self.changes().await;
        let result = self.db.run(statement, values).await;
        let wrote = self.changes().await > before;
        let commits = statement == "COMMIT" || (wrote && !self.inside.get());
        self.costs.add(self.who, |cost| {
            cost.statements += 1;
            cost.commits += u32::from(commits);
        });
        match statement {
            "BEGIN IMMEDIATE" => self.inside.set(true),
            "COMMIT" | "ROLLBACK" => self.inside.set(false),
            _ => {}
        }
        result
    }

    async fn pause(&self, attempt: u32) {
        self.db.pause(attempt).await;
    }
}

impl World for Counted {
    type Db = CountedDb;

    async fn edge<T>(&self, work: impl AsyncFn(&CountedDb) -> Result<T, StoreError>) -> Result<T, StoreError> {
        work(&self.db(Which::Edge)).await
    }

    async fn main<T>(&self, work: impl AsyncFn(&CountedDb) -> Result<T, StoreError>) -> Result<T, StoreError> {
        work(&self.db(Which::Main)).await
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
        // Asked once per instance.
        if !matches!(path, "/needs" | "/call/manifest" | "/waybill/manifest") {
            self.costs.add(self.who, |cost| cost.calls += 1);
        }
        self.world.call(component, path, body, limit_ms).await
    }

    async fn ask(&self, component: &str, request: Incoming, limit_ms: u64) -> Result<Outgoing, Missed> {
        self.costs.add(self.who, |cost| cost.calls += 1);
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
