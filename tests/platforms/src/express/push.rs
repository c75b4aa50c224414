//! Scans told to who listens, in each carrier's form, until its own words of acknowledgement come.

use super::{Parcel, Scan, ScanKind, Watch, watch_of};
use crate::order::Platform;
use crate::push::{Next, Outcome, Policy, Push};
use crate::world::World;
use crate::{
    aftership, easypost, jd_logistics, jtexpress, kdniao, kuaidi100, seventeen_track, sto, trackingmore, yto, yunda,
    zto,
};
use bytes::Bytes;
use std::time::Duration;

/// How a carrier pushes.
#[derive(Clone, Copy)]
pub(crate) struct Pusher {
    /// Every push holds all scans so far, not one.
    pub(crate) whole: bool,
    /// Only what somebody subscribed to.
    pub(crate) watched: bool,
    pub(crate) say: fn(&World, &Told) -> Vec<Outgoing>,
    pub(crate) acknowledged: fn(&Outcome) -> bool,
    /// Seconds of life after the n-th attempt; `None` gives up.
    pub(crate) gap_s: fn(u32) -> Option<u64>,
}

/// What is told.
pub(crate) struct Told<'a> {
    pub(crate) parcel: &'a Parcel,
    /// All scans so far, by their own time; the new one among them.
    pub(crate) scans: Vec<Scan>,
    /// The new one; `None` where only a watch ended.
    pub(crate) new: Option<&'a Scan>,
    pub(crate) watch: Option<&'a Watch>,
    /// Why the watch ended.
    pub(crate) ended: &'static str,
}

/// One request of a push.
pub(crate) struct Outgoing {
    pub(crate) topic: &'static str,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
}

impl Outgoing {
    pub(crate) fn json(topic: &'static str, body: &serde_json::Value) -> Outgoing {
        let headers = vec![("content-type", "application/json;charset=UTF-8".to_owned())];
        Outgoing { topic, headers, body: body.to_string() }
    }

    pub(crate) fn form(topic: &'static str, fields: &[(&str, &str)]) -> Outgoing {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let headers = vec![("content-type", "application/x-www-form-urlencoded;charset=UTF-8".to_owned())];
        Outgoing { topic, headers, body }
    }

    pub(crate) fn with(mut self, name: &'static str, value: String) -> Outgoing {
        self.headers.push((name, value));
        self
    }
}

/// Where nothing is said about it: every ten minutes for most of a day.
pub(crate) fn often(attempt: u32) -> Option<u64> {
    (attempt < 100).then_some(600)
}

fn pusher(platform: Platform) -> Option<Pusher> {
    match platform {
        Platform::Yto => Some(yto::PUSHER),
        Platform::Zto => Some(zto::PUSHER),
        Platform::Sto => Some(sto::PUSHER),
        Platform::Yunda => Some(yunda::PUSHER),
        Platform::JdLogistics => Some(jd_logistics::PUSHER),
        Platform::Jtexpress => Some(jtexpress::PUSHER),
        Platform::Kuaidi100 => Some(kuaidi100::PUSHER),
        Platform::Kdniao => Some(kdniao::PUSHER),
        Platform::Easypost => Some(easypost::PUSHER),
        Platform::Aftership => Some(aftership::PUSHER),
        Platform::SeventeenTrack => Some(seventeen_track::PUSHER),
        Platform::Trackingmore => Some(trackingmore::PUSHER),
        _ => None,
    }
}

/// Tells of a parcel's scans from `from` on.
pub(super) fn tell(world: &mut World, parcel: &Parcel, from: usize, reverse: bool) {
    let watches = |by: &Platform| watch_of(world, *by, &parcel.number).is_some_and(|w| w.active);
    let watchers = super::ALL.into_iter().filter(watches);
    let mut all: Vec<Platform> = std::iter::once(parcel.platform).chain(watchers).collect();
    all.sort();
    all.dedup();
    let order: Vec<usize> =
        if reverse { (from..parcel.scans.len()).rev().collect() } else { (from..parcel.scans.len()).collect() };
    for by in all {
        let Some(pusher) = pusher(by) else { continue };
        let last = order.last().copied();
        for index in &order {
            if pusher.whole && !reverse && Some(*index) != last {
                continue;
            }
            let mut scans: Vec<Scan> = parcel.scans.iter().take(index + 1).cloned().collect();
            scans.sort_by_key(|s| s.at_ms);
            push(world, by, pusher, parcel, scans, parcel.scans.get(*index), "");
        }
        let arrived = parcel.scans.last().is_some_and(|s| matches!(s.kind, ScanKind::Signed | ScanKind::Returned));
        if by == Platform::Kuaidi100 && arrived {
            super::unwatch(world, by, &parcel.number);
        }
    }
}

fn push(
    world: &mut World,
    by: Platform,
    pusher: Pusher,
    parcel: &Parcel,
    scans: Vec<Scan>,
    new: Option<&Scan>,
    ended: &'static str,
) {
    let watch = watch_of(world, by, &parcel.number).filter(|w| w.active).cloned();
    if pusher.watched && watch.is_none() {
        return;
    }
    let own = watch.as_ref().map(|w| w.url.clone()).filter(|url| !url.is_empty());
    let Some(url) = own.or_else(|| world.express.targets.get(&by).cloned()) else { return };
    let told = Told { parcel, scans, new, watch: watch.as_ref(), ended };
    for outgoing in (pusher.say)(world, &told) {
        let delivery = format!("{}-{}", by.name(), world.next());
        world.send(Push {
            platform: by,
            topic: outgoing.topic.to_owned(),
            about: parcel.number.clone(),
            delivery,
            url: url.clone(),
            headers: outgoing.headers,
            body: Bytes::from(outgoing.body),
            policy: Policy::Channel,
        });
    }
}

/// What follows from an attempt.
pub(crate) fn after_attempt(world: &World, push: &Push, attempt: u32, outcome: &Outcome) -> Next {
    let Some(pusher) = pusher(push.platform) else { return Next::Done };
    if (pusher.acknowledged)(outcome) {
        return Next::Done;
    }
    match (pusher.gap_s)(attempt) {
        Some(gap) => {
            let ms = gap.saturating_mul(1_000) / u64::from(world.options.speed.max(1));
            Next::Retry(Duration::from_millis(ms.max(50)))
        }
        None => Next::GiveUp,
    }
}

const DAY: i64 = 24 * 3_600_000;

/// When a watch is given up for want of news, and in which words. Only Kuaidi100 does so.
pub(super) fn ended(world: &World, watch: &Watch) -> Option<(i64, &'static str)> {
    if watch.by != Platform::Kuaidi100 || !watch.active {
        return None;
    }
    let speed = i64::from(world.options.speed.max(1));
    let parcel = super::by_number(world, &watch.number)?;
    match parcel.scans.iter().max_by_key(|s| s.at_ms) {
        None => Some((watch.since_ms + 3 * DAY / speed, "3天查询无记录")),
        Some(last) if matches!(last.kind, ScanKind::Signed | ScanKind::Returned) => None,
        Some(last) => Some((last.at_ms.max(watch.since_ms) + 60 * DAY / speed, "60天无变化")),
    }
}

/// A watch ends, and its owner is told.
pub(super) fn watch_ended(world: &mut World, by: Platform, number: &str, why: &'static str) {
    let Some(parcel) = super::by_number(world, number).cloned() else { return };
    let mut scans = parcel.scans.clone();
    scans.sort_by_key(|s| s.at_ms);
    if let Some(pusher) = pusher(by) {
        push(world, by, pusher, &parcel, scans, None, why);
    }
    super::unwatch(world, by, number);
}
