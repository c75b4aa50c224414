//! Orders: listed once they are paid, only the named fields, receivers sealed.

use super::{ME, Refused, invalid, missing, refused, required};
use crate::clock::{beijing, parse_beijing};
use crate::faults;
use crate::fields::text;
use crate::order::{Line, Order, Stage, decimal};
use crate::sign;
use crate::world::{Event, World};
use crate::{numbers, seal};
use serde_json::{Map, Value, json};

const DAY_MS: i64 = 86_400_000;
/// "One month".
const SPAN_MS: i64 = 31 * DAY_MS;
const PAGE_SIZE: usize = 100;
/// Behind this page everything is empty.
const LAST_PAGE: usize = 100;
const NO_TIME: &str = "0001-01-01 00:00:00";
const STATES: &[&str] = &[
    "WAIT_SELLER_STOCK_OUT",
    "WAIT_SELLER_DELIVERY",
    "WAIT_GOODS_RECEIVE_CONFIRM",
    "FINISHED_L",
    "TRADE_CANCELED",
    "LOCKED",
    "PAUSE",
    "POP_ORDER_PAUSE",
    "WAIT_SEND_CODE",
    "PARENT_TRADE_CANCELED",
];

/// A number that stands for a text: provinces, customers.
fn number_for(plain: &str) -> String {
    let digest = sign::sha256_hex(plain.as_bytes());
    i64::from_str_radix(digest.get(..6).unwrap_or_default(), 16).unwrap_or_default().to_string()
}

pub(super) fn state(o: &Order) -> &'static str {
    match o.stage {
        _ if o.tagged("split") => "PARENT_TRADE_CANCELED",
        Stage::Cancelled => "TRADE_CANCELED",
        _ if o.refunded() && !o.partly_shipped() => "TRADE_CANCELED",
        Stage::Completed => "FINISHED_L",
        _ if o.partly_shipped() => "WAIT_GOODS_RECEIVE_CONFIRM",
        _ if o.refunding() => "LOCKED",
        _ if o.tagged("hold") => "POP_ORDER_PAUSE",
        Stage::Unpaid | Stage::Paid => "WAIT_SELLER_STOCK_OUT",
    }
}

fn remark(state: &str) -> &'static str {
    match state {
        "WAIT_SELLER_STOCK_OUT" => "等待出库",
        "WAIT_GOODS_RECEIVE_CONFIRM" => "等待确认收货",
        "FINISHED_L" => "完成",
        "LOCKED" => "已锁定",
        "POP_ORDER_PAUSE" => "暂停",
        "PARENT_TRADE_CANCELED" => "父订单已取消",
        _ => "取消",
    }
}

fn hidden(world: &World, o: &Order, field: &str, plain: &str) -> String {
    seal::hide(&world.options.jd.app_secret, &o.id.to_string(), field, plain)
}

fn consignee(world: &World, o: &Order) -> Value {
    let r = &o.receiver;
    let whole = format!("{}{}{}{}", r.province, r.city, r.district, r.address);
    json!({
        "fullname": hidden(world, o, "fullname", &r.name), "telephone": hidden(world, o, "telephone", &r.phone),
        "mobile": hidden(world, o, "mobile", &r.phone), "fullAddress": hidden(world, o, "fullAddress", &whole),
        "province": r.province, "city": r.city, "county": r.district, "town": "",
        "provinceId": number_for(&r.province), "cityId": number_for(&r.city), "countyId": number_for(&r.district), "townId": "0",
    })
}

fn item(l: &Line) -> Value {
    let (ware, sku) = l.good.listing(ME);
    json!({
        "skuId": sku, "outerSkuId": l.good.sku, "skuName": format!("{} {}", l.good.title, l.good.spec).trim(),
        "jdPrice": decimal(l.unit_price), "giftPoint": "0", "wareId": ware, "itemTotal": l.qty.to_string(),
        "productNo": l.good.sku, "serviceName": "", "newStoreId": "0",
    })
}

/// Carriers and numbers as one text each: `|` between carriers, `,` between numbers of one.
pub(super) fn waybills(o: &Order) -> (String, String) {
    let mut rows: Vec<(&str, Vec<&str>)> = Vec::new();
    for shipment in &o.shipments {
        match rows.iter_mut().find(|row| row.0 == shipment.carrier) {
            Some(row) => row.1.push(&shipment.number),
            None => rows.push((&shipment.carrier, vec![&shipment.number])),
        }
    }
    let carriers: Vec<&str> = rows.iter().map(|row| row.0).collect();
    let numbers: Vec<String> = rows.iter().map(|row| row.1.join(",")).collect();
    (carriers.join("|"), numbers.join("|"))
}

fn whole(world: &World, o: &Order) -> Map<String, Value> {
    let state = state(o);
    let (carriers, numbers) = waybills(o);
    let parent = o.meta.iter().find(|m| m.1 == "parent").map_or("0", |m| m.2.as_str());
    let pin = hidden(world, o, "pin", &o.receiver.phone);
    let open_id = sign::opaque("jd-buyer", &o.receiver.phone);
    let shown = json!({
        "orderId": o.id.to_string(), "venderId": number_for(&o.shop), "orderType": "22", "payType": "4",
        "orderTotalPrice": decimal(o.goods_total()), "orderSellerPrice": decimal(o.goods_total()),
        "orderPayment": decimal(o.total()), "freightPrice": decimal(o.shipping), "sellerDiscount": "0.00",
        "balanceUsed": "0.00", "orderState": state, "orderStateRemark": remark(state), "deliveryType": "任意时间",
        "invoiceInfo": "不需要开具发票", "invoiceCode": "", "invoiceEasyInfo": {"invoiceType": "0"},
        "orderRemark": o.buyer_remark, "venderRemark": o.seller_remark, "orderStartTime": beijing(o.created_ms),
        "orderEndTime": o.ended_ms.map_or_else(|| NO_TIME.to_owned(), beijing),
        "paymentConfirmTime": o.paid_ms.map_or_else(|| NO_TIME.to_owned(), beijing), "modified": beijing(o.modified_ms),
        "consigneeInfo": consignee(world, o), "itemInfoList": o.lines.iter().map(item).collect::<Vec<_>>(),
        "couponDetailList": [], "waybill": numbers, "logisticsId": carriers, "returnOrder": "0",
        "parentOrderId": parent, "directParentOrderId": parent, "orderSource": "移动端订单", "storeOrder": "",
        "idSopShipmenttype": "", "pin": pin, "realPin": pin, "open_id": open_id, "open_id_buyer": open_id, "orderMarkDesc": "",
    });
    match shown {
        Value::Object(all) => all,
        _ => Map::new(),
    }
}

/// Only what was named.
fn cut(all: Map<String, Value>, fields: &[String]) -> Value {
    Value::Object(all.into_iter().filter(|(name, _)| fields.contains(name)).collect())
}

fn fields(business: &Value) -> Result<Vec<String>, Refused> {
    let named = required(business, "optional_fields")?;
    Ok(named.split(',').map(|f| f.trim().to_owned()).filter(|f| !f.is_empty()).collect())
}

fn instant(business: &Value, name: &str) -> Result<Option<i64>, Refused> {
    match text(business, name) {
        plain if plain.is_empty() => Ok(None),
        plain => parse_beijing(&plain).map(Some).ok_or_else(|| invalid(name, "格式应为 yyyy-MM-dd HH:mm:ss")),
    }
}

/// From and to; may be left out only where all that is asked for is what waits to be shipped.
fn window(world: &World, business: &Value, states: &[String]) -> Result<(i64, i64), Refused> {
    let (from, to) = (instant(business, "start_date")?, instant(business, "end_date")?);
    let (from, to) = match (from, to) {
        (Some(from), Some(to)) => (from, to),
        (None, None) if states == ["WAIT_SELLER_STOCK_OUT"] => (world.now(ME) - SPAN_MS, world.now(ME)),
        (None, _) => return Err(missing("start_date")),
        (_, None) => return Err(missing("end_date")),
    };
    if to < from || to - from > SPAN_MS {
        return Err(invalid("end_date", "查询的时间跨度不能超过一个月"));
    }
    Ok((from, to))
}

fn states(business: &Value) -> Result<Vec<String>, Refused> {
    let named: Vec<String> = required(business, "order_state")?.split(',').map(|s| s.trim().to_owned()).collect();
    if named.iter().any(|s| s != "ALL" && !STATES.contains(&s.as_str())) {
        return Err(invalid("order_state", "订单状态不存在"));
    }
    Ok(named)
}

fn paging(business: &Value) -> Result<(usize, usize), Refused> {
    let number = |name: &str| required(business, name)?.parse().map_err(|_| invalid(name, "应为整数"));
    let (page, page_size): (usize, usize) = (number("page")?, number("page_size")?);
    if page < 1 || !(1..=PAGE_SIZE).contains(&page_size) {
        return Err(invalid("page_size", "page 从 1 起，page_size 为 1 到 100"));
    }
    Ok((page, page_size))
}

pub(super) fn search(world: &World, shop: &str, business: &Value) -> Result<Value, Refused> {
    let (fields, states) = (fields(business)?, states(business)?);
    let (from, to) = window(world, business, &states)?;
    let (page, page_size) = paging(business)?;
    let by_creation = text(business, "dateType") == "1";
    let time = |o: &Order| if by_creation { o.created_ms } else { o.modified_ms };
    // Times have whole seconds here, and both ends belong to the window.
    let second = |ms: i64| ms.div_euclid(1_000) * 1_000;
    let mut found: Vec<&Order> = world
        .orders
        .iter()
        .filter(|o| o.platform == ME && o.shop == shop && o.paid_ms.is_some())
        .filter(|o| (from..=to).contains(&second(time(o))))
        .filter(|o| states.iter().any(|s| s == "ALL" || s == state(o)))
        .collect();
    found.sort_by_key(|o| (time(o), o.id));
    if text(business, "sortType") == "1" {
        found.reverse();
    }
    if !by_creation {
        found = faults::listed(world, ME, found);
    }
    let total = found.len();
    let skip = if page > LAST_PAGE { total } else { (page - 1) * page_size };
    let rows = faults::page(world, ME, found.into_iter().skip(skip).take(page_size).collect());
    let rows: Vec<Value> = rows.into_iter().map(|o| cut(whole(world, o), &fields)).collect();
    Ok(
        json!({"searchorderinfo_result": {"apiResult": {"success": true, "numberCode": "0", "chineseErrCode": "成功", "englishErrCode": "success"},
        "orderTotal": total, "orderInfoList": rows}}),
    )
}

/// The paid order with this number, if it is the shop's.
pub(super) fn of_shop<'a>(world: &'a World, shop: &str, business: &Value, name: &str) -> Result<&'a Order, Refused> {
    let id: i64 = required(business, name)?.parse().map_err(|_| invalid(name, "应为整数"))?;
    let found = world.order(ME, id).filter(|o| o.shop == shop && o.paid_ms.is_some());
    found.ok_or_else(|| refused("10400001", "订单不存在", "The order does not exist"))
}

pub(super) fn get(world: &World, shop: &str, business: &Value) -> Result<Value, Refused> {
    let fields = fields(business)?;
    let order = of_shop(world, shop, business, "order_id")?;
    Ok(
        json!({"orderDetailInfo": {"apiResult": {"success": true, "numberCode": "0", "chineseErrCode": "成功", "englishErrCode": "success"},
        "orderInfo": cut(whole(world, order), &fields)}}),
    )
}

/// What nobody has paid yet; only numbers and times.
pub(super) fn not_paid(world: &World, shop: &str, business: &Value) -> Result<Value, Refused> {
    let (page, page_size) = paging(business)?;
    let waiting = |o: &&Order| o.platform == ME && o.shop == shop && o.stage == Stage::Unpaid;
    let rows: Vec<Value> = world
        .orders
        .iter()
        .filter(waiting)
        .skip((page - 1) * page_size)
        .take(page_size)
        .map(|o| json!({"orderId": o.id.to_string(), "orderStartTime": beijing(o.created_ms), "orderPayment": decimal(o.total())}))
        .collect();
    Ok(
        json!({"searchorderinfo_result": {"orderTotal": world.orders.iter().filter(waiting).count(), "orderInfoList": rows}}),
    )
}

/// Splits an order as JD does for its warehouses: the parent is cancelled, each line becomes an order of its own.
pub(crate) fn split(world: &mut World, id: i64) -> Result<Vec<i64>, String> {
    let parent = world.order(ME, id).cloned().ok_or_else(|| format!("no order {id} at jd"))?;
    if parent.lines.len() < 2 || state(&parent) != "WAIT_SELLER_STOCK_OUT" {
        return Err(format!("order {id} cannot be split"));
    }
    world.change(ME, id, Event::Changed, |order, now| {
        order.meta.push((0, "split".to_owned(), "true".to_owned()));
        order.stage = Stage::Cancelled;
        order.ended_ms = Some(now);
    })?;
    let mut children = Vec::new();
    for (line, first) in parent.lines.iter().zip([true].into_iter().chain(std::iter::repeat(false))) {
        let number = world.next();
        let id = numbers::id_of(ME, number);
        let mut child = parent.clone();
        child.id = id;
        child.number = 1_000 + number;
        child.lines = vec![Line { id: numbers::line_id(ME, id, number, 1), ..line.clone() }];
        // Freight is paid once.
        child.shipping = if first { parent.shipping } else { 0 };
        child.meta.push((0, "parent".to_owned(), parent.id.to_string()));
        world.orders.push(child);
        world.change(ME, id, Event::Created, |_, _| ())?;
        children.push(id);
    }
    Ok(children)
}
