//! One printer's worker: takes the head of its queue, prints it, and journals each step before or after it happens.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use tokio::{sync::watch, time::sleep};

use crate::{
    backoff::Backoff,
    clock,
    desk::Desk,
    driver::{Driver, Outcome, Prepared, Settled},
    failpoint::{Step, reach},
    journal::JournalError,
    lane::{Head, Lane, Refusal},
    protocol::{Format, Job, JobKey, Phase, PrinterStatus},
    raster,
    target::Target,
};

/// How long a connection waits for the next label of its batch before it is closed.
const LINGER: Duration = Duration::from_secs(2);
/// After this many labels that nothing has proven the connection is closed, and with it they are: so that a printer
/// that loses power leaves a handful of questions, not a batch of them. A printer that answers never gets there.
const UNPROVEN: usize = 8;
/// How often a printer that waits for a person is asked again.
const RETRY: Duration = Duration::from_secs(3);

/// A label that was sent and that nothing has proven yet.
#[derive(Debug)]
struct Sent {
    key: JobKey,
    batch: String,
}

/// Prints what waits in one lane.
#[derive(Debug)]
pub struct Worker {
    desk: Arc<Desk>,
    lane: Arc<Lane>,
    driver: Driver,
    stop: watch::Receiver<bool>,
    /// The batch whose labels went over the open connection.
    batch: Option<String>,
    unproven: Vec<Sent>,
    backoff: Backoff,
}

impl Worker {
    /// A worker for `lane`.
    #[must_use]
    pub fn new(desk: Arc<Desk>, lane: Arc<Lane>, driver: Driver, stop: watch::Receiver<bool>) -> Self {
        let backoff = Backoff::new(Duration::from_millis(500), Duration::from_secs(15));
        Self { desk, lane, driver, stop, batch: None, unproven: Vec::new(), backoff }
    }

    /// Prints until `stop`; the label under way is finished first.
    ///
    /// # Errors
    /// [`JournalError`]: nothing may be printed any more.
    pub async fn run(mut self) -> Result<(), JournalError> {
        while !*self.stop.borrow() {
            match self.lane.head(clock::now()) {
                Head::Ready(job, bytes) => self.print(*job, bytes).await?,
                Head::Refused(job, refusal) => self.refuse(&job, &refusal).await?,
                Head::Empty | Head::NotYet => self.wait().await?,
            }
        }
        self.settle(false).await
    }

    /// Waits for the head of the lane to change; closes a connection that others may want.
    async fn wait(&mut self) -> Result<(), JournalError> {
        let busy = self.driver.is_open() || !self.unproven.is_empty();
        let late = tokio::select! {
            () = self.lane.wake.notified() => None,
            _ = self.stop.changed() => None,
            () = sleep(LINGER), if busy => {
                self.settle(true).await?;
                None
            }
            key = self.driver.late() => Some(key),
        };
        if let Some(key) = late {
            tracing::info!(job = %key, "late news: it came out");
            self.desk.advance(vec![key], Phase::Done, "it came out after it had been given up").await?;
        }
        Ok(())
    }

    async fn print(&mut self, job: Job, bytes: Bytes) -> Result<(), JournalError> {
        let (key, batch) = (job.key(), job.batch().to_owned());
        if let Err(reason) = printable(&job, &self.lane.printer.target) {
            return self.refuse(&job, &Refusal { reason, requeue: false }).await;
        }
        if self.batch.as_ref().is_some_and(|open| *open != batch) {
            self.settle(true).await?;
        }
        if !self.ready().await? {
            return Ok(());
        }
        let bytes = match raster::ready(&job.format, bytes, &self.lane.printer.target).await {
            Ok(bytes) => bytes,
            Err(reason) => {
                let reason = format!("{reason}: never started");
                return self.refuse(&job, &Refusal { reason, requeue: false }).await;
            }
        };
        // Getting ready may have taken its time: the lease must still be good now.
        if !self.lane.take(&key, clock::now()) {
            return Ok(());
        }
        self.desk.room.notify_one();
        if self.desk.advance(vec![key.clone()], Phase::Sending, "").await?.is_empty() {
            tracing::error!(job = %key, "the journal knows this job as started: not printed");
            return Ok(());
        }
        reach(Step::Sending);
        self.batch = Some(batch.clone());
        let outcome = self.driver.send(&job, &bytes).await;
        self.conclude(job, batch, outcome).await
    }

    /// Gets the printer ready, or waits a while and answers `false`.
    async fn ready(&mut self) -> Result<bool, JournalError> {
        let reason = match self.driver.prepare().await {
            Prepared::Ready { proven } => {
                if proven {
                    self.proven("the printer says its buffer is empty").await?;
                }
                self.backoff.reset();
                self.show(PrinterStatus::Ready, None);
                return Ok(true);
            }
            Prepared::Offline { reason, proven } => {
                if proven {
                    self.proven("the printer has taken it").await?;
                }
                reason
            }
            Prepared::Lost(reason) => {
                self.unproven(&reason).await?;
                reason
            }
        };
        self.show(PrinterStatus::Offline, Some(&reason));
        // One that answers only waits for its person, who should not have to wait for us.
        let pause = if self.driver.is_open() { RETRY } else { self.backoff.after_failure() };
        self.pause(pause).await;
        Ok(false)
    }

    async fn conclude(&mut self, job: Job, batch: String, outcome: Outcome) -> Result<(), JournalError> {
        let key = job.key();
        match outcome {
            Outcome::Sent => {
                self.desk.advance(vec![key.clone()], Phase::Sent, "").await?;
                reach(Step::Sent);
                self.unproven.push(Sent { key, batch });
                let last = job.batch.is_none() || (job.of > 0 && job.seq >= job.of);
                if last || self.driver.settles_each() || self.unproven.len() >= UNPROVEN {
                    self.settle(true).await?;
                }
            }
            Outcome::Done(proof) => {
                self.desk.advance(vec![key], Phase::Done, proof).await?;
                reach(Step::Sent);
            }
            Outcome::Failed(reason) => {
                tracing::warn!(job = %key, reason, "failed");
                self.desk.advance(vec![key.clone()], Phase::Failed, &reason).await?;
                self.stop_batch(&batch, &key, &reason).await?;
            }
            Outcome::Unconfirmed(reason) => {
                // What went before it over the same connection may be lost with it.
                self.unproven.push(Sent { key, batch });
                self.unproven(&reason).await?;
            }
        }
        Ok(())
    }

    /// Answers for a job that is not printed at all, and stops its batch unless the job is as good as new.
    async fn refuse(&mut self, job: &Job, refusal: &Refusal) -> Result<(), JournalError> {
        let key = job.key();
        if !self.lane.remove(&key) {
            return Ok(());
        }
        self.desk.room.notify_one();
        if refusal.requeue {
            return self.desk.give_back(vec![key], &refusal.reason).await;
        }
        tracing::warn!(job = %key, reason = refusal.reason, "refused");
        self.desk.advance(vec![key.clone()], Phase::Failed, &refusal.reason).await?;
        self.stop_batch(job.batch(), &key, &refusal.reason).await
    }

    /// Ends the run of labels on the open connection. While the printer waits for a person so do we, if `patiently`.
    async fn settle(&mut self, patiently: bool) -> Result<(), JournalError> {
        loop {
            match self.driver.settle().await {
                Settled::Proven(proof) => self.proven(proof).await?,
                Settled::Unproven(reason) => self.unproven(&reason).await?,
                Settled::Failed(reason) => self.failed(&reason).await?,
                Settled::Waiting(reason) => {
                    self.show(PrinterStatus::Offline, Some(&reason));
                    if patiently && !*self.stop.borrow() {
                        self.pause(RETRY).await;
                        continue;
                    }
                    // They stay `sent`: the printer has them, and prints them when its person comes.
                    self.unproven.clear();
                }
            }
            self.batch = None;
            return Ok(());
        }
    }

    async fn proven(&mut self, proof: &str) -> Result<(), JournalError> {
        let keys = self.unproven.drain(..).map(|sent| sent.key).collect();
        self.desk.advance(keys, Phase::Done, proof).await?;
        Ok(())
    }

    async fn unproven(&mut self, reason: &str) -> Result<(), JournalError> {
        self.end_badly(Phase::Unconfirmed, reason).await
    }

    async fn failed(&mut self, reason: &str) -> Result<(), JournalError> {
        self.end_badly(Phase::Failed, reason).await
    }

    async fn end_badly(&mut self, phase: Phase, reason: &str) -> Result<(), JournalError> {
        let sent = std::mem::take(&mut self.unproven);
        self.batch = None;
        let keys: Vec<JobKey> = sent.iter().map(|sent| sent.key.clone()).collect();
        for key in &keys {
            tracing::warn!(job = %key, %phase, reason, "not proven");
        }
        self.desk.advance(keys, phase, reason).await?;
        // The last one sent is the one the batch stopped at.
        match sent.last() {
            Some(Sent { key, batch }) => self.stop_batch(batch, key, reason).await,
            None => Ok(()),
        }
    }

    /// Labels come out in the order of the pick list or not at all: what follows a failure goes back to the hub.
    async fn stop_batch(&self, batch: &str, cause: &JobKey, reason: &str) -> Result<(), JournalError> {
        let behind = self.lane.stop(batch, cause);
        self.desk.room.notify_one();
        let detail =
            format!("stopped because job {} of its batch did not come out ({reason}): never started", cause.id);
        self.desk.give_back(behind, &detail).await
    }

    fn show(&self, status: PrinterStatus, detail: Option<&str>) {
        if self.lane.set_status(status, detail) {
            self.desk.status.notify_one();
        }
    }

    async fn pause(&mut self, pause: Duration) {
        tokio::select! {
            () = sleep(pause) => {}
            _ = self.stop.changed() => {}
        }
    }
}

/// Whether this printer can print this job at all.
fn printable(job: &Job, target: &Target) -> Result<(), String> {
    if job.format != target.lang && !raster::can(&job.format, &target.lang) {
        return Err(format!("the job is {}, the printer takes {}: never started", job.format, target.lang));
    }
    // Rendered before the printer's settings changed: bars would come out in the wrong size.
    match job.media {
        Some(page) if matches!(job.format, Format::Zpl | Format::Tspl) && page.dpi != target.dpi => {
            Err(format!("the job is for {} dpi, the printer has {}: never started", page.dpi, target.dpi))
        }
        _ => Ok(()),
    }
}
