//! What channels say of themselves, asked once per instance: it does not change while an instance lives.

use crate::{Missed, World};
use huidan_wire::call::ChannelManifest;
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

/// Limit of asking, in milliseconds.
const LIMIT_MS: u64 = 2_000;

thread_local! {
    static CHANNELS: RefCell<HashMap<String, Rc<ChannelManifest>>> = RefCell::default();
}

/// What a channel says of itself.
///
/// # Errors
/// [`Missed`] when its component does not answer.
pub async fn known_channel<W: World>(world: &W, channel: &str) -> Result<Rc<ChannelManifest>, Missed> {
    if let Some(known) = CHANNELS.with_borrow(|known| known.get(channel).cloned()) {
        return Ok(known);
    }
    let asked: ChannelManifest = world.call(&format!("channel-{channel}"), "/call/manifest", &(), LIMIT_MS).await?;
    let manifest = Rc::new(asked);
    CHANNELS.with_borrow_mut(|known| known.insert(channel.to_owned(), Rc::clone(&manifest)));
    Ok(manifest)
}
