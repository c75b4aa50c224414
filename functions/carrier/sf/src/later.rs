//! What can be asked beside numbers: prices, and a parcel stopped on its way.

use crate::api::{self, Outcome};
use crate::message;
use huidan_carrier::{Intercept, Intercepted, Parcel, Quote, common};
use huidan_domain::{Currency, Millis, Receiver, WaybillNo};
use huidan_exchange::json::{Json, Object, Wrong};
use huidan_exchange::{Call, CallError, Credentials, Effect, Next, time, unreadable};
use serde_json::{Value, json};

const DAY_MS: i64 = 86_400_000;

/// `EXP_RECE_QUERY_DELIVERTM`: every product with its price and its promised time, or the one that the parcel names.
pub(crate) fn price(call: &Call<'_>, parcel: &Parcel) -> Result<Next<Vec<Quote>>, CallError> {
    let Some(reply) = call.replies.first() else {
        return api::request(call, "EXP_RECE_QUERY_DELIVERTM", &message::question(call, parcel)?).map(Next::Send);
    };
    match api::outcome(reply, Effect::Harmless)? {
        Outcome::Given(data) => quotes(&data, call.now).map(Next::Done).map_err(|wrong| lost(&wrong)),
        // This service has its own meanings for S0001 to S0008: all of them say that a parameter is wrong.
        Outcome::Refused { code, words } if code.starts_with("S000") => Err(CallError::Rejected {
            remedy: format!("顺丰：{0}（{code}）/ SF says: {0} ({code})", redacted(&words, parcel)),
            code,
        }),
        Outcome::Refused { code, words } => Err(api::refused(&code, &words, &common::private(parcel))),
    }
}

fn redacted(words: &str, parcel: &Parcel) -> String {
    huidan_exchange::redact(words, &common::private(parcel))
}

fn quotes(data: &str, now: Millis) -> Result<Vec<Quote>, Wrong> {
    let mut quotes = Vec::new();
    for product in Json::parse(data.as_bytes())?.object()?.need("deliverTmDto")?.list()? {
        let product = product.object()?;
        // A product without a fee is none that this account may book.
        if let Some(fee) = product.get("fee") {
            quotes.push(Quote {
                service: common::words(&product, "businessType")?,
                title: common::words(&product, "businessTypeDesc")?,
                price: fee.money(Currency::CNY)?,
                days: days(&product, now)?,
            });
        }
    }
    quotes.sort_by_key(|quote| quote.price.amount);
    Ok(quotes)
}

/// Days until the promised time, begun ones counted; `deliverTime` is one instant or two with a comma between.
fn days(product: &Object<'_>, now: Millis) -> Result<Option<u16>, Wrong> {
    let promised = common::words(product, "deliverTime")?;
    let first = promised.split(',').next().unwrap_or_default();
    let until = time::local(first, time::CHINA).map(|at| at.0.saturating_sub(now.0).max(0));
    Ok(until.and_then(|ms| u16::try_from(ms.saturating_add(DAY_MS - 1) / DAY_MS).ok()))
}

/// `EXP_RECE_WANTED_INTERCEPT`: `serviceCode` 1 sends the parcel elsewhere, 2 back. Both want the new address, and the
/// way back costs the account.
pub(crate) fn intercept(call: &Call<'_>, number: &WaybillNo, wish: &Intercept) -> Result<Next<Intercepted>, CallError> {
    let Some(reply) = call.replies.first() else {
        let credentials = &call.account.credentials;
        let (code, address) = match wish {
            Intercept::Return => ("2", back(credentials)?),
            Intercept::Redirect(to) => ("1", elsewhere(to)?),
        };
        let message = json!({
            "waybillNo": number.as_str(),
            "serviceCode": code,
            "role": "1",
            "payMode": "4",
            "monthlyCardNo": credentials.need("monthly_card")?,
            "newDestAddress": address,
        });
        return api::request(call, "EXP_RECE_WANTED_INTERCEPT", &message).map(Next::Send);
    };
    match api::outcome(reply, Effect::Harmless)? {
        Outcome::Given(_) => Ok(Next::Done(Intercepted::Accepted)),
        Outcome::Refused { words, .. } if words.contains("重复") || words.contains("已存在") => {
            Ok(Next::Done(Intercepted::AlreadyAsked))
        }
        Outcome::Refused { code, words } => {
            let private = match wish {
                Intercept::Return => Vec::new(),
                Intercept::Redirect(to) => vec![to.name.as_str(), &to.phone, &to.street],
            };
            Err(api::refused(&code, &words, &private))
        }
    }
}

/// The address that the account has parcels returned to.
fn back(credentials: &Credentials) -> Result<Value, CallError> {
    let set = credentials.need("return_to")?;
    let parts: Vec<&str> = set.splitn(6, '/').map(str::trim).collect();
    match parts.as_slice() {
        &[contact, phone, province, city, county, address] if !parts.contains(&"") => Ok(json!({
            "contact": contact, "phone": phone, "province": province, "city": city, "county": county, "address": address,
        })),
        _ => Err(CallError::Credentials {
            field: "return_to".to_owned(),
            detail: "应为 联系人/电话/省/市/区县/详细地址 / must be name/phone/province/city/district/street"
                .to_owned(),
        }),
    }
}

fn elsewhere(to: &Receiver) -> Result<Value, CallError> {
    common::in_clear(to)?;
    Ok(json!({
        "contact": to.name, "phone": to.phone, "province": to.province, "city": to.city, "county": to.district,
        "address": to.street,
    }))
}

fn lost(wrong: &Wrong) -> CallError {
    unreadable(wrong, Effect::Harmless)
}
