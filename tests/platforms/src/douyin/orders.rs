//! Reading orders and after-sales.

use super::{ME, Refused, business, invalid, required, shape};
use crate::faults::{listed, page};
use crate::fields::{int, list, text, yes};
use crate::order::{Line, Order, Refund};
use crate::world::World;
use serde_json::{Value, json};
use std::cmp::Reverse;

const PAGE: i64 = 100;
/// Nothing is read beyond this row.
const DEPTH: i64 = 50_000;

fn window(params: &Value, name: &str) -> Result<(i64, i64), Refused> {
    let edge = |end: &str, open: i64| {
        let name = format!("{name}_{end}");
        let given = text(params, &name);
        if given.is_empty() {
            Ok(open)
        } else {
            int(params, &name).ok_or_else(|| invalid(&name, "应为秒级时间戳"))
        }
    };
    let (start, end) = (edge("start", i64::MIN)?, edge("end", i64::MAX)?);
    if start > end {
        Err(invalid(&format!("{name}_start"), "开始时间晚于结束时间"))
    } else {
        Ok((start, end))
    }
}

/// `page` and `size`, within what is allowed.
fn paging(params: &Value) -> Result<(usize, usize), Refused> {
    let page = int(params, "page").filter(|p| *p >= 0).ok_or_else(|| invalid("page", "page 从 0 开始"))?;
    let size =
        int(params, "size").filter(|s| (1..=PAGE).contains(s)).ok_or_else(|| invalid("size", "size 为 1 到 100"))?;
    if page * size > DEPTH {
        return Err(invalid("page", "page*size 不能超过 50000"));
    }
    Ok((usize::try_from(page).unwrap_or_default(), usize::try_from(size).unwrap_or_default()))
}

/// Whether an order has a status that is asked for; an empty list asks for all.
fn combined(params: &Value, order: &Order) -> bool {
    let asked = list(params, "combine_status");
    let among = |row: &Value, name: &str, status: i64| {
        let named = text(row, name);
        named.is_empty() || named.split(',').any(|s| s.trim() == status.to_string())
    };
    asked.is_empty()
        || asked.iter().any(|row| {
            among(row, "order_status", shape::status(order)) && among(row, "main_status", shape::main_status(order))
        })
}

pub(super) fn search(world: &World, shop: &str, params: &Value) -> Result<Value, Refused> {
    let (number, size) = paging(params)?;
    let created = window(params, "create_time")?;
    let updated = window(params, "update_time")?;
    let by_update = match text(params, "order_by").as_str() {
        "" | "create_time" => false,
        "update_time" => true,
        _ => return Err(invalid("order_by", "create_time 或 update_time")),
    };
    let within = |ms: i64, window: (i64, i64)| (window.0..=window.1).contains(&ms.div_euclid(1_000));
    let mut found: Vec<&Order> = world
        .orders
        .iter()
        .filter(|o| o.platform == ME && o.shop == shop)
        .filter(|o| within(o.created_ms, created) && within(o.modified_ms, updated) && combined(params, o))
        .collect();
    let key = |o: &Order| (if by_update { o.modified_ms } else { o.created_ms }, o.id);
    if yes(params, "order_asc") {
        found.sort_by_key(|o| key(o));
    } else {
        found.sort_by_key(|o| Reverse(key(o)));
    }
    if by_update || updated != (i64::MIN, i64::MAX) {
        found = listed(world, ME, found);
    }
    let total = found.len();
    let rows: Vec<&Order> = found.into_iter().skip(number * size).take(size).collect();
    let rows: Vec<Value> = page(world, ME, rows).into_iter().map(|o| shape::shop_order(world, o)).collect();
    Ok(json!({"page": number, "size": size, "total": total, "shop_order_list": rows}))
}

/// The shop's order with this number; old interfaces put an `A` behind it.
pub(super) fn find<'a>(world: &'a World, shop: &str, number: &str) -> Result<&'a Order, Refused> {
    let id: Option<i64> = number.trim_end_matches('A').parse().ok();
    let found = id.and_then(|id| world.order(ME, id)).filter(|o| o.shop == shop);
    found.ok_or_else(|| business(2_001, "订单不存在"))
}

pub(super) fn detail(world: &World, shop: &str, params: &Value) -> Result<Value, Refused> {
    let order = find(world, shop, &required(params, "shop_order_id")?)?;
    Ok(json!({"shop_order_detail": shape::shop_order(world, order)}))
}

fn refunds<'a>(world: &'a World, shop: &'a str) -> impl Iterator<Item = (&'a Order, &'a Line)> {
    let mine = world.orders.iter().filter(move |o| o.platform == ME && o.shop == shop);
    mine.flat_map(|o| o.lines.iter().filter(|l| l.refund != Refund::None).map(move |l| (o, l)))
}

/// Lines with a refund, newest change first.
pub(super) fn after_sales(world: &World, shop: &str, params: &Value) -> Result<Value, Refused> {
    let (number, size) = paging(params)?;
    let (start, end) = (int(params, "update_start_time"), int(params, "update_end_time"));
    let of_order = text(params, "order_id");
    let mut found: Vec<(&Order, &Line)> = refunds(world, shop)
        .filter(|(o, l)| of_order.is_empty() || of_order == o.text_id() || of_order == l.id.to_string())
        .filter(|(o, _)| {
            start.is_none_or(|s| o.modified_ms / 1_000 >= s) && end.is_none_or(|e| o.modified_ms / 1_000 <= e)
        })
        .collect();
    found.sort_by_key(|(o, l)| Reverse((o.modified_ms, l.id)));
    let total = found.len();
    let rows: Vec<Value> =
        found.into_iter().skip(number * size).take(size).map(|(o, l)| shape::after_sale(o, l)).collect();
    Ok(json!({"page": number, "size": size, "total": total, "has_more": total > (number + 1) * size, "items": rows}))
}

pub(super) fn after_sale(world: &World, shop: &str, params: &Value) -> Result<Value, Refused> {
    let wanted = required(params, "after_sale_id")?;
    let found = refunds(world, shop).find(|(_, l)| shape::aftersale_id(l).to_string() == wanted);
    let (order, line) = found.ok_or_else(|| business(2_101, "售后单不存在"))?;
    Ok(json!({"process_info": {"after_sale_info": shape::after_sale(order, line).get("aftersale_info")},
        "order_info": shape::after_sale(order, line).get("order_info")}))
}
