//! The port of a carrier. An adapter implements [`Carrier`]; the core knows it by its id alone.
//!
//! As with a channel, every operation is a pure function of [`Call`] that returns the request to send and is asked
//! again with the reply, until it returns its result.

pub mod common;
mod form;
mod manifest;

pub use form::{
    Balance, Booked, Cancelled, Child, DocumentMedia, Intercept, Intercepted, Item, Paper, Parcel, Quote, Scan,
    ScanKind, Tracked,
};
pub use huidan_exchange::Origin;
pub use manifest::{CredentialField, Manifest, UnknownOutcome};

use common::unsupported;
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
    fn query(&self, call: &Call<'_>, parcel: &Parcel) -> Result<Next<Option<Booked>>, CallError> {
        let _ = (call, parcel);
        Err(unsupported("query"))
    }

    /// Gives a number back.
    ///
    /// # Errors
    /// [`CallError`].
    fn cancel(&self, call: &Call<'_>, number: &WaybillNo, claim: &str) -> Result<Next<Cancelled>, CallError>;

    /// The same, with what the carrier itself calls the order ([`Booked::reference`]).
    ///
    /// # Errors
    /// [`CallError`].
    fn cancel_by(
        &self,
        call: &Call<'_>,
        number: &WaybillNo,
        claim: &str,
        reference: &str,
    ) -> Result<Next<Cancelled>, CallError> {
        let _ = reference;
        self.cancel(call, number, claim)
    }

    /// Changes what a booked parcel says, under the same number: all of it is sent again, and
    /// its paper is made anew from the answer.
    ///
    /// # Errors
    /// [`CallError`]; `Rejected` where only a new number helps.
    fn update(&self, call: &Call<'_>, number: &WaybillNo, parcel: &Parcel) -> Result<Next<Booked>, CallError> {
        let _ = (call, number, parcel);
        Err(unsupported("update"))
    }

    /// What the carrier would ask for the parcel, cheapest first; nothing is booked.
    ///
    /// # Errors
    /// [`CallError`].
    fn price(&self, call: &Call<'_>, parcel: &Parcel) -> Result<Next<Vec<Quote>>, CallError> {
        let _ = (call, parcel);
        Err(unsupported("price"))
    }

    /// What is left of the account's numbers or money.
    ///
    /// # Errors
    /// [`CallError`].
    fn balance(&self, call: &Call<'_>) -> Result<Next<Vec<Balance>>, CallError> {
        let _ = call;
        Err(unsupported("balance"))
    }

    /// The scans of some parcels, at most [`Manifest::track_batch`].
    ///
    /// # Errors
    /// [`CallError`].
    fn track(&self, call: &Call<'_>, parcels: &[Tracked]) -> Result<Next<Vec<Scan>>, CallError> {
        let _ = (call, parcels);
        Err(unsupported("track"))
    }

    /// Has the carrier push what happens to a parcel. `push_to` is our public address for it, secret included. That a
    /// subscription stands already is success.
    ///
    /// # Errors
    /// [`CallError`].
    fn subscribe(&self, call: &Call<'_>, parcel: &Tracked, push_to: &str) -> Result<Next<()>, CallError> {
        let _ = (call, parcel, push_to);
        Err(unsupported("subscribe"))
    }

    /// Has a parcel stopped or redirected that is on its way.
    ///
    /// # Errors
    /// [`CallError`].
    fn intercept(
        &self,
        call: &Call<'_>,
        number: &WaybillNo,
        claim: &str,
        wish: &Intercept,
    ) -> Result<Next<Intercepted>, CallError> {
        let _ = (call, number, claim, wish);
        Err(unsupported("intercept"))
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

    /// The same where the carrier's words name the account and the time; `account` is `None` where nobody is proven.
    fn answer_for(&self, said: &Said, asked: &http::HeaderMap, account: Option<&Account>, now: Millis) -> Reply {
        let _ = (account, now);
        self.answer(said, asked)
    }
}
