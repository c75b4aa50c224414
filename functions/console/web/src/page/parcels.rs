//! Parcels that a person should look at: incidents first, then one by one, each with what can be done about it.

use crate::codes::{ALARM, INTERCEPT, PACKAGE, WANTS, say};
use crate::parts::{ago, badge, clock, form, frame, guarded, pager, segment};
use crate::visit::Visit;
use crate::words::Word;
use huidan_wire::api::{Incident, Page, ParcelException, Role};
use maud::{Markup, html};

/// What the page shows.
pub(crate) struct Parcels<'a> {
    /// Places where nothing moves.
    pub(crate) incidents: &'a [Incident],
    /// Parcels, those of incidents left out unless one was asked for.
    pub(crate) parcels: &'a Page<ParcelException>,
    /// Kind and incident that were asked for; either may be empty.
    pub(crate) asked: [&'a str; 2],
    /// Whether this is not the first page.
    pub(crate) beyond: bool,
    /// A link or a text that was just made, to be copied from here.
    pub(crate) made: Option<(Word, String)>,
}

/// The page.
pub(crate) fn list(visit: &Visit, shown: &Parcels<'_>) -> Markup {
    let [kind, incident] = shown.asked;
    frame(
        visit,
        Word::Parcels,
        &html! {
            h1 { (visit.t(Word::Parcels)) }
            @if let Some((word, text)) = &shown.made {
                section.question {
                    p { (visit.t(*word)) }
                    textarea readonly rows=(text.lines().count().clamp(1, 14)) cols="60" { (text) }
                }
            }
            @if incident.is_empty() && !shown.incidents.is_empty() {
                h2 { (visit.t(Word::Incidents)) }
                ul.rows { @for one in shown.incidents { li { (place(visit, one)) } } }
            }
            (filter(visit, kind))
            @if shown.parcels.items.is_empty() { p { (visit.t(Word::NoParcelTrouble)) } }
            ul.rows { @for one in &shown.parcels.items { li { (parcel(visit, one)) } } }
            (pager(visit, "/parcels", &[("kind", kind), ("incident", incident)], shown.parcels.next.as_deref(), shown.beyond))
        },
    )
}

fn filter(visit: &Visit, kind: &str) -> Markup {
    html! {
        form.filter method="get" action="/parcels" {
            label { (visit.t(Word::WhatIsWrong)) " "
                select name="kind" {
                    option value="" { (visit.t(Word::All)) }
                    @for (code, ..) in ALARM {
                        option value=(code) selected[*code == kind] { (say(ALARM, visit.lang, code)) }
                    }
                }
            }
            button { (visit.t(Word::Show)) }
        }
    }
}

fn place(visit: &Visit, one: &Incident) -> Markup {
    let id = |inner: &Markup| html! { input type="hidden" name="incident" value=(one.id); (inner) };
    html! {
        a.key href={ "/parcels?incident=" (segment(&one.id)) } {
            (one.carrier) " · "
            @if one.place.is_empty() { (visit.t(Word::NotFetched)) } @else { (one.place) }
            @if !one.province.is_empty() { " → " (one.province) }
        }
        span { (one.open) " / " (one.parcels) " " (visit.t(Word::ParcelsHeld)) }
        span { (ago(visit, &one.opened_at)) }
        @if visit.may(Role::Operator) {
            (form(visit, "/parcels", &id(&html! {
                button name="act" value="close-incident" { (visit.t(Word::CloseIncident)) }
            })))
        }
    }
}

fn parcel(visit: &Visit, one: &ParcelException) -> Markup {
    html! {
        a.key href={ "/packages/" (segment(&one.package)) } { (one.waybill.as_deref().unwrap_or(&one.package)) }
        span { (badge(visit, ALARM, &one.kind)) }
        span { (one.carrier) " · " (badge(visit, PACKAGE, &one.status)) }
        span { (ago(visit, &one.opened_at)) }
        @if !one.wants.is_empty() { span { (badge(visit, WANTS, &one.wants)) } }
        @else if let Some(asked) = &one.asked_at { span { (visit.t(Word::BuyerAsked)) " " (ago(visit, asked)) } }
        @if let Some(state) = &one.intercept {
            span { (badge(visit, INTERCEPT, state)) " " (visit.lang.half(&one.intercept_reason)) }
        }
        div.wide {
            (known(visit, &one.facts))
            @for note in &one.notes { p.help { (clock(visit.lang, &note.at)) " " (note.by) ": " (note.text) } }
            @if one.state == "open" { (deeds(visit, one)) }
        }
    }
}

/// What was known: where it lies, and how long that usually takes.
fn known(visit: &Visit, facts: &serde_json::Value) -> Markup {
    let place = facts.get("place").and_then(serde_json::Value::as_str).unwrap_or_default();
    let hours = facts.get("usual_ms").and_then(serde_json::Value::as_i64).map(|ms| ms / 3_600_000);
    html! {
        @if !place.is_empty() || hours.is_some() {
            p.help {
                (place)
                @if let Some(hours) = hours { " · " (visit.t(Word::UsualHours)) " " (hours) " " (visit.t(Word::Hours)) }
            }
        }
    }
}

fn deeds(visit: &Visit, one: &ParcelException) -> Markup {
    let to = "/parcels";
    let id = html! { input type="hidden" name="id" value=(one.id); };
    let plain = |act: &str, word: Word| {
        html! {
            @if visit.may(Role::Operator) {
                (form(visit, to, &html! { (id) button name="act" value=(act) { (visit.t(word)) } }))
            }
        }
    };
    let note = html! { (id) input name="text" maxlength="2000" required aria-label=(visit.t(Word::ParcelNote)); };
    html! {
        (plain("ask-buyer", Word::AskBuyer))
        (plain("claim-draft", Word::ClaimDraft))
        (plain("close", Word::CloseException))
        @if one.intercept.as_deref().is_none_or(|state| state == "failed") && matches!(one.status.as_str(), "handed_over" | "in_transit") {
            (guarded(visit, Role::Operator, to, "intercept", [Word::InterceptIt, Word::InterceptSure], &id))
        }
        (guarded(visit, Role::Operator, to, "note", [Word::ParcelNote, Word::WriteNote], &note))
    }
}
