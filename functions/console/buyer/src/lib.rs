//! console-buyer: `/t/<code>`, what a buyer opens without signing in.
//!
//! It shows where a parcel is and, when something is wrong, asks once what is to be done. It knows no name, address or
//! phone, holds no key that opens one, and does nothing by itself: a choice becomes a task for a person.

mod page;
#[cfg(target_family = "wasm")]
mod shell;
mod words;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use huidan_store::track::buyers::{self, Chosen, Opened};
use huidan_store::{StoreError, transaction};
use huidan_world::{Incoming, Outgoing, World, buyer, serve as front};
use page::Note;
use words::{Lang, Word};

/// Longest form taken, in bytes.
const FORM_LIMIT: usize = 1_024;

/// Serves `/t/<code>`.
pub async fn serve<W: World>(world: &W, request: Incoming) -> Outgoing {
    let lang = language(&request);
    let mut answer = match served(world, &request, lang).await {
        Ok(answer) => answer,
        Err(error) => {
            world.log(format_args!("console-buyer: {error}"));
            front::store_failed(&error)
        }
    };
    let headers = answer.headers_mut();
    for (name, value) in [
        (
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
        ),
        // The address is the right to open it: it goes into no other site's log, no cache and no index.
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::X_FRAME_OPTIONS, "DENY"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert("x-robots-tag", HeaderValue::from_static("noindex"));
    answer
}

async fn served<W: World>(world: &W, request: &Incoming, lang: Lang) -> Result<Outgoing, StoreError> {
    let code = request.uri().path().strip_prefix("/t/").unwrap_or_default();
    let Some(sha) = buyer::digest(world, code).await else {
        return Ok(html(StatusCode::NOT_FOUND, lang, &page::plain(lang, Word::Gone)));
    };
    match *request.method() {
        Method::GET | Method::HEAD => shown(world, &sha, lang, None).await,
        Method::POST => chosen(world, request, &sha, lang).await,
        _ => Ok(html(StatusCode::METHOD_NOT_ALLOWED, lang, &page::plain(lang, Word::Gone))),
    }
}

async fn shown<W: World>(world: &W, sha: &[u8], lang: Lang, note: Option<Note>) -> Result<Outgoing, StoreError> {
    let now = world.moment().now;
    Ok(match world.main(async |db| buyers::open(db, now, sha).await).await? {
        Opened::Shown(seen) => html(StatusCode::OK, lang, &page::parcel(lang, &seen, note)),
        Opened::Gone => html(StatusCode::NOT_FOUND, lang, &page::plain(lang, Word::Gone)),
        Opened::TooOften => html(StatusCode::TOO_MANY_REQUESTS, lang, &page::plain(lang, Word::TooOften)),
    })
}

async fn chosen<W: World>(world: &W, request: &Incoming, sha: &[u8], lang: Lang) -> Result<Outgoing, StoreError> {
    if request.body().len() > FORM_LIMIT || foreign(request.headers()) {
        return Ok(html(StatusCode::FORBIDDEN, lang, &page::plain(lang, Word::Foreign)));
    }
    let choice = form_urlencoded::parse(request.body()).find(|(name, _)| name == "choice");
    let choice = choice.map(|(_, value)| value.into_owned()).unwrap_or_default();
    let taken = world
        .main(async |db| transaction(db, async |db| buyers::choose(db, world.moment(), sha, &choice).await).await)
        .await?;
    match taken {
        Chosen::Taken => shown(world, sha, lang, Some(Note::Taken)).await,
        Chosen::Before => shown(world, sha, lang, Some(Note::Before)).await,
        Chosen::Gone => shown(world, sha, lang, Some(Note::Nothing)).await,
        Chosen::TooOften => Ok(html(StatusCode::TOO_MANY_REQUESTS, lang, &page::plain(lang, Word::TooOften))),
    }
}

/// A form that another site sent: browsers say so.
fn foreign(headers: &HeaderMap) -> bool {
    let site = headers.get("sec-fetch-site").and_then(|value| value.to_str().ok());
    site.is_some_and(|site| !matches!(site, "same-origin" | "none"))
}

/// `?lang=` first, then what the browser asks for, then Chinese.
fn language(request: &Incoming) -> Lang {
    let query = request.uri().query().unwrap_or_default();
    let asked = form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == "lang");
    if let Some(lang) = asked.and_then(|(_, value)| Lang::parse(&value)) {
        return lang;
    }
    let accepts = request.headers().get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    accepts
        .into_iter()
        .flat_map(|list| list.split([',', ';']))
        .find_map(|tag| Lang::parse(tag.trim()))
        .unwrap_or(Lang::Zh)
}

fn html(status: StatusCode, lang: Lang, page: &maud::Markup) -> Outgoing {
    let mut answer = Outgoing::new(Bytes::from(page.0.clone()));
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(lang.tag()));
    answer
}
