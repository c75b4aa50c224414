//! How this command speaks: one line when something begins, one when it is done, both languages on it.

use std::fmt::Display;
use std::time::{Duration, Instant};

/// Says a fact or a result.
pub(crate) fn line(zh: impl Display, en: impl Display) {
    println!("   {zh} · {en}");
}

/// Something that takes time: said when it begins, and again with the time it took when it is done.
#[derive(Debug)]
pub(crate) struct Step {
    zh: String,
    en: String,
    began: Instant,
}

impl Step {
    /// Says that the step begins.
    pub(crate) fn begin(zh: impl Into<String>, en: impl Into<String>) -> Self {
        let (zh, en) = (zh.into(), en.into());
        println!("=> {zh} · {en}");
        Self { zh, en, began: Instant::now() }
    }

    /// Says that the step is done, and how long it took.
    pub(crate) fn done(&self) {
        println!("ok {} · {}: {}", self.zh, self.en, seconds(self.began.elapsed()));
    }

    /// Says that the step failed, and how long that took.
    pub(crate) fn failed(&self) {
        println!("!! {} 失败 · {} failed: {}", self.zh, self.en, seconds(self.began.elapsed()));
    }
}

/// `0.4 s`, `12.3 s`, `3 min 05 s`.
pub(crate) fn seconds(time: Duration) -> String {
    match time.as_secs() {
        0..60 => format!("{}.{} s", time.as_secs(), time.subsec_millis() / 100),
        whole => format!("{} min {:02} s", whole / 60, whole % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_times_have_tenths_and_long_ones_minutes() {
        for (millis, text) in
            [(0, "0.0 s"), (1_290, "1.2 s"), (59_999, "59.9 s"), (60_000, "1 min 00 s"), (185_400, "3 min 05 s")]
        {
            assert_eq!(seconds(Duration::from_millis(millis)), text);
        }
    }
}
