//! `POST /queue`: a list or slips on label stock. The bytes are kept first, then the jobs are queued in one transaction.

use crate::draw::{self, Job};
use futures::future::join_all;
use http::StatusCode;
use huidan_exchange::sign;
use huidan_label::{Dpi, Media, Page, png, tspl, zpl};
use huidan_store::labels::{self, Printer};
use huidan_store::waves::{self, PaperJob};
use huidan_store::{Keyring, StoreError, transaction};
use huidan_wire::api::Queued;
use huidan_world::{Incoming, Outgoing, World, serve as front};
use serde::Deserialize;

#[derive(Deserialize)]
struct Ask {
    wave: String,
    /// `pick_list` or `packing_slips`.
    what: String,
    #[serde(default)]
    printer: Option<String>,
    copy_no: u32,
    actor: String,
}

fn refuse(why: &str) -> Result<Outgoing, StoreError> {
    Ok(front::text(StatusCode::CONFLICT, why))
}

/// Answers how many sheets are queued now; a sheet that was queued before is not queued again.
pub(crate) async fn serve<W: World>(world: &W, request: &Incoming) -> Result<Outgoing, StoreError> {
    let Ok(ask) = serde_json::from_slice::<Ask>(request.body()) else {
        return Ok(front::text(StatusCode::BAD_REQUEST, "no such request"));
    };
    let Some(sheets) = world.main(async |db| waves::sheets(db, &ask.wave).await).await? else {
        return Ok(front::text(StatusCode::NOT_FOUND, "没有此波次 / there is no such wave"));
    };
    let named = ask.printer.as_deref();
    let Some(printer) = world.main(async |db| waves::printer(db, &sheets.warehouse_id, named).await).await? else {
        return refuse("没有可用的打印机 / there is no such printer in service");
    };
    let Some((media, dpi)) = paper(&printer) else {
        return refuse(
            "打印机的纸张不支持，请用 100×150 或 76×130 mm / labels of this size are not known: use 100×150 or 76×130 mm",
        );
    };
    let job = Job { sheets: &sheets, wave: &ask.wave, media, dpi, now: world.moment().now };
    let (kind, drawn) = match ask.what.as_str() {
        "pick_list" => ("pick_list", draw::pick_list(&job)),
        _ => ("packing_slip", draw::packing_slips(&job)),
    };
    let Some(papers) = bytes(&printer.lang, drawn) else {
        return refuse("打印机的语言不支持 / the printer's language is not known");
    };
    keep(world, &papers).await?;
    let jobs: Vec<PaperJob> = papers
        .into_iter()
        .map(|paper| PaperJob { subject: paper.subject, sha: paper.sha, bytes: paper.bytes.len() })
        .collect();
    let sheets = world
        .main(async |db| {
            transaction(db, async |db| {
                let what = (ask.wave.as_str(), kind, ask.copy_no);
                waves::queue_papers(db, world.moment(), &ask.actor, what, &printer, &jobs).await
            })
            .await
        })
        .await?;
    Ok(front::json(StatusCode::OK, &Queued { sheets: u32::try_from(sheets).unwrap_or(u32::MAX) }))
}

fn paper(printer: &Printer) -> Option<(Media, Dpi)> {
    let size = (printer.width_mm, printer.height_mm);
    let media = [Media::W100H150, Media::W76H130].into_iter().find(|media| media.millimetres() == size)?;
    let dpi = [Dpi::D203, Dpi::D300].into_iter().find(|dpi| dpi.per_inch() == printer.dpi)?;
    Some((media, dpi))
}

struct Kept {
    subject: String,
    sha: String,
    bytes: Vec<u8>,
}

/// Each page is a job of its own, so that a jam costs one page. A slip's further pages have names of their own.
fn bytes(lang: &str, drawn: Vec<(String, Vec<Page>)>) -> Option<Vec<Kept>> {
    let mut papers = Vec::with_capacity(drawn.len());
    for (subject, pages) in drawn {
        for (at, page) in pages.iter().enumerate() {
            let bytes = match lang {
                "zpl" => zpl(page),
                "tspl" => tspl(page),
                "png" => png(page),
                _ => return None,
            };
            let subject = if at == 0 { subject.clone() } else { format!("{subject}/{}", at + 1) };
            papers.push(Kept { subject, sha: sign::hex(&sign::sha256(&[&bytes])), bytes });
        }
    }
    Some(papers)
}

async fn keep<W: World>(world: &W, papers: &[Kept]) -> Result<(), StoreError> {
    let keys = world.variable("label_key").await.ok_or(StoreError::Sealed)?;
    let keys = Keyring::parse(&keys).map_err(|_| StoreError::Sealed)?;
    let mut writes = Vec::with_capacity(papers.len());
    for paper in papers {
        let sealed = labels::seal(&keys, world.moment().chance, &paper.sha, b"", &paper.bytes)?;
        writes.push(world.keep_label(&paper.sha, sealed));
    }
    join_all(writes).await.into_iter().collect()
}
