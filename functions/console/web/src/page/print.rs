use crate::parts::{ago, clock, form, frame, pair};
use crate::visit::Visit;
use crate::words::Word;
use huidan_wire::api::{Page, PairingCode, Printer, Role};
use maud::{Markup, html};

/// The printers, and the code by which another bridge is paired.
pub(crate) fn printers(visit: &Visit, printers: &Page<Printer>, code: Option<&PairingCode>, hub: &str) -> Markup {
    frame(
        visit,
        Word::Printing,
        &html! {
            h1 { (visit.t(Word::Printers)) }
            @if let Some(code) = code {
                section.next.going role="status" {
                    p.word { code { (code.code) } }
                    p { (visit.t(Word::PairOnce)) " (" (visit.t(Word::Until)) " " (clock(visit.lang, &code.expires_at)) ")" }
                    p { (visit.t(Word::PairHelp)) }
                    pre { "print-bridge pair --hub " (hub) " " (code.code) }
                }
            }
            @if printers.items.is_empty() { p.help { (visit.t(Word::NoPrinters)) } }
            ul.plain {
                @for printer in &printers.items { li { (one(visit, printer)) } }
            }
            @if visit.may(Role::Operator) {
                (form(visit, "/print", &html! { button.main name="act" value="pair" { (visit.t(Word::Pair)) } }))
            }
        },
    )
}

fn one(visit: &Visit, printer: &Printer) -> Markup {
    let (turn, word) = if printer.active { ("off", Word::TurnOff) } else { ("on", Word::TurnOn) };
    html! {
        article {
            h3 {
                (printer.id) " " span.badge.going { (printer.status) }
                @if !printer.active { " " span.badge.quiet { (visit.t(Word::Inactive)) } }
            }
            dl.facts {
                @if let Some(bridge) = &printer.bridge_name { (pair(visit, Word::Bridge, &html! { (bridge) })) }
                (pair(visit, Word::Paper, &html! {
                    (printer.width_mm) " × " (printer.height_mm) " mm, " (printer.dpi) " dpi, " (printer.lang)
                }))
                @if let Some(at) = &printer.seen_at { (pair(visit, Word::SeenAt, &ago(visit, at))) }
            }
            @if visit.may(Role::Operator) {
                (form(visit, "/print", &html! {
                    input type="hidden" name="id" value=(printer.id);
                    button name="act" value=(turn) { (visit.t(word)) }
                }))
            }
        }
    }
}
