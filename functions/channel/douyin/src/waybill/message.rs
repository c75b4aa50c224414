//! The request for a number. It holds nothing but what the parcel and the account say, so that the same claim always
//! asks the same.

use huidan_carrier::{Parcel, common};
use huidan_domain::Party;
use huidan_exchange::sign::{hex, sha256};
use huidan_exchange::{CallError, Credentials, rejected};
use serde_json::{Value, json};

/// Kinds of goods told at most.
const MOST_ITEMS: usize = 100;
/// The longest `pack_id` that is taken.
const PACK_ID: usize = 15;

/// The parcel's id at the platform, made from the claim, which is too long for it. Only within one order need it be
/// unlike others.
pub(super) fn pack_id(claim: &str) -> String {
    hex(&sha256(&[claim.as_bytes()])).chars().take(PACK_ID).collect()
}

/// The request for a parcel.
pub(super) fn create(account: &Credentials, parcel: &Parcel) -> Result<Value, CallError> {
    account.need("shop")?;
    let logistics_code = account.need("logistics_code")?;
    account.need("template_url")?;
    let order_id = parcel.ext_ids.first().map_or("", String::as_str);
    let mut order = json!({
        "order_id": order_id,
        "pack_id": pack_id(&parcel.claim),
        "receiver_info": receiver(parcel)?,
        "items": items(parcel),
    });
    let mut also = |name: &str, value: Value| {
        if let Some(fields) = order.as_object_mut() {
            fields.insert(name.to_owned(), value);
        }
    };
    if !parcel.service.is_empty() {
        also("product_type", json!(parcel.service));
    }
    if !parcel.remark.is_empty() {
        also("remark", json!(parcel.remark));
    }
    if parcel.ext_ids.len() > 1 {
        also("combine_orders", json!(parcel.ext_ids));
    }
    // Only SF takes a weight here.
    if logistics_code == "shunfeng" && parcel.weight_g > 0 {
        also("total_weight", json!(parcel.weight_g.to_string()));
    }
    if let Some(net) = net(account) {
        also("net_info", net);
    }
    let mut request =
        json!({"sender_info": sender(&parcel.sender), "logistics_code": logistics_code, "order_infos": [order]});
    if let (Some(user), Some(fields)) = (user_id(account)?, request.as_object_mut()) {
        fields.insert("user_id".to_owned(), json!(user));
    }
    Ok(request)
}

/// The shop that really uses the waybills, where an account is shared.
pub(super) fn user_id(account: &Credentials) -> Result<Option<u64>, CallError> {
    common::number(account, "user_id")
}

fn net(account: &Credentials) -> Option<Value> {
    match (account.optional("net_code"), account.optional("monthly_account")) {
        (None, None) => None,
        (Some(net), None) => Some(json!({"net_code": net})),
        (None, Some(monthly)) => Some(json!({"monthly_account": monthly})),
        (Some(net), Some(monthly)) => Some(json!({"net_code": net, "monthly_account": monthly})),
    }
}

fn items(parcel: &Parcel) -> Vec<Value> {
    let goods = common::goods(parcel, MOST_ITEMS, 100).into_iter();
    goods.map(|(name, count)| json!({"item_name": name, "item_count": count})).collect()
}

fn sender(from: &Party) -> Value {
    let mobile = from.phone.len() == 11 && from.phone.bytes().all(|byte| byte.is_ascii_digit());
    let contact = match mobile {
        true => json!({"name": from.name, "mobile": from.phone}),
        false => json!({"name": from.name, "phone": from.phone}),
    };
    json!({"contact": contact, "address": {"country_code": "CHN", "province_name": from.province,
        "city_name": from.city, "district_name": from.district, "detail_address": from.street}})
}

/// Cipher texts go in the fields of the plain ones, unchanged; the street's name comes from the token.
fn receiver(parcel: &Parcel) -> Result<Value, CallError> {
    let to = &parcel.receiver;
    if parcel.channel != "douyin" {
        return Err(rejected(
            "channel_not_taken",
            "抖店电子面单只用于抖店订单，请用订单所在平台或快递公司的面单 / these waybills are for Douyin's orders: use \
             those of the order's own platform or the carrier's",
        ));
    }
    if to.token.is_none() && [&to.name, &to.phone, &to.street].iter().any(|text| text.contains('*')) {
        return Err(rejected(
            "receiver_masked",
            "收件人是掩码而非密文，请重新拉取订单 / the receiver is masked and not encrypted: fetch the order again",
        ));
    }
    let mut address = json!({"country_code": "CHN", "province_name": to.province, "city_name": to.city,
        "district_name": to.district, "detail_address": to.street});
    let street = to.token.as_deref().and_then(|token| token.split_once('/')).map(|(_, street)| street);
    if let (Some(street), Some(fields)) = (street, address.as_object_mut()) {
        fields.insert("street_name".to_owned(), json!(street));
    }
    Ok(json!({"contact": {"name": to.name, "mobile": to.phone}, "address": address}))
}
