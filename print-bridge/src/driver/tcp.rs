//! Raw bytes to a network printer (port 9100).
//!
//! The connection stays open within a batch, since reconnecting costs more than a label. At the batch's end our side
//! is closed and the printer's end awaited, as a printer that closes has read everything.

use std::{
    io,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpSocket, TcpStream, lookup_host},
    time::{sleep, timeout},
};

use super::{
    Outcome, Prepared, Settled,
    status::{Query, SILENT, Status},
};
use crate::{
    failpoint::{Step, reach, splits_bytes},
    protocol::Format,
};

const CONNECT: Duration = Duration::from_secs(5);
/// How long one status query waits for its answer.
const ANSWER: Duration = Duration::from_millis(400);
/// How often a printer with a full buffer is asked again.
const AGAIN: Duration = Duration::from_millis(100);
/// A printer that stayed silent twice is not asked for this long: asking costs more than printing.
const QUIET: Duration = Duration::from_secs(600);
/// The slowest printer worth waiting for, in bytes a second.
const SLOWEST: u64 = 16 << 10;
/// Bytes that may wait on our side: about one label.
const SEND_BUFFER: u32 = 16 << 10;
/// How long a printer may take to close once its own status has proven the labels.
const CLOSE: Duration = Duration::from_secs(2);

/// A network printer.
#[derive(Debug)]
pub struct Tcp {
    host: String,
    port: u16,
    confirm: bool,
    query: Option<Query>,
    patience: Duration,
    open: Option<Open>,
    /// Whether the printer has ever answered: then silence on a new connection means something, too.
    talked: bool,
    silences: u32,
    quiet_until: Option<Instant>,
}

#[derive(Debug)]
struct Open {
    stream: TcpStream,
    /// Whether the printer has answered a query on this connection: then later silence means something.
    talks: bool,
}

/// What a look at the printer's side of the connection shows.
enum Back {
    Quiet,
    Closed,
    Broken(String),
}

/// What asking the printer brought.
enum Asked {
    Told(Status),
    Silent,
    Closed,
    Broken(String),
}

impl Tcp {
    /// A printer at `host:port`. `lang` is the language to ask for its state in; `None` never asks.
    #[must_use]
    pub fn new(host: &str, port: u16, confirm: bool, lang: Option<&Format>, patience: Duration) -> Self {
        Self {
            host: host.to_owned(),
            port,
            confirm,
            query: lang.and_then(Query::of),
            patience,
            open: None,
            talked: false,
            silences: 0,
            quiet_until: None,
        }
    }

    pub(super) const fn is_open(&self) -> bool {
        self.open.is_some()
    }

    pub(super) async fn prepare(&mut self) -> Prepared {
        let mut proven = false;
        if let Some(open) = &mut self.open {
            match look_back(&open.stream) {
                Back::Quiet => {}
                // It read all we sent and then hung up, as some do when idle.
                Back::Closed => {
                    self.open = None;
                    proven = true;
                }
                Back::Broken(reason) => {
                    self.open = None;
                    return Prepared::Lost(reason);
                }
            }
        }
        if self.open.is_none()
            && let Err(reason) = self.connect().await
        {
            return Prepared::Offline { reason, proven };
        }
        self.wait_for_turn(proven).await
    }

    async fn connect(&mut self) -> Result<(), String> {
        match timeout(CONNECT, connect(&self.host, self.port)).await {
            Ok(Ok(stream)) => {
                self.open = Some(Open { stream, talks: false });
                Ok(())
            }
            Ok(Err(error)) => Err(format!("连接不上 / no connection ({})", error.kind())),
            Err(_) => Err("连接不上 / no connection (timed out)".to_owned()),
        }
    }

    /// Asks until the printer can take a label, or its silence must do for an answer.
    async fn wait_for_turn(&mut self, mut proven: bool) -> Prepared {
        let patience = Instant::now() + self.patience;
        loop {
            match self.ask().await {
                Asked::Told(Status { blocked: Some(reason), .. }) => {
                    return Prepared::Offline { reason: reason.to_owned(), proven };
                }
                Asked::Told(status) if !status.behind => {
                    proven |= status.empty;
                    return Prepared::Ready { proven };
                }
                Asked::Told(_) if Instant::now() > patience => {
                    let reason = "打印机忙 / the printer is busy".to_owned();
                    return Prepared::Offline { reason, proven };
                }
                Asked::Told(_) => sleep(AGAIN).await,
                // A printer that used to answer may be out of paper: give it its time, and then no more labels.
                Asked::Silent if self.talked && Instant::now() < patience => sleep(AGAIN).await,
                Asked::Silent if self.talks() => {
                    self.open = None;
                    return Prepared::Lost("the printer has stopped answering".to_owned());
                }
                Asked::Silent if self.talked => {
                    self.open = None;
                    return Prepared::Offline { reason: SILENT.to_owned(), proven };
                }
                Asked::Silent => return Prepared::Ready { proven },
                Asked::Closed => {
                    self.open = None;
                    return Prepared::Offline {
                        reason: "打印机断开 / the printer hung up".to_owned(), proven: true
                    };
                }
                Asked::Broken(reason) => {
                    self.open = None;
                    return Prepared::Lost(reason);
                }
            }
        }
    }

    fn talks(&self) -> bool {
        self.open.as_ref().is_some_and(|open| open.talks)
    }

    async fn ask(&mut self) -> Asked {
        let (Some(query), Some(open)) = (self.query, &mut self.open) else { return Asked::Silent };
        if !self.talked && self.quiet_until.is_some_and(|until| Instant::now() < until) {
            return Asked::Silent;
        }
        let asked = ask(&mut open.stream, query).await;
        match &asked {
            Asked::Told(_) => {
                open.talks = true;
                self.talked = true;
                self.silences = 0;
                self.quiet_until = None;
            }
            // Hanging up on the question is as little an answer as silence.
            Asked::Silent | Asked::Closed | Asked::Broken(_) => {
                self.silences += 1;
                if self.silences >= 2 {
                    self.quiet_until = Some(Instant::now() + QUIET);
                }
            }
        }
        asked
    }

    pub(super) async fn send(&mut self, bytes: &[u8]) -> Outcome {
        let Some(open) = &mut self.open else {
            return Outcome::Failed("no connection: never started".to_owned());
        };
        let limit = self.patience + Duration::from_secs(bytes.len() as u64 / SLOWEST);
        let failed = match timeout(limit, write(&mut open.stream, bytes)).await {
            Ok(Ok(())) if self.confirm => return Outcome::Sent,
            Ok(Ok(())) => return Outcome::Done("every byte was handed over (confirm=sent)"),
            Ok(Err(error)) => format!("the connection broke while sending ({})", error.kind()),
            Err(_) => format!("the printer stopped taking bytes for {} s", limit.as_secs()),
        };
        self.open = None;
        Outcome::Unconfirmed(failed)
    }

    pub(super) async fn settle(&mut self) -> Settled {
        let patience = Instant::now() + self.patience;
        let mut proven = false;
        while self.talks() && !proven && Instant::now() < patience {
            match self.ask().await {
                Asked::Told(Status { blocked: Some(reason), .. }) => return Settled::Waiting(reason.to_owned()),
                Asked::Told(Status { empty: true, .. }) => proven = true,
                // A language whose answer never proves anything: the close must.
                Asked::Told(_) if self.query == Some(Query::EscapeQuestion) => break,
                Asked::Told(_) => sleep(AGAIN).await,
                Asked::Silent => sleep(AGAIN).await,
                Asked::Closed => {
                    self.open = None;
                    return Settled::Proven("the printer closed the connection");
                }
                Asked::Broken(reason) => {
                    self.open = None;
                    return Settled::Unproven(reason);
                }
            }
        }
        let Some(open) = self.open.take() else { return Settled::Proven("nothing was open") };
        let closed = close(open.stream, if proven { CLOSE } else { self.patience }).await;
        match closed {
            _ if proven => Settled::Proven("the printer says its buffer is empty"),
            Ok(()) => Settled::Proven("the printer closed the connection"),
            Err(reason) => Settled::Unproven(reason),
        }
    }
}

async fn connect(host: &str, port: u16) -> io::Result<TcpStream> {
    let mut result = Err(io::ErrorKind::NotFound.into());
    for address in lookup_host((host, port)).await? {
        let socket = if address.is_ipv4() { TcpSocket::new_v4()? } else { TcpSocket::new_v6()? };
        // Best effort, both: what is handed over should be with the printer, not with us, and without delay.
        let _ = socket.set_send_buffer_size(SEND_BUFFER);
        let _ = socket.set_nodelay(true);
        result = socket.connect(address).await;
        if result.is_ok() {
            break;
        }
    }
    result
}

async fn write(stream: &mut TcpStream, bytes: &[u8]) -> io::Result<()> {
    if splits_bytes() {
        let (first, _) = bytes.split_at(bytes.len() / 2);
        stream.write_all(first).await?;
        stream.flush().await?;
        reach(Step::MidBytes);
        return stream.write_all(bytes.get(first.len()..).unwrap_or_default()).await;
    }
    stream.write_all(bytes).await?;
    stream.flush().await
}

/// Reads away what the printer has said unasked; left unread it would turn our close into a reset.
fn look_back(stream: &TcpStream) -> Back {
    let mut scrap = [0; 512];
    loop {
        match stream.try_read(&mut scrap) {
            Ok(0) => return Back::Closed,
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Back::Quiet,
            Err(error) => return Back::Broken(format!("the connection broke ({})", error.kind())),
        }
    }
}

async fn ask(stream: &mut TcpStream, query: Query) -> Asked {
    match look_back(stream) {
        Back::Quiet => {}
        Back::Closed => return Asked::Closed,
        Back::Broken(reason) => return Asked::Broken(reason),
    }
    let mut answer = Vec::new();
    let exchange = async {
        stream.write_all(query.bytes()).await?;
        let mut piece = [0; 512];
        loop {
            let read = stream.read(&mut piece).await?;
            answer.extend_from_slice(piece.get(..read).unwrap_or_default());
            match query.read(&answer) {
                Some(Some(status)) => return Ok(Asked::Told(status)),
                // It speaks, but not this: as good as silence.
                Some(None) => return Ok(Asked::Silent),
                None if read == 0 => return Ok(Asked::Closed),
                None if answer.len() > 4096 => return Ok(Asked::Silent),
                None => {}
            }
        }
    };
    match timeout(ANSWER, exchange).await {
        Ok(Ok(asked)) => asked,
        Ok(Err(error)) => Asked::Broken(format!("the connection broke ({})", io::Error::kind(&error))),
        Err(_) => Asked::Silent,
    }
}

/// Closes our side and waits for the printer's.
async fn close(mut stream: TcpStream, patience: Duration) -> Result<(), String> {
    let goodbye = async {
        stream.shutdown().await?;
        let mut scrap = [0; 512];
        while stream.read(&mut scrap).await? > 0 {}
        Ok(())
    };
    match timeout(patience, goodbye).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(error)) => Err(format!("the connection broke after the last byte ({})", io::Error::kind(&error))),
        Err(_) => Err(format!(
            "the printer took every byte but neither answered nor closed within {} s; \
             if it never does, add confirm=sent to its target",
            patience.as_secs()
        )),
    }
}
