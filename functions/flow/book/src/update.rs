//! Changing booked parcels under their numbers: marked and fenced by the planner, called for here with all that the
//! parcel says now, settled in another transaction. Asked twice it is the same, since everything is written over.

use crate::book::{self, CALL_LIMIT_MS, CLAIM_MS, parcel, within};
use crate::document;
use crate::lane::Lane;
use crate::outcome::{Health, Seals, again, paper, sentence};
use huidan_carrier::{Booked, Parcel};
use huidan_domain::Millis;
use huidan_store::waybills::{self, Booking, Changed};
use huidan_store::{StoreError, transaction};
use huidan_wire::call::{Answer, For, UpdateParcel};
use huidan_world::World;

/// Tells the carrier of a batch of changes.
pub(crate) async fn turn<W: World>(lane: &Lane<'_, W>, probing: bool) -> Result<(), StoreError> {
    let world = lane.world;
    let keys = crate::receiver_keys(world).await?;
    let until = Millis(world.moment().now.0 + CLAIM_MS);
    let bookings = world
        .main(async |db| {
            let taken = transaction(db, async |db| {
                waybills::begin_updates(db, world.moment(), &lane.account.id, until, book::size(probing)).await
            })
            .await?;
            waybills::bookings(db, &keys, &taken).await
        })
        .await?;
    if bookings.is_empty() {
        return Ok(());
    }
    let mut said = Vec::with_capacity(bookings.len());
    let (mut sent, mut subject) = (Vec::new(), Vec::new());
    for booking in &bookings {
        match parcel(booking).map_err(str::to_owned).and_then(|parcel| within(&lane.manifest, parcel)) {
            Ok(parcel) => {
                let number = booking.number.clone().unwrap_or_default();
                subject.push(UpdateParcel { number, parcel });
                sent.push(booking);
            }
            Err(reason) => said.push((booking.waybill.clone(), booking.fence, Changed::AskPerson(reason))),
        }
    }
    if !sent.is_empty() {
        call(lane, until, &sent, subject, &mut said).await?;
    }
    let (lanes, plans) = world
        .main(async |db| transaction(db, async |db| waybills::settle_updates(db, world.moment(), &said).await).await)
        .await?;
    lanes.iter().for_each(|lane| world.wake("flow-book", lane));
    if plans {
        world.wake("flow-plan", "plan");
    }
    Ok(())
}

async fn call<W: World>(
    lane: &Lane<'_, W>,
    until: Millis,
    sent: &[&Booking],
    subject: Vec<UpdateParcel<Parcel>>,
    said: &mut Vec<(String, i64, Changed)>,
) -> Result<(), StoreError> {
    let world = lane.world;
    let asked = For { account: lane.account.id.clone(), subject };
    let answers: Result<Vec<Answer<Booked>>, _> =
        world.call(&lane.component(), "/waybill/update", &asked, CALL_LIMIT_MS).await;
    let keys = crate::label_keys(world).await?;
    let seals = Seals::new(&keys, world.moment());
    let missed = match &answers {
        Ok(_) => "没有应答 / no answer".to_owned(),
        Err(missed) => missed.to_string(),
    };
    let mut healths = if answers.is_ok() { Vec::new() } else { vec![Health::Ill(missed.clone())] };
    let mut answers = answers.unwrap_or_default().into_iter();
    for booking in sent {
        let (changed, health) = match answers.next() {
            Some(answer) => changed(&seals, booking, until, answer)?,
            // The call may still be under way: not before it must be over.
            None => (Changed::Again { reason: missed.clone(), again_at: until }, Health::Ill(missed.clone())),
        };
        healths.push(health);
        said.push((booking.waybill.clone(), booking.fence, changed));
    }
    for lost in document::kept(world, seals.documents.take()).await {
        if let Some((_, _, changed)) = said.iter_mut().find(|(waybill, ..)| *waybill == lost.waybill) {
            let reason = "承运商的面单存不下来，稍后再取 / the carrier's label could not be kept: asked for again soon";
            *changed = Changed::Again { reason: reason.to_owned(), again_at: until };
        }
    }
    book::tell(lane, &book::of_all(healths)).await
}

/// What an answer to `update` means. What is not certain is asked again: nothing is taken by it.
fn changed(
    seals: &Seals<'_>,
    booking: &Booking,
    until: Millis,
    answer: Answer<Booked>,
) -> Result<(Changed, Health), StoreError> {
    let failure = match answer {
        Answer::Done(booked) if Some(&booked.number) == booking.number.as_ref() => {
            let (print_data, document) = paper(seals, &booking.waybill, &booking.waybill, booked.paper)?;
            return Ok((Changed::Done { routing: booked.routing, print_data, document }, Health::Well));
        }
        Answer::Done(_) => {
            let reason = "更改信息后承运商给了另一个单号，请到承运商后台核对 / the carrier answered a change with another \
                          number: check with the carrier";
            return Ok((Changed::AskPerson(reason.to_owned()), Health::Well));
        }
        Answer::Failed(failure) => failure,
    };
    let reason = sentence(&failure);
    let again_at = again(seals.moment.now, booking.calls.max(1), failure.after_s);
    Ok(match failure.kind.as_str() {
        "rejected" => (Changed::NewNumber(reason), Health::Well),
        "credentials" => (Changed::Again { reason: reason.clone(), again_at }, Health::Trouble(reason)),
        "transient" | "limited" => (Changed::Again { reason: reason.clone(), again_at }, Health::Ill(reason)),
        _ => {
            (Changed::Again { reason: reason.clone(), again_at: Millis(again_at.0.max(until.0)) }, Health::Ill(reason))
        }
    })
}
