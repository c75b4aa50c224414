//! What happens on the day, drawn from a seed.

use fastrand::Rng;
use huidan_platforms::{Fault, NewOrder, Platform, Refund, When};

/// An hour in milliseconds.
pub const HOUR_MS: i64 = 3_600_000;
const MINUTE_MS: i64 = 60_000;

/// The day begins at midnight in China: 2026-11-21T16:00:00Z.
pub const BEGIN_MS: i64 = 1_795_248_000_000 + 8 * HOUR_MS;
/// Orders are placed for this long.
pub const DAY_MS: i64 = 24 * HOUR_MS;
/// So long after the day the last late webhook has come and the last comparison is over: webhooks are late by up to a
/// day.
pub const REST_MS: i64 = 26 * HOUR_MS;

/// Orders of each hour of a day in China, relative to each other: quiet at night, a peak at 20:00.
const BY_HOUR: [u32; 24] = [6, 3, 2, 1, 1, 2, 4, 8, 14, 20, 24, 22, 20, 20, 22, 22, 24, 24, 26, 36, 60, 48, 30, 14];

/// Shops of a seller.
pub const SHOPS: usize = 6;

/// A day.
#[derive(Debug, Clone)]
pub struct Plan {
    /// What it is drawn from.
    pub seed: u64,
    /// How many orders are placed.
    pub orders: usize,
    /// The seller's shops, one on each of these: six of the eleven, drawn by the seed.
    pub channels: Vec<Platform>,
    /// What happens, in order of time.
    pub deeds: Vec<(i64, Deed)>,
}

/// Something that happens at a platform. Orders are named by their number in the plan.
#[derive(Debug, Clone)]
pub enum Deed {
    /// An order is placed.
    Place(usize, Platform, Box<NewOrder>),
    /// It is paid.
    Pay(usize),
    /// It is given up.
    Cancel(usize),
    /// The buyer changes something.
    Modify(usize),
    /// All of it is refunded.
    Refund(usize),
    /// Something begins to go wrong.
    Fault(Platform, Fault),
    /// A person enters this access secret of the shop there; `None`: the right one again.
    Secret(Platform, Option<&'static str>),
    /// The platform answers nothing but garbage, or (`false`) sense again.
    Garbage(Platform, bool),
    /// What the hub says of its shops is noted.
    Look,
}

impl Plan {
    /// Draws a day of so many orders.
    pub fn new(seed: u64, orders: usize) -> Self {
        let mut rng = Rng::with_seed(seed);
        let mut channels = Platform::CHANNELS.to_vec();
        rng.shuffle(&mut channels);
        channels.truncate(SHOPS);
        let mut deeds = Vec::new();
        let flash = BEGIN_MS + rng.i64(9 * HOUR_MS..22 * HOUR_MS);
        for number in 0..orders {
            // One in twelve comes in the ten minutes of a flash sale.
            let at = if rng.u8(0..12) == 0 { flash + rng.i64(0..10 * MINUTE_MS) } else { moment(&mut rng) };
            order(&mut rng, &mut deeds, &channels, number, at);
        }
        for platform in &channels {
            faults(&mut rng, &mut deeds, *platform);
        }
        deeds.sort_by_key(|(at, _)| *at);
        Self { seed, orders, channels, deeds }
    }
}

fn moment(rng: &mut Rng) -> i64 {
    let mut left = rng.u32(0..BY_HOUR.iter().sum());
    let hour = BY_HOUR.iter().position(|&share| match left.checked_sub(share) {
        Some(rest) => {
            left = rest;
            false
        }
        None => true,
    });
    BEGIN_MS + i64::try_from(hour.unwrap_or(0)).unwrap_or(0) * HOUR_MS + rng.i64(0..HOUR_MS)
}

/// An order and what becomes of it: of a hundred ten are paid later, five are given up, four refunded, eight changed.
fn order(rng: &mut Rng, deeds: &mut Vec<(i64, Deed)>, channels: &[Platform], number: usize, at: i64) {
    let platform = rng.choice(channels).copied().unwrap_or(Platform::Shopify);
    let fate = rng.u8(0..100);
    let paid = fate >= 10;
    let new = NewOrder { paid: Some(paid), ..NewOrder::default() };
    deeds.push((at, Deed::Place(number, platform, Box::new(new))));
    let after = at + rng.i64(5_000..HOUR_MS);
    match fate {
        0..10 => deeds.push((after, Deed::Pay(number))),
        10..15 => deeds.push((after, Deed::Cancel(number))),
        15..19 => deeds.push((after, Deed::Refund(number))),
        19..27 => deeds.push((after, Deed::Modify(number))),
        _ => {}
    }
}

/// What goes wrong at a platform that day. The shares are those of the plan of the whole: of webhooks 3 % are lost and
/// 5 % come twice, for seven minutes (0.5 % of the day) they are late by up to a day; one outage of 40 minutes.
fn faults(rng: &mut Rng, deeds: &mut Vec<(i64, Deed)>, platform: Platform) {
    let at = |deeds: &mut Vec<(i64, Deed)>, at: i64, fault: Fault| deeds.push((at, Deed::Fault(platform, fault)));
    let usual = Fault::Webhooks { drop_percent: 3, duplicate_percent: 5, shuffle: true, delay_ms: 0, late_seconds: 0 };
    let late =
        Fault::Webhooks { drop_percent: 3, duplicate_percent: 5, shuffle: true, delay_ms: 0, late_seconds: 86_400 };
    at(deeds, BEGIN_MS, usual.clone());
    let dawn = BEGIN_MS + rng.i64(9 * HOUR_MS..21 * HOUR_MS);
    at(deeds, dawn, late);
    at(deeds, dawn + 7 * MINUTE_MS, usual.clone());
    // Away: neither called nor calling.
    let silence =
        Fault::Webhooks { drop_percent: 100, duplicate_percent: 0, shuffle: false, delay_ms: 0, late_seconds: 0 };
    let gone = BEGIN_MS + rng.i64(8 * HOUR_MS..22 * HOUR_MS);
    at(deeds, gone, Fault::Outage { when: lasting(2_400) });
    at(deeds, gone, silence);
    at(deeds, gone + 40 * MINUTE_MS, usual);
    // Lists: rows twice and in any order all day; for two hours late by up to an hour, longer than any overlap.
    let lists = |late_seconds| Fault::Lists { drop_percent: 0, duplicate_percent: 5, shuffle: true, late_seconds };
    at(deeds, BEGIN_MS, lists(0));
    let slow = BEGIN_MS + rng.i64(8 * HOUR_MS..20 * HOUR_MS);
    at(deeds, slow, lists(3_600));
    at(deeds, slow + 2 * HOUR_MS, lists(0));
    at(deeds, BEGIN_MS, Fault::ClockSkew { seconds: rng.i64(-20..=20) });
    for _ in 0..20 {
        let when = BEGIN_MS + rng.i64(0..DAY_MS);
        let fault = match rng.u8(0..7) {
            0 => Fault::Limit { retry_after: rng.u32(1..30), when: lasting(rng.u64(10..120)) },
            1 => Fault::LimitWithoutHint { when: lasting(rng.u64(10..120)) },
            2 => Fault::HalfPage { when: counting(1) },
            3 => Fault::LostAnswer { when: counting(rng.u32(1..4)) },
            4 => Fault::Status { status: 500, when: counting(rng.u32(1..4)) },
            5 => Fault::ModifiedWhilePaged { orders: rng.u32(1..4), when: counting(2) },
            _ => Fault::Status { status: 503, when: lasting(rng.u64(5..60)) },
        };
        at(deeds, when, fault);
    }
}

fn lasting(seconds: u64) -> When {
    When { operation: String::new(), count: None, seconds: Some(seconds) }
}

fn counting(count: u32) -> When {
    When { operation: String::new(), count: Some(count), seconds: None }
}

/// A quiet day of so many orders at five shops, on which three of them get into trouble for an hour each: the first's
/// secret is wrong, the second's platform is down, the third's answers are garbage. Without `trouble` the same orders come
/// at the same moments.
pub fn troubled(seed: u64, orders: usize, trouble: bool) -> Plan {
    let channels = TROUBLED.to_vec();
    let mut rng = Rng::with_seed(seed);
    let mut deeds = Vec::new();
    for number in 0..orders {
        let at = moment(&mut rng);
        let platform = rng.choice(&channels).copied().unwrap_or(Platform::Shopify);
        deeds.push((at, Deed::Place(number, platform, Box::default())));
    }
    let noon = BEGIN_MS + 12 * HOUR_MS;
    if trouble {
        let silence =
            Fault::Webhooks { drop_percent: 100, duplicate_percent: 0, shuffle: false, delay_ms: 0, late_seconds: 0 };
        deeds.push((noon, Deed::Secret(channels[0], Some("wrong"))));
        deeds.push((noon, Deed::Fault(channels[1], Fault::Outage { when: lasting(3_600) })));
        deeds.push((noon, Deed::Fault(channels[1], silence)));
        deeds.push((noon, Deed::Garbage(channels[2], true)));
        deeds.push((noon + 55 * MINUTE_MS, Deed::Look));
        deeds.push((noon + HOUR_MS, Deed::Secret(channels[0], None)));
        deeds.push((noon + HOUR_MS, Deed::Fault(channels[1], Fault::Clear)));
        deeds.push((noon + HOUR_MS, Deed::Garbage(channels[2], false)));
    }
    deeds.sort_by_key(|(at, _)| *at);
    Plan { seed, orders, channels, deeds }
}

/// The shops of [`troubled`]: the first three get into trouble, the last two do not.
pub const TROUBLED: [Platform; 5] =
    [Platform::Taobao, Platform::Shopify, Platform::Woocommerce, Platform::OwnShop, Platform::Jd];

/// How much of an order is refunded on the day.
pub(crate) const REFUND: Refund = Refund::Done;
