use super::{Cell, MOST_COLUMNS, MOST_ROWS, Row, table, tidy};
use calamine::{DataRef, Reader, Xlsx};
use std::io::Cursor;

/// Rows of the first sheet that has a heading we know. Formulas are not evaluated: what counts is the value that the
/// spreadsheet program stored beside them.
pub(super) fn rows(file: &[u8]) -> Result<Vec<Row>, String> {
    let unreadable =
        |_| "无法读取该 .xlsx 文件（可能已加密或损坏）/ this .xlsx cannot be read (encrypted or damaged)".to_owned();
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(file)).map_err(unreadable)?;
    let mut first = Vec::new();
    for name in book.sheet_names() {
        let rows = sheet(&mut book, &name).map_err(unreadable)?;
        if table::best_known(&rows) >= table::FEWEST {
            return Ok(rows);
        }
        if first.is_empty() {
            first = rows;
        }
    }
    Ok(first)
}

/// Cell by cell, so that a cell far away costs nothing.
fn sheet(book: &mut Xlsx<Cursor<&[u8]>>, name: &str) -> Result<Vec<Row>, calamine::XlsxError> {
    let mut cells = book.worksheet_cells_reader(name)?;
    let mut rows: Vec<Row> = Vec::new();
    while let Some(cell) = cells.next_cell()? {
        let (row, column) = cell.get_position();
        let column = usize::try_from(column).unwrap_or(usize::MAX);
        if column >= MOST_COLUMNS || matches!(cell.get_value(), DataRef::Empty) {
            continue;
        }
        let number = row.saturating_add(1);
        if rows.last().is_none_or(|last| last.number != number) {
            if rows.len() > MOST_ROWS {
                break;
            }
            rows.push(Row { number, cells: Vec::new() });
        }
        if let Some(last) = rows.last_mut() {
            last.cells.resize(last.cells.len().max(column + 1), Cell::Text(String::new()));
            if let Some(place) = last.cells.get_mut(column) {
                *place = value(cell.get_value());
            }
        }
    }
    Ok(rows)
}

fn value(value: &DataRef<'_>) -> Cell {
    let text = match value {
        DataRef::Empty => String::new(),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => tidy(text).to_owned(),
        DataRef::SharedString(text) => tidy(text).to_owned(),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => return float(*number),
        DataRef::Bool(yes) => yes.to_string(),
        DataRef::DateTime(at) => {
            let (year, month, day, hour, minute, second, _) = at.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02} {hour:02}:{minute:02}:{second:02}")
        }
        DataRef::Error(_) => return Cell::Error,
    };
    Cell::Text(text)
}

/// A spreadsheet keeps 15 digits of a number; what is longer has lost some already. The shortest text of a number is
/// what the person saw.
fn float(number: f64) -> Cell {
    if number.abs() >= 1e15 { Cell::LostDigits } else { Cell::Text(number.to_string()) }
}
