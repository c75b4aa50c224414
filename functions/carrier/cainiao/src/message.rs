//! The request for a number (`cainiao.waybill.ii.get`). It holds nothing but what the parcel and the account say, so
//! that the same claim always asks the same.

use huidan_carrier::{Parcel, common};
use huidan_domain::{Currency, Party};
use huidan_exchange::{CallError, Credentials};
use serde::Serialize;
use serde_json::value::RawValue;

/// Channels whose orders Cainiao knows by a code of their own.
const CHANNELS: &[(&str, &str)] = &[
    ("taobao", "TB"),
    ("jd", "JD"),
    ("pinduoduo", "PDD"),
    ("douyin", "DY"),
    ("kuaishou", "KS"),
    ("xiaohongshu", "XHS"),
];

#[derive(Debug, Serialize)]
pub(crate) struct Apply<'a> {
    cp_code: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    product_code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    shipping_branch_code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    brand_code: Option<&'a str>,
    need_encrypt: bool,
    sender: Person<'a>,
    trade_order_info_dtos: [Package<'a>; 1],
}

#[derive(Debug, Serialize)]
struct Package<'a> {
    object_id: &'a str,
    template_url: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_id: Option<u64>,
    order_info: Orders<'a>,
    package_info: Contents<'a>,
    recipient: Person<'a>,
}

#[derive(Debug, Serialize)]
struct Orders<'a> {
    order_channels_type: &'static str,
    trade_order_list: Vec<&'a str>,
}

#[derive(Debug, Serialize)]
struct Contents<'a> {
    id: &'a str,
    items: Vec<Goods>,
    #[serde(skip_serializing_if = "is_zero")]
    weight: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    good_value: Option<Box<RawValue>>,
    goods_description: String,
}

#[derive(Debug, Serialize)]
struct Goods {
    name: String,
    count: u32,
}

#[derive(Debug, Serialize)]
struct Person<'a> {
    name: &'a str,
    #[serde(flatten)]
    phone: Phone<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    oaid: Option<&'a str>,
    address: Address<'a>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "snake_case")]
enum Phone<'a> {
    Mobile(&'a str),
    Phone(&'a str),
}

#[derive(Debug, Serialize)]
struct Address<'a> {
    province: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    city: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    district: &'a str,
    detail: &'a str,
}

/// The request for a parcel.
pub(crate) fn apply<'a>(account: &'a Credentials, parcel: &'a Parcel) -> Result<Apply<'a>, CallError> {
    Ok(Apply {
        cp_code: account.need("cp_code")?,
        product_code: &parcel.service,
        shipping_branch_code: account.optional("branch_code"),
        customer_code: account.optional("customer_code"),
        brand_code: account.optional("brand_code"),
        need_encrypt: true,
        sender: sender(&parcel.sender),
        trade_order_info_dtos: [Package {
            object_id: &parcel.claim,
            template_url: account.need("template_url")?,
            user_id: common::number(account, "user_id")?,
            order_info: orders(parcel),
            package_info: contents(parcel),
            recipient: recipient(parcel)?,
        }],
    })
}

fn orders(parcel: &Parcel) -> Orders<'_> {
    let known = CHANNELS.iter().find(|(channel, _)| *channel == parcel.channel);
    Orders {
        order_channels_type: known.map_or("OTHERS", |(_, code)| code),
        trade_order_list: parcel.ext_ids.iter().map(String::as_str).collect(),
    }
}

fn contents(parcel: &Parcel) -> Contents<'_> {
    let named = |title: &str| title.chars().take(100).collect::<String>();
    let goods = common::goods(parcel, 100, 100).into_iter();
    let items: Vec<Goods> = goods.map(|(name, count)| Goods { name, count }).collect();
    let described = items.iter().map(|item| item.name.as_str()).collect::<Vec<_>>().join("、");
    Contents {
        id: &parcel.claim,
        goods_description: named(&described),
        items,
        weight: parcel.weight_g,
        good_value: yuan(parcel),
    }
}

/// Yuan as a JSON number with exactly its digits; what was paid in another currency is not told.
fn yuan(parcel: &Parcel) -> Option<Box<RawValue>> {
    let told = parcel.value.currency == Currency::CNY && !parcel.value.amount.is_zero();
    told.then(|| RawValue::from_string(parcel.value.amount.to_string()).ok()).flatten()
}

fn sender(from: &Party) -> Person<'_> {
    Person {
        name: &from.name,
        phone: phone(&from.phone),
        oaid: None,
        address: Address { province: &from.province, city: &from.city, district: &from.district, detail: &from.street },
    }
}

/// An encrypted receiver goes by its token, its masks beside it unchanged. A mask without a token names nobody.
fn recipient(parcel: &Parcel) -> Result<Person<'_>, CallError> {
    let to = &parcel.receiver;
    let rejected =
        |code: &str, remedy: &str| Err(CallError::Rejected { code: code.to_owned(), remedy: remedy.to_owned() });
    let masked = [&to.name, &to.phone, &to.street].iter().any(|text| text.contains('*'));
    match &to.token {
        Some(_) if parcel.channel != "taobao" => {
            return rejected(
                "token_not_taken",
                "菜鸟只认淘系订单的 OAID，请用订单所在平台的电子面单 / Cainiao takes only Taobao's tokens: use the waybill \
                 service of the order's own platform",
            );
        }
        None if masked => {
            return rejected(
                "receiver_masked",
                "收件人是掩码且没有 OAID，请重新拉取订单或检查应用的 OAID 权限 / the receiver is masked and has no token: \
                 fetch the order again, or ask for the right to tokens",
            );
        }
        Some(_) | None => {}
    }
    Ok(Person {
        name: &to.name,
        phone: phone(&to.phone),
        oaid: to.token.as_deref(),
        address: Address { province: &to.province, city: &to.city, district: &to.district, detail: &to.street },
    })
}

/// Eleven characters without a hyphen are a mobile number, masked or not.
fn phone(text: &str) -> Phone<'_> {
    let mobile = text.chars().count() == 11 && !text.contains('-');
    if mobile { Phone::Mobile(text) } else { Phone::Phone(text) }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
fn is_zero(grams: &u32) -> bool {
    *grams == 0
}
