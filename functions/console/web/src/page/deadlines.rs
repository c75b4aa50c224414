use crate::codes::{DUE, ORDER, PACKAGE};
use crate::parts::{ago, badge, clock, frame, segment};
use crate::visit::Visit;
use crate::words::Word;
use huidan_wire::api::{Deadlines, Due, NotPickedUp};
use maud::{Markup, html};

/// What must leave by when, what will be late at the present pace, and what was told and not picked up.
pub(crate) fn deadlines(visit: &Visit, report: &Deadlines) -> Markup {
    frame(
        visit,
        Word::Deadlines,
        &html! {
            h1 { (visit.t(Word::Deadlines)) }
            ul.tiles {
                (tile(visit, Word::GaugeLateNow, Some(report.late_now)))
                (tile(visit, Word::GaugeLateSoon, Some(report.late_soon)))
                (tile(visit, Word::WillBeLate, report.will_be_late))
            }
            @if !report.paces.is_empty() {
                p.help {
                    @for pace in &report.paces {
                        (pace.warehouse) ": " (visit.t(Word::LeftLately)) " " (pace.left) ", "
                        (visit.t(Word::ToLeave)) " " (pace.to_leave) " "
                    }
                }
            }
            @if report.items.is_empty() { p.said.good { (visit.t(Word::NothingDue)) } }
            ul.rows { @for due in &report.items { li { (row(visit, due)) } } }
            @if !report.not_picked_up.is_empty() {
                section {
                    h2 { (visit.t(Word::NotPickedUp)) " " span.count { (report.not_picked_up.len()) } }
                    p.help { (visit.t(Word::NotPickedUpHelp)) }
                    ul.rows { @for parcel in &report.not_picked_up { li { (unpicked(visit, parcel)) } } }
                }
            }
        },
    )
}

fn tile(visit: &Visit, word: Word, count: Option<i64>) -> Markup {
    html! {
        li.tile.wait[count.is_some_and(|count| count != 0)].none[count == Some(0)] {
            b { @match count { Some(count) => (count), None => "–" } }
            span { (visit.t(word)) }
        }
    }
}

fn row(visit: &Visit, due: &Due) -> Markup {
    html! {
        a.key href={ "/orders/" (segment(&due.order)) } { (due.number) }
        span { (badge(visit, DUE, &due.state)) " " (badge(visit, ORDER, &due.status)) }
        span { (due.shop) " · " (due.warehouse) }
        div.wide {
            (visit.t(Word::ShipBy)) " " (clock(visit.lang, &due.due)) " · "
            (visit.t(Word::LeaveBy)) " " (clock(visit.lang, &due.leave_by))
            @if let Some(at) = &due.expected_at {
                " · " (visit.t(Word::ExpectedAt)) " " (clock(visit.lang, at))
                @if due.will_be_late && due.state != "late" { " · " strong { (visit.t(Word::WillBeLate)) } }
            }
        }
    }
}

fn unpicked(visit: &Visit, parcel: &NotPickedUp) -> Markup {
    html! {
        a.key href={ "/packages/" (segment(&parcel.package)) } { (parcel.waybill) }
        span { (badge(visit, PACKAGE, &parcel.status)) }
        span { (ago(visit, &parcel.told_at)) }
    }
}
