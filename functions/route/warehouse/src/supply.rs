use huidan_wire::step::{Facts, ProposalLine};
use std::collections::{BTreeMap, HashMap};

/// What each warehouse can still promise while a batch is gone through.
pub(crate) struct Supply<'a> {
    /// By SKU, then by warehouse.
    available: HashMap<&'a str, HashMap<&'a str, i64>>,
}

/// Pieces of a SKU that a warehouse lacks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Missing {
    pub(crate) sku: String,
    pub(crate) pieces: i64,
}

impl<'a> Supply<'a> {
    pub(crate) fn of(facts: &'a Facts) -> Self {
        let mut available: HashMap<&str, HashMap<&str, i64>> = HashMap::new();
        for stock in &facts.stock {
            let of_sku = available.entry(stock.sku.as_str()).or_default();
            *of_sku.entry(stock.warehouse.as_str()).or_default() += stock.available;
        }
        Self { available }
    }

    /// What that warehouse lacks for these lines. A SKU of which no warehouse has a row is not counted and never lacks;
    /// one that only others have a row of is not there. Lines without a SKU are review's.
    pub(crate) fn missing(&self, warehouse: &str, lines: &[ProposalLine]) -> Vec<Missing> {
        let needed = needed(lines).into_iter();
        needed
            .filter_map(|(sku, pieces)| {
                let have = self.available.get(sku)?.get(warehouse).copied().unwrap_or(0).max(0);
                (have < pieces).then(|| Missing { sku: sku.to_owned(), pieces: pieces - have })
            })
            .collect()
    }

    /// Takes what these lines need out of what is left.
    pub(crate) fn take(&mut self, warehouse: &str, lines: &[ProposalLine]) {
        for (sku, pieces) in needed(lines) {
            let left = self.available.get_mut(sku).and_then(|of_sku| of_sku.get_mut(warehouse));
            left.into_iter().for_each(|left| *left -= pieces);
        }
    }

    /// The SKUs of these lines of which no stock is kept anywhere.
    pub(crate) fn uncounted<'l>(&self, lines: &'l [ProposalLine]) -> Vec<&'l str> {
        needed(lines).into_keys().filter(|sku| !self.available.contains_key(sku)).collect()
    }
}

fn needed(lines: &[ProposalLine]) -> BTreeMap<&str, i64> {
    let mut needed = BTreeMap::new();
    for line in lines.iter().filter(|line| !line.sku.is_empty()) {
        *needed.entry(line.sku.as_str()).or_default() += i64::from(line.qty);
    }
    needed
}

/// All pieces that lack.
pub(crate) fn pieces(missing: &[Missing]) -> i64 {
    missing.iter().map(|missing| missing.pieces).sum()
}

/// For a trace.
pub(crate) fn words(missing: &[Missing]) -> String {
    if missing.is_empty() {
        return "has everything".to_owned();
    }
    let each = missing.iter().map(|missing| format!("{} of {}", missing.pieces, missing.sku));
    format!("lacks {}", each.collect::<Vec<_>>().join(", "))
}
