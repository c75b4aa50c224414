//! Breaking a text into lines and finding the size at which it fits.

use crate::font;

/// The sizes a text may have, in dots.
#[derive(Clone, Copy)]
pub(crate) struct Sizes {
    /// Tried first.
    pub(crate) most: u32,
    /// Below this nobody reads it.
    pub(crate) least: u32,
    /// Thicker strokes.
    pub(crate) bold: bool,
}

/// A text that was broken to fit its place.
pub(crate) struct Fitted {
    pub(crate) size: u32,
    pub(crate) lines: Vec<String>,
    /// Not all of it found room; the last line ends in `…`.
    pub(crate) cut: bool,
}

/// The text as it can be drawn: line breaks and tabs become spaces, runs of spaces one, and characters that have no
/// shape of their own (joiners, direction marks, variation selectors) go.
pub(crate) fn clean(text: &str) -> String {
    let shapeless = |c: char| matches!(u32::from(c), 0x200B..=0x200F | 0x202A..=0x202E | 0x2060..=0x206F | 0xFE00..=0xFE0F | 0xFEFF | 0xAD);
    let mut out = String::with_capacity(text.len());
    for c in text.chars().filter(|c| !shapeless(*c)) {
        if !c.is_whitespace() && !c.is_control() {
            out.push(c);
        } else if !out.is_empty() && !out.ends_with(' ') {
            out.push(' ');
        }
    }
    out.truncate(out.trim_end().len());
    out
}

/// Distance from one line to the next.
pub(crate) fn pitch(size: u32) -> u32 {
    size + size / 5
}

/// Height of so many lines.
pub(crate) fn height(lines: usize, size: u32) -> u32 {
    let gaps = u32::try_from(lines.saturating_sub(1)).unwrap_or(0);
    if lines == 0 { 0 } else { gaps * pitch(size) + font::strip_height(size) }
}

/// Breaks a [`clean`] text at the largest size at which it fits into `w` × `h` dots; at the smallest it is cut.
pub(crate) fn fit(text: &str, w: u32, h: u32, sizes: Sizes) -> Fitted {
    let chars: Vec<(char, f32)> = text.chars().map(|c| (c, font::em_width(c))).collect();
    let mut size = sizes.most.max(sizes.least);
    loop {
        let lines = wrap(&chars, w, size, sizes.bold);
        if height(lines.len(), size) <= h {
            let lines = lines.iter().map(|l| l.of(&chars)).collect();
            return Fitted { size, lines, cut: false };
        }
        if size <= sizes.least {
            return cut(&chars, &lines, w, h, size, sizes.bold);
        }
        size = size.saturating_sub((size / 16).max(1)).max(sizes.least);
    }
}

/// Keeps as many lines as there is room for, one at least, and ends the last one with `…`.
fn cut(chars: &[(char, f32)], lines: &[Line], w: u32, h: u32, size: u32, bold: bool) -> Fitted {
    let room = (1..=lines.len()).rev().find(|n| height(*n, size) <= h).unwrap_or(1);
    let mut kept: Vec<String> = lines.iter().take(room).map(|l| l.of(chars)).collect();
    if let Some(last) = kept.last_mut() {
        while !last.is_empty() && font::width(last, size, bold) + font::width("…", size, bold) > w {
            last.pop();
        }
        last.push('…');
    }
    Fitted { size, lines: kept, cut: true }
}

/// A stretch of characters that stands on one line.
struct Line {
    from: usize,
    to: usize,
    width: u32,
}

impl Line {
    fn of(&self, chars: &[(char, f32)]) -> String {
        let text: String = chars.get(self.from..self.to).unwrap_or_default().iter().map(|(c, _)| *c).collect();
        text.trim().to_owned()
    }
}

/// Fills line after line; a word that is wider than a line is broken anywhere.
fn wrap(chars: &[(char, f32)], w: u32, size: u32, bold: bool) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut line = Line { from: 0, to: 0, width: 0 };
    // The last place in this line where it may end, and its width up to there.
    let mut stop: Option<(usize, u32)> = None;
    let mut before = None;
    for (i, &(c, em)) in chars.iter().enumerate() {
        if before.is_some_and(|b| may_break(b, c)) && i > line.from {
            stop = Some((i, line.width));
        }
        before = Some(c);
        let step = font::advance(em, size, bold);
        if c != ' ' && i > line.from && line.width + step > w {
            let (end, width) = stop.take().unwrap_or((i, line.width));
            lines.push(Line { from: line.from, to: end, width });
            line = Line { from: end, to: i, width: line.width - width };
        }
        line.width += step;
        line.to = i + 1;
    }
    if line.to > line.from {
        lines.push(line);
    }
    lines
}

/// Whether a line may end between these two.
fn may_break(before: char, after: char) -> bool {
    const NEVER_FIRST: &str = "，。、；：？！”’）】》〉」』…—,.;:?!)]}%℃·";
    const NEVER_LAST: &str = "“‘（【《〈「『([{¥￥$№";
    if after == ' ' || NEVER_FIRST.contains(after) || NEVER_LAST.contains(before) {
        return false;
    }
    let wide = |c: char| u32::from(c) >= 0x2E80;
    before == ' ' || wide(before) || wide(after) || matches!(before, ',' | ';')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, w: u32, h: u32, most: u32, least: u32) -> (Vec<String>, u32, bool) {
        let fitted = fit(&clean(text), w, h, Sizes { most, least, bold: false });
        (fitted.lines, fitted.size, fitted.cut)
    }

    #[test]
    fn hanzi_break_anywhere_but_never_before_a_full_stop() {
        let (lines, size, cut) = check("湖南省长沙市岳麓区，麓山南路", 180, 200, 20, 20);
        assert_eq!(lines, ["湖南省长沙市岳麓", "区，麓山南路"]);
        assert_eq!((size, cut), (20, false));
    }

    #[test]
    fn words_codes_and_numbers_stay_whole_and_a_long_one_is_broken() {
        let (lines, ..) = check("1600 Pennsylvania Avenue NW", 150, 200, 20, 20);
        assert_eq!(lines, ["1600", "Pennsylvania", "Avenue NW"]);
        let (lines, ..) = check("电话 400-800-1234", 150, 200, 20, 20);
        assert_eq!(lines, ["电话", "400-800-1234"]);
        let (lines, _, cut) = check(&"W".repeat(30), 150, 200, 20, 20);
        assert!(lines.len() > 1 && !cut);
        assert_eq!(lines.concat(), "W".repeat(30));
    }

    #[test]
    fn a_long_text_shrinks_before_it_is_cut() {
        let long = "汇单".repeat(20);
        let (lines, size, cut) = check(&long, 200, 60, 40, 12);
        assert!(!cut && (12..40).contains(&size));
        assert_eq!(lines.concat(), long);
        let (lines, size, cut) = check(&long, 200, 30, 40, 12);
        assert!(cut && size == 12);
        assert!(lines.last().unwrap().ends_with('…'));
        assert!(lines.iter().all(|l| font::width(l, 12, false) <= 200));
    }

    #[test]
    fn what_has_no_shape_goes_and_line_breaks_become_spaces() {
        assert_eq!(clean("  张\u{200d}三\r\n\t李\u{202e}四\u{fe0f} "), "张三 李四");
        assert_eq!(clean("\u{0}\u{7}"), "");
    }
}
