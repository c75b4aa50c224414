//! A small seller's world for tests of functions: a shop, a warehouse, a carrier account, planned packages; and what
//! became of them, to compare with.

use crate::json::text;
use crate::orders::{self, Normalized};
use crate::{Db, Keyring, Moment, Row, StoreError, Value};
use huidan_wire::step::Draft;
use huidan_wire::{Line, Money, OrderFacts, Party, Receiver, SkuQty};

/// The receiver's name, phone and street in every sample: what must be seen nowhere but on paper.
pub const SECRETS: [&str; 3] = ["王小明", "13800138000", "文三路 1 号"];

/// A live shop `s1` of the channel `demo`, a warehouse `w1` with an address and no printer, a SKU `TEA`, and the carrier
/// account `acc` of the carrier `demo`.
///
/// # Errors
/// The database's.
pub async fn house<D: Db>(db: &D) -> Result<(), StoreError> {
    let sender = Party {
        name: "汇单茶仓".into(),
        phone: "0571-55501234".into(),
        province: "浙江省".into(),
        city: "杭州市".into(),
        district: "西湖区".into(),
        street: "示例路 18 号".into(),
    };
    db.run(
        "INSERT INTO shop (id, channel, name, mode, environment, created_at) VALUES ('s1', 'demo', 's', 'live', 'live', 0)",
        &[],
    )
    .await?;
    db.run(
        "INSERT INTO warehouse (id, name, position, sender) VALUES ('w1', '一号仓', 1, ?1)",
        &[text(&sender)?.into()],
    )
    .await?;
    db.run("INSERT INTO sku (code, title) VALUES ('TEA', '明前龙井 250g')", &[]).await?;
    account(db, "acc", "demo").await
}

/// One more carrier account.
///
/// # Errors
/// The database's.
pub async fn account<D: Db>(db: &D, id: &str, carrier: &str) -> Result<(), StoreError> {
    db.run(
        "INSERT INTO carrier_account (id, carrier, name, environment, position) VALUES (?1, ?2, '账号', 'live', 1)",
        &[id.into(), carrier.into()],
    )
    .await?;
    Ok(())
}

/// A printer `p1` for the warehouse `w1`, as if a bridge had brought it.
///
/// # Errors
/// The database's.
pub async fn printer<D: Db>(db: &D, lang: &str) -> Result<(), StoreError> {
    db.run(
        "INSERT INTO printer (id, name, lang, dpi, width_mm, height_mm) VALUES ('p1', 'p1', ?1, 203, 100, 150)",
        &[lang.into()],
    )
    .await?;
    let column = if lang == "platform-task" { "task_printer" } else { "printer" };
    db.run(&format!("UPDATE warehouse SET {column} = 'p1'"), &[]).await?;
    Ok(())
}

/// The order of a sample package: one line of two pieces.
pub fn order(number: &str, receiver: Receiver) -> OrderFacts {
    let money = |amount: &str| Money { amount: amount.into(), currency: "CNY".into() };
    OrderFacts {
        ext_id: number.to_owned(),
        number: format!("#{number}"),
        updated_at: 1,
        placed_at: 1,
        paid_at: Some(1),
        ship_by: None,
        pay: "paid".into(),
        state: "open".into(),
        state_known: true,
        must_wait: None,
        lines: vec![Line {
            ext_line_id: "1".into(),
            ext_item: "i".into(),
            ext_sku: "e".into(),
            outer_code: "TEA".into(),
            title: "茶".into(),
            spec: String::new(),
            qty: 2,
            unit_price: money("64.00"),
            kind: "sale".into(),
            refund: "none".into(),
            refunded_qty: 0,
        }],
        total: money("128.00"),
        receiver,
        buyer_remark: String::new(),
        seller_remark: "易碎".into(),
        waybills: Vec::new(),
    }
}

/// The receiver of samples, in the open.
pub fn receiver() -> Receiver {
    let [name, phone, street] = SECRETS.map(str::to_owned);
    Receiver {
        name,
        phone,
        street,
        country: "CN".into(),
        province: "湖南省".into(),
        city: "长沙市".into(),
        district: "岳麓区".into(),
        ..Receiver::default()
    }
}

/// A planned package `package` of an order of the same name, that wants a number from `account`.
///
/// # Errors
/// The database's.
pub async fn package<D: Db>(
    db: &D,
    moment: Moment<'_>,
    keys: &Keyring,
    package: &str,
    account: &str,
    receiver: Receiver,
) -> Result<(), StoreError> {
    let draft = Draft {
        shop: "s1".into(),
        channel: "demo".into(),
        order: order(package, receiver),
        mapped: vec![Some(vec![SkuQty { sku: "TEA".into(), qty: 1 }])],
        intents: Vec::new(),
        problems: Vec::new(),
    };
    let normalized =
        Normalized { draft, hash: "h".into(), topic: "t".into(), body: "{}".into(), plans: true, again: false };
    orders::apply(db, moment, keys, &[normalized]).await?;
    db.run(
        "INSERT INTO package (id, shop, channel, warehouse, account, service, status, weight_g, receiver_hash, trace,
             work, work_at, created_at, updated_at)
         VALUES (?1, 's1', 'demo', 'w1', ?2, '', 'planned', 300, x'', '[]', 'book', ?3, ?3, ?3)",
        &[package.into(), account.into(), moment.now.into()],
    )
    .await?;
    db.run(
        "INSERT INTO package_order (package, order_id) SELECT ?1, id FROM orders WHERE ext_id = ?1",
        &[package.into()],
    )
    .await?;
    db.run(
        "INSERT INTO package_line (package, order_line, sku, qty)
         SELECT ?1, l.id, 'TEA', 2 FROM order_line AS l JOIN orders AS o ON o.id = l.order_id WHERE o.ext_id = ?1",
        &[package.into()],
    )
    .await?;
    Ok(())
}

/// How a package stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PackageSeen {
    /// Our id.
    pub id: String,
    /// Its status.
    pub status: String,
    /// What the conductor owes it.
    pub work: String,
    /// Why it waits.
    pub waits_for: String,
    /// Its waybill.
    pub waybill: Option<String>,
}

/// Every package, by id.
///
/// # Errors
/// The database's.
pub async fn packages<D: Db>(db: &D) -> Result<Vec<PackageSeen>, StoreError> {
    let rows = db.run("SELECT id, status, work, waits_for, waybill FROM package ORDER BY id", &[]).await?;
    let read = |row: &Row| {
        Ok(PackageSeen {
            id: row.string(0)?,
            status: row.string(1)?,
            work: row.string(2)?,
            waits_for: row.string(3)?,
            waybill: row.maybe_text(4)?.map(str::to_owned),
        })
    };
    rows.iter().map(read).collect()
}

/// How a waybill stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaybillSeen {
    /// Our id.
    pub id: String,
    /// Its package.
    pub package: String,
    /// Its state.
    pub state: String,
    /// The number.
    pub number: Option<String>,
    /// The claim.
    pub claim: String,
    /// The serial.
    pub serial: Option<i64>,
}

/// Every waybill, by package and attempt.
///
/// # Errors
/// The database's.
pub async fn waybills<D: Db>(db: &D) -> Result<Vec<WaybillSeen>, StoreError> {
    let rows =
        db.run("SELECT id, package, state, number, claim, serial FROM waybill ORDER BY package, attempt", &[]).await?;
    let read = |row: &Row| {
        Ok(WaybillSeen {
            id: row.string(0)?,
            package: row.string(1)?,
            state: row.string(2)?,
            number: row.maybe_text(3)?.map(str::to_owned),
            claim: row.string(4)?,
            serial: row.maybe_int(5)?,
        })
    };
    rows.iter().map(read).collect()
}

/// How a print job stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobSeen {
    /// Our id.
    pub id: String,
    /// Its package.
    pub package: String,
    /// Its state.
    pub state: String,
    /// Which copy.
    pub copy_no: i64,
    /// What the bytes are.
    pub format: String,
    /// Where they are.
    pub sha: String,
    /// Place in the batch and its size.
    pub seq: (i64, i64),
    /// How often it was leased.
    pub attempt: i64,
}

/// Every print job of a waybill, in the order of the queue.
///
/// # Errors
/// The database's.
pub async fn jobs<D: Db>(db: &D) -> Result<Vec<JobSeen>, StoreError> {
    let rows = db
        .run(
            "SELECT j.id, w.package, j.state, j.copy_no, j.format, j.sha, j.seq, j.of, j.attempt FROM print_job AS j
             JOIN waybill AS w ON w.id = j.subject ORDER BY j.batch, j.seq, j.copy_no",
            &[],
        )
        .await?;
    let read = |row: &Row| {
        Ok(JobSeen {
            id: row.string(0)?,
            package: row.string(1)?,
            state: row.string(2)?,
            copy_no: row.int(3)?,
            format: row.string(4)?,
            sha: row.string(5)?,
            seq: (row.int(6)?, row.int(7)?),
            attempt: row.int(8)?,
        })
    };
    rows.iter().map(read).collect()
}

/// Gives a package a number by hand.
///
/// # Errors
/// The database's.
pub async fn number<D: Db>(db: &D, waybill: &str, package: &str, number: &str) -> Result<(), StoreError> {
    db.run(
        "INSERT INTO waybill (id, package, attempt, fence, account, carrier, claim, state, number, claimed_at)
         SELECT ?1, id, 1, fence, account, 'demo', 'claim-' || ?1, 'issued', ?3, created_at FROM package WHERE id = ?2",
        &[waybill.into(), package.into(), number.into()],
    )
    .await?;
    db.run(
        "UPDATE package SET waybill = ?1, status = 'numbered', work = '' WHERE id = ?2",
        &[waybill.into(), package.into()],
    )
    .await?;
    Ok(())
}

/// Puts a job into the queue by hand, for a package that has a number, with these bytes' SHA-256.
///
/// # Errors
/// The database's.
pub async fn job<D: Db>(
    db: &D,
    id: &str,
    waybill: &str,
    (batch, seq, of): (&str, u32, u32),
    sha: &str,
) -> Result<(), StoreError> {
    db.run(
        "INSERT INTO print_job (id, subject, kind, copy_no, printer, format, dpi, width_mm, height_mm, sha, bytes,
             batch, seq, of, fence, state, created_at, updated_at)
         SELECT ?1, ?2, 'waybill', 1, 'p1', 'zpl', 203, 100, 150, ?6, 3, ?3, ?4, ?5, p.fence, 'queued',
             p.created_at, p.created_at
         FROM waybill AS w JOIN package AS p ON p.id = w.package WHERE w.id = ?2",
        &[id.into(), waybill.into(), batch.into(), seq.into(), of.into(), sha.into()],
    )
    .await?;
    Ok(())
}

/// Makes a person's batch of a queued one: it stops behind a label that did not come out.
///
/// # Errors
/// The database's.
pub async fn strict<D: Db>(db: &D, batch: &str) -> Result<(), StoreError> {
    db.run("UPDATE print_job SET strict = 1 WHERE batch = ?1", &[batch.into()]).await?;
    Ok(())
}

/// The paper of a package becomes stale, as after any change to it.
///
/// # Errors
/// The database's.
pub async fn raise_fence<D: Db>(db: &D, package: &str) -> Result<(), StoreError> {
    db.run("UPDATE package SET fence = fence + 1 WHERE id = ?1", &[package.into()]).await?;
    Ok(())
}

/// How many events of a kind the log holds.
///
/// # Errors
/// The database's.
pub async fn events<D: Db>(db: &D, kind: &str) -> Result<i64, StoreError> {
    db.run("SELECT count(*) FROM event_log WHERE kind = ?1", &[Value::from(kind)]).await?.first()?.int(0)
}

/// What a person must know of an account.
///
/// # Errors
/// The database's.
pub async fn account_trouble<D: Db>(db: &D, account: &str) -> Result<String, StoreError> {
    db.run("SELECT trouble FROM carrier_account WHERE id = ?1", &[account.into()]).await?.first()?.string(0)
}
