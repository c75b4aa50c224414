//! What the hub answers to scales and scanners.

use serde::Deserialize;

/// `POST scans` answers with this: what to do next.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Scanned {
    /// `pack`, `verified`, `handed_over` or `refused`, kept as the hub words it.
    #[serde(default)]
    pub next: String,
    /// Chinese.
    #[serde(default)]
    pub zh: String,
    /// English.
    #[serde(default)]
    pub en: String,
    /// What belongs in the parcel.
    #[serde(default)]
    pub lines: Vec<ScannedLine>,
}

/// Goods of a parcel.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct ScannedLine {
    /// The hub's code of them.
    #[serde(default)]
    pub sku: String,
    /// How many belong in it.
    #[serde(default)]
    pub qty: u32,
    /// How many were scanned.
    #[serde(default)]
    pub scanned: u32,
}

/// `POST weights` answers with this.
#[derive(Debug, Clone, Default, Deserialize)]
pub struct Weighed {
    /// `weighed`, `differs` or `waiting`, kept as the hub words it.
    #[serde(default)]
    pub next: String,
    /// What the parcel's goods weigh, where the hub knows it.
    #[serde(default)]
    pub expected_g: Option<u32>,
}
