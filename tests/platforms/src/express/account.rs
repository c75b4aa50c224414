//! A carrier's customer: its keys, its stock of numbers and how often it may call.

use crate::Options;
use crate::order::Platform;
use crate::world::World;
use serde::Serialize;

/// What a carrier knows its customer by. Which field stands for what is in the README.
#[derive(Clone, Debug, Default, Serialize)]
pub struct CarrierOptions {
    /// Names the caller.
    pub app_key: String,
    /// Signs calls.
    pub app_secret: String,
    /// A second secret of calls, where there is one: an access token, Kuaidi100's `secret`.
    pub token: String,
    /// The account that numbers are charged to.
    pub customer: String,
    /// Its password.
    pub password: String,
    /// Signs pushes.
    pub push_secret: String,
    /// Numbers in stock.
    pub numbers: i64,
    /// Every answer comes so late.
    pub latency_ms: u64,
    /// Calls a minute; 0 is without limit.
    pub per_minute: u32,
    /// What an order id that comes again gets.
    pub repeats: Repeats,
}

/// What an order id that comes again gets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Repeats {
    /// The numbers it had, uncharged.
    #[default]
    First,
    /// An error that says so.
    Refused,
    /// New numbers, charged again.
    Anew,
}

impl CarrierOptions {
    /// The customer that a platform starts with.
    pub(crate) fn of(platform: Platform) -> CarrierOptions {
        let name = platform.name();
        let text = |what: &str| format!("simulated-{name}-{what}");
        let mut options = CarrierOptions {
            app_key: format!("{name}-key-1"),
            app_secret: text("secret"),
            token: text("token"),
            customer: format!("{name}-customer-1"),
            password: text("password"),
            push_secret: text("secret"),
            numbers: 100_000,
            latency_ms: 0,
            per_minute: 0,
            repeats: Repeats::First,
        };
        match platform {
            Platform::Yto => options.per_minute = 200,
            Platform::Kdniao => options.repeats = Repeats::Refused,
            // Its booking has no order id: every call is a new parcel.
            Platform::Kuaidi100 => options.repeats = Repeats::Anew,
            Platform::SeventeenTrack | Platform::Easypost | Platform::Aftership | Platform::Trackingmore => {
                options.push_secret = text("webhook");
            }
            _ => {}
        }
        options
    }
}

impl Options {
    /// The options of a carrier or aggregator.
    pub fn carrier(&mut self, platform: Platform) -> Option<&mut CarrierOptions> {
        match platform {
            Platform::Yto => Some(&mut self.yto),
            Platform::Zto => Some(&mut self.zto),
            Platform::Sto => Some(&mut self.sto),
            Platform::Yunda => Some(&mut self.yunda),
            Platform::JdLogistics => Some(&mut self.jd_logistics),
            Platform::Jtexpress => Some(&mut self.jtexpress),
            Platform::Kuaidi100 => Some(&mut self.kuaidi100),
            Platform::Kdniao => Some(&mut self.kdniao),
            Platform::Easypost => Some(&mut self.easypost),
            Platform::Aftership => Some(&mut self.aftership),
            Platform::SeventeenTrack => Some(&mut self.seventeen_track),
            Platform::Trackingmore => Some(&mut self.trackingmore),
            _ => None,
        }
    }
}

/// The options of a carrier or aggregator.
pub(crate) fn options(world: &World, platform: Platform) -> Option<&CarrierOptions> {
    let all = &world.options;
    match platform {
        Platform::Yto => Some(&all.yto),
        Platform::Zto => Some(&all.zto),
        Platform::Sto => Some(&all.sto),
        Platform::Yunda => Some(&all.yunda),
        Platform::JdLogistics => Some(&all.jd_logistics),
        Platform::Jtexpress => Some(&all.jtexpress),
        Platform::Kuaidi100 => Some(&all.kuaidi100),
        Platform::Kdniao => Some(&all.kdniao),
        Platform::Easypost => Some(&all.easypost),
        Platform::Aftership => Some(&all.aftership),
        Platform::SeventeenTrack => Some(&all.seventeen_track),
        Platform::Trackingmore => Some(&all.trackingmore),
        _ => None,
    }
}

/// How late a platform answers, ms.
pub(crate) fn latency(world: &World, platform: Platform) -> u64 {
    options(world, platform).map_or(0, |o| o.latency_ms)
}

/// Numbers in stock.
pub(crate) fn left(world: &World, platform: Platform) -> i64 {
    let first = options(world, platform).map_or(0, |o| o.numbers);
    world.express.left.get(&platform).copied().unwrap_or(first)
}

/// Adds numbers to the stock, or takes them from it.
pub(crate) fn recharge(world: &mut World, platform: Platform, count: i64) {
    let now = left(world, platform) + count;
    world.express.left.insert(platform, now);
}

/// Counts a call; `true` when it is one too many in its minute.
pub(crate) fn over(world: &mut World, platform: Platform) -> bool {
    let limit = options(world, platform).map_or(0, |o| o.per_minute);
    let now = world.now(platform);
    // The rate counts by the thousand of its clock: a sixtieth makes a minute of that.
    world.express.rate.over(platform.name(), "minute", now / 60, limit)
}

/// The same within a second, whatever the options say.
pub(crate) fn over_second(world: &mut World, platform: Platform, limit: u32) -> bool {
    let now = world.now(platform);
    world.express.rate.over(platform.name(), "second", now, limit)
}
