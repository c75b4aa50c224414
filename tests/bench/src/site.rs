//! The shops' own site, as `functions/channel/own-shop/PROTOCOL.md` has it. It lists what it was given, page by page, to
//! whoever signs as the shop, and has nothing else to tell: what the hub sends to it while orders pass is taken, so that
//! retries do not stand in the figures.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{Path, RawQuery, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use chrono::{DateTime, Utc};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use url::form_urlencoded;

use crate::error::Result;
use crate::orders::{NONCE, SIGNATURE, TIMESTAMP, signature};

/// What a shop lists: all its orders were changed at one instant.
#[derive(Debug)]
pub(crate) struct Listing {
    /// The site serves the shop under this path, without slashes.
    pub(crate) shop: String,
    /// When its orders were changed.
    pub(crate) at: DateTime<Utc>,
    /// The pages; each names the number of the next one as its cursor.
    pub(crate) pages: Vec<Bytes>,
}

/// The path of a shop whose site answers 500, whatever it is asked.
pub(crate) const AWAY: &str = "away";

/// A site that serves until it is dropped.
#[derive(Debug)]
pub(crate) struct Site {
    address: SocketAddr,
    serving: JoinHandle<std::io::Result<()>>,
}

impl Site {
    /// Serves on a free port.
    pub(crate) async fn start(listings: Vec<Listing>) -> Result<Self> {
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
        let address = listener.local_addr()?;
        let listings: HashMap<_, _> = listings.into_iter().map(|listing| (listing.shop.clone(), listing)).collect();
        let app = Router::new()
            .route("/huidan/v1/orders", get(async || json(Bytes::from_static(NOTHING))))
            .route("/{shop}/huidan/v1/orders", get(list))
            .fallback(async || json(Bytes::from_static(br#"{"ok":true}"#)))
            .with_state(Arc::new(listings));
        let serving = tokio::spawn(async move { axum::serve(listener, app).await });
        Ok(Self { address, serving })
    }

    /// Its origin.
    pub(crate) fn origin(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

const NOTHING: &[u8] = br#"{"orders":[],"next":null}"#;

fn json(body: Bytes) -> Response {
    ([(CONTENT_TYPE, "application/json")], body).into_response()
}

async fn list(
    State(listings): State<Arc<HashMap<String, Listing>>>,
    Path(shop): Path<String>,
    RawQuery(query): RawQuery,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    if shop == AWAY {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    }
    let header = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let said = format!("GET {uri}.");
    if header(SIGNATURE) != signature(header(TIMESTAMP), header(NONCE), said.as_bytes()) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    let page = listings.get(&shop).and_then(|listing| listing.page(query.unwrap_or_default().as_bytes()));
    json(page.unwrap_or(Bytes::from_static(NOTHING)))
}

impl Listing {
    /// The page that is asked for, if the window asked for holds the orders.
    fn page(&self, query: &[u8]) -> Option<Bytes> {
        let asked: HashMap<_, _> = form_urlencoded::parse(query).collect();
        let instant = |name| DateTime::parse_from_rfc3339(asked.get(name)?).ok();
        let inside = instant("updated_from")? <= self.at && self.at < instant("updated_to")?;
        let page: usize = asked.get("cursor").map_or(Some(0), |cursor| cursor.parse().ok())?;
        self.pages.get(page).filter(|_| inside).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_is_shown_to_who_asks_for_its_window() {
        let at = DateTime::from_timestamp(1_795_000_000, 0).unwrap();
        let listing = Listing { shop: "s0".into(), at, pages: vec!["one".into(), "two".into()] };
        let page = |from: &str, to: &str, more: &str| {
            listing.page(format!("updated_from={from}&updated_to={to}&limit=100{more}").as_bytes())
        };
        let (before, after) = ("2026-11-18T19:00:00%2B08:00", "2026-11-18T20:00:00%2B08:00");
        assert_eq!(page(before, after, ""), Some("one".into()));
        assert_eq!(page(before, after, "&cursor=1"), Some("two".into()));
        assert_eq!(page(before, after, "&cursor=2"), None);
        assert_eq!(page(after, "2026-11-18T21:00:00%2B08:00", ""), None);
    }
}
