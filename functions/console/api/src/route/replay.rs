//! Stored documents, read again after a reader, a step or a mapping was mended.

use crate::cx::{Cx, Reply};
use crate::problem::Problem;
use crate::read::instant;
use crate::table::Route;
use huidan_domain::Millis;
use huidan_store::orders;
use huidan_wire::api::{Replay, Replayed, Role};
use huidan_world::World;

/// Most orders of one request.
const MOST: usize = 100;
/// Limit of reading that many again, in milliseconds.
const LIMIT_MS: u64 = 30_000;

pub(super) fn routes<W: World + 'static>(routes: &mut Vec<Route<W>>) {
    let says = "Read stored documents again, at most 100 at a time; doing it twice changes nothing";
    routes.push(Route::post("/api/v1/orders/replay", Role::Owner, says, replay));
}

async fn replay<W: World>(cx: &Cx<'_, W>, asked: Replay) -> Result<Reply<Replayed>, Problem> {
    if asked.orders.len() > MOST {
        let detail = format!("一次最多 {MOST} 个订单 / {MOST} orders at a time");
        return Err(Problem::field("too_many", "orders", detail));
    }
    let (ids, next) = if asked.orders.is_empty() {
        let since = instant("since", asked.since.as_deref())?.unwrap_or(Millis(0));
        let (shop, after) = (asked.shop.as_deref(), asked.cursor.as_deref().unwrap_or_default());
        let most = u32::try_from(MOST).unwrap_or(u32::MAX);
        let ids = cx.look(async |db| orders::since(db, shop, since, after, most).await).await?;
        let next = if ids.len() == MOST { ids.last().cloned() } else { None };
        (ids, next)
    } else {
        (asked.orders, None)
    };
    let read = match ids.is_empty() {
        true => 0,
        false => cx.world.call::<_, usize>("flow-intake", "/mend", &ids, LIMIT_MS).await?,
    };
    Ok(Replayed { orders: ids.len(), read, next }.into())
}
