//! The channel for a WeChat shop (微信小店): pushed in sealed messages, listed and fetched with a token that the app's
//! own secret gives; and WeChat's waybills, which take its masked receivers as they are.

mod api;
mod carriers;
mod confirm;
mod errors;
mod grant;
mod list;
mod manifest;
mod message;
mod order;
mod push;
mod read;
mod refund;
#[cfg(target_family = "wasm")]
mod shell;
mod stock;
mod waybill;

pub use waybill::WechatShopWaybill;

use huidan_channel::{
    Channel, Confirmed, Document, Event, Grant, Granted, Manifest, Page, Reading, Shipment, StockLevel, StockOutcome,
    Unreadable,
};
use huidan_domain::{Millis, Window};
use huidan_exchange::{Account, Call, CallError, Next, Refusal, Reply, Said, Unverified, Verified, Webhook};

/// The channel.
#[derive(Debug, Clone, Copy)]
pub struct WechatShop;

impl Channel for WechatShop {
    fn manifest(&self) -> &'static Manifest {
        &manifest::MANIFEST
    }

    fn verify(&self, hook: Webhook<Unverified>, shop: &Account, _now: Millis) -> Result<Webhook<Verified>, Refusal> {
        push::verify(hook, shop)
    }

    fn echo(&self, hook: &Webhook<Verified>, _shop: &Account) -> Option<Reply> {
        push::echo(hook)
    }

    fn take(&self, hook: &Webhook<Verified>, shop: &Account) -> Result<Vec<Event>, String> {
        push::take(hook, shop)
    }

    fn answer(&self, said: &Said) -> Reply {
        push::answer(said)
    }

    fn read(&self, document: &Document) -> Result<Reading, Unreadable> {
        read::read(document)
    }

    fn list(&self, call: &Call<'_>, window: Window, cursor: Option<&str>) -> Result<Next<Page>, CallError> {
        list::list(call, window, cursor)
    }

    fn lists_times(&self) -> bool {
        false
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

    fn grant(&self, call: &Call<'_>, by: &Grant) -> Result<Next<Granted>, CallError> {
        grant::grant(call, by)
    }
}
