//! Orders as Kuaishou shows them: one line each, money in fen, times in milliseconds, receivers in cipher text.

use super::ME;
use crate::fields::{masked, masked_phone};
use crate::order::{Line, Order, Refund, Stage};
use crate::seal;
use serde_json::{Value, json};

/// Known to the platform only.
const RECEIVERS: &str = "simulated-kuaishou-receivers";

/// A field of the receiver in cipher text.
pub(super) fn hidden(order: &Order, field: &str) -> String {
    let plain = match field {
        "name" => &order.receiver.name,
        "mobile" => &order.receiver.phone,
        _ => &order.receiver.address,
    };
    format!("#{}#", seal::hide(RECEIVERS, &order.text_id(), field, plain))
}

/// What stands in such a cipher text, for the platform itself.
pub(super) fn opened(order: &str, field: &str, hidden: &str) -> Option<String> {
    seal::reveal(RECEIVERS, order, field, hidden.strip_prefix('#')?.strip_suffix('#')?)
}

pub(super) fn open_id(shop: &str) -> String {
    seal::hide(RECEIVERS, "seller", "id", shop).chars().filter(char::is_ascii_alphanumeric).take(32).collect()
}

/// `status`.
pub(super) fn status(o: &Order) -> i64 {
    match o.stage {
        Stage::Unpaid => 10,
        Stage::Cancelled => 80,
        Stage::Completed => 70,
        Stage::Paid if o.refunded() => 80,
        Stage::Paid if o.partly_shipped() => 40,
        Stage::Paid => 30,
    }
}

/// The number of a line's refund.
pub(super) fn refund_id(l: &Line) -> i64 {
    2_026_000_000_000_000 + l.id
}

/// `refundStatus` of a line with a refund.
pub(super) fn refund_status(l: &Line) -> i64 {
    match l.refund {
        Refund::None => 70,
        Refund::Requested => 10,
        Refund::Done => 60,
    }
}

fn number(text: &str) -> i64 {
    text.parse().unwrap_or_default()
}

fn item(o: &Order) -> Value {
    let Some(l) = o.lines.first() else { return Value::Null };
    let (product, sku) = l.good.listing(ME);
    json!({"itemId": number(&product), "skuId": number(&sku), "relSkuId": 0, "relItemId": 0, "itemTitle": l.good.title, "skuDesc": l.good.spec,
        "skuNick": l.good.sku, "goodsCode": l.good.sku, "num": l.qty, "price": l.unit_price, "originalPrice": l.unit_price, "discountFee": 0,
        "warehouseCode": "", "orderItemId": l.id, "itemPicUrl": "", "itemType": 1})
}

fn address(o: &Order) -> Value {
    let r = &o.receiver;
    json!({"provinceCode": 33, "province": r.province, "cityCode": 3_301, "city": r.city, "districtCode": 330_106, "district": r.district,
        "townCode": 0, "town": "", "encryptedConsignee": hidden(o, "name"), "encryptedMobile": hidden(o, "mobile"),
        "encryptedAddress": hidden(o, "address"), "desensitiseConsignee": masked(&r.name, 1), "desensitiseMobile": masked_phone(&r.phone),
        "desensitiseAddress": masked(&r.address, 2)})
}

/// An order, in the list and alone.
pub(super) fn order(o: &Order) -> Value {
    let ended = o.ended_ms.unwrap_or_default();
    let refunds = o.lines.iter().filter(|l| l.refund != Refund::None);
    let parcel = |s: &crate::order::Shipment| json!({"logisticsId": s.id, "expressNo": s.number, "expressCode": number(&s.carrier)});
    let held = o.tagged("hold");
    json!({
        "orderBaseInfo": {"oid": o.id, "status": status(o), "totalFee": o.goods_total(), "discountFee": 0, "expressFee": o.shipping,
            "payTime": o.paid_ms.unwrap_or_default(), "createTime": o.created_ms, "updateTime": o.modified_ms,
            "sendTime": o.shipments.last().map_or(0, |s| s.at_ms), "recvTime": if o.stage == Stage::Completed { ended } else { 0 },
            "refundTime": if o.refunded() { o.modified_ms } else { 0 }, "payType": 2, "payChannel": "ALIPAY", "remark": o.buyer_remark,
            "sellerOpenId": open_id(&o.shop), "buyerOpenId": seal::hide(RECEIVERS, "buyer", "id", &o.receiver.phone), "sellerNick": "汇单快手示例店",
            "buyerNick": masked(&o.receiver.name, 1), "activityType": 1, "preSale": 0, "riskCode": i64::from(held), "orderRiskEventInfo": [],
            "disableDeliveryReasonCode": if held { json!([1]) } else { json!([]) }, "promiseTimeStampOfDelivery": o.created_ms + 172_800_000,
            "validPromiseShipmentTimeStamp": o.created_ms + 172_800_000, "priorityDelivery": false, "enableSplitDeliveryOrder": true,
            "multiplePiecesNo": 0, "cpsType": 0},
        "orderItemInfo": item(o), "orderAddress": address(o), "orderLogisticsInfo": o.shipments.iter().map(parcel).collect::<Vec<_>>(),
        "orderRefundList": refunds.map(|l| json!({"refundId": refund_id(l), "refundStatus": refund_status(l), "handlingWay": 10})).collect::<Vec<_>>(),
        "orderNote": {"orderNoteInfo": if o.seller_remark.is_empty() { json!([]) } else { json!([{"note": o.seller_remark, "createTime": o.modified_ms, "operatorName": "主账号"}]) }},
        "orderDeliveryInfo": {"openAddressId": seal::hide(RECEIVERS, &o.text_id(), "address id", &o.receiver.address), "splitDeliveryOrder": o.shipments.len() > 1,
            "packageNum": o.shipments.len()},
        "orderCpsInfo": null,
    })
}

/// A refund.
pub(super) fn refund(o: &Order, l: &Line) -> Value {
    let (product, sku) = l.good.listing(ME);
    json!({"refundId": refund_id(l), "oid": o.id, "orderId": o.id, "refundFee": l.amount(), "refundType": 1, "refundReason": 1, "refundReasonDesc": "不想要了",
        "refundDesc": "", "sellerId": number(&o.shop), "itemId": number(&product), "skuId": number(&sku), "skuNick": l.good.sku, "handlingWay": 10,
        "status": refund_status(l), "submitTime": o.modified_ms, "createTime": o.modified_ms, "updateTime": o.modified_ms, "endTime": 0, "receiptStatus": 1})
}
