//! The shop's own site, as `functions/channel/own-shop/PROTOCOL.md` has it, with nothing to tell: what the hub sends to
//! it while orders pass is taken, so that its retries do not stand in the figures.

use std::net::SocketAddr;

use axum::Router;
use axum::http::header::CONTENT_TYPE;
use axum::routing::get;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::error::Result;

/// A site that serves until it is dropped.
#[derive(Debug)]
pub(crate) struct Site {
    address: SocketAddr,
    serving: JoinHandle<std::io::Result<()>>,
}

impl Site {
    /// Serves on a free port.
    pub(crate) async fn start() -> Result<Self> {
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0))).await?;
        let address = listener.local_addr()?;
        let json = |text: &'static str| ([(CONTENT_TYPE, "application/json")], text);
        let app = Router::new()
            .route("/huidan/v1/orders", get(move || async move { json(r#"{"orders":[],"next":null}"#) }))
            .fallback(move || async move { json(r#"{"ok":true}"#) });
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
