//! flow-book: from a planned package to a label in the print queue, and back again when a number is given up.
//!
//! One lane per carrier account, so that one carrier's trouble never holds another's parcels. A turn does the first of
//! these that is due:
//!
//! 1. **settle** claims whose call ended without a word, as the carrier's manifest says they are resolved;
//! 2. **give back** numbers of packages that are not to be shipped;
//! 3. **update** what a number says whose order changed, where its carrier can;
//! 4. **book**: claim numbers in one transaction, call the carrier with the whole batch, store what it said, render;
//! 5. **render** labels that wait for it;
//! 6. **count**: ask the carrier what is left of its numbers.
//!
//! Besides, once a night: a **sweep** of the numbers that nobody thinks of any more.

mod balance;
mod book;
mod document;
mod give_back;
mod lane;
mod outcome;
mod paper;
mod preview;
mod prices;
mod render;
#[cfg(target_family = "wasm")]
mod shell;
mod sweep;
mod unsettled;
mod update;

use http::StatusCode;
use huidan_store::{Keyring, StoreError};
use huidan_world::{Incoming, Outgoing, World, serve as front};

/// Serves `POST /wake?lane=<carrier account>` (`sweep/…`: the night's sweep), `POST /balance` (`{"account":…}`: what is
/// left of its numbers is asked at once), `POST /void` (`{"package":…,"actor":…}`: the number is to be given back),
/// `POST /prices` (`{"package":…}`: what carriers would ask for it), and `POST /label?waybill=…` (its last label as PNG).
pub async fn serve<W: World>(world: &W, request: Incoming) -> Outgoing {
    if let Err(refused) = front::private(world, &request).await {
        return refused;
    }
    let served = match request.uri().path() {
        "/wake" if front::lane(&request).starts_with(sweep::LANE) => {
            sweep::run(world).await.map(|()| front::json(StatusCode::OK, &true))
        }
        "/balance" => balance::wanted(world, &request).await,
        "/wake" => lane::run(world, &front::lane(&request)).await.map(|()| front::json(StatusCode::OK, &true)),
        "/void" => give_back::wanted(world, &request).await,
        "/prices" => prices::serve(world, &request).await,
        "/label" => preview::label(world, &request).await,
        _ => Ok(front::text(StatusCode::NOT_FOUND, "no such route")),
    };
    served.unwrap_or_else(|error| {
        world.log(format_args!("flow-book: {error}"));
        front::store_failed(&error)
    })
}

async fn keys<W: World>(world: &W, name: &str) -> Result<Keyring, StoreError> {
    let text = world.variable(name).await.ok_or(StoreError::Sealed)?;
    Keyring::parse(&text).map_err(|_| StoreError::Sealed)
}

/// The key that opens receivers.
async fn receiver_keys<W: World>(world: &W) -> Result<Keyring, StoreError> {
    keys(world, "receiver_key").await
}

/// The key that seals labels and print data.
async fn label_keys<W: World>(world: &W) -> Result<Keyring, StoreError> {
    keys(world, "label_key").await
}
