//! Other orders' latency beside something faulty: a step that crashes on an order, one that hangs on an order, a channel
//! that answers 500. Each beside the same house in the same run with nothing wrong. Orders come at a steady pace, whether
//! or not those before are through; the times are the rows' own: from the arrival in the inbox to the job in the queue.

use std::time::{Duration, Instant};

use rusqlite::Connection;

use crate::Scale;
use crate::bridge::Bridge;
use crate::error::Result;
use crate::house::{House, webhook_path};
use crate::load::fire;
use crate::orders::{Orders, SHOP};
use crate::say;
use crate::site::{AWAY, Site};
use crate::table::{Aim, Row, Table, Unit};
use crate::timing::Times;

/// Between two orders: twenty a second.
const PACE: Duration = Duration::from_millis(50);
/// One order in so many is one that the step cannot stand.
const BAD_IN: usize = 200;
/// How many shops are away.
const SHOPS_AWAY: usize = 5;
/// How long to wait until every good order of a round is in the queue.
const PATIENCE: Duration = Duration::from_secs(60);

/// What is wrong while orders pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wrong {
    Nothing,
    Crash,
    Hang,
    Away,
}

impl Wrong {
    /// What the buyer of a bad order wrote, which tells the step what to do.
    const fn remark(self) -> Option<&'static str> {
        match self {
            Self::Crash => Some("CRASH"),
            Self::Hang => Some("HANG"),
            Self::Nothing | Self::Away => None,
        }
    }

    const fn says(self) -> &'static str {
        match self {
            Self::Nothing => "无故障 nothing wrong",
            Self::Crash => "步骤崩溃 a step that crashes on one order in 200",
            Self::Hang => "步骤卡死 a step that hangs on one order in 200",
            Self::Away => "五店渠道答 500 a channel of five shops that answers 500",
        }
    }
}

/// Runs it: a house for each fault, since what one leaves behind is tried again while the next is measured.
pub(crate) async fn measure(scale: Scale, table: &mut Table) -> Result<()> {
    say::begin("故障旁的其他订单", "other orders beside a fault");
    for wrong in [Wrong::Crash, Wrong::Hang, Wrong::Away] {
        beside(scale, table, wrong).await?;
    }
    Ok(())
}

async fn beside(scale: Scale, table: &mut Table, wrong: Wrong) -> Result<()> {
    let house = House::of(Site::start(Vec::new()).await?, Some(("normalize-remark", "faulty-step"))).await?;
    Bridge::pair(&house).await?;
    let mut orders = Orders::new(scale.seed);
    round(&house, &mut orders, Wrong::Nothing, scale.of(100, 10)).await?;
    let (mut quiet, mut faulty) = (Times::new()?, Times::new()?);
    for _ in 0..scale.of(2, 1) {
        quiet.append(&one(&house, &mut orders, Wrong::Nothing, scale).await?)?;
    }
    if wrong == Wrong::Away {
        for shop in 0..SHOPS_AWAY {
            house.add_shop(&format!("away-{shop}"), &format!("/{AWAY}"), "live").await?;
        }
    }
    for _ in 0..scale.of(2, 1) {
        faulty.append(&one(&house, &mut orders, wrong, scale).await?)?;
    }
    rows(table, wrong, &faulty, &quiet);
    Ok(())
}

async fn one(house: &House, orders: &mut Orders, wrong: Wrong, scale: Scale) -> Result<Times> {
    let times = round(house, orders, wrong, scale.of(200, 20)).await?;
    let [p50, p99] = [0.5, 0.99].map(|share| times.quantile(share));
    say::line(format!("{}: p50 {p50:.0} ms, p99 {p99:.0} ms", wrong.says()));
    Ok(times)
}

/// Sends good orders at the pace, bad ones among them, and waits until the good ones are through.
async fn round(house: &House, orders: &mut Orders, wrong: Wrong, count: usize) -> Result<Times> {
    let look = house.look()?;
    let last: i64 = look.query_row("SELECT coalesce(max(id), 0) FROM edge.inbox", [], |row| row.get(0))?;
    let mut pace = tokio::time::interval(PACE);
    for number in 0..count {
        pace.tick().await;
        let mut shots = orders.signed(1);
        if number % BAD_IN == BAD_IN.min(count) / 2 {
            shots.extend(wrong.remark().map(|remark| orders.remarked(remark)));
        }
        fire(house.address(), &webhook_path(), shots, 1).await?;
    }
    let begun = Instant::now();
    loop {
        let times = times(&look, last)?;
        if times.count() >= count {
            return Ok(times);
        }
        if begun.elapsed() > PATIENCE {
            let through = times.count();
            return Err(format!("{through}/{count} 单通过 · {through} of {count} orders went through").into());
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// From the arrival of each good order after `last` to its job in the queue.
fn times(look: &Connection, last: i64) -> Result<Times> {
    let mut statement = look.prepare_cached(
        "SELECT j.created_at - i.received_at FROM edge.inbox AS i
         JOIN orders AS o ON o.shop = i.account AND o.ext_id = i.ext_id
         JOIN package_order AS po ON po.order_id = o.id
         JOIN waybill AS w ON w.package = po.package
         JOIN print_job AS j ON j.subject = w.id
         WHERE i.id > ?1 AND i.account = ?2 AND o.buyer_remark = ''",
    )?;
    let mut times = Times::new()?;
    for ms in statement.query_map((last, SHOP), |row| row.get::<_, i64>(0))? {
        times.add(Duration::from_millis(u64::try_from(ms?)?));
    }
    Ok(times)
}

fn rows(table: &mut Table, wrong: Wrong, faulty: &Times, quiet: &Times) {
    let n = faulty.count();
    for (label, share, aim) in [("p50", 0.5, Aim::None), ("p99", 0.99, Aim::RatioAtMost(2.0))] {
        table.add(Row {
            figure: format!(
                "其他订单，收到到入队 other orders, received to queued (n = {n}): {}, {label}",
                wrong.says()
            ),
            ours: faulty.quantile(share),
            yardstick: Some(quiet.quantile(share)),
            unit: Unit::Millis,
            aim,
        });
    }
}
