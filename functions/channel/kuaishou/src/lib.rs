//! The channel for a shop on Kuaishou (快手小店): listed by cursor, pushed to by encrypted hints, and with the
//! platform's own waybill service, which alone takes its encrypted receivers.

mod api;
mod confirm;
mod grant;
mod list;
mod manifest;
mod meaning;
mod order;
mod read;
#[cfg(target_family = "wasm")]
mod shell;
mod sign;
mod stock;
mod waybill;
mod webhook;

pub use waybill::KuaishouWaybill;

use huidan_channel::{
    Channel, Confirmed, Document, Event, Grant, Granted, Manifest, Page, Reading, Shipment, StockLevel, StockOutcome,
    Unreadable,
};
use huidan_domain::{Millis, Window};
use huidan_exchange::{Account, Call, CallError, Next, Refusal, Reply, Said, Unverified, Verified, Webhook};

/// The channel.
#[derive(Debug, Clone, Copy)]
pub struct Kuaishou;

impl Channel for Kuaishou {
    fn manifest(&self) -> &'static Manifest {
        &manifest::MANIFEST
    }

    fn verify(&self, hook: Webhook<Unverified>, shop: &Account, _now: Millis) -> Result<Webhook<Verified>, Refusal> {
        webhook::verify(hook, shop)
    }

    fn take(&self, hook: &Webhook<Verified>, shop: &Account) -> Result<Vec<Event>, String> {
        webhook::take(hook, shop).map_err(|wrong| wrong.to_string())
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

    fn grant_page(&self, shop: &Account, state: &str, back_to: &str) -> Result<Option<String>, CallError> {
        grant::page(shop, state, back_to).map(Some)
    }

    fn grant(&self, call: &Call<'_>, by: &Grant) -> Result<Next<Granted>, CallError> {
        grant::grant(call, by)
    }
}
