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
    /// Which credentials an account needs, for forms and errors.
    pub credentials: &'static [CredentialField],
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
