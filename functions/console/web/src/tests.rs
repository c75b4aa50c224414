//! The whole page over sample answers of the API: what is shown, what is passed on, what never comes through.

use crate::codes::TABLES;
use crate::visit::{Said, local};
use crate::words::{Lang, Word};
use bytes::Bytes;
use http::{HeaderMap, StatusCode, header};
use huidan_testkit::world::{TestWorld, block_on};
use huidan_world::serve::json;
use huidan_world::{Incoming, Outgoing};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::rc::Rc;

mod import;
mod notices;
mod pages;
mod parcels;
mod samples;
mod waves;

/// A request that reached the API.
#[derive(Debug, Clone)]
struct Asked {
    method: String,
    path: String,
    headers: HeaderMap,
    body: Value,
    text: String,
}

impl Asked {
    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

/// A page over an API that knows samples, for who has a session of this role.
struct Site {
    world: TestWorld,
    asked: Rc<RefCell<Vec<Asked>>>,
}

impl Site {
    fn new(role: &'static str) -> Self {
        let world = TestWorld::new(7);
        let asked: Rc<RefCell<Vec<Asked>>> = Rc::default();
        let kept = Rc::clone(&asked);
        world.component("console-api", async move |_, request: Incoming| {
            let path = request.uri().path_and_query().map_or("", |path| path.as_str()).to_owned();
            let body = serde_json::from_slice(request.body()).unwrap_or_default();
            let (method, headers) = (request.method().to_string(), request.headers().clone());
            let text = String::from_utf8_lossy(request.body()).into_owned();
            kept.borrow_mut().push(Asked { method, path, headers, body, text });
            samples::answer(&request, role)
        });
        world.component("console-web", async |world, request| crate::serve(&world, request).await);
        Self { world, asked }
    }

    fn ask(&self, request: http::request::Builder, body: &str) -> Outgoing {
        self.ask_bytes(request, body.as_bytes().to_vec())
    }

    fn ask_bytes(&self, request: http::request::Builder, body: Vec<u8>) -> Outgoing {
        let request = request.body(Bytes::from(body)).unwrap();
        block_on(self.world.request("console-web", request))
    }

    /// Looks at a page as somebody who is signed in.
    fn get(&self, path: &str) -> (StatusCode, String) {
        let request = http::Request::builder()
            .uri(path)
            .header("cookie", "huidan_session=s3cret")
            .header("accept-language", "en");
        let answer = self.ask(request, "");
        (answer.status(), String::from_utf8_lossy(answer.body()).into_owned())
    }

    /// Sends a form as somebody who is signed in.
    fn post(&self, path: &str, form: &str) -> Outgoing {
        let request = http::Request::builder().method("POST").uri(path).header("cookie", "huidan_session=s3cret");
        self.ask(request.header("accept-language", "en"), form)
    }

    fn deeds(&self) -> Vec<Asked> {
        self.asked.borrow().iter().filter(|asked| asked.method != "GET").cloned().collect()
    }
}

fn place(answer: &Outgoing) -> &str {
    answer.headers().get(header::LOCATION).map_or("", |value| value.to_str().unwrap())
}

const PAGES: [&str; 15] = [
    "/",
    "/orders",
    "/orders/o1",
    "/packages",
    "/packages/p1",
    "/parcels",
    "/deadlines",
    "/scan",
    "/shops?channel=shopify",
    "/shops/s1/shadow",
    "/print",
    "/notices",
    "/import",
    "/waves?warehouse=w1",
    "/waves/v1",
];

#[test]
fn every_text_has_both_languages() {
    let han = |text: &str| text.chars().any(|letter| letter > '\u{2e7f}');
    for word in Word::ALL {
        let (zh, en) = (word.in_lang(Lang::Zh), word.in_lang(Lang::En));
        assert!(han(zh), "{word:?} has no Chinese");
        assert!(!en.trim().is_empty() && !han(en), "{word:?} has no English");
    }
    for (code, zh, en, _) in TABLES.iter().copied().flatten() {
        assert!(han(zh), "{code} has no Chinese");
        assert!(!en.trim().is_empty() && !han(en), "{code} has no English");
    }
}

#[test]
fn who_is_not_signed_in_is_led_to_signing_in_and_back() {
    let site = Site::new("owner");
    for (path, to) in [
        ("/", "/sign-in"),
        ("/orders?status=held", "/sign-in?back=%2Forders%3Fstatus%3Dheld"),
        ("/packages/p1/label.png", "/sign-in?back=%2Fpackages%2Fp1%2Flabel.png"),
    ] {
        let answer = site.ask(http::Request::builder().uri(path), "");
        assert_eq!((answer.status(), place(&answer)), (StatusCode::SEE_OTHER, to));
    }
}

#[test]
fn signing_in_hands_the_cookie_over_and_goes_on() {
    let site = Site::new("owner");
    let form = "name=lin&password=+right+&back=%2Forders";
    let answer = site.ask(http::Request::builder().method("POST").uri("/sign-in"), form);
    assert_eq!((answer.status(), place(&answer)), (StatusCode::SEE_OTHER, "/orders"));
    assert!(answer.headers()[header::SET_COOKIE].to_str().unwrap().starts_with("huidan_session=s3cret"));
    assert_eq!(site.deeds()[0].body, json!({"name": "lin", "password": " right "}));

    let abroad = site.ask(
        http::Request::builder().method("POST").uri("/sign-in"),
        "name=lin&password=+right+&back=%2F%2Fevil.example",
    );
    assert_eq!(place(&abroad), "/");
}

#[test]
fn a_refused_sign_in_says_why_and_never_repeats_the_password() {
    let site = Site::new("owner");
    for (password, status, says) in [
        ("guess", StatusCode::UNAUTHORIZED, "the name or the password is wrong"),
        ("hunter22", StatusCode::TOO_MANY_REQUESTS, "try again in 30 seconds"),
    ] {
        let request = http::Request::builder().method("POST").uri("/sign-in").header("accept-language", "en");
        let answer = site.ask(request, &format!("name=lin&password={password}"));
        let page = String::from_utf8_lossy(answer.body()).into_owned();
        assert_eq!(answer.status(), status);
        assert!(page.contains(says) && page.contains("value=\"lin\""), "{page}");
        assert!(!page.contains(password), "{page}");
    }
}

#[test]
fn no_page_holds_a_script_and_every_answer_is_guarded() {
    let site = Site::new("owner");
    for path in
        PAGES.into_iter().chain(["/sign-in", "/nowhere", "/orders/none", "/style.css", "/packages/p1/label.png"])
    {
        let request = http::Request::builder().uri(path).header("cookie", "huidan_session=s3cret");
        let answer = site.ask(request, "");
        let page = String::from_utf8_lossy(answer.body()).to_lowercase();
        assert!(!page.contains("<script") && !page.contains("javascript:"), "{path}: {page}");
        assert!(!page.contains(" onclick") && !page.contains(" onerror=\"") && !page.contains("style=\""), "{path}");
        let policy = answer.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.starts_with(
            "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'"
        ));
        assert_eq!(answer.headers()[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
        assert_eq!(answer.headers()[header::REFERRER_POLICY], "no-referrer");
        if path != "/style.css" {
            assert_eq!(answer.headers()[header::CACHE_CONTROL], "no-store", "{path}");
        }
    }
}

#[test]
fn every_form_that_does_something_carries_the_token_and_a_fresh_nonce() {
    let site = Site::new("owner");
    for path in PAGES {
        let (status, page) = site.get(path);
        assert_eq!(status, StatusCode::OK, "{path}: {page}");
        let forms: Vec<&str> = page.split("<form ").skip(1).collect();
        for form in forms.iter().filter(|form| form.contains("method=\"post\"") && !form.contains("/language")) {
            assert!(form.contains("name=\"csrf\" value=\"c5rf\""), "{path}: {form}");
            assert!(form.contains("name=\"nonce\" value=\""), "{path}: {form}");
        }
    }
    let nonce =
        |page: &str| page.split("name=\"nonce\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let (first, second) = (site.get("/scan").1, site.get("/scan").1);
    assert_eq!(nonce(&first).len(), 32);
    assert_ne!(nonce(&first), nonce(&second));
}

#[test]
fn a_double_click_asks_twice_with_one_key() {
    let site = Site::new("owner");
    let form = "csrf=c5rf&nonce=abc123&act=paper&id=j1";
    for _ in 0..2 {
        let answer = site.post("/", form);
        assert_eq!((answer.status(), place(&answer)), (StatusCode::SEE_OTHER, "/"));
    }
    let deeds = site.deeds();
    assert_eq!(deeds.len(), 2);
    for deed in &deeds {
        assert_eq!((deed.path.as_str(), &deed.body), ("/api/v1/print-jobs/j1/confirm", &json!({"paper": true})));
        assert_eq!(deed.header("huidan-csrf"), "c5rf");
        assert_eq!(deed.header("cookie"), "huidan_session=s3cret");
        assert_eq!(deed.header("idempotency-key"), "page/abc123/print-jobs/j1/confirm");
        assert_eq!(deed.header("huidan-internal-token"), "");
    }
}

#[test]
fn a_form_of_another_site_does_nothing() {
    let site = Site::new("owner");
    let request = http::Request::builder().method("POST").uri("/orders/o1").header("cookie", "huidan_session=s3cret");
    let answer = site.ask(request.header("sec-fetch-site", "cross-site"), "csrf=c5rf&act=cancel");
    assert_eq!(answer.status(), StatusCode::FORBIDDEN);
    assert!(site.deeds().is_empty());
}

#[test]
fn a_message_outlives_one_redirect_and_no_more() {
    let said = Said::refused("地址不全 / <b>address</b>; incomplete, ok=1");
    let cookie = said.to_cookie();
    assert!(cookie.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'%'), "{cookie}");
    assert_eq!(Said::from_cookie(&cookie), Some(said));
    assert_eq!(Said::from_cookie("x1"), None);
    assert_eq!(Said::from_cookie(""), None);
    assert!(Said::refused("汉".repeat(5_000)).to_cookie().len() < 4_000);

    let site = Site::new("owner");
    let cookie = format!("huidan_session=s3cret; huidan_said={cookie}");
    let answer =
        site.ask(http::Request::builder().uri("/scan").header("cookie", cookie).header("accept-language", "en"), "");
    let page = String::from_utf8_lossy(answer.body()).into_owned();
    assert!(page.contains("&lt;b&gt;address&lt;/b&gt;; incomplete"), "{page}");
    assert!(answer.headers()[header::SET_COOKIE].to_str().unwrap().starts_with("huidan_said=; Path=/; Max-Age=0"));
}

#[test]
fn only_paths_of_this_house_are_gone_back_to() {
    for path in ["/orders?status=held", "/packages/p1"] {
        assert_eq!(local(path), path);
    }
    for path in
        ["//evil.example", "https://evil.example", "/\\evil.example", "", "orders", "/a\r\nset-cookie: x", "/订单"]
    {
        assert_eq!(local(path), "/", "{path}");
    }
}

#[test]
fn the_language_is_the_chosen_one_or_the_browsers() {
    let site = Site::new("owner");
    let lang = |cookie: &str, accept: &str| {
        let request =
            http::Request::builder().uri("/sign-in").header("cookie", cookie).header("accept-language", accept);
        let page = String::from_utf8_lossy(site.ask(request, "").body()).into_owned();
        page.split("<html lang=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
    };
    assert_eq!(lang("", "en-GB,en;q=0.9,zh;q=0.8"), "en");
    assert_eq!(lang("", "zh-TW,en;q=0.9"), "zh-CN");
    assert_eq!(lang("", "fr,en;q=0.3,zh;q=0.7"), "zh-CN");
    assert_eq!(lang("", "de"), "zh-CN");
    assert_eq!(lang("huidan_language=en", "zh-CN"), "en");

    let answer = site.post("/language", "to=en&back=%2Forders%3Fstatus%3Dheld");
    assert_eq!(place(&answer), "/orders?status=held");
    assert!(
        answer.headers()[header::SET_COOKIE]
            .to_str()
            .unwrap()
            .starts_with("huidan_language=en; Path=/; Max-Age=31536000")
    );
}

#[test]
fn a_sentence_in_both_languages_is_shown_in_one() {
    assert_eq!(Lang::En.half("没有此项 / there is no such thing"), "there is no such thing");
    assert_eq!(Lang::Zh.half("没有此项 / there is no such thing"), "没有此项");
    assert_eq!(Lang::En.half("3 / 4"), "3 / 4");
    assert_eq!(Lang::En.half("甲 / a / b"), "甲 / a / b");
}

#[test]
fn an_api_that_is_away_is_said_so() {
    let world = TestWorld::new(7);
    let request = http::Request::builder().uri("/orders").header("accept-language", "en").body(Bytes::new()).unwrap();
    let answer = block_on(crate::serve(&world, request));
    assert_eq!(answer.status(), StatusCode::BAD_GATEWAY);
    assert!(String::from_utf8_lossy(answer.body()).contains("crashed or is not there"));
}

/// An answer of the API that says no.
fn problem(status: u16, code: &str, detail: &str) -> Outgoing {
    let body = json!({"type": "about:blank", "title": "", "status": status, "code": code, "detail": detail});
    json(StatusCode::from_u16(status).unwrap(), &body)
}
