use crate::json::batch;
use crate::{Db, Moment, StoreError};

/// Something that happened and that somebody may want to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct News<'a> {
    /// Told once per key, whoever tells it how often: `parcel.stalled/<package>/<since>`.
    pub key: &'a str,
    /// What happened: `<field>.<event>`, such as `parcel.stalled`.
    pub topic: &'a str,
    /// What it is about: `package`, `order`, `shop`, `job` …
    pub entity: &'a str,
    /// Which one.
    pub id: &'a str,
    /// The shop it belongs to; empty where it belongs to none.
    pub shop: &'a str,
    /// An object of plain values for texts and webhooks; never personal data.
    pub facts: serde_json::Value,
}

/// Writes news down; flow-notify decides who is told. One statement and nothing else, so that it can stand in the
/// transaction that makes the news true. What was told under the same key is left as it is.
///
/// # Errors
/// The database's.
pub async fn tell<D: Db>(db: &D, moment: Moment<'_>, news: &[News<'_>]) -> Result<(), StoreError> {
    if news.is_empty() {
        return Ok(());
    }
    let rows: Vec<_> =
        news.iter().map(|one| (one.key, one.topic, one.entity, one.id, one.shop, one.facts.to_string())).collect();
    db.run(
        "INSERT INTO news (key, topic, entity, entity_id, shop, facts, at)
         SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5, ?2
         FROM json_each(?1) WHERE true
         ON CONFLICT (key) DO NOTHING",
        &[batch(&rows)?, moment.now.into()],
    )
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Chance, native::Native, schema};
    use futures::executor::block_on;
    use huidan_domain::Millis;
    use serde_json::json;

    struct Still;
    impl Chance for Still {
        fn fill(&self, bytes: &mut [u8]) {
            bytes.fill(1);
        }
    }

    #[test]
    fn the_same_news_stands_once_as_it_was_told_first() {
        block_on(async {
            let db = Native::in_memory().unwrap();
            schema::migrate(&db, schema::Which::Main).await.unwrap();
            let one = |key: &'static str, hours: i64| News {
                key,
                topic: "parcel.stalled",
                entity: "package",
                id: "p1",
                shop: "s1",
                facts: json!({ "hours": hours }),
            };
            tell(&db, Moment::new(Millis(10), &Still), &[one("a", 48), one("b", 48), one("a", 49)]).await.unwrap();
            tell(&db, Moment::new(Millis(20), &Still), &[one("a", 50)]).await.unwrap();
            tell(&db, Moment::new(Millis(20), &Still), &[]).await.unwrap();
            let rows = db.run("SELECT key, facts ->> 'hours', at FROM news ORDER BY key", &[]).await.unwrap();
            let rows: Vec<_> =
                rows.iter().map(|row| (row.string(0).unwrap(), row.int(1).unwrap(), row.int(2).unwrap())).collect();
            assert_eq!(rows, [("a".to_owned(), 48, 10), ("b".to_owned(), 48, 10)]);
        });
    }
}
