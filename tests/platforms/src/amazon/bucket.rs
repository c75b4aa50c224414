//! Token buckets: each seller has one for each operation.

/// A million of these is one call.
const CALL: i64 = 1_000_000;

/// How an operation's bucket fills.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    /// Millionths of a call in a second.
    per_second: i64,
    /// Calls that a full bucket holds.
    burst: i64,
}

impl Plan {
    /// As the models say; those of feeds and listings are from memory.
    pub(super) fn of(operation: &str) -> Plan {
        let (per_second, burst) = match operation {
            "getOrders" => (16_700, 20),
            "confirmShipment" => (2_000_000, 10),
            "getOrder" | "getOrder2026" | "getOrderItems" | "getOrderAddress" | "getOrderBuyerInfo" => (500_000, 30),
            "createRestrictedDataToken" => (1_000_000, 10),
            "createFeedDocument" => (500_000, 15),
            "createFeed" => (8_300, 15),
            "getFeed" => (2_000_000, 15),
            "getFeedDocument" => (22_200, 10),
            _ => (5_000_000, 10),
        };
        Plan { per_second, burst }
    }

    /// As the header says it.
    pub(super) fn text(self) -> String {
        per_second(self.per_second)
    }
}

/// Millionths of a call in a second as a decimal text.
pub(super) fn per_second(millionths: i64) -> String {
    let part = format!("{:06}", millionths % CALL);
    let part = part.trim_end_matches('0');
    format!("{}.{}", millionths / CALL, if part.is_empty() { "0" } else { part })
}

/// What is left of it.
#[derive(Debug)]
pub(super) struct Bucket {
    level: i64,
    at_ms: i64,
}

impl Bucket {
    pub(super) fn full(plan: Plan, now_ms: i64) -> Bucket {
        Bucket { level: plan.burst * CALL, at_ms: now_ms }
    }

    /// Fills up for the time that has passed and takes one call, if there is one.
    pub(super) fn take(&mut self, plan: Plan, times: i64, now_ms: i64) -> bool {
        let passed = (now_ms - self.at_ms).max(0).saturating_mul(times);
        self.level = self.level.saturating_add(passed.saturating_mul(plan.per_second) / 1_000).min(plan.burst * CALL);
        self.at_ms = now_ms;
        if self.level < CALL {
            return false;
        }
        self.level -= CALL;
        true
    }
}
