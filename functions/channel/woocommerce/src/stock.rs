//! Stock in absolute numbers, one product or variation at a time.

use crate::api::{answer, request};
use crate::list::segment;
use http::Method;
use huidan_channel::{StockLevel, StockOutcome};
use huidan_exchange::json::{Json, Wrong};
use huidan_exchange::{Call, CallError, Effect, Next, Reply, Request, unreadable};
use serde_json::json;

/// Sets the levels one after the other; what was set stays set when a later one fails, and is set again by the repeat.
pub(crate) fn stock(call: &Call<'_>, levels: &[StockLevel]) -> Result<Next<Vec<StockOutcome>>, CallError> {
    let mut replies = call.replies.iter();
    let mut outcomes = Vec::new();
    for level in levels {
        match one(call, level, &mut replies)? {
            Next::Send(request) => return Ok(Next::Send(request)),
            Next::Done(outcome) => outcomes.push(outcome),
        }
    }
    Ok(Next::Done(outcomes))
}

fn one<'a>(
    call: &Call<'_>,
    level: &StockLevel,
    replies: &mut impl Iterator<Item = &'a Reply>,
) -> Result<Next<StockOutcome>, CallError> {
    let path = match path(&level.ext_item, &level.ext_sku) {
        Some(path) => path,
        None => {
            let Some(reply) = replies.next() else { return find(call, level).map(Next::Send) };
            match found(reply)? {
                Ok(path) => path,
                Err(outcome) => return Ok(Next::Done(outcome)),
            }
        }
    };
    let Some(reply) = replies.next() else {
        let body = json!({ "manage_stock": true, "stock_quantity": level.available });
        return request(call, Method::PUT, &path, Some(body)).map(Next::Send);
    };
    settle(reply, level).map(Next::Done)
}

/// Where a product or one of its variations lives; `None` without ids.
fn path(item: &str, variant: &str) -> Option<String> {
    let is_id = |id: &str| !id.is_empty() && id != "0" && id.bytes().all(|byte| byte.is_ascii_digit());
    match (is_id(item), is_id(variant) && variant != item) {
        (true, true) => Some(format!("products/{item}/variations/{variant}")),
        (true, false) => Some(format!("products/{item}")),
        (false, _) => None,
    }
}

fn find(call: &Call<'_>, level: &StockLevel) -> Result<Request, CallError> {
    let sku = segment(&level.outer_code);
    request(call, Method::GET, &format!("products?sku={sku}&_fields=id,parent_id"), None)
}

/// WooCommerce keeps SKUs unique; a variation is found by its own and names its product.
fn found(reply: &Reply) -> Result<Result<String, StockOutcome>, CallError> {
    let Some(products) = answer(reply, Effect::Harmless)? else { return Ok(Err(missing())) };
    let path = places(&products).map_err(|wrong| unreadable(&wrong, Effect::Harmless))?;
    Ok(match path.as_slice() {
        [one] => one.clone().ok_or_else(missing),
        [] => Err(missing()),
        _ => Err(no("sku_ambiguous", "多个商品使用同一 SKU / several products bear this SKU")),
    })
}

fn places(products: &Json<'_>) -> Result<Vec<Option<String>>, Wrong> {
    let mut places = Vec::new();
    for product in products.list()? {
        let product = product.object()?;
        let (id, parent) = (product.need("id")?.id()?, product.id("parent_id")?);
        places.push(if parent.is_empty() || parent == "0" { path(&id, "") } else { path(&parent, &id) });
    }
    Ok(places)
}

fn settle(reply: &Reply, level: &StockLevel) -> Result<StockOutcome, CallError> {
    let wrong = |wrong: Wrong| unreadable(&wrong, Effect::Harmless);
    let product = match answer(reply, Effect::Harmless) {
        Ok(Some(product)) => product,
        Ok(None) => return Ok(missing()),
        Err(CallError::Rejected { code, remedy }) => return Ok(StockOutcome::Rejected { code, remedy }),
        Err(error) => return Err(error),
    };
    let product = product.object().map_err(wrong)?;
    // A shop with its stock management switched off answers with `null`.
    let Some(now) = product.get("stock_quantity") else {
        product.need("id").map_err(wrong)?;
        return Ok(no(
            "stock_not_managed",
            "请在 WooCommerce 设置 → 产品 → 库存中启用库存管理 / enable stock management in WooCommerce → Settings → Products → Inventory",
        ));
    };
    match now.whole::<i64>().map_err(wrong)? == i64::from(level.available) {
        true => Ok(StockOutcome::Set),
        false => Ok(no("stock_not_taken", "店铺未采用该库存数 / the shop did not take this number")),
    }
}

fn missing() -> StockOutcome {
    no("product_not_found", "店铺没有该商品 / the shop has no such product")
}

fn no(code: &str, remedy: &str) -> StockOutcome {
    StockOutcome::Rejected { code: code.to_owned(), remedy: remedy.to_owned() }
}
