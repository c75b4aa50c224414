//! Code 128 with an automatic choice between subsets B and C.

use crate::barcode::BarcodeText;

/// Width of the quiet zone on each side, in modules.
pub(crate) const QUIET: u32 = 10;

const CODE_C: u8 = 99;
const CODE_B: u8 = 100;
pub(crate) const START_B: u8 = 104;
pub(crate) const START_C: u8 = 105;
const STOP: u8 = 106;

/// Widths of bar, space, bar, space, bar, space of each symbol value; the stop has one bar more.
const PATTERNS: [&[u8]; 107] = [
    b"212222", b"222122", b"222221", b"121223", b"121322", b"131222", b"122213", b"122312", b"132212", b"221213",
    b"221312", b"231212", b"112232", b"122132", b"122231", b"113222", b"123122", b"123221", b"223211", b"221132",
    b"221231", b"213212", b"223112", b"312131", b"311222", b"321122", b"321221", b"312212", b"322112", b"322211",
    b"212123", b"212321", b"232121", b"111323", b"131123", b"131321", b"112313", b"132113", b"132311", b"211313",
    b"231113", b"231311", b"112133", b"112331", b"132131", b"113123", b"113321", b"133121", b"313121", b"211331",
    b"231131", b"213113", b"213311", b"213131", b"311123", b"311321", b"331121", b"312113", b"312311", b"332111",
    b"314111", b"221411", b"431111", b"111224", b"111422", b"121124", b"121421", b"141122", b"141221", b"112214",
    b"112412", b"122114", b"122411", b"142112", b"142211", b"241211", b"221114", b"413111", b"241112", b"134111",
    b"111242", b"121142", b"121241", b"114212", b"124112", b"124211", b"411212", b"421112", b"421211", b"212141",
    b"214121", b"412121", b"111143", b"111341", b"131141", b"114113", b"114311", b"411113", b"411311", b"113141",
    b"114131", b"311141", b"411131", b"211412", b"211214", b"211232", b"2331112",
];

/// The symbol values from start to the last data value: no check value, no stop.
///
/// Digits go in pairs (subset C) where at least four of them open or close the text, or six stand within; of an odd
/// run the first digit stays in B.
pub(crate) fn symbols(text: &BarcodeText) -> Vec<u8> {
    let mut rest = text.as_str().as_bytes();
    let mut out = Vec::with_capacity(rest.len() + 4);
    let mut in_c = false;
    while let Some((&first, tail)) = rest.split_first() {
        let run = rest.iter().take_while(|b| b.is_ascii_digit()).count();
        let worth = if out.is_empty() || run == rest.len() { 4 } else { 6 };
        if (in_c && run >= 2) || (!in_c && run >= worth && run % 2 == 0) {
            if !in_c {
                out.push(if out.is_empty() { START_C } else { CODE_C });
                in_c = true;
            }
            let second = tail.first().copied().unwrap_or(b'0');
            out.push((first - b'0') * 10 + (second - b'0'));
            rest = tail.get(1..).unwrap_or_default();
        } else {
            if out.is_empty() || in_c {
                out.push(if out.is_empty() { START_B } else { CODE_B });
                in_c = false;
            }
            out.push(first - b' ');
            rest = tail;
        }
    }
    out
}

/// Width in modules, without quiet zones.
pub(crate) fn modules(text: &BarcodeText) -> u32 {
    // The check value has 11 modules as every other, the stop 13.
    u32::try_from(symbols(text).len()).unwrap_or(u32::MAX / 16) * 11 + 11 + 13
}

/// Widths of bars and spaces in modules, in turn, beginning with a bar.
pub(crate) fn bars(text: &BarcodeText) -> impl Iterator<Item = u32> {
    let data = symbols(text);
    let sum: u32 = data.iter().enumerate().map(|(i, v)| u32::try_from(i.max(1)).unwrap_or(0) * u32::from(*v)).sum();
    let check = u8::try_from(sum % 103).unwrap_or(0);
    data.into_iter()
        .chain([check, STOP])
        .filter_map(|v| PATTERNS.get(usize::from(v)))
        .flat_map(|pattern| pattern.iter().map(|b| u32::from(b - b'0')))
}

/// The content as a ZPL `^BC` field in mode N takes it: the same start and changes of subset as in [`symbols`], so
/// that the printer's bars are as wide as the page reckoned with.
pub(crate) fn zpl_field(text: &BarcodeText) -> String {
    let mut out = String::new();
    let mut in_c = false;
    for (i, value) in symbols(text).into_iter().enumerate() {
        match value {
            START_B if i == 0 => out.push_str(">:"),
            START_C if i == 0 => {
                out.push_str(">;");
                in_c = true;
            }
            CODE_B if in_c => {
                out.push_str(">6");
                in_c = false;
            }
            pair if in_c => out.extend([char::from(b'0' + pair / 10), char::from(b'0' + pair % 10)]),
            CODE_C => {
                out.push_str(">5");
                in_c = true;
            }
            single => out.push(char::from(single + b' ')),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(s: &str) -> BarcodeText {
        BarcodeText::parse(s).unwrap()
    }

    #[test]
    fn every_pattern_fills_its_modules_and_is_unique() {
        for (value, pattern) in PATTERNS.iter().enumerate() {
            let width: u32 = pattern.iter().map(|b| u32::from(b - b'0')).sum();
            assert_eq!(width, if value == 106 { 13 } else { 11 }, "value {value}");
            let bars: u32 = pattern.iter().step_by(2).map(|b| u32::from(b - b'0')).sum();
            assert!(value == 106 || bars.is_multiple_of(2), "value {value} has odd parity");
            assert_eq!(PATTERNS.iter().filter(|p| *p == pattern).count(), 1, "value {value}");
        }
    }

    #[test]
    fn digits_go_in_pairs_where_that_is_shorter() {
        let check = |s: &str, field: &str, count: usize| {
            assert_eq!(zpl_field(&text(s)), field);
            assert_eq!(symbols(&text(s)).len(), count, "{s}");
        };
        check("1234", ">;1234", 3);
        check("12345", ">:1>52345", 5);
        check("HD1234567890123", ">:HD1>5234567890123", 11);
        check("AB12", ">:AB12", 5);
        check("123456AB", ">;123456>6AB", 7);
        check("A1234B", ">:A1234B", 7);
        check("A123456B", ">:A>5123456>6B", 8);
        check("99100-99", ">:99100-99", 9);
        check("991001234-99", ">:9>591001234>6-99", 11);
        check("HDVA00000000000-1-1", ">:HDVA0>50000000000>6-1-1", 17);
    }

    #[test]
    fn bars_fill_exactly_the_reckoned_width() {
        for s in ["1", "1234", "HD1234567890123", "A123456B", "a-b.c/d"] {
            assert_eq!(bars(&text(s)).sum::<u32>(), modules(&text(s)), "{s}");
        }
    }

    /// The textbook example PJJ123C has check value 54 after a start in subset A, so one more after B's.
    #[test]
    fn the_check_value_is_weighted_by_place() {
        let drawn: Vec<u32> = bars(&text("PJJ123C")).collect();
        let values = symbols(&text("PJJ123C"));
        let sum: u32 = values.iter().enumerate().map(|(i, v)| (i.max(1) as u32) * u32::from(*v)).sum();
        assert_eq!(sum % 103, 55);
        let place = values.len() * 6;
        let pattern: Vec<u32> = PATTERNS[55].iter().map(|b| u32::from(b - b'0')).collect();
        assert_eq!(&drawn[place..place + 6], pattern.as_slice());
    }
}
