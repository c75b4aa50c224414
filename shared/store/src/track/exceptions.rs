//! What a person should look at: opened once, closed by news or by a person, and told when it is opened.

use crate::json::batch;
use crate::notices::{self, News};
use crate::{Db, Entry, Moment, StoreError};
use huidan_flow::parcel::Kind;
use std::collections::BTreeSet;

/// A reason to look at a parcel.
#[derive(Debug, Clone)]
pub(super) struct Opening {
    pub(super) package: String,
    pub(super) shop: String,
    pub(super) kind: Kind,
    pub(super) carrier: String,
    /// The incident that it is a part of: told once for all of it.
    pub(super) incident: Option<String>,
    pub(super) facts: serde_json::Value,
}

impl Opening {
    /// The facts for texts and webhooks.
    fn told(&self) -> serde_json::Value {
        let mut facts = self.facts.clone();
        if let Some(facts) = facts.as_object_mut() {
            facts.insert("carrier".to_owned(), self.carrier.as_str().into());
            facts.insert("kind".to_owned(), self.kind.name().into());
        }
        facts
    }
}

/// Opens exceptions that are not open yet, shows them at their packages and tells those that stand alone. Answers what
/// belongs into the log.
pub(super) async fn open<D: Db>(db: &D, moment: Moment<'_>, openings: &[Opening]) -> Result<Vec<Entry>, StoreError> {
    if openings.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<serde_json::Value> = openings
        .iter()
        .map(|one| serde_json::json!([moment.id(), one.package, one.kind.name(), one.incident, one.facts.to_string()]))
        .collect();
    let opened = db
        .run(
            "INSERT INTO exception (id, package, kind, state, incident, facts, opened_at)
             SELECT value ->> 0, value ->> 1, value ->> 2, 'open', value ->> 3, value ->> 4, ?2
             FROM json_each(?1) WHERE true
             ON CONFLICT (package, kind) WHERE state = 'open' DO NOTHING
             RETURNING id, package, kind",
            &[batch(&rows)?, moment.now.into()],
        )
        .await?;
    let (mut log, mut told, mut shown) = (Vec::new(), Vec::new(), Vec::new());
    for row in &opened {
        let (id, package, kind) = (row.string(0)?, row.string(1)?, row.string(2)?);
        log.push(Entry::new("flow-track", "package", &package, format!("exception_{kind}")));
        let one = openings.iter().find(|one| one.package == package && one.kind.name() == kind);
        if let Some(one) = one.filter(|one| one.incident.is_none()) {
            told.push((format!("exception/{id}"), format!("parcel.{kind}"), one));
        }
        shown.push((package, kind));
    }
    show(db, &shown).await?;
    let news: Vec<News<'_>> = told
        .iter()
        .map(|(key, topic, one)| News {
            key,
            topic,
            entity: "package",
            id: &one.package,
            shop: &one.shop,
            facts: one.told(),
        })
        .collect();
    notices::tell(db, moment, &news).await?;
    Ok(log)
}

/// A package shows the newest reason to look at it.
async fn show<D: Db>(db: &D, opened: &[(String, String)]) -> Result<(), StoreError> {
    db.run(
        "UPDATE package SET alarm = n.value ->> 1 FROM json_each(?1) AS n WHERE package.id = n.value ->> 0",
        &[batch(opened)?],
    )
    .await?;
    Ok(())
}

/// Packages show what is still open, or nothing.
pub(super) async fn shown_again<D: Db>(db: &D, packages: &[String]) -> Result<(), StoreError> {
    db.run(
        "UPDATE package SET alarm = coalesce((SELECT e.kind FROM exception AS e WHERE e.package = package.id
             AND e.state = 'open' ORDER BY e.opened_at DESC, e.id DESC LIMIT 1), '')
         WHERE id IN (SELECT value FROM json_each(?1))",
        &[batch(packages)?],
    )
    .await?;
    Ok(())
}

/// Closes what news has made pointless; incidents of which nothing is left are over as well. What packages show is left
/// to the caller.
pub(super) async fn close_by_news<D: Db>(
    db: &D,
    moment: Moment<'_>,
    over: &BTreeSet<(String, Kind)>,
) -> Result<Vec<Entry>, StoreError> {
    if over.is_empty() {
        return Ok(Vec::new());
    }
    let rows: Vec<(&String, &str)> = over.iter().map(|(package, kind)| (package, kind.name())).collect();
    let closed = db
        .run(
            "UPDATE exception SET state = 'closed', closed_at = ?2, closed_by = 'news' FROM json_each(?1) AS n
             WHERE exception.package = n.value ->> 0 AND exception.kind = n.value ->> 1 AND exception.state = 'open'
             RETURNING exception.package, exception.kind, exception.incident",
            &[batch(&rows)?, moment.now.into()],
        )
        .await?;
    let (mut log, mut incidents) = (Vec::new(), BTreeSet::new());
    for row in &closed {
        log.push(Entry::new("flow-track", "package", row.text(0)?, format!("exception_{}_over", row.text(1)?)));
        incidents.extend(row.maybe_text(2)?.map(str::to_owned));
    }
    super::incidents::over(db, moment, &incidents).await?;
    Ok(log)
}
