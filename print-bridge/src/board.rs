//! What the status page and `print-bridge status` show of a running bridge, beside what the journal holds.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::SystemTime,
};

use crate::attached::{Device, Kind};

/// How it stands with the hub.
#[derive(Debug, Clone, Default)]
pub struct HubView {
    /// When it last answered.
    pub answered: Option<SystemTime>,
    /// Why it does not; `None` while it does.
    pub trouble: Option<String>,
    /// Seconds by which its clock is ahead of ours.
    pub ahead_s: i64,
}

/// What a scale or a scanner last showed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// `ready`, `offline`, or what the hub answered: `pack`, `verified`, `handed_over`, `refused`, `weighed`, …
    pub next: String,
    /// Chinese.
    pub zh: String,
    /// English.
    pub en: String,
}

/// A scale or a scanner on the board.
#[derive(Debug, Clone)]
pub struct Station {
    /// Its name.
    pub name: String,
    /// Whether it is a scale; else a scanner.
    pub scale: bool,
    /// What it last showed.
    pub shown: Shown,
    /// When.
    pub at: SystemTime,
}

#[derive(Debug, Default)]
struct Inner {
    hub: HubView,
    stations: Vec<Station>,
}

/// Shared by everything that runs.
#[derive(Debug, Default)]
pub struct Board(Mutex<Inner>);

impl Board {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The hub answered, and by its clock it is `hub_now`.
    pub fn hub_answered(&self, hub_now: SystemTime) {
        let now = SystemTime::now();
        let seconds = |span: std::time::Duration| i64::try_from(span.as_secs()).unwrap_or(i64::MAX);
        let ahead_s = hub_now.duration_since(now).map_or_else(|behind| -seconds(behind.duration()), seconds);
        self.inner().hub = HubView { answered: Some(now), trouble: None, ahead_s };
    }

    /// The hub did not answer as it should.
    pub fn hub_troubled(&self, trouble: String) {
        self.inner().hub.trouble = Some(trouble);
    }

    /// How it stands with the hub.
    #[must_use]
    pub fn hub(&self) -> HubView {
        self.inner().hub.clone()
    }

    /// A scale or a scanner shows something.
    pub fn attached(&self, device: &Device, shown: Shown) {
        let scale = matches!(device.kind, Kind::Scale { .. });
        let station = Station { name: device.name.clone(), scale, shown, at: SystemTime::now() };
        let mut inner = self.inner();
        match inner.stations.iter_mut().find(|known| known.name == station.name && known.scale == scale) {
            Some(known) => *known = station,
            None => inner.stations.push(station),
        }
    }

    /// Every scale and scanner.
    #[must_use]
    pub fn stations(&self) -> Vec<Station> {
        self.inner().stations.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn the_hubs_clock_is_set_beside_ours() {
        let board = Board::default();
        board.hub_answered(SystemTime::now() - Duration::from_secs(300));
        assert!((-301..=-299).contains(&board.hub().ahead_s), "{:?}", board.hub());
        board.hub_troubled("away".to_owned());
        assert!(board.hub().answered.is_some() && board.hub().trouble.is_some(), "what was known stays");
        board.hub_answered(SystemTime::now() + Duration::from_secs(60));
        assert!((59..=60).contains(&board.hub().ahead_s) && board.hub().trouble.is_none());
    }
}
