//! A warm start: components compiled and cached, the state of a furnished house.

use crate::Scale;
use crate::error::Result;
use crate::house::House;
use crate::say;
use crate::table::{Aim, Row, Table, Unit};
use crate::timing::Times;

/// Starts the host again and again.
pub(crate) async fn measure(scale: Scale, table: &mut Table) -> Result<()> {
    say::begin("热启动", "warm start");
    let mut house = House::new().await?;
    say::line(format!("首次 first: {:.2} s", house.host.ready_in.as_secs_f64()));
    let mut times = Times::new()?;
    for _ in 0..scale.of(5, 2) {
        house = house.restart()?;
        times.add(house.host.ready_in);
        // The next request is served: that is what the line promises.
        house.gauge("orders").await?;
    }
    let n = times.count();
    for (label, share, aim) in [("p50", 0.5, Aim::AtMost(1_500.0)), ("max", 1.0, Aim::None)] {
        table.add(Row {
            figure: format!("热启动到 listening warm start to listening (n = {n}), {label}"),
            ours: times.quantile(share),
            yardstick: None,
            unit: Unit::Millis,
            aim,
        });
    }
    Ok(())
}
