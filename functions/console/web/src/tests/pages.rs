use super::samples::EVIL;
use super::{PAGES, Site, place};
use crate::visit::{Said, cookie};
use http::{HeaderMap, StatusCode, header};
use serde_json::json;

#[test]
fn what_others_wrote_stays_text() {
    let site = Site::new("owner");
    for path in PAGES {
        let (status, page) = site.get(path);
        assert_eq!(status, StatusCode::OK, "{path}: {page}");
        assert!(!page.contains("<script") && !page.contains("<img src=x"), "{path}: {page}");
        if !matches!(path, "/scan") {
            assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;"), "{path} does not show it at all: {page}");
        }
    }
    assert!(EVIL.contains("<script>"));
}

#[test]
fn an_unconfirmed_paper_is_asked_about_with_two_buttons() {
    let site = Site::new("packer");
    for path in ["/", "/packages/p1"] {
        let page = site.get(path).1;
        let question =
            page.split("<article class=\"question\">").nth(1).unwrap_or_else(|| panic!("no question: {page}"));
        let question = question.split("</article>").next().unwrap();
        assert!(question.contains("HD0000012345") && question.contains("src=\"/packages/p1/label.png\""), "{question}");
        assert!(question.contains("name=\"id\" value=\"j1\""), "{question}");
        assert!(question.contains("value=\"paper\">It came out</button>"), "{question}");
        assert!(question.contains("value=\"no-paper\">It did not</button>"), "{question}");
    }
    // What failed is no question: it may be printed again.
    let page = site.get("/").1;
    assert_eq!(page.matches("<article class=\"question\">").count(), 1);
    assert!(page.contains("value=\"print-again\"") && page.contains("value=\"j2\""), "{page}");
    site.post("/", "csrf=c5rf&nonce=a1&act=no-paper&id=j1");
    assert_eq!(site.deeds().last().unwrap().body, json!({"paper": false}));
}

#[test]
fn two_numbers_that_differ_are_shown_side_by_side_with_a_button_for_each() {
    let site = Site::new("operator");
    let page = site.get("/").1;
    let row = page.split("HD0000012346").nth(1).unwrap_or_else(|| panic!("our number is not shown: {page}"));
    let row = row.split("</li>").next().unwrap();
    for act in ["keep-theirs", "send-ours"] {
        assert!(row.contains(&format!("value=\"{act}\"")), "{act}: {row}");
        site.post("/", &format!("csrf=c5rf&nonce={act}&act={act}&id=confirm%2Fo1%2Fp2"));
        assert_eq!(site.deeds().last().unwrap().path, format!("/api/v1/outbox/confirm%2Fo1%2Fp2/{act}"));
    }
    assert!(!row.contains("value=\"retry\""), "{row}");
}

#[test]
fn nobody_is_offered_what_they_may_not_do() {
    let viewer = Site::new("viewer");
    for path in PAGES {
        let page = viewer.get(path).1;
        assert!(!page.contains("name=\"act\"") && !page.contains("label.png"), "{path}: {page}");
    }
    let packer = Site::new("packer");
    let order = packer.get("/orders/o1").1;
    assert!(!order.contains("value=\"approve\""), "{order}");
    assert!(packer.get("/packages/p1").1.contains("value=\"ship\""));
    assert!(!packer.asked.borrow().iter().any(|asked| asked.path.contains("/events")), "the log is not for packers");
    let operator = Site::new("operator").get("/orders/o1").1;
    for act in ["approve", "release", "cancel"] {
        assert!(operator.contains(&format!("value=\"{act}\"")), "{act}: {operator}");
    }
    assert!(!Site::new("operator").get("/shops").1.contains("/shops?channel="));
}

#[test]
fn a_list_is_filtered_paged_and_says_why() {
    let site = Site::new("operator");
    let (_, page) = site.get("/orders?status=held&shop=s1&cursor=61");
    let asked = site.asked.borrow().iter().find(|asked| asked.path.contains("/orders")).cloned().unwrap();
    assert_eq!(asked.path, "/api/v1/orders?limit=50&cursor=61&status=held&shop=s1");
    assert!(page.contains("href=\"/orders?status=held&amp;shop=s1&amp;cursor=6162\""), "{page}");
    assert!(page.contains("href=\"/orders?status=held&amp;shop=s1\""), "{page}");
    assert!(page.contains("<option value=\"held\" selected>Waits</option>"), "{page}");
    assert!(page.contains("Goods unknown") && page.contains("overdue by 60 min"), "{page}");
}

#[test]
fn a_deed_is_done_told_and_seen_on_its_page() {
    let site = Site::new("operator");
    let answer = site.post("/orders/o1", "csrf=c5rf&nonce=n1&act=hold&detail=ask+the+buyer");
    assert_eq!((answer.status(), place(&answer)), (StatusCode::SEE_OTHER, "/orders/o1"));
    let deed = site.deeds().pop().unwrap();
    assert_eq!((deed.path.as_str(), deed.body), ("/api/v1/orders/o1/hold", json!({"detail": "ask the buyer"})));
    for (form, path) in
        [("act=print", "print"), ("act=book", "book"), ("act=void", "void"), ("act=reprint&reason=torn", "reprint")]
    {
        site.post("/packages/p1", &format!("csrf=c5rf&nonce=n1&{form}"));
        assert_eq!(site.deeds().pop().unwrap().path, format!("/api/v1/packages/p1/{path}"));
    }
}

fn told(answer: &huidan_world::Outgoing) -> Said {
    let mut headers = HeaderMap::new();
    let set = answer.headers()[header::SET_COOKIE].to_str().unwrap();
    headers.insert(header::COOKIE, set.split(';').next().unwrap().parse().unwrap());
    Said::from_cookie(cookie(&headers, "huidan_said").unwrap()).unwrap()
}

#[test]
fn a_refused_deed_says_why_on_its_page() {
    let site = Site::new("packer");
    let answer = site.post("/packages/p1", "csrf=c5rf&nonce=n1&act=ship");
    assert_eq!((answer.status(), place(&answer)), (StatusCode::SEE_OTHER, "/packages/p1"));
    assert_eq!(told(&answer), Said::refused("面单已过期 / the paper is stale"));
    // A stale page is what it is to a person, not a header.
    let answer = site.post("/packages/p1", "csrf=old&nonce=n1&act=ship");
    assert_eq!(told(&answer), Said::refused("The page was out of date; please try again"));
}

#[test]
fn a_scan_says_what_to_do_next_and_remembers_the_bench() {
    let site = Site::new("packer");
    let answer = site.post("/scan", "csrf=c5rf&nonce=n1&code=HD0000012345&station=b2");
    let page = String::from_utf8_lossy(answer.body()).into_owned();
    assert_eq!(site.deeds()[0].body, json!({"code": "HD0000012345", "station": "b2"}));
    assert!(page.contains("scan the goods") && page.contains("<b>1</b> / 2"), "{page}");
    assert!(page.contains("autofocus") && page.contains("value=\"b2\""), "{page}");
    assert!(page.contains("<section class=\"next going\""), "{page}");
    assert!(!page.contains("<script"), "{page}");
    assert!(answer.headers()[header::SET_COOKIE].to_str().unwrap().starts_with("huidan_station=b2;"));
    assert_eq!(answer.headers()[header::CACHE_CONTROL], "no-store");
}

#[test]
fn a_shops_form_asks_for_what_its_channel_needs_and_keeps_what_was_typed() {
    let site = Site::new("owner");
    let page = site.get("/shops?channel=shopify").1;
    assert!(page.contains("name=\"credential.access_token\" value=\"\" required"), "{page}");
    assert!(page.contains("the app&#39;s key") || page.contains("the app's key"), "{page}");
    assert!(page.contains("name=\"base_url\""), "{page}");
    let form = "csrf=c5rf&nonce=n1&act=add&channel=shopify&id=s2&name=My+shop&mode=shadow&environment=sandbox\
                &base_url=https%3A%2F%2Fshop.example&credential.app_key=+k1+&credential.access_token=";
    let answer = site.post("/shops", form);
    assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
    let wanted = json!({"id": "s2", "channel": "shopify", "name": "My shop", "mode": "shadow", "environment": "sandbox",
        "base_url": "https://shop.example", "credentials": {"app_key": "k1"}});
    assert_eq!(site.deeds()[0].body, wanted);
    let page = String::from_utf8_lossy(answer.body()).into_owned();
    assert!(page.contains("the credential access_token is missing") && page.contains("value=\"My shop\""), "{page}");
    assert!(page.contains("<option value=\"shadow\" selected>"), "{page}");
}

#[test]
fn a_pairing_code_is_shown_with_the_line_to_run() {
    let site = Site::new("operator");
    let answer = site.post("/print", "csrf=c5rf&nonce=n1&act=pair");
    let page = String::from_utf8_lossy(answer.body()).into_owned();
    assert!(page.contains("print-bridge pair --hub http://127.0.0.1:3000 K7WX9PQR"), "{page}");
    site.post("/print", "csrf=c5rf&nonce=n1&act=off&id=bench+1%2F%E5%B7%A6");
    let deed = site.deeds().pop().unwrap();
    assert_eq!((deed.method.as_str(), deed.path.as_str()), ("PATCH", "/api/v1/printers/bench%201%2F%E5%B7%A6"));
    assert_eq!(deed.body, json!({"active": false}));
}

#[test]
fn a_code_nobody_knows_is_shown_as_it_is() {
    use crate::codes::{ORDER, Tone, say, tone};
    use crate::words::Lang;
    assert_eq!((say(ORDER, Lang::Zh, "held"), say(ORDER, Lang::En, "held")), ("等待", "Waits"));
    assert_eq!((say(ORDER, Lang::En, "teleported"), tone(ORDER, "teleported")), ("teleported", Tone::Wait));
}

#[test]
fn a_webhooks_address_is_whole() {
    let site = Site::new("owner");
    let page = site.get("/shops").1;
    assert!(page.contains("<code>http://127.0.0.1:3000/webhook/shopify/s1</code>"), "{page}");
    // As a component sees it: the host stands in the address.
    let page = site.get("http://bench.local:8080/shops").1;
    assert!(page.contains("<code>http://bench.local:8080/webhook/shopify/s1</code>"), "{page}");
}

#[test]
fn no_tag_says_anything_twice() {
    let site = Site::new("owner");
    for path in PAGES {
        let page = site.get(path).1;
        for tag in page.split('<').filter_map(|piece| piece.split('>').next()) {
            assert!(tag.matches(" class=\"").count() < 2, "{path}: {tag}");
        }
        assert_eq!(page.matches("<h1>").count(), 1, "{path}");
    }
}

#[test]
fn a_shop_in_shadow_leads_to_what_it_would_have_done() {
    let site = Site::new("viewer");
    let page = site.get("/shops").1;
    assert_eq!(page.matches("href=\"/shops/s1/shadow\"").count(), 1, "{page}");
    let page = site.get("/shops/s1/shadow").1;
    for says in ["<b>312</b>", "<b>290</b>", "<b>297</b>", "<b>22</b>: Goods unknown 20, No carrier can 2"] {
        assert!(page.contains(says), "{says}: {page}");
    }
    assert!(page.contains("The channel would be told: E1 · SF · L1 × 1(completes the order)"), "{page}");
    assert!(page.contains("It waited for: No carrier can"), "{page}");
    assert!(page.contains("href=\"/shops/s1/shadow?cursor=6162\""), "{page}");
    site.get("/shops/s1/shadow?cursor=6162");
    let asked = site.asked.borrow().last().unwrap().path.clone();
    assert_eq!(asked, "/api/v1/shops/s1/shadow?limit=50&cursor=6162");
}
