//! A queue that speaks IPP: a printer's own, or one of CUPS.
//!
//! A queue is one more place where a label can wait, fail or be tried again, so each label is one job, its state is
//! watched to its end, and the next starts only then. `completed` says that the queue has handed over every byte,
//! which is as much as a network printer's closing says; nothing short of that is taken for it.

use std::time::{Duration, Instant};

use tokio::time::sleep;

use self::wire::{JobState, Wire, WireError};
use super::{Outcome, Prepared, Settled};
use crate::protocol::{Format, Job};

mod reasons;
mod wire;

pub use self::wire::Queue;

/// How soon and how seldom the queue is asked what became of a job.
const SOONEST: Duration = Duration::from_millis(50);
const SELDOM: Duration = Duration::from_secs(1);
/// A queue that connects to its printer says so for a moment with every job.
const GRACE: Duration = Duration::from_secs(2);

/// A queue and the job in it.
#[derive(Debug)]
pub struct Ipp {
    wire: Wire,
    lang: Format,
    patience: Duration,
    /// The queue's number of the job that has not ended.
    running: Option<i32>,
    /// What the bytes are to be called, once the queue has said what it takes.
    document_format: Option<String>,
}

impl Ipp {
    /// The queue at an address. `format` names the bytes; without it the queue's own list decides.
    #[must_use]
    pub fn new(queue: &Queue, lang: &Format, format: Option<&str>, patience: Duration) -> Self {
        Self {
            wire: Wire::new(queue),
            lang: lang.clone(),
            patience,
            running: None,
            document_format: format.map(str::to_owned),
        }
    }

    pub(super) async fn prepare(&mut self) -> Prepared {
        let offline = |reason: String| Prepared::Offline { reason, proven: false };
        let printer = match self.wire.printer().await {
            Ok(printer) => printer,
            Err(WireError::Refused(0x0406)) => {
                return offline("没有这个打印队列 / there is no such queue".to_owned());
            }
            Err(error) => return offline(format!("打印队列没有应答 / the queue does not answer ({error})")),
        };
        if let Some(reason) = printer.blocked() {
            return offline(reason);
        }
        if self.document_format.is_none() {
            match wire::name_of(&self.lang, &printer.formats) {
                Some(name) => self.document_format = Some(name),
                None => {
                    let lang = &self.lang;
                    return offline(format!(
                        "打印队列不接收 {lang}（可用 format= 指定） / the queue does not take {lang} (name what it takes by format=)"
                    ));
                }
            }
        }
        Prepared::Ready { proven: false }
    }

    pub(super) async fn send(&mut self, job: &Job, bytes: &[u8]) -> Outcome {
        let Some(format) = &self.document_format else {
            return Outcome::Failed("the queue was not asked what it takes: never started".to_owned());
        };
        let name = format!("huidan-{}-{}", job.id, job.attempt);
        match self.wire.print(&name, format, bytes, self.patience).await {
            Ok(id) => {
                self.running = Some(id);
                Outcome::Sent
            }
            Err(error) if error.is_certain() => Outcome::Failed(format!("the queue did not take it ({error})")),
            Err(error) => Outcome::Unconfirmed(format!("the queue may have taken it ({error})")),
        }
    }

    /// Watches the job to its end. A queue whose printer waits for a person is not at its end, however long it lasts:
    /// the label is in it and will come out.
    pub(super) async fn settle(&mut self) -> Settled {
        let Some(id) = self.running else { return Settled::Proven("nothing was open") };
        let begun = Instant::now();
        let mut pause = SOONEST;
        let settled = loop {
            let asked = self.wire.job(id).await;
            let late = begun.elapsed() > self.patience;
            match asked {
                Ok(job) => match job.state {
                    JobState::Completed if job.in_doubt() => {
                        break Settled::Unproven("the queue says completed, with errors".to_owned());
                    }
                    JobState::Completed => break Settled::Proven("the queue says completed: every byte handed over"),
                    JobState::Ended if job.never_started => {
                        break Settled::Failed("the queue ended the job before it was started".to_owned());
                    }
                    JobState::Ended => {
                        break Settled::Unproven("the queue ended the job after it was started".to_owned());
                    }
                    JobState::Open if begun.elapsed() < GRACE => {}
                    JobState::Open => {
                        if let Some(reason) = self.waits_for_a_person(late).await {
                            return Settled::Waiting(reason);
                        }
                    }
                },
                Err(WireError::Refused(0x0406)) => {
                    break Settled::Unproven("the queue no longer knows the job".to_owned());
                }
                Err(error) if late => break Settled::Unproven(format!("the queue stopped answering ({error})")),
                Err(_) => {}
            }
            sleep(pause).await;
            pause = (pause * 3 / 2).min(SELDOM);
        };
        self.running = None;
        settled
    }

    /// Why an open job does not end: what its printer says at once, that it takes long only when it does.
    async fn waits_for_a_person(&self, late: bool) -> Option<String> {
        let blocked = self.wire.printer().await.ok().and_then(|printer| printer.blocked());
        blocked.or_else(|| late.then(|| "任务还在打印队列中 / the job is still in the queue".to_owned()))
    }
}
