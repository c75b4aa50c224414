//! Alarms held against the truth.
#![allow(clippy::indexing_slicing, reason = "what goes wrong in a simulation ends it")]

use crate::house::{Alarm, House, Storm};
use crate::life::{CARRIERS, DAY, GOALS, HOUR, Life, STORM, Size, Truth, draw};
use huidan_testkit::world::block_on;
use std::collections::{BTreeMap, BTreeSet};

/// What came of a seed.
#[derive(Debug, Clone, Default)]
pub struct Score {
    /// By trouble: how many parcels are in it, and how many had the right alarm in time.
    pub found: BTreeMap<Truth, (usize, usize)>,
    /// Alarms that are right: single ones, and incidents.
    pub right: usize,
    /// Alarms that are wrong, by what they say and what is true.
    pub wrong: BTreeMap<(String, Truth), usize>,
    /// The same in words, each with what was known.
    pub wrongly: Vec<String>,
    /// For parcels that lie silent: how much earlier than after 48 silent hours they were seen, in milliseconds.
    pub earlier: Vec<i64>,
    /// The same parcels and those without trouble by the rule of 48 hours: found, in trouble, wrong.
    pub by_rule: (usize, usize, usize),
    /// Incidents, tickets of their own for parcels that the storm holds up, and parcels it holds up.
    pub storm: (usize, usize, usize),
    /// How often somebody was asked to watch, for how many parcels.
    pub asked: (usize, usize),
    /// Paces learnt, and their size in bytes.
    pub learnt: (i64, i64),
    /// Messages by topic.
    pub told: BTreeMap<String, i64>,
}

impl Score {
    /// Parcels in trouble, and those that were found in time.
    pub fn recall(&self) -> (usize, usize) {
        self.found.values().fold((0, 0), |(all, found), (n, right)| (all + n, found + right))
    }

    /// Alarms, and those that are right.
    pub fn precision(&self) -> (usize, usize) {
        (self.right + self.wrong.values().sum::<usize>(), self.right)
    }
}

/// Lives through a seed and holds its alarms against the truth.
pub fn score(seed: u64, size: Size) -> Score {
    let lives = draw(seed, size);
    let house = House::new(seed, lives.clone());
    block_on(async {
        house.live(size.daily).await;
        assert!(house.logged().is_empty(), "{:?}", house.logged());
        let (alarms, storms) = (house.alarms().await, house.storms().await);
        let scored: Vec<&Life> = lives.iter().filter(|life| life.nth >= size.warm_up).collect();
        let begins = scored.iter().map(|life| life.handed_over_at).min().unwrap_or(0);
        let mut score = Score {
            asked: (house.asked(), lives.len()),
            learnt: house.learnt().await,
            told: house.told().await,
            ..Score::default()
        };
        score.parcels(&scored, &alarms);
        score.storms(&storms, begins);
        score.rule(&scored, &alarms);
        score
    })
}

/// Which alarms are right for a trouble.
fn expected(truth: Truth) -> &'static [&'static str] {
    match truth {
        Truth::Fine => &[],
        // A parcel that was just picked up when it stopped may not have been scanned.
        Truth::Stalled | Truth::Lost | Truth::Storm | Truth::Breeze => &["stalled", "not_picked_up"],
        Truth::NotPickedUp => &["not_picked_up"],
        Truth::Problem => &["problem"],
        Truth::Refused => &["refused", "returned"],
        Truth::Returned => &["returned"],
        Truth::Reused => &["reused_number"],
        Truth::TooFast => &["signed_too_fast"],
        Truth::OtherCity => &["other_city"],
        Truth::Customs => &["customs_stop"],
    }
}

fn right(life: &Life, alarm: &Alarm) -> bool {
    let (begins, ends) = life.trouble.unwrap_or((i64::MAX, 0));
    expected(life.truth).contains(&alarm.kind.as_str()) && alarm.at >= begins && alarm.at < ends.saturating_add(HOUR)
}

/// Found means: the right alarm, before the trouble is over by itself.
fn found(life: &Life, alarm: &Alarm) -> bool {
    right(life, alarm) && life.trouble.is_some_and(|(_, ends)| alarm.at < ends || !silent(life.truth))
}

const fn silent(truth: Truth) -> bool {
    matches!(truth, Truth::Stalled | Truth::Lost | Truth::NotPickedUp | Truth::Storm)
}

impl Score {
    fn parcels(&mut self, scored: &[&Life], alarms: &[Alarm]) {
        let mut by_parcel: BTreeMap<usize, Vec<&Alarm>> = BTreeMap::new();
        alarms.iter().for_each(|alarm| by_parcel.entry(alarm.nth).or_default().push(alarm));
        for life in scored {
            let raised = by_parcel.get(&life.nth).map_or(&[][..], Vec::as_slice);
            if !matches!(life.truth, Truth::Fine | Truth::Breeze) {
                let entry = self.found.entry(life.truth).or_default();
                entry.0 += 1;
                entry.1 += usize::from(raised.iter().any(|alarm| found(life, alarm)));
            }
            if life.truth == Truth::Storm {
                self.storm.2 += 1;
                self.storm.1 += usize::from(raised.iter().any(|alarm| alarm.incident.is_none()));
            }
            // Nobody could say whether a few hours at a hub out of order are trouble.
            for alarm in raised.iter().filter(|alarm| alarm.incident.is_none() && life.truth != Truth::Breeze) {
                if right(life, alarm) {
                    self.right += 1;
                } else {
                    *self.wrong.entry((alarm.kind.clone(), life.truth)).or_default() += 1;
                    let goal = GOALS[life.goal].0;
                    self.wrongly.push(format!(
                        "{} {:?} {} to {goal}: {}",
                        alarm.kind,
                        life.truth,
                        life.by(),
                        alarm.facts
                    ));
                }
            }
        }
    }

    /// An incident is one alarm, and right when it names the storm's carrier and its hub, or the way there.
    fn storms(&mut self, storms: &[Storm], begins: i64) {
        let ((province, _, hub, _), (carrier, _)) = (GOALS[STORM.0], CARRIERS[STORM.1]);
        for storm in storms.iter().filter(|storm| storm.at >= begins) {
            self.storm.0 += 1;
            if storm.carrier == carrier && (storm.place == hub || storm.province == province) {
                self.right += 1;
            } else {
                *self.wrong.entry((format!("incident {}", storm.place), Truth::Fine)).or_default() += 1;
                self.wrongly.push(format!("{storm:?}"));
            }
        }
    }

    /// What a fixed rule of 48 silent hours would have said, by the same scans.
    fn rule(&mut self, scored: &[&Life], alarms: &[Alarm]) {
        let end = scored.iter().map(|life| life.handed_over_at).max().unwrap_or(0) + 9 * DAY;
        let raised: BTreeSet<(usize, i64)> = alarms
            .iter()
            .filter(|alarm| matches!(alarm.kind.as_str(), "stalled" | "not_picked_up"))
            .map(|alarm| (alarm.nth, alarm.at))
            .collect();
        for life in scored.iter().filter(|life| life.truth != Truth::Breeze) {
            let (begins, ends) = life.trouble.unwrap_or((i64::MAX, 0));
            let mut times: Vec<i64> = life.events.iter().map(|event| event.at).collect();
            times.retain(|at| *at >= life.handed_over_at);
            times.insert(0, life.handed_over_at);
            if !life.events.last().is_some_and(|event| matches!(event.code, "301" | "4")) {
                times.push(end);
            }
            let is_silent = silent(life.truth);
            self.by_rule.1 += usize::from(is_silent);
            let mut seen = false;
            for pair in times.windows(2) {
                if pair[1] - pair[0] <= 48 * HOUR {
                    continue;
                }
                let at = pair[0] + 48 * HOUR;
                if is_silent && (begins..ends).contains(&at) {
                    seen = true;
                } else {
                    self.by_rule.2 += 1;
                }
            }
            self.by_rule.0 += usize::from(is_silent && seen);
            if is_silent {
                let ours = raised.range((life.nth, begins)..(life.nth, ends)).next();
                self.earlier.extend(ours.map(|(_, at)| begins + 48 * HOUR - at));
            }
        }
        self.earlier.sort_unstable();
    }
}
