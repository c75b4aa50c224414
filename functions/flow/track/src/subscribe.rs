//! Asking an account to push parcels' scans. The asking is claimed before the call, tried again with longer and longer
//! waits, and given to another account where this one will not.

use crate::ears::{self, Ears};
use crate::watch::question;
use huidan_store::StoreError;
use huidan_store::track::watches::{self, Outcome, ROUNDS, TRIES, Wanted};
use huidan_wire::call::{Answer, Failure, For, Watch, carrier_component};
use huidan_world::{Turn, World, work};

/// Most numbers a second: the strictest watcher takes twenty.
const BATCH: u32 = 20;
/// How long between two batches, in milliseconds.
const REST_MS: u64 = 1_000;
/// How long a claim holds, in milliseconds.
const LEASE_MS: i64 = 60_000;
/// Limit of asking for a batch, in milliseconds.
const ASK_LIMIT_MS: u64 = 45_000;

/// Asks an account for what it is to watch, until nothing is due.
pub(crate) async fn run<W: World>(world: &W, account: &str) -> Result<(), StoreError> {
    let due = async || {
        let now = world.moment().now;
        Ok(world.main(async |db| watches::due(db, now).await).await?.iter().any(|due| due == account))
    };
    work(world, &format!("track/subscribe/{account}"), due, async || turn(world, account).await).await
}

async fn turn<W: World>(world: &W, account: &str) -> Result<Turn, StoreError> {
    let (lease, wanted) =
        world.main(async |db| watches::lease(db, world.moment(), account, LEASE_MS, BATCH).await).await?;
    if wanted.is_empty() {
        return Ok(Turn::Idle);
    }
    let ears = ears::all(world).await?;
    // A watch that ends again and again is not asked for here any more.
    let (asked, tired): (Vec<Wanted>, Vec<Wanted>) = wanted.into_iter().partition(|one| one.rounds < ROUNDS);
    let mut outcomes: Vec<(Wanted, Outcome)> = tired
        .into_iter()
        .map(|one| {
            let outcome = elsewhere(&ears, account, &one, "订阅一再终止 / the watch ends again and again");
            (one, outcome)
        })
        .collect();
    let answers = ask(world, &ears, account, &asked).await;
    for (nth, one) in asked.into_iter().enumerate() {
        let outcome = match answers.as_ref().map(|answers| answers.get(nth)) {
            Ok(Some(Answer::Done(()))) => Outcome::Watching,
            Ok(Some(Answer::Failed(failure))) => failed(&ears, account, &one, failure),
            Ok(None) => Outcome::Again("应答缺失 / an answer is missing".to_owned()),
            Err(missed) => again(&ears, account, &one, missed),
        };
        outcomes.push((one, outcome));
    }
    world
        .main(async |db| {
            huidan_store::transaction(db, async |db| watches::settle(db, world.moment(), &lease, &outcomes).await).await
        })
        .await?;
    for (_, outcome) in &outcomes {
        if let Outcome::Elsewhere(account, ..) = outcome {
            world.wake("flow-track", &format!("subscribe/{account}"));
        }
    }
    world.sleep(REST_MS).await;
    Ok(Turn::Worked)
}

/// One call for the whole batch; answers in the same order, or why there are none.
async fn ask<W: World>(world: &W, ears: &Ears, account: &str, asked: &[Wanted]) -> Result<Vec<Answer<()>>, String> {
    if asked.is_empty() {
        return Ok(Vec::new());
    }
    let carrier = ears.carrier(account).ok_or("账号不存在 / there is no such account")?;
    let public = world.variable("public_url").await.ok_or("未设置 public_url / public_url is not set")?;
    // Where the push needs a secret in its path the carrier's component adds it: only it may open credentials.
    let push_to = format!("{}/track/{carrier}/{account}", public.trim_end_matches('/'));
    let watch = |one: &Wanted| Watch { parcel: question(&one.number, &one.by, &one.phone), push_to: push_to.clone() };
    let asked = For { account: account.to_owned(), subject: asked.iter().map(watch).collect::<Vec<_>>() };
    let component = carrier_component(carrier);
    world.call(&component, "/waybill/subscribe", &asked, ASK_LIMIT_MS).await.map_err(|missed| missed.to_string())
}

/// A refusal is final; anything else may pass.
fn failed(ears: &Ears, account: &str, one: &Wanted, failure: &Failure) -> Outcome {
    match failure.kind.as_str() {
        "rejected" => elsewhere(ears, account, one, &failure.detail),
        _ => again(ears, account, one, &failure.detail),
    }
}

fn again(ears: &Ears, account: &str, one: &Wanted, reason: &str) -> Outcome {
    if one.tries + 1 < TRIES { Outcome::Again(reason.to_owned()) } else { elsewhere(ears, account, one, reason) }
}

fn elsewhere(ears: &Ears, account: &str, one: &Wanted, reason: &str) -> Outcome {
    let not: Vec<&str> = one.tried.iter().map(String::as_str).chain([account]).collect();
    match ears.elsewhere(&not) {
        Some((account, carrier)) => Outcome::Elsewhere(account, carrier, reason.to_owned()),
        None => Outcome::Nobody(reason.to_owned()),
    }
}
