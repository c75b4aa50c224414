use super::{Cx, Result, Shown};
use crate::api::Trouble;
use crate::page::{self, waves::Waves};
use crate::parts::segment;
use crate::visit::Said;
use crate::words::Word;
use http::{HeaderValue, StatusCode, header};
use huidan_wire::api::{
    AskWaves, DropFromWave, NewWaves, Nothing, Page, PrintWave, Printer, Warehouse, Wave, WavePreview,
};
use huidan_world::{Outgoing, World};
use serde::Serialize;

/// How many rows the list has.
const ROWS: u32 = 50;

fn query(path: &str, ask: &impl Serialize) -> std::result::Result<String, Trouble> {
    let query = serde_urlencoded::to_string(ask).map_err(|error| Trouble::Away(error.to_string()))?;
    Ok(format!("{path}?{query}"))
}

/// What the form says, from the query or from what was sent; what is left empty is not asked for.
fn wanted<'a>(value: impl Fn(&str) -> &'a str) -> NewWaves {
    let given = |name: &str| Some(value(name)).filter(|value| !value.is_empty()).map(str::to_owned);
    NewWaves {
        warehouse: value("warehouse").to_owned(),
        kind: given("kind"),
        cut_off: given("cut_off"),
        carrier: given("carrier"),
        zone: given("zone"),
        slots: given("slots").and_then(|slots| slots.parse().ok()),
        ..NewWaves::default()
    }
}

/// The waves, and what would be built.
pub(super) async fn list<W: World>(cx: &Cx<'_, W>) -> Result {
    let cursor = Some(cx.asked("cursor")).filter(|cursor| !cursor.is_empty()).map(str::to_owned);
    let ask = AskWaves { limit: Some(ROWS), cursor, ..AskWaves::default() };
    let waves: Page<Wave> = cx.api.get(&query("/waves", &ask)?).await?;
    let houses: Page<Warehouse> = cx.api.get("/warehouses?limit=200").await?;
    let wanted = wanted(|name| cx.asked(name));
    let preview: Option<WavePreview> = match wanted.warehouse.is_empty() {
        true => None,
        false => Some(cx.api.get(&query("/waves/preview", &wanted)?).await?),
    };
    let shown = Waves {
        waves: &waves,
        beyond: ask.cursor.is_some(),
        houses: &houses.items,
        ask: &wanted,
        preview: preview.as_ref(),
    };
    Ok(page::waves::list(&cx.visit, &shown).into())
}

/// Builds waves of what the page showed.
pub(super) async fn build<W: World>(cx: &Cx<'_, W>) -> Result {
    let ask = wanted(|name| cx.sent(name));
    let made: Page<Wave> = cx.api.post("/waves", &cx.deed(), &ask).await?;
    let said = if made.items.is_empty() { Said::refused(Word::NoParcels.both()) } else { Said::done(Word::SaidWaves) };
    match made.items.as_slice() {
        [one] => Ok(Shown::Goto(format!("/waves/{}", segment(&one.id)), Some(said))),
        _ => Ok(Shown::Goto("/waves".to_owned(), Some(said))),
    }
}

/// One wave.
pub(super) async fn one<W: World>(cx: &Cx<'_, W>, id: &str) -> Result {
    let wave: Wave = cx.api.get(&format!("/waves/{id}")).await?;
    let printers: Page<Printer> = cx.api.get("/printers?limit=200").await?;
    Ok(page::waves::one(&cx.visit, &wave, &printers.items).into())
}

/// A deed about a wave.
pub(super) async fn act<W: World>(cx: &Cx<'_, W>, id: &str) -> Result {
    let path = |act: &str| format!("/waves/{id}/{act}");
    let (deed, here) = (cx.deed(), format!("/waves/{id}"));
    let said = match cx.sent("act") {
        act @ ("pick" | "stop" | "resume" | "close") => {
            cx.api.act(&path(act), &deed, &Nothing {}).await?;
            Word::SaidChanged
        }
        "print" => {
            cx.api.act(&path("print"), &deed, &PrintWave::default()).await?;
            Word::SaidPrint
        }
        act @ ("labels-list" | "labels-slips") => {
            let what = if act == "labels-list" { "pick_list" } else { "packing_slips" };
            let printer = Some(cx.sent("printer")).filter(|printer| !printer.is_empty()).map(str::to_owned);
            let ask = PrintWave { what: Some(what.to_owned()), printer, copy: None };
            cx.api.act(&path("print"), &deed, &ask).await?;
            Word::SaidPrint
        }
        "drop" => {
            cx.api.act(&path("drop"), &deed, &DropFromWave { package: cx.sent("package").to_owned() }).await?;
            Word::SaidChanged
        }
        _ => return Ok(Shown::Goto(here, None)),
    };
    Ok(Shown::Goto(here, Some(Said::done(said))))
}

/// A paper of a wave as PDF, from the API.
pub(super) async fn pdf<W: World>(cx: &Cx<'_, W>, id: &str, name: &str) -> Result {
    let answer = cx.api.raw(&format!("/waves/{id}/{name}")).await?;
    let kind = answer.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
    if kind != Some("application/pdf") {
        return Err(Trouble::Away("没有单据 / there is no paper".to_owned()));
    }
    let mut file = Outgoing::new(answer.into_body());
    *file.status_mut() = StatusCode::OK;
    file.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/pdf"));
    Ok(Shown::Whole(file))
}
