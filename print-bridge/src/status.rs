//! The bridge at a glance, for the status page and for `print-bridge status`: what the journal holds, and what a running
//! bridge knows besides. Ids, numbers and reasons; nothing that is on a label but its waybill's number.

use std::{path::Path, time::SystemTime};

use chrono::{DateTime, Local, Utc};
use serde::Serialize;

use crate::{
    board::Board,
    desk::Desk,
    hub::Hub,
    journal::{self, JournalError, PrinterGlance, Question},
    lane::Lane,
    protocol::PrinterStatus,
};

/// More than this and lease times are worth a word, in seconds; leases themselves are measured by the hub's clock.
const SKEW: i64 = 30;

/// Everything there is to see.
#[derive(Debug, Default, Serialize)]
pub struct Status {
    /// This program's version.
    pub version: &'static str,
    /// The hub, or hubs when asked without a running bridge.
    pub hubs: Vec<HubStatus>,
    /// The printers.
    pub printers: Vec<PrinterLine>,
    /// Labels of which a person must say whether they came out.
    pub unconfirmed: Vec<Question>,
    /// Scales and scanners.
    pub stations: Vec<StationLine>,
}

/// A hub.
#[derive(Debug, Serialize)]
pub struct HubStatus {
    /// Its address.
    pub address: String,
    /// Whether it answers.
    pub reachable: bool,
    /// Why it does not.
    pub trouble: Option<String>,
    /// When it last answered, RFC 3339.
    pub answered_at: Option<String>,
    /// Seconds by which its clock is ahead of ours; `None` where it was not heard.
    pub clock_ahead_s: Option<i64>,
}

/// A printer.
#[derive(Debug, Serialize)]
pub struct PrinterLine {
    /// What the journal says.
    #[serde(flatten)]
    pub journal: PrinterGlance,
    /// Whether it answers; `None` while no bridge runs.
    pub state: Option<PrinterStatus>,
    /// Why it does not.
    pub detail: Option<String>,
    /// How many of the waiting labels are in memory, ready to print.
    pub here: Option<usize>,
    /// The machine that has a printer of the same name.
    pub twin: Option<String>,
}

/// A scale or a scanner.
#[derive(Debug, Serialize)]
pub struct StationLine {
    /// Its name.
    pub name: String,
    /// `scale` or `scanner`.
    pub kind: &'static str,
    /// What it last showed.
    pub next: String,
    /// The same in Chinese.
    pub zh: String,
    /// The same in English.
    pub en: String,
    /// When, RFC 3339.
    pub at: String,
}

/// A running bridge.
///
/// # Errors
/// [`JournalError`].
pub fn running(desk: &Desk, folder: &Path, hub: &str) -> Result<Status, JournalError> {
    let mut status = of_journal(folder)?;
    for lane in &desk.lanes {
        let name = &lane.printer.name;
        if !status.printers.iter().any(|line| line.journal.printer == *name) {
            let journal = PrinterGlance { printer: name.clone(), ..PrinterGlance::default() };
            status.printers.push(PrinterLine { journal, state: None, detail: None, here: None, twin: None });
        }
        for line in status.printers.iter_mut().filter(|line| line.journal.printer == *name) {
            live(line, lane);
        }
    }
    let view = desk.board.hub();
    status.hubs = vec![HubStatus {
        address: hub.to_owned(),
        reachable: view.trouble.is_none() && view.answered.is_some(),
        trouble: view.trouble,
        answered_at: view.answered.map(instant),
        clock_ahead_s: view.answered.map(|_| view.ahead_s),
    }];
    status.stations = stations(&desk.board);
    Ok(status)
}

fn live(line: &mut PrinterLine, lane: &Lane) {
    let shown = lane.state();
    (line.state, line.detail, line.twin) = (Some(shown.status), shown.detail, lane.twin());
    line.here = Some(lane.waiting().1);
}

fn stations(board: &Board) -> Vec<StationLine> {
    let line = |station: crate::board::Station| StationLine {
        name: station.name,
        kind: if station.scale { "scale" } else { "scanner" },
        next: station.shown.next,
        zh: station.shown.zh,
        en: station.shown.en,
        at: instant(station.at),
    };
    board.stations().into_iter().map(line).collect()
}

/// Without a running bridge: the journal, and a look at each hub of this folder.
///
/// # Errors
/// [`JournalError`].
pub async fn at_rest(folder: &Path, hubs: &[String]) -> Result<Status, JournalError> {
    let mut status = of_journal(folder)?;
    for address in hubs {
        let looked = match Hub::new(address, "") {
            Ok(hub) => hub.look().await.map_err(|error| error.to_string()),
            Err(error) => Err(error),
        };
        let board = Board::default();
        if let Ok(hub_now) = &looked {
            board.hub_answered(*hub_now);
        }
        let view = board.hub();
        status.hubs.push(HubStatus {
            address: address.clone(),
            reachable: looked.is_ok(),
            trouble: looked.err(),
            answered_at: view.answered.map(instant),
            clock_ahead_s: view.answered.map(|_| view.ahead_s),
        });
    }
    Ok(status)
}

fn of_journal(folder: &Path) -> Result<Status, JournalError> {
    let now = Local::now();
    let midnight = now.date_naive().and_hms_opt(0, 0, 0).and_then(|start| start.and_local_timezone(Local).earliest());
    let midnight_ms = midnight.map_or_else(|| now.timestamp_millis() - 86_400_000, |start| start.timestamp_millis());
    let look = journal::look(folder, midnight_ms, now.timestamp_millis())?.unwrap_or_default();
    let line = |journal| PrinterLine { journal, state: None, detail: None, here: None, twin: None };
    Ok(Status {
        version: env!("CARGO_PKG_VERSION"),
        printers: look.printers.into_iter().map(line).collect(),
        unconfirmed: look.questions,
        ..Status::default()
    })
}

fn instant(at: SystemTime) -> String {
    DateTime::<Utc>::from(at).to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

/// An instant of the journal in this machine's time.
#[must_use]
pub fn local(at_ms: i64) -> String {
    let at = DateTime::from_timestamp_millis(at_ms).unwrap_or_default();
    at.with_timezone(&Local).format("%Y-%m-%d %H:%M:%S").to_string()
}

impl HubStatus {
    /// A line for a person.
    #[must_use]
    pub fn line(&self) -> String {
        let address = &self.address;
        match (&self.trouble, self.clock_ahead_s) {
            (Some(trouble), _) => format!("中心 / hub {address}: 没有应答 / no answer ({trouble})"),
            (None, Some(ahead)) if ahead.abs() > SKEW => format!(
                "中心 / hub {address}: 正常 / answers · 本机时钟相差 {ahead} 秒，请校时 / this machine's clock is {} s {}: set it",
                ahead.abs(),
                if ahead > 0 { "behind" } else { "ahead" }
            ),
            (None, Some(_)) => format!("中心 / hub {address}: 正常 / answers"),
            (None, None) => format!("中心 / hub {address}: 尚未联系 / not asked yet"),
        }
    }
}

impl PrinterLine {
    /// A line for a person.
    #[must_use]
    pub fn line(&self) -> String {
        let journal = &self.journal;
        let state = match self.state {
            Some(PrinterStatus::Ready) => "  就绪 / ready",
            Some(PrinterStatus::Offline) => "  不可用 / offline",
            Some(PrinterStatus::Unknown) => "  未知 / unknown",
            None => "",
        };
        let mut line = format!(
            "{}{state}  等待 / waiting {}  发送中 / sending {}  已发送 / sent {}  待确认 / unconfirmed {}  今日已打印 / done today {}",
            journal.printer, journal.waiting, journal.sending, journal.sent, journal.unconfirmed, journal.done_today
        );
        if journal.untold > 0 {
            line.push_str(&format!("  未上报 / not yet reported {}", journal.untold));
        }
        if let Some(detail) = &self.detail {
            line.push_str(&format!("\n    {detail}"));
        }
        if let Some(trouble) = &journal.last_error {
            line.push_str(&format!("\n    最近的问题 / last trouble {}: {}", local(trouble.at_ms), trouble.why));
        }
        line
    }
}

/// A line for a person.
#[must_use]
pub fn question(question: &Question) -> String {
    let Question { job, printer, waybill, place: (seq, of), why, at_ms } = question;
    let number = waybill.as_deref().unwrap_or("-");
    format!("{printer}  {number}  {seq}/{of}  {}  {why}  ({job})", local(*at_ms))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hub(ahead: i64) -> String {
        let hub = HubStatus {
            address: "http://h".into(),
            reachable: true,
            trouble: None,
            answered_at: None,
            clock_ahead_s: Some(ahead),
        };
        hub.line()
    }

    #[test]
    fn a_clock_that_is_off_is_named_with_its_direction() {
        assert!(!hub(30).contains("clock"));
        assert!(hub(300).contains("this machine's clock is 300 s behind"));
        assert!(hub(-300).contains("this machine's clock is 300 s ahead"));
    }
}
