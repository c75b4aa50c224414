//! Shops as this instance saw them last, so that a stream of webhooks does not read and open the same account for each.
//!
//! What is kept here may be out of date, so nothing follows from it alone: the statement that stores a message stores it
//! only while the account's sealed credentials are the very bytes that were opened ([`inbox::take_known`]). Every writing
//! of an account seals them anew.

use super::channel::{home_of, hook, shop_meant};
use super::inbox_keys;
use crate::{Incoming, World, account};
use huidan_channel::Channel;
use huidan_exchange::Account;
use huidan_store::StoreError;
use huidan_store::inbox::{self, Tray};
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

/// So many shops are kept, and then none: an instance lives too short for better care.
const MOST: usize = 256;

/// A shop and the bytes that its credentials were opened from.
struct Seen {
    shop: Account,
    sealed: Vec<u8>,
}

thread_local! {
    // By channel and shop.
    static SEEN: RefCell<BTreeMap<(&'static str, String), Rc<Seen>>> = const { RefCell::new(BTreeMap::new()) };
}

/// Reads a shop's account, and keeps it for its next webhooks.
pub(super) async fn shop<W: World, C: Channel>(
    world: &W,
    channel: &C,
    id: &str,
) -> Result<Option<Account>, StoreError> {
    let Some((shop, sealed)) = account::load_sealed(world, "shop", home_of(channel), id).await? else {
        return Ok(None);
    };
    SEEN.with_borrow_mut(|seen| {
        if seen.len() >= MOST {
            seen.clear();
        }
        let kept = Seen { shop: shop.clone(), sealed };
        seen.insert((channel.manifest().id, id.to_owned()), Rc::new(kept));
    });
    Ok(Some(shop))
}

/// Stores a webhook of a shop seen before in one statement. `false` when that does not settle it, for whatever reason: a
/// repeat, another secret, a body that cannot be taken up, a knock that wants an echo. Then nothing was stored, and the
/// account must be read.
pub(super) async fn stored<W: World, C: Channel>(
    world: &W,
    channel: &C,
    shop: &str,
    request: &Incoming,
) -> Result<bool, StoreError> {
    let manifest = channel.manifest();
    let Some(seen) = SEEN.with_borrow(|seen| seen.get(&(manifest.id, shop.to_owned())).cloned()) else {
        return Ok(false);
    };
    let Ok(hook) = channel.verify(hook(request), &seen.shop, world.moment().now) else { return Ok(false) };
    if channel.echo(&hook, &seen.shop).is_some() {
        return Ok(false);
    }
    let Ok(events) = channel.take(&hook, &seen.shop) else { return Ok(false) };
    let Ok([event]) = <[_; 1]>::try_from(events) else { return Ok(false) };
    if shop_meant(manifest.seller_field, &seen.shop, &[], &event.seller) != Some(shop) {
        return Ok(false);
    }
    let keys = inbox_keys(world).await?;
    let tray = Tray { kind: "order", source: manifest.id };
    let arrival = super::channel::arrival(event);
    let take = async |db: &W::Db| {
        inbox::take_known(db, world.moment(), &keys, tray, ("shop", shop, &seen.sealed), &arrival).await
    };
    let new = world.edge(take).await?;
    if new {
        world.wake("flow-intake", manifest.id);
    }
    Ok(new)
}
