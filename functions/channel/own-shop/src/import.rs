//! Orders from a spreadsheet: CSV or XLSX in, one document per order out, in the shape of `PROTOCOL.md`.
//!
//! An order of which one row is wrong is left out whole: half an order in a parcel is worse than none.

mod columns;
mod csv_file;
mod gather;
mod values;
mod xlsx_file;

use huidan_channel::Imported;
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

/// Reads a file.
pub(crate) fn import(file: &[u8], now: Millis) -> Result<Imported, String> {
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
    let (columns, rest) = columns::find(&rows)?;
    Ok(gather::orders(&columns, rest, now))
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
