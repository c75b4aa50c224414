//! Waves: what would be built, how far each is, and what can be done with it.

use crate::codes::{JOB, LEFT_OUT, PACKAGE, WAVE, WAVE_KIND, say};
use crate::parts::{ago, badge, button, choice, field, form, frame, frame_again, guarded, pager, pair, segment};
use crate::visit::Visit;
use crate::words::Word;
use huidan_wire::api::{NewWaves, Page, Printer, Role, Warehouse, Wave, WaveCounts, WaveMember, WavePreview};
use maud::{Markup, html};

/// How often the page of a wave that prints looks again, in seconds.
const AGAIN_S: u32 = 5;

/// What the page of waves is made of.
pub(crate) struct Waves<'a> {
    /// The waves.
    pub(crate) waves: &'a Page<Wave>,
    /// Whether this is a later page.
    pub(crate) beyond: bool,
    /// The warehouses to choose from.
    pub(crate) houses: &'a [Warehouse],
    /// What was asked to be built.
    pub(crate) ask: &'a NewWaves,
    /// What would be built of it.
    pub(crate) preview: Option<&'a WavePreview>,
}

/// The waves, and the form that builds some.
pub(crate) fn list(visit: &Visit, shown: &Waves<'_>) -> Markup {
    frame(
        visit,
        Word::Waves,
        &html! {
            h1 { (visit.t(Word::Waves)) }
            p.help { (visit.t(Word::WavesHelp)) }
            @if visit.may(Role::Packer) {
                section {
                    h2 { (visit.t(Word::WaveBuild)) }
                    form.filter method="get" action="/waves" {
                        (fields(visit, shown.houses, shown.ask))
                        button { (visit.t(Word::WaveLook)) }
                    }
                    @if let Some(preview) = shown.preview { (would(visit, shown.ask, preview)) }
                }
            }
            @if shown.waves.items.is_empty() { p.help { (visit.t(Word::NoWaves)) } }
            ul.rows {
                @for wave in &shown.waves.items {
                    li {
                        a.key href={ "/waves/" (segment(&wave.id)) } { "#" (wave.number) }
                        span { (badge(visit, WAVE, &wave.state)) " " (badge(visit, WAVE_KIND, &wave.kind)) }
                        span { (wave.warehouse) @if !wave.account.is_empty() { " · " (wave.account) } }
                        span { (ago(visit, &wave.created_at)) }
                        div.wide { (progress(visit, &wave.counts)) }
                    }
                }
            }
            (pager(visit, "/waves", &[], shown.waves.next.as_deref(), shown.beyond))
        },
    )
}

fn fields(visit: &Visit, houses: &[Warehouse], ask: &NewWaves) -> Markup {
    let kinds: Vec<(&str, &str)> = WAVE_KIND.iter().map(|code| (code.0, visit.lang.pick(code.1, code.2))).collect();
    let number = |number: Option<u32>| number.map(|number| number.to_string()).unwrap_or_default();
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let none = html! {};
    html! {
        label {
            span { (visit.t(Word::Warehouse)) }
            select name="warehouse" {
                @for house in houses {
                    option value=(house.id) selected[house.id == ask.warehouse] { (house.name) }
                }
            }
        }
        (choice(visit, "kind", Word::WaveKind, &kinds, ask.kind.as_deref()))
        (field(visit, "cut_off", Word::CutOff, &text(&ask.cut_off), &none))
        (field(visit, "carrier", Word::Carrier, &text(&ask.carrier), &none))
        (field(visit, "zone", Word::Zone, &text(&ask.zone), &none))
        (field(visit, "slots", Word::Slots, &number(ask.slots), &none))
    }
}

/// What would be built, and the button that builds it of just this.
fn would(visit: &Visit, ask: &NewWaves, preview: &WavePreview) -> Markup {
    let hidden = [
        ("warehouse", Some(ask.warehouse.clone())),
        ("kind", ask.kind.clone()),
        ("cut_off", ask.cut_off.clone()),
        ("carrier", ask.carrier.clone()),
        ("zone", ask.zone.clone()),
        ("slots", ask.slots.map(|slots| slots.to_string())),
    ];
    html! {
        @if preview.parcels == 0 {
            p.help { (visit.t(Word::NoParcels)) }
        } @else {
            table {
                thead { tr {
                    th scope="col" { (visit.t(Word::WaveKind)) }
                    th.count scope="col" { (visit.t(Word::Waves)) }
                    th.count scope="col" { (visit.t(Word::Packages)) }
                    th.count scope="col" { (visit.t(Word::BinsEach)) }
                } }
                tbody {
                    @for kind in &preview.kinds {
                        tr {
                            td { (badge(visit, WAVE_KIND, &kind.kind)) }
                            td.count { (kind.waves) }
                            td.count { (kind.parcels) }
                            td.count { (hundredths(kind.bins, kind.parcels)) }
                        }
                    }
                }
            }
            (form(visit, "/waves", &html! {
                @for (name, value) in &hidden {
                    @if let Some(value) = value { input type="hidden" name=(name) value=(value); }
                }
                button.main name="act" value="build" { (visit.t(Word::WaveBuildNow)) }
            }))
        }
    }
}

/// A quotient with two places.
fn hundredths(part: u32, whole: u32) -> String {
    let hundredths = (u64::from(part) * 100).checked_div(u64::from(whole)).unwrap_or(0);
    format!("{}.{:02}", hundredths / 100, hundredths % 100)
}

/// How far a wave is, in words and as a bar.
fn progress(visit: &Visit, counts: &WaveCounts) -> Markup {
    let steps = [
        (Word::Numbered, counts.numbered),
        (Word::PrintedCount, counts.printed),
        (Word::VerifiedCount, counts.verified),
    ];
    html! {
        p {
            @for (word, count) in steps {
                label {
                    (visit.t(word)) " " (count) "/" (counts.parcels) " "
                    progress max=(counts.parcels.max(1)) value=(count) {}
                } " "
            }
            @for (word, count, class) in [
                (Word::AtPrinter, counts.at_printer, "badge going"),
                (Word::Unconfirmed, counts.questions, "badge wait"),
                (Word::FailedPrints, counts.failed, "badge bad"),
                (Word::LeftOut, counts.left_out, "badge quiet"),
            ] {
                @if count > 0 { span class=(class) { (visit.t(word)) " " (count) } " " }
            }
        }
    }
}

/// One wave. While its paper comes out the page looks again by itself.
pub(crate) fn one(visit: &Visit, wave: &Wave, printers: &[Printer]) -> Markup {
    let to = format!("/waves/{}", segment(&wave.id));
    let body = html! {
        h1 { (visit.t(Word::Wave)) " #" (wave.number) " " (badge(visit, WAVE, &wave.state)) }
        (progress(visit, &wave.counts))
        (actions(visit, wave, &to, printers))
        dl.facts {
            (pair(visit, Word::WaveKind, &badge(visit, WAVE_KIND, &wave.kind)))
            (pair(visit, Word::Warehouse, &html! { (wave.warehouse) }))
            (pair(visit, Word::Carrier, &html! { (wave.account) }))
            (pair(visit, Word::Zone, &html! { (wave.zone) }))
            (pair(visit, Word::Printer, &html! { (wave.printer.as_deref().unwrap_or_default()) }))
        }
        section {
            h2 { (visit.t(Word::Packages)) }
            table {
                thead { tr {
                    th.count scope="col" { (visit.t(Word::Place)) }
                    th scope="col" { (visit.t(Word::Slot)) }
                    th scope="col" { (visit.t(Word::Package)) }
                    th scope="col" { (visit.t(Word::Status)) }
                    th scope="col" { (visit.t(Word::Jobs)) }
                } }
                tbody { @for member in &wave.members { (row(visit, wave, member, &to)) } }
            }
        }
    };
    match wave.state.as_str() {
        "printing" => frame_again(visit, Word::Wave, AGAIN_S, &body),
        _ => frame(visit, Word::Wave, &body),
    }
}

fn actions(visit: &Visit, wave: &Wave, to: &str, printers: &[Printer]) -> Markup {
    let state = wave.state.as_str();
    html! {
        section.actions aria-label=(visit.t(Word::Actions)) {
            @if matches!(state, "planned") { (button(visit, Role::Packer, to, "pick", Word::WavePick, "")) }
            @if matches!(state, "planned" | "picking") {
                (button(visit, Role::Packer, to, "print", Word::WavePrint, "main"))
            }
            @if state == "printing" { (button(visit, Role::Packer, to, "stop", Word::WaveStop, "danger")) }
            @if state == "stopped" { (button(visit, Role::Packer, to, "resume", Word::WaveResume, "main")) }
            @if visit.may(Role::Packer) {
                a.button href={ (to) "/pick-list.pdf" } { (visit.t(Word::PickListPdf)) }
                a.button href={ (to) "/packing-slips.pdf" } { (visit.t(Word::SlipsPdf)) }
                details.guarded {
                    summary { (visit.t(Word::OnLabels)) }
                    (form(visit, to, &html! {
                        label {
                            span { (visit.t(Word::Printer)) }
                            select name="printer" {
                                option value="" { (visit.t(Word::WarehousePrinter)) }
                                @for printer in printers { option value=(printer.id) { (printer.id) } }
                            }
                        }
                        button name="act" value="labels-list" { (visit.t(Word::PickListLabels)) }
                        button name="act" value="labels-slips" { (visit.t(Word::SlipsLabels)) }
                    }))
                }
            }
            @if state != "done" {
                (guarded(visit, Role::Packer, to, "close", [Word::WaveClose, Word::WaveCloseSure], &html! {}))
            }
        }
    }
}

fn row(visit: &Visit, wave: &Wave, member: &WaveMember, to: &str) -> Markup {
    let out = !member.left_out.is_empty();
    html! {
        tr {
            td.count { (member.seq) "/" (wave.size) }
            td { b { (member.slot) } @if out { " " (visit.t(Word::StaysEmpty)) } }
            td {
                a href={ "/packages/" (segment(&member.package)) } {
                    (member.waybill.as_deref().unwrap_or(visit.t(Word::NoWaybill)))
                }
                @if !member.waits_for.is_empty() { p.help { (visit.lang.half(&member.waits_for)) } }
            }
            td {
                (badge(visit, PACKAGE, &member.status))
                @if out { " " span.badge.wait { (say(LEFT_OUT, visit.lang, &member.left_out)) } }
            }
            td {
                @if !member.paper.is_empty() { (badge(visit, JOB, &member.paper)) }
                @if !out && wave.state != "done" && visit.may(Role::Packer) {
                    (form(visit, to, &html! {
                        input type="hidden" name="package" value=(member.package);
                        button.plain name="act" value="drop" { (visit.t(Word::TakeOut)) }
                    }))
                }
            }
        }
    }
}
