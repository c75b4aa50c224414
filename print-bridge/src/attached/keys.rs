//! Key strokes of a scanner that is a keyboard, as Linux writes them: 24 bytes per event on 64-bit machines, a time of
//! 16, then type, code and value.

/// Bytes of one event.
const EVENT: usize = 24;
/// The event type of keys.
const KEY: u16 = 1;
const LEFT_SHIFT: u16 = 42;
const RIGHT_SHIFT: u16 = 54;
const ENTER: u16 = 28;
const KEYPAD_ENTER: u16 = 96;

/// Plain and shifted characters by the key's code, as on a US keyboard, which is what scanners type on.
const LAYOUT: &[(u16, &str, &str)] = &[
    (2, "1234567890-=", "!@#$%^&*()_+"),
    (16, "qwertyuiop[]", "QWERTYUIOP{}"),
    (30, "asdfghjkl;'`", "ASDFGHJKL:\"~"),
    (43, "\\zxcvbnm,./", "|ZXCVBNM<>?"),
    (57, " ", " "),
    (71, "789-456+1230.", "789-456+1230."),
];

/// Turns events into the characters they type.
#[derive(Debug, Default)]
pub(super) struct Keys {
    rest: Vec<u8>,
    shift: bool,
}

impl Keys {
    /// The characters that these bytes complete; a line ends with a line feed.
    pub(super) fn typed(&mut self, bytes: &[u8]) -> Vec<u8> {
        self.rest.extend_from_slice(bytes);
        let whole = self.rest.len() / EVENT * EVENT;
        let events: Vec<u8> = self.rest.drain(..whole).collect();
        events.chunks_exact(EVENT).filter_map(|event| self.event(event)).collect()
    }

    fn event(&mut self, event: &[u8]) -> Option<u8> {
        let word = |at: usize| Some(u16::from_ne_bytes(event.get(at..at + 2)?.try_into().ok()?));
        let (kind, code) = (word(16)?, word(18)?);
        let value = i32::from_ne_bytes(event.get(20..24)?.try_into().ok()?);
        if kind != KEY {
            return None;
        }
        match (code, value) {
            (LEFT_SHIFT | RIGHT_SHIFT, _) => {
                self.shift = value != 0;
                None
            }
            (_, 0) => None,
            (ENTER | KEYPAD_ENTER, _) => Some(b'\n'),
            _ => character(code, self.shift),
        }
    }
}

fn character(code: u16, shift: bool) -> Option<u8> {
    LAYOUT.iter().find_map(|(first, plain, shifted)| {
        let row = if shift { shifted } else { plain };
        row.as_bytes().get(usize::from(code.checked_sub(*first)?)).copied()
    })
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::attached) fn event(code: u16, value: i32) -> Vec<u8> {
        let mut event = vec![0; 16];
        event.extend(KEY.to_ne_bytes());
        event.extend(code.to_ne_bytes());
        event.extend(value.to_ne_bytes());
        event
    }

    #[test]
    fn capital_letters_digits_and_dashes_are_read_as_typed() {
        let strokes = [
            event(LEFT_SHIFT, 1),
            event(31, 1),
            event(31, 0),
            event(33, 1),
            event(LEFT_SHIFT, 0),
            event(2, 1),
            event(11, 1),
            event(12, 1),
            event(44, 1),
            event(ENTER, 1),
        ];
        let mut keys = Keys::default();
        let bytes = strokes.concat();
        let (first, second) = bytes.split_at(37);
        let typed = [keys.typed(first), keys.typed(second)].concat();
        assert_eq!(typed, b"SF10-z\n", "an event that comes in two pieces is one");
    }

    #[test]
    fn other_events_type_nothing() {
        let mut other = event(2, 1);
        other[16] = 4;
        assert!(Keys::default().typed(&other).is_empty());
        assert!(Keys::default().typed(&event(500, 1)).is_empty());
    }
}
