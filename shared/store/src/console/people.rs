//! People, their sessions, tokens for programs, and what was asked before.

use super::{Part, note};
use crate::{Db, Moment, Row, StoreError, Value};
use huidan_domain::Millis;
use huidan_wire::api::{NewToken, PatchPerson, Person, Role, Token, instant};

fn role(row: &Row, column: usize) -> Result<Role, StoreError> {
    let name = row.text(column)?;
    Role::parse(name).ok_or_else(|| StoreError::Unknown(format!("role {name}")))
}

/// People.
///
/// # Errors
/// The database's.
pub async fn people<D: Db>(db: &D, part: Part<'_>) -> Result<Vec<Person>, StoreError> {
    let rows = db
        .run(
            "SELECT id, name, role, language, active, created_at FROM person
             WHERE coalesce(?1, id) = id AND id > coalesce(?2, '') ORDER BY id LIMIT ?3",
            &[part.one.into(), part.after.into(), part.limit.into()],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Person {
                id: row.string(0)?,
                name: row.string(1)?,
                role: role(row, 2)?,
                language: row.string(3)?,
                active: row.flag(4)?,
                created_at: instant(Millis(row.int(5)?)),
            })
        })
        .collect()
}

/// Writes somebody down; `None` when the name is taken.
///
/// # Errors
/// The database's.
pub async fn add_person<D: Db>(
    db: &D,
    moment: Moment<'_>,
    actor: &str,
    (name, hash, role, language): (&str, &str, Role, &str),
) -> Result<Option<String>, StoreError> {
    let id = moment.id();
    let rows = db
        .run(
            "INSERT INTO person (id, name, password_hash, role, language, created_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
             ON CONFLICT (name) DO NOTHING RETURNING 1",
            &[(&id).into(), name.into(), hash.into(), role.name().into(), language.into(), moment.now.into()],
        )
        .await?;
    if rows.is_empty() {
        return Ok(None);
    }
    note(db, moment, actor, "person", &id, "added").await?;
    Ok(Some(id))
}

/// Changes somebody; `hash` is the new password's. A new password or role, or being shut out, ends their sessions.
///
/// # Errors
/// The database's.
pub async fn patch_person<D: Db>(
    db: &D,
    moment: Moment<'_>,
    actor: &str,
    id: &str,
    patch: &PatchPerson,
    hash: Option<&str>,
) -> Result<(), StoreError> {
    db.run(
        "UPDATE person SET password_hash = coalesce(?2, password_hash), role = coalesce(?3, role),
             language = coalesce(?4, language), active = coalesce(?5, active)
         WHERE id = ?1",
        &[
            id.into(),
            Value::from(hash),
            Value::from(patch.role.map(Role::name)),
            Value::from(patch.language.as_deref()),
            Value::from(patch.active),
        ],
    )
    .await?;
    if hash.is_some() || patch.role.is_some() || patch.active == Some(false) {
        db.run("DELETE FROM session WHERE person = ?1", &[id.into()]).await?;
    }
    note(db, moment, actor, "person", id, "changed").await
}

/// Somebody's id and password hash, by the name they sign in with.
///
/// # Errors
/// The database's.
pub async fn password_of<D: Db>(db: &D, name: &str) -> Result<Option<(String, String)>, StoreError> {
    let rows = db.run("SELECT id, password_hash FROM person WHERE name = ?1 AND active", &[name.into()]).await?;
    rows.iter().next().map(|row| Ok((row.string(0)?, row.string(1)?))).transpose()
}

/// How long tries at signing in are refused after so many failures, in milliseconds: none for the first five, then
/// twice as long each time, a quarter of an hour at most.
fn wait_after(failures: i64) -> i64 {
    match failures {
        ..5 => 0,
        more => (1_000_i64 << (more - 5).min(10)).min(900_000),
    }
}

/// Counts a try at signing in before the password is looked at, so that many at once do not slip by. Answers until
/// when tries are refused, if they are.
///
/// # Errors
/// The database's.
pub async fn try_sign_in<D: Db>(db: &D, now: Millis, who: &str) -> Result<Option<Millis>, StoreError> {
    let rows = db.run("SELECT failures, until FROM sign_in_try WHERE who = ?1", &[who.into()]).await?;
    let (failures, until) = match rows.iter().next() {
        Some(row) => (row.int(0)?, row.int(1)?),
        None => (0, 0),
    };
    if until > now.0 {
        return Ok(Some(Millis(until)));
    }
    let failures = failures + 1;
    db.run(
        "INSERT INTO sign_in_try (who, failures, until) VALUES (?1, ?2, ?3)
         ON CONFLICT (who) DO UPDATE SET failures = excluded.failures, until = excluded.until",
        &[who.into(), failures.into(), Value::Int(now.0 + wait_after(failures))],
    )
    .await?;
    Ok(None)
}

/// Begins a session after a right password, and forgets the tries before it.
///
/// # Errors
/// The database's.
pub async fn begin_session<D: Db>(
    db: &D,
    moment: Moment<'_>,
    (who, person): (&str, &str),
    token_sha: &[u8],
    csrf: &str,
    until: Millis,
) -> Result<(), StoreError> {
    db.run("DELETE FROM sign_in_try WHERE who = ?1", &[who.into()]).await?;
    db.run(
        "INSERT INTO session (token_sha, person, csrf, expires_at) VALUES (?1, ?2, ?3, ?4)",
        &[token_sha.to_vec().into(), person.into(), csrf.into(), until.into()],
    )
    .await?;
    note(db, moment, person, "person", person, "signed_in").await
}

/// Who a session belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Our id of them.
    pub person: String,
    /// Their name.
    pub name: String,
    /// Their role.
    pub role: Role,
    /// What proves that a request comes from our own page.
    pub csrf: String,
    /// `zh-CN` or `en`.
    pub language: String,
}

/// The session of a cookie, while it lasts.
///
/// # Errors
/// The database's.
pub async fn session<D: Db>(db: &D, now: Millis, token_sha: &[u8]) -> Result<Option<Session>, StoreError> {
    let rows = db
        .run(
            "SELECT p.id, p.name, p.role, s.csrf, p.language FROM session AS s JOIN person AS p ON p.id = s.person
             WHERE s.token_sha = ?1 AND s.expires_at > ?2 AND p.active",
            &[token_sha.to_vec().into(), now.into()],
        )
        .await?;
    rows.iter()
        .next()
        .map(|row| {
            Ok(Session {
                person: row.string(0)?,
                name: row.string(1)?,
                role: role(row, 2)?,
                csrf: row.string(3)?,
                language: row.string(4)?,
            })
        })
        .transpose()
}

/// Ends a session.
///
/// # Errors
/// The database's.
pub async fn end_session<D: Db>(db: &D, token_sha: &[u8]) -> Result<(), StoreError> {
    db.run("DELETE FROM session WHERE token_sha = ?1", &[token_sha.to_vec().into()]).await?;
    Ok(())
}

/// Tokens.
///
/// # Errors
/// The database's.
pub async fn tokens<D: Db>(db: &D, part: Part<'_>) -> Result<Vec<Token>, StoreError> {
    let rows = db
        .run(
            "SELECT id, name, role, created_at, last_used_at, revoked_at FROM token
             WHERE coalesce(?1, id) = id AND id > coalesce(?2, '') ORDER BY id LIMIT ?3",
            &[part.one.into(), part.after.into(), part.limit.into()],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Token {
                id: row.string(0)?,
                name: row.string(1)?,
                role: role(row, 2)?,
                token: None,
                created_at: instant(Millis(row.int(3)?)),
                last_used_at: row.maybe_int(4)?.map(|at| instant(Millis(at))),
                revoked_at: row.maybe_int(5)?.map(|at| instant(Millis(at))),
            })
        })
        .collect()
}

/// Keeps a token's hash.
///
/// # Errors
/// The database's.
pub async fn add_token<D: Db>(
    db: &D,
    moment: Moment<'_>,
    actor: &str,
    new: &NewToken,
    token_sha: &[u8],
) -> Result<String, StoreError> {
    let id = moment.id();
    db.run(
        "INSERT INTO token (id, name, token_sha, role, created_at) VALUES (?1, ?2, ?3, ?4, ?5)",
        &[(&id).into(), (&new.name).into(), token_sha.to_vec().into(), new.role.name().into(), moment.now.into()],
    )
    .await?;
    note(db, moment, actor, "token", &id, "added").await?;
    Ok(id)
}

/// Takes a token back; `false` when there is none of that id.
///
/// # Errors
/// The database's.
pub async fn revoke_token<D: Db>(db: &D, moment: Moment<'_>, actor: &str, id: &str) -> Result<bool, StoreError> {
    let rows = db
        .run(
            "UPDATE token SET revoked_at = coalesce(revoked_at, ?2) WHERE id = ?1 RETURNING 1",
            &[id.into(), moment.now.into()],
        )
        .await?;
    if rows.is_empty() {
        return Ok(false);
    }
    note(db, moment, actor, "token", id, "revoked").await?;
    Ok(true)
}

/// How exactly the last use of a token is kept, in milliseconds: writing it down every time would cost a write per call.
const USED_EXACTLY_MS: i64 = 300_000;

/// The id and role of a token that stands, and notes that it was used.
///
/// # Errors
/// The database's.
pub async fn token<D: Db>(db: &D, now: Millis, token_sha: &[u8]) -> Result<Option<(String, Role)>, StoreError> {
    let rows = db
        .run(
            "SELECT id, role, coalesce(last_used_at, 0) FROM token WHERE token_sha = ?1 AND revoked_at IS NULL",
            &[token_sha.to_vec().into()],
        )
        .await?;
    let Some(row) = rows.iter().next() else { return Ok(None) };
    let found = (row.string(0)?, role(row, 1)?);
    if now.0 - row.int(2)? > USED_EXACTLY_MS {
        db.run("UPDATE token SET last_used_at = ?2 WHERE id = ?1", &[(&found.0).into(), now.into()]).await?;
    }
    Ok(Some(found))
}

/// What became of an idempotency key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Repeat {
    /// It is new and ours now.
    New,
    /// It was answered: status and sealed answer.
    Answered(u16, Vec<u8>),
    /// The same request is under way.
    UnderWay,
    /// It was used for another request.
    Other,
}

/// How long a request may be under way before its key is free again, in milliseconds: it must have died.
const UNDER_WAY_MS: i64 = 60_000;

/// Claims an idempotency key for a request.
///
/// # Errors
/// The database's.
pub async fn claim_key<D: Db>(
    db: &D,
    now: Millis,
    principal: &str,
    key: &str,
    request_sha: &[u8],
) -> Result<Repeat, StoreError> {
    let mine = db
        .run(
            "INSERT INTO idempotency (principal, key, request_sha, at) VALUES (?1, ?2, ?3, ?4)
             ON CONFLICT (principal, key) DO UPDATE SET at = excluded.at
                 WHERE status IS NULL AND at < ?5 AND request_sha = excluded.request_sha
             RETURNING 1",
            &[principal.into(), key.into(), request_sha.to_vec().into(), now.into(), Value::Int(now.0 - UNDER_WAY_MS)],
        )
        .await?;
    if !mine.is_empty() {
        return Ok(Repeat::New);
    }
    let rows = db
        .run(
            "SELECT request_sha, status, body FROM idempotency WHERE principal = ?1 AND key = ?2",
            &[principal.into(), key.into()],
        )
        .await?;
    let row = rows.first()?;
    if row.blob(0)? != request_sha {
        return Ok(Repeat::Other);
    }
    match (row.maybe_int(1)?, row.maybe_blob(2)?) {
        (Some(status), Some(body)) => Ok(Repeat::Answered(u16::try_from(status).unwrap_or(500), body.to_vec())),
        _ => Ok(Repeat::UnderWay),
    }
}

/// Keeps what a claimed key was answered; without an answer the key is free again.
///
/// # Errors
/// The database's.
pub async fn answer_key<D: Db>(
    db: &D,
    principal: &str,
    key: &str,
    answer: Option<(u16, Vec<u8>)>,
) -> Result<(), StoreError> {
    match answer {
        Some((status, body)) => {
            db.run(
                "UPDATE idempotency SET status = ?3, body = ?4 WHERE principal = ?1 AND key = ?2",
                &[principal.into(), key.into(), Value::Int(i64::from(status)), body.into()],
            )
            .await?;
        }
        None => {
            db.run("DELETE FROM idempotency WHERE principal = ?1 AND key = ?2", &[principal.into(), key.into()])
                .await?;
        }
    }
    Ok(())
}
