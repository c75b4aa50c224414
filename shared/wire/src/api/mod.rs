//! The JSON of `/api/v1`: what the API serves and the page shows. Its OpenAPI description is made from these types.

mod desk;
mod goods;
mod import;
mod notice;
mod order;
mod package;
mod parcel;
mod people;
mod price;
mod seller;
mod shadow;
mod telling;
mod wave;
mod waybill;

pub use desk::{
    AskEvents, BreakerTrouble, Chain, Confirm, Event, Exceptions, Gauges, HeldOrder, InboxTrouble, Kept, Named,
    OutboxTrouble, PackageTrouble, PrintJob, Reprint, Scan, ScanLine, Scanned, Weighed,
};
pub use goods::{
    Alias, AskListings, AskStock, Listing, NewSku, PatchSku, PutListing, Rule, RulePatch, SetStock, Sku, Stock,
};
pub use import::{
    AskImport, ImportColumn, ImportField, ImportLook, ImportMapping, ImportMissing, ImportPreview, ImportPreviewLine,
    MappedColumn, MappingFrom,
};
pub use notice::{
    AskNotices, Audience, NewNoticeWay, NewWebhook, Notice, NoticeRules, NoticeText, NoticeWay, NoticeWish,
    PatchNoticeWay, PatchWebhook, Webhook,
};
pub use order::{
    AskOrders, HoldOrder, Imported, Order, OrderImport, OrderLine, OrderReceiver, Remark, Replay, Replayed, RowProblem,
};
pub use package::{AskPackages, Package, PackageLine, PrintSome, Printed, Ship};
pub use parcel::{
    AskIncidents, AskParcelExceptions, BuyerLink, ClaimDraft, Incident, InterceptSaid, NewParcelNote, ParcelException,
    ParcelNote, WatchedBy,
};
pub use people::{Me, NewPerson, NewToken, PatchPerson, Person, Role, SignIn, Token};
pub use price::{AccountPrices, Offer, PiecesSet, Prices, SetPieces};
pub use seller::{
    Authorisation, Carrier, Environment, MissingOrder, Mode, NewCarrier, NewShop, NewWarehouse, PairingCode,
    PatchCarrier, PatchPrinter, PatchShop, PatchWarehouse, Printer, Sender, Shop, ShopAlarm, Warehouse,
};
pub use shadow::{
    Shadow, ShadowConfirm, ShadowConfirmLine, ShadowLine, ShadowOrder, ShadowPackage, ShadowReason, ShadowSummary,
};
pub use wave::{
    AskSheets, AskWaves, DropFromWave, LabelsWait, NewWaves, PrintWave, Queued, Wave, WaveCounts, WaveMember,
    WavePreview, WavePreviewKind,
};
pub use waybill::{
    AnswerClaim, CarrierNumbers, NumberLook, NumberPlace, PatchNumbers, SettleWaybill, UnusedCount, UnusedWaybill,
    UnusedWaybills, WaybillOutcome,
};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use telling::{
    AskDeadlines, AskTellings, CutOff, Deadlines, Due, NotPickedUp, Pace, SetCutOff, Telling, TellingRule,
};

/// An instant for people and scripts: RFC 3339 in UTC, such as `2026-11-21T08:00:00Z`.
pub fn instant(at: huidan_domain::Millis) -> String {
    chrono::DateTime::from_timestamp_millis(at.0)
        .unwrap_or_default()
        .to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true)
}

/// Reads an instant as [`instant`] writes it, or with any other offset.
///
/// # Errors
/// A sentence in both languages.
pub fn read_instant(text: &str) -> Result<huidan_domain::Millis, String> {
    chrono::DateTime::parse_from_rfc3339(text)
        .map(|at| huidan_domain::Millis(at.timestamp_millis()))
        .map_err(|_| "请写成 2026-11-21T08:00:00Z / write it as 2026-11-21T08:00:00Z".to_owned())
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Page<T> {
    /// What is on it.
    pub items: Vec<T>,
    /// Where the next page begins; `null` on the last one.
    pub next: Option<String>,
}

/// How to ask for a page of a short list, in the order of the ids.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    /// At most so many; 200 at most, 50 unless told.
    pub limit: Option<u32>,
    /// `next` of the page before.
    pub cursor: Option<String>,
    /// `csv` or `xlsx` for a spreadsheet of the whole list, where there is one.
    pub format: Option<String>,
}

/// No body, or an empty object.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

/// Something was done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Done {
    /// Always true; what went wrong is a problem instead.
    pub ok: bool,
}

impl Done {
    /// It was done.
    pub const YES: Self = Self { ok: true };
}

/// Why a request was refused (RFC 9457, `application/problem+json`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Problem {
    /// Always `about:blank`: `code` says what it is.
    pub r#type: String,
    /// The status in words.
    pub title: String,
    /// The status.
    pub status: u16,
    /// Stable code for programs.
    pub code: String,
    /// Which field, as a path, where it is about one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub field: Option<String>,
    /// What is wrong and what to do, Chinese and English.
    pub detail: String,
}
