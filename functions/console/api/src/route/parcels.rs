//! Parcels that a person should look at, incidents, and what can be done about them.

use super::page;
use crate::cx::{Cx, Reply};
use crate::known;
use crate::problem::Problem;
use crate::read::{beyond, cursor, filled, limit};
use crate::table::Route;
use http::StatusCode;
use huidan_domain::Millis;
use huidan_store::console::{Part, seller};
use huidan_store::track::intercepts::{self, Begun, Claimed};
use huidan_store::track::tickets::{self, ClaimFacts, Which};
use huidan_store::track::{buyers, watches};
use huidan_wire::api::{
    AskIncidents, AskParcelExceptions, BuyerLink, ClaimDraft, Done, Incident, InterceptSaid, NewParcelNote, Nothing,
    Page, ParcelException, Role, WatchedBy, instant, read_instant,
};
use huidan_wire::call::{Answer, For, InterceptParcel, carrier_component};
use huidan_world::{World, buyer};

pub(super) fn routes<W: World + 'static>(routes: &mut Vec<Route<W>>) {
    let says = "Parcels that a person should look at, newest first";
    routes.push(Route::get("/api/v1/parcel-exceptions", Role::Viewer, says, list));
    routes.push(Route::get("/api/v1/parcel-exceptions/{id}", Role::Viewer, "One of them", show));
    let says = "Close an exception; it is opened again only by something new";
    routes.push(Route::post("/api/v1/parcel-exceptions/{id}/close", Role::Operator, says, close));
    routes.push(Route::post("/api/v1/parcel-exceptions/{id}/note", Role::Operator, "Write a note under it", note));
    let says = "Ask the carrier to stop the parcel and bring it back; at most once for each number";
    routes.push(Route::post("/api/v1/parcel-exceptions/{id}/intercept", Role::Operator, says, intercept));
    let says =
        "Make a link by which the buyer says once what is to be done; it is shown this once and ends after a week";
    routes.push(Route::post("/api/v1/parcel-exceptions/{id}/ask-buyer", Role::Operator, says, ask_buyer));
    let says = "A claim to send to the carrier, in Chinese, with the facts";
    routes.push(Route::post("/api/v1/parcel-exceptions/{id}/claim-draft", Role::Operator, says, claim_draft));
    let says = "Places where a carrier's parcels do not move, newest first";
    routes.push(Route::get("/api/v1/incidents", Role::Viewer, says, incidents));
    let says = "Close an incident and every exception that is a part of it";
    routes.push(Route::post("/api/v1/incidents/{id}/close", Role::Operator, says, close_incident));
    let says =
        "Make a link by which a buyer sees where the package is; it is shown this once and ends after two months";
    routes.push(Route::post("/api/v1/packages/{id}/buyer-link", Role::Operator, says, buyer_link));
    let says = "Say which account watches this account's parcels; an empty one leaves it to the carrier itself";
    routes.push(Route::post("/api/v1/carriers/{id}/watched-by", Role::Owner, says, watched_by));
}

/// Limit of asking a carrier to stop a parcel, in milliseconds.
const INTERCEPT_LIMIT_MS: u64 = 25_000;
/// Longest note, in characters.
const NOTE: usize = 2_000;

async fn list<W: World>(cx: &Cx<'_, W>, ask: AskParcelExceptions) -> Result<Reply<Page<ParcelException>>, Problem> {
    let most = limit(ask.limit)?;
    let after: Option<(i64, String)> = beyond(ask.cursor.as_deref())?;
    let which = Which {
        state: ask.state.as_deref(),
        kind: ask.kind.as_deref(),
        shop: ask.shop.as_deref(),
        package: ask.package.as_deref(),
        incident: ask.incident.as_deref(),
        alone: ask.alone.unwrap_or(false),
        beyond: after.as_ref().map(|(at, id)| (*at, id.as_str())),
        limit: most + 1,
        ..Which::default()
    };
    let found = cx.look(async |db| tickets::exceptions(db, which).await).await?;
    let Page { items, next } = page(found, most, |(at, one)| cursor(&(at, &one.id)));
    Ok(Page { items: items.into_iter().map(|(_, one)| one).collect(), next }.into())
}

async fn read<W: World>(cx: &Cx<'_, W>, id: &str) -> Result<ParcelException, Problem> {
    let which = Which { one: Some(id), limit: 1, ..Which::default() };
    let found = cx.look(async |db| tickets::exceptions(db, which).await).await?;
    let found = found.into_iter().next().ok_or_else(|| Problem::unknown("包裹异常 parcel exception", id))?;
    Ok(found.1)
}

async fn show<W: World>(cx: &Cx<'_, W>, _: Nothing) -> Result<Reply<ParcelException>, Problem> {
    Ok(read(cx, cx.id()).await?.into())
}

async fn close<W: World>(cx: &Cx<'_, W>, _: Nothing) -> Result<Reply<ParcelException>, Problem> {
    read(cx, cx.id()).await?;
    cx.change(async |db| tickets::close(db, cx.moment(), cx.actor(), cx.id()).await).await?;
    Ok(read(cx, cx.id()).await?.into())
}

async fn note<W: World>(cx: &Cx<'_, W>, new: NewParcelNote) -> Result<Reply<ParcelException>, Problem> {
    filled("text", &new.text)?;
    if new.text.chars().count() > NOTE {
        return Err(Problem::field("too_long", "text", format!("至多 {NOTE} 字 / {NOTE} characters at most")));
    }
    let text = new.text.trim();
    if !cx.change(async |db| tickets::note(db, cx.moment(), cx.actor(), cx.id(), text).await).await? {
        return Err(Problem::unknown("包裹异常 parcel exception", cx.id()));
    }
    Ok(read(cx, cx.id()).await?.into())
}

/// Claimed, then asked, then settled: whatever breaks in between leaves a claim that is not repeated.
async fn intercept<W: World>(cx: &Cx<'_, W>, _: Nothing) -> Result<Reply<InterceptSaid>, Problem> {
    read(cx, cx.id()).await?;
    let begun = cx.change(async |db| intercepts::begin(db, cx.moment(), cx.actor(), cx.id()).await).await?;
    let claimed = match begun {
        Begun::Claimed(claimed) => claimed,
        Begun::Already(state, reason) => return Ok(InterceptSaid { state, reason }.into()),
        Begun::NotUnderWay => {
            let detail = "包裹不在途中，无法拦截 / the parcel is not under way and cannot be stopped";
            return Err(Problem::conflict("not_under_way", detail));
        }
    };
    let (state, reason) = asked_to_stop(cx, &claimed).await;
    cx.change(async |db| intercepts::settle(db, cx.moment(), cx.actor(), &claimed, state, &reason).await).await?;
    Ok(InterceptSaid { state: state.to_owned(), reason }.into())
}

async fn asked_to_stop<W: World>(cx: &Cx<'_, W>, claimed: &Claimed) -> (&'static str, String) {
    match known::carrier(cx, &claimed.carrier).await {
        Ok(manifest) if manifest.intercepts => {}
        Ok(_) => {
            let why =
                "此承运商不提供拦截接口，请致电网点 / this carrier offers no way to stop parcels; call its branch";
            return ("failed", why.to_owned());
        }
        Err(_) => return ("failed", "承运商组件未应答 / the carrier's component does not answer".to_owned()),
    }
    let subject = [InterceptParcel { number: claimed.number.clone(), claim: claimed.claim.clone(), wish: "return" }];
    let asked = For { account: claimed.account.clone(), subject };
    let component = carrier_component(&claimed.carrier);
    let answer: Result<Vec<Answer<String>>, _> =
        cx.world.call(&component, "/waybill/intercept", &asked, INTERCEPT_LIMIT_MS).await;
    match answer.map(|answers| answers.into_iter().next()) {
        Ok(Some(Answer::Done(_))) => ("accepted", String::new()),
        // Only these mean that certainly nothing was heard.
        Ok(Some(Answer::Failed(failure))) => match failure.kind.as_str() {
            "transient" | "limited" | "credentials" => ("failed", failure.detail),
            "rejected" => ("rejected", failure.detail),
            _ => ("unknown", failure.detail),
        },
        Ok(None) => ("unknown", "应答缺失 / an answer is missing".to_owned()),
        Err(missed) => ("unknown", missed.to_string()),
    }
}

async fn made<W: World>(
    cx: &Cx<'_, W>,
    package: Option<&str>,
    exception: Option<&str>,
) -> Result<Option<BuyerLink>, Problem> {
    let (code, sha) = buyer::new_code(cx.world).await.ok_or(huidan_store::StoreError::Sealed)?;
    let until: Option<Millis> =
        cx.change(async |db| buyers::make(db, cx.moment(), cx.actor(), &sha, package, exception).await).await?;
    let Some(until) = until else { return Ok(None) };
    Ok(Some(BuyerLink { url: cx.address(&format!("/t/{code}")).await, expires_at: instant(until) }))
}

async fn ask_buyer<W: World>(cx: &Cx<'_, W>, _: Nothing) -> Result<Reply<BuyerLink>, Problem> {
    read(cx, cx.id()).await?;
    let link = made(cx, None, Some(cx.id())).await?;
    let closed = || Problem::new(StatusCode::CONFLICT, "closed", "异常已关闭 / the exception is closed");
    Ok(Reply::made(link.ok_or_else(closed)?))
}

async fn buyer_link<W: World>(cx: &Cx<'_, W>, _: Nothing) -> Result<Reply<BuyerLink>, Problem> {
    let link = made(cx, Some(cx.id()), None).await?;
    Ok(Reply::made(link.ok_or_else(|| Problem::unknown("包裹 package", cx.id()))?))
}

async fn claim_draft<W: World>(cx: &Cx<'_, W>, _: Nothing) -> Result<Reply<ClaimDraft>, Problem> {
    let facts = cx.look(async |db| tickets::claim_facts(db, cx.id()).await).await?;
    let facts = facts.ok_or_else(|| Problem::unknown("包裹异常 parcel exception", cx.id()))?;
    let name = match known::carrier(cx, &facts.exception.carrier).await {
        Ok(manifest) => manifest.zh,
        Err(_) => facts.exception.carrier.clone(),
    };
    Ok(ClaimDraft { text: draft(&facts, &name, cx.moment().now) }.into())
}

/// What is wrong, for the carrier.
fn complaint(kind: &str) -> &'static str {
    match kind {
        "not_picked_up" => "交件后一直没有揽收记录",
        "stalled" => "轨迹长时间没有更新",
        "problem" => "派送异常，未妥善处理",
        "refused" => "显示收件人拒收，需核实是否属实",
        "returned" => "包裹被退回，需说明原因",
        "signed_too_fast" => "揽收后不久即显示签收，与实际运输时间不符，疑为虚假签收",
        "other_city" => "签收城市与收件城市不符，疑为错派",
        "reused_number" => "单号存在取号之前的轨迹，疑为单号重复使用",
        "customs_stop" => "包裹被海关查验扣留，需说明所缺材料",
        _ => "轨迹中断",
    }
}

/// A scan, for the carrier.
fn scanned(kind: &str) -> &'static str {
    match kind {
        "picked_up" => "揽收",
        "moving" => "中转",
        "out_for_delivery" => "派件",
        "problem" => "问题件",
        "refused" => "拒收",
        "signed" => "签收",
        "returning" => "退回中",
        "returned" => "退回签收",
        _ => "其他",
    }
}

fn draft(facts: &ClaimFacts, carrier: &str, now: Millis) -> String {
    let exception = &facts.exception;
    let day = |at: &str| at.get(..16).unwrap_or(at).replace('T', " ");
    let mut lines = vec![
        format!("{carrier}客服：您好。"),
        format!("运单号：{}", exception.waybill.as_deref().unwrap_or("（无）")),
        format!("线路：{} → {}；重量：{} 克", facts.from, facts.to, facts.weight_g),
    ];
    if let Some(at) = &facts.issued_at {
        lines.push(format!("取号时间：{}（UTC）", day(at)));
    }
    lines.push(format!("问题：{}。", complaint(&exception.kind)));
    if let Some((at, ..)) = facts.scans.first()
        && let Ok(at) = read_instant(at)
    {
        lines.push(format!("最后一条轨迹距今 {} 小时。", now.since(at) / 3_600_000));
    }
    if let Some(usual) = exception.facts.get("usual_ms").and_then(serde_json::Value::as_i64) {
        lines.push(format!("同一线路 95% 的包裹在 {} 小时内有下一条轨迹。", usual / 3_600_000));
    }
    if !facts.scans.is_empty() {
        lines.push("最近轨迹：".to_owned());
        lines.extend(
            facts.scans.iter().map(|(at, kind, place)| {
                format!("  {}（UTC） {} {place}", day(at), scanned(kind)).trim_end().to_owned()
            }),
        );
    }
    lines.push("请在 24 小时内核实包裹位置并回复；如确认遗失、损毁或错派，请按合同办理理赔。".to_owned());
    lines.join("\n")
}

async fn incidents<W: World>(cx: &Cx<'_, W>, ask: AskIncidents) -> Result<Reply<Page<Incident>>, Problem> {
    let most = limit(ask.limit)?;
    let after: Option<(i64, String)> = beyond(ask.cursor.as_deref())?;
    let after = after.as_ref().map(|(at, id)| (*at, id.as_str()));
    let state = ask.state.as_deref();
    let found = cx.look(async |db| tickets::incidents(db, state, None, after, most + 1).await).await?;
    let Page { items, next } = page(found, most, |(at, one)| cursor(&(at, &one.id)));
    Ok(Page { items: items.into_iter().map(|(_, one)| one).collect(), next }.into())
}

async fn close_incident<W: World>(cx: &Cx<'_, W>, _: Nothing) -> Result<Reply<Incident>, Problem> {
    cx.change(async |db| tickets::close_incident(db, cx.moment(), cx.actor(), cx.id()).await).await?;
    let found = cx.look(async |db| tickets::incidents(db, None, Some(cx.id()), None, 1).await).await?;
    let found = found.into_iter().next().ok_or_else(|| Problem::unknown("事故 incident", cx.id()))?;
    Ok(found.1.into())
}

/// Only who watches others' parcels may be named, or the account itself.
async fn watched_by<W: World>(cx: &Cx<'_, W>, asked: WatchedBy) -> Result<Reply<Done>, Problem> {
    let account = async |id: &str| -> Result<_, Problem> {
        let found = cx.look(async |db| seller::carriers(db, Part::one(id)).await).await?;
        found.into_iter().next().ok_or_else(|| Problem::unknown("快递账号 carrier account", id))
    };
    let watched = account(cx.id()).await?;
    if !asked.account.is_empty() && asked.account != watched.id {
        let manifest = known::carrier(cx, &account(&asked.account).await?.carrier).await?;
        if !(manifest.watches_others && manifest.pushes) {
            let detail = "此账号不能代为订阅轨迹 / this account does not watch parcels of others";
            return Err(Problem::field("watches_nobody", "account", detail));
        }
    }
    cx.change(async |db| watches::watched_by(db, cx.moment(), cx.actor(), &watched.id, &asked.account).await).await?;
    cx.world.wake("flow-track", "watch");
    Ok(Done::YES.into())
}
