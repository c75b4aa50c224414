use crate::codes::{OUTBOX, say};
use crate::parts::{badge, form, segment};
use crate::visit::Visit;
use crate::words::Word;
use huidan_wire::api::{OutboxTrouble, Role};
use maud::{Markup, html};

/// One thing that a channel did not take: what it is, why, what to do, and the buttons for it.
pub(crate) fn trouble(visit: &Visit, entry: &OutboxTrouble) -> Markup {
    html! {
        @match &entry.order {
            Some(order) => a.key href={ "/orders/" (segment(order)) } { (visit.t(Word::Order)) },
            None => span.key { (say(OUTBOX, visit.lang, &entry.kind)) },
        }
        span { (badge(visit, OUTBOX, &entry.state)) }
        span { (entry.shop) }
        div.wide {
            (visit.lang.half(&entry.reason))
            @if !entry.remedy.is_empty() { " " strong { (visit.lang.half(&entry.remedy)) } }
            @if entry.state == "conflict" {
                dl.facts {
                    div { dt { (visit.t(Word::OurNumber)) } dd { (entry.waybill.as_deref().unwrap_or("–")) } }
                    div {
                        dt { (visit.t(Word::TheirNumber)) }
                        dd { @if entry.theirs.is_empty() { "–" } @else { (entry.theirs.join(", ")) } }
                    }
                }
            }
        }
        @if visit.may(Role::Operator) { (buttons(visit, entry)) }
    }
}

fn buttons(visit: &Visit, entry: &OutboxTrouble) -> Markup {
    let conflict = entry.state == "conflict";
    form(
        visit,
        "/",
        &html! {
            input type="hidden" name="id" value=(entry.id);
            @if conflict {
                button name="act" value="keep-theirs" { (visit.t(Word::KeepTheirs)) }
                @if entry.code != "cannot_change" {
                    button name="act" value="send-ours" { (visit.t(Word::SendOurs)) }
                }
            } @else {
                button name="act" value="retry" { (visit.t(Word::Retry)) }
            }
        },
    )
}
