//! Packages as people see and steer them.

use crate::json::batch;
use crate::{Db, Entry, Moment, Row, StoreError, Value, append, plan};
use huidan_domain::Millis;
use huidan_wire::api::{Package, PackageLine, PrintJob, instant};
use std::collections::BTreeSet;

/// Which packages.
#[derive(Debug, Clone, Default)]
pub struct Wanted<'a> {
    /// Only this one.
    pub id: Option<&'a str>,
    /// Of this status.
    pub status: Option<&'a str>,
    /// Of this shop.
    pub shop: Option<&'a str>,
    /// From this warehouse.
    pub warehouse: Option<&'a str>,
    /// With this carrier.
    pub carrier: Option<&'a str>,
    /// With this number.
    pub waybill: Option<&'a str>,
    /// Of this order.
    pub order: Option<&'a str>,
    /// Planned at or after.
    pub from: Option<Millis>,
    /// Planned before.
    pub to: Option<Millis>,
    /// Oldest first; else newest first.
    pub oldest_first: bool,
    /// Beyond this one: when it was planned, and its id.
    pub beyond: Option<(i64, &'a str)>,
    /// At most so many.
    pub limit: u32,
}

const COLUMNS: &str = "
    SELECT p.id, p.shop, p.channel, p.warehouse, a.carrier, p.account, p.service, w.number, w.state, p.fence, p.status,
        p.weight_g, p.trace, p.waits_for, p.alarm, p.created_at, p.updated_at, w.label_sha IS NOT NULL,
        (SELECT json_group_array(po.order_id) FROM package_order AS po WHERE po.package = p.id),
        (SELECT json_group_array(json_array(l.order_id, pl.order_line, pl.sku, pl.qty,
             coalesce(nullif(s.title, ''), l.title)))
         FROM package_line AS pl JOIN order_line AS l ON l.id = pl.order_line LEFT JOIN sku AS s ON s.code = pl.sku
         WHERE pl.package = p.id),
        (SELECT json_group_array(json_array(j.id, j.subject, j.kind, j.copy_no, j.reason, j.printer, j.state, j.detail,
             j.created_at, j.updated_at, jw.number))
         FROM waybill AS jw JOIN print_job AS j ON j.subject = jw.id WHERE jw.package = p.id),
        p.pieces, (SELECT json_group_array(c.number) FROM (
            SELECT number FROM waybill_child WHERE waybill = w.id ORDER BY seq) AS c)
    FROM package AS p JOIN carrier_account AS a ON a.id = p.account LEFT JOIN waybill AS w ON w.id = p.waybill";

/// A package with the instant by which the list is sorted.
pub struct Found {
    /// When it was planned.
    pub created_at: i64,
    /// The package; its events are left to the caller.
    pub package: Package,
}

/// Packages. One statement; only conditions that are asked for stand in it, so that an index serves.
///
/// # Errors
/// The database's.
pub async fn list<D: Db>(db: &D, wanted: &Wanted<'_>) -> Result<Vec<Found>, StoreError> {
    let (mut conditions, mut values) = (Vec::new(), Vec::new());
    let mut with = |condition: &str, value: Option<Value>| {
        if let Some(value) = value {
            values.push(value);
            conditions.push(condition.replace('?', &format!("?{}", values.len())));
        }
    };
    with("p.id = ?", wanted.id.map(Value::from));
    with("p.status = ?", wanted.status.map(Value::from));
    with("p.shop = ?", wanted.shop.map(Value::from));
    with("p.warehouse = ?", wanted.warehouse.map(Value::from));
    with("a.carrier = ?", wanted.carrier.map(Value::from));
    let of_a_piece = "p.id IN (SELECT package FROM waybill WHERE number = ? UNION ALL SELECT v.package
        FROM waybill_child AS c JOIN waybill AS v ON v.id = c.waybill WHERE c.number = ?)";
    with(of_a_piece, wanted.waybill.map(Value::from));
    with("p.id IN (SELECT package FROM package_order WHERE order_id = ?)", wanted.order.map(Value::from));
    with("p.created_at >= ?", wanted.from.map(Value::from));
    with("p.created_at < ?", wanted.to.map(Value::from));
    let (than, order) = if wanted.oldest_first { (">", "ASC") } else { ("<", "DESC") };
    if let Some((at, id)) = wanted.beyond {
        values.extend([Value::from(at), Value::from(id)]);
        let (first, second) = (values.len() - 1, values.len());
        conditions.push(format!("(p.created_at, p.id) {than} (?{first}, ?{second})"));
    }
    values.push(wanted.limit.into());
    let filter = if conditions.is_empty() { String::new() } else { format!("WHERE {}", conditions.join(" AND ")) };
    let limit = values.len();
    let statement = format!("{COLUMNS} {filter} ORDER BY p.created_at {order}, p.id {order} LIMIT ?{limit}");
    let rows = db.run(&statement, &values).await?;
    rows.iter().map(found).collect()
}

type LineColumns = (String, String, String, u32, String);
type JobColumns = (String, String, String, i64, String, String, String, String, i64, i64, Option<String>);

fn found(row: &Row) -> Result<Found, StoreError> {
    let id = row.string(0)?;
    let lines = row.json::<Vec<LineColumns>>(19)?;
    let jobs = row.json::<Vec<JobColumns>>(20)?;
    let package = Package {
        shop: row.string(1)?,
        channel: row.string(2)?,
        warehouse: row.string(3)?,
        carrier: row.string(4)?,
        account: row.string(5)?,
        service: row.string(6)?,
        waybill: row.maybe_text(7)?.map(str::to_owned),
        waybill_state: row.maybe_text(8)?.map(str::to_owned),
        fence: row.int(9)?,
        status: row.string(10)?,
        weight_g: row.count(11)?,
        pieces: row.count(21)?,
        children: row.json(22)?,
        trace: row.json(12)?,
        waits_for: row.string(13)?,
        alarm: row.string(14)?,
        created_at: instant(Millis(row.int(15)?)),
        updated_at: instant(Millis(row.int(16)?)),
        label: row.flag(17)?.then(|| format!("/api/v1/packages/{id}/label.png")),
        orders: row.json(18)?,
        lines: lines
            .into_iter()
            .map(|(order, line, sku, qty, title)| PackageLine { order, line, sku, qty, title })
            .collect(),
        jobs: jobs.into_iter().map(|columns| job(columns, &id)).collect(),
        events: Vec::new(),
        id,
    };
    Ok(Found { created_at: row.int(15)?, package })
}

fn job(columns: JobColumns, package: &str) -> PrintJob {
    let (id, subject, kind, copy_no, reason, printer, state, detail, created_at, updated_at, waybill) = columns;
    PrintJob {
        id,
        subject,
        package: Some(package.to_owned()),
        waybill,
        kind,
        copy_no,
        reason,
        printer,
        state,
        detail,
        created_at: instant(Millis(created_at)),
        updated_at: instant(Millis(updated_at)),
    }
}

/// Why a package must not leave the house just now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refusal {
    /// There is no such package.
    Unknown,
    /// It has no number yet.
    NoNumber,
    /// It is cancelled: the goods go back on the shelf.
    Cancelled,
    /// Its paper is older than the package: it is to be printed anew.
    StalePaper,
    /// An order of it is held.
    Held,
    /// Money of an order of it went back or is going back.
    Refund,
    /// It left already.
    Left,
}

impl Refusal {
    /// Stable code, and what to do: Chinese, English.
    pub const fn words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Unknown => ("not_found", "没有此包裹", "there is no such package"),
            Self::NoNumber => ("no_number", "还没有运单号，请先打单", "it has no waybill yet; book and print it first"),
            Self::Cancelled => (
                "cancelled",
                "包裹已取消，货品放回货架，面单作废",
                "it is cancelled: put the goods back, destroy the label",
            ),
            Self::StalePaper => {
                ("stale_paper", "面单已过期，请撕下并重新打印", "the label is stale: take it off and print it anew")
            }
            Self::Held => {
                ("held", "订单已暂停，放到一边，等待放行", "an order of it is held: put it aside until released")
            }
            Self::Refund => ("refund", "买家正在退款，不要发货", "the buyer is being refunded: do not ship it"),
            Self::Left => ("already_handed_over", "包裹已出库", "it has left the house already"),
        }
    }
}

/// Looks whether a package may leave the house, and with what paper: `fence` is what stands on it, where that is known.
///
/// # Errors
/// The database's.
pub async fn may_leave<D: Db>(db: &D, id: &str, fence: Option<i64>) -> Result<Option<Refusal>, StoreError> {
    let rows = db
        .run(
            "SELECT p.status, p.fence, w.fence, w.number IS NOT NULL,
                 EXISTS (SELECT 1 FROM package_order AS po JOIN hold AS h ON h.order_id = po.order_id
                         WHERE po.package = p.id),
                 EXISTS (SELECT 1 FROM package_order AS po JOIN orders AS o ON o.id = po.order_id
                         WHERE po.package = p.id AND (o.pay_state = 'refunded' OR o.channel_state = 'cancelled')) OR
                 EXISTS (SELECT 1 FROM package_line AS pl JOIN order_line AS l ON l.id = pl.order_line
                         WHERE pl.package = p.id AND l.refund_state NOT IN ('none', 'refused'))
             FROM package AS p LEFT JOIN waybill AS w ON w.id = p.waybill WHERE p.id = ?1",
            &[id.into()],
        )
        .await?;
    let Some(row) = rows.iter().next() else { return Ok(Some(Refusal::Unknown)) };
    let stands = row.int(1)?;
    let stale = fence.is_some_and(|fence| fence != stands) || row.maybe_int(2)?.is_some_and(|fence| fence != stands);
    Ok(match row.text(0)? {
        "cancelled" => Some(Refusal::Cancelled),
        "planned" => Some(Refusal::NoNumber),
        "numbered" | "printed" | "verified" if !row.flag(3)? => Some(Refusal::NoNumber),
        "numbered" | "printed" | "verified" if stale => Some(Refusal::StalePaper),
        "numbered" | "printed" | "verified" if row.flag(5)? => Some(Refusal::Refund),
        "numbered" | "printed" | "verified" if row.flag(4)? => Some(Refusal::Held),
        "numbered" | "printed" | "verified" => None,
        _ => Some(Refusal::Left),
    })
}

/// Cancels a package that has not left the house: its paper becomes stale, its number goes back, its orders wait for a
/// person. Answers the lanes that have work now; `None` when it cannot be cancelled any more.
///
/// # Errors
/// The database's.
pub async fn void<D: Db>(
    db: &D,
    moment: Moment<'_>,
    actor: &str,
    id: &str,
) -> Result<Option<BTreeSet<String>>, StoreError> {
    let open = db
        .run(
            "SELECT po.order_id FROM package AS p JOIN package_order AS po ON po.package = p.id
             WHERE p.id = ?1 AND p.status IN ('planned', 'numbered', 'printed', 'verified')",
            &[id.into()],
        )
        .await?;
    if open.is_empty() {
        return Ok(None);
    }
    let orders: Vec<&str> = open.iter().map(|row| row.text(0)).collect::<Result<_, _>>()?;
    for order in &orders {
        let detail = "包裹已作废，放行后重新计划 / its package was voided; release it to have it planned anew";
        super::orders::hold(db, moment, actor, order, "package_voided", detail).await?;
    }
    let lanes = plan::cancel_packages(db, moment, std::iter::once(id)).await?;
    plan::refresh_status(db, moment.now, batch(&orders)?).await?;
    append(db, moment.now, &[Entry::new(actor, "package", id, "voided").from_to("", "cancelled")]).await?;
    Ok(Some(lanes))
}

/// Whether a package was only planned to be shown, in a shop in `shadow`.
///
/// # Errors
/// The database's.
pub async fn is_for_show<D: Db>(db: &D, id: &str) -> Result<bool, StoreError> {
    Ok(!db.run("SELECT 1 FROM package WHERE id = ?1 AND work = 'shadow'", &[id.into()]).await?.is_empty())
}

/// The waybill whose label is a package's.
///
/// # Errors
/// The database's.
pub async fn waybill_of<D: Db>(db: &D, id: &str) -> Result<Option<String>, StoreError> {
    let rows = db.run("SELECT waybill FROM package WHERE id = ?1", &[id.into()]).await?;
    rows.iter().next().map_or(Ok(None), |row| Ok(row.maybe_text(0)?.map(str::to_owned)))
}
