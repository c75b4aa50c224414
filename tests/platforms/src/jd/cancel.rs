//! Requests to cancel a paid order. The protocol's page does not describe this call: names and states are from memory.

use super::{ME, Refused, invalid, required};
use crate::clock::beijing;
use crate::fields::text;
use crate::order::Order;
use crate::world::World;
use serde_json::{Value, json};

const PAGE_SIZE: usize = 50;

/// `0`: nobody decided yet; `9`: the money is back. JD cancels whole orders.
fn status(o: &Order) -> Option<&'static str> {
    match () {
        () if o.refunded() => Some("9"),
        () if o.refunding() => Some("0"),
        () => None,
    }
}

fn row(o: &Order, status: &str) -> Value {
    json!({"id": format!("9{}", o.id % 1_000_000_000), "orderId": o.id.to_string(), "status": status,
        "applyTime": beijing(o.modified_ms), "checkTime": if status == "9" { beijing(o.modified_ms) } else { String::new() },
        "reason": "不想要了", "buyerId": "", "systemId": "1"})
}

/// A shop's requests, of one order where it is named.
pub(super) fn list(world: &World, shop: &str, business: &Value) -> Result<Value, Refused> {
    let number = |name: &str| required(business, name)?.parse::<usize>().map_err(|_| invalid(name, "应为整数"));
    let (page, page_size) = (number("pageIndex")?, number("pageSize")?);
    if page < 1 || !(1..=PAGE_SIZE).contains(&page_size) {
        return Err(invalid("pageSize", "pageIndex 从 1 起，pageSize 为 1 到 50"));
    }
    let wanted = text(business, "orderId");
    let of_shop = world.orders.iter().filter(|o| o.platform == ME && o.shop == shop);
    let rows: Vec<Value> = of_shop
        .filter(|o| wanted.is_empty() || o.id.to_string() == wanted)
        .filter_map(|o| status(o).map(|status| row(o, status)))
        .collect();
    let total = rows.len();
    let rows: Vec<Value> = rows.into_iter().skip((page - 1) * page_size).take(page_size).collect();
    Ok(json!({"queryResult": {"success": true, "errorCode": "", "totalCount": total, "result": rows}}))
}
