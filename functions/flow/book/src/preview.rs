//! The last label of a waybill as a picture.

use crate::paper::page_size;
use bytes::Bytes;
use http::{StatusCode, header};
use huidan_label::{Waybill, layout, png};
use huidan_store::{StoreError, labels};
use huidan_world::{Incoming, Outgoing, World, serve as front};

/// Answers `/label?waybill=…` with PNG: drawn anew from the stored model, whatever language the printer speaks. What the
/// carrier drew is shown as it is: a picture, or its PDF.
pub(crate) async fn label<W: World>(world: &W, request: &Incoming) -> Result<Outgoing, StoreError> {
    let query = request.uri().query().unwrap_or_default();
    let waybill = url::form_urlencoded::parse(query.as_bytes())
        .find_map(|(name, value)| (name == "waybill").then(|| value.into_owned()))
        .unwrap_or_default();
    let Some((sha, made_for)) = world.main(async |db| labels::last(db, &waybill).await).await? else {
        return Ok(front::text(StatusCode::NOT_FOUND, "还没有面单 / there is no label"));
    };
    if made_for.lang == "platform-task" {
        let why = "此面单由平台打印组件绘制，无法预览 / the platform's print component draws this label: no preview";
        return Ok(front::text(StatusCode::CONFLICT, why));
    }
    let Some(sealed) = world.label(&sha).await? else {
        return Ok(front::text(StatusCode::GONE, "面单已清除 / the label has been purged"));
    };
    let kept = labels::open(&crate::label_keys(world).await?, &sha, &sealed)?;
    // Without a model the carrier drew it.
    if kept.model.is_empty() {
        return Ok(match made_for.lang.as_str() {
            "png" => shown("image/png", kept.bytes),
            "pdf" => shown("application/pdf", kept.bytes),
            _ => {
                let why = "此面单由承运商以打印机语言给出，无法预览 / the carrier gave this label in the printer's language: \
                           no preview";
                front::text(StatusCode::CONFLICT, why)
            }
        });
    }
    let model: Waybill = serde_json::from_slice(&kept.model).map_err(|_| StoreError::Sealed)?;
    Ok(match page_size(&made_for) {
        Ok((media, dpi)) => shown("image/png", png(&layout(&model, media, dpi))),
        Err(reason) => front::text(StatusCode::CONFLICT, reason),
    })
}

fn shown(kind: &'static str, bytes: Vec<u8>) -> Outgoing {
    let mut response = Outgoing::new(Bytes::from(bytes));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    response
}
