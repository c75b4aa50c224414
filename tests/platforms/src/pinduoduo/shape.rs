//! An order as `order_info` shows it: money as numbers in yuan, times as text, receivers sealed.

use super::ME;
use crate::clock::beijing;
use crate::fields::{masked, masked_phone};
use crate::order::{Order, Refund, Shipment, Stage, decimal};
use crate::world::World;
use crate::{seal, sign};
use serde_json::{Value, json};

/// A JSON number in yuan.
pub(super) fn yuan(hundredths: i64) -> Value {
    serde_json::from_str(&decimal(hundredths)).unwrap_or_default()
}

/// 1 to ship, 2 shipped, 3 signed.
pub(super) fn status(o: &Order) -> i64 {
    match o.stage {
        Stage::Completed => 3,
        _ if o.partly_shipped() => 2,
        _ => 1,
    }
}

/// 1 none, 2 in after-sale, 4 refunded. Given up is refunded: there is no other word for it.
pub(super) fn refund_status(o: &Order) -> i64 {
    match o.stage {
        Stage::Cancelled => 4,
        _ if o.refunded() => 4,
        _ if o.lines.iter().any(|l| l.refund != Refund::None) => 2,
        _ => 1,
    }
}

fn after_sales_status(o: &Order) -> i64 {
    match refund_status(o) {
        4 => 10,
        2 => 2,
        _ => 0,
    }
}

/// A sealed field; the same each time, and of this order only.
pub(super) fn hidden(world: &World, o: &Order, field: &str, plain: &str) -> String {
    format!("~{}~0~", seal::hide(&world.options.pinduoduo.client_secret, &o.text_id(), field, plain))
}

/// What [`hidden`] hid for this order and field.
pub(super) fn revealed(world: &World, o: &Order, field: &str, sealed: &str) -> Option<String> {
    let inner = sealed.strip_prefix('~')?.strip_suffix("~0~")?;
    seal::reveal(&world.options.pinduoduo.client_secret, &o.text_id(), field, inner)
}

/// The token that stands for a receiver's address.
pub(super) fn open_address_id(world: &World, o: &Order) -> String {
    let r = &o.receiver;
    sign::opaque(&world.options.pinduoduo.client_secret, &format!("{}{}{}{}", r.name, r.phone, r.district, r.address))
}

fn region(plain: &str) -> i64 {
    let digest = sign::sha256_hex(plain.as_bytes());
    i64::from_str_radix(digest.get(..4).unwrap_or_default(), 16).unwrap_or_default()
}

fn delivery(s: &Shipment) -> Value {
    json!({"logistics_id": s.carrier.parse::<i64>().unwrap_or_default(), "tracking_number": s.number})
}

fn items(o: &Order) -> Vec<Value> {
    let item = |l: &crate::order::Line| {
        let (goods, sku) = l.good.listing(ME);
        json!({"goods_id": goods.parse::<i64>().unwrap_or_default(), "sku_id": sku.parse::<i64>().unwrap_or_default(),
            "goods_name": l.good.title, "goods_spec": l.good.spec, "goods_price": yuan(l.unit_price), "goods_count": l.qty,
            "goods_img": "", "outer_goods_id": l.good.sku, "outer_id": l.good.sku})
    };
    o.lines.iter().map(item).collect()
}

fn when(at: Option<i64>) -> Value {
    at.map(beijing).into()
}

/// The money of it.
fn amounts(o: &Order) -> Value {
    json!({
        "pay_amount": yuan(o.total()), "goods_amount": yuan(o.goods_total()), "discount_amount": yuan(0),
        "platform_discount": yuan(0), "seller_discount": yuan(0), "capital_free_discount": yuan(0), "postage": yuan(o.shipping),
        "order_change_amount": yuan(0), "duo_duo_pay_reduction": yuan(0),
    })
}

/// Whom it goes to, for those who may not know.
fn receiver(world: &World, o: &Order) -> Value {
    let r = &o.receiver;
    let whole = format!("{}{}{}{}", r.province, r.city, r.district, r.address);
    json!({
        "receiver_name": hidden(world, o, "receiver_name", &r.name), "receiver_name_mask": masked(&r.name, 1),
        "receiver_phone": hidden(world, o, "receiver_phone", &r.phone), "receiver_phone_mask": masked_phone(&r.phone),
        "receiver_address": hidden(world, o, "receiver_address", &r.address),
        "receiver_address_mask": masked(&r.address, 2), "address": hidden(world, o, "address", &whole),
        "address_mask": format!("{}{}{}{}", r.province, r.city, r.district, masked(&r.address, 2)),
        "country": "中国", "country_id": 0, "province": r.province, "province_id": region(&r.province), "city": r.city,
        "city_id": region(&r.city), "town": r.district, "town_id": region(&r.district),
        "open_address_id": open_address_id(world, o), "open_address_id_2": open_address_id(world, o),
    })
}

fn rest(o: &Order) -> Value {
    let first = o.shipments.first();
    let extra: Vec<Value> = o.shipments.iter().skip(1).map(delivery).collect();
    let held = i64::from(o.tagged("hold"));
    json!({
        "order_sn": o.text_id(), "order_status": status(o), "refund_status": refund_status(o),
        "after_sales_status": after_sales_status(o), "confirm_status": 1, "group_status": 1, "trade_type": 0,
        "created_time": beijing(o.created_ms), "pay_time": when(o.paid_ms), "confirm_time": when(o.paid_ms),
        "shipping_time": when(first.map(|s| s.at_ms)), "receive_time": when(o.ended_ms.filter(|_| o.stage == Stage::Completed)),
        "updated_at": beijing(o.modified_ms), "last_ship_time": when(o.paid_ms.map(|t| t + 2 * 86_400_000)),
        "urge_shipping_time": null, "pre_sale_time": null, "promise_delivery_time": null, "pay_type": "WEIXIN",
        "pay_no": format!("XP{}", o.id), "inner_transaction_id": format!("XP{}", o.id), "buyer_memo": o.buyer_remark,
        "remark": o.seller_remark, "remark_tag": null, "remark_tag_name": "",
        "logistics_id": first.map_or(0, |s| s.carrier.parse().unwrap_or_default()),
        "tracking_number": first.map_or("", |s| s.number.as_str()), "extra_delivery_list": extra, "resend_delivery_list": [],
        "gift_list": [], "item_list": items(o), "order_tag_list": [], "promotion_detail_list": [], "is_pre_sale": 0,
        "is_lucky_flag": if o.tagged("lucky") { 2 } else { 1 }, "is_stock_out": 0, "stock_out_handle_status": -1, "risk_control_status": held, "free_sf": 0,
        "delivery_one_day": 0, "return_freight_payer": 0, "mkt_biz_type": 0, "duoduo_wholesale": 0, "shipping_type": 0,
        "order_depot_info": null, "step_order_info": null, "store_info": null, "consolidate_info": null, "invoice_status": 0,
        "id_card_name": "", "id_card_num": "",
    })
}

/// All of it.
pub(super) fn info(world: &World, o: &Order) -> Value {
    let mut whole = serde_json::Map::new();
    for part in [rest(o), amounts(o), receiver(world, o)] {
        if let Value::Object(part) = part {
            whole.extend(part);
        }
    }
    Value::Object(whole)
}

/// What a light list shows of it.
pub(super) fn brief(o: &Order) -> Value {
    json!({"order_sn": o.text_id(), "order_status": status(o), "refund_status": refund_status(o),
        "confirm_time": when(o.paid_ms), "updated_at": beijing(o.modified_ms)})
}
