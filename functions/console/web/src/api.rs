//! Asking console-api in the visitor's name.

use bytes::{BufMut, Bytes, BytesMut};
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use huidan_wire::api::{ImportMapping, Problem};
use huidan_world::{Incoming, Missed, Outgoing, World};
use serde::{Serialize, de::DeserializeOwned};

/// The only function this one may call.
const COMPONENT: &str = "console-api";
/// Limit of one question, in milliseconds.
const LIMIT_MS: u64 = 15_000;
/// The same where a file is read, in milliseconds.
const FILE_LIMIT_MS: u64 = 30_000;
/// What of the visitor's request the API needs: who they are, and how they reached us.
const PASSED_ON: [&str; 4] = ["cookie", "x-forwarded-proto", "x-forwarded-for", "forwarded"];

/// Why there is nothing to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// Nobody is signed in.
    SignIn,
    /// The API said no, and why.
    Refused(Problem),
    /// The API gave no answer that can be read.
    Away(String),
}

impl From<Missed> for Trouble {
    fn from(missed: Missed) -> Self {
        Self::Away(missed.to_string())
    }
}

impl Trouble {
    /// In words, both languages.
    pub(crate) fn text(&self) -> String {
        match self {
            Self::SignIn => "请登录 / please sign in".to_owned(),
            Self::Refused(problem) => problem.detail.clone(),
            Self::Away(text) => text.clone(),
        }
    }

    /// The status a page about it has.
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::SignIn => StatusCode::UNAUTHORIZED,
            Self::Refused(problem) => StatusCode::from_u16(problem.status).unwrap_or(StatusCode::BAD_GATEWAY),
            Self::Away(_) => StatusCode::BAD_GATEWAY,
        }
    }
}

/// The API, asked with the visitor's cookie.
pub(crate) struct Api<'a, W> {
    world: &'a W,
    headers: HeaderMap,
}

impl<'a, W: World> Api<'a, W> {
    /// In the name of who sent these headers.
    pub(crate) fn new(world: &'a W, visitor: &HeaderMap) -> Self {
        let mut headers = HeaderMap::new();
        for name in PASSED_ON {
            for value in visitor.get_all(name) {
                headers.append(name, value.clone());
            }
        }
        Self { world, headers }
    }

    /// Looks at something under `/api/v1`.
    pub(crate) async fn get<A: DeserializeOwned>(&self, path: &str) -> Result<A, Trouble> {
        read(&self.ask(Method::GET, path, HeaderMap::new(), Bytes::new()).await?)
    }

    /// Looks at something that need not be JSON.
    pub(crate) async fn raw(&self, path: &str) -> Result<Outgoing, Trouble> {
        self.ask(Method::GET, path, HeaderMap::new(), Bytes::new()).await
    }

    /// Does something; the whole answer, with its cookies.
    pub(crate) async fn send<Q: Serialize>(
        &self,
        method: Method,
        path: &str,
        deed: &Deed,
        body: &Q,
    ) -> Result<Outgoing, Trouble> {
        let body = serde_json::to_vec(body).map_err(|error| Trouble::Away(error.to_string()))?;
        self.ask(method, path, deed.headers(path), body.into()).await
    }

    /// Does something by POST.
    pub(crate) async fn post<Q: Serialize, A: DeserializeOwned>(
        &self,
        path: &str,
        deed: &Deed,
        body: &Q,
    ) -> Result<A, Trouble> {
        read(&self.send(Method::POST, path, deed, body).await?)
    }

    /// Does something by POST of which only matters that it was done.
    pub(crate) async fn act<Q: Serialize>(&self, path: &str, deed: &Deed, body: &Q) -> Result<(), Trouble> {
        self.send(Method::POST, path, deed, body).await.map(drop)
    }

    /// Sends a file and what its columns hold. It carries no nonce: the same file with other columns is another deed,
    /// and the same one again changes nothing. `mark` must not stand in the file: chance sees to that.
    pub(crate) async fn upload<A: DeserializeOwned>(
        &self,
        path: &str,
        csrf: &str,
        mark: &str,
        file: &Bytes,
        mapping: Option<&ImportMapping>,
    ) -> Result<A, Trouble> {
        let mapping = mapping.map(serde_json::to_string).transpose();
        let mapping = mapping.map_err(|error| Trouble::Away(error.to_string()))?.unwrap_or_default();
        let part = |name: &str, more: &str| {
            format!("--{mark}\r\nContent-Disposition: form-data; name=\"{name}\"{more}\r\n\r\n")
        };
        let mut body = BytesMut::with_capacity(file.len() + mapping.len() + 512);
        body.put(part("mapping", "").as_bytes());
        body.put(mapping.as_bytes());
        body.put(&b"\r\n"[..]);
        body.put(part("file", "; filename=\"orders\"").as_bytes());
        body.put(&file[..]);
        body.put(format!("\r\n--{mark}--\r\n").as_bytes());
        let mut headers = Deed { csrf: csrf.to_owned(), nonce: String::new() }.headers(path);
        if let Ok(kind) = HeaderValue::from_str(&format!("multipart/form-data; boundary={mark}")) {
            headers.insert(header::CONTENT_TYPE, kind);
        }
        read(&self.asked(FILE_LIMIT_MS, Method::POST, path, headers, body.freeze()).await?)
    }

    async fn ask(&self, method: Method, path: &str, more: HeaderMap, body: Bytes) -> Result<Outgoing, Trouble> {
        self.asked(LIMIT_MS, method, path, more, body).await
    }

    async fn asked(
        &self,
        limit_ms: u64,
        method: Method,
        path: &str,
        more: HeaderMap,
        body: Bytes,
    ) -> Result<Outgoing, Trouble> {
        let mut request = Incoming::new(body);
        *request.method_mut() = method;
        *request.uri_mut() = format!("http://{COMPONENT}.spin.internal/api/v1{path}")
            .parse()
            .map_err(|_| Trouble::Away("没有此地址 / no such address".to_owned()))?;
        *request.headers_mut() = self.headers.clone();
        request.headers_mut().extend(more);
        let answer = self.world.ask(COMPONENT, request, limit_ms).await?;
        refused(&answer).map_or(Ok(answer), Err)
    }
}

/// What proves that a deed was asked for on our own page, and keeps it from being done twice.
#[derive(Debug, Clone, Default)]
pub(crate) struct Deed {
    /// The form's CSRF token.
    pub(crate) csrf: String,
    /// The form's nonce.
    pub(crate) nonce: String,
}

impl Deed {
    fn headers(&self, path: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if let Ok(csrf) = HeaderValue::from_str(&self.csrf) {
            headers.insert("huidan-csrf", csrf);
        }
        // Several forms of a page share its nonce; each deed has its own path.
        if !self.nonce.is_empty()
            && let Ok(key) = HeaderValue::from_str(&format!("page/{}{path}", self.nonce))
        {
            headers.insert("idempotency-key", key);
        }
        headers
    }
}

fn refused(answer: &Outgoing) -> Option<Trouble> {
    let status = answer.status();
    if status.is_success() {
        return None;
    }
    let problem: Option<Problem> = serde_json::from_slice(answer.body()).ok();
    Some(match problem {
        Some(problem) if status == StatusCode::UNAUTHORIZED && problem.code == "sign_in" => Trouble::SignIn,
        Some(problem) => Trouble::Refused(problem),
        None => Trouble::Away(format!("{COMPONENT} 应答 {status} / answered {status}")),
    })
}

fn read<A: DeserializeOwned>(answer: &Outgoing) -> Result<A, Trouble> {
    serde_json::from_slice(answer.body())
        .map_err(|_| Trouble::Away(format!("{COMPONENT} 的应答无法读取 / gave an unreadable answer")))
}
