//! Which printers bridges bring. A printer is known by its name: one that its bridge shows no more, or whose bridge was
//! revoked, is free, and passes with its queue to whichever bridge shows its name next. While two bridges show one name
//! they are two printers, and the second is told so.

use super::Bridge;
use crate::{Db, Entry, Moment, StoreError, append};
use huidan_domain::Millis;

/// How often it is noted that a bridge was seen, in milliseconds.
const SEEN_MS: i64 = 30_000;

/// A printer as a bridge shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The bridge's name of it.
    pub name: String,
    /// What it understands.
    pub lang: String,
    /// Dots per inch.
    pub dpi: u32,
    /// Millimetres across the feed.
    pub width_mm: u32,
    /// Millimetres along the feed.
    pub height_mm: u32,
    /// `ready`, `offline` or `unknown`.
    pub status: String,
}

/// A bridge's printers as we know them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Printers {
    /// Our ids, in the order shown.
    pub ids: Vec<String>,
    /// For each whose name another bridge's printer has: what that bridge's machine is called.
    pub twins: Vec<Option<String>>,
    /// Whether labels that waited for a printer may be rendered now.
    pub wakes_labels: bool,
}

struct Known {
    id: String,
    name: String,
    bridge: Option<String>,
    machine: String,
    free: bool,
    shown: Shown,
}

/// Knows a bridge's printers again, and registers new ones: a new printer becomes that of the first warehouse that has
/// none of its kind. Nothing is written when nothing changed. A bridge that shows none says nothing about them.
///
/// # Errors
/// The database's.
pub async fn printers<D: Db>(
    db: &D,
    moment: Moment<'_>,
    bridge: &Bridge,
    shown: &[Shown],
) -> Result<Printers, StoreError> {
    let fresh = bridge.seen_at.is_some_and(|seen| moment.now.since(seen) < SEEN_MS);
    let known = known(db).await?;
    let twins: Vec<Option<String>> = shown.iter().map(|shown| twin(&known, bridge, shown)).collect();
    let gone: Vec<&Known> = known
        .iter()
        .filter(|known| known.bridge.as_deref() == Some(&bridge.id) && !shown.is_empty())
        .filter(|known| shown.iter().all(|shown| shown.name != known.name))
        .collect();
    let same = |shown: &Shown| known.iter().find(|known| is_its(known, bridge, shown) && known.shown == *shown);
    if let Some(ids) = shown.iter().map(|shown| same(shown).map(|known| known.id.clone())).collect::<Option<Vec<_>>>()
        && fresh
        && gone.is_empty()
    {
        return Ok(Printers { ids, twins, wakes_labels: false });
    }
    crate::transaction(db, async |db| {
        db.run("UPDATE bridge SET seen_at = ?2 WHERE id = ?1", &[(&bridge.id).into(), moment.now.into()]).await?;
        let mut answer = Printers { twins: twins.clone(), ..Printers::default() };
        for gone in &gone {
            set_free(db, moment, gone).await?;
        }
        for shown in shown {
            let (id, wakes) = settle(db, moment, bridge, shown).await?;
            answer.ids.push(id);
            answer.wakes_labels |= wakes;
        }
        Ok(answer)
    })
    .await
}

/// The machine whose bridge has a printer of the same name.
fn twin(known: &[Known], bridge: &Bridge, shown: &Shown) -> Option<String> {
    let other = |known: &&Known| !known.free && known.bridge.as_deref() != Some(&bridge.id) && known.name == shown.name;
    known.iter().find(other).map(|known| known.machine.clone())
}

/// Its bridge is here and does not have it any more: whoever shows it next has it.
async fn set_free<D: Db>(db: &D, moment: Moment<'_>, printer: &Known) -> Result<(), StoreError> {
    db.run(
        "UPDATE printer SET bridge = NULL, name = ?2, status = 'unknown' WHERE id = ?1",
        &[(&printer.id).into(), (&printer.name).into()],
    )
    .await?;
    let entry = Entry::new("print-queue", "printer", &printer.id, "freed");
    append(db, moment.now, &[entry.with(serde_json::json!({ "bridge": printer.bridge }))]).await
}

fn is_its(known: &Known, bridge: &Bridge, shown: &Shown) -> bool {
    known.bridge.as_deref() == Some(&bridge.id) && known.name == shown.name
}

async fn known<D: Db>(db: &D) -> Result<Vec<Known>, StoreError> {
    // Free for anybody: nobody's, and a revoked bridge's.
    let rows = db
        .run(
            "SELECT r.id, r.name, r.bridge, r.bridge IS NULL OR b.revoked_at IS NOT NULL, r.lang, r.dpi, r.width_mm,
                 r.height_mm, r.status, coalesce(b.name, '')
             FROM printer AS r LEFT JOIN bridge AS b ON b.id = r.bridge ORDER BY r.id",
            &[],
        )
        .await?;
    rows.iter()
        .map(|row| {
            let (id, name) = (row.string(0)?, row.string(1)?);
            // One that a person entered has no bridge's name yet: it is meant by its id.
            let name = if name.is_empty() { id.clone() } else { name };
            let shown = Shown {
                name: name.clone(),
                lang: row.string(4)?,
                dpi: row.count(5)?,
                width_mm: row.count(6)?,
                height_mm: row.count(7)?,
                status: row.string(8)?,
            };
            let bridge = row.maybe_text(2)?.map(str::to_owned);
            Ok(Known { id, name, bridge, machine: row.string(9)?, free: row.flag(3)?, shown })
        })
        .collect()
}

/// Writes one printer as it is shown; answers our id, and whether labels that wait may be rendered now.
async fn settle<D: Db>(
    db: &D,
    moment: Moment<'_>,
    bridge: &Bridge,
    shown: &Shown,
) -> Result<(String, bool), StoreError> {
    let known = known(db).await?;
    let its = known.iter().find(|known| is_its(known, bridge, shown));
    let free = known.iter().find(|known| known.free && known.name == shown.name);
    let taken = match (its, free) {
        (Some(its), Some(free)) if stands_aside(db, its).await? => {
            hand_on(db, moment, its, free).await?;
            Some(free)
        }
        (its, free) => its.or(free),
    };
    let id = match taken {
        Some(known) => known.id.clone(),
        None if known.iter().all(|known| known.id != shown.name) => shown.name.clone(),
        None => format!("{}@{}", shown.name, bridge.id),
    };
    db.run(
        "INSERT INTO printer (id, bridge, name, lang, dpi, width_mm, height_mm, status, seen_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
         ON CONFLICT (id) DO UPDATE SET bridge = excluded.bridge, name = excluded.name, lang = excluded.lang,
             dpi = excluded.dpi, width_mm = excluded.width_mm, height_mm = excluded.height_mm,
             status = excluded.status, seen_at = excluded.seen_at",
        &[
            (&id).into(),
            (&bridge.id).into(),
            (&shown.name).into(),
            (&shown.lang).into(),
            shown.dpi.into(),
            shown.width_mm.into(),
            shown.height_mm.into(),
            (&shown.status).into(),
            moment.now.into(),
        ],
    )
    .await?;
    let changed = taken.is_some_and(|known| {
        let (was, is) = (&known.shown, shown);
        (&was.lang, was.dpi, was.width_mm, was.height_mm) != (&is.lang, is.dpi, is.width_mm, is.height_mm)
    });
    if changed {
        render_again(db, moment.now, &id).await?;
    }
    let assigned = taken.is_none() && assign(db, moment, &id, &shown.lang).await?;
    Ok((id, changed || assigned))
}

/// Whether a printer only has a name of its own because another bridge's had it first, and no warehouse prints on it: it
/// was moved here before it was taken away there.
async fn stands_aside<D: Db>(db: &D, printer: &Known) -> Result<bool, StoreError> {
    if printer.id == printer.name {
        return Ok(false);
    }
    let used = "SELECT 1 FROM warehouse WHERE printer = ?1 OR task_printer = ?1 LIMIT 1";
    Ok(db.run(used, &[(&printer.id).into()]).await?.is_empty())
}

/// A printer takes the place of its earlier self, with what waited for either.
async fn hand_on<D: Db>(db: &D, moment: Moment<'_>, from: &Known, to: &Known) -> Result<(), StoreError> {
    db.run(
        "UPDATE print_job SET printer = ?2 WHERE printer = ?1 AND state = 'queued'",
        &[(&from.id).into(), (&to.id).into()],
    )
    .await?;
    db.run("UPDATE printer SET bridge = NULL, name = '', active = 0 WHERE id = ?1", &[(&from.id).into()]).await?;
    let entry = Entry::new("print-queue", "printer", &to.id, "moved");
    append(db, moment.now, &[entry.with(serde_json::json!({ "from": from.id, "bridge": from.bridge }))]).await
}

/// Labels in the queue of a printer that has become another, or that a person took out of service, are rendered anew for
/// the printer their warehouse has now. After a person did so, wake flow-clock.
///
/// # Errors
/// The database's.
pub async fn render_again<D: Db>(db: &D, now: Millis, printer: &str) -> Result<(), StoreError> {
    db.run(
        "INSERT INTO print_wish (package, copy_no, reason, actor, batch, seq, of)
         SELECT w.package, j.copy_no, j.reason, 'print-queue', j.batch, j.seq, j.of FROM print_job AS j
         JOIN waybill AS w ON w.id = j.subject WHERE j.printer = ?1 AND j.state = 'queued'
         ON CONFLICT (package) DO NOTHING",
        &[printer.into()],
    )
    .await?;
    db.run(
        "UPDATE package SET work = 'render', work_at = ?2 WHERE work = '' AND id IN (
             SELECT w.package FROM print_job AS j JOIN waybill AS w ON w.id = j.subject
             WHERE j.printer = ?1 AND j.state = 'queued')",
        &[printer.into(), now.into()],
    )
    .await?;
    Ok(())
}

/// A new printer becomes that of the first warehouse that has none of its kind.
async fn assign<D: Db>(db: &D, moment: Moment<'_>, printer: &str, lang: &str) -> Result<bool, StoreError> {
    let column = if lang == "platform-task" { "task_printer" } else { "printer" };
    let rows = db
        .run(
            &format!(
                "UPDATE warehouse SET {column} = ?1 WHERE id = (
                     SELECT id FROM warehouse WHERE active AND {column} IS NULL ORDER BY position, id LIMIT 1)
                 RETURNING id"
            ),
            &[printer.into()],
        )
        .await?;
    let Some(row) = rows.iter().next() else { return Ok(false) };
    let warehouse = row.string(0)?;
    let entry = Entry::new("print-queue", "printer", printer, "assigned");
    append(db, moment.now, &[entry.with(serde_json::json!({ "warehouse": warehouse }))]).await?;
    printer_is_there(db, moment.now, &warehouse).await?;
    Ok(true)
}

/// A new warehouse takes the printers that none prints on, one of each kind: whoever pairs a bridge first and adds the
/// warehouse after it ends where the other order ends. What was said of its printers stands.
pub(crate) async fn take_idle<D: Db>(
    db: &D,
    moment: Moment<'_>,
    actor: &str,
    warehouse: &str,
    wanted: [bool; 2],
) -> Result<(), StoreError> {
    let [paper, tasks] = wanted;
    for (column, kind, _) in
        [("printer", "<>", paper), ("task_printer", "=", tasks)].iter().filter(|(.., wanted)| *wanted)
    {
        let taken = db
            .run(
                &format!(
                    "UPDATE warehouse SET {column} = (SELECT r.id FROM printer AS r
                         WHERE r.active AND r.bridge IS NOT NULL AND r.lang {kind} 'platform-task' AND NOT EXISTS (
                             SELECT 1 FROM warehouse AS o WHERE o.printer = r.id OR o.task_printer = r.id)
                         ORDER BY r.id LIMIT 1)
                     WHERE id = ?1 AND {column} IS NULL RETURNING {column}"
                ),
                &[warehouse.into()],
            )
            .await?;
        let printer = taken.iter().next().map(|row| row.maybe_text(0)).transpose()?.flatten();
        if let Some(printer) = printer {
            let entry = Entry::new(actor, "printer", printer, "assigned");
            append(db, moment.now, &[entry.with(serde_json::json!({ "warehouse": warehouse }))]).await?;
        }
    }
    Ok(())
}

/// A warehouse has a printer now: labels that waited for one are due. Call it after a person assigned one, too, and
/// wake flow-clock.
///
/// # Errors
/// The database's.
pub async fn printer_is_there<D: Db>(db: &D, now: Millis, warehouse: &str) -> Result<(), StoreError> {
    db.run(
        "UPDATE package SET work_at = ?2 WHERE work <> '' AND work = 'render' AND warehouse = ?1 AND work_at > ?2",
        &[warehouse.into(), now.into()],
    )
    .await?;
    Ok(())
}
