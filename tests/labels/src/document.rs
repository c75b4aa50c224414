//! PDF drawn by `hayro`, and by poppler where the machine has it; barcodes read by zbar where the machine has it.

use std::io::Write as _;
use std::process::{Command, Stdio};

use hayro::hayro_interpret::InterpreterSettings;
use hayro::hayro_syntax::Pdf;
use hayro::{RenderSettings, render_pdf};

use crate::Picture;

/// Every page as `hayro` draws it.
///
/// # Errors
/// What it says.
pub fn pages(pdf: &[u8], dpi: u32) -> Result<Vec<Picture>, String> {
    let read = Pdf::new(pdf.to_vec()).map_err(|error| format!("{error:?}"))?;
    let scale = f32::from(u16::try_from(dpi).map_err(|e| e.to_string())?) / 72.0;
    let drawn = render_pdf(&read, scale, InterpreterSettings::default(), &RenderSettings::default(), None);
    let picture = |map: hayro::vello_cpu::Pixmap| Picture {
        width: map.width().into(),
        height: map.height().into(),
        luma: map.data_as_u8_slice().chunks_exact(4).filter_map(|dot| dot.get(1).copied()).collect(),
    };
    Ok(drawn.ok_or("no pages")?.into_iter().map(picture).collect())
}

/// Whether a program is on this machine; says so where it is not.
fn there(program: &str) -> bool {
    let asked = Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    if asked.is_err() {
        println!("NOT RUN: {program} is not on this machine");
    }
    asked.is_ok()
}

/// The first page as poppler draws it; `None` where the machine has none.
///
/// # Errors
/// What it says.
pub fn page_by_poppler(pdf: &[u8], dpi: u32) -> Result<Option<Picture>, String> {
    if !there("pdftoppm") {
        return Ok(None);
    }
    let answer = piped("pdftoppm", &["-png", "-gray", "-singlefile", "-r", &dpi.to_string(), "-"], pdf)?;
    Picture::from_png(&answer).map(Some)
}

/// The text of a document as poppler reads it; `None` where the machine has none.
///
/// # Errors
/// What it says.
pub fn text_by_poppler(pdf: &[u8]) -> Result<Option<String>, String> {
    if !there("pdftotext") {
        return Ok(None);
    }
    String::from_utf8(piped("pdftotext", &["-layout", "-", "-"], pdf)?).map(Some).map_err(|e| e.to_string())
}

/// Every code that zbar reads in a picture; `None` where the machine has none.
///
/// # Errors
/// What it says.
pub fn codes_by_zbar(picture: &Picture) -> Result<Option<Vec<String>>, String> {
    if !there("zbarimg") {
        return Ok(None);
    }
    let mut pgm = format!("P5 {} {} 255\n", picture.width, picture.height).into_bytes();
    pgm.extend_from_slice(&picture.luma);
    let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
    let path = folder.path().join("label.pgm");
    std::fs::write(&path, pgm).map_err(|e| e.to_string())?;
    let only = ["-q", "--raw", "-Sdisable", "-Scode128.enable", "-Sqrcode.enable"];
    let answer = Command::new("zbarimg").args(only).arg(&path).output().map_err(|e| e.to_string())?;
    let text = String::from_utf8(answer.stdout).map_err(|e| e.to_string())?;
    Ok(Some(text.lines().map(str::to_owned).collect()))
}

fn piped(program: &str, arguments: &[&str], bytes: &[u8]) -> Result<Vec<u8>, String> {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|e| e.to_string())?;
    let mut input = child.stdin.take().ok_or("no input")?;
    let owned = bytes.to_vec();
    let writer = std::thread::spawn(move || input.write_all(&owned));
    let answer = child.wait_with_output().map_err(|e| e.to_string())?;
    writer.join().map_err(|_| "the writer failed")?.map_err(|e| e.to_string())?;
    if !answer.status.success() || answer.stdout.is_empty() {
        return Err(format!("{program}: {}", String::from_utf8_lossy(&answer.stderr)));
    }
    Ok(answer.stdout)
}
