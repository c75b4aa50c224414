//! The table.

use crate::{Outcome, Without};
use std::fmt::Write as _;

/// The upper end of the 95 % interval of a rate of which `seen` were counted in `n`, one-sided, after Clopper and Pearson:
/// the largest rate at which so few would still come up once in twenty times.
pub fn upper_bound(seen: usize, n: usize) -> f64 {
    if seen >= n {
        return 1.0;
    }
    let (mut low, mut high) = (0.0_f64, 1.0_f64);
    for _ in 0..60 {
        let rate = f64::midpoint(low, high);
        if at_most(seen, n, rate) > 0.05 { low = rate } else { high = rate }
    }
    high
}

/// The chance that at most `seen` of `n` come up at a rate.
#[expect(clippy::cast_precision_loss, reason = "counts of a simulation are far below 2^52")]
fn at_most(seen: usize, n: usize, rate: f64) -> f64 {
    if rate <= 0.0 {
        return 1.0;
    }
    let mut log_term = n as f64 * (-rate).ln_1p();
    let mut sum = log_term.exp();
    for k in 1..=seen {
        log_term += ((n - k + 1) as f64 / k as f64).ln() + rate.ln() - (-rate).ln_1p();
        sum += log_term.exp();
    }
    sum
}

/// One line of the table per kind of house, over all its seeds.
pub fn table(runs: &[(Without, u64, Outcome)]) -> String {
    let mut text = String::from(
        "| house | seeds | orders n | missing | doubled | wrong state | 95% upper bound of each rate |\n\
         | --- | --- | --- | --- | --- | --- | --- |\n",
    );
    for kind in [Without::Nothing, Without::Healing, Without::Polling, Without::Dedupe] {
        let of: Vec<&Outcome> = runs.iter().filter(|run| run.0 == kind).map(|run| &run.2).collect();
        if of.is_empty() {
            continue;
        }
        let sum = |count: fn(&Outcome) -> usize| of.iter().map(|outcome| count(outcome)).sum::<usize>();
        let n = sum(|outcome| outcome.orders);
        let counts = [sum(|o| o.missing.len()), sum(|o| o.doubled.len()), sum(|o| o.wrong.len())];
        let bounds = counts.map(|count| format!("{:.4}%", upper_bound(count, n) * 100.0)).join(" / ");
        let [missing, doubled, wrong] = counts;
        // Writing to a text cannot fail.
        let _ = writeln!(text, "| {} | {} | {n} | {missing} | {doubled} | {wrong} | {bounds} |", kind.name(), of.len());
    }
    text
}

/// By cause: how many a comparison found, and how long after their change they were here.
pub fn healing(runs: &[(Without, u64, Outcome)]) -> String {
    let mut by_cause: std::collections::BTreeMap<&str, Vec<i64>> = std::collections::BTreeMap::new();
    for (_, _, outcome) in runs.iter().filter(|run| run.0 == Without::Nothing) {
        for (cause, times) in &outcome.healed {
            by_cause.entry(cause).or_default().extend(times);
        }
    }
    let mut text = String::from(
        "| cause | found | median until here | 95th of 100 | longest |\n| --- | --- | --- | --- | --- |\n",
    );
    for (cause, mut times) in by_cause {
        times.sort_unstable();
        let at = |share: usize| minutes(times.get((times.len() - 1) * share / 100).copied().unwrap_or(0));
        let _ = writeln!(text, "| `{cause}` | {} | {} | {} | {} |", times.len(), at(50), at(95), at(100));
    }
    text
}

fn minutes(ms: i64) -> String {
    format!("{}.{} min", ms / 60_000, ms % 60_000 / 6_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bound_is_that_of_the_rule_of_three_and_of_the_tables() {
        assert!((upper_bound(0, 1_000) - 0.002_991).abs() < 1e-5);
        // Clopper and Pearson's table: 1 of 20, one-sided 95 %.
        assert!((upper_bound(1, 20) - 0.216).abs() < 1e-3);
        assert!((upper_bound(5, 5) - 1.0).abs() < 1e-9);
    }
}
