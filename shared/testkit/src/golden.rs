//! Golden files: what was seen once, read line by line by a person, and must come out the same ever after.

use serde::Serialize;
use std::path::Path;

/// The variable that, set to `write`, has golden files rewritten instead of compared. What it wrote is to be read line
/// by line before it is committed.
pub const VARIABLE: &str = "HUIDAN_GOLDEN";

/// Compares `seen` with the file; the last newline does not count.
///
/// # Panics
/// When they differ, or the file is missing.
pub fn golden(file: impl AsRef<Path>, seen: &str) {
    let file = file.as_ref();
    if std::env::var(VARIABLE).is_ok_and(|value| value == "write") {
        let folder = file.parent().expect("a golden file lies in a folder");
        std::fs::create_dir_all(folder).expect("the folder of golden files can be made");
        std::fs::write(file, format!("{}\n", seen.trim_end())).expect("the golden file can be written");
        return;
    }
    let Ok(kept) = std::fs::read_to_string(file) else {
        panic!("{} is missing; {VARIABLE}=write writes it", file.display());
    };
    if let Some(difference) = first_difference(kept.trim_end(), seen.trim_end()) {
        panic!("{}: {difference}\n(if the new one is right: {VARIABLE}=write)", file.display());
    }
}

/// The same for a value, as JSON with one field per line.
///
/// # Panics
/// As [`golden`].
pub fn golden_json(file: impl AsRef<Path>, seen: &impl Serialize) {
    golden(file, &serde_json::to_string_pretty(seen).expect("what is compared can be written"));
}

fn first_difference(kept: &str, seen: &str) -> Option<String> {
    if kept == seen {
        return None;
    }
    let (mut kept, mut seen) = (kept.lines(), seen.lines());
    let mut line = 0;
    loop {
        line += 1;
        let pair = (kept.next(), seen.next());
        match pair {
            (None, None) => return Some("they differ in their line ends".into()),
            (a, b) if a == b => {}
            (a, b) => return Some(format!("line {line}\n kept: {}\n seen: {}", a.unwrap_or("-"), b.unwrap_or("-"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_difference_is_named_by_its_line() {
        assert_eq!(first_difference("a\nb", "a\nb"), None);
        assert!(first_difference("a\nb", "a\nc").unwrap().starts_with("line 2"));
        assert!(first_difference("a", "a\nb").unwrap().contains("seen: b"));
    }
}
