//! The port of a carrier. An adapter implements [`Carrier`]; the core knows it by its id alone.
//!
//! As with a channel, every operation is a pure function of [`Call`] that returns the request to send and is asked
//! again with the reply, until it returns its result.

mod form;
mod manifest;

pub use form::{Booked, Cancelled, Item, Paper, Parcel, Scan, ScanKind};
pub use manifest::{CredentialField, Manifest, UnknownOutcome};

use huidan_domain::{Millis, WaybillNo};
use huidan_exchange::{Account, Call, CallError, Next, Refusal, Reply, Said, Unverified, Verified, Webhook};

/// A carrier, or a platform's waybill service.
pub trait Carrier {
    /// What this carrier is and can do, as data.
    fn manifest(&self) -> &'static Manifest;

    /// Takes a number for the parcel. The parcel's `claim` is the idempotency key and is stored before this is called.
    ///
    /// # Errors
    /// [`CallError`]; only `Rejected` and `Credentials` mean that certainly no number was taken.
    fn book(&self, call: &Call<'_>, parcel: &Parcel) -> Result<Next<Booked>, CallError>;

    /// What the carrier gave for a claim whose answer was lost; `None` when it knows nothing of it.
    ///
    /// # Errors
    /// [`CallError`].
    fn query(&self, call: &Call<'_>, parcel: &Parcel) -> Result<Next<Option<Booked>>, CallError>;

    /// Gives a number back.
    ///
    /// # Errors
    /// [`CallError`].
    fn cancel(&self, call: &Call<'_>, number: &WaybillNo, claim: &str) -> Result<Next<Cancelled>, CallError>;

    /// The scans of some numbers, at most [`Manifest::track_batch`].
    ///
    /// # Errors
    /// [`CallError`].
    fn track(&self, call: &Call<'_>, numbers: &[WaybillNo]) -> Result<Next<Vec<Scan>>, CallError> {
        let _ = (call, numbers);
        Err(CallError::Rejected {
            code: "tracking_unsupported".to_owned(),
            remedy: "这里查不到轨迹，请用承运商自己的接口 / parcels cannot be asked about here: use the carrier's own interface"
                .to_owned(),
        })
    }

    /// Proves who sent a push. `secret` is the last segment of its path where the carrier signs nothing.
    ///
    /// # Errors
    /// [`Refusal`].
    fn verify(
        &self,
        push: Webhook<Unverified>,
        account: &Account,
        secret: Option<&str>,
        now: Millis,
    ) -> Result<Webhook<Verified>, Refusal> {
        let _ = (push, account, secret, now);
        Err(Refusal::Signature)
    }

    /// The scans in a push; unknown codes are kept as [`ScanKind::Other`].
    ///
    /// # Errors
    /// A sentence that says what and where, without personal data.
    fn read(&self, push: &Webhook<Verified>) -> Result<Vec<Scan>, String> {
        let _ = push;
        Ok(Vec::new())
    }

    /// The answer in the carrier's own words; `asked` tells the form the push came in where it matters.
    fn answer(&self, said: &Said, asked: &http::HeaderMap) -> Reply {
        let _ = (said, asked);
        huidan_exchange::no_such_push()
    }
}
