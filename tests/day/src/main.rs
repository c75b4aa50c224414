//! `cargo hub day`: several seeds, with and without what heals, as a table.

use huidan_day::{Plan, Without, live, report};
use std::time::Instant;

fn main() {
    let mut args = std::env::args().skip(1);
    let (mut first, mut seeds, mut orders) = (1_u64, 10_u64, 10_000_usize);
    while let Some(arg) = args.next() {
        let value = args.next().unwrap_or_default();
        let taken = match arg.as_str() {
            "--seeds" => value.parse().map(|given| seeds = given).is_ok(),
            "--first" => value.parse().map(|given| first = given).is_ok(),
            "--orders" => value.parse().map(|given| orders = given).is_ok(),
            _ => false,
        };
        if !taken {
            eprintln!("用法 / usage: cargo hub day [--first 1] [--seeds 10] [--orders 10000]");
            std::process::exit(2);
        }
    }
    let mut runs = Vec::new();
    for seed in first..first.saturating_add(seeds) {
        for without in [Without::Nothing, Without::Healing, Without::Polling, Without::Dedupe] {
            // What is taken out shows in fewer orders as well.
            let orders = if without == Without::Nothing { orders } else { orders / 10 };
            let began = Instant::now();
            let outcome = live(&Plan::new(seed, orders), without);
            println!(
                "seed {seed}, {}: n {}, missing {}, doubled {}, wrong {}, quarantined {}, gauge {}, digest {}, {} s",
                without.name(),
                outcome.orders,
                outcome.missing.len(),
                outcome.doubled.len(),
                outcome.wrong.len(),
                outcome.quarantined.values().sum::<i64>(),
                outcome.gauge,
                outcome.digest,
                began.elapsed().as_secs()
            );
            for line in outcome.missing.iter().take(3).chain(outcome.wrong.iter().take(3)) {
                println!("    {line}");
            }
            for (reason, count) in &outcome.quarantined {
                println!("    quarantined {count}: {reason}");
            }
            runs.push((without, seed, outcome));
        }
    }
    println!("\n{}\n{}", report::table(&runs), report::healing(&runs));
}
