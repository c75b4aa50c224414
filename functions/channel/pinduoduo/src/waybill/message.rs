//! The request for a number (`pdd.waybill.get`). It holds nothing but what the parcel and the account say, so that the
//! same claim always asks the same.

use huidan_carrier::{Parcel, common};
use huidan_domain::Party;
use huidan_exchange::{CallError, Credentials, rejected};
use serde::Serialize;

/// The channel whose ciphertext is taken.
const OWN: &str = "pinduoduo";

/// Channels that the platform knows by a code of their own, from its reference.
const CHANNELS: &[(&str, &str)] = &[
    (OWN, "PDD"),
    ("taobao", "TB"),
    ("jd", "JD"),
    ("douyin", "DY"),
    ("kuaishou", "KS"),
    ("xiaohongshu", "XHS"),
    ("amazon", "AMAZON"),
];

#[derive(Debug, Serialize)]
pub(super) struct Apply<'a> {
    wp_code: &'a str,
    need_encrypt: bool,
    sender: Person<'a>,
    trade_order_info_dtos: [Package<'a>; 1],
}

#[derive(Debug, Serialize)]
struct Package<'a> {
    object_id: &'a str,
    template_url: &'a str,
    user_id: u64,
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
    /// Tells parcels of one order apart.
    id: &'a str,
    items: Vec<Goods>,
    #[serde(skip_serializing_if = "is_zero")]
    weight: u32,
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
    city: &'a str,
    district: &'a str,
    detail: &'a str,
}

/// The request for a parcel.
pub(super) fn apply<'a>(account: &'a Credentials, parcel: &'a Parcel) -> Result<Apply<'a>, CallError> {
    Ok(Apply {
        wp_code: account.need("wp_code")?,
        need_encrypt: true,
        sender: sender(&parcel.sender),
        trade_order_info_dtos: [Package {
            object_id: &parcel.claim,
            template_url: account.need("template_url")?,
            user_id: user_id(account)?,
            order_info: orders(parcel),
            package_info: contents(parcel),
            recipient: recipient(parcel)?,
        }],
    })
}

fn user_id(account: &Credentials) -> Result<u64, CallError> {
    let (field, text) = match account.optional("user_id") {
        Some(text) => ("user_id", text),
        None => ("owner_id", account.need("owner_id")?),
    };
    text.trim().parse().map_err(|_| CallError::Credentials {
        field: field.to_owned(),
        detail: "应为数字 / must be a number".to_owned(),
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
    let items = common::goods(parcel, 100, 100).into_iter().map(|(name, count)| Goods { name, count }).collect();
    Contents { id: &parcel.claim, items, weight: parcel.weight_g }
}

fn sender(from: &Party) -> Person<'_> {
    let mobile = from.phone.len() == 11 && from.phone.starts_with('1') && !from.phone.contains('-');
    Person {
        name: &from.name,
        phone: if mobile { Phone::Mobile(&from.phone) } else { Phone::Phone(&from.phone) },
        address: Address { province: &from.province, city: &from.city, district: &from.district, detail: &from.street },
    }
}

/// Ciphertext goes on unchanged, as does an address in clear of a channel that gives one. A mask names nobody, and
/// another platform's handle is nothing here.
fn recipient(parcel: &Parcel) -> Result<Person<'_>, CallError> {
    let to = &parcel.receiver;
    if to.token.is_some() && parcel.channel != OWN {
        return Err(rejected(
            "token_not_taken",
            "拼多多面单只认拼多多订单的密文，请用订单所在平台的电子面单 / these waybills take only Pinduoduo's ciphertext: use \
             the waybill service of the order's own platform",
        ));
    }
    let texts = [&to.name, &to.phone, &to.street];
    if texts.iter().any(|text| text.is_empty() || text.contains('*')) {
        return Err(rejected(
            "receiver_masked",
            "收件人是空的或掩码（订单审核中、已发货或已退款时平台不给密文），请重新拉取订单 / the receiver is empty or masked, as \
             the platform gives ciphertext only while an order waits to be shipped: fetch the order again",
        ));
    }
    Ok(Person {
        name: &to.name,
        phone: Phone::Mobile(&to.phone),
        address: Address { province: &to.province, city: &to.city, district: &to.district, detail: &to.street },
    })
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
fn is_zero(grams: &u32) -> bool {
    *grams == 0
}
