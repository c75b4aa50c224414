//! Goods, what shops call them, and the orders that wait for that.

use super::{Part, note};
use crate::json::{batch, text};
use crate::{Db, Moment, Row, StoreError, Value};
use huidan_wire::api::{Alias, AskListings, Listing, NewSku, PatchSku, PutListing, Sku};

/// Goods.
///
/// # Errors
/// The database's.
pub async fn skus<D: Db>(db: &D, part: Part<'_>) -> Result<Vec<Sku>, StoreError> {
    let rows = db
        .run(
            "SELECT code, title, weight_g, barcode, tags, active, bin FROM sku
             WHERE coalesce(?1, code) = code AND code > coalesce(?2, '') ORDER BY code LIMIT ?3",
            &[part.one.into(), part.after.into(), part.limit.into()],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Sku {
                sku: row.string(0)?,
                title: row.string(1)?,
                weight_g: row.count(2)?,
                barcode: row.string(3)?,
                tags: row.json(4)?,
                active: row.flag(5)?,
                bin: row.string(6)?,
            })
        })
        .collect()
}

/// Writes goods down; `false` when there are some of that code. With `over`, they are changed then.
///
/// # Errors
/// The database's.
pub async fn add_sku<D: Db>(
    db: &D,
    moment: Moment<'_>,
    actor: &str,
    sku: &NewSku,
    over: bool,
) -> Result<bool, StoreError> {
    let rows = db
        .run(
            "INSERT INTO sku (code, title, weight_g, barcode, tags, bin) VALUES (?1, ?2, ?3, ?4, ?5, ?7)
             ON CONFLICT (code) DO UPDATE SET title = excluded.title, weight_g = excluded.weight_g,
                 barcode = excluded.barcode, tags = excluded.tags, bin = coalesce(nullif(excluded.bin, ''), bin)
             WHERE ?6
             RETURNING 1",
            &[
                (&sku.sku).into(),
                (&sku.title).into(),
                sku.weight_g.into(),
                (&sku.barcode).into(),
                text(&sku.tags)?.into(),
                over.into(),
                (&sku.bin).into(),
            ],
        )
        .await?;
    if rows.is_empty() {
        return Ok(false);
    }
    note(db, moment, actor, "sku", &sku.sku, "added").await?;
    Ok(true)
}

/// Changes goods.
///
/// # Errors
/// The database's.
pub async fn patch_sku<D: Db>(
    db: &D,
    moment: Moment<'_>,
    actor: &str,
    code: &str,
    patch: &PatchSku,
) -> Result<(), StoreError> {
    db.run(
        "UPDATE sku SET title = coalesce(?2, title), weight_g = coalesce(?3, weight_g), barcode = coalesce(?4, barcode),
             tags = coalesce(?5, tags), active = coalesce(?6, active), bin = coalesce(?7, bin)
         WHERE code = ?1",
        &[
            code.into(),
            Value::from(patch.title.as_deref()),
            Value::from(patch.weight_g),
            Value::from(patch.barcode.as_deref()),
            Value::from(patch.tags.as_ref().map(text).transpose()?),
            Value::from(patch.active),
            Value::from(patch.bin.as_deref()),
        ],
    )
    .await?;
    note(db, moment, actor, "sku", code, "changed").await
}

/// Which of some codes are no goods of ours.
///
/// # Errors
/// The database's.
pub async fn unknown_skus<D: Db>(db: &D, codes: &[&str]) -> Result<Vec<String>, StoreError> {
    let rows = db
        .run(
            "SELECT value FROM json_each(?1) WHERE NOT EXISTS (SELECT 1 FROM sku WHERE code = value)",
            &[batch(codes)?],
        )
        .await?;
    rows.iter().map(|row| row.string(0)).collect()
}

/// Shops' variants after one of them (shop and variant), in that order.
///
/// # Errors
/// The database's.
pub async fn listings<D: Db>(
    db: &D,
    ask: &AskListings,
    after: Option<(&str, &str)>,
    limit: u32,
) -> Result<Vec<Listing>, StoreError> {
    let (shop, ext_sku) = after.unwrap_or_default();
    let rows = db
        .run(
            "SELECT l.shop, l.ext_sku, l.ext_item, l.outer_code, l.title, l.spec, l.stock_share,
                 (SELECT json_group_array(json_object('sku', m.sku, 'qty', m.qty)) FROM listing_sku AS m
                  WHERE m.shop = l.shop AND m.ext_sku = l.ext_sku)
             FROM listing AS l
             WHERE (l.shop, l.ext_sku) > (?1, ?2) AND coalesce(?3, l.shop) = l.shop
               AND (?4 IS NULL OR ?4 = NOT EXISTS
                   (SELECT 1 FROM listing_sku AS m WHERE m.shop = l.shop AND m.ext_sku = l.ext_sku))
             ORDER BY l.shop, l.ext_sku LIMIT ?5",
            &[shop.into(), ext_sku.into(), Value::from(ask.shop.as_deref()), Value::from(ask.unmapped), limit.into()],
        )
        .await?;
    rows.iter().map(listing).collect()
}

/// One variant.
///
/// # Errors
/// [`StoreError::Missing`]; the database's.
pub async fn one_listing<D: Db>(db: &D, shop: &str, ext_sku: &str) -> Result<Listing, StoreError> {
    let rows = db
        .run(
            "SELECT l.shop, l.ext_sku, l.ext_item, l.outer_code, l.title, l.spec, l.stock_share,
                 (SELECT json_group_array(json_object('sku', m.sku, 'qty', m.qty)) FROM listing_sku AS m
                  WHERE m.shop = l.shop AND m.ext_sku = l.ext_sku)
             FROM listing AS l WHERE l.shop = ?1 AND l.ext_sku = ?2",
            &[shop.into(), ext_sku.into()],
        )
        .await?;
    listing(rows.first()?)
}

fn listing(row: &Row) -> Result<Listing, StoreError> {
    Ok(Listing {
        shop: row.string(0)?,
        ext_sku: row.string(1)?,
        ext_item: row.string(2)?,
        outer_code: row.string(3)?,
        title: row.string(4)?,
        spec: row.string(5)?,
        stock_share: row.count(6)?,
        skus: row.json(7)?,
    })
}

/// Says what a shop's variant stands for, in place of what was said before. The shop and the goods must be there.
///
/// # Errors
/// The database's.
pub async fn put_listing<D: Db>(
    db: &D,
    moment: Moment<'_>,
    actor: &str,
    listing: &PutListing,
) -> Result<(), StoreError> {
    let key = [Value::from(&listing.shop), Value::from(&listing.ext_sku)];
    let [shop, ext_sku] = key.clone();
    db.run(
        "INSERT INTO listing (shop, ext_sku, ext_item, outer_code, title, spec, stock_share)
         VALUES (?1, ?2, coalesce(?3, ''), coalesce(?4, ''), coalesce(?5, ''), coalesce(?6, ''), coalesce(?7, 100))
         ON CONFLICT (shop, ext_sku) DO UPDATE SET ext_item = coalesce(?3, ext_item),
             outer_code = coalesce(?4, outer_code), title = coalesce(?5, title), spec = coalesce(?6, spec),
             stock_share = coalesce(?7, stock_share)",
        &[
            shop.clone(),
            ext_sku.clone(),
            Value::from(listing.ext_item.as_deref()),
            Value::from(listing.outer_code.as_deref()),
            Value::from(listing.title.as_deref()),
            Value::from(listing.spec.as_deref()),
            Value::from(listing.stock_share),
        ],
    )
    .await?;
    db.run("DELETE FROM listing_sku WHERE shop = ?1 AND ext_sku = ?2", &key).await?;
    db.run(
        "INSERT INTO listing_sku (shop, ext_sku, sku, qty)
         SELECT ?1, ?2, value ->> 'sku', sum(value ->> 'qty') FROM json_each(?3) GROUP BY 3",
        &[shop, ext_sku, batch(&listing.skus)?],
    )
    .await?;
    let id = format!("{}/{}", listing.shop, listing.ext_sku);
    note(db, moment, actor, "listing", &id, "mapped").await
}

/// Aliases after one of them.
///
/// # Errors
/// The database's.
pub async fn aliases<D: Db>(db: &D, part: Part<'_>) -> Result<Vec<Alias>, StoreError> {
    let rows = db
        .run(
            "SELECT alias, sku FROM alias WHERE coalesce(?1, alias) = alias AND alias > coalesce(?2, '')
             ORDER BY alias LIMIT ?3",
            &[part.one.into(), part.after.into(), part.limit.into()],
        )
        .await?;
    rows.iter().map(|row| Ok(Alias { alias: row.string(0)?, sku: row.string(1)? })).collect()
}

/// Says what a word stands for, in place of what was said before; the word is kept as words are compared.
///
/// # Errors
/// The database's.
pub async fn put_alias<D: Db>(db: &D, moment: Moment<'_>, actor: &str, alias: &Alias) -> Result<(), StoreError> {
    db.run(
        "INSERT INTO alias (alias, sku) VALUES (?1, ?2) ON CONFLICT (alias) DO UPDATE SET sku = excluded.sku",
        &[huidan_flow::fold(&alias.alias).into(), (&alias.sku).into()],
    )
    .await?;
    note(db, moment, actor, "alias", &alias.alias, "mapped").await
}

/// Open orders with a line that nobody knows, whose variant, code or title is among these words (of one shop, or of
/// any); they may be read anew now.
///
/// # Errors
/// The database's.
pub async fn waiting_for<D: Db>(
    db: &D,
    shop: Option<&str>,
    words: &[&str],
    limit: u32,
) -> Result<Vec<String>, StoreError> {
    let rows = db
        .run(
            "SELECT DISTINCT o.id FROM order_line AS l JOIN orders AS o ON o.id = l.order_id
             JOIN json_each(?2) AS k ON k.value = l.ext_sku COLLATE NOCASE OR k.value = l.outer_code COLLATE NOCASE
                 OR k.value = l.title
             WHERE l.skus IS NULL AND coalesce(?1, o.shop) = o.shop AND o.status IN ('unpaid', 'held', 'to_plan')
             LIMIT ?3",
            &[Value::from(shop), batch(words)?, limit.into()],
        )
        .await?;
    rows.iter().map(|row| row.string(0)).collect()
}
