//! Orders that are pulled: listed page by page, stored and passed through the normalize steps, and what the host holds in
//! memory meanwhile. The shops are only watched (mode `observe`), so that nothing is planned beside.

use std::time::{Duration, Instant, SystemTime};

use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::Connection;

use crate::Scale;
use crate::error::Result;
use crate::house::House;
use crate::orders::Orders;
use crate::say;
use crate::site::{Listing, Site};
use crate::table::{Aim, Row, Table, Unit};

/// Shops. Each has its own budget of calls, five pages a second by the channel's manifest, of which lists may take all
/// but what others keep: so many shops are not held back by it.
const SHOPS: usize = 10;
/// Into how many parts the way is divided, at whose ends memory is looked at.
const PARTS: usize = 10;
/// How long ago the orders were changed: within the three days that a new shop is read back, and beyond what its first
/// comparison reads, which would list them once more beside.
const AGO: TimeDelta = TimeDelta::hours(60);
/// How long nothing may happen.
const PATIENCE: Duration = Duration::from_secs(60);

/// Memory at the end of a part, in MiB, and when that was.
struct Mark {
    at: Duration,
    resident: f64,
}

/// Runs it.
pub(crate) async fn measure(scale: Scale, table: &mut Table) -> Result<()> {
    say::begin("拉取的订单：列出、落盘、规范化", "pulled orders: listed, stored, normalized");
    let each = scale.of(10_000, 300);
    let at = DateTime::<Utc>::from(SystemTime::now()) - AGO;
    let listings = (0..SHOPS).map(|shop| {
        let mut orders = Orders::new(scale.seed.wrapping_add(shop as u64));
        Listing { shop: format!("s{shop}"), at, pages: orders.pages(each, at) }
    });
    let house = House::of(Site::start(listings.collect()).await?, None).await?;
    let began = Instant::now();
    for shop in 0..SHOPS {
        house.add_shop(&format!("pulled-{shop}"), &format!("/s{shop}"), "observe").await?;
    }
    let marks = marks(&house, began, SHOPS * each).await?;
    house.all_read().await?;
    let quarantined = house.gauge("orders_quarantined").await?;
    let stored = count(&house.look()?)?;
    if stored != SHOPS * each || quarantined > 0 {
        return Err(format!("{stored} 单，隔离 {quarantined} · {stored} orders, {quarantined} in quarantine").into());
    }
    rows(table, &marks, stored);
    Ok(())
}

/// Looks until all are there, and notes the end of each part.
async fn marks(house: &House, began: Instant, all: usize) -> Result<Vec<Mark>> {
    let look = house.look()?;
    let (mut marks, mut seen, mut moved) = (Vec::new(), 0, Instant::now());
    while marks.len() < PARTS {
        tokio::time::sleep(Duration::from_millis(20)).await;
        let now = count(&look)?;
        if now > seen {
            (seen, moved) = (now, Instant::now());
        } else if moved.elapsed() > PATIENCE {
            return Err(format!("停在 {now} 单 · stuck at {now} orders").into());
        }
        while marks.len() < PARTS && now >= all * (marks.len() + 1) / PARTS {
            let mark = Mark { at: began.elapsed(), resident: house.host.resident()?.now };
            let (orders, seconds) = (say::count(now), mark.at.as_secs_f64());
            say::line(format!("{orders} 单 orders: {seconds:.1} s, {:.0} MiB", mark.resident));
            marks.push(mark);
        }
    }
    Ok(marks)
}

fn count(look: &Connection) -> Result<usize> {
    let count: i64 = look.query_row("SELECT count(*) FROM orders", [], |row| row.get(0))?;
    Ok(usize::try_from(count)?)
}

fn rows(table: &mut Table, marks: &[Mark], stored: usize) {
    let (Some(first), Some(last)) = (marks.first(), marks.last()) else { return };
    let n = say::count(stored);
    table.add(Row {
        figure: format!("拉取的订单落盘并规范化 pulled orders stored and normalized (n = {n}, {SHOPS} 店 shops)"),
        ours: stored as f64 / last.at.as_secs_f64(),
        yardstick: None,
        unit: Unit::PerSecond,
        aim: Aim::None,
    });
    table.add(Row {
        figure: format!("常驻内存 resident memory, {n} 单后与其十分之一后 after {n} and after a tenth of them"),
        ours: last.resident,
        yardstick: Some(first.resident),
        unit: Unit::MiB,
        aim: Aim::RatioAtMost(1.2),
    });
}
