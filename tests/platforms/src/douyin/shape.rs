//! Orders and after-sales as Douyin shows them: money in fen, times in seconds, receivers in cipher text.

use super::ME;
use crate::fields::{masked, masked_phone};
use crate::order::{Line, Order, Refund, Shipment, Stage};
use crate::seal;
use crate::world::World;
use serde_json::{Value, json};

/// Known to the platform only.
pub(super) const RECEIVERS: &str = "simulated-douyin-receivers";

/// A field of the receiver in cipher text.
pub(super) fn hidden(order: &Order, field: &str) -> String {
    let plain = match field {
        "name" => &order.receiver.name,
        "tel" => &order.receiver.phone,
        _ => &order.receiver.address,
    };
    let sealed = seal::hide(RECEIVERS, &order.text_id(), field, plain);
    if field == "tel" { format!("$${sealed}$1$$") } else { format!("##{sealed}##") }
}

/// What stands in such a cipher text, for the platform itself.
pub(super) fn opened(order: &str, field: &str, hidden: &str) -> Option<String> {
    let sealed = match field {
        "tel" => hidden.strip_prefix("$$")?.strip_suffix("$1$$")?,
        _ => hidden.strip_prefix("##")?.strip_suffix("##")?,
    };
    seal::reveal(RECEIVERS, order, field, sealed)
}

/// `order_status`.
pub(super) fn status(o: &Order) -> i64 {
    match o.stage {
        Stage::Unpaid => 1,
        Stage::Cancelled => 4,
        Stage::Completed => 5,
        Stage::Paid if o.refunded() => 4,
        Stage::Paid if o.fully_shipped() => 3,
        Stage::Paid if o.partly_shipped() => 101,
        Stage::Paid if o.tagged("hold") => 105,
        Stage::Paid => 2,
    }
}

/// `main_status`, which also says when the money went back.
pub(super) fn main_status(o: &Order) -> i64 {
    match status(o) {
        4 if o.refunded() && o.partly_shipped() => 22,
        4 if o.refunded() => 21,
        5 if o.refunded() => 39,
        plain => plain,
    }
}

/// Status word of a status.
fn described(status: i64) -> &'static str {
    match status {
        1 => "待支付",
        105 => "已支付",
        2 => "备货中",
        101 => "部分发货",
        3 => "已发货",
        4 => "已关闭",
        5 => "已完成",
        21 => "发货前退款完结",
        22 => "发货后退款完结",
        39 => "收货后退款完结",
        _ => "",
    }
}

/// `after_sale_status`, `after_sale_type` and `refund_status` of a line.
pub(super) fn refund(o: &Order, l: &Line) -> (i64, i64, i64) {
    let kind = if l.shipped > 0 { 1 } else { 2 };
    match l.refund {
        Refund::None if o.tagged("refund_refused") => (28, kind, 4),
        Refund::None => (0, 0, 0),
        Refund::Requested => (6, kind, 1),
        Refund::Done => (12, kind, 3),
    }
}

/// The number of a line's after-sale.
pub(super) fn aftersale_id(l: &Line) -> i64 {
    l.id - 6_000_000_000_000_000_000 + 7_000_000_000_000_000_000
}

fn number(text: &str) -> i64 {
    text.parse().unwrap_or_default()
}

fn sku_order(o: &Order, l: &Line) -> Value {
    let (product, sku) = l.good.listing(ME);
    let (after_sale_status, after_sale_type, refund_status) = refund(o, l);
    json!({
        "order_id": l.id.to_string(), "parent_order_id": o.text_id(), "order_level": 3,
        "order_status": status(o), "order_status_desc": described(status(o)),
        "main_status": main_status(o), "main_status_desc": described(main_status(o)),
        "product_id": number(&product), "product_id_str": product, "product_name": l.good.title, "product_pic": "",
        "sku_id": number(&sku), "sku_id_str": sku, "out_sku_id": "", "out_product_id": "", "code": l.good.sku,
        "spec": [{"name": "规格", "value": l.good.spec}], "item_num": l.qty, "goods_type": 0, "goods_price": l.unit_price,
        "origin_amount": l.unit_price, "sum_amount": l.amount(), "order_amount": l.amount(), "pay_amount": l.amount(),
        "post_amount": 0, "promotion_amount": 0, "promotion_shop_amount": 0, "promotion_platform_amount": 0, "promotion_talent_amount": 0,
        "create_time": o.created_ms / 1_000, "pay_time": o.paid_ms.unwrap_or_default() / 1_000, "update_time": o.modified_ms / 1_000,
        "after_sale_info": {"after_sale_status": after_sale_status, "after_sale_type": after_sale_type, "refund_status": refund_status},
        "inventory_list": [{"warehouse_id": "", "out_warehouse_id": "", "count": l.qty}], "reduce_stock_type": 2,
        "campaign_info": [], "given_product_type": "", "has_tax": false,
    })
}

fn parcel(o: &Order, s: &Shipment) -> Value {
    let goods = s.lines.iter().filter_map(|(id, pieces)| o.line(*id).map(|l| (l, pieces))).map(|(l, pieces)| {
        let (product, sku) = l.good.listing(ME);
        json!({"product_id": number(&product), "product_id_str": product, "sku_id": number(&sku), "sku_order_id": l.id.to_string(),
            "product_name": l.good.title, "product_count": pieces, "price": l.unit_price, "outer_sku_id": l.good.sku})
    });
    json!({"tracking_no": s.number, "company": s.carrier, "company_name": super::ship::company_name(&s.carrier),
        "ship_time": s.at_ms / 1_000, "delivery_id": s.id.to_string(), "added_services": [], "product_info": goods.collect::<Vec<_>>()})
}

fn place(name: &str, id: i64) -> Value {
    json!({"name": name, "id": id.to_string()})
}

/// The address, its last part in cipher text.
pub(super) fn address(o: &Order) -> Value {
    let r = &o.receiver;
    json!({"province": place(&r.province, 11), "city": place(&r.city, 1_101), "town": place(&r.district, 110_101), "street": place("", 0),
        "detail": "", "encrypt_detail": hidden(o, "addr")})
}

/// A shop order, in the list and alone.
pub(super) fn shop_order(_world: &World, o: &Order) -> Value {
    let ended = o.ended_ms.unwrap_or_default() / 1_000;
    json!({
        "order_id": o.text_id(), "shop_id": number(&o.shop), "shop_name": "汇单抖音示例店", "order_level": 2,
        "order_status": status(o), "order_status_desc": described(status(o)),
        "main_status": main_status(o), "main_status_desc": described(main_status(o)),
        "order_type": 0, "order_type_desc": "普通订单", "trade_type": 0, "biz": 2, "biz_desc": "小店", "b_type": 2, "sub_b_type": 0,
        "create_time": o.created_ms / 1_000, "pay_time": o.paid_ms.unwrap_or_default() / 1_000, "update_time": o.modified_ms / 1_000,
        "finish_time": if o.stage == Stage::Completed { ended } else { 0 }, "exp_ship_time": o.created_ms / 1_000 + 172_800,
        "ship_time": o.shipments.last().map_or(0, |s| s.at_ms / 1_000), "cancel_reason": if o.stage == Stage::Cancelled { "不想要了" } else { "" },
        "order_amount": o.total(), "pay_amount": o.total(), "post_amount": o.shipping, "post_origin_amount": o.shipping, "post_promotion_amount": 0,
        "post_insurance_amount": 0, "modify_amount": 0, "modify_post_amount": 0, "promotion_amount": 0, "promotion_shop_amount": 0,
        "promotion_platform_amount": 0, "promotion_talent_amount": 0, "promotion_pay_amount": 0, "shop_cost_amount": 0, "platform_cost_amount": 0,
        "pay_type": if o.paid_ms.is_some() { 2 } else { 7 }, "channel_payment_no": if o.paid_ms.is_some() { format!("2026{}", o.number) } else { String::new() },
        "buyer_words": o.buyer_remark, "seller_words": o.seller_remark, "seller_remark_stars": 0,
        "encrypt_post_tel": hidden(o, "tel"), "encrypt_post_receiver": hidden(o, "name"), "post_tel": "", "post_receiver": "",
        "post_addr": address(o), "mask_post_receiver": masked(&o.receiver.name, 1), "mask_post_tel": masked_phone(&o.receiver.phone),
        "mask_post_addr": {"province": place(&o.receiver.province, 11), "city": place(&o.receiver.city, 1_101), "town": place(&o.receiver.district, 110_101),
            "street": place("", 0), "detail": masked(&o.receiver.address, 2)},
        "open_id": "", "doudian_open_id": seal::hide(RECEIVERS, "buyer", "id", &o.receiver.phone),
        "logistics_info": o.shipments.iter().map(|s| parcel(o, s)).collect::<Vec<_>>(),
        "sku_order_list": o.lines.iter().map(|l| sku_order(o, l)).collect::<Vec<_>>(),
        "order_phase_list": [], "order_tag": {}, "receive_type": 1, "tax_amount": 0,
    })
}

/// An after-sale of a line.
pub(super) fn after_sale(o: &Order, l: &Line) -> Value {
    let (state, kind, refund_status) = refund(o, l);
    let (product, sku) = l.good.listing(ME);
    json!({
        "aftersale_info": {"aftersale_id": aftersale_id(l).to_string(), "aftersale_status": state, "aftersale_type": kind,
            "aftersale_order_type": 2, "refund_status": refund_status, "refund_amount": l.amount(), "refund_post_amount": 0,
            "apply_time": o.modified_ms / 1_000, "update_time": o.modified_ms / 1_000, "related_id": l.id.to_string(),
            "aftersale_num": l.qty, "reason_code": 0, "reason": "不想要了"},
        "order_info": {"shop_order_id": o.text_id(), "related_order_info": [{"sku_order_id": l.id.to_string(), "order_status": status(o),
            "pay_amount": l.amount(), "post_amount": 0, "item_num": l.qty, "product_id": number(&product), "sku_id": number(&sku), "shop_sku_code": l.good.sku}]},
    })
}
