//! print-queue: `/print/v1`, what the print bridge talks to. The bridge pulls; nothing here ever reaches out to it.
//!
//! A job is leased, never given twice: a lease that runs out becomes a question for a person. Only the bridge's own
//! word that it never started puts a job back into the queue.

mod bench;
mod claim;
mod door;
mod report;
#[cfg(target_family = "wasm")]
mod shell;

use bytes::Bytes;
use http::{Method, StatusCode, header};
use huidan_store::bridges::{self, Bridge};
use huidan_store::{Keyring, StoreError, labels, print, transaction, waves};
use huidan_world::{Incoming, Outgoing, World, serve as front};
use serde::{Deserialize, Serialize};

/// Serves `/print/v1/…` to bridges, and the private `POST /sweep` to flow-clock.
pub async fn serve<W: World>(world: &W, request: Incoming) -> Outgoing {
    let path = request.uri().path().to_owned();
    let served = match path.strip_prefix("/print/v1/") {
        Some(route) => bridge_route(world, route, &request).await,
        None if path == "/sweep" => sweep(world, &request).await,
        None => Ok(door::refuse(StatusCode::NOT_FOUND, "no_such_route", "没有这个路径 / no such route")),
    };
    served.unwrap_or_else(|error| {
        world.log(format_args!("print-queue: {error}"));
        front::store_failed(&error)
    })
}

async fn bridge_route<W: World>(world: &W, route: &str, request: &Incoming) -> Result<Outgoing, StoreError> {
    let method = if route.starts_with("labels/") { Method::GET } else { Method::POST };
    if *request.method() != method {
        return Ok(door::refuse(StatusCode::METHOD_NOT_ALLOWED, "method", method.as_str()));
    }
    if route == "pair" {
        return pair(world, request).await;
    }
    let Some(bridge) = door::bridge(world, request).await? else {
        let why = "令牌无效或已吊销，请重新配对 / the token is unknown or revoked: pair again";
        return Ok(door::refuse(StatusCode::UNAUTHORIZED, "token", why));
    };
    match route {
        "claim" => claim::serve(world, request, &bridge).await,
        "report" => report::serve(world, request, &bridge).await,
        "weights" => bench::weights(world, request, &bridge).await,
        "scans" => bench::scans(world, request, &bridge).await,
        _ => match route.strip_prefix("labels/") {
            Some(sha) => label(world, sha, &bridge).await,
            None => Ok(door::refuse(StatusCode::NOT_FOUND, "no_such_route", "没有这个路径 / no such route")),
        },
    }
}

#[derive(Deserialize)]
struct Pair {
    code: String,
    #[serde(default)]
    name: String,
}

#[derive(Serialize)]
struct Paired {
    bridge: String,
    token: String,
}

/// Turns a code into a bridge's token, which is never shown again.
async fn pair<W: World>(world: &W, request: &Incoming) -> Result<Outgoing, StoreError> {
    let asked: Pair = match door::body(request) {
        Ok(asked) => asked,
        Err(refused) => return Ok(refused),
    };
    let paired = world
        .main(async |db| {
            transaction(db, async |db| bridges::pair(db, world.moment(), &asked.code, &asked.name).await).await
        })
        .await?;
    Ok(match paired {
        Some((bridge, token)) => front::json(StatusCode::OK, &Paired { bridge, token }),
        None => {
            let why =
                "配对码错误、已用过或已过期，请在页面上重新生成 / the code is wrong, used or too old: make another";
            door::refuse(StatusCode::NOT_FOUND, "code", why)
        }
    })
}

/// A label's bytes, for a bridge that has a job with them.
async fn label<W: World>(world: &W, sha: &str, bridge: &Bridge) -> Result<Outgoing, StoreError> {
    let gone = || door::refuse(StatusCode::NOT_FOUND, "no_such_label", "没有这张面单 / no such label");
    if !world.main(async |db| labels::may_have(db, &bridge.id, sha).await).await? {
        return Ok(gone());
    }
    let Some(sealed) = world.label(sha).await? else { return Ok(gone()) };
    let keys = world.variable("label_key").await.ok_or(StoreError::Sealed)?;
    let keys = Keyring::parse(&keys).map_err(|_| StoreError::Sealed)?;
    let kept = labels::open(&keys, sha, &sealed)?;
    let mut response = Outgoing::new(Bytes::from(kept.bytes));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/octet-stream"));
    headers.insert(header::CACHE_CONTROL, header::HeaderValue::from_static("no-store"));
    Ok(response)
}

/// What time does to the queue: leases that ran out, paper that went stale, parcels that fell out of their waves.
async fn sweep<W: World>(world: &W, request: &Incoming) -> Result<Outgoing, StoreError> {
    if let Err(refused) = front::private(world, request).await {
        return Ok(refused);
    }
    let changed = world
        .main(async |db| Ok(waves::tend(db, world.moment()).await? + print::sweep(db, world.moment()).await?))
        .await?;
    Ok(front::json(StatusCode::OK, &serde_json::json!({ "changed": changed })))
}
