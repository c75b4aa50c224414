//! What is fetched, from where, and where it goes.

use super::walk;
use std::collections::BTreeMap;

/// Goods of a parcel on a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The parcel's place in the wave, from 1.
    pub seq: u32,
    /// Its slot; empty where the wave has none.
    pub slot: String,
    /// Our code.
    pub sku: String,
    /// What it is called.
    pub title: String,
    /// Where it lies.
    pub bin: String,
    /// How many.
    pub qty: u32,
}

/// A stop of the walk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PickRow {
    /// Where it lies.
    pub bin: String,
    /// Our code.
    pub sku: String,
    /// What it is called.
    pub title: String,
    /// How many in all.
    pub qty: u32,
    /// Where they go: `A2:1, A5:2` by slot, `1-17` by sheet.
    pub to: String,
}

/// The list of a walk, by bin. `each`: parcels are fetched one by one, in the order of their sheets.
pub fn pick_list(places: &[Place], each: bool) -> Vec<PickRow> {
    let mut rows: BTreeMap<(u32, &str, &str), Vec<&Place>> = BTreeMap::new();
    for place in places {
        rows.entry((if each { place.seq } else { 0 }, &place.bin, &place.sku)).or_default().push(place);
    }
    let mut rows: Vec<_> = rows.into_iter().collect();
    rows.sort_by(|((a, bin_a, sku_a), _), ((b, bin_b, sku_b), _)| {
        a.cmp(b).then_with(|| walk(bin_a, bin_b)).then_with(|| sku_a.cmp(sku_b))
    });
    let row = |((_, bin, sku), mut places): ((u32, &str, &str), Vec<&Place>)| {
        places.sort_by_key(|place| place.seq);
        PickRow {
            bin: bin.to_owned(),
            sku: sku.to_owned(),
            title: places.first().map(|place| place.title.clone()).unwrap_or_default(),
            qty: places.iter().map(|place| place.qty).sum(),
            to: goes_to(&places),
        }
    };
    rows.into_iter().map(row).collect()
}

fn goes_to(places: &[&Place]) -> String {
    let mut parts: Vec<String> = Vec::new();
    // Sheets that follow each other and take one piece each are a range.
    let mut range: Option<(u32, u32)> = None;
    let close = |range: &mut Option<(u32, u32)>, parts: &mut Vec<String>| match range.take() {
        Some((from, to)) if from == to => parts.push(from.to_string()),
        Some((from, to)) => parts.push(format!("{from}-{to}")),
        None => {}
    };
    for place in places {
        let alone = place.slot.is_empty() && place.qty == 1;
        match &mut range {
            Some((_, to)) if alone && *to + 1 == place.seq => *to = place.seq,
            _ => {
                close(&mut range, &mut parts);
                if alone {
                    range = Some((place.seq, place.seq));
                } else if place.slot.is_empty() {
                    parts.push(format!("{}:{}", place.seq, place.qty));
                } else {
                    parts.push(format!("{}:{}", place.slot, place.qty));
                }
            }
        }
    }
    close(&mut range, &mut parts);
    parts.join(", ")
}
