//! Changing what a booked parcel says under the number that it has: its paper is stale at once, the carrier is told all
//! of it anew, and the paper is made once more from what the carrier answers.

use super::{Drawn, WORK_UPDATE};
use crate::json::{batch, text};
use crate::{Db, Entry, Moment, StoreError, append, plan};
use huidan_domain::Millis;
use std::collections::BTreeSet;

/// What a carrier said to a change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Changed {
    /// It has it.
    Done {
        /// The sorting code now.
        routing: String,
        /// A platform's document, sealed.
        print_data: Option<Vec<u8>>,
        /// The carrier's own document.
        document: Option<Drawn>,
    },
    /// Not under this number: it goes back, and the parcel gets another. Why.
    NewNumber(String),
    /// Asked again then: all of it is written over, so twice does no harm.
    Again {
        /// Why, for a person.
        reason: String,
        /// When.
        again_at: Millis,
    },
    /// Only a person can tell; why.
    AskPerson(String),
}

/// Takes up packages of an account whose number is to say something else, inside the caller's transaction. Answers the
/// waybills to call for.
///
/// # Errors
/// The database's.
pub async fn begin_updates<D: Db>(
    db: &D,
    moment: Moment<'_>,
    account: &str,
    lease_until: Millis,
    limit: u32,
) -> Result<Vec<String>, StoreError> {
    let rows = db
        .run(
            "SELECT p.id, (SELECT w.id FROM waybill AS w WHERE w.package = p.id AND w.account = p.account
                               AND w.state IN ('issued', 'printed', 'verified'))
             FROM package AS p WHERE p.work <> '' AND p.work = 'update' AND p.account = ?1 AND p.work_at <= ?2
             ORDER BY p.work_at, p.id LIMIT ?3",
            &[account.into(), moment.now.into(), limit.into()],
        )
        .await?;
    let (mut packages, mut waybills, mut gone) = (Vec::new(), Vec::new(), Vec::new());
    for row in &rows {
        match row.maybe_text(1)? {
            Some(waybill) => {
                packages.push(row.text(0)?);
                waybills.push(waybill.to_owned());
            }
            None => gone.push(row.text(0)?),
        }
    }
    if !packages.is_empty() {
        db.run(
            "UPDATE package SET work_at = ?2, work_tries = work_tries + 1
             WHERE id IN (SELECT value FROM json_each(?1))",
            &[batch(&packages)?, lease_until.into()],
        )
        .await?;
    }
    if !gone.is_empty() {
        let why = "包裹已交给承运商，信息未能更改 / the parcel is under way: what it says could not be changed";
        db.run(
            "UPDATE package SET work = '', waits_for = ?2 WHERE id IN (SELECT value FROM json_each(?1))",
            &[batch(&gone)?, why.into()],
        )
        .await?;
    }
    Ok(waybills)
}

/// Stores what a carrier said to changes, inside the caller's transaction; each with the waybill and the fence it was
/// asked under. What changed once more meanwhile is asked anew. Answers the lanes of flow-book that have work now, and
/// whether orders are to be planned anew.
///
/// # Errors
/// The database's.
pub async fn settle_updates<D: Db>(
    db: &D,
    moment: Moment<'_>,
    said: &[(String, i64, Changed)],
) -> Result<(BTreeSet<String>, bool), StoreError> {
    let mut lanes = BTreeSet::new();
    let mut anew = Vec::new();
    let mut log = Vec::new();
    for (waybill, fence, changed) in said {
        let rows = db
            .run(
                "SELECT p.id, p.work, p.fence FROM waybill AS w JOIN package AS p ON p.id = w.package WHERE w.id = ?1",
                &[waybill.into()],
            )
            .await?;
        let Some(row) = rows.iter().next() else { continue };
        // Somebody decided otherwise meanwhile, or it changed once more and is due already.
        if row.text(1)? != WORK_UPDATE || row.int(2)? != *fence {
            continue;
        }
        let package = row.string(0)?;
        match changed {
            Changed::Done { .. } => {
                done(db, moment, waybill, &package, changed).await?;
                let entry =
                    Entry::new("flow-book", "package", &package, "number_updated").from_to("planned", "numbered");
                log.push(entry.with(serde_json::json!({ "waybill": waybill })));
            }
            Changed::NewNumber(why) => {
                let entry = Entry::new("flow-book", "package", &package, "update_refused").from_to("", "cancelled");
                log.push(entry.with(serde_json::json!({ "waybill": waybill, "why": why })));
                anew.push(package);
            }
            Changed::Again { reason, again_at } => wait(db, &package, WORK_UPDATE, *again_at, reason).await?,
            Changed::AskPerson(reason) => wait(db, &package, "", moment.now, reason).await?,
        }
    }
    if !anew.is_empty() {
        let packages: Vec<&str> = anew.iter().map(String::as_str).collect();
        let orders = db
            .run(
                "SELECT DISTINCT order_id FROM package_order WHERE package IN (SELECT value FROM json_each(?1))",
                &[batch(&packages)?],
            )
            .await?;
        lanes = plan::cancel_packages(db, moment, packages.into_iter()).await?;
        let orders: Vec<&str> = orders.iter().map(|row| row.text(0)).collect::<Result<_, _>>()?;
        plan::want(db, moment.now, &orders).await?;
        plan::refresh_status(db, moment.now, batch(&orders)?).await?;
    }
    append(db, moment.now, &log).await?;
    Ok((lanes, !anew.is_empty()))
}

async fn done<D: Db>(
    db: &D,
    moment: Moment<'_>,
    waybill: &str,
    package: &str,
    changed: &Changed,
) -> Result<(), StoreError> {
    let Changed::Done { routing, print_data, document } = changed else { return Ok(()) };
    let document = document.as_ref().map(text).transpose()?;
    db.run(
        "UPDATE waybill SET routing = ?2, print_data = ?3, document = ?4, reason = '' WHERE id = ?1",
        &[waybill.into(), routing.into(), print_data.clone().into(), document.into()],
    )
    .await?;
    db.run(
        "UPDATE package SET status = 'numbered', waybill = ?2, work = 'render', work_at = ?3, work_tries = 0,
             waits_for = '', updated_at = ?3 WHERE id = ?1",
        &[package.into(), waybill.into(), moment.now.into()],
    )
    .await?;
    // Whatever was printed or may be in a printer says something else: this is a further copy, and bears its mark.
    db.run(
        "INSERT INTO print_wish (package, copy_no, reason, actor, batch, seq, of)
         SELECT ?2, max(copy_no) + 1, ?3, 'flow-book', ?4, 1, 1 FROM print_job WHERE subject = ?1 HAVING count(*) > 0
         ON CONFLICT (package) DO UPDATE SET copy_no = excluded.copy_no, reason = excluded.reason",
        &[waybill.into(), package.into(), "收件人或货品已更改 / receiver or goods changed".into(), moment.id().into()],
    )
    .await?;
    Ok(())
}

async fn wait<D: Db>(db: &D, package: &str, work: &str, at: Millis, reason: &str) -> Result<(), StoreError> {
    db.run(
        "UPDATE package SET work = ?2, work_at = ?3, waits_for = ?4 WHERE id = ?1",
        &[package.into(), work.into(), at.into(), reason.into()],
    )
    .await?;
    Ok(())
}
