//! For machines: `gauges`, `/healthz`, `/metrics`, `openapi.json`.

use crate::cx::{Cx, Reply};
use crate::problem::Problem;
use crate::table::Route;
use bytes::Bytes;
use http::{HeaderValue, header};
use huidan_store::console::desk;
use huidan_store::schema;
use huidan_wire::api::{Done, Gauges, Nothing, Role};
use huidan_world::{Outgoing, World};
use std::fmt::Write;

pub(super) fn routes<W: World + 'static>(routes: &mut Vec<Route<W>>) {
    routes.push(Route::get("/api/v1/gauges", Role::Viewer, "The house in numbers", gauges));
    routes.push(Route::get("/healthz", Role::Viewer, "Whether the store answers", healthy).open());
    routes.push(Route::get("/metrics", Role::Viewer, "The gauges as Prometheus text; numbers only", metrics).open());
}

async fn read<W: World>(cx: &Cx<'_, W>) -> Result<Gauges, Problem> {
    let now = cx.moment().now;
    let (inbox_pending, stuck) = cx.world.edge(async |db| desk::inbox(db, now).await).await?;
    let gauges = cx.look(async |db| desk::gauges(db, now).await).await?;
    Ok(Gauges { inbox_pending, orders_missing_now: gauges.orders_missing_now + stuck, ..gauges })
}

async fn gauges<W: World>(cx: &Cx<'_, W>, _: Nothing) -> Result<Reply<Gauges>, Problem> {
    Ok(read(cx).await?.into())
}

async fn healthy<W: World>(cx: &Cx<'_, W>, _: Nothing) -> Result<Reply<Done>, Problem> {
    cx.world.edge(async |db| schema::ready(db).await).await?;
    cx.look(async |db| schema::ready(db).await).await?;
    Ok(Done::YES.into())
}

async fn metrics<W: World>(cx: &Cx<'_, W>, _: Nothing) -> Result<Reply<String>, Problem> {
    let gauges = serde_json::to_value(read(cx).await?).unwrap_or_default();
    let mut text = String::new();
    for (name, value) in gauges.as_object().into_iter().flatten() {
        // Writing to a text cannot fail.
        let _ = writeln!(text, "# TYPE huidan_{name} gauge\nhuidan_{name} {value}");
    }
    let mut answer = Outgoing::new(Bytes::from(text));
    let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
    answer.headers_mut().insert(header::CONTENT_TYPE, kind);
    Ok(Reply::Whole(answer))
}
