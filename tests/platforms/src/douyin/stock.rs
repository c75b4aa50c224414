//! Stock levels, set or changed by an increment that has a name.

use super::{ME, Refused, business, invalid, missing, refused, required};
use crate::fields::{int, list, text, yes};
use crate::world::World;
use serde_json::{Value, json};

/// The merchant's code of what the parameters name.
fn good(world: &World, params: &Value) -> Result<String, Refused> {
    let (product, sku, code) = (text(params, "product_id"), text(params, "sku_id"), text(params, "code"));
    if sku.is_empty() && code.is_empty() {
        return Err(missing("sku_id"));
    }
    let found = world.goods.iter().find(|g| {
        let (its_product, its_sku) = g.listing(ME);
        (product.is_empty() || product == its_product)
            && (sku.is_empty() || sku == its_sku)
            && (code.is_empty() || code == g.sku)
    });
    found.map(|g| g.sku.clone()).ok_or_else(|| business(3_001, "商品或 SKU 不存在"))
}

/// Whether this is an increment; each has a name of its own, which works once.
fn increment(world: &mut World, params: &Value) -> Result<bool, Refused> {
    if !yes(params, "incremental") {
        return Ok(false);
    }
    let name = required(params, "idempotent_id")?;
    if world.douyin.increments.contains(&name) {
        return Err(refused(40_003, "isv.idempotent-id-existed", "幂等 ID 重复"));
    }
    world.douyin.increments.push(name);
    Ok(true)
}

fn level(world: &World, sku: &str, add: bool, params: &Value) -> Result<i64, Refused> {
    let number = int(params, "stock_num").ok_or_else(|| invalid("stock_num", "应为整数"))?;
    let level = if add { world.stock_of(ME, sku) + number } else { number };
    if level < 0 { Err(business(3_002, "库存不能小于 0")) } else { Ok(level) }
}

pub(super) fn sync(world: &mut World, params: &Value) -> Result<Value, Refused> {
    let sku = good(world, params)?;
    let add = increment(world, params)?;
    let level = level(world, &sku, add, params)?;
    world.set_stock(ME, &sku, level);
    Ok(Value::Null)
}

/// Several variants of one product, all or none.
pub(super) fn sync_batch(world: &mut World, params: &Value) -> Result<Value, Refused> {
    let product = required(params, "product_id")?;
    let rows = list(params, "sku_sync_list");
    if rows.is_empty() || rows.len() > 100 {
        return Err(invalid("sku_sync_list", "1 到 100 个 SKU"));
    }
    let add = increment(world, params)?;
    let mut writes = Vec::new();
    for row in &rows {
        let named = json!({"product_id": product, "sku_id": text(row, "sku_id"), "code": text(row, "code")});
        let sku = good(world, &named)?;
        let level = level(world, &sku, add, row)?;
        writes.push((sku, level));
    }
    for (sku, level) in writes {
        world.set_stock(ME, &sku, level);
    }
    Ok(Value::Null)
}
