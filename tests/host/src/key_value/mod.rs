//! `spin:key-value`: what a guest may do with the stores granted to it.

mod store;

use std::sync::Arc;

use wasmtime::component::{Accessor, FutureReader, Resource, StreamReader};

pub(crate) use store::StoreFile;

use crate::bindings::spin::key_value::key_value as wit;
use crate::guest::{Guest, GuestData};
use wit::Error;

/// Stores that one instance may have open, as with Spin.
const MOST_OPEN: usize = 256;
/// The longest value handed to a guest; Spin's limit on what it buffers.
const LONGEST_VALUE: usize = 128 << 20;

/// A guest's handle on a store.
#[derive(Clone)]
#[expect(unreachable_pub, reason = "the generated bindings re-export it")]
pub struct OpenStore {
    file: Arc<StoreFile>,
    label: Arc<str>,
}

type Trap<T> = wasmtime::Result<T>;

fn store<T: Send>(accessor: &Accessor<T, GuestData>, handle: &Resource<OpenStore>) -> Trap<OpenStore> {
    accessor.with(|mut access| Ok(access.get().table.get(handle)?.clone()))
}

impl wit::Host for Guest {}

impl wit::HostStore for Guest {
    async fn drop(&mut self, handle: Resource<OpenStore>) -> Trap<()> {
        self.stores = self.stores.saturating_sub(1);
        self.table.delete(handle)?;
        Ok(())
    }
}

impl<T: Send> wit::HostStoreWithStore<T> for GuestData {
    async fn open(accessor: &Accessor<T, Self>, label: String) -> Trap<Result<Resource<OpenStore>, Error>> {
        accessor.with(|mut access| {
            let guest = access.get();
            let file = match guest.component().stores.get(&label) {
                None => return Ok(Err(Error::AccessDenied)),
                Some(None) => return Ok(Err(Error::NoSuchStore)),
                Some(Some(_)) if guest.stores >= MOST_OPEN => return Ok(Err(Error::StoreTableFull)),
                Some(Some(file)) => file.clone(),
            };
            guest.stores = guest.stores.saturating_add(1);
            Ok(Ok(guest.table.push(OpenStore { file, label: label.into() })?))
        })
    }

    async fn get(
        accessor: &Accessor<T, Self>,
        handle: Resource<OpenStore>,
        key: String,
    ) -> Trap<Result<Option<Vec<u8>>, Error>> {
        let OpenStore { file, label } = store(accessor, &handle)?;
        Ok(match file.get(&label, &key) {
            Ok(Some(value)) if value.len() > LONGEST_VALUE => {
                Err(Error::Other(format!("query result exceeds limit of {LONGEST_VALUE} bytes")))
            }
            other => other.map_err(Error::Other),
        })
    }

    async fn set(
        accessor: &Accessor<T, Self>,
        handle: Resource<OpenStore>,
        key: String,
        value: Vec<u8>,
    ) -> Trap<Result<(), Error>> {
        let OpenStore { file, label } = store(accessor, &handle)?;
        Ok(file.write(&label, key, Some(value)).await.map_err(Error::Other))
    }

    async fn delete(accessor: &Accessor<T, Self>, handle: Resource<OpenStore>, key: String) -> Trap<Result<(), Error>> {
        let OpenStore { file, label } = store(accessor, &handle)?;
        Ok(file.write(&label, key, None).await.map_err(Error::Other))
    }

    async fn exists(
        accessor: &Accessor<T, Self>,
        handle: Resource<OpenStore>,
        key: String,
    ) -> Trap<Result<bool, Error>> {
        let OpenStore { file, label } = store(accessor, &handle)?;
        Ok(file.exists(&label, &key).map_err(Error::Other))
    }

    async fn get_keys(
        accessor: &Accessor<T, Self>,
        handle: Resource<OpenStore>,
    ) -> Trap<(StreamReader<String>, FutureReader<Result<(), Error>>)> {
        let OpenStore { file, label } = store(accessor, &handle)?;
        let listed = tokio::task::spawn_blocking(move || file.keys(&label)).await?;
        let (keys, ended) = match listed {
            Ok(keys) => (keys, Ok(())),
            Err(problem) => (Vec::new(), Err(Error::Other(problem))),
        };
        accessor.with(|mut access| {
            let keys = StreamReader::new(&mut access, keys)?;
            let ended = FutureReader::new(&mut access, async move { Trap::Ok(ended) })?;
            Ok((keys, ended))
        })
    }
}
