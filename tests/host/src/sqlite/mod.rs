//! `spin:sqlite`: what a guest may do with the databases granted to it.

mod database;
mod native;
mod rows;
mod session;
mod statement;
mod sync;

use std::sync::Arc;

use tokio::sync::{Mutex, oneshot};
use wasmtime::component::{Accessor, FutureReader, Resource, StreamReader};

pub(crate) use database::Database;
use database::Lease;
use rows::Rows;
use statement::{Reply, Rest};

use crate::bindings::spin::sqlite::sqlite as wit;
use crate::guest::{Guest, GuestData};
use wit::{Error, QueryResult, RowResult, Value};

/// Connections that one instance may have open, as with Spin.
const MOST_OPEN: usize = 256;

/// A guest's handle on a connection: one statement at a time.
#[expect(unreachable_pub, reason = "the generated bindings re-export it")]
pub struct Connection(Arc<Mutex<Lease>>);

type Trap<T> = wasmtime::Result<T>;

impl Guest {
    fn database(&self, label: &str) -> Result<Arc<Database>, Error> {
        let granted = self.component().databases.get(label).ok_or(Error::AccessDenied)?;
        granted.clone().ok_or(Error::NoSuchDatabase)
    }

    fn keep(&mut self, lease: Lease) -> Trap<Result<Resource<Connection>, Error>> {
        if self.connections >= MOST_OPEN {
            return Ok(Err(Error::Io("too many connections opened".into())));
        }
        self.connections = self.connections.saturating_add(1);
        Ok(Ok(self.table.push(Connection(Arc::new(Mutex::new(lease))))?))
    }

    fn connection(&self, handle: &Resource<Connection>) -> Trap<Arc<Mutex<Lease>>> {
        Ok(self.table.get(handle)?.0.clone())
    }
}

impl wit::Host for Guest {}

impl wit::HostConnection for Guest {
    async fn open(&mut self, label: String) -> Trap<Result<Resource<Connection>, Error>> {
        let opened = match self.database(&label) {
            Ok(database) => database.open().await,
            Err(error) => Err(error),
        };
        match opened {
            Ok(lease) => self.keep(lease),
            Err(error) => Ok(Err(error)),
        }
    }

    async fn execute(
        &mut self,
        handle: Resource<Connection>,
        sql: String,
        parameters: Vec<Value>,
    ) -> Trap<Result<QueryResult, Error>> {
        let held = self.connection(&handle)?.lock_owned().await;
        let Reply { columns, mut rows, rest } = statement::start(held, sql, parameters).await;
        let ended = match rest {
            Rest::Ended(_, ended) => ended,
            Rest::Streaming(mut rest) => loop {
                match rest.recv().await {
                    Some(rows::Piece::Rows(more)) => rows.extend(more),
                    Some(rows::Piece::End(_, ended)) => break ended,
                    None => break Err(Error::Io("internal runtime error".into())),
                }
            },
        };
        Ok(ended.map(|()| QueryResult { columns, rows }))
    }

    async fn last_insert_rowid(&mut self, handle: Resource<Connection>) -> Trap<i64> {
        Ok(self.connection(&handle)?.lock().await.last_insert_rowid())
    }

    async fn changes(&mut self, handle: Resource<Connection>) -> Trap<u64> {
        Ok(self.connection(&handle)?.lock().await.changes())
    }

    async fn drop(&mut self, handle: Resource<Connection>) -> Trap<()> {
        self.connections = self.connections.saturating_sub(1);
        self.table.delete(handle)?;
        Ok(())
    }
}

type Executed = (Vec<String>, StreamReader<RowResult>, FutureReader<Result<(), Error>>);

impl<T: Send> wit::HostConnectionWithStore<T> for GuestData {
    async fn open_async(accessor: &Accessor<T, Self>, label: String) -> Trap<Result<Resource<Connection>, Error>> {
        let database = match accessor.with(|mut access| access.get().database(&label)) {
            Ok(database) => database,
            Err(error) => return Ok(Err(error)),
        };
        match database.open().await {
            Ok(lease) => accessor.with(|mut access| access.get().keep(lease)),
            Err(error) => Ok(Err(error)),
        }
    }

    async fn execute_async(
        accessor: &Accessor<T, Self>,
        handle: Resource<Connection>,
        sql: String,
        parameters: Vec<Value>,
    ) -> Trap<Result<Executed, Error>> {
        let connection = accessor.with(|mut access| access.get().connection(&handle))?;
        let held = connection.lock_owned().await;
        let Reply { columns, rows, rest } = statement::start(held, sql, parameters).await;
        accessor.with(|mut access| {
            let (rows, ended) = match rest {
                // Few rows and done: nothing needs to be held for them.
                Rest::Ended(held, ended) if rows.len() <= rows::IN_FLIGHT || ended.is_err() => {
                    drop(held);
                    let ended = FutureReader::new(&mut access, async move { Trap::Ok(ended) })?;
                    (StreamReader::new(&mut access, rows)?, ended)
                }
                rest => {
                    let (done, ended) = oneshot::channel();
                    let ended = async move { Trap::Ok(ended.await.unwrap_or(Err(lost()))) };
                    let ended = FutureReader::new(&mut access, ended)?;
                    (StreamReader::new(&mut access, in_flight(rows, rest, done))?, ended)
                }
            };
            Ok(Ok((columns, rows, ended)))
        })
    }

    async fn last_insert_rowid_async(accessor: &Accessor<T, Self>, handle: Resource<Connection>) -> Trap<i64> {
        let connection = accessor.with(|mut access| access.get().connection(&handle))?;
        Ok(connection.lock().await.last_insert_rowid())
    }

    async fn changes_async(accessor: &Accessor<T, Self>, handle: Resource<Connection>) -> Trap<u64> {
        let connection = accessor.with(|mut access| access.get().connection(&handle))?;
        Ok(connection.lock().await.changes())
    }
}

fn in_flight(rows: Vec<RowResult>, rest: Rest, done: oneshot::Sender<Result<(), Error>>) -> Rows {
    match rest {
        Rest::Ended(held, _) => Rows::complete(rows, held, done),
        Rest::Streaming(rest) => Rows::streaming(rows, rest, done),
    }
}

fn lost() -> Error {
    Error::Io("internal runtime error".into())
}
