//! The tables.

use crate::score::Score;
use std::collections::BTreeMap;
use std::fmt::Write as _;

const HOUR_MS: i64 = 3_600_000;

fn percent(part: usize, of: usize) -> String {
    match (part * 1000).checked_div(of) {
        Some(mille) => format!("{}.{} %", mille / 10, mille % 10),
        None => "–".to_owned(),
    }
}

/// One seed in a line.
pub fn line(seed: u64, score: &Score) -> String {
    let ((all, found), (alarms, right)) = (score.recall(), score.precision());
    format!(
        "seed {seed}: recall {} ({found} of {all}), precision {} ({right} of {alarms}), {}; storm: {} incidents, {} \
         tickets for {} parcels; 48 h rule: {} of {} silent found, {} wrong; asked to watch {} for {}",
        percent(found, all),
        percent(right, alarms),
        earlier(&score.earlier),
        score.storm.0,
        score.storm.1,
        score.storm.2,
        score.by_rule.0,
        score.by_rule.1,
        score.by_rule.2,
        score.asked.0,
        score.asked.1,
    )
}

fn earlier(earlier: &[i64]) -> String {
    let at = |share: usize| earlier.get(earlier.len().saturating_sub(1) * share / 100).map_or(0, |ms| ms / HOUR_MS);
    format!("earlier than 48 h by {} / {} / {} h (tenth, half, ninetieth of 100)", at(10), at(50), at(90))
}

/// All seeds together, by trouble.
pub fn table(scores: &[Score]) -> String {
    let mut text = String::from("| trouble | parcels n | found in time | recall |\n| --- | --- | --- | --- |\n");
    let mut by_truth: BTreeMap<_, (usize, usize)> = BTreeMap::new();
    let (mut all, mut found, mut alarms, mut right) = (0, 0, 0, 0);
    for score in scores {
        for (truth, (n, seen)) in &score.found {
            let entry = by_truth.entry(*truth).or_default();
            entry.0 += n;
            entry.1 += seen;
        }
        let (recall, precision) = (score.recall(), score.precision());
        (all, found) = (all + recall.0, found + recall.1);
        (alarms, right) = (alarms + precision.0, right + precision.1);
    }
    // Writing to a text cannot fail.
    for (truth, (n, seen)) in by_truth {
        let _ = writeln!(text, "| {truth:?} | {n} | {seen} | {} |", percent(seen, n));
    }
    let _ = writeln!(text, "| **all** | {all} | {found} | **{}** |", percent(found, all));
    let _ = writeln!(text, "\nprecision: {} ({right} of {alarms} alarms)", percent(right, alarms));
    let mut hours: Vec<i64> = scores.iter().flat_map(|score| score.earlier.iter().copied()).collect();
    hours.sort_unstable();
    let _ = writeln!(text, "silent parcels: {}", earlier(&hours));
    let rule = scores
        .iter()
        .fold((0, 0, 0), |sum, score| (sum.0 + score.by_rule.0, sum.1 + score.by_rule.1, sum.2 + score.by_rule.2));
    let _ =
        writeln!(text, "the rule of 48 h on the same silent parcels: {} of {} found, {} wrong", rule.0, rule.1, rule.2);
    let mut wrong: BTreeMap<String, usize> = BTreeMap::new();
    for ((kind, truth), n) in scores.iter().flat_map(|score| &score.wrong) {
        *wrong.entry(format!("{kind} on {truth:?}")).or_default() += n;
    }
    let _ = writeln!(text, "wrong alarms: {wrong:?}");
    text
}
