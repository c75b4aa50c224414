//! Faults on request.

use crate::order::{Order, Platform};
use crate::world::World;
use serde::Deserialize;

/// What goes wrong at one platform.
#[derive(Clone, Debug, Deserialize)]
#[serde(tag = "fault", rename_all = "snake_case", deny_unknown_fields)]
pub enum Fault {
    /// Calls are answered with this status and nothing happens.
    Status {
        /// HTTP status.
        status: u16,
        /// Which calls and how long.
        #[serde(default)]
        when: When,
    },
    /// Calls are refused in the platform's own form of "too often".
    Limit {
        /// What `Retry-After` (or its like) says, seconds.
        #[serde(default = "one_second")]
        retry_after: u32,
        /// Which calls and how long.
        #[serde(default)]
        when: When,
    },
    /// The same, and nothing says for how long.
    LimitWithoutHint {
        /// Which calls and how long.
        #[serde(default)]
        when: When,
    },
    /// Connections are cut before anything happens.
    Outage {
        /// Which calls and how long.
        #[serde(default)]
        when: When,
    },
    /// The call meets an access token that has ended. Where tokens are refreshed, all that were given out so far end for
    /// good; where they are not, the call is refused as if.
    TokenExpired {
        /// Which calls and how long.
        #[serde(default)]
        when: When,
    },
    /// After the call is answered, so many drawn orders of the platform are modified; name the list's operation, and the
    /// pages after it have shifted.
    ModifiedWhilePaged {
        /// How many.
        orders: u32,
        /// Which calls and how long.
        #[serde(default)]
        when: When,
    },
    /// Lists by the time of modification misbehave; single orders and lists by other times tell the truth.
    Lists {
        /// This share of versions is never listed, percent.
        #[serde(default)]
        drop_percent: u8,
        /// This share is listed twice, percent.
        #[serde(default)]
        duplicate_percent: u8,
        /// Rows of a page stand in any order.
        #[serde(default)]
        shuffle: bool,
        /// A version is listed late by a drawn time up to this, under the time that it really has. In life's seconds:
        /// `speed` shortens them.
        #[serde(default)]
        late_seconds: u64,
    },
    /// Answers come late.
    Delay {
        /// Milliseconds.
        ms: u64,
        /// Which calls and how long.
        #[serde(default)]
        when: When,
    },
    /// The effect happens, the connection is cut without an answer.
    LostAnswer {
        /// Which calls and how long.
        #[serde(default)]
        when: When,
    },
    /// The answer is cut in the middle of its body, and the next call gets a 500.
    HalfPage {
        /// Which calls and how long.
        #[serde(default)]
        when: When,
    },
    /// The platform's clock is off by this much.
    ClockSkew {
        /// Seconds; positive is ahead of ours.
        seconds: i64,
    },
    /// Webhooks and pushes misbehave.
    Webhooks {
        /// This share never leaves, percent.
        #[serde(default)]
        drop_percent: u8,
        /// This share is sent twice, percent.
        #[serde(default)]
        duplicate_percent: u8,
        /// Sent in another order (each waits up to half a second).
        #[serde(default)]
        shuffle: bool,
        /// Sent late, milliseconds.
        #[serde(default)]
        delay_ms: u64,
        /// Later still by a drawn time up to this. In life's seconds: `speed` shortens them, so a day is 24 s at 3600.
        #[serde(default)]
        late_seconds: u64,
    },
    /// Everything above ends.
    Clear,
}

fn one_second() -> u32 {
    1
}

/// Which calls a fault meets; empty means the next call only.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct When {
    /// Only calls whose operation contains this text (`fulfillmentCreate`, `EXP_RECE_CREATE_ORDER`, …).
    pub operation: String,
    /// So many calls.
    pub count: Option<u32>,
    /// For so many seconds.
    pub seconds: Option<u64>,
}

/// How webhooks behave now.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Delivery {
    pub(crate) drop_percent: u8,
    pub(crate) duplicate_percent: u8,
    pub(crate) shuffle: bool,
    pub(crate) delay_ms: u64,
    pub(crate) late_seconds: u64,
}

/// How lists behave now.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Listing {
    drop_percent: u8,
    duplicate_percent: u8,
    shuffle: bool,
    late_seconds: u64,
}

#[derive(Debug)]
struct Active {
    fault: Fault,
    operation: String,
    left: Option<u32>,
    until_ms: Option<i64>,
}

/// The faults of one platform.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    active: Vec<Active>,
    pub(crate) skew_ms: i64,
    pub(crate) delivery: Delivery,
    pub(crate) listing: Listing,
}

/// What the faults make of one call.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    pub(crate) status: Option<u16>,
    /// Refused as too often; with seconds, or without a hint.
    pub(crate) limit: Option<Option<u32>>,
    pub(crate) outage: bool,
    pub(crate) expired: bool,
    pub(crate) modify: u32,
    pub(crate) delay_ms: u64,
    pub(crate) lost: bool,
    pub(crate) half: bool,
}

impl Faults {
    pub(crate) fn add(&mut self, fault: Fault, now_ms: i64) {
        let when = match &fault {
            Fault::Clear => {
                *self = Faults::default();
                return;
            }
            Fault::ClockSkew { seconds } => {
                self.skew_ms = seconds.saturating_mul(1_000);
                return;
            }
            Fault::Webhooks { drop_percent, duplicate_percent, shuffle, delay_ms, late_seconds } => {
                self.delivery = Delivery {
                    drop_percent: *drop_percent,
                    duplicate_percent: *duplicate_percent,
                    shuffle: *shuffle,
                    delay_ms: *delay_ms,
                    late_seconds: *late_seconds,
                };
                return;
            }
            Fault::Lists { drop_percent, duplicate_percent, shuffle, late_seconds } => {
                self.listing = Listing {
                    drop_percent: *drop_percent,
                    duplicate_percent: *duplicate_percent,
                    shuffle: *shuffle,
                    late_seconds: *late_seconds,
                };
                return;
            }
            Fault::Status { when, .. }
            | Fault::Limit { when, .. }
            | Fault::LimitWithoutHint { when }
            | Fault::Outage { when }
            | Fault::TokenExpired { when }
            | Fault::ModifiedWhilePaged { when, .. }
            | Fault::Delay { when, .. }
            | Fault::LostAnswer { when }
            | Fault::HalfPage { when } => when.clone(),
        };
        let until_ms =
            when.seconds.map(|s| now_ms + i64::try_from(s).unwrap_or(i64::MAX / 2_000).saturating_mul(1_000));
        let left = when.count.or(if until_ms.is_none() { Some(1) } else { None });
        self.active.push(Active { fault, operation: when.operation, left, until_ms });
    }

    /// Uses up whatever meets this call.
    pub(crate) fn meet(&mut self, operation: &str, now_ms: i64) -> Verdict {
        let mut verdict = Verdict::default();
        self.active.retain(|a| a.until_ms.is_none_or(|until| now_ms < until) && a.left != Some(0));
        for active in &mut self.active {
            if !operation.contains(&active.operation) {
                continue;
            }
            // A call that is refused does not also use up the faults of answers.
            let refused = verdict.outage || verdict.status.is_some() || verdict.limit.is_some() || verdict.expired;
            match &active.fault {
                Fault::Delay { ms, .. } => verdict.delay_ms = verdict.delay_ms.max(*ms),
                _ if refused => continue,
                Fault::Status { status, .. } => verdict.status = Some(*status),
                Fault::Limit { retry_after, .. } => verdict.limit = Some(Some(*retry_after)),
                Fault::LimitWithoutHint { .. } => verdict.limit = Some(None),
                Fault::Outage { .. } => verdict.outage = true,
                Fault::TokenExpired { .. } => verdict.expired = true,
                Fault::ModifiedWhilePaged { orders, .. } => verdict.modify = *orders,
                Fault::LostAnswer { .. } => verdict.lost = true,
                Fault::HalfPage { .. } => verdict.half = true,
                Fault::ClockSkew { .. } | Fault::Webhooks { .. } | Fault::Lists { .. } | Fault::Clear => continue,
            }
            if let Some(left) = &mut active.left {
                *left -= 1;
            }
        }
        if verdict.half {
            let when = When { operation: String::new(), count: Some(1), seconds: None };
            self.add(Fault::Status { status: 500, when }, now_ms);
        }
        verdict
    }
}

/// A number that a version of an order always draws, apart for each `what`.
fn draw(world: &World, order: &Order, what: u64) -> u64 {
    let seed = world.options.seed ^ what.rotate_left(32);
    let mut rng =
        fastrand::Rng::with_seed(seed ^ order.id.cast_unsigned() ^ order.modified_ms.cast_unsigned().rotate_left(20));
    rng.u64(..)
}

/// What a list by the time of modification finds, under the platform's [`Fault::Lists`]: call it on the sorted rows,
/// before they are cut into pages.
pub(crate) fn listed<'a>(world: &World, platform: Platform, found: Vec<&'a Order>) -> Vec<&'a Order> {
    let Some(listing) = world.faults_of(platform).map(|f| f.listing) else { return found };
    let (now, speed) = (world.now(platform), u64::from(world.options.speed.max(1)));
    let mut rows = Vec::with_capacity(found.len());
    for order in found {
        let late_ms = listing.late_seconds.saturating_mul(1_000) / speed;
        let late_ms = if late_ms == 0 { 0 } else { draw(world, order, 1) % late_ms };
        let hidden = draw(world, order, 2) % 100 < u64::from(listing.drop_percent);
        // A stamp may lie some milliseconds ahead: that alone is not late.
        let late = late_ms > 0 && now - order.modified_ms < i64::try_from(late_ms).unwrap_or(i64::MAX);
        if hidden || late {
            continue;
        }
        rows.push(order);
        if draw(world, order, 3) % 100 < u64::from(listing.duplicate_percent) {
            rows.push(order);
        }
    }
    rows
}

/// A page's rows, in any order where [`Fault::Lists`] says so.
pub(crate) fn page<'a>(world: &World, platform: Platform, mut rows: Vec<&'a Order>) -> Vec<&'a Order> {
    if world.faults_of(platform).is_some_and(|f| f.listing.shuffle) {
        rows.sort_by_key(|order| draw(world, order, 4));
    }
    rows
}

/// A fault and where it strikes, as the control port takes it.
#[derive(Clone, Debug, Deserialize)]
pub struct FaultAt {
    /// Which platform.
    pub platform: Platform,
    /// What.
    #[serde(flatten)]
    pub fault: Fault,
}
