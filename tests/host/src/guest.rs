//! What one instance of a component has: its WASI context, its open handles, its grants.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use wasmtime::component::{Accessor, HasData, Linker, ResourceTable};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use crate::bindings::spin::variables::variables as wit;
use crate::bindings::spin::{key_value::key_value, sqlite::sqlite};
use crate::hosts::AllowedHosts;
use crate::key_value::StoreFile;
use crate::logs::{Lines, Log};
use crate::outbound::Outbound;
use crate::sqlite::Database;

/// A component as the manifest grants it, templates filled.
pub(crate) struct Grants {
    pub(crate) id: String,
    pub(crate) environment: BTreeMap<String, String>,
    pub(crate) variables: HashMap<String, String>,
    /// By label; `None` where the runtime configuration has no such database.
    pub(crate) databases: HashMap<String, Option<Arc<Database>>>,
    /// Likewise.
    pub(crate) stores: HashMap<String, Option<Arc<StoreFile>>>,
    pub(crate) hosts: AllowedHosts,
    pub(crate) log: Arc<Log>,
}

impl Grants {
    /// Whether the component may reach nothing but what it is sent.
    pub(crate) fn nothing(&self) -> bool {
        self.databases.is_empty() && self.stores.is_empty() && self.hosts.is_empty()
    }
}

/// The data of one instance's store.
pub(crate) struct Guest {
    wasi: WasiCtx,
    http: WasiHttpCtx,
    outbound: Outbound,
    pub(crate) table: ResourceTable,
    pub(crate) connections: usize,
    pub(crate) stores: usize,
}

/// How the generated bindings reach a [`Guest`].
pub(crate) struct GuestData;

impl HasData for GuestData {
    type Data<'a> = &'a mut Guest;
}

impl Guest {
    /// A fresh instance's data.
    pub(crate) fn new(outbound: Outbound) -> Self {
        let grants = outbound.grants();
        let mut wasi = WasiCtx::builder();
        wasi.stdout(Lines::new(grants.log.clone())).stderr(Lines::new(grants.log.clone()));
        for (name, value) in &grants.environment {
            wasi.env(name, value);
        }
        Self {
            wasi: wasi.build(),
            http: WasiHttpCtx::new(),
            outbound,
            table: ResourceTable::new(),
            connections: 0,
            stores: 0,
        }
    }

    /// What this instance's component is granted.
    pub(crate) fn component(&self) -> &Arc<Grants> {
        self.outbound.grants()
    }
}

impl WasiView for Guest {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
    }
}

impl WasiHttpView for Guest {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView { ctx: &mut self.http, table: &mut self.table, hooks: &mut self.outbound }
    }
}

/// Everything a component may import.
///
/// # Errors
/// Only if two of the interfaces have one name, which would be a mistake in this file.
pub(crate) fn linker(engine: &wasmtime::Engine) -> wasmtime::Result<Linker<Guest>> {
    let mut linker = Linker::new(engine);
    wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    wasmtime_wasi::p3::add_to_linker(&mut linker)?;
    wasmtime_wasi_http::p3::add_to_linker(&mut linker)?;
    sqlite::add_to_linker::<_, GuestData>(&mut linker, |guest| guest)?;
    key_value::add_to_linker::<_, GuestData>(&mut linker, |guest| guest)?;
    wit::add_to_linker::<_, GuestData>(&mut linker, |guest| guest)?;
    Ok(linker)
}

impl wit::Host for Guest {}

impl<T: Send> wit::HostWithStore<T> for GuestData {
    async fn get(accessor: &Accessor<T, Self>, name: String) -> wasmtime::Result<Result<String, wit::Error>> {
        if name.is_empty() || !name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_') {
            return Ok(Err(wit::Error::InvalidName(name)));
        }
        let value = accessor.with(|mut access| access.get().component().variables.get(&name).cloned());
        Ok(value.ok_or_else(|| wit::Error::Undefined(format!("no variable {name:?} for this component"))))
    }
}
