//! Warehouses.

use super::{by_id, one, plan_again};
use crate::cx::{Cx, Reply};
use crate::problem::Problem;
use crate::read::{filled, id};
use crate::table::Route;
use huidan_store::console::seller;
use huidan_wire::api::{Ask, NewWarehouse, Nothing, Page, PatchWarehouse, Role, Sender, Warehouse};
use huidan_world::World;

pub(super) fn routes<W: World + 'static>(routes: &mut Vec<Route<W>>) {
    routes.push(Route::get("/api/v1/warehouses", Role::Viewer, "The warehouses", list));
    routes.push(Route::post("/api/v1/warehouses", Role::Owner, "Add a warehouse", add));
    routes.push(Route::get("/api/v1/warehouses/{id}", Role::Viewer, "One warehouse", show));
    let says = "Change a warehouse";
    routes.push(Route::new(http::Method::PATCH, "/api/v1/warehouses/{id}", Role::Owner, says, change));
}

/// Holds that another warehouse may end.
const WAITS: [&str; 3] = ["not_routed", "no_warehouse", "stock_short"];

async fn list<W: World>(cx: &Cx<'_, W>, ask: Ask) -> Result<Reply<Page<Warehouse>>, Problem> {
    Ok(by_id(cx, &ask, async |db, part| seller::warehouses(db, part).await, |warehouse| &warehouse.id).await?.into())
}

async fn read<W: World>(cx: &Cx<'_, W>, id: &str) -> Result<Warehouse, Problem> {
    one(cx, "仓库 warehouse", id, async |db, part| seller::warehouses(db, part).await).await
}

async fn show<W: World>(cx: &Cx<'_, W>, _: Nothing) -> Result<Reply<Warehouse>, Problem> {
    Ok(read(cx, cx.id()).await?.into())
}

/// What no carrier takes a parcel without.
fn sender(sender: &Sender) -> Result<(), Problem> {
    let Sender { name, phone, province, city, street, .. } = sender;
    for (field, text) in [
        ("sender.name", name),
        ("sender.phone", phone),
        ("sender.province", province),
        ("sender.city", city),
        ("sender.street", street),
    ] {
        filled(field, text)?;
    }
    Ok(())
}

fn zone(zone: &str) -> Result<(), Problem> {
    let fits = match zone.as_bytes() {
        [b'+' | b'-', h1, h2, b':', m1, m2] => {
            [h1, h2, m1, m2].iter().all(|digit| digit.is_ascii_digit()) && *h1 <= b'1' && *m1 <= b'5'
        }
        _ => false,
    };
    match fits {
        true => Ok(()),
        false => Err(Problem::field("bad_value", "zone", "请写成 +08:00 / write it as +08:00")),
    }
}

async fn add<W: World>(cx: &Cx<'_, W>, new: NewWarehouse) -> Result<Reply<Warehouse>, Problem> {
    id("id", &new.id)?;
    filled("name", &new.name)?;
    sender(&new.sender)?;
    new.zone.as_deref().map_or(Ok(()), zone)?;
    if !cx.change(async |db| seller::add_warehouse(db, cx.moment(), cx.actor(), &new).await).await? {
        return Err(Problem::exists("仓库 warehouse", &new.id));
    }
    plan_again(cx, &WAITS).await?;
    Ok(Reply::made(read(cx, &new.id).await?))
}

async fn change<W: World>(cx: &Cx<'_, W>, patch: PatchWarehouse) -> Result<Reply<Warehouse>, Problem> {
    let warehouse = read(cx, cx.id()).await?;
    patch.name.as_deref().map_or(Ok(()), |name| filled("name", name))?;
    patch.sender.as_ref().map_or(Ok(()), sender)?;
    patch.zone.as_deref().map_or(Ok(()), zone)?;
    cx.change(async |db| seller::patch_warehouse(db, cx.moment(), cx.actor(), &warehouse.id, &patch).await).await?;
    plan_again(cx, &WAITS).await?;
    Ok(read(cx, &warehouse.id).await?.into())
}
