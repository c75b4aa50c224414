//! The bench: a waybill takes a parcel in hand, goods are counted into it, the waybill again hands it over.

use super::packages::{hand_over, refusal};
use crate::cx::{Cx, Reply};
use crate::problem::Problem;
use crate::read::filled;
use crate::table::Route;
use huidan_store::console::packages::{self, Refusal};
use huidan_store::console::station::{self, ByNumber, InHand};
use huidan_wire::api::{Role, Scan, ScanLine, Scanned};
use huidan_world::World;
use std::collections::BTreeMap;

pub(super) fn routes<W: World + 'static>(routes: &mut Vec<Route<W>>) {
    let says = "A scan at a bench: what to do next";
    routes.push(Route::post("/api/v1/scan", Role::Packer, says, scan));
}

async fn scan<W: World>(cx: &Cx<'_, W>, mut ask: Scan) -> Result<Reply<Scanned>, Problem> {
    ask.code = ask.code.trim().to_owned();
    filled("code", &ask.code)?;
    filled("station", &ask.station)?;
    let found = cx.look(async |db| station::by_number(db, &ask.code).await).await?;
    let scanned = match found {
        Some(found) => paper(cx, &ask, &found).await?,
        None => goods(cx, &ask).await?,
    };
    Ok(scanned.into())
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
async fn paper<W: World>(cx: &Cx<'_, W>, ask: &Scan, found: &ByNumber) -> Result<Scanned, Problem> {
    let package = found.package.as_str();
    let stands = match found.current || found.status == "cancelled" {
        // The fence on this paper is that of its number; the package may have moved on.
        true => cx.look(async |db| packages::may_leave(db, package, Some(found.fence)).await).await?,
        false => Some(Refusal::StalePaper),
    };
    let named =
        |scanned: Scanned| Scanned { package: Some(package.to_owned()), waybill: Some(ask.code.clone()), ..scanned };
    if let Some(stands) = stands {
        cx.change(async |db| station::clear(db, &ask.station).await).await?;
        let (code, zh, en) = refusal(stands);
        return Ok(named(refused(code, zh, en)));
    }
    if found.status == "verified" {
        return Ok(named(match hand_over(cx, package, Some(found.fence)).await? {
            None => {
                cx.change(async |db| station::clear(db, &ask.station).await).await?;
                done("handed_over", "已出库，扫描下一单", "it has left: scan the next waybill", package, Vec::new())
            }
            Some(stands) => {
                let (code, zh, en) = refusal(stands);
                refused(code, zh, en)
            }
        }));
    }
    let hand = cx.look(async |db| station::in_hand(db, &ask.station).await).await?;
    let hand = hand.filter(|hand| hand.package == package && hand.fence == found.fence).unwrap_or_else(|| InHand {
        package: package.to_owned(),
        fence: found.fence,
        scanned: BTreeMap::new(),
    });
    cx.change(async |db| station::put(db, cx.moment(), &ask.station, &hand).await).await?;
    let lines = cx.look(async |db| station::lines(db, package, &hand.scanned).await).await?;
    Ok(named(done("pack", "请逐件扫描货品", "scan the goods, piece by piece", package, lines)))
}

/// Goods were scanned: they belong in the parcel in hand, or not.
async fn goods<W: World>(cx: &Cx<'_, W>, ask: &Scan) -> Result<Scanned, Problem> {
    let Some(sku) = cx.look(async |db| station::sku_of(db, &ask.code).await).await? else {
        let (zh, en) = ("不认识此条码，请检查运单或货品", "nobody knows this code: check the waybill or the goods");
        return Ok(refused("unknown_code", zh, en));
    };
    let Some(mut hand) = cx.look(async |db| station::in_hand(db, &ask.station).await).await? else {
        return Ok(refused("no_parcel", "请先扫描运单", "scan a waybill first"));
    };
    let stands = cx.look(async |db| packages::may_leave(db, &hand.package, Some(hand.fence)).await).await?;
    if let Some(stands) = stands {
        cx.change(async |db| station::clear(db, &ask.station).await).await?;
        let (code, zh, en) = refusal(stands);
        return Ok(Scanned { package: Some(hand.package), ..refused(code, zh, en) });
    }
    let before = cx.look(async |db| station::lines(db, &hand.package, &hand.scanned).await).await?;
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
    let lines = cx.look(async |db| station::lines(db, &hand.package, &hand.scanned).await).await?;
    let complete = lines.iter().all(|line| line.scanned == line.qty);
    cx.change(async |db| {
        station::put(db, cx.moment(), &ask.station, &hand).await?;
        match complete {
            true => station::verify(db, cx.moment(), cx.actor(), &hand.package).await,
            false => Ok(()),
        }
    })
    .await?;
    Ok(match complete {
        true => {
            let (zh, en) = ("核对无误，再扫一次运单出库", "complete: scan the waybill again to hand over");
            done("verified", zh, en, &hand.package, lines)
        }
        false => done("pack", "继续扫描", "go on scanning", &hand.package, lines),
    })
}
