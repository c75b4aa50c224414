use super::packages::end;
use crate::codes::{CHANNEL, Code, EVENT, ORDER, PAY, REFUND, REVIEW, say};
use crate::parts::{
    ago, badge, button, choice, clock, field, form, frame, guarded, holds, left, money, pager, pair, segment,
};
use crate::visit::Visit;
use crate::words::Word;
use huidan_wire::api::{AskOrders, Event, Order, OrderLine, OrderReceiver, Page, Role, Shop};
use maud::{Markup, html};

/// The list of orders, with why they wait.
pub(crate) fn list(visit: &Visit, orders: &Page<Order>, ask: &AskOrders, shops: &[Shop]) -> Markup {
    let (status, shop) = (ask.status.as_deref(), ask.shop.as_deref());
    let statuses: Vec<(&str, &str)> = ORDER.iter().map(|code| (code.0, visit.lang.pick(code.1, code.2))).collect();
    let names: Vec<(&str, &str)> = shops.iter().map(|shop| (shop.id.as_str(), shop.name.as_str())).collect();
    let filter = [("status", status.unwrap_or_default()), ("shop", shop.unwrap_or_default())];
    frame(
        visit,
        Word::Orders,
        &html! {
            h1 { (visit.t(Word::Orders)) }
            @if visit.may(Role::Operator) {
                p { a.button.small href="/import" { (visit.t(Word::Import)) } }
            }
            form.filter method="get" action="/orders" {
                (choice(visit, "status", Word::Status, &statuses, status))
                (choice(visit, "shop", Word::Shop, &names, shop))
                button { (visit.t(Word::Show)) }
            }
            @if orders.items.is_empty() { p.help { (visit.t(Word::NoOrders)) } }
            ul.rows {
                @for order in &orders.items { li { (row(visit, order)) } }
            }
            (pager(visit, "/orders", &filter, orders.next.as_deref(), ask.cursor.is_some()))
        },
    )
}

fn row(visit: &Visit, order: &Order) -> Markup {
    let open = matches!(order.status.as_str(), "held" | "to_plan" | "to_ship" | "part_shipped");
    html! {
        a.key href={ "/orders/" (segment(&order.id)) } { (order.number) }
        span { (badge(visit, ORDER, &order.status)) }
        span { (order.shop) " · " (ago(visit, &order.placed_at)) }
        span {
            (money(&order.total))
            @if let Some(by) = order.ship_by.as_deref().filter(|_| open) { " · " (left(visit, by)) }
        }
        div.wide {
            p.goods {
                @for (at, line) in order.lines.iter().take(3).enumerate() {
                    @if at > 0 { ", " }
                    (line.title) " × " (line.qty)
                }
                @if order.lines.len() > 3 { " …" }
            }
            (holds(visit, &order.holds))
        }
    }
}

/// One order, and what can be done about it.
pub(crate) fn one(visit: &Visit, order: &Order, events: &[Event]) -> Markup {
    frame(
        visit,
        Word::Order,
        &html! {
            h1 { (order.number) " " (badge(visit, ORDER, &order.status)) }
            @if !order.holds.is_empty() {
                section.why { h2 { (visit.t(Word::WhyWaits)) } (holds(visit, &order.holds)) }
            }
            (actions(visit, order))
            div.columns {
                div {
                    (lines(visit, &order.lines))
                    (remarks(visit, order))
                    @if !order.packages.is_empty() {
                        section {
                            h2 { (visit.t(Word::Packages)) }
                            ul.plain {
                                @for id in &order.packages {
                                    li { a.button href={ "/packages/" (segment(id)) } { (visit.t(Word::Package)) " " (end(id)) } }
                                }
                            }
                        }
                    }
                }
                div {
                    (facts(visit, order))
                    (receiver(visit, &order.receiver))
                }
            }
            (happened(visit, ORDER, events))
        },
    )
}

fn actions(visit: &Visit, order: &Order) -> Markup {
    let to = format!("/orders/{}", segment(&order.id));
    if order.status == "cancelled" || !visit.may(Role::Operator) {
        return html! {};
    }
    let by_hand = order.holds.iter().any(|hold| hold.handle == "operator");
    html! {
        section.actions aria-label=(visit.t(Word::Actions)) {
            @if !order.holds.is_empty() || order.review_state == "needs_human" {
                (button(visit, Role::Operator, &to, "approve", Word::Approve, "main"))
            }
            @if by_hand { (button(visit, Role::Operator, &to, "release", Word::Release, "")) }
            @if !by_hand {
                details.guarded {
                    summary { (visit.t(Word::Hold)) }
                    (form(visit, &to, &html! {
                        (field(visit, "detail", Word::HoldWhy, "", &html! {}))
                        button name="act" value="hold" { (visit.t(Word::Hold)) }
                    }))
                }
            }
            (guarded(visit, Role::Operator, &to, "cancel", [Word::Cancel, Word::CancelSure], &html! {}))
        }
    }
}

fn lines(visit: &Visit, lines: &[OrderLine]) -> Markup {
    html! {
        section {
            h2 { (visit.t(Word::Lines)) }
            table {
                thead { tr {
                    th scope="col" { (visit.t(Word::Lines)) }
                    th.count scope="col" { (visit.t(Word::Qty)) }
                    th.count scope="col" { (visit.t(Word::Price)) }
                } }
                tbody {
                    @for line in lines {
                        tr {
                            td {
                                (line.title)
                                div {
                                    @for sku in &line.skus { code { (sku.sku) " × " (sku.qty) } " " }
                                    @if line.skus.is_empty() { span.badge.wait { (visit.t(Word::NoSku)) } }
                                    @if line.refund_state != "none" { " " (badge(visit, REFUND, &line.refund_state)) }
                                }
                            }
                            td.count { (line.qty) }
                            td.count { (money(&line.unit_price)) }
                        }
                    }
                }
            }
        }
    }
}

fn remarks(visit: &Visit, order: &Order) -> Markup {
    html! {
        @for (word, text) in [(Word::BuyerRemark, &order.buyer_remark), (Word::SellerRemark, &order.seller_remark)] {
            @if !text.is_empty() { section { h2 { (visit.t(word)) } blockquote { (text) } } }
        }
    }
}

fn facts(visit: &Visit, order: &Order) -> Markup {
    let instant = |at: &str| html! { (ago(visit, at)) " " small { (clock(visit.lang, at)) } };
    html! {
        dl.facts {
            (pair(visit, Word::Shop, &html! { (order.shop) " (" (order.channel) ")" }))
            (pair(visit, Word::Total, &money(&order.total)))
            (pair(visit, Word::Pay, &badge(visit, PAY, &order.pay_state)))
            (pair(visit, Word::Review, &badge(visit, REVIEW, &order.review_state)))
            @if order.refund_state != "none" {
                (pair(visit, Word::Refund, &badge(visit, REFUND, &order.refund_state)))
            }
            (pair(visit, Word::AtChannel, &html! { (say(CHANNEL, visit.lang, &order.channel_state)) }))
            (pair(visit, Word::Placed, &instant(&order.placed_at)))
            @if let Some(at) = &order.paid_at { (pair(visit, Word::Paid, &instant(at))) }
            @if let Some(by) = &order.ship_by {
                (pair(visit, Word::ShipBy, &html! { (left(visit, by)) " " small { (clock(visit.lang, by)) } }))
            }
            (pair(visit, Word::Tags, &html! { (order.tags.join(", ")) }))
        }
    }
}

fn receiver(visit: &Visit, receiver: &OrderReceiver) -> Markup {
    let OrderReceiver { country, province, city, district, address, postcode, name, phone, token } = receiver;
    let place = [country, province, city, district, address, postcode];
    let place: Vec<&str> = place.into_iter().map(String::as_str).filter(|part| !part.is_empty()).collect();
    html! {
        section {
            h2 { (visit.t(Word::Receiver)) }
            @if token.is_some() { p.help { (visit.t(Word::Encrypted)) } }
            address { (name) " " (phone) br; (place.join(" ")) }
        }
    }
}

/// What happened to something, newest last; `states` is the table of its states.
pub(crate) fn happened(visit: &Visit, states: &[Code], events: &[Event]) -> Markup {
    let state = |code: &str| say(states, visit.lang, code).to_owned();
    html! {
        section {
            h2 { (visit.t(Word::Happened)) }
            @if events.is_empty() { p.help { (visit.t(Word::NoEvents)) } }
            ol.events {
                @for event in events {
                    li {
                        (ago(visit, &event.at)) " " b { (say(EVENT, visit.lang, &event.kind)) }
                        @if !event.becomes.is_empty() {
                            " "
                            @if !event.was.is_empty() && event.was != event.becomes { (state(&event.was)) " → " }
                            (state(&event.becomes))
                        }
                        @if !event.actor.is_empty() { " " small { (visit.t(Word::HeldBy)) " " (event.actor) } }
                    }
                }
            }
        }
    }
}
