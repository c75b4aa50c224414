//! console-api: `/api/v1` for people and scripts, `/healthz` and `/metrics` for machines.
//!
//! One list of routes ([`table`]) drives dispatch, rights and `openapi.json`. A request passes the door (who asks, with
//! which rights), the idempotency keys, and then its handler, which reads typed input and answers typed output.

mod cx;
mod door;
mod known;
mod password;
mod problem;
mod read;
mod repeat;
mod route;
mod sheet;
#[cfg(target_family = "wasm")]
mod shell;
mod table;
mod telling;
mod upload;

use cx::Cx;
use http::{HeaderValue, Method, StatusCode, header};
use huidan_world::{Incoming, Outgoing, World};
use problem::Problem;
use table::{Found, Route};

/// Serves everything under `/api/v1`, `/healthz` and `/metrics`.
pub async fn serve<W: World + 'static>(world: &W, request: Incoming) -> Outgoing {
    let (parts, body) = request.into_parts();
    let asked = http::Request::from_parts(parts, body);
    let mut answer = match served(world, asked).await {
        Ok(answer) => answer,
        Err(problem) => problem.answer(),
    };
    let headers = answer.headers_mut();
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    answer
}

async fn served<W: World + 'static>(world: &W, request: Incoming) -> Result<Outgoing, Problem> {
    let path = request.uri().path().trim_end_matches('/').to_owned();
    let (route, parts) = match table::find::<W>(request.method(), &path) {
        Found::Route(route, parts) => (route, parts),
        Found::OtherMethod(methods) => return Ok(other_method(&methods)),
        Found::Nothing => {
            let detail = "没有此地址，见 /api/v1/openapi.json / no such address; see /api/v1/openapi.json";
            return Err(Problem::new(StatusCode::NOT_FOUND, "no_route", detail));
        }
    };
    let who = door::enter(world, &request, route.least).await?;
    let (head, body) = request.into_parts();
    let query = head.uri.query().unwrap_or_default().to_owned();
    let cx = Cx { world, who, parts, query, headers: head.headers, body };
    carried_out(&route, &path, &cx).await
}

/// A POST with an idempotency key is answered once; what fails on our side may be asked again.
async fn carried_out<W: World + 'static>(route: &Route<W>, path: &str, cx: &Cx<'_, W>) -> Result<Outgoing, Problem> {
    if route.method == Method::POST
        && let Some(key) = cx.headers.get("idempotency-key").and_then(|key| key.to_str().ok())
    {
        return repeat::once(cx, path, key, async || (route.handler)(cx).await).await;
    }
    (route.handler)(cx).await
}

fn other_method(methods: &[Method]) -> Outgoing {
    let list: Vec<&str> = methods.iter().map(Method::as_str).collect();
    let list = list.join(", ");
    let detail = format!("此地址只接受 {list} / this address takes {list} only");
    let mut answer = Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method", detail).answer();
    if let Ok(allow) = HeaderValue::from_str(&list) {
        answer.headers_mut().insert(header::ALLOW, allow);
    }
    answer
}
