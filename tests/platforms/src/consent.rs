//! The page on which a seller lets an application in, without a person: the first shop agrees at once.

use crate::order::Platform;
use crate::server::{Answer, Call, set, with_type};
use crate::tokens;
use crate::world::World;
use url::Url;

/// Sends the browser back with a code that works once. `None` where the call is not for such a page.
///
/// `code` is what the platform calls it; `shop` what it calls the shop, where it tells.
pub(crate) fn page(
    world: &mut World,
    platform: Platform,
    call: &Call,
    code: &str,
    shop: Option<&str>,
) -> Option<Answer> {
    let named = call.query_value("redirect_uri").or_else(|| call.query_value("redirectUri"));
    let back_to = named.filter(|_| call.method == "GET")?;
    let Ok(mut back_to) = Url::parse(&back_to) else {
        return Some(with_type(400, "text/plain; charset=utf-8", "redirect_uri"));
    };
    let agreed = world.first_shop(platform);
    let now = world.now(platform);
    let made = tokens::of(world, platform)?.agree(&agreed, now)?;
    back_to.query_pairs_mut().append_pair(code, &made);
    if let Some(state) = call.query_value("state") {
        back_to.query_pairs_mut().append_pair("state", &state);
    }
    if let Some(name) = shop {
        back_to.query_pairs_mut().append_pair(name, &agreed);
    }
    let mut answer = with_type(302, "text/plain; charset=utf-8", "");
    set(&mut answer, "location", back_to.as_str());
    Some(answer)
}
