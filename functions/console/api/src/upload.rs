//! A file that was sent: as the body itself, or in a form beside other fields.

use crate::problem::Problem;
use bytes::Bytes;
use futures::stream;
use http::{HeaderMap, StatusCode, header};
use huidan_wire::api::ImportMapping;
use multer::Multipart;
use std::convert::Infallible;

/// What was sent.
#[derive(Debug, Default)]
pub(crate) struct Upload {
    /// The file.
    pub(crate) file: Bytes,
    /// What its columns hold, where that was sent with it.
    pub(crate) mapping: Option<ImportMapping>,
}

/// Reads a body.
pub(crate) async fn read(headers: &HeaderMap, body: Bytes) -> Result<Upload, Problem> {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let upload = match kind.starts_with("multipart/form-data") {
        true => form(kind, body).await?,
        false => Upload { file: body, mapping: None },
    };
    if upload.file.is_empty() {
        return Err(Problem::field("empty", "file", "请附上文件 / there is no file"));
    }
    Ok(upload)
}

async fn form(kind: &str, body: Bytes) -> Result<Upload, Problem> {
    let broken = |_| Problem::new(StatusCode::BAD_REQUEST, "not_a_form", "表单无法读取 / the form cannot be read");
    let boundary = multer::parse_boundary(kind).map_err(broken)?;
    let mut form = Multipart::new(stream::iter([Ok::<_, Infallible>(body)]), boundary);
    let mut upload = Upload::default();
    while let Some(field) = form.next_field().await.map_err(broken)? {
        match field.name() {
            Some("file") => upload.file = field.bytes().await.map_err(broken)?,
            Some("mapping") => {
                let text = field.bytes().await.map_err(broken)?;
                upload.mapping = if text.is_empty() { None } else { Some(crate::read::json(&text)?) };
            }
            _ => {
                let detail = "表单只有 file 和 mapping 两项 / the form has the fields file and mapping only";
                return Err(Problem::field("unknown_field", "form", detail));
            }
        }
    }
    Ok(upload)
}
