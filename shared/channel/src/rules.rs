//! What a channel takes when it is told of shipments, as data. The conductor obeys it, whatever the channel is.

/// How a channel is told of shipments.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConfirmRules {
    /// How many numbers it takes.
    pub numbers: Numbers,
    /// How finely it takes what a parcel holds.
    pub holds: Holds,
    /// Which of the numbers it was told its order shows.
    pub shows: Shows,
    /// How often and how long a number told may be changed; `None` where it may not.
    pub change: Option<Changes>,
    /// Most parcels that one call tells.
    pub per_call: u8,
    /// Whether it asks for the parcel's weight.
    pub weight: bool,
    /// How long after the label came out it may be told at the earliest, in seconds.
    pub after_print_s: i64,
    /// Within how many seconds of being told the carrier must have scanned the parcel, where the platform fines who only
    /// says that it left.
    pub picked_up_s: Option<i64>,
    /// What an open refund in the parcel does.
    pub refunds: Refunds,
    /// How it is known that the parcel is told already.
    pub already: Already,
    /// How it calls carriers.
    pub carriers: Carriers,
}

/// How many numbers a channel takes of one order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Numbers {
    /// One: which of several parcels' it is.
    PerOrder(Main),
    /// One per line; further parcels with pieces of it cannot be told.
    PerLine,
    /// As many as there are parcels.
    Several,
}

/// Which of several parcels is told where only one can be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Main {
    /// The first that leaves: the deadline is kept, the buyer sees the order shipped before all of it has left.
    First,
    /// The one that completes the order, or the first of them an hour before the order is late.
    Last,
}

/// How finely a channel takes what a parcel holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Holds {
    /// Not at all: a number belongs to the whole order.
    Order,
    /// Whole lines.
    Lines,
    /// Pieces of a line.
    Pieces,
}

/// Which of the numbers that a channel was told its order shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shows {
    /// Every one.
    Every,
    /// One per line: that a further parcel with pieces of it is told cannot be seen.
    OnePerLine,
}

/// How often and how long a number may be changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Changes {
    /// How often per order; `None` where the platform names no limit.
    pub most: Option<u32>,
    /// For how many seconds after it was told; `None` until the buyer has received it.
    pub within_s: Option<i64>,
}

impl Changes {
    /// As often as wanted, until the buyer has received it.
    pub const FREE: Self = Self { most: None, within_s: None };
}

/// What an open refund of a line does to a call that tells the line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Refunds {
    /// The whole call fails: such lines are held back and told when the refund is withdrawn or refused.
    FailTheCall,
    /// The platform decides about the parcel as it is told.
    Platform,
}

/// How it is known that a parcel is told already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Already {
    /// The adapter looks before it tells.
    Looks,
    /// It tells, and reads the order back whatever the refusal's words are.
    ReadsBack,
    /// The answer says so in these words.
    Says(&'static [&'static str]),
}

/// How a channel calls carriers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Carriers {
    /// Our id, its code.
    pub codes: &'static [(&'static str, &'static str)],
    /// What becomes of a carrier without a code.
    pub others: Others,
}

/// What becomes of a carrier without a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Others {
    /// It is told by its name.
    Named,
    /// It cannot be told before the seller has set a code.
    Refused,
}

impl Numbers {
    /// By name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PerOrder(Main::First) => "first_of_order",
            Self::PerOrder(Main::Last) => "last_of_order",
            Self::PerLine => "one_per_line",
            Self::Several => "several",
        }
    }
}

impl Holds {
    /// By name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Order => "order",
            Self::Lines => "lines",
            Self::Pieces => "pieces",
        }
    }
}

impl Already {
    /// By name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Looks => "looks_first",
            Self::ReadsBack => "reads_back",
            Self::Says(_) => "says_so",
        }
    }
}
