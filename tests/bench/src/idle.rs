//! What host and bridge compute while nothing happens: a house that has worked, its shop looked at as usual, one bridge
//! waiting for labels.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::Scale;
use crate::cost::{by_thread, computed};
use crate::error::Result;
use crate::house::{House, webhook_path};
use crate::load::fire;
use crate::orders::Orders;
use crate::paper::Paper;
use crate::say;
use crate::table::{Aim, Row, Table, Unit};

/// Orders that went through before.
const ORDERS: usize = 100;
/// Connections that they come over.
const CONNECTIONS: usize = 4;

/// Lets a house come to rest, and looks at what is computed then.
pub(crate) async fn measure(scale: Scale, table: &mut Table) -> Result<()> {
    say::begin("空闲", "idle");
    let house = House::new().await?;
    let bridge = Paper::start(&house, "discard:").await?;
    fire(house.address(), &webhook_path(), Orders::new(scale.seed).signed(ORDERS), CONNECTIONS).await?;
    house.all_read().await?;
    let (settle, seconds) = (scale.of(20, 2), scale.of(60, 3));
    tokio::time::sleep(Duration::from_secs(u64::try_from(settle)?)).await;
    let sides = [house.host.id(), bridge.id()];
    let look = || -> Result<Vec<(f64, BTreeMap<String, f64>)>> {
        sides.iter().map(|id| Ok((computed(*id)?.all, by_thread(*id)?))).collect()
    };
    let (began, before) = (Instant::now(), look()?);
    tokio::time::sleep(Duration::from_secs(u64::try_from(seconds)?)).await;
    let (took, after) = (began.elapsed(), look()?);
    let share = |microseconds: f64| microseconds / took.as_secs_f64() / 10_000.0;
    let mut together = 0.0;
    for ((name, before), after) in ["主机 host", "打印桥 bridge"].into_iter().zip(&before).zip(&after) {
        let spent = share(after.0 - before.0);
        together += spent;
        for (thread, spent) in &after.1 {
            let spent = share(spent - before.1.get(thread).copied().unwrap_or_default());
            if spent >= 0.005 {
                say::line(format!("{}: {thread} {spent:.2} %", name));
            }
        }
        row(table, format!("空闲时占用一个核 idle, of a core ({seconds} s): {}", name), spent, Aim::None);
    }
    row(table, format!("空闲时占用一个核 idle, of a core ({seconds} s): 合计 together"), together, Aim::AtMost(1.0));
    Ok(())
}

fn row(table: &mut Table, figure: String, ours: f64, aim: Aim) {
    table.add(Row { figure, ours, yardstick: None, unit: Unit::Percent, aim });
}
