//! Looking again whether channels show what they were told: an hour after, half a day after, two days after.

use crate::json::batch;
use crate::{Db, Entry, Moment, Row, StoreError, append};
use huidan_domain::Millis;

/// When it is looked again after the first look and after the second, in milliseconds.
const AGAIN_MS: [i64; 2] = [11 * 3_600_000, 36 * 3_600_000];
/// When a look that came to nothing is repeated, in milliseconds.
const FAILED_MS: i64 = 600_000;

/// A shipment whose channel is to be asked whether it shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToLook {
    /// Its row.
    pub id: String,
    /// Our id of the order.
    pub order: String,
    /// Our id of the package.
    pub package: String,
    /// The channel's id of the order.
    pub ext_id: String,
    /// The number that was told.
    pub number: String,
    /// Every number that the channel was told of the order and was not changed since.
    pub ours: Vec<String>,
}

/// What looking came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Looked {
    /// It shows the shipment, or the order ended since.
    Shown,
    /// It does not.
    NotShown,
    /// It shows these numbers and not ours.
    Others(Vec<String>),
    /// Nothing was learnt.
    Nothing,
}

/// Whether a shop has something to look at.
///
/// # Errors
/// The database's.
pub async fn any_look<D: Db>(db: &D, now: Millis, lane: &str) -> Result<bool, StoreError> {
    let rows = db
        .run(
            "SELECT 1 FROM outbox WHERE lane = ?1 AND look_at IS NOT NULL AND look_at <= ?2 AND state = 'confirmed'
             LIMIT 1",
            &[lane.into(), now.into()],
        )
        .await?;
    Ok(!rows.is_empty())
}

/// The next shipments of a shop to look at; they are put off, so that who fails on them does not come back at once.
///
/// # Errors
/// The database's.
pub async fn to_look<D: Db>(db: &D, now: Millis, lane: &str, limit: u32) -> Result<Vec<ToLook>, StoreError> {
    let rows = db
        .run(
            "UPDATE outbox SET look_at = ?2 + ?4 WHERE id IN (SELECT id FROM outbox
                 WHERE lane = ?1 AND look_at IS NOT NULL AND look_at <= ?2 AND state = 'confirmed'
                 ORDER BY look_at LIMIT ?3)
             RETURNING id, body ->> 'order', body ->> 'package', number,
                 (SELECT o.ext_id FROM orders AS o WHERE o.id = body ->> 'order'),
                 (SELECT json_group_array(t.number) FROM told AS t
                  WHERE t.order_id = body ->> 'order' AND t.changed_to IS NULL)",
            &[lane.into(), now.into(), limit.into(), FAILED_MS.into()],
        )
        .await?;
    let read = |row: &Row| {
        Ok(ToLook {
            id: row.string(0)?,
            order: row.string(1)?,
            package: row.string(2)?,
            number: row.string(3)?,
            ext_id: row.maybe_text(4)?.unwrap_or_default().to_owned(),
            ours: row.json(5)?,
        })
    };
    rows.iter().map(read).collect()
}

const NOT_SHOWN: &str =
    "平台不再显示这次发货，已重新告知 / the channel does not show the shipment any more: it is told again";
const NOT_KEPT: &str =
    "平台两次没有保留这次发货，请到平台后台核对 / the channel did not keep the shipment twice: compare on its page";
const OTHERS: &str = "平台显示的是另一个单号 / the channel shows another number";

/// Writes down what was seen, inside the caller's transaction: what is not shown is told again, once; what is lost a
/// second time and what shows another number waits for a person.
///
/// # Errors
/// The database's.
pub async fn looked<D: Db>(db: &D, moment: Moment<'_>, seen: &[(&ToLook, Looked)]) -> Result<(), StoreError> {
    let (mut shown, mut lost, mut others, mut log) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for (row, looked) in seen {
        let mut note = |code: &str| {
            let entry = Entry::new("flow-deliver", "order", &row.order, "write_back").from_to("confirmed", code);
            log.push(entry.with(serde_json::json!({ "package": row.package, "number": row.number })));
        };
        match looked {
            Looked::Shown => shown.push(row.id.as_str()),
            Looked::NotShown => {
                note("not_shown");
                lost.push(row.id.as_str());
            }
            Looked::Others(numbers) => {
                note("conflict");
                others.push((row.id.as_str(), numbers));
            }
            Looked::Nothing => {}
        }
    }
    db.run(
        "UPDATE outbox SET looks = looks + 1, missing_at = NULL, read_back_at = ?2,
             look_at = CASE looks WHEN 0 THEN ?2 + ?3 WHEN 1 THEN ?2 + ?4 END
         WHERE id IN (SELECT value FROM json_each(?1)) AND state = 'confirmed'",
        &[batch(&shown)?, moment.now.into(), AGAIN_MS[0].into(), AGAIN_MS[1].into()],
    )
    .await?;
    if !lost.is_empty() {
        db.run(
            "UPDATE outbox SET state = iif(missing_at IS NULL, 'pending', 'rejected'), version = version + 1, tries = 0,
                 code = 'not_shown', reason = iif(missing_at IS NULL, ?3, ?4), missing_at = coalesce(missing_at, ?2),
                 next_at = ?2, created_at = ?2, look_at = NULL
             WHERE id IN (SELECT value FROM json_each(?1)) AND state = 'confirmed'",
            &[batch(&lost)?, moment.now.into(), NOT_SHOWN.into(), NOT_KEPT.into()],
        )
        .await?;
    }
    if !others.is_empty() {
        db.run(
            "UPDATE outbox SET state = 'conflict', code = 'already_shipped_elsewhere', reason = ?3, look_at = NULL,
                 theirs = json(n.value -> 1), missing_at = coalesce(missing_at, ?2)
             FROM json_each(?1) AS n WHERE outbox.id = n.value ->> 0 AND outbox.state = 'confirmed'",
            &[batch(&others)?, moment.now.into(), OTHERS.into()],
        )
        .await?;
    }
    append(db, moment.now, &log).await
}
