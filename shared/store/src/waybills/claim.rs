//! What a claim is made of. A carrier gives one number for one claim, however often it is asked. So that a house which
//! lost its memory (a database restored from yesterday) asks for what it has and not for more, a claim follows from the
//! parcel alone: from ids that others gave and that come back with the order, never from ids of ours.

use crate::json::batch;
use crate::{Db, Row, StoreError};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::HashMap;

/// A claim and what it is made of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Claim {
    /// The new waybill's id.
    pub(super) id: String,
    /// Whose.
    pub(super) package: String,
    /// What the carrier sees: 26 characters of `0-9 A-Z`.
    pub(super) claim: String,
    /// What it is made of.
    pub(super) basis: String,
}

/// One piece of a package: shop, the channel's id of the order and of its line, our SKU, how many, the receiver's hash.
type Piece = (String, String, String, String, i64, String);

/// The claims of packages, in their order: the first that was ever made on such a basis, or the next after those.
pub(super) async fn of<D: Db>(
    db: &D,
    packages: &[String],
    new_id: impl Fn() -> String,
) -> Result<Vec<Claim>, StoreError> {
    let rows = db
        .run(
            "SELECT p.account,
                 (SELECT json_group_array(json_array(o.shop, o.ext_id, l.ext_line_id, pl.sku, pl.qty,
                      hex(o.receiver_hash)))
                  FROM package_line AS pl JOIN order_line AS l ON l.id = pl.order_line
                  JOIN orders AS o ON o.id = l.order_id WHERE pl.package = p.id)
             FROM json_each(?1) AS k JOIN package AS p ON p.id = k.value ORDER BY k.key",
            &[batch(packages)?],
        )
        .await?;
    let bases = rows.iter().map(basis).collect::<Result<Vec<_>, _>>()?;
    let mut made = made(db, &bases).await?;
    let claims = packages.iter().zip(bases).map(|(package, basis)| {
        let nth = made.entry(basis.clone()).or_default();
        let claim = claim(&basis, *nth);
        *nth += 1;
        Claim { id: new_id(), package: package.clone(), claim, basis }
    });
    Ok(claims.collect())
}

fn basis(row: &Row) -> Result<String, StoreError> {
    let mut pieces: Vec<Piece> = row.json(1)?;
    pieces.sort();
    let text =
        serde_json::to_string(&(row.text(0)?, pieces)).map_err(|error| StoreError::Unknown(error.to_string()))?;
    Ok(hex::encode(Sha256::digest(format!("huidan claim 1\n{text}"))))
}

/// How many claims were made on each basis.
async fn made<D: Db>(db: &D, bases: &[String]) -> Result<HashMap<String, i64>, StoreError> {
    let rows = db
        .run(
            "SELECT k.value, count(w.id) FROM (SELECT DISTINCT value FROM json_each(?1)) AS k
             JOIN waybill AS w ON w.basis = k.value AND w.basis <> '' GROUP BY k.value",
            &[batch(bases)?],
        )
        .await?;
    rows.iter().map(|row| Ok((row.string(0)?, row.int(1)?))).collect()
}

fn claim(basis: &str, nth: i64) -> String {
    let digest = Sha256::digest(format!("{basis}\n{nth}"));
    let first = digest.iter().take(16).fold(0_u128, |sum, byte| (sum << 8) | u128::from(*byte));
    ulid::Ulid(first).to_string()
}

/// Claims that certainly were never sent are let go, and what they are made of is free for the next.
pub(super) async fn forget<D: Db>(db: &D, waybills: &[String]) -> Result<(), StoreError> {
    if waybills.is_empty() {
        return Ok(());
    }
    db.run(
        "UPDATE waybill SET state = 'refused', lease_until = 0, claim = 'unsent/' || id, basis = ''
         WHERE id IN (SELECT value FROM json_each(?1))",
        &[batch(waybills)?],
    )
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::claim;

    #[test]
    fn a_claim_follows_from_its_basis_and_place_and_looks_like_any_other() {
        let first = claim("b", 0);
        assert_eq!(first, claim("b", 0));
        assert!(first != claim("b", 1) && first != claim("c", 0));
        assert_eq!(first.len(), 26);
        assert!(first.bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase()));
    }
}
