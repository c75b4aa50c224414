use huidan_domain::Millis;
use std::cell::Cell;

/// A clock that moves only when told.
#[derive(Debug, Default)]
pub struct FixedClock(Cell<i64>);

impl FixedClock {
    /// Stands at this instant.
    pub fn at(now: Millis) -> Self {
        Self(Cell::new(now.0))
    }

    /// The instant.
    pub fn now(&self) -> Millis {
        Millis(self.0.get())
    }

    /// Moves by so many seconds.
    pub fn pass(&self, seconds: i64) {
        self.0.set(self.now().plus_seconds(seconds).0);
    }
}

/// Chance that can be repeated: the same seed draws the same.
#[derive(Debug)]
pub struct Seeded {
    seed: u64,
    rng: fastrand::Rng,
}

impl Seeded {
    /// Draws by this seed.
    pub fn new(seed: u64) -> Self {
        Self { seed, rng: fastrand::Rng::with_seed(seed) }
    }

    /// Draws by the seed in `HUIDAN_SEED`, or else by `usual`; a failing test names [`Self::seed`] so that it can be
    /// run again.
    pub fn from_env(usual: u64) -> Self {
        let named = std::env::var("HUIDAN_SEED").ok().and_then(|text| text.parse().ok());
        Self::new(named.unwrap_or(usual))
    }

    /// The seed.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// A number of the range, both ends included.
    pub fn number(&mut self, from: u64, to: u64) -> u64 {
        self.rng.u64(from..=to)
    }

    /// Whether an event of so many percent happens.
    pub fn percent(&mut self, percent: u8) -> bool {
        self.rng.u8(0..100) < percent
    }

    /// One of them.
    ///
    /// # Panics
    /// When there is none.
    pub fn one_of<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        self.rng.choice(of).expect("something to choose from")
    }

    /// So many bytes.
    pub fn bytes(&mut self, count: usize) -> Vec<u8> {
        std::iter::repeat_with(|| self.rng.u8(..)).take(count).collect()
    }

    /// Shuffles in place.
    pub fn shuffle<T>(&mut self, them: &mut [T]) {
        self.rng.shuffle(them);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_seed_draws_the_same() {
        let draw = |seed| Seeded::new(seed).bytes(16);
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
    }

    #[test]
    fn a_clock_moves_only_when_told() {
        let clock = FixedClock::at(Millis(1000));
        assert_eq!(clock.now(), Millis(1000));
        clock.pass(2);
        assert_eq!(clock.now(), Millis(3000));
    }
}
