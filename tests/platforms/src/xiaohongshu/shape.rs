//! Orders as Xiaohongshu shows them: money in fen, times in milliseconds, receivers behind `openAddressId`.

use super::ME;
use crate::fields::masked;
use crate::order::{Line, Order, Refund, Stage};
use crate::seal;
use serde_json::{Map, Value, json};

/// Known to the platform only.
const RECEIVERS: &str = "simulated-xiaohongshu-receivers";

/// A field of the receiver in cipher text.
pub(super) fn hidden(order: &Order, field: &str) -> String {
    let plain = match field {
        "name" => &order.receiver.name,
        "phone" => &order.receiver.phone,
        _ => &order.receiver.address,
    };
    format!("#{}#1##", seal::hide(RECEIVERS, &order.text_id(), field, plain))
}

/// What stands in such a cipher text, for the platform itself.
pub(super) fn opened(order: &str, field: &str, hidden: &str) -> Option<String> {
    seal::reveal(RECEIVERS, order, field, hidden.strip_prefix('#')?.strip_suffix("#1##")?)
}

/// `openAddressId`: another one as soon as anything about the receiver is another.
pub(super) fn open_address_id(o: &Order) -> String {
    let r = &o.receiver;
    let all = format!("{}\n{}\n{}{}{}{}", r.name, r.phone, r.province, r.city, r.district, r.address);
    hex::encode(seal::hmac_sha256(RECEIVERS.as_bytes(), all.as_bytes())).chars().take(32).collect()
}

/// `orderStatus`.
pub(super) fn status(o: &Order) -> i64 {
    match o.stage {
        Stage::Unpaid => 1,
        Stage::Cancelled if o.paid_ms.is_some() => 9,
        Stage::Cancelled => 8,
        Stage::Completed => 7,
        Stage::Paid if o.refunded() => 9,
        Stage::Paid if o.fully_shipped() => 6,
        Stage::Paid if o.partly_shipped() => 5,
        Stage::Paid if o.tagged("hold") => 2,
        Stage::Paid => 4,
    }
}

fn after_sales_status(o: &Order) -> i64 {
    match (o.refunding(), o.lines.iter().any(|l| l.refund == Refund::Done)) {
        (true, _) => 2,
        (false, true) => 3,
        (false, false) => 1,
    }
}

fn merged(mut base: Map<String, Value>, more: Value) -> Value {
    if let Value::Object(more) = more {
        base.extend(more);
    }
    Value::Object(base)
}

/// A row of the list: no goods and no money.
pub(super) fn row(o: &Order) -> Value {
    let ended = o.ended_ms.unwrap_or_default();
    let first = o.shipments.first();
    let unshipped_refund = o.refunding() && !o.partly_shipped();
    json!({
        "orderId": o.text_id(), "orderType": 1, "orderStatus": status(o), "orderAfterSalesStatus": after_sales_status(o),
        "cancelStatus": i64::from(unshipped_refund), "createdTime": o.created_ms, "paidTime": o.paid_ms.unwrap_or_default(), "updateTime": o.modified_ms,
        "deliveryTime": o.shipments.last().map_or(0, |s| s.at_ms), "cancelTime": if o.stage == Stage::Cancelled { ended } else { 0 },
        "finishTime": if o.stage == Stage::Completed { ended } else { 0 }, "promiseLastDeliveryTime": o.created_ms + 172_800_000,
        "presaleDeliveryStartTime": 0, "presaleDeliveryEndTime": 0, "planInfoId": "64b0000000000000000000aa", "planInfoName": "普通快递",
        "receiverCountryId": "1", "receiverCountryName": "中国", "receiverProvinceId": "330000", "receiverProvinceName": o.receiver.province,
        "receiverCityId": "330100", "receiverCityName": o.receiver.city, "receiverDistrictId": "330106", "receiverDistrictName": o.receiver.district,
        "customerRemark": o.buyer_remark, "sellerRemark": o.seller_remark, "sellerRemarkFlag": 0, "originalOrderId": "", "logistics": "red_auto",
        "unpack": o.shipments.len() > 1, "expressTrackingNo": first.map(|s| s.number.clone()).unwrap_or_default(),
        "expressCompanyCode": first.map(|s| s.carrier.clone()).unwrap_or_default(), "openAddressId": open_address_id(o),
    })
}

fn sku(o: &Order, l: &Line) -> Value {
    let (_, variant) = l.good.listing(ME);
    let paid = if o.lines.len() == 1 { l.amount() + o.shipping } else { l.amount() };
    json!({"skuId": variant, "skuName": l.good.title, "erpcode": l.good.sku, "skuSpec": l.good.spec, "skuImage": "", "skuQuantity": l.qty,
        "totalPaidAmount": paid, "totalMerchantDiscount": 0, "totalRedDiscount": 0, "totalTaxAmount": 0, "totalNetWeight": l.good.weight_g * l.qty, "skuTag": 0,
        "deliveryMode": 0, "isChannel": false, "skuAfterSaleStatus": match l.refund { Refund::None => 1, Refund::Requested => 2, Refund::Done => 3 },
        "skuDetailList": [{"skuId": variant, "erpCode": l.good.sku, "barcode": format!("69{:011}", l.good.index), "scSkuCode": "", "quantity": l.qty,
            "pricePerSku": l.unit_price, "rawPricePerSku": l.unit_price, "paidAmountPerSku": l.unit_price, "depositAmountPerSku": 0,
            "merchantDiscountPerSku": 0, "redDiscountPerSku": 0, "taxPerSku": 0}]})
}

fn parcel(o: &Order, s: &crate::order::Shipment) -> Value {
    let skus = s.lines.iter().filter_map(|(id, _)| o.line(*id)).map(|l| l.good.listing(ME).1);
    json!({"deliveryOrderIndex": s.id, "status": 2, "expressTrackingNo": s.number, "expressCompanyCode": s.carrier, "skuIdList": skus.collect::<Vec<_>>()})
}

/// An order alone: what the list has, goods and money.
pub(super) fn detail(o: &Order) -> Value {
    let base = row(o).as_object().cloned().unwrap_or_default();
    let more = json!({
        "userId": masked(&o.receiver.name, 1), "shopId": o.shop, "shopName": "汇单小红书示例店", "paymentType": 1,
        "totalPayAmount": o.total(), "totalShippingFree": o.shipping, "totalDepositAmount": 0, "totalMerchantDiscount": 0, "totalRedDiscount": 0,
        "totalTaxAmount": 0, "merchantActualReceiveAmount": o.total(), "totalChangePriceAmount": 0,
        "skuList": o.lines.iter().map(|l| sku(o, l)).collect::<Vec<_>>(),
        "simpleDeliveryOrderList": o.shipments.iter().map(|s| parcel(o, s)).collect::<Vec<_>>(),
        "boundExtendInfo": null, "transferExtendInfo": null,
    });
    merged(base, more)
}

/// The receiver in cipher text, if it is still the one that was asked for.
pub(super) fn receiver(o: &Order, open_address: &str) -> Value {
    let matched = open_address == open_address_id(o);
    let field = |name: &str| if matched { hidden(o, name) } else { String::new() };
    json!({"orderId": o.text_id(), "matched": matched, "receiverName": field("name"), "receiverPhone": field("phone"), "receiverAddress": field("address"),
        "receiverProvinceName": o.receiver.province, "receiverCityName": o.receiver.city, "receiverDistrictName": o.receiver.district, "receiverTownName": ""})
}

/// The number of a line's after-sale.
pub(super) fn returns_id(l: &Line) -> String {
    format!("R{}", 1_000_000_000_000 + l.id)
}

/// An after-sale.
pub(super) fn after_sale(o: &Order, l: &Line) -> Value {
    let status = match l.refund {
        Refund::None => 5,
        Refund::Requested => 1,
        Refund::Done => 4,
    };
    let (_, variant) = l.good.listing(ME);
    json!({"returnsId": returns_id(l), "returnType": if l.shipped > 0 { 4 } else { 5 }, "reasonId": 1, "reasonNameZh": "不想要了", "status": status,
        "userId": "", "orderId": o.text_id(), "applyTime": o.modified_ms, "updatedAt": o.modified_ms, "expireTime": o.modified_ms + 86_400_000, "desc": "",
        "returnsTag": 0, "expectedRefundAmountYuan": yuan(l.amount()), "skus": [{"skuId": variant, "boughtCount": l.qty, "appliedCount": l.qty, "skuERPCode": l.good.sku}]})
}

/// Where this platform writes yuan, it writes a number with a point.
pub(super) fn yuan(hundredths: i64) -> Value {
    serde_json::from_str(&crate::order::decimal(hundredths)).unwrap_or_default()
}
