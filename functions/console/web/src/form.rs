//! What a form sent: as most forms do, or with a file.

use bytes::Bytes;
use futures::stream;
use http::{HeaderMap, header};
use multer::Multipart;
use std::convert::Infallible;

/// What a form sent.
#[derive(Debug, Default)]
pub(crate) struct Form {
    /// Its fields.
    pub(crate) fields: Vec<(String, String)>,
    /// Its file, where one was chosen.
    pub(crate) file: Option<Bytes>,
}

/// Reads a form's body. What cannot be read is empty: without its token nothing is done.
pub(crate) async fn read(headers: &HeaderMap, body: Bytes) -> Form {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    if !kind.starts_with("multipart/form-data") {
        return Form { fields: form_urlencoded::parse(&body).into_owned().collect(), file: None };
    }
    parts(kind, body).await.unwrap_or_default()
}

async fn parts(kind: &str, body: Bytes) -> multer::Result<Form> {
    let mut parts = Multipart::new(stream::iter([Ok::<_, Infallible>(body)]), multer::parse_boundary(kind)?);
    let mut form = Form::default();
    while let Some(part) = parts.next_field().await? {
        let name = part.name().unwrap_or_default().to_owned();
        if part.file_name().is_some() {
            // A field for a file that nobody chose one for is sent empty.
            form.file = Some(part.bytes().await?).filter(|file| !file.is_empty());
        } else {
            form.fields.push((name, part.text().await?));
        }
    }
    Ok(form)
}
