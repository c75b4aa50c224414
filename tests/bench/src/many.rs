//! A million orders written straight into the main database: the rows that `orders::apply` and later steps leave, without
//! their cost. Receivers are sealed as the hub seals them, since a list opens them.

use std::path::Path;

use fastrand::Rng;
use huidan_exchange::sign::{base64, sha256};
use huidan_store::orders::receiver_seal_name;
use huidan_store::{Chance, Keyring};
use huidan_wire::Receiver;
use rusqlite::{Connection, Transaction, params};

use crate::error::Result;
use crate::orders::{good, person};

/// Shops, their channels, and how many of a thousand orders each has.
pub(crate) const SHOPS: [(&str, &str, u32); 6] = [
    ("many-0", "own-shop", 500),
    ("many-1", "shopify", 250),
    ("many-2", "shopify", 150),
    ("many-3", "taobao", 70),
    ("many-4", "woocommerce", 29),
    ("many-5", "woocommerce", 1),
];
/// States, and how many of a thousand orders are in each.
pub(crate) const STATES: [(&str, u32); 7] = [
    ("completed", 820),
    ("shipped", 80),
    ("to_ship", 40),
    ("cancelled", 40),
    ("unpaid", 10),
    ("held", 9),
    ("to_plan", 1),
];
/// The first order's instant, in milliseconds; the last one's is a year later.
pub(crate) const FROM_MS: i64 = 1_760_000_000_000;
/// A year.
pub(crate) const SPAN_MS: i64 = 365 * 86_400_000;
/// Orders in a transaction.
const AT_ONCE: usize = 50_000;

/// The key under which the house seals receivers.
pub(crate) fn receiver_key() -> String {
    base64(&[1; 32])
}

/// The channel's id of an order.
pub(crate) fn ext_id(number: usize) -> String {
    format!("M{number:09}")
}

/// Our id of an order.
fn id(number: usize) -> String {
    format!("01MANY{number:020}")
}

struct Seeded(std::cell::RefCell<Rng>);

impl Chance for Seeded {
    fn fill(&self, bytes: &mut [u8]) {
        self.0.borrow_mut().fill(bytes);
    }
}

/// Which of some things, each as likely as it says.
fn pick<T: Copy>(rng: &mut Rng, from: &[T], weight: impl Fn(T) -> u32) -> Option<T> {
    let all: u32 = from.iter().map(|one| weight(*one)).sum();
    let mut left = rng.u32(..all);
    from.iter().copied().find(|one| {
        let here = left < weight(*one);
        left = left.saturating_sub(weight(*one));
        here
    })
}

/// Writes so many orders into the database at `file`, which nobody else has open.
pub(crate) fn write(file: &Path, count: usize, seed: u64) -> Result<()> {
    let mut main = Connection::open(file)?;
    main.pragma_update(None, "synchronous", false)?;
    main.pragma_update(None, "cache_size", -400_000)?;
    for (shop, channel, _) in SHOPS {
        main.execute(
            "INSERT INTO shop (id, channel, name, mode, environment, created_at) VALUES (?1, ?2, ?1, 'live', 'live', 0)",
            [shop, channel],
        )?;
    }
    let keys = Keyring::parse(&receiver_key())?;
    let (mut rng, chance) = (Rng::with_seed(seed), Seeded(Rng::with_seed(seed).into()));
    for first in (0..count).step_by(AT_ONCE) {
        let work = main.transaction()?;
        for number in first..count.min(first + AT_ONCE) {
            let at = FROM_MS + SPAN_MS / i64::try_from(count)? * i64::try_from(number)?;
            order(&work, &keys, &chance, &mut rng, number, at)?;
        }
        work.commit()?;
    }
    main.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    Ok(())
}

fn order(work: &Transaction<'_>, keys: &Keyring, chance: &Seeded, rng: &mut Rng, number: usize, at: i64) -> Result<()> {
    let (shop, channel, _) = pick(rng, &SHOPS, |(_, _, weight)| weight).ok_or("no shop")?;
    let (status, _) = pick(rng, &STATES, |(_, weight)| weight).ok_or("no state")?;
    let (id, ext_id, to) = (id(number), ext_id(number), person(rng));
    let [province, city, district] = to.place.map(str::to_owned);
    let receiver = Receiver {
        name: to.name,
        phone: to.phone,
        country: "CN".into(),
        province,
        city,
        district,
        street: to.street,
        ..Receiver::default()
    };
    let sealed = keys.seal(chance, &receiver_seal_name(&id), serde_json::to_string(&receiver)?.as_bytes())?;
    let hash = sha256(&[id.as_bytes()]);
    work.prepare_cached(
        "INSERT INTO orders (id, shop, channel, ext_id, number, version_at, version_hash, status, pay_state,
             channel_state, review_state, refund_state, placed_at, paid_at, total_minor, currency, receiver,
             receiver_hash, country, province, city, district, encrypted, buyer_remark, seller_remark, created_at,
             updated_at)
         VALUES (?1, ?2, ?3, ?4, ?4, ?5, lower(hex(?6)), ?7, 'paid', 'open', 'new', 'none', ?5, ?5, ?8, 'CNY', ?9, ?6, 'CN',
             ?10, ?11, ?12, 0, '', '', ?5, ?5)",
    )?
    .execute(params![
        id,
        shop,
        channel,
        ext_id,
        at,
        hash,
        status,
        rng.u32(1_000..90_000),
        sealed,
        receiver.province,
        receiver.city,
        receiver.district
    ])?;
    for line in 0..rng.i64(1..=2) {
        let (sku, title) = good(rng.usize(..20));
        work.prepare_cached(
            "INSERT INTO order_line (id, order_id, position, ext_line_id, ext_item, ext_sku, outer_code, title, spec, qty,
                 unit_minor, kind, refund_state, refunded_qty, skus)
             VALUES (?1, ?2, ?3, ?3, ?4, ?4, ?4, ?5, '罐装', 1, 1000, 'goods', 'none', 0, ?6)",
        )?
        .execute(params![
            format!("{id}-{line}"),
            id,
            line,
            sku,
            title,
            format!(r#"[{{"sku":"{sku}","qty":1}}]"#)
        ])?;
    }
    Ok(())
}
