use huidan_exchange::Origin;

/// What a carrier is and can do.
#[derive(Debug, Clone, Copy)]
pub struct Manifest {
    /// The id: folder, route and component bear it.
    pub id: &'static str,
    /// Name on paper and page, Chinese.
    pub zh: &'static str,
    /// Name for people, English.
    pub en: &'static str,
    /// Origin of the real gateway; empty where nothing is called.
    pub gateway: &'static str,
    /// Origin of the sandbox gateway; empty where there is none.
    pub sandbox: &'static str,
    /// Further origins that it uses, each with a name of its own.
    pub origins: &'static [Origin],
    /// How a lost answer is resolved.
    pub unknown_outcome: UnknownOutcome,
    /// Whether booking needs a serial number drawn from the account's own range.
    pub needs_serial: bool,
    /// Which channels' encrypted receivers it takes by token; empty: none.
    pub takes_tokens_of: &'static [&'static str],
    /// Whether it pushes scans.
    pub pushes: bool,
    /// Whether the push is unsigned and needs a secret path.
    pub secret_path: bool,
    /// Most numbers per tracking call; 0 where tracking cannot be asked for.
    pub track_batch: usize,
    /// Whether it gives numbers; one that does not only watches.
    pub books: bool,
    /// Whether it watches parcels that others carry.
    pub watches_others: bool,
    /// Whether it pushes the scans of a number only after [`crate::Carrier::subscribe`].
    pub subscribes: bool,
    /// Whether the facts of a booked parcel can be changed under the same number.
    pub updates: bool,
    /// Whether it tells prices.
    pub prices: bool,
    /// Whether it tells what is left of numbers or money.
    pub balances: bool,
    /// Whether a parcel on its way can be stopped or redirected.
    pub intercepts: bool,
    /// How many days after it was given back a number is counted again: 0 at once, `None` where it never is or nobody
    /// says.
    pub reclaim_days: Option<u16>,
    /// Most pieces under one number: 1 where there are no mother and child waybills.
    pub most_pieces: u16,
    /// Which credentials an account needs, for forms and errors.
    pub credentials: &'static [CredentialField],
}

impl Manifest {
    /// A carrier that only gives numbers: what most of a manifest's fields say where nothing else is true. An adapter's
    /// manifest ends with `..Manifest::PLAIN`.
    pub const PLAIN: Self = Self {
        id: "",
        zh: "",
        en: "",
        gateway: "",
        sandbox: "",
        origins: &[],
        unknown_outcome: UnknownOutcome::Person,
        needs_serial: false,
        takes_tokens_of: &[],
        pushes: false,
        secret_path: false,
        track_batch: 0,
        books: true,
        watches_others: false,
        subscribes: false,
        updates: false,
        prices: false,
        balances: false,
        intercepts: false,
        reclaim_days: None,
        most_pieces: 1,
        credentials: &[],
    };
}

/// How the outcome of a booking whose answer was lost is found out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnknownOutcome {
    /// Ask with [`crate::Carrier::query`].
    Query,
    /// Repeat: the carrier returns the first result for the same claim.
    SafeRepeat,
    /// Only a person can.
    Person,
}

/// One field of an account's credentials.
#[derive(Debug, Clone, Copy)]
pub struct CredentialField {
    /// The carrier's own name.
    pub name: &'static str,
    /// Whether nothing works without it.
    pub needed: bool,
    /// Where to find it, Chinese.
    pub zh: &'static str,
    /// Where to find it, English.
    pub en: &'static str,
}
