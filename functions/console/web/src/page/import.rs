use crate::codes::Tone;
use crate::parts::frame;
use crate::visit::Visit;
use crate::words::Word;
use huidan_wire::api::{
    ImportColumn, ImportField, ImportLook, ImportPreview, Imported, MappingFrom, Role, RowProblem, Shop,
};
use maud::{Markup, html};

/// A file whose columns are to be confirmed.
pub(crate) struct Seen<'a> {
    /// What they seem to hold.
    pub(crate) look: &'a ImportLook,
    /// The file, to be sent back with the confirmed columns: nothing is kept in between.
    pub(crate) data: &'a str,
    /// Why it was not taken in yet.
    pub(crate) told: Option<&'a str>,
}

/// The page to choose a file on.
pub(crate) fn choose(visit: &Visit, shops: &[Shop], chosen: &str, refused: Option<&str>) -> Markup {
    frame(
        visit,
        Word::Import,
        &html! {
            h1 { (visit.t(Word::Import)) }
            @if let Some(refused) = refused { p.said.bad role="alert" { (visit.lang.half(refused)) } }
            p.help { (visit.t(Word::ImportHelp)) }
            @if !visit.may(Role::Operator) {
                p.said.going { (visit.t(Word::NeedsOperator)) }
            } @else if shops.is_empty() {
                p.said.going { (visit.t(Word::NoImportShop)) }
                p { a.button href="/shops?channel=own-shop#add" { (visit.t(Word::AddShop)) } }
            } @else {
                (upload(visit, &html! {
                    label {
                        span { (visit.t(Word::Shop)) }
                        select name="shop" {
                            @for shop in shops {
                                option value=(shop.id) selected[shop.id == chosen] { (shop.name) }
                            }
                        }
                    }
                    label {
                        span { (visit.t(Word::File)) }
                        input type="file" name="file" accept=".csv,.xlsx,.txt,.tsv" required;
                    }
                    button.main name="act" value="look" { (visit.t(Word::ImportLook)) }
                }))
            }
        },
    )
}

/// A form with a file. It may be sent twice: taking the same rows in again changes nothing.
fn upload(visit: &Visit, inner: &Markup) -> Markup {
    html! {
        form method="post" action="/import" enctype="multipart/form-data" {
            input type="hidden" name="csrf" value=(visit.csrf());
            input type="hidden" name="nonce" value=(visit.nonce);
            (inner)
        }
    }
}

/// What the columns seem to hold, to be changed and confirmed.
pub(crate) fn confirm(visit: &Visit, seen: &Seen<'_>) -> Markup {
    let look = seen.look;
    frame(
        visit,
        Word::Import,
        &html! {
            h1 { (visit.t(Word::ImportConfirm)) }
            @if let Some(told) = seen.told { p.said.bad role="alert" { (visit.lang.half(told)) } }
            @for missing in &look.missing { p.said.wait { (visit.lang.half(&missing.detail)) } }
            p.help {
                (visit.t(match look.from {
                    MappingFrom::Guessed => Word::FromGuess,
                    MappingFrom::Remembered => Word::FromBefore,
                    MappingFrom::Given => Word::FromYou,
                }))
            }
            dl.facts {
                (fact(visit, Word::Shop, &look.shop))
                (fact(visit, Word::HeadingRow, &look.heading_row.to_string()))
                (fact(visit, Word::Rows, &look.rows.to_string()))
                (fact(visit, Word::Orders, &look.orders.to_string()))
                (fact(visit, Word::Problems, &look.problem_count.to_string()))
            }
            (upload(visit, &html! {
                input type="hidden" name="shop" value=(look.shop);
                input type="hidden" name="data" value=(seen.data);
                (columns(visit, &look.columns))
                div.actions {
                    button name="act" value="look" { (visit.t(Word::ImportAgain)) }
                    button.main name="act" value="import" { (visit.t(Word::ImportNow)) }
                }
            }))
            @if !look.preview.is_empty() {
                section {
                    h2 { (visit.t(Word::Preview)) }
                    p.help { (visit.t(Word::PreviewHelp)) }
                    (preview(visit, &look.preview))
                }
            }
            (problems(visit, &look.problems, look.problem_count))
        },
    )
}

fn fact(visit: &Visit, word: Word, value: &str) -> Markup {
    crate::parts::pair(visit, word, &html! { (value) })
}

fn columns(visit: &Visit, columns: &[ImportColumn]) -> Markup {
    html! {
        table {
            thead { tr {
                th scope="col" { (visit.t(Word::Column)) }
                th scope="col" { (visit.t(Word::Holds)) }
                th scope="col" { (visit.t(Word::WhySo)) }
                th scope="col" { (visit.t(Word::Samples)) }
            } }
            tbody {
                @for (at, column) in columns.iter().enumerate() {
                    tr {
                        td { small { (column.column) } " " b { (column.heading) } }
                        td {
                            input type="hidden" name={ "heading." (at) } value=(column.heading);
                            select name={ "field." (at) } aria-label=(column.heading) { (choices(visit, column.field)) }
                        }
                        td { (why(visit, column)) }
                        td { @for sample in &column.samples { div { (sample) } } }
                    }
                }
            }
        }
    }
}

fn choices(visit: &Visit, chosen: Option<ImportField>) -> Markup {
    html! {
        option value="" { (visit.t(Word::NotRead)) }
        @for field in ImportField::ALL {
            @let (zh, en) = field.label();
            option value=(field.name()) selected[chosen == Some(*field)] { (visit.lang.pick(zh, en)) }
        }
    }
}

fn why(visit: &Visit, column: &ImportColumn) -> Markup {
    let tone = match column.confidence {
        80.. => Tone::Good,
        50..80 => Tone::Wait,
        _ => Tone::Bad,
    };
    html! {
        @if column.field.is_some() { span class={ "badge " (tone.class()) } { (column.confidence) "%" } " " }
        @for why in &column.why { small { (visit.lang.half(why)) } " " }
    }
}

fn preview(visit: &Visit, orders: &[ImportPreview]) -> Markup {
    html! {
        table {
            thead { tr {
                th scope="col" { (visit.t(Word::Order)) }
                th scope="col" { (visit.t(Word::Receiver)) }
                th scope="col" { (visit.t(Word::Lines)) }
                th.count scope="col" { (visit.t(Word::Total)) }
            } }
            tbody {
                @for order in orders {
                    tr {
                        td { b { (order.number) } div { small { (order.status) " · " (order.placed_at) } } }
                        td { (order.name) " " (order.phone) div { small { (order.address) } } }
                        td {
                            @for line in &order.lines {
                                div { @if !line.sku.is_empty() { code { (line.sku) } " " } (line.title) " × " (line.qty) " · " (line.unit_price) }
                            }
                        }
                        td.count { (order.total) }
                    }
                }
            }
        }
    }
}

fn problems(visit: &Visit, problems: &[RowProblem], all: u32) -> Markup {
    html! {
        @if !problems.is_empty() {
            section.why {
                h2 { (visit.t(Word::Problems)) " (" (all) ")" }
                p.help { (visit.t(Word::ProblemsHelp)) }
                ul.holds {
                    @for problem in problems {
                        li { (visit.t(Word::Row)) " " b { (problem.row) } " · " (problem.column) ": " (visit.lang.half(&problem.detail)) }
                    }
                }
            }
        }
    }
}

/// What became of it.
pub(crate) fn done(visit: &Visit, imported: &Imported) -> Markup {
    let new = imported.taken.saturating_sub(imported.known);
    frame(
        visit,
        Word::Import,
        &html! {
            h1 { (visit.t(Word::Imported)) }
            dl.facts {
                (fact(visit, Word::NewOrders, &new.to_string()))
                (fact(visit, Word::KnownOrders, &imported.known.to_string()))
                (fact(visit, Word::Problems, &imported.problems.len().to_string()))
            }
            div.actions {
                a.button href="/orders" { (visit.t(Word::Orders)) }
                a.button href="/import" { (visit.t(Word::ImportMore)) }
            }
            (problems(visit, &imported.problems, u32::try_from(imported.problems.len()).unwrap_or(u32::MAX)))
        },
    )
}
