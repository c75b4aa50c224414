//! Shops, carrier accounts, warehouses, printers.

use super::{Part, note};
use crate::json::text;
use crate::{Db, Moment, Row, StoreError, Value, bridges, mode, waybills};
use huidan_domain::Millis;
use huidan_wire::api::{
    Carrier, MissingOrder, NewCarrier, NewShop, NewWarehouse, PatchCarrier, PatchPrinter, PatchShop, PatchWarehouse,
    Printer, Shop, ShopAlarm, Warehouse, instant,
};

fn when(at: Option<i64>) -> Option<String> {
    at.map(|at| instant(Millis(at)))
}

/// Shops; their webhook's address is the path alone.
///
/// # Errors
/// The database's.
pub async fn shops<D: Db>(db: &D, part: Part<'_>) -> Result<Vec<Shop>, StoreError> {
    let rows = db
        .run(
            "SELECT s.id, s.channel, s.name, s.mode, s.environment, s.base_url, s.active, s.trouble, p.watermark,
                 coalesce(p.reason, ''), s.created_at, r.recent_done_at, r.whole_done_at, coalesce(r.reason, ''),
                 (SELECT json_group_array(json_array(a.kind, a.detail, a.since)) FROM shop_alarm AS a
                  WHERE a.shop = s.id)
             FROM shop AS s LEFT JOIN pull AS p ON p.shop = s.id LEFT JOIN reconcile AS r ON r.shop = s.id
             WHERE coalesce(?1, s.id) = s.id AND s.id > coalesce(?2, '') ORDER BY s.id LIMIT ?3",
            &[part.one.into(), part.after.into(), part.limit.into()],
        )
        .await?;
    rows.iter()
        .map(|row| {
            let (id, channel) = (row.string(0)?, row.string(1)?);
            Ok(Shop {
                webhook: format!("/webhook/{channel}/{id}"),
                id,
                channel,
                name: row.string(2)?,
                mode: row.string(3)?,
                environment: row.string(4)?,
                base_url: row.maybe_text(5)?.map(str::to_owned),
                active: row.flag(6)?,
                trouble: row.string(7)?,
                pulled_to: when(row.maybe_int(8)?),
                pull_trouble: row.string(9)?,
                created_at: instant(Millis(row.int(10)?)),
                compared_at: when(row.maybe_int(11)?),
                whole_compared_at: when(row.maybe_int(12)?),
                compare_trouble: row.string(13)?,
                alarms: row.json::<Vec<(String, String, i64)>>(14)?.into_iter().map(alarm).collect(),
            })
        })
        .collect()
}

fn alarm((kind, detail, since): (String, String, i64)) -> ShopAlarm {
    ShopAlarm { kind, detail, since: instant(Millis(since)) }
}

/// What comparisons found missing, newest first.
///
/// # Errors
/// The database's.
pub async fn missing<D: Db>(db: &D, limit: u32) -> Result<Vec<MissingOrder>, StoreError> {
    let rows = db
        .run(
            "SELECT shop, ext_id, cause, seen_at, healed_at FROM missing ORDER BY seen_at DESC, shop, ext_id LIMIT ?1",
            &[limit.into()],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(MissingOrder {
                shop: row.string(0)?,
                ext_id: row.string(1)?,
                cause: row.string(2)?,
                seen_at: instant(Millis(row.int(3)?)),
                healed_at: when(row.maybe_int(4)?),
            })
        })
        .collect()
}

/// Writes a shop down; `false` when there is one of that id.
///
/// # Errors
/// The database's.
pub async fn add_shop<D: Db>(db: &D, moment: Moment<'_>, actor: &str, shop: &NewShop) -> Result<bool, StoreError> {
    let rows = db
        .run(
            "INSERT INTO shop (id, channel, name, mode, environment, base_url, created_at)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (id) DO NOTHING RETURNING 1",
            &[
                (&shop.id).into(),
                (&shop.channel).into(),
                (&shop.name).into(),
                shop.mode.name().into(),
                shop.environment.name().into(),
                Value::from(shop.base_url.as_deref()),
                moment.now.into(),
            ],
        )
        .await?;
    if rows.is_empty() {
        return Ok(false);
    }
    note(db, moment, actor, "shop", &shop.id, "added").await?;
    Ok(true)
}

/// Changes a shop; its trouble is forgotten, since it may be over. What another mode means for its orders and packages
/// is in [`mode::change`].
///
/// # Errors
/// The database's.
pub async fn patch_shop<D: Db>(
    db: &D,
    moment: Moment<'_>,
    actor: &str,
    id: &str,
    patch: &PatchShop,
) -> Result<(), StoreError> {
    if let Some(to) = patch.mode {
        mode::change(db, moment, actor, id, to.name()).await?;
    }
    db.run(
        "UPDATE shop SET name = coalesce(?2, name), environment = coalesce(?3, environment),
             base_url = coalesce(?4, base_url), active = coalesce(?5, active), trouble = ''
         WHERE id = ?1",
        &[
            id.into(),
            Value::from(patch.name.as_deref()),
            Value::from(patch.environment.map(|environment| environment.name())),
            Value::from(patch.base_url.as_deref()),
            Value::from(patch.active),
        ],
    )
    .await?;
    note(db, moment, actor, "shop", id, "changed").await
}

/// Carrier accounts, by preference of the ids' order; the push's address is left to the caller.
///
/// # Errors
/// The database's.
pub async fn carriers<D: Db>(db: &D, part: Part<'_>) -> Result<Vec<Carrier>, StoreError> {
    let rows = db
        .run(
            "SELECT id, carrier, name, environment, service, serves, takes_tokens_of, max_weight_g, price_first_fen,
                 price_more_fen, position, active, trouble
             FROM carrier_account WHERE coalesce(?1, id) = id AND id > coalesce(?2, '') ORDER BY id LIMIT ?3",
            &[part.one.into(), part.after.into(), part.limit.into()],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Carrier {
                id: row.string(0)?,
                carrier: row.string(1)?,
                name: row.string(2)?,
                environment: row.string(3)?,
                service: row.string(4)?,
                serves: row.json(5)?,
                takes_tokens_of: row.json(6)?,
                max_weight_g: row.count(7)?,
                price_first_fen: row.int(8)?,
                price_more_fen: row.int(9)?,
                position: row.int(10)?,
                active: row.flag(11)?,
                trouble: row.string(12)?,
                push: None,
            })
        })
        .collect()
}

/// Writes a carrier account down, last in the order of preference; `false` when there is one of that id.
///
/// # Errors
/// The database's.
pub async fn add_carrier<D: Db>(
    db: &D,
    moment: Moment<'_>,
    actor: &str,
    account: &NewCarrier,
    takes_tokens_of: &[String],
    books: bool,
) -> Result<bool, StoreError> {
    let rows = db
        .run(
            "INSERT INTO carrier_account (id, carrier, name, environment, position, service, serves, takes_tokens_of,
                 max_weight_g, price_first_fen, price_more_fen, books)
             SELECT ?1, ?2, ?3, ?4, (SELECT coalesce(max(position) + 1, 0) FROM carrier_account), ?5, ?6, ?7, ?8, ?9, ?10,
                 ?11
             WHERE true ON CONFLICT (id) DO NOTHING RETURNING 1",
            &[
                (&account.id).into(),
                (&account.carrier).into(),
                (&account.name).into(),
                account.environment.name().into(),
                (&account.service).into(),
                text(&account.serves)?.into(),
                text(takes_tokens_of)?.into(),
                account.max_weight_g.into(),
                account.price_first_fen.into(),
                account.price_more_fen.into(),
                books.into(),
            ],
        )
        .await?;
    if rows.is_empty() {
        return Ok(false);
    }
    note(db, moment, actor, "carrier", &account.id, "added").await?;
    Ok(true)
}

/// Changes a carrier account; what waited for it is due at once, since its trouble may be over.
///
/// # Errors
/// The database's.
pub async fn patch_carrier<D: Db>(
    db: &D,
    moment: Moment<'_>,
    actor: &str,
    id: &str,
    patch: &PatchCarrier,
    takes_tokens_of: &[String],
) -> Result<(), StoreError> {
    db.run(
        "UPDATE carrier_account SET name = coalesce(?2, name), environment = coalesce(?3, environment),
             service = coalesce(?4, service), serves = coalesce(?5, serves), takes_tokens_of = ?6,
             max_weight_g = coalesce(?7, max_weight_g), price_first_fen = coalesce(?8, price_first_fen),
             price_more_fen = coalesce(?9, price_more_fen), position = coalesce(?10, position),
             active = coalesce(?11, active)
         WHERE id = ?1",
        &[
            id.into(),
            Value::from(patch.name.as_deref()),
            Value::from(patch.environment.map(|environment| environment.name())),
            Value::from(patch.service.as_deref()),
            Value::from(patch.serves.as_ref().map(text).transpose()?),
            text(takes_tokens_of)?.into(),
            Value::from(patch.max_weight_g),
            Value::from(patch.price_first_fen),
            Value::from(patch.price_more_fen),
            Value::from(patch.position),
            Value::from(patch.active),
        ],
    )
    .await?;
    waybills::mended(db, moment.now, id).await?;
    note(db, moment, actor, "carrier", id, "changed").await
}

/// Warehouses.
///
/// # Errors
/// The database's.
pub async fn warehouses<D: Db>(db: &D, part: Part<'_>) -> Result<Vec<Warehouse>, StoreError> {
    let rows = db
        .run(
            "SELECT id, name, sender, serves, zone, printer, position, active, task_printer FROM warehouse
             WHERE coalesce(?1, id) = id AND id > coalesce(?2, '') ORDER BY id LIMIT ?3",
            &[part.one.into(), part.after.into(), part.limit.into()],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Warehouse {
                id: row.string(0)?,
                name: row.string(1)?,
                sender: row.json(2)?,
                serves: row.json(3)?,
                zone: row.string(4)?,
                printer: row.maybe_text(5)?.map(str::to_owned),
                position: row.int(6)?,
                active: row.flag(7)?,
                task_printer: row.maybe_text(8)?.map(str::to_owned),
            })
        })
        .collect()
}

/// Writes a warehouse down, last in the order of preference; `false` when there is one of that id. Where nothing is said of
/// its printers it takes those that no warehouse has.
///
/// # Errors
/// The database's.
pub async fn add_warehouse<D: Db>(
    db: &D,
    moment: Moment<'_>,
    actor: &str,
    new: &NewWarehouse,
) -> Result<bool, StoreError> {
    let rows = db
        .run(
            "INSERT INTO warehouse (id, name, position, sender, serves, zone, printer, task_printer)
             SELECT ?1, ?2, (SELECT coalesce(max(position) + 1, 0) FROM warehouse), ?3, ?4, ?5, ?6, ?7
             WHERE true ON CONFLICT (id) DO NOTHING RETURNING 1",
            &[
                (&new.id).into(),
                (&new.name).into(),
                text(&new.sender)?.into(),
                text(&new.serves)?.into(),
                new.zone.as_deref().unwrap_or("+08:00").into(),
                Value::from(new.printer.as_deref().filter(|printer| !printer.is_empty())),
                Value::from(new.task_printer.as_deref().filter(|printer| !printer.is_empty())),
            ],
        )
        .await?;
    if rows.is_empty() {
        return Ok(false);
    }
    note(db, moment, actor, "warehouse", &new.id, "added").await?;
    let unsaid = [new.printer.is_none(), new.task_printer.is_none()];
    bridges::take_idle(db, moment, actor, &new.id, unsaid).await?;
    Ok(true)
}

/// Changes a warehouse.
///
/// # Errors
/// The database's.
pub async fn patch_warehouse<D: Db>(
    db: &D,
    moment: Moment<'_>,
    actor: &str,
    id: &str,
    patch: &PatchWarehouse,
) -> Result<(), StoreError> {
    db.run(
        "UPDATE warehouse SET name = coalesce(?2, name), sender = coalesce(?3, sender), serves = coalesce(?4, serves),
             zone = coalesce(?5, zone), printer = nullif(coalesce(?6, printer), ''), position = coalesce(?7, position),
             active = coalesce(?8, active), task_printer = nullif(coalesce(?9, task_printer), '')
         WHERE id = ?1",
        &[
            id.into(),
            Value::from(patch.name.as_deref()),
            Value::from(patch.sender.as_ref().map(text).transpose()?),
            Value::from(patch.serves.as_ref().map(text).transpose()?),
            Value::from(patch.zone.as_deref()),
            Value::from(patch.printer.as_deref()),
            Value::from(patch.position),
            Value::from(patch.active),
            Value::from(patch.task_printer.as_deref()),
        ],
    )
    .await?;
    note(db, moment, actor, "warehouse", id, "changed").await
}

/// Printers.
///
/// # Errors
/// The database's.
pub async fn printers<D: Db>(db: &D, part: Part<'_>) -> Result<Vec<Printer>, StoreError> {
    let rows = db
        .run(
            "SELECT p.id, p.bridge, b.name, p.lang, p.dpi, p.width_mm, p.height_mm, p.status, p.seen_at, p.active
             FROM printer AS p LEFT JOIN bridge AS b ON b.id = p.bridge
             WHERE coalesce(?1, p.id) = p.id AND p.id > coalesce(?2, '') ORDER BY p.id LIMIT ?3",
            &[part.one.into(), part.after.into(), part.limit.into()],
        )
        .await?;
    rows.iter().map(printer).collect()
}

fn printer(row: &Row) -> Result<Printer, StoreError> {
    Ok(Printer {
        id: row.string(0)?,
        bridge: row.maybe_text(1)?.map(str::to_owned),
        bridge_name: row.maybe_text(2)?.map(str::to_owned),
        lang: row.string(3)?,
        dpi: row.count(4)?,
        width_mm: row.count(5)?,
        height_mm: row.count(6)?,
        status: row.string(7)?,
        seen_at: when(row.maybe_int(8)?),
        active: row.flag(9)?,
    })
}

/// Changes a printer.
///
/// # Errors
/// The database's.
pub async fn patch_printer<D: Db>(
    db: &D,
    moment: Moment<'_>,
    actor: &str,
    id: &str,
    patch: &PatchPrinter,
) -> Result<(), StoreError> {
    db.run("UPDATE printer SET active = coalesce(?2, active) WHERE id = ?1", &[id.into(), Value::from(patch.active)])
        .await?;
    note(db, moment, actor, "printer", id, "changed").await
}
