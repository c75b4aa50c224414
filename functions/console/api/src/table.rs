//! The one list of routes: dispatch, rights and the OpenAPI description all read it.

use crate::cx::{Cx, Reply};
use crate::problem::Problem;
use futures::future::{FutureExt, LocalBoxFuture};
use http::Method;
use huidan_wire::api::Role;
use huidan_world::{Outgoing, World};
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Serialize, de::DeserializeOwned};
use std::rc::Rc;

type Handler<W> = Rc<dyn for<'a> Fn(&'a Cx<'a, W>) -> LocalBoxFuture<'a, Result<Outgoing, Problem>>>;

/// What a route takes in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Takes {
    /// Its query.
    Query,
    /// JSON.
    Json,
    /// A file.
    File,
    /// A file, alone or in a form beside its mapping.
    Mapped,
}

/// One route.
pub(crate) struct Route<W> {
    /// Method.
    pub(crate) method: Method,
    /// Path; `{name}` is a variable part.
    pub(crate) path: &'static str,
    /// The smallest role that may use it; `None`: anybody.
    pub(crate) least: Option<Role>,
    /// One sentence.
    pub(crate) says: &'static str,
    /// What it takes in.
    pub(crate) takes: Takes,
    /// The type of what it takes in.
    pub(crate) asks: fn(&mut SchemaGenerator) -> Schema,
    /// The type of what it answers.
    pub(crate) answers: fn(&mut SchemaGenerator) -> Schema,
    /// What does it.
    pub(crate) handler: Handler<W>,
}

impl<W: World + 'static> Route<W> {
    /// A look: takes its query, changes nothing.
    pub(crate) fn get<Q, A, H>(path: &'static str, least: Role, says: &'static str, handler: H) -> Self
    where
        Q: DeserializeOwned + JsonSchema,
        A: Serialize + JsonSchema,
        H: for<'a> AsyncFn(&'a Cx<'a, W>, Q) -> Result<Reply<A>, Problem> + 'static,
    {
        Self::new::<Q, A, H>(Method::GET, path, least, says, handler)
    }

    /// A deed: takes JSON.
    pub(crate) fn post<Q, A, H>(path: &'static str, least: Role, says: &'static str, handler: H) -> Self
    where
        Q: DeserializeOwned + JsonSchema,
        A: Serialize + JsonSchema,
        H: for<'a> AsyncFn(&'a Cx<'a, W>, Q) -> Result<Reply<A>, Problem> + 'static,
    {
        Self::new::<Q, A, H>(Method::POST, path, least, says, handler)
    }

    /// Any method: JSON in, but for GET, which takes its query.
    pub(crate) fn new<Q, A, H>(method: Method, path: &'static str, least: Role, says: &'static str, handler: H) -> Self
    where
        Q: DeserializeOwned + JsonSchema,
        A: Serialize + JsonSchema,
        H: for<'a> AsyncFn(&'a Cx<'a, W>, Q) -> Result<Reply<A>, Problem> + 'static,
    {
        let takes = if method == Method::GET { Takes::Query } else { Takes::Json };
        Self::taking::<Q, A, H>(takes, method, path, least, says, handler)
    }

    fn taking<Q, A, H>(
        takes: Takes,
        method: Method,
        path: &'static str,
        least: Role,
        says: &'static str,
        handler: H,
    ) -> Self
    where
        Q: DeserializeOwned + JsonSchema,
        A: Serialize + JsonSchema,
        H: for<'a> AsyncFn(&'a Cx<'a, W>, Q) -> Result<Reply<A>, Problem> + 'static,
    {
        let handler = Rc::new(handler);
        Self {
            method,
            path,
            least: Some(least),
            says,
            takes,
            asks: SchemaGenerator::subschema_for::<Q>,
            answers: SchemaGenerator::subschema_for::<A>,
            handler: Rc::new(move |cx| {
                let handler = Rc::clone(&handler);
                async move {
                    let asked: Q = crate::read::asked(takes, cx)?;
                    Ok(handler(cx, asked).await?.answer())
                }
                .boxed_local()
            }),
        }
    }

    /// A deed that takes a file as its body, and a query.
    pub(crate) fn file<Q, A, H>(path: &'static str, least: Role, says: &'static str, handler: H) -> Self
    where
        Q: DeserializeOwned + JsonSchema,
        A: Serialize + JsonSchema,
        H: for<'a> AsyncFn(&'a Cx<'a, W>, Q) -> Result<Reply<A>, Problem> + 'static,
    {
        Self::taking::<Q, A, H>(Takes::File, Method::POST, path, least, says, handler)
    }

    /// The same, also as a form with the file's mapping.
    pub(crate) fn mapped<Q, A, H>(path: &'static str, least: Role, says: &'static str, handler: H) -> Self
    where
        Q: DeserializeOwned + JsonSchema,
        A: Serialize + JsonSchema,
        H: for<'a> AsyncFn(&'a Cx<'a, W>, Q) -> Result<Reply<A>, Problem> + 'static,
    {
        Self::taking::<Q, A, H>(Takes::Mapped, Method::POST, path, least, says, handler)
    }

    /// For anybody.
    pub(crate) fn open(mut self) -> Self {
        self.least = None;
        self
    }
}

/// Every route.
pub(crate) fn routes<W: World + 'static>() -> Vec<Route<W>> {
    let mut routes = Vec::new();
    crate::route::all(&mut routes);
    routes
}

/// What a path means.
pub(crate) enum Found<W> {
    /// A route, and the variable parts of the path.
    Route(Route<W>, Vec<String>),
    /// A path of ours, but no such method.
    OtherMethod(Vec<Method>),
    /// Nothing of ours.
    Nothing,
}

/// Finds the route of a request. A path without variable parts goes before one with them.
pub(crate) fn find<W: World + 'static>(method: &Method, path: &str) -> Found<W> {
    let mut others = Vec::new();
    let mut best: Option<(Route<W>, Vec<String>)> = None;
    for route in routes::<W>() {
        let Some(parts) = parts(route.path, path) else { continue };
        if route.method != *method {
            others.push(route.method);
        } else if best.as_ref().is_none_or(|(_, fewest)| parts.len() < fewest.len()) {
            best = Some((route, parts));
        }
    }
    match best {
        Some((route, parts)) => Found::Route(route, parts),
        None if others.is_empty() => Found::Nothing,
        None => Found::OtherMethod(others),
    }
}

/// The variable parts of a path that fits a pattern, percent-decoded.
fn parts(pattern: &str, path: &str) -> Option<Vec<String>> {
    let (mut wanted, mut given) = (pattern.split('/'), path.split('/'));
    let mut parts = Vec::new();
    loop {
        match (wanted.next(), given.next()) {
            (None, None) => return Some(parts),
            (Some(name), Some(value)) if name.starts_with('{') && !value.is_empty() => {
                parts.push(crate::read::decoded(value)?);
            }
            (Some(fixed), Some(value)) if fixed == value => {}
            _ => return None,
        }
    }
}
