//! What the host holds in memory after many orders went the whole way.

use std::time::Duration;

use crate::Scale;
use crate::bridge::Bridge;
use crate::error::Result;
use crate::flow::send;
use crate::house::House;
use crate::orders::Orders;
use crate::say;
use crate::table::{Aim, Row, Table, Unit};

/// Instances without work end after a second.
const SETTLE: Duration = Duration::from_secs(3);

/// Sends orders, a volley at a time, and looks.
pub(crate) async fn measure(scale: Scale, table: &mut Table) -> Result<()> {
    say::begin("常驻内存", "resident memory");
    let (volleys, each) = (scale.of(10, 2), scale.of(1_000, 50));
    let house = House::new().await?;
    let bridge = Bridge::pair(&house).await?;
    let mut orders = Orders::new(scale.seed);
    for volley in 1..=volleys {
        let took = send(&house, &bridge, &mut orders, each).await?;
        let resident = house.host.resident()?;
        say::line(format!(
            "{} 单 orders: {:.0} MiB, {:.0}/s",
            say::count(volley * each),
            resident.now,
            each as f64 / took.as_secs_f64()
        ));
    }
    tokio::time::sleep(SETTLE).await;
    let resident = house.host.resident()?;
    let after = format!("{} 单后 after {} orders", say::count(volleys * each), say::count(volleys * each));
    for (label, ours, aim) in [("", resident.now, Aim::AtMost(250.0)), (", 峰值 peak", resident.peak, Aim::None)] {
        table.add(Row {
            figure: format!("常驻内存 resident memory, {after}{label}"),
            ours,
            yardstick: None,
            unit: Unit::MiB,
            aim,
        });
    }
    Ok(())
}
