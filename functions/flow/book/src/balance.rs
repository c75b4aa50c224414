//! What is left of an account's numbers: asked of the carrier in the account's own lane, so that nothing else is being
//! asked of it meanwhile and what was taken can be counted.

use crate::book;
use crate::lane::{self, Lane};
use crate::outcome::Health;
use http::StatusCode;
use huidan_carrier::Balance;
use huidan_domain::Millis;
use huidan_store::waybills::{self, Look};
use huidan_store::{StoreError, transaction};
use huidan_wire::api::NumberPlace;
use huidan_wire::call::{Answer, For};
use huidan_wire::form::Form;
use huidan_world::{Incoming, Outgoing, World, serve as front};
use serde::Deserialize;

/// Limit of the call, in milliseconds.
const CALL_LIMIT_MS: u64 = 20_000;
/// When it is asked again that was not answered, in milliseconds.
const AGAIN_MS: i64 = 3_600_000;

/// Whose balance.
#[derive(Deserialize)]
struct Wanted {
    account: String,
}

/// A person wants to know. Answers whether there is such an account, once its lane has been run.
pub(crate) async fn wanted<W: World>(world: &W, request: &Incoming) -> Result<Outgoing, StoreError> {
    let wanted: Wanted = match front::body(request) {
        Ok(wanted) => wanted,
        Err(refused) => return Ok(refused),
    };
    let account = &wanted.account;
    let there = world.main(async |db| waybills::balance_wanted(db, world.moment().now, account).await).await?;
    if there {
        lane::run(world, account).await?;
    }
    Ok(front::json(StatusCode::OK, &there))
}

/// Asks, where the carrier tells, and keeps what it says.
pub(crate) async fn turn<W: World>(lane: &Lane<'_, W>) -> Result<(), StoreError> {
    let (world, account) = (lane.world, lane.account.id.as_str());
    if !lane.manifest.balances {
        return world.main(async |db| waybills::later(db, account, None).await).await;
    }
    let at = world.moment().now;
    let asked = For { account: account.to_owned(), subject: vec![()] };
    let answer: Result<Vec<Answer<Vec<Balance>>>, _> =
        world.call(&lane.component(), "/waybill/balance", &asked, CALL_LIMIT_MS).await;
    let (places, health) = match answer.map(|answers| answers.into_iter().next()) {
        Ok(Some(Answer::Done(places))) => (Some(places), Health::Well),
        Ok(Some(Answer::Failed(failure))) => match failure.kind.as_str() {
            "rejected" => (None, Health::Well),
            "credentials" => (None, Health::Trouble(failure.detail)),
            _ => (None, Health::Ill(failure.detail)),
        },
        Ok(None) => (None, Health::Ill("没有应答 / no answer".to_owned())),
        Err(missed) => (None, Health::Ill(missed.to_string())),
    };
    match places {
        Some(places) => {
            let look = Look { at, places: places.iter().map(place).collect() };
            let keep = async |db: &W::Db| waybills::keep_look(db, world.moment(), account, &look).await.map(|_| ());
            world.main(async |db| transaction(db, keep).await).await?;
        }
        None => {
            let again = Some(Millis(world.moment().now.0 + AGAIN_MS));
            world.main(async |db| waybills::later(db, account, again).await).await?;
        }
    }
    book::tell(lane, &health).await
}

fn place(balance: &Balance) -> NumberPlace {
    NumberPlace {
        place: balance.place.clone(),
        numbers: balance.numbers,
        given_back: balance.given_back,
        money: balance.money.as_ref().map(Form::to_wire),
    }
}
