//! Telling Pinduoduo that goods are on their way, and stock levels.

use super::orders::of_shop;
use super::{ME, Params, Refused, given, invalid, missing, number, refused, required, shape};
use crate::fields;
use crate::ledger::Confirmation;
use crate::order::{Order, Shipment};
use crate::world::{Event, World};
use serde_json::{Value, json};

/// Pinduoduo's number of a carrier, its code for waybills, its name.
const COMPANIES: &[(i64, &str, &str)] = &[
    (44, "SF", "顺丰快递"),
    (85, "YTO", "圆通快递"),
    (115, "ZTO", "中通快递"),
    (1, "STO", "申通快递"),
    (121, "YUNDA", "韵达快递"),
    (384, "JTSD", "极兔速递"),
    (118, "EMS", "邮政EMS"),
    (132, "YZXB", "邮政快递包裹"),
    (120, "JD", "京东配送"),
];

pub(super) fn companies() -> Value {
    let row = |c: &(i64, &str, &str)| json!({"id": c.0, "code": c.1, "logistics_company": c.2, "available": 1});
    json!({"logistics_companies_get_response": {"logistics_companies": COMPANIES.iter().map(row).collect::<Vec<_>>()}})
}

/// Whether a number looks like one of this carrier.
fn fits(company: &str, number: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    match company {
        "SF" => number.strip_prefix("SF").is_some_and(digits) || (number.len() == 12 && digits(number)),
        "ZTO" | "STO" | "YUNDA" => (12..=15).contains(&number.len()) && digits(number),
        _ => (5..=30).contains(&number.len()) && number.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'),
    }
}

/// Carrier and number of a call, looked at.
fn parcel(logistics_id: &str, tracking_number: &str) -> Result<(String, String), Refused> {
    let company = COMPANIES.iter().find(|c| c.0.to_string() == logistics_id);
    let company = company.ok_or_else(|| refused("20004", "快递公司不存在"))?;
    if !fits(company.1, tracking_number) {
        return Err(refused("20005", "快递单号不符合规则"));
    }
    Ok((logistics_id.to_owned(), tracking_number.to_owned()))
}

fn done(envelope: &str) -> Value {
    json!({ envelope: {"is_success": true}})
}

fn must_not_ship(order: &Order) -> Option<Refused> {
    match (shape::status(order), shape::refund_status(order)) {
        (_, 4) => Some(refused("20011", "订单已退款，不能发货")),
        (1, 2 | 3) => Some(refused("20012", "订单有售后，不能发货")),
        (1, _) if order.tagged("hold") => Some(refused("20013", "订单风控审核中，不能发货")),
        _ => None,
    }
}

pub(super) fn send(world: &mut World, shop: &str, params: &Params) -> Result<Value, Refused> {
    let order = of_shop(world, shop, required(params, "order_sn")?)?.clone();
    let (carrier, number) = parcel(required(params, "logistics_id")?, required(params, "tracking_number")?)?;
    if let Some(refused) = must_not_ship(&order) {
        return Err(refused);
    }
    let lines: Vec<(i64, i64)> = order.lines.iter().filter(|l| l.open() > 0).map(|l| (l.id, l.open())).collect();
    let at_ms = world.now(ME);
    // Not in the protocol's page; from memory: 1 ships (as without it), 2 changes the number of what was shipped.
    let changes = match given(params, "redelivery_type") {
        "" | "1" => false,
        "2" => true,
        _ => return Err(invalid("redelivery_type", "1 发货 2 修改运单号")),
    };
    if changes {
        return change(world, &order, carrier, number);
    }
    if shape::status(&order) != 1 {
        let same = order.shipments.first().is_some_and(|s| s.carrier == carrier && s.number == number);
        if !same {
            return Err(refused("20010", "订单已发货"));
        }
        world.confirmations.push(Confirmation {
            platform: ME,
            order: order.id,
            carrier,
            number,
            lines,
            kind: "repeat",
            at_ms,
        });
        return Ok(done("logistics_online_send_response"));
    }
    let shipment = Shipment { id: world.next(), reference: String::new(), carrier, number, lines, at_ms };
    world.confirm(ME, order.id, shipment, "create");
    Ok(done("logistics_online_send_response"))
}

/// Another number for the parcel that was told first.
fn change(world: &mut World, order: &Order, carrier: String, number: String) -> Result<Value, Refused> {
    let Some(first) = order.shipments.first().filter(|_| shape::status(order) == 2) else {
        return Err(refused("20015", "订单未发货或已签收，不能修改运单号"));
    };
    let same = first.carrier == carrier && first.number == number;
    let kind = if same { "repeat" } else { "update" };
    let (lines, at_ms) = (first.lines.clone(), world.now(ME));
    let told = Confirmation {
        platform: ME,
        order: order.id,
        carrier: carrier.clone(),
        number: number.clone(),
        lines,
        kind,
        at_ms,
    };
    world.confirmations.push(told);
    if !same {
        let changed = world.change(ME, order.id, Event::Shipped, |order, _| {
            if let Some(first) = order.shipments.first_mut() {
                (first.carrier, first.number) = (carrier, number);
            }
        });
        changed.map_err(|why| refused("20020", &why))?;
    }
    Ok(done("logistics_online_send_response"))
}

/// Further parcels of an order that is on its way.
pub(super) fn extra(world: &mut World, shop: &str, params: &Params) -> Result<Value, Refused> {
    let order = of_shop(world, shop, required(params, "order_sn")?)?.clone();
    let rows: Value = serde_json::from_str(required(params, "extra_track_list")?)
        .map_err(|e| invalid("extra_track_list", &e.to_string()))?;
    let rows = rows.as_array().cloned().unwrap_or_default();
    if rows.is_empty() {
        return Err(missing("extra_track_list"));
    }
    if shape::status(&order) != 2 {
        return Err(refused("20014", "订单未发货，不能上传额外运单"));
    }
    let mut parcels = Vec::new();
    for row in rows {
        parcels.push(parcel(&fields::text(&row, "shipping_id"), &fields::text(&row, "tracking_number"))?);
    }
    for (carrier, number) in parcels {
        let (id, at_ms) = (world.next(), world.now(ME));
        let shipment = Shipment { id, reference: String::new(), carrier, number, lines: Vec::new(), at_ms };
        world.confirm(ME, order.id, shipment, "create");
    }
    Ok(done("order_upload_extra_logistics_response"))
}

/// A label was printed; the order itself does not change.
pub(super) fn printed(world: &mut World, shop: &str, params: &Params) -> Result<Value, Refused> {
    let order = of_shop(world, shop, required(params, "order_sn")?)?.id;
    let (state, number) = (required(params, "order_state")?.to_owned(), required(params, "waybill_no")?.to_owned());
    parcel(required(params, "logistics_id")?, &number)?;
    world
        .change(ME, order, Event::Changed, |order, _| {
            order.meta.retain(|m| m.1 != "printed");
            order.meta.push((0, "printed".to_owned(), format!("{state}:{number}")));
        })
        .map_err(|why| refused("20020", &why))?;
    Ok(done("erp_order_sync_response"))
}

pub(super) fn quantity(world: &mut World, params: &Params) -> Result<Value, Refused> {
    let goods_id = required(params, "goods_id")?;
    let (sku_id, outer_id) = (given(params, "sku_id"), given(params, "outer_id"));
    if sku_id.is_empty() && outer_id.is_empty() {
        return Err(missing("sku_id"));
    }
    let fits = |g: &&crate::Good| {
        let (goods, sku) = g.listing(ME);
        goods == goods_id && (sku_id.is_empty() || sku == sku_id) && (outer_id.is_empty() || g.sku == outer_id)
    };
    let sku =
        world.goods.iter().find(fits).map(|g| g.sku.clone()).ok_or_else(|| refused("20030", "商品或 SKU 不存在"))?;
    let quantity = number(params, "quantity")?;
    let level = match given(params, "update_type") {
        "" | "1" => quantity,
        "2" => world.stock_of(ME, &sku) + quantity,
        _ => return Err(invalid("update_type", "1 全量 2 增量")),
    };
    if level < 0 {
        return Err(invalid("quantity", "库存不能小于 0"));
    }
    world.set_stock(ME, &sku, level);
    Ok(done("goods_quantity_update_response"))
}
