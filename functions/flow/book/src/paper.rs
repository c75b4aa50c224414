//! From a booking to the bytes that a printer takes. Pure: what it needs comes in, what is wrong goes out as words for
//! the person who can mend it.

use huidan_domain::{Millis, Receiver};
use huidan_exchange::{sign, time};
use huidan_label::{Dpi, ItemLine, Media, Page, Party, Waybill, layout, png, tspl, zpl};
use huidan_store::labels::Printer;
use huidan_store::waybills::Booking;
use serde_json::value::RawValue;

/// What is printed, and what it was made from.
pub(crate) struct Paper {
    /// The model as JSON; empty where a platform's component renders.
    pub(crate) model: Vec<u8>,
    /// The bytes.
    pub(crate) bytes: Vec<u8>,
    /// SHA-256 of the bytes in hex.
    pub(crate) sha: String,
}

/// What a label says beside its booking.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place<'a> {
    /// Place in the batch, from 1, and the size of the batch.
    pub(crate) seq: (u32, u32),
    /// Which copy it is; from the second on it bears a mark.
    pub(crate) copy_no: u32,
    /// Its slot in the put-wall; empty where it has none.
    pub(crate) slot: &'a str,
    /// Which piece of its parcel it is, and of how many.
    pub(crate) piece: (u16, u16),
    /// When it is printed.
    pub(crate) now: Millis,
}

/// Which label fits a printer.
///
/// # Errors
/// A sentence for a person, when none does.
pub(crate) fn page_size(printer: &Printer) -> Result<(Media, Dpi), String> {
    let media = [Media::W100H150, Media::W76H130]
        .into_iter()
        .find(|media| media.millimetres() == (printer.width_mm, printer.height_mm));
    let dpi = [Dpi::D203, Dpi::D300].into_iter().find(|dpi| dpi.per_inch() == printer.dpi);
    media.zip(dpi).ok_or_else(|| {
        format!(
            "打印机 {0} 的纸张 {1}×{2} mm、{3} dpi 不支持，请用 100×150 或 76×130 mm、203 或 300 dpi / printer {0}: labels \
             of {1}×{2} mm at {3} dpi are not known; use 100×150 or 76×130 mm at 203 or 300 dpi",
            printer.id, printer.width_mm, printer.height_mm, printer.dpi
        )
    })
}

/// Renders a label of ours.
///
/// # Errors
/// A sentence for a person: the parcel might go astray with this label.
pub(crate) fn label(
    booking: &Booking,
    number: &str,
    carrier: &str,
    printer: &Printer,
    place: Place<'_>,
) -> Result<Paper, String> {
    let (media, dpi) = page_size(printer)?;
    let model = model(booking, number, carrier, place)?;
    let page = layout(&model, media, dpi);
    if let Some(problem) = page.problems().iter().find(|problem| problem.is_serious()) {
        return Err(format!("面单有误，未打印：{} / label not printed: {}", problem.zh(), problem.en()));
    }
    let bytes = drawn(&page, &printer.lang)?;
    let model = serde_json::to_vec(&model).map_err(|error| error.to_string())?;
    Ok(paper(model, bytes))
}

/// A page in a printer's language.
fn drawn(page: &Page, lang: &str) -> Result<Vec<u8>, String> {
    match lang {
        "zpl" => Ok(zpl(page)),
        "tspl" => Ok(tspl(page)),
        "png" => Ok(png(page)),
        other => Err(format!("打印机的语言 {other} 不支持 / the printer's language {other} is not known")),
    }
}

/// The document that a platform's print component renders: the print data in it is what the platform gave, unmodified,
/// since parts of it are signed.
///
/// # Errors
/// A sentence for a person, when the platform's print data is no JSON.
pub(crate) fn document(number: &str, print_data: &[u8]) -> Result<Paper, String> {
    let wrong = |_| {
        "平台的打印数据无法读取，请重新取号 / the platform's print data cannot be read: void and book again".to_owned()
    };
    let data: &RawValue = serde_json::from_slice(print_data).map_err(wrong)?;
    let document = Document { document_id: number, contents: [data] };
    Ok(paper(Vec::new(), serde_json::to_vec(&document).map_err(wrong)?))
}

#[derive(serde::Serialize)]
struct Document<'a> {
    #[serde(rename = "documentID")]
    document_id: &'a str,
    contents: [&'a RawValue; 1],
}

fn paper(model: Vec<u8>, bytes: Vec<u8>) -> Paper {
    let sha = sign::hex(&sign::sha256(&[&bytes]));
    Paper { model, bytes, sha }
}

/// The carrier's own document, byte for byte: a bridge makes a PDF or a picture into what its printer speaks, ZPL goes to
/// printers that speak it. A further copy bears no mark, since nothing of ours may stand on the carrier's page: its job
/// says which copy it is, and why.
///
/// # Errors
/// A sentence for a person, when the printer cannot print it.
pub(crate) fn carriers(media: &str, bytes: &[u8], printer: &Printer) -> Result<Paper, String> {
    let prints = match media {
        "pdf" | "png" => matches!(printer.lang.as_str(), "zpl" | "tspl" | "png") || printer.lang == media,
        other => printer.lang == other,
    };
    if !prints {
        let lang = &printer.lang;
        return Err(format!(
            "承运商的面单是 {media}，打印机 {0} 只收 {lang}，请换打印机或在承运商后台改面单格式 / the carrier's label is \
             {media} and printer {0} takes {lang}: use another printer, or have the carrier give another format",
            printer.id
        ));
    }
    Ok(paper(Vec::new(), bytes.to_vec()))
}

fn model(booking: &Booking, number: &str, carrier: &str, place: Place<'_>) -> Result<Waybill, String> {
    let receiver = booking
        .receiver
        .as_ref()
        .ok_or("收件人无法解密，请检查 receiver_key / the receiver cannot be opened: check receiver_key")?;
    let sender = booking.sender.clone().unwrap_or_default();
    let printed = time::to_local(place.now, booking.zone_hours);
    // Who carries it is known by its id alone where another gave the number; then the seller's own word is better.
    let by_another = !booking.carried_by.is_empty() && booking.carried_by != booking.carrier;
    let (carrier, code) =
        if by_another { (&*booking.account_name, &booking.carried_by) } else { (carrier, &booking.carrier) };
    Ok(Waybill {
        carrier: carrier.to_owned(),
        carrier_code: code.clone(),
        service: booking.service.clone(),
        number: number.to_owned(),
        routing: (!booking.routing.is_empty()).then(|| booking.routing.clone()),
        sender: Party {
            name: sender.name,
            phone: sender.phone,
            country: None,
            region: region(&sender.province, &sender.city, &sender.district),
            address: sender.street,
        },
        receiver: party(receiver),
        cod: None,
        insured: None,
        weight_g: (booking.weight_g > 0).then_some(booking.weight_g),
        seq: (place.seq.1 > 1).then_some(place.seq),
        slot: (!place.slot.is_empty()).then(|| place.slot.to_owned()),
        piece: (place.piece.1 > 1).then_some(place.piece),
        lines: booking
            .items
            .iter()
            .map(|item| ItemLine { sku: item.sku.clone(), title: item.title.clone(), qty: item.qty })
            .collect(),
        order_refs: booking.order_numbers.clone(),
        remark: booking.remarks.join("；"),
        reprint: (place.copy_no > 1).then(|| place.copy_no - 1),
        printed_hint: format!("{}  {}", printed.get(..16).unwrap_or(&printed), booking.warehouse),
    })
}

fn party(receiver: &Receiver) -> Party {
    let domestic = receiver.country.is_empty() || receiver.country == "CN";
    let region = if domestic {
        region(&receiver.province, &receiver.city, &receiver.district)
    } else {
        // Abroad the smaller place comes first, and the post code belongs to it.
        let places = [&receiver.district, &receiver.city, &receiver.province].map(String::as_str);
        let mut line = places.into_iter().filter(|place| !place.is_empty()).collect::<Vec<_>>().join(", ");
        if !receiver.postcode.is_empty() {
            line = format!("{line} {}", receiver.postcode).trim().to_owned();
        }
        line
    };
    Party {
        name: receiver.name.clone(),
        phone: receiver.phone.clone(),
        country: (!receiver.country.is_empty()).then(|| receiver.country.clone()),
        region,
        address: receiver.street.clone(),
    }
}

/// Province, city, district as one writes them: a city that is its own province is written once.
fn region(province: &str, city: &str, district: &str) -> String {
    let city = if city == province { "" } else { city };
    [province, city, district].concat()
}

#[cfg(test)]
mod tests;
