//! The route push: scans sent to whoever subscribed, until they are acknowledged in SF's own words.

use super::ME;
use crate::clock::beijing;
use crate::push::{Next, Outcome, Policy, Push};
use crate::world::World;
use bytes::Bytes;
use serde_json::{Value, json};
use std::time::Duration;

/// At most so many nodes in one push.
const NODES_PER_PUSH: usize = 10;
/// How long SF goes on is not documented; long enough to outlast a restart.
const PUSH_ATTEMPTS: u32 = 100;
/// The sandbox pushes every ten minutes; a bad acknowledgement is tried again at that pace.
const PUSH_AGAIN_MS: u64 = 600_000;

#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) id: String,
    pub(super) mailno: String,
    pub(super) order: String,
    pub(super) at_ms: i64,
    pub(super) place: String,
    pub(super) remark: String,
    pub(super) code: &'static str,
}

/// How far a parcel goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum Until {
    /// Collected from the seller.
    PickedUp,
    /// Under way.
    InTransit,
    /// With the courier.
    OutForDelivery,
    /// A delivery failed.
    Problem,
    /// Signed for.
    #[default]
    Delivered,
}

/// The steps up to a point, as SF's operation code and its words.
fn steps(until: Until, city: &str) -> Vec<(&'static str, String, String)> {
    let mut steps = vec![("50", "杭州市".to_owned(), "顺丰速运 已收取快件".to_owned())];
    if until >= Until::InTransit {
        steps.push(("30", "杭州市".to_owned(), "快件在【杭州良渚营业点】完成分拣，准备发往下一站".to_owned()));
        steps.push(("31", city.to_owned(), format!("快件到达【{city}中转场】")));
    }
    if until >= Until::OutForDelivery {
        steps.push(("44", city.to_owned(), "快件交给快递员，正在派送途中".to_owned()));
    }
    match until {
        Until::Problem => steps.push(("33", city.to_owned(), "派送未成功，已约定再次派送".to_owned())),
        Until::Delivered => steps.push(("80", city.to_owned(), "快件已签收，感谢使用顺丰".to_owned())),
        _ => {}
    }
    steps
}

/// Moves a parcel on and pushes what is new. `reverse` sends each node alone, the latest first.
pub(crate) fn advance(world: &mut World, number: &str, until: Until, reverse: bool) -> Result<usize, String> {
    let found = world.sf.orders.iter().find(|(_, o)| o.numbers.iter().any(|n| n == number));
    let (order, created) = found.map(|(k, o)| (k.clone(), o.clone())).ok_or_else(|| format!("SF knows no {number}"))?;
    if created.cancelled {
        return Err(format!("{number} is cancelled"));
    }
    let have: Vec<&str> = world.sf.routes.get(number).map(|r| r.iter().map(|n| n.code).collect()).unwrap_or_default();
    let new: Vec<_> = steps(until, &created.receiver.city).into_iter().filter(|s| !have.contains(&s.0)).collect();
    let now = world.now(ME);
    let mut nodes = Vec::new();
    for ((code, place, remark), ahead) in new.iter().zip((0..new.len()).rev()) {
        let at_ms = now - 1_000 * i64::try_from(ahead).unwrap_or_default();
        nodes.push(Node {
            id: (160_000_000_000_000 + world.next()).to_string(),
            mailno: number.to_owned(),
            order: order.clone(),
            at_ms,
            place: place.clone(),
            remark: remark.clone(),
            code,
        });
    }
    world.sf.routes.entry(number.to_owned()).or_default().extend(nodes.iter().cloned());
    let count = nodes.len();
    if reverse {
        nodes.reverse();
    }
    for chunk in nodes.chunks(if reverse { 1 } else { NODES_PER_PUSH }) {
        push(world, number, chunk);
    }
    Ok(count)
}

fn push(world: &mut World, number: &str, nodes: &[Node]) {
    let Some((url, form)) = world.sf.target.clone() else { return };
    let delivery = nodes.iter().map(|n| n.id.as_str()).collect::<Vec<_>>().join(",");
    let (content_type, body) = if form {
        let text: String = form_urlencoded::byte_serialize(xml(nodes).as_bytes()).collect();
        ("application/x-www-form-urlencoded;charset=UTF-8", format!("content={text}"))
    } else {
        (
            "application/json;charset=UTF-8",
            json!({"Body": {"WaybillRoute": nodes.iter().map(node).collect::<Vec<_>>()}}).to_string(),
        )
    };
    world.send(Push {
        platform: ME,
        topic: "RoutePushService".to_owned(),
        about: number.to_owned(),
        delivery,
        url,
        headers: vec![("content-type", content_type.to_owned())],
        body: Bytes::from(body),
        policy: Policy::SfRoute,
    });
}

fn node(n: &Node) -> Value {
    json!({"id": n.id, "mailno": n.mailno, "orderid": n.order, "acceptTime": beijing(n.at_ms), "acceptAddress": n.place,
        "remark": n.remark, "opCode": n.code, "reasonCode": "", "reasonName": ""})
}

fn xml(nodes: &[Node]) -> String {
    let route = |n: &Node| {
        let e = |t: &str| quick_xml::escape::escape(t).into_owned();
        format!(
            "<WaybillRoute id=\"{}\" mailno=\"{}\" orderid=\"{}\" acceptTime=\"{}\" acceptAddress=\"{}\" remark=\"{}\" opCode=\"{}\"/>",
            n.id,
            n.mailno,
            e(&n.order),
            beijing(n.at_ms),
            e(&n.place),
            e(&n.remark),
            n.code
        )
    };
    let routes: String = nodes.iter().map(route).collect();
    format!("<Request service=\"RoutePushService\" lang=\"zh-CN\"><Body>{routes}</Body></Request>")
}

/// Acknowledged only in SF's own words: JSON `return_code` 0000, or XML `OK`.
pub(crate) fn after_attempt(world: &World, attempt: u32, outcome: &Outcome) -> Next {
    let form = world.sf.target.as_ref().is_some_and(|t| t.1);
    let said = String::from_utf8_lossy(&outcome.body);
    let good = outcome.success()
        && if form {
            said.contains("<Head>OK</Head>")
        } else {
            serde_json::from_slice::<Value>(&outcome.body)
                .is_ok_and(|v| v.get("return_code").and_then(Value::as_str) == Some("0000"))
        };
    if good {
        return Next::Done;
    }
    if attempt >= PUSH_ATTEMPTS {
        return Next::GiveUp;
    }
    Next::Retry(Duration::from_millis((PUSH_AGAIN_MS / u64::from(world.options.speed.max(1))).max(50)))
}
