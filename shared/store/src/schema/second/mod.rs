//! Version 2 of the `main` database: what was added to it after its first release, a file for each field.

mod carriers;
mod notices;
mod print;
mod reconcile;
mod telling;
mod tracking;
mod waybills;

/// The statements, field by field.
pub(super) const SECOND: &[&[&str]] = &[
    carriers::STATEMENTS,
    waybills::STATEMENTS,
    print::STATEMENTS,
    tracking::STATEMENTS,
    telling::STATEMENTS,
    reconcile::STATEMENTS,
    notices::STATEMENTS,
];
