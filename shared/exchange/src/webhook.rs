use bytes::Bytes;
use http::HeaderMap;
use std::marker::PhantomData;

/// Marks a message whose sender is not proven.
#[derive(Debug, Clone, Copy)]
pub struct Unverified;

/// Marks a message whose sender is proven.
#[derive(Debug, Clone, Copy)]
pub struct Verified;

/// Evidence that a signature or secret was compared and equal. Only [`crate::sign::same`] makes one.
#[derive(Debug)]
pub struct Proof(pub(crate) ());

/// A message that came in from a platform or a carrier.
///
/// Its body can be read only once its sender is proven, so that no parser ever sees what anybody may send.
pub struct Webhook<Trust> {
    path_and_query: String,
    headers: HeaderMap,
    body: Bytes,
    trust: PhantomData<Trust>,
}

impl<Trust> Webhook<Trust> {
    /// Path and query as they were called.
    pub fn path_and_query(&self) -> &str {
        &self.path_and_query
    }

    /// The value of a query parameter, still percent-encoded.
    pub fn query(&self, name: &str) -> Option<&str> {
        let (_, query) = self.path_and_query.split_once('?')?;
        query.split('&').find_map(|pair| pair.split_once('=').filter(|(key, _)| *key == name).map(|(_, value)| value))
    }

    /// A header as text; `None` when it is missing or no text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

impl Webhook<Unverified> {
    /// Takes a message as it came.
    pub fn new(path_and_query: impl Into<String>, headers: HeaderMap, body: Bytes) -> Self {
        Self { path_and_query: path_and_query.into(), headers, body, trust: PhantomData }
    }

    /// The raw bytes, for computing a signature over them and for nothing else.
    pub fn signed_bytes(&self) -> &[u8] {
        &self.body
    }

    /// Opens the message on evidence.
    pub fn accept(self, _evidence: Proof) -> Webhook<Verified> {
        Webhook { path_and_query: self.path_and_query, headers: self.headers, body: self.body, trust: PhantomData }
    }
}

impl Webhook<Verified> {
    /// The body.
    pub fn body(&self) -> &Bytes {
        &self.body
    }
}

/// The answer of an adapter whose platform pushes nothing.
pub fn no_such_push() -> crate::Reply {
    let mut reply = crate::Reply::new(Bytes::from_static(b"nothing is pushed here"));
    *reply.status_mut() = http::StatusCode::NOT_FOUND;
    reply
}

impl<Trust> std::fmt::Debug for Webhook<Trust> {
    /// Shows sizes, never the body or the headers: both may hold personal data or secrets.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Webhook").field("bytes", &self.body.len()).finish_non_exhaustive()
    }
}
