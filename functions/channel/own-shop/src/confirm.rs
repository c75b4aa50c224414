//! Telling the site that a parcel left. Our id of the parcel is in the path, so a repeat replaces itself.

use crate::api::{Answer, answer, is_reachable, request, says_ok, segment, unreadable};
use http::Method;
use huidan_channel::{Confirmed, Shipment};
use huidan_exchange::json::Wrong;
use huidan_exchange::{Call, CallError, Next, rejected};
use serde_json::{Value, json};

/// Tells the site. Where there is none to tell, nothing is left to be told.
pub(crate) fn confirm(call: &Call<'_>, shipment: &Shipment) -> Result<Next<Confirmed>, CallError> {
    if !is_reachable(call) {
        return Ok(Next::Done(Confirmed::AlreadyThere));
    }
    let Some(reply) = call.replies.first() else {
        let path = format!("orders/{}/shipments/{}", segment(&shipment.ext_id), segment(&shipment.parcel));
        return request(call, Method::PUT, &path, Some(body(shipment))).map(Next::Send);
    };
    match answer(reply)? {
        Answer::Yes(json) => {
            let ok = says_ok(&json).map_err(|wrong| unreadable(&wrong))?;
            let known = json.object().and_then(|answer| answer.flag("already")).map_err(|wrong| unreadable(&wrong))?;
            match (ok, known) {
                (true, true) => Ok(Next::Done(Confirmed::AlreadyThere)),
                (true, false) => Ok(Next::Done(Confirmed::Told)),
                (false, _) => Err(unreadable(&Wrong::at("ok", "is false with a status that says yes"))),
            }
        }
        Answer::Missing => Err(rejected("order_not_found", "网站没有该订单 / the site has no such order")),
        Answer::Conflict(said) if said == "already_shipped" => Err(rejected(
            "already_shipped_elsewhere",
            "网站上已用其他单号发货，请核对 / shipped at the site under another number: compare",
        )),
        Answer::Conflict(_) => {
            Err(rejected("order_cancelled", "订单在网站已取消，请拦截包裹 / cancelled at the site: stop the parcel"))
        }
    }
}

fn body(shipment: &Shipment) -> Value {
    let lines: Vec<Value> =
        shipment.lines.iter().map(|line| json!({ "id": line.ext_line_id, "qty": line.qty })).collect();
    let carrier = shipment.carrier_code.as_deref().unwrap_or(&shipment.carrier);
    json!({ "carrier": carrier, "waybill": shipment.waybill, "lines": lines })
}
