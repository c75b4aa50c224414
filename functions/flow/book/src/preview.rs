//! The last label of a waybill as a picture.

use crate::paper::page_size;
use bytes::Bytes;
use http::{StatusCode, header};
use huidan_label::{Waybill, layout, png};
use huidan_store::{StoreError, labels};
use huidan_world::{Incoming, Outgoing, World, serve as front};

/// Answers `/label?waybill=…` with PNG: drawn anew from the stored model, whatever language the printer speaks.
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
    let model: Waybill = serde_json::from_slice(&kept.model).map_err(|_| StoreError::Sealed)?;
    let picture = match page_size(&made_for) {
        Ok((media, dpi)) => png(&layout(&model, media, dpi)),
        Err(reason) => return Ok(front::text(StatusCode::CONFLICT, reason)),
    };
    let mut response = Outgoing::new(Bytes::from(picture));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static("image/png"));
    headers.insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    Ok(response)
}
