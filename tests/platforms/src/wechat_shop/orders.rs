//! Lists of order ids by time, single orders, and after-sales.

use super::{ME, Refused, invalid, refused, required, shape};
use crate::faults::{listed, page};
use crate::fields::{int, part, text};
use crate::order::{Line, Order, Refund};
use crate::world::World;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use std::cmp::Reverse;

const WINDOW_S: i64 = 7 * 86_400;

fn range(body: &Value, name: &str) -> Result<Option<(i64, i64)>, Refused> {
    let given = part(body, name);
    if given.is_null() {
        return Ok(None);
    }
    let (Some(start), Some(end)) = (int(&given, "start_time"), int(&given, "end_time")) else {
        return Err(invalid(name, "start_time、end_time 为秒"));
    };
    if end < start || end - start > WINDOW_S {
        return Err(invalid(name, "时间跨度不能超过 7 天"));
    }
    Ok(Some((start, end)))
}

/// A place in the list: the key of the row before.
fn read_key(body: &Value) -> Result<Option<(i64, i64)>, Refused> {
    let given = text(body, "next_key");
    if given.is_empty() {
        return Ok(None);
    }
    let plain = STANDARD.decode(&given).ok().and_then(|b| String::from_utf8(b).ok()).unwrap_or_default();
    let key = plain.split_once(':').and_then(|(at, id)| Some((at.parse().ok()?, id.parse().ok()?)));
    key.map(Some).ok_or_else(|| invalid("next_key", "不是上一页返回的值"))
}

/// Newest first; what is modified between two pages moves before them.
pub(super) fn list(world: &World, shop: &str, body: &Value) -> Result<Value, Refused> {
    let (created, updated) = (range(body, "create_time_range")?, range(body, "update_time_range")?);
    if created.is_none() && updated.is_none() {
        return Err(invalid("update_time_range", "create_time_range 与 update_time_range 至少一个"));
    }
    let size =
        int(body, "page_size").filter(|s| (1..=100).contains(s)).ok_or_else(|| invalid("page_size", "1 到 100"))?;
    let size = usize::try_from(size).unwrap_or(100);
    let status = int(body, "status").filter(|s| *s != 0);
    let after = read_key(body)?;
    let within =
        |ms: i64, range: Option<(i64, i64)>| range.is_none_or(|(s, e)| (s..=e).contains(&ms.div_euclid(1_000)));
    let key = |o: &Order| (if updated.is_some() { o.modified_ms } else { o.created_ms }, o.id);
    let mut found: Vec<&Order> = world
        .orders
        .iter()
        .filter(|o| {
            o.platform == ME && o.shop == shop && within(o.created_ms, created) && within(o.modified_ms, updated)
        })
        .filter(|o| status.is_none_or(|s| s == shape::status(o)))
        .collect();
    found.sort_by_key(|o| Reverse(key(o)));
    if updated.is_some() {
        found = listed(world, ME, found);
    }
    let mut rest: Vec<&Order> = found.into_iter().filter(|o| after.is_none_or(|at| key(o) < at)).collect();
    let more = rest.len() > size;
    rest.truncate(size);
    let next = rest.last().map(|o| STANDARD.encode(format!("{}:{}", key(o).0, key(o).1))).unwrap_or_default();
    let ids: Vec<String> = page(world, ME, rest).into_iter().map(Order::text_id).collect();
    Ok(json!({"order_id_list": ids, "next_key": next, "has_more": more}))
}

/// The shop's order with this number; ids are text here.
pub(super) fn find<'a>(world: &'a World, shop: &str, body: &Value) -> Result<&'a Order, Refused> {
    let id: i64 = match body.get("order_id") {
        Some(Value::String(id)) => id.parse().map_err(|_| invalid("order_id", "应为数字"))?,
        Some(_) => return Err(refused(47_001, "data format error: order_id should be string")),
        None => return Err(invalid("order_id", "不能为空")),
    };
    world.order(ME, id).filter(|o| o.shop == shop).ok_or_else(|| refused(10_020_050, "订单不存在"))
}

pub(super) fn get(world: &World, shop: &str, body: &Value) -> Result<Value, Refused> {
    Ok(json!({"order": shape::order(find(world, shop, body)?)}))
}

fn with_after_sale<'a>(world: &'a World, shop: &'a str) -> impl Iterator<Item = (&'a Order, &'a Line)> {
    let mine = world.orders.iter().filter(move |o| o.platform == ME && o.shop == shop);
    mine.flat_map(|o| o.lines.iter().filter(|l| l.refund != Refund::None).map(move |l| (o, l)))
}

/// At most a day of after-sales by their last change.
pub(super) fn after_sales(world: &World, shop: &str, body: &Value) -> Result<Value, Refused> {
    let name = if part(body, "begin_update_time").is_null() { "create" } else { "update" };
    let (start, end) = (int(body, &format!("begin_{name}_time")), int(body, &format!("end_{name}_time")));
    let (Some(start), Some(end)) = (start, end) else { return Err(invalid("begin_update_time", "不能为空")) };
    if end < start || end - start > 86_400 {
        return Err(invalid("end_update_time", "时间跨度不能超过 24 小时"));
    }
    let after = read_key(body)?;
    let mut found: Vec<(&Order, &Line)> =
        with_after_sale(world, shop).filter(|(o, _)| (start..=end).contains(&(o.modified_ms / 1_000))).collect();
    found.sort_by_key(|(o, l)| Reverse((o.modified_ms, l.id)));
    let mut rest: Vec<(&Order, &Line)> =
        found.into_iter().filter(|(o, l)| after.is_none_or(|at| (o.modified_ms, l.id) < at)).collect();
    let more = rest.len() > 50;
    rest.truncate(50);
    let next = rest.last().map(|(o, l)| STANDARD.encode(format!("{}:{}", o.modified_ms, l.id))).unwrap_or_default();
    let ids: Vec<String> = rest.into_iter().map(|(_, l)| shape::aftersale_id(l)).collect();
    Ok(json!({"after_sale_order_id_list": ids, "has_more": more, "next_key": next}))
}

pub(super) fn after_sale(world: &World, shop: &str, body: &Value) -> Result<Value, Refused> {
    let wanted = required(body, "after_sale_order_id")?;
    let found = with_after_sale(world, shop).find(|(_, l)| shape::aftersale_id(l) == wanted);
    let (order, line) = found.ok_or_else(|| refused(10_020_060, "售后单不存在"))?;
    Ok(json!({"after_sale_order": shape::after_sale(order, line)}))
}
