//! Stock levels.

use super::{ME, Params, Refused, given, invalid, missing, remote, required};
use crate::clock::beijing;
use crate::world::World;
use serde_json::{Value, json};

/// At most so many SKUs in one call.
const SKUS_PER_CALL: usize = 20;

fn good_at(world: &World, num_iid: i64, sku_id: &str, outer: &str) -> Result<String, Refused> {
    let mut goods = world.goods.iter().filter(|g| g.num_iid() == num_iid).peekable();
    if goods.peek().is_none() {
        return Err(remote("isv.item-not-exist", "商品不存在"));
    }
    let found = goods
        .find(|g| (sku_id.is_empty() || g.taobao_sku().to_string() == sku_id) && (outer.is_empty() || g.sku == outer));
    found.map(|g| g.sku.clone()).ok_or_else(|| remote("isv.invalid-parameter:sku_id", "SKU 不存在"))
}

fn num_iid(params: &Params) -> Result<i64, Refused> {
    required(params, "num_iid")?.parse().map_err(|_| invalid("num_iid", "应为整数"))
}

fn increment(params: &Params) -> Result<bool, Refused> {
    match given(params, "type") {
        "" | "1" => Ok(false),
        "2" => Ok(true),
        _ => Err(invalid("type", "1 全量 2 增量")),
    }
}

pub(super) fn item_quantity(world: &mut World, params: &Params) -> Result<Value, Refused> {
    let num_iid = num_iid(params)?;
    let sku = good_at(world, num_iid, given(params, "sku_id"), given(params, "outer_id"))?;
    let quantity: i64 = required(params, "quantity")?.parse().map_err(|_| invalid("quantity", "应为整数"))?;
    let level = if increment(params)? { world.stock_of(ME, &sku) + quantity } else { quantity };
    if level < 0 {
        return Err(invalid("quantity", "库存不能小于 0"));
    }
    world.set_stock(ME, &sku, level);
    Ok(json!({"item": {"num_iid": num_iid, "iid": num_iid.to_string(), "modified": beijing(world.now(ME))}}))
}

pub(super) fn skus_quantity(world: &mut World, params: &Params) -> Result<Value, Refused> {
    let num_iid = num_iid(params)?;
    let (by_id, by_outer) = (given(params, "skuid_quantities"), given(params, "outerid_quantities"));
    let text = if by_id.is_empty() { by_outer } else { by_id };
    if text.is_empty() {
        return Err(missing("skuid_quantities"));
    }
    let rows: Vec<&str> = text.split(';').filter(|r| !r.is_empty()).collect();
    if rows.len() > SKUS_PER_CALL {
        return Err(invalid("skuid_quantities", "一次最多 20 个 SKU"));
    }
    let add = increment(params)?;
    let mut writes = Vec::new();
    for row in rows {
        let (id, quantity) = row.rsplit_once(':').ok_or_else(|| invalid("skuid_quantities", "格式应为 skuId:数量"))?;
        let quantity: i64 = quantity.parse().map_err(|_| invalid("skuid_quantities", "数量应为整数"))?;
        let sku = if by_id.is_empty() { good_at(world, num_iid, "", id)? } else { good_at(world, num_iid, id, "")? };
        // An increment that would go below zero ends at zero, without an error.
        let level = if add { (world.stock_of(ME, &sku) + quantity).max(0) } else { quantity };
        if level < 0 {
            return Err(invalid("skuid_quantities", "库存不能小于 0"));
        }
        writes.push((sku, level));
    }
    for (sku, level) in writes {
        world.set_stock(ME, &sku, level);
    }
    Ok(json!({"item": {"num_iid": num_iid, "iid": num_iid.to_string(), "modified": beijing(world.now(ME))}}))
}
