//! A warm start: everything built, components compiled and cached.

use crate::Scale;
use crate::error::Result;
use crate::host::{Served, folder, hub_up};
use crate::house::House;
use crate::say;
use crate::table::{Aim, Row, Table, Unit};
use crate::timing::Times;

/// Starts the host again and again on the state of a furnished house, and then `cargo hub up` as a person would.
pub(crate) async fn measure(scale: Scale, table: &mut Table) -> Result<()> {
    say::begin("热启动", "warm start");
    let mut house = House::new().await?;
    say::line(format!("首次 first: {:.2} s", house.host.ready_in.as_secs_f64()));
    let mut host = Times::new()?;
    for _ in 0..scale.of(5, 2) {
        house = house.restart()?;
        host.add(house.host.ready_in);
        // The next request is served: that is what the line promises.
        house.gauge("orders").await?;
    }
    drop(house);
    rows(table, "host 热启动到 listening, warm start to listening", &host, Aim::None);
    let folder = folder()?;
    // Builds what may have changed, and makes the keys.
    let first = Served::start(hub_up(folder.path()), folder.path())?;
    say::line(format!("首次 first cargo hub up: {:.2} s", first.ready_in.as_secs_f64()));
    first.stop()?;
    let mut hub = Times::new()?;
    for _ in 0..scale.of(5, 2) {
        let served = Served::start(hub_up(folder.path()), folder.path())?;
        hub.add(served.ready_in);
        served.stop()?;
    }
    rows(table, "cargo hub up 热启动到 listening, warm to listening", &hub, Aim::AtMost(1_500.0));
    Ok(())
}

fn rows(table: &mut Table, name: &str, times: &Times, aim: Aim) {
    let n = times.count();
    for (label, share, aim) in [("p50", 0.5, aim), ("max", 1.0, Aim::None)] {
        let (ours, unit) = (times.quantile(share), Unit::Millis);
        table.add(Row { figure: format!("{name} (n = {n}), {label}"), ours, yardstick: None, unit, aim });
    }
}
