//! The pages: each is a function from what the API answered to HTML.

pub(crate) mod deadlines;
pub(crate) mod import;
pub(crate) mod notices;
mod numbers;
pub(crate) mod orders;
pub(crate) mod overview;
pub(crate) mod packages;
pub(crate) mod parcels;
pub(crate) mod prices;
pub(crate) mod print;
pub(crate) mod scan;
pub(crate) mod shadow;
pub(crate) mod shops;
pub(crate) mod sign;
pub(crate) mod telling;
pub(crate) mod waves;
