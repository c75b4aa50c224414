//! Stock levels told to a channel: absolute numbers, the newest only.

use crate::{again, failed};
use huidan_channel::{StockLevel, StockOutcome};
use huidan_store::StoreError;
use huidan_store::outbox::{self, Leased, Outcome, Publishable};
use huidan_wire::call::{Answer, For};
use huidan_world::{World, known_channel};
use std::collections::HashMap;

/// Limit of a batch of levels, in milliseconds.
const TELL_LIMIT_MS: u64 = 60_000;

/// Tells what is publishable now of each row's variant; the number is looked up here, so a row never carries an old
/// one.
pub(crate) async fn outcomes<'a, W: World>(
    world: &W,
    shop: &str,
    channel: &str,
    rows: &[&'a Leased],
) -> Result<Vec<(&'a Leased, Outcome)>, StoreError> {
    let component = format!("channel-{channel}");
    let most = match known_channel(world, channel).await {
        Ok(manifest) => manifest.stock_batch,
        Err(missed) => return Ok(rows.iter().map(|row| (*row, again(world, row, missed.to_string(), None))).collect()),
    };
    if most == 0 {
        return Ok(rows.iter().map(|row| (*row, Outcome::Confirmed)).collect());
    }
    let wanted: Vec<&str> = rows.iter().map(|row| ext_sku(row)).collect();
    let found = world.main(async |db| outbox::publishable(db, shop, &wanted).await).await?;
    let found: HashMap<&str, &Publishable> = found.iter().map(|one| (one.ext_sku.as_str(), one)).collect();
    let mut outcomes = Vec::with_capacity(rows.len());
    let (told, nothing): (Vec<&Leased>, Vec<&Leased>) = rows.iter().partition(|row| found.contains_key(ext_sku(row)));
    outcomes.extend(nothing.into_iter().map(|row| (row, Outcome::Confirmed)));
    for rows in told.chunks(most) {
        let levels: Vec<StockLevel> =
            rows.iter().filter_map(|row| found.get(ext_sku(row)).map(|one| level(one, row.version))).collect();
        let asked = For { account: shop.to_owned(), subject: levels };
        let answer: Result<Answer<Vec<StockOutcome>>, _> =
            world.call(&component, "/call/stock", &asked, TELL_LIMIT_MS).await;
        match answer {
            Ok(Answer::Done(results)) => {
                outcomes.extend(rows.iter().zip(results).map(|(row, result)| (*row, outcome(result))));
            }
            Ok(Answer::Failed(failure)) => {
                for row in rows {
                    outcomes.push((*row, failed(world, shop, row, &failure).await?));
                }
            }
            Err(missed) => {
                outcomes.extend(rows.iter().map(|row| (*row, again(world, row, missed.to_string(), None))));
            }
        }
    }
    Ok(outcomes)
}

fn ext_sku(row: &Leased) -> &str {
    row.body.get("ext_sku").and_then(serde_json::Value::as_str).unwrap_or_default()
}

fn level(found: &Publishable, version: i64) -> StockLevel {
    StockLevel {
        ext_item: found.ext_item.clone(),
        ext_sku: found.ext_sku.clone(),
        outer_code: found.outer_code.clone(),
        available: found.available,
        version: u64::try_from(version).unwrap_or(0),
    }
}

fn outcome(result: StockOutcome) -> Outcome {
    match result {
        StockOutcome::Set | StockOutcome::Stale => Outcome::Confirmed,
        StockOutcome::Rejected { code, remedy } => Outcome::rejected(&code, remedy),
    }
}
