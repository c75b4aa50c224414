//! The facts that steps ask for by name: only what a batch touches, but for the short lists that are whole.

use crate::json::batch;
use crate::{Db, StoreError, Value};
use huidan_flow::fold;
use huidan_wire::SkuQty;
use huidan_wire::step::{CarrierAccount, Draft, Facts, Listing, Proposal, Rule, Sku, Stock, Warehouse};
use std::collections::{BTreeMap, BTreeSet};

/// Facts for normalize steps.
///
/// # Errors
/// The database's.
pub async fn for_drafts<D: Db>(
    db: &D,
    needs: &BTreeSet<String>,
    step: &str,
    drafts: &[Draft],
) -> Result<Facts, StoreError> {
    let mut facts = Facts::default();
    let lines = || drafts.iter().flat_map(|draft| draft.order.lines.iter().map(move |line| (draft, line)));
    if needs.contains("listings") {
        let keys: BTreeSet<(&str, &str)> =
            lines().map(|(draft, line)| (draft.shop.as_str(), line.ext_sku.as_str())).collect();
        facts.listings = listings(db, batch(&keys)?).await?;
    }
    if needs.contains("skus") {
        // As written and folded: sellers type codes in full width and in any case.
        let written = lines().flat_map(|(_, line)| [line.outer_code.clone(), fold(&line.outer_code)]);
        let mapped = facts.listings.iter().flat_map(|listing| listing.skus.iter().map(|sku| sku.sku.clone()));
        let codes: BTreeSet<String> = written.chain(mapped).collect();
        facts.skus = skus(db, batch(&codes)?).await?;
    }
    if needs.contains("aliases") {
        // Aliases are stored folded, and looked up by every name a line may be known by.
        let names: BTreeSet<String> = lines()
            .flat_map(|(_, line)| {
                let whole = format!("{} {}", line.title, line.spec);
                [fold(&line.outer_code), fold(&line.ext_sku), fold(&line.title), fold(&whole)]
            })
            .collect();
        facts.aliases = aliases(db, batch(&names)?).await?;
    }
    if needs.contains("rules") {
        facts.rules = rules(db, step).await?;
    }
    Ok(facts)
}

/// Facts for route steps.
///
/// # Errors
/// The database's.
pub async fn for_proposals<D: Db>(
    db: &D,
    needs: &BTreeSet<String>,
    step: &str,
    proposals: &[Proposal],
    now: i64,
) -> Result<Facts, StoreError> {
    let mut facts = Facts::default();
    let codes: BTreeSet<&str> =
        proposals.iter().flat_map(|proposal| proposal.lines.iter().map(|line| line.sku.as_str())).collect();
    if needs.contains("warehouses") {
        facts.warehouses = warehouses(db).await?;
    }
    if needs.contains("stock") {
        facts.stock = stock(db, batch(&codes)?).await?;
    }
    if needs.contains("skus") {
        facts.skus = skus(db, batch(&codes)?).await?;
    }
    if needs.contains("carriers") {
        facts.carriers = carriers(db, now).await?;
    }
    if needs.contains("rules") {
        facts.rules = rules(db, step).await?;
    }
    Ok(facts)
}

async fn listings<D: Db>(db: &D, keys: Value) -> Result<Vec<Listing>, StoreError> {
    let rows = db
        .run(
            "SELECT m.shop, m.ext_sku, m.sku, m.qty FROM json_each(?1) AS k
             JOIN listing_sku AS m ON m.shop = k.value ->> 0 AND m.ext_sku = k.value ->> 1
             ORDER BY m.shop, m.ext_sku, m.sku",
            &[keys],
        )
        .await?;
    let mut listings: Vec<Listing> = Vec::new();
    for row in &rows {
        let (shop, ext_sku) = (row.text(0)?, row.text(1)?);
        let sku = SkuQty { sku: row.string(2)?, qty: row.count(3)? };
        match listings.last_mut().filter(|last| last.shop == shop && last.ext_sku == ext_sku) {
            Some(last) => last.skus.push(sku),
            None => listings.push(Listing { shop: shop.to_owned(), ext_sku: ext_sku.to_owned(), skus: vec![sku] }),
        }
    }
    Ok(listings)
}

async fn skus<D: Db>(db: &D, codes: Value) -> Result<Vec<Sku>, StoreError> {
    // Codes are few against a batch's lines and sellers write them in any case, so the comparison folds ASCII case.
    let rows = db
        .run(
            "SELECT DISTINCT s.code, s.title, s.weight_g, s.tags FROM json_each(?1) AS k
             JOIN sku AS s ON s.code = k.value COLLATE NOCASE WHERE s.active ORDER BY s.code",
            &[codes],
        )
        .await?;
    rows.iter()
        .map(|row| Ok(Sku { code: row.string(0)?, title: row.string(1)?, weight_g: row.count(2)?, tags: row.json(3)? }))
        .collect()
}

async fn aliases<D: Db>(db: &D, names: Value) -> Result<BTreeMap<String, String>, StoreError> {
    let rows =
        db.run("SELECT a.alias, a.sku FROM json_each(?1) AS k JOIN alias AS a ON a.alias = k.value", &[names]).await?;
    rows.iter().map(|row| Ok((row.string(0)?, row.string(1)?))).collect()
}

async fn warehouses<D: Db>(db: &D) -> Result<Vec<Warehouse>, StoreError> {
    let rows = db
        .run("SELECT id, sender ->> 'province', serves FROM warehouse WHERE active ORDER BY position, id", &[])
        .await?;
    rows.iter()
        .map(|row| {
            let province = row.maybe_text(1)?.unwrap_or_default().to_owned();
            Ok(Warehouse { id: row.string(0)?, province, serves: row.json(2)? })
        })
        .collect()
}

async fn stock<D: Db>(db: &D, codes: Value) -> Result<Vec<Stock>, StoreError> {
    let rows = db
        .run(
            "SELECT s.sku, s.warehouse, s.on_hand - s.reserved FROM json_each(?1) AS k
             JOIN stock AS s ON s.sku = k.value ORDER BY s.sku, s.warehouse",
            &[codes],
        )
        .await?;
    rows.iter()
        .map(|row| Ok(Stock { sku: row.string(0)?, warehouse: row.string(1)?, available: row.int(2)? }))
        .collect()
}

async fn carriers<D: Db>(db: &D, now: i64) -> Result<Vec<CarrierAccount>, StoreError> {
    let rows = db
        .run(
            "SELECT c.id, c.carrier, c.takes_tokens_of, c.serves, c.max_weight_g, c.price_first_fen, c.price_more_fen,
                    coalesce(b.open_until, 0) > ?1
             FROM carrier_account AS c LEFT JOIN breaker AS b ON b.name = 'carrier/' || c.id
             WHERE c.active AND c.books ORDER BY c.position, c.id",
            &[Value::Int(now)],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(CarrierAccount {
                id: row.string(0)?,
                carrier: row.string(1)?,
                takes_tokens_of: row.json(2)?,
                serves: row.json(3)?,
                max_weight_g: row.count(4)?,
                price_first_fen: row.int(5)?,
                price_more_fen: row.int(6)?,
                ailing: row.flag(7)?,
            })
        })
        .collect()
}

async fn rules<D: Db>(db: &D, step: &str) -> Result<Vec<Rule>, StoreError> {
    let rows = db
        .run(
            "SELECT id, name, condition, action, value FROM rule WHERE step = ?1 AND active ORDER BY position, id",
            &[step.into()],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Rule {
                id: row.string(0)?,
                name: row.string(1)?,
                when: row.json(2)?,
                action: row.string(3)?,
                value: row.string(4)?,
            })
        })
        .collect()
}
