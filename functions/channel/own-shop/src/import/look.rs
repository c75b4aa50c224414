//! What a file seems to hold, for a person to confirm.

use super::columns;
use super::gather;
use super::mask;
use super::table::Table;
use super::{Cell, gather::Gathered};
use huidan_channel::{ImportColumn, ImportLook, ImportPreview, ImportPreviewLine, ImportedOrder};
use huidan_domain::Millis;
use huidan_exchange::json::{Json, Object, Wrong};

/// Orders shown.
const SHOWN: usize = 5;
/// Problems shown.
const PROBLEMS: usize = 200;
/// Cells shown of a column.
const SAMPLES: usize = 3;

/// Looks at a table.
pub(super) fn look(table: &Table<'_>, now: Millis) -> ImportLook {
    let found = table.columns();
    let missing = found.missing();
    // Without what cannot be done without, every row would only say so.
    let Gathered { orders, problems } = match missing.is_empty() {
        true => gather::orders(&found, table.rows, now),
        false => Gathered { orders: Vec::new(), problems: Vec::new() },
    };
    let filled = |row: &&super::Row| row.cells.iter().any(|cell| *cell != Cell::Text(String::new()));
    ImportLook {
        shop: String::new(),
        heading_row: table.heading_row,
        rows: count(table.rows.iter().filter(filled).count()),
        orders: count(orders.len()),
        from: table.from,
        columns: seen(table),
        missing,
        preview: orders.iter().take(SHOWN).filter_map(preview).collect(),
        problem_count: count(problems.len()),
        problems: problems.into_iter().take(PROBLEMS).collect(),
        mapping: table.mapping(),
    }
}

fn count(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

fn seen(table: &Table<'_>) -> Vec<ImportColumn> {
    let columns = table.headings.iter().zip(&table.guesses).enumerate();
    columns
        .map(|(place, (heading, guess))| {
            let cells = table.rows.iter().filter_map(|row| row.cells.get(place)?.text());
            let mut samples: Vec<String> = Vec::new();
            for cell in cells.filter(|cell| !cell.is_empty()).take(50) {
                let sample = mask::sample(guess.field, cell);
                if samples.len() < SAMPLES && !samples.contains(&sample) {
                    samples.push(sample);
                }
            }
            ImportColumn {
                column: columns::letter(place),
                heading: heading.clone(),
                field: guess.field,
                confidence: guess.confidence,
                why: guess.why.clone(),
                samples,
            }
        })
        .collect()
}

/// An order as it would be taken in: from the very document, so that what is shown is what comes.
fn preview(order: &ImportedOrder) -> Option<ImportPreview> {
    Json::parse(order.document.body.as_bytes()).and_then(|json| shown(&json.object()?)).ok()
}

fn shown(order: &Object<'_>) -> Result<ImportPreview, Wrong> {
    let to = order.need("receiver")?.object()?;
    let place = ["province", "city", "district", "address"].map(|name| to.text(name));
    let place: String = place.into_iter().collect::<Result<Vec<_>, _>>()?.concat();
    let remark = order.text("buyer_remark")?.is_empty() && order.text("seller_remark")?.is_empty();
    Ok(ImportPreview {
        number: order.need("id")?.id()?,
        status: order.text("status")?,
        placed_at: order.text("placed_at")?,
        name: mask::personal(&to.text("name")?),
        phone: mask::personal(&to.text("phone")?),
        address: mask::address(&place),
        total: format!("{} {}", order.text("total")?, order.text("currency")?),
        remark: !remark,
        lines: order.need("lines")?.list()?.iter().map(line).collect::<Result<_, _>>()?,
    })
}

fn line(line: &Json<'_>) -> Result<ImportPreviewLine, Wrong> {
    let line = line.object()?;
    let spec = line.text("spec")?;
    let title = line.text("title")?;
    Ok(ImportPreviewLine {
        sku: line.text("sku")?,
        title: if spec.is_empty() { title } else { format!("{title} {spec}") },
        qty: line.need("qty")?.whole()?,
        unit_price: line.text("unit_price")?,
    })
}
