//! Paper that a carrier drew itself: looked at before anybody relies on it, kept with the labels under its SHA-256 before
//! its number is stored, and printed byte for byte.

use crate::lane::Lane;
use crate::outcome::again;
use huidan_carrier::DocumentMedia;
use huidan_exchange::sign;
use huidan_store::waybills::{Drawn, Outcome};
use huidan_store::{Chance, Keyring, StoreError, labels};
use huidan_world::World;

/// Largest document that is kept, in bytes: a label's PDF is a tenth of it at most, and a printer takes no more.
const LARGEST: usize = 4 << 20;
/// How often keeping a document is tried at once.
const TRIES: u32 = 3;

const NOT_KEPT: &str =
    "承运商的面单存不下来，请作废后重新取号 / the carrier's label could not be kept: void the number and book again";

/// A document that is to be kept before its number is stored.
pub(crate) struct ToKeep {
    /// The waybill it is of.
    pub(crate) waybill: String,
    /// SHA-256 of its bytes in hex.
    pub(crate) sha: String,
    /// Its bytes, sealed.
    pub(crate) sealed: Vec<u8>,
}

/// What a format is called in a print job.
pub(crate) const fn format(media: DocumentMedia) -> &'static str {
    match media {
        DocumentMedia::Pdf => "pdf",
        DocumentMedia::Png => "png",
        DocumentMedia::Zpl => "zpl",
    }
}

/// The document of an answer as its waybill names it, and the bytes to keep. What is spoilt is not kept: a person reads
/// why.
pub(crate) fn drawn(
    keys: &Keyring,
    chance: &dyn Chance,
    waybill: &str,
    media: DocumentMedia,
    base64: &str,
) -> Result<(Drawn, Option<ToKeep>), StoreError> {
    let name = format(media);
    match checked(media, base64) {
        Ok(bytes) => {
            let sha = sign::hex(&sign::sha256(&[&bytes]));
            let sealed = labels::seal(keys, chance, &sha, &[], &bytes)?;
            let kept = ToKeep { waybill: waybill.to_owned(), sha: sha.clone(), sealed };
            Ok((Drawn { media: name.to_owned(), sha, wrong: String::new() }, Some(kept)))
        }
        Err((zh, en)) => {
            let wrong = format!(
                "承运商的面单（{name}）{zh}，请作废后重新取号 / the carrier's label ({name}) {en}: void the number and \
                 book again"
            );
            Ok((Drawn { media: name.to_owned(), sha: String::new(), wrong }, None))
        }
    }
}

/// The bytes of a document, if they are what they are said to be, whole.
fn checked(media: DocumentMedia, base64: &str) -> Result<Vec<u8>, (&'static str, &'static str)> {
    // Some write long texts in lines.
    let text: String = base64.chars().filter(|letter| !letter.is_ascii_whitespace()).collect();
    if text.len() / 4 * 3 > LARGEST + 2 {
        return Err(("过大", "is too large"));
    }
    let bytes = sign::from_base64(&text).ok_or(("不是 base64", "is no base64"))?;
    if bytes.is_empty() {
        return Err(("是空的", "is empty"));
    }
    let whole = match media {
        DocumentMedia::Pdf => is_pdf(&bytes),
        DocumentMedia::Png => is_png(&bytes),
        DocumentMedia::Zpl => is_zpl(&bytes),
    };
    match whole {
        true => Ok(bytes),
        false if is_pdf(&bytes) || is_png(&bytes) || is_zpl(&bytes) => {
            Err(("与声明的格式不符", "is of another kind than it is said to be"))
        }
        false => Err(("已损坏或不完整", "is damaged or not whole")),
    }
}

/// A PDF begins and ends like one. What is between is rendered by the print bridge, which prints nothing of a page that
/// it cannot render whole.
fn is_pdf(bytes: &[u8]) -> bool {
    let end = bytes.get(bytes.len().saturating_sub(1024)..).unwrap_or_default();
    bytes.starts_with(b"%PDF-") && end.windows(5).any(|window| window == b"%%EOF")
}

/// A PNG that can be decoded to its last row, and has its end.
fn is_png(bytes: &[u8]) -> bool {
    if !bytes.windows(8).any(|window| window == b"IEND\xAE\x42\x60\x82") {
        return false;
    }
    let limits = png::Limits { bytes: 64 << 20 };
    let Ok(mut reader) = png::Decoder::new_with_limits(std::io::Cursor::new(bytes), limits).read_info() else {
        return false;
    };
    while let Ok(row) = reader.next_row() {
        if row.is_none() {
            return true;
        }
    }
    false
}

/// ZPL in whole labels.
fn is_zpl(bytes: &[u8]) -> bool {
    let count = |mark: &[u8]| bytes.windows(3).filter(|window| *window == mark).count();
    let text = bytes.trim_ascii();
    let begins = text.starts_with(b"^XA") || text.starts_with(b"~DG") || text.starts_with(b"~DY");
    begins && text.ends_with(b"^XZ") && count(b"^XA") == count(b"^XZ")
}

/// Keeps documents; answers those that could not be kept.
pub(crate) async fn kept<W: World>(world: &W, documents: Vec<ToKeep>) -> Vec<ToKeep> {
    let mut lost = Vec::new();
    for document in documents {
        let mut tries = 0;
        while let Err(error) = world.keep_label(&document.sha, document.sealed.clone()).await {
            world.log(format_args!("document of waybill {} not kept: {error}", document.waybill));
            tries += 1;
            if tries == TRIES {
                lost.push(document);
                break;
            }
        }
    }
    lost
}

/// Keeps documents before their numbers are stored. Where one cannot be kept, its number is asked for again if the
/// carrier then gives the document once more; else a person reads that the paper is lost.
pub(crate) async fn keep<W: World>(
    lane: &Lane<'_, W>,
    calls: impl Fn(&str) -> u32,
    documents: Vec<ToKeep>,
    outcomes: &mut [(String, Outcome)],
) {
    let world = lane.world;
    for lost in kept(world, documents).await {
        let Some((_, outcome)) = outcomes.iter_mut().find(|(id, _)| *id == lost.waybill) else { continue };
        if matches!(lane.manifest.unknown_outcome.as_str(), "query" | "safe_repeat") {
            let again_at = again(world.moment().now, calls(&lost.waybill), None);
            let reason = "承运商的面单存不下来，稍后再取 / the carrier's label could not be kept: asked for again soon";
            *outcome = Outcome::Unclear { reason: reason.to_owned(), again_at };
        } else if let Outcome::Issued(given) = outcome {
            let of_children = given.children.iter_mut().filter_map(|child| child.document.as_mut());
            for drawn in given.document.iter_mut().chain(of_children).filter(|drawn| drawn.sha == lost.sha) {
                drawn.sha.clear();
                NOT_KEPT.clone_into(&mut drawn.wrong);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PDF: &[u8] = b"%PDF-1.4\n1 0 obj <<>> endobj\ntrailer <<>>\n%%EOF\n";
    const ZPL: &[u8] = b"^XA^FO10,10^BCN,80^FDSF1234567890^FS^XZ\n";

    fn png() -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, 16, 16);
        encoder.set_color(png::ColorType::Grayscale);
        let mut writer = encoder.write_header().unwrap();
        writer.write_image_data(&[127; 256]).unwrap();
        writer.finish().unwrap();
        bytes
    }

    #[test]
    fn what_is_whole_and_of_its_kind_is_taken_byte_for_byte() {
        let picture = png();
        for (media, bytes) in
            [(DocumentMedia::Pdf, PDF), (DocumentMedia::Png, picture.as_slice()), (DocumentMedia::Zpl, ZPL)]
        {
            assert_eq!(checked(media, &sign::base64(bytes)).as_deref(), Ok(bytes), "{media:?}");
            let mut lines = sign::base64(bytes);
            lines.insert_str(8, "\r\n");
            assert_eq!(checked(media, &lines).as_deref(), Ok(bytes), "{media:?} in lines");
            for other in [DocumentMedia::Pdf, DocumentMedia::Png, DocumentMedia::Zpl] {
                assert_eq!(checked(other, &sign::base64(bytes)).is_ok(), other == media, "{media:?} as {other:?}");
            }
        }
    }

    #[test]
    fn what_is_cut_spoilt_empty_or_too_large_is_not() {
        let picture = png();
        for (media, bytes) in
            [(DocumentMedia::Pdf, PDF), (DocumentMedia::Png, picture.as_slice()), (DocumentMedia::Zpl, ZPL)]
        {
            for length in 0..bytes.trim_ascii_end().len() - 1 {
                let cut = bytes.get(..length).unwrap();
                assert!(checked(media, &sign::base64(cut)).is_err(), "{media:?} cut to {length}");
            }
        }
        let mut spoilt = png();
        let middle = spoilt.len() / 2;
        *spoilt.get_mut(middle).unwrap() ^= 0xff;
        assert!(checked(DocumentMedia::Png, &sign::base64(&spoilt)).is_err(), "its checksum is wrong");
        for text in ["", "%%%", "AAA"] {
            assert!(checked(DocumentMedia::Pdf, text).is_err(), "{text:?}");
        }
        let large = sign::base64(&[PDF, &vec![b' '; LARGEST], b"%%EOF"].concat());
        assert_eq!(checked(DocumentMedia::Pdf, &large), Err(("过大", "is too large")));
    }
}
