use super::{Cx, Result, Shown};
use crate::page;
use crate::page::notices::Notices;
use crate::parts::segment;
use crate::visit::Said;
use crate::words::Word;
use http::Method;
use huidan_wire::api::{Nothing, Notice, NoticeRules, NoticeWay, Page, PatchNoticeWay, PatchWebhook, Webhook};
use huidan_world::World;

/// Who is told, and what was.
pub(super) async fn page<W: World>(cx: &Cx<'_, W>) -> Result {
    let ways: Page<NoticeWay> = cx.api.get("/notice-ways?limit=200").await?;
    let systems: Page<Webhook> = cx.api.get("/webhooks?limit=200").await?;
    let rules: NoticeRules = cx.api.get("/notice-rules").await?;
    let last: Page<Notice> = cx.api.get("/notices?limit=50").await?;
    let shown = Notices { ways: &ways.items, systems: &systems.items, rules: &rules, last: &last.items };
    Ok(page::notices::page(&cx.visit, &shown).into())
}

/// Tests a way, turns one on or off, sends a message again, or sets the quiet hours.
pub(super) async fn act<W: World>(cx: &Cx<'_, W>) -> Result {
    let (id, deed) = (segment(cx.sent("id")), cx.deed());
    let said = match cx.sent("act") {
        "test" => {
            cx.api.act(&format!("/notice-ways/{id}/test"), &deed, &Nothing {}).await?;
            Word::SaidTest
        }
        "resend" => {
            cx.api.act(&format!("/notices/{id}/resend"), &deed, &Nothing {}).await?;
            Word::SaidRetry
        }
        act @ ("on" | "off") => {
            let active = Some(act == "on");
            match cx.sent("kind") {
                "system" => {
                    let patch = PatchWebhook { active, ..PatchWebhook::default() };
                    cx.api.send(Method::PATCH, &format!("/webhooks/{id}"), &deed, &patch).await?;
                }
                _ => {
                    let patch = PatchNoticeWay { active, ..PatchNoticeWay::default() };
                    cx.api.send(Method::PATCH, &format!("/notice-ways/{id}"), &deed, &patch).await?;
                }
            }
            Word::SaidChanged
        }
        act @ ("quiet" | "loud") => {
            let mut rules: NoticeRules = cx.api.get("/notice-rules").await?;
            rules.quiet = act == "quiet";
            cx.sent("from").clone_into(&mut rules.quiet_from);
            cx.sent("to").clone_into(&mut rules.quiet_to);
            cx.api.send(Method::PUT, "/notice-rules", &deed, &rules).await?;
            Word::SaidChanged
        }
        _ => return Ok(Shown::Goto("/notices".to_owned(), None)),
    };
    Ok(Shown::Goto("/notices".to_owned(), Some(Said::done(said))))
}
