use huidan_flow::fold;
use huidan_wire::step::Facts;
use huidan_wire::{Line, SkuQty};
use std::collections::{HashMap, HashSet};

/// The batch's facts by what they are looked up with.
pub(crate) struct Index<'a> {
    listings: HashMap<(&'a str, &'a str), &'a [SkuQty]>,
    codes: HashSet<&'a str>,
    /// By folded text; `None` where two different SKUs fold alike, which settles nothing.
    folded_codes: HashMap<String, Option<&'a str>>,
    aliases: HashMap<String, Option<&'a str>>,
}

impl<'a> Index<'a> {
    pub(crate) fn of(facts: &'a Facts) -> Self {
        let listings = facts.listings.iter().map(|l| ((l.shop.as_str(), l.ext_sku.as_str()), l.skus.as_slice()));
        let codes = || facts.skus.iter().map(|sku| sku.code.as_str());
        Self {
            listings: listings.collect(),
            codes: codes().collect(),
            folded_codes: fold_all(codes().map(|code| (code, code))),
            aliases: fold_all(facts.aliases.iter().map(|(alias, sku)| (alias.as_str(), sku.as_str()))),
        }
    }

    /// What the seller mapped this shop's variant to. An empty mapping says that nothing is to be shipped for it.
    pub(crate) fn listing(&self, shop: &str, ext_sku: &str) -> Option<Vec<SkuQty>> {
        if ext_sku.is_empty() {
            return None;
        }
        let skus = self.listings.get(&(shop, ext_sku))?;
        Some(skus.iter().filter(|part| part.qty > 0).cloned().collect())
    }

    /// The SKU whose code the seller wrote at the channel: to the letter, else as the only one that folds alike.
    pub(crate) fn code(&self, outer_code: &str) -> Option<&'a str> {
        let to_the_letter = self.codes.get(outer_code.trim()).copied();
        to_the_letter.or_else(|| only(&self.folded_codes, outer_code))
    }

    /// The SKU that goes by another name: the seller's code, else the title with its variant. A title alone names a
    /// SKU only where there is no variant, since 红 and 蓝 of one title are two SKUs.
    pub(crate) fn alias(&self, line: &Line) -> Option<&'a str> {
        let titled = match line.spec.trim() {
            "" => line.title.clone(),
            spec => format!("{} {spec}", line.title),
        };
        only(&self.aliases, &line.outer_code).or_else(|| only(&self.aliases, &titled))
    }
}

fn fold_all<'a>(named: impl Iterator<Item = (&'a str, &'a str)>) -> HashMap<String, Option<&'a str>> {
    let mut folded: HashMap<String, Option<&str>> = HashMap::new();
    for (name, sku) in named {
        folded.entry(fold(name)).and_modify(|one| *one = one.filter(|one| *one == sku)).or_insert(Some(sku));
    }
    folded
}

fn only<'a>(folded: &HashMap<String, Option<&'a str>>, name: &str) -> Option<&'a str> {
    let name = fold(name);
    if name.is_empty() { None } else { folded.get(&name).copied().flatten() }
}
