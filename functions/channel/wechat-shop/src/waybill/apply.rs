//! The request for a number. It holds nothing but what the parcel and the account say, so that the same claim always
//! asks the same.

use huidan_carrier::{Parcel, common};
use huidan_domain::Party;
use huidan_exchange::{CallError, Credentials, rejected, sign};
use serde_json::{Map, Value, json};

/// The template of one who names none.
const TEMPLATE: &str = "single";
/// Longest name of goods told.
const NAME: usize = 100;

/// `ewaybill_order_id`: a number of 64 bits that is unique at all of WeChat and chosen by the caller. It follows from
/// the claim, so that a lost answer can be asked for; the top bit stays free for those who read it as signed.
pub(crate) fn order_id(claim: &str) -> String {
    let digest = sign::sha256(&[b"wechat-shop-waybill/", claim.as_bytes()]);
    let head = digest.first_chunk().copied().unwrap_or_default();
    (u64::from_be_bytes(head) >> 1).to_string()
}

/// The template to print with.
pub(crate) fn template(account: &Credentials) -> &str {
    account.optional("template_id").unwrap_or(TEMPLATE)
}

/// The request for a parcel.
pub(crate) fn apply(account: &Credentials, parcel: &Parcel) -> Result<Value, CallError> {
    account.need("shop")?;
    let mut asked = Map::new();
    let mut put = |name: &str, value: Value| asked.insert(name.to_owned(), value);
    put("ewaybill_order_id", order_id(&parcel.claim).into());
    put("delivery_id", account.need("delivery_id")?.into());
    put("ewaybill_acct_id", account.need("ewaybill_acct_id")?.into());
    put("shop_id", account.need("shop_id")?.into());
    put("template_id", template(account).into());
    put("sender", sender(&parcel.sender));
    put("receiver", receiver(parcel)?);
    put("ec_order_list", Value::Array(orders(parcel)?));
    for (name, value) in [("site_code", account.optional("site_code")), ("remark", Some(parcel.remark.as_str()))] {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            put(name, value.into());
        }
    }
    if let Some(kind) = order_type(&parcel.service)? {
        put("order_type", kind.into());
    }
    if parcel.weight_g > 0 {
        put("ext_info", json!({"package_weight_g": parcel.weight_g}));
    }
    Ok(Value::Object(asked))
}

/// `order_type`: the carrier's product, by its number at WeChat.
fn order_type(service: &str) -> Result<Option<u64>, CallError> {
    if service.is_empty() {
        return Ok(None);
    }
    service.parse().map(Some).map_err(|_| {
        rejected(
            "service_unknown",
            "快递产品应为微信的产品编号（order_type，数字）/ the service must be WeChat's number of the product (order_type)",
        )
    })
}

fn sender(from: &Party) -> Value {
    json!({
        "name": from.name,
        "mobile": from.phone,
        "province": from.province,
        "city": from.city,
        "county": from.district,
        "street": "",
        "address": from.street,
    })
}

/// The receiver as the order gave it, masked or not: WeChat knows by the order who is meant.
fn receiver(parcel: &Parcel) -> Result<Value, CallError> {
    if parcel.channel != "wechat-shop" {
        return Err(rejected(
            "token_not_taken",
            "微信小店的面单只能用于微信小店的订单，请换用其他承运商 / WeChat's waybills are for WeChat's orders only: use \
             another carrier",
        ));
    }
    let to = &parcel.receiver;
    Ok(json!({
        "name": to.name,
        "mobile": to.phone,
        "province": to.province,
        "city": to.city,
        "county": to.district,
        "street": "",
        "address": to.street,
    }))
}

/// Ids are numbers here, unlike in every other call. The goods of a parcel for several orders are told with the first.
fn orders(parcel: &Parcel) -> Result<Vec<Value>, CallError> {
    let named = common::goods(parcel, usize::MAX, NAME).into_iter();
    let mut goods: Vec<Value> = named.map(|(name, count)| json!({"good_name": name, "good_count": count})).collect();
    let mut orders = Vec::with_capacity(parcel.ext_ids.len());
    for id in &parcel.ext_ids {
        let id: u64 = id.parse().map_err(|_| {
            rejected("order_id_unknown", "订单号不是微信小店的订单号 / the order's id is none of a WeChat shop")
        })?;
        let goods = match orders.is_empty() {
            true => std::mem::take(&mut goods),
            false => vec![json!({"good_name": "合并发货", "good_count": 1})],
        };
        orders.push(json!({"ec_order_id": id, "goods_list": goods}));
    }
    if orders.is_empty() {
        return Err(rejected("order_missing", "包裹没有微信小店的订单号 / the parcel has no order of a WeChat shop"));
    }
    Ok(orders)
}
