use super::{Cx, Result, Shown};
use crate::api::Trouble;
use crate::page;
use crate::page::import::Seen;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http::StatusCode;
use huidan_wire::api::{ImportField, ImportLook, ImportMapping, Imported, MappedColumn, Me, Page, Role, Shop};
use huidan_world::World;

/// The channel whose shops take spreadsheets.
const CHANNEL: &str = "own-shop";
/// Longest file that goes through the page, in bytes: it travels to the browser and back while its columns are
/// confirmed. Longer ones go by the API.
const LONGEST: usize = 6 << 20;

/// The page to choose a file on.
pub(super) async fn page<W: World>(cx: &Cx<'_, W>) -> Result {
    Ok(page::import::choose(&cx.visit, &shops(cx).await?, cx.asked("shop"), None).into())
}

async fn shops<W: World>(cx: &Cx<'_, W>) -> std::result::Result<Vec<Shop>, Trouble> {
    let shops: Page<Shop> = cx.api.get("/shops?limit=200").await?;
    Ok(shops.items.into_iter().filter(|shop| shop.channel == CHANNEL).collect())
}

/// A file that was sent, or came back with its columns; shown again with what they seem to hold, or taken in.
pub(super) async fn act<W: World>(cx: &mut Cx<'_, W>) -> Result {
    cx.visit.me = Some(cx.api.get::<Me>("/session").await?);
    let file = match cx.file.take() {
        Some(file) => file,
        None => STANDARD.decode(cx.sent("data")).map(Bytes::from).unwrap_or_default(),
    };
    if !cx.visit.may(Role::Operator) || file.len() > LONGEST {
        let detail = "经页面导入的文件至多 6 MB，请拆分，或用 POST /api/v1/orders/import / the page takes files of 6 MB at most: split it, or use POST /api/v1/orders/import";
        return refused(cx, detail).await;
    }
    let mapping = mapping(cx);
    let told = match cx.sent("act") {
        "import" => match taken(cx, &file, mapping.as_ref()).await {
            Ok(imported) => return Ok(page::import::done(&cx.visit, &imported).into()),
            Err(Trouble::Refused(problem)) if problem.code != "csrf" => Some(problem.detail),
            Err(trouble) => return Err(trouble),
        },
        _ => None,
    };
    match look(cx, &file, mapping.as_ref()).await {
        Ok(look) => {
            let data = STANDARD.encode(&file);
            let seen = Seen { look: &look, data: &data, told: told.as_deref() };
            let status = if told.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
            Ok(Shown::Page(status, page::import::confirm(&cx.visit, &seen)))
        }
        Err(Trouble::Refused(problem)) if problem.code != "csrf" => refused(cx, &problem.detail).await,
        Err(trouble) => Err(trouble),
    }
}

async fn refused<W: World>(cx: &Cx<'_, W>, detail: &str) -> Result {
    let page = page::import::choose(&cx.visit, &shops(cx).await?, cx.sent("shop"), Some(detail));
    Ok(Shown::Page(StatusCode::UNPROCESSABLE_ENTITY, page))
}

async fn look<W: World>(
    cx: &Cx<'_, W>,
    file: &Bytes,
    mapping: Option<&ImportMapping>,
) -> std::result::Result<ImportLook, Trouble> {
    let path = format!("/orders/import?dry_run=1&shop={}", crate::parts::segment(cx.sent("shop")));
    cx.api.upload(&path, cx.sent("csrf"), &cx.visit.nonce, file, mapping).await
}

async fn taken<W: World>(
    cx: &Cx<'_, W>,
    file: &Bytes,
    mapping: Option<&ImportMapping>,
) -> std::result::Result<Imported, Trouble> {
    let path = format!("/orders/import?shop={}", crate::parts::segment(cx.sent("shop")));
    cx.api.upload(&path, cx.sent("csrf"), &cx.visit.nonce, file, mapping).await
}

/// What was chosen for each column; none when a file was sent and nothing chosen yet.
fn mapping<W>(cx: &Cx<'_, W>) -> Option<ImportMapping> {
    let chosen = |text: &str| ImportField::ALL.iter().copied().find(|field| field.name() == text);
    // A heading is what it is in the file, so it is not trimmed.
    let headings = cx.form.iter().filter_map(|(name, heading)| Some((name.strip_prefix("heading.")?, heading)));
    let columns: Vec<MappedColumn> = headings
        .map(|(at, heading)| MappedColumn { heading: heading.clone(), field: chosen(cx.sent(&format!("field.{at}"))) })
        .collect();
    (!columns.is_empty()).then_some(ImportMapping { columns })
}
