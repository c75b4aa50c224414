//! Print bridges: how they are paired, who they are, which printers they bring, what their scales and scanners see.

use crate::{Db, Entry, Moment, Row, StoreError, Value, append};
use huidan_domain::Millis;
use sha2::{Digest, Sha256};

/// How long a pairing code works, in milliseconds.
pub const CODE_MS: i64 = 10 * 60_000;
/// 32 characters that nobody takes for another when reading them aloud or typing them.
const ALPHABET: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
/// How often it is noted that a bridge was seen, in milliseconds.
const SEEN_MS: i64 = 30_000;

fn sha(text: &str) -> Value {
    Value::Blob(Sha256::digest(text.as_bytes()).to_vec())
}

/// Makes a pairing code of 8 characters; only its hash is kept. It works once, for ten minutes.
///
/// # Errors
/// The database's.
pub async fn new_code<D: Db>(db: &D, moment: Moment<'_>, actor: &str) -> Result<String, StoreError> {
    let mut random = [0; 8];
    moment.chance.fill(&mut random);
    let code: String = random
        .iter()
        .filter_map(|byte| ALPHABET.get(usize::from(byte % 32)))
        .map(|&letter| char::from(letter))
        .collect();
    db.run(
        "INSERT INTO pairing (code_sha, expires_at) VALUES (?1, ?2)",
        &[sha(&code), Value::Int(moment.now.0 + CODE_MS)],
    )
    .await?;
    append(db, moment.now, &[Entry::new(actor, "bridge", "", "code_made")]).await?;
    Ok(code)
}

/// Turns a code into a bridge and its token, inside the caller's transaction; `None` for a code that is wrong, used or
/// too old. Blanks, dashes and small letters are forgiven. A machine that is paired anew takes the place of its earlier
/// self, whose token is lost to it: its printers pass over.
///
/// # Errors
/// The database's.
pub async fn pair<D: Db>(
    db: &D,
    moment: Moment<'_>,
    code: &str,
    name: &str,
) -> Result<Option<(String, String)>, StoreError> {
    let code: String = code.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect();
    let used = db
        .run(
            "UPDATE pairing SET used_at = ?2 WHERE code_sha = ?1 AND used_at IS NULL AND expires_at > ?2 RETURNING 1",
            &[sha(&code), moment.now.into()],
        )
        .await?;
    if used.is_empty() {
        return Ok(None);
    }
    let (id, token) = (moment.id(), moment.secret::<32>());
    if !name.is_empty() {
        db.run(
            "UPDATE bridge SET revoked_at = ?2 WHERE name = ?1 AND revoked_at IS NULL",
            &[name.into(), moment.now.into()],
        )
        .await?;
    }
    db.run(
        "INSERT INTO bridge (id, name, token_sha, created_at) VALUES (?1, ?2, ?3, ?4)",
        &[(&id).into(), name.into(), sha(&token), moment.now.into()],
    )
    .await?;
    append(db, moment.now, &[Entry::new("print-queue", "bridge", &id, "paired")]).await?;
    Ok(Some((id, token)))
}

/// A bridge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bridge {
    /// Our id.
    pub id: String,
    /// What its machine is called.
    pub name: String,
    /// When it was last seen.
    pub seen_at: Option<Millis>,
}

/// The bridge of a token; `None` for one that is unknown or revoked.
///
/// # Errors
/// The database's.
pub async fn of_token<D: Db>(db: &D, token: &str) -> Result<Option<Bridge>, StoreError> {
    let rows = db
        .run("SELECT id, name, seen_at FROM bridge WHERE token_sha = ?1 AND revoked_at IS NULL", &[sha(token)])
        .await?;
    let read =
        |row: &Row| Ok(Bridge { id: row.string(0)?, name: row.string(1)?, seen_at: row.maybe_int(2)?.map(Millis) });
    rows.iter().next().map(read).transpose()
}

/// Takes a bridge's rights away. What it has leased becomes a question when the leases run out.
///
/// # Errors
/// The database's.
pub async fn revoke<D: Db>(db: &D, moment: Moment<'_>, actor: &str, bridge: &str) -> Result<bool, StoreError> {
    let rows = db
        .run(
            "UPDATE bridge SET revoked_at = ?2 WHERE id = ?1 AND revoked_at IS NULL RETURNING 1",
            &[bridge.into(), moment.now.into()],
        )
        .await?;
    if !rows.is_empty() {
        append(db, moment.now, &[Entry::new(actor, "bridge", bridge, "revoked")]).await?;
    }
    Ok(!rows.is_empty())
}

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
    /// Whether labels that waited for a printer may be rendered now.
    pub wakes_labels: bool,
}

struct Known {
    id: String,
    name: String,
    bridge: Option<String>,
    free: bool,
    shown: Shown,
}

/// Knows a bridge's printers again, and registers new ones: a new printer becomes that of the first warehouse that has
/// none of its kind. Nothing is written when nothing changed.
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
    let same = |shown: &Shown| known.iter().find(|known| is_its(known, bridge, shown) && known.shown == *shown);
    if let Some(ids) = shown.iter().map(|shown| same(shown).map(|known| known.id.clone())).collect::<Option<Vec<_>>>()
        && fresh
    {
        return Ok(Printers { ids, wakes_labels: false });
    }
    crate::transaction(db, async |db| {
        db.run("UPDATE bridge SET seen_at = ?2 WHERE id = ?1", &[(&bridge.id).into(), moment.now.into()]).await?;
        let mut answer = Printers::default();
        for shown in shown {
            let (id, wakes) = settle(db, moment, bridge, shown).await?;
            answer.ids.push(id);
            answer.wakes_labels |= wakes;
        }
        Ok(answer)
    })
    .await
}

fn is_its(known: &Known, bridge: &Bridge, shown: &Shown) -> bool {
    known.bridge.as_deref() == Some(&bridge.id) && known.name == shown.name
}

async fn known<D: Db>(db: &D) -> Result<Vec<Known>, StoreError> {
    // Free for anybody: nobody's, and a revoked bridge's.
    let rows = db
        .run(
            "SELECT r.id, r.name, r.bridge, r.bridge IS NULL OR b.revoked_at IS NOT NULL, r.lang, r.dpi, r.width_mm,
                 r.height_mm, r.status
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
            Ok(Known { id, name, bridge: row.maybe_text(2)?.map(str::to_owned), free: row.flag(3)?, shown })
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
    let taken = its.or_else(|| known.iter().find(|known| known.free && known.name == shown.name));
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

/// Notes what an attached scale (`kind` `grams`) or scanner (`code`) saw; the latest of each station is kept.
///
/// # Errors
/// The database's.
pub async fn note_reading<D: Db>(
    db: &D,
    now: Millis,
    bridge: &str,
    station: &str,
    kind: &str,
    value: &str,
) -> Result<(), StoreError> {
    db.run(
        "INSERT INTO reading (bridge, station, kind, value, at) VALUES (?1, ?2, ?3, ?4, ?5)
         ON CONFLICT (station, kind) DO UPDATE SET bridge = excluded.bridge, value = excluded.value, at = excluded.at",
        &[bridge.into(), station.into(), kind.into(), value.into(), now.into()],
    )
    .await?;
    Ok(())
}

/// What a station's scale or scanner last saw, and when.
///
/// # Errors
/// The database's.
pub async fn reading<D: Db>(db: &D, station: &str, kind: &str) -> Result<Option<(String, Millis)>, StoreError> {
    let rows = db
        .run("SELECT value, at FROM reading WHERE station = ?1 AND kind = ?2", &[station.into(), kind.into()])
        .await?;
    rows.iter().next().map(|row| Ok((row.string(0)?, Millis(row.int(1)?)))).transpose()
}
