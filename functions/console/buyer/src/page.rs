//! The page: fit for a phone, without any script.

use crate::words::{Lang, Word, choice, scan, status, trouble};
use huidan_domain::Millis;
use huidan_store::track::buyers::{CHOICES, Seen};
use maud::{DOCTYPE, Markup, PreEscaped, html};

/// What is said about the form that was just sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Note {
    /// It was taken.
    Taken,
    /// Something was chosen before.
    Before,
    /// There was nothing to choose.
    Nothing,
}

const STYLE: &str = "
    :root { color-scheme: light dark; font: 17px/1.5 system-ui, sans-serif }
    body { margin: 0 auto; padding: 1rem; max-width: 32rem }
    h1 { font-size: 1.3rem; margin: .2rem 0 }
    dl { display: grid; grid-template-columns: auto 1fr; gap: .2rem 1rem }
    dd { margin: 0 }
    ol { list-style: none; padding: 0; border-left: 3px solid #8888; margin-left: .4rem }
    ol li { padding: .3rem 0 .3rem .9rem }
    time { opacity: .75; margin-right: .6rem }
    fieldset { border: 1px solid #8888; border-radius: .5rem; padding: .4rem 1rem 1rem }
    label { display: block; padding: .55rem 0 }
    input { width: 1.2rem; height: 1.2rem; vertical-align: -.2rem; margin-right: .5rem }
    button { font: inherit; padding: .7rem 1.6rem; width: 100% }
    .said { padding: .6rem .9rem; border-radius: .5rem; background: #2a72 }
    .trouble { font-weight: 600 }
    .small { font-size: .85rem; opacity: .8 }
    nav { text-align: right }
";

fn frame(lang: Lang, body: &Markup) -> Markup {
    let other = lang.other();
    html! {
        (DOCTYPE)
        html lang=(lang.tag()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="robots" content="noindex";
                title { (lang.t(Word::Title)) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                nav { a href={ "?lang=" (other.tag()) } lang=(other.tag()) { (other_name(other)) } }
                main { (body) }
            }
        }
    }
}

fn other_name(lang: Lang) -> &'static str {
    lang.t(Word::Other)
}

/// A page of one sentence.
pub(crate) fn plain(lang: Lang, word: Word) -> Markup {
    frame(lang, &html! { h1 { (lang.t(Word::Title)) } p { (lang.t(word)) } })
}

/// Where the parcel is, and the question about it.
pub(crate) fn parcel(lang: Lang, seen: &Seen, note: Option<Note>) -> Markup {
    let said = note.map(|note| match note {
        Note::Taken => Word::Taken,
        Note::Before => Word::Before,
        Note::Nothing => Word::Nothing,
    });
    frame(
        lang,
        &html! {
            h1 { (lang.t(Word::Title)) "：" (status(lang, &seen.status)) }
            @if let Some(said) = said { p.said role="status" { (lang.t(said)) } }
            dl {
                dt { (lang.t(Word::CarriedBy)) } dd { (seen.carrier) }
                @if !seen.number_tail.is_empty() { dt { (lang.t(Word::NumberEnds)) } dd { (seen.number_tail) } }
                @if let Some(chosen) = &seen.chosen { dt { (lang.t(Word::YouChose)) } dd { (choice(lang, chosen)) } }
            }
            @if let Some(kind) = &seen.asks { (question(lang, kind)) }
            @else if seen.over && note.is_none() { p { (lang.t(Word::MovedOn)) } }
            @if seen.scans.is_empty() { p { (lang.t(Word::NoScans)) } }
            ol {
                @for (at, kind) in &seen.scans { li { time { (clock(*at)) } (scan(lang, kind)) } }
            }
        },
    )
}

fn question(lang: Lang, kind: &str) -> Markup {
    html! {
        p.trouble { (trouble(lang, kind)) }
        form method="post" {
            fieldset {
                legend { (lang.t(Word::Question)) }
                @for code in CHOICES {
                    label { input type="radio" name="choice" value=(code) required; (choice(lang, code)) }
                }
                button { (lang.t(Word::Send)) }
                p.small { (lang.t(Word::OnceOnly)) }
            }
        }
    }
}

/// China's clock: that is where parcels are scanned.
fn clock(at: Millis) -> String {
    let zone = chrono::FixedOffset::east_opt(8 * 3_600);
    let at = chrono::DateTime::from_timestamp_millis(at.0);
    match (at, zone) {
        (Some(at), Some(zone)) => at.with_timezone(&zone).format("%m-%d %H:%M").to_string(),
        _ => String::new(),
    }
}
