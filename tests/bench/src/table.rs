//! The table: figure, ours, yardstick, ratio, aim.

use std::fmt;

use unicode_width::UnicodeWidthStr as _;

/// What a figure is measured in.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Unit {
    /// Per second.
    PerSecond,
    /// Per minute.
    PerMinute,
    /// Hundredths of a core.
    Percent,
    /// Milliseconds.
    Millis,
    /// Microseconds.
    Micros,
    /// Mebibytes.
    MiB,
}

impl Unit {
    fn show(self, value: f64) -> String {
        match self {
            Self::PerSecond => format!("{value:.0}/s"),
            Self::PerMinute => format!("{value:.0}/min"),
            Self::Percent => format!("{value:.2} %"),
            Self::Millis if value < 10.0 => format!("{value:.2} ms"),
            Self::Millis => format!("{value:.0} ms"),
            Self::Micros => format!("{value:.0} µs"),
            Self::MiB => format!("{value:.0} MiB"),
        }
    }
}

/// What is wanted of a figure.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Aim {
    /// Nothing was set.
    None,
    /// Ours is at least so much of the yardstick.
    RatioAtLeast(f64),
    /// Ours is at most so much of the yardstick.
    RatioAtMost(f64),
    /// At least this, without a yardstick.
    AtLeast(f64),
    /// At most this, without a yardstick.
    AtMost(f64),
}

/// One line of the table.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// What was measured, with its n.
    pub(crate) figure: String,
    /// Our value.
    pub(crate) ours: f64,
    /// The yardstick's.
    pub(crate) yardstick: Option<f64>,
    /// What both are measured in.
    pub(crate) unit: Unit,
    /// What is wanted.
    pub(crate) aim: Aim,
}

impl Row {
    fn ratio(&self) -> Option<f64> {
        self.yardstick.filter(|yardstick| *yardstick > 0.0).map(|yardstick| self.ours / yardstick)
    }

    fn aim(&self) -> String {
        let (text, met) = match self.aim {
            Aim::None => return "–".into(),
            Aim::RatioAtLeast(least) => (format!("≥ {least:.2}×"), self.ratio().map(|ratio| ratio >= least)),
            Aim::RatioAtMost(most) => (format!("≤ {most:.2}×"), self.ratio().map(|ratio| ratio <= most)),
            Aim::AtLeast(least) => (format!("≥ {}", self.unit.show(least)), Some(self.ours >= least)),
            Aim::AtMost(most) => (format!("≤ {}", self.unit.show(most)), Some(self.ours <= most)),
        };
        format!("{text} {}", if met == Some(true) { "✓" } else { "✗" })
    }

    fn cells(&self) -> [String; 5] {
        let none = || "–".to_owned();
        [
            self.figure.clone(),
            self.unit.show(self.ours),
            self.yardstick.map_or_else(none, |value| self.unit.show(value)),
            self.ratio().map_or_else(none, |ratio| format!("{ratio:.2}×")),
            self.aim(),
        ]
    }
}

/// What is printed in the end; it can be pasted into a Markdown file.
#[derive(Debug, Default)]
pub(crate) struct Table(Vec<Row>);

impl Table {
    /// Adds a line.
    pub(crate) fn add(&mut self, row: Row) {
        self.0.push(row);
    }
}

const HEADINGS: [&str; 5] = ["指标 figure", "我们 ours", "标尺 yardstick", "比值 ratio", "目标 aim"];

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows: Vec<[String; 5]> = self.0.iter().map(Row::cells).collect();
        let mut widths = HEADINGS.map(str::width);
        for row in &rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.width());
            }
        }
        line(f, &HEADINGS.map(str::to_owned), widths)?;
        line(f, &widths.map(|width| "-".repeat(width)), widths)?;
        rows.iter().try_for_each(|row| line(f, row, widths))
    }
}

fn line(f: &mut fmt::Formatter<'_>, cells: &[String; 5], widths: [usize; 5]) -> fmt::Result {
    for (cell, width) in cells.iter().zip(widths) {
        write!(f, "| {cell}{} ", " ".repeat(width.saturating_sub(cell.width())))?;
    }
    writeln!(f, "|")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(ours: f64, yardstick: Option<f64>, unit: Unit, aim: Aim) -> Row {
        Row { figure: "x".into(), ours, yardstick, unit, aim }
    }

    #[test]
    fn an_aim_says_whether_it_is_met() {
        for (ours, yardstick, aim, text) in [
            (60.0, Some(100.0), Aim::RatioAtLeast(0.6), "≥ 0.60× ✓"),
            (59.0, Some(100.0), Aim::RatioAtLeast(0.6), "≥ 0.60× ✗"),
            (300.0, Some(100.0), Aim::RatioAtMost(3.0), "≤ 3.00× ✓"),
            (301.0, Some(100.0), Aim::RatioAtMost(3.0), "≤ 3.00× ✗"),
            (299.0, None, Aim::AtLeast(300.0), "≥ 300/s ✗"),
            (100.0, None, Aim::AtMost(100.0), "≤ 100/s ✓"),
            (1.0, None, Aim::RatioAtLeast(0.6), "≥ 0.60× ✗"),
            (1.0, None, Aim::None, "–"),
        ] {
            assert_eq!(row(ours, yardstick, Unit::PerSecond, aim).aim(), text);
        }
    }

    #[test]
    fn columns_stand_below_each_other_in_both_scripts() {
        let mut table = Table::default();
        table.add(row(1234.4, Some(2468.0), Unit::PerSecond, Aim::None));
        table.add(Row { figure: "面单 label".into(), ..row(1.234, None, Unit::Millis, Aim::AtMost(100.0)) });
        let text = table.to_string();
        let widths: Vec<usize> = text.lines().map(|line| line.width()).collect();
        assert_eq!(widths.len(), 4);
        assert!(widths.iter().all(|width| Some(width) == widths.first()), "{text}");
        assert!(text.contains("1234/s") && text.contains("0.50×") && text.contains("1.23 ms"), "{text}");
    }
}
