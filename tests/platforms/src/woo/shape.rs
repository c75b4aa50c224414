//! Orders and products as the REST interface shows them.

use super::{ME, SITE_HOURS};
use crate::clock::bare;
use crate::fiction::Good;
use crate::order::{Order, Refund, Stage, decimal};
use crate::world::World;
use serde_json::{Value, json};

pub(super) fn status(world: &World, o: &Order) -> String {
    let settled = match o.stage {
        Stage::Cancelled => "cancelled",
        _ if o.refunded() => "refunded",
        Stage::Unpaid => "pending",
        _ => "",
    };
    if !settled.is_empty() {
        return settled.to_owned();
    }
    world.woo.statuses.get(&o.id).cloned().unwrap_or_else(|| "processing".to_owned())
}

pub(super) fn shape(world: &World, o: &Order) -> Value {
    let r = &o.receiver;
    let mut shipping = json!({
        "first_name": r.name, "last_name": "", "company": "", "address_1": format!("{}{}", r.district, r.address),
        "address_2": "", "city": r.city, "state": r.province, "postcode": r.postcode, "country": "CN", "phone": r.phone,
    });
    let mut billing = shipping.clone();
    if let (Some(billing), Some(shipping)) = (billing.as_object_mut(), shipping.as_object_mut()) {
        billing.insert("email".to_owned(), "buyer@example.com".into());
        shipping.remove("company");
    }
    let both = |ms: Option<i64>| (ms.map(|m| bare(m, SITE_HOURS)), ms.map(|m| bare(m, 0)));
    let (paid, paid_gmt) = both(o.paid_ms);
    let done = if status(world, o) == "completed" { o.shipments.last().map(|s| s.at_ms) } else { None };
    let (completed, completed_gmt) = both(done);
    let meta = |m: &[(i64, String, String)]| {
        m.iter().map(|(id, k, v)| json!({"id": id, "key": k, "value": v})).collect::<Vec<_>>()
    };
    let lines: Vec<Value> = o
        .lines
        .iter()
        .map(|l| {
            json!({"id": l.id, "name": l.good.title, "product_id": l.good.woo_product(), "variation_id": l.good.woo_variation(),
                "quantity": l.qty, "tax_class": "", "subtotal": decimal(l.amount()), "subtotal_tax": "0.00", "total": decimal(l.amount()),
                "total_tax": "0.00", "taxes": [], "meta_data": [], "sku": l.good.sku, "price": price_number(l.unit_price),
                "parent_name": null})
        })
        .collect();
    let refunds: Vec<Value> = o
        .lines
        .iter()
        .filter(|l| l.refund == Refund::Done)
        .map(|l| json!({"id": l.id + 5_000, "reason": "", "total": format!("-{}", decimal(l.amount()))}))
        .collect();
    json!({
        "id": o.id, "parent_id": 0, "number": o.id.to_string(), "order_key": format!("wc_order_{}", o.id), "created_via": "checkout",
        "version": "9.4.2", "status": status(world, o), "currency": o.currency, "prices_include_tax": false,
        "date_created": bare(o.created_ms, SITE_HOURS), "date_created_gmt": bare(o.created_ms, 0),
        "date_modified": bare(o.modified_ms, SITE_HOURS), "date_modified_gmt": bare(o.modified_ms, 0),
        "date_paid": paid, "date_paid_gmt": paid_gmt, "date_completed": completed, "date_completed_gmt": completed_gmt,
        "discount_total": "0.00", "discount_tax": "0.00", "shipping_total": decimal(o.shipping), "shipping_tax": "0.00",
        "cart_tax": "0.00", "total": decimal(o.total()), "total_tax": "0.00", "customer_id": 0, "customer_note": o.buyer_remark,
        "billing": billing, "shipping": shipping, "payment_method": "bacs", "payment_method_title": "支付宝", "transaction_id": "",
        "meta_data": meta(&o.meta), "line_items": lines, "tax_lines": [], "fee_lines": [], "coupon_lines": [],
        "shipping_lines": [{"id": o.id + 9_000, "method_title": "快递", "method_id": "flat_rate", "total": decimal(o.shipping), "total_tax": "0.00", "taxes": [], "meta_data": []}],
        "refunds": refunds,
    })
}

/// WooCommerce writes a line's price as a JSON number, unlike every other amount; readers must not rely on it.
fn price_number(hundredths: i64) -> Value {
    if hundredths % 100 == 0 {
        json!(hundredths / 100)
    } else {
        serde_json::from_str(&decimal(hundredths)).unwrap_or(Value::Null)
    }
}

pub(super) fn product_shape(world: &World, good: &Good) -> Value {
    let simple = good.woo_variation() == 0;
    let id = if simple { good.woo_product() } else { good.woo_variation() };
    json!({"id": id, "parent_id": if simple { 0 } else { good.woo_product() }, "name": good.title, "sku": good.sku,
        "type": if simple { "simple" } else { "variation" }, "price": decimal(good.price), "regular_price": decimal(good.price),
        "manage_stock": true, "stock_quantity": world.stock_of(ME, &good.sku), "stock_status": "instock", "status": "publish",
        "weight": decimal(good.weight_g / 10), "attributes": [{"name": "规格", "option": good.spec}]})
}
