//! What can be asked for a parcel that is on its way.

use crate::api::{self, Interface};
use huidan_carrier::{Intercept, Intercepted, Tracked, common};
use huidan_domain::WaybillNo;
use huidan_exchange::{Call, CallError, Effect, Next, rejected, unclear, unreadable};
use serde_json::json;

const SUBSCRIBE: Interface = Interface { method: "subscribe_adapter", key: "subscribe_key" };
const INTERCEPT: Interface = Interface { method: "wanted_report_adapter", key: "intercept_key" };

/// `subscribe_adapter`: the address of pushes is set in the console.
pub(crate) fn subscribe(call: &Call<'_>, parcel: &Tracked) -> Result<Next<()>, CallError> {
    let Some(reply) = call.replies.first() else {
        let client = SUBSCRIBE.key_of(&call.account.credentials)?.customer;
        let wanted = json!({"clientId": client, "waybillNo": parcel.number}).to_string();
        let message = json!({"client_id": client, "msg_type": "online", "logistics_interface": wanted});
        return api::request(call, SUBSCRIBE, &message).map(Next::Send);
    };
    match api::answer(reply, Effect::Harmless, &[]) {
        Err(CallError::Rejected { remedy, .. }) if remedy.contains("已订阅") || remedy.contains("重复订阅") => {
            Ok(Next::Done(()))
        }
        Err(error) => Err(error),
        Ok(answer) => match common::truth(&answer, "success") {
            Ok(Some(true)) => Ok(Next::Done(())),
            Ok(_) => Err(unclear(Effect::Harmless, "应答没有说是否订阅 / the answer does not say whether it watches")),
            Err(wrong) => Err(unreadable(&wrong, Effect::Harmless)),
        },
    }
}

/// `wanted_report_adapter`: back to the sender. A new address is another interface, whose fields nobody has shown.
pub(crate) fn intercept(call: &Call<'_>, number: &WaybillNo, wish: &Intercept) -> Result<Next<Intercepted>, CallError> {
    if *wish != Intercept::Return {
        return Err(rejected(
            "redirect_unsupported",
            "圆通接口这里只支持拦截退回，改地址请联系网点 / only a return can be asked for here: call the branch for a \
                     new address",
        ));
    }
    let Some(reply) = call.replies.first() else {
        let message = json!({"waybillNo": number.as_str(), "wantedDesc": "拦截退回"});
        return api::request(call, INTERCEPT, &message).map(Next::Send);
    };
    match api::answer(reply, Effect::Harmless, &[]) {
        Err(CallError::Rejected { remedy, .. }) if remedy.contains("已拦截") || remedy.contains("重复") => {
            Ok(Next::Done(Intercepted::AlreadyAsked))
        }
        Err(error) => Err(error),
        Ok(answer) => {
            match common::words(&answer, "statusCode").map_err(|wrong| unreadable(&wrong, Effect::Harmless))? {
                code if code == "0" => Ok(Next::Done(Intercepted::Accepted)),
                _ => {
                    Err(unclear(Effect::Harmless, "应答没有说是否拦截 / the answer does not say whether it intercepts"))
                }
            }
        }
    }
}
