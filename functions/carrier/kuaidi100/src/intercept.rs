//! `interceptOrder`: a parcel on its way goes back, or somewhere else.

use crate::api::{self, Answer};
use crate::message::{self, Man, Partner};
use huidan_carrier::{Intercept, Intercepted};
use huidan_domain::WaybillNo;
use huidan_exchange::{Call, CallError, Effect, Next};
use serde::Serialize;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Wish<'a> {
    #[serde(flatten)]
    partner: Partner<'a>,
    kuaidinum: &'a str,
    order_id: &'a str,
    intercept_type: &'static str,
    intercept_pay_type: &'a str,
    order_role: &'static str,
    reason: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    rec_man_info: Option<Man<'a>>,
}

pub(crate) fn intercept(
    call: &Call<'_>,
    number: &WaybillNo,
    claim: &str,
    wish: &Intercept,
) -> Result<Next<Intercepted>, CallError> {
    let credentials = &call.account.credentials;
    let (kind, to) = match wish {
        Intercept::Return => ("RETURN_SEND_ADDR", None),
        Intercept::Redirect(to) => ("MODIFY_ADDR", Some(to)),
    };
    let Some(reply) = call.replies.first() else {
        let param = Wish {
            partner: message::partner(credentials)?,
            kuaidinum: number.as_str(),
            order_id: claim,
            intercept_type: kind,
            intercept_pay_type: credentials.optional("pay_type").unwrap_or("MONTHLY"),
            order_role: "1",
            reason: "商家要求",
            rec_man_info: to.map(message::receiver),
        };
        return api::label(call, "interceptOrder", &param).map(Next::Send);
    };
    let private = to.map_or([""; 3], |to| [&to.name, &to.phone, &to.street].map(String::as_str));
    match api::labelled(reply, Effect::Harmless, &private)? {
        Answer::Given(_) => Ok(Next::Done(Intercepted::Accepted)),
        Answer::Refused { code, words } => Err(api::refused(code, &words)),
    }
}
