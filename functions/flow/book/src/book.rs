//! Taking numbers: claimed in one transaction, called for in one call, settled in another transaction.

use crate::document;
use crate::lane::Lane;
use crate::outcome::{Health, Seals, again, of_booking};
use crate::render;
use huidan_carrier::{Booked, Item, Parcel};
use huidan_domain::Millis;
use huidan_store::waybills::{self, Booking, Outcome};
use huidan_store::{StoreError, transaction};
use huidan_wire::call::{Answer, CarrierManifest, For};
use huidan_world::World;

/// Most parcels of a call.
const BATCH: u32 = 100;
/// Most parcels of a call that tries whether an ill carrier is back.
const PROBE: u32 = 3;
/// Limit of a call, in milliseconds: shorter than the runner's lease.
pub(crate) const CALL_LIMIT_MS: u64 = 20_000;
/// How long a claim may be open before somebody else resolves it, in milliseconds: longer than a call of ours, and than
/// the requests that a call which we no longer wait for may still have under way.
pub(crate) const CLAIM_MS: i64 = 60_000;

/// Claims and books a batch.
pub(crate) async fn turn<W: World>(lane: &Lane<'_, W>, probing: bool) -> Result<(), StoreError> {
    let world = lane.world;
    let receiver_keys = crate::receiver_keys(world).await?;
    let (lease, until) = lease(world);
    let needs_serial = lane.manifest.needs_serial;
    let bookings = world
        .main(async |db| {
            let claimed = transaction(db, async |db| {
                let limit = size(probing);
                waybills::begin(db, world.moment(), &lane.account.id, (&lease, until), needs_serial, limit).await
            })
            .await?;
            waybills::bookings(db, &receiver_keys, &claimed).await
        })
        .await?;
    call(lane, &lease, bookings).await
}

/// How many at a time.
pub(crate) const fn size(probing: bool) -> u32 {
    if probing { PROBE } else { BATCH }
}

/// A new lease of claims.
pub(crate) fn lease<W: World>(world: &W) -> (String, Millis) {
    let moment = world.moment();
    (moment.secret::<8>(), Millis(moment.now.0 + CLAIM_MS))
}

/// Calls for claimed numbers, stores what the carrier said, and renders the labels of those that were given.
pub(crate) async fn call<W: World>(lane: &Lane<'_, W>, lease: &str, bookings: Vec<Booking>) -> Result<(), StoreError> {
    if bookings.is_empty() {
        return Ok(());
    }
    let world = lane.world;
    let mut outcomes: Vec<(String, Outcome)> = Vec::with_capacity(bookings.len());
    let mut sent: Vec<&Booking> = Vec::with_capacity(bookings.len());
    let mut parcels: Vec<Parcel> = Vec::with_capacity(bookings.len());
    for booking in &bookings {
        match parcel(booking).map_err(str::to_owned).and_then(|parcel| within(&lane.manifest, parcel)) {
            Ok(parcel) => {
                sent.push(booking);
                parcels.push(parcel);
            }
            Err(reason) => outcomes.push((booking.waybill.clone(), Outcome::Refused(reason))),
        }
    }
    let mut health = Health::Well;
    if !parcels.is_empty() {
        let asked = For { account: lane.account.id.clone(), subject: parcels };
        let answers: Result<Vec<Answer<Booked>>, _> =
            world.call(&lane.component(), "/waybill/book", &asked, CALL_LIMIT_MS).await;
        let label_keys = crate::label_keys(world).await?;
        let seals = Seals::new(&label_keys, world.moment());
        health = match answers {
            Ok(answers) if answers.len() == sent.len() => {
                let mut healths = Vec::with_capacity(sent.len());
                for (booking, answer) in sent.iter().zip(answers) {
                    let (outcome, health) = of_booking(&seals, &booking.waybill, booking.calls, answer)?;
                    outcomes.push((booking.waybill.clone(), outcome));
                    healths.push(health);
                }
                of_all(healths)
            }
            Ok(_) => missed(&seals, &sent, &mut outcomes, "应答的数量不对 / an answer of another length"),
            Err(missed_call) => missed(&seals, &sent, &mut outcomes, &missed_call.to_string()),
        };
        let calls = |id: &str| sent.iter().find(|booking| booking.waybill == id).map_or(0, |booking| booking.calls);
        document::keep(lane, calls, seals.documents.take(), &mut outcomes).await;
    }
    let issued = store(lane, lease, &outcomes).await?;
    tell(lane, &health).await?;
    let issued: Vec<Booking> = bookings.into_iter().filter(|booking| issued.contains(&booking.waybill)).collect();
    render::issued(lane, issued, &outcomes).await
}

/// Stores outcomes in one transaction; answers which waybills have a number now.
pub(crate) async fn store<W: World>(
    lane: &Lane<'_, W>,
    lease: &str,
    outcomes: &[(String, Outcome)],
) -> Result<Vec<String>, StoreError> {
    let world = lane.world;
    world
        .main(async |db| transaction(db, async |db| waybills::settle(db, world.moment(), lease, outcomes).await).await)
        .await
}

/// Nobody knows what became of the whole call.
fn missed(seals: &Seals<'_>, sent: &[&Booking], outcomes: &mut Vec<(String, Outcome)>, reason: &str) -> Health {
    for booking in sent {
        let again_at = again(seals.moment.now, booking.calls, None);
        outcomes.push((booking.waybill.clone(), Outcome::Unclear { reason: reason.to_owned(), again_at }));
    }
    Health::Ill(reason.to_owned())
}

/// Wrong settings are wrong for all; a carrier that answers one of a batch well is well.
pub(crate) fn of_all(healths: Vec<Health>) -> Health {
    if let Some(trouble) = healths.iter().find(|health| matches!(health, Health::Trouble(_))) {
        return trouble.clone();
    }
    if healths.contains(&Health::Well) {
        return Health::Well;
    }
    healths.into_iter().next().unwrap_or(Health::Well)
}

/// Counts for the breaker, and shows or clears the account's trouble.
pub(crate) async fn tell<W: World>(lane: &Lane<'_, W>, health: &Health) -> Result<(), StoreError> {
    let (failure, trouble) = match health {
        Health::Well => (None, ""),
        Health::Ill(reason) => return lane.count(Some(reason)).await,
        Health::Trouble(reason) => (Some(reason.as_str()), reason.as_str()),
    };
    lane.world.main(async |db| waybills::trouble(db, &lane.account.id, trouble).await).await?;
    lane.count(failure).await
}

/// The parcel, unless it has more pieces than its carrier takes: then what to do, for a person.
pub(crate) fn within(manifest: &CarrierManifest, parcel: Parcel) -> Result<Parcel, String> {
    if parcel.pieces <= manifest.most_pieces.max(1) {
        return Ok(parcel);
    }
    Err(format!(
        "pieces：{0} 件超过承运商的上限 {1}，请改件数、拆包裹或换承运商 / pieces: {0} are more than the {1} that this \
         carrier takes: set fewer, split the parcel or choose another carrier",
        parcel.pieces, manifest.most_pieces
    ))
}

/// The parcel of a claim; what is missing, for a person, when there is none.
pub(crate) fn parcel(booking: &Booking) -> Result<Parcel, &'static str> {
    let sender = booking
        .sender
        .clone()
        .ok_or("仓库没有发件地址，请填写 / the warehouse has no address to send from: enter one")?;
    let receiver = booking
        .receiver
        .clone()
        .ok_or("收件人无法解密，请检查 receiver_key / the receiver cannot be opened: check receiver_key")?;
    let item = |item: &waybills::BookingItem| Item { sku: item.sku.clone(), title: item.title.clone(), qty: item.qty };
    Ok(Parcel {
        claim: booking.claim.clone(),
        serial: booking.serial,
        service: booking.service.clone(),
        sender,
        receiver,
        channel: booking.channel.clone(),
        ext_ids: booking.ext_ids.clone(),
        items: booking.items.iter().map(item).collect(),
        weight_g: booking.weight_g,
        value: booking.value,
        remark: String::new(),
        pieces: booking.pieces.max(1),
    })
}
