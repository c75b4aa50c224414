use rxing::{BarcodeFormat, Writer as _, helpers::detect_in_luma, oned::Code128Writer};

use super::*;

const NUMBER: &str = "SF1234567890123";

/// A PDF of pages `width` × `height` points, each drawn by its content.
fn document(width: f64, height: f64, pages: &[String]) -> Vec<u8> {
    let kids: String = (0..pages.len()).map(|at| format!("{} 0 R ", 3 + 2 * at)).collect();
    let mut objects = vec![
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        format!("<< /Type /Pages /Kids [{kids}] /Count {} >>", pages.len()),
    ];
    for (at, content) in pages.iter().enumerate() {
        objects.push(format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {width} {height}] /Contents {} 0 R \
             /Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>",
            4 + 2 * at
        ));
        objects.push(format!("<< /Length {} >>\nstream\n{content}\nendstream", content.len()));
    }
    let mut file = "%PDF-1.4\n".to_owned();
    let mut places = Vec::new();
    for (at, object) in objects.iter().enumerate() {
        places.push(file.len());
        file += &format!("{} 0 obj\n{object}\nendobj\n", at + 1);
    }
    let table = file.len();
    file += &format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for place in places {
        file += &format!("{place:010} 00000 n \n");
    }
    file += &format!("trailer << /Size {} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n", objects.len() + 1);
    file.into_bytes()
}

/// The modules of a barcode, `true` black.
fn modules(number: &str) -> Vec<bool> {
    let code = Code128Writer.encode(number, &BarcodeFormat::CODE_128, 0, 1).unwrap();
    let row: Vec<bool> = (0..code.getWidth()).map(|x| code.get(x, 0)).collect();
    let first = row.iter().position(|black| *black).unwrap();
    row[first..].to_vec()
}

/// A barcode as filled rectangles with modules of `module` points, and a line of text above.
fn barcode(number: &str, module: f64, (left, bottom): (f64, f64)) -> String {
    let mut content = format!("BT /F1 14 Tf {left} {} Td (Ship to: {number}) Tj ET\n", bottom + 70.0);
    for (at, black) in modules(number).iter().enumerate() {
        if *black {
            content +=
                &format!("{:.3} {bottom} {module:.3} 50 re f\n", left + module * f64::from(u32::try_from(at).unwrap()));
        }
    }
    content
}

fn target(text: &str) -> Target {
    text.parse().unwrap()
}

fn rendered(format: &Format, bytes: &[u8], target: &Target) -> Result<Vec<u8>, String> {
    render(format, bytes, &target.lang, Paper::of(target))
}

fn read(width: u32, height: u32, is_black: impl Fn(u32, u32) -> bool) -> Result<String, String> {
    let luma = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
    let luma = luma.map(|(x, y)| if is_black(x, y) { 0 } else { 255 }).collect();
    let found = detect_in_luma(luma, width, height, Some(BarcodeFormat::CODE_128));
    found.map(|found| found.getText().to_owned()).map_err(|error| error.to_string())
}

/// The dots a printer would print of each `^GFA`, read by the letters of the ZPL manual.
fn printed_zpl(zpl: &[u8]) -> Vec<(u32, u32, Vec<u8>)> {
    let text = std::str::from_utf8(zpl).unwrap();
    text.split("^XA")
        .skip(1)
        .map(|label| {
            assert!(label.trim_end().ends_with("^FS^PQ1^XZ"), "{}", &label[label.len() - 20..]);
            let field = label.split_once("^GFA,").unwrap().1.split_once("^FS").unwrap().0;
            let mut parts = field.splitn(4, ',');
            let mut number = || parts.next().unwrap().parse::<usize>().unwrap();
            let (total, _, row) = (number(), number(), number());
            let (mut nibbles, mut times) = (Vec::<u8>::new(), 0);
            for letter in parts.next().unwrap().bytes() {
                let here = nibbles.len() % (row * 2);
                match letter {
                    b'G'..=b'Y' => times += usize::from(letter - b'F'),
                    b'g'..=b'z' => times += usize::from(letter - b'f') * 20,
                    b',' => nibbles.extend(std::iter::repeat_n(0, row * 2 - here)),
                    b':' => nibbles.extend_from_within(nibbles.len() - row * 2..),
                    digit => {
                        let value = u8::try_from(char::from(digit).to_digit(16).unwrap()).unwrap();
                        nibbles.extend(std::iter::repeat_n(value, times.max(1)));
                        times = 0;
                    }
                }
            }
            assert_eq!(nibbles.len(), total * 2);
            let bytes = nibbles.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect();
            (u32::try_from(row).unwrap(), u32::try_from(total / row).unwrap(), bytes)
        })
        .collect()
}

/// The dots of each `BITMAP`, where a 1 is white.
fn printed_tspl(mut tspl: &[u8]) -> Vec<(u32, u32, Vec<u8>)> {
    let mut pages = Vec::new();
    while let Some(at) = tspl.windows(7).position(|bytes| bytes == b"BITMAP ") {
        let head = &tspl[at + 7..];
        let commas: Vec<usize> =
            head.iter().enumerate().filter(|(_, b)| **b == b',').map(|(at, _)| at).take(5).collect();
        let text = std::str::from_utf8(&head[..commas[4]]).unwrap();
        let numbers: Vec<u32> = text.split(',').map(|number| number.parse().unwrap()).collect();
        let length = (numbers[2] * numbers[3]) as usize;
        let bytes = &head[commas[4] + 1..][..length];
        pages.push((numbers[2], numbers[3], bytes.iter().map(|byte| !byte).collect()));
        tspl = &head[commas[4] + 1 + length..];
        assert!(tspl.starts_with(b"\r\nPRINT 1,1\r\n"));
    }
    pages
}

fn read_dots((row, height, bytes): &(u32, u32, Vec<u8>)) -> Result<String, String> {
    read(row * 8, *height, |x, y| bytes[(y * row + x / 8) as usize] & (0x80 >> (x % 8)) != 0)
}

/// 100 × 150 mm in points.
const LABEL: (f64, f64) = (283.46, 425.2);

fn tspl_of(printer: &str) -> String {
    format!("{printer}{}lang=tspl", if printer.contains('?') { '&' } else { '?' })
}

#[test]
fn a_pdf_labels_barcode_reads_the_same_on_each_printer() {
    let file = document(LABEL.0, LABEL.1, &[barcode(NUMBER, 0.9, (30.0, 300.0))]);
    for printer in ["tcp://h", "tcp://h?dpi=300"] {
        let zpl = rendered(&Format::Pdf, &file, &target(printer)).unwrap();
        let pages = printed_zpl(&zpl);
        assert_eq!(pages.len(), 1);
        assert_eq!(read_dots(&pages[0]).unwrap(), NUMBER, "{printer}");
        let tspl = rendered(&Format::Pdf, &file, &target(&tspl_of(printer))).unwrap();
        assert_eq!(read_dots(&printed_tspl(&tspl)[0]).unwrap(), NUMBER, "{printer}");
    }
}

#[test]
fn odd_widths_of_bars_are_rounded_to_dots_and_still_read() {
    for module in [0.72, 0.8, 0.95, 1.1] {
        let file = document(LABEL.0, LABEL.1, &[barcode(NUMBER, module, (20.3, 200.7))]);
        let pages = printed_zpl(&rendered(&Format::Pdf, &file, &target("tcp://h")).unwrap());
        assert_eq!(read_dots(&pages[0]).as_deref(), Ok(NUMBER), "{module} pt");
    }
}

#[test]
fn pages_of_other_sizes_are_laid_on_the_paper_or_refused() {
    let module = 1.0;
    // 4×6 inch keeps its size, A6 is made a little smaller, 6×4 inch is turned.
    for (width, height) in [(288.0, 432.0), (297.6, 419.5), (432.0, 288.0)] {
        let file = document(width, height, &[barcode(NUMBER, module, (50.0, 150.0))]);
        let pages = printed_zpl(&rendered(&Format::Pdf, &file, &target("tcp://h")).unwrap());
        assert_eq!(read_dots(&pages[0]).as_deref(), Ok(NUMBER), "{width}x{height}");
    }
    let a4 = document(595.0, 842.0, &[barcode(NUMBER, module, (50.0, 150.0))]);
    let refused = rendered(&Format::Pdf, &a4, &target("tcp://h")).unwrap_err();
    assert!(refused.contains("210x297 mm") && refused.contains("100x150 mm"), "{refused}");
}

#[test]
fn each_page_is_a_label_of_its_own_in_order() {
    let numbers = ["SF100", "SF200", "SF300"];
    let pages: Vec<String> = numbers.iter().map(|number| barcode(number, 1.1, (30.0, 200.0))).collect();
    let file = document(LABEL.0, LABEL.1, &pages);
    let zpl = printed_zpl(&rendered(&Format::Pdf, &file, &target("tcp://h")).unwrap());
    let tspl = printed_tspl(&rendered(&Format::Pdf, &file, &target("tcp://h?lang=tspl")).unwrap());
    for printed in [zpl, tspl] {
        assert_eq!(printed.iter().map(|page| read_dots(page).unwrap()).collect::<Vec<_>>(), numbers);
    }
    let strip = rendered(&Format::Pdf, &file, &target("dir:///x")).unwrap();
    let reader = png::Decoder::new(std::io::Cursor::new(strip)).read_info().unwrap();
    assert_eq!((reader.info().width, reader.info().height), (799, 3 * 1198));
}

#[test]
fn what_cannot_be_rendered_whole_is_refused() {
    let refused = |file: &[u8], why: &str| {
        let error = rendered(&Format::Pdf, file, &target("tcp://h")).unwrap_err();
        assert!(error.contains(why), "{error}");
    };
    refused(b"", "cannot be read");
    refused(b"<html>login</html>", "cannot be read");
    refused(&document(LABEL.0, LABEL.1, &[]), "pages");
    refused(&document(LABEL.0, LABEL.1, &["1 1 1 rg 0 0 100 100 re f".to_owned()]), "blank");
    let picture = rendered(&Format::Png, b"\x89PNG\r\n\x1a\nrest", &target("tcp://h")).unwrap_err();
    assert!(picture.contains("cannot be read"), "{picture}");
}

#[test]
fn a_picture_of_a_label_keeps_its_dots() {
    // Two modules of a Code 128 at the printer's own resolution, as the hub would draw it, in colour and see-through.
    let modules = modules(NUMBER);
    let (width, height) = (799_u32, 1198_u32);
    let black = |x: u32, y: u32| {
        let at = (x.wrapping_sub(100) / 2) as usize;
        (300..400).contains(&y) && x >= 100 && modules.get(at).copied().unwrap_or_default()
    };
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(png::ColorType::Rgba);
    let pixels: Vec<u8> = (0..height)
        .flat_map(|y| (0..width).flat_map(move |x| if black(x, y) { [10, 0, 30, 255] } else { [0, 0, 0, 0] }))
        .collect();
    encoder.write_header().unwrap().write_image_data(&pixels).unwrap();
    let pages = printed_zpl(&rendered(&Format::Png, &file, &target("tcp://h")).unwrap());
    let (row, _, bytes) = &pages[0];
    for y in 0..height {
        for x in 0..width {
            let dot = bytes[(y * row + x / 8) as usize] & (0x80 >> (x % 8)) != 0;
            assert_eq!(dot, black(x, y), "{x},{y}");
        }
    }
    assert_eq!(read_dots(&pages[0]).unwrap(), NUMBER);
}

#[test]
fn only_what_makes_sense_is_made_into_another_language() {
    assert!(can(&Format::Pdf, &Format::Tspl) && can(&Format::Png, &Format::Zpl) && can(&Format::Pdf, &Format::Png));
    assert!(!can(&Format::Zpl, &Format::Tspl) && !can(&Format::Png, &Format::PlatformTask));
    assert!(!can(&Format::Unknown("escpos".into()), &Format::Zpl));
}
