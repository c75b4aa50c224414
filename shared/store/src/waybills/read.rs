use super::{Child, Drawn, children};
use crate::json::batch;
use crate::orders::receiver_seal_name;
use crate::{Db, Keyring, Row, StoreError};
use huidan_domain::{Currency, Millis, Money, Party, Receiver};
use huidan_wire::form::Form;

/// Everything that a claim's parcel and its paper say.
#[derive(Debug, Clone)]
pub struct Booking {
    /// The waybill.
    pub waybill: String,
    /// Its package.
    pub package: String,
    /// The idempotency key the carrier sees.
    pub claim: String,
    /// The serial drawn from the account's range.
    pub serial: Option<u64>,
    /// When the carrier was last asked for a number.
    pub called_at: Millis,
    /// How often it was called or asked.
    pub calls: u32,
    /// When it was claimed.
    pub claimed_at: Millis,
    /// Whether the carrier called the claim a repeat: something is there.
    pub exists_said: bool,
    /// The carrier that gives the number.
    pub carrier: String,
    /// Who carries the parcel, once that is known.
    pub carried_by: String,
    /// What the seller calls the account.
    pub account_name: String,
    /// The number, once there is one.
    pub number: Option<String>,
    /// Its sorting code.
    pub routing: String,
    /// The platform's document, sealed.
    pub print_data: Option<Vec<u8>>,
    /// The carrier's own document.
    pub document: Option<Drawn>,
    /// What the carrier itself calls the order.
    pub reference: String,
    /// How many pieces travel under the number.
    pub pieces: u16,
    /// The further pieces, once they have numbers.
    pub children: Vec<Child>,
    /// The package's fence now.
    pub fence: i64,
    /// Channel of its orders.
    pub channel: String,
    /// The carrier's product.
    pub service: String,
    /// Grams; 0 when unknown.
    pub weight_g: u32,
    /// The warehouse's name.
    pub warehouse: String,
    /// Hours its clock is ahead of UTC.
    pub zone_hours: i32,
    /// From whom; `None` while the warehouse has no such address.
    pub sender: Option<Party>,
    /// To whom; `None` when it cannot be opened.
    pub receiver: Option<Receiver>,
    /// The channel's ids of its orders.
    pub ext_ids: Vec<String>,
    /// The numbers of its orders that people see.
    pub order_numbers: Vec<String>,
    /// Remarks, the seller's before the buyers'.
    pub remarks: Vec<String>,
    /// What is in it.
    pub items: Vec<BookingItem>,
    /// What the goods cost.
    pub value: Money,
}

/// Goods in a parcel.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
pub struct BookingItem {
    /// Our SKU.
    pub sku: String,
    /// In words.
    pub title: String,
    /// How many.
    pub qty: u32,
}

/// What is read of a waybill, and around it; `w` stands before it.
const READ: &str = "
    SELECT w.id, w.package, w.claim, w.serial, w.called_at, w.calls, w.carrier, w.carried_by, a.name, w.number,
        w.routing, w.print_data, p.fence, p.channel, iif(p.service = '' OR p.account <> a.id, a.service, p.service),
        p.weight_g, h.name, h.zone, h.sender,
        (SELECT json_group_array(json_array(o.id, o.ext_id, o.number, hex(o.receiver), o.currency, o.seller_remark,
             o.buyer_remark))
         FROM (SELECT o.* FROM package_order AS po JOIN orders AS o ON o.id = po.order_id WHERE po.package = p.id
               ORDER BY o.placed_at, o.id) AS o),
        (SELECT json_group_array(json_object('sku', i.sku, 'title', i.title, 'qty', i.qty))
         FROM (SELECT pl.sku, coalesce(nullif(max(s.title), ''), max(l.title), '') AS title, sum(pl.qty) AS qty
               FROM package_line AS pl LEFT JOIN sku AS s ON s.code = pl.sku
               LEFT JOIN order_line AS l ON l.id = pl.order_line
               WHERE pl.package = p.id GROUP BY pl.sku ORDER BY pl.sku) AS i),
        (SELECT coalesce(sum(l.unit_minor * (l.qty - l.refunded_qty)), 0) FROM order_line AS l
         WHERE l.id IN (SELECT order_line FROM package_line WHERE package = p.id)),
        p.pieces, w.reference, w.document,
        (SELECT json_group_array(json_array(c.seq, c.number, hex(c.print_data), c.document))
         FROM (SELECT * FROM waybill_child WHERE waybill = w.id ORDER BY seq) AS c),
        w.claimed_at, w.exists_said
    FROM w JOIN package AS p ON p.id = w.package JOIN carrier_account AS a ON a.id = w.account
    JOIN warehouse AS h ON h.id = p.warehouse ORDER BY w.place";

/// Reads waybills with all that their parcels and papers need, receivers opened, in the order asked for.
///
/// # Errors
/// The database's.
pub async fn bookings<D: Db>(db: &D, keys: &Keyring, waybills: &[String]) -> Result<Vec<Booking>, StoreError> {
    if waybills.is_empty() {
        return Ok(Vec::new());
    }
    let given = "WITH w AS (SELECT k.key AS place, v.* FROM json_each(?1) AS k JOIN waybill AS v ON v.id = k.value)";
    let rows = db.run(&format!("{given} {READ}"), &[batch(waybills)?]).await?;
    rows.iter().map(|row| booking(keys, row)).collect()
}

/// A package as it would be booked with each account that books, in the order of the accounts, which stand in place of
/// waybills; `None` where there is no such package.
///
/// # Errors
/// The database's.
pub async fn to_quote<D: Db>(
    db: &D,
    keys: &Keyring,
    package: &str,
    claim: &str,
) -> Result<Option<Vec<Booking>>, StoreError> {
    if db.run("SELECT 1 FROM package WHERE id = ?1", &[package.into()]).await?.is_empty() {
        return Ok(None);
    }
    let asked = "WITH w AS (SELECT row_number() OVER (ORDER BY o.position, o.id) AS place, o.id AS id, ?1 AS package,
            o.id AS account, o.carrier AS carrier, ?2 AS claim, NULL AS serial, 0 AS called_at, 0 AS calls,
            '' AS carried_by, NULL AS number, '' AS routing, NULL AS print_data, '' AS reference, NULL AS document,
            0 AS claimed_at, 0 AS exists_said
        FROM carrier_account AS o WHERE o.active AND o.books)";
    let rows = db.run(&format!("{asked} {READ}"), &[package.into(), claim.into()]).await?;
    rows.iter().map(|row| booking(keys, row)).collect::<Result<_, _>>().map(Some)
}

/// Id, the channel's id, number, receiver in hex, currency, seller's remark, buyer's remark.
type OrderColumns = (String, String, String, String, String, String, String);

fn booking(keys: &Keyring, row: &Row) -> Result<Booking, StoreError> {
    let orders: Vec<OrderColumns> = row.json(19)?;
    let currency = orders.first().map_or(Ok(Currency::CNY), |order| Currency::parse(&order.4))?;
    let remarks = orders.iter().map(|order| &order.5).chain(orders.iter().map(|order| &order.6));
    let mut kept: Vec<String> = Vec::new();
    for remark in remarks.map(|remark| remark.trim()).filter(|remark| !remark.is_empty()) {
        if !kept.iter().any(|other| other == remark) {
            kept.push(remark.to_owned());
        }
    }
    Ok(Booking {
        waybill: row.string(0)?,
        package: row.string(1)?,
        claim: row.string(2)?,
        serial: row.maybe_int(3)?.and_then(|serial| u64::try_from(serial).ok()),
        called_at: Millis(row.int(4)?),
        calls: row.count(5)?,
        claimed_at: Millis(row.int(26)?),
        exists_said: row.flag(27)?,
        carrier: row.string(6)?,
        carried_by: row.string(7)?,
        account_name: row.string(8)?,
        number: row.maybe_text(9)?.map(str::to_owned),
        routing: row.string(10)?,
        print_data: row.maybe_blob(11)?.map(<[u8]>::to_vec),
        document: document(row.maybe_text(24)?)?,
        reference: row.string(23)?,
        pieces: u16::try_from(row.int(22)?).unwrap_or(u16::MAX),
        children: row.json::<Vec<children::Columns>>(25)?.into_iter().map(Child::try_from).collect::<Result<_, _>>()?,
        fence: row.int(12)?,
        channel: row.string(13)?,
        service: row.string(14)?,
        weight_g: row.count(15)?,
        warehouse: row.string(16)?,
        zone_hours: hours(row.text(17)?),
        sender: serde_json::from_str(row.text(18)?).ok().and_then(|wire| Party::from_wire(wire).ok()),
        receiver: orders.first().and_then(|order| receiver(keys, &order.0, &order.3)),
        ext_ids: orders.iter().map(|order| order.1.clone()).collect(),
        order_numbers: orders.iter().map(|order| order.2.clone()).collect(),
        remarks: kept,
        items: row.json(20)?,
        value: Money::from_minor(row.int(21)?, currency),
    })
}

/// A carrier's own document as it is stored.
pub(super) fn document(stored: Option<&str>) -> Result<Option<Drawn>, StoreError> {
    stored.map(serde_json::from_str).transpose().map_err(|_| StoreError::Shape { column: 24 })
}

/// One receiver that does not open must not hold up the others of its batch. A mailbox is the notices' business: what
/// carriers and labels are made from has none.
fn receiver(keys: &Keyring, order: &str, sealed: &str) -> Option<Receiver> {
    let opened = keys.open(&receiver_seal_name(order), &hex::decode(sealed).ok()?).ok()?;
    let receiver = Receiver::from_wire(serde_json::from_slice(&opened).ok()?).ok()?;
    Some(Receiver { email: String::new(), ..receiver })
}

/// The hours of `+08:00`; China's for what cannot be read.
pub(super) fn hours(zone: &str) -> i32 {
    zone.split(':').next().and_then(|hours| hours.parse().ok()).unwrap_or(8)
}

#[cfg(test)]
mod tests {
    use super::hours;

    #[test]
    fn a_zone_is_read_as_whole_hours() {
        assert_eq!((hours("+08:00"), hours("-05:00"), hours("+00:00"), hours("Asia/Shanghai")), (8, -5, 0, 8));
    }
}
