//! Reads remarks from standard input, one a line, and shows what was found in each.

use std::io::BufRead;

fn main() {
    for remark in std::io::stdin().lock().lines().map_while(Result::ok) {
        let found = normalize_remark::intents(&remark, "buyer");
        let words =
            found.iter().map(|i| format!("{}={} [{}]", i.code, i.value, i.words)).collect::<Vec<_>>().join("  ");
        println!("{remark}\n    {words}");
    }
}
