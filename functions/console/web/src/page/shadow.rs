use super::packages::why;
use crate::codes::{CHANNEL, REASON, say};
use crate::parts::{ago, badge, clock, frame, holds, pager, pair, segment};
use crate::visit::Visit;
use crate::words::Word;
use huidan_wire::api::{Shadow, ShadowOrder, ShadowPackage, ShadowSummary, Shop};
use maud::{Markup, html};

/// What would have been done in a shop: the whole in numbers, then order by order.
pub(crate) fn shadow(visit: &Visit, shop: &Shop, shadow: &Shadow, beyond: bool) -> Markup {
    frame(
        visit,
        Word::ShadowPage,
        &html! {
            h1 { (visit.t(Word::ShadowPage)) " · " (shop.name) }
            p.help { (visit.t(Word::ShadowHelp)) }
            (summary(visit, &shadow.summary))
            ul.rows {
                @for order in &shadow.items { li { (one(visit, order)) } }
            }
            (pager(visit, &format!("/shops/{}/shadow", segment(&shop.id)), &[], shadow.next.as_deref(), beyond))
            p { a href="/shops" { (visit.t(Word::Shops)) } }
        },
    )
}

fn summary(visit: &Visit, summary: &ShadowSummary) -> Markup {
    let Some(since) = &summary.since else {
        return html! { p.said.going { (visit.t(Word::ShadowNever)) } };
    };
    html! {
        section.summary {
            dl.facts {
                (pair(visit, Word::ShadowSince, &html! { (clock(visit.lang, since)) }))
                (pair(visit, Word::ShadowOrders, &html! { b { (summary.orders) } }))
                (pair(visit, Word::ShadowShipped, &html! { b { (summary.shipped) } }))
                (pair(visit, Word::ShadowPackages, &html! { b { (summary.packages) } }))
                (pair(visit, Word::ShadowWaiting, &html! {
                    b { (summary.waiting) }
                    @for (at, reason) in summary.reasons.iter().enumerate() {
                        @if at == 0 { ": " } @else { ", " }
                        (say(REASON, visit.lang, &reason.reason)) " " (reason.orders)
                    }
                }))
            }
            @if summary.orders == 0 { p.help { (visit.t(Word::ShadowNothing)) } }
        }
    }
}

fn one(visit: &Visit, order: &ShadowOrder) -> Markup {
    html! {
        a.key href={ "/orders/" (segment(&order.id)) } { (order.number) }
        span { (badge(visit, CHANNEL, &order.channel_state)) }
        span { (ago(visit, &order.placed_at)) }
        div.wide {
            @for package in &order.packages { (parcel(visit, package)) }
            @if order.packages.is_empty() && order.holds.is_empty() {
                p.help {
                    @if order.waited_for.is_empty() { (visit.t(Word::ShadowNoPackage)) }
                    @else { (visit.t(Word::ShadowWaited)) " " (say(REASON, visit.lang, &order.waited_for)) }
                }
            }
            (holds(visit, &order.holds))
        }
    }
}

/// From where, by whom, with which service; what the channel would hear; and why.
fn parcel(visit: &Visit, package: &ShadowPackage) -> Markup {
    let confirm = &package.confirm;
    html! {
        p.goods {
            b { (package.warehouse_name) " → " (package.account_name) }
            @if !package.service.is_empty() { " · " (package.service) }
            @if package.weight_g > 0 { " · " (package.weight_g) " g" }
            ": "
            @for (at, line) in package.lines.iter().enumerate() {
                @if at > 0 { ", " }
                (line.title) " × " (line.qty)
            }
        }
        p.help {
            (visit.t(Word::ShadowTell)) ": " (confirm.ext_id) " · " (confirm.carrier_name)
            @for line in &confirm.lines { " · " (line.ext_line_id) " × " (line.qty) }
            @if confirm.completes { (visit.t(Word::ShadowCompletes)) }
        }
        @if !package.trace.is_empty() {
            details { summary { (visit.t(Word::Why)) } (why(visit, &package.trace)) }
        }
    }
}
