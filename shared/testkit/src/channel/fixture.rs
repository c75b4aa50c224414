//! What every channel's test would otherwise copy: documents, parcels, stock, a platform that answers, a list read.

use super::Sample;
use crate::{Caller, drive};
use huidan_channel::{Channel, Document, Grant, Page, Reading, Shipment, ShipmentLine, StockLevel};
use huidan_domain::{OrderFacts, Window};
use huidan_exchange::{Reply, Request};
use std::collections::BTreeMap;

/// A document of that topic.
pub fn document(topic: &str, body: impl Into<String>) -> Document {
    Document { topic: topic.into(), body: body.into() }
}

/// Samples of one topic, each with the name of its golden file.
pub fn samples<'a, const N: usize>(topic: &'a str, named: [(&'a str, &'a str); N]) -> [Sample<'a>; N] {
    named.map(|(name, body)| Sample { name, topic, body })
}

/// The order that a document is read as.
///
/// # Panics
/// When it is none.
pub fn facts(channel: &impl Channel, document: &Document) -> OrderFacts {
    match channel.read(document) {
        Ok(Reading::Order(facts)) => *facts,
        other => panic!("no order: {other:?}"),
    }
}

/// The parcel `p1` of an order, the only one it has; a test puts in its lines by struct update. A carrier is our id of it
/// and its name for people.
pub fn shipment(ext_id: &str, (carrier, carrier_name): (&str, &str), waybill: &str) -> Shipment {
    Shipment {
        ext_id: ext_id.into(),
        parcel: "p1".into(),
        carrier: carrier.into(),
        carrier_name: carrier_name.into(),
        carrier_code: None,
        waybill: waybill.into(),
        replaces: None,
        lines: Vec::new(),
        completes: true,
    }
}

/// So many of a line, and with them all of it.
pub fn line(ext_line_id: &str, qty: u32) -> ShipmentLine {
    ShipmentLine { ext_line_id: ext_line_id.into(), qty, whole: true }
}

/// One of each line, and with it all of the line.
pub fn lines(ext_line_ids: &[&str]) -> Vec<ShipmentLine> {
    ext_line_ids.iter().map(|id| line(id, 1)).collect()
}

/// So many of a variant may be sold; the seller has no code for it.
pub fn level(ext_item: &str, ext_sku: &str, available: u32) -> StockLevel {
    StockLevel { ext_item: ext_item.into(), ext_sku: ext_sku.into(), outer_code: String::new(), available, version: 7 }
}

/// The code that a platform's page sent along with nothing else.
pub fn code(code: &str, back_to: &str) -> Grant {
    Grant::Code { code: code.into(), back_to: back_to.into(), more: BTreeMap::new() }
}

/// For [`super::Platform::fresh`]: a new platform each time, which answers so and keeps its state from call to call.
pub fn fresh<P: 'static>(
    new: impl Fn() -> P,
    answer: fn(&mut P, &Request) -> Reply,
) -> impl Fn() -> Box<dyn FnMut(&Request) -> Reply> {
    move || {
        let mut platform = new();
        Box::new(move |request| answer(&mut platform, request))
    }
}

/// The pages of a window, in the order in which the list gives them.
///
/// # Panics
/// When one does not come, or there is no end of them.
pub fn pages(
    channel: &impl Channel,
    caller: &Caller,
    window: Window,
    mut answer: impl FnMut(&Request) -> Reply,
) -> Vec<Page> {
    let (mut pages, mut cursor) = (Vec::new(), None::<String>);
    loop {
        let list = drive(caller, |call| channel.list(call, window, cursor.as_deref()), &mut answer);
        let page = list.unwrap_or_else(|error| panic!("page {}: {error}", pages.len()));
        cursor.clone_from(&page.next);
        pages.push(page);
        assert!(pages.len() < 10_000, "the list goes on for ever");
        if cursor.is_none() {
            return pages;
        }
    }
}
