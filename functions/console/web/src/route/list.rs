use super::{Cx, Result, Shown};
use crate::api::Trouble;
use crate::page;
use crate::visit::{Said, Visit};
use crate::words::Word;
use http::{HeaderValue, StatusCode, header};
use huidan_wire::api::{
    AskEvents, AskOrders, AskPackages, Event, HoldOrder, Nothing, Order, Package, Page, Prices, Reprint, Role,
    SetPieces, Ship, Shop,
};
use huidan_world::{Outgoing, World};
use serde::Serialize;

/// How many rows a page of a list has.
const ROWS: u32 = 50;

/// The orders that were asked for.
pub(super) async fn orders<W: World>(cx: &Cx<'_, W>) -> Result {
    let ask = AskOrders {
        limit: Some(ROWS),
        cursor: given(cx, "cursor"),
        status: given(cx, "status"),
        shop: given(cx, "shop"),
        ..AskOrders::default()
    };
    let orders: Page<Order> = cx.api.get(&query("/orders", &ask)?).await?;
    let shops: Page<Shop> = cx.api.get("/shops?limit=200").await?;
    Ok(page::orders::list(&cx.visit, &orders, &ask, &shops.items).into())
}

/// One order.
pub(super) async fn order<W: World>(cx: &Cx<'_, W>, id: &str) -> Result {
    let order: Order = cx.api.get(&format!("/orders/{id}")).await?;
    let ask =
        AskEvents { limit: Some(100), entity: Some("order".to_owned()), id: Some(order.id.clone()), cursor: None };
    // The log is not for everybody.
    let events = match cx.visit.may(Role::Operator) {
        true => cx.api.get::<Page<Event>>(&query("/events", &ask)?).await?.items,
        false => Vec::new(),
    };
    Ok(page::orders::one(&cx.visit, &order, &events).into())
}

/// A deed about an order.
pub(super) async fn act_on_order<W: World>(cx: &Cx<'_, W>, id: &str) -> Result {
    let path = |act: &str| format!("/orders/{id}/{act}");
    let deed = cx.deed();
    let said = match cx.sent("act") {
        act @ ("approve" | "release" | "cancel") => {
            cx.api.act(&path(act), &deed, &Nothing {}).await?;
            match act {
                "approve" => Word::SaidApprove,
                "release" => Word::SaidRelease,
                _ => Word::SaidCancel,
            }
        }
        "hold" => {
            let hold = HoldOrder { detail: cx.sent("detail").to_owned() };
            cx.api.act(&path("hold"), &deed, &hold).await?;
            Word::SaidHold
        }
        _ => return Ok(Shown::Goto(format!("/orders/{id}"), None)),
    };
    Ok(Shown::Goto(format!("/orders/{id}"), Some(Said::done(said))))
}

/// The packages that were asked for.
pub(super) async fn packages<W: World>(cx: &Cx<'_, W>) -> Result {
    let ask = AskPackages {
        limit: Some(ROWS),
        cursor: given(cx, "cursor"),
        status: given(cx, "status"),
        waybill: given(cx, "waybill"),
        ..AskPackages::default()
    };
    let packages: Page<Package> = cx.api.get(&query("/packages", &ask)?).await?;
    Ok(page::packages::list(&cx.visit, &packages, &ask).into())
}

/// One package.
pub(super) async fn package<W: World>(cx: &Cx<'_, W>, id: &str) -> Result {
    let package: Package = cx.api.get(&format!("/packages/{id}")).await?;
    Ok(page::packages::one(&cx.visit, &package).into())
}

/// The picture of a package's label, from the API.
pub(super) async fn label<W: World>(cx: &Cx<'_, W>, id: &str) -> Result {
    let answer = cx.api.raw(&format!("/packages/{id}/label.png")).await?;
    let kind = answer.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    // A carrier's own label may be a PDF; whatever else it says it is, nothing else is passed on.
    let kind = match kind {
        Some("image/png") => "image/png",
        Some("application/pdf") => "application/pdf",
        _ => return Err(Trouble::Away("没有面单图片 / there is no picture of the label".to_owned())),
    };
    let mut picture = Outgoing::new(answer.into_body());
    *picture.status_mut() = StatusCode::OK;
    picture.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    Ok(Shown::Whole(picture))
}

/// A deed about a package.
pub(super) async fn act_on_package<W: World>(cx: &Cx<'_, W>, id: &str) -> Result {
    let path = |act: &str| format!("/packages/{id}/{act}");
    let (deed, here) = (cx.deed(), format!("/packages/{id}"));
    let said = match cx.sent("act") {
        act @ ("book" | "void" | "print") => {
            cx.api.act(&path(act), &deed, &Nothing {}).await?;
            match act {
                "book" => Word::SaidBook,
                "void" => Word::SaidVoid,
                _ => Word::SaidPrint,
            }
        }
        "reprint" => {
            let reprint = Reprint { reason: cx.sent("reason").to_owned() };
            cx.api.act(&path("reprint"), &deed, &reprint).await?;
            Word::SaidPrint
        }
        "ship" => {
            cx.api.act(&path("ship"), &deed, &Ship::default()).await?;
            Word::SaidShip
        }
        "pieces" => {
            // What is no number is refused by the API, which says what is wanted.
            let pieces = cx.sent("pieces").parse().unwrap_or_default();
            cx.api.act(&path("pieces"), &deed, &SetPieces { pieces }).await?;
            Word::SaidPieces
        }
        // Prices are looked at, not kept: the answer is the page itself.
        "prices" => {
            let prices: Prices = cx.api.post(&path("prices"), &deed, &Nothing {}).await?;
            let package: Package = cx.api.get(&format!("/packages/{id}")).await?;
            let visit = Visit { me: Some(cx.api.get("/session").await?), ..cx.visit.clone() };
            return Ok(page::prices::prices(&visit, &package, &prices).into());
        }
        _ => return Ok(Shown::Goto(here, None)),
    };
    Ok(Shown::Goto(here, Some(Said::done(said))))
}

fn given<W>(cx: &Cx<'_, W>, name: &str) -> Option<String> {
    Some(cx.asked(name)).filter(|value| !value.is_empty()).map(str::to_owned)
}

fn query(path: &str, ask: &impl Serialize) -> std::result::Result<String, Trouble> {
    let query = serde_urlencoded::to_string(ask).map_err(|error| Trouble::Away(error.to_string()))?;
    Ok(format!("{path}?{query}"))
}
