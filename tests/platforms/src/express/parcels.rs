//! Parcels in the order of their booking, found by their numbers: thousands of them are looked for at every beat.

use super::Parcel;
use std::collections::BTreeMap;
use std::ops::{Deref, DerefMut};

/// See above. Parcels come and never go, and their numbers stay.
#[derive(Debug, Default)]
pub(crate) struct Parcels {
    all: Vec<Parcel>,
    places: BTreeMap<String, usize>,
}

impl Parcels {
    pub(super) fn add(&mut self, parcel: Parcel) {
        self.places.insert(parcel.number.clone(), self.all.len());
        self.all.push(parcel);
    }

    pub(super) fn place(&self, number: &str) -> Option<usize> {
        self.places.get(number).copied()
    }

    pub(super) fn find(&self, number: &str) -> Option<&Parcel> {
        self.all.get(self.place(number)?)
    }

    pub(super) fn find_mut(&mut self, number: &str) -> Option<&mut Parcel> {
        let place = self.place(number)?;
        self.all.get_mut(place)
    }
}

impl Deref for Parcels {
    type Target = [Parcel];

    fn deref(&self) -> &[Parcel] {
        &self.all
    }
}

impl DerefMut for Parcels {
    fn deref_mut(&mut self) -> &mut [Parcel] {
        &mut self.all
    }
}
