//! The nearest known word to a mistyped one.

/// The candidate with the fewest edits between it and `word`; the first of several equals, none of none.
pub(crate) fn nearest<'a>(word: &str, candidates: &[&'a str]) -> Option<&'a str> {
    candidates.iter().copied().min_by_key(|candidate| distance(word, candidate))
}

/// Insertions, deletions and substitutions that turn `from` into `to` (Levenshtein), one row at a time.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.chars().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        let mut next = vec![left];
        for (b, &above) in to.iter().zip(row.iter().skip(1)) {
            let substituted = diagonal + usize::from(a != *b);
            left = substituted.min(above + 1).min(left + 1);
            diagonal = above;
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_count_single_edits() {
        for (from, to, edits) in [
            ("", "", 0),
            ("", "up", 2),
            ("tets", "test", 2),
            ("biuld", "build", 2),
            ("up", "up", 0),
            ("kitten", "sitting", 3),
        ] {
            assert_eq!(distance(from, to), edits, "{from} to {to}");
            assert_eq!(distance(to, from), edits, "{to} to {from}");
        }
    }

    #[test]
    fn the_nearest_word_is_found() {
        let words = ["up", "test", "build", "bench", "setup", "keys"];
        for (typed, meant) in [("tset", "test"), ("biuld", "build"), ("setpu", "setup"), ("key", "keys"), ("pu", "up")]
        {
            assert_eq!(nearest(typed, &words), Some(meant), "{typed}");
        }
    }

    #[test]
    fn nothing_is_near_when_nothing_is_known() {
        assert_eq!(nearest("up", &[]), None);
    }
}
