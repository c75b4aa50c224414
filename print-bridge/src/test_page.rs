//! A test label: a border to see the margins by, what the target says of itself, and a barcode to scan.

use std::fmt::Write as _;

use crate::{
    driver::{Driver, Outcome, Prepared, Settled},
    protocol::{Format, Job, Page},
    target::{Printer, Target},
};

/// What the barcode says.
const CODE: &str = "HUIDAN-TEST";

/// Prints a test label and says, in Chinese and English, what became of it.
///
/// # Errors
/// A sentence that names what to look at.
pub async fn print(printer: &Printer) -> Result<String, String> {
    let target = &printer.target;
    let mut driver = Driver::new(target);
    if let Prepared::Offline { reason, .. } | Prepared::Lost(reason) = driver.prepare().await {
        return Err(format!("{}: {reason}", printer.name));
    }
    let Some(bytes) = label(target)? else {
        return Ok(format!(
            "{}：打印组件在运行；测试面单需要平台数据，请从中心打印 / \
             the print component is running; a label for it needs the platform's data: print one from the hub",
            printer.name
        ));
    };
    let unproven = |reason: String| format!("{}：请看打印机是否出纸 / look whether it printed: {reason}", printer.name);
    match driver.send(&job(printer), &bytes).await {
        Outcome::Done(proof) => Ok(format!("{}：已打印 / printed ({proof})", printer.name)),
        Outcome::Failed(reason) => Err(format!("{}：未打印 / not printed: {reason}", printer.name)),
        Outcome::Unconfirmed(reason) => Err(unproven(reason)),
        Outcome::Sent => match driver.settle().await {
            Settled::Proven(proof) => Ok(format!("{}：已打印 / printed ({proof})", printer.name)),
            Settled::Failed(reason) | Settled::Unproven(reason) | Settled::Waiting(reason) => Err(unproven(reason)),
        },
    }
}

fn job(printer: &Printer) -> Job {
    let target = &printer.target;
    Job {
        id: "test-page".to_owned(),
        attempt: 1,
        lease: String::new(),
        lease_until: String::new(),
        printer: printer.name.clone(),
        media: Some(Page { width_mm: target.media.width_mm, height_mm: target.media.height_mm, dpi: target.dpi }),
        format: target.lang.clone(),
        sha256: String::new(),
        bytes: 0,
        batch: None,
        seq: 1,
        of: 1,
        fence: 0,
        copy_no: 1,
        waybill: None,
    }
}

/// The label in the target's language; `None` where only a platform can make one.
fn label(target: &Target) -> Result<Option<Vec<u8>>, String> {
    match &target.lang {
        Format::Zpl => Ok(Some(zpl(target))),
        Format::Tspl => Ok(Some(tspl(target))),
        Format::Png => png(target).map(Some).map_err(|error| error.to_string()),
        Format::Pdf | Format::PlatformTask | Format::Unknown(_) => Ok(None),
    }
}

/// Millimetres as dots, rounded down so that the border stays on the paper.
fn dots(mm: u16, dpi: u16) -> u32 {
    u32::from(mm) * u32::from(dpi) * 10 / 254
}

fn about(target: &Target) -> String {
    format!("{}  {} dpi  {} mm", target.lang.name().to_uppercase(), target.dpi, target.media)
}

fn zpl(target: &Target) -> Vec<u8> {
    let (width, height) = (dots(target.media.width_mm, target.dpi), dots(target.media.height_mm, target.dpi));
    let edge = dots(2, target.dpi);
    let mut text = format!("^XA^PW{width}^LL{height}^LH0,0^PQ1\n");
    let _ = writeln!(text, "^FO{edge},{edge}^GB{},{},4^FS", width - 2 * edge, height - 2 * edge);
    let _ = writeln!(text, "^FO{0},{0}^A0N,40,40^FDHuidan print-bridge^FS", 4 * edge);
    let _ = writeln!(text, "^FO{},{}^A0N,28,28^FD{}^FS", 4 * edge, 8 * edge, about(target));
    let _ = writeln!(text, "^FO{},{}^BY3^BCN,120,Y,N,N^FD{CODE}^FS^XZ", 4 * edge, 12 * edge);
    text.into_bytes()
}

fn tspl(target: &Target) -> Vec<u8> {
    let (width, height) = (dots(target.media.width_mm, target.dpi), dots(target.media.height_mm, target.dpi));
    let edge = dots(2, target.dpi);
    let mut text = format!("SIZE {} mm,{} mm\r\n", target.media.width_mm, target.media.height_mm);
    text.push_str("GAP 2 mm,0 mm\r\nDIRECTION 1\r\nCLS\r\n");
    let _ = write!(text, "BOX {edge},{edge},{},{},4\r\n", width - edge, height - edge);
    let _ = write!(text, "TEXT {0},{0},\"4\",0,1,1,\"Huidan print-bridge\"\r\n", 4 * edge);
    let _ = write!(text, "TEXT {},{},\"3\",0,1,1,\"{}\"\r\n", 4 * edge, 8 * edge, about(target));
    let _ = write!(text, "BARCODE {},{},\"128\",120,1,0,3,3,\"{CODE}\"\r\n", 4 * edge, 12 * edge);
    text.push_str("PRINT 1,1\r\n");
    text.into_bytes()
}

/// A border and a ruler of millimetres along two sides: what a picture can show without a font.
fn png(target: &Target) -> Result<Vec<u8>, png::EncodingError> {
    let (width, height) = (dots(target.media.width_mm, target.dpi), dots(target.media.height_mm, target.dpi));
    let edge = dots(2, target.dpi);
    let dot = |x: u32, y: u32| {
        let (right, below) = (width - 1 - x, height - 1 - y);
        let near = x.min(y).min(right).min(below);
        let border = (edge..edge + 4).contains(&near);
        // Marks reach further at whole centimetres.
        let mark = |along: u32, across: u32| {
            let mm = along * 254 / (u32::from(target.dpi) * 10);
            let starts = along == dots(u16::try_from(mm).unwrap_or_default(), target.dpi) + 1 && mm > 2;
            starts && (edge..edge * if mm.is_multiple_of(10) { 4 } else { 2 }).contains(&across)
        };
        border || (near > edge && (mark(x, y) || mark(y, x)))
    };
    let row = |y: u32| {
        (0..width.div_ceil(8)).map(move |byte| {
            let black = |bit: &u32| byte * 8 + bit < width && dot(byte * 8 + bit, y);
            (0..8).filter(black).fold(0xff_u8, |bits, bit| bits & !(0x80 >> bit))
        })
    };
    let pixels: Vec<u8> = (0..height).flat_map(row).collect();
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::One);
    encoder.write_header()?.write_image_data(&pixels)?;
    Ok(file)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(text: &str) -> Target {
        text.parse().unwrap()
    }

    #[test]
    fn the_page_fits_the_paper_at_each_resolution() {
        let zpl = String::from_utf8(zpl(&target("tcp://h?dpi=300&media=76x130"))).unwrap();
        assert!(zpl.starts_with("^XA^PW897^LL1535") && zpl.trim_end().ends_with("^XZ"), "{zpl}");
        let tspl = String::from_utf8(tspl(&target("tcp://h?lang=tspl"))).unwrap();
        assert!(tspl.starts_with("SIZE 100 mm,150 mm\r\n") && tspl.ends_with("PRINT 1,1\r\n"), "{tspl}");
    }

    #[test]
    fn the_picture_is_one_bit_deep_with_a_border_and_white_paper() {
        let file = png(&target("dir:///x")).unwrap();
        let mut reader = png::Decoder::new(std::io::Cursor::new(file)).read_info().unwrap();
        let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut pixels).unwrap();
        assert_eq!((info.width, info.height, info.bit_depth), (799, 1198, png::BitDepth::One));
        let black = |x: usize, y: usize| pixels[y * info.line_size + x / 8] & (0x80 >> (x % 8)) == 0;
        assert!(black(400, 16) && black(16, 600) && !black(400, 600) && !black(0, 0));
    }

    #[tokio::test]
    async fn a_folder_gets_its_test_page() {
        let folder = tempfile::tempdir().unwrap();
        let printer: Printer = format!("a=dir://{}", folder.path().display()).parse().unwrap();
        assert!(print(&printer).await.unwrap().contains("已打印"));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
