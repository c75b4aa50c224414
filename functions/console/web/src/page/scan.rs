use crate::parts::{form, frame, segment};
use crate::visit::Visit;
use crate::words::Word;
use huidan_wire::api::Scanned;
use maud::{Markup, html};

/// One input for the scanner, and what to do next, large enough to read from a step away.
pub(crate) fn scan(visit: &Visit, station: &str, code: Option<&str>, scanned: Option<&Scanned>) -> Markup {
    frame(
        visit,
        Word::ScanPage,
        &html! {
            h1 { (visit.t(Word::ScanPage)) }
            (form(visit, "/scan", &html! {
                div.scan {
                    label.grow {
                        span { (visit.t(Word::ScanLabel)) }
                        input.huge type="text" name="code" required autofocus autocomplete="off" autocapitalize="none"
                            spellcheck="false" enterkeyhint="go";
                    }
                    label {
                        span { (visit.t(Word::Station)) }
                        input type="text" name="station" value=(station) pattern="[A-Za-z0-9_-]{1,32}" size="4" required
                            autocomplete="off";
                    }
                    button.main { (visit.t(Word::Go)) }
                }
            }))
            @match scanned {
                Some(scanned) => (next(visit, code.unwrap_or_default(), scanned)),
                None => p.help { (visit.t(Word::ScanHelp)) },
            }
        },
    )
}

fn next(visit: &Visit, code: &str, scanned: &Scanned) -> Markup {
    let (word, class) = match scanned.next.as_str() {
        "pack" => (Word::DoPack, "going"),
        "verified" => (Word::DoVerified, "good"),
        "handed_over" => (Word::DoHandedOver, "good"),
        _ => (Word::DoRefused, "bad"),
    };
    html! {
        section class={ "next " (class) } role="status" {
            p.word { (visit.t(word)) }
            p.what { (visit.lang.pick(&scanned.zh, &scanned.en)) }
            p.help {
                @if scanned.waybill.as_deref() != Some(code) { (code) " " }
                @if let Some(package) = &scanned.package {
                    a href={ "/packages/" (segment(package)) } {
                        (scanned.waybill.as_deref().unwrap_or(visit.t(Word::Package)))
                    }
                }
            }
        }
        @if !scanned.lines.is_empty() {
            table {
                thead { tr {
                    th scope="col" { (visit.t(Word::Lines)) }
                    th.count scope="col" { (visit.t(Word::Scanned)) }
                } }
                tbody {
                    @for line in &scanned.lines {
                        tr.done[line.scanned >= line.qty] {
                            td { (line.title) br; code { (line.sku) } }
                            td.count { b { (line.scanned) } " / " (line.qty) }
                        }
                    }
                }
            }
        }
    }
}
