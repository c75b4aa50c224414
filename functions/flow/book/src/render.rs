//! Rendering labels and queueing them: kept in the label store first, all at once, then stored and queued in one
//! transaction.

use crate::lane::Lane;
use crate::paper::{self, Paper, Place};
use futures::future::join_all;
use huidan_domain::Millis;
use huidan_store::labels::{self, Printer, Rendered, ToRender, print_data_seal_name};
use huidan_store::waybills::{self, Booking, Drawn, Given, Outcome};
use huidan_store::{Keyring, StoreError, transaction};
use huidan_world::World;
use std::collections::{BTreeSet, HashMap};

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
    // Of several pieces only what was stored is printed: a further number may be another parcel's. Their own turn comes.
    bookings.retain(|booking| booking.pieces < 2);
    if bookings.is_empty() {
        return Ok(());
    }
    for booking in &mut bookings {
        let outcome = outcomes.iter().find(|(id, _)| *id == booking.waybill).map(|(_, outcome)| outcome);
        if let Some(Outcome::Issued(given)) = outcome {
            given_to(booking, given);
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

/// A number that has just been given, with all that its paper needs.
fn given_to(booking: &mut Booking, given: &Given) {
    booking.number = Some(given.number.as_str().to_owned());
    booking.routing.clone_from(&given.routing);
    booking.carried_by.clone_from(&given.by);
    booking.print_data.clone_from(&given.print_data);
    booking.document.clone_from(&given.document);
}

/// A label, and the job that is to print it.
struct Ready {
    job: Rendered,
    paper: Paper,
    /// Whether its bytes are kept already: a carrier's own document.
    kept: bool,
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
    let documents = documents(world, &keys, &wanted).await?;
    let draw =
        Draw { keys: &keys, carrier: &lane.manifest.zh, batch: &batch_id, now: moment.now, documents: &documents };
    let ready = draw.all(wanted, &mut parked);
    let (rendered, failed) = keep(world, &keys, &ready).await?;
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

/// The carriers' own documents that are to be printed, opened, by their SHA-256.
async fn documents<W: World>(
    world: &W,
    keys: &Keyring,
    wanted: &[(Booking, Printer, ToRender)],
) -> Result<HashMap<String, Vec<u8>>, StoreError> {
    let drawn = wanted.iter().flat_map(|(booking, ..)| {
        booking.document.iter().chain(booking.children.iter().filter_map(|child| child.document.as_ref()))
    });
    let shas: BTreeSet<&str> = drawn.map(|drawn| drawn.sha.as_str()).filter(|sha| !sha.is_empty()).collect();
    let mut documents = HashMap::new();
    for sha in shas {
        if let Some(sealed) = world.label(sha).await? {
            documents.insert(sha.to_owned(), labels::open(keys, sha, &sealed)?.bytes);
        }
    }
    Ok(documents)
}

/// What every label of a turn is drawn with.
struct Draw<'a> {
    keys: &'a Keyring,
    /// The carrier's name.
    carrier: &'a str,
    batch: &'a str,
    now: Millis,
    documents: &'a HashMap<String, Vec<u8>>,
}

/// A piece of a parcel: which of how many, its number, and how its paper is made.
struct Piece<'a> {
    place: (u16, u16),
    number: &'a str,
    print_data: Option<&'a [u8]>,
    document: Option<&'a Drawn>,
}

impl Draw<'_> {
    /// Draws every label. A label that might lead its parcel astray is not drawn, and leaves no gap in the numbering: its
    /// place is given to the next. A parcel of several pieces is drawn whole or not at all.
    fn all(&self, mut wanted: Vec<(Booking, Printer, ToRender)>, parked: &mut Vec<(String, String)>) -> Vec<Ready> {
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
                let drawn = self.parcel(booking, printer, due, || {
                    let seq = next.entry(printer.id.clone()).or_default();
                    *seq += 1;
                    // Each printer has a batch of its own, so that its labels are counted without a gap.
                    (format!("{}/{}", self.batch, printer.id), (*seq, sizes.get(&printer.id).copied().unwrap_or(1)))
                });
                match drawn {
                    Ok(pieces) => ready.extend(pieces),
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

    /// The labels of a parcel, one for each piece.
    fn parcel(
        &self,
        booking: &Booking,
        printer: &Printer,
        due: &ToRender,
        place: impl FnOnce() -> (String, (u32, u32)),
    ) -> Result<Vec<Ready>, String> {
        let pieces = pieces(booking)?;
        let (batch, seq, copy_no, reason, actor, strict) = match &due.wish {
            Some(wish) => {
                let (reason, actor) = (wish.reason.clone(), wish.actor.clone());
                // What a person put into order stays in order; what was only rendered anew goes as it went.
                let strict = wish.in_wave || (wish.of > 1 && actor != "print-queue");
                (wish.batch.clone(), (wish.seq, wish.of), wish.copy_no, reason, actor, strict)
            }
            None => {
                let (batch, seq) = place();
                (batch, seq, 1, String::new(), "flow-book".to_owned(), false)
            }
        };
        let drawn = pieces.iter().map(|piece| {
            let place = Place { seq, copy_no, slot: &due.slot, piece: piece.place, now: self.now };
            let (format, paper) = self.piece(booking, piece, printer, place)?;
            let job = Rendered {
                package: booking.package.clone(),
                waybill: booking.waybill.clone(),
                kind: labels::kind_of_piece(piece.place.0),
                piece: piece.place.0,
                printer: printer.id.clone(),
                format,
                dpi: printer.dpi,
                width_mm: printer.width_mm,
                height_mm: printer.height_mm,
                sha: paper.sha.clone(),
                bytes: paper.bytes.len(),
                batch: batch.clone(),
                seq: seq.0,
                of: seq.1,
                strict,
                fence: booking.fence,
                copy_no,
                reason: reason.clone(),
                actor: actor.clone(),
            };
            Ok(Ready { job, paper, kept: piece.document.is_some() })
        });
        drawn.collect()
    }

    /// What is printed of a piece, and in which format.
    fn piece(
        &self,
        booking: &Booking,
        piece: &Piece<'_>,
        printer: &Printer,
        place: Place<'_>,
    ) -> Result<(String, Paper), String> {
        if let Some(sealed) = piece.print_data {
            let name = match piece.place.0 {
                1 => print_data_seal_name(&booking.waybill),
                further => print_data_seal_name(&format!("{}/{further}", booking.waybill)),
            };
            let opened = self.keys.open(&name, sealed);
            let opened = opened
                .map_err(|_| "打印数据无法解密，请检查 label_key / print data cannot be opened: check label_key")?;
            return Ok(("platform-task".to_owned(), paper::document(piece.number, &opened)?));
        }
        if let Some(drawn) = piece.document {
            if !drawn.wrong.is_empty() {
                return Err(drawn.wrong.clone());
            }
            let bytes = self.documents.get(&drawn.sha).ok_or(
                "承运商的面单已清除，请作废后重新取号 / the carrier's label has been purged: void the number and book again",
            )?;
            return Ok((drawn.media.clone(), paper::carriers(&drawn.media, bytes, printer)?));
        }
        Ok((printer.lang.clone(), paper::label(booking, piece.number, self.carrier, printer, place)?))
    }
}

/// The pieces of a parcel, the mother first.
fn pieces(booking: &Booking) -> Result<Vec<Piece<'_>>, String> {
    let number = booking.number.as_deref().ok_or("还没有单号 / it has no number")?;
    let (has, of) = (booking.children.len() + 1, booking.pieces.max(1));
    if has != usize::from(of) {
        return Err(format!(
            "共 {of} 件，承运商给了 {has} 个单号，请作废后重新取号 / it has {of} pieces and the carrier gave {has} \
             numbers: void the number and book again"
        ));
    }
    let mother = Piece {
        place: (1, of),
        number,
        print_data: booking.print_data.as_deref(),
        document: booking.document.as_ref(),
    };
    let further = booking.children.iter().map(|child| Piece {
        place: (child.seq, of),
        number: &child.number,
        print_data: child.print_data.as_deref(),
        document: child.document.as_ref(),
    });
    Ok(std::iter::once(mother).chain(further).collect())
}

/// Keeps the bytes, all at once. A parcel of which something could not be kept is tried again; the rest goes on.
async fn keep<W: World>(
    world: &W,
    keys: &Keyring,
    ready: &[Ready],
) -> Result<(Vec<Rendered>, Vec<(String, String)>), StoreError> {
    let new: Vec<&Ready> = ready.iter().filter(|ready| !ready.kept).collect();
    let mut sealed = Vec::with_capacity(new.len());
    for ready in &new {
        let Paper { model, bytes, sha } = &ready.paper;
        sealed.push(labels::seal(keys, world.moment().chance, sha, model, bytes)?);
    }
    let writes = new.iter().zip(sealed).map(|(ready, sealed)| world.keep_label(&ready.paper.sha, sealed));
    let mut failed: Vec<(String, String)> = Vec::new();
    for (ready, written) in new.iter().zip(join_all(writes).await) {
        if let Err(error) = written {
            world.log(format_args!("label of waybill {} not kept: {error}", ready.job.waybill));
            failed.push((
                ready.job.package.clone(),
                "面单存不下来，稍后再试 / the label cannot be kept: tried again soon".to_owned(),
            ));
        }
    }
    failed.dedup();
    let whole = ready.iter().filter(|ready| failed.iter().all(|(package, _)| *package != ready.job.package));
    Ok((whole.map(|ready| ready.job.clone()).collect(), failed))
}
