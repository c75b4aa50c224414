//! Pieces that several pages are made of.

use crate::codes::{Tone, say, tone};
use crate::visit::Visit;
use crate::words::{Lang, Word};
use huidan_wire::api::{Role, instant, read_instant};
use huidan_wire::{Hold, Money};
use maud::{DOCTYPE, Markup, html};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What may stand in a path's segment as it is.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// An id as a segment of a path.
pub(crate) fn segment(id: &str) -> String {
    utf8_percent_encode(id, SEGMENT).to_string()
}

/// The whole page around a body.
pub(crate) fn frame(visit: &Visit, title: Word, body: &Markup) -> Markup {
    whole(visit, title, None, body)
}

/// The same, and the browser asks for it again after so many seconds.
pub(crate) fn frame_again(visit: &Visit, title: Word, seconds: u32, body: &Markup) -> Markup {
    whole(visit, title, Some(seconds), body)
}

fn whole(visit: &Visit, title: Word, again: Option<u32>, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang=(visit.lang.tag()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                @if let Some(seconds) = again { meta http-equiv="refresh" content=(seconds); }
                title { (visit.t(title)) " · " (visit.t(Word::Huidan)) }
                link rel="stylesheet" href="/style.css";
            }
            body {
                a.skip href="#content" { (visit.t(Word::ToContent)) }
                header { (bar(visit)) }
                main #content {
                    @if let Some(said) = &visit.said {
                        p.said.good[said.good].bad[!said.good] role="status" { (visit.lang.half(&said.text)) }
                    }
                    (body)
                }
            }
        }
    }
}

fn bar(visit: &Visit) -> Markup {
    let places = [
        ("/", Word::Overview),
        ("/orders", Word::Orders),
        ("/packages", Word::Packages),
        ("/parcels", Word::Parcels),
        ("/waves", Word::Waves),
        ("/deadlines", Word::Deadlines),
        ("/scan", Word::ScanPage),
        ("/shops", Word::Shops),
        ("/print", Word::Printing),
        ("/notices", Word::Notices),
    ];
    let path = visit.here.split('?').next().unwrap_or_default();
    let within = |place: &str| path == place || (place != "/" && path.starts_with(&format!("{place}/")));
    html! {
        strong.brand { (visit.t(Word::Huidan)) }
        @if visit.me.is_some() {
            nav aria-label=(visit.t(Word::Menu)) {
                @for (place, word) in places {
                    a href=(place) aria-current=[within(place).then_some("page")] { (visit.t(word)) }
                }
            }
        }
        div.who {
            form method="post" action="/language" {
                input type="hidden" name="back" value=(visit.here);
                @let other = visit.lang.other();
                button.plain name="to" value=(other.tag()) lang=(other.tag()) { (other.pick("中文", "English")) }
            }
            @if let Some(me) = &visit.me {
                (form(visit, "/sign-out", &html! {
                    button.plain { (visit.t(Word::SignOut)) @if !me.name.is_empty() { " " span.name { (me.name) } } }
                }))
            }
        }
    }
}

/// A form of the visitor's: with what proves that it is ours, and what keeps it from being done twice.
pub(crate) fn form(visit: &Visit, to: &str, inner: &Markup) -> Markup {
    html! {
        form method="post" action=(to) {
            input type="hidden" name="csrf" value=(visit.csrf());
            input type="hidden" name="nonce" value=(visit.nonce);
            (inner)
        }
    }
}

/// A form of one button, for who may.
pub(crate) fn button(visit: &Visit, least: Role, to: &str, act: &str, word: Word, class: &str) -> Markup {
    html! {
        @if visit.may(least) {
            (form(visit, to, &html! { button class=(class) name="act" value=(act) { (visit.t(word)) } }))
        }
    }
}

/// A button that asks once more, or for a word, before it does anything.
pub(crate) fn guarded(visit: &Visit, least: Role, to: &str, act: &str, words: [Word; 2], inner: &Markup) -> Markup {
    let [open, sure] = words;
    html! {
        @if visit.may(least) {
            details.guarded {
                summary { (visit.t(open)) }
                (form(visit, to, &html! {
                    (inner)
                    button.danger name="act" value=(act) { (visit.t(sure)) }
                }))
            }
        }
    }
}

/// A state by word and colour.
pub(crate) fn badge(visit: &Visit, table: &'static [(&str, &str, &str, Tone)], code: &str) -> Markup {
    html! { span class={ "badge " (tone(table, code).class()) } { (say(table, visit.lang, code)) } }
}

/// Why an order waits.
pub(crate) fn holds(visit: &Visit, holds: &[Hold]) -> Markup {
    html! {
        @if !holds.is_empty() {
            ul.holds {
                @for hold in holds {
                    li {
                        (badge(visit, crate::codes::REASON, &hold.reason)) " "
                        (visit.lang.half(&hold.detail))
                    }
                }
            }
        }
    }
}

/// An amount.
pub(crate) fn money(money: &Money) -> Markup {
    html! { span.money { (money.amount) " " (money.currency) } }
}

/// How long ago, with the instant itself for who points at it.
pub(crate) fn ago(visit: &Visit, at: &str) -> Markup {
    let Ok(then) = read_instant(at) else { return html! { (at) } };
    let minutes = visit.now.since(then) / 60_000;
    let (lang, unit) = (visit.lang, |word: Word| visit.t(word));
    let text = match minutes {
        ..1 => unit(Word::JustNow).to_owned(),
        1..120 => join(lang, minutes, unit(Word::MinutesAgo)),
        120..2_880 => join(lang, minutes / 60, unit(Word::HoursAgo)),
        _ => join(lang, minutes / 1_440, unit(Word::DaysAgo)),
    };
    html! { time datetime=(at) title=(clock(lang, at)) { (text) } }
}

/// How long there still is.
pub(crate) fn left(visit: &Visit, at: &str) -> Markup {
    let Ok(then) = read_instant(at) else { return html! { (at) } };
    let minutes = then.since(visit.now) / 60_000;
    let (words, late) = match minutes < 0 {
        true => ([Word::Minutes, Word::Hours, Word::Days], true),
        false => ([Word::InMinutes, Word::InHours, Word::InDays], false),
    };
    let [short, middle, long] = words.map(|word| visit.t(word));
    let text = match minutes.abs() {
        count @ ..120 => join(visit.lang, count, short),
        count @ 120..2_880 => join(visit.lang, count / 60, middle),
        count => join(visit.lang, count / 1_440, long),
    };
    html! {
        time.late[late] datetime=(at) title=(clock(visit.lang, at)) {
            @if late { (visit.t(Word::OverdueBy)) " " }
            (text)
        }
    }
}

fn join(lang: Lang, count: i64, unit: &str) -> String {
    match lang {
        Lang::Zh => format!("{count}{unit}"),
        Lang::En => format!("{count} {unit}"),
    }
}

/// An instant on the clock: China's on the Chinese page, UTC on the English one, and it says which.
pub(crate) fn clock(lang: Lang, at: &str) -> String {
    let Ok(then) = read_instant(at) else { return at.to_owned() };
    let zone = chrono::FixedOffset::east_opt(if lang == Lang::Zh { 8 * 3_600 } else { 0 });
    let then = chrono::DateTime::from_timestamp_millis(then.0);
    match (then, zone) {
        (Some(then), Some(zone)) => {
            let form = lang.pick("%m-%d %H:%M（北京时间）", "%d %b %H:%M UTC");
            then.with_timezone(&zone).format(form).to_string()
        }
        _ => instant(huidan_domain::Millis(0)),
    }
}

/// A name and what stands beside it, unless that is empty.
pub(crate) fn pair(visit: &Visit, word: Word, value: &Markup) -> Markup {
    html! {
        @if !value.0.is_empty() {
            div { dt { (visit.t(word)) } dd { (value) } }
        }
    }
}

/// A field to type into.
pub(crate) fn field(visit: &Visit, name: &str, word: Word, value: &str, more: &Markup) -> Markup {
    html! {
        label {
            span { (visit.t(word)) }
            (more)
            input type="text" name=(name) value=(value) autocomplete="off" spellcheck="false";
        }
    }
}

/// A choice of a filter: everything, or one of the table's codes.
pub(crate) fn choice(visit: &Visit, name: &str, word: Word, options: &[(&str, &str)], chosen: Option<&str>) -> Markup {
    html! {
        label {
            span { (visit.t(word)) }
            select name=(name) {
                option value="" { (visit.t(Word::All)) }
                @for (value, text) in options {
                    option value=(value) selected[chosen == Some(*value)] { (text) }
                }
            }
        }
    }
}

/// Leads to the next page of a list, and back to the first.
pub(crate) fn pager(visit: &Visit, path: &str, filter: &[(&str, &str)], next: Option<&str>, beyond: bool) -> Markup {
    let link = |cursor: Option<&str>| {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.extend_pairs(filter.iter().filter(|(_, value)| !value.is_empty()));
        query.extend_pairs(cursor.map(|cursor| ("cursor", cursor)));
        match query.finish() {
            query if query.is_empty() => path.to_owned(),
            query => format!("{path}?{query}"),
        }
    };
    html! {
        @if beyond || next.is_some() {
            p.pager {
                @if beyond { a.button href=(link(None)) { (visit.t(Word::FirstPage)) } }
                @if next.is_some() { a.button rel="next" href=(link(next)) { (visit.t(Word::Next)) } }
            }
        }
    }
}
