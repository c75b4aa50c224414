//! Idempotency keys: the same key and request again gets the same answer, and nothing is done twice.

use crate::cx::Cx;
use crate::problem::Problem;
use bytes::Bytes;
use http::{HeaderValue, StatusCode, header};
use huidan_exchange::sign;
use huidan_store::Keyring;
use huidan_store::console::people::{self, Repeat};
use huidan_world::{Outgoing, World};

/// Does something once per key. The answer is kept sealed, as it may hold a secret that is shown once.
pub(crate) async fn once<W: World>(
    cx: &Cx<'_, W>,
    path: &str,
    key: &str,
    work: impl AsyncFnOnce() -> Result<Outgoing, Problem>,
) -> Result<Outgoing, Problem> {
    if key.is_empty() || key.len() > 255 {
        let detail = "Idempotency-Key 为 1 到 255 个字符 / an Idempotency-Key has 1 to 255 characters";
        return Err(Problem::new(StatusCode::BAD_REQUEST, "idempotency_key", detail));
    }
    // Anybody has no name; then the key is the sender's own affair and nothing is kept.
    let actor = cx.actor().to_owned();
    if actor.is_empty() {
        return work().await;
    }
    let keys = Keyring::derived(&cx.world.variable("internal_token").await.unwrap_or_default(), "idempotency");
    let name = format!("idempotency/{actor}/{key}");
    let sha = sign::sha256(&[path.as_bytes(), b"?", cx.query.as_bytes(), b"\n", &cx.body]);
    let now = cx.moment().now;
    match cx.change(async |db| people::claim_key(db, now, &actor, key, &sha).await).await? {
        Repeat::New => {}
        Repeat::Answered(status, sealed) => {
            let body = keys.open(&name, &sealed)?;
            return Ok(again(status, &body));
        }
        Repeat::UnderWay => {
            let detail = "同一请求正在处理，稍后再试 / the same request is under way; try again in a moment";
            return Err(Problem::conflict("under_way", detail).again_after(1));
        }
        Repeat::Other => {
            let detail = "此 Idempotency-Key 已用于另一请求，请换一个 / this Idempotency-Key was used for another request; take a new one";
            return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "idempotency_key_reused", detail));
        }
    }
    let answer = match work().await {
        Ok(answer) => answer,
        Err(problem) => problem.answer(),
    };
    let kept = match answer.status().is_server_error() {
        true => None,
        false => Some((answer.status().as_u16(), keys.seal(cx.moment().chance, &name, answer.body())?)),
    };
    cx.change(async |db| people::answer_key(db, &actor, key, kept.clone()).await).await?;
    Ok(answer)
}

fn again(status: u16, body: &[u8]) -> Outgoing {
    let mut answer = Outgoing::new(Bytes::copy_from_slice(body));
    *answer.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let kind = if answer.status().is_success() { "application/json" } else { "application/problem+json" };
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    answer
}
