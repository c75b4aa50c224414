//! Trades: the list by modification, newest first, and the detail. Receivers are masked in both.

use super::{ME, Params, Refused, given, invalid, remote, required};
use crate::clock::{beijing, parse_beijing};
use crate::faults;
use crate::fiction::Receiver;
use crate::order::{Line, Order, Refund, Stage, decimal};
use crate::sign;
use crate::world::World;
use serde_json::{Map, Value, json};

const DAY_MS: i64 = 86_400_000;
/// Fields that the list has; the rest only the detail gives.
const LIST_FIELDS: &[&str] = &[
    "tid",
    "tid_str",
    "status",
    "type",
    "created",
    "pay_time",
    "modified",
    "end_time",
    "consign_time",
    "payment",
    "total_fee",
    "post_fee",
    "discount_fee",
    "adjust_fee",
    "received_payment",
    "available_confirm_fee",
    "commission_fee",
    "buyer_nick",
    "buyer_open_uid",
    "seller_nick",
    "seller_flag",
    "has_buyer_message",
    "shipping_type",
    "num",
    "num_iid",
    "price",
    "title",
    "pic_path",
    "receiver_name",
    "receiver_state",
    "receiver_city",
    "receiver_district",
    "receiver_address",
    "receiver_zip",
    "receiver_mobile",
    "receiver_phone",
    "orders",
    "trade_from",
    "step_trade_status",
    "step_paid_fee",
    "buyer_rate",
    "seller_rate",
    "sid",
];
/// Without all of these the gateway gives no `oaid`.
const OAID_NEEDS: &[&str] = &["receiver_name", "receiver_address", "created", "receiver_mobile", "receiver_phone"];

/// The token that stands for a receiver; every trade has another.
pub(crate) fn oaid(world: &World, tid: i64) -> String {
    format!("1{}", sign::opaque(&world.options.taobao.app_secret, &format!("oaid:{tid}")))
}

pub(super) fn status(o: &Order) -> &'static str {
    match o.stage {
        Stage::Cancelled if o.paid_ms.is_some() => "TRADE_CLOSED",
        Stage::Cancelled => "TRADE_CLOSED_BY_TAOBAO",
        _ if o.refunded() => "TRADE_CLOSED",
        Stage::Completed => "TRADE_FINISHED",
        Stage::Unpaid => "WAIT_BUYER_PAY",
        Stage::Paid if o.fully_shipped() => "WAIT_BUYER_CONFIRM_GOODS",
        Stage::Paid if o.partly_shipped() => "SELLER_CONSIGNED_PART",
        Stage::Paid if o.meta.iter().any(|m| m.1 == "hold") => "PAID_FORBID_CONSIGN",
        Stage::Paid => "WAIT_SELLER_SEND_GOODS",
    }
}

fn line_status(o: &Order, l: &Line) -> &'static str {
    match status(o) {
        _ if l.refund == Refund::Done => "TRADE_CLOSED",
        "SELLER_CONSIGNED_PART" if l.shipped > 0 => "WAIT_BUYER_CONFIRM_GOODS",
        "SELLER_CONSIGNED_PART" => "WAIT_SELLER_SEND_GOODS",
        of_trade => of_trade,
    }
}

/// First character kept, the rest starred: what a seller without the right to open it sees.
fn masked(r: &Receiver) -> (String, String, String) {
    let first = |text: &str, keep: usize| text.chars().take(keep).collect::<String>();
    let name = format!("{}**", first(&r.name, 1));
    let tail: String = r.phone.chars().skip(r.phone.chars().count().saturating_sub(4)).collect();
    (name, format!("*******{tail}"), format!("{}***", first(&r.address, 2)))
}

fn line(o: &Order, l: &Line) -> Value {
    // With one line the line's payment includes the freight, with several it does not.
    let payment = if o.lines.len() == 1 { l.amount() + o.shipping } else { l.amount() };
    let shipment = o.shipments.iter().find(|s| s.lines.iter().any(|x| x.0 == l.id));
    let (refund_status, refund_id) = match l.refund {
        Refund::None => ("NO_REFUND", Value::Null),
        Refund::Requested => ("WAIT_SELLER_AGREE", json!(l.id + 1_000_000)),
        Refund::Done => ("SUCCESS", json!(l.id + 1_000_000)),
    };
    json!({
        "oid": l.id, "oid_str": l.id.to_string(), "num_iid": l.good.num_iid(), "sku_id": l.good.taobao_sku().to_string(),
        "outer_iid": l.good.sku, "outer_sku_id": l.good.sku, "title": l.good.title,
        "sku_properties_name": format!("规格:{}", l.good.spec), "num": l.qty, "price": decimal(l.unit_price),
        "total_fee": decimal(l.amount()), "payment": decimal(payment), "discount_fee": "0.00", "adjust_fee": "0.00",
        "divide_order_fee": decimal(l.amount()), "status": line_status(o, l), "refund_status": refund_status,
        "refund_id": refund_id, "cid": 50_012_345, "is_oversold": false, "is_free_gift": false, "buyer_rate": false,
        "invoice_no": shipment.map(|s| s.number.clone()), "logistics_company": shipment.map(|s| s.carrier.clone()),
        "consign_time": shipment.map(|s| beijing(s.at_ms)),
    })
}

fn trade(world: &World, o: &Order) -> Map<String, Value> {
    let (name, phone, address) = masked(&o.receiver);
    let r = &o.receiver;
    let single = o.lines.first().filter(|_| o.lines.len() == 1);
    let shown = json!({
        "tid": o.id, "tid_str": o.id.to_string(), "status": status(o), "type": "fixed",
        "created": beijing(o.created_ms), "pay_time": o.paid_ms.map(beijing), "modified": beijing(o.modified_ms),
        "consign_time": o.shipments.last().map(|s| beijing(s.at_ms)), "end_time": o.ended_ms.map(beijing),
        "payment": decimal(o.total()), "total_fee": decimal(o.goods_total()), "post_fee": decimal(o.shipping),
        "discount_fee": "0.00", "adjust_fee": "0.00", "commission_fee": "0.00", "available_confirm_fee": decimal(o.total()),
        "received_payment": if o.stage == Stage::Completed { decimal(o.total()) } else { "0.00".to_owned() },
        "buyer_message": Some(&o.buyer_remark).filter(|t| !t.is_empty()), "has_buyer_message": !o.buyer_remark.is_empty(),
        "seller_memo": Some(&o.seller_remark).filter(|t| !t.is_empty()), "seller_flag": 0,
        "buyer_nick": format!("{}**", r.name.chars().next().unwrap_or('*')),
        "buyer_open_uid": sign::opaque("uid", &r.phone), "seller_nick": o.shop, "shipping_type": "express",
        "receiver_name": name, "receiver_mobile": phone, "receiver_phone": "", "receiver_address": address,
        "receiver_zip": "000000", "receiver_country": "中国", "receiver_state": r.province, "receiver_city": r.city,
        "receiver_district": r.district, "receiver_town": "", "oaid": oaid(world, o.id), "trade_from": "WAP,WAP",
        "buyer_rate": false, "seller_rate": false,
        "num": single.map(|l| l.qty), "num_iid": single.map(|l| l.good.num_iid()),
        "title": single.map(|l| l.good.title.clone()), "price": single.map(|l| decimal(l.unit_price)),
        "orders": {"order": o.lines.iter().map(|l| line(o, l)).collect::<Vec<_>>()},
    });
    match shown {
        Value::Object(all) => all,
        _ => Map::new(),
    }
}

/// Keeps the fields that were asked and exist; what has no value is left out, as TOP does.
fn cut(all: Map<String, Value>, fields: &[String], list: bool) -> Value {
    let asked = |name: &str| fields.iter().any(|f| f == name);
    let of_lines: Vec<&str> = fields.iter().filter_map(|f| f.strip_prefix("orders.")).collect();
    let oaid_allowed = OAID_NEEDS.iter().all(|f| asked(f));
    let mut kept = Map::new();
    for (name, value) in all {
        if list && !LIST_FIELDS.contains(&name.as_str()) {
            continue;
        }
        let wanted = match name.as_str() {
            "oaid" => asked("oaid") && oaid_allowed,
            "orders" => asked("orders") || !of_lines.is_empty(),
            name => asked(name),
        };
        if !wanted || value.is_null() {
            continue;
        }
        let whole_lines = asked("orders");
        kept.insert(name.clone(), if name == "orders" { cut_lines(value, &of_lines, whole_lines) } else { value });
    }
    Value::Object(kept)
}

fn cut_lines(orders: Value, fields: &[&str], whole: bool) -> Value {
    let lines = orders.get("order").and_then(Value::as_array).cloned().unwrap_or_default();
    let keep = |line: Value| match line {
        Value::Object(all) => Value::Object(
            all.into_iter().filter(|(k, v)| !v.is_null() && (whole || fields.contains(&k.as_str()))).collect(),
        ),
        other => other,
    };
    json!({"order": lines.into_iter().map(keep).collect::<Vec<_>>()})
}

fn fields(params: &Params) -> Result<Vec<String>, Refused> {
    Ok(required(params, "fields")?.split(',').map(|f| f.trim().to_owned()).filter(|f| !f.is_empty()).collect())
}

fn instant(params: &Params, name: &str) -> Result<i64, Refused> {
    parse_beijing(required(params, name)?).ok_or_else(|| invalid(name, "格式应为 yyyy-MM-dd HH:mm:ss"))
}

pub(super) fn increment(world: &World, shop: &str, params: &Params) -> Result<Value, Refused> {
    let fields = fields(params)?;
    let (start, end) = (instant(params, "start_modified")?, instant(params, "end_modified")?);
    if end < start || end - start > DAY_MS {
        return Err(invalid("end_modified", "查询的时间跨度不能超过一天，且结束时间不能早于开始时间"));
    }
    if start < world.now(ME) - 90 * DAY_MS {
        return Err(invalid("start_modified", "只能查询三个月以内的订单"));
    }
    let number = |name: &str, default: usize| match given(params, name) {
        "" => Ok(default),
        text => text.parse().map_err(|_| invalid(name, "应为整数")),
    };
    let (page_no, page_size) = (number("page_no", 1)?, number("page_size", 40)?);
    if page_no < 1 || !(1..=100).contains(&page_size) {
        return Err(invalid("page_size", "page_no 从 1 起，page_size 为 1 到 100"));
    }
    let status_asked = given(params, "status");
    // Times have whole seconds here, and both ends belong to the window.
    let second = |ms: i64| ms.div_euclid(1_000) * 1_000;
    let mut found: Vec<&Order> = world
        .orders
        .iter()
        .filter(|o| o.platform == ME && o.shop == shop && (start..=end).contains(&second(o.modified_ms)))
        .filter(|o| status_asked.is_empty() || status_asked == status(o))
        .collect();
    found.sort_by_key(|o| std::cmp::Reverse((o.modified_ms, o.id)));
    let found = faults::listed(world, ME, found);
    let total = found.len();
    let skip = (page_no - 1) * page_size;
    let rows = faults::page(world, ME, found.into_iter().skip(skip).take(page_size).collect());
    let rows: Vec<Value> = rows.into_iter().map(|o| cut(trade(world, o), &fields, true)).collect();
    let mut body = Map::new();
    if !rows.is_empty() {
        body.insert("trades".to_owned(), json!({"trade": rows}));
    }
    if given(params, "use_has_next") == "true" {
        body.insert("has_next".to_owned(), (total > skip + page_size).into());
    } else {
        body.insert("total_results".to_owned(), total.into());
    }
    Ok(Value::Object(body))
}

/// The trade with this number, if it is the shop's.
pub(super) fn of_shop<'a>(world: &'a World, shop: &str, params: &Params) -> Result<&'a Order, Refused> {
    let tid: i64 = required(params, "tid")?.parse().map_err(|_| invalid("tid", "应为整数"))?;
    let found = world.order(ME, tid).filter(|o| o.shop == shop);
    found.ok_or_else(|| remote("isv.trade-not-exist", "交易订单不存在"))
}

pub(super) fn full_info(world: &World, shop: &str, params: &Params) -> Result<Value, Refused> {
    let mut fields = fields(params)?;
    if !given(params, "include_oaid").is_empty() {
        fields.push("oaid".to_owned());
    }
    let order = of_shop(world, shop, params)?;
    Ok(json!({"trade": cut(trade(world, order), &fields, false)}))
}
