//! Orders.

use super::page;
use crate::cx::{Cx, Reply};
use crate::problem::Problem;
use crate::read::{beyond, cursor, instant, limit};
use crate::sheet::{ROWS, Sheet};
use crate::table::Route;
use huidan_store::console::orders::{self, Found, Wanted};
use huidan_store::plan;
use huidan_wire::api::{AskOrders, HoldOrder, Nothing, Order, OrderReceiver, Page, Remark, Role};
use huidan_world::World;

pub(super) fn routes<W: World + 'static>(routes: &mut Vec<Route<W>>) {
    routes.push(Route::get("/api/v1/orders", Role::Viewer, "Orders, newest first unless told", list));
    routes.push(Route::get("/api/v1/orders/{id}", Role::Viewer, "One order", show));
    let says = "Approve an order: review holds it no more";
    routes.push(Route::post("/api/v1/orders/{id}/approve", Role::Operator, says, approve));
    routes.push(Route::post("/api/v1/orders/{id}/hold", Role::Operator, "Hold an order", hold));
    routes.push(Route::post(
        "/api/v1/orders/{id}/release",
        Role::Operator,
        "Let an order that you held go on",
        release,
    ));
    let says = "Do not ship an order: its packages are cancelled, their numbers go back; the channel is not told";
    routes.push(Route::post("/api/v1/orders/{id}/cancel", Role::Operator, says, cancel));
    let says = "Change the seller's note and the marks";
    routes.push(Route::post("/api/v1/orders/{id}/remark", Role::Operator, says, remark));
}

/// Orders by what was asked for, with one more than the page holds.
pub(super) fn wanted(ask: &AskOrders, most: u32) -> Result<Wanted<'_>, Problem> {
    let oldest_first = match ask.sort.as_deref() {
        None | Some("-placed_at") => false,
        Some("placed_at") => true,
        Some(_) => {
            let detail = "sort 只能是 placed_at 或 -placed_at / sort is placed_at or -placed_at";
            return Err(Problem::field("unknown_value", "sort", detail));
        }
    };
    Ok(Wanted {
        id: None,
        status: ask.status.as_deref(),
        shop: ask.shop.as_deref(),
        channel: ask.channel.as_deref(),
        ext_id: ask.ext_id.as_deref(),
        from: instant("from", ask.from.as_deref())?,
        to: instant("to", ask.to.as_deref())?,
        oldest_first,
        beyond: None,
        limit: most + 1,
    })
}

async fn list<W: World>(cx: &Cx<'_, W>, ask: AskOrders) -> Result<Reply<Page<Order>>, Problem> {
    if let Some(format) = &ask.format {
        let keys = cx.keys("receiver_key").await?;
        let wanted = Wanted { limit: ROWS, ..wanted(&ask, 0)? };
        let found = cx.look(async |db| orders::list(db, &keys, &wanted).await).await?;
        let rows = found.into_iter().map(|found| row(shown(cx, found.order))).collect();
        return Ok(Reply::Whole(Sheet { name: "orders", headings: HEADINGS, rows }.answer(format)?));
    }
    let most = limit(ask.limit)?;
    let after: Option<(i64, String)> = beyond(ask.cursor.as_deref())?;
    let mut wanted = wanted(&ask, most)?;
    wanted.beyond = after.as_ref().map(|(at, id)| (*at, id.as_str()));
    let keys = cx.keys("receiver_key").await?;
    let found = cx.look(async |db| orders::list(db, &keys, &wanted).await).await?;
    let Page { items, next } = page(found, most, |found: &Found| cursor(&(found.placed_at, &found.order.id)));
    let items = items.into_iter().map(|found| shown(cx, found.order)).collect();
    Ok(Page { items, next }.into())
}

const HEADINGS: &[&str] = &[
    "id",
    "shop",
    "channel",
    "ext_id",
    "number",
    "status",
    "pay_state",
    "refund_state",
    "placed_at",
    "paid_at",
    "ship_by",
    "total",
    "currency",
    "name",
    "phone",
    "country",
    "province",
    "city",
    "district",
    "address",
    "lines",
    "buyer_remark",
    "seller_remark",
    "holds",
];

/// An order as a row of a spreadsheet.
fn row(order: Order) -> Vec<String> {
    let lines: Vec<String> = order.lines.iter().map(|line| format!("{} x{}", line.title, line.qty)).collect();
    let holds: Vec<String> = order.holds.iter().map(|hold| hold.reason.clone()).collect();
    let to = order.receiver;
    vec![
        order.id,
        order.shop,
        order.channel,
        order.ext_id,
        order.number,
        order.status,
        order.pay_state,
        order.refund_state,
        order.placed_at,
        order.paid_at.unwrap_or_default(),
        order.ship_by.unwrap_or_default(),
        order.total.amount,
        order.total.currency,
        to.name,
        to.phone,
        to.country,
        to.province,
        to.city,
        to.district,
        to.address,
        lines.join("; "),
        order.buyer_remark,
        order.seller_remark,
        holds.join(";"),
    ]
}

/// Who has no need to know whom it goes to sees where it goes and no more; remarks may name people too.
pub(super) fn shown<W: World>(cx: &Cx<'_, W>, order: Order) -> Order {
    if cx.sees_receivers() {
        return order;
    }
    let masked = |text: &str| if text.is_empty() { String::new() } else { "***".to_owned() };
    let receiver = OrderReceiver {
        name: masked(&order.receiver.name),
        phone: masked(&order.receiver.phone),
        address: masked(&order.receiver.address),
        postcode: masked(&order.receiver.postcode),
        token: None,
        ..order.receiver
    };
    Order { receiver, buyer_remark: masked(&order.buyer_remark), seller_remark: masked(&order.seller_remark), ..order }
}

async fn read<W: World>(cx: &Cx<'_, W>) -> Result<Order, Problem> {
    let keys = cx.keys("receiver_key").await?;
    let wanted = Wanted { id: Some(cx.id()), limit: 1, ..Wanted::default() };
    let found = cx.look(async |db| orders::list(db, &keys, &wanted).await).await?;
    let found = found.into_iter().next().ok_or_else(|| Problem::unknown("订单 order", cx.id()))?;
    Ok(shown(cx, found.order))
}

async fn show<W: World>(cx: &Cx<'_, W>, _: Nothing) -> Result<Reply<Order>, Problem> {
    Ok(read(cx).await?.into())
}

/// The order must be there; afterwards the planner looks at it.
async fn steered<W: World>(
    cx: &Cx<'_, W>,
    work: impl AsyncFn(&W::Db) -> Result<(), huidan_store::StoreError>,
) -> Result<Reply<Order>, Problem> {
    if !cx.look(async |db| orders::exists(db, cx.id()).await).await? {
        return Err(Problem::unknown("订单 order", cx.id()));
    }
    cx.change(work).await?;
    cx.world.wake("flow-plan", "plan");
    Ok(read(cx).await?.into())
}

async fn approve<W: World>(cx: &Cx<'_, W>, _: Nothing) -> Result<Reply<Order>, Problem> {
    steered(cx, async |db| orders::approve(db, cx.moment(), cx.actor(), cx.id()).await).await
}

async fn hold<W: World>(cx: &Cx<'_, W>, ask: HoldOrder) -> Result<Reply<Order>, Problem> {
    let detail = if ask.detail.trim().is_empty() { "人工暂停 / held by a person" } else { ask.detail.trim() };
    steered(cx, async |db| orders::hold(db, cx.moment(), cx.actor(), cx.id(), "operator", detail).await).await
}

async fn release<W: World>(cx: &Cx<'_, W>, _: Nothing) -> Result<Reply<Order>, Problem> {
    steered(cx, async |db| orders::release(db, cx.moment(), cx.actor(), cx.id()).await).await
}

async fn cancel<W: World>(cx: &Cx<'_, W>, _: Nothing) -> Result<Reply<Order>, Problem> {
    let detail = "人工取消发货 / a person said not to ship it";
    let (id, actor) = (cx.id(), cx.actor());
    steered(cx, async |db| orders::hold(db, cx.moment(), actor, id, "cancelled_here", detail).await).await?;
    let lanes = cx
        .change(async |db| {
            let open = orders::cancellable(db, id).await?;
            let lanes = plan::cancel_packages(db, cx.moment(), open.iter().map(String::as_str)).await?;
            plan::want(db, cx.moment().now, &[id]).await?;
            Ok(lanes)
        })
        .await?;
    for lane in lanes {
        cx.world.wake("flow-book", &lane);
    }
    Ok(read(cx).await?.into())
}

async fn remark<W: World>(cx: &Cx<'_, W>, ask: Remark) -> Result<Reply<Order>, Problem> {
    let (note, tags) = (ask.seller_remark.as_deref(), ask.tags.as_deref());
    steered(cx, async |db| orders::remark(db, cx.moment(), cx.actor(), cx.id(), note, tags).await).await
}
