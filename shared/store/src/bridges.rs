//! Print bridges: how they are paired, who they are, which printers they bring, what their scales and scanners see.

mod printers;

pub(crate) use printers::take_idle;
pub use printers::{Printers, Shown, printer_is_there, printers, render_again};

use crate::{Db, Entry, Moment, Row, StoreError, Value, append};
use huidan_domain::Millis;
use sha2::{Digest, Sha256};

/// How long a pairing code works, in milliseconds.
pub const CODE_MS: i64 = 10 * 60_000;
/// 32 characters that nobody takes for another when reading them aloud or typing them.
const ALPHABET: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";

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
