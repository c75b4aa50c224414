//! What the claim loop, the reporter and the printers' workers share.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Notify;

use crate::{
    board::Board,
    clock,
    hub::Hub,
    journal::{Journal, JournalError, News},
    lane::Lane,
    protocol::{HeldLease, JobKey, KnownPrinter, Phase},
};

/// The shared state of one running bridge.
#[derive(Debug)]
pub struct Desk {
    /// The hub.
    pub hub: Hub,
    /// The journal.
    pub journal: Arc<Journal>,
    /// One queue per printer.
    pub lanes: Vec<Arc<Lane>>,
    /// What a person is shown.
    pub board: Board,
    /// Rings when the journal holds something the hub has not heard.
    pub news: Notify,
    /// Rings when a printer has room again.
    pub room: Notify,
    /// Rings when a printer's status has changed.
    pub status: Notify,
    held: Mutex<HashMap<JobKey, String>>,
}

impl Desk {
    /// A desk that holds no leases.
    #[must_use]
    pub fn new(hub: Hub, journal: Arc<Journal>, lanes: Vec<Arc<Lane>>) -> Self {
        Self {
            hub,
            journal,
            lanes,
            board: Board::default(),
            news: Notify::new(),
            room: Notify::new(),
            status: Notify::new(),
            held: Mutex::default(),
        }
    }

    fn held(&self) -> MutexGuard<'_, HashMap<JobKey, String>> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The queue of a printer.
    #[must_use]
    pub fn lane(&self, printer: &str) -> Option<&Arc<Lane>> {
        self.lanes.iter().find(|lane| lane.printer.name == printer)
    }

    /// How the hub knows our printers.
    pub fn known_as(&self, printers: &[KnownPrinter]) {
        for known in printers {
            if let Some(lane) = self.lane(&known.name) {
                lane.set_twin(&known.id, known.twin.as_deref());
            }
        }
    }

    /// A lease that claims renew until the hub has heard the job's end.
    pub fn hold(&self, key: JobKey, lease: &str) {
        self.held().insert(key, lease.to_owned());
    }

    /// What the next claim renews.
    #[must_use]
    pub fn held_leases(&self) -> Vec<HeldLease> {
        let mut held: Vec<_> =
            self.held().iter().map(|(key, lease)| HeldLease { id: key.id.clone(), lease: lease.clone() }).collect();
        held.sort_by(|one, other| one.id.cmp(&other.id));
        held
    }

    /// Journals a phase for these jobs; answers which moved.
    ///
    /// # Errors
    /// [`JournalError`]: nothing may be printed any more.
    pub async fn advance(&self, keys: Vec<JobKey>, next: Phase, detail: &str) -> Result<Vec<JobKey>, JournalError> {
        if keys.is_empty() {
            return Ok(keys);
        }
        let detail = detail.to_owned();
        let moved = self.journal.on_disk(move |journal| journal.advance(&keys, next, &detail)).await?;
        self.tell(&moved, next, false);
        Ok(moved)
    }

    /// Journals that these jobs never started, so that the hub may queue them again.
    ///
    /// # Errors
    /// [`JournalError`].
    pub async fn give_back(&self, keys: Vec<JobKey>, detail: &str) -> Result<(), JournalError> {
        if keys.is_empty() {
            return Ok(());
        }
        let detail = detail.to_owned();
        let moved = self.journal.on_disk(move |journal| journal.give_back(&keys, &detail)).await?;
        self.tell(&moved, Phase::Failed, true);
        Ok(())
    }

    fn tell(&self, moved: &[JobKey], phase: Phase, requeue: bool) {
        for key in moved {
            tracing::debug!(job = %key, %phase, requeue, "job");
        }
        self.news.notify_one();
    }

    /// The hub has heard these phases: leases of jobs at their end are let go, stopped batches are its decision.
    ///
    /// # Errors
    /// [`JournalError`].
    pub async fn heard(&self, news: Vec<News>) -> Result<(), JournalError> {
        let ends = |news: &&News| matches!(news.report.phase, Phase::Done | Phase::Failed | Phase::Unconfirmed);
        let ended: Vec<JobKey> = news.iter().filter(ends).map(|news| news.key.clone()).collect();
        self.journal.on_disk(move |journal| journal.heard(&news)).await?;
        self.held().retain(|key, _| !ended.contains(key));
        let now = clock::now();
        for lane in &self.lanes {
            lane.heard(&ended, now);
        }
        Ok(())
    }
}
