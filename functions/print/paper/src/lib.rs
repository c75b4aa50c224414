//! print-paper: what is printed beside waybills. It draws a wave's pick list and packing slips, as one PDF for an office
//! printer, or sheet by sheet for a label printer, whose jobs it queues. PDF is drawn here alone, so that no other
//! component carries what that needs. No receiver stands on these papers, and no key that opens one is granted.

mod draw;
mod queue;
#[cfg(target_family = "wasm")]
mod shell;

use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};
use huidan_label::{Dpi, Media, Page, pdf};
use huidan_store::{StoreError, waves};
use huidan_world::{Incoming, Outgoing, World, serve as front};

/// Serves `POST /pick-list.pdf?wave=…` and `/packing-slips.pdf?wave=…` (`media` is `a4`, `100x150` or `76x130`), and
/// `POST /queue`, which has them printed on label stock.
pub async fn serve<W: World>(world: &W, request: Incoming) -> Outgoing {
    if let Err(refused) = front::private(world, &request).await {
        return refused;
    }
    let served = match request.uri().path() {
        "/pick-list.pdf" => file(world, &request, draw::pick_list).await,
        "/packing-slips.pdf" => file(world, &request, draw::packing_slips).await,
        "/queue" => queue::serve(world, &request).await,
        _ => Ok(front::text(StatusCode::NOT_FOUND, "no such route")),
    };
    served.unwrap_or_else(|error| {
        world.log(format_args!("print-paper: {error}"));
        front::store_failed(&error)
    })
}

fn media(name: &str) -> Option<Media> {
    match name {
        "" | "a4" => Some(Media::A4),
        "100x150" => Some(Media::W100H150),
        "76x130" => Some(Media::W76H130),
        _ => None,
    }
}

async fn file<W: World>(
    world: &W,
    request: &Incoming,
    draw: impl Fn(&draw::Job<'_>) -> Vec<(String, Vec<Page>)>,
) -> Result<Outgoing, StoreError> {
    let query = request.uri().query().unwrap_or_default();
    let value = |wanted: &str| {
        let mut pairs = url::form_urlencoded::parse(query.as_bytes());
        pairs.find_map(|(name, value)| (name == wanted).then(|| value.into_owned())).unwrap_or_default()
    };
    let wave = value("wave");
    let Some(media) = media(&value("media")) else {
        let why = "纸张为 a4、100x150 或 76x130 / media is a4, 100x150 or 76x130";
        return Ok(front::text(StatusCode::BAD_REQUEST, why));
    };
    let Some(sheets) = world.main(async |db| waves::sheets(db, &wave).await).await? else {
        return Ok(front::text(StatusCode::NOT_FOUND, "没有此波次 / there is no such wave"));
    };
    let job = draw::Job { sheets: &sheets, wave: &wave, media, dpi: Dpi::D300, now: world.moment().now };
    let pages: Vec<Page> = draw(&job).into_iter().flat_map(|(_, pages)| pages).collect();
    let Some(bytes) = pdf(&pages, &format!("#{}", sheets.number)) else {
        world.log(format_args!("print-paper: no PDF of wave {wave}"));
        return Ok(front::text(StatusCode::INTERNAL_SERVER_ERROR, "无法生成 PDF / the PDF cannot be made"));
    };
    let mut response = Outgoing::new(Bytes::from(bytes));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/pdf"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // What could not be shown as given; the paper marks it itself.
    let troubles = pages.iter().flat_map(Page::problems).count();
    if let Ok(value) = HeaderValue::from_str(&troubles.to_string()) {
        headers.insert("huidan-paper-problems", value);
    }
    Ok(response)
}
