//! Claims whose call ended without a word: what was certainly not sent goes out again under the same claim; the rest is
//! resolved as the carrier's manifest says. Never by a new claim.

use crate::book::{self, CALL_LIMIT_MS, CLAIM_MS, parcel};
use crate::document;
use crate::lane::Lane;
use crate::outcome::{Health, Seals, again, ask, of_query};
use crate::render;
use huidan_carrier::{Booked, Parcel};
use huidan_domain::Millis;
use huidan_store::waybills::{self, Booking, Outcome};
use huidan_store::{StoreError, transaction};
use huidan_wire::call::{Answer, For};
use huidan_world::World;

/// Takes up what is open and resolves it.
pub(crate) async fn turn<W: World>(lane: &Lane<'_, W>, probing: bool) -> Result<(), StoreError> {
    let world = lane.world;
    let keys = crate::receiver_keys(world).await?;
    let (lease, until) = book::lease(world);
    let repeats = lane.manifest.unknown_outcome == "safe_repeat";
    let (mut again, unclear) = world
        .main(async |db| {
            let taken = transaction(db, async |db| {
                let (account, limit) = (&lane.account.id, book::size(probing));
                waybills::take_up(db, world.moment(), account, (&lease, until), repeats, limit).await
            })
            .await?;
            let unsent = waybills::bookings(db, &keys, &taken.unsent).await?;
            Ok((unsent, waybills::bookings(db, &keys, &taken.unclear).await?))
        })
        .await?;
    match lane.manifest.unknown_outcome.as_str() {
        "safe_repeat" => again.extend(unclear),
        "query" => query(lane, &lease, unclear).await?,
        _ => leave_to_a_person(lane, &lease, &unclear).await?,
    }
    book::call(lane, &lease, again).await
}

async fn leave_to_a_person<W: World>(lane: &Lane<'_, W>, lease: &str, unclear: &[Booking]) -> Result<(), StoreError> {
    let outcomes: Vec<(String, Outcome)> = unclear
        .iter()
        .map(|booking| (booking.waybill.clone(), Outcome::AskPerson(ask(&format!("claim {}", booking.claim)))))
        .collect();
    book::store(lane, lease, &outcomes).await.map(|_| ())
}

/// How long a claim that the carrier calls a repeat, and shows nothing for, is asked for before a person is, in
/// milliseconds.
const HIDDEN_MS: i64 = 86_400_000;

/// "It exists" and "there is nothing" cannot both be true. The first was said when a number was to be taken, so that a
/// new claim might be a second purchase: the claim is asked for again, ever more seldom, and at last a person is.
fn hidden(now: Millis, booking: &Booking) -> Outcome {
    let reason = "承运商说该单已取号，却查不到 / the carrier says that the claim has a number, and shows none";
    if now.since(booking.claimed_at) >= HIDDEN_MS {
        return Outcome::AskPerson(ask(reason));
    }
    Outcome::Hidden { reason: reason.to_owned(), again_at: again(now, booking.calls, None) }
}

async fn query<W: World>(lane: &Lane<'_, W>, lease: &str, unclear: Vec<Booking>) -> Result<(), StoreError> {
    if unclear.is_empty() {
        return Ok(());
    }
    let world = lane.world;
    let asked: Vec<(&Booking, Option<Parcel>)> =
        unclear.iter().map(|booking| (booking, parcel(booking).ok())).collect();
    let subject: Vec<Parcel> = asked.iter().filter_map(|(_, parcel)| parcel.clone()).collect();
    let call = For { account: lane.account.id.clone(), subject };
    let answers: Result<Vec<Answer<Option<Booked>>>, _> =
        world.call(&lane.component(), "/waybill/query", &call, CALL_LIMIT_MS).await;
    let keys = crate::label_keys(world).await?;
    let seals = Seals::new(&keys, world.moment());
    let mut outcomes = Vec::with_capacity(unclear.len());
    let (mut healths, reason) = match &answers {
        Ok(_) => (Vec::new(), "没有应答 / no answer".to_owned()),
        Err(missed) => (vec![Health::Ill(missed.to_string())], missed.to_string()),
    };
    let mut answers = answers.unwrap_or_default().into_iter();
    for (booking, parcel) in &asked {
        let answer = parcel.as_ref().and_then(|_| answers.next());
        let outcome = match answer {
            Some(Answer::Done(None)) if booking.exists_said => {
                healths.push(Health::Well);
                hidden(seals.moment.now, booking)
            }
            Some(answer) => {
                let certain = seals.moment.now.since(booking.called_at) >= CLAIM_MS;
                let (outcome, health) = of_query(&seals, &booking.waybill, booking.calls, certain, answer)?;
                healths.push(health);
                outcome
            }
            None => {
                let again_at = again(seals.moment.now, booking.calls, None);
                Outcome::Unclear { reason: reason.clone(), again_at }
            }
        };
        outcomes.push((booking.waybill.clone(), outcome));
    }
    let calls = |id: &str| unclear.iter().find(|booking| booking.waybill == id).map_or(0, |booking| booking.calls);
    document::keep(lane, calls, seals.documents.take(), &mut outcomes).await;
    let issued = book::store(lane, lease, &outcomes).await?;
    book::tell(lane, &book::of_all(healths)).await?;
    let issued: Vec<Booking> = unclear.into_iter().filter(|booking| issued.contains(&booking.waybill)).collect();
    render::issued(lane, issued, &outcomes).await
}
