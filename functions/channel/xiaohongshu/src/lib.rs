//! The channel for a shop on Xiaohongshu (RED): orders and after-sales listed through the open platform's one gateway,
//! pushes taken as hints, receivers encrypted, and the platform's own waybills in the same component.

mod after_sale;
mod api;
mod companies;
mod confirm;
mod fetch;
mod list;
mod manifest;
mod meaning;
mod order;
mod read;
#[cfg(target_family = "wasm")]
mod shell;
mod sign;
mod stock;
mod token;
mod waybill;
mod webhook;

pub use waybill::XiaohongshuWaybill;

use huidan_channel::{
    Channel, Confirmed, Document, Event, Grant, Granted, Manifest, Page, Reading, Shipment, StockLevel, StockOutcome,
    Unreadable,
};
use huidan_domain::{Millis, Window};
use huidan_exchange::{Account, Call, CallError, Next, Refusal, Reply, Said, Unverified, Verified, Webhook};

/// The channel.
#[derive(Debug, Clone, Copy)]
pub struct Xiaohongshu;

impl Channel for Xiaohongshu {
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
        read::read(document)
    }

    fn list(&self, call: &Call<'_>, window: Window, cursor: Option<&str>) -> Result<Next<Page>, CallError> {
        list::list(call, window, cursor)
    }

    fn fetch(&self, call: &Call<'_>, ext_id: &str) -> Result<Next<Option<Document>>, CallError> {
        fetch::fetch(call, ext_id)
    }

    fn confirm(&self, call: &Call<'_>, shipment: &Shipment) -> Result<Next<Confirmed>, CallError> {
        confirm::confirm(call, shipment)
    }

    fn stock(&self, call: &Call<'_>, levels: &[StockLevel]) -> Result<Next<Vec<StockOutcome>>, CallError> {
        stock::stock(call, levels)
    }

    fn grant_page(&self, shop: &Account, state: &str, back_to: &str) -> Result<Option<String>, CallError> {
        token::page(shop, state, back_to).map(Some)
    }

    fn grant(&self, call: &Call<'_>, by: &Grant) -> Result<Next<Granted>, CallError> {
        token::grant(call, by)
    }
}
