//! Mother and child waybills: several pieces that travel as one parcel.
//!
//! The mother's number is the waybill's; the further pieces have numbers of their own, from the second on.

use super::Drawn;
use crate::json::{batch, text};
use crate::track::NewScan;
use crate::{Db, Entry, Moment, Row, StoreError, append};
use huidan_domain::WaybillNo;
use std::collections::{BTreeMap, BTreeSet};

/// Most pieces that a parcel may be said to have, whatever its carrier takes.
pub const MOST_PIECES: u16 = 200;

/// A further piece that a carrier gave a number for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GivenChild {
    /// Its number.
    pub number: WaybillNo,
    /// A platform's document that its print component renders, sealed.
    pub print_data: Option<Vec<u8>>,
    /// The carrier's own document.
    pub document: Option<Drawn>,
}

/// A further piece as its paper needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Child {
    /// Which piece, from 2.
    pub seq: u16,
    /// Its number.
    pub number: String,
    /// A platform's document, sealed.
    pub print_data: Option<Vec<u8>>,
    /// The carrier's own document.
    pub document: Option<Drawn>,
}

/// What stands of a child in a statement that reads a booking: place, number, print data in hex, document.
pub(super) type Columns = (u16, String, String, Option<String>);

impl TryFrom<Columns> for Child {
    type Error = StoreError;

    fn try_from((seq, number, print_data, document): Columns) -> Result<Self, StoreError> {
        let print_data = hex::decode(print_data).map_err(|_| StoreError::Shape { column: 2 })?;
        Ok(Self {
            seq,
            number,
            print_data: (!print_data.is_empty()).then_some(print_data),
            document: super::read::document(document.as_deref())?,
        })
    }
}

/// Stores the further pieces of waybills, inside the caller's transaction. A number that the house has already is left
/// out: then a piece is missing, and its parcel is not printed.
pub(super) async fn store<D: Db>(db: &D, given: &[(&str, &[GivenChild])]) -> Result<(), StoreError> {
    let mut rows = Vec::new();
    for (waybill, children) in given {
        for (child, seq) in children.iter().zip(2_u32..) {
            let document = child.document.as_ref().map(text).transpose()?;
            let print_data = child.print_data.as_ref().map(hex::encode);
            rows.push((*waybill, seq, child.number.as_str(), print_data, document));
        }
    }
    if rows.is_empty() {
        return Ok(());
    }
    let rows = batch(&rows)?;
    // A carrier gives out again what came back: what was given back has had its life.
    db.run(
        "DELETE FROM waybill_child WHERE (carrier, number) IN (
             SELECT w.carrier, n.value ->> 2 FROM json_each(?1) AS n JOIN waybill AS w ON w.id = n.value ->> 0)
           AND waybill IN (SELECT id FROM waybill WHERE state IN ('voided', 'reclaimed'))",
        std::slice::from_ref(&rows),
    )
    .await?;
    db.run(
        "INSERT INTO waybill_child (waybill, seq, carrier, number, print_data, document)
         SELECT n.value ->> 0, n.value ->> 1, w.carrier, n.value ->> 2, unhex(n.value ->> 3), n.value ->> 4
         FROM json_each(?1) AS n JOIN waybill AS w ON w.id = n.value ->> 0 WHERE true ON CONFLICT DO NOTHING",
        &[rows],
    )
    .await?;
    Ok(())
}

/// What becomes of a wish for another number of pieces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pieces {
    /// There is no such package.
    Unknown,
    /// It has left the house, or is cancelled.
    Over,
    /// A number is being taken or given back just now.
    Busy,
    /// It has that many already.
    Same,
    /// It will be booked so; the lane to wake, where it waits for nothing else.
    Planned(Option<String>),
    /// Its number goes back and a new one with new children is taken: the lane to wake.
    Anew(String),
}

/// A person says how many pieces a package has, inside the caller's transaction. No carrier's interface adds a piece to
/// a number that is given: a package that has one gives it back and takes others. It stays what it is, but its paper is
/// stale.
///
/// # Errors
/// The database's.
pub async fn set_pieces<D: Db>(
    db: &D,
    moment: Moment<'_>,
    package: &str,
    pieces: u16,
    actor: &str,
) -> Result<Pieces, StoreError> {
    let rows = db.run("SELECT status, work, pieces, account FROM package WHERE id = ?1", &[package.into()]).await?;
    let Some(row) = rows.iter().next() else { return Ok(Pieces::Unknown) };
    let (status, work, has) = (row.text(0)?, row.text(1)?, row.count(2)?);
    let account = row.string(3)?;
    let numbered = match (status, work) {
        ("planned", "" | "book" | "shadow") => false,
        ("numbered" | "printed" | "verified", "" | "render") => true,
        ("planned" | "numbered" | "printed" | "verified", _) => return Ok(Pieces::Busy),
        _ => return Ok(Pieces::Over),
    };
    if has == u32::from(pieces) {
        return Ok(Pieces::Same);
    }
    // What was refused for its pieces waits for nobody: it is booked again.
    db.run(
        "UPDATE package SET pieces = ?2, updated_at = ?3, waits_for = '', work_at = ?3,
             fence = fence + ?4, work = CASE WHEN ?4 THEN 'void' WHEN work = '' THEN 'book' ELSE work END,
             rebook = ?4
         WHERE id = ?1",
        &[package.into(), u32::from(pieces).into(), moment.now.into(), i64::from(numbered).into()],
    )
    .await?;
    let entry = Entry::new(actor, "package", package, "pieces_set");
    append(db, moment.now, &[entry.with(serde_json::json!({ "was": has, "pieces": pieces }))]).await?;
    Ok(match numbered {
        true => Pieces::Anew(account),
        false => Pieces::Planned((work != "shadow").then_some(account)),
    })
}

/// Packages of an account whose number went back so that they get another are booked now; where the carrier kept the
/// number a person reads why. Inside the caller's transaction.
///
/// # Errors
/// The database's.
pub async fn rebook<D: Db>(db: &D, moment: Moment<'_>, account: &str) -> Result<(), StoreError> {
    db.run(
        "UPDATE package SET rebook = 0, work = iif(status = 'planned', 'book', work), work_at = ?2
         WHERE rebook = 1 AND account = ?1 AND work = ''",
        &[account.into(), moment.now.into()],
    )
    .await?;
    Ok(())
}

/// A piece was scanned at the bench, inside the caller's transaction: which pieces of its parcel are still to be
/// scanned, and of how many. Empty for a parcel of one piece.
///
/// # Errors
/// The database's.
pub async fn scanned<D: Db>(
    db: &D,
    moment: Moment<'_>,
    package: &str,
    number: &str,
) -> Result<(Vec<u16>, u16), StoreError> {
    let rows = db
        .run(
            "SELECT w.id, p.fence, 1 + (SELECT count(*) FROM waybill_child WHERE waybill = w.id),
                 coalesce((SELECT seq FROM waybill_child WHERE waybill = w.id AND number = ?2), 1)
             FROM package AS p JOIN waybill AS w ON w.id = p.waybill WHERE p.id = ?1",
            &[package.into(), number.into()],
        )
        .await?;
    let Some(row) = rows.iter().next() else { return Ok((Vec::new(), 1)) };
    let (waybill, fence, of) = (row.text(0)?, row.int(1)?, row.count(2)?);
    if of < 2 {
        return Ok((Vec::new(), 1));
    }
    db.run(
        "INSERT INTO piece_scan (waybill, seq, fence, at) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (waybill, seq) DO UPDATE SET fence = excluded.fence, at = excluded.at",
        &[waybill.into(), row.int(3)?.into(), fence.into(), moment.now.into()],
    )
    .await?;
    let rows =
        db.run("SELECT seq FROM piece_scan WHERE waybill = ?1 AND fence = ?2", &[waybill.into(), fence.into()]).await?;
    let seen: BTreeSet<u32> = rows.iter().map(|row| row.count(0)).collect::<Result<_, _>>()?;
    let small = |n: u32| u16::try_from(n).unwrap_or(u16::MAX);
    Ok(((1..=of).filter(|seq| !seen.contains(seq)).map(small).collect(), small(of)))
}

/// A mother or a child among scanned numbers.
struct Piece {
    mother: String,
    seq: u32,
    of: u32,
}

/// Puts the scans of children under their mother's number, so that all pieces move one package. A parcel is signed for
/// when its last piece is; until then a piece that was is one more stage on the way.
///
/// # Errors
/// The database's.
pub async fn gathered<D: Db>(db: &D, carrier: &str, scans: &[NewScan]) -> Result<Vec<NewScan>, StoreError> {
    let numbers: BTreeSet<&str> = scans.iter().map(|scan| scan.number.as_str()).collect();
    let pieces = pieces(db, carrier, &numbers).await?;
    if pieces.is_empty() {
        return Ok(scans.to_vec());
    }
    let mothers: BTreeSet<&str> = pieces.values().map(|piece| piece.mother.as_str()).collect();
    let rows = db
        .run(
            "SELECT number, key FROM scan WHERE number IN (SELECT value FROM json_each(?1)) AND key LIKE '%#signed'",
            &[batch(&mothers)?],
        )
        .await?;
    let mut signed: BTreeMap<String, BTreeSet<u32>> = BTreeMap::new();
    for row in &rows {
        let seq: Option<u32> = row.text(1)?.split('#').next().and_then(|seq| seq.parse().ok());
        signed.entry(row.string(0)?).or_default().extend(seq);
    }
    let mut ordered: Vec<&NewScan> = scans.iter().collect();
    ordered.sort_by_key(|scan| scan.at);
    Ok(ordered.into_iter().map(|scan| of_piece(scan, &pieces, &mut signed)).collect())
}

fn of_piece(scan: &NewScan, pieces: &BTreeMap<String, Piece>, signed: &mut BTreeMap<String, BTreeSet<u32>>) -> NewScan {
    let Some(piece) = pieces.get(&scan.number) else { return scan.clone() };
    let is_signed = scan.kind == "signed";
    let stage = if is_signed { "#signed" } else { "" };
    let mut gathered = NewScan {
        number: piece.mother.clone(),
        key: format!("{}#{}{stage}", piece.seq, scan.key),
        text: format!("[{}/{}] {}", piece.seq, piece.of, scan.text),
        ..scan.clone()
    };
    if is_signed {
        let there = signed.entry(piece.mother.clone()).or_default();
        there.insert(piece.seq);
        if u32::try_from(there.len()).is_ok_and(|count| count < piece.of) {
            "moving".clone_into(&mut gathered.kind);
        }
    }
    gathered
}

/// The numbers of the further pieces of parcels that are to be asked about, by their mothers' numbers: a carrier answers
/// for each piece apart.
///
/// # Errors
/// The database's.
pub async fn further<D: Db>(db: &D, mothers: &[&str]) -> Result<Vec<(String, String)>, StoreError> {
    let rows = db
        .run(
            "SELECT w.number, c.number FROM json_each(?1) AS k JOIN waybill AS w ON w.number = k.value
             JOIN waybill_child AS c ON c.waybill = w.id ORDER BY k.key, c.seq",
            &[batch(mothers)?],
        )
        .await?;
    rows.iter().map(|row| Ok((row.string(0)?, row.string(1)?))).collect()
}

async fn pieces<D: Db>(db: &D, carrier: &str, numbers: &BTreeSet<&str>) -> Result<BTreeMap<String, Piece>, StoreError> {
    let rows = db
        .run(
            "SELECT k.value, w.number, coalesce(c.seq, 1), 1 + (SELECT count(*) FROM waybill_child WHERE waybill = w.id)
             FROM json_each(?1) AS k LEFT JOIN waybill_child AS c ON c.number = k.value
             JOIN waybill AS w ON w.id = c.waybill OR (c.waybill IS NULL AND w.number = k.value)
             WHERE EXISTS (SELECT 1 FROM waybill_child WHERE waybill = w.id)
               AND (w.carrier = ?2 OR EXISTS (SELECT 1 FROM watch AS t WHERE t.waybill = w.id AND t.watcher = ?2))",
            &[batch(numbers)?, carrier.into()],
        )
        .await?;
    let read =
        |row: &Row| Ok((row.string(0)?, Piece { mother: row.string(1)?, seq: row.count(2)?, of: row.count(3)? }));
    rows.iter().map(read).collect()
}
