//! Which page a request means.

use crate::api::{Api, Deed, Trouble};
use crate::form::Form;
use crate::visit::{SAID, Said, Visit, cookie, language};
use crate::words::Word;
use crate::{form, page, style};
use bytes::Bytes;
use http::request::Parts;
use http::uri::Authority;
use http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use huidan_wire::api::Me;
use huidan_world::{Incoming, Outgoing, World};
use maud::Markup;

mod desk;
mod import;
mod list;
mod notices;
mod parcels;
mod shop;
mod sign;
mod waves;

/// A request and what serves it.
pub(crate) struct Cx<'a, W> {
    /// The API, in the visitor's name.
    pub(crate) api: Api<'a, W>,
    /// Who visits; nobody known yet on pages that ask nobody.
    pub(crate) visit: Visit,
    /// The query.
    pub(crate) query: Vec<(String, String)>,
    /// The form that was sent.
    pub(crate) form: Vec<(String, String)>,
    /// The file that was sent with it.
    pub(crate) file: Option<Bytes>,
    /// The request's headers.
    pub(crate) headers: HeaderMap,
    /// Where the visitor reached us: what a bridge or a platform of the same network may use as well.
    pub(crate) origin: String,
}

impl<W> Cx<'_, W> {
    /// A field of the form; empty when it is not there.
    pub(crate) fn sent(&self, name: &str) -> &str {
        value(&self.form, name)
    }

    /// A field of the query.
    pub(crate) fn asked(&self, name: &str) -> &str {
        value(&self.query, name)
    }

    /// What the form's deeds are proved by.
    pub(crate) fn deed(&self) -> Deed {
        let nonce = self.sent("nonce");
        let ours = nonce.len() <= 64 && nonce.bytes().all(|byte| byte.is_ascii_alphanumeric());
        Deed { csrf: self.sent("csrf").to_owned(), nonce: if ours { nonce.to_owned() } else { String::new() } }
    }
}

fn value<'a>(pairs: &'a [(String, String)], wanted: &str) -> &'a str {
    pairs.iter().find_map(|(name, value)| (name == wanted).then_some(value.trim())).unwrap_or_default()
}

/// A component sees the visitor's host in the address, not in a header.
fn origin(head: &Parts) -> String {
    let said = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok());
    let scheme = if said("x-forwarded-proto") == Some("https") { "https" } else { "http" };
    let host = head.uri.authority().map(Authority::as_str).or_else(|| said("host"));
    format!("{scheme}://{}", host.unwrap_or("127.0.0.1:3000"))
}

/// What a request is answered with.
pub(crate) enum Shown {
    /// A page.
    Page(StatusCode, Markup),
    /// Elsewhere, with a message; 303, so that reloading does nothing again.
    Goto(String, Option<Said>),
    /// As it is.
    Whole(Outgoing),
}

/// What a handler gives.
pub(crate) type Result = std::result::Result<Shown, Trouble>;

impl From<Markup> for Shown {
    fn from(page: Markup) -> Self {
        Self::Page(StatusCode::OK, page)
    }
}

/// Serves a request.
pub(crate) async fn served<W: World>(world: &W, request: Incoming) -> Outgoing {
    let (head, body) = request.into_parts();
    let path = head.uri.path().to_owned();
    if path == "/style.css" {
        return style();
    }
    let pairs = |bytes: &[u8]| form_urlencoded::parse(bytes).into_owned().collect::<Vec<_>>();
    let Form { fields, file } = match head.method {
        Method::POST => form::read(&head.headers, body).await,
        _ => Form::default(),
    };
    let mut nonce = [0_u8; 16];
    world.moment().chance.fill(&mut nonce);
    let here = head.uri.path_and_query().map_or("/", |here| here.as_str()).to_owned();
    let said = cookie(&head.headers, SAID).and_then(Said::from_cookie);
    let mut cx = Cx {
        origin: origin(&head),
        api: Api::new(world, &head.headers),
        visit: Visit {
            lang: language(&head.headers),
            me: None,
            nonce: hex::encode(nonce),
            said,
            here,
            now: world.moment().now,
        },
        query: pairs(head.uri.query().unwrap_or_default().as_bytes()),
        form: fields,
        file,
        headers: head.headers,
    };
    let shown = match head.method {
        Method::GET | Method::HEAD => looked(&mut cx, &path).await,
        Method::POST if foreign(&cx.headers) => {
            let page = page::sign::wrong(&cx.visit, Word::Failed, cx.visit.t(Word::Foreign));
            Ok(Shown::Page(StatusCode::FORBIDDEN, page))
        }
        Method::POST => acted(&mut cx, &path).await,
        _ => Ok(Shown::Page(StatusCode::METHOD_NOT_ALLOWED, page::sign::wrong(&cx.visit, Word::NotFound, ""))),
    };
    answered(&cx, &path, head.method == Method::POST, shown)
}

/// A form that another site sent: browsers say so.
fn foreign(headers: &HeaderMap) -> bool {
    let site = headers.get("sec-fetch-site").and_then(|value| value.to_str().ok());
    site.is_some_and(|site| !matches!(site, "same-origin" | "none"))
}

async fn looked<W: World>(cx: &mut Cx<'_, W>, path: &str) -> Result {
    if path == "/sign-in" {
        return Ok(sign::page(cx));
    }
    let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    if let ["packages", id, "label.png"] = parts.as_slice() {
        return list::label(cx, id).await;
    }
    if let ["waves", id, name @ ("pick-list.pdf" | "packing-slips.pdf")] = parts.as_slice() {
        return waves::pdf(cx, id, name).await;
    }
    cx.visit.me = Some(cx.api.get::<Me>("/session").await?);
    match parts.as_slice() {
        [""] => desk::overview(cx).await,
        ["orders"] => list::orders(cx).await,
        ["orders", id] => list::order(cx, id).await,
        ["packages"] => list::packages(cx).await,
        ["packages", id] => list::package(cx, id).await,
        ["parcels"] => parcels::list(cx).await,
        ["waves"] => waves::list(cx).await,
        ["waves", id] => waves::one(cx, id).await,
        ["scan"] => Ok(desk::scan_page(cx)),
        ["deadlines"] => desk::deadlines(cx).await,
        ["shops"] => shop::shops(cx).await,
        ["shops", id, "shadow"] => shop::shadow(cx, id).await,
        ["print"] => shop::printers(cx).await,
        ["notices"] => notices::page(cx).await,
        ["import"] => import::page(cx).await,
        _ => Ok(Shown::Page(StatusCode::NOT_FOUND, page::sign::wrong(&cx.visit, Word::NotFound, ""))),
    }
}

async fn acted<W: World>(cx: &mut Cx<'_, W>, path: &str) -> Result {
    let parts: Vec<&str> = path.trim_start_matches('/').split('/').collect();
    match parts.as_slice() {
        ["language"] => Ok(sign::language(cx)),
        ["sign-in"] => sign::sign_in(cx).await,
        ["sign-out"] => sign::sign_out(cx).await,
        [""] => desk::settle(cx).await,
        ["orders", id] => list::act_on_order(cx, id).await,
        ["packages", id] => list::act_on_package(cx, id).await,
        ["parcels"] => parcels::act(cx).await,
        ["waves"] => waves::build(cx).await,
        ["waves", id] => waves::act(cx, id).await,
        ["scan"] => desk::scan(cx).await,
        ["shops"] => shop::act(cx).await,
        ["print"] => shop::act_on_printers(cx).await,
        ["notices"] => notices::act(cx).await,
        ["import"] => import::act(cx).await,
        _ => Ok(Shown::Page(StatusCode::NOT_FOUND, page::sign::wrong(&cx.visit, Word::NotFound, ""))),
    }
}

fn answered<W>(cx: &Cx<'_, W>, path: &str, posted: bool, shown: Result) -> Outgoing {
    match shown {
        Ok(Shown::Whole(answer)) => answer,
        Ok(Shown::Page(status, page)) => html(cx, status, page),
        Ok(Shown::Goto(to, said)) => goto(&to, said.as_ref()),
        Err(Trouble::SignIn) if posted || path == "/" => goto("/sign-in", None),
        Err(Trouble::SignIn) => {
            let back = form_urlencoded::byte_serialize(cx.visit.here.as_bytes()).collect::<String>();
            goto(&format!("/sign-in?back={back}"), None)
        }
        // After a deed: back to its page, which says why it was refused.
        Err(trouble) if posted => goto(path, Some(&Said::refused(told(cx, &trouble)))),
        Err(trouble) => {
            let title = if trouble.status() == StatusCode::NOT_FOUND { Word::NotFound } else { Word::Failed };
            html(cx, trouble.status(), page::sign::wrong(&cx.visit, title, &trouble.text()))
        }
    }
}

/// A refusal in words: what the API names by a header is a stale or used page to a person.
fn told<W>(cx: &Cx<'_, W>, trouble: &Trouble) -> String {
    match trouble {
        Trouble::Refused(problem) if problem.code == "csrf" => cx.visit.t(Word::Expired).to_owned(),
        Trouble::Refused(problem) if problem.code == "idempotency_key_reused" => cx.visit.t(Word::Answered).to_owned(),
        other => other.text(),
    }
}

fn html<W>(cx: &Cx<'_, W>, status: StatusCode, page: Markup) -> Outgoing {
    let mut answer = Outgoing::new(Bytes::from(page.into_string()));
    *answer.status_mut() = status;
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(cx.visit.lang.tag()));
    if cx.visit.said.is_some() {
        set_cookie(headers, SAID, "", 0);
    }
    answer
}

fn goto(to: &str, said: Option<&Said>) -> Outgoing {
    let mut answer = Outgoing::new(Bytes::new());
    *answer.status_mut() = StatusCode::SEE_OTHER;
    let to = HeaderValue::from_str(to).unwrap_or(HeaderValue::from_static("/"));
    answer.headers_mut().insert(header::LOCATION, to);
    if let Some(said) = said {
        set_cookie(answer.headers_mut(), SAID, &said.to_cookie(), 60);
    }
    answer
}

/// Sets a cookie of the page's own, for so many seconds. None of them is a secret.
pub(crate) fn set_cookie(headers: &mut HeaderMap, name: &str, value: &str, seconds: u32) {
    let cookie = format!("{name}={value}; Path=/; Max-Age={seconds}; HttpOnly; SameSite=Lax");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        headers.append(header::SET_COOKIE, cookie);
    }
}
