//! The message of an e-waybill (1007). It holds nothing but what the parcel and the account say, so that the same claim
//! always says the same.

use crate::company;
use huidan_carrier::Parcel;
use huidan_carrier::common::{goods, is_mobile, kilograms};
use huidan_domain::{Party, Receiver};
use huidan_exchange::{CallError, Credentials};
use serde::Serialize;
use serde_json::value::RawValue;

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Order<'a> {
    order_code: &'a str,
    #[serde(flatten)]
    customer: Customer<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    month_code: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    send_site: Option<&'a str>,
    pay_type: &'a str,
    exp_type: &'a str,
    is_notice: u8,
    sender: Contact,
    receiver: Contact,
    commodity: Vec<Commodity>,
    #[serde(skip_serializing_if = "Option::is_none")]
    weight: Option<Box<RawValue>>,
    quantity: u16,
    #[serde(skip_serializing_if = "String::is_empty")]
    remark: String,
    is_return_print_template: &'static str,
}

/// The account at the carrier.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Customer<'a> {
    shipper_code: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    customer_pwd: Option<&'a str>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Contact {
    name: String,
    #[serde(flatten)]
    phone: Phone,
    #[serde(skip_serializing_if = "String::is_empty")]
    post_code: String,
    province_name: String,
    city_name: String,
    exp_area_name: String,
    address: String,
}

#[derive(Debug, Serialize)]
enum Phone {
    Mobile(String),
    Tel(String),
}

#[derive(Debug, Serialize)]
struct Commodity {
    #[serde(rename = "GoodsName")]
    name: String,
    /// The platform's own spelling.
    #[serde(rename = "Goodsquantity")]
    quantity: u32,
}

/// The account's account at its carrier.
pub(crate) fn customer(credentials: &Credentials) -> Result<Customer<'_>, CallError> {
    Ok(Customer {
        shipper_code: company::booking(credentials)?,
        customer_name: credentials.optional("customer_name"),
        customer_pwd: credentials.optional("customer_pwd"),
    })
}

/// The order for a parcel.
pub(crate) fn order<'a>(credentials: &'a Credentials, parcel: &'a Parcel) -> Result<Order<'a>, CallError> {
    let service = Some(parcel.service.as_str()).filter(|service| !service.is_empty());
    Ok(Order {
        order_code: &parcel.claim,
        customer: customer(credentials)?,
        month_code: credentials.optional("month_code"),
        send_site: credentials.optional("send_site"),
        pay_type: credentials.optional("pay_type").unwrap_or("3"),
        exp_type: service.or_else(|| credentials.optional("exp_type")).unwrap_or("1"),
        is_notice: 1,
        sender: sender(&parcel.sender),
        receiver: receiver(&parcel.receiver),
        commodity: goods(parcel, 20, 50)
            .into_iter()
            .map(|(title, quantity)| Commodity { name: clean(&title), quantity })
            .collect(),
        weight: kilograms(parcel.weight_g),
        quantity: parcel.pieces,
        remark: clean(&parcel.remark).chars().take(60).collect(),
        is_return_print_template: "0",
    })
}

fn sender(from: &Party) -> Contact {
    Contact {
        name: clean(&from.name),
        phone: phone(&from.phone),
        post_code: String::new(),
        province_name: from.province.clone(),
        city_name: from.city.clone(),
        exp_area_name: from.district.clone(),
        address: clean(&from.street),
    }
}

fn receiver(to: &Receiver) -> Contact {
    Contact {
        name: clean(&to.name),
        phone: phone(&to.phone),
        post_code: to.postcode.clone(),
        province_name: to.province.clone(),
        city_name: to.city.clone(),
        exp_area_name: to.district.clone(),
        address: clean(&to.street),
    }
}

fn phone(text: &str) -> Phone {
    if is_mobile(text) { Phone::Mobile(text.to_owned()) } else { Phone::Tel(text.to_owned()) }
}

/// The platform refuses `' " # & + < > % \`; their wide brothers read the same (3＃楼 is still house 3).
fn clean(text: &str) -> String {
    let wide = |c: char| match c {
        '\'' => '＇',
        '"' => '＂',
        '#' => '＃',
        '&' => '＆',
        '+' => '＋',
        '<' => '＜',
        '>' => '＞',
        '%' => '％',
        '\\' => '＼',
        c => c,
    };
    text.chars().map(wide).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn refused_characters_are_widened_and_nothing_is_lost() {
        assert_eq!(super::clean(r#"3#楼 A&B+"<50%>" \'x'"#), r"3＃楼 A＆B＋＂＜50％＞＂ ＼＇x＇");
        assert_eq!(super::clean("粤海街道科技园一路 1 号"), "粤海街道科技园一路 1 号");
    }
}
