//! The label that YTO draws: one page of 76 × 130 mm with the number as a Code 128.

use barcoders::sym::code128::Code128;
use pdf_writer::{Content, Finish, Name, Pdf, Rect, Ref, Str};

const MM: f32 = 72.0 / 25.4;
const WIDTH: f32 = 76.0 * MM;
const HEIGHT: f32 = 130.0 * MM;
/// One bar: 0.33 mm, eight dots of a 600 dpi printer, nearly three of a 203 dpi one.
const MODULE: f32 = 0.33 * MM;
const BARS: f32 = 18.0 * MM;

/// The page; `None` where the number cannot stand in a Code 128.
pub(super) fn label(number: &str, short: &str, order: &str) -> Option<Vec<u8>> {
    // Ɓ chooses character set B.
    let modules = Code128::new(format!("Ɓ{number}")).ok()?.encode();
    let mut content = Content::new();
    line(&mut content, 26.0, 8.0 * MM, HEIGHT - 16.0 * MM, short);
    let mut at = (WIDTH - f32::from(u16::try_from(modules.len()).ok()?) * MODULE) / 2.0;
    for run in modules.chunk_by(|a, b| a == b) {
        let width = f32::from(u16::try_from(run.len()).ok()?) * MODULE;
        if run.first() == Some(&1) {
            content.rect(at, HEIGHT - 48.0 * MM, width, BARS);
        }
        at += width;
    }
    content.fill_nonzero();
    line(&mut content, 12.0, 16.0 * MM, HEIGHT - 54.0 * MM, number);
    let plain: String = order.chars().filter(char::is_ascii_graphic).collect();
    line(&mut content, 9.0, 8.0 * MM, 8.0 * MM, &plain);
    Some(page(content))
}

fn line(content: &mut Content, size: f32, x: f32, y: f32, text: &str) {
    content.begin_text();
    content.set_font(Name(b"F1"), size);
    content.next_line(x, y);
    content.show(Str(text.as_bytes()));
    content.end_text();
}

fn page(content: Content) -> Vec<u8> {
    let [catalog, pages, page, font, stream] = [1, 2, 3, 4, 5].map(Ref::new);
    let mut pdf = Pdf::new();
    pdf.catalog(catalog).pages(pages);
    pdf.pages(pages).kids([page]).count(1);
    let mut one = pdf.page(page);
    one.media_box(Rect::new(0.0, 0.0, WIDTH, HEIGHT)).parent(pages).contents(stream);
    one.resources().fonts().pair(Name(b"F1"), font);
    one.finish();
    pdf.type1_font(font).base_font(Name(b"Helvetica"));
    pdf.stream(stream, &content.finish());
    pdf.finish()
}
