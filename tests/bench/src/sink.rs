//! A printer's port that takes every byte and counts labels by the command that ends each.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::io::AsyncReadExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::time::timeout;

use crate::error::Result;

/// What ends a label in ZPL.
pub(crate) const END: &[u8] = b"^XZ";
/// How long to wait for the next label before giving up.
const PATIENCE: Duration = Duration::from_secs(60);

/// What came so far.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Come {
    /// Whole labels.
    pub(crate) labels: usize,
    /// Bytes of them.
    pub(crate) bytes: usize,
    /// When the last byte came.
    pub(crate) last: Instant,
}

/// The port, open until this is dropped.
#[derive(Clone, Debug)]
pub(crate) struct Sink {
    /// Where it listens.
    pub(crate) address: SocketAddr,
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    come: Mutex<Come>,
    more: Notify,
}

impl Sink {
    /// Opens a port.
    pub(crate) async fn open() -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let come = Mutex::new(Come { labels: 0, bytes: 0, last: Instant::now() });
        let shared = Arc::new(Shared { come, more: Notify::new() });
        let taking = shared.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(take(stream, taking.clone()));
            }
        });
        Ok(Self { address, shared })
    }

    /// What came so far.
    pub(crate) fn come(&self) -> Come {
        *self.shared.come()
    }

    /// Waits until so many labels have come in all.
    ///
    /// # Errors
    /// None came for a minute.
    pub(crate) async fn until(&self, labels: usize) -> Result<Come> {
        loop {
            let more = self.shared.more.notified();
            let come = self.come();
            if come.labels >= labels {
                return Ok(come);
            }
            if timeout(PATIENCE, more).await.is_err() && self.come().labels == come.labels {
                return Err(
                    format!("只打出 {}/{labels} 张 · {} of {labels} labels came", come.labels, come.labels).into()
                );
            }
        }
    }
}

impl Shared {
    fn come(&self) -> MutexGuard<'_, Come> {
        self.come.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads one connection to its end, and closes it then, as a printer does that has read everything.
async fn take(mut stream: TcpStream, shared: Arc<Shared>) {
    let mut piece = vec![0; 64 << 10];
    let mut ends = Ends::default();
    while let Ok(read @ 1..) = stream.read(&mut piece).await {
        let labels = ends.count(piece.get(..read).unwrap_or_default());
        let mut come = shared.come();
        come.labels += labels;
        come.bytes += read;
        come.last = Instant::now();
        drop(come);
        if labels > 0 {
            shared.more.notify_waiters();
        }
    }
}

/// Counts ends of labels in a stream that comes in pieces.
#[derive(Default)]
struct Ends {
    matched: usize,
}

impl Ends {
    fn count(&mut self, piece: &[u8]) -> usize {
        let mut ends = 0;
        for byte in piece {
            self.matched = match END.get(self.matched) == Some(byte) {
                true => self.matched + 1,
                false => usize::from(END.first() == Some(byte)),
            };
            if self.matched == END.len() {
                ends += 1;
                self.matched = 0;
            }
        }
        ends
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::AsyncWriteExt as _;

    #[test]
    fn labels_are_counted_wherever_the_stream_is_cut() {
        let stream = b"^XA one ^XZ^XA^^XZ\n^XA ^X Z ^XZ";
        for cut in 0..stream.len() {
            let mut ends = Ends::default();
            assert_eq!(ends.count(&stream[..cut]) + ends.count(&stream[cut..]), 3, "cut at {cut}");
        }
    }

    #[tokio::test]
    async fn a_sink_tells_when_the_last_label_came_and_hangs_up_after_its_writer() {
        let sink = Sink::open().await.unwrap();
        let mut stream = TcpStream::connect(sink.address).await.unwrap();
        stream.write_all(b"^XA^XZ^XA^XZ").await.unwrap();
        let come = sink.until(2).await.unwrap();
        assert_eq!((come.labels, come.bytes), (2, 12));
        stream.shutdown().await.unwrap();
        assert_eq!(stream.read(&mut [0; 8]).await.unwrap(), 0);
    }
}
