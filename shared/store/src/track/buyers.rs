//! What a buyer may open without signing in: the state of a parcel, and sometimes a question that is answered once. Only
//! the digest of a link's code is here.

use crate::notices::{self, News};
use crate::{Db, Entry, Moment, StoreError, Value, append};
use huidan_domain::Millis;

/// What a buyer may choose when something is wrong with a parcel.
pub const CHOICES: [&str; 4] = ["wait", "resend", "redirect", "refund"];
/// How long a question may be answered, in seconds.
const QUESTION_S: i64 = 7 * 86_400;
/// How long a link that only shows holds, in seconds.
const SHOW_S: i64 = 60 * 86_400;
/// How often a link may be opened in a minute.
const HITS: i64 = 30;
/// Most scans that a buyer is shown.
const SCANS: u32 = 30;

/// Makes a link to a package; with an exception it asks what to do. An older question about the same is over; one that is
/// made again under its own code goes on. Answers when it ends; `None` where there is no such package, or the exception
/// is closed.
///
/// # Errors
/// The database's.
pub async fn make<D: Db>(
    db: &D,
    moment: Moment<'_>,
    actor: &str,
    code_sha: &[u8],
    package: Option<&str>,
    exception: Option<&str>,
) -> Result<Option<Millis>, StoreError> {
    let until = moment.now.plus_seconds(if exception.is_some() { QUESTION_S } else { SHOW_S });
    db.run(
        "UPDATE buyer_link SET expires_at = ?2 WHERE exception = ?1 AND expires_at > ?2 AND chosen IS NULL",
        &[exception.into(), moment.now.into()],
    )
    .await?;
    let made = db
        .run(
            "INSERT INTO buyer_link (code_sha, package, exception, made_at, expires_at)
             SELECT ?1, p.id, e.id, ?4, ?5 FROM package AS p LEFT JOIN exception AS e ON e.package = p.id AND e.id = ?3
             WHERE (?2 IS NOT NULL AND p.id = ?2) OR (?3 IS NOT NULL AND e.state = 'open')
             ON CONFLICT (code_sha) DO UPDATE SET expires_at = max(expires_at, excluded.expires_at)
             RETURNING package",
            &[code_sha.to_vec().into(), package.into(), exception.into(), moment.now.into(), until.into()],
        )
        .await?;
    let Some(row) = made.iter().next() else { return Ok(None) };
    let what = if exception.is_some() { "buyer_asked" } else { "buyer_link_made" };
    append(db, moment.now, &[Entry::new(actor, "package", row.text(0)?, what)]).await?;
    Ok(Some(until))
}

/// What a buyer sees. Nothing of it is personal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Where the package is on its way.
    pub status: String,
    /// Who carries it, as the account's name says to people.
    pub carrier: String,
    /// The end of its number.
    pub number_tail: String,
    /// What was scanned and when, newest first.
    pub scans: Vec<(Millis, String)>,
    /// What is wrong, where a question stands open.
    pub asks: Option<String>,
    /// What was chosen.
    pub chosen: Option<String>,
    /// Whether the question was overtaken by events.
    pub over: bool,
}

/// What opening a link comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Opened {
    /// This.
    Shown(Seen),
    /// There is no such link, or not any more.
    Gone,
    /// It was opened too often within a minute.
    TooOften,
}

/// Counts a visit, and says whether it is one too many; `None` where there is no such link.
async fn visit<D: Db>(db: &D, now: Millis, code_sha: &[u8]) -> Result<Option<bool>, StoreError> {
    let rows = db
        .run(
            "UPDATE buyer_link SET hits = iif(minute = ?2, hits + 1, 1), minute = ?2
             WHERE code_sha = ?1 AND expires_at > ?3 RETURNING hits",
            &[code_sha.to_vec().into(), (now.0 / 60_000).into(), now.into()],
        )
        .await?;
    rows.iter().next().map(|row| Ok(row.int(0)? > HITS)).transpose()
}

/// Opens a link.
///
/// # Errors
/// The database's.
pub async fn open<D: Db>(db: &D, now: Millis, code_sha: &[u8]) -> Result<Opened, StoreError> {
    match visit(db, now, code_sha).await? {
        None => return Ok(Opened::Gone),
        Some(true) => return Ok(Opened::TooOften),
        Some(false) => {}
    }
    let rows = db
        .run(
            "SELECT p.status, a.name, coalesce(w.number, ''), e.kind, e.state, l.chosen
             FROM buyer_link AS l JOIN package AS p ON p.id = l.package JOIN carrier_account AS a ON a.id = p.account
             LEFT JOIN waybill AS w ON w.id = p.waybill
             LEFT JOIN exception AS e ON e.id = l.exception WHERE l.code_sha = ?1",
            &[code_sha.to_vec().into()],
        )
        .await?;
    let row = rows.first()?;
    let number = row.text(2)?;
    let scans = db
        .run(
            "SELECT at, kind FROM scan WHERE number = ?1 AND used AND kind NOT IN ('other', 'unwatched')
             ORDER BY at DESC LIMIT ?2",
            &[number.into(), SCANS.into()],
        )
        .await?;
    let scans = scans.iter().map(|row| Ok((Millis(row.int(0)?), row.string(1)?)));
    let (kind, state) = (row.maybe_text(3)?, row.maybe_text(4)?);
    let chosen = row.maybe_text(5)?.map(str::to_owned);
    Ok(Opened::Shown(Seen {
        status: row.string(0)?,
        carrier: row.string(1)?,
        number_tail: number.chars().skip(number.chars().count().saturating_sub(4)).collect(),
        scans: scans.collect::<Result<_, StoreError>>()?,
        asks: kind.filter(|_| state == Some("open") && chosen.is_none()).map(str::to_owned),
        over: kind.is_some() && state != Some("open") && chosen.is_none(),
        chosen,
    }))
}

/// What choosing comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chosen {
    /// Taken down.
    Taken,
    /// Something was chosen before; it stays.
    Before,
    /// There is nothing to choose, or not any more.
    Gone,
    /// Too many tries within a minute.
    TooOften,
}

/// Takes a buyer's choice, once. Nothing is done by itself: it becomes a task for a person.
///
/// # Errors
/// The database's.
pub async fn choose<D: Db>(db: &D, moment: Moment<'_>, code_sha: &[u8], choice: &str) -> Result<Chosen, StoreError> {
    match visit(db, moment.now, code_sha).await? {
        None => return Ok(Chosen::Gone),
        Some(true) => return Ok(Chosen::TooOften),
        Some(false) => {}
    }
    if !CHOICES.contains(&choice) {
        return Ok(Chosen::Gone);
    }
    let taken = db
        .run(
            "UPDATE buyer_link SET chosen = ?2, chosen_at = ?3
             WHERE code_sha = ?1 AND chosen IS NULL AND expires_at > ?3
                 AND exception IN (SELECT e.id FROM exception AS e WHERE e.state = 'open')
             RETURNING exception, package",
            &[code_sha.to_vec().into(), choice.into(), moment.now.into()],
        )
        .await?;
    let Some(row) = taken.iter().next() else {
        let before = "SELECT 1 FROM buyer_link WHERE code_sha = ?1 AND chosen IS NOT NULL";
        let before = db.run(before, &[code_sha.to_vec().into()]).await?;
        return Ok(if before.is_empty() { Chosen::Gone } else { Chosen::Before });
    };
    let (exception, package) = (row.string(0)?, row.string(1)?);
    let shop = db
        .run(
            "UPDATE exception SET wants = ?2 WHERE id = ?1
             RETURNING (SELECT p.shop FROM package AS p WHERE p.id = exception.package)",
            &[Value::from(&exception), choice.into()],
        )
        .await?;
    let entry = Entry::new("buyer", "package", &package, "buyer_chose").from_to("", choice);
    append(db, moment.now, &[entry]).await?;
    let news = News {
        key: &format!("exception/{exception}/chosen"),
        topic: "parcel.buyer_chose",
        entity: "package",
        id: &package,
        shop: shop.first()?.text(0)?,
        facts: serde_json::json!({ "choice": choice, "exception": exception }),
    };
    notices::tell(db, moment, &[news]).await?;
    Ok(Chosen::Taken)
}
