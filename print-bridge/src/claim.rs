//! The claim loop: asks the hub for jobs, renews what is held, and fetches the labels ahead of the printers.

use std::{
    sync::Arc,
    time::{Duration, Instant, SystemTime},
};

use tokio::{
    sync::{Semaphore, watch},
    task::JoinSet,
    time::sleep,
};

use crate::{
    backoff::{Backoff, jittered},
    clock,
    desk::Desk,
    failpoint::{Step, reach},
    hub::{ClaimAnswer, HubError, lease_left},
    journal::{JournalError, Received},
    lane::{Lane, PREFETCH, Payload, Refusal},
    protocol::{Claim, HeldLease, Job, JobKey, Phase, Report, Unreadable},
    state::StateDir,
};

/// The longest poll the hub allows.
const LONGEST_WAIT: Duration = Duration::from_secs(20);
/// Two claims never follow each other faster than this unless jobs came.
const BREATH: Duration = Duration::from_millis(250);
/// How many labels are fetched at once.
const FETCHES: usize = 4;

/// Claims jobs until `stop` turns true.
#[derive(Debug)]
pub struct Claims {
    desk: Arc<Desk>,
    state: StateDir,
    address: String,
    fetches: JoinSet<()>,
    permits: Arc<Semaphore>,
    backoff: Backoff,
    trouble: Option<HubError>,
    lease_s: Option<u64>,
}

impl Claims {
    /// A loop for the hub at `address`, whose token is in `state`. Labels are printed for `offline` without the hub.
    #[must_use]
    pub fn new(desk: Arc<Desk>, state: StateDir, address: &str, offline: Duration) -> Self {
        Self {
            desk,
            state,
            address: address.to_owned(),
            fetches: JoinSet::new(),
            permits: Arc::new(Semaphore::new(FETCHES)),
            backoff: Backoff::new(Duration::from_millis(500), Duration::from_secs(10)),
            trouble: None,
            lease_s: (!offline.is_zero()).then_some(offline.as_secs()),
        }
    }

    /// Runs until `stop`. Labels still being fetched then are dropped.
    ///
    /// # Errors
    /// [`JournalError`]: nothing may be printed any more.
    pub async fn run(mut self, mut stop: watch::Receiver<bool>) -> Result<(), JournalError> {
        while !*stop.borrow() {
            let claim = self.next_claim();
            let asked = clock::now();
            let answer = tokio::select! {
                answer = self.desk.hub.claim(&claim) => answer,
                // Who looks at the page should not learn of an empty printer a long poll later. Jobs leased to the
                // poll that is dropped come with the next claim, as they are not among what is held.
                () = self.status_news() => continue,
                _ = stop.changed() => break,
            };
            let pause = match answer {
                Ok(answer) => {
                    self.well(answer.hub_now);
                    self.desk.known_as(&answer.claimed.printers);
                    let new = self.accept(&claim.held, answer, asked).await?;
                    self.pause_after(new, claim.max, clock::now().duration_since(asked))
                }
                Err(error) => self.ill(error),
            };
            tokio::select! {
                () = sleep(pause) => {}
                () = self.desk.room.notified(), if self.trouble.is_none() => {}
                _ = stop.changed() => break,
            }
            while self.fetches.try_join_next().is_some() {}
        }
        Ok(())
    }

    /// Takes up a job of an earlier run: it prints only after the hub has renewed its lease.
    ///
    /// # Errors
    /// [`JournalError`].
    pub async fn resume(&mut self, lane: Arc<Lane>, job: Job) -> Result<(), JournalError> {
        self.desk.hold(job.key(), &job.lease);
        if lane.push(job.clone(), None, clock::now()) {
            self.fetch(lane, job);
            return Ok(());
        }
        self.desk.give_back(vec![job.key()], "its batch has stopped: never started").await
    }

    async fn status_news(&self) {
        self.desk.status.notified().await;
        sleep(BREATH).await;
    }

    fn next_claim(&self) -> Claim {
        let printers: Vec<_> = self.desk.lanes.iter().map(|lane| lane.state()).collect();
        let max = printers.iter().map(|printer| printer.room).sum::<usize>().min(PREFETCH);
        // After trouble the first claim asks whether all is well, and a long poll would keep the answer back.
        let at_once = max == 0 || self.trouble.is_some();
        let wait = if at_once { Duration::ZERO } else { self.time_to_renew().min(LONGEST_WAIT) };
        Claim { printers, max, wait: wait.as_secs(), held: self.desk.held_leases(), lease_s: self.lease_s }
    }

    /// How long until the leases of waiting jobs should be renewed: a third of what the shortest has left.
    fn time_to_renew(&self) -> Duration {
        match self.desk.lanes.iter().filter_map(|lane| lane.earliest_end()).min() {
            None => LONGEST_WAIT,
            Some(None) => Duration::ZERO,
            Some(Some(end)) => end.saturating_duration_since(clock::now()) / 3,
        }
    }

    fn pause_after(&self, new: usize, max: usize, took: Duration) -> Duration {
        match (new, max) {
            (0, 0) => self.time_to_renew().clamp(BREATH, Duration::from_secs(10)),
            (0, _) => BREATH.saturating_sub(took),
            _ => Duration::ZERO,
        }
    }

    fn well(&mut self, hub_now: SystemTime) {
        self.backoff.reset();
        self.desk.board.hub_answered(hub_now);
        if self.trouble.take().is_some() {
            tracing::info!("中心恢复连接 / the hub answers again");
        }
    }

    /// Says what is wrong once per kind, and how long to wait.
    fn ill(&mut self, error: HubError) -> Duration {
        self.desk.board.hub_troubled(error.to_string());
        if self.trouble.as_ref() != Some(&error) {
            match &error {
                HubError::Unpaired => tracing::error!(
                    "中心不接受此打印桥的令牌：请在中心页面生成配对码，再运行 print-bridge pair --hub {hub} 配对码 / \
                     the hub does not accept this bridge's token: make a code on the hub's page, then run \
                     print-bridge pair --hub {hub} CODE",
                    hub = self.address
                ),
                HubError::Outdated => tracing::error!(
                    "中心需要更新版本的 print-bridge / the hub needs a newer print-bridge (this is {})",
                    env!("CARGO_PKG_VERSION")
                ),
                other => {
                    tracing::warn!(error = %other, "中心没有应答，稍后重试 / no answer from the hub, trying again")
                }
            }
        }
        let step = self.backoff.after_failure();
        let pause = match &error {
            HubError::Busy { after: Some(after), .. } => step.max(*after),
            HubError::Outdated => jittered(Duration::from_secs(60)),
            HubError::Unpaired => {
                // Someone may have paired anew beside us.
                if let Ok(Some(paired)) = self.state.token(&self.address) {
                    self.desk.hub.set_token(&paired.token);
                }
                step
            }
            _ => step,
        };
        self.trouble = Some(error);
        pause
    }

    /// Journals what came before anything else happens to it; answers how many jobs were new.
    async fn accept(&mut self, held: &[HeldLease], answer: ClaimAnswer, asked: Instant) -> Result<usize, JournalError> {
        let ClaimAnswer { claimed, arrived, hub_now } = answer;
        let until = |lease_until: &str| lease_left(lease_until, hub_now).map(|left| arrived + left);
        let mut jobs = Vec::new();
        for raw in &claimed.jobs {
            match serde_json::from_str::<Job>(raw.get()) {
                Ok(job) => jobs.push(job),
                Err(_) => self.refuse_unreadable(raw.get()).await,
            }
        }
        let mut answered: Vec<HeldLease> = Vec::new();
        for renewal in claimed.held {
            match renewal.lease_until.as_deref().and_then(until) {
                Some(end) => self.desk.lanes.iter().for_each(|lane| lane.renew(&renewal.id, &renewal.lease, end)),
                None => self.lost(&renewal.id, &renewal.lease).await?,
            }
            answered.push(HeldLease { id: renewal.id, lease: renewal.lease });
        }
        let received = if jobs.is_empty() {
            Vec::new()
        } else {
            let journaled = jobs.clone();
            let received = self.desk.journal.on_disk(move |journal| journal.receive(&journaled)).await?;
            reach(Step::Received);
            received
        };
        answered.extend(jobs.iter().map(|job| HeldLease { id: job.id.clone(), lease: job.lease.clone() }));
        let mut new = 0;
        for (job, received) in jobs.into_iter().zip(received) {
            let end = until(&job.lease_until);
            new += usize::from(received == Received::New);
            self.take_in(job, received, end, asked).await?;
        }
        self.give_up_unanswered(held, &answered).await?;
        Ok(new)
    }

    async fn take_in(
        &mut self,
        job: Job,
        received: Received,
        until: Option<Instant>,
        asked: Instant,
    ) -> Result<(), JournalError> {
        let key = job.key();
        let Some(lane) = self.desk.lane(&job.printer).cloned() else {
            return self.desk.give_back(vec![key], "this bridge has no such printer: never started").await;
        };
        match received {
            Received::New => {
                self.desk.give_back(lane.supersede(&key), "a newer attempt came: never started").await?;
                self.desk.hold(key.clone(), &job.lease);
                if lane.push(job.clone(), until, asked) {
                    self.fetch(lane, job);
                } else {
                    self.desk.give_back(vec![key], "its batch has stopped: never started").await?;
                }
            }
            Received::Seen(Phase::Received) if lane.holds(&key) => {
                self.desk.hold(key, &job.lease);
                lane.push(job, until, asked);
            }
            // Under way or ended: the journal answers, the printer does not hear of it again.
            Received::Seen(_) => self.desk.news.notify_one(),
        }
        Ok(())
    }

    /// The hub says a held lease is no longer ours; only a job that has not started is affected.
    async fn lost(&self, id: &str, lease: &str) -> Result<(), JournalError> {
        let keys: Vec<JobKey> = self.desk.lanes.iter().filter_map(|lane| lane.lost(id, lease)).collect();
        self.desk.give_back(keys, "the lease was lost before the start: never started").await
    }

    /// A hub that says nothing about a lease which has also run down has let it go.
    async fn give_up_unanswered(&self, held: &[HeldLease], answered: &[HeldLease]) -> Result<(), JournalError> {
        for HeldLease { id, lease } in held.iter().filter(|lease| !answered.contains(lease)) {
            let run_down = self.desk.lanes.iter().any(|lane| lane.has_run_down(id, lease, clock::now()));
            if run_down {
                self.lost(id, lease).await?;
            }
        }
        Ok(())
    }

    async fn refuse_unreadable(&self, raw: &str) {
        let Ok(Unreadable { id, lease }) = serde_json::from_str(raw) else {
            tracing::error!("a claimed job has no id or lease and cannot be answered");
            return;
        };
        tracing::error!(job = id, "a claimed job cannot be read by this version");
        let detail = "this version of print-bridge cannot read the job: never started".to_owned();
        let report = Report { id, lease, phase: Phase::Failed, detail, requeue: false };
        // If this is lost the hub sends the job again.
        let _ = self.desk.hub.report(&[report]).await;
    }

    fn fetch(&mut self, lane: Arc<Lane>, job: Job) {
        self.fetches.spawn(fetch(Arc::clone(&self.desk), Arc::clone(&self.permits), lane, job));
    }
}

/// Fetches a label for as long as its job waits.
async fn fetch(desk: Arc<Desk>, permits: Arc<Semaphore>, lane: Arc<Lane>, job: Job) {
    let key = job.key();
    let mut backoff = Backoff::new(Duration::from_millis(250), Duration::from_secs(10));
    let mut wrong = 0;
    while lane.holds(&key) {
        let fetched = {
            let Ok(_permit) = permits.acquire().await else { return };
            desk.hub.label(&job.sha256, job.bytes).await
        };
        let reason = match fetched {
            Ok(bytes) => return lane.arrived(&key, Payload::Here(bytes)),
            // Once may be the wire's fault.
            Err(HubError::WrongBytes) if wrong == 0 => {
                wrong += 1;
                continue;
            }
            Err(error @ (HubError::WrongBytes | HubError::Refused(_) | HubError::Garbled(_))) => error.to_string(),
            Err(HubError::Unpaired | HubError::Outdated | HubError::Busy { .. } | HubError::Away(_)) => {
                sleep(backoff.after_failure()).await;
                continue;
            }
        };
        tracing::warn!(job = %key, reason, "label refused");
        let refusal = Refusal { reason: format!("{reason}: never started"), requeue: false };
        return lane.arrived(&key, Payload::Unusable(refusal));
    }
}
