//! Stock levels.

use super::{ME, Refused, invalid, refused, required};
use crate::world::World;
use serde_json::{Value, json};

fn sku_at(world: &World, business: &Value) -> Result<String, Refused> {
    let id = required(business, "skuId")?;
    let good = world.goods.iter().find(|g| g.listing(ME).1 == id);
    good.map(|g| g.sku.clone()).ok_or_else(|| refused("10400021", "SKU 不存在", "no such SKU"))
}

pub(super) fn set(world: &mut World, business: &Value) -> Result<Value, Refused> {
    let sku = sku_at(world, business)?;
    let level: i64 = required(business, "stockNum")?.parse().map_err(|_| invalid("stockNum", "应为整数"))?;
    if level < 0 {
        return Err(invalid("stockNum", "库存不能小于 0"));
    }
    world.set_stock(ME, &sku, level);
    Ok(json!({"success": true}))
}

pub(super) fn read(world: &World, business: &Value) -> Result<Value, Refused> {
    let sku = sku_at(world, business)?;
    let id = required(business, "skuId")?;
    Ok(json!({"skuStocks": [{"skuId": id, "stockNum": world.stock_of(ME, &sku).to_string(), "storeId": "0"}]}))
}
