//! What can be asked beside numbers: what is left of them, watching a parcel, stopping it.

use crate::api::{self, Outcome};
use crate::codes::{Meaning, meaning};
use huidan_carrier::{Balance, Intercept, Intercepted, Tracked, common};
use huidan_domain::WaybillNo;
use huidan_exchange::json::{Object, Wrong};
use huidan_exchange::{Call, CallError, Effect, Next, redact, time, unreadable};
use serde_json::json;

/// `zto.open.queryAvailableBalanceNew`: one line for the waybill account.
pub(crate) fn balance(call: &Call<'_>) -> Result<Next<Vec<Balance>>, CallError> {
    let credentials = &call.account.credentials;
    let Some(reply) = call.replies.first() else {
        let message = json!({
            "datetime": time::to_local(call.now, time::CHINA),
            "partner": credentials.need("account_id")?,
            "verify": credentials.need("account_password")?,
            "content": {"typeId": "1"},
        });
        return api::request(call, "zto.open.queryAvailableBalanceNew", &message).map(Next::Send);
    };
    match api::outcome(reply, Effect::Harmless)? {
        Outcome::Given(answer) => {
            left(&answer).map(|line| Next::Done(vec![line])).map_err(|wrong| unreadable(&wrong, Effect::Harmless))
        }
        Outcome::Refused { code, words } => Err(api::refused(&code, &words, Effect::Harmless, &[])),
    }
}

fn left(answer: &Object<'_>) -> Result<Balance, Wrong> {
    let result = answer.need("result")?.object()?;
    let given_back = result.get("recovery").map(|value| value.whole()).transpose()?;
    Ok(Balance { place: String::new(), numbers: Some(result.need("available")?.whole()?), given_back, money: None })
}

/// `zto.merchant.waybill.track.subsrcibe`, which is the platform's own spelling. The address of pushes is set in the
/// console.
pub(crate) fn subscribe(call: &Call<'_>, parcel: &Tracked) -> Result<Next<()>, CallError> {
    let Some(reply) = call.replies.first() else {
        let message = asked(parcel);
        return api::request(call, "zto.merchant.waybill.track.subsrcibe", &message).map(Next::Send);
    };
    match api::outcome(reply, Effect::Harmless)? {
        Outcome::Given(_) => Ok(Next::Done(())),
        Outcome::Refused { words, .. } if words.contains("已订阅") || words.contains("重复订阅") => {
            Ok(Next::Done(()))
        }
        Outcome::Refused { code, words } => Err(api::refused(&code, &words, Effect::Harmless, &[])),
    }
}

/// The question about a parcel, with the phone's last digits where they are known.
pub(crate) fn asked(parcel: &Tracked) -> serde_json::Value {
    match parcel.phone_tail.as_str() {
        "" => json!({"billCode": parcel.number}),
        tail => json!({"billCode": parcel.number, "mobilePhone": tail}),
    }
}

/// `thirdcenter.createIntercept`. The same wish is the same `requestId`: the claim.
pub(crate) fn intercept(
    call: &Call<'_>,
    number: &WaybillNo,
    claim: &str,
    wish: &Intercept,
) -> Result<Next<Intercepted>, CallError> {
    let Some(reply) = call.replies.first() else {
        let message = wished(number, claim, wish)?;
        return api::request(call, "thirdcenter.createIntercept", &message).map(Next::Send);
    };
    match api::outcome(reply, Effect::Harmless)? {
        Outcome::Given(_) => Ok(Next::Done(Intercepted::Accepted)),
        Outcome::Refused { code, words } if meaning(&code) == Meaning::Standing || common::repeated(&words) => {
            Ok(Next::Done(Intercepted::AlreadyAsked))
        }
        Outcome::Refused { code, words } => {
            let private = match wish {
                Intercept::Return => Vec::new(),
                Intercept::Redirect(to) => vec![to.name.as_str(), &to.phone, &to.street],
            };
            Err(api::refused(&code, &redact(&words, &private), Effect::Harmless, &[]))
        }
    }
}

/// `destinationType` 2 is the sender's address, 3 a new address for the delivery.
fn wished(number: &WaybillNo, claim: &str, wish: &Intercept) -> Result<serde_json::Value, CallError> {
    let number = number.as_str();
    Ok(match wish {
        Intercept::Return => {
            json!({"billCode": number, "requestId": claim, "thirdBizNo": claim, "destinationType": 2})
        }
        Intercept::Redirect(to) => {
            common::in_clear(to)?;
            json!({
                "billCode": number,
                "requestId": format!("{claim}R"),
                "thirdBizNo": claim,
                "destinationType": 3,
                "receiveUsername": to.name,
                "receivePhone": to.phone,
                "receiveProvince": to.province,
                "receiveCity": to.city,
                "receiveDistrict": to.district,
                "receiveAddress": to.street,
            })
        }
    })
}
