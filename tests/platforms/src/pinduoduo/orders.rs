//! Orders: numbers by the time of modification, half an hour at most; details one by one.

use super::{ME, Params, Refused, given, invalid, missing, number, refused, required, shape};
use crate::faults;
use crate::order::Order;
use crate::world::World;
use serde_json::{Value, json};

const INCREMENT_S: i64 = 30 * 60;
const LIST_S: i64 = 86_400;
const AGE_S: i64 = 90 * 86_400;
const PAGE_SIZE: i64 = 100;

fn window(world: &World, params: &Params, names: (&str, &str), span: i64, what: &str) -> Result<(i64, i64), Refused> {
    let (from, to) = (number(params, names.0)?, number(params, names.1)?);
    if to < from || to - from > span {
        return Err(invalid(names.1, &format!("查询时间跨度不能超过{what}")));
    }
    if from < world.now(ME) / 1_000 - AGE_S {
        return Err(invalid(names.0, "只能查询 90 天内的订单"));
    }
    Ok((from, to))
}

fn paging(params: &Params) -> Result<(usize, usize), Refused> {
    let number = |name: &str, default: i64| match given(params, name) {
        "" => Ok(default),
        text => text.parse().map_err(|_| invalid(name, "应为整数")),
    };
    let (page, page_size) = (number("page", 1)?, number("page_size", PAGE_SIZE)?);
    if page < 1 || !(1..=PAGE_SIZE).contains(&page_size) {
        return Err(invalid("page_size", "page 从 1 起，page_size 为 1 到 100"));
    }
    let whole = |n: i64| usize::try_from(n).map_err(|_| invalid("page", "过大"));
    Ok((whole(page)?, whole(page_size)?))
}

/// Which orders are asked for by state; both must be named.
fn wanted(params: &Params) -> Result<impl Fn(&Order) -> bool + use<>, Refused> {
    let (status, refund) = (number(params, "order_status")?, number(params, "refund_status")?);
    if !matches!(status, 1 | 2 | 3 | 5) {
        return Err(invalid("order_status", "1 待发货 2 已发货 3 已签收 5 全部"));
    }
    if !(1..=5).contains(&refund) {
        return Err(invalid("refund_status", "1 到 5"));
    }
    let lucky = match given(params, "is_lucky_flag") {
        "" | "0" => None,
        "1" => Some(false),
        "2" => Some(true),
        _ => return Err(invalid("is_lucky_flag", "0 全部 1 非抽奖 2 抽奖")),
    };
    Ok(move |o: &Order| {
        (status == 5 || status == shape::status(o))
            && (refund == 5 || refund == shape::refund_status(o))
            && lucky.is_none_or(|lucky| lucky == o.tagged("lucky"))
    })
}

/// Only what is confirmed: paid, and its group formed.
fn confirmed<'a>(world: &'a World, shop: &'a str) -> impl Iterator<Item = &'a Order> {
    world.orders.iter().filter(move |o| o.platform == ME && o.shop == shop && o.paid_ms.is_some())
}

fn cut<'a>(
    world: &World,
    found: Vec<&'a Order>,
    params: &Params,
) -> Result<(Vec<&'a Order>, &'static str, Value), Refused> {
    let (page, page_size) = paging(params)?;
    let (total, skip) = (found.len(), (page - 1) * page_size);
    let rows = faults::page(world, ME, found.into_iter().skip(skip).take(page_size).collect());
    Ok(match given(params, "use_has_next") {
        "true" => (rows, "has_next", (total > skip + page_size).into()),
        _ => (rows, "total_count", total.into()),
    })
}

pub(super) fn increment(world: &World, shop: &str, params: &Params) -> Result<Value, Refused> {
    let (from, to) = window(world, params, ("start_updated_at", "end_updated_at"), INCREMENT_S, " 30 分钟")?;
    let wanted = wanted(params)?;
    let inside = |o: &&Order| (from..=to).contains(&o.modified_ms.div_euclid(1_000));
    let mut found: Vec<&Order> = confirmed(world, shop).filter(inside).filter(|o| wanted(o)).collect();
    // Newest first.
    found.sort_by_key(|o| std::cmp::Reverse((o.modified_ms, o.id)));
    let (rows, name, value) = cut(world, faults::listed(world, ME, found), params)?;
    let plain = world.options.pinduoduo.plain_numbers;
    let row = |o: &Order| if plain { Value::from(o.text_id()) } else { shape::brief(o) };
    let rows: Vec<Value> = rows.into_iter().map(row).collect();
    Ok(json!({"order_sn_increment_get_response": {"order_sn_list": rows, name: value}}))
}

pub(super) fn by_confirmation(world: &World, shop: &str, params: &Params, envelope: &str) -> Result<Value, Refused> {
    let (from, to) = window(world, params, ("start_confirm_at", "end_confirm_at"), LIST_S, " 24 小时")?;
    let wanted = wanted(params)?;
    let inside = |o: &&Order| o.paid_ms.is_some_and(|t| (from..=to).contains(&t.div_euclid(1_000)));
    let mut found: Vec<&Order> = confirmed(world, shop).filter(inside).filter(|o| wanted(o)).collect();
    found.sort_by_key(|o| std::cmp::Reverse((o.paid_ms, o.id)));
    let (rows, name, value) = cut(world, found, params)?;
    let light = envelope.contains("basic");
    let rows: Vec<Value> =
        rows.into_iter().map(|o| if light { shape::brief(o) } else { shape::info(world, o) }).collect();
    Ok(json!({ envelope: {"order_list": rows, name: value}}))
}

/// The confirmed order with this number, if it is the shop's.
pub(super) fn of_shop<'a>(world: &'a World, shop: &'a str, order_sn: &str) -> Result<&'a Order, Refused> {
    confirmed(world, shop).find(|o| o.text_id() == order_sn).ok_or_else(|| refused("20020", "订单不存在"))
}

pub(super) fn information(world: &World, shop: &str, params: &Params) -> Result<Value, Refused> {
    let order = of_shop(world, shop, required(params, "order_sn")?)?;
    Ok(json!({"order_info_get_response": {"order_info": shape::info(world, order)}}))
}

pub(super) fn status(world: &World, shop: &str, params: &Params) -> Result<Value, Refused> {
    let mut rows = Vec::new();
    for order_sn in given(params, "order_sns").split(',').map(str::trim).filter(|n| !n.is_empty()) {
        let order = of_shop(world, shop, order_sn)?;
        rows.push(json!({"order_sn": order_sn, "order_status": shape::status(order), "refund_status": shape::refund_status(order)}));
    }
    if rows.is_empty() {
        return Err(missing("order_sns"));
    }
    Ok(json!({"order_status_get_response": {"order_status_list": rows}}))
}
