//! A parcel on its way, as pure decisions: what a scan means, how long a stage may last, when many late parcels are one
//! trouble.

mod late;
mod pace;
mod scan;

pub use late::{Limits, OUTAGE, limits, outage, remaining};
pub use pace::Pace;
pub use scan::{Ends, Sample, Seen, Step, after};

/// Declares a list of cases that are stored by name.
macro_rules! cases {
    ($(#[$meta:meta])* $list:ident { $($(#[$case_meta:meta])* $case:ident = $name:literal),+ $(,)? }) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $list { $($(#[$case_meta])* $case),+ }

        impl $list {
            /// Every case, in order of declaration.
            pub const ALL: &'static [Self] = &[$(Self::$case),+];

            /// The name this case is stored and sent by.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$case => $name),+ }
            }

            /// The case of that name.
            pub fn parse(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|case| case.name() == name)
            }
        }
    };
}

cases! {
    /// What a parcel waits for. Each stage begins with a scan (the first with the hand-over) and ends with the next.
    Stage {
        /// Handed over, to be picked up.
        PickUp = "pick_up",
        /// Picked up, to be seen at a first hub.
        FirstHub = "first_hub",
        /// Seen at a hub or leaving it, to be seen at the next.
        Hub = "hub",
        /// With the courier, to be signed for.
        Deliver = "deliver",
        /// On its way back.
        Return = "return",
        /// Signed for: waits for nothing.
        Signed = "signed",
        /// Back with the seller.
        Back = "back",
    }
}

impl Stage {
    /// Whether nothing more is expected.
    pub const fn over(self) -> bool {
        matches!(self, Self::Signed | Self::Back)
    }
}

cases! {
    /// Why a person should look at a parcel.
    Kind {
        /// Handed over, and the carrier does not scan it.
        NotPickedUp = "not_picked_up",
        /// No scan for longer than this stage takes.
        Stalled = "stalled",
        /// The carrier reports trouble.
        Problem = "problem",
        /// The receiver refused it.
        Refused = "refused",
        /// It comes back, or is back.
        Returned = "returned",
        /// Signed for sooner than it can have arrived.
        SignedTooFast = "signed_too_fast",
        /// Signed for in another city than the receiver's.
        OtherCity = "other_city",
        /// The number bears scans older than its label.
        ReusedNumber = "reused_number",
        /// Nobody watches it any more, and nobody else can.
        Unwatched = "unwatched",
        /// The customs hold it.
        CustomsStop = "customs_stop",
    }
}

/// Where a parcel is on its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// What it waits for.
    pub stage: Stage,
    /// Since when: the newest scan's time, or that of the hand-over.
    pub since: Option<i64>,
    /// Where it was seen last, in the carrier's words.
    pub place: String,
    /// The carrier's code of that scan: the same hub is reached and left.
    pub code: String,
    /// When it was picked up.
    pub picked_at: Option<i64>,
}

impl Way {
    /// A parcel that nobody scanned yet, handed over then where that is known.
    pub const fn begun(since: Option<i64>) -> Self {
        Self { stage: Stage::PickUp, since, place: String::new(), code: String::new(), picked_at: None }
    }

    /// What tells this stay apart from others of its stage: the hub and whether it was reached or left. Paces of a lane
    /// are learnt for each, since a lane's legs differ by a factor of ten.
    pub fn spot(&self) -> String {
        match self.stage {
            Stage::Hub if !self.place.is_empty() => format!("{}@{}", self.code, self.place),
            _ => String::new(),
        }
    }
}
