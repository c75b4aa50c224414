use crate::json::batch;
use crate::{Db, Entry, Moment, Row, StoreError, append};
use huidan_domain::{Millis, WaveState};
use huidan_flow::wave::{Parcel, Piece, Planned};
use serde::Serialize;

/// Which parcels may become waves.
#[derive(Debug, Clone, Copy, Default)]
pub struct Asked<'a> {
    /// From this warehouse.
    pub warehouse: &'a str,
    /// With this carrier.
    pub carrier: Option<&'a str>,
    /// With this carrier account.
    pub account: Option<&'a str>,
    /// Planned before.
    pub before: Option<Millis>,
    /// At most so many, the longest waiting first.
    pub limit: u32,
}

/// Parcels that have or will have a number and no paper, that nothing stands in the way of, and that are in no open
/// wave. What was queued in a wave it has left counts as without paper: it was never started.
const CANDIDATES: &str = r#"
    SELECT p.id, p.account, p.created_at, p.weight_g,
        (SELECT min(o.ship_by) FROM package_order AS po JOIN orders AS o ON o.id = po.order_id WHERE po.package = p.id),
        EXISTS (SELECT 1 FROM package_order AS po JOIN orders AS o ON o.id = po.order_id
            WHERE po.package = p.id AND (o.intents LIKE '%"urgent"%' OR o.tags LIKE '%"urgent"%')),
        EXISTS (SELECT 1 FROM package_line AS pl JOIN sku AS s ON s.code = pl.sku
            WHERE pl.package = p.id AND (s.tags LIKE '%"bulky"%' OR s.tags LIKE '%"大件"%')),
        (SELECT json_group_array(json_array(g.sku, g.bin, g.qty)) FROM (
            SELECT pl.sku AS sku, coalesce(max(s.bin), '') AS bin, sum(pl.qty) AS qty FROM package_line AS pl
            LEFT JOIN sku AS s ON s.code = pl.sku WHERE pl.package = p.id GROUP BY pl.sku ORDER BY pl.sku) AS g)
    FROM package AS p JOIN carrier_account AS a ON a.id = p.account
    WHERE p.status IN ('planned', 'numbered') AND p.warehouse = ?1
      AND ((p.status = 'numbered' AND p.work = '') OR (p.status = 'planned' AND p.work IN ('book', 'calling')))
      AND coalesce(?2, a.carrier) = a.carrier AND coalesce(?3, p.account) = p.account
      AND p.created_at < coalesce(?4, 9223372036854775807)
      AND NOT EXISTS (SELECT 1 FROM wave_package AS m WHERE m.package = p.id AND m.open)
      AND NOT EXISTS (SELECT 1 FROM print_wish AS x WHERE x.package = p.id)
      AND NOT EXISTS (SELECT 1 FROM print_job AS j WHERE j.subject = p.waybill AND j.kind = 'waybill'
          AND NOT (j.state = 'queued' AND EXISTS (SELECT 1 FROM wave AS v WHERE v.id = j.batch)))
      AND NOT EXISTS (SELECT 1 FROM package_order AS po JOIN hold AS h ON h.order_id = po.order_id
          WHERE po.package = p.id)
      AND NOT EXISTS (SELECT 1 FROM package_order AS po JOIN orders AS o ON o.id = po.order_id
          WHERE po.package = p.id AND (o.pay_state = 'refunded' OR o.channel_state = 'cancelled'))
      AND NOT EXISTS (SELECT 1 FROM package_line AS pl JOIN order_line AS l ON l.id = pl.order_line
          WHERE pl.package = p.id AND l.refund_state NOT IN ('none', 'refused'))
    ORDER BY p.created_at, p.id LIMIT ?5"#;

/// The parcels that may become waves. A look without a lock.
///
/// # Errors
/// The database's.
pub async fn candidates<D: Db>(db: &D, asked: Asked<'_>) -> Result<Vec<Parcel>, StoreError> {
    let values =
        [asked.warehouse.into(), asked.carrier.into(), asked.account.into(), asked.before.into(), asked.limit.into()];
    let rows = db.run(CANDIDATES, &values).await?;
    rows.iter().map(parcel).collect()
}

fn parcel(row: &Row) -> Result<Parcel, StoreError> {
    let pieces: Vec<(String, String, u32)> = row.json(7)?;
    Ok(Parcel {
        package: row.string(0)?,
        account: row.string(1)?,
        planned_at: row.int(2)?,
        weight_g: row.count(3)?,
        ship_by: row.maybe_int(4)?,
        urgent: row.flag(5)?,
        bulky: row.flag(6)?,
        pieces: pieces.into_iter().map(|(sku, bin, qty)| Piece { sku, bin, qty }).collect(),
    })
}

/// What all waves of one building share.
#[derive(Debug, Clone, Copy)]
pub struct Made<'a> {
    /// Where they are packed.
    pub warehouse: &'a str,
    /// What they were cut off by.
    pub cut_off: Option<Millis>,
    /// Their printer; `None`: the warehouse's.
    pub printer: Option<&'a str>,
    /// Who builds them.
    pub actor: &'a str,
}

#[derive(Serialize)]
struct MemberRow<'a> {
    wave: &'a str,
    package: &'a str,
    seq: usize,
    slot: &'a str,
}

/// Stores waves, inside the caller's transaction. Answers their ids, in order.
///
/// # Errors
/// [`StoreError::Constraint`] when a parcel of them is in an open wave already: somebody built at the same time.
pub async fn make<D: Db>(
    db: &D,
    moment: Moment<'_>,
    made: Made<'_>,
    waves: &[Planned],
) -> Result<Vec<String>, StoreError> {
    let first = db.run("SELECT coalesce(max(number), 0) FROM wave", &[]).await?.first()?.int(0)?;
    // What prints at the same time prints in the order in which it was built: batches go by their ids.
    let mut ids: Vec<String> = waves.iter().map(|_| moment.id()).collect();
    ids.sort();
    let mut log = Vec::with_capacity(waves.len());
    let mut members = Vec::new();
    for ((number, id), wave) in (first + 1..).zip(&ids).zip(waves) {
        let size = i64::try_from(wave.members.len()).unwrap_or(i64::MAX);
        db.run(
            "INSERT INTO wave (id, number, warehouse, kind, account, zone, state, size, cut_off, printer, created_at,
                 created_by, updated_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?11)",
            &[
                id.into(),
                number.into(),
                made.warehouse.into(),
                wave.kind.name().into(),
                (&wave.account).into(),
                (&wave.zone).into(),
                WaveState::Planned.name().into(),
                size.into(),
                made.cut_off.into(),
                made.printer.into(),
                moment.now.into(),
                made.actor.into(),
            ],
        )
        .await?;
        for (seq, member) in (1..).zip(&wave.members) {
            members.push(MemberRow { wave: id, package: &member.package, seq, slot: &member.slot });
        }
        let body = serde_json::json!({ "kind": wave.kind.name(), "parcels": size });
        log.push(Entry::new(made.actor, "wave", id, "built").from_to("", WaveState::Planned.name()).with(body));
    }
    db.run(
        "INSERT INTO wave_package (wave, package, seq, slot)
         SELECT value ->> 'wave', value ->> 'package', value ->> 'seq', value ->> 'slot' FROM json_each(?1)",
        &[batch(&members)?],
    )
    .await?;
    append(db, moment.now, &log).await?;
    Ok(ids)
}
