use crate::door::Who;
use crate::problem::Problem;
use bytes::Bytes;
use http::{HeaderMap, StatusCode};
use huidan_store::{Keyring, Moment, StoreError, transaction};
use huidan_wire::api::Role;
use huidan_world::{Outgoing, World, serve};
use serde::Serialize;

/// What a handler has at hand.
pub(crate) struct Cx<'a, W> {
    /// The world.
    pub(crate) world: &'a W,
    /// Who asks.
    pub(crate) who: Who,
    /// The variable parts of the path, in order.
    pub(crate) parts: Vec<String>,
    /// The query as it came.
    pub(crate) query: String,
    /// The request's headers.
    pub(crate) headers: HeaderMap,
    /// The body as it came.
    pub(crate) body: Bytes,
}

impl<W: World> Cx<'_, W> {
    /// The first variable part of the path.
    pub(crate) fn id(&self) -> &str {
        self.part(0)
    }

    /// A variable part of the path.
    pub(crate) fn part(&self, nth: usize) -> &str {
        self.parts.get(nth).map(String::as_str).unwrap_or_default()
    }

    /// Who asks, for the log.
    pub(crate) fn actor(&self) -> &str {
        &self.who.actor
    }

    /// Whether who asks may see names, phones and streets.
    pub(crate) fn sees_receivers(&self) -> bool {
        self.who.role > Role::Viewer
    }

    /// Now, and chance.
    pub(crate) fn moment(&self) -> Moment<'_> {
        self.world.moment()
    }

    /// Reads from the main database.
    pub(crate) async fn look<T>(&self, work: impl AsyncFn(&W::Db) -> Result<T, StoreError>) -> Result<T, Problem> {
        Ok(self.world.main(work).await?)
    }

    /// Writes to the main database in one transaction.
    pub(crate) async fn change<T>(&self, work: impl AsyncFn(&W::Db) -> Result<T, StoreError>) -> Result<T, Problem> {
        Ok(self.world.main(async |db| transaction(db, &work).await).await?)
    }

    /// A key by its variable's name.
    pub(crate) async fn keys(&self, variable: &str) -> Result<Keyring, Problem> {
        let text = self.world.variable(variable).await.ok_or(StoreError::Sealed)?;
        Keyring::parse(&text).map_err(|_| StoreError::Sealed.into())
    }

    /// A path as an address that the outside can call.
    pub(crate) async fn address(&self, path: &str) -> String {
        let public = self.world.variable("public_url").await.unwrap_or_default();
        format!("{}{path}", public.trim_end_matches('/'))
    }
}

/// What a handler answers.
pub(crate) enum Reply<A> {
    /// JSON.
    Json(StatusCode, A),
    /// Something else: a picture, a spreadsheet, JSON with further headers.
    Whole(Outgoing),
}

impl<A> From<A> for Reply<A> {
    fn from(answer: A) -> Self {
        Self::Json(StatusCode::OK, answer)
    }
}

impl<A: Serialize> Reply<A> {
    /// Something new: 201.
    pub(crate) const fn made(answer: A) -> Self {
        Self::Json(StatusCode::CREATED, answer)
    }

    /// As an answer.
    pub(crate) fn answer(self) -> Outgoing {
        match self {
            Self::Json(status, answer) => serve::json(status, &answer),
            Self::Whole(answer) => answer,
        }
    }
}
