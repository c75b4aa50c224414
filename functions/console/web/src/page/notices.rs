//! Who is told what happens, and what a person should look at.

use crate::codes::{NOTICE, say};
use crate::parts::{ago, badge, form, frame, pair};
use crate::visit::Visit;
use crate::words::Word;
use huidan_wire::api::{Notice, NoticeRules, NoticeWay, Role, Webhook};
use maud::{Markup, html};

/// What the page of notices is made of.
pub(crate) struct Notices<'a> {
    /// The ways to tell people.
    pub(crate) ways: &'a [NoticeWay],
    /// Other systems.
    pub(crate) systems: &'a [Webhook],
    /// Quiet hours and storms.
    pub(crate) rules: &'a NoticeRules,
    /// What was told last, and what waits.
    pub(crate) last: &'a [Notice],
}

/// The page.
pub(crate) fn page(visit: &Visit, shown: &Notices<'_>) -> Markup {
    let none = shown.ways.is_empty() && shown.systems.is_empty();
    frame(
        visit,
        Word::Notices,
        &html! {
            h1 { (visit.t(Word::Notices)) }
            p.help { (visit.t(Word::NoticesHelp)) }
            @if none { p.help { (visit.t(Word::NoWays)) } }
            ul.plain {
                @for way in shown.ways {
                    li {
                        (card(visit, &way.id, "way", &way.name, [way.active, way.audience != "buyer"], &way.trouble, &html! {
                            (pair(visit, Word::NoticeBy, &html! { (way.provider) }))
                            (pair(visit, Word::NoticeTakes, &html! { (way.takes.join(", ")) }))
                        }))
                    }
                }
                @for system in shown.systems {
                    li {
                        (card(visit, &system.id, "system", &system.name, [system.active, true], &system.trouble, &html! {
                            (pair(visit, Word::NoticeBy, &html! { (system.url) }))
                            (pair(visit, Word::NoticeTakes, &html! { (system.takes.join(", ")) }))
                        }))
                    }
                }
            }
            (quiet(visit, shown.rules))
            h2 { (visit.t(Word::NoticesLast)) }
            @if shown.last.is_empty() { p.help { (visit.t(Word::NoNotices)) } }
            ul.rows { @for notice in shown.last { li { (row(visit, notice)) } } }
        },
    )
}

fn card(
    visit: &Visit,
    id: &str,
    kind: &str,
    name: &str,
    [active, tests]: [bool; 2],
    trouble: &str,
    facts: &Markup,
) -> Markup {
    let (turn, word) = if active { ("off", Word::TurnOff) } else { ("on", Word::TurnOn) };
    html! {
        article {
            h3 {
                (name)
                @if !active { " " span.badge.quiet { (visit.t(Word::Inactive)) } }
            }
            @if !trouble.is_empty() { p.bad role="status" { (visit.lang.half(trouble)) } }
            dl.facts { (facts) }
            (form(visit, "/notices", &html! {
                input type="hidden" name="id" value=(id);
                input type="hidden" name="kind" value=(kind);
                @if active && tests && visit.may(Role::Operator) {
                    button name="act" value="test" { (visit.t(Word::NoticeTest)) }
                }
                @if visit.may(Role::Owner) { button name="act" value=(turn) { (visit.t(word)) } }
            }))
        }
    }
}

fn quiet(visit: &Visit, rules: &NoticeRules) -> Markup {
    html! {
        h2 { (visit.t(Word::QuietHours)) }
        p {
            @if rules.quiet { (rules.quiet_from) " – " (rules.quiet_to) " (" (rules.zone) ")" }
            @else { (visit.t(Word::Inactive)) }
        }
        @if visit.may(Role::Owner) {
            (form(visit, "/notices", &html! {
                label { span { (visit.t(Word::QuietFrom)) } input type="time" name="from" value=(rules.quiet_from); }
                label { span { (visit.t(Word::QuietTo)) } input type="time" name="to" value=(rules.quiet_to); }
                button name="act" value="quiet" { (visit.t(Word::Save)) }
                @if rules.quiet { button name="act" value="loud" { (visit.t(Word::TurnOff)) } }
            }))
        }
    }
}

fn row(visit: &Visit, notice: &Notice) -> Markup {
    let again = matches!(notice.state.as_str(), "unknown" | "rejected" | "dead");
    html! {
        span { (badge(visit, NOTICE, &notice.state)) " " (notice.way) }
        span { (notice.topic) " " (notice.about) }
        span { (ago(visit, &notice.created_at)) }
        div.wide {
            @if !notice.reason.is_empty() { p.help { (visit.lang.half(&notice.reason)) } }
            @if again && visit.may(Role::Operator) {
                (form(visit, "/notices", &html! {
                    input type="hidden" name="id" value=(notice.id);
                    button name="act" value="resend" aria-label={ (visit.t(Word::Retry)) " " (notice.topic) " " (say(NOTICE, visit.lang, &notice.state)) } { (visit.t(Word::Retry)) }
                }))
            }
        }
    }
}
