//! What providers say of themselves, asked once per instance: it does not change while an instance lives.

use huidan_wire::notice::{NoticeManifest, notice_component};
use huidan_world::{Missed, World};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

/// Limit of asking, in milliseconds.
const LIMIT_MS: u64 = 2_000;

thread_local! {
    static KNOWN: RefCell<HashMap<String, Rc<NoticeManifest>>> = RefCell::default();
}

/// What a provider says of itself.
pub(crate) async fn manifest<W: World>(world: &W, provider: &str) -> Result<Rc<NoticeManifest>, Missed> {
    if let Some(known) = KNOWN.with_borrow(|known| known.get(provider).cloned()) {
        return Ok(known);
    }
    let asked: NoticeManifest = world.call(&notice_component(provider), "/notice/manifest", &(), LIMIT_MS).await?;
    let manifest = Rc::new(asked);
    KNOWN.with_borrow_mut(|known| known.insert(provider.to_owned(), Rc::clone(&manifest)));
    Ok(manifest)
}
