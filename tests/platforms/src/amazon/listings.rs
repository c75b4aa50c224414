//! Stock, as an attribute of the listing.

use super::{Answer, Call, Caller, ME, Refused, body, invalid, refused};
use crate::fields::{int, list, text};
use crate::server::json;
use crate::world::World;
use percent_encoding::percent_decode_str;
use serde_json::{Value, json};

const AVAILABILITY: &str = "/attributes/fulfillment_availability";

/// The SKU of a path, which must be encoded there; refused where it is not the seller's.
fn sku(world: &World, call: &Call, caller: &Caller) -> Result<String, Refused> {
    let parts = call.parts();
    let at =
        |n: usize| parts.get(n).map(|p| percent_decode_str(p).decode_utf8_lossy().into_owned()).unwrap_or_default();
    if at(3) != caller.shop {
        return Err(refused(403, "Unauthorized", "The seller is not the token's."));
    }
    let markets = call.query_value("marketplaceIds").unwrap_or_default();
    if markets.is_empty() {
        return Err(invalid("marketplaceIds is missing."));
    }
    let sku = at(4);
    let known = world.goods.iter().any(|g| g.sku == sku);
    if known { Ok(sku) } else { Err(refused(404, "NOT_FOUND", "The SKU does not exist.")) }
}

/// The level that patches set, where they set one.
pub(super) fn level(patches: &[Value]) -> Result<i64, String> {
    let mut level = None;
    for patch in patches {
        let op = text(patch, "op");
        if !matches!(op.as_str(), "add" | "replace" | "merge" | "delete") {
            return Err(format!("patches: op {op} is not known"));
        }
        if text(patch, "path") != AVAILABILITY {
            continue;
        }
        for row in list(patch, "value") {
            if text(&row, "fulfillment_channel_code") == "DEFAULT" {
                level = Some(if op == "delete" { 0 } else { int(&row, "quantity").unwrap_or(-1) });
            }
        }
    }
    match level {
        Some(level) if level >= 0 => Ok(level),
        Some(_) => Err("quantity must be a whole number from 0".to_owned()),
        None => Err(format!("{AVAILABILITY}: no value of the channel DEFAULT")),
    }
}

pub(super) fn patch(world: &mut World, call: &Call, caller: &Caller) -> Result<Answer, Refused> {
    let sku = sku(world, call, caller)?;
    let body = body(call)?;
    if text(&body, "productType").is_empty() {
        return Err(invalid("productType is missing."));
    }
    let patches = list(&body, "patches");
    if patches.is_empty() {
        return Err(invalid("patches is missing."));
    }
    let submission = format!("sim{:012x}", world.next());
    let answer = match level(&patches) {
        Ok(level) => {
            world.set_stock(ME, &sku, level);
            json!({"sku": sku, "status": "ACCEPTED", "submissionId": submission, "issues": []})
        }
        Err(why) => {
            world.refuse(ME, "patchListingsItem", &why, false);
            let issue = json!({"code": "90220", "message": why, "severity": "ERROR", "attributeNames": ["fulfillment_availability"]});
            json!({"sku": sku, "status": "INVALID", "submissionId": submission, "issues": [issue]})
        }
    };
    Ok(json(200, &answer))
}

pub(super) fn get(world: &World, call: &Call, caller: &Caller) -> Result<Answer, Refused> {
    let sku = sku(world, call, caller)?;
    let available = json!([{"fulfillmentChannelCode": "DEFAULT", "quantity": world.stock_of(ME, &sku)}]);
    let asin = world.goods.iter().find(|g| g.sku == sku).map(|g| g.listing(ME).0);
    let summary = json!([{"marketplaceId": world.options.amazon.marketplace, "asin": asin, "productType": "PRODUCT"}]);
    Ok(json(200, &json!({"sku": sku, "summaries": summary, "fulfillmentAvailability": available})))
}
