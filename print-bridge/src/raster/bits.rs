//! A page of dots.

use super::{Fit, Paper};

/// A page, one bit a dot: 1 is black. Rows begin at whole bytes; the bits behind a row's end are 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bits {
    width: u32,
    height: u32,
    bytes: Vec<u8>,
}

impl Bits {
    /// A white page.
    #[must_use]
    pub fn white(width: u32, height: u32) -> Self {
        Self { width, height, bytes: vec![0; width.div_ceil(8) as usize * height as usize] }
    }

    /// Dots across.
    #[must_use]
    pub const fn width(&self) -> u32 {
        self.width
    }

    /// Dots down.
    #[must_use]
    pub const fn height(&self) -> u32 {
        self.height
    }

    /// Bytes of one row.
    #[must_use]
    pub const fn stride(&self) -> u32 {
        self.width.div_ceil(8)
    }

    /// All rows.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The rows from the top.
    pub fn rows(&self) -> impl Iterator<Item = &[u8]> {
        self.bytes.chunks(self.stride().max(1) as usize)
    }

    /// Whether a dot is black; outside it is not.
    #[must_use]
    pub fn is_black(&self, x: u32, y: u32) -> bool {
        let at = (y * self.stride() + x / 8) as usize;
        x < self.width && self.bytes.get(at).is_some_and(|byte| byte & (0x80 >> (x % 8)) != 0)
    }

    /// Makes a dot black; outside nothing happens.
    pub fn blacken(&mut self, x: u32, y: u32) {
        let at = (y * self.stride() + x / 8) as usize;
        if x < self.width
            && let Some(byte) = self.bytes.get_mut(at)
        {
            *byte |= 0x80 >> (x % 8);
        }
    }

    /// Whether nothing is on it.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.bytes.iter().all(|byte| *byte == 0)
    }
}

/// Grey dots, 0 black to 255 white, row by row.
#[derive(Debug)]
pub(crate) struct Grey {
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) dots: Vec<u8>,
}

impl Grey {
    /// The mean of a rectangle whose right and lower edges are not part of it; what lies outside is white.
    fn mean(&self, (left, right): (i64, i64), (top, bottom): (i64, i64)) -> u32 {
        let (mut sum, mut count) = (0_u64, 0_u64);
        for y in top..bottom.max(top + 1) {
            for x in left..right.max(left + 1) {
                sum += u64::from(self.at(x, y));
                count += 1;
            }
        }
        u32::try_from(sum / count.max(1)).unwrap_or(255)
    }

    fn at(&self, x: i64, y: i64) -> u8 {
        let (Ok(x), Ok(y)) = (u32::try_from(x), u32::try_from(y)) else { return 255 };
        if x >= self.width || y >= self.height {
            return 255;
        }
        let at = u64::from(y) * u64::from(self.width) + u64::from(x);
        usize::try_from(at).ok().and_then(|at| self.dots.get(at)).copied().unwrap_or(255)
    }

    /// The dots as they lie on the paper: centred, each black if at least half of what it covers is. Nothing between
    /// black and white is kept, so that no bar has a soft edge.
    pub(crate) fn laid_on(&self, paper: Paper, fit: Fit) -> Bits {
        let mut bits = Bits::white(paper.width, paper.height);
        let (across, down) = if fit.turned { (self.height, self.width) } else { (self.width, self.height) };
        let along = |size: u32, room: u32| {
            let covered = f64::from(size) * fit.scale;
            let before = ((f64::from(room) - covered) / 2.0).round();
            move |dot: u32| {
                let edge = |dot: f64| ((dot - before) / fit.scale).round() as i64;
                (edge(f64::from(dot)), edge(f64::from(dot) + 1.0))
            }
        };
        let (column, row) = (along(across, paper.width), along(down, paper.height));
        for y in 0..paper.height {
            for x in 0..paper.width {
                let (from_x, from_y) = if fit.turned {
                    // A quarter to the right: the page's left edge comes to the top.
                    let (low, high) = column(x);
                    (row(y), (i64::from(self.height) - high, i64::from(self.height) - low))
                } else {
                    (column(x), row(y))
                };
                if self.mean(from_x, from_y) < 128 {
                    bits.blacken(x, y);
                }
            }
        }
        bits
    }
}
