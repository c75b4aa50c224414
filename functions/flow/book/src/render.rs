//! Rendering labels and queueing them: kept in the label store first, all at once, then stored and queued in one
//! transaction.

use crate::lane::Lane;
use crate::paper::{self, Paper, Place};
use futures::future::join_all;
use huidan_domain::Millis;
use huidan_store::labels::{self, Printer, Rendered, ToRender, print_data_seal_name};
use huidan_store::waybills::{self, Booking, Outcome};
use huidan_store::{Keyring, StoreError, transaction};
use huidan_world::World;
use std::collections::HashMap;

/// Most labels of a turn.
const BATCH: u32 = 100;
/// How long a label waits for a printer before it is looked at again, in milliseconds. A printer that appears makes it
/// due at once.
const NO_PRINTER_MS: i64 = 600_000;
/// How long a label waits whose bytes could not be kept, in milliseconds.
const AGAIN_MS: i64 = 10_000;

const NO_PRINTER: &str = "仓库没有打印机：请运行 print-bridge 并配对 / the warehouse has no printer: start print-bridge and \
                          pair it";
const NO_COMPONENT: &str = "仓库没有平台打印组件：请用 --printer 名称=cnprint://127.0.0.1:13528 接入 / the warehouse has no \
                            platform print component: add --printer NAME=cnprint://127.0.0.1:13528 to print-bridge";

/// Renders what waits for it.
pub(crate) async fn turn<W: World>(lane: &Lane<'_, W>) -> Result<(), StoreError> {
    let world = lane.world;
    let due = due(lane).await?;
    let keys = crate::receiver_keys(world).await?;
    let waybills: Vec<String> =
        due.iter().filter(|due| due.printer.is_some()).filter_map(|due| due.waybill.clone()).collect();
    let bookings = world.main(async |db| waybills::bookings(db, &keys, &waybills).await).await?;
    queue(lane, due, bookings).await
}

/// Renders labels of numbers that have just been given, from what is at hand. What else waits for rendering in the lane
/// gets its own turn.
pub(crate) async fn issued<W: World>(
    lane: &Lane<'_, W>,
    mut bookings: Vec<Booking>,
    outcomes: &[(String, Outcome)],
) -> Result<(), StoreError> {
    if bookings.is_empty() {
        return Ok(());
    }
    for booking in &mut bookings {
        let outcome = outcomes.iter().find(|(id, _)| *id == booking.waybill).map(|(_, outcome)| outcome);
        if let Some(Outcome::Issued { number, routing, by, print_data }) = outcome {
            booking.number = Some(number.as_str().to_owned());
            booking.routing.clone_from(routing);
            booking.carried_by.clone_from(by);
            booking.print_data.clone_from(print_data);
        }
    }
    let mut due = due(lane).await?;
    due.retain(|due| bookings.iter().any(|booking| due.waybill.as_ref() == Some(&booking.waybill)));
    queue(lane, due, bookings).await
}

async fn due<W: World>(lane: &Lane<'_, W>) -> Result<Vec<ToRender>, StoreError> {
    let now = lane.world.moment().now;
    lane.world.main(async |db| labels::due(db, now, &lane.account.id, BATCH).await).await
}

/// A label and where it goes.
struct Ready {
    booking: Booking,
    printer: Printer,
    copy_no: u32,
    reason: String,
    actor: String,
    batch: String,
    seq: (u32, u32),
    strict: bool,
    paper: Paper,
}

async fn queue<W: World>(lane: &Lane<'_, W>, due: Vec<ToRender>, bookings: Vec<Booking>) -> Result<(), StoreError> {
    let world = lane.world;
    let keys = crate::label_keys(world).await?;
    let moment = world.moment();
    let batch_id = moment.id();
    let mut bookings: HashMap<String, Booking> =
        bookings.into_iter().map(|booking| (booking.waybill.clone(), booking)).collect();
    let (mut parked, mut waiting) = (Vec::new(), Vec::new());
    let mut wanted: Vec<(Booking, Printer, ToRender)> = Vec::with_capacity(due.len());
    for due in due {
        let Some(waybill) = &due.waybill else {
            parked.push((due.package, "没有可打印的单号 / it has no number that may be printed".to_owned()));
            continue;
        };
        match (due.printer.clone(), bookings.remove(waybill)) {
            (Some(printer), Some(booking)) => wanted.push((booking, printer, due)),
            (None, booking) => {
                let by_platform = booking.is_some_and(|booking| booking.print_data.is_some());
                let why = if by_platform || lane.manifest.takes_tokens_of.iter().any(|id| !id.is_empty()) {
                    NO_COMPONENT
                } else {
                    NO_PRINTER
                };
                waiting.push((due.package, why.to_owned()));
            }
            (Some(_), None) => parked.push((due.package, "找不到运单 / its waybill is gone".to_owned())),
        }
    }
    let ready = drawn(&keys, &lane.manifest.zh, &batch_id, moment.now, wanted, &mut parked);
    let (kept, failed) = keep(world, &keys, &ready).await?;
    let rendered: Vec<Rendered> = kept.into_iter().map(rendered).collect();
    let again_at = |ms| Some(Millis(moment.now.0 + ms));
    world
        .main(async |db| {
            transaction(db, async |db| {
                labels::store(db, world.moment(), &rendered).await?;
                labels::park(db, &parked, None).await?;
                labels::park(db, &waiting, again_at(NO_PRINTER_MS)).await?;
                labels::park(db, &failed, again_at(AGAIN_MS)).await
            })
            .await
        })
        .await
}

/// Draws every label. A label that might lead its parcel astray is not drawn, and leaves no gap in the numbering: its
/// place is given to the next.
fn drawn(
    keys: &Keyring,
    carrier: &str,
    batch_id: &str,
    now: Millis,
    mut wanted: Vec<(Booking, Printer, ToRender)>,
    parked: &mut Vec<(String, String)>,
) -> Vec<Ready> {
    loop {
        let mut sizes: HashMap<String, u32> = HashMap::new();
        for (_, printer, due) in &wanted {
            if due.wish.is_none() {
                *sizes.entry(printer.id.clone()).or_default() += 1;
            }
        }
        let mut next: HashMap<String, u32> = HashMap::new();
        let mut ready = Vec::with_capacity(wanted.len());
        let mut wrong: Vec<(String, String)> = Vec::new();
        for (booking, printer, due) in &wanted {
            let ready_one = one(keys, carrier, now, booking, printer, due, || {
                let seq = next.entry(printer.id.clone()).or_default();
                *seq += 1;
                // Each printer has a batch of its own, so that its labels are counted without a gap.
                (format!("{batch_id}/{}", printer.id), (*seq, sizes.get(&printer.id).copied().unwrap_or(1)))
            });
            match ready_one {
                Ok(one) => ready.push(one),
                Err(reason) => wrong.push((due.package.clone(), reason)),
            }
        }
        if wrong.is_empty() {
            return ready;
        }
        wanted.retain(|(_, _, due)| !wrong.iter().any(|(package, _)| *package == due.package));
        parked.append(&mut wrong);
    }
}

fn one(
    keys: &Keyring,
    carrier: &str,
    now: Millis,
    booking: &Booking,
    printer: &Printer,
    due: &ToRender,
    place: impl FnOnce() -> (String, (u32, u32)),
) -> Result<Ready, String> {
    let (batch, seq, copy_no, reason, actor, strict) = match &due.wish {
        Some(wish) => {
            let (reason, actor) = (wish.reason.clone(), wish.actor.clone());
            // What a person put into order stays in order; what was only rendered anew goes as it went.
            let strict = wish.of > 1 && actor != "print-queue";
            (wish.batch.clone(), (wish.seq, wish.of), wish.copy_no, reason, actor, strict)
        }
        None => {
            let (batch, seq) = place();
            (batch, seq, 1, String::new(), "flow-book".to_owned(), false)
        }
    };
    let paper = match &booking.print_data {
        Some(sealed) => {
            let opened = keys.open(&print_data_seal_name(&booking.waybill), sealed);
            let opened = opened
                .map_err(|_| "打印数据无法解密，请检查 label_key / print data cannot be opened: check label_key")?;
            paper::document(booking.number.as_deref().unwrap_or_default(), &opened)?
        }
        None => paper::label(booking, carrier, printer, Place { seq, copy_no, now })?,
    };
    Ok(Ready { booking: booking.clone(), printer: printer.clone(), copy_no, reason, actor, batch, seq, strict, paper })
}

/// Keeps the bytes, all at once. What could not be kept is tried again; the rest goes on.
async fn keep<'a, W: World>(
    world: &W,
    keys: &Keyring,
    ready: &'a [Ready],
) -> Result<(Vec<&'a Ready>, Vec<(String, String)>), StoreError> {
    let mut sealed = Vec::with_capacity(ready.len());
    for ready in ready {
        let Paper { model, bytes, sha } = &ready.paper;
        sealed.push(labels::seal(keys, world.moment().chance, sha, model, bytes)?);
    }
    let writes = ready.iter().zip(sealed).map(|(ready, sealed)| world.keep_label(&ready.paper.sha, sealed));
    let (mut kept, mut failed) = (Vec::with_capacity(ready.len()), Vec::new());
    for (ready, written) in ready.iter().zip(join_all(writes).await) {
        match written {
            Ok(()) => kept.push(ready),
            Err(error) => {
                world.log(format_args!("label of waybill {} not kept: {error}", ready.booking.waybill));
                failed.push((
                    ready.booking.package.clone(),
                    "面单存不下来，稍后再试 / the label cannot be kept: tried again soon".to_owned(),
                ));
            }
        }
    }
    Ok((kept, failed))
}

fn rendered(ready: &Ready) -> Rendered {
    let platform = ready.booking.print_data.is_some();
    Rendered {
        package: ready.booking.package.clone(),
        waybill: ready.booking.waybill.clone(),
        printer: ready.printer.id.clone(),
        format: if platform { "platform-task".to_owned() } else { ready.printer.lang.clone() },
        dpi: ready.printer.dpi,
        width_mm: ready.printer.width_mm,
        height_mm: ready.printer.height_mm,
        sha: ready.paper.sha.clone(),
        bytes: ready.paper.bytes.len(),
        batch: ready.batch.clone(),
        seq: ready.seq.0,
        of: ready.seq.1,
        strict: ready.strict,
        fence: ready.booking.fence,
        copy_no: ready.copy_no,
        reason: ready.reason.clone(),
        actor: ready.actor.clone(),
    }
}
