//! Orders as people see and steer them.

use crate::json::{batch, text};
use crate::orders::receiver_seal_name;
use crate::{Db, Entry, Keyring, Moment, Row, StoreError, Value, append, plan};
use huidan_domain::{Currency, Millis, Money};
use huidan_wire::api::{Order, OrderLine, OrderReceiver, instant};
use huidan_wire::form::Form;
use huidan_wire::{Receiver, SkuQty};

/// Which orders.
#[derive(Debug, Clone, Default)]
pub struct Wanted<'a> {
    /// Only this one.
    pub id: Option<&'a str>,
    /// Of this status.
    pub status: Option<&'a str>,
    /// Of this shop.
    pub shop: Option<&'a str>,
    /// Of this channel.
    pub channel: Option<&'a str>,
    /// With this id at the channel.
    pub ext_id: Option<&'a str>,
    /// Placed at or after.
    pub from: Option<Millis>,
    /// Placed before.
    pub to: Option<Millis>,
    /// Oldest first; else newest first.
    pub oldest_first: bool,
    /// Beyond this one: when it was placed, and its id.
    pub beyond: Option<(i64, &'a str)>,
    /// At most so many.
    pub limit: u32,
}

const COLUMNS: &str = "
    SELECT o.id, o.shop, o.channel, o.ext_id, o.number, o.status, o.pay_state, o.channel_state, o.review_state,
        o.refund_state, o.placed_at, o.paid_at, o.ship_by, o.total_minor, o.currency, o.receiver, o.buyer_remark,
        o.seller_remark, o.tags,
        (SELECT json_group_array(json_object('handle', h.handle, 'reason', h.reason, 'detail', h.detail))
         FROM hold AS h WHERE h.order_id = o.id),
        (SELECT json_group_array(json_array(l.id, l.ext_line_id, l.ext_sku, l.title, l.qty, l.unit_minor, l.skus,
             l.refund_state))
         FROM (SELECT * FROM order_line WHERE order_id = o.id ORDER BY position) AS l),
        (SELECT json_group_array(po.package) FROM package_order AS po WHERE po.order_id = o.id)
    FROM orders AS o";

/// An order with the instant by which the list is sorted.
pub struct Found {
    /// When it was placed.
    pub placed_at: i64,
    /// The order; its receiver in full.
    pub order: Order,
}

/// Orders, receivers opened.
///
/// # Errors
/// The database's; [`StoreError::Sealed`].
pub async fn list<D: Db>(db: &D, keys: &Keyring, wanted: &Wanted<'_>) -> Result<Vec<Found>, StoreError> {
    let (statement, values) = statement(wanted);
    let rows = db.run(&statement, &values).await?;
    rows.iter().map(|row| found(keys, row)).collect()
}

/// The index that has the orders wanted side by side and sorted, so that a page costs what it shows, however many there
/// are. It is named because SQLite's guess without statistics may be another, which reads a shop's orders of all years.
fn index(wanted: &Wanted<'_>) -> &'static str {
    match (wanted.shop, wanted.channel, wanted.status) {
        _ if wanted.id.is_some() => "",
        _ if wanted.ext_id.is_some() => "INDEXED BY orders_ext_id",
        (Some(_), _, Some(_)) => "INDEXED BY orders_shop_status",
        (Some(_), _, None) => "INDEXED BY orders_shop",
        (None, Some(_), Some(_)) => "INDEXED BY orders_channel_status",
        (None, Some(_), None) => "INDEXED BY orders_channel",
        (None, None, Some(_)) => "INDEXED BY orders_status",
        (None, None, None) => "INDEXED BY orders_placed",
    }
}

/// One statement; only conditions that are asked for stand in it, so that an index serves.
fn statement(wanted: &Wanted<'_>) -> (String, Vec<Value>) {
    let mut only = Conditions::default();
    only.add("o.id = ?", wanted.id.map(Value::from));
    match (wanted.shop, wanted.channel) {
        // A shop is of one channel: with another nothing is looked for at all.
        (Some(shop), Some(channel)) => {
            let both = [shop.into(), channel.into()];
            only.add("o.shop = (SELECT id FROM shop WHERE id = ? AND channel = ?)", both);
        }
        (shop, channel) => {
            only.add("o.shop = ?", shop.map(Value::from));
            only.add("o.channel = ?", channel.map(Value::from));
        }
    }
    only.add("o.status = ?", wanted.status.map(Value::from));
    only.add("o.ext_id = ?", wanted.ext_id.map(Value::from));
    let (mut from, mut to, mut beyond) = (wanted.from, wanted.to, wanted.beyond);
    if let Some((at, _)) = beyond {
        // Two bounds at the end where the page begins: SQLite would search by one and read through what lies between
        // them, so only the nearer one is said.
        let edge = if wanted.oldest_first { &mut from } else { &mut to };
        let is_nearer = edge.is_none_or(|edge| if wanted.oldest_first { edge.0 <= at } else { at < edge.0 });
        if is_nearer { *edge = None } else { beyond = None }
    }
    only.add("o.placed_at >= ?", from.map(Value::from));
    only.add("o.placed_at < ?", to.map(Value::from));
    let (than, order) = if wanted.oldest_first { (">", "ASC") } else { ("<", "DESC") };
    if let Some((at, id)) = beyond {
        only.add(&format!("(o.placed_at, o.id) {than} (?, ?)"), [at.into(), id.into()]);
    }
    let (index, filter) = (index(wanted), only.filter());
    only.values.push(wanted.limit.into());
    (format!("{COLUMNS} {index} {filter} ORDER BY o.placed_at {order}, o.id {order} LIMIT ?"), only.values)
}

#[derive(Default)]
struct Conditions {
    texts: Vec<String>,
    values: Vec<Value>,
}

impl Conditions {
    /// Adds a condition; none without values.
    fn add(&mut self, condition: &str, values: impl IntoIterator<Item = Value>) {
        let before = self.values.len();
        self.values.extend(values);
        if self.values.len() > before {
            self.texts.push(condition.to_owned());
        }
    }

    fn filter(&self) -> String {
        if self.texts.is_empty() { String::new() } else { format!("WHERE {}", self.texts.join(" AND ")) }
    }
}

type LineColumns = (String, String, String, String, u32, i64, Option<String>, String);

fn found(keys: &Keyring, row: &Row) -> Result<Found, StoreError> {
    let id = row.string(0)?;
    let opened = keys.open(&receiver_seal_name(&id), row.blob(15)?)?;
    let receiver: Receiver = serde_json::from_slice(&opened).map_err(|_| StoreError::Sealed)?;
    let currency = Currency::parse(row.text(14)?)?;
    let instant_of = |column| row.maybe_int(column).map(|at| at.map(|at| instant(Millis(at))));
    let lines = row.json::<Vec<LineColumns>>(20)?;
    let order = Order {
        shop: row.string(1)?,
        channel: row.string(2)?,
        ext_id: row.string(3)?,
        number: row.string(4)?,
        status: row.string(5)?,
        pay_state: row.string(6)?,
        channel_state: row.string(7)?,
        review_state: row.string(8)?,
        refund_state: row.string(9)?,
        placed_at: instant(Millis(row.int(10)?)),
        paid_at: instant_of(11)?,
        ship_by: instant_of(12)?,
        total: Money::from_minor(row.int(13)?, currency).to_wire(),
        receiver: to_whom(receiver),
        buyer_remark: row.string(16)?,
        seller_remark: row.string(17)?,
        tags: row.json(18)?,
        holds: row.json(19)?,
        lines: lines.into_iter().map(|columns| line(columns, currency)).collect::<Result<_, _>>()?,
        packages: row.json(21)?,
        id,
    };
    Ok(Found { placed_at: row.int(10)?, order })
}

fn line(columns: LineColumns, currency: Currency) -> Result<OrderLine, StoreError> {
    let (id, ext_line_id, ext_sku, title, qty, unit, skus, refund_state) = columns;
    let skus: Option<Vec<SkuQty>> =
        skus.map(|skus| serde_json::from_str(&skus).map_err(|_| StoreError::Shape { column: 20 })).transpose()?;
    let unit_price = Money::from_minor(unit, currency).to_wire();
    Ok(OrderLine { id, ext_line_id, ext_sku, title, qty, unit_price, skus: skus.unwrap_or_default(), refund_state })
}

fn to_whom(receiver: Receiver) -> OrderReceiver {
    OrderReceiver {
        name: receiver.name,
        phone: receiver.phone,
        country: receiver.country,
        province: receiver.province,
        city: receiver.city,
        district: receiver.district,
        address: receiver.street,
        postcode: receiver.postcode,
        token: receiver.token,
    }
}

/// Whether there is such an order.
///
/// # Errors
/// The database's.
pub async fn exists<D: Db>(db: &D, id: &str) -> Result<bool, StoreError> {
    Ok(!db.run("SELECT 1 FROM orders WHERE id = ?1", &[id.into()]).await?.is_empty())
}

/// A person approves an order: review holds it no more. Inside the caller's transaction; so are the following.
///
/// # Errors
/// The database's.
pub async fn approve<D: Db>(db: &D, moment: Moment<'_>, actor: &str, id: &str) -> Result<(), StoreError> {
    db.run(
        "UPDATE orders SET review_state = 'approved', updated_at = ?2 WHERE id = ?1",
        &[id.into(), moment.now.into()],
    )
    .await?;
    plan::want(db, moment.now, &[id]).await?;
    append(db, moment.now, &[Entry::new(actor, "order", id, "approved")]).await
}

/// A person holds an order.
///
/// # Errors
/// The database's.
pub async fn hold<D: Db>(
    db: &D,
    moment: Moment<'_>,
    actor: &str,
    id: &str,
    reason: &str,
    detail: &str,
) -> Result<(), StoreError> {
    db.run(
        "INSERT INTO hold (order_id, handle, reason, detail, at) VALUES (?1, 'operator', ?2, ?3, ?4)
         ON CONFLICT (order_id, handle) DO UPDATE SET reason = excluded.reason, detail = excluded.detail",
        &[id.into(), reason.into(), detail.into(), moment.now.into()],
    )
    .await?;
    plan::want(db, moment.now, &[id]).await?;
    plan::refresh_status(db, moment.now, batch(&[id])?).await?;
    let entry = Entry::new(actor, "order", id, "held");
    append(db, moment.now, &[entry.with(serde_json::json!({ "reason": reason }))]).await
}

/// A person lets an order go on.
///
/// # Errors
/// The database's.
pub async fn release<D: Db>(db: &D, moment: Moment<'_>, actor: &str, id: &str) -> Result<(), StoreError> {
    db.run("DELETE FROM hold WHERE order_id = ?1 AND handle = 'operator'", &[id.into()]).await?;
    plan::want(db, moment.now, &[id]).await?;
    plan::refresh_status(db, moment.now, batch(&[id])?).await?;
    append(db, moment.now, &[Entry::new(actor, "order", id, "released")]).await
}

/// Changes the seller's note and the marks; what is `None` stays. An order is planned anew, since rules may look at it.
///
/// # Errors
/// The database's.
pub async fn remark<D: Db>(
    db: &D,
    moment: Moment<'_>,
    actor: &str,
    id: &str,
    note: Option<&str>,
    tags: Option<&[String]>,
) -> Result<(), StoreError> {
    db.run(
        "UPDATE orders SET seller_remark = coalesce(?2, seller_remark), tags = coalesce(?3, tags), updated_at = ?4
         WHERE id = ?1",
        &[id.into(), Value::from(note), Value::from(tags.map(text).transpose()?), moment.now.into()],
    )
    .await?;
    plan::want(db, moment.now, &[id]).await?;
    append(db, moment.now, &[Entry::new(actor, "order", id, "remarked")]).await
}

/// The packages of an order that can still be cancelled.
///
/// # Errors
/// The database's.
pub async fn cancellable<D: Db>(db: &D, id: &str) -> Result<Vec<String>, StoreError> {
    let rows = db
        .run(
            "SELECT p.id FROM package_order AS po JOIN package AS p ON p.id = po.package
             WHERE po.order_id = ?1 AND p.status IN ('planned', 'numbered', 'printed', 'verified')",
            &[id.into()],
        )
        .await?;
    rows.iter().map(|row| row.string(0)).collect()
}

#[cfg(test)]
mod tests;
