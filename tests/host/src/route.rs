//! Which component a path belongs to, and the `spin-*` headers that tell it so.

use std::net::SocketAddr;

use http::header::HOST;
use http::uri::{Authority, Scheme, Uri};
use http::{HeaderMap, HeaderName, HeaderValue, Request};

use crate::hosts::INTERNAL_SUFFIX;

/// The public routes. Private components are not in it.
#[derive(Default)]
pub(crate) struct Router(routefinder::Router<Target>);

struct Target {
    component: String,
    /// As the manifest has it, `/a/...` included.
    raw: String,
}

/// A path that was found.
pub(crate) struct Match {
    pub(crate) component: String,
    raw: String,
    trailing: String,
    captures: Vec<(String, String)>,
}

impl Router {
    /// Adds a manifest's route.
    ///
    /// # Errors
    /// A sentence, if the route cannot be read.
    pub(crate) fn add(&mut self, route: &str, component: &str) -> Result<(), String> {
        let absolute = if route.starts_with('/') { route.to_owned() } else { format!("/{route}") };
        let pattern = match absolute.strip_suffix("/...") {
            Some(prefix) => format!("{prefix}/*"),
            None => absolute.strip_suffix('/').unwrap_or(&absolute).to_owned(),
        };
        let target = Target { component: component.to_owned(), raw: route.to_owned() };
        self.0.add(pattern, target).map_err(|e| format!("route {route:?}: {e}"))
    }

    /// The component whose route fits `path` best: exact before `:param` before wildcard.
    pub(crate) fn find(&self, path: &str) -> Option<Match> {
        let best = self.0.best_match(path)?;
        let captures = best.captures();
        let trailing = captures.wildcard().map(|rest| trailing(rest, path)).unwrap_or_default();
        let named = captures.params().iter().map(|c| (c.name().to_owned(), c.value().to_owned())).collect();
        let target = best.handler();
        Some(Match { component: target.component.clone(), raw: target.raw.clone(), trailing, captures: named })
    }
}

/// What follows a wildcard route's prefix, with the slashes that Spin keeps and the router does not.
fn trailing(rest: &str, path: &str) -> String {
    match (rest.is_empty(), path.ends_with('/')) {
        (true, false) => String::new(),
        (true, true) => "/".into(),
        (false, false) => format!("/{rest}"),
        (false, true) => format!("/{rest}/"),
    }
}

impl Match {
    /// What a chained call looks like to the callee: everything is under `/...`.
    pub(crate) fn chained(component: &str, path: &str) -> Self {
        Self { component: component.into(), raw: "/...".into(), trailing: path.into(), captures: Vec::new() }
    }

    /// Sets Spin's headers on `request`, over whatever the sender put there.
    pub(crate) fn set_headers<B>(&self, request: &mut Request<B>, client: SocketAddr) {
        let host = request.headers().get(HOST).and_then(|h| h.to_str().ok()).unwrap_or("localhost");
        let scheme = request.uri().scheme_str().unwrap_or("http");
        let path = request.uri().path_and_query().map_or("/", |p| p.as_str());
        let full_url = format!("{scheme}://{host}{path}");
        let headers = request.headers_mut();
        drop_matches(headers);
        let prefix = self.raw.strip_suffix("/...").unwrap_or(&self.raw);
        for (name, value) in [
            ("spin-full-url", full_url.as_str()),
            ("spin-path-info", &self.trailing),
            ("spin-matched-route", &self.raw),
            ("spin-component-route", prefix),
            ("spin-raw-component-route", &self.raw),
            ("spin-base-path", "/"),
            ("spin-client-addr", &client.to_string()),
        ] {
            set(headers, HeaderName::from_static(name), value);
        }
        for (name, value) in &self.captures {
            let name = format!("spin-path-match-{}", name.replace('_', "-").to_ascii_lowercase());
            if let Ok(name) = HeaderName::try_from(name) {
                set(headers, name, value);
            }
        }
    }
}

fn set(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    // A path cannot hold what a header may not; should it ever, no header is better than the sender's.
    match HeaderValue::from_str(value) {
        Ok(value) => headers.insert(name, value),
        Err(_) => headers.remove(name),
    };
}

/// A sender's own `spin-path-match-*` would otherwise pass for the router's.
fn drop_matches(headers: &mut HeaderMap) {
    let spoofed: Vec<_> = headers.keys().filter(|n| n.as_str().starts_with("spin-path-match-")).cloned().collect();
    for name in spoofed {
        headers.remove(name);
    }
}

/// Makes the URI absolute and drops what an outside sender may not say: a component's own name as host, and the
/// connection's options.
///
/// # Errors
/// A sentence for the sender, if the request names no host or two.
pub(crate) fn absolute<B>(request: &mut Request<B>, scheme: Scheme) -> Result<(), &'static str> {
    let headers = request.headers_mut();
    headers.remove(http::header::CONNECTION);
    let internal = |host: &str| host.split(':').next().unwrap_or_default().ends_with(INTERNAL_SUFFIX);
    if headers.get(HOST).and_then(|h| h.to_str().ok()).is_some_and(internal) {
        headers.remove(HOST);
    }
    let named = match headers.get(HOST) {
        Some(host) => {
            let host = host.to_str().map_err(|_| "the Host header is not text")?;
            Some(host.parse::<Authority>().map_err(|_| "the Host header is not a host")?)
        }
        None => None,
    };
    let mut parts = std::mem::take(request.uri_mut()).into_parts();
    let authority = match (named, parts.authority.take()) {
        (Some(host), Some(uri)) if host != uri => return Err("the Host header and the URI name different hosts"),
        (Some(host), _) => host,
        (None, Some(uri)) => uri,
        (None, None) => return Err("the request names no host"),
    };
    parts.scheme = Some(scheme);
    parts.authority = Some(authority);
    *request.uri_mut() = Uri::from_parts(parts).map_err(|_| "the request's URI cannot be read")?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn router(routes: &[&str]) -> Router {
        let mut router = Router::default();
        for route in routes {
            router.add(route, route).expect("route");
        }
        router
    }

    fn found(routes: &[&str], path: &str) -> Option<String> {
        router(routes).find(path).map(|m| m.component)
    }

    #[test]
    fn the_most_exact_route_wins() {
        let routes = ["/...", "/a/...", "/a/:x", "/a/b"];
        assert_eq!(found(&routes, "/a/b").as_deref(), Some("/a/b"));
        assert_eq!(found(&routes, "/a/c").as_deref(), Some("/a/:x"));
        assert_eq!(found(&routes, "/a/c/d").as_deref(), Some("/a/..."));
        assert_eq!(found(&routes, "/z").as_deref(), Some("/..."));
        assert_eq!(found(&["/a"], "/b"), None);
    }

    #[test]
    fn a_wildcard_route_also_matches_its_own_prefix() {
        assert_eq!(found(&["/a/..."], "/a").as_deref(), Some("/a/..."));
        assert_eq!(found(&["/"], "/").as_deref(), Some("/"));
    }

    #[test]
    fn the_headers_say_what_was_matched_whatever_the_sender_said() {
        let hit = router(&["/webhook/:channel/..."]).find("/webhook/demo/s1/").expect("found");
        let mut request = Request::post("http://h.example:3000/webhook/demo/s1/?q=1")
            .header(HOST, "h.example:3000")
            .header("spin-client-addr", "6.6.6.6:1")
            .header("spin-path-match-shop", "spoofed")
            .body(())
            .expect("request");
        hit.set_headers(&mut request, ([127, 0, 0, 1], 9).into());
        let header = |name: &str| request.headers().get(name).map(|v| v.to_str().expect("text").to_owned());
        assert_eq!(header("spin-full-url").as_deref(), Some("http://h.example:3000/webhook/demo/s1/?q=1"));
        assert_eq!(header("spin-path-info").as_deref(), Some("/s1/"));
        assert_eq!(header("spin-matched-route").as_deref(), Some("/webhook/:channel/..."));
        assert_eq!(header("spin-component-route").as_deref(), Some("/webhook/:channel"));
        assert_eq!(header("spin-client-addr").as_deref(), Some("127.0.0.1:9"));
        assert_eq!(header("spin-path-match-channel").as_deref(), Some("demo"));
        assert_eq!(header("spin-path-match-shop"), None);
    }

    #[test]
    fn an_internal_host_from_outside_is_no_host() {
        for host in ["flow-clock.spin.internal", "flow-clock.spin.internal:80"] {
            let mut request = Request::get("/x").header(HOST, host).body(()).expect("request");
            assert!(absolute(&mut request, Scheme::HTTP).is_err(), "{host}");
        }
        let mut request = Request::get("/x").header(HOST, "hub.example").body(()).expect("request");
        absolute(&mut request, Scheme::HTTP).expect("absolute");
        assert_eq!(request.uri(), "http://hub.example/x");
    }
}
