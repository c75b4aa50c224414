use super::{Cell, MOST_COLUMNS, MOST_ROWS, Row, table, tidy};
use encoding_rs::{Encoding, GB18030};

/// Rows of a CSV file in UTF-8, UTF-16 with its mark, or GBK, separated by comma, tab or semicolon.
pub(super) fn rows(file: &[u8]) -> Result<Vec<Row>, String> {
    let text = decode(file)?;
    let best = [b',', b'\t', b';'].into_iter().max_by_key(|&delimiter| {
        let rows = parse(&text, delimiter, 20).unwrap_or_default();
        let widest = rows.iter().map(|row| row.cells.len()).max().unwrap_or_default();
        // Headings that nobody knows: then the one that makes the most columns.
        (table::best_known(&rows), widest, delimiter == b',')
    });
    parse(&text, best.unwrap_or(b','), MOST_ROWS + 1)
}

fn decode(file: &[u8]) -> Result<String, String> {
    let unknown = || {
        "无法识别文件编码，请另存为“CSV UTF-8”或 .xlsx / the encoding is not known: save it as CSV UTF-8 or .xlsx"
            .to_owned()
    };
    let text = match Encoding::for_bom(file) {
        Some((encoding, mark)) => {
            let rest = file.get(mark..).unwrap_or_default();
            encoding.decode_without_bom_handling_and_without_replacement(rest).ok_or_else(unknown)?.into_owned()
        }
        None => match std::str::from_utf8(file) {
            Ok(text) => text.to_owned(),
            // GB18030 holds GBK and GB 2312.
            Err(_) => {
                GB18030.decode_without_bom_handling_and_without_replacement(file).ok_or_else(unknown)?.into_owned()
            }
        },
    };
    if text.contains('\0') { Err(unknown()) } else { Ok(text) }
}

fn parse(text: &str, delimiter: u8, most: usize) -> Result<Vec<Row>, String> {
    let mut reader =
        csv::ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(text.as_bytes());
    let mut rows = Vec::new();
    let mut counted = Counted::default();
    for record in reader.records().take(most) {
        let record = record.map_err(|_| "CSV 格式有误 / the CSV cannot be read".to_owned())?;
        let number = counted.number(text, &record);
        let cells = record.iter().take(MOST_COLUMNS).map(|cell| Cell::Text(tidy(cell).to_owned())).collect();
        rows.push(Row { number, cells });
    }
    Ok(rows)
}

/// Counts rows as a spreadsheet does: an empty line is a row, a line end inside a cell is none.
#[derive(Default)]
struct Counted {
    /// Up to which byte of the text lines are counted, and how many ended before it.
    at: usize,
    ended: u32,
    /// Line ends inside cells so far.
    inside: u32,
}

impl Counted {
    fn number(&mut self, text: &str, record: &csv::StringRecord) -> u32 {
        let start = record.position().and_then(|at| usize::try_from(at.byte()).ok()).unwrap_or(self.at);
        // The reader passes over empty lines; the record's own text begins behind them.
        let rest = text.get(start..).unwrap_or_default();
        let begins = start + (rest.len() - rest.trim_start_matches(['\r', '\n']).len());
        self.ended += line_ends(text.get(self.at..begins).unwrap_or_default());
        self.at = begins.max(self.at);
        let number = self.ended - self.inside.min(self.ended) + 1;
        self.inside += record.iter().map(line_ends).sum::<u32>();
        number
    }
}

fn line_ends(text: &str) -> u32 {
    u32::try_from(text.matches('\n').count()).unwrap_or(u32::MAX)
}
