use super::overview::section;
use crate::codes::NUMBER;
use crate::parts::{ago, badge, form, segment};
use crate::visit::Visit;
use crate::words::Word;
use huidan_wire::api::{Role, UnusedWaybill};
use maud::{Markup, html};

/// Numbers that do not serve: those to be settled can be, with one touch.
pub(super) fn list(visit: &Visit, numbers: &[UnusedWaybill]) -> Markup {
    section(
        visit,
        Word::NumberTroubles,
        numbers.len(),
        &html! {
            p.help { (visit.t(Word::NumberTroublesHelp)) }
            ul.rows {
                @for number in numbers {
                    li {
                        a.key href={ "/packages/" (segment(&number.package)) } { (number.number) }
                        span { (badge(visit, NUMBER, &number.kind)) " " (number.account) }
                        span { (ago(visit, &number.issued_at)) }
                        div.wide { (visit.lang.half(&number.reason)) }
                        @if visit.may(Role::Operator) && number.kind != "idle" {
                            (form(visit, "/", &html! {
                                input type="hidden" name="id" value=(number.id);
                                button name="act" value="number-credited" { (visit.t(Word::NumberCredited)) }
                                button name="act" value="number-lost" { (visit.t(Word::NumberLost)) }
                            }))
                        }
                    }
                }
            }
        },
    )
}
