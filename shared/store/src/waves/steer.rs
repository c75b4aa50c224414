use super::tend;
use crate::print::{Member, wish_for};
use crate::{Db, Entry, Moment, Row, Rows, StoreError, Value, append};
use huidan_domain::{Move, WaveEvent, WaveState};
use std::collections::BTreeSet;

/// What became of a person's word on a wave.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Steered {
    /// There is no such wave.
    Unknown,
    /// Its state does not allow it.
    Conflict(WaveState),
    /// Done; lanes of flow-book to wake.
    Done(BTreeSet<String>),
}

/// A person has a wave picked, printed, stopped, resumed or closed, inside the caller's transaction. Printing and
/// resuming want paper for the parcels that have none; what a stopped wave has at the printer ends there.
///
/// # Errors
/// The database's.
pub async fn steer<D: Db>(
    db: &D,
    moment: Moment<'_>,
    actor: &str,
    id: &str,
    event: WaveEvent,
    printer: Option<&str>,
) -> Result<Steered, StoreError> {
    let rows = db.run("SELECT state, printer, size FROM wave WHERE id = ?1", &[id.into()]).await?;
    let Some(row) = rows.iter().next() else { return Ok(Steered::Unknown) };
    let state = WaveState::parse(row.text(0)?)?;
    let next = match state.on(event) {
        Move::To(next) => next,
        Move::AlreadyThere => state,
        Move::Conflict => return Ok(Steered::Conflict(state)),
    };
    let printer = printer.or(row.maybe_text(1)?);
    if next == WaveState::Done {
        if state != next {
            tend::end(db, moment, actor, &[id]).await?;
        }
        return Ok(Steered::Done(BTreeSet::new()));
    }
    if next != state {
        db.run(
            "UPDATE wave SET state = ?2, printer = ?3, updated_at = ?4 WHERE id = ?1",
            &[id.into(), next.name().into(), printer.into(), moment.now.into()],
        )
        .await?;
        let entry = Entry::new(actor, "wave", id, event.name()).from_to(state.name(), next.name());
        append(db, moment.now, &[entry]).await?;
    }
    match event {
        WaveEvent::Print | WaveEvent::Resume => {
            let members = members(db, id).await?;
            Ok(Steered::Done(wish_for(db, moment, actor, (id, row.int(2)?), printer, &members).await?))
        }
        WaveEvent::Pick | WaveEvent::Stop | WaveEvent::Close => Ok(Steered::Done(BTreeSet::new())),
    }
}

async fn members<D: Db>(db: &D, wave: &str) -> Result<Vec<Member>, StoreError> {
    let rows =
        db.run("SELECT package, seq FROM wave_package WHERE wave = ?1 AND open ORDER BY seq", &[wave.into()]).await?;
    rows.iter().map(|row| Ok(Member { package: row.string(0)?, seq: row.count(1)? })).collect()
}

/// A person takes a parcel out of its wave, inside the caller's transaction; its slot stays empty. `false` when it is
/// not in it.
///
/// # Errors
/// The database's.
pub async fn drop_package<D: Db>(
    db: &D,
    moment: Moment<'_>,
    actor: &str,
    wave: &str,
    package: &str,
) -> Result<bool, StoreError> {
    let open = "SELECT wave, package, 'taken_out' FROM wave_package WHERE wave = ?1 AND package = ?2 AND open";
    let rows: Rows = db.run(open, &[wave.into(), package.into()]).await?;
    tend::fall_out(db, moment, actor, &rows).await?;
    Ok(!rows.is_empty())
}

/// Whether labels of a warehouse wait for waves, inside the caller's transaction. When they no longer do, those that
/// waited in no wave are drawn. Answers the lanes of flow-book to wake; `None` when there is no such warehouse.
///
/// # Errors
/// The database's.
pub async fn labels_wait<D: Db>(
    db: &D,
    moment: Moment<'_>,
    actor: &str,
    warehouse: &str,
    wait: bool,
) -> Result<Option<BTreeSet<String>>, StoreError> {
    let set = "UPDATE warehouse SET labels_wait = ?2 WHERE id = ?1 RETURNING id";
    if db.run(set, &[warehouse.into(), Value::from(wait)]).await?.is_empty() {
        return Ok(None);
    }
    let entry = Entry::new(actor, "warehouse", warehouse, if wait { "labels_wait" } else { "labels_at_once" });
    append(db, moment.now, &[entry]).await?;
    if wait {
        return Ok(Some(BTreeSet::new()));
    }
    let rows = db
        .run(
            "UPDATE package SET work = 'render', work_at = ?2, waits_for = '', updated_at = ?2
             WHERE warehouse = ?1 AND status = 'numbered' AND work = ''
               AND NOT EXISTS (SELECT 1 FROM wave_package AS m WHERE m.package = package.id AND m.open)
               AND NOT EXISTS (SELECT 1 FROM print_job AS j WHERE j.subject = package.waybill AND j.kind = 'waybill')
             RETURNING account",
            &[warehouse.into(), moment.now.into()],
        )
        .await?;
    rows.iter().map(|row: &Row| row.string(0)).collect::<Result<_, _>>().map(Some)
}
