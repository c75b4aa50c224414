//! Scans of a parcel: pushed by LINK where a target is set.

use super::{Given, ME, text};
use crate::clock::beijing;
use crate::order::{Platform, Stage};
use crate::push::{Next, Outcome, Policy, Push};
use crate::sf::Until;
use crate::sign;
use crate::world::{Event, World};
use bytes::Bytes;
use serde_json::{Value, json};
use std::time::Duration;

const PUSH_ATTEMPTS: u32 = 100;

/// Moves a parcel on: traces are pushed by LINK where a target is set, and delivery ends the parcel's trades.
pub(crate) fn advance(world: &mut World, number: &str, until: Until) -> Result<usize, String> {
    let given = world.cainiao.given.get(number).cloned().ok_or_else(|| format!("Cainiao knows no {number}"))?;
    if given.cancelled {
        return Err(format!("{number} is cancelled"));
    }
    let mut steps = vec![("00", "已揽收")];
    if until >= Until::InTransit {
        steps.extend([("02", "已离开分拨中心"), ("03", "到达派送网点")]);
    }
    if until >= Until::OutForDelivery {
        steps.push(("04", "派送中"));
    }
    match until {
        Until::Problem => steps.push(("05", "派送未成功，留仓")),
        Until::Delivered => steps.push(("07", "已签收")),
        _ => {}
    }
    let have = world.cainiao.traces.get(number).cloned().unwrap_or_default();
    let now = world.now(ME);
    let new: Vec<_> = steps.into_iter().filter(|s| !have.iter().any(|h| text(h, "status") == s.0)).collect();
    let last = new.len();
    let traces: Vec<Value> = new
        .into_iter()
        .enumerate()
        .map(|(i, (status, what))| {
            let at = now - 1_000 * i64::try_from(last - 1 - i).unwrap_or_default();
            json!({"status": status, "time": beijing(at), "desc": what, "city": "杭州市"})
        })
        .collect();
    world.cainiao.traces.entry(number.to_owned()).or_default().extend(traces.iter().cloned());
    push(world, &given, &traces);
    if until == Until::Delivered {
        for id in given.orders.iter().filter_map(|o| o.parse().ok()) {
            let _ = world.change(Platform::Taobao, id, Event::Changed, |order, now| {
                order.stage = Stage::Completed;
                order.ended_ms = Some(now);
            });
        }
    }
    Ok(traces.len())
}

fn push(world: &mut World, given: &Given, traces: &[Value]) {
    let Some(url) = world.cainiao.target.clone() else { return };
    let interface = json!({"mailNo": given.number, "cpCode": given.carrier, "traces": traces}).to_string();
    let digest = sign::link(&interface, &world.options.cainiao.link_secret);
    let form = form_urlencoded::Serializer::new(String::new())
        .append_pair("msg_type", "TMS_PRACTICE_TRACE_INFO")
        .append_pair("logistic_provider_id", &given.carrier)
        .append_pair("data_digest", &digest)
        .append_pair("to_code", "huidan")
        .append_pair("logistics_interface", &interface)
        .finish();
    let delivery = format!("link-{}", world.next());
    world.send(Push {
        platform: ME,
        topic: "TMS_PRACTICE_TRACE_INFO".to_owned(),
        about: given.number.clone(),
        delivery,
        url,
        headers: vec![("content-type", "application/x-www-form-urlencoded;charset=UTF-8".to_owned())],
        body: Bytes::from(form),
        policy: Policy::Link,
    });
}

pub(crate) fn after_attempt(world: &World, attempt: u32, outcome: &Outcome) -> Next {
    if outcome.success() {
        return Next::Done;
    }
    if attempt >= PUSH_ATTEMPTS {
        return Next::GiveUp;
    }
    Next::Retry(Duration::from_millis((60_000 / u64::from(world.options.speed.max(1))).max(50)))
}
