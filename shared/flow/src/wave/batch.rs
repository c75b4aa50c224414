//! Which parcels are fetched on one walk.

use super::Parcel;
use std::collections::{BTreeSet, HashMap};

/// A set of bins, a bit each.
#[derive(Clone, Default)]
struct Bins(Vec<u64>);

impl Bins {
    fn add(&mut self, bin: usize) {
        if self.0.len() <= bin / 64 {
            self.0.resize(bin / 64 + 1, 0);
        }
        if let Some(word) = self.0.get_mut(bin / 64) {
            *word |= 1 << (bin % 64);
        }
    }

    fn join(&mut self, other: &Self) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        self.0.iter_mut().zip(&other.0).for_each(|(word, more)| *word |= more);
    }

    /// How many of these are not in `walk`, and how many are.
    fn beside(&self, walk: &Self) -> (u32, u32) {
        let known = |at: usize| walk.0.get(at).copied().unwrap_or(0);
        self.0.iter().enumerate().fold((0, 0), |(new, shared), (at, word)| {
            (new + (word & !known(at)).count_ones(), shared + (word & known(at)).count_ones())
        })
    }
}

/// Where something lies: its bin, or where nobody said, a place of its own.
fn place(piece: &super::Piece) -> (&str, &str) {
    if piece.bin.is_empty() { ("", &piece.sku) } else { (&piece.bin, "") }
}

/// Batches of at most `most` parcels, given in the order in which they should leave. Each begins with the first that is
/// left; the one that adds the fewest stops to the walk is added next, the one that shares the most of it among equals,
/// the earlier among those.
pub fn similar<'a>(parcels: &[&'a Parcel], most: usize) -> Vec<Vec<&'a Parcel>> {
    let mut names: HashMap<(&str, &str), usize> = HashMap::new();
    let mut left: Vec<(&Parcel, Bins)> = Vec::with_capacity(parcels.len());
    for parcel in parcels {
        let mut bins = Bins::default();
        for piece in &parcel.pieces {
            let next = names.len();
            bins.add(*names.entry(place(piece)).or_insert(next));
        }
        left.push((parcel, bins));
    }
    let mut batches = Vec::new();
    while !left.is_empty() {
        let (seed, mut walk) = left.remove(0);
        let mut batch = vec![seed];
        while batch.len() < most.max(1) {
            let cost = |bins: &Bins| {
                let (new, shared) = bins.beside(&walk);
                (new, u32::MAX - shared)
            };
            let Some(at) = (0..left.len()).min_by_key(|at| left.get(*at).map(|(_, bins)| cost(bins))) else { break };
            let (parcel, bins) = left.remove(at);
            walk.join(&bins);
            batch.push(parcel);
        }
        batches.push(batch);
    }
    batches
}

/// How many different bins a walk for these parcels stops at.
pub fn distinct_bins(batch: &[&Parcel]) -> usize {
    let stops: BTreeSet<_> = batch.iter().flat_map(|parcel| parcel.pieces.iter().map(place)).collect();
    stops.len()
}
