//! A printer at a device of this machine: USB (`usblp`), serial, or whatever else can be opened and written to.
//!
//! A device takes bytes as fast as the printer does and says when it has taken the last, so that is what `done` rests
//! on, together with the printer's own word where it gives one. A printer that spoke before a label and is silent after
//! it is in trouble (no paper, an open head), and its label is a question.

use std::{
    io,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use tokio::time::sleep;

use self::port::{Heard, Port};
use super::{
    Outcome, Prepared, Settled,
    status::{Query, SILENT, Status},
};
use crate::protocol::Format;

mod port;
mod usb;

pub use self::{port::Flow, usb::UsbId};

/// How long one status query waits for its answer: a serial line needs a tenth of a second for three lines.
const ANSWER: Duration = Duration::from_millis(600);
/// How often a printer with a full buffer is asked again.
const AGAIN: Duration = Duration::from_millis(100);
/// A printer that stayed silent twice is not asked for this long.
const QUIET: Duration = Duration::from_secs(600);
/// The slowest printer worth waiting for, in bytes a second.
const SLOWEST: u64 = 16 << 10;

/// Where the device is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A device, a FIFO or a file that is there.
    File(PathBuf),
    /// The printer with these numbers, wherever it is plugged in.
    Usb(UsbId),
    /// A serial line.
    Serial {
        /// `/dev/ttyUSB0`, `COM3`.
        path: String,
        /// Bits a second.
        baud: u32,
        /// Who says that the printer cannot take more.
        flow: Flow,
    },
}

impl Place {
    /// Bytes a second that may be counted on.
    fn pace(&self) -> u64 {
        match self {
            // Ten bits a byte, and half of that for a printer that stops the line now and then.
            Self::Serial { baud, .. } => u64::from(*baud / 20).clamp(1, SLOWEST),
            Self::File(_) | Self::Usb(_) => SLOWEST,
        }
    }

    fn open(&self) -> io::Result<Port> {
        match self {
            Self::File(path) => Port::open(path),
            Self::Usb(id) => Port::open(&usb::find(id, Path::new("/sys/class/usbmisc"), Path::new("/dev"))?),
            Self::Serial { path, baud, flow } => Port::open_serial(path, *baud, *flow),
        }
    }
}

/// A printer at a device.
#[derive(Debug)]
pub struct Device {
    place: Place,
    query: Option<Query>,
    patience: Duration,
    port: Option<Port>,
    /// Whether the printer has answered since the device was opened.
    talks: bool,
    /// Whether it ever has: then silence means something even after a new start.
    talked: bool,
    silences: u32,
    quiet_until: Option<Instant>,
}

impl Device {
    /// The printer at `place`. `lang` is the language to ask for its state in; `None` never asks.
    #[must_use]
    pub fn new(place: &Place, lang: Option<&Format>, patience: Duration) -> Self {
        Self {
            place: place.clone(),
            query: lang.and_then(Query::of),
            patience,
            port: None,
            talks: false,
            talked: false,
            silences: 0,
            quiet_until: None,
        }
    }

    pub(super) const fn is_open(&self) -> bool {
        self.port.is_some()
    }

    pub(super) async fn prepare(&mut self) -> Prepared {
        if self.port.is_none()
            && let Err(error) = self.open().await
        {
            return Prepared::Offline { reason: why_not(&error), proven: false };
        }
        let begun = Instant::now();
        loop {
            let late = begun.elapsed() > self.patience;
            match self.ask().await {
                Heard::Told(Status { blocked: Some(reason), .. }) => {
                    return Prepared::Offline { reason: reason.to_owned(), proven: false };
                }
                Heard::Told(status) if !status.behind => return Prepared::Ready { proven: status.empty },
                Heard::Told(_) if late => {
                    let reason = "打印机忙 / the printer is busy".to_owned();
                    return Prepared::Offline { reason, proven: false };
                }
                Heard::Told(_) => sleep(AGAIN).await,
                Heard::Silent if self.talked && !late => sleep(AGAIN).await,
                // It answered before the last label and does not any more: another label would not help it.
                Heard::Silent if self.talks => {
                    self.close();
                    return Prepared::Lost("the printer has stopped answering".to_owned());
                }
                Heard::Silent if self.talked => {
                    self.close();
                    return Prepared::Offline { reason: SILENT.to_owned(), proven: false };
                }
                Heard::Silent => return Prepared::Ready { proven: false },
                Heard::Gone(reason) => {
                    self.close();
                    return Prepared::Lost(reason);
                }
            }
        }
    }

    async fn open(&mut self) -> io::Result<()> {
        let place = self.place.clone();
        let opened = tokio::task::spawn_blocking(move || place.open()).await;
        self.port = Some(opened.unwrap_or_else(|error| Err(io::Error::other(error)))?);
        self.talks = false;
        Ok(())
    }

    fn close(&mut self) {
        self.port = None;
        self.talks = false;
    }

    async fn ask(&mut self) -> Heard {
        let Some(query) = self.query.filter(|_| self.port.as_ref().is_some_and(Port::is_two_way)) else {
            return Heard::Silent;
        };
        if !self.talked && self.quiet_until.is_some_and(|until| Instant::now() < until) {
            return Heard::Silent;
        }
        let heard = self.with_port(move |port| port.ask(query, Instant::now() + ANSWER)).await;
        match heard.unwrap_or_else(|| Heard::Gone("the device is not open".to_owned())) {
            Heard::Told(status) => {
                (self.talks, self.talked) = (true, true);
                self.silences = 0;
                self.quiet_until = None;
                Heard::Told(status)
            }
            Heard::Silent => {
                self.silences += 1;
                if self.silences >= 2 {
                    self.quiet_until = Some(Instant::now() + QUIET);
                }
                Heard::Silent
            }
            gone @ Heard::Gone(_) => gone,
        }
    }

    /// Works with the port on a thread that may wait for it; no wait there is longer than its time limit.
    async fn with_port<T: Send + 'static>(&mut self, work: impl FnOnce(&mut Port) -> T + Send + 'static) -> Option<T> {
        let mut port = self.port.take()?;
        let worked = tokio::task::spawn_blocking(move || {
            let result = work(&mut port);
            (port, result)
        });
        let (port, result) = worked.await.ok()?;
        self.port = Some(port);
        Some(result)
    }

    pub(super) async fn send(&mut self, bytes: &[u8]) -> Outcome {
        let limit = self.patience + Duration::from_secs(bytes.len() as u64 / self.place.pace());
        let bytes = bytes.to_vec();
        let written = self.with_port(move |port| port.write_all(&bytes, Instant::now() + limit)).await;
        let broken = match written {
            None => return Outcome::Failed("the device is not open: never started".to_owned()),
            Some(Ok(())) => return Outcome::Sent,
            Some(Err(error)) if error.kind() == io::ErrorKind::TimedOut => {
                format!("the printer stopped taking bytes for {} s", limit.as_secs())
            }
            Some(Err(error)) => format!("the device broke while sending ({})", error.kind()),
        };
        self.close();
        Outcome::Unconfirmed(broken)
    }

    pub(super) async fn settle(&mut self) -> Settled {
        if self.port.is_none() {
            return Settled::Proven("nothing was open");
        }
        let begun = Instant::now();
        let mut heard_after = false;
        while self.talks && begun.elapsed() < self.patience {
            match self.ask().await {
                Heard::Told(Status { blocked: Some(reason), .. }) => return Settled::Waiting(reason.to_owned()),
                Heard::Told(Status { empty: true, .. }) => {
                    self.close();
                    return Settled::Proven("the printer says its buffer is empty");
                }
                // A language whose answer never proves more than that all is well.
                Heard::Told(Status { behind: false, .. }) if self.query == Some(Query::EscapeQuestion) => {
                    heard_after = true;
                    break;
                }
                Heard::Told(_) => {
                    heard_after = true;
                    sleep(AGAIN).await;
                }
                Heard::Silent => sleep(AGAIN).await,
                Heard::Gone(reason) => {
                    self.close();
                    return Settled::Unproven(reason);
                }
            }
        }
        let (talked, query) = (self.talks, self.query);
        self.close();
        match (talked, heard_after) {
            (true, false) => Settled::Unproven("the printer answered before the label and not after it".to_owned()),
            (true, true) if query == Some(Query::HostStatus) => {
                Settled::Unproven("the printer does not say that its buffer is empty".to_owned())
            }
            (true, true) => Settled::Proven("the printer took every byte and says that all is well"),
            (false, _) => Settled::Proven("the device took every byte"),
        }
    }
}

/// Why a device cannot be opened, with its remedy.
fn why_not(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => {
            "找不到设备，请检查连接和电源 / the device is not there: look at cable and power".to_owned()
        }
        io::ErrorKind::PermissionDenied => "没有权限打开设备，请把用户加入 lp（USB）或 dialout（串口）组 / \
             no permission to open the device: add the user to the group lp (USB) or dialout (serial)"
            .to_owned(),
        io::ErrorKind::ResourceBusy => "设备被其他程序占用 / the device is in use by another program".to_owned(),
        io::ErrorKind::IsADirectory => "这是一个文件夹，请用 dir:// / this is a folder: use dir://".to_owned(),
        io::ErrorKind::Other => format!("设备不可用 / the device cannot be used ({error})"),
        kind => format!("设备不可用 / the device cannot be used ({kind})"),
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests;
