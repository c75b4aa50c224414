//! An order, from either of its two shapes.

mod graphql;
mod rest;
mod words;

use huidan_channel::{Document, Reading};
use huidan_exchange::json::{Json, Wrong};

/// Topic of documents that came by GraphQL; all others have the shape of webhooks.
pub(crate) const GRAPHQL: &str = "graphql/order";

/// Reads a document.
pub(crate) fn read(document: &Document) -> Result<Reading, Wrong> {
    let json = Json::parse(document.body.as_bytes())?;
    let order = if document.topic == GRAPHQL { graphql::order(&json)? } else { rest::order(&json.object()?)? };
    Ok(Reading::Order(Box::new(order)))
}
