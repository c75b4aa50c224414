//! How many addresses a second: `cargo run --release -p normalize-address --example speed`.

use huidan_wire::Receiver;
use normalize_address::normalize;
use std::time::Instant;

const CASES: &str = include_str!("../tests/cases.txt");

fn main() {
    let start = Instant::now();
    normalize(&mut Receiver { street: "浙江省杭州市西湖区文三路1号".into(), ..Receiver::default() });
    println!("first address, tables included: {:?}", start.elapsed());

    let written = CASES.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let receivers: Vec<Receiver> =
        written.filter_map(|line| line.split_once(" => ")).map(|(given, _)| receiver(given)).collect();
    let rounds = 500;
    let start = Instant::now();
    for receiver in receivers.iter().cycle().take(receivers.len() * rounds) {
        std::hint::black_box(normalize(&mut receiver.clone()));
    }
    let each = start.elapsed() / u32::try_from(receivers.len() * rounds).unwrap_or(1);
    println!("each of {} addresses: {each:?}, {} a second", receivers.len(), 1_000_000_000 / each.as_nanos().max(1));
}

fn receiver(given: &str) -> Receiver {
    let mut fields = given.split('|').map(ToOwned::to_owned);
    let mut next = || fields.next().unwrap_or_default();
    Receiver {
        province: next(),
        city: next(),
        district: next(),
        street: next(),
        phone: "138 0013 8000".into(),
        ..Receiver::default()
    }
}
