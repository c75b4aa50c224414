use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Parcels that are picked and packed together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Wave {
    /// Our id; also the batch of its labels.
    pub id: String,
    /// Its number for people.
    pub number: i64,
    /// Where it is packed.
    pub warehouse: String,
    /// `single_piece`, `single_line`, `put_wall`, `alone`.
    pub kind: String,
    /// The carrier account of its parcels; empty when they have several.
    pub account: String,
    /// The zone its goods lie in; empty when in several.
    pub zone: String,
    /// `planned`, `picking`, `printing`, `stopped`, `done`.
    pub state: String,
    /// How many parcels it was built of.
    pub size: u32,
    /// What it was cut off by.
    pub cut_off: Option<String>,
    /// Its printer; `null`: the warehouse's.
    pub printer: Option<String>,
    /// How far it is.
    pub counts: WaveCounts,
    /// Its parcels in the order of the paper; only for one wave.
    pub members: Vec<WaveMember>,
    /// When it was built.
    pub created_at: String,
    /// When its state last changed.
    pub updated_at: String,
}

/// How far a wave is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WaveCounts {
    /// Parcels still in it.
    pub parcels: u32,
    /// Parcels that fell out: their slots stay empty.
    pub left_out: u32,
    /// Of those in it, with a number.
    pub numbered: u32,
    /// With their paper out.
    pub printed: u32,
    /// With the right goods under the right paper, or gone.
    pub verified: u32,
    /// Papers that a bridge has.
    pub at_printer: u32,
    /// Papers that nobody knows whether they came out.
    pub questions: u32,
    /// Papers that certainly did not.
    pub failed: u32,
}

/// A parcel of a wave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WaveMember {
    /// The package.
    pub package: String,
    /// Its place, from 1; stands on its paper.
    pub seq: u32,
    /// Its slot in the put-wall; empty where the wave has none.
    pub slot: String,
    /// Why it is not in it any more: `held`, `refund`, `cancelled`, `taken_out`; empty while it is.
    pub left_out: String,
    /// The package's status.
    pub status: String,
    /// The number.
    pub waybill: Option<String>,
    /// What the package waits for.
    pub waits_for: String,
    /// State of its last paper; empty when there is none.
    pub paper: String,
}

/// How to ask for waves.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AskWaves {
    /// At most so many; 200 at most, 50 unless told.
    pub limit: Option<u32>,
    /// `next` of the page before.
    pub cursor: Option<String>,
    /// In this state.
    pub state: Option<String>,
    /// Of this warehouse.
    pub warehouse: Option<String>,
}

/// Which parcels become waves, and how.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NewWaves {
    /// Where they are packed.
    pub warehouse: String,
    /// `14:00`: only parcels planned before this hour of today, by the warehouse's clock.
    #[serde(default)]
    pub cut_off: Option<String>,
    /// Only with this carrier.
    #[serde(default)]
    pub carrier: Option<String>,
    /// Only with this carrier account.
    #[serde(default)]
    pub account: Option<String>,
    /// Only parcels whose goods all lie in this zone.
    #[serde(default)]
    pub zone: Option<String>,
    /// Only of this kind.
    #[serde(default)]
    pub kind: Option<String>,
    /// Slots of the put-wall; 20 unless told.
    #[serde(default)]
    pub slots: Option<u32>,
    /// Slots beside each other; 5 unless told.
    #[serde(default)]
    pub columns: Option<u32>,
    /// Most parcels of the other kinds; 200 unless told.
    #[serde(default)]
    pub most: Option<u32>,
    /// Heavier than so many grams is large; 5000 unless told.
    #[serde(default)]
    pub large_over_g: Option<u32>,
    /// More pieces than these is large; 20 unless told.
    #[serde(default)]
    pub large_over_pieces: Option<u32>,
    /// What must leave within so many hours is urgent; 4 unless told.
    #[serde(default)]
    pub urgent_hours: Option<u32>,
    /// Whether carrier accounts are mixed; they are not unless told.
    #[serde(default)]
    pub mix_carriers: Option<bool>,
    /// Whether zones stay apart; they do not unless told.
    #[serde(default)]
    pub by_zone: Option<bool>,
    /// The printer of their labels; the warehouse's unless told.
    #[serde(default)]
    pub printer: Option<String>,
}

/// What would be built.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WavePreview {
    /// Parcels that could go.
    pub parcels: u32,
    /// Kind by kind.
    pub kinds: Vec<WavePreviewKind>,
}

/// What would be built of one kind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct WavePreviewKind {
    /// The kind.
    pub kind: String,
    /// How many waves.
    pub waves: u32,
    /// How many parcels.
    pub parcels: u32,
    /// Different bins visited, over all of its waves.
    pub bins: u32,
}

/// Which papers of a wave, and where.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PrintWave {
    /// `waybills` (unless told), `pick_list`, `packing_slips`.
    #[serde(default)]
    pub what: Option<String>,
    /// The printer; the wave's or the warehouse's unless told.
    #[serde(default)]
    pub printer: Option<String>,
    /// Which copy of a list or of slips; the first unless told.
    #[serde(default)]
    pub copy: Option<u32>,
}

/// A parcel leaves its wave.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DropFromWave {
    /// The package.
    pub package: String,
}

/// How to ask for a wave's paper as a file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AskSheets {
    /// `a4` (unless told), `100x150`, `76x130`.
    pub media: Option<String>,
}

/// Whether labels of a warehouse wait for waves.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LabelsWait {
    /// They do: nothing is printed before a wave wants it. Else each label is printed as soon as it has its number.
    pub wait: bool,
}

/// How many sheets are to be printed now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Queued {
    /// Sheets, or labels.
    pub sheets: u32,
}
