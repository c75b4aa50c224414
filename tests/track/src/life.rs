//! What parcels live through, drawn by a seed: the truth that alarms are held against.

use fastrand::Rng;
use huidan_testkit::world::START;

/// A minute in milliseconds.
pub const MINUTE: i64 = 60_000;
/// An hour in milliseconds.
pub const HOUR: i64 = 60 * MINUTE;
/// A day in milliseconds.
pub const DAY: i64 = 24 * HOUR;
/// China's clock is ahead of UTC by so much.
const ZONE: i64 = 8 * HOUR;
/// Midnight in China of the first day.
pub const BEGIN: i64 = (START.0 + ZONE) / DAY * DAY - ZONE;

/// Where parcels go: province, city, hub, how far (hours by lorry from hub to hub, half of the time).
pub const GOALS: [(&str, &str, &str, f64); 6] = [
    ("浙江省", "宁波市", "宁波转运中心", 7.0),
    ("江苏省", "南京市", "南京转运中心", 9.0),
    ("广东省", "广州市", "广州转运中心", 20.0),
    ("四川省", "成都市", "成都转运中心", 30.0),
    ("北京市", "北京市", "北京转运中心", 22.0),
    ("新疆维吾尔自治区", "乌鲁木齐市", "乌鲁木齐转运中心", 62.0),
];
/// How many of a hundred go there.
const SHARES: [u32; 6] = [22, 22, 24, 14, 14, 4];
/// Who carries them, by our ids, and how many of ten.
pub const CARRIERS: [(&str, u32); 2] = [("yto", 6), ("zto", 4)];
/// Where the storm blows, and by which carrier nothing moves there.
pub const STORM: (usize, usize) = (2, 0);

/// What is wrong with a parcel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Truth {
    /// Nothing.
    Fine,
    /// It lies somewhere for days, then goes on.
    Stalled,
    /// It lies somewhere for good.
    Lost,
    /// The courier does not take it along for days.
    NotPickedUp,
    /// A delivery fails.
    Problem,
    /// The receiver refuses it.
    Refused,
    /// It turns back on its way.
    Returned,
    /// Its number was somebody's before.
    Reused,
    /// It is signed for an hour after it was picked up.
    TooFast,
    /// It is signed for in another city.
    OtherCity,
    /// Customs or security hold it.
    Customs,
    /// A hub where nothing moves holds it up for a day or more.
    Storm,
    /// The same hub holds it up for a few hours: nobody would say whether that is trouble.
    Breeze,
}

/// A scan to come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// When.
    pub at: i64,
    /// The carrier's code.
    pub code: &'static str,
    /// Where.
    pub place: String,
    /// In words.
    pub words: &'static str,
    /// Its push comes so much later; `None`: never, only the next push or a question tells it.
    pub told_after: Option<i64>,
}

/// A parcel's life.
#[derive(Debug, Clone)]
pub struct Life {
    /// Which one.
    pub nth: usize,
    /// Its number.
    pub number: String,
    /// Its carrier.
    pub carrier: usize,
    /// Where it goes.
    pub goal: usize,
    /// When it is handed over.
    pub handed_over_at: i64,
    /// Its scans, by time.
    pub events: Vec<Event>,
    /// What is wrong with it.
    pub truth: Truth,
    /// When the trouble begins, and when it ends: what is said after that comes too late.
    pub trouble: Option<(i64, i64)>,
}

/// How many parcels, over how many days.
#[derive(Debug, Clone, Copy)]
pub struct Size {
    /// Parcels that only teach.
    pub warm_up: usize,
    /// Parcels that are held against the truth.
    pub scored: usize,
    /// Parcels a day.
    pub daily: usize,
}

/// Everything that happens, drawn by a seed.
pub fn draw(seed: u64, size: Size) -> Vec<Life> {
    let mut rng = Rng::with_seed(seed);
    let total = size.warm_up + size.scored;
    // The storm comes in the middle of the days that count and lasts two and a half.
    let middle = (size.warm_up + size.scored / 2) / size.daily;
    let storm_at = BEGIN + i64::try_from(middle).unwrap_or_default() * DAY + 6 * HOUR;
    let storm = (storm_at, storm_at + 60 * HOUR);
    (0..total).map(|nth| life(&mut rng, nth, size, storm)).collect()
}

fn life(rng: &mut Rng, nth: usize, size: Size, storm: (i64, i64)) -> Life {
    let day = i64::try_from(nth / size.daily).unwrap_or_default();
    // Packed from noon to evening.
    let handed_over_at = BEGIN + day * DAY + 12 * HOUR + rng.i64(0..8 * HOUR);
    let carrier = pick(rng, CARRIERS.iter().map(|(_, share)| *share));
    let goal = pick(rng, SHARES);
    let truth = if nth < size.warm_up { teaching(rng) } else { truth(rng) };
    let mut road = Road { rng, goal, at: handed_over_at, events: Vec::new(), trouble: None };
    road.walk(truth);
    let Road { events, trouble, .. } = road;
    let mut life = Life {
        nth,
        number: format!("HD{:09}", 100_000_001 + nth),
        carrier,
        goal,
        handed_over_at,
        events,
        truth,
        trouble,
    };
    if (goal, carrier) == STORM {
        life.blow(rng, storm);
    }
    life
}

fn pick(rng: &mut Rng, shares: impl IntoIterator<Item = u32> + Clone) -> usize {
    let mut left = rng.u32(0..shares.clone().into_iter().sum());
    for (nth, share) in shares.into_iter().enumerate() {
        if left < share {
            return nth;
        }
        left -= share;
    }
    0
}

/// Of ten thousand parcels so many are in such trouble.
const TROUBLES: [(Truth, u32); 10] = [
    (Truth::Stalled, 200),
    (Truth::Lost, 100),
    (Truth::NotPickedUp, 100),
    (Truth::Problem, 150),
    (Truth::Refused, 100),
    (Truth::Returned, 50),
    (Truth::Reused, 10),
    (Truth::TooFast, 30),
    (Truth::OtherCity, 30),
    (Truth::Customs, 20),
];

fn truth(rng: &mut Rng) -> Truth {
    let mut left = rng.u32(0..10_000);
    for (truth, share) in TROUBLES {
        if left < share {
            return truth;
        }
        left -= share;
    }
    Truth::Fine
}

/// What is learnt from is no better than what comes after it.
fn teaching(rng: &mut Rng) -> Truth {
    match truth(rng) {
        // Nothing can be learnt from these, and they would only lie about.
        Truth::Lost | Truth::Reused => Truth::Fine,
        other => other,
    }
}

struct Road<'a> {
    rng: &'a mut Rng,
    goal: usize,
    at: i64,
    events: Vec<Event>,
    trouble: Option<(i64, i64)>,
}

const BRANCH: &str = "杭州良渚营业部";
const HUB: &str = "杭州转运中心";
/// The legs from the pick-up to the courier: code, place, hours (half of the time), spread, words.
const LEGS: usize = 8;

impl Road<'_> {
    fn leg(&self, nth: usize) -> (&'static str, String, f64, f64, &'static str) {
        let (_, city, hub, far) = GOALS.get(self.goal).copied().unwrap_or(("", "", "", 20.0));
        let city = city.trim_end_matches('市');
        match nth {
            0 => ("103", BRANCH.to_owned(), 3.0, 0.35, "已揽收"),
            1 => ("1002", BRANCH.to_owned(), 3.0, 0.35, "已发出"),
            2 => ("1001", HUB.to_owned(), 2.5, 0.35, "到达"),
            3 => ("1002", HUB.to_owned(), 4.0, 0.45, "已发出"),
            4 => ("1001", hub.to_owned(), far, 0.18, "到达"),
            5 => ("1002", hub.to_owned(), 4.0, 0.45, "已发出"),
            6 => ("1001", format!("{city}中心营业部"), 4.0, 0.4, "到达"),
            _ => ("5", format!("{city}中心营业部"), 4.0, 0.5, "正在派件"),
        }
    }

    /// Hours drawn around a middle, with a long tail; now and then a weekend's worth of them, without anything wrong.
    fn hours(&mut self, middle: f64, spread: f64) -> i64 {
        let (a, b) = (1.0 - self.rng.f64(), self.rng.f64());
        let normal = (-2.0 * a.ln()).sqrt() * (std::f64::consts::TAU * b).cos();
        let slow = if self.rng.u32(0..100) < 2 { 1.8 } else { 1.0 };
        ms(middle * slow * (spread * normal).exp())
    }

    /// Nothing is fetched or brought at night.
    fn daytime(&mut self) {
        let hour = (self.at + ZONE).rem_euclid(DAY);
        let (opens, closes) = (8 * HOUR, 21 * HOUR);
        if hour < opens {
            self.at += opens - hour + self.rng.i64(0..2 * HOUR);
        } else if hour > closes {
            self.at += DAY - hour + opens + self.rng.i64(0..2 * HOUR);
        }
    }

    fn happen(&mut self, code: &'static str, place: &str, words: &'static str) {
        // 3 % of pushes are lost; the others take some minutes, few an hour.
        let told_after = match self.rng.u32(0..100) {
            0..3 => None,
            3..8 => Some(self.rng.i64(30 * MINUTE..3 * HOUR)),
            _ => Some(self.rng.i64(MINUTE..20 * MINUTE)),
        };
        self.events.push(Event { at: self.at, code, place: place.to_owned(), words, told_after });
    }

    fn trouble(&mut self, until: i64) {
        self.trouble = Some((self.at, until));
    }

    fn walk(&mut self, truth: Truth) {
        let stop = match truth {
            Truth::NotPickedUp => 0,
            Truth::Stalled | Truth::Lost => self.rng.usize(1..LEGS),
            Truth::Returned | Truth::Customs => 5,
            Truth::TooFast => 1,
            _ => usize::MAX,
        };
        if truth == Truth::Reused {
            self.trouble(i64::MAX);
            self.before();
        }
        for nth in 0..LEGS {
            let (code, place, middle, spread, words) = self.leg(nth);
            if nth == stop && !self.stopped(truth) {
                return;
            }
            self.at += self.hours(middle, spread);
            if nth == 0 || nth == LEGS - 1 {
                self.daytime();
            }
            // A hub that forgets to scan is no trouble.
            if nth > 0 && nth < LEGS - 1 && self.rng.u32(0..100) < 3 {
                continue;
            }
            self.happen(code, &place, words);
        }
        self.door(truth);
    }

    /// What happens in the middle of the road; `false` when it ends there.
    fn stopped(&mut self, truth: Truth) -> bool {
        match truth {
            Truth::Stalled | Truth::NotPickedUp => {
                let extra = self.rng.i64(3 * DAY..7 * DAY);
                self.trouble(self.at + extra);
                self.at += extra;
                true
            }
            Truth::Lost => {
                self.trouble(i64::MAX);
                false
            }
            Truth::Customs => {
                self.at += ms(3.0);
                self.trouble(self.at + 30 * HOUR);
                self.happen("13", HUB, "海关查验扣留");
                self.at += 30 * HOUR;
                true
            }
            Truth::Returned => {
                self.at += ms(3.0);
                self.trouble(i64::MAX);
                self.back();
                false
            }
            Truth::TooFast => {
                self.at += HOUR;
                self.trouble(i64::MAX);
                self.happen("301", BRANCH, "快件已签收");
                false
            }
            _ => true,
        }
    }

    fn back(&mut self) {
        self.happen("6", HUB, "退回寄件人");
        self.at += self.hours(28.0, 0.3);
        self.happen("1001", HUB, "到达");
        self.at += self.hours(10.0, 0.3);
        self.happen("4", BRANCH, "退回件已由寄件人签收");
    }

    /// At the receiver's.
    fn door(&mut self, truth: Truth) {
        let (_, city, ..) = GOALS.get(self.goal).copied().unwrap_or(("", "", "", 20.0));
        self.at += self.hours(3.5, 0.5);
        self.daytime();
        match truth {
            Truth::Problem => {
                self.trouble(self.at + 16 * HOUR);
                self.happen("201", city, "派送未成功：联系不上收件人");
                self.at += 16 * HOUR;
                self.daytime();
                self.happen("5", city, "正在派件");
                self.at += self.hours(3.0, 0.4);
            }
            Truth::Refused => {
                self.trouble(i64::MAX);
                self.happen("203", city, "收件人拒收");
                self.at += self.hours(8.0, 0.3);
                self.back();
                return;
            }
            Truth::OtherCity => {
                self.trouble(i64::MAX);
                self.happen("301", "沈阳市", "快件已签收");
                return;
            }
            _ => {}
        }
        self.happen("301", city, "快件已签收");
    }

    /// The number's life before: a whole one, forty-five days earlier, that comes with the first push.
    fn before(&mut self) {
        let now = self.at;
        self.at = now - 45 * DAY;
        for (code, place, words) in [("103", "成都青羊营业部", "已揽收"), ("301", "成都市", "快件已签收")]
        {
            self.at += DAY;
            self.events.push(Event { at: self.at, code, place: place.to_owned(), words, told_after: None });
        }
        self.at = now;
    }
}

#[expect(clippy::cast_possible_truncation, reason = "hours of a simulation")]
fn ms(hours: f64) -> i64 {
    (hours * 3_600_000.0) as i64
}

impl Life {
    /// Whatever would happen at the hub while nothing moves there happens after it, and everything later by as much.
    fn blow(&mut self, rng: &mut Rng, (from, until): (i64, i64)) {
        let hub = GOALS.get(self.goal).map_or("", |goal| goal.2);
        let Some(first) = self.events.iter().position(|one| one.place == hub && (from..until).contains(&one.at)) else {
            return;
        };
        let Some(event) = self.events.get(first) else { return };
        let late = until - event.at + rng.i64(0..8 * HOUR);
        let since =
            first.checked_sub(1).and_then(|last| self.events.get(last)).map_or(self.handed_over_at, |one| one.at);
        let moves_on = event.at + late;
        self.events.iter_mut().skip(first).for_each(|event| event.at += late);
        if let Some((begins, ends)) = &mut self.trouble
            && *begins > since
        {
            *begins = begins.saturating_add(late);
            *ends = ends.saturating_add(late);
        }
        if self.truth == Truth::Fine {
            self.truth = if late >= 24 * HOUR { Truth::Storm } else { Truth::Breeze };
            self.trouble = Some((since, moves_on));
        }
    }

    /// Who carries it, by our id.
    pub fn by(&self) -> &'static str {
        CARRIERS.get(self.carrier).map_or("", |carrier| carrier.0)
    }
}
