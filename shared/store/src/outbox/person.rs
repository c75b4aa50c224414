//! What a person sees of shipments told, and what a person decides about them.

use crate::{Db, Entry, Moment, Row, StoreError, Value, append};
use huidan_domain::Millis;

/// Has a row that a person looked at told again.
///
/// # Errors
/// The database's.
pub async fn retry<D: Db>(db: &D, now: Millis, id: &str) -> Result<bool, StoreError> {
    let rows = db
        .run(
            "UPDATE outbox SET state = 'pending', tries = 0, next_at = ?2, created_at = ?2, reason = '', code = '',
                 theirs = '[]', ours = 0
             WHERE id = ?1 AND state IN ('rejected', 'gave_up', 'pending', 'conflict') RETURNING 1",
            &[id.into(), now.into()],
        )
        .await?;
    Ok(!rows.is_empty())
}

/// The channel's own number stands, or a person changed it on the platform's page: nothing more is told. Inside the
/// caller's transaction; `false` where there is nothing to decide.
///
/// # Errors
/// The database's.
pub async fn keep_theirs<D: Db>(db: &D, moment: Moment<'_>, actor: &str, id: &str) -> Result<bool, StoreError> {
    let rows = db
        .run(
            "UPDATE outbox SET state = 'kept_theirs', missing_at = NULL, look_at = NULL, ours = 0
             WHERE id = ?1 AND state = 'conflict' RETURNING body ->> 'order', theirs",
            &[id.into()],
        )
        .await?;
    decided(db, moment, actor, &rows.0, "kept_theirs").await
}

/// What became of the wish to send our number in the place of theirs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ours {
    /// It is told.
    Wanted,
    /// There is nothing to decide.
    Settled,
    /// The channel lets no number be changed.
    NotHere,
}

/// Our number is to take the place of what the channel shows, inside the caller's transaction. A row that waits because
/// the channel changes no number (`cannot_change`) cannot be told so.
///
/// # Errors
/// The database's.
pub async fn send_ours<D: Db>(db: &D, moment: Moment<'_>, actor: &str, id: &str) -> Result<Ours, StoreError> {
    let rows = db
        .run(
            "UPDATE outbox SET state = 'pending', ours = 1, tries = 0, next_at = ?2, created_at = ?2, reason = ''
             WHERE id = ?1 AND state = 'conflict' AND code <> 'cannot_change' RETURNING body ->> 'order', theirs",
            &[id.into(), moment.now.into()],
        )
        .await?;
    if decided(db, moment, actor, &rows.0, "send_ours").await? {
        return Ok(Ours::Wanted);
    }
    let stuck = db.run("SELECT 1 FROM outbox WHERE id = ?1 AND state = 'conflict'", &[id.into()]).await?;
    Ok(if stuck.is_empty() { Ours::Settled } else { Ours::NotHere })
}

async fn decided<D: Db>(
    db: &D,
    moment: Moment<'_>,
    actor: &str,
    rows: &[Row],
    becomes: &str,
) -> Result<bool, StoreError> {
    let Some(row) = rows.first() else { return Ok(false) };
    let theirs: Vec<String> = row.json(1)?;
    let entry = Entry::new(actor, "order", row.string(0)?, "write_back").from_to("conflict", becomes);
    append(db, moment.now, &[entry.with(serde_json::json!({ "theirs": theirs }))]).await?;
    Ok(true)
}

/// Which shipments.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wanted<'a> {
    /// Of this shop.
    pub shop: Option<&'a str>,
    /// Of this order.
    pub order: Option<&'a str>,
    /// In this state; unless an order is named, those that wait for a person where no state is.
    pub state: Option<&'a str>,
    /// Beyond this one: when it was wanted, and its id.
    pub beyond: Option<(i64, &'a str)>,
    /// At most so many.
    pub limit: u32,
}

/// A shipment and how its telling stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The row.
    pub id: String,
    /// Shop.
    pub shop: String,
    /// Our id of the order.
    pub order: String,
    /// The number that people see.
    pub order_number: String,
    /// Our id of the package.
    pub package: String,
    /// The number that it has now.
    pub waybill: String,
    /// The number that was told last; empty before the first time.
    pub told: String,
    /// How it stands.
    pub state: String,
    /// Stable code of why it stands still.
    pub code: String,
    /// Why, Chinese and English.
    pub reason: String,
    /// The numbers that the channel shows, or took, in the place of ours.
    pub theirs: Vec<String>,
    /// How often it was tried since it was wanted.
    pub tries: i64,
    /// When it was wanted.
    pub created_at: i64,
    /// When it is tried next, in states that are tried.
    pub next_at: i64,
    /// When the channel took it.
    pub told_at: Option<i64>,
    /// When the channel last showed it.
    pub read_back_at: Option<i64>,
}

/// Shipments, oldest wish first.
///
/// # Errors
/// The database's.
pub async fn list<D: Db>(db: &D, wanted: Wanted<'_>) -> Result<Vec<Listed>, StoreError> {
    let (mut conditions, mut values) = (vec!["b.kind = 'confirm'".to_owned()], Vec::new());
    let mut with = |condition: &str, value: Value| {
        values.push(value);
        conditions.push(condition.replace('?', &format!("?{}", values.len())));
    };
    if let Some(shop) = wanted.shop {
        with("b.lane = ?", shop.into());
    }
    if let Some(order) = wanted.order {
        with("o.id = ?", order.into());
    }
    match (wanted.state, wanted.order) {
        (Some(state), _) => with("b.state = ?", state.into()),
        (None, Some(_)) => {}
        (None, None) => conditions.push("b.state IN ('rejected', 'gave_up', 'conflict')".to_owned()),
    }
    if let Some((at, id)) = wanted.beyond {
        values.extend([Value::from(at), id.into()]);
        conditions.push(format!("(b.created_at, b.id) > (?{}, ?{})", values.len() - 1, values.len()));
    }
    values.push(wanted.limit.into());
    // An order's rows are few and have ids that begin with it.
    let from = match wanted.order {
        Some(_) => {
            "orders AS o JOIN outbox AS b ON b.id > 'confirm/' || o.id || '/' AND b.id < 'confirm/' || o.id || '0'"
        }
        None => "outbox AS b JOIN orders AS o ON o.id = b.body ->> 'order'",
    };
    let statement = format!(
        "SELECT b.id, b.lane, o.id, o.number, b.body ->> 'package', coalesce(w.number, ''), b.number, b.state, b.code,
             b.reason, b.theirs, b.tries, b.created_at, b.next_at, b.told_at, b.read_back_at
         FROM {from} LEFT JOIN package AS p ON p.id = b.body ->> 'package' LEFT JOIN waybill AS w ON w.id = p.waybill
         WHERE {} ORDER BY b.created_at, b.id LIMIT ?{}",
        conditions.join(" AND "),
        values.len()
    );
    let rows = db.run(&statement, &values).await?;
    rows.iter().map(listed).collect()
}

fn listed(row: &Row) -> Result<Listed, StoreError> {
    Ok(Listed {
        id: row.string(0)?,
        shop: row.string(1)?,
        order: row.string(2)?,
        order_number: row.string(3)?,
        package: row.string(4)?,
        waybill: row.string(5)?,
        told: row.string(6)?,
        state: row.string(7)?,
        code: row.string(8)?,
        reason: row.string(9)?,
        theirs: row.json(10)?,
        tries: row.int(11)?,
        created_at: row.int(12)?,
        next_at: row.int(13)?,
        told_at: row.maybe_int(14)?,
        read_back_at: row.maybe_int(15)?,
    })
}

/// Telling in numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Shipments that left an hour ago and are not known to stand at their channel, and what is known to be missing there.
    pub shipped_here_not_there: i64,
    /// Orders that their channel shows as shipped under no number of ours, with a parcel here that has not left.
    pub shipped_there_not_here: i64,
    /// Shipments whose channel shows another number.
    pub conflicts: i64,
    /// Orders that are late.
    pub late_now: i64,
    /// Orders whose last pick-up in time is within hours or over, and that are not late yet.
    pub late_soon: i64,
}

/// How long a channel may go without a shipment, in milliseconds.
const UNTOLD_MS: i64 = 3_600_000;

/// Counts.
///
/// # Errors
/// The database's.
pub async fn counts<D: Db>(db: &D, now: Millis) -> Result<Counts, StoreError> {
    let due = super::deadline::DUE;
    let statement = format!(
        "SELECT
            (SELECT count(*) FROM outbox WHERE kind = 'confirm'
                AND state NOT IN ('confirmed', 'told_with_other', 'kept_theirs', 'dropped')
                AND (missing_at IS NOT NULL OR created_at < ?1))
            + (SELECT count(*) FROM orders AS o JOIN shop AS s ON s.id = o.shop AND s.mode = 'live' AND s.active
               WHERE o.status IN ('shipped', 'part_shipped') AND o.channel_state IN ('open', 'part_shipped')
                 AND EXISTS (SELECT 1 FROM package_order AS po JOIN package AS p ON p.id = po.package
                     WHERE po.order_id = o.id AND p.status IN ('handed_over', 'in_transit')
                       AND p.updated_at < ?1 AND NOT EXISTS (SELECT 1 FROM outbox AS b
                           WHERE b.id = 'confirm/' || o.id || '/' || p.id))),
            (SELECT count(DISTINCT order_id) FROM hold WHERE reason = 'shipped_elsewhere'),
            (SELECT count(*) FROM outbox WHERE state = 'conflict' AND state IN ('rejected', 'gave_up', 'conflict')),
            (SELECT count(*) FROM ({due}) WHERE due < ?2),
            (SELECT count(*) FROM ({due}) WHERE due >= ?2 AND leave_by < ?3)"
    );
    let soon = Millis(now.0 + super::SOON_MS);
    let rows = db.run(&statement, &[Value::Int(now.0 - UNTOLD_MS), now.into(), soon.into()]).await?;
    let row = rows.first()?;
    Ok(Counts {
        shipped_here_not_there: row.int(0)?,
        shipped_there_not_here: row.int(1)?,
        conflicts: row.int(2)?,
        late_now: row.int(3)?,
        late_soon: row.int(4)?,
    })
}
