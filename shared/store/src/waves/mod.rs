//! Waves: parcels that are picked and packed together, and their paper in one order.

mod build;
mod goods;
mod paper;
mod steer;
mod tend;

pub use build::{Asked, Made, candidates, make};
pub use goods::{Sheets, WaveParcel, sheets};
pub use paper::{PaperJob, printer, queue_papers};
pub use steer::{Steered, drop_package, labels_wait, steer};
pub use tend::tend;

use crate::{Db, Row, StoreError, Value};
use huidan_domain::Millis;
use huidan_wire::api::{Wave, WaveCounts, WaveMember, instant};

const COLUMNS: &str = "
    SELECT v.id, v.number, v.warehouse, v.kind, v.account, v.zone, v.state, v.size, v.cut_off, v.printer, v.created_at,
        v.updated_at,
        count(m.package) FILTER (WHERE m.why = ''),
        count(m.package) FILTER (WHERE m.why <> ''),
        count(m.package) FILTER (WHERE m.why = '' AND p.status <> 'planned'),
        count(m.package) FILTER (WHERE m.why = '' AND p.status NOT IN ('planned', 'numbered')),
        count(m.package) FILTER (WHERE m.why = '' AND p.status NOT IN ('planned', 'numbered', 'printed')),
        (SELECT count(*) FROM print_job AS j WHERE j.batch = v.id AND j.state IN ('leased', 'sent')),
        (SELECT count(*) FROM print_job AS j WHERE j.batch = v.id AND j.state = 'unconfirmed'),
        (SELECT count(*) FROM print_job AS j WHERE j.batch = v.id AND j.state = 'failed')
    FROM wave AS v LEFT JOIN wave_package AS m ON m.wave = v.id LEFT JOIN package AS p ON p.id = m.package";

/// Which waves.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wanted<'a> {
    /// Only this one.
    pub id: Option<&'a str>,
    /// In this state.
    pub state: Option<&'a str>,
    /// Of this warehouse.
    pub warehouse: Option<&'a str>,
    /// With a smaller number.
    pub below: Option<i64>,
    /// At most so many.
    pub limit: u32,
}

/// Waves, newest first, without their members.
///
/// # Errors
/// The database's.
pub async fn list<D: Db>(db: &D, wanted: Wanted<'_>) -> Result<Vec<Wave>, StoreError> {
    let statement = format!(
        "{COLUMNS} WHERE coalesce(?1, v.id) = v.id AND coalesce(?2, v.state) = v.state
             AND coalesce(?3, v.warehouse) = v.warehouse AND v.number < coalesce(?4, 9223372036854775807)
         GROUP BY v.id ORDER BY v.number DESC LIMIT ?5"
    );
    let values: [Value; 5] =
        [wanted.id.into(), wanted.state.into(), wanted.warehouse.into(), wanted.below.into(), wanted.limit.into()];
    let rows = db.run(&statement, &values).await?;
    rows.iter().map(wave).collect()
}

fn wave(row: &Row) -> Result<Wave, StoreError> {
    Ok(Wave {
        id: row.string(0)?,
        number: row.int(1)?,
        warehouse: row.string(2)?,
        kind: row.string(3)?,
        account: row.string(4)?,
        zone: row.string(5)?,
        state: row.string(6)?,
        size: row.count(7)?,
        cut_off: row.maybe_int(8)?.map(|at| instant(Millis(at))),
        printer: row.maybe_text(9)?.map(str::to_owned),
        created_at: instant(Millis(row.int(10)?)),
        updated_at: instant(Millis(row.int(11)?)),
        counts: WaveCounts {
            parcels: row.count(12)?,
            left_out: row.count(13)?,
            numbered: row.count(14)?,
            printed: row.count(15)?,
            verified: row.count(16)?,
            at_printer: row.count(17)?,
            questions: row.count(18)?,
            failed: row.count(19)?,
        },
        members: Vec::new(),
    })
}

/// One wave with its members, in the order of its paper.
///
/// # Errors
/// The database's.
pub async fn one<D: Db>(db: &D, id: &str) -> Result<Option<Wave>, StoreError> {
    let Some(wave) = list(db, Wanted { id: Some(id), limit: 1, ..Wanted::default() }).await?.into_iter().next() else {
        return Ok(None);
    };
    let rows = db
        .run(
            "SELECT m.package, m.seq, m.slot, m.why, p.status, w.number, p.waits_for,
                 (SELECT j.state FROM print_job AS j WHERE j.subject = p.waybill AND j.kind = 'waybill'
                  ORDER BY j.copy_no DESC LIMIT 1)
             FROM wave_package AS m JOIN package AS p ON p.id = m.package LEFT JOIN waybill AS w ON w.id = p.waybill
             WHERE m.wave = ?1 ORDER BY m.seq",
            &[id.into()],
        )
        .await?;
    let member = |row: &Row| {
        Ok(WaveMember {
            package: row.string(0)?,
            seq: row.count(1)?,
            slot: row.string(2)?,
            left_out: row.string(3)?,
            status: row.string(4)?,
            waybill: row.maybe_text(5)?.map(str::to_owned),
            waits_for: row.string(6)?,
            paper: row.maybe_text(7)?.unwrap_or_default().to_owned(),
        })
    };
    let members = rows.iter().map(member).collect::<Result<_, StoreError>>()?;
    Ok(Some(Wave { members, ..wave }))
}

#[cfg(test)]
mod tests;
