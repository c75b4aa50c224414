//! The seller's own rules.

use super::{Part, note};
use crate::json::text;
use crate::{Db, Moment, StoreError, Value};
use huidan_wire::api::{Rule, RulePatch};

/// Rules.
///
/// # Errors
/// The database's.
pub async fn list<D: Db>(db: &D, part: Part<'_>) -> Result<Vec<Rule>, StoreError> {
    let rows = db
        .run(
            "SELECT id, step, position, name, condition, action, value, active FROM rule
             WHERE coalesce(?1, id) = id AND id > coalesce(?2, '') ORDER BY id LIMIT ?3",
            &[part.one.into(), part.after.into(), part.limit.into()],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Rule {
                id: row.string(0)?,
                step: row.string(1)?,
                position: row.count(2)?,
                name: row.string(3)?,
                when: row.json(4)?,
                action: row.string(5)?,
                value: row.string(6)?,
                active: row.flag(7)?,
            })
        })
        .collect()
}

/// Writes a rule down; `false` when there is one of that id.
///
/// # Errors
/// The database's.
pub async fn add<D: Db>(db: &D, moment: Moment<'_>, actor: &str, rule: &Rule) -> Result<bool, StoreError> {
    let rows = db
        .run(
            "INSERT INTO rule (id, step, position, name, condition, action, value, active)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) ON CONFLICT (id) DO NOTHING RETURNING 1",
            &[
                (&rule.id).into(),
                (&rule.step).into(),
                rule.position.into(),
                (&rule.name).into(),
                text(&rule.when)?.into(),
                (&rule.action).into(),
                (&rule.value).into(),
                rule.active.into(),
            ],
        )
        .await?;
    if rows.is_empty() {
        return Ok(false);
    }
    note(db, moment, actor, "rule", &rule.id, "added").await?;
    Ok(true)
}

/// Changes a rule.
///
/// # Errors
/// The database's.
pub async fn patch<D: Db>(
    db: &D,
    moment: Moment<'_>,
    actor: &str,
    id: &str,
    patch: &RulePatch,
) -> Result<(), StoreError> {
    db.run(
        "UPDATE rule SET position = coalesce(?2, position), name = coalesce(?3, name),
             condition = coalesce(?4, condition), action = coalesce(?5, action), value = coalesce(?6, value),
             active = coalesce(?7, active)
         WHERE id = ?1",
        &[
            id.into(),
            Value::from(patch.position),
            Value::from(patch.name.as_deref()),
            Value::from(patch.when.as_ref().map(text).transpose()?),
            Value::from(patch.action.as_deref()),
            Value::from(patch.value.as_deref()),
            Value::from(patch.active),
        ],
    )
    .await?;
    note(db, moment, actor, "rule", id, "changed").await
}

/// Has every order planned anew that waits, since other rules hold now.
///
/// # Errors
/// The database's.
pub async fn plan_waiting<D: Db>(db: &D, moment: Moment<'_>) -> Result<(), StoreError> {
    db.run(
        "UPDATE orders SET plan = 'due', plan_at = ?1, plan_tries = 0
         WHERE plan = '' AND status IN ('held', 'to_plan')
           AND shop IN (SELECT id FROM shop WHERE mode <> 'observe')",
        &[moment.now.into()],
    )
    .await?;
    Ok(())
}
