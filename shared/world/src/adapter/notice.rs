//! The front door of a way to tell: the calls of flow-notify under `/notice/`. Nothing is public.

use super::{answered, drive, no_account};
use crate::account::{self, Home};
use crate::{Incoming, Outgoing, World, serve};
use http::{Method, StatusCode};
use huidan_exchange::{Account, CallError};
use huidan_notice::{CredentialField, Limit, Manifest, Message, Notice, Reach, Repeat, Sent};
use huidan_store::StoreError;
use huidan_store::budget::{self, Rate};
use huidan_wire::call::{Answer, CredentialField as WireField, For};
use huidan_wire::notice::NoticeManifest;

/// Serves a way to tell: `/notice/send` and `/notice/manifest`.
pub async fn notice<W: World, N: Notice>(world: &W, request: Incoming, notice: &N) -> Outgoing {
    let path = request.uri().path().to_owned();
    if let Err(refused) = serve::private(world, &request).await {
        return refused;
    }
    if request.method() != Method::POST {
        return serve::text(StatusCode::METHOD_NOT_ALLOWED, "POST");
    }
    match path.as_str() {
        "/notice/send" => match serve::body(&request) {
            Ok(asked) => match send(world, notice, asked).await {
                Ok(answer) => serve::json(StatusCode::OK, &answer),
                Err(error) => serve::store_failed(&error),
            },
            Err(refused) => refused,
        },
        "/notice/manifest" => serve::json(StatusCode::OK, &described(notice.manifest())),
        _ => serve::text(StatusCode::NOT_FOUND, "no such operation"),
    }
}

async fn send<W: World, N: Notice>(world: &W, notice: &N, asked: For<Message>) -> Result<Answer<Sent>, StoreError> {
    let manifest = notice.manifest();
    let home = Home { adapter: manifest.id, gateway: [manifest.gateway, manifest.sandbox], origins: manifest.origins };
    let Some(account) = account::load(world, "notice", home, &asked.account).await? else {
        return Ok(Answer::Failed(no_account(&asked.account)));
    };
    if let Err(limited) = turn(world, &account, manifest.limits).await {
        return Ok(answered(Err(limited)));
    }
    let outcome = drive(world, &account, None, |call| notice.send(call, &asked.subject)).await;
    // A phone that had its share is one buyer's: it must not stop the messages to all others.
    if let Err(CallError::Limited { after_s }) = &outcome
        && manifest.reach != Reach::Phone
    {
        spent(world, &account, manifest.limits, *after_s).await;
    }
    Ok(answered(outcome))
}

/// Takes one call out of each bucket. A provider counts any span of its length, and a bucket that is emptied while it
/// fills gives twice its size in such a span: so half of the limit is the size.
async fn turn<W: World>(world: &W, account: &Account, limits: &[Limit]) -> Result<(), CallError> {
    let now = world.moment().now;
    for limit in limits {
        let rate = Rate { calls: limit.calls.div_ceil(2), per_s: limit.per_s };
        let api = bucket(limit);
        let taken = world.edge(async |db| budget::take(db, now, &account.id, &api, rate, 0).await).await;
        // Who cannot count must not stop: the provider counts too, and says so.
        if let Ok(Some(wait)) = taken {
            return Err(CallError::Limited { after_s: u32::try_from((wait + 999) / 1000).ok() });
        }
    }
    Ok(())
}

/// The provider said that it was too much.
async fn spent<W: World>(world: &W, account: &Account, limits: &[Limit], after_s: Option<u32>) {
    let until = world.moment().now.plus_seconds(i64::from(after_s.unwrap_or(60)));
    for limit in limits {
        let api = bucket(limit);
        let stored = world.edge(async |db| budget::exhausted(db, &account.id, &api, until).await).await;
        if let Err(error) = stored {
            world.log(format_args!("the limit of {} is not noted: {error}", account.id));
        }
    }
}

fn bucket(limit: &Limit) -> String {
    format!("notice/{}", limit.per_s)
}

fn described(manifest: &Manifest) -> NoticeManifest {
    let field = |field: &CredentialField| WireField {
        name: field.name.into(),
        needed: field.needed,
        zh: field.zh.into(),
        en: field.en.into(),
    };
    NoticeManifest {
        id: manifest.id.into(),
        zh: manifest.zh.into(),
        en: manifest.en.into(),
        reach: manifest.reach.name().into(),
        team: manifest.team.into(),
        approved_only: manifest.approved_only,
        most_bytes: manifest.most_bytes,
        repeat_is_safe: manifest.repeat == Repeat::Safe,
        limits: manifest.limits.iter().map(|limit| (limit.calls, limit.per_s)).collect(),
        credentials: manifest.credentials.iter().map(field).collect(),
    }
}
