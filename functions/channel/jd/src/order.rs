//! One order whole: its detail and the requests to cancel it, put together as one document.

use crate::api::{self, Answer};
use crate::errors::{Meaning, Refused};
use huidan_channel::Document;
use huidan_exchange::json::{Json, Object, Wrong};
use huidan_exchange::{Call, CallError, Effect, Next, Reply, Request, unreadable};
use serde_json::json;

const FETCH: &str = "jingdong.pop.order.enGet";
const REFUNDS: &str = "jingdong.pop.afs.soa.refundapply.queryPageList";
/// What is asked of an order: the gateway leaves out whatever is not named.
const FIELDS: &str = "orderId,venderId,orderType,payType,orderTotalPrice,orderSellerPrice,orderPayment,freightPrice,\
                      sellerDiscount,balanceUsed,orderState,orderStateRemark,deliveryType,invoiceInfo,orderRemark,\
                      venderRemark,orderStartTime,orderEndTime,paymentConfirmTime,modified,consigneeInfo,itemInfoList,\
                      couponDetailList,waybill,logisticsId,returnOrder,parentOrderId,directParentOrderId,orderSource,\
                      storeOrder,idSopShipmenttype,orderMarkDesc";

/// The request for an order.
pub(crate) fn ask(call: &Call<'_>, ext_id: &str) -> Result<Request, CallError> {
    api::request(call, FETCH, &json!({ "order_id": ext_id, "optional_fields": FIELDS }))
}

/// The order in an answer to [`ask`]; `None` where there is none.
pub(crate) fn asked(reply: &Reply) -> Result<Option<Json<'_>>, CallError> {
    let envelope = match api::answer(reply, FETCH, Effect::Harmless)? {
        Answer::Given(envelope) => envelope,
        Answer::Refused(refused) => return none(refused),
    };
    let detail = envelope.need("orderDetailInfo").and_then(|detail| detail.object()).map_err(lost)?;
    if let Some(order) = detail.get("orderInfo") {
        return Ok(Some(order));
    }
    match detail.get("apiResult") {
        Some(said) => match api::operated(&said.object().map_err(lost)?, Effect::Harmless)? {
            Ok(()) => Ok(None),
            Err(refused) => none(refused),
        },
        // A null written out is a word; a missing field is none.
        None if detail.has("orderInfo") => Ok(None),
        None => Err(lost(detail.wrong("orderInfo", "is missing"))),
    }
}

fn none<T>(refused: Refused) -> Result<Option<T>, CallError> {
    if refused.meaning == Meaning::NoOrder { Ok(None) } else { Err(refused.rejected()) }
}

/// The order as it is now, with the requests to cancel it. Of the answers only what they are about is kept: envelopes
/// change with every call.
pub(crate) fn fetch(call: &Call<'_>, ext_id: &str) -> Result<Next<Option<Document>>, CallError> {
    let mut replies = call.replies.iter();
    let Some(reply) = replies.next() else { return ask(call, ext_id).map(Next::Send) };
    let Some(order) = asked(reply)? else { return Ok(Next::Done(None)) };
    let Some(reply) = replies.next() else { return ask_refunds(call, ext_id).map(Next::Send) };
    // Not every application may ask for these. What an order's own state says of a refund stops it all the same.
    let refunds = refunds(reply)?.unwrap_or_else(|| "null".to_owned());
    let body = format!("{{\"order\":{},\"after_sales\":{refunds}}}", order.raw());
    Ok(Next::Done(Some(Document { topic: "order".to_owned(), body })))
}

fn ask_refunds(call: &Call<'_>, ext_id: &str) -> Result<Request, CallError> {
    api::request(call, REFUNDS, &json!({ "orderId": ext_id, "pageIndex": "1", "pageSize": "50" }))
}

fn refunds(reply: &Reply) -> Result<Option<String>, CallError> {
    let envelope = match api::answer(reply, REFUNDS, Effect::Harmless) {
        Ok(Answer::Given(envelope)) => envelope,
        Ok(Answer::Refused(_)) => return Ok(None),
        Err(CallError::Credentials { field, .. }) if field == "app_key" => return Ok(None),
        Err(error) => return Err(error),
    };
    let result = envelope.need("queryResult").and_then(|result| result.object()).map_err(lost)?;
    if result.has("success") && !api::yes(&result, "success").map_err(lost)? {
        return Ok(None);
    }
    match result.get("result") {
        Some(list) => {
            list.list().map_err(lost)?;
            Ok(Some(list.raw().to_owned()))
        }
        None if result.has("totalCount") => Ok(Some("[]".to_owned())),
        None => Err(lost(result.wrong("result", "is missing"))),
    }
}

#[expect(clippy::needless_pass_by_value, reason = "what `map_err` hands over")]
fn lost(wrong: Wrong) -> CallError {
    unreadable(&wrong, Effect::Harmless)
}

/// The order of a document, and its requests to cancel; also of an answer whose envelope is still around it.
pub(crate) fn parts<'a>(document: &Json<'a>) -> Result<(Object<'a>, Vec<Json<'a>>), Wrong> {
    let outer = document.object()?;
    if let Some(order) = outer.get("order") {
        return Ok((order.object()?, outer.list("after_sales")?));
    }
    match outer.get("jingdong_pop_order_enGet_responce") {
        Some(envelope) => {
            let order = envelope.object()?.need("orderDetailInfo")?.object()?.need("orderInfo")?.object()?;
            Ok((order, Vec::new()))
        }
        None => Ok((outer, Vec::new())),
    }
}

/// What the order knows of parcels: for each carrier, by JD's id of it, the numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Parcels(Vec<(String, Vec<String>)>);

impl Parcels {
    /// From `logisticsId` and `waybill`: carriers are parted by `|`, the numbers of one by commas.
    pub(crate) fn of(order: &Object<'_>) -> Result<Self, Wrong> {
        let (carriers, numbers) = (id(order, "logisticsId")?, order.text("waybill")?);
        let carriers: Vec<&str> = carriers.split('|').map(str::trim).collect();
        let group = |(index, group): (usize, &str)| {
            let numbers = group.split(',').map(str::trim).filter(|number| !number.is_empty());
            let carrier = carriers.get(index).or(carriers.first()).copied().unwrap_or_default();
            (carrier.to_owned(), numbers.map(str::to_owned).collect::<Vec<_>>())
        };
        Ok(Self(numbers.split('|').enumerate().map(group).filter(|(_, numbers)| !numbers.is_empty()).collect()))
    }

    /// All numbers, each once.
    pub(crate) fn numbers(&self) -> Vec<String> {
        let mut all: Vec<String> = Vec::new();
        for number in self.0.iter().flat_map(|(_, numbers)| numbers) {
            if !all.contains(number) {
                all.push(number.clone());
            }
        }
        all
    }

    /// Whether the number is among them.
    pub(crate) fn has(&self, number: &str) -> bool {
        self.0.iter().any(|(_, numbers)| numbers.iter().any(|known| known.eq_ignore_ascii_case(number.trim())))
    }

    /// With this number more, and without that one.
    pub(crate) fn with(mut self, carrier: &str, number: &str, without: Option<&str>) -> Self {
        for (_, numbers) in &mut self.0 {
            numbers.retain(|known| without.is_none_or(|gone| !known.eq_ignore_ascii_case(gone.trim())));
        }
        match self.0.iter_mut().find(|(known, _)| known == carrier) {
            Some((_, numbers)) => numbers.push(number.to_owned()),
            None => self.0.push((carrier.to_owned(), vec![number.to_owned()])),
        }
        self.0.retain(|(_, numbers)| !numbers.is_empty());
        self
    }

    /// As the platform wants them told: carriers and numbers, in step.
    pub(crate) fn spelled(&self) -> (String, String) {
        let carriers: Vec<&str> = self.0.iter().map(|(carrier, _)| carrier.as_str()).collect();
        let numbers: Vec<String> = self.0.iter().map(|(_, numbers)| numbers.join(",")).collect();
        (carriers.join("|"), numbers.join("|"))
    }
}

/// An id; empty when it is missing, null or the empty text that the platform writes where it has none.
pub(crate) fn id(object: &Object<'_>, name: &str) -> Result<String, Wrong> {
    match object.get(name) {
        Some(value) if !value.raw().trim_matches('"').trim().is_empty() => value.id(),
        _ => Ok(String::new()),
    }
}
