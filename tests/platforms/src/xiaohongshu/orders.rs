//! Reading orders by time, receivers, and after-sales.

use super::{ME, Refused, invalid, refused, required, shape};
use crate::faults::{listed, page};
use crate::fields::{int, list as items, text};
use crate::order::{Line, Order, Refund};
use crate::world::World;
use serde_json::{Value, json};
use std::cmp::Reverse;

const CREATED_S: i64 = 24 * 3_600;
const UPDATED_S: i64 = 30 * 60;
const PAGES: i64 = 100;

/// `pageNo` and `pageSize`; page numbers begin with 1.
fn paging(body: &Value) -> Result<(usize, usize), Refused> {
    let number = int(body, "pageNo").unwrap_or(1);
    let size = int(body, "pageSize").unwrap_or(50);
    if !(1..=PAGES).contains(&number) || !(1..=100).contains(&size) {
        return Err(invalid("pageNo", "pageNo、pageSize 为 1 到 100"));
    }
    Ok((usize::try_from(number).unwrap_or(1), usize::try_from(size).unwrap_or(50)))
}

pub(super) fn list(world: &World, shop: &str, body: &Value) -> Result<Value, Refused> {
    let start = int(body, "startTime").ok_or_else(|| invalid("startTime", "秒级时间戳"))?;
    let end = int(body, "endTime").ok_or_else(|| invalid("endTime", "秒级时间戳"))?;
    let by_update = match int(body, "timeType") {
        Some(1) => false,
        Some(2) => true,
        _ => return Err(invalid("timeType", "1 创建时间 2 更新时间")),
    };
    let longest = if by_update { UPDATED_S } else { CREATED_S };
    if end < start || end - start > longest {
        return Err(invalid("endTime", "创建时间跨度不能超过 24 小时，更新时间跨度不能超过 30 分钟"));
    }
    let (number, size) = paging(body)?;
    let (kind, status) = (int(body, "orderType").unwrap_or(0), int(body, "orderStatus").unwrap_or(0));
    let key = |o: &Order| (if by_update { o.modified_ms } else { o.created_ms }, o.id);
    let mut found: Vec<&Order> = world
        .orders
        .iter()
        .filter(|o| o.platform == ME && o.shop == shop && (start..=end).contains(&key(o).0.div_euclid(1_000)))
        .filter(|o| matches!(kind, 0 | 1) && (status == 0 || status == shape::status(o)))
        .collect();
    found.sort_by_key(|o| Reverse(key(o)));
    if by_update {
        found = listed(world, ME, found);
    }
    let total = found.len();
    let rows: Vec<&Order> = found.into_iter().skip((number - 1) * size).take(size).collect();
    let rows: Vec<Value> = page(world, ME, rows).into_iter().map(shape::row).collect();
    Ok(
        json!({"total": total, "pageNo": number, "pageSize": size, "maxPageNo": total.div_ceil(size), "orderList": rows}),
    )
}

/// The shop's order with this number.
pub(super) fn find<'a>(world: &'a World, shop: &str, number: &str) -> Result<&'a Order, Refused> {
    let id: Option<i64> = number.strip_prefix('P').and_then(|n| n.parse().ok());
    let found = id.and_then(|id| world.order(ME, id)).filter(|o| o.shop == shop);
    found.ok_or_else(|| refused(5_001, "订单不存在"))
}

pub(super) fn detail(world: &World, shop: &str, body: &Value) -> Result<Value, Refused> {
    Ok(shape::detail(find(world, shop, &required(body, "orderId")?)?))
}

pub(super) fn receivers(world: &World, shop: &str, body: &Value) -> Result<Value, Refused> {
    let queries = items(body, "receiverQueries");
    if queries.is_empty() || queries.len() > 100 {
        return Err(invalid("receiverQueries", "1 到 100 个"));
    }
    let mut rows = Vec::new();
    for query in &queries {
        rows.push(shape::receiver(
            find(world, shop, &required(query, "orderId")?)?,
            &required(query, "openAddressId")?,
        ));
    }
    Ok(json!({"receiverInfos": rows}))
}

fn returns<'a>(world: &'a World, shop: &'a str) -> impl Iterator<Item = (&'a Order, &'a Line)> {
    let mine = world.orders.iter().filter(move |o| o.platform == ME && o.shop == shop);
    mine.flat_map(|o| o.lines.iter().filter(|l| l.refund != Refund::None).map(move |l| (o, l)))
}

/// After-sales of an order or a time, newest first. The unit of the times is not documented: both are understood.
pub(super) fn after_sales(world: &World, shop: &str, body: &Value) -> Result<Value, Refused> {
    let (number, size) = paging(body)?;
    let of_order = text(body, "orderId");
    let ms = |at: i64| if at < 100_000_000_000 { at * 1_000 } else { at };
    let (start, end) = (int(body, "startTime").map(ms), int(body, "endTime").map(ms));
    if of_order.is_empty() && (start.is_none() || end.is_none()) {
        return Err(invalid("startTime", "不传 orderId 时必填"));
    }
    let mut found: Vec<(&Order, &Line)> = returns(world, shop)
        .filter(|(o, _)| of_order.is_empty() || of_order == o.text_id())
        .filter(|(o, _)| start.is_none_or(|s| o.modified_ms >= s) && end.is_none_or(|e| o.modified_ms <= e))
        .collect();
    found.sort_by_key(|(o, l)| Reverse((o.modified_ms, l.id)));
    let total = found.len();
    let rows: Vec<Value> =
        found.into_iter().skip((number - 1) * size).take(size).map(|(o, l)| shape::after_sale(o, l)).collect();
    Ok(
        json!({"totalCount": total, "pageNo": number, "pageSize": size, "maxPageNo": total.div_ceil(size), "afterSaleBasicInfos": rows}),
    )
}

pub(super) fn after_sale(world: &World, shop: &str, body: &Value) -> Result<Value, Refused> {
    let wanted = required(body, "returnsId")?;
    let found = returns(world, shop).find(|(_, l)| shape::returns_id(l) == wanted);
    let (order, line) = found.ok_or_else(|| refused(5_002, "售后单不存在"))?;
    Ok(json!({"afterSaleInfo": shape::after_sale(order, line)}))
}
