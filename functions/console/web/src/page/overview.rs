use super::telling::trouble;
use crate::codes::{ALARM, JOB, PACKAGE, say};
use crate::parts::{ago, badge, form, frame, holds, segment};
use crate::visit::Visit;
use crate::words::Word;
use huidan_wire::api::{Exceptions, Gauges, HeldOrder, Named, PackageTrouble, PrintJob, Role};
use maud::{Markup, html};

/// What needs a person, first things first; then the house in numbers.
pub(crate) fn overview(visit: &Visit, needs: &Exceptions, gauges: &Gauges, no_shop: bool) -> Markup {
    let (asked, failed): (Vec<_>, Vec<_>) = needs.prints.iter().partition(|job| job.state == "unconfirmed");
    let lists = [
        questions(visit, &asked),
        held(visit, &needs.held_orders),
        failed_prints(visit, &failed),
        packages(visit, Word::StuckPackages, &needs.packages),
        packages(visit, Word::ParcelAlarms, &needs.parcels),
        super::numbers::list(visit, &needs.numbers),
        named(visit, Word::ShopTroubles, &needs.shops),
        named(visit, Word::CarrierTroubles, &needs.carriers),
        outbox(visit, needs),
        quarantine(visit, needs),
        waiting(visit, needs),
    ];
    frame(
        visit,
        Word::Overview,
        &html! {
            h1 { (visit.t(Word::Overview)) " " a.button.small href="/" { (visit.t(Word::Refresh)) } }
            @if no_shop {
                p.said.going { (visit.t(Word::FirstShop)) " " a.button href="/shops" { (visit.t(Word::AddShop)) } }
            } @else if lists.iter().all(|list| list.0.is_empty()) {
                p.said.good { (visit.t(Word::NothingToDo)) }
            }
            @for list in &lists { (list) }
            (numbers(visit, gauges))
        },
    )
}

pub(super) fn section(visit: &Visit, title: Word, count: usize, body: &Markup) -> Markup {
    html! {
        @if count > 0 {
            section {
                h2 { (visit.t(title)) " " span.count { (count) } }
                (body)
            }
        }
    }
}

/// Papers of which nobody knows whether they came out: only a person decides, with one touch.
fn questions(visit: &Visit, jobs: &[&PrintJob]) -> Markup {
    section(
        visit,
        Word::Unconfirmed,
        jobs.len(),
        &html! {
            p.help { (visit.t(Word::UnconfirmedHelp)) " " (visit.t(Word::ThenPrinted)) }
            ul.questions {
                @for job in jobs { li { (question(visit, job)) } }
            }
        },
    )
}

/// The question about one paper.
pub(crate) fn question(visit: &Visit, job: &PrintJob) -> Markup {
    let number = job.waybill.as_deref().unwrap_or(&job.subject);
    html! {
        article.question {
            @if let Some(package) = job.package.as_ref().filter(|_| visit.may(Role::Packer)) {
                a.paper href={ "/packages/" (segment(package)) } {
                    img src={ "/packages/" (segment(package)) "/label.png" } loading="lazy" width="200" height="300"
                        alt={ (visit.t(Word::LabelAlt)) " " (number) };
                }
            }
            div {
                p.number { (number) }
                p { (job.printer) " · " (ago(visit, &job.updated_at)) }
                @if !job.detail.is_empty() { p.help { (visit.lang.half(&job.detail)) } }
                @if visit.may(Role::Packer) {
                    (form(visit, "/", &html! {
                        input type="hidden" name="id" value=(job.id);
                        div.two {
                            button.big.yes name="act" value="paper" { (visit.t(Word::CameOut)) }
                            button.big.no name="act" value="no-paper" { (visit.t(Word::CameOutNot)) }
                        }
                    }))
                }
            }
        }
    }
}

fn held(visit: &Visit, orders: &[HeldOrder]) -> Markup {
    section(
        visit,
        Word::HeldOrders,
        orders.len(),
        &html! {
            ul.rows {
                @for order in orders {
                    li {
                        a.key href={ "/orders/" (segment(&order.id)) } { (order.number) }
                        span { (order.shop) }
                        span { (ago(visit, &order.placed_at)) }
                        div.wide { (holds(visit, &order.holds)) }
                    }
                }
            }
        },
    )
}

fn failed_prints(visit: &Visit, jobs: &[&PrintJob]) -> Markup {
    section(
        visit,
        Word::FailedPrints,
        jobs.len(),
        &html! {
            ul.rows {
                @for job in jobs {
                    li {
                        @let number = job.waybill.as_deref().unwrap_or(&job.subject);
                        @match &job.package {
                            Some(package) => a.key href={ "/packages/" (segment(package)) } { (number) },
                            None => span.key { (number) },
                        }
                        span { (badge(visit, JOB, &job.state)) " " (job.printer) }
                        span { (ago(visit, &job.updated_at)) }
                        div.wide { (visit.lang.half(&job.detail)) }
                        (again(visit, Role::Packer, "print-again", &job.id))
                    }
                }
            }
        },
    )
}

fn packages(visit: &Visit, title: Word, packages: &[PackageTrouble]) -> Markup {
    section(
        visit,
        title,
        packages.len(),
        &html! {
            ul.rows {
                @for package in packages {
                    li {
                        a.key href={ "/packages/" (segment(&package.id)) } {
                            (package.waybill.as_deref().unwrap_or(visit.t(Word::NoWaybill)))
                        }
                        span { (badge(visit, PACKAGE, &package.status)) }
                        span { (package.account) }
                        div.wide { (say(ALARM, visit.lang, visit.lang.half(&package.detail))) }
                    }
                }
            }
        },
    )
}

fn named(visit: &Visit, title: Word, all: &[Named]) -> Markup {
    section(
        visit,
        title,
        all.len(),
        &html! {
            ul.rows {
                @for one in all { li { span.key { (one.id) } div.wide { (visit.lang.half(&one.detail)) } } }
            }
        },
    )
}

/// A button that has the API do something about one thing.
fn again(visit: &Visit, least: Role, act: &str, id: &str) -> Markup {
    html! {
        @if visit.may(least) {
            (form(visit, "/", &html! {
                input type="hidden" name="id" value=(id);
                button name="act" value=(act) { (visit.t(Word::Retry)) }
            }))
        }
    }
}

fn outbox(visit: &Visit, needs: &Exceptions) -> Markup {
    section(
        visit,
        Word::OutboxTroubles,
        needs.outbox.len(),
        &html! {
            ul.rows {
                @for entry in &needs.outbox {
                    li { (trouble(visit, entry)) }
                }
            }
        },
    )
}

fn quarantine(visit: &Visit, needs: &Exceptions) -> Markup {
    section(
        visit,
        Word::Quarantined,
        needs.quarantine.len(),
        &html! {
            ul.rows {
                @for kept in &needs.quarantine {
                    li {
                        span.key { (kept.ext_id) }
                        span { (kept.source) " " (kept.account) }
                        span { (kept.tries) " " (visit.t(Word::Tries)) " · " (ago(visit, &kept.at)) }
                        div.wide { (visit.lang.half(&kept.reason)) }
                        (again(visit, Role::Operator, "replay", &kept.id))
                    }
                }
            }
        },
    )
}

fn waiting(visit: &Visit, needs: &Exceptions) -> Markup {
    html! {
        (section(visit, Word::InboxTroubles, needs.inbox.len(), &html! {
            ul.rows {
                @for sender in &needs.inbox {
                    li {
                        span.key { (sender.source) " " (sender.account) }
                        span { (sender.count) }
                        span { (ago(visit, &sender.since)) }
                        div.wide { (visit.lang.half(&sender.reason)) }
                    }
                }
            }
        }))
        (section(visit, Word::Breakers, needs.breakers.len(), &html! {
            ul.rows {
                @for breaker in &needs.breakers {
                    li {
                        span.key { (breaker.name) }
                        span { (visit.t(Word::Until)) " " (crate::parts::clock(visit.lang, &breaker.until)) }
                        div.wide { (visit.lang.half(&breaker.reason)) }
                    }
                }
            }
        }))
    }
}

/// The gauges: first what is under way, then what should be zero.
fn numbers(visit: &Visit, gauges: &Gauges) -> Markup {
    let going = [
        (Word::GaugeToPlan, gauges.orders_to_plan, Some("/orders?status=to_plan")),
        (Word::GaugeToShip, gauges.orders_to_ship, Some("/orders?status=to_ship")),
        (Word::GaugePrintQueued, gauges.print_queued, Some("/packages?status=numbered")),
        (Word::GaugeInbox, gauges.inbox_pending, None),
        (Word::GaugeOutbox, gauges.outbox_pending, None),
        (Word::GaugeOrders, gauges.orders, Some("/orders")),
        (Word::GaugePackages, gauges.packages, Some("/packages")),
    ];
    let nought = [
        (Word::GaugeHeld, gauges.orders_held, Some("/orders?status=held")),
        (Word::GaugeUnconfirmed, gauges.print_unconfirmed, None),
        (Word::GaugePrintFailed, gauges.print_failed, None),
        (Word::GaugeQuarantined, gauges.orders_quarantined, None),
        (Word::GaugeMissing, gauges.orders_missing_now, None),
        (Word::GaugeOutboxDead, gauges.outbox_dead, None),
        (Word::GaugeOversold, gauges.oversold_units, None),
        (Word::GaugeAfterRefund, gauges.shipped_after_refund, None),
        (Word::GaugeNotThere, gauges.shipped_here_not_there, None),
        (Word::GaugeNotHere, gauges.shipped_there_not_here, None),
        (Word::GaugeConflicts, gauges.tellings_in_conflict, None),
        (Word::GaugeLateNow, gauges.late_now, Some("/deadlines")),
        (Word::GaugeLateSoon, gauges.late_soon, Some("/deadlines")),
        (Word::GaugeWaiting, gauges.packages_waiting, None),
        (Word::GaugeAlarms, gauges.parcel_alarms, None),
        (Word::GaugeNumbersUnused, gauges.waybills_unused, None),
        (Word::GaugeNumbersDisputed, gauges.waybills_disputed, None),
        (Word::GaugeShopAlarms, gauges.shop_alarms, Some("/shops")),
        (Word::GaugeAccounts, gauges.accounts_in_trouble, None),
    ];
    let tile = |(word, count, to): (Word, i64, Option<&str>), alarms: bool| {
        html! {
            li.tile.wait[alarms && count != 0].none[count == 0] {
                @let inner = html! { b { (count) } span { (visit.t(word)) } };
                @if let Some(to) = to { a href=(to) { (inner) } } @else { (inner) }
            }
        }
    };
    html! {
        section {
            h2 { (visit.t(Word::Numbers)) }
            ul.tiles {
                @for one in going { (tile(one, false)) }
                @for one in nought { (tile(one, true)) }
            }
        }
    }
}
