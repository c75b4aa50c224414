use super::samples::EVIL;
use super::{Asked, Site};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use huidan_world::Outgoing;

const FILE: &str = "订单编号,品名\r\n1,茶\r\n";

/// A form as a browser sends it when it has a file.
fn send(site: &Site, fields: &[(&str, &str)], file: Option<&[u8]>) -> Outgoing {
    let mut body = Vec::new();
    for (name, value) in fields {
        body.extend(format!("--XX\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").into_bytes());
    }
    if let Some(file) = file {
        body.extend(b"--XX\r\nContent-Disposition: form-data; name=\"file\"; filename=\"o.csv\"\r\nContent-Type: text/csv\r\n\r\n");
        body.extend(file);
        body.extend(b"\r\n");
    }
    body.extend(b"--XX--\r\n");
    let request = http::Request::builder()
        .method("POST")
        .uri("/import")
        .header("cookie", "huidan_session=s3cret")
        .header("accept-language", "en")
        .header("content-type", "multipart/form-data; boundary=XX");
    site.ask_bytes(request, body)
}

fn text(answer: &Outgoing) -> String {
    String::from_utf8_lossy(answer.body()).into_owned()
}

fn only(site: &Site) -> Asked {
    let deeds = site.deeds();
    assert_eq!(deeds.len(), 1);
    deeds[0].clone()
}

#[test]
fn a_file_is_looked_at_and_its_columns_can_be_chosen() {
    let site = Site::new("operator");
    let answer =
        send(&site, &[("csrf", "c5rf"), ("nonce", "n1"), ("shop", "own1"), ("act", "look")], Some(FILE.as_bytes()));
    let page = text(&answer);
    assert_eq!(answer.status(), StatusCode::OK, "{page}");
    let asked = only(&site);
    assert_eq!(asked.path, "/api/v1/orders/import?dry_run=1&shop=own1");
    assert!(asked.text.contains(FILE), "{}", asked.text);
    assert_eq!((asked.header("huidan-csrf"), asked.header("idempotency-key")), ("c5rf", ""));
    assert!(page.contains("<option value=\"order_no\" selected>order number</option>"), "{page}");
    assert!(page.contains("name=\"heading.0\" value=\"订单编号\"") && page.contains("name=\"field.2\""), "{page}");
    assert!(
        page.contains("98%") && page.contains("say which column is: address") && page.contains("138***00"),
        "{page}"
    );
    assert!(page.contains(&format!("name=\"data\" value=\"{}\"", STANDARD.encode(FILE))), "{page}");
    assert!(!page.contains("<script") && page.contains("&lt;script&gt;"), "{page}");
    assert!(EVIL.contains("<script>"));
}

#[test]
fn confirmed_columns_go_with_the_same_file_and_the_outcome_is_told() {
    let site = Site::new("operator");
    let data = STANDARD.encode(FILE);
    let fields = [
        ("csrf", "c5rf"),
        ("shop", "own1"),
        ("data", data.as_str()),
        ("heading.0", "订单编号"),
        ("field.0", "order_no"),
        ("heading.1", " 昵称 "),
        ("field.1", ""),
        ("act", "import"),
    ];
    let page = text(&send(&site, &fields, None));
    let asked = only(&site);
    assert_eq!(asked.path, "/api/v1/orders/import?shop=own1");
    assert!(asked.text.contains(FILE), "{}", asked.text);
    let mapping = r#"{"columns":[{"heading":"订单编号","field":"order_no"},{"heading":" 昵称 ","field":null}]}"#;
    assert!(asked.text.contains(mapping), "{}", asked.text);
    assert!(page.contains("<dt>New</dt><dd>3</dd>") && page.contains("<dt>Already here</dt><dd>2</dd>"), "{page}");
    assert!(page.contains("is no amount") && !page.contains("<script"), "{page}");
}

#[test]
fn what_is_refused_keeps_the_file_and_says_why() {
    let site = Site::new("operator");
    let data = STANDARD.encode(FILE);
    let fields =
        [("csrf", "c5rf"), ("shop", "own1"), ("data", data.as_str()), ("heading.0", "订单编号"), ("act", "import")];
    let answer = send(&site, &fields, None);
    let page = text(&answer);
    assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.contains("say which column is: order number") && page.contains(&data), "{page}");

    let answer = send(&site, &[("csrf", "c5rf"), ("shop", "own1"), ("act", "look")], Some(b"no table"));
    assert_eq!(answer.status(), StatusCode::UNPROCESSABLE_ENTITY);
    assert!(text(&answer).contains("no heading found") && text(&answer).contains("type=\"file\""));
    let answer = send(&site, &[("csrf", "c5rf"), ("shop", "own1"), ("act", "look")], Some(&vec![b'a'; (6 << 20) + 1]));
    assert!(text(&answer).contains("6 MB at most"), "{}", text(&answer));
}

#[test]
fn without_the_sessions_token_or_the_role_nothing_is_sent() {
    let site = Site::new("operator");
    let answer = send(&site, &[("csrf", "old"), ("shop", "own1"), ("act", "look")], Some(FILE.as_bytes()));
    assert_eq!(answer.status(), StatusCode::SEE_OTHER, "{}", text(&answer));
    let packer = Site::new("packer");
    send(&packer, &[("csrf", "c5rf"), ("shop", "own1"), ("act", "import")], Some(FILE.as_bytes()));
    assert!(packer.deeds().is_empty());
    assert!(
        !packer.get("/import").1.contains("type=\"file\"") && !packer.get("/orders").1.contains("href=\"/import\"")
    );
}
