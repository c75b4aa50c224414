//! Orders from a spreadsheet: CSV or XLSX in, one document per order out, in the shape of `PROTOCOL.md`.
//!
//! An order of which one row is wrong is left out whole: half an order in a parcel is worse than none.

mod columns;
mod content;
mod csv_file;
mod gather;
mod guess;
mod headings;
mod look;
mod mask;
mod order;
mod receiver;
mod table;
mod values;
mod xlsx_file;

use huidan_channel::{ImportBy, ImportLook, ImportRefused, Imported};
use huidan_domain::Millis;

/// Topic of documents that came from a spreadsheet.
pub(crate) const IMPORTED: &str = "import";

/// Most rows of one file.
const MOST_ROWS: usize = 20_000;
/// Most columns that are looked at.
const MOST_COLUMNS: usize = 200;
/// Longest file, in bytes.
const LONGEST: usize = 16 << 20;

/// One row.
pub(crate) struct Row {
    /// Counted from 1, as a spreadsheet shows it.
    number: u32,
    cells: Vec<Cell>,
}

/// One cell as text, or why it has none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Cell {
    Text(String),
    /// A number with more digits than the spreadsheet keeps.
    LostDigits,
    /// `#N/A`, `#REF!` and their like.
    Error,
}

impl Cell {
    /// Its text, where it has one.
    pub(crate) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::LostDigits | Self::Error => None,
        }
    }
}

/// Says what a file seems to hold.
pub(crate) fn look(file: &[u8], by: &ImportBy, now: Millis) -> Result<ImportLook, ImportRefused> {
    let rows = rows(file).map_err(unreadable)?;
    Ok(look::look(&table::Table::find(&rows, by)?, now))
}

/// Reads a file.
pub(crate) fn import(file: &[u8], by: &ImportBy, now: Millis) -> Result<Imported, ImportRefused> {
    let rows = rows(file).map_err(unreadable)?;
    let table = table::Table::find(&rows, by)?.confirmed()?;
    let columns = table.columns();
    if let Some(missing) = columns.missing().into_iter().next() {
        return Err(ImportRefused::new("mapping_incomplete", missing.detail));
    }
    let gather::Gathered { orders, problems } = gather::orders(&columns, table.rows, now);
    Ok(Imported { orders, problems, mapping: table.mapping() })
}

fn unreadable(sentence: String) -> ImportRefused {
    ImportRefused::new("unreadable_file", sentence)
}

fn rows(file: &[u8]) -> Result<Vec<Row>, String> {
    if file.len() > LONGEST {
        return Err("文件超过 16 MB，请拆分后导入 / the file is longer than 16 MB: split it".to_owned());
    }
    let rows = match file {
        [b'P', b'K', 3, 4, ..] => xlsx_file::rows(file)?,
        [0xd0, 0xcf, 0x11, 0xe0, ..] => {
            return Err(
                "这是旧版 .xls 文件，请另存为 .xlsx 或 CSV / this is an old .xls file: save it as .xlsx or CSV"
                    .to_owned(),
            );
        }
        _ => csv_file::rows(file)?,
    };
    if rows.len() > MOST_ROWS {
        return Err(format!(
            "文件超过 {MOST_ROWS} 行，请拆分后导入 / the file has more than {MOST_ROWS} rows: split it"
        ));
    }
    Ok(rows)
}

/// Without the space and the marks that exports put around a value: `="690123"`, `'690123`, a tab behind an id.
fn tidy(text: &str) -> &str {
    let text = text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}'));
    let bare = text.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"')).filter(|bare| !bare.contains('"'));
    let bare = bare.unwrap_or(text);
    match bare.strip_prefix('\'') {
        Some(rest) if rest.starts_with(|c: char| c.is_ascii_digit()) => rest,
        _ => bare.trim(),
    }
}
