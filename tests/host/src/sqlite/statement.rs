//! Running one statement: its turn to write, where it runs, and how its rows come back.

use std::cell::Cell;
use std::time::Instant;

use tokio::sync::{mpsc, oneshot};

use super::native::{Next, size};
use super::rows::{Held, Piece};
use crate::bindings::spin::sqlite::sqlite::{Error, RowResult, Value};

/// Rows that are collected before the answer goes out. More are streamed, so that a long result never stands in memory
/// whole.
const COLLECTED_ROWS: usize = 2048;
/// The same in bytes, about.
const COLLECTED_BYTES: usize = 2 << 20;

/// A statement that has begun.
pub(crate) struct Reply {
    pub(crate) columns: Vec<String>,
    pub(crate) rows: Vec<RowResult>,
    pub(crate) rest: Rest,
}

/// What is still to come.
pub(crate) enum Rest {
    /// Nothing: it ended like this.
    Ended(Held, Result<(), Error>),
    /// More rows.
    Streaming(mpsc::Receiver<Piece>),
}

/// Runs `sql` on the connection that is `held`. An error of SQLite's is in the reply. What it commits is on disk when this
/// returns, or when the last of its rows is taken.
pub(crate) async fn start(mut held: Held, sql: String, parameters: Vec<Value>) -> Reply {
    let facts = match held.look(&sql) {
        Ok(facts) => facts,
        Err(error) => return failed(held, error),
    };
    if facts.pragma
        && let Err(error) = held.before_pragma()
    {
        return failed(held, error);
    }
    if facts.writes && held.permit.is_none() {
        let database = held.database().clone();
        match database.permit(held.busy_timeout()).await {
            Ok(permit) => held.permit = permit,
            Err(error) => return failed(held, error),
        }
        if let Err(error) = held.relax() {
            return failed(held, error);
        }
    }
    let mut reply = run(held, sql, parameters).await;
    if let Rest::Ended(held, result) = &mut reply.rest {
        if facts.pragma {
            *result = std::mem::replace(result, Ok(())).and_then(|()| held.after_pragma());
        }
        held.database().checkpoint(held.take_log_pages());
        if held.take_unflushed() {
            let flushed = held.database().clone().flush().await;
            *result = std::mem::replace(result, Ok(())).and(flushed);
        }
    }
    reply
}

async fn run(mut held: Held, sql: String, parameters: Vec<Value>) -> Reply {
    if held.database().is_short(&sql) && held.is_wal() {
        match run_here(held, &sql, &parameters) {
            Ok(reply) => return reply,
            Err(back) => held = back,
        }
    }
    run_apart(held, sql, parameters).await
}

fn failed(held: Held, error: Error) -> Reply {
    Reply { columns: Vec::new(), rows: Vec::new(), rest: Rest::Ended(held, Err(error)) }
}

/// Runs a short statement on this thread. Gives the connection back if it turned out to be long or to need a lock.
fn run_here(mut held: Held, sql: &str, parameters: &[Value]) -> Result<Reply, Held> {
    let began = Instant::now();
    let writes = held.permit.is_some();
    let (mut columns, mut rows, mut bytes) = (Vec::new(), Vec::new(), 0_usize);
    held.wait_for_locks(false);
    let result = held.run(
        sql,
        parameters,
        |names| columns = names,
        |row| {
            bytes = bytes.saturating_add(row.values.iter().map(size).sum());
            rows.push(row);
            // Reading can be begun anew elsewhere; writing cannot.
            if writes || fits(rows.len(), bytes) { Next::More } else { Next::Stop }
        },
    );
    held.wait_for_locks(true);
    held.database().note_time(sql, began.elapsed());
    let too_long = !writes && !fits(rows.len(), bytes);
    if too_long || matches!(&result, Err(Error::Io(text)) if text == LOCKED) {
        return Err(held);
    }
    Ok(Reply { columns, rows, rest: Rest::Ended(held, result) })
}

/// SQLite's words when a lock was not to be had at once.
const LOCKED: &str = "database is locked";

fn fits(rows: usize, bytes: usize) -> bool {
    rows <= COLLECTED_ROWS && bytes <= COLLECTED_BYTES
}

/// Runs a statement on a thread where it may take its time.
async fn run_apart(held: Held, sql: String, parameters: Vec<Value>) -> Reply {
    let (answer, answered) = oneshot::channel();
    tokio::task::spawn_blocking(move || collect_or_stream(held, &sql, &parameters, answer));
    match answered.await {
        Ok(reply) => reply,
        // Only a panic in the thread drops the sender unused; the guest's request fails, the host goes on.
        Err(_) => Reply { columns: Vec::new(), rows: Vec::new(), rest: Rest::Streaming(mpsc::channel(1).1) },
    }
}

fn collect_or_stream(mut held: Held, sql: &str, parameters: &[Value], answer: oneshot::Sender<Reply>) {
    let began = Instant::now();
    let mut answer = Some(answer);
    let (names, mut rows, mut bytes) = (Cell::new(Vec::new()), Vec::new(), 0_usize);
    let mut stream: Option<mpsc::Sender<Piece>> = None;
    let database = held.database().clone();
    let mut result = held.run(
        sql,
        parameters,
        |columns| names.set(columns),
        |row| {
            bytes = bytes.saturating_add(row.values.iter().map(size).sum());
            rows.push(row);
            if fits(rows.len(), bytes) {
                return Next::More;
            }
            bytes = 0;
            let piece = std::mem::take(&mut rows);
            match (&stream, answer.take()) {
                (None, Some(answer)) => {
                    let (sender, receiver) = mpsc::channel(1);
                    let reply = Reply { columns: names.take(), rows: piece, rest: Rest::Streaming(receiver) };
                    stream = Some(sender);
                    if answer.send(reply).is_ok() { Next::More } else { Next::Stop }
                }
                (Some(stream), _) if stream.blocking_send(Piece::Rows(piece)).is_ok() => Next::More,
                _ => Next::Stop,
            }
        },
    );
    match (stream, answer) {
        (Some(stream), _) => {
            if !rows.is_empty() && stream.blocking_send(Piece::Rows(rows)).is_err() {
                result = Err(Error::Io("row send error".into()));
            }
            if held.take_unflushed() {
                result = result.and(database.flush_now());
            }
            let _ = stream.blocking_send(Piece::End(held, result));
        }
        (None, Some(answer)) => {
            database.note_time(sql, began.elapsed());
            // A guest that is gone drops its connection here, and with it what was open.
            let _ = answer.send(Reply { columns: names.take(), rows, rest: Rest::Ended(held, result) });
        }
        (None, None) => {}
    }
}
