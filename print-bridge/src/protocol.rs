//! `/print/v1`: the JSON between a bridge and its hub.
//!
//! Answers are read leniently (fields we do not know are ignored), and a job that cannot be read at all is
//! still answered for, by [`Unreadable`].

mod bench;
mod words;

pub use self::bench::{Scanned, ScannedLine, Weighed};
pub use self::words::{Format, Phase};

use std::fmt;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// One attempt at one job: what the journal never sends twice.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct JobKey {
    /// The hub's job id.
    pub id: String,
    /// Rises each time the hub queues the job again.
    pub attempt: u32,
}

impl fmt::Display for JobKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}", self.id, self.attempt)
    }
}

/// The page a job was rendered for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page {
    /// Millimetres across the feed.
    pub width_mm: u16,
    /// Millimetres along the feed.
    pub height_mm: u16,
    /// Dots per inch.
    pub dpi: u16,
}

/// A leased job, as a claim answers it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// The hub's job id.
    pub id: String,
    /// See [`JobKey::attempt`].
    pub attempt: u32,
    /// The token every report carries.
    pub lease: String,
    /// RFC 3339; after it the hub calls the job unconfirmed.
    pub lease_until: String,
    /// Which of the claimed printers.
    pub printer: String,
    /// The page it was rendered for; absent for a platform's task.
    #[serde(default)]
    pub media: Option<Page>,
    /// What the bytes are.
    pub format: Format,
    /// Hex SHA-256 of the bytes, which is also where they are fetched.
    pub sha256: String,
    /// How many bytes there are.
    pub bytes: u64,
    /// Labels of one batch come out in the order of `seq`, without a gap, or stop. Absent: a batch of its own.
    #[serde(default)]
    pub batch: Option<String>,
    /// Place in the batch, from 1.
    #[serde(default)]
    pub seq: u32,
    /// How many the batch has for this printer, if the hub says so.
    #[serde(default)]
    pub of: u32,
    /// The package's fence when this was rendered.
    #[serde(default)]
    pub fence: i64,
    /// 1 is the first paper of its kind.
    #[serde(default)]
    pub copy_no: u32,
    /// The number on the label, used only for the file name of a virtual printer.
    #[serde(default)]
    pub waybill: Option<String>,
}

impl Job {
    /// The journal's key.
    #[must_use]
    pub fn key(&self) -> JobKey {
        JobKey { id: self.id.clone(), attempt: self.attempt }
    }

    /// The batch this stops with; a job without one is a batch of its own.
    #[must_use]
    pub fn batch(&self) -> &str {
        self.batch.as_deref().unwrap_or(&self.id)
    }
}

/// All that is needed to answer for a job that cannot be read otherwise.
#[derive(Debug, Clone, Deserialize)]
pub struct Unreadable {
    /// The hub's job id.
    pub id: String,
    /// The token of its lease.
    pub lease: String,
}

/// Whether a printer answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PrinterStatus {
    /// It took a connection and said nothing bad.
    Ready,
    /// It cannot be reached, or says that it cannot print.
    Offline,
    /// Not tried yet, or silent.
    Unknown,
}

/// A printer as a claim shows it.
#[derive(Debug, Clone, Serialize)]
pub struct PrinterState {
    /// Its name.
    pub name: String,
    /// The language to render in.
    pub lang: Format,
    /// Dots per inch.
    pub dpi: u16,
    /// `100x150`, in millimetres.
    pub media: String,
    /// Whether it answers.
    pub status: PrinterStatus,
    /// Why it does not, for a person.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// How many more jobs the bridge will take for this printer; 0 while it holds some and the printer is offline.
    pub room: usize,
}

/// A lease the bridge still holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HeldLease {
    /// The hub's job id.
    pub id: String,
    /// The token.
    pub lease: String,
}

/// `POST claim`.
#[derive(Debug, Clone, Serialize)]
pub struct Claim {
    /// Every printer of this bridge.
    pub printers: Vec<PrinterState>,
    /// How many jobs at most.
    pub max: usize,
    /// Seconds to wait for one; 20 at most.
    pub wait: u64,
    /// Leases to renew; a job leased to this bridge and absent here never arrived and is sent again.
    pub held: Vec<HeldLease>,
    /// Seconds that leases are to last, for a bridge that goes on printing while it cannot reach the hub.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lease_s: Option<u64>,
}

/// What a claim answers.
#[derive(Debug, Deserialize)]
pub struct Claimed {
    /// New jobs, and those whose first answer was lost.
    #[serde(default)]
    pub jobs: Vec<Box<RawValue>>,
    /// One entry per lease that was held.
    #[serde(default)]
    pub held: Vec<Renewal>,
    /// How the hub knows this bridge's printers.
    #[serde(default)]
    pub printers: Vec<KnownPrinter>,
}

/// How the hub knows a printer.
#[derive(Debug, Clone, Deserialize)]
pub struct KnownPrinter {
    /// Our name of it.
    pub name: String,
    /// The hub's id of it.
    #[serde(default)]
    pub id: String,
    /// The machine of another bridge that has a printer of the same name.
    #[serde(default)]
    pub twin: Option<String>,
}

/// What became of a held lease.
#[derive(Debug, Clone, Deserialize)]
pub struct Renewal {
    /// The hub's job id.
    pub id: String,
    /// The token that was held.
    pub lease: String,
    /// RFC 3339; absent when the lease is no longer ours.
    #[serde(default)]
    pub lease_until: Option<String>,
}

/// One line of `POST report`.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// The hub's job id.
    pub id: String,
    /// The token.
    pub lease: String,
    /// How far it has come.
    pub phase: Phase,
    /// For a person: ids and reasons, never the label's content.
    pub detail: String,
    /// With `failed`: the bridge's word that it never started and nothing is wrong with the label itself.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub requeue: bool,
}

/// The hub's state of a reported job.
#[derive(Debug, Clone, Deserialize)]
pub struct Reported {
    /// The hub's job id.
    pub id: String,
    /// The state that now holds, kept as the hub words it.
    #[serde(default)]
    pub state: String,
}

/// `POST pair` answers with this.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Paired {
    /// The bridge's id.
    pub bridge: String,
    /// Its bearer token.
    pub token: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_returns_to_a_phase_from_which_it_would_print() {
        for from in Phase::ALL {
            for next in Phase::ALL {
                let legal = from.may_become(next);
                assert!(!(legal && next == Phase::Received), "{from} -> {next}");
                assert!(!(legal && next == Phase::Sending && from != Phase::Received), "{from} -> {next}");
            }
        }
    }

    #[test]
    fn each_phase_has_a_way_to_an_end_and_ends_stay() {
        let ends = |from: Phase| Phase::ALL.into_iter().filter(|next| from.may_become(*next)).collect::<Vec<_>>();
        assert_eq!(ends(Phase::Received), [Phase::Sending, Phase::Failed]);
        assert_eq!(ends(Phase::Sending), [Phase::Sent, Phase::Done, Phase::Failed, Phase::Unconfirmed]);
        assert_eq!(ends(Phase::Sent), [Phase::Done, Phase::Failed, Phase::Unconfirmed]);
        assert_eq!(ends(Phase::Unconfirmed), [Phase::Done, Phase::Failed]);
        assert!(ends(Phase::Done).is_empty() && ends(Phase::Failed).is_empty());
    }

    #[test]
    fn a_job_with_fields_of_tomorrow_and_a_format_we_do_not_know_is_read() {
        let job: Job = serde_json::from_str(
            r#"{"id":"j1","attempt":1,"lease":"l","lease_until":"2026-11-21T08:00:00Z","printer":"p",
                "format":"escpos","sha256":"00","bytes":3,"batch":null,"colour":"red"}"#,
        )
        .unwrap();
        assert_eq!((job.format.clone(), job.batch()), (Format::Unknown("escpos".into()), "j1"));
    }
}
