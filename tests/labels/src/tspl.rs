//! TSPL drawn as the TSC manual says, by nothing of what made it: the second renderer of that language, since only one
//! kept crate draws it. Barcodes come from `rxing`'s encoder.

use rxing::{BarcodeFormat, EncodeHints, MultiFormatWriter, Writer};

use crate::Picture;

struct Sheet {
    width: i64,
    height: i64,
    luma: Vec<u8>,
}

impl Sheet {
    fn put(&mut self, x: i64, y: i64, black: bool) {
        if (0..self.width).contains(&x)
            && (0..self.height).contains(&y)
            && let Some(dot) = usize::try_from(y * self.width + x).ok().and_then(|at| self.luma.get_mut(at))
        {
            *dot = if black { 0 } else { 255 };
        }
    }

    fn bar(&mut self, [x, y, w, h]: [i64; 4]) {
        for row in y..y + h {
            (x..x + w).for_each(|column| self.put(column, row, true));
        }
    }
}

/// Draws one label of so many dots.
///
/// # Errors
/// A command that the manual does not have in this form.
pub fn draw_by_the_manual(bytes: &[u8], width: u32, height: u32) -> Result<Picture, String> {
    let dots = usize::try_from(width * height).map_err(|e| e.to_string())?;
    let mut sheet = Sheet { width: width.into(), height: height.into(), luma: vec![255; dots] };
    let mut rest = bytes;
    let mut prints = 0;
    while !rest.is_empty() {
        let end = rest.iter().position(|b| matches!(b, b' ' | b'\r')).ok_or("a command without an end")?;
        let (word, after) = rest.split_at_checked(end).ok_or("cut")?;
        let word = std::str::from_utf8(word).map_err(|e| e.to_string())?;
        let after = after.strip_prefix(b" ").unwrap_or(after);
        rest = if word == "BITMAP" {
            bitmap(&mut sheet, after)?
        } else {
            let end = after.windows(2).position(|pair| pair == b"\r\n").ok_or("a line without an end")?;
            let (line, next) = after.split_at_checked(end).ok_or("cut")?;
            let line = std::str::from_utf8(line).map_err(|e| e.to_string())?;
            prints += usize::from(word == "PRINT");
            command(&mut sheet, word, line)?;
            next.get(2..).unwrap_or_default()
        };
    }
    if prints != 1 {
        return Err(format!("{prints} labels instead of one"));
    }
    Ok(Picture { width, height, luma: sheet.luma })
}

fn numbers<const N: usize>(line: &str) -> Result<[i64; N], String> {
    let read: Result<Vec<i64>, _> = line.split(',').map(|part| part.trim().parse::<i64>()).collect();
    read.map_err(|e| format!("{line}: {e}"))?.try_into().map_err(|_| format!("{line}: not {N} numbers"))
}

/// `BITMAP x,y,bytes wide,dots high,mode,data`: a set bit is white.
fn bitmap<'a>(sheet: &mut Sheet, after: &'a [u8]) -> Result<&'a [u8], String> {
    let commas: Vec<usize> = after.iter().enumerate().filter(|(_, b)| **b == b',').map(|(at, _)| at).take(5).collect();
    let head = *commas.get(4).ok_or("a bitmap without data")?;
    let text = std::str::from_utf8(after.get(..head).unwrap_or_default()).map_err(|e| e.to_string())?;
    let [x, y, wide, high, mode] = numbers(text)?;
    if mode != 0 {
        return Err(format!("mode {mode}"));
    }
    let stride = usize::try_from(wide).map_err(|e| e.to_string())?;
    let length = stride * usize::try_from(high).map_err(|e| e.to_string())?;
    let data = after.get(head + 1..head + 1 + length).ok_or("a bitmap that is cut")?;
    for (row, line) in (y..).zip(data.chunks_exact(stride.max(1))) {
        for (column, byte) in (x..).step_by(8).zip(line) {
            for bit in 0..8 {
                // OVERWRITE: white covers what was there.
                sheet.put(column + bit, row, byte & (0x80 >> bit) == 0);
            }
        }
    }
    let next = after.get(head + 1 + length..).unwrap_or_default();
    next.strip_prefix(b"\r\n").ok_or_else(|| "something behind a bitmap".to_owned())
}

fn command(sheet: &mut Sheet, word: &str, line: &str) -> Result<(), String> {
    match word {
        "SIZE" | "GAP" | "DIRECTION" | "CLS" | "PRINT" => Ok(()),
        "BAR" => {
            sheet.bar(numbers(line)?);
            Ok(())
        }
        "BOX" => {
            let [x, y, right, below, thick] = numbers(line)?;
            let (w, h) = (right - x, below - y);
            for side in [[x, y, w, thick], [x, below - thick, w, thick], [x, y, thick, h], [right - thick, y, thick, h]]
            {
                sheet.bar(side);
            }
            Ok(())
        }
        "BARCODE" | "QRCODE" => code(sheet, word, line),
        other => Err(format!("{other} {line}")),
    }
}

/// `BARCODE x,y,"128",height,0,0,narrow,wide,"…"` and `QRCODE x,y,M,cell,A,0,"…"`.
fn code(sheet: &mut Sheet, word: &str, line: &str) -> Result<(), String> {
    let (settings, text) = line.strip_suffix('"').and_then(|line| line.rsplit_once(",\"")).ok_or("no content")?;
    let parts: Vec<&str> = settings.split(',').collect();
    let number =
        |at: usize| parts.get(at).and_then(|part| part.parse::<i64>().ok()).ok_or(format!("{line}: field {at}"));
    let (x, y) = (number(0)?, number(1)?);
    let (format, module, height) = match word {
        "BARCODE" => (BarcodeFormat::CODE_128, number(6)?, number(3)?),
        _ => (BarcodeFormat::QR_CODE, number(3)?, 0),
    };
    let hints =
        EncodeHints { Margin: Some("0".to_owned()), ErrorCorrection: Some("M".to_owned()), ..EncodeHints::default() };
    let made = MultiFormatWriter.encode_with_hints(text, &format, 0, 0, &hints).map_err(|e| e.to_string())?;
    for (row, top) in (0..made.getHeight()).zip((y..).step_by(usize::try_from(module).unwrap_or(1).max(1))) {
        for (column, left) in (0..made.getWidth()).zip((x..).step_by(usize::try_from(module).unwrap_or(1).max(1))) {
            if made.get(column, row) {
                sheet.bar([left, top, module, if height > 0 { height } else { module }]);
            }
        }
        if height > 0 {
            break;
        }
    }
    Ok(())
}
