use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};
use huidan_store::StoreError;
use huidan_wire::api;
use huidan_world::{Missed, Outgoing};

/// Why a request is refused: what the person or program that asked can do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Problem {
    status: StatusCode,
    code: &'static str,
    field: Option<String>,
    detail: String,
    after_s: Option<i64>,
}

impl Problem {
    /// With a stable code and a sentence in both languages.
    pub(crate) fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self { status, code, field: None, detail: detail.into(), after_s: None }
    }

    /// A field that cannot be taken: 422.
    pub(crate) fn field(code: &'static str, field: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { field: Some(field.into()), ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, detail) }
    }

    /// There is none of that id.
    pub(crate) fn unknown(what: &str, id: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", format!("没有 {what} {id} / there is no {what} {id}"))
    }

    /// There is one of that id already.
    pub(crate) fn exists(what: &str, id: &str) -> Self {
        let detail =
            format!("{what} {id} 已存在，修改请用 PATCH / there is a {what} {id} already; change it with PATCH");
        Self { field: Some("id".to_owned()), ..Self::new(StatusCode::CONFLICT, "already_there", detail) }
    }

    /// Something that stands in the way now.
    pub(crate) fn conflict(code: &'static str, detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, code, detail)
    }

    /// To be tried again in so many seconds.
    pub(crate) fn again_after(mut self, seconds: i64) -> Self {
        self.after_s = Some(seconds.max(1));
        self
    }

    /// As an answer.
    pub(crate) fn answer(self) -> Outgoing {
        let body = api::Problem {
            r#type: "about:blank".to_owned(),
            title: self.status.canonical_reason().unwrap_or_default().to_owned(),
            status: self.status.as_u16(),
            code: self.code.to_owned(),
            field: self.field,
            detail: self.detail,
        };
        let mut answer = Outgoing::new(serde_json::to_vec(&body).map(Bytes::from).unwrap_or_default());
        *answer.status_mut() = self.status;
        let headers = answer.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if self.status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = self.after_s {
            headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        answer
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy | StoreError::Version { .. } => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", "稍后再试 / try again in a moment").again_after(1)
            }
            StoreError::Missing => Self::new(StatusCode::NOT_FOUND, "not_found", "没有此项 / there is no such thing"),
            StoreError::Constraint(_) => Self::conflict(
                "contradiction",
                "与已有数据冲突，或引用了不存在的项 / it contradicts what is there, or names something that is not",
            ),
            StoreError::Sealed => Self::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                "sealed",
                "密钥与数据不符，请检查 receiver_key 与 credential_key / the keys do not fit the data; check receiver_key and credential_key",
            ),
            other => {
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, "store", format!("数据库出错 / the store failed: {other}"))
            }
        }
    }
}

impl From<Missed> for Problem {
    fn from(missed: Missed) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "component_away", missed.to_string()).again_after(5)
    }
}
