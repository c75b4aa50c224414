//! PDF drawn by `hayro`, and by poppler; barcodes read by zbar. Both are asked as programs, and missing where there is no Debian.

use std::io::Write as _;
use std::path::{Path, PathBuf};
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

/// A program: the machine's own, or the one that `cargo hub setup` unpacks beside what is built. Where there is neither,
/// says so, past the harness that keeps back what tests print.
fn program(name: &str) -> Option<Command> {
    let itself = std::env::current_exe().ok()?;
    let unpacked = itself.ancestors().nth(3)?.join("readers");
    if let Some(found) = [Path::new("/"), &unpacked].into_iter().find(|root| root.join("usr/bin").join(name).is_file())
    {
        let mut command = Command::new(found.join("usr/bin").join(name));
        if found == unpacked {
            let libraries = platform_folders(&found.join("usr/lib"));
            // Readers of picture formats are modules of the library that zbar opens pictures with.
            let modules = libraries.iter().flat_map(|folder| within(folder, "ImageMagick-"));
            let coders = modules.flat_map(|folder| within(&folder, "modules-")).map(|folder| folder.join("coders"));
            command.env("LD_LIBRARY_PATH", std::env::join_paths(&libraries).ok()?);
            command.env("MAGICK_CODER_MODULE_PATH", std::env::join_paths(coders).ok()?);
        }
        return Some(command);
    }
    let _ = writeln!(std::io::stdout(), "\nNOT RUN: labels by {name} (cargo hub setup gets it on Debian)");
    None
}

/// Debian keeps libraries in folders named after the platform.
fn platform_folders(lib: &Path) -> Vec<PathBuf> {
    within(lib, "").into_iter().filter(|folder| folder.to_string_lossy().ends_with("-linux-gnu")).collect()
}

/// What is in a folder and begins so.
fn within(folder: &Path, beginning: &str) -> Vec<PathBuf> {
    let entries = folder.read_dir().into_iter().flatten().flatten();
    entries
        .filter(|entry| entry.file_name().to_string_lossy().starts_with(beginning))
        .map(|entry| entry.path())
        .collect()
}

/// The first page as poppler draws it; `None` where the machine has none.
///
/// # Errors
/// What it says.
pub fn page_by_poppler(pdf: &[u8], dpi: u32) -> Result<Option<Picture>, String> {
    let Some(program) = program("pdftoppm") else { return Ok(None) };
    let answer = piped(program, &["-png", "-gray", "-singlefile", "-r", &dpi.to_string(), "-"], pdf)?;
    Picture::from_png(&answer).map(Some)
}

/// The text of a document as poppler reads it; `None` where the machine has none.
///
/// # Errors
/// What it says.
pub fn text_by_poppler(pdf: &[u8]) -> Result<Option<String>, String> {
    let Some(program) = program("pdftotext") else { return Ok(None) };
    String::from_utf8(piped(program, &["-layout", "-", "-"], pdf)?).map(Some).map_err(|e| e.to_string())
}

/// Every code that zbar reads in a picture; `None` where the machine has none.
///
/// # Errors
/// What it says.
pub fn codes_by_zbar(picture: &Picture) -> Result<Option<Vec<String>>, String> {
    let Some(mut program) = program("zbarimg") else { return Ok(None) };
    let mut pgm = format!("P5 {} {} 255\n", picture.width, picture.height).into_bytes();
    pgm.extend_from_slice(&picture.luma);
    let folder = tempfile::tempdir().map_err(|e| e.to_string())?;
    let path = folder.path().join("label.pgm");
    std::fs::write(&path, pgm).map_err(|e| e.to_string())?;
    let only = ["-q", "--raw", "-Sdisable", "-Scode128.enable", "-Sqrcode.enable"];
    let answer = program.args(only).arg(&path).output().map_err(|e| e.to_string())?;
    // It ends with 4 where it saw no code.
    if !matches!(answer.status.code(), Some(0 | 4)) {
        return Err(format!("zbarimg: {}", String::from_utf8_lossy(&answer.stderr)));
    }
    let text = String::from_utf8(answer.stdout).map_err(|e| e.to_string())?;
    Ok(Some(text.lines().map(str::to_owned).collect()))
}

fn piped(mut program: Command, arguments: &[&str], bytes: &[u8]) -> Result<Vec<u8>, String> {
    let mut child = program
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
        return Err(format!("{program:?}: {}", String::from_utf8_lossy(&answer.stderr)));
    }
    Ok(answer.stdout)
}
