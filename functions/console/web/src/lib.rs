//! console-web: the operators' page at `/`, rendered here, without any script.
//!
//! It holds nothing and may reach nothing but console-api: every page asks the API with the visitor's own cookie, so it
//! can show and do only what the visitor may. A form is posted to the page it stands on, carries the session's CSRF
//! token and a nonce (the idempotency key of the deed), and is answered by a redirect with a short message.

mod api;
mod codes;
mod form;
mod page;
mod parts;
mod route;
#[cfg(target_family = "wasm")]
mod shell;
#[cfg(test)]
mod tests;
mod visit;
mod words;

use bytes::Bytes;
use http::{HeaderValue, header};
use huidan_world::{Incoming, Outgoing, World};

/// Serves every path that no other function has.
pub async fn serve<W: World>(world: &W, request: Incoming) -> Outgoing {
    let mut answer = route::served(world, request).await;
    let headers = answer.headers_mut();
    for (name, value) in [
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
        ),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // Pages hold names, phones and streets.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    answer
}

/// The one stylesheet.
fn style() -> Outgoing {
    let mut answer = Outgoing::new(Bytes::from_static(include_bytes!("style.css")));
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/css; charset=utf-8"));
    // An hour of an old look after an update does no harm.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=3600"));
    answer
}
