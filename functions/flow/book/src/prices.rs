//! What carriers would ask for a package: every account is asked at the same moment, within a limit. Only when a person
//! wants to know, never while planning or booking; nothing is bought.

use crate::book::{parcel, within};
use crate::lane;
use crate::outcome::sentence;
use futures::future::join_all;
use http::StatusCode;
use huidan_carrier::{Parcel, Quote};
use huidan_domain::Money;
use huidan_store::StoreError;
use huidan_store::waybills::{self, Booking};
use huidan_wire::api::{AccountPrices, Offer, Prices};
use huidan_wire::call::{Answer, For, carrier_component};
use huidan_wire::form::Form;
use huidan_world::{Incoming, Outgoing, World, serve as front};
use serde::Deserialize;

/// Limit of asking one carrier, in milliseconds: a person waits.
const LIMIT_MS: u64 = 6_000;

const NO_PRICES: &str = "这家承运商的接口不报价 / this carrier's interface tells no prices";

#[derive(Deserialize)]
struct Wanted {
    package: String,
}

/// Answers `/prices`; `null` where there is no such package.
pub(crate) async fn serve<W: World>(world: &W, request: &Incoming) -> Result<Outgoing, StoreError> {
    let wanted: Wanted = match front::body(request) {
        Ok(wanted) => wanted,
        Err(refused) => return Ok(refused),
    };
    let keys = crate::receiver_keys(world).await?;
    let claim = world.moment().id();
    let quotes = world.main(async |db| waybills::to_quote(db, &keys, &wanted.package, &claim).await).await?;
    let Some(bookings) = quotes else { return Ok(front::json(StatusCode::OK, &None::<Prices>)) };
    let accounts = join_all(bookings.iter().map(|booking| account(world, booking))).await;
    Ok(front::json(StatusCode::OK, &Some(Prices { accounts })))
}

async fn account<W: World>(world: &W, booking: &Booking) -> AccountPrices {
    let (offers, reason) = match offers(world, booking).await {
        Ok(offers) => (offers, String::new()),
        Err(reason) => (Vec::new(), reason),
    };
    AccountPrices {
        // A parcel that is only asked about bears its account's id in place of a waybill's.
        account: booking.waybill.clone(),
        name: booking.account_name.clone(),
        carrier: booking.carrier.clone(),
        offers,
        reason,
    }
}

async fn offers<W: World>(world: &W, booking: &Booking) -> Result<Vec<Offer>, String> {
    let manifest = lane::manifest(world, &booking.carrier).await.map_err(|missed| missed.to_string())?;
    if !manifest.prices {
        return Err(NO_PRICES.to_owned());
    }
    let parcel: Parcel = parcel(booking).map_err(str::to_owned).and_then(|parcel| within(&manifest, parcel))?;
    let asked = For { account: booking.waybill.clone(), subject: vec![parcel] };
    let answers: Vec<Answer<Vec<Quote>>> = world
        .call(&carrier_component(&booking.carrier), "/waybill/price", &asked, LIMIT_MS)
        .await
        .map_err(|missed| missed.to_string())?;
    match answers.into_iter().next() {
        Some(Answer::Done(quotes)) if quotes.is_empty() => {
            Err("承运商没有可用的产品 / the carrier has no product for it".to_owned())
        }
        Some(Answer::Done(quotes)) => Ok(quotes.into_iter().map(offer).collect()),
        Some(Answer::Failed(failure)) => Err(sentence(&failure)),
        None => Err("没有应答 / no answer".to_owned()),
    }
}

fn offer(quote: Quote) -> Offer {
    let price: Money = quote.price;
    Offer { service: quote.service, title: quote.title, price: price.to_wire(), days: quote.days }
}
