use super::{News, tell};
use crate::waybills::NEVER;
use crate::{Db, Moment, StoreError};

/// What stands in the rows and is news by standing there: shops' alarms, paper of which nobody knows, numbers that only a
/// person can find out about, parcels that left or are with the courier. Each once, whoever made it so: no writer of those
/// rows has to think of it.
const STANDING: &str = "
    SELECT 'shop.' || kind || '/' || shop || '/' || since, 'shop.' || kind, 'shop', shop, shop,
        json_object('detail', detail)
    FROM shop_alarm
    UNION ALL
    SELECT 'print.' || state || '/' || id || '/' || attempt, 'print.' || state, 'job', id, '',
        json_object('printer', printer, 'detail', detail)
    FROM print_job WHERE state IN ('unconfirmed', 'failed')
    UNION ALL
    SELECT 'waybill.unknown/' || w.id || '/' || w.calls, 'waybill.unknown', 'waybill', w.id, p.shop,
        json_object('account', w.account, 'package', w.package, 'reason', w.reason)
    FROM waybill AS w JOIN package AS p ON p.id = w.package
    WHERE w.state = 'calling' AND w.lease_until = ?2
    UNION ALL
    SELECT s.topic || '/' || p.id, s.topic, 'package', p.id, p.shop,
        json_object('number', coalesce(w.number, ''), 'carrier', coalesce(nullif(w.carried_by, ''), w.carrier, ''))
    FROM (SELECT 'parcel.shipped' AS topic, id AS package FROM package
              WHERE status IN ('handed_over', 'in_transit') AND created_at > ?1
          UNION ALL SELECT 'parcel.out_for_delivery', y.package FROM way AS y WHERE y.stage = 'deliver') AS s
    JOIN package AS p ON p.id = s.package AND p.created_at > ?1
    LEFT JOIN waybill AS w ON w.id = p.waybill";
/// How long ago a package was made at most to be news, in seconds.
const RECENT_S: i64 = 14 * 86_400;

/// Tells what stands in the rows and was not told yet. Answers whether there was any.
///
/// # Errors
/// The database's.
pub async fn look<D: Db>(db: &D, moment: Moment<'_>) -> Result<bool, StoreError> {
    // The names of a compound select's columns are those of its first part, so it stands as a table of its own.
    let statement = format!(
        "WITH s (key, topic, entity, id, shop, facts) AS ({STANDING})
         SELECT * FROM s WHERE NOT EXISTS (SELECT 1 FROM news AS n WHERE n.key = s.key) LIMIT 1000"
    );
    let rows = db.run(&statement, &[moment.now.plus_seconds(-RECENT_S).into(), NEVER.into()]).await?;
    let mut news = Vec::with_capacity(rows.len());
    for row in &rows {
        news.push(News {
            key: row.text(0)?,
            topic: row.text(1)?,
            entity: row.text(2)?,
            id: row.text(3)?,
            shop: row.text(4)?,
            facts: row.json(5)?,
        });
    }
    tell(db, moment, &news).await?;
    Ok(!news.is_empty())
}
