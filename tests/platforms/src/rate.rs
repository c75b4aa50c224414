//! How often a platform lets itself be called.

use std::collections::BTreeMap;

/// Calls of the running second, for each shop and operation.
#[derive(Debug, Default)]
pub(crate) struct Rate(BTreeMap<(String, String), (i64, u32)>);

impl Rate {
    /// Counts a call; `true` when it is one too many. A limit of 0 lets everything through.
    pub(crate) fn over(&mut self, shop: &str, operation: &str, now_ms: i64, per_second: u32) -> bool {
        let second = now_ms.div_euclid(1_000);
        let seen = self.0.entry((shop.to_owned(), operation.to_owned())).or_default();
        if seen.0 != second {
            *seen = (second, 0);
        }
        seen.1 += 1;
        per_second > 0 && seen.1 > per_second
    }
}
