//! The port of a sales channel. An adapter implements [`Channel`]; the core knows it by its id alone.
//!
//! Every operation that talks to the platform is a pure function of [`Call`]: it returns the request to send, and is
//! asked again with the reply appended, until it returns its result. So an adapter needs no runtime, and the same
//! code runs in a component, in a test and in a simulation with a virtual clock.

mod form;
mod manifest;
mod names;
mod rules;
mod walk;

pub use form::{
    Confirmed, Document, Event, Grant, Granted, ImportBy, ImportRefused, Imported, ImportedOrder, Listed, Page,
    Reading, Shipment, ShipmentLine, StockLevel, StockOutcome, Unreadable,
};
pub use huidan_exchange::Origin;
pub use huidan_wire::api::{
    ImportColumn, ImportField, ImportLook, ImportMapping, ImportMissing, ImportPreview, ImportPreviewLine,
    MappedColumn, MappingFrom, RowProblem,
};
pub use manifest::{CredentialField, Limit, ListRules, Manifest, Tokens};
pub use names::{full_name, with_company};
pub use rules::{Already, Carriers, Changes, ConfirmRules, Holds, Main, Numbers, Others, Refunds, Shows};
pub use walk::last_page_first;

use huidan_domain::{Millis, Window};
use huidan_exchange::{Account, Call, CallError, Next, Refusal, Reply, Said, Unverified, Verified, Webhook};

/// A sales channel.
pub trait Channel {
    /// What this channel is and can do, as data.
    fn manifest(&self) -> &'static Manifest;

    /// Proves who sent a webhook.
    ///
    /// # Errors
    /// [`Refusal`] when the signature is missing, wrong or too old.
    fn verify(&self, hook: Webhook<Unverified>, shop: &Account, now: Millis) -> Result<Webhook<Verified>, Refusal> {
        let _ = (hook, shop, now);
        Err(Refusal::Signature)
    }

    /// The answer to a proven knock by which a platform tries an address before it uses it, where it wants to hear
    /// something of its own back; `None` for everything else.
    fn echo(&self, hook: &Webhook<Verified>, shop: &Account) -> Option<Reply> {
        let _ = (hook, shop);
        None
    }

    /// What a proven webhook announces; empty for a ping or a topic of no interest.
    ///
    /// # Errors
    /// A sentence that says what and where, without personal data, when the body cannot be taken up.
    fn take(&self, hook: &Webhook<Verified>, shop: &Account) -> Result<Vec<Event>, String> {
        let _ = (hook, shop);
        Ok(Vec::new())
    }

    /// The answer in the platform's own words. A channel that does not push knows no webhooks.
    fn answer(&self, said: &Said) -> Reply {
        let _ = said;
        huidan_exchange::no_such_push()
    }

    /// Reads a document. Knows nothing of us, reads no clock.
    ///
    /// # Errors
    /// [`Unreadable`] naming the field; the document is then quarantined.
    fn read(&self, document: &Document) -> Result<Reading, Unreadable>;

    /// One page of orders changed inside the window, oldest page last where the platform's list shifts while it is
    /// read. `cursor` is the last page's [`Page::next`].
    ///
    /// # Errors
    /// [`CallError`].
    fn list(&self, call: &Call<'_>, window: Window, cursor: Option<&str>) -> Result<Next<Page>, CallError>;

    /// Whether the list says when each order was changed. Where it does not, comparing reads more orders again.
    fn lists_times(&self) -> bool {
        true
    }

    /// The whole order as the platform has it now; `None` when it has none of that id.
    ///
    /// # Errors
    /// [`CallError`].
    fn fetch(&self, call: &Call<'_>, ext_id: &str) -> Result<Next<Option<Document>>, CallError>;

    /// Tells the channel that a parcel left. May be repeated.
    ///
    /// # Errors
    /// [`CallError`]; `Rejected` with code `already_shipped_elsewhere` when it is shipped there under another number.
    fn confirm(&self, call: &Call<'_>, shipment: &Shipment) -> Result<Next<Confirmed>, CallError>;

    /// Sets stock to absolute numbers; at most [`Manifest::stock_batch`] levels at a time. The outcomes are in order.
    ///
    /// # Errors
    /// [`CallError`] for the whole batch.
    fn stock(&self, call: &Call<'_>, levels: &[StockLevel]) -> Result<Next<Vec<StockOutcome>>, CallError>;

    /// The platform's page on which a person lets us into the shop; it sends the browser back to `back_to` with
    /// `state`. `None` where the platform has no such page.
    ///
    /// # Errors
    /// [`CallError::Credentials`] naming what of the application's own credentials is missing.
    fn grant_page(&self, shop: &Account, state: &str, back_to: &str) -> Result<Option<String>, CallError> {
        let _ = (shop, state, back_to);
        Ok(None)
    }

    /// Gets a token: from the code that the platform's page sent along, or a new one in the place of the old.
    ///
    /// # Errors
    /// [`CallError`]; `Credentials` when a person has to let us in again.
    fn grant(&self, call: &Call<'_>, by: &Grant) -> Result<Next<Granted>, CallError> {
        let _ = (call, by);
        Err(CallError::Rejected {
            code: "no_tokens".to_owned(),
            remedy: "该平台不发令牌 / this platform gives no tokens".to_owned(),
        })
    }
}

/// A channel that can turn a spreadsheet into documents of its own. Both are pure: what they say of a file hangs on
/// nothing but the file, the mappings and the clock.
pub trait Import {
    /// Says what the columns of a CSV or XLSX file (told apart by its first bytes) seem to hold, and what would come of
    /// it. Takes nothing in.
    ///
    /// # Errors
    /// When the file cannot be read at all, or a mapping names a heading that is not there.
    fn look(&self, file: &[u8], by: &ImportBy, now: Millis) -> Result<ImportLook, ImportRefused>;

    /// Reads the file; one document per order, and what is wrong with which row. `now` is the time of change of what it
    /// holds, since a spreadsheet does not say. Without a mapping only headings that leave no doubt are acted on.
    ///
    /// # Errors
    /// As above, and when a person has to confirm the columns first.
    fn import(&self, file: &[u8], by: &ImportBy, now: Millis) -> Result<Imported, ImportRefused>;
}
