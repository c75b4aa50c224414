//! From a wave to its pages. Pure.

use huidan_domain::{Millis, WaveKind};
use huidan_exchange::time;
use huidan_flow::wave::{self, Place};
use huidan_label::{Dpi, ItemLine, Media, PackingSlip, Page, PickList, Stop};
use huidan_store::waves::{Sheets, WaveParcel};

/// What is to be drawn, and for what.
pub(crate) struct Job<'a> {
    /// What the papers say.
    pub(crate) sheets: &'a Sheets,
    /// The wave's id.
    pub(crate) wave: &'a str,
    /// The paper.
    pub(crate) media: Media,
    /// How fine the printer is.
    pub(crate) dpi: Dpi,
    /// When they are drawn.
    pub(crate) now: Millis,
}

impl Job<'_> {
    fn name(&self) -> String {
        format!("#{}", self.sheets.number)
    }

    fn hint(&self) -> String {
        let hours = self.sheets.zone.split(':').next().and_then(|hours| hours.parse().ok()).unwrap_or(8);
        let at = time::to_local(self.now, hours);
        format!("{}  {}", at.get(..16).unwrap_or(&at), self.sheets.warehouse)
    }
}

const fn kind(kind: WaveKind) -> &'static str {
    match kind {
        WaveKind::SinglePiece => "单品单件 SINGLE PIECE",
        WaveKind::SingleLine => "单品多件 SINGLE LINE",
        WaveKind::PutWall => "分拨墙 PUT-WALL",
        WaveKind::Alone => "单独拣货 ALONE",
    }
}

/// The list of the walk, one page after the other, each with what is printed of it: the wave and the page.
pub(crate) fn pick_list(job: &Job<'_>) -> Vec<(String, Vec<Page>)> {
    let sheets = job.sheets;
    let places: Vec<Place> = sheets.parcels.iter().flat_map(|parcel| parcel.goods.iter().cloned()).collect();
    let stops = wave::pick_list(&places, sheets.kind == WaveKind::Alone).into_iter().map(|row| Stop {
        bin: row.bin,
        goods: ItemLine { sku: row.sku, title: row.title, qty: row.qty },
        to: row.to,
    });
    let list = PickList {
        wave: job.name(),
        kind: kind(sheets.kind).to_owned(),
        warehouse: sheets.warehouse.clone(),
        parcels: u32::try_from(sheets.parcels.len()).unwrap_or(u32::MAX),
        empty: sheets.empty.clone(),
        stops: stops.collect(),
        printed_hint: job.hint(),
    };
    let pages = huidan_label::pick_list(&list, job.media, job.dpi);
    (1..).zip(pages).map(|(page, drawn): (u32, Page)| (format!("{}/{page}", job.wave), vec![drawn])).collect()
}

/// A slip for each parcel, in the order of the wave, each with the package it is of.
pub(crate) fn packing_slips(job: &Job<'_>) -> Vec<(String, Vec<Page>)> {
    let slip = |parcel: &WaveParcel| {
        let slip = PackingSlip {
            wave: job.name(),
            seq: Some((parcel.seq, job.sheets.size)),
            slot: parcel.slot.clone(),
            carrier: parcel.carrier.clone(),
            number: parcel.waybill.clone(),
            order_refs: parcel.orders.clone(),
            lines: parcel
                .goods
                .iter()
                .map(|place| ItemLine { sku: place.sku.clone(), title: place.title.clone(), qty: place.qty })
                .collect(),
            printed_hint: job.hint(),
        };
        (parcel.package.clone(), huidan_label::packing_slip(&slip, job.media, job.dpi))
    };
    job.sheets.parcels.iter().map(slip).collect()
}
