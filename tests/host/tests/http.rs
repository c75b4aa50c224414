//! Routes, headers, calls between components and out of the house, variables, key-value stores.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "this is a test")]

mod common;

use bytes::Bytes;
use common::Host;
use http::Request;
use http_body_util::{BodyExt as _, Full};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

fn line<'a>(text: &'a str, name: &str) -> &'a str {
    text.lines().find_map(|l| l.strip_prefix(name)?.strip_prefix(": ")).unwrap_or("(none)")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_is_told_where_it_was_called() {
    let host = Host::start().await;
    let told = host.get("/probe/headers?q=1").await.body;
    assert_eq!(line(&told, "spin-path-info"), "/headers");
    assert_eq!(line(&told, "spin-full-url"), host.url("/probe/headers?q=1"));
    assert_eq!(line(&told, "spin-matched-route"), "/probe/...");
    assert_eq!(line(&told, "spin-component-route"), "/probe");
    assert!(line(&told, "spin-client-addr").starts_with("127.0.0.1:"), "{told}");
    let told = host.get("/named/s1/headers/").await.body;
    assert_eq!(line(&told, "spin-path-match-shop"), "s1");
    assert_eq!(line(&told, "spin-path-info"), "/headers/");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_route_fits_is_not_found_and_health_is_answered() {
    let host = Host::start().await;
    assert_eq!(host.get("/nowhere").await.status, 404);
    assert_eq!(host.get("/hidden/seen").await.status, 404);
    let health = host.get("/.well-known/spin/health").await;
    assert_eq!((health.status, health.body.as_str()), (200, "OK"));
    assert!(host.get("/.well-known/spin/info").await.body.contains("\"probe\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_component_is_reached_by_those_who_may_and_by_nobody_else() {
    let host = Host::start().await;
    let told = host.get("/probe/send?url=http://hidden.spin.internal/headers").await.body;
    assert!(told.starts_with("200\n"), "{told}");
    assert_eq!(line(&told, "spin-path-info"), "/headers");
    assert_eq!(line(&told, "spin-client-addr"), "0.0.0.0:0");
    assert_eq!(line(&told, "spin-matched-route"), "/...");
    let denied = host.get("/bare/send?url=http://hidden.spin.internal/headers").await.body;
    assert!(denied.contains("HttpRequestDenied"), "{denied}");
    let spoofed = Request::get(host.url("/headers")).header("host", "hidden.spin.internal");
    assert_eq!(host.ask(spoofed.body(Full::default()).expect("request")).await.status, 404);
    let spoofed = Request::get(host.url("/probe/headers")).header("host", "hidden.spin.internal");
    assert_eq!(host.ask(spoofed.body(Full::default()).expect("request")).await.status, 400);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_to_nobody_and_a_call_to_one_that_traps_are_told_apart() {
    let host = Host::start().await;
    let told = host.get("/probe/send?url=http://nobody.spin.internal/x").await.body;
    assert!(told.contains("InternalError") && told.contains("nobody"), "{told}");
    let told = host.get("/probe/send?url=http://hidden.spin.internal/trap").await.body;
    assert!(told.starts_with("500\n"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_way_out_is_open_where_a_variable_says_so_and_connections_are_kept() {
    let upstream = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let origin = format!("http://{}", upstream.local_addr().expect("address"));
    let accepted = Arc::new(AtomicUsize::new(0));
    tokio::spawn(serve_hello(upstream, accepted.clone()));
    let host = Host::with(|options| {
        let env = options.env_file.as_ref().expect("env file");
        std::fs::write(env, format!("SPIN_VARIABLE_SHOP_KEY=k\nSPIN_VARIABLE_UPSTREAM={origin}\n")).expect("written");
    })
    .await;
    for _ in 0..5 {
        assert_eq!(host.get(&format!("/probe/send?url={origin}/x")).await.body, "200\nhello from /x");
    }
    assert_eq!(accepted.load(Ordering::Relaxed), 1);
    let denied = host.get(&format!("/bare/send?url={origin}/x")).await.body;
    assert!(denied.contains("HttpRequestDenied"), "{denied}");
    let other = origin.replace("127.0.0.1", "localhost");
    assert!(host.get(&format!("/probe/send?url={other}/x")).await.body.contains("HttpRequestDenied"));
}

async fn serve_hello(listener: tokio::net::TcpListener, accepted: Arc<AtomicUsize>) {
    while let Ok((stream, _)) = listener.accept().await {
        accepted.fetch_add(1, Ordering::Relaxed);
        let service = hyper::service::service_fn(|request: Request<hyper::body::Incoming>| async move {
            let host = request.headers().get("host").cloned();
            assert!(host.is_some_and(|h| h.to_str().is_ok_and(|h| h.starts_with("127.0.0.1:"))));
            Ok::<_, std::convert::Infallible>(http::Response::new(Full::new(Bytes::from(format!(
                "hello from {}",
                request.uri().path()
            )))))
        });
        let stream = hyper_util::rt::TokioIo::new(stream);
        tokio::spawn(hyper::server::conn::http1::Builder::new().serve_connection(stream, service));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_origin_that_refuses_is_an_error_for_the_guest() {
    let host = Host::start().await;
    let told = host.get("/probe/send?url=http://127.0.0.1:1/x").await.body;
    assert!(told.contains("ConnectionRefused"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn variables_are_filled_from_the_settings_and_only_declared_ones_exist() {
    let host = Host::start().await;
    assert_eq!(host.get("/probe/variable?name=key").await.body, "Ok(\"<s3cret>\")");
    assert!(host.get("/probe/variable?name=shop_key").await.body.contains("Undefined"));
    assert!(host.get("/bare/variable?name=key").await.body.contains("Undefined"));
    assert!(host.get("/probe/variable?name=Bad-Name").await.body.contains("InvalidName"));
    assert!(host.get("/probe/environment").await.body.contains("COLOUR=green"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_value_store_keeps_what_it_is_given_and_only_for_those_who_may() {
    let host = Host::start().await;
    assert_eq!(host.get("/probe/kv?store=labels&key=a").await.body, "None");
    assert_eq!(host.post("/probe/kv?store=labels&key=a&do=set", "one").await.body, "Ok(())");
    assert_eq!(host.get("/probe/kv?store=labels&key=a").await.body, "Some(\"one\")");
    assert_eq!(host.get("/probe/kv?store=labels&do=keys").await.body, "Ok([\"a\"])");
    assert_eq!(host.get("/probe/kv?store=default&key=a&do=exists").await.body, "Ok(false)");
    assert_eq!(host.get("/probe/kv?store=labels&key=a&do=delete").await.body, "Ok(())");
    assert_eq!(host.get("/probe/kv?store=labels&key=a").await.body, "None");
    assert!(host.get("/probe/kv?store=other&key=a").await.body.contains("AccessDenied"));
    assert!(host.get("/bare/kv?store=default&key=a").await.body.contains("AccessDenied"));
}

#[tokio::test(flavor = "multi_thread")]
async fn bodies_long_and_short_come_through_whole() {
    let host = Host::start().await;
    for length in [0, 1, 70_000, 300_000, 3 << 20] {
        let body: String = ('a'..='z').cycle().take(length).collect();
        let answer = host.post("/probe/body", body.clone()).await;
        assert_eq!(answer.status, 200);
        assert!(answer.body == body, "{length} bytes came back as {}", answer.body.len());
    }
    let short = host.post("/probe/body", "abc").await;
    assert_eq!(short.headers.get("content-length").map(|v| v.as_bytes()), Some(&b"3"[..]));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_serves_128_requests_and_then_makes_way() {
    let host = Host::start().await;
    let mut most = 0;
    for _ in 0..300 {
        let seen: u64 = host.get("/probe/seen").await.body.parse().expect("a number");
        most = most.max(seen);
    }
    assert!((100..128).contains(&most), "{most}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_stops_halfway_is_refused_and_reaches_no_component() {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    let host = Host::start().await;
    let mut stream = tokio::net::TcpStream::connect(host.handle.address()).await.expect("connected");
    stream.write_all(b"POST /probe/trap HTTP/1.1\r\nhost: h\r\ncontent-length: 9\r\n\r\nhalf").await.expect("sent");
    stream.shutdown().await.expect("half closed");
    let mut told = Vec::new();
    let _ = stream.read_to_end(&mut told).await;
    assert!(!String::from_utf8_lossy(&told).contains(" 500 "), "{told:?}");
    assert_eq!(host.log("probe"), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_to_head_has_no_body() {
    let host = Host::start().await;
    let request = Request::head(host.url("/probe/seen")).body(Full::default()).expect("request");
    let response = common::client().request(request).await.expect("an answer");
    assert_eq!(response.status(), 200);
    assert!(response.into_body().collect().await.expect("body").to_bytes().is_empty());
}
