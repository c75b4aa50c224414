use crate::{Db, Row, StoreError};
use huidan_domain::WaveKind;
use huidan_flow::wave::Place;

/// A parcel on a wave's papers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WaveParcel {
    /// The package.
    pub package: String,
    /// Its place in the wave, from 1.
    pub seq: u32,
    /// Its slot; empty where the wave has none.
    pub slot: String,
    /// The number; `None` while it has none.
    pub waybill: Option<String>,
    /// The shops' numbers of its orders.
    pub orders: Vec<String>,
    /// Who carries it.
    pub carrier: String,
    /// What goes in.
    pub goods: Vec<Place>,
}

/// What a wave's papers say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheets {
    /// The wave's number.
    pub number: i64,
    /// What its parcels have in common.
    pub kind: WaveKind,
    /// How many it was built of.
    pub size: u32,
    /// The warehouse's name.
    pub warehouse: String,
    /// The warehouse's id.
    pub warehouse_id: String,
    /// The warehouse's zone.
    pub zone: String,
    /// The parcels that are still in it, in order.
    pub parcels: Vec<WaveParcel>,
    /// Slots, or places, of those that fell out.
    pub empty: Vec<String>,
}

const PARCELS: &str = "
    SELECT m.package, m.seq, m.slot, m.why, w.number, a.name,
        (SELECT json_group_array(o.number) FROM package_order AS po JOIN orders AS o ON o.id = po.order_id
         WHERE po.package = p.id),
        (SELECT json_group_array(json_array(g.sku, g.title, g.bin, g.qty)) FROM (
            SELECT pl.sku AS sku, coalesce(nullif(max(s.title), ''), max(l.title), '') AS title,
                coalesce(max(s.bin), '') AS bin, sum(pl.qty) AS qty
            FROM package_line AS pl LEFT JOIN sku AS s ON s.code = pl.sku LEFT JOIN order_line AS l ON l.id = pl.order_line
            WHERE pl.package = p.id GROUP BY pl.sku ORDER BY pl.sku) AS g)
    FROM wave_package AS m JOIN package AS p ON p.id = m.package JOIN carrier_account AS a ON a.id = p.account
    LEFT JOIN waybill AS w ON w.id = p.waybill WHERE m.wave = ?1 ORDER BY m.seq";

/// What a wave's papers say; `None` when there is no such wave.
///
/// # Errors
/// The database's.
pub async fn sheets<D: Db>(db: &D, wave: &str) -> Result<Option<Sheets>, StoreError> {
    let rows = db
        .run(
            "SELECT v.number, v.kind, v.size, h.name, h.id, h.zone FROM wave AS v
             JOIN warehouse AS h ON h.id = v.warehouse WHERE v.id = ?1",
            &[wave.into()],
        )
        .await?;
    let Some(head) = rows.iter().next() else { return Ok(None) };
    let rows = db.run(PARCELS, &[wave.into()]).await?;
    let (mut parcels, mut empty) = (Vec::new(), Vec::new());
    for row in &rows {
        if row.text(3)?.is_empty() {
            parcels.push(parcel(row)?);
        } else {
            let slot = row.string(2)?;
            empty.push(if slot.is_empty() { row.int(1)?.to_string() } else { slot });
        }
    }
    Ok(Some(Sheets {
        number: head.int(0)?,
        kind: WaveKind::parse(head.text(1)?)?,
        size: head.count(2)?,
        warehouse: head.string(3)?,
        warehouse_id: head.string(4)?,
        zone: head.string(5)?,
        parcels,
        empty,
    }))
}

fn parcel(row: &Row) -> Result<WaveParcel, StoreError> {
    let goods: Vec<(String, String, String, u32)> = row.json(7)?;
    let (seq, slot) = (row.count(1)?, row.string(2)?);
    let place =
        |(sku, title, bin, qty): (String, String, String, u32)| Place { seq, slot: slot.clone(), sku, title, bin, qty };
    Ok(WaveParcel {
        package: row.string(0)?,
        waybill: row.maybe_text(4)?.map(str::to_owned),
        carrier: row.string(5)?,
        orders: row.json(6)?,
        goods: goods.into_iter().map(place).collect(),
        seq,
        slot,
    })
}
