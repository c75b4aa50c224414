//! Being let into a shop: the platform's page, its callback, and new tokens in time.

use super::channel::{home_of, shop_of};
use super::{answered, drive, no_account};
use crate::account::{credential_keys, open, seal_name};
use crate::{Incoming, Outgoing, World, account, serve};
use http::{StatusCode, header};
use huidan_channel::{Channel, Grant, Granted};
use huidan_domain::Millis;
use huidan_exchange::{Account, CallError, sign};
use huidan_store::access::{self, Versioned};
use huidan_store::tokens::{self, Granting};
use huidan_store::{StoreError, transaction};
use huidan_wire::call::{Answer, For, GrantPage};
use std::collections::BTreeMap;

/// How long a person may take on the platform's page, in milliseconds.
const GRANT_MS: i64 = 900_000;

/// `grant-page`: begins an authorisation and answers the address of the platform's page.
pub(super) async fn page<W: World, C: Channel>(
    world: &W,
    request: &Incoming,
    channel: &C,
) -> Result<Outgoing, Outgoing> {
    let asked: For<GrantPage> = serve::body(request)?;
    let failed = |error: StoreError| serve::store_failed(&error);
    let Some(shop) = shop_of(world, channel, &asked.account).await.map_err(failed)? else {
        return Ok(serve::json(StatusCode::OK, &Answer::<String>::Failed(no_account(&asked.account))));
    };
    let state = world.moment().secret::<16>();
    let back_to = asked.subject.back_to;
    let page = match channel.grant_page(&shop, &state, &back_to) {
        Ok(Some(page)) => page,
        Ok(None) => return Ok(serve::json(StatusCode::OK, &answered::<String>(Err(no_page())))),
        Err(error) => return Ok(serve::json(StatusCode::OK, &answered::<String>(Err(error)))),
    };
    let until = Millis(world.moment().now.0 + GRANT_MS);
    let granting = Granting { shop: shop.id, back_to };
    let digest = sign::sha256(&[state.as_bytes()]);
    world
        .edge(async |db| tokens::begin_grant(db, &digest, channel.manifest().id, &granting, until).await)
        .await
        .map_err(failed)?;
    Ok(serve::json(StatusCode::OK, &Answer::Done(page)))
}

fn no_page() -> CallError {
    CallError::Rejected {
        code: "no_grant_page".into(),
        remedy: "该平台没有授权页面，请直接填写凭据 / this platform has no such page: enter the credentials".into(),
    }
}

/// `GET /oauth/<channel>/callback`: the platform's page sends the browser here with a code and our state.
pub(super) async fn callback<W: World, C: Channel>(world: &W, request: &Incoming, channel: &C) -> Outgoing {
    let mut query: BTreeMap<String, String> =
        url::form_urlencoded::parse(request.uri().query().unwrap_or_default().as_bytes()).into_owned().collect();
    let state = query.remove("state").unwrap_or_default();
    let digest = sign::sha256(&[state.as_bytes()]);
    let now = world.moment().now;
    let granting = match world.edge(async |db| tokens::end_grant(db, now, &digest, channel.manifest().id).await).await {
        Ok(Some(granting)) => granting,
        Ok(None) => return told(StatusCode::BAD_REQUEST, "授权已过期或已使用，请重新开始", EXPIRED),
        Err(error) => return serve::store_failed(&error),
    };
    let code = CODES.iter().find_map(|&name| query.remove(name)).unwrap_or_default();
    if code.is_empty() {
        return told(StatusCode::BAD_REQUEST, "平台没有给出授权码：可能未同意授权", NO_CODE);
    }
    let shop = match shop_of(world, channel, &granting.shop).await {
        Ok(Some(shop)) => shop,
        Ok(None) => return told(StatusCode::NOT_FOUND, "店铺已不存在", "The shop is not here any more."),
        Err(error) => return serve::store_failed(&error),
    };
    let by = Grant::Code { code, back_to: granting.back_to, more: query };
    match granted(world, channel, &shop, &by).await {
        Ok(()) => {
            world.wake("flow-intake", &format!("pull/{}", shop.id));
            told(StatusCode::OK, "授权成功，订单正在拉取，可以关闭本页", DONE)
        }
        Err(error) => {
            world.log(format_args!("{} was not let in: {}", shop.id, error.kind()));
            told(StatusCode::BAD_GATEWAY, &format!("授权失败：{error}"), "The platform gave no token. Begin again.")
        }
    }
}

/// How platforms name the code: `code`; one names it after its product.
const CODES: [&str; 3] = ["code", "spapi_oauth_code", "authorization_code"];

const EXPIRED: &str = "This authorisation is over or was used. Begin again.";
const NO_CODE: &str = "The platform sent no code: was it refused? Begin again.";
const DONE: &str = "Done. Orders are coming in; this page can be closed.";

fn told(status: StatusCode, zh: &str, en: &str) -> Outgoing {
    let mut answer = serve::text(status, format!("{zh}\n{en}\n"));
    // The address holds a code: it goes to nobody else.
    answer.headers_mut().insert(header::REFERRER_POLICY, header::HeaderValue::from_static("no-referrer"));
    answer
}

/// `renew`: a new token for a shop, now.
pub(super) async fn renew<W: World, C: Channel>(
    world: &W,
    request: &Incoming,
    channel: &C,
) -> Result<Outgoing, Outgoing> {
    let asked: For<()> = serve::body(request)?;
    let answer = match shop_of(world, channel, &asked.account).await.map_err(|error| serve::store_failed(&error))? {
        Some(shop) => answered(renewed(world, channel, &shop).await),
        None => Answer::Failed(no_account(&asked.account)),
    };
    Ok(serve::json(StatusCode::OK, &answer))
}

/// Renews a shop's token, claimed first: where the refresh token works once, two at a time would lock the shop out.
pub(super) async fn renewed<W: World, C: Channel>(world: &W, channel: &C, shop: &Account) -> Result<(), CallError> {
    let now = world.moment().now;
    let claimed = world.edge(async |db| tokens::claim(db, now, &shop.id).await).await.map_err(|error| later(&error))?;
    if !claimed {
        return Err(CallError::Transient {
            after_s: Some(5),
            detail: "令牌正在更新 / the token is being renewed".into(),
        });
    }
    // Read again under the claim: who held it before may have stored a newer refresh token.
    let outcome = match account::load(world, "shop", home_of(channel), &shop.id).await {
        Ok(Some(shop)) => granted(world, channel, &shop, &Grant::Renewal).await,
        Ok(None) => Err(CallError::Credentials { field: "id".into(), detail: "店铺已不存在 / gone".into() }),
        Err(error) => Err(later(&error)),
    };
    if outcome.is_err()
        && let Err(error) = world.edge(async |db| tokens::failed(db, now, &shop.id).await).await
    {
        world.log(format_args!("the renewal of {} is not noted: {error}", shop.id));
    }
    outcome
}

/// Asks for a token and stores what comes. What came is not lost to a person who changes the credentials meanwhile: it
/// is stored over the newer ones.
async fn granted<W: World, C: Channel>(world: &W, channel: &C, shop: &Account, by: &Grant) -> Result<(), CallError> {
    let granted = drive(world, shop, None, |call| channel.grant(call, by)).await?;
    let keys = credential_keys(world).await.map_err(|error| later(&error))?;
    let lives_s = granted.lives_s.or(channel.manifest().tokens.map(|tokens| tokens.lives_s)).unwrap_or(86_400);
    let stored = world
        .edge(async |db| {
            transaction(db, async |db| {
                let all = access::of_adapter(db, "shop", channel.manifest().id).await?;
                let Some(of) = all.into_iter().find(|one| one.id == shop.id) else { return Ok(false) };
                let sealed = with(world, &keys, &of, &granted)?;
                let now = world.moment().now;
                let (until, renew_at) = (now.plus_seconds(lives_s), now.plus_seconds(rest_s(lives_s)));
                tokens::store(db, &of, sealed, until, renew_at).await
            })
            .await
        })
        .await
        .map_err(|error| later(&error))?;
    match stored {
        true => Ok(()),
        false => Err(CallError::Unknown { detail: "令牌未能保存 / the token could not be kept".into() }),
    }
}

/// How long a token is left alone, in seconds: for half its life, so that there is time for a platform that is away.
/// But a platform may answer with the token that is there and what is left of its life: half of that, and half of that,
/// would never come to an end.
fn rest_s(lives_s: i64) -> i64 {
    const LEAST_S: i64 = 300;
    (lives_s / 2).max(lives_s.min(LEAST_S)).max(30)
}

fn with<W: World>(
    world: &W,
    keys: &huidan_store::Keyring,
    of: &Versioned,
    granted: &Granted,
) -> Result<Vec<u8>, StoreError> {
    let mut values = open(keys, "shop", &of.id, &of.access)?;
    values.extend(granted.credentials.clone());
    let text = serde_json::to_vec(&values).map_err(|_| StoreError::Sealed)?;
    keys.seal(world.moment().chance, &seal_name("shop", &of.id), &text)
}

fn later(error: &StoreError) -> CallError {
    CallError::Transient { after_s: None, detail: error.to_string() }
}

#[cfg(test)]
mod tests {
    use super::rest_s;

    #[test]
    fn a_token_whose_rest_of_life_is_told_again_and_again_is_renewed_a_few_times_and_not_for_ever() {
        let (mut left, mut renewals) = (7200, 0);
        while left > 0 {
            left -= rest_s(left);
            renewals += 1;
        }
        assert!(renewals < 8, "{renewals}");
        assert_eq!(rest_s(14 * 86_400), 7 * 86_400);
    }
}
