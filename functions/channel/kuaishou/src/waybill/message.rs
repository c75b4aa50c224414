//! The request for a number (`open.express.ebill.get`). It holds nothing but what the parcel and the account say, so
//! that the same claim always asks the same.

use huidan_carrier::{Parcel, common};
use huidan_domain::Party;
use huidan_exchange::{CallError, Credentials};
use serde::Serialize;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Apply<'a> {
    get_ebill_order_request: [Order<'a>; 1],
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Order<'a> {
    request_id: &'a str,
    package_code: &'a str,
    order_channel: &'static str,
    trade_order_code: &'a str,
    merchant_code: &'a str,
    express_company_code: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    express_product_code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    net_site_code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    net_site_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    settle_account: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ext_data: Option<String>,
    template_url: &'a str,
    /// The sender pays.
    pay_method: u8,
    total_package_quantity: u8,
    #[serde(skip_serializing_if = "is_zero")]
    total_package_weight: u32,
    #[serde(skip_serializing_if = "String::is_empty")]
    trade_order_remark: String,
    item_list: Vec<Goods>,
    sender_contract: Contact<'a>,
    sender_address: Address<'a>,
    receiver_contract: Contact<'a>,
    receiver_address: Address<'a>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Goods {
    item_title: String,
    item_quantity: u32,
}

#[derive(Debug, Serialize)]
pub(crate) struct Contact<'a> {
    name: &'a str,
    #[serde(flatten)]
    phone: Phone<'a>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "lowercase")]
enum Phone<'a> {
    Mobile(&'a str),
    Telephone(&'a str),
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Address<'a> {
    province_name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    city_name: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    district_name: &'a str,
    detail_address: &'a str,
}

/// The request for a parcel.
pub(crate) fn apply<'a>(account: &'a Credentials, parcel: &'a Parcel) -> Result<Apply<'a>, CallError> {
    account.need("shop")?;
    let express_company_code = account.need("express_company_code")?;
    let template_url = account.need("template_url")?;
    takes(parcel)?;
    let service = parcel.service.as_str();
    Ok(Apply {
        get_ebill_order_request: [Order {
            // Either of the two alone makes a repeat return the first number.
            request_id: &parcel.claim,
            package_code: &parcel.claim,
            order_channel: "KUAI_SHOU",
            trade_order_code: parcel.ext_ids.first().map_or("", String::as_str),
            merchant_code: account.need("open_id")?,
            express_company_code,
            express_product_code: match service {
                "" => account.optional("express_product_code").unwrap_or_default(),
                chosen => chosen,
            },
            net_site_code: account.optional("net_site_code"),
            net_site_name: account.optional("net_site_name"),
            settle_account: account.optional("settle_account"),
            ext_data: ext_data(account, express_company_code),
            template_url,
            pay_method: 1,
            total_package_quantity: 1,
            total_package_weight: parcel.weight_g,
            trade_order_remark: parcel.remark.chars().take(128).collect(),
            item_list: goods(parcel),
            sender_contract: contact(&parcel.sender),
            sender_address: address(&parcel.sender),
            // Sealed texts go on unchanged; a sealed phone is always taken for a mobile one.
            receiver_contract: Contact { name: &parcel.receiver.name, phone: Phone::Mobile(&parcel.receiver.phone) },
            receiver_address: Address {
                province_name: &parcel.receiver.province,
                city_name: &parcel.receiver.city,
                district_name: &parcel.receiver.district,
                detail_address: &parcel.receiver.street,
            },
        }],
    })
}

/// Only the platform's own orders: their receivers are sealed, and a mask names nobody.
fn takes(parcel: &Parcel) -> Result<(), CallError> {
    let rejected =
        |code: &str, remedy: &str| Err(CallError::Rejected { code: code.to_owned(), remedy: remedy.to_owned() });
    let to = &parcel.receiver;
    if parcel.channel != "kuaishou" {
        return rejected(
            "token_not_taken",
            "快手电子面单只用于快手订单 / Kuaishou's waybills are for Kuaishou's orders: use another carrier",
        );
    }
    if to.token.is_none() || [&to.name, &to.phone, &to.street].iter().any(|text| text.contains('*')) {
        return rejected(
            "receiver_masked",
            "收件人不是密文，请重新拉取订单或检查应用的权限 / the receiver is not there encrypted: fetch the order again, or \
             ask for the application's rights",
        );
    }
    Ok(())
}

fn ext_data(account: &Credentials, company: &str) -> Option<String> {
    let mut data = serde_json::Map::new();
    if let Some(code) = account.optional("isv_client_code") {
        data.insert("isvClientCode".to_owned(), code.into());
    }
    // The post office wants to be told how it is paid.
    if company == "POSTB" {
        data.insert("oneBillFeeType".to_owned(), 1.into());
    }
    (!data.is_empty()).then(|| serde_json::Value::Object(data).to_string())
}

fn goods(parcel: &Parcel) -> Vec<Goods> {
    let goods = common::goods(parcel, 100, 100).into_iter();
    goods.map(|(item_title, item_quantity)| Goods { item_title, item_quantity }).collect()
}

/// The sender, for the request and for the print data.
pub(crate) fn contact(from: &Party) -> Contact<'_> {
    Contact { name: &from.name, phone: phone(&from.phone) }
}

/// Where the parcel comes from.
pub(crate) fn address(from: &Party) -> Address<'_> {
    Address {
        province_name: &from.province,
        city_name: &from.city,
        district_name: &from.district,
        detail_address: &from.street,
    }
}

/// Eleven characters without a hyphen are a mobile number.
fn phone(text: &str) -> Phone<'_> {
    let mobile = text.chars().count() == 11 && !text.contains('-');
    if mobile { Phone::Mobile(text) } else { Phone::Telephone(text) }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
fn is_zero(grams: &u32) -> bool {
    *grams == 0
}
