//! The control port: JSON over HTTP for tests that run the simulators as a process.
//!
//! | call | body |
//! | --- | --- |
//! | `GET /addresses`, `/credentials`, `/goods` | |
//! | `GET /ledger`, `/ledger/<part>` | parts are the ledger's fields: `orders`, `confirmations`, `waybills`, `paper` … |
//! | `GET /jobs/<n>` | the raw bytes of a print job |
//! | `POST /orders` | `{"platform","count","paid","lines":[{"sku","qty","unit_price","title"}],"receiver","remark","currency","shop","silent","tags"}` → `{"ids":["…"]}` |
//! | `POST /pay`, `/cancel`, `/complete`, `/touch` | `{"platform","id"}` |
//! | `POST /modify` | `{"platform","id","change":{"receiver","remark","seller_remark","hold"}}` |
//! | `POST /refund` | `{"platform","id","lines":[…],"state"}`; state is `requested`, `done` or `none` |
//! | `POST /deliver` | `{"number","until","reverse"}`; until is `picked_up`, `in_transit`, `out_for_delivery`, `problem` or `delivered` |
//! | `POST /travel` | `{"number","course"}`, see [`crate::Course`] |
//! | `POST /scan` | `{"number","kind","at_ms","city","words","silent"}`, see [`crate::NewScan`] |
//! | `POST /storm` | `{"platform","place","seconds"}` |
//! | `POST /abort` | `{"number"}`: Kuaidi100 gives its subscription up |
//! | `POST /recharge` | `{"platform","numbers"}` |
//! | `GET /charged` | numbers charged and not given back, by carrier and order id |
//! | `GET /notices` | messages accepted, by provider and the sender's id |
//! | `POST /faults` | `{"platform","fault",…,"when":{"operation","count","seconds"}}`, see [`crate::Fault`] |
//! | `POST /printer`, `/component` | `{"mode",…}`, see [`crate::printer::Mode`] and [`crate::component::Mode`] |
//! | `POST /targets` | fields of [`Targets`]: where to push |

use crate::order::{NewOrder, Platform, Refund};
use crate::server::{Answer, Call, json, read, with_type};
use crate::{FaultAt, Modify, Running, Targets, Until, component, printer};
use http_body_util::Full;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json as value};
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;

/// Serves the control port.
pub(crate) async fn serve(listener: TcpListener, running: Running) {
    let running = Arc::new(running);
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue;
        };
        let running = running.clone();
        tokio::spawn(async move {
            let service = service_fn(|request| {
                let running = running.clone();
                async move {
                    let call = read(request).await?;
                    Ok::<_, io::Error>(answer(&running, &call).map(Full::new))
                }
            });
            let _ = hyper::server::conn::http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
        });
    }
}

#[derive(Deserialize)]
struct Place {
    platform: Platform,
    #[serde(default = "one")]
    count: usize,
    #[serde(flatten)]
    order: NewOrderFields,
}

/// The same as [`NewOrder`]; flattening does not go together with refusing unknown fields.
#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
struct NewOrderFields {
    shop: Option<String>,
    paid: Option<bool>,
    lines: Option<Vec<crate::NewLine>>,
    receiver: Option<crate::Receiver>,
    remark: Option<String>,
    currency: Option<String>,
    silent: bool,
    tags: Vec<String>,
}

fn one() -> usize {
    1
}

#[derive(Deserialize)]
struct Which {
    platform: Platform,
    #[serde(deserialize_with = "number_or_text")]
    id: i64,
    #[serde(default)]
    change: Modify,
    #[serde(default)]
    lines: Vec<i64>,
    state: Option<Refund>,
}

#[derive(Deserialize)]
struct Parcel {
    number: String,
    #[serde(default)]
    until: Until,
    #[serde(default)]
    reverse: bool,
}

#[derive(Deserialize)]
struct Sent {
    number: String,
    course: crate::Course,
}

#[derive(Deserialize)]
struct More {
    platform: Platform,
    numbers: i64,
}

#[derive(Deserialize)]
struct Scanned {
    number: String,
    kind: crate::ScanKind,
    at_ms: Option<i64>,
    #[serde(default)]
    city: String,
    #[serde(default)]
    words: String,
    #[serde(default)]
    silent: bool,
}

impl Scanned {
    fn scan(&self) -> crate::NewScan {
        let (city, words) = (self.city.clone(), self.words.clone());
        crate::NewScan { kind: self.kind, at_ms: self.at_ms, city, words, silent: self.silent }
    }
}

fn number_or_text<'de, D: serde::Deserializer<'de>>(from: D) -> Result<i64, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Either {
        Number(i64),
        Text(String),
    }
    match Either::deserialize(from)? {
        Either::Number(number) => Ok(number),
        Either::Text(text) => text.parse().map_err(serde::de::Error::custom),
    }
}

fn body<T: DeserializeOwned>(call: &Call) -> Result<T, String> {
    serde_json::from_slice(&call.body).map_err(|e| e.to_string())
}

fn answer(running: &Running, call: &Call) -> Answer {
    let done = match (call.method.as_str(), call.parts().as_slice()) {
        ("GET", ["ledger"]) => serde_json::to_value(running.ledger()).map_err(|e| e.to_string()),
        ("GET", ["ledger", part]) => part_of(running, part),
        ("GET", ["addresses"]) => serde_json::to_value(running.addresses()).map_err(|e| e.to_string()),
        ("GET", ["credentials"]) => Ok(credentials(running)),
        ("GET", ["charged"]) => Ok(value!(running.charged())),
        ("GET", ["notices"]) => Ok(value!(running.notices())),
        ("GET", ["goods"]) => Ok(goods(running)),
        ("GET", ["jobs", index]) => {
            return with_type(200, "application/octet-stream", running.job_bytes(index.parse().unwrap_or(usize::MAX)));
        }
        ("POST", [what]) => act(running, what, call),
        _ => return json(404, &value!({"error": "no such call"})),
    };
    match done {
        Ok(done) => json(200, &done),
        Err(why) => json(400, &value!({"error": why})),
    }
}

/// One list or table of the ledger: all of it grows long.
fn part_of(running: &Running, part: &str) -> Result<Value, String> {
    let mut ledger = serde_json::to_value(running.ledger()).map_err(|e| e.to_string())?;
    ledger.get_mut(part).map(Value::take).ok_or_else(|| format!("the ledger has no {part}"))
}

fn act(running: &Running, what: &str, call: &Call) -> Result<Value, String> {
    let ok = |()| value!({"ok": true});
    match what {
        "orders" => place(running, &body(call)?),
        "pay" => body::<Which>(call).and_then(|w| running.pay(w.platform, w.id)).map(ok),
        "cancel" => body::<Which>(call).and_then(|w| running.cancel(w.platform, w.id)).map(ok),
        "complete" => body::<Which>(call).and_then(|w| running.complete(w.platform, w.id)).map(ok),
        "touch" => body::<Which>(call).and_then(|w| running.touch(w.platform, w.id)).map(ok),
        "modify" => body::<Which>(call).and_then(|w| running.modify(w.platform, w.id, w.change)).map(ok),
        "refund" => {
            let which: Which = body(call)?;
            running.refund(which.platform, which.id, &which.lines, which.state.unwrap_or(Refund::Done)).map(ok)
        }
        "deliver" => {
            let parcel: Parcel = body(call)?;
            let scans = running.advance(&parcel.number, parcel.until, parcel.reverse)?;
            Ok(value!({"ok": true, "scans": scans}))
        }
        "travel" => {
            let sent: Sent = body(call)?;
            Ok(value!({"ok": true, "scans": running.travel(&sent.number, sent.course)?}))
        }
        "scan" => {
            let scanned: Scanned = body(call)?;
            Ok(value!({"ok": true, "id": running.scan(&scanned.number, &scanned.scan())?}))
        }
        "storm" => body::<crate::Storm>(call).map(|s| value!({"ok": true, "parcels": running.storm(&s)})),
        "abort" => body::<Parcel>(call).and_then(|p| running.abort(&p.number)).map(ok),
        "recharge" => {
            let more: More = body(call)?;
            Ok(value!({"ok": true, "left": running.recharge(more.platform, more.numbers)}))
        }
        "faults" => {
            let fault: FaultAt = body(call)?;
            running.fault(fault.platform, fault.fault);
            Ok(value!({"ok": true}))
        }
        "printer" => body::<printer::Mode>(call).map(|m| running.printer(m)).map(ok),
        "component" => body::<component::Mode>(call).map(|m| running.component(m)).map(ok),
        "targets" => body::<Targets>(call).map(|t| running.connect(&t)).map(ok),
        _ => Err(format!("no such call: {what}")),
    }
}

fn place(running: &Running, place: &Place) -> Result<Value, String> {
    let fields = &place.order;
    let order = NewOrder {
        shop: fields.shop.clone(),
        paid: fields.paid,
        lines: fields.lines.clone(),
        receiver: fields.receiver.clone(),
        remark: fields.remark.clone(),
        currency: fields.currency.clone(),
        silent: fields.silent,
        tags: fields.tags.clone(),
    };
    let mut ids = Vec::new();
    for _ in 0..place.count {
        ids.push(running.place(place.platform, &order)?.to_string());
    }
    // As text: the reader may be one that keeps numbers as doubles.
    Ok(value!({"ids": ids}))
}

fn credentials(running: &Running) -> Value {
    let options = running.options();
    let mut all = express_credentials(&options);
    let channels = value!({"shopify": options.shopify, "woocommerce": options.woocommerce, "taobao": options.taobao,
        "own_shop": options.own_shop, "sf": options.sf, "cainiao": options.cainiao,
        "jd": options.jd, "pinduoduo": options.pinduoduo, "amazon": options.amazon, "douyin": options.douyin,
        "kuaishou": options.kuaishou, "xiaohongshu": options.xiaohongshu, "wechat_shop": options.wechat_shop});
    if let (Some(all), Some(channels)) = (all.as_object_mut(), channels.as_object()) {
        all.extend(channels.clone());
    }
    all
}

/// Of carriers and providers of notices.
fn express_credentials(options: &crate::Options) -> Value {
    value!({"yto": options.yto, "zto": options.zto, "sto": options.sto, "yunda": options.yunda, "jd_logistics": options.jd_logistics, "jtexpress": options.jtexpress, "kuaidi100": options.kuaidi100, "kdniao": options.kdniao, "easypost": options.easypost, "aftership": options.aftership, "seventeen_track": options.seventeen_track, "trackingmore": options.trackingmore, "sms": options.sms, "wecom": options.wecom, "dingtalk": options.dingtalk, "feishu": options.feishu, "email": options.email, "webhook_out": options.webhook_out})
}

fn goods(running: &Running) -> Value {
    let one = |g: &crate::Good| {
        let ids = |p: &Platform| (p.name().to_owned(), value!(g.listing(*p)));
        let listings: serde_json::Map<String, Value> = Platform::CHANNELS.iter().map(ids).collect();
        value!({"listings": listings, "sku": g.sku, "title": g.title, "spec": g.spec, "price": crate::order::decimal(g.price), "weight_g": g.weight_g,
            "taobao": {"num_iid": g.num_iid().to_string(), "sku_id": g.taobao_sku().to_string()},
            "shopify": {"product": g.shopify_product().to_string(), "variant": g.shopify_variant().to_string(), "inventory_item": g.shopify_inventory().to_string()},
            "woocommerce": {"product": g.woo_product().to_string(), "variation": g.woo_variation().to_string()}})
    };
    running.goods().iter().map(one).collect()
}
