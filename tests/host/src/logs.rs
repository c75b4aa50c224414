//! What guests print: one file per component, turned over once at 10 MB, and a copy on stderr when asked for.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};

use bytes::Bytes;
use chrono::{SecondsFormat, Utc};
use tokio::io::AsyncWrite;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamError, StreamResult};

/// A file is turned over to `<name>.1` when it has grown this long.
const TURN_OVER_BYTES: u64 = 10 << 20;
/// A line without an end is written out when it has grown this long.
const LONGEST_LINE: usize = 64 << 10;

/// One component's log.
pub(crate) struct Log {
    component: String,
    path: PathBuf,
    verbose: bool,
    file: Mutex<Option<(File, u64)>>,
}

impl Log {
    /// A log at `path`, opened when the first line comes.
    pub(crate) fn new(component: &str, path: PathBuf, verbose: bool) -> Self {
        Self { component: component.to_owned(), path, verbose, file: Mutex::new(None) }
    }

    /// Writes one line, stamped with the time. A full disk must not stop a guest, so failures are let go.
    pub(crate) fn line(&self, text: &[u8]) {
        let stamp = Utc::now().to_rfc3339_opts(SecondsFormat::Millis, true);
        let mut line = format!("{stamp} ").into_bytes();
        line.extend_from_slice(text);
        line.push(b'\n');
        let _ = self.append(&line);
        if self.verbose {
            let mut copy = format!("[{}] ", self.component).into_bytes();
            copy.extend_from_slice(&line);
            let _ = io::stderr().write_all(&copy);
        }
    }

    fn append(&self, line: &[u8]) -> io::Result<()> {
        let mut slot = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        if slot.as_ref().is_some_and(|(_, length)| *length >= TURN_OVER_BYTES) {
            *slot = None;
            std::fs::rename(&self.path, self.path.with_extension("log.1"))?;
        }
        let (mut file, length) = match slot.take() {
            Some(open) => open,
            None => {
                let file = OpenOptions::new().create(true).append(true).open(&self.path)?;
                let length = file.metadata()?.len();
                (file, length)
            }
        };
        file.write_all(line)?;
        *slot = Some((file, length.saturating_add(line.len() as u64)));
        Ok(())
    }
}

/// A guest's stdout or stderr, cut into lines.
#[derive(Clone)]
pub(crate) struct Lines {
    log: Arc<Log>,
    open: Arc<Mutex<Vec<u8>>>,
}

impl Lines {
    /// A stream into `log`.
    pub(crate) fn new(log: Arc<Log>) -> Self {
        Self { log, open: Arc::default() }
    }

    fn take(&self, bytes: &[u8]) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.extend_from_slice(bytes);
        while let Some(end) = open.iter().position(|b| *b == b'\n') {
            let rest = open.split_off(end.saturating_add(1));
            open.truncate(end);
            self.log.line(&open);
            *open = rest;
        }
        if open.len() > LONGEST_LINE {
            self.log.line(&std::mem::take(&mut *open));
        }
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        // The last handle writes what had no line end, so that a trapped guest's last words are kept.
        if let Some(open) = Arc::get_mut(&mut self.open) {
            let open = std::mem::take(open.get_mut().unwrap_or_else(PoisonError::into_inner));
            if !open.is_empty() {
                self.log.line(&open);
            }
        }
    }
}

impl IsTerminal for Lines {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for Lines {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(self.clone())
    }
}

impl Pollable for Lines {
    fn ready<'life, 'future>(&'life mut self) -> Pin<Box<dyn Future<Output = ()> + Send + 'future>>
    where
        'life: 'future,
        Self: 'future,
    {
        Box::pin(std::future::ready(()))
    }
}

impl OutputStream for Lines {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        self.take(&bytes);
        Ok(())
    }

    fn flush(&mut self) -> Result<(), StreamError> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        Ok(LONGEST_LINE)
    }
}

impl AsyncWrite for Lines {
    fn poll_write(self: Pin<&mut Self>, _: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.take(bytes);
        Poll::Ready(Ok(bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_kept_whole_and_a_full_file_is_turned_over_once() {
        let folder = tempfile::tempdir().expect("folder");
        let path = folder.path().join("c.log");
        let log = Arc::new(Log::new("c", path.clone(), false));
        let lines = Lines::new(log.clone());
        lines.take(b"one\ntw");
        lines.take(b"o\nlast");
        drop(lines);
        let text = std::fs::read_to_string(&path).expect("log");
        let words: Vec<_> = text.lines().map(|l| l.split_once(' ').expect("stamp").1).collect();
        assert_eq!(words, ["one", "two", "last"]);

        let long = vec![b'x'; 1 << 20];
        (0..12).for_each(|_| log.line(&long));
        assert!(std::fs::metadata(&path).expect("log").len() < 3 << 20);
        assert!(std::fs::metadata(folder.path().join("c.log.1")).expect("old log").len() >= TURN_OVER_BYTES);
    }
}
