//! What would have been done in a shop in `shadow`.

use super::{one, page};
use crate::cx::{Cx, Reply};
use crate::problem::Problem;
use crate::read::{beyond, cursor, limit};
use crate::table::Route;
use huidan_store::console::{seller, shadow};
use huidan_wire::api::{Ask, Page, Role, Shadow, ShadowSummary};
use huidan_world::World;

pub(super) fn routes<W: World + 'static>(routes: &mut Vec<Route<W>>) {
    let says = "What Huidan would have done since the shop was put into shadow: counts, and a page of its orders";
    routes.push(Route::get("/api/v1/shops/{id}/shadow", Role::Viewer, says, show));
}

async fn show<W: World>(cx: &Cx<'_, W>, ask: Ask) -> Result<Reply<Shadow>, Problem> {
    let most = limit(ask.limit)?;
    let after: Option<(i64, String)> = beyond(ask.cursor.as_deref())?;
    let shop = one(cx, "店铺 shop", cx.id(), async |db, part| seller::shops(db, part).await).await?;
    let Some(since) = cx.look(async |db| shadow::since(db, &shop.id).await).await? else {
        return Ok(Shadow { summary: ShadowSummary::default(), items: Vec::new(), next: None }.into());
    };
    let (summary, found) = cx
        .look(async |db| {
            let after = after.as_ref().map(|(at, id)| (*at, id.as_str()));
            Ok((
                shadow::summary(db, &shop.id, since).await?,
                shadow::orders(db, &shop.id, since, after, most + 1).await?,
            ))
        })
        .await?;
    let Page { items, next } = page(found, most, |found| cursor(&(found.placed_at, &found.order.id)));
    let items = items.into_iter().map(|found| found.order).collect();
    Ok(Shadow { summary, items, next }.into())
}
