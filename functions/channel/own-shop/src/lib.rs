//! The channel for a shop on a web site of its own (the protocol is ours: `PROTOCOL.md`), and for spreadsheets.

mod api;
mod confirm;
mod import;
mod list;
mod manifest;
mod read;
#[cfg(target_family = "wasm")]
mod shell;
mod sign;
mod stock;
mod webhook;

use huidan_channel::{
    Channel, Confirmed, Document, Event, Import, ImportBy, ImportLook, ImportRefused, Imported, Manifest, Page,
    Reading, Shipment, StockLevel, StockOutcome, Unreadable,
};
use huidan_domain::{Millis, Window};
use huidan_exchange::{Account, Call, CallError, Next, Refusal, Reply, Said, Unverified, Verified, Webhook};

/// The channel.
#[derive(Debug, Clone, Copy)]
pub struct OwnShop;

impl Channel for OwnShop {
    fn manifest(&self) -> &'static Manifest {
        &manifest::MANIFEST
    }

    fn verify(&self, hook: Webhook<Unverified>, shop: &Account, now: Millis) -> Result<Webhook<Verified>, Refusal> {
        webhook::verify(hook, shop, now)
    }

    fn take(&self, hook: &Webhook<Verified>, _shop: &Account) -> Result<Vec<Event>, String> {
        webhook::take(hook).map_err(|wrong| wrong.to_string())
    }

    fn answer(&self, said: &Said) -> Reply {
        webhook::answer(said)
    }

    fn read(&self, document: &Document) -> Result<Reading, Unreadable> {
        Ok(read::read(document)?)
    }

    fn list(&self, call: &Call<'_>, window: Window, cursor: Option<&str>) -> Result<Next<Page>, CallError> {
        list::list(call, window, cursor)
    }

    fn fetch(&self, call: &Call<'_>, ext_id: &str) -> Result<Next<Option<Document>>, CallError> {
        list::fetch(call, ext_id)
    }

    fn confirm(&self, call: &Call<'_>, shipment: &Shipment) -> Result<Next<Confirmed>, CallError> {
        confirm::confirm(call, shipment)
    }

    fn stock(&self, call: &Call<'_>, levels: &[StockLevel]) -> Result<Next<Vec<StockOutcome>>, CallError> {
        stock::stock(call, levels)
    }
}

impl Import for OwnShop {
    fn look(&self, file: &[u8], by: &ImportBy, now: Millis) -> Result<ImportLook, ImportRefused> {
        import::look(file, by, now)
    }

    fn import(&self, file: &[u8], by: &ImportBy, now: Millis) -> Result<Imported, ImportRefused> {
        import::import(file, by, now)
    }
}
