//! What the operators' API reads and writes. Answers are the API's own types, so that a list is one statement and no
//! second shape stands between the row and the JSON.

pub mod bench;
pub mod desk;
pub mod goods;
pub mod mappings;
pub mod orders;
pub mod packages;
pub mod people;
pub mod rules;
pub mod seller;
pub mod shadow;
pub mod shelf;
pub mod station;

use crate::{Db, Entry, Moment, StoreError, append};

/// Which part of a list, in the order of its ids.
#[derive(Debug, Clone, Copy, Default)]
pub struct Part<'a> {
    /// Only this one.
    pub one: Option<&'a str>,
    /// After this one.
    pub after: Option<&'a str>,
    /// At most so many.
    pub limit: u32,
}

impl<'a> Part<'a> {
    /// Only one.
    pub const fn one(id: &'a str) -> Self {
        Self { one: Some(id), after: None, limit: 1 }
    }
}

/// Writes one thing that somebody did.
async fn note<D: Db>(
    db: &D,
    moment: Moment<'_>,
    actor: &str,
    entity: &'static str,
    id: &str,
    kind: &str,
) -> Result<(), StoreError> {
    append(db, moment.now, &[Entry::new(actor, entity, id, kind)]).await
}
