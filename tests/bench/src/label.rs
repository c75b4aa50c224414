//! A label rendered to ZPL inside a component, beside a native call of the same code.

use std::time::Instant;

use bytes::Bytes;
use fastrand::Rng;
use http::Request;
use http::header::HOST;
use http_body_util::{BodyExt as _, Full};
use huidan_label::{Dpi, ItemLine, Media, Party, Waybill, layout, zpl};
use hyper::client::conn::http1::SendRequest;

use crate::Scale;
use crate::error::Result;
use crate::host::{Served, embedded, folder, workspace};
use crate::load::connect;
use crate::orders::{Person, goods, person};
use crate::say;
use crate::table::{Aim, Row, Table, Unit};
use crate::timing::Times;

/// How often each list of labels is rendered in a round: enough that the call itself does not count.
const TIMES: u32 = 5;

/// Renders the same labels natively and inside, in turns.
pub(crate) async fn measure(scale: Scale, table: &mut Table) -> Result<()> {
    let (labels, rounds) = (scale.of(100, 10), scale.of(20, 2));
    say::begin("面单渲染：组件内与原生", "labels rendered: inside a component and natively");
    let mut rng = Rng::with_seed(scale.seed);
    let waybills: Vec<Waybill> = (0..labels).map(|at| waybill(&mut rng, at)).collect();
    let body = Bytes::from(serde_json::to_vec(&waybills)?);
    let folder = folder()?;
    let probe =
        Served::start(embedded(&workspace().join("tests/bench/label-probe.toml"), folder.path())?, folder.path())?;
    let mut inside = connect(probe.address).await?;
    let native: Vec<u8> = waybills.iter().flat_map(label).collect();
    if post(&mut inside, "/zpl", &body).await? != native {
        return Err("组件内外的面单不同 · the labels from inside and outside differ".into());
    }
    let path = format!("/zpl?times={TIMES}");
    let expected = (native.len() * usize::try_from(TIMES)?).to_string();
    let (mut ours, mut yardstick) = (Times::new()?, Times::new()?);
    for _ in 0..rounds {
        let began = Instant::now();
        let answer = post(&mut inside, &path, &body).await?;
        ours.add(began.elapsed());
        if answer != expected.as_bytes() {
            return Err(format!("probe: {}", String::from_utf8_lossy(&answer)).into());
        }
        let began = Instant::now();
        let bytes: usize = (0..TIMES).flat_map(|_| &waybills).map(|waybill| label(waybill).len()).sum();
        yardstick.add(began.elapsed());
        std::hint::black_box(bytes);
    }
    let each = |times: &Times| times.quantile(0.5) * 1000.0 / (labels as f64 * f64::from(TIMES));
    let n = say::count(labels * rounds * usize::try_from(TIMES)?);
    say::line(format!("{labels} 张不同的面单 different labels, {} bytes each on average", native.len() / labels));
    table.add(Row {
        figure: format!("面单渲染为 ZPL label to ZPL, 100×150 mm 203 dpi (n = {n})"),
        ours: each(&ours),
        yardstick: Some(each(&yardstick)),
        unit: Unit::Micros,
        aim: Aim::RatioAtMost(2.5),
    });
    Ok(())
}

/// As flow-book renders, and the probe.
pub(crate) fn label(waybill: &Waybill) -> Vec<u8> {
    zpl(&layout(waybill, Media::W100H150, Dpi::D203))
}

async fn post(sender: &mut SendRequest<Full<Bytes>>, path: &str, body: &Bytes) -> Result<Bytes> {
    sender.ready().await?;
    let request = Request::post(path).header(HOST, "label-probe").body(Full::new(body.clone()))?;
    let response = sender.send_request(request).await?;
    let status = response.status();
    let body = response.into_body().collect().await?.to_bytes();
    if status.is_success() { Ok(body) } else { Err(format!("probe: {status}").into()) }
}

/// Somebody's label.
pub(crate) fn waybill(rng: &mut Rng, at: usize) -> Waybill {
    let lines = goods()
        .skip(rng.usize(..17))
        .take(rng.usize(1..=3))
        .map(|(sku, title)| ItemLine { sku, title, qty: rng.u32(1..=3) })
        .collect();
    Waybill {
        carrier: "自有号段".into(),
        carrier_code: "own-numbers".into(),
        number: format!("HB{:09}", 100_000_001 + at),
        sender: party(person(rng)),
        receiver: party(person(rng)),
        weight_g: Some(rng.u32(100..3_000)),
        seq: u32::try_from(at + 1).ok().map(|seq| (seq, 100)),
        lines,
        order_refs: vec![format!("B{at:08}")],
        remark: "轻放，勿压".into(),
        ..Waybill::default()
    }
}

fn party(person: Person) -> Party {
    Party {
        name: person.name,
        phone: person.phone,
        region: person.place.join(" "),
        address: person.street,
        ..Party::default()
    }
}
