//! A component at work: its instances, how long they may run, and what becomes of a request to it.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Sleep, sleep, sleep_until, timeout};
use wasmtime::component::GuestTaskId;
use wasmtime::{Engine, Store, StoreContextMut, UpdateDeadline};
use wasmtime_wasi_http::handler::{
    ExpirationError, HandlerState, Instance, InstantiationError, ProxyHandler, ProxyPre, ShouldAccept,
    WorkerExpiration, WorkerState, WorkerStatus,
};
use wasmtime_wasi_http::p3::bindings::ServicePre;
use wasmtime_wasi_http::{WasiBody, WasiHttpView as _};

use crate::caller::{Caller, Waits};
use crate::clock::{Clock, TICK};
use crate::front;
use crate::guest::Guest;
use crate::outbound::Outbound;

/// Requests that one instance serves before it is replaced; Spin's figure.
const REUSE: usize = 128;
/// Requests that one instance serves at a time; Spin's figure.
const CONCURRENCY: usize = 16;
/// An instance that has nothing to do for this long ends; Spin's figure.
const IDLE: Duration = Duration::from_secs(1);
/// A chained call that finds many others starting waits this long at most: its caller holds no place that it could need.
const CHAINED_PATIENCE: Duration = Duration::from_millis(100);
/// How long to wait before asking again for an instance when all are taken.
const ASK_AGAIN: Duration = Duration::from_millis(10);

/// How long requests and guests may take.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// A guest that computes for so long without waiting for anything is ended.
    pub guest: Duration,
    /// A request from outside must be answered within this.
    pub outside: Duration,
    /// A call from one component to another must be answered within this.
    pub chained: Duration,
}

/// Who sent a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Origin {
    Outside,
    Chained,
}

/// The components by id.
pub(crate) struct Registry {
    components: HashMap<String, Component>,
    /// Requests being served, chained ones included.
    at_work: Arc<AtomicUsize>,
}

impl Registry {
    /// Instances of its own for all of `components`, which count their work in `at_work`.
    pub(crate) fn new(components: &[Ready], at_work: &Arc<AtomicUsize>) -> Self {
        let own = components.iter().map(|ready| Component::new(ready.clone(), at_work.clone()));
        Self { components: own.map(|c| (c.id().to_owned(), c)).collect(), at_work: at_work.clone() }
    }

    /// The component that has an HTTP trigger and this id.
    pub(crate) fn get(&self, id: &str) -> Option<&Component> {
        self.components.get(id)
    }

    /// Requests being served, chained ones included.
    pub(crate) fn at_work(&self) -> usize {
        self.at_work.load(Ordering::Relaxed)
    }
}

/// A component that can be instantiated.
#[derive(Clone)]
pub(crate) struct Ready {
    pub(crate) engine: Engine,
    pub(crate) clock: Clock,
    pub(crate) pre: ServicePre<Guest>,
    pub(crate) outbound: Outbound,
    pub(crate) limits: Limits,
}

/// A component and its instances.
pub(crate) struct Component {
    handler: ProxyHandler<Workers>,
    /// Requests that are computing. Were it unbounded, a burst of n requests would make n instances, each for a moment.
    starting: Arc<Semaphore>,
    at_work: Arc<AtomicUsize>,
}

impl Component {
    /// `ready`, without any instance yet.
    pub(crate) fn new(ready: Ready, at_work: Arc<AtomicUsize>) -> Self {
        let Ready { engine, clock, pre, outbound, limits } = ready;
        let cores = std::thread::available_parallelism().map_or(2, usize::from);
        Self {
            handler: ProxyHandler::new(Workers { engine, clock, pre: ProxyPre::P3(pre), outbound, limits }),
            starting: Arc::new(Semaphore::new(cores.saturating_mul(2).max(4))),
            at_work,
        }
    }

    fn id(&self) -> &str {
        &self.handler.state().outbound.grants().id
    }

    /// Serves `request`. A guest that traps, is too slow or answers nothing becomes a 5xx without a body: what went wrong
    /// is in the log, not for the sender.
    pub(crate) async fn call(&self, request: Request<WasiBody>, origin: Origin) -> Response<WasiBody> {
        let _counted = Counted::new(&self.at_work);
        let limits = self.handler.state().limits;
        let deadline = Instant::now()
            + match origin {
                Origin::Outside => limits.outside,
                Origin::Chained => limits.chained,
            };
        let place = Place::default();
        if let Some(permit) = self.place(origin).await {
            place.put(permit);
        }
        let waits = Waits::default();
        let start = Start { deadline, place: place.clone(), caller: waits.caller() };
        let answered = self.answer(request, start).await;
        waits.answered();
        place.leave();
        answered.unwrap_or_else(|error| self.failure(&error))
    }

    async fn place(&self, origin: Origin) -> Option<OwnedSemaphorePermit> {
        let permit = self.starting.clone().acquire_owned();
        match origin {
            Origin::Outside => permit.await.ok(),
            Origin::Chained => timeout(CHAINED_PATIENCE, permit).await.ok().and_then(Result::ok),
        }
    }

    async fn answer(&self, request: Request<WasiBody>, start: Start) -> wasmtime::Result<Response<WasiBody>> {
        let (mut request, mut start) = (request, start);
        loop {
            let error = match self.handler.handle(start, request).await {
                Ok(response) => return Ok(response),
                Err(error) => error,
            };
            let InstantiationError::<Start> { request_data, request: back, error } = error.downcast()?;
            if Instant::now() >= request_data.deadline {
                return Err(wasmtime::format_err!("no instance to be had: {error:#}"));
            }
            request = back.into_inner().unwrap_or_else(PoisonError::into_inner);
            start = request_data;
            sleep(ASK_AGAIN).await;
        }
    }

    fn failure(&self, error: &wasmtime::Error) -> Response<WasiBody> {
        let status = if error.is::<ExpirationError>() {
            tracing::error!(component = self.id(), "no answer within the time limit");
            StatusCode::GATEWAY_TIMEOUT
        } else {
            tracing::error!(component = self.id(), error = format!("{error:#}"), "request failed");
            StatusCode::INTERNAL_SERVER_ERROR
        };
        empty(status)
    }
}

/// A response without a body.
pub(crate) fn empty(status: StatusCode) -> Response<WasiBody> {
    let mut response = Response::new(Full::new(Bytes::new()).map_err(|never| match never {}).boxed_unsync());
    *response.status_mut() = status;
    response
}

/// Counts one for as long as it lives.
pub(crate) struct Counted(Arc<AtomicUsize>);

impl Counted {
    pub(crate) fn new(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, Ordering::Relaxed);
        Self(count.clone())
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}

/// A place among the starting requests, given up by whoever sees first that the guest waits or is done.
#[derive(Clone, Default)]
struct Place(Arc<Mutex<Option<OwnedSemaphorePermit>>>);

impl Place {
    fn put(&self, permit: OwnedSemaphorePermit) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(permit);
    }

    fn leave(&self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
    }
}

/// What goes with a request into its instance.
pub(crate) struct Start {
    deadline: Instant,
    place: Place,
    caller: Caller,
}

/// How busy an instance is, told by its epochs and its waits.
struct Meter {
    clock: Clock,
    /// Epochs gone by since the guest last waited for something.
    ticks: AtomicU32,
    /// The guest yields only because an epoch ended.
    yields: AtomicBool,
    /// Places of the requests that came since the guest last waited.
    places: Mutex<Vec<Place>>,
    /// For whom alone the guest works, where it never works for two.
    only: Mutex<Option<Caller>>,
}

impl Meter {
    fn new(clock: Clock) -> Self {
        Self { clock, ticks: 0.into(), yields: false.into(), places: Mutex::default(), only: Mutex::default() }
    }

    fn waits(&self) {
        if self.yields.swap(false, Ordering::Relaxed) {
            return;
        }
        self.ticks.store(0, Ordering::Relaxed);
        for place in self.places.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            place.leave();
        }
    }

    /// Whether the only one that the guest works for has given up.
    fn is_alone(&self) -> bool {
        self.only.lock().unwrap_or_else(PoisonError::into_inner).as_ref().is_some_and(Caller::is_gone)
    }

    /// An epoch ended while the guest was computing.
    fn tick(&self, most: u32) -> wasmtime::Result<UpdateDeadline> {
        if self.is_alone() {
            return Err(wasmtime::format_err!("the guest computed for a caller that has given up"));
        }
        let ticks = self.ticks.fetch_add(1, Ordering::Relaxed).saturating_add(1);
        if ticks > most {
            let spent = TICK.saturating_mul(most).as_millis();
            return Err(wasmtime::format_err!("the guest computed for {spent} ms without waiting for anything"));
        }
        if ticks == 1 {
            // It may just have come back from a wait that outlasted an epoch.
            return Ok(UpdateDeadline::Continue(1));
        }
        self.clock.need();
        front::hold();
        self.yields.store(true, Ordering::Relaxed);
        Ok(UpdateDeadline::Yield(1))
    }
}

/// Makes instances of one component.
pub(crate) struct Workers {
    engine: Engine,
    clock: Clock,
    pre: ProxyPre<Guest>,
    outbound: Outbound,
    limits: Limits,
}

impl HandlerState for Workers {
    type StoreData = Guest;
    type WorkerExpiration = Expiration;
    type WorkerState = Worker;

    async fn instantiate(&self) -> wasmtime::Result<Instance<Guest, Expiration, Worker>> {
        let meter = Arc::new(Meter::new(self.clock.clone()));
        let mut store = Store::new(&self.engine, Guest::new(self.outbound.clone()));
        let most = u32::try_from(self.limits.guest.as_millis() / TICK.as_millis()).unwrap_or(u32::MAX);
        let watched = meter.clone();
        store.set_epoch_deadline(2);
        store.epoch_deadline_callback(move |_| watched.tick(most));
        let proxy = self.pre.instantiate_async(&mut store).await?;
        let longest = self.limits.outside.max(self.limits.chained).saturating_add(Duration::from_secs(5));
        Ok(Instance {
            store,
            proxy,
            view: |guest| guest.http(),
            expiration: Expiration { meter: meter.clone(), longest, sleep: Box::pin(sleep(IDLE)) },
            state: Worker { meter, outbound: self.outbound.clone() },
        })
    }
}

/// One instance, seen by its worker.
pub(crate) struct Worker {
    meter: Arc<Meter>,
    outbound: Outbound,
}

impl Worker {
    /// Who can wait for nobody but its own request has nothing to share an instance for. Whoever joined it while it read
    /// that request would wait as long as it computes, and end with it if that is for ever.
    fn works_for_one(&self) -> bool {
        self.outbound.grants().nothing()
    }
}

impl WorkerState for Worker {
    type StoreData = Guest;
    type RequestData = Start;

    fn should_accept_request(&self, concurrent: usize, total: usize) -> ShouldAccept {
        match (concurrent, total) {
            (_, REUSE..) => ShouldAccept::Never,
            (CONCURRENCY.., _) => ShouldAccept::No,
            (1.., _) if self.works_for_one() => ShouldAccept::No,
            _ => ShouldAccept::Yes,
        }
    }

    fn on_request_start(
        &self,
        mut store: StoreContextMut<'_, Guest>,
        start: Start,
        _: GuestTaskId,
    ) -> Pin<Box<dyn Future<Output = ()> + Send + Sync>> {
        self.meter.clock.need();
        store.set_epoch_deadline(2);
        self.meter.places.lock().unwrap_or_else(PoisonError::into_inner).push(start.place);
        if self.works_for_one() {
            *self.meter.only.lock().unwrap_or_else(PoisonError::into_inner) = Some(start.caller);
        }
        Box::pin(sleep_until(start.deadline.into()))
    }

    fn drop(&self, store: Store<Guest>, result: wasmtime::Result<()>) {
        if let Err(error) = result {
            let cause = format!("{:#}", error.root_cause());
            tracing::error!(component = self.outbound.grants().id, cause, "instance ended; its open requests fail");
        }
        drop(store);
    }
}

/// When an instance ends.
pub(crate) struct Expiration {
    meter: Arc<Meter>,
    /// The longest that any request may take, and a little.
    longest: Duration,
    sleep: Pin<Box<Sleep>>,
}

impl WorkerExpiration for Expiration {
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>, status: WorkerStatus, since: Instant) -> Poll<()> {
        self.meter.waits();
        let patience = match status {
            WorkerStatus::Idle => IDLE,
            WorkerStatus::Requests | WorkerStatus::PostReturn => self.longest,
        };
        let deadline = tokio::time::Instant::from_std(since + patience);
        if self.sleep.deadline() != deadline {
            self.sleep.as_mut().reset(deadline);
        }
        self.sleep.as_mut().poll(context)
    }
}
