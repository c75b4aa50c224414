//! Faults on request.

use crate::order::Platform;
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
}

/// What the faults make of one call.
#[derive(Debug, Default)]
pub(crate) struct Verdict {
    pub(crate) status: Option<u16>,
    pub(crate) limit: Option<u32>,
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
            Fault::Webhooks { drop_percent, duplicate_percent, shuffle, delay_ms } => {
                self.delivery = Delivery {
                    drop_percent: *drop_percent,
                    duplicate_percent: *duplicate_percent,
                    shuffle: *shuffle,
                    delay_ms: *delay_ms,
                };
                return;
            }
            Fault::Status { when, .. }
            | Fault::Limit { when, .. }
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
            let refused = verdict.status.is_some() || verdict.limit.is_some();
            match &active.fault {
                Fault::Delay { ms, .. } => verdict.delay_ms = verdict.delay_ms.max(*ms),
                _ if refused => continue,
                Fault::Status { status, .. } => verdict.status = Some(*status),
                Fault::Limit { retry_after, .. } => verdict.limit = Some(*retry_after),
                Fault::LostAnswer { .. } => verdict.lost = true,
                Fault::HalfPage { .. } => verdict.half = true,
                Fault::ClockSkew { .. } | Fault::Webhooks { .. } | Fault::Clear => continue,
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

/// A fault and where it strikes, as the control port takes it.
#[derive(Clone, Debug, Deserialize)]
pub struct FaultAt {
    /// Which platform.
    pub platform: Platform,
    /// What.
    #[serde(flatten)]
    pub fault: Fault,
}
