//! From "print" to the sink's last byte: numbered packages, the real host, the real bridge, a port that takes the bytes.
//! Beside it a loop that renders labels of the same kind natively and writes them to the same port: no order, no queue, no
//! journal. The aims are what another open engine does on such a machine, as it published: 309 labels a minute one at a
//! time, 594 four at a time.

use std::io::Write as _;
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use fastrand::Rng;
use huidan_label::Waybill;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::Scale;
use crate::cost;
use crate::error::Result;
use crate::house::{House, post, webhook_path};
use crate::label::{label, waybill};
use crate::load::fire;
use crate::orders::Orders;
use crate::paper::{Paper, program};
use crate::say;
use crate::sink::{END, Sink};
use crate::table::{Aim, Row, Table, Unit};

/// Connections that orders come over.
const CONNECTIONS: usize = 16;
/// The yardstick's published figures: at a time, labels a minute.
const PUBLISHED: [(usize, f64); 2] = [(1, 309.0), (4, 594.0)];
/// Most packages of one request.
const MOST: usize = 200;
/// How long orders may take until their packages have numbers.
const PATIENCE: Duration = Duration::from_secs(120);

/// Runs it.
pub(crate) async fn measure(scale: Scale, table: &mut Table) -> Result<()> {
    say::begin("从点打印到打印口收完", "from \"print\" to the sink's last byte");
    let (singles, batch) = (scale.of(120, 8), scale.of(MOST, 20));
    let (house, packages) = numbered(scale, singles * PUBLISHED.len() + batch + 1).await?;
    let sink = Sink::open().await?;
    let bridge = Paper::start(&house, &format!("tcp://{}?status=off", sink.address)).await?;
    let mut packages = packages.as_slice();
    let mut take = |count: usize| {
        let (taken, rest) = packages.split_at(count.min(packages.len()));
        packages = rest;
        taken
    };
    // The first label of a bridge opens what the others use.
    at_a_time(&house, &sink, take(1), 1).await?;
    for (at_once, published) in PUBLISHED {
        let ours = at_a_time(&house, &sink, take(singles), at_once).await?;
        let native = native(&sink, scale, at_once).await?;
        let figure = format!("面单，一次 {at_once} 张，点打印到收完 labels, {at_once} at a time (n = {singles})");
        row(table, figure, ours, Some(native), Aim::AtLeast(published));
    }
    let (ours, single) = (at_once(&house, &sink, take(batch)).await?, native(&sink, scale, 1).await?);
    row(
        table,
        format!("面单，一批 {batch} 张 labels, a batch of {batch} in one request"),
        ours,
        Some(single),
        Aim::None,
    );
    bridge_rows(table, &bridge)
}

fn row(table: &mut Table, figure: String, ours: f64, yardstick: Option<f64>, aim: Aim) {
    table.add(Row { figure, ours, yardstick, unit: Unit::PerMinute, aim });
}

fn bridge_rows(table: &mut Table, bridge: &Paper) -> Result<()> {
    let resident = cost::resident(bridge.id())?;
    let program = std::fs::metadata(program()?)?.len() as f64 / f64::from(1 << 20);
    for (figure, ours) in [
        ("打印桥常驻内存 resident memory of the bridge", resident.now),
        ("打印桥常驻内存，峰值 resident memory of the bridge, peak", resident.peak),
        ("打印桥程序大小 size of the bridge's program", program),
    ] {
        table.add(Row { figure: figure.into(), ours, yardstick: None, unit: Unit::MiB, aim: Aim::None });
    }
    Ok(())
}

/// A house with so many packages that have numbers and wait for somebody to press "print".
async fn numbered(scale: Scale, count: usize) -> Result<(House, Vec<String>)> {
    let house = House::new().await?;
    fire(house.address(), &webhook_path(), Orders::new(scale.seed).signed(count), CONNECTIONS).await?;
    let begun = Instant::now();
    let issued = "SELECT count(*) FROM package AS p JOIN waybill AS w ON w.id = p.waybill
                  WHERE w.state = 'issued' AND p.work = 'render'";
    while house.look()?.query_row(issued, [], |row| row.get::<_, i64>(0))? < i64::try_from(count)? {
        if begun.elapsed() > PATIENCE {
            return Err("包裹没有取到单号 · the packages got no numbers".into());
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    // With a printer in the house each label would come out as soon as it has its number. Here somebody is to ask for it.
    let house = house.restart_after(|main| {
        let asked_for = "UPDATE package SET work = '', waits_for = '' WHERE work = 'render'";
        rusqlite::Connection::open(main)?.execute(asked_for, [])?;
        Ok(())
    })?;
    let look = house.look()?;
    let mut statement = look.prepare("SELECT id FROM package ORDER BY id")?;
    let packages = statement.query_map([], |row| row.get(0))?.collect::<std::result::Result<_, _>>()?;
    Ok((house, packages))
}

/// Asks for one package's label after the other, so many of them under way at a time; answers labels a minute.
async fn at_a_time(house: &House, sink: &Sink, packages: &[String], at_once: usize) -> Result<f64> {
    let before = sink.come().labels;
    let mut asked = JoinSet::new();
    let began = Instant::now();
    for (number, package) in packages.iter().enumerate() {
        sink.until((before + number + 1).saturating_sub(at_once)).await?;
        let (to, body) = (house.address(), json!({ "packages": [package] }));
        asked.spawn(async move { post(to, "packages/print", body).await });
        while let Some(answer) = asked.try_join_next() {
            all_printed(&answer??, 1)?;
        }
    }
    let come = sink.until(before + packages.len()).await?;
    let took = come.last.duration_since(began);
    while let Some(answer) = asked.join_next().await {
        all_printed(&answer??, 1)?;
    }
    Ok(a_minute(packages.len(), took))
}

/// Asks for all of them in one request.
async fn at_once(house: &House, sink: &Sink, packages: &[String]) -> Result<f64> {
    let before = sink.come().labels;
    let began = Instant::now();
    let answer = house.post("packages/print", json!({ "packages": packages })).await?;
    all_printed(&answer, packages.len())?;
    let come = sink.until(before + packages.len()).await?;
    Ok(a_minute(packages.len(), come.last.duration_since(began)))
}

fn all_printed(answer: &Value, count: usize) -> Result<()> {
    let printed = answer.get("packages").and_then(Value::as_array).map(Vec::len);
    if printed == Some(count) {
        Ok(())
    } else {
        Err(format!("没有全部打印 · not all are printed: {answer}").into())
    }
}

/// The same number of labels of the same kind, rendered natively on so many threads and written to the same port.
async fn native(sink: &Sink, scale: Scale, threads: usize) -> Result<f64> {
    let each = scale.of(2_000, 20) / threads;
    let mut rng = Rng::with_seed(scale.seed);
    let mut lists = Vec::new();
    for thread in 0..threads {
        lists.push((0..each).map(|at| waybill(&mut rng, thread * each + at)).collect::<Vec<Waybill>>());
    }
    if lists
        .iter()
        .flatten()
        .take(1)
        .map(label)
        .any(|label| label.windows(END.len()).filter(|w| *w == END).count() != 1)
    {
        return Err("一张面单应只有一个结尾 · a label ends once".into());
    }
    let (to, before) = (sink.address, sink.come().labels);
    let began = Instant::now();
    let writing: Vec<_> = lists.into_iter().map(|list| tokio::task::spawn_blocking(move || write(to, &list))).collect();
    for written in writing {
        written.await??;
    }
    let come = sink.until(before + each * threads).await?;
    Ok(a_minute(each * threads, come.last.duration_since(began)))
}

fn write(to: SocketAddr, labels: &[Waybill]) -> Result<()> {
    let mut stream = TcpStream::connect(to)?;
    for waybill in labels {
        stream.write_all(&label(waybill))?;
    }
    Ok(())
}

fn a_minute(labels: usize, took: Duration) -> f64 {
    labels as f64 * 60.0 / took.as_secs_f64()
}
