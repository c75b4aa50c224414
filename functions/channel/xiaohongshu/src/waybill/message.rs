//! The request for a number. It holds nothing but what the parcel and the account say, so that the same claim always
//! asks the same.

use huidan_carrier::{Parcel, common};
use huidan_domain::{Party, Receiver};
use huidan_exchange::{CallError, Credentials};
use serde_json::{Map, Value, json};

/// The version of the waybills: 2 is the platform's own print component, 1 an older one that it retires.
pub(super) const VERSION: u32 = 2;

/// The fields of `express.createEbillOrders` for a parcel.
pub(super) fn apply(account: &Credentials, parcel: &Parcel) -> Result<Value, CallError> {
    account.need("shop")?;
    let cp_code = account.need("cp_code")?;
    let template: u64 = number(account.need("template_id")?, "template_id")?;
    let recipient = recipient(parcel)?;
    let first = parcel.ext_ids.first().map_or("", String::as_str);
    let product = if parcel.service.is_empty() { account.optional("product_code") } else { Some(&*parcel.service) };
    let mut fields = json!({
        "billVersion": VERSION,
        "cpCode": cp_code,
        "sender": sender(&parcel.sender),
        "sellerName": account.optional("seller_name").unwrap_or("汇单"),
        "branchCode": account.optional("branch_code").unwrap_or(""),
        "customerCode": account.optional("customer_code").unwrap_or(""),
        "tradeOrderInfoList": [{
            "objectId": parcel.claim,
            "templateId": template,
            "orderInfo": {
                "orderChannelsType": "XIAO_HONG_SHU",
                "tradeOrderList": parcel.ext_ids,
                "xhsOrderId": first,
                "xhsOrderList": parcel.ext_ids,
            },
            "packageInfo": package(parcel),
            "recipient": recipient,
        }],
    });
    if let Some(fields) = fields.as_object_mut() {
        put(fields, "brandCode", account.optional("brand_code"));
        put(fields, "productCode", product);
        if let Some(method) = account.optional("pay_method") {
            fields.insert("payMethod".to_owned(), number(method, "pay_method")?.into());
        }
    }
    Ok(fields)
}

fn number(text: &str, field: &str) -> Result<u64, CallError> {
    text.trim().parse().map_err(|_| CallError::Credentials {
        field: field.to_owned(),
        detail: "应为数字 / must be a number".to_owned(),
    })
}

fn put(object: &mut Map<String, Value>, name: &str, value: Option<&str>) {
    if let Some(value) = value.filter(|value| !value.is_empty()) {
        object.insert(name.to_owned(), value.into());
    }
}

fn package(parcel: &Parcel) -> Value {
    let goods = common::goods(parcel, 100, 100).into_iter();
    let items: Vec<Value> = goods.map(|(name, count)| json!({ "name": name, "count": count })).collect();
    let mut package = json!({ "id": parcel.claim, "items": items });
    if let (Some(package), 1..) = (package.as_object_mut(), parcel.weight_g) {
        package.insert("weight".to_owned(), parcel.weight_g.into());
    }
    package
}

/// The address must be the one that the carrier has for this account.
fn sender(from: &Party) -> Value {
    let mut address = Map::new();
    put(&mut address, "province", Some(&from.province));
    put(&mut address, "city", Some(&from.city));
    put(&mut address, "district", Some(&from.district));
    put(&mut address, "detail", Some(&from.street));
    let mut sender = Map::new();
    put(&mut sender, "name", Some(&from.name));
    // Eleven characters without a hyphen are a mobile number.
    let mobile = from.phone.chars().count() == 11 && !from.phone.contains('-');
    put(&mut sender, if mobile { "mobile" } else { "phone" }, Some(&from.phone));
    sender.insert("address".to_owned(), Value::Object(address));
    Value::Object(sender)
}

/// The ciphertext goes as it came, and the handle beside it, by which the platform fills in what is not sent.
fn recipient(parcel: &Parcel) -> Result<Value, CallError> {
    let rejected =
        |code: &str, remedy: &str| Err(CallError::Rejected { code: code.to_owned(), remedy: remedy.to_owned() });
    if parcel.channel != "xiaohongshu" {
        return rejected(
            "channel_not_taken",
            "这里只为小红书订单取号，其他平台请用它们自己的面单 / only orders of Xiaohongshu get numbers here: use the other \
             platform's own waybills",
        );
    }
    let Receiver { name, phone, province, city, district, street, token, .. } = &parcel.receiver;
    let Some(token) = token.as_deref().filter(|token| !token.is_empty()) else {
        return rejected(
            "receiver_token_missing",
            "订单没有 openAddressId，请重新拉取订单 / the order has no openAddressId: fetch it again",
        );
    };
    let mut address = Map::new();
    put(&mut address, "province", Some(province));
    put(&mut address, "city", Some(city));
    put(&mut address, "district", Some(district));
    let mut recipient = Map::new();
    // Ciphertext belongs to one order; the handle is the same for all that go to one receiver.
    if let [_] = parcel.ext_ids.as_slice() {
        put(&mut recipient, "name", Some(name));
        put(&mut recipient, "mobile", Some(phone));
        put(&mut address, "detail", Some(street));
    }
    put(&mut recipient, "openAddressId", Some(token));
    recipient.insert("address".to_owned(), Value::Object(address));
    Ok(Value::Object(recipient))
}
