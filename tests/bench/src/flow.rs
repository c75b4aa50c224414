//! From an acknowledged webhook to a job that a bridge can claim, label rendered: many at once, and one at a time.

use std::time::{Duration, Instant};

use crate::Scale;
use crate::bridge::Bridge;
use crate::error::Result;
use crate::house::{House, webhook_path};
use crate::load::fire;
use crate::orders::Orders;
use crate::say;
use crate::table::{Aim, Row, Table, Unit};
use crate::timing::Times;

/// Connections that the many come over.
const CONNECTIONS: usize = 16;

/// Runs both.
pub(crate) async fn measure(scale: Scale, table: &mut Table) -> Result<()> {
    say::begin("从 webhook 到可领取的打印任务", "from a webhook to a claimable print job");
    let house = House::new().await?;
    let bridge = Bridge::pair(&house).await?;
    let mut orders = Orders::new(scale.seed);
    send(&house, &bridge, &mut orders, scale.of(100, 10)).await?;
    let singles = singles(scale, &house, &bridge, &mut orders).await?;
    let count = scale.of(2_000, 50);
    let took = send(&house, &bridge, &mut orders, count).await?;
    say::line(format!("{} 单 orders: {:.1} s", say::count(count), took.as_secs_f64()));
    table.add(Row {
        figure: format!("订单到可领取，持续 orders to claimable, sustained (n = {})", say::count(count)),
        ours: count as f64 / took.as_secs_f64(),
        yardstick: None,
        unit: Unit::PerSecond,
        aim: Aim::AtLeast(300.0),
    });
    let n = singles.count();
    for (label, share, aim) in [("p50", 0.5, Aim::AtMost(100.0)), ("max", 1.0, Aim::None)] {
        table.add(Row {
            figure: format!("单个订单，应答到可领取 a single order, acknowledged to claimable (n = {n}), {label}"),
            ours: singles.quantile(share),
            yardstick: None,
            unit: Unit::Millis,
            aim,
        });
    }
    Ok(())
}

/// Sends so many orders while a bridge claims; answers the time from the first request to the last job claimed.
pub(crate) async fn send(house: &House, bridge: &Bridge, orders: &mut Orders, count: usize) -> Result<Duration> {
    let taking = tokio::spawn({
        let bridge = bridge.clone();
        async move { bridge.take(count).await }
    });
    let fired = fire(house.address(), &webhook_path(), orders.signed(count), CONNECTIONS).await?;
    let last = taking.await??;
    Ok(last.duration_since(fired.began))
}

/// One order at a time, in a house that has nothing else to do.
async fn singles(scale: Scale, house: &House, bridge: &Bridge, orders: &mut Orders) -> Result<Times> {
    let mut times = Times::new()?;
    for _ in 0..scale.of(30, 3) {
        tokio::time::sleep(Duration::from_millis(200)).await;
        fire(house.address(), &webhook_path(), orders.signed(1), 1).await?;
        let acknowledged = Instant::now();
        times.add(bridge.take(1).await?.saturating_duration_since(acknowledged));
    }
    Ok(times)
}
