//! When a weight is one: it lies still, it is no empty scale, and it was not told before.

use std::time::{Duration, Instant};

use super::scale::Reading;

/// How long a weight must stay the same on a scale that does not say itself that it lies still.
const STILL: Duration = Duration::from_millis(800);
/// Where the scale says it, two readings that agree are enough.
const AGREE: u32 = 2;

/// Turns a stream of readings into the weights of parcels, one each.
#[derive(Debug)]
pub struct Settle {
    least: i64,
    candidate: Option<(i64, Instant, u32)>,
    told: Option<i64>,
}

impl Settle {
    /// For a scale that is empty below `least` grams.
    #[must_use]
    pub fn new(least: u32) -> Self {
        Self { least: i64::from(least), candidate: None, told: None }
    }

    /// The weight to tell, if this reading makes one.
    pub fn feed(&mut self, reading: Reading, now: Instant) -> Option<u32> {
        let Reading { grams, stable } = reading;
        if grams < self.least {
            // Empty: the next parcel may weigh the same as the last.
            (self.candidate, self.told) = (None, None);
            return None;
        }
        if stable == Some(false) {
            self.candidate = None;
            return None;
        }
        let (since, times) = match self.candidate {
            Some((same, since, times)) if same == grams => (since, times + 1),
            _ => (now, 1),
        };
        self.candidate = Some((grams, since, times));
        let still = match stable {
            Some(_) => times >= AGREE,
            None => times >= AGREE && now.duration_since(since) >= STILL,
        };
        if !still || self.told.is_some_and(|told| (told - grams).abs() <= slack(grams)) {
            return None;
        }
        self.told = Some(grams);
        u32::try_from(grams).ok()
    }
}

/// A scale's last figure wanders: less than this is no other parcel.
fn slack(grams: i64) -> i64 {
    (grams / 100).max(5)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is told of readings that come every 300 ms.
    fn told(readings: &[(i64, Option<bool>)]) -> Vec<u32> {
        let (mut settle, start) = (Settle::new(20), Instant::now());
        let mut told = Vec::new();
        for (at, (grams, stable)) in readings.iter().enumerate() {
            let now = start + Duration::from_millis(300) * u32::try_from(at).unwrap();
            told.extend(settle.feed(Reading { grams: *grams, stable: *stable }, now));
        }
        told
    }

    #[test]
    fn a_parcel_is_told_once_however_long_it_lies_there() {
        let still = |grams| (grams, Some(true));
        assert_eq!(told(&[still(0), still(500), still(500), still(500), still(501), still(501)]), [500]);
        assert_eq!(
            told(&[still(500), still(500), still(0), still(500), still(500)]),
            [500, 500],
            "the next weighs the same"
        );
        assert_eq!(told(&[still(500), still(500), still(800), still(800)]), [500, 800], "something was added");
    }

    #[test]
    fn nothing_is_told_while_it_moves() {
        assert!(told(&[(100, Some(false)), (300, Some(false)), (480, Some(true)), (500, Some(false))]).is_empty());
        assert_eq!(told(&[(300, Some(false)), (500, Some(true)), (500, Some(true))]), [500]);
    }

    #[test]
    fn a_scale_that_does_not_say_it_lies_still_must_stay_the_same_for_a_while() {
        assert!(told(&[(500, None), (500, None), (500, None)]).is_empty());
        assert_eq!(told(&[(500, None), (500, None), (500, None), (500, None)]), [500]);
        assert!(told(&[(500, None), (501, None), (500, None), (501, None), (500, None)]).is_empty());
    }

    #[test]
    fn an_empty_scale_weighs_nothing() {
        assert!(told(&[(19, Some(true)), (19, Some(true)), (-300, Some(true)), (-300, Some(true))]).is_empty());
    }
}
