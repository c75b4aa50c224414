//! The status page on this machine: what prints, what waits, what a person must answer and where. It is read only, is
//! served to this machine alone, and shows nothing that would help a stranger.
//!
//! A page of another site that is open in a browser here could ask for it under a name of its own that leads to
//! 127.0.0.1; so only requests that name this machine are answered.

use std::{
    fmt::Write as _,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    path::PathBuf,
    str::FromStr,
    sync::Arc,
};

use axum::{
    Json, Router,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{Html, IntoResponse, Response},
    routing::get,
};
use tokio::net::TcpListener;

use crate::{
    desk::Desk,
    journal::JournalError,
    status::{self, Status},
};

/// Where it is looked for first; beside a second bridge any other port is taken.
const PORT: u16 = 9180;
/// Nothing is loaded from anywhere, and no page may frame it.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Where the status page listens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Listen {
    /// Nowhere.
    Off,
    /// On the usual port, or another if that is taken.
    Usual,
    /// There.
    At(SocketAddr),
}

impl FromStr for Listen {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "off" => Ok(Self::Off),
            _ => text.parse().ok().filter(|at: &SocketAddr| at.ip().is_loopback()).map(Self::At).ok_or_else(|| {
                "状态页只在本机提供：请用 127.0.0.1:端口 或 off\n\
                 the status page is for this machine alone: use 127.0.0.1:PORT or off"
                    .to_owned()
            }),
        }
    }
}

/// A page with an address, not yet served.
#[derive(Debug)]
pub struct Bound {
    listener: TcpListener,
    address: SocketAddr,
}

#[derive(Debug)]
struct Shared {
    desk: Arc<Desk>,
    folder: PathBuf,
    hub: String,
}

/// Takes the address. Without one the bridge prints all the same, and says so.
pub async fn bind(listen: Listen) -> Option<Bound> {
    let here = |port| SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port);
    let listener = match listen {
        Listen::Off => return None,
        Listen::At(at) => TcpListener::bind(at).await,
        Listen::Usual => match TcpListener::bind(here(PORT)).await {
            Ok(listener) => Ok(listener),
            Err(_) => TcpListener::bind(here(0)).await,
        },
    };
    match listener.and_then(|listener| Ok(Bound { address: listener.local_addr()?, listener })) {
        Ok(bound) => Some(bound),
        Err(error) => {
            tracing::warn!(%error, "没有状态页 / no status page");
            None
        }
    }
}

impl Bound {
    /// Its address.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Serves the page for as long as the bridge runs.
    pub async fn serve(self, desk: Arc<Desk>, folder: PathBuf, hub: String) {
        let shared = Arc::new(Shared { desk, folder, hub });
        if let Err(error) = axum::serve(self.listener, routes(shared)).await {
            tracing::warn!(%error, "状态页停止 / the status page has stopped");
        }
    }
}

fn routes(shared: Arc<Shared>) -> Router {
    Router::new()
        .route("/", get(page))
        .route("/status.json", get(json))
        .layer(middleware::from_fn(guard))
        .with_state(shared)
}

async fn guard(request: Request, next: Next) -> Response {
    let host = request.headers().get(header::HOST).and_then(|host| host.to_str().ok());
    if !host.is_some_and(is_here) {
        return (StatusCode::MISDIRECTED_REQUEST, "请打开 http://127.0.0.1 / open http://127.0.0.1\n").into_response();
    }
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// Whether a `Host` names this machine; the port does not matter.
fn is_here(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split_once(']').map_or("", |(name, _)| name),
        None => host.split_once(':').map_or(host, |(name, _)| name),
    };
    name.eq_ignore_ascii_case("localhost") || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

async fn look(shared: &Arc<Shared>) -> Result<Status, Response> {
    let shared = Arc::clone(shared);
    let read = move || status::running(&shared.desk, &shared.folder, &shared.hub);
    let read = tokio::task::spawn_blocking(read).await;
    let read = read.unwrap_or_else(|error| Err(JournalError::Unknown(error.to_string())));
    read.map_err(|error| (StatusCode::SERVICE_UNAVAILABLE, error.to_string()).into_response())
}

async fn json(State(shared): State<Arc<Shared>>) -> Response {
    look(&shared).await.map_or_else(|refused| refused, |status| Json(status).into_response())
}

async fn page(State(shared): State<Arc<Shared>>) -> Response {
    look(&shared).await.map_or_else(|refused| refused, |status| Html(html(&status)).into_response())
}

const HEAD: &str = "<!doctype html><html lang=\"zh-CN\"><head><meta charset=\"utf-8\">\
    <meta http-equiv=\"refresh\" content=\"5\"><meta name=\"viewport\" content=\"width=device-width\">\
    <title>汇单打印桥 / print-bridge</title><style>\
    body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:1rem auto;padding:0 1rem}\
    table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.3rem .6rem;border-bottom:1px solid #ccc}\
    td.n,th.n{text-align:right}.bad{color:#a00}.good{color:#060}\
    .station{font-size:1.6rem;padding:.5rem 1rem;border:2px solid;margin:.5rem 0}\
    @media (prefers-color-scheme:dark){body{background:#111;color:#eee}.bad{color:#f88}.good{color:#8d8}}\
    </style></head><body><h1>汇单打印桥 / print-bridge</h1>";

fn html(status: &Status) -> String {
    let mut out = HEAD.to_owned();
    for hub in &status.hubs {
        let class = if hub.reachable { "good" } else { "bad" };
        let _ = write!(out, "<p class=\"{class}\">{}</p>", escaped(&hub.line()));
    }
    for station in &status.stations {
        let wrong = matches!(station.next.as_str(), "refused" | "differs" | "unanswered" | "offline");
        let class = if wrong { "bad" } else { "good" };
        let _ = write!(
            out,
            "<p class=\"station {class}\" role=\"status\">{}: {}<br>{}</p>",
            escaped(&station.name),
            escaped(&station.zh),
            escaped(&station.en)
        );
    }
    printers(&mut out, status);
    questions(&mut out, status);
    let _ = write!(out, "<p><a href=\"/status.json\">status.json</a> · {}</p></body></html>", status.version);
    out
}

fn printers(out: &mut String, status: &Status) {
    out.push_str(
        "<h2>打印机 / printers</h2><table><thead><tr><th>名称 / name</th><th>状态 / state</th>\
         <th class=\"n\">等待 / waiting</th><th class=\"n\">发送中 / sending</th><th class=\"n\">已发送 / sent</th>\
         <th class=\"n\">待确认 / unconfirmed</th><th class=\"n\">今日 / today</th></tr></thead><tbody>",
    );
    for line in &status.printers {
        let journal = &line.journal;
        let state = line.state.map_or("未使用 / not in use", |state| match state {
            crate::protocol::PrinterStatus::Ready => "就绪 / ready",
            crate::protocol::PrinterStatus::Offline => "不可用 / offline",
            crate::protocol::PrinterStatus::Unknown => "未知 / unknown",
        });
        let why =
            journal.last_error.as_ref().map(|trouble| format!("{} {}", status::local(trouble.at_ms), trouble.why));
        let twin =
            line.twin.as_ref().map(|machine| format!("{machine} 上有同名打印机 / {machine} has one of this name"));
        let notes: String = [line.detail.clone(), twin, why]
            .iter()
            .flatten()
            .map(|note| format!("<br><small class=\"bad\">{}</small>", escaped(note)))
            .collect();
        let _ = write!(
            out,
            "<tr><td>{}</td><td>{state}{notes}</td><td class=\"n\">{}</td><td class=\"n\">{}</td><td class=\"n\">{}</td>\
             <td class=\"n\">{}</td><td class=\"n\">{}</td></tr>",
            escaped(&journal.printer),
            journal.waiting,
            journal.sending,
            journal.sent,
            journal.unconfirmed,
            journal.done_today
        );
    }
    out.push_str("</tbody></table>");
}

fn questions(out: &mut String, status: &Status) {
    if status.unconfirmed.is_empty() {
        return;
    }
    out.push_str(
        "<h2 class=\"bad\">待确认：这些面单出纸了吗？ / did these labels come out?</h2>\
         <p>请看打印机，然后在中心页面回答 / look at the printer, then answer on the hub's page: ",
    );
    for hub in &status.hubs {
        let address = escaped(&hub.address);
        let _ = write!(out, "<a href=\"{address}/\" rel=\"noreferrer\">{address}/</a> ");
    }
    out.push_str("</p><ul>");
    for question in &status.unconfirmed {
        let _ = write!(out, "<li>{}</li>", escaped(&status::question(question)));
    }
    out.push_str("</ul>");
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_host_that_is_this_machine_is_answered() {
        for here in ["127.0.0.1", "127.0.0.1:9180", "localhost:9180", "LOCALHOST", "[::1]:9180", "127.8.8.8:1"] {
            assert!(is_here(here), "{here}");
        }
        for elsewhere in
            ["rebind.example:9180", "127.0.0.1.evil.example", "192.168.1.9:9180", "", "[::2]", "localhost.evil"]
        {
            assert!(!is_here(elsewhere), "{elsewhere}");
        }
    }

    #[test]
    fn it_listens_to_this_machine_alone() {
        assert_eq!("off".parse(), Ok(Listen::Off));
        assert!(matches!("127.0.0.1:0".parse(), Ok(Listen::At(_))));
        for open in ["0.0.0.0:9180", "192.168.1.9:80", "9180"] {
            assert!(open.parse::<Listen>().unwrap_err().contains("127.0.0.1:PORT"), "{open}");
        }
    }

    #[test]
    fn what_others_wrote_is_text() {
        assert_eq!(escaped("<b a=\"'&\">"), "&lt;b a=&quot;&#39;&amp;&quot;&gt;");
    }
}
