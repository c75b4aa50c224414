//! Traces, asked for or pushed: what a word of `scanType` means.

use crate::api::{self, Interface, Outcome};
use huidan_carrier::{Scan, ScanKind, Tracked, common};
use huidan_exchange::json::{Json, Object, Wrong};
use huidan_exchange::{Call, CallError, Effect, Next, time, unreadable};
use serde_json::json;

const TRACK: Interface = Interface { name: "STO_TRACE_QUERY_COMMON", to: "sto_trace_query" };
const SUBSCRIBE: Interface = Interface { name: "STO_TRACE_PLATFORM_SUBSCRIBE", to: "sto_trace_platform" };

/// `STO_TRACE_QUERY_COMMON`: a list of nodes for every number.
pub(crate) fn track(call: &Call<'_>, parcels: &[Tracked]) -> Result<Next<Vec<Scan>>, CallError> {
    let Some(reply) = call.replies.first() else {
        let numbers: Vec<&str> = parcels.iter().map(|parcel| parcel.number.as_str()).collect();
        return api::request(call, TRACK, &json!({"order": "asc", "waybillNoList": numbers})).map(Next::Send);
    };
    match api::outcome(reply, Effect::Harmless)? {
        Outcome::Given(data) => {
            asked(&data, parcels).map(Next::Done).map_err(|wrong| unreadable(&wrong, Effect::Harmless))
        }
        Outcome::Refused { code, words } => Err(api::refused(&code, &words, Effect::Harmless, &[])),
    }
}

fn asked(data: &str, parcels: &[Tracked]) -> Result<Vec<Scan>, Wrong> {
    let data = if data.is_empty() { "{}" } else { data };
    let data = Json::parse(data.as_bytes())?.object()?;
    let mut scans = Vec::new();
    for parcel in parcels {
        for node in data.list(&parcel.number)? {
            scans.push(scan(&node.object()?, &parcel.number)?);
        }
    }
    Ok(scans)
}

/// `STO_TRACE_PLATFORM_SUBSCRIBE`: the address of pushes is set in the console.
pub(crate) fn subscribe(call: &Call<'_>, parcel: &Tracked) -> Result<Next<()>, CallError> {
    let Some(reply) = call.replies.first() else {
        let message = json!({"subscribeInfoList": [{"waybillNo": parcel.number}]});
        return api::request(call, SUBSCRIBE, &message).map(Next::Send);
    };
    match api::outcome(reply, Effect::Harmless)? {
        Outcome::Given(_) => Ok(Next::Done(())),
        Outcome::Refused { words, .. } if words.contains("已订阅") || words.contains("重复订阅") => {
            Ok(Next::Done(()))
        }
        Outcome::Refused { code, words } => Err(api::refused(&code, &words, Effect::Harmless, &[])),
    }
}

/// The node of a push: `outBizCode` is the platform's own key of it.
pub(crate) fn pushed(content: &str) -> Result<Scan, Wrong> {
    let content = Json::parse(content.as_bytes())?.object()?;
    let number = content.need("waybillNo")?.id()?;
    let trace = content.need("trace")?.object()?;
    Ok(Scan { event_id: trace.id("outBizCode")?, ..scan(&trace, &number)? })
}

fn scan(node: &Object<'_>, number: &str) -> Result<Scan, Wrong> {
    let either = |names: [&str; 2]| -> Result<String, Wrong> {
        let [first, second] = names;
        let words = common::words(node, first)?;
        if words.is_empty() { common::words(node, second) } else { Ok(words) }
    };
    let at = time::local(&either(["opTime", "scanTime"])?, time::CHINA);
    let code = common::words(node, "scanType")?;
    let reason = common::words(node, "issueName")?;
    let memo = common::words(node, "memo")?;
    Ok(Scan {
        number: number.to_owned(),
        event_id: String::new(),
        at: at.ok_or_else(|| node.wrong("opTime", "is no time"))?,
        kind: kind(&code),
        text: if reason.is_empty() || memo.contains(&reason) { memo } else { format!("{memo}（{reason}）") },
        code,
        place: either(["opOrgCityName", "opOrgName"])
            .and_then(|place| if place.is_empty() { common::words(node, "scanNetworkName") } else { Ok(place) })?,
    })
}

fn kind(scan_type: &str) -> ScanKind {
    match scan_type {
        "收件" | "PU_PICKUP_SUCCESS" | "GOT" => ScanKind::PickedUp,
        "发件" | "到件" | "转邮" | "转同行" | "改地址件" | "SC_INBOUND_SUCCESS" | "LH_DEPART" | "LH_ARRIVE"
        | "CC_IM_START" | "CC_IM_SUCCESS" => ScanKind::Moving,
        // Out of a locker or station it may be in a courier's hands as well as the receiver's: `签收` decides.
        "派件" | "第三方代派" | "柜机代收" | "驿站代收" | "派件入柜" | "第三方代收" | "代取快递" | "快件取出"
        | "驿站出库" => ScanKind::OutForDelivery,
        "问题件" | "留仓件" | "CC_IM_FAILURE" => ScanKind::Problem,
        "退回件" => ScanKind::Returning,
        "签收" => ScanKind::Signed,
        _ => ScanKind::Other,
    }
}
