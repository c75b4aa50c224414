//! The channel for a shop on Amazon: orders the seller ships himself, through the Selling Partner API.

mod api;
mod confirm;
mod errors;
mod grant;
mod list;
mod manifest;
mod marketplace;
mod order;
mod packages;
mod read;
#[cfg(target_family = "wasm")]
mod shell;
mod stock;

use huidan_channel::{
    Channel, Confirmed, Document, Grant, Granted, Manifest, Page, Reading, Shipment, StockLevel, StockOutcome,
    Unreadable,
};
use huidan_domain::Window;
use huidan_exchange::{Account, Call, CallError, Next};

/// The channel.
#[derive(Debug, Clone, Copy)]
pub struct Amazon;

impl Channel for Amazon {
    fn manifest(&self) -> &'static Manifest {
        &manifest::MANIFEST
    }

    fn read(&self, document: &Document) -> Result<Reading, Unreadable> {
        read::read(document)
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

    fn grant_page(&self, shop: &Account, state: &str, back_to: &str) -> Result<Option<String>, CallError> {
        grant::page(shop, state, back_to).map(Some)
    }

    fn grant(&self, call: &Call<'_>, by: &Grant) -> Result<Next<Granted>, CallError> {
        grant::grant(call, by)
    }
}
