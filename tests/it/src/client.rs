use bytes::Bytes;
use http::{HeaderMap, Method, Request, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::{Client as Hyper, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use serde_json::Value;
use std::time::Duration;

/// A client of the hub.
#[derive(Clone)]
pub struct Client {
    http: Hyper<HttpConnector, Full<Bytes>>,
    hub: String,
    token: String,
}

/// What the hub answered.
#[derive(Debug, Clone)]
pub struct Answer {
    /// Status.
    pub status: StatusCode,
    /// Headers.
    pub headers: HeaderMap,
    /// Body.
    pub body: Bytes,
}

impl Answer {
    /// The body as JSON; `null` when it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

impl Client {
    /// For a hub's origin, with a bearer token.
    pub fn new(hub: &str, token: &str) -> Self {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        Self {
            http: Hyper::builder(TokioExecutor::new()).build(connector),
            hub: hub.to_owned(),
            token: token.to_owned(),
        }
    }

    /// Sends anything; `None` when no answer came.
    pub async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Bytes) -> Option<Answer> {
        let mut request = Request::builder().method(method).uri(format!("{}{path}", self.hub));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::new(body)).ok()?;
        let answered = async {
            let response = self.http.request(request).await.ok()?;
            let (parts, body) = response.into_parts();
            let body = body.collect().await.ok()?.to_bytes();
            Some(Answer { status: parts.status, headers: parts.headers, body })
        };
        tokio::time::timeout(Duration::from_secs(120), answered).await.ok().flatten()
    }

    async fn api(&self, method: Method, path: &str, body: Option<&Value>) -> Option<Answer> {
        let bearer = format!("Bearer {}", self.token);
        let mut headers = vec![("authorization", bearer.as_str())];
        if body.is_some() {
            headers.push(("content-type", "application/json"));
        }
        let body = body.map(|body| Bytes::from(body.to_string())).unwrap_or_default();
        self.send(method, &format!("/api/v1/{path}"), &headers, body).await
    }

    /// `GET /api/v1/<path>`; `null` when there is no good answer.
    pub async fn get(&self, path: &str) -> Value {
        let answer = self.api(Method::GET, path, None).await;
        answer.filter(|answer| answer.status.is_success()).map(|answer| answer.json()).unwrap_or_default()
    }

    /// `POST /api/v1/<path>`.
    ///
    /// # Panics
    /// When the hub does not answer or refuses.
    pub async fn post(&self, path: &str, body: &Value) -> Value {
        let answer = self.try_post(path, body).await.unwrap_or_else(|| panic!("no answer to POST {path}"));
        assert!(answer.status.is_success(), "POST {path}: {} {}", answer.status, answer.text());
        answer.json()
    }

    /// `POST /api/v1/<path>`, whatever the answer.
    pub async fn try_post(&self, path: &str, body: &Value) -> Option<Answer> {
        self.api(Method::POST, path, Some(body)).await
    }

    /// Every item of a list, page by page.
    pub async fn all(&self, path: &str) -> Vec<Value> {
        let (mut items, mut cursor) = (Vec::new(), String::new());
        let join = if path.contains('?') { '&' } else { '?' };
        loop {
            let page = self.get(&format!("{path}{join}limit=200{cursor}")).await;
            items.extend(page.get("items").and_then(Value::as_array).cloned().unwrap_or_default());
            match page.get("next").and_then(Value::as_str) {
                Some(next) => cursor = format!("&cursor={next}"),
                None => return items,
            }
        }
    }

    /// The gauge of that name; -1 when the hub does not tell.
    pub async fn gauge(&self, name: &str) -> i64 {
        self.get("gauges").await.get(name).and_then(Value::as_i64).unwrap_or(-1)
    }
}
