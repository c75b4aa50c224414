//! The step that finds our own SKUs for what a channel sold. See `README.md`.

mod index;
mod likeness;
#[cfg(target_family = "wasm")]
mod shell;

use huidan_domain::Millis;
use huidan_flow::Step;
use huidan_wire::step::{Draft, Facts};
use huidan_wire::{Line, Problem, SkuQty};
use index::Index;

/// Fills `mapped` with our SKUs in one piece of each line; adds `sku_unmapped` to the problems where none is known.
#[derive(Debug, Clone, Copy, Default)]
pub struct Sku;

const UNMAPPED: &str = "sku_unmapped";

impl Step<Draft> for Sku {
    fn name(&self) -> &'static str {
        "normalize-sku"
    }

    fn needs(&self) -> &'static [&'static str] {
        &["listings", "skus", "aliases"]
    }

    fn run(&self, _now: Millis, mut subjects: Vec<Draft>, facts: &Facts) -> Vec<Draft> {
        let index = Index::of(facts);
        for draft in &mut subjects {
            draft.problems.retain(|problem| problem.code != UNMAPPED);
            draft.mapped = draft.order.lines.iter().map(|line| resolve(&draft.shop, line, &index)).collect();
            let unmapped = draft.order.lines.iter().zip(&draft.mapped).enumerate();
            let unmapped = unmapped.filter(|(_, (line, mapped))| mapped.is_none() && line.refunded_qty < line.qty);
            draft.problems.extend(unmapped.map(|(at, (line, _))| problem(at, line, facts)));
        }
        subjects
    }
}

/// Our SKUs in one piece of a line: what the seller mapped, else the seller's own code at the channel, else an alias.
fn resolve(shop: &str, line: &Line, index: &Index) -> Option<Vec<SkuQty>> {
    // A price difference or a service puts nothing into a parcel.
    if line.kind == "virtual" {
        return Some(Vec::new());
    }
    let one = |sku: &str| vec![SkuQty { sku: sku.to_owned(), qty: 1 }];
    index
        .listing(shop, &line.ext_sku)
        .or_else(|| index.code(&line.outer_code).map(one))
        .or_else(|| index.alias(line).map(one))
}

fn problem(at: usize, line: &Line, facts: &Facts) -> Problem {
    let mut detail = "此商品还没有对应的 SKU / no SKU is known for this line".to_owned();
    if let Some(sku) = likeness::most_like(line, &facts.skus) {
        detail.push_str(&format!("；也许是 {sku} / perhaps {sku}"));
    }
    Problem { field: format!("lines[{at}].sku"), code: UNMAPPED.to_owned(), detail }
}

#[cfg(test)]
mod tests;
