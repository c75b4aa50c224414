//! Paper that a carrier drew itself.

use serde::{Deserialize, Serialize};

/// A carrier's own document: kept with the labels, found from its waybill.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drawn {
    /// `pdf`, `png` or `zpl`.
    pub media: String,
    /// SHA-256 of its bytes in hex: where they are kept. Empty where nothing is.
    pub sha: String,
    /// Why it cannot be printed, for a person; empty where it can.
    pub wrong: String,
}
