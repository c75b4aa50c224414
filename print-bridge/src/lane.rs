//! The queue of one printer: strictly by batch and sequence, and a batch that stopped stays stopped.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use bytes::Bytes;
use tokio::sync::Notify;

use crate::{
    protocol::{Job, JobKey, PrinterState, PrinterStatus},
    target::Printer,
};

/// How many jobs a printer may have waiting here.
pub const PREFETCH: usize = 50;
/// No label is started on a lease with less than this left.
const MARGIN: Duration = Duration::from_secs(2);

/// What is known of a waiting job's bytes.
#[derive(Debug, Clone)]
pub enum Payload {
    /// Being fetched.
    Coming,
    /// Fetched, and the hash is right.
    Here(Bytes),
    /// Cannot be printed.
    Unusable(Refusal),
}

/// Why a job is answered `failed` without having been started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// For a person.
    pub reason: String,
    /// Whether the label itself is good, so that the hub may queue it again.
    pub requeue: bool,
}

/// What the printer should do next.
#[derive(Debug)]
pub enum Head {
    /// Nothing waits.
    Empty,
    /// The next job waits for its bytes or for its lease.
    NotYet,
    /// The next job can be started.
    Ready(Box<Job>, Bytes),
    /// The next job cannot be printed at all.
    Refused(Box<Job>, Refusal),
}

#[derive(Debug)]
struct Waiting {
    job: Job,
    batch_order: u64,
    arrival: u64,
    /// `None`: the hub must renew the lease first.
    until: Option<Instant>,
    payload: Payload,
}

#[derive(Debug)]
struct Stop {
    cause: JobKey,
    /// When the hub heard of the cause; what it hands out after that is its own decision.
    heard: Option<Instant>,
}

#[derive(Debug)]
struct Inner {
    queue: Vec<Waiting>,
    arrivals: u64,
    stops: HashMap<String, Stop>,
    status: PrinterStatus,
    detail: Option<String>,
    twin: Option<String>,
}

/// The queue of one printer, shared by the claim loop and the printer's worker.
#[derive(Debug)]
pub struct Lane {
    /// The printer.
    pub printer: Printer,
    /// Rings when the head may have changed.
    pub wake: Notify,
    inner: Mutex<Inner>,
}

impl Lane {
    /// An empty queue.
    #[must_use]
    pub fn new(printer: Printer) -> Self {
        let inner = Inner {
            queue: Vec::new(),
            arrivals: 0,
            stops: HashMap::new(),
            status: PrinterStatus::Unknown,
            detail: None,
            twin: None,
        };
        Self { printer, wake: Notify::new(), inner: Mutex::new(inner) }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a job in its place; one that is here already only takes the new lease.
    /// Answers `false` if its batch stopped and the hub could not know that when it was asked at `asked`.
    pub fn push(&self, job: Job, until: Option<Instant>, asked: Instant) -> bool {
        let mut inner = self.inner();
        if let Some(here) = inner.queue.iter_mut().find(|waiting| waiting.job.key() == job.key()) {
            here.job.lease = job.lease;
            here.until = until;
        } else {
            if let Some(stop) = inner.stops.get(job.batch()) {
                if stop.heard.is_none_or(|heard| asked < heard) {
                    return false;
                }
                inner.stops.remove(job.batch());
            }
            inner.insert(job, until);
        }
        drop(inner);
        self.wake.notify_one();
        true
    }

    /// What the printer should do next.
    #[must_use]
    pub fn head(&self, now: Instant) -> Head {
        let inner = self.inner();
        let Some(first) = inner.queue.first() else { return Head::Empty };
        match &first.payload {
            Payload::Unusable(refusal) => Head::Refused(Box::new(first.job.clone()), refusal.clone()),
            Payload::Here(bytes) if first.usable(now) => Head::Ready(Box::new(first.job.clone()), bytes.clone()),
            Payload::Here(_) | Payload::Coming => Head::NotYet,
        }
    }

    /// Takes the job out to start it; `false` if it is gone or its lease has meanwhile run down.
    pub fn take(&self, key: &JobKey, now: Instant) -> bool {
        let mut inner = self.inner();
        match inner.queue.iter().position(|waiting| waiting.job.key() == *key && waiting.usable(now)) {
            Some(at) => {
                inner.queue.remove(at);
                true
            }
            None => false,
        }
    }

    /// Takes the job out whatever its lease; `false` if it is not here.
    pub fn remove(&self, key: &JobKey) -> bool {
        let mut inner = self.inner();
        let before = inner.queue.len();
        inner.queue.retain(|waiting| waiting.job.key() != *key);
        let gone = inner.queue.len() < before;
        drop(inner);
        self.wake.notify_one();
        gone
    }

    /// Takes everything out, in order.
    pub fn drain(&self) -> Vec<JobKey> {
        self.inner().queue.drain(..).map(|waiting| waiting.job.key()).collect()
    }

    /// Earlier attempts at this job that have not started, taken out: the hub has decided anew.
    pub fn supersede(&self, newer: &JobKey) -> Vec<JobKey> {
        let mut inner = self.inner();
        let old = |waiting: &Waiting| waiting.job.id == newer.id && waiting.job.attempt < newer.attempt;
        inner.queue.extract_if(.., |waiting| old(waiting)).map(|waiting| waiting.job.key()).collect()
    }

    /// The bytes of a waiting job, or why there are none.
    pub fn arrived(&self, key: &JobKey, payload: Payload) {
        if let Some(waiting) = self.inner().queue.iter_mut().find(|waiting| waiting.job.key() == *key) {
            waiting.payload = payload;
        }
        self.wake.notify_one();
    }

    /// Whether the job still waits here.
    #[must_use]
    pub fn holds(&self, key: &JobKey) -> bool {
        self.inner().queue.iter().any(|waiting| waiting.job.key() == *key)
    }

    /// A new end of a held lease.
    pub fn renew(&self, id: &str, lease: &str, until: Instant) {
        for waiting in self.inner().queue.iter_mut().filter(|w| w.job.id == id && w.job.lease == lease) {
            waiting.until = Some(until);
        }
        self.wake.notify_one();
    }

    /// Takes out what waits under a lease that is no longer ours.
    pub fn lost(&self, id: &str, lease: &str) -> Option<JobKey> {
        let mut inner = self.inner();
        let at = inner.queue.iter().position(|waiting| waiting.job.id == id && waiting.job.lease == lease)?;
        Some(inner.queue.remove(at).job.key())
    }

    /// Whether the job waits here under this lease and could not be started on it.
    #[must_use]
    pub fn has_run_down(&self, id: &str, lease: &str, now: Instant) -> bool {
        self.inner().queue.iter().any(|w| w.job.id == id && w.job.lease == lease && !w.usable(now))
    }

    /// The earliest end of a waiting job's lease: `Some(None)` if one must be renewed before anything else.
    #[must_use]
    pub fn earliest_end(&self) -> Option<Option<Instant>> {
        // `None` sorts before every instant.
        self.inner().queue.iter().map(|waiting| waiting.until).min()
    }

    /// Stops a batch because of `cause` and takes out what of it has not started.
    pub fn stop(&self, batch: &str, cause: &JobKey) -> Vec<JobKey> {
        let mut inner = self.inner();
        inner.stops.insert(batch.to_owned(), Stop { cause: cause.clone(), heard: None });
        inner.queue.extract_if(.., |waiting| waiting.job.batch() == batch).map(|w| w.job.key()).collect()
    }

    /// The hub has heard of these jobs' ends.
    pub fn heard(&self, keys: &[JobKey], now: Instant) {
        for stop in self.inner().stops.values_mut().filter(|stop| keys.contains(&stop.cause)) {
            stop.heard.get_or_insert(now);
        }
    }

    /// What the printer last showed of itself; `true` if that is news.
    pub fn set_status(&self, status: PrinterStatus, detail: Option<&str>) -> bool {
        let mut inner = self.inner();
        if inner.status == status && inner.detail.as_deref() == detail {
            return false;
        }
        tracing::info!(printer = self.printer.name, ?status, detail, "printer");
        inner.status = status;
        inner.detail = detail.map(str::to_owned);
        true
    }

    /// Another bridge's machine has a printer of this name, and had it first.
    pub fn set_twin(&self, id: &str, twin: Option<&str>) {
        let mut inner = self.inner();
        if inner.twin.as_deref() == twin {
            return;
        }
        inner.twin = twin.map(str::to_owned);
        let (name, Some(machine)) = (&self.printer.name, twin) else { return };
        tracing::warn!(
            printer = name,
            "{machine} 上已有同名打印机，中心把这台记作 {id}：请在此处换个名称；如果是从那台电脑搬来的，请在那边去掉它，             或在中心页面吊销那台打印桥 / {machine} has a printer of this name, so the hub calls this one {id}: give it              another name here, or, if it was moved from there, take it off there or revoke that bridge on the hub's page"
        );
    }

    /// The machine that has a printer of the same name.
    #[must_use]
    pub fn twin(&self) -> Option<String> {
        self.inner().twin.clone()
    }

    /// How many jobs wait, and of how many the label is here.
    #[must_use]
    pub fn waiting(&self) -> (usize, usize) {
        let inner = self.inner();
        (inner.queue.len(), inner.queue.iter().filter(|waiting| matches!(waiting.payload, Payload::Here(_))).count())
    }

    /// The printer as a claim shows it.
    #[must_use]
    pub fn state(&self) -> PrinterState {
        let inner = self.inner();
        let target = &self.printer.target;
        let waiting = inner.queue.len();
        // Jobs do not pile up at a printer that cannot print; one is enough to notice that it can again.
        let stuck = inner.status == PrinterStatus::Offline && waiting > 0;
        PrinterState {
            name: self.printer.name.clone(),
            lang: target.lang.clone(),
            dpi: target.dpi,
            media: target.media.to_string(),
            status: inner.status,
            detail: inner.detail.clone(),
            room: if stuck { 0 } else { PREFETCH.saturating_sub(waiting) },
        }
    }
}

impl Inner {
    fn insert(&mut self, job: Job, until: Option<Instant>) {
        self.arrivals += 1;
        let arrival = self.arrivals;
        let same = self.queue.iter().find(|waiting| waiting.job.batch() == job.batch());
        let batch_order = same.map_or(arrival, |waiting| waiting.batch_order);
        self.queue.push(Waiting { job, batch_order, arrival, until, payload: Payload::Coming });
        self.queue.sort_by_key(|w| (w.batch_order, w.job.seq, w.job.copy_no, w.arrival));
    }
}

impl Waiting {
    fn usable(&self, now: Instant) -> bool {
        self.until.is_some_and(|until| now + MARGIN < until)
    }
}

#[cfg(test)]
mod tests;
