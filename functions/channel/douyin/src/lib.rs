//! The channel for a shop on Douyin (抖店, Doudian): pushed, listed and fetched through its open platform, receivers
//! carried as the platform encrypts them, and the platform's own waybills in the same component.

mod api;
mod company;
mod confirm;
mod errors;
mod grant;
mod list;
mod manifest;
mod order;
mod push;
mod read;
mod refund;
#[cfg(target_family = "wasm")]
mod shell;
mod sign;
mod stock;
mod waybill;

pub use waybill::DouyinWaybill;

use huidan_channel::{
    Channel, Confirmed, Document, Event, Grant, Granted, Manifest, Page, Reading, Shipment, StockLevel, StockOutcome,
    Unreadable,
};
use huidan_domain::{Millis, Window};
use huidan_exchange::{Account, Call, CallError, Next, Refusal, Reply, Said, Unverified, Verified, Webhook};

/// The channel.
#[derive(Debug, Clone, Copy)]
pub struct Douyin;

impl Channel for Douyin {
    fn manifest(&self) -> &'static Manifest {
        &manifest::MANIFEST
    }

    fn verify(&self, hook: Webhook<Unverified>, shop: &Account, _now: Millis) -> Result<Webhook<Verified>, Refusal> {
        push::verify(hook, shop)
    }

    fn take(&self, hook: &Webhook<Verified>, _shop: &Account) -> Result<Vec<Event>, String> {
        push::take(hook).map_err(|wrong| wrong.to_string())
    }

    fn answer(&self, said: &Said) -> Reply {
        push::answer(said)
    }

    fn read(&self, document: &Document) -> Result<Reading, Unreadable> {
        Ok(read::read(document)?)
    }

    fn list(&self, call: &Call<'_>, window: Window, cursor: Option<&str>) -> Result<Next<Page>, CallError> {
        list::list(call, window, cursor)
    }

    fn fetch(&self, call: &Call<'_>, ext_id: &str) -> Result<Next<Option<Document>>, CallError> {
        order::fetch(call, ext_id)
    }

    fn confirm(&self, call: &Call<'_>, shipment: &Shipment) -> Result<Next<Confirmed>, CallError> {
        confirm::confirm(call, shipment)
    }

    fn stock(&self, call: &Call<'_>, levels: &[StockLevel]) -> Result<Next<Vec<StockOutcome>>, CallError> {
        stock::stock(call, levels)
    }

    fn grant_page(&self, shop: &Account, state: &str, _back_to: &str) -> Result<Option<String>, CallError> {
        grant::page(shop, state)
    }

    fn grant(&self, call: &Call<'_>, by: &Grant) -> Result<Next<Granted>, CallError> {
        grant::grant(call, by)
    }
}
