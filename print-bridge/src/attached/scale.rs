//! What scales say, by a small table of protocols. Whole numbers throughout: a weight is never a float.

/// A protocol that is named in a scale's parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Protocol {
    /// Lines of text: `ST,GS,+  1.234kg`, `S S      1.234 kg`, `  1.234 kg`.
    Text,
    /// Frames of 17 or 18 bytes that begin with STX and three status words.
    Toledo,
    /// Frames of 12 bytes between STX and ETX, with a checksum; kilograms.
    Yaohua,
    /// `=` and eight characters, the last digit first; kilograms.
    Reversed,
}

impl Protocol {
    /// The protocol of a name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "text" => Some(Self::Text),
            "toledo" => Some(Self::Toledo),
            "yaohua" => Some(Self::Yaohua),
            "reversed" => Some(Self::Reversed),
            _ => None,
        }
    }
}

/// One weight as a scale said it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reading {
    /// Grams, rounded; below zero when something was taken away after taring.
    pub grams: i64,
    /// Whether it lies still; `None` where the scale does not say.
    pub stable: Option<bool>,
}

/// A frame longer than any of these is noise.
const LONGEST: usize = 256;
const STX: u8 = 2;
const ETX: u8 = 3;
const KG: &str = "kg";

/// Cuts a scale's bytes into frames and reads them.
#[derive(Debug)]
pub struct Scale {
    protocol: Protocol,
    rest: Vec<u8>,
}

impl Scale {
    /// A scale that has said nothing yet.
    #[must_use]
    pub const fn new(protocol: Protocol) -> Self {
        Self { protocol, rest: Vec::new() }
    }

    /// The weights that these bytes complete; what cannot be read is passed over.
    pub fn hear(&mut self, bytes: &[u8]) -> Vec<Reading> {
        self.rest.extend_from_slice(bytes);
        let mut readings = Vec::new();
        while let Some((frame, used)) = self.frame() {
            readings.extend(read(self.protocol, &frame));
            self.rest.drain(..used);
        }
        if self.rest.len() > LONGEST {
            self.rest.clear();
        }
        readings
    }

    /// The first whole frame and how many bytes it ends after.
    fn frame(&self) -> Option<(Vec<u8>, usize)> {
        let find = |byte: u8, from: usize| {
            self.rest.iter().skip(from).position(|other| other & 0x7f == byte).map(|at| at + from)
        };
        let (start, end) = match self.protocol {
            Protocol::Text => (0, self.rest.iter().position(|byte| matches!(byte, b'\r' | b'\n'))? + 1),
            Protocol::Toledo => {
                let start = find(STX, 0)?;
                (start, start + 17)
            }
            Protocol::Yaohua => {
                let start = find(STX, 0)?;
                (start, start + 12)
            }
            Protocol::Reversed => {
                let start = find(b'=', 0)?;
                (start, find(b'=', start + 1)?)
            }
        };
        Some((self.rest.get(start..end)?.to_vec(), end))
    }
}

fn read(protocol: Protocol, frame: &[u8]) -> Option<Reading> {
    match protocol {
        Protocol::Text => text(&String::from_utf8_lossy(frame)),
        Protocol::Toledo => toledo(frame),
        Protocol::Yaohua => yaohua(frame),
        Protocol::Reversed => {
            let mut figures: Vec<u8> = frame.strip_prefix(b"=")?.iter().map(|byte| byte & 0x7f).collect();
            figures.reverse();
            Some(Reading { grams: grams(&String::from_utf8(figures).ok()?, KG)?, stable: None })
        }
    }
}

/// A line: a word on whether it lies still, a number, a unit.
fn text(line: &str) -> Option<Reading> {
    let line = line.trim();
    let stable = match line.get(..2)? {
        "ST" => Some(true),
        "US" => Some(false),
        "S " => match line.get(2..3)? {
            "S" => Some(true),
            "D" => Some(false),
            _ => return None,
        },
        // Too much or too little on it.
        "OL" | "LO" | "S+" | "S-" | "EL" => return None,
        _ => None,
    };
    let end = line.rfind(|c: char| c.is_ascii_digit())? + 1;
    let before = line.get(..end)?;
    let start = before
        .rfind(|c: char| !(c.is_ascii_digit() || c == '.'))
        .map_or(0, |at| at + before.get(at..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8));
    let sign = if before.get(..start)?.trim_end().ends_with('-') { "-" } else { "" };
    let unit: String = line.get(end..)?.trim().chars().take_while(char::is_ascii_alphabetic).collect();
    let unit = if unit.is_empty() { KG.to_owned() } else { unit.to_ascii_lowercase() };
    Some(Reading { grams: grams(&format!("{sign}{}", before.get(start..)?), &unit)?, stable })
}

fn toledo(frame: &[u8]) -> Option<Reading> {
    let bytes: Vec<u8> = frame.iter().map(|byte| byte & 0x7f).collect();
    let (place, state, unit) = (*bytes.get(1)?, *bytes.get(2)?, *bytes.get(3)?);
    if bytes.get(16) != Some(&b'\r') || state & 0b100 != 0 {
        return None;
    }
    let figures = String::from_utf8(bytes.get(4..10)?.to_vec()).ok()?;
    let figures = figures.trim();
    let decimals = usize::from(place & 0b111);
    let text = match decimals {
        0 => format!("{figures}00"),
        1 => format!("{figures}0"),
        _ => with_point(figures, decimals - 2)?,
    };
    let unit = match unit & 0b111 {
        0 if state & 0b1_0000 != 0 => KG,
        0 => "lb",
        1 => "g",
        2 => "t",
        3 => "oz",
        _ => return None,
    };
    let sign = if state & 0b10 == 0 { "" } else { "-" };
    Some(Reading { grams: grams(&format!("{sign}{text}"), unit)?, stable: Some(state & 0b1000 == 0) })
}

fn yaohua(frame: &[u8]) -> Option<Reading> {
    let told = frame.get(1..9)?;
    let check = told.iter().fold(0, |check, byte| check ^ byte);
    let hex = |half: u8| if half <= 9 { half + 0x30 } else { half + 0x37 };
    if frame.get(9..12)? != [hex(check >> 4), hex(check & 0xf), ETX] {
        return None;
    }
    let told = std::str::from_utf8(told).ok()?;
    let (sign, decimals) = (told.get(..1)?, told.get(7..)?.parse::<usize>().ok()?);
    let text = with_point(told.get(1..7)?, decimals)?;
    Some(Reading { grams: grams(&format!("{}{text}", sign.trim_matches('+')), KG)?, stable: None })
}

/// Six figures and a place for the point.
fn with_point(figures: &str, decimals: usize) -> Option<String> {
    let padded = format!("{figures:0>7}");
    let (whole, fraction) = padded.split_at_checked(padded.len().checked_sub(decimals)?)?;
    Some(format!("{whole}.{fraction}"))
}

/// Grams of a decimal number in a unit, rounded to the nearest.
fn grams(number: &str, unit: &str) -> Option<i64> {
    let micrograms: i128 = match unit {
        "g" => 1_000_000,
        KG => 1_000_000_000,
        "t" => 1_000_000_000_000,
        "lb" | "lbs" => 453_592_370,
        "oz" => 28_349_523,
        _ => return None,
    };
    let number = number.trim();
    let (negative, number) = number.strip_prefix('-').map_or((false, number), |rest| (true, rest));
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let figures = format!("{whole}{fraction}");
    if figures.is_empty() || figures.len() > 12 || !figures.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let scale = 10_i128.pow(u32::try_from(fraction.len()).ok()?) * 1_000_000;
    let rounded = (figures.parse::<i128>().ok()? * micrograms + scale / 2) / scale;
    i64::try_from(if negative { -rounded } else { rounded }).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(protocol: Protocol, bytes: &[u8], expect: &[(i64, Option<bool>)]) {
        let readings: Vec<_> =
            Scale::new(protocol).hear(bytes).into_iter().map(|reading| (reading.grams, reading.stable)).collect();
        assert_eq!(readings, expect, "{}", String::from_utf8_lossy(bytes));
    }

    #[test]
    fn lines_of_text_are_read_with_or_without_a_word_on_their_rest() {
        let (still, moving) = (Some(true), Some(false));
        for (line, grams, stable) in [
            ("ST,GS,+  1.234kg\r\n", 1234, still),
            ("US,GS,+  1.300kg\r\n", 1300, moving),
            ("ST,NT,-  0.050kg\r\n", -50, still),
            ("ST,+00012.34  g\r\n", 12, still),
            ("ST,GS,\u{1}\u{8a}, 12.5 kg\r\n", 12_500, still),
            ("S S      0.415 kg\r\n", 415, still),
            ("S D     10.00 g\r\n", 10, moving),
            ("   2.5 lb\r\n", 1134, None),
            ("wn0001.20kg\r\n", 1200, None),
            ("WG004.139kg\r\n", 4139, None),
            ("00.350\r\n", 350, None),
            ("-  0.350 kg\r\n", -350, None),
        ] {
            check(Protocol::Text, line.as_bytes(), &[(grams, stable)]);
        }
        for noise in
            ["OL,GS,+-----kg\r\n", "S I\r\n", "S +\r\n", "\r\n", "hello\r\n", "ST,GS,1.0 stone\r\n", "1.2.3 kg\r\n"]
        {
            check(Protocol::Text, noise.as_bytes(), &[]);
        }
    }

    #[test]
    fn a_line_may_come_in_pieces() {
        let mut scale = Scale::new(Protocol::Text);
        assert!(scale.hear(b"ST,GS,+  1.2").is_empty());
        assert_eq!(scale.hear(b"34kg\r\nST,GS,").len(), 1);
        assert!(scale.hear(&[b'x'; 1000]).is_empty());
        assert_eq!(scale.hear(b"\r\nST,GS,+ 1kg\r\n").len(), 1, "noise without an end is forgotten");
    }

    /// STX, status words, six figures, six of tare, CR.
    fn toledo_frame(a: u8, b: u8, c: u8, figures: &str) -> Vec<u8> {
        [&[STX, 0x20 | a, 0x20 | b, 0x20 | c], figures.as_bytes(), b"     0\r"].concat()
    }

    #[test]
    fn toledo_frames_say_where_the_point_is_and_whether_it_moves() {
        let frame = |a, b, figures: &str| toledo_frame(a, b, 0, figures);
        check(Protocol::Toledo, &frame(0b101, 0b1_0000, "  1234"), &[(1234, Some(true))]);
        check(Protocol::Toledo, &frame(0b100, 0b1_1000, "   120"), &[(1200, Some(false))]);
        check(Protocol::Toledo, &frame(0b101, 0b1_0010, "   050"), &[(-50, Some(true))]);
        check(Protocol::Toledo, &frame(0b101, 0b1_0100, "999999"), &[]);
        check(Protocol::Toledo, &toledo_frame(0b010, 0b1_0000, 1, "   415"), &[(415, Some(true))]);
        check(Protocol::Toledo, &[b"rest\r", &*frame(0b011, 0b0_0000, "    25")].concat(), &[(1134, Some(true))]);
        let parity: Vec<u8> = frame(0b101, 0b1_0000, "  1234").into_iter().map(|byte| byte | 0x80).collect();
        check(Protocol::Toledo, &parity, &[(1234, Some(true))]);
    }

    #[test]
    fn yaohua_frames_need_a_right_checksum() {
        let told = b"+0012343";
        let check_byte = told.iter().fold(0, |check, byte| check ^ byte);
        let hex = format!("{check_byte:02X}");
        let frame = [&[STX], &told[..], hex.as_bytes(), &[ETX]].concat();
        check(Protocol::Yaohua, &frame, &[(1234, None)]);
        check(Protocol::Yaohua, &[&frame[5..], &frame[..]].concat(), &[(1234, None)]);
        let mut wrong = frame;
        wrong[4] = b'9';
        check(Protocol::Yaohua, &wrong, &[]);
    }

    #[test]
    fn reversed_figures_are_turned_round() {
        check(Protocol::Reversed, b"=000.3000=00.1000-=", &[(3000, None), (-1000, None)]);
    }
}
