//! Orders as WeChat Shop shows them: money in fen, times in seconds, ids as text, receivers masked.

use super::ME;
use crate::fields::{masked, masked_phone};
use crate::order::{Line, Order, Refund, Shipment, Stage};
use crate::seal;
use serde_json::{Value, json};

/// Known to the platform only.
const RECEIVERS: &str = "simulated-wechat-receivers";

/// `status`.
pub(super) fn status(o: &Order) -> i64 {
    match o.stage {
        Stage::Unpaid => 10,
        Stage::Cancelled if o.paid_ms.is_some() => 250,
        Stage::Cancelled => 190,
        Stage::Completed => 100,
        Stage::Paid if o.refunded() => 200,
        Stage::Paid if o.fully_shipped() => 30,
        Stage::Paid if o.partly_shipped() => 21,
        Stage::Paid => 20,
    }
}

/// Equal for equal receivers.
fn hash_code(o: &Order) -> String {
    let r = &o.receiver;
    let all = format!("{}\n{}\n{}{}{}{}", r.name, r.phone, r.province, r.city, r.district, r.address);
    hex::encode(seal::hmac_sha256(RECEIVERS.as_bytes(), all.as_bytes()))
}

/// The token that stands for the order's receiver at the waybill service.
pub(super) fn waybill_code(o: &Order) -> String {
    seal::hide(RECEIVERS, &o.text_id(), "waybill", &hash_code(o))
}

/// Name, number and address as the seller may see them.
pub(super) fn masks(o: &Order) -> (String, String, String) {
    let r = &o.receiver;
    (masked(&r.name, 1), masked_phone(&r.phone), masked(&r.address, 2))
}

fn address(o: &Order) -> Value {
    let (name, phone, detail) = masks(o);
    let r = &o.receiver;
    json!({"user_name": name, "postal_code": r.postcode, "province_name": r.province, "city_name": r.city, "county_name": r.district,
        "detail_info": detail, "tel_number": phone, "house_number": "", "virtual_order_tel_number": "", "tel_number_ext_info": {"real_tel_number": "",
        "virtual_tel_number": "", "virtual_tel_expire_time": 0, "get_virtual_tel_cnt": 0}, "use_tel_number": 0, "hash_code": hash_code(o)})
}

fn product(o: &Order, l: &Line) -> Value {
    let (product, sku) = l.good.listing(ME);
    let on = if l.refund == Refund::Requested { l.qty } else { 0 };
    let finished = if l.refund == Refund::Done { l.qty } else { 0 };
    json!({"product_id": product, "sku_id": sku, "thumb_img": "", "out_product_id": "", "out_sku_id": l.good.sku, "sku_code": l.good.sku, "title": l.good.title,
        "sku_cnt": l.qty, "sale_price": l.unit_price, "market_price": l.unit_price, "real_price": l.amount(), "estimate_price": l.amount(),
        "sku_attrs": [{"attr_key": "规格", "attr_value": l.good.spec}], "on_aftersale_sku_cnt": on, "finish_aftersale_sku_cnt": finished,
        "out_warehouse_id": "0", "delivery_deadline": o.created_ms / 1_000 + 172_800, "is_free_gift": 0, "is_discounted": false, "is_change_price": false,
        "merchant_discounted_price": 0, "finder_discounted_price": 0, "change_price": 0, "deduction_price": 0})
}

fn parcel(o: &Order, s: &Shipment) -> Value {
    let goods = s.lines.iter().filter_map(|(id, pieces)| o.line(*id).map(|l| (l, pieces))).map(|(l, pieces)| {
        let (product, sku) = l.good.listing(ME);
        json!({"product_id": product, "sku_id": sku, "product_cnt": pieces})
    });
    json!({"waybill_id": s.number, "delivery_id": s.carrier, "delivery_name": super::ship::company_name(&s.carrier), "delivery_time": s.at_ms / 1_000,
        "deliver_type": 1, "product_infos": goods.collect::<Vec<_>>()})
}

/// An order.
pub(super) fn order(o: &Order) -> Value {
    let done = if o.fully_shipped() { o.shipments.last().map_or(0, |s| s.at_ms / 1_000) } else { 0 };
    let after_sales = o.lines.iter().filter(|l| l.refund != Refund::None);
    let after_sales: Vec<Value> = after_sales.map(|l| json!({"aftersale_order_id": aftersale_id(l)})).collect();
    json!({
        "order_id": o.text_id(), "openid": format!("o{}", &hash_code(o).chars().take(27).collect::<String>()), "unionid": "", "status": status(o),
        "create_time": o.created_ms / 1_000, "update_time": o.modified_ms / 1_000,
        "order_detail": {
            "product_infos": o.lines.iter().map(|l| product(o, l)).collect::<Vec<_>>(),
            "pay_info": {"prepay_id": format!("wx{}", o.number), "prepay_time": o.created_ms / 1_000,
                "transaction_id": o.paid_ms.map(|_| format!("42000{}", o.number)).unwrap_or_default(), "pay_time": o.paid_ms.unwrap_or_default() / 1_000, "payment_method": 1},
            "price_info": {"product_price": o.goods_total(), "order_price": o.total(), "freight": o.shipping, "discounted_price": 0, "is_discounted": false,
                "original_order_price": o.total(), "estimate_product_price": o.goods_total(), "change_down_price": 0, "change_freight": o.shipping,
                "is_change_freight": false, "deduction_price": 0, "merchant_receieve_price": o.total(), "merchant_discounted_price": 0, "finder_discounted_price": 0},
            "delivery_info": {"address_info": address(o), "delivery_product_info": o.shipments.iter().map(|s| parcel(o, s)).collect::<Vec<_>>(),
                "ship_done_time": done, "deliver_method": 0, "address_under_review": o.tagged("hold"), "address_apply_time": 0,
                "ewaybill_order_code": waybill_code(o), "quality_inspect_type": 0},
            "coupon_info": {"user_coupon_id": ""}, "ext_info": {"customer_notes": o.buyer_remark, "merchant_notes": o.seller_remark},
            "commission_infos": [], "settle_info": {}, "sharer_info": {},
        },
        "aftersale_detail": {"aftersale_order_list": after_sales, "on_aftersale_order_cnt": o.lines.iter().filter(|l| l.refund == Refund::Requested).count()},
    })
}

/// The number of a line's after-sale.
pub(super) fn aftersale_id(l: &Line) -> String {
    (2_000_000_048_000_000_i64 + l.id).to_string()
}

/// The word for where an after-sale stands.
pub(super) fn aftersale_status(l: &Line) -> &'static str {
    match l.refund {
        Refund::None => "USER_CANCELD",
        Refund::Requested => "MERCHANT_PROCESSING",
        Refund::Done => "MERCHANT_REFUND_SUCCESS",
    }
}

/// An after-sale.
pub(super) fn after_sale(o: &Order, l: &Line) -> Value {
    let (product, sku) = l.good.listing(ME);
    json!({"after_sale_order_id": aftersale_id(l), "status": aftersale_status(l), "order_id": o.text_id(), "type": "REFUND", "reason": "INCORRECT_SELECTION",
        "product_info": {"product_id": product, "sku_id": sku, "count": l.qty, "fast_refund": false},
        "refund_info": {"amount": l.amount(), "refund_reason": 1}, "create_time": o.modified_ms / 1_000, "update_time": o.modified_ms / 1_000})
}
