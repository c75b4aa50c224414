//! The status page, as a browser on this machine meets it.

use std::net::SocketAddr;

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::support::{
    bridge::Setup,
    hub::{CODE, Hub, SECRETS},
    sink::{Mood, Sink},
};

/// An answer, with its head.
async fn ask(page: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(page).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.unwrap();
    String::from_utf8(answer).unwrap()
}

async fn get(page: SocketAddr, host: &str, path: &str) -> String {
    ask(page, &format!("GET {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n")).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_page_shows_what_prints_what_waits_and_what_a_person_must_answer_and_nothing_secret() {
    let (hub, folder) = (Hub::new(), tempfile::tempdir().unwrap());
    let (good, cut) = (Sink::new(Mood::Plain), Sink::new(Mood::Reset(500)));
    let setup =
        Setup::new(&hub.url(), folder.path(), &[&format!("好={}", good.target()), &format!("cut={}", cut.target())]);
    setup.pair(CODE);
    hub.queue("好", "a", 2);
    hub.queue("cut", "c", 1);
    let bridge = setup.start();
    hub.becomes("job-a-2", "done").await;
    hub.becomes("job-c-1", "unconfirmed").await;
    let page = bridge.page().await;
    let host = page.to_string();
    let html = get(page, &host, "/").await;
    assert!(html.starts_with("HTTP/1.1 200"), "{html}");
    for word in ["打印机 / printers", "好", "SF1", "did these labels come out?", &format!("href=\"{}/\"", hub.url())]
    {
        assert!(html.contains(word), "{word}: {html}");
    }
    let json = get(page, &host, "/status.json").await;
    for secret in SECRETS.iter().chain(&["token-0", "lease-"]) {
        assert!(!html.contains(secret) && !json.contains(secret), "{secret}");
    }
    assert!(html.contains("default-src 'none'") && html.contains("nosniff"));
    let status = bridge.status().await;
    let good = status["printers"].as_array().unwrap().iter().find(|printer| printer["printer"] == "好").unwrap();
    assert_eq!((&good["done_today"], &good["state"]), (&2.into(), &"ready".into()));
    assert_eq!(status["unconfirmed"][0]["job"], "job-c-1");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_other_site_can_read_it_and_nobody_can_change_anything_by_it() {
    let (hub, folder) = (Hub::new(), tempfile::tempdir().unwrap());
    let setup = Setup::new(&hub.url(), folder.path(), &["p=discard:"]);
    setup.pair(CODE);
    let bridge = setup.start();
    let page = bridge.page().await;
    for host in ["rebind.example", &format!("rebind.example:{}", page.port()), "192.168.1.9"] {
        for path in ["/", "/status.json"] {
            let answer = get(page, host, path).await;
            assert!(answer.starts_with("HTTP/1.1 421"), "{host}{path}: {answer}");
            assert!(!answer.contains("printer"), "{answer}");
        }
    }
    let none = ask(page, "GET / HTTP/1.1\r\nconnection: close\r\n\r\n").await;
    assert!(!none.starts_with("HTTP/1.1 200"), "{none}");
    let localhost = format!("localhost:{}", page.port());
    assert!(get(page, &localhost, "/").await.starts_with("HTTP/1.1 200"));
    assert!(!get(page, &localhost, "/").await.to_ascii_lowercase().contains("access-control-allow-origin"));
    for method in ["POST", "PUT", "DELETE"] {
        let request =
            format!("{method} / HTTP/1.1\r\nhost: {localhost}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        assert!(ask(page, &request).await.starts_with("HTTP/1.1 405"), "{method}");
    }
}
