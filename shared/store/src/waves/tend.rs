use crate::json::batch;
use crate::{Db, Entry, Moment, Rows, StoreError, append, transaction};
use huidan_domain::WaveState;

/// Parcels that do not belong into their wave any more, and why. What is packed already is not looked at.
const OUT: &str = "
    SELECT wave, package, why FROM (
        SELECT m.wave, m.package, CASE
            WHEN p.status = 'cancelled' THEN 'cancelled'
            WHEN EXISTS (SELECT 1 FROM package_order AS po JOIN orders AS o ON o.id = po.order_id
                WHERE po.package = p.id AND (o.pay_state = 'refunded' OR o.channel_state = 'cancelled'))
              OR EXISTS (SELECT 1 FROM package_line AS pl JOIN order_line AS l ON l.id = pl.order_line
                WHERE pl.package = p.id AND l.refund_state NOT IN ('none', 'refused')) THEN 'refund'
            WHEN EXISTS (SELECT 1 FROM package_order AS po JOIN hold AS h ON h.order_id = po.order_id
                WHERE po.package = p.id) THEN 'held'
            ELSE '' END AS why
        FROM wave AS v JOIN wave_package AS m ON m.wave = v.id AND m.open JOIN package AS p ON p.id = m.package
        WHERE v.state <> 'done' AND p.status IN ('planned', 'numbered', 'printed', 'cancelled'))
    WHERE why <> ''";

/// Waves all of whose parcels are packed or gone.
const OVER: &str = "
    SELECT v.id FROM wave AS v WHERE v.state <> 'done' AND v.state = 'printing' AND NOT EXISTS (
        SELECT 1 FROM wave_package AS m JOIN package AS p ON p.id = m.package
        WHERE m.wave = v.id AND m.open AND p.status IN ('planned', 'numbered', 'printed'))";

/// Lets parcels fall out of their waves that are held, refunded or cancelled, and ends waves that are packed. Looks
/// first; answers how much changed.
///
/// # Errors
/// The database's.
pub async fn tend<D: Db>(db: &D, moment: Moment<'_>) -> Result<usize, StoreError> {
    if db.run("SELECT 1 FROM wave WHERE state <> 'done' LIMIT 1", &[]).await?.is_empty() {
        return Ok(0);
    }
    if db.run(OUT, &[]).await?.is_empty() && db.run(OVER, &[]).await?.is_empty() {
        return Ok(0);
    }
    transaction(db, async |db| {
        let out = db.run(OUT, &[]).await?;
        fall_out(db, moment, "waves", &out).await?;
        let over = db.run(OVER, &[]).await?;
        let over: Vec<&str> = over.iter().map(|row| row.text(0)).collect::<Result<_, _>>()?;
        end(db, moment, "waves", &over).await?;
        Ok(out.len() + over.len())
    })
    .await
}

/// Rows of wave, package and reason: the parcels leave their waves, what was to be drawn for them is not.
pub(super) async fn fall_out<D: Db>(db: &D, moment: Moment<'_>, actor: &str, out: &Rows) -> Result<(), StoreError> {
    if out.is_empty() {
        return Ok(());
    }
    let mut rows = Vec::with_capacity(out.len());
    let mut log = Vec::with_capacity(out.len());
    for row in out {
        let (wave, package, why) = (row.text(0)?, row.text(1)?, row.text(2)?);
        rows.push((wave, package, why));
        let body = serde_json::json!({ "package": package, "why": why });
        log.push(Entry::new(actor, "wave", wave, "left_out").with(body));
    }
    let rows = batch(&rows)?;
    db.run(
        "UPDATE wave_package SET open = 0, why = n.value ->> 2 FROM json_each(?1) AS n
         WHERE wave_package.wave = n.value ->> 0 AND wave_package.package = n.value ->> 1",
        std::slice::from_ref(&rows),
    )
    .await?;
    unwish(db, moment, rows).await?;
    append(db, moment.now, &log).await
}

/// Takes back what a wave wants printed of some parcels: rows of wave and package.
async fn unwish<D: Db>(db: &D, moment: Moment<'_>, rows: crate::Value) -> Result<(), StoreError> {
    let gone = db
        .run(
            "DELETE FROM print_wish WHERE (batch, package) IN (SELECT value ->> 0, value ->> 1 FROM json_each(?1))
             RETURNING package",
            &[rows],
        )
        .await?;
    let gone: Vec<&str> = gone.iter().map(|row| row.text(0)).collect::<Result<_, _>>()?;
    db.run(
        "UPDATE package SET work = '', updated_at = ?2
         WHERE id IN (SELECT value FROM json_each(?1)) AND work = 'render' AND status = 'numbered'",
        &[batch(&gone)?, moment.now.into()],
    )
    .await?;
    Ok(())
}

/// Ends waves: their parcels are nobody's, and what of them was not started is not printed.
pub(super) async fn end<D: Db>(db: &D, moment: Moment<'_>, actor: &str, waves: &[&str]) -> Result<(), StoreError> {
    if waves.is_empty() {
        return Ok(());
    }
    let ids = batch(waves)?;
    let members = db
        .run(
            "UPDATE wave_package SET open = 0 WHERE wave IN (SELECT value FROM json_each(?1)) AND open
             RETURNING wave, package",
            std::slice::from_ref(&ids),
        )
        .await?;
    let rows: Vec<(&str, &str)> =
        members.iter().map(|row| Ok((row.text(0)?, row.text(1)?))).collect::<Result<_, StoreError>>()?;
    unwish(db, moment, batch(&rows)?).await?;
    db.run(
        "UPDATE wave SET state = ?2, updated_at = ?3 WHERE id IN (SELECT value FROM json_each(?1))",
        &[ids, WaveState::Done.name().into(), moment.now.into()],
    )
    .await?;
    let log: Vec<Entry> =
        waves.iter().map(|id| Entry::new(actor, "wave", *id, "over").from_to("", WaveState::Done.name())).collect();
    append(db, moment.now, &log).await
}
