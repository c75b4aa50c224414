//! Webhooks verified, stored durably and acknowledged while the conductor works, beside the yardstick.

use std::process::Command;

use crate::Scale;
use crate::cost::Computed;
use crate::error::Result;
use crate::host::{Served, folder};
use crate::house::{House, webhook_path};
use crate::load::{Fired, fire};
use crate::orders::Orders;
use crate::say;
use crate::table::{Aim, Row, Table, Unit};
use crate::timing::Times;

/// Connections, requests of a round in full and in small.
const LOADS: [(usize, usize, usize); 3] = [(1, 500, 20), (16, 2_000, 64), (64, 2_000, 128)];

/// One side of the comparison.
struct Side<'a> {
    server: &'a Served,
    orders: Orders,
}

impl Side<'_> {
    /// A round after a short one that does not count.
    async fn round(&mut self, requests: usize, connections: usize) -> Result<(Fired, Computed)> {
        let path = webhook_path();
        let warm = self.orders.signed(requests / 10 + connections);
        fire(self.server.address, &path, warm, connections).await?;
        let shots = self.orders.signed(requests);
        let before = self.server.computed()?;
        let fired = fire(self.server.address, &path, shots, connections).await?;
        let after = self.server.computed()?;
        Ok((fired, Computed { all: after.all - before.all, front: after.front - before.front }))
    }
}

/// What the rounds of one side came to.
struct Sum {
    seconds: f64,
    times: Times,
    computed: Computed,
}

impl Sum {
    fn new() -> Result<Self> {
        Ok(Self { seconds: 0.0, times: Times::new()?, computed: Computed::default() })
    }

    fn add(&mut self, (fired, computed): &(Fired, Computed)) -> Result<()> {
        self.seconds += fired.took.as_secs_f64();
        self.computed.all += computed.all;
        self.computed.front += computed.front;
        self.times.append(&fired.times)
    }

    fn rate(&self) -> f64 {
        self.times.count() as f64 / self.seconds
    }
}

/// Runs both sides in turns, at each number of connections. While one is measured the other stands still: ours is
/// paused whole, with whatever its conductor has left to do.
pub(crate) async fn measure(scale: Scale, table: &mut Table) -> Result<()> {
    say::begin("Webhook：验签、落盘、应答", "webhooks: verified, stored, acknowledged");
    let rounds = scale.of(3, 1);
    let house = House::new().await?;
    let folder = folder()?;
    let mut command = Command::new(std::env::current_exe()?);
    command.arg("yardstick").arg("--state").arg(folder.path());
    let yardstick = Served::start(command, folder.path())?;
    let mut ours = Side { server: &house.host, orders: Orders::new(scale.seed) };
    let mut theirs = Side { server: &yardstick, orders: Orders::new(scale.seed) };
    for (connections, full, small) in LOADS {
        let requests = scale.of(full, small);
        let (mut our_sum, mut their_sum) = (Sum::new()?, Sum::new()?);
        for round in 1..=rounds {
            house.host.resume()?;
            let our = ours.round(requests, connections).await?;
            let behind = house.gauge("inbox_pending").await?;
            house.host.pause()?;
            let their = theirs.round(requests, connections).await?;
            our_sum.add(&our)?;
            their_sum.add(&their)?;
            say::line(format!(
                "{connections} 连接 connections, {round}/{rounds}: {:.0}/s, 标尺 yardstick {:.0}/s; \
                 收件箱待读 inbox not yet read {behind}",
                our.0.rate(),
                their.0.rate()
            ));
        }
        rows(table, connections, &our_sum, &their_sum);
    }
    house.host.resume()?;
    house.all_read().await
}

fn rows(table: &mut Table, connections: usize, ours: &Sum, theirs: &Sum) {
    let n = say::count(ours.times.count());
    let name = format!("webhook, {connections} 连接 connections");
    let row = |figure, ours, theirs, unit, aim| Row { figure, ours, yardstick: Some(theirs), unit, aim };
    let rate_aim = if connections == 16 { Aim::RatioAtLeast(0.6) } else { Aim::None };
    let p50_aim = if connections == 1 { Aim::RatioAtMost(3.0) } else { Aim::None };
    table.add(row(format!("{name} (n = {n})"), ours.rate(), theirs.rate(), Unit::PerSecond, rate_aim));
    for (label, share, aim) in [("p50", 0.5, p50_aim), ("p99", 0.99, Aim::None)] {
        let (our, their) = (ours.times.quantile(share), theirs.times.quantile(share));
        table.add(row(format!("{name}, {label}"), our, their, Unit::Millis, aim));
    }
    // The yardstick has no conductor: its whole process does what our answering threads do.
    let each = |computed: f64, sum: &Sum| computed / sum.times.count() as f64;
    let theirs = each(theirs.computed.all, theirs);
    let answering = format!("{name}, 应答线程每次 CPU of the answering threads, each");
    table.add(row(answering, each(ours.computed.front, ours), theirs, Unit::Micros, Aim::None));
    let whole = format!("{name}, 连同调度每次 CPU with all that the conductor did, each");
    table.add(row(whole, each(ours.computed.all, ours), theirs, Unit::Micros, Aim::None));
}
