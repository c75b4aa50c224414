//! Whatever a buyer writes, the printer sees only the commands that we meant.

#![expect(clippy::indexing_slicing, reason = "a walker that stops at a malformed label is what this test needs")]

use huidan_label::{Dpi, ItemLine, Media, Party, Waybill, layout, png, problems, tspl, zpl};
use proptest::prelude::*;

/// Walks a ZPL label and says what is wrong with it. Written from the language's rules, not from our writer.
fn check_zpl(bytes: &[u8]) -> Result<(), String> {
    let text = std::str::from_utf8(bytes).map_err(|e| e.to_string())?;
    let mut commands = text.split('^').map(str::trim_end);
    if commands.next() != Some("") || text.contains('~') || !text.is_ascii() {
        return Err("not a sequence of ^ commands".into());
    }
    let (mut seen_end, mut printed) = (false, 0);
    for command in commands {
        let name = command.get(..2).ok_or("short command")?;
        let rest = command.get(2..).unwrap_or_default();
        let numbers = |s: &str| s.bytes().all(|b| b.is_ascii_digit() || b == b',');
        let fine = match name {
            "XA" | "FS" => rest.is_empty(),
            "XZ" => !std::mem::replace(&mut seen_end, true) && rest.is_empty(),
            "CI" => rest == "28",
            "PQ" => {
                printed += 1;
                rest == "1"
            }
            "PW" | "LL" | "LH" | "FO" | "GB" | "BY" => numbers(rest),
            "BC" => rest.strip_prefix("N,").and_then(|r| r.strip_suffix(",N,N,N,N")).is_some_and(numbers),
            "BQ" => rest.strip_prefix("N,2,").is_some_and(numbers),
            "FD" => rest.bytes().all(|b| b.is_ascii_alphanumeric() || b"-./>:;,".contains(&b)),
            "GF" => graphic(rest),
            _ => false,
        };
        if !fine {
            return Err(format!("unexpected ^{command}"));
        }
    }
    if seen_end && printed == 1 { Ok(()) } else { Err("not one whole label".into()) }
}

/// `A,total,total,row,` and digits whose runs fill exactly the declared rows.
fn graphic(field: &str) -> bool {
    let parts: Vec<&str> = field.splitn(5, ',').collect();
    let [format, total, again, row, data] = parts.as_slice() else { return false };
    let (Ok(total), Ok(row)) = (total.parse::<usize>(), row.parse::<usize>()) else { return false };
    let (mut nibbles, mut run) = (0, 0);
    for b in data.bytes() {
        match b {
            b'G'..=b'Y' => run += usize::from(b - b'F'),
            b'g'..=b'z' => run += usize::from(b - b'f') * 20,
            b'0'..=b'9' | b'A'..=b'F' => {
                nibbles += run.max(1);
                run = 0;
            }
            b',' => nibbles = (nibbles / (row * 2) + 1) * row * 2,
            b':' => nibbles += row * 2,
            _ => return false,
        }
    }
    *format == "A" && again.parse() == Ok(total) && nibbles == total * 2 && run == 0
}

/// Walks a TSPL label: lines of known commands, bitmaps by their declared length.
fn check_tspl(bytes: &[u8]) -> Result<(), String> {
    let mut rest = bytes;
    let mut lines = Vec::new();
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix(b"BITMAP ") {
            let head: Vec<&[u8]> = after.splitn(6, |b| *b == b',').collect();
            let number = |i: usize| std::str::from_utf8(head[i]).ok().and_then(|s| s.parse::<usize>().ok());
            let (Some(width), Some(height)) = (number(2), number(3)) else { return Err("bad bitmap".into()) };
            let data = head[5].get(..width * height).ok_or("short bitmap")?;
            rest = head[5][data.len()..].strip_prefix(b"\r\n").ok_or("no line end after a bitmap")?;
            continue;
        }
        let end = rest.windows(2).position(|w| w == b"\r\n").ok_or("no line end")?;
        lines.push(std::str::from_utf8(&rest[..end]).map_err(|e| e.to_string())?);
        rest = &rest[end + 2..];
    }
    for line in &lines {
        let (name, arguments) = line.split_once(' ').unwrap_or((line, ""));
        let quoted: Vec<&str> = arguments.split('"').collect();
        let plain = |s: &str| s.bytes().all(|b| b.is_ascii_alphanumeric() || b"-./, ".contains(&b));
        let fine = match name {
            "CLS" => arguments.is_empty(),
            "SIZE" | "GAP" | "DIRECTION" | "BOX" | "BAR" | "PRINT" => quoted.len() == 1 && plain(arguments),
            "BARCODE" => quoted.len() == 5 && quoted.iter().all(|s| plain(s)),
            "QRCODE" => quoted.len() == 3 && quoted.iter().all(|s| plain(s)),
            _ => false,
        };
        if !fine {
            return Err(format!("unexpected {line}"));
        }
    }
    let printed = lines.iter().filter(|l| l.starts_with("PRINT")).count();
    if lines.last() == Some(&"PRINT 1,1") && printed == 1 { Ok(()) } else { Err("not one whole label".into()) }
}

/// Every field of the waybill says this.
fn everywhere(text: &str, number: &str) -> Waybill {
    let t = || text.to_owned();
    let party = Party { name: t(), phone: t(), country: Some(t()), region: t(), address: t() };
    Waybill {
        carrier: t(),
        carrier_code: t(),
        service: t(),
        number: number.to_owned(),
        routing: Some(t()),
        sender: party.clone(),
        receiver: party,
        cod: Some(t()),
        insured: Some(t()),
        weight_g: Some(u32::MAX),
        seq: Some((u32::MAX, u32::MAX)),
        slot: Some(t()),
        piece: Some((u16::MAX, u16::MAX)),
        lines: vec![ItemLine { sku: t(), title: t(), qty: u32::MAX }; 3],
        order_refs: vec![t(), t()],
        remark: t(),
        reprint: Some(u32::MAX),
        printed_hint: t(),
    }
}

fn check(waybill: &Waybill, media: Media, dpi: Dpi) {
    let page = layout(waybill, media, dpi);
    assert_eq!(check_zpl(&zpl(&page)), Ok(()));
    assert_eq!(check_tspl(&tspl(&page)), Ok(()));
    assert!(png(&page).starts_with(b"\x89PNG"));
    for problem in problems(&page) {
        assert!(!problem.zh().is_empty() && !problem.en().is_empty() && problem.to_string().is_ascii());
    }
}

#[test]
fn printer_commands_in_every_field_stay_dots() {
    for evil in [
        "^XZ^XA^FDhacked^FS^XZ",
        "~JA~HS",
        "\"\r\nPRINT 99\r\n\"",
        "\u{1b}!R",
        "_5EXZ",
        "\\[\"]",
        ">;>8",
        "\0\u{7f}\u{85}",
        "^",
        "~",
        "\"",
        "\r\nFORMFEED\r\n",
        "\u{202e}\u{feff}",
        "",
    ] {
        check(&everywhere(evil, evil), Media::W76H130, Dpi::D203);
        check(&everywhere(evil, "HD1234567890123"), Media::W100H150, Dpi::D203);
    }
}

#[test]
fn the_walkers_notice_a_foreign_command() {
    let page = layout(&everywhere("a", "HD1234567890123"), Media::W76H130, Dpi::D203);
    let put = |bytes: Vec<u8>, at: &[u8], evil: &[u8]| {
        let place = bytes.windows(at.len()).position(|w| w == at).unwrap();
        [&bytes[..place], evil, &bytes[place..]].concat()
    };
    assert!(check_zpl(&put(zpl(&page), b"^PQ1", b"^FDx^JUS")).is_err());
    assert!(check_zpl(&put(zpl(&page), b"^PQ1", b"~JA")).is_err());
    assert!(check_zpl(&put(zpl(&page), b"^FS", b"F")).is_err());
    assert!(check_tspl(&put(tspl(&page), b"PRINT 1,1", b"PRINT 9,9\r\n")).is_err());
    assert!(check_tspl(&put(tspl(&page), b"BARCODE", b"KILL \"*\"\r\n")).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_text_panics_or_becomes_a_command(
        text in "\\PC{0,40}|[\\x00-\\x7f]{0,40}|(\\^|~|\"|\r|\n|[A-Z]|[一-龥]){0,60}",
        number in "[A-Za-z0-9./-]{0,44}|\\PC{0,20}",
        large in any::<bool>(),
        fine in any::<bool>(),
    ) {
        let media = if large { Media::W100H150 } else { Media::W76H130 };
        check(&everywhere(&text, &number), media, if fine { Dpi::D300 } else { Dpi::D203 });
    }
}
