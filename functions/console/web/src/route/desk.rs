use super::{Cx, Result, Shown, set_cookie};
use crate::page;
use crate::parts::segment;
use crate::visit::{STATION, Said, cookie};
use crate::words::Word;
use bytes::Bytes;
use http::{HeaderValue, header};
use huidan_wire::api::{
    Confirm, Deadlines, Exceptions, Gauges, Me, Nothing, Page, Scan, Scanned, SettleWaybill, Shop, WaybillOutcome,
};
use huidan_world::{Outgoing, World};

/// What needs a person.
pub(super) async fn overview<W: World>(cx: &Cx<'_, W>) -> Result {
    let needs: Exceptions = cx.api.get("/exceptions").await?;
    let gauges: Gauges = cx.api.get("/gauges").await?;
    let no_shop = match gauges.orders {
        0 => cx.api.get::<Page<Shop>>("/shops?limit=1").await?.items.is_empty(),
        _ => false,
    };
    Ok(page::overview::overview(&cx.visit, &needs, &gauges, no_shop).into())
}

/// What must leave by when.
pub(super) async fn deadlines<W: World>(cx: &Cx<'_, W>) -> Result {
    let report: Deadlines = cx.api.get("/reports/deadlines?limit=200").await?;
    Ok(page::deadlines::deadlines(&cx.visit, &report).into())
}

/// A deed of the overview: a person's word on a paper, or another try at something.
pub(super) async fn settle<W: World>(cx: &Cx<'_, W>) -> Result {
    let (deed, id) = (cx.deed(), segment(cx.sent("id")));
    let said = match cx.sent("act") {
        act @ ("paper" | "no-paper") => {
            let paper = act == "paper";
            cx.api.act(&format!("/print-jobs/{id}/confirm"), &deed, &Confirm { paper }).await?;
            if paper { Word::SaidCameOut } else { Word::SaidPrintedAgain }
        }
        act @ ("number-lost" | "number-credited") => {
            let outcome = if act == "number-lost" { WaybillOutcome::Lost } else { WaybillOutcome::Credited };
            let word = SettleWaybill { outcome, note: String::new() };
            cx.api.act(&format!("/waybills/{id}/settle"), &deed, &word).await?;
            Word::SaidSettled
        }
        act @ ("keep-theirs" | "send-ours") => {
            cx.api.act(&format!("/outbox/{id}/{act}"), &deed, &Nothing {}).await?;
            if act == "send-ours" { Word::SaidOurs } else { Word::SaidKept }
        }
        act @ ("retry" | "replay" | "print-again") => {
            let path = match act {
                "retry" => format!("/outbox/{id}/retry"),
                "replay" => format!("/quarantine/{id}/replay"),
                _ => format!("/print-jobs/{id}/retry"),
            };
            cx.api.act(&path, &deed, &Nothing {}).await?;
            Word::SaidRetry
        }
        _ => return Ok(Shown::Goto("/".to_owned(), None)),
    };
    Ok(Shown::Goto("/".to_owned(), Some(Said::done(said))))
}

/// Which bench this is: what was chosen on it last.
fn station<'a, W>(cx: &'a Cx<'_, W>) -> &'a str {
    cookie(&cx.headers, STATION).filter(|name| fits(name)).unwrap_or("1")
}

fn fits(station: &str) -> bool {
    (1..=32).contains(&station.len())
        && station.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// The scanning page, nothing scanned yet.
pub(super) fn scan_page<W>(cx: &Cx<'_, W>) -> Shown {
    page::scan::scan(&cx.visit, station(cx), None, None).into()
}

/// A scan. Its answer is the page itself: at a bench the next scan follows at once, and reloading repeats the same one.
pub(super) async fn scan<W: World>(cx: &mut Cx<'_, W>) -> Result {
    cx.visit.me = Some(cx.api.get::<Me>("/session").await?);
    let chosen = cx.sent("station");
    let station = if fits(chosen) { chosen.to_owned() } else { station(cx).to_owned() };
    let code = cx.sent("code").to_owned();
    if code.is_empty() {
        return Ok(Shown::Goto("/scan".to_owned(), None));
    }
    let scan = Scan { code: code.clone(), station: station.clone() };
    let scanned: Scanned = cx.api.post("/scan", &cx.deed(), &scan).await?;
    let page = page::scan::scan(&cx.visit, &station, Some(&code), Some(&scanned));
    let mut answer = Outgoing::new(Bytes::from(page.into_string()));
    answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    set_cookie(answer.headers_mut(), STATION, &station, 31_536_000);
    Ok(Shown::Whole(answer))
}
