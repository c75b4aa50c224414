//! The channel for a shop on Taobao or Tmall: listed and fetched through the TOP gateway, encrypted receivers and all.

mod confirm;
mod list;
mod manifest;
mod read;
#[cfg(target_family = "wasm")]
mod shell;
mod stock;
mod trade;

use huidan_channel::{
    Channel, Confirmed, Document, Manifest, Page, Reading, Shipment, StockLevel, StockOutcome, Unreadable,
};
use huidan_domain::Window;
use huidan_exchange::{Call, CallError, Next};
use huidan_top::Gateway;

/// Its gateway.
const TOP: Gateway = Gateway { names: ("淘宝", "Taobao"), session: "access_token", left_out: "taobao_" };

/// The channel.
#[derive(Debug, Clone, Copy)]
pub struct Taobao;

impl Channel for Taobao {
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
        list::fetch(call, ext_id)
    }

    fn confirm(&self, call: &Call<'_>, shipment: &Shipment) -> Result<Next<Confirmed>, CallError> {
        confirm::confirm(call, shipment)
    }

    fn stock(&self, call: &Call<'_>, levels: &[StockLevel]) -> Result<Next<Vec<StockOutcome>>, CallError> {
        stock::stock(call, levels)
    }
}
