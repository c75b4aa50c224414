//! Documents and webhooks that nobody writes, made out of those that somebody does: whatever comes in, an adapter
//! answers and never falls over, lets nobody in, and repeats nothing personal.
//!
//! A short run belongs to the contract; `HUIDAN_FUZZ_SECONDS` makes it as long as wanted (`cargo hub fuzz`).

use super::{Fixtures, Hooks, shows_nothing_personal};
use bytes::Bytes;
use huidan_channel::{Channel, Document};
use huidan_exchange::Webhook;
use std::time::{Duration, Instant};

/// Tries of a short run, each of a document and, where there are webhooks, of a webhook.
const TRIES: u32 = 20_000;
/// Most changes to one text.
const CHANGES: usize = 8;
/// What is put in: the ends of numbers, of nesting, of texts.
const PIECES: [&str; 18] = [
    "null",
    "-1",
    "0",
    "1e999",
    "9223372036854775808",
    "-9223372036854775809",
    "0.00000000000000000001",
    "\"\"",
    "{}",
    "[]",
    "[[[[[[[[",
    "\"\\u0000\"",
    "\"\\ud800\"",
    "true",
    "\u{feff}",
    "\u{202e}",
    "0001-01-01 00:00:00",
    "9999-12-31 23:59:59",
];

/// Ends after so many tries, or after the time that was asked for.
struct Patience {
    until: Option<Instant>,
    tries: u32,
}

impl Patience {
    fn new() -> Self {
        let seconds = std::env::var("HUIDAN_FUZZ_SECONDS").ok().and_then(|text| text.parse().ok());
        Self { until: seconds.map(|seconds| Instant::now() + Duration::from_secs(seconds)), tries: 0 }
    }

    fn goes_on(&mut self) -> bool {
        self.tries += 1;
        self.until.map_or(self.tries <= TRIES, |until| Instant::now() < until)
    }
}

pub(super) fn check(channel: &impl Channel, fixtures: &Fixtures<'_>) {
    let long = std::env::var_os("HUIDAN_FUZZ_SECONDS").is_some();
    let seed = if long { fastrand::u64(..) } else { 20_261_122 };
    let mut rng = fastrand::Rng::with_seed(seed);
    let mut patience = Patience::new();
    while patience.goes_on() {
        let Some(sample) = rng.choice(fixtures.samples) else { return };
        let other = rng.choice(fixtures.samples).map_or("", |other| other.body);
        let body = spoilt(&mut rng, sample.body.trim().as_bytes(), other.as_bytes());
        let body = String::from_utf8_lossy(&body).into_owned();
        if let Err(error) = channel.read(&Document { topic: sample.topic.to_owned(), body }) {
            shows_nothing_personal(fixtures, &format!("{error:?}"), &format!("a spoilt document (seed {seed})"));
        }
        if let Some(hooks) = &fixtures.hooks {
            hook(channel, fixtures, hooks, &mut rng, seed);
        }
    }
}

/// A webhook spoilt after it was signed is never let in; one spoilt before is signed, and is no more than refused.
fn hook(channel: &impl Channel, fixtures: &Fixtures<'_>, hooks: &Hooks<'_>, rng: &mut fastrand::Rng, seed: u64) {
    let caller = &fixtures.caller;
    let whole = hooks.body.as_bytes();
    let body = spoilt(rng, whole, b"{}");
    let (path, headers) = (hooks.sign)(if rng.bool() { whole } else { &body }, caller.now);
    let signed_other = (hooks.sign)(whole, caller.now);
    let hook = Webhook::new(path, headers, Bytes::from(body.clone()));
    if let Ok(hook) = channel.verify(hook, &caller.account, caller.now)
        && let Err(said) = channel.take(&hook, &caller.account)
    {
        shows_nothing_personal(fixtures, &said, &format!("a spoilt webhook (seed {seed})"));
    }
    if hooks.signs_body && body != whole {
        let hook = Webhook::new(signed_other.0, signed_other.1, Bytes::from(body));
        let let_in = channel.verify(hook, &caller.account, caller.now).is_ok();
        assert!(!let_in, "a webhook with another body is let in (seed {seed})");
    }
}

fn spoilt(rng: &mut fastrand::Rng, text: &[u8], other: &[u8]) -> Vec<u8> {
    let mut bytes = text.to_vec();
    for _ in 0..rng.usize(1..=CHANGES) {
        let at = rng.usize(0..=bytes.len());
        match rng.u8(0..7) {
            0 => bytes.truncate(at),
            1 if at < bytes.len() => bytes[at] ^= 1 << rng.u8(0..8),
            2 if at < bytes.len() => {
                bytes.remove(at);
            }
            3 => put(&mut bytes, at, at, rng.choice(PIECES).unwrap_or("0").as_bytes()),
            4 => scalar(rng, &mut bytes, at),
            5 => {
                let end = rng.usize(at..=bytes.len());
                let again = bytes.get(at..end).unwrap_or_default().to_vec();
                put(&mut bytes, at, at, &again);
            }
            _ => {
                let from = rng.usize(0..=other.len());
                let to = rng.usize(from..=other.len());
                put(&mut bytes, at, at, other.get(from..to).unwrap_or_default());
            }
        }
        bytes.truncate(1 << 20);
    }
    bytes
}

/// Puts another value in the place of the one that begins after the next colon: the text stays a document, mostly.
fn scalar(rng: &mut fastrand::Rng, bytes: &mut Vec<u8>, from: usize) {
    let Some(colon) = bytes.iter().skip(from).position(|&byte| byte == b':') else { return };
    let begin = from + colon + 1;
    let ends = |byte: &u8| matches!(byte, b',' | b'}' | b']');
    let length = bytes.iter().skip(begin).position(ends).unwrap_or(0);
    put(bytes, begin, begin + length, rng.choice(PIECES).unwrap_or("0").as_bytes());
}

fn put(bytes: &mut Vec<u8>, from: usize, to: usize, piece: &[u8]) {
    bytes.splice(from..to, piece.iter().copied());
}
