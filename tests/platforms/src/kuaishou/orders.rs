//! Reading orders by a cursor, and refunds.

use super::{ME, Refused, business, invalid, shape};
use crate::faults::{listed, page};
use crate::fields::{int, text};
use crate::order::{Line, Order, Refund};
use crate::world::World;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

const DAY_MS: i64 = 86_400_000;
const BACK_MS: i64 = 90 * DAY_MS;
const WINDOW_MS: i64 = 7 * DAY_MS;
const PAGE: i64 = 100;
const END: &str = "nomore";

/// `beginTime` and `endTime`, within what is allowed.
fn window(world: &World, param: &Value, longest: i64) -> Result<(i64, i64), Refused> {
    let begin = int(param, "beginTime").ok_or_else(|| invalid("beginTime"))?;
    let end = int(param, "endTime").ok_or_else(|| invalid("endTime"))?;
    if begin < world.now(ME) - BACK_MS {
        return Err(invalid("beginTime"));
    }
    if end < begin || end - begin > longest {
        return Err(invalid("endTime"));
    }
    Ok((begin, end))
}

fn page_size(param: &Value) -> Result<usize, Refused> {
    let size = int(param, "pageSize").filter(|s| (1..=PAGE).contains(s)).ok_or_else(|| invalid("pageSize"))?;
    usize::try_from(size).map_err(|_| invalid("pageSize"))
}

/// A place in the list: the key of the row before.
fn read_cursor(param: &Value, name: &str) -> Result<Option<(i64, i64)>, Refused> {
    let given = text(param, name);
    if given.is_empty() || given == "0" {
        return Ok(None);
    }
    let plain = STANDARD.decode(&given).ok().and_then(|b| String::from_utf8(b).ok()).unwrap_or_default();
    let key = plain.split_once(':').and_then(|(at, id)| Some((at.parse().ok()?, id.parse().ok()?)));
    key.map(Some).ok_or_else(|| invalid(name))
}

fn cursor(key: (i64, i64)) -> String {
    STANDARD.encode(format!("{}:{}", key.0, key.1))
}

/// Whether an order belongs to `orderViewStatus`.
fn viewed(view: i64, order: &Order) -> bool {
    match view {
        2 => shape::status(order) == 10,
        3 => shape::status(order) == 30,
        4 => shape::status(order) == 40,
        5 => shape::status(order) == 50,
        6 => shape::status(order) == 70,
        7 => shape::status(order) == 80,
        _ => true,
    }
}

pub(super) fn list(world: &World, shop: &str, param: &Value) -> Result<Value, Refused> {
    let (begin, end) = window(world, param, WINDOW_MS)?;
    let size = page_size(param)?;
    let view =
        int(param, "orderViewStatus").filter(|v| (1..=7).contains(v)).ok_or_else(|| invalid("orderViewStatus"))?;
    let by_update = match int(param, "queryType") {
        None | Some(1) => false,
        Some(2) => true,
        Some(_) => return Err(invalid("queryType")),
    };
    let descending = match int(param, "sort") {
        Some(1) => false,
        None | Some(2) => true,
        Some(_) => return Err(invalid("sort")),
    };
    let after = read_cursor(param, "cursor")?;
    let key = |o: &Order| (if by_update { o.modified_ms } else { o.created_ms }, o.id);
    let mut found: Vec<&Order> = world
        .orders
        .iter()
        .filter(|o| o.platform == ME && o.shop == shop && viewed(view, o) && (begin..=end).contains(&key(o).0))
        .collect();
    found.sort_by_key(|o| key(o));
    if descending {
        found.reverse();
    }
    if by_update {
        found = listed(world, ME, found);
    }
    // What is modified between two pages moves to the list's other end, and the cursor does not know.
    let behind = |o: &&Order| after.is_none_or(|at| if descending { key(o) < at } else { key(o) > at });
    let mut rest: Vec<&Order> = found.into_iter().filter(behind).collect();
    let more = rest.len() > size;
    rest.truncate(size);
    let next = rest.last().filter(|_| more).map_or(END.to_owned(), |o| cursor(key(o)));
    let rows: Vec<Value> = page(world, ME, rest).into_iter().map(shape::order).collect();
    Ok(json!({"cursor": next, "orderList": rows, "pageSize": size, "beginTime": begin, "endTime": end}))
}

/// The shop's order with this number.
pub(super) fn find<'a>(world: &'a World, shop: &str, param: &Value, name: &str) -> Result<&'a Order, Refused> {
    let id = int(param, name).ok_or_else(|| invalid(name))?;
    world.order(ME, id).filter(|o| o.shop == shop).ok_or_else(|| business(2_101, "订单不存在"))
}

pub(super) fn detail(world: &World, shop: &str, param: &Value) -> Result<Value, Refused> {
    Ok(shape::order(find(world, shop, param, "oid")?))
}

fn with_refund<'a>(world: &'a World, shop: &'a str) -> impl Iterator<Item = (&'a Order, &'a Line)> {
    let mine = world.orders.iter().filter(move |o| o.platform == ME && o.shop == shop);
    mine.flat_map(|o| o.lines.iter().filter(|l| l.refund != Refund::None).map(move |l| (o, l)))
}

/// Refunds, newest first; at most a day of them at once.
pub(super) fn refunds(world: &World, shop: &str, param: &Value) -> Result<Value, Refused> {
    let (begin, end) = window(world, param, DAY_MS)?;
    let size = page_size(param)?;
    let after = read_cursor(param, "pcursor")?;
    let of_order = int(param, "orderId").filter(|o| *o > 0);
    let mut found: Vec<(&Order, &Line)> = with_refund(world, shop)
        .filter(|(o, _)| (begin..=end).contains(&o.modified_ms) && of_order.is_none_or(|id| id == o.id))
        .collect();
    found.sort_by_key(|(o, l)| std::cmp::Reverse((o.modified_ms, l.id)));
    let total = found.len();
    let mut rest: Vec<(&Order, &Line)> =
        found.into_iter().filter(|(o, l)| after.is_none_or(|at| (o.modified_ms, l.id) < at)).collect();
    let more = rest.len() > size;
    rest.truncate(size);
    let next = rest.last().filter(|_| more).map_or(END.to_owned(), |(o, l)| cursor((o.modified_ms, l.id)));
    let rows: Vec<Value> = rest.into_iter().map(|(o, l)| shape::refund(o, l)).collect();
    Ok(
        json!({"pcursor": next, "pageSize": size, "totalSize": total, "beginTime": begin, "endTime": end, "refundOrderInfoList": rows}),
    )
}

pub(super) fn refund(world: &World, shop: &str, param: &Value) -> Result<Value, Refused> {
    let wanted = int(param, "refundId").ok_or_else(|| invalid("refundId"))?;
    let found = with_refund(world, shop).find(|(_, l)| shape::refund_id(l) == wanted);
    found.map(|(o, l)| shape::refund(o, l)).ok_or_else(|| business(2_102, "售后单不存在"))
}
