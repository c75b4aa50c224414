//! A whole house in one test: [`TestWorld`] is the [`World`] port over rusqlite in temporary files, with functions in
//! the same process, a clock that moves only when told, seeded chance, and faults to order.
//!
//! ```ignore
//! let world = TestWorld::new(7);
//! world.component("carrier-demo", async |world, request| adapter::carrier(&world, request, &Demo, &()).await);
//! world.component("flow-book", async |world, request| flow_book::serve(&world, request).await);
//! world.fail("carrier-demo", "/waybill/book", Fault::AnswerLost);
//! block_on(async {
//!     world.wake("flow-book", "acc1");
//!     world.settle().await;
//! });
//! ```

mod faults;

pub use faults::Fault;
pub use futures::executor::block_on;

use bytes::Bytes;
use futures::FutureExt;
use futures::future::LocalBoxFuture;
use huidan_domain::Millis;
use huidan_exchange::{Reply, Request};
use huidan_store::native::Native;
use huidan_store::schema::{self, Which};
use huidan_store::{Chance, Db, Moment, StoreError};
use huidan_wire::{TOKEN_HEADER, VERSION, VERSION_HEADER};
use huidan_world::{Incoming, Missed, Outgoing, SendError, Why, World};
use serde::{Serialize, de::DeserializeOwned};
use std::cell::{Cell, RefCell};
use std::collections::{HashMap, VecDeque};
use std::rc::Rc;

/// The internal token that private routes of a [`TestWorld`] ask for.
pub const TOKEN: &str = "test-internal-token";
/// Where the clock of a [`TestWorld`] stands at first: 2026-11-21T08:00:00Z.
pub const START: Millis = Millis(1_795_248_000_000);

type Handler = Rc<dyn Fn(TestWorld, Incoming) -> LocalBoxFuture<'static, Outgoing>>;
type Outside = Rc<dyn Fn(Request) -> LocalBoxFuture<'static, Result<Reply, SendError>>>;

struct Dice(RefCell<fastrand::Rng>);

impl Chance for Dice {
    fn fill(&self, bytes: &mut [u8]) {
        self.0.borrow_mut().fill(bytes);
    }
}

struct Inner {
    folder: tempfile::TempDir,
    idle: RefCell<[Vec<Native>; 2]>,
    clock: Cell<i64>,
    dice: Dice,
    settings: RefCell<HashMap<String, String>>,
    components: RefCell<HashMap<String, Handler>>,
    outside: RefCell<Option<Outside>>,
    labels: RefCell<HashMap<String, Vec<u8>>>,
    labels_to_fail: Cell<u32>,
    faults: RefCell<faults::Faults>,
    calls: RefCell<Vec<(String, String)>>,
    wakes: RefCell<VecDeque<(String, String)>>,
    timers: RefCell<Vec<(i64, LocalBoxFuture<'static, ()>)>>,
    log: RefCell<Vec<String>>,
}

/// A house for tests. A clone is the same house.
#[derive(Clone)]
pub struct TestWorld(Rc<Inner>);

impl TestWorld {
    /// An empty house: both databases migrated, keys set, chance by `seed`.
    pub fn new(seed: u64) -> Self {
        let world = Self::bare(seed);
        for which in [Which::Edge, Which::Main] {
            // Everything native is ready at once, so this never waits.
            let migrated = schema::migrate(&world.connection(which), which).now_or_never();
            migrated.expect("a native database answers at once").expect("an empty database takes the schema");
        }
        world
    }

    /// The same before its first heartbeat: flow-clock migrates and writes the schedule down.
    pub fn bare(seed: u64) -> Self {
        let world = Self(Rc::new(Inner {
            folder: tempfile::tempdir().expect("a folder for temporary files"),
            idle: RefCell::default(),
            clock: Cell::new(START.0),
            dice: Dice(RefCell::new(fastrand::Rng::with_seed(seed))),
            settings: RefCell::default(),
            components: RefCell::default(),
            outside: RefCell::default(),
            labels: RefCell::default(),
            labels_to_fail: Cell::new(0),
            faults: RefCell::default(),
            calls: RefCell::default(),
            wakes: RefCell::default(),
            timers: RefCell::default(),
            log: RefCell::default(),
        }));
        world.set("internal_token", TOKEN);
        for (name, byte) in [("receiver_key", 1), ("credential_key", 2), ("label_key", 3)] {
            world.set(name, &huidan_exchange::sign::base64(&[byte; 32]));
        }
        world
    }

    /// Sets a variable; an empty value unsets it.
    pub fn set(&self, name: &str, value: &str) {
        self.0.settings.borrow_mut().insert(name.to_owned(), value.to_owned());
    }

    /// Puts a function in place: what is called at `http://<name>.spin.internal`.
    pub fn component(&self, name: &str, serve: impl AsyncFn(Self, Incoming) -> Outgoing + 'static) {
        let serve = Rc::new(serve);
        let handler: Handler = Rc::new(move |world, request| {
            let serve = Rc::clone(&serve);
            async move { serve(world, request).await }.boxed_local()
        });
        self.0.components.borrow_mut().insert(name.to_owned(), handler);
    }

    /// Puts a function in place that answers every call from its path and JSON body with JSON.
    pub fn answers(&self, name: &str, answer: impl Fn(&str, serde_json::Value) -> serde_json::Value + 'static) {
        let answer = Rc::new(answer);
        self.component(name, async move |_, request: Incoming| {
            let body = serde_json::from_slice(request.body()).unwrap_or_default();
            huidan_world::serve::json(http::StatusCode::OK, &answer(request.uri().path(), body))
        });
    }

    /// What answers requests to the outside; without it nothing can be connected to.
    pub fn outside(&self, answer: impl AsyncFn(Request) -> Result<Reply, SendError> + 'static) {
        let answer = Rc::new(answer);
        *self.0.outside.borrow_mut() = Some(Rc::new(move |request| {
            let answer = Rc::clone(&answer);
            async move { answer(request).await }.boxed_local()
        }));
    }

    /// Has the next call of that function and path go wrong; several are used up one after the other.
    pub fn fail(&self, component: &str, path: &str, fault: Fault) {
        self.0.faults.borrow_mut().add(component, path, fault);
    }

    /// Has the next `count` labels that are to be kept fail.
    pub fn fail_labels(&self, count: u32) {
        self.0.labels_to_fail.set(count);
    }

    /// Lets time pass, and does what [`Self::later`] put there.
    pub async fn pass(&self, ms: i64) {
        self.0.clock.set(self.0.clock.get() + ms);
        loop {
            let now = self.0.clock.get();
            let due = {
                let mut timers = self.0.timers.borrow_mut();
                timers.iter().position(|(at, _)| *at <= now).map(|at| timers.remove(at).1)
            };
            match due {
                Some(work) => work.await,
                None => return,
            }
        }
    }

    /// Does something once so many milliseconds have passed, in the middle of whatever waits then.
    pub fn later(&self, ms: i64, work: impl Future<Output = ()> + 'static) {
        self.0.timers.borrow_mut().push((self.0.clock.get() + ms, work.boxed_local()));
    }

    /// A request as it comes in from outside: no internal token unless it is among the headers.
    pub async fn request(&self, component: &str, request: Incoming) -> Outgoing {
        let handler = self.0.components.borrow().get(component).cloned();
        handler.unwrap_or_else(|| panic!("there is no {component} in this test"))(self.clone(), request).await
    }

    /// A private call as it goes between functions, whatever its answer.
    pub async fn post(&self, component: &str, path: &str, body: &impl Serialize) -> Outgoing {
        let body = serde_json::to_vec(body).expect("a body that can be written");
        self.request(component, internal(path, body.into())).await
    }

    /// Does what was woken, and what that wakes, until nothing is left. A lane whose function is not in place is
    /// forgotten.
    ///
    /// # Panics
    /// When the functions wake each other for ever, or one answers with an error.
    pub async fn settle(&self) {
        for _ in 0..10_000 {
            let next = self.0.wakes.borrow_mut().pop_front();
            let Some((flow, lane)) = next else { return };
            let handler = self.0.components.borrow().get(&flow).cloned();
            if let Some(handler) = handler {
                let answer = handler(self.clone(), internal(&format!("/wake?lane={lane}"), Bytes::new())).await;
                let said = String::from_utf8_lossy(answer.body()).into_owned();
                assert!(answer.status().is_success(), "{flow} {lane}: {} {said}", answer.status());
            }
        }
        panic!("the functions wake each other for ever");
    }

    /// The lanes that were woken and not yet settled.
    pub fn woken(&self) -> Vec<(String, String)> {
        self.0.wakes.borrow().iter().cloned().collect()
    }

    /// Every private call so far, in order: function and path.
    pub fn calls(&self) -> Vec<(String, String)> {
        self.0.calls.borrow().clone()
    }

    /// The kept labels, sealed, by their SHA-256.
    pub fn labels(&self) -> HashMap<String, Vec<u8>> {
        self.0.labels.borrow().clone()
    }

    /// Every line of the log so far.
    pub fn logged(&self) -> Vec<String> {
        self.0.log.borrow().clone()
    }

    /// A connection of one's own, for looking and for racing.
    pub fn connection(&self, which: Which) -> Native {
        let db = Native::open(&self.0.folder.path().join(which.name())).expect("a database file");
        // Tests do not survive a power cut, and need not.
        let lax = db.run("PRAGMA synchronous = off", &[]).now_or_never();
        lax.expect("a native database answers at once").expect("a pragma");
        db
    }

    /// A copy of a database as it is now, as a backup would take it.
    pub async fn backup(&self, which: Which) -> Vec<u8> {
        let file = self.0.folder.path().join("backup");
        let into = format!("VACUUM INTO '{}'", file.display());
        self.connection(which).run(&into, &[]).await.expect("a copy of the database");
        let copy = std::fs::read(&file).expect("the copy");
        std::fs::remove_file(&file).expect("the copy is taken away");
        copy
    }

    /// Puts a copy in the database's place, as a person does after the disk failed: everything since is forgotten. Drop
    /// connections of your own first.
    pub fn restore(&self, which: Which, copy: &[u8]) {
        self.0.idle.borrow_mut()[usize::from(which == Which::Main)].clear();
        let file = self.0.folder.path().join(which.name());
        for beside in ["-wal", "-shm"] {
            // There is none where the last connection cleaned up.
            let _ = std::fs::remove_file(format!("{}{beside}", file.display()));
        }
        std::fs::write(&file, copy).expect("a database file");
    }

    async fn with<T>(
        &self,
        which: Which,
        work: impl AsyncFn(&Native) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let slot = usize::from(which == Which::Main);
        let idle = self.0.idle.borrow_mut()[slot].pop();
        let db = idle.unwrap_or_else(|| self.connection(which));
        let worked = work(&db).await;
        // As in a component: a connection on which anything failed is dropped.
        if worked.is_ok() {
            self.0.idle.borrow_mut()[slot].push(db);
        }
        worked
    }
}

fn internal(path: &str, body: Bytes) -> Incoming {
    http::Request::post(format!("http://house.spin.internal{path}"))
        .header("content-type", "application/json")
        .header(VERSION_HEADER, VERSION)
        .header(TOKEN_HEADER, TOKEN)
        .body(body)
        .expect("a path and a body make a request")
}

impl World for TestWorld {
    type Db = Native;

    async fn edge<T>(&self, work: impl AsyncFn(&Native) -> Result<T, StoreError>) -> Result<T, StoreError> {
        self.with(Which::Edge, work).await
    }

    async fn main<T>(&self, work: impl AsyncFn(&Native) -> Result<T, StoreError>) -> Result<T, StoreError> {
        self.with(Which::Main, work).await
    }

    fn moment(&self) -> Moment<'_> {
        Moment::new(Millis(self.0.clock.get()), &self.0.dice)
    }

    async fn sleep(&self, ms: u64) {
        self.pass(i64::try_from(ms).unwrap_or(i64::MAX)).await;
    }

    async fn variable(&self, name: &str) -> Option<String> {
        self.0.settings.borrow().get(name).filter(|value| !value.is_empty()).cloned()
    }

    async fn call<Q: Serialize, A: DeserializeOwned>(
        &self,
        component: &str,
        path: &str,
        body: &Q,
        limit_ms: u64,
    ) -> Result<A, Missed> {
        let missed = |why| Missed { component: component.to_owned(), why };
        self.0.calls.borrow_mut().push((component.to_owned(), path.to_owned()));
        let body = serde_json::to_vec(body).map_err(|_| missed(Why::Unreadable))?;
        let handler = self.0.components.borrow().get(component).cloned();
        let handler = handler.ok_or_else(|| missed(Why::Crashed))?;
        let fault = self.0.faults.borrow_mut().take(component, path);
        if let Some(why) = faults::before(self, fault, limit_ms).await {
            return Err(missed(why));
        }
        let answer = handler(self.clone(), internal(path, body.into())).await;
        if let Some(why) = faults::after(self, fault, limit_ms).await {
            return Err(missed(why));
        }
        match answer.status().as_u16() {
            200 => serde_json::from_slice(answer.body()).map_err(|_| missed(Why::Unreadable)),
            status => Err(missed(Why::Status(status))),
        }
    }

    async fn ask(&self, component: &str, request: Incoming, limit_ms: u64) -> Result<Outgoing, Missed> {
        let missed = |why| Missed { component: component.to_owned(), why };
        let path = request.uri().path().to_owned();
        self.0.calls.borrow_mut().push((component.to_owned(), path.clone()));
        let handler = self.0.components.borrow().get(component).cloned();
        let handler = handler.ok_or_else(|| missed(Why::Crashed))?;
        let fault = self.0.faults.borrow_mut().take(component, &path);
        if let Some(why) = faults::before(self, fault, limit_ms).await {
            return Err(missed(why));
        }
        let answer = handler(self.clone(), request).await;
        match faults::after(self, fault, limit_ms).await {
            Some(why) => Err(missed(why)),
            None => Ok(answer),
        }
    }

    fn wake(&self, flow: &str, lane: &str) {
        let wanted = (flow.to_owned(), lane.to_owned());
        let mut wakes = self.0.wakes.borrow_mut();
        if !wakes.contains(&wanted) {
            wakes.push_back(wanted);
        }
    }

    async fn send(&self, request: Request, _limit_ms: u64) -> Result<Reply, SendError> {
        let outside = self.0.outside.borrow().clone();
        match outside {
            Some(outside) => outside(request).await,
            None => Err(SendError::NotConnected),
        }
    }

    async fn label(&self, sha: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.0.labels.borrow().get(sha).cloned())
    }

    async fn keep_label(&self, sha: &str, sealed: Vec<u8>) -> Result<(), StoreError> {
        if let Some(left) = self.0.labels_to_fail.get().checked_sub(1) {
            self.0.labels_to_fail.set(left);
            return Err(StoreError::Database("the label store is full".to_owned()));
        }
        self.0.labels.borrow_mut().insert(sha.to_owned(), sealed);
        Ok(())
    }

    async fn drop_label(&self, sha: &str) -> Result<(), StoreError> {
        self.0.labels.borrow_mut().remove(sha);
        Ok(())
    }

    fn log(&self, line: std::fmt::Arguments<'_>) {
        self.0.log.borrow_mut().push(line.to_string());
    }
}

#[cfg(test)]
mod tests;
