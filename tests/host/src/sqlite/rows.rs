//! Rows on their way to the guest. As with Spin, four rows are in flight: until the guest has taken all but four, the
//! connection is held and its next statement waits.

use std::collections::VecDeque;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::sync::{OwnedMutexGuard, mpsc, oneshot};
use wasmtime::StoreContextMut;
use wasmtime::component::{Destination, StreamProducer, StreamResult};

use super::database::Lease;
use crate::bindings::spin::sqlite::sqlite::{Error, RowResult};

/// Rows that Spin's channel holds.
pub(crate) const IN_FLIGHT: usize = 4;

/// A connection that is busy with one statement.
pub(crate) type Held = OwnedMutexGuard<Lease>;

/// What a running statement sends.
pub(crate) enum Piece {
    Rows(Vec<RowResult>),
    /// The last: the connection back, and how it ended.
    End(Held, Result<(), Error>),
}

/// The stream that `execute-async` returns.
pub(crate) struct Rows {
    ready: VecDeque<RowResult>,
    rest: Option<mpsc::Receiver<Piece>>,
    held: Option<Held>,
    ended: Result<(), Error>,
    done: Option<oneshot::Sender<Result<(), Error>>>,
}

impl Rows {
    /// All rows are here; `held` is let go when few enough are left.
    pub(crate) fn complete(ready: Vec<RowResult>, held: Held, done: oneshot::Sender<Result<(), Error>>) -> Self {
        let mut rows = Self { ready: ready.into(), rest: None, held: Some(held), ended: Ok(()), done: Some(done) };
        rows.settle();
        rows
    }

    /// More are coming.
    pub(crate) fn streaming(
        ready: Vec<RowResult>,
        rest: mpsc::Receiver<Piece>,
        done: oneshot::Sender<Result<(), Error>>,
    ) -> Self {
        Self { ready: ready.into(), rest: Some(rest), held: None, ended: Ok(()), done: Some(done) }
    }

    fn take(&mut self, piece: Piece) {
        match piece {
            Piece::Rows(rows) => self.ready.extend(rows),
            Piece::End(held, ended) => {
                self.held = Some(held);
                self.ended = ended;
                self.rest = None;
            }
        }
    }

    /// Lets the connection go once no more than four rows are still to be taken.
    fn settle(&mut self) {
        if self.rest.is_none() && self.ready.len() <= IN_FLIGHT {
            self.held = None;
            if let Some(done) = self.done.take() {
                let _ = done.send(std::mem::replace(&mut self.ended, Ok(())));
            }
        }
    }
}

impl Drop for Rows {
    fn drop(&mut self) {
        if let Some(done) = self.done.take() {
            let _ = done.send(Err(Error::Io("row send error".into())));
        }
    }
}

impl<D> StreamProducer<D> for Rows {
    type Item = RowResult;
    type Buffer = wasmtime::component::VecBuffer<RowResult>;

    fn poll_produce<'a>(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        mut store: StoreContextMut<'a, D>,
        mut destination: Destination<'a, Self::Item, Self::Buffer>,
        finish: bool,
    ) -> Poll<wasmtime::Result<StreamResult>> {
        let wanted = destination.remaining(&mut store).unwrap_or(usize::MAX);
        while self.ready.is_empty() {
            let Some(rest) = self.rest.as_mut() else { return Poll::Ready(Ok(StreamResult::Dropped)) };
            match rest.poll_recv(context) {
                Poll::Ready(Some(piece)) => self.take(piece),
                // The statement's thread is gone without a word: it panicked.
                Poll::Ready(None) => {
                    self.rest = None;
                    self.ended = Err(Error::Io("internal runtime error".into()));
                }
                Poll::Pending if finish => return Poll::Ready(Ok(StreamResult::Cancelled)),
                Poll::Pending => return Poll::Pending,
            }
            self.settle();
        }
        if wanted > 0 {
            let count = wanted.min(self.ready.len());
            destination.set_buffer(self.ready.drain(..count).collect::<Vec<_>>().into());
            // What was sent after the last row asked for may be the end.
            if self.ready.is_empty()
                && let Some(Ok(piece)) = self.rest.as_mut().map(mpsc::Receiver::try_recv)
            {
                self.take(piece);
            }
            self.settle();
        }
        let over = self.ready.is_empty() && self.rest.is_none();
        Poll::Ready(Ok(if over { StreamResult::Dropped } else { StreamResult::Completed }))
    }
}
