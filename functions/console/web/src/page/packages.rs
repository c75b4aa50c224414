use super::orders::happened;
use super::overview::question;
use crate::codes::{ALARM, JOB, PACKAGE, WAYBILL, say};
use crate::parts::{ago, badge, button, choice, field, form, frame, guarded, pager, pair, segment};
use crate::visit::Visit;
use crate::words::Word;
use huidan_wire::api::{AskPackages, Package, Page, PrintJob, Role};
use huidan_wire::step::Trace;
use maud::{Markup, html};

/// The list of packages.
pub(crate) fn list(visit: &Visit, packages: &Page<Package>, ask: &AskPackages) -> Markup {
    let statuses: Vec<(&str, &str)> = PACKAGE.iter().map(|code| (code.0, visit.lang.pick(code.1, code.2))).collect();
    let (status, waybill) = (ask.status.as_deref(), ask.waybill.as_deref().unwrap_or_default());
    let filter = [("status", status.unwrap_or_default()), ("waybill", waybill)];
    frame(
        visit,
        Word::Packages,
        &html! {
            h1 { (visit.t(Word::Packages)) }
            form.filter method="get" action="/packages" {
                (choice(visit, "status", Word::Status, &statuses, status))
                (field(visit, "waybill", Word::Waybills, waybill, &html! {}))
                button { (visit.t(Word::Show)) }
            }
            @if packages.items.is_empty() { p.help { (visit.t(Word::NoPackages)) } }
            ul.rows {
                @for package in &packages.items {
                    li {
                        a.key href={ "/packages/" (segment(&package.id)) } {
                            (package.waybill.as_deref().unwrap_or(visit.t(Word::NoWaybill)))
                        }
                        span { (badge(visit, PACKAGE, &package.status)) }
                        span { (package.carrier) " · " (package.warehouse) }
                        span { (package.shop) " · " (ago(visit, &package.created_at)) }
                        div.wide {
                            p.goods {
                                @for (at, line) in package.lines.iter().take(3).enumerate() {
                                    @if at > 0 { ", " }
                                    (line.title) " × " (line.qty)
                                }
                            }
                            (waits(visit, package))
                        }
                    }
                }
            }
            (pager(visit, "/packages", &filter, packages.next.as_deref(), ask.cursor.is_some()))
        },
    )
}

fn waits(visit: &Visit, package: &Package) -> Markup {
    html! {
        @for (word, text) in [
            (Word::WaitsFor, visit.lang.half(&package.waits_for)),
            (Word::Alarm, say(ALARM, visit.lang, &package.alarm)),
        ] {
            @if !text.is_empty() { p { span.badge.wait { (visit.t(word)) } " " (text) } }
        }
    }
}

/// One package: its paper, why it goes this way, what can be done.
pub(crate) fn one(visit: &Visit, package: &Package) -> Markup {
    let number = package.waybill.as_deref().unwrap_or(visit.t(Word::NoWaybill));
    let asked: Vec<&PrintJob> = package.jobs.iter().filter(|job| job.state == "unconfirmed").collect();
    frame(
        visit,
        Word::Package,
        &html! {
            h1 { (number) " " (badge(visit, PACKAGE, &package.status)) }
            (waits(visit, package))
            @if !asked.is_empty() {
                section {
                    h2 { (visit.t(Word::Unconfirmed)) }
                    ul.questions { @for job in asked { li { (question(visit, job)) } } }
                }
            }
            (actions(visit, package))
            div.columns {
                div {
                    (facts(visit, package))
                    (goods(visit, package))
                    (jobs(visit, &package.jobs))
                }
                section {
                    h2 { (visit.t(Word::Label)) }
                    @if package.label.is_some() && visit.may(Role::Packer) {
                        @let picture = format!("/packages/{}/label.png", segment(&package.id));
                        a href=(picture) { img.label src=(picture) alt={ (visit.t(Word::LabelAlt)) " " (number) }; }
                    } @else { p.help { (visit.t(Word::NoLabel)) } }
                }
            }
            (why(visit, &package.trace))
            (happened(visit, PACKAGE, &package.events))
        },
    )
}

fn actions(visit: &Visit, package: &Package) -> Markup {
    let to = format!("/packages/{}", segment(&package.id));
    let status = package.status.as_str();
    let printed = package.jobs.iter().any(|job| matches!(job.state.as_str(), "done" | "unconfirmed" | "sent"));
    let in_house = matches!(status, "planned" | "numbered" | "printed" | "verified");
    html! {
        section.actions aria-label=(visit.t(Word::Actions)) {
            @if status == "planned" { (button(visit, Role::Operator, &to, "book", Word::Book, "main")) }
            @if package.label.is_some() && in_house {
                @if printed {
                    @if visit.may(Role::Packer) {
                        details.guarded {
                            summary { (visit.t(Word::Reprint)) }
                            (form(visit, &to, &html! {
                                (field(visit, "reason", Word::ReprintWhy, "", &html! {}))
                                button name="act" value="reprint" { (visit.t(Word::Reprint)) }
                            }))
                        }
                    }
                } @else {
                    (button(visit, Role::Packer, &to, "print", Word::Print, "main"))
                }
            }
            @if matches!(status, "numbered" | "printed" | "verified") {
                (button(visit, Role::Packer, &to, "ship", Word::Ship, ""))
            }
            @if in_house {
                (button(visit, Role::Operator, &to, "prices", Word::Prices, ""))
                (guarded(visit, Role::Operator, &to, "pieces", [Word::Pieces, Word::PiecesSure], &html! {
                    (field(visit, "pieces", Word::Pieces, &package.pieces.to_string(), &html! {}))
                }))
            }
            @if in_house {
                (guarded(visit, Role::Operator, &to, "void", [Word::Void, Word::VoidSure], &html! {}))
            }
        }
    }
}

fn facts(visit: &Visit, package: &Package) -> Markup {
    html! {
        dl.facts {
            (pair(visit, Word::Carrier, &html! {
                (package.carrier) @if !package.service.is_empty() { " · " (package.service) }
            }))
            (pair(visit, Word::Warehouse, &html! { (package.warehouse) }))
            @if let Some(state) = &package.waybill_state {
                (pair(visit, Word::Waybill, &badge(visit, WAYBILL, state)))
            }
            @if package.weight_g > 0 { (pair(visit, Word::Weight, &html! { (package.weight_g) " g" })) }
            @if package.pieces > 1 { (pair(visit, Word::Pieces, &html! { (package.pieces) })) }
            @if !package.children.is_empty() {
                (pair(visit, Word::Children, &html! { @for number in &package.children { (number) " " } }))
            }
            (pair(visit, Word::Version, &html! { (package.fence) }))
            (pair(visit, Word::Orders, &html! {
                @for id in &package.orders { a href={ "/orders/" (segment(id)) } { (visit.t(Word::Order)) " " (end(id)) } " " }
            }))
        }
    }
}

fn goods(visit: &Visit, package: &Package) -> Markup {
    html! {
        section {
            h2 { (visit.t(Word::Lines)) }
            table {
                thead { tr {
                    th scope="col" { (visit.t(Word::Lines)) }
                    th.count scope="col" { (visit.t(Word::Qty)) }
                } }
                tbody {
                    @for line in &package.lines {
                        tr { td { (line.title) br; code { (line.sku) } } td.count { (line.qty) } }
                    }
                }
            }
        }
    }
}

fn jobs(visit: &Visit, jobs: &[PrintJob]) -> Markup {
    html! {
        @if !jobs.is_empty() {
            section {
                h2 { (visit.t(Word::Jobs)) }
                ul.rows {
                    @for job in jobs {
                        li {
                            span.key { (visit.t(Word::Copy)) " " (job.copy_no) }
                            span { (badge(visit, JOB, &job.state)) }
                            span { (job.printer) " · " (ago(visit, &job.updated_at)) }
                            @if !job.reason.is_empty() || !job.detail.is_empty() {
                                div.wide { (job.reason) " " (visit.lang.half(&job.detail)) }
                            }
                        }
                    }
                }
            }
        }
    }
}

/// The end of an id of ours, by which people tell a few apart.
pub(crate) fn end(id: &str) -> String {
    let letters = id.chars().count();
    match letters > 8 {
        true => format!("…{}", id.chars().skip(letters - 6).collect::<String>()),
        false => id.to_owned(),
    }
}

/// Each rule that was asked, what it saw, and what followed.
pub(crate) fn why(visit: &Visit, trace: &[Trace]) -> Markup {
    html! {
        @if !trace.is_empty() {
            section {
                h2 { (visit.t(Word::Why)) }
                ol.trace {
                    @for step in trace {
                        li.passed[step.passed] {
                            code { (step.step) "/" (step.rule) } " "
                            @if step.passed { b { (visit.t(Word::Applied)) } }
                            @else { span { (visit.t(Word::Applied0)) } }
                            @if !step.then.is_empty() { " → " b { (step.then) } }
                            @if !step.seen.is_empty() { div.help { (step.seen) } }
                        }
                    }
                }
            }
        }
    }
}
