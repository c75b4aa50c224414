//! Spreadsheets in and out: CSV and XLSX.

use crate::problem::Problem;
use bytes::Bytes;
use calamine::{Data, Reader, Xlsx};
use http::{HeaderValue, StatusCode, header};
use huidan_world::Outgoing;
use std::collections::BTreeMap;
use std::io::Cursor;

/// Most rows in or out at once.
pub(crate) const MOST_ROWS: usize = ROWS as usize;
/// The same, for a statement.
pub(crate) const ROWS: u32 = 10_000;

/// A spreadsheet to be written.
pub(crate) struct Sheet {
    /// Name of the file, without its ending.
    pub(crate) name: &'static str,
    /// The first row.
    pub(crate) headings: &'static [&'static str],
    /// The others.
    pub(crate) rows: Vec<Vec<String>>,
}

impl Sheet {
    /// As a file: `csv` or `xlsx`.
    pub(crate) fn answer(&self, format: &str) -> Result<Outgoing, Problem> {
        let (body, kind) = match format {
            "csv" => (self.csv(), "text/csv; charset=utf-8"),
            "xlsx" => (self.xlsx(), "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
            _ => {
                let detail = "format 只能是 csv 或 xlsx / format is csv or xlsx";
                return Err(Problem::field("unknown_value", "format", detail));
            }
        };
        let body = body.ok_or_else(|| {
            Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "sheet", "无法生成表格 / the sheet cannot be written")
        })?;
        let mut answer = Outgoing::new(Bytes::from(body));
        answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
        if let Ok(value) = HeaderValue::from_str(&format!("attachment; filename=\"{}.{format}\"", self.name)) {
            answer.headers_mut().insert(header::CONTENT_DISPOSITION, value);
        }
        Ok(answer)
    }

    fn csv(&self) -> Option<Vec<u8>> {
        // The mark by which spreadsheet programs know UTF-8.
        let mut writer = csv::Writer::from_writer("\u{feff}".as_bytes().to_vec());
        writer.write_record(self.headings).ok()?;
        for row in &self.rows {
            writer.write_record(row.iter().map(|cell| harmless(cell))).ok()?;
        }
        writer.into_inner().ok()
    }

    fn xlsx(&self) -> Option<Vec<u8>> {
        let mut book = rust_xlsxwriter::Workbook::new();
        let page = book.add_worksheet();
        for (column, heading) in (0_u16..).zip(self.headings) {
            page.write_string(0, column, *heading).ok()?;
        }
        // Every cell is text: a code of digits keeps its zeros, and a formula is no formula.
        for (line, row) in (1_u32..).zip(&self.rows) {
            for (column, cell) in (0_u16..).zip(row) {
                page.write_string(line, column, cell).ok()?;
            }
        }
        book.save_to_buffer().ok()
    }
}

const FORMULAS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// A cell that a spreadsheet program would take for a formula gets a mark that makes it text.
fn harmless(cell: &str) -> String {
    if cell.starts_with(FORMULAS) { format!("'{cell}") } else { cell.to_owned() }
}

fn unmarked(cell: &str) -> String {
    let cell = cell.trim();
    cell.strip_prefix('\'').filter(|rest| rest.starts_with(FORMULAS)).unwrap_or(cell).to_owned()
}

/// A row: its cells by heading.
pub(crate) type Row = BTreeMap<String, String>;

/// Reads a CSV or XLSX file; the first row names the columns. Rows are counted as a spreadsheet shows them.
pub(crate) fn read(file: &[u8]) -> Result<Vec<(u32, Row)>, Problem> {
    let table = if file.starts_with(b"PK") { xlsx(file) } else { text(file) }?;
    let mut lines = table.into_iter();
    let headings: Vec<String> =
        lines.next().unwrap_or_default().iter().map(|heading| heading.trim().to_lowercase()).collect();
    let rows = (2_u32..).zip(lines).map(|(line, cells)| {
        (line, headings.iter().cloned().zip(cells.iter().map(|cell| unmarked(cell))).collect::<Row>())
    });
    let rows: Vec<(u32, Row)> = rows.filter(|(_, row)| row.values().any(|cell| !cell.is_empty())).collect();
    if rows.len() > MOST_ROWS {
        let detail = format!("一次至多 {MOST_ROWS} 行 / {MOST_ROWS} rows at a time at most");
        return Err(unreadable(detail));
    }
    Ok(rows)
}

fn unreadable(detail: impl Into<String>) -> Problem {
    Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "unreadable_file", detail)
}

fn text(file: &[u8]) -> Result<Vec<Vec<String>>, Problem> {
    let file = file.strip_prefix("\u{feff}".as_bytes()).unwrap_or(file);
    let text = std::str::from_utf8(file)
        .map_err(|_| unreadable("请另存为 UTF-8 的 CSV 或 XLSX / save it as CSV in UTF-8, or as XLSX"))?;
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.as_bytes());
    let records = reader.records().map(|record| {
        let record = record.map_err(|_| unreadable("不是 CSV 文件 / this is no CSV file"))?;
        Ok(record.iter().map(str::to_owned).collect())
    });
    records.collect()
}

fn xlsx(file: &[u8]) -> Result<Vec<Vec<String>>, Problem> {
    let broken = || unreadable("不是 XLSX 文件 / this is no XLSX file");
    let mut book: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(file.to_vec())).map_err(|_| broken())?;
    let range = book.worksheet_range_at(0).ok_or_else(broken)?.map_err(|_| broken())?;
    Ok(range.rows().map(|row| row.iter().map(cell).collect()).collect())
}

fn cell(data: &Data) -> String {
    match data {
        Data::Empty => String::new(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet() -> Sheet {
        let rows =
            vec![vec!["007".to_owned(), "=HYPERLINK(\"x\")".to_owned()], vec!["茶,绿".to_owned(), "-1".to_owned()]];
        Sheet { name: "t", headings: &["sku", "title"], rows }
    }

    #[test]
    fn what_is_written_reads_back_the_same_in_both_forms() {
        for format in ["csv", "xlsx"] {
            let file = sheet().answer(format).unwrap().into_body();
            let rows = read(&file).unwrap();
            assert_eq!(rows.len(), 2, "{format}");
            assert_eq!((rows[0].0, rows[1].0), (2, 3));
            assert_eq!(rows[0].1["sku"], "007", "{format}");
            assert_eq!(rows[0].1["title"], "=HYPERLINK(\"x\")", "{format}");
            assert_eq!(rows[1].1["sku"], "茶,绿", "{format}");
            assert_eq!(rows[1].1["title"], "-1", "{format}");
        }
    }

    #[test]
    fn no_cell_of_a_csv_begins_a_formula() {
        let file = sheet().answer("csv").unwrap().into_body();
        let text = String::from_utf8(file.to_vec()).unwrap();
        assert!(text.contains("\"'=HYPERLINK"), "{text}");
        assert!(text.contains("'-1"), "{text}");
    }

    #[test]
    fn other_files_are_refused_with_a_remedy() {
        assert!(read(&[0xC4, 0xE3, 0xBA, 0xC3]).is_err(), "GBK");
        assert!(read(b"PK\x03\x04nothing").is_err());
    }
}
