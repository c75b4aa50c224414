//! What is counted: the hub's orders beside the platforms'.

use crate::house::House;
use huidan_platforms::{Order, Refund, Stage};
use huidan_store::schema::Which;
use huidan_store::{Db, Row};
use std::collections::{BTreeMap, HashMap};

/// How a day ended.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// Orders that the platforms have.
    pub orders: usize,
    /// Of these the hub has none.
    pub missing: Vec<String>,
    /// Of these it has more than one.
    pub doubled: Vec<String>,
    /// Of these it has an older reading, or reads it otherwise than the platform means it.
    pub wrong: Vec<String>,
    /// Orders of the hub that no platform has.
    pub invented: usize,
    /// Documents in quarantine, by channel and reason.
    pub quarantined: BTreeMap<String, i64>,
    /// What the gauge reads at the end.
    pub gauge: i64,
    /// What the hub said of its shops when it was looked at, as `GET /api/v1/shops` says it.
    pub seen: Vec<serde_json::Value>,
    /// By channel: how long after it was placed each order was here, in milliseconds, sorted.
    pub took: BTreeMap<String, Vec<i64>>,
    /// By cause: how long after the change at the platform the order was here, in milliseconds, each.
    pub healed: BTreeMap<String, Vec<i64>>,
    /// Digest of the plan and of what became of it: the same seed gives the same.
    pub digest: String,
}

/// One order of the hub.
struct Here {
    version_at: i64,
    pay: String,
    state: String,
    refund: String,
}

/// Compares.
pub(crate) async fn compare(house: &House) -> Outcome {
    let db = house.world.connection(Which::Main);
    let mut here: HashMap<(String, String), Vec<Here>> = HashMap::new();
    let rows = db
        .run("SELECT channel, ext_id, version_at, pay_state, channel_state, refund_state FROM orders", &[])
        .await
        .unwrap();
    for row in &rows {
        let ext_id = row.string(1).unwrap();
        let ext_id = if house.splits() { base(&ext_id) } else { ext_id };
        let one = Here {
            version_at: row.int(2).unwrap(),
            pay: row.string(3).unwrap(),
            state: row.string(4).unwrap(),
            refund: row.string(5).unwrap(),
        };
        here.entry((row.string(0).unwrap(), ext_id)).or_default().push(one);
    }
    let mut outcome = Outcome::default();
    for seen in house.platforms.borrow().running().ledger().orders {
        outcome.orders += 1;
        let name = format!("{} {}", seen.order.platform.name(), seen.text_id);
        match here.remove(&(seen.order.platform.name().to_owned(), seen.text_id)).as_deref() {
            None => outcome.missing.push(name),
            Some([one]) => {
                if let Some(difference) = difference(&seen.order, one) {
                    outcome.wrong.push(format!("{name}: {difference}"));
                }
            }
            Some(_) => outcome.doubled.push(name),
        }
    }
    outcome.invented = here.len();
    let count =
        async |statement: &str| db.run(statement, &[]).await.unwrap().first().and_then(|row: &Row| row.int(0)).unwrap();
    const KEPT: &str = "SELECT source || ': ' || reason, count(*) FROM quarantine WHERE state = 'waiting' GROUP BY 1";
    for row in &db.run(KEPT, &[]).await.unwrap() {
        outcome.quarantined.insert(row.string(0).unwrap(), row.int(1).unwrap());
    }
    outcome.gauge = count("SELECT count(*) FROM missing WHERE healed_at IS NULL").await;
    outcome.seen.clone_from(&house.seen);
    for row in &db.run("SELECT channel, created_at - placed_at FROM orders ORDER BY 1, 2", &[]).await.unwrap() {
        outcome.took.entry(row.string(0).unwrap()).or_default().push(row.int(1).unwrap());
    }
    let rows = db
        .run(
            // A list that names no times leaves open when the change was.
            "SELECT cause, healed_at - version_at FROM missing WHERE healed_at IS NOT NULL AND version_at > 0
             ORDER BY 1, 2",
            &[],
        )
        .await
        .unwrap();
    for row in &rows {
        outcome.healed.entry(row.string(0).unwrap()).or_default().push(row.int(1).unwrap());
    }
    outcome.digest = digest(&outcome);
    outcome
}

fn base(ext_id: &str) -> String {
    ext_id.split('#').next().unwrap_or_default().to_owned()
}

/// What the platform means, in the hub's words; what is not a matter of the day (shipping) is left out.
fn difference(order: &Order, here: &Here) -> Option<String> {
    // Some platforms write whole seconds.
    if here.version_at.div_euclid(1000) != order.modified_ms.div_euclid(1000) {
        return Some(format!("of {} instead of {}", here.version_at, order.modified_ms));
    }
    let refunded = order.lines.iter().all(|line| line.refund == Refund::Done);
    let cancelled = order.stage == Stage::Cancelled;
    if cancelled != (here.state == "cancelled") && !refunded {
        return Some(format!("{} instead of {:?}", here.state, order.stage));
    }
    let unpaid = order.stage == Stage::Unpaid;
    // What was refunded as a whole is closed at some platforms, which then say no more of the payment.
    if !cancelled && !refunded && unpaid != (here.pay == "unpaid") {
        return Some(format!("{} instead of {:?}", here.pay, order.stage));
    }
    // What is given up after it was paid is paid back, and some platforms say so with every line; others close what was
    // refunded as a whole, and say no more.
    let back = here.refund == "refunded" || (refunded && here.state == "cancelled");
    (!cancelled && refunded != back).then(|| format!("refund {} instead of {refunded}", here.refund))
}

fn digest(outcome: &Outcome) -> String {
    use sha2::{Digest, Sha256};
    let text = format!(
        "{} {:?} {:?} {:?} {:?}",
        outcome.orders, outcome.missing, outcome.doubled, outcome.wrong, outcome.healed
    );
    hex::encode(Sha256::digest(text)).chars().take(16).collect()
}
