use crate::Chance;
use huidan_domain::Millis;

/// Now, and where ids come from: time and chance are arguments, so that a test or a simulation can set both.
#[derive(Clone, Copy)]
pub struct Moment<'a> {
    /// Now.
    pub now: Millis,
    /// Randomness.
    pub chance: &'a dyn Chance,
}

impl<'a> Moment<'a> {
    /// From both.
    pub const fn new(now: Millis, chance: &'a dyn Chance) -> Self {
        Self { now, chance }
    }

    /// A new id: 26 characters of `0-9 A-Z`, sorting by time (ULID).
    pub fn id(&self) -> String {
        let mut random = [0; 16];
        self.chance.fill(&mut random);
        let at = u64::try_from(self.now.0).unwrap_or(0);
        ulid::Ulid::from_parts(at, u128::from_le_bytes(random)).to_string()
    }

    /// A new secret of `2 * N` hex digits.
    pub fn secret<const N: usize>(&self) -> String {
        let mut random = [0; N];
        self.chance.fill(&mut random);
        hex::encode(random)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;

    struct Counting(Cell<u8>);
    impl Chance for Counting {
        fn fill(&self, bytes: &mut [u8]) {
            self.0.set(self.0.get().wrapping_add(1));
            bytes.fill(self.0.get());
        }
    }

    #[test]
    fn ids_differ_and_sort_by_time() {
        let chance = Counting(Cell::new(0));
        let early = Moment::new(Millis(1_000), &chance);
        let (a, b) = (early.id(), early.id());
        assert_ne!(a, b);
        assert_eq!(a.len(), 26);
        assert!(Moment::new(Millis(2_000), &chance).id() > a);
    }
}
