//! The bench: a waybill takes a parcel in hand, goods are counted into it, its weight is set beside what it should be,
//! the waybill again hands it over. The same for a person's scanner on the page and for one attached to a print bridge.

use super::packages::{self, Refusal};
use super::station::{self, ByNumber, InHand};
use crate::{Db, Entry, Moment, StoreError, append, bridges, outbox, waybills};
use huidan_domain::Millis;
use huidan_wire::api::{Scan, ScanLine, Scanned, Weighed};
use std::collections::{BTreeMap, BTreeSet};

/// How long after the last scan a weight belongs to the parcel in hand, in milliseconds.
const IN_HAND_MS: i64 = 120_000;
/// How long a weight with no parcel in hand waits for the scan of one, in milliseconds.
const WAITS_MS: i64 = 15_000;
/// What a parcel's alarm says while its weight is not what it should be.
pub const ALARM: &str = "weight";

/// What a scan brings about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// What to do next.
    pub scanned: Scanned,
    /// Shops that have something to tell now: wake flow-deliver for each.
    pub shops: BTreeSet<String>,
}

impl From<Scanned> for Answer {
    fn from(scanned: Scanned) -> Self {
        Self { scanned, shops: BTreeSet::new() }
    }
}

/// Something was scanned, inside the caller's transaction. The code has no blanks around it.
///
/// # Errors
/// The database's.
pub async fn scan<D: Db>(db: &D, moment: Moment<'_>, actor: &str, ask: &Scan) -> Result<Answer, StoreError> {
    match station::by_number(db, &ask.code).await? {
        Some(found) => paper(db, moment, actor, ask, &found).await,
        None => Ok(goods(db, moment, actor, ask).await?.into()),
    }
}

fn refused(code: &str, zh: &str, en: &str) -> Scanned {
    Scanned {
        next: "refused".into(),
        code: code.into(),
        zh: zh.into(),
        en: en.into(),
        package: None,
        waybill: None,
        lines: Vec::new(),
    }
}

fn stands(refusal: Refusal) -> Scanned {
    let (code, zh, en) = refusal.words();
    refused(code, zh, en)
}

fn done(next: &str, zh: &str, en: &str, package: &str, lines: Vec<ScanLine>) -> Scanned {
    Scanned {
        next: next.into(),
        code: String::new(),
        zh: zh.into(),
        en: en.into(),
        package: Some(package.into()),
        waybill: None,
        lines,
    }
}

/// A number was scanned: takes the parcel in hand, or hands it over when it is verified.
async fn paper<D: Db>(
    db: &D,
    moment: Moment<'_>,
    actor: &str,
    ask: &Scan,
    found: &ByNumber,
) -> Result<Answer, StoreError> {
    let package = found.package.as_str();
    let stale = !found.current && found.status != "cancelled";
    let named =
        |scanned: Scanned| Scanned { package: Some(package.to_owned()), waybill: Some(ask.code.clone()), ..scanned };
    let in_the_way = match stale {
        // The fence on this paper is that of its number; the package may have moved on.
        false => packages::may_leave(db, package, Some(found.fence)).await?,
        true => Some(Refusal::StalePaper),
    };
    if let Some(refusal) = in_the_way {
        station::clear(db, &ask.station).await?;
        return Ok(named(stands(refusal)).into());
    }
    let hand = station::in_hand(db, &ask.station).await?;
    let hand = hand.filter(|hand| hand.package == package && hand.fence == found.fence).unwrap_or_else(|| InHand {
        package: package.to_owned(),
        fence: found.fence,
        scanned: BTreeMap::new(),
    });
    station::put(db, moment, &ask.station, &hand).await?;
    if let Some(grams) = waiting(db, moment.now, &ask.station).await? {
        bind(db, moment, actor, package, grams).await?;
    }
    if found.status != "verified" {
        let lines = station::lines(db, package, &hand.scanned).await?;
        return Ok(named(done("pack", "请逐件扫描货品", "scan the goods, piece by piece", package, lines)).into());
    }
    if let Some(wrong) = wrong_weight(db, package).await? {
        return Ok(named(wrong).into());
    }
    if let Some(further) = further_pieces(db, moment, package, &ask.code).await? {
        return Ok(named(further).into());
    }
    let shops = outbox::hand_over(db, moment, actor, &[package]).await?;
    station::clear(db, &ask.station).await?;
    let left = done("handed_over", "已出库，扫描下一单", "it has left: scan the next waybill", package, Vec::new());
    Ok(Answer { scanned: named(left), shops })
}

/// A verified parcel of several pieces leaves when the label of each was scanned; what to scan next until then.
async fn further_pieces<D: Db>(
    db: &D,
    moment: Moment<'_>,
    package: &str,
    number: &str,
) -> Result<Option<Scanned>, StoreError> {
    let (missing, of) = waybills::scanned(db, moment, package, number).await?;
    if missing.is_empty() {
        return Ok(None);
    }
    let missing: Vec<String> = missing.iter().map(|piece| format!("{piece}/{of}")).collect();
    let missing = missing.join(", ");
    let zh = format!("一票多件，请继续扫描其余各件的面单：{missing}");
    let en = format!("several pieces: scan the labels of the others too: {missing}");
    Ok(Some(done("pieces", &zh, &en, package, Vec::new())))
}

/// Goods were scanned: they belong in the parcel in hand, or not.
async fn goods<D: Db>(db: &D, moment: Moment<'_>, actor: &str, ask: &Scan) -> Result<Scanned, StoreError> {
    let Some(sku) = station::sku_of(db, &ask.code).await? else {
        let (zh, en) = ("不认识此条码，请检查运单或货品", "nobody knows this code: check the waybill or the goods");
        return Ok(refused("unknown_code", zh, en));
    };
    let Some(mut hand) = station::in_hand(db, &ask.station).await? else {
        return Ok(refused("no_parcel", "请先扫描运单", "scan a waybill first"));
    };
    if let Some(refusal) = packages::may_leave(db, &hand.package, Some(hand.fence)).await? {
        station::clear(db, &ask.station).await?;
        return Ok(Scanned { package: Some(hand.package), ..stands(refusal) });
    }
    let before = station::lines(db, &hand.package, &hand.scanned).await?;
    let with = |scanned: Scanned| Scanned { package: Some(hand.package.clone()), lines: before.clone(), ..scanned };
    match before.iter().find(|line| line.sku == sku) {
        None => {
            return Ok(with(refused("not_in_parcel", "此货品不属于这个包裹", "this does not belong in the parcel")));
        }
        Some(line) if line.scanned >= line.qty => {
            return Ok(with(refused("too_many", "此货品已够数，多出的请放回", "enough of this: put it back")));
        }
        Some(_) => {}
    }
    *hand.scanned.entry(sku).or_default() += 1;
    let lines = station::lines(db, &hand.package, &hand.scanned).await?;
    station::put(db, moment, &ask.station, &hand).await?;
    if lines.iter().any(|line| line.scanned != line.qty) {
        return Ok(done("pack", "继续扫描", "go on scanning", &hand.package, lines));
    }
    station::verify(db, moment, actor, &hand.package).await?;
    let (zh, en) = ("核对无误，再扫一次运单出库", "complete: scan the waybill again to hand over");
    Ok(done("verified", zh, en, &hand.package, lines))
}

/// A scale at a station saw a weight, inside the caller's transaction. It is that of the parcel that was last scanned
/// there; with none in hand it waits a moment for one.
///
/// # Errors
/// The database's.
pub async fn weigh<D: Db>(
    db: &D,
    moment: Moment<'_>,
    bridge: &str,
    scale: &str,
    grams: u32,
) -> Result<Weighed, StoreError> {
    let rows = db
        .run(
            "SELECT s.package FROM station AS s JOIN package AS p ON p.id = s.package
             WHERE s.id = ?1 AND s.at >= ?2 AND p.status IN ('numbered', 'printed', 'verified')",
            &[scale.into(), (moment.now.0 - IN_HAND_MS).into()],
        )
        .await?;
    let Some(package) = rows.iter().next().map(|row| row.string(0)).transpose()? else {
        bridges::note_reading(db, moment.now, bridge, scale, "grams", &grams.to_string()).await?;
        return Ok(Weighed { next: "waiting".into(), grams, ..Weighed::default() });
    };
    // What waited was another parcel's, or nobody's.
    forget(db, scale).await?;
    bind(db, moment, &format!("bridge:{bridge}"), &package, grams).await
}

/// The weight that waits at a station for the scan of its parcel; it is taken, so that no second parcel gets it.
async fn waiting<D: Db>(db: &D, now: Millis, station: &str) -> Result<Option<u32>, StoreError> {
    let Some((grams, at)) = bridges::reading(db, station, "grams").await? else { return Ok(None) };
    forget(db, station).await?;
    Ok(grams.parse().ok().filter(|_| now.since(at) <= WAITS_MS))
}

async fn forget<D: Db>(db: &D, station: &str) -> Result<(), StoreError> {
    db.run("DELETE FROM reading WHERE station = ?1 AND kind = 'grams'", &[station.into()]).await?;
    Ok(())
}

/// A parcel's weight is known now; it raises the alarm, or ends it.
async fn bind<D: Db>(
    db: &D,
    moment: Moment<'_>,
    actor: &str,
    package: &str,
    grams: u32,
) -> Result<Weighed, StoreError> {
    let expected = expected(db, package).await?;
    let right = expected.is_none_or(|expected| plausible(expected, grams));
    db.run(
        "UPDATE package SET weight_g = ?2, updated_at = ?3, alarm = CASE WHEN ?4 = 0 AND alarm = '' THEN 'weight'
             WHEN ?4 = 1 AND alarm = 'weight' THEN '' ELSE alarm END WHERE id = ?1",
        &[package.into(), grams.into(), moment.now.into(), i64::from(right).into()],
    )
    .await?;
    let entry = Entry::new(actor, "package", package, if right { "weighed" } else { "weight_differs" });
    let entry = entry.with(serde_json::json!({ "grams": grams, "expected": expected }));
    append(db, moment.now, &[entry]).await?;
    Ok(Weighed {
        next: if right { "weighed" } else { "differs" }.into(),
        package: Some(package.to_owned()),
        grams,
        expected_g: expected,
    })
}

/// What the goods of a package weigh; `None` where the weight of one of them is not known.
async fn expected<D: Db>(db: &D, package: &str) -> Result<Option<u32>, StoreError> {
    let rows = db
        .run(
            "SELECT iif(min(coalesce(s.weight_g, 0)) > 0, sum(pl.qty * s.weight_g), NULL)
             FROM package_line AS pl LEFT JOIN sku AS s ON s.code = pl.sku WHERE pl.package = ?1",
            &[package.into()],
        )
        .await?;
    let grams = rows.iter().next().map(|row| row.maybe_int(0)).transpose()?.flatten();
    Ok(grams.and_then(|grams| u32::try_from(grams).ok()))
}

/// Whether goods of `expected` grams can make a parcel of `grams`. Too light by a twentieth means that something is
/// missing; too heavy is only what neither carton nor filling explains.
fn plausible(expected: u32, grams: u32) -> bool {
    let (expected, grams) = (u64::from(expected), u64::from(grams));
    grams + (expected / 20).max(20) >= expected && grams <= expected + (expected / 5).max(300)
}

/// What to do about a parcel whose weight is not what it should be.
async fn wrong_weight<D: Db>(db: &D, package: &str) -> Result<Option<Scanned>, StoreError> {
    let rows = db.run("SELECT weight_g FROM package WHERE id = ?1 AND alarm = 'weight'", &[package.into()]).await?;
    let Some(row) = rows.iter().next() else { return Ok(None) };
    let (grams, expected) = (row.count(0)?, expected(db, package).await?.unwrap_or_default());
    let zh = format!("重量不符：货品应约 {expected} 克，实称 {grams} 克。请核对后重新称重；确认无误时在包裹页出库");
    let en = format!(
        "the weight differs: its goods weigh {expected} g, the scale says {grams} g. Check it and weigh it again; to \
         let it go as it is, ship it on its page"
    );
    Ok(Some(refused("weight_differs", &zh, &en)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_piece_is_too_light_and_a_carton_is_not_too_heavy() {
        for (expected, grams, right) in [
            (1000, 950, true),
            (1000, 949, false),
            (1000, 1300, true),
            (1000, 1301, false),
            (100, 80, true),
            (100, 79, false),
            (10_000, 12_000, true),
            (10_000, 12_001, false),
            (0, 300, true),
        ] {
            assert_eq!(plausible(expected, grams), right, "{expected} {grams}");
        }
    }
}
