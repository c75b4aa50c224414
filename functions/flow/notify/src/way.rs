//! One way's lane: what is due is held, bundled or sent.

use crate::buyer::Reached;
use crate::outcome::{self, Next};
use crate::pace::{Pace, pace};
use crate::quiet::quiet_until;
use crate::say::{self, Words};
use crate::{buyer, known};
use huidan_domain::Millis;
use huidan_notice::topic;
use huidan_store::notices::{self, Due, Outcome, Text, Way};
use huidan_store::track::buyers;
use huidan_store::{StoreError, transaction};
use huidan_wire::api::NoticeRules;
use huidan_wire::notice::NoticeManifest;
use huidan_world::{Turn, World, buyer as code, work};
use std::collections::BTreeMap;

/// Most messages looked at in one turn: a storm is seen as one.
const LOOK: u32 = 500;
/// Most messages sent in one turn.
const BATCH: usize = 20;
/// How long a provider that does not answer holds up its way, in seconds.
const DOWN_S: i64 = 30;

/// Runs the lane until nothing is due.
pub(crate) async fn lane<W: World>(world: &W, way: &str) -> Result<(), StoreError> {
    let due = async || {
        let now = world.moment().now;
        world.main(async |db| notices::any_due(db, now, way).await).await
    };
    work(world, &format!("notify/way/{way}"), due, async || turn(world, way).await).await
}

/// What a turn has at hand.
struct Shift<'a, W> {
    world: &'a W,
    way: Way,
    rules: NoticeRules,
    texts: Vec<Text>,
    manifest: std::rc::Rc<NoticeManifest>,
}

async fn turn<W: World>(world: &W, id: &str) -> Result<Turn, StoreError> {
    let now = world.moment().now;
    let (way, rules, texts, due) = world
        .main(async |db| {
            let (way, rules) = (notices::way(db, id).await?, notices::rules(db).await?);
            Ok((way, rules, notices::texts(db).await?, notices::due(db, now, id, LOOK).await?))
        })
        .await?;
    if due.is_empty() {
        return Ok(Turn::Idle);
    }
    let Some(way) = way.filter(|way| way.active) else {
        let off = Outcome::Dead("此方式已停用 / this way is off".to_owned());
        for one in &due {
            settle(world, &one.id, None, &off).await?;
        }
        return Ok(Turn::Worked);
    };
    let manifest = match known::manifest(world, &way.provider).await {
        Ok(manifest) => manifest,
        Err(missed) => {
            let all: Vec<&Due> = due.iter().collect();
            postpone(world, &all, now.plus_seconds(DOWN_S), &missed.to_string()).await?;
            return Ok(Turn::Idle);
        }
    };
    let shift = Shift { world, way, rules, texts, manifest };
    shift.work(&due).await
}

impl<W: World> Shift<'_, W> {
    async fn work(&self, due: &[Due]) -> Result<Turn, StoreError> {
        let mut open = Vec::new();
        for one in due {
            match self.ended(one) {
                Some(outcome) => settle(self.world, &one.id, None, &outcome).await?,
                None => open.push(one),
            }
        }
        let open = self.undisturbing(open).await?;
        let each = if self.way.audience == "team" { self.paced(open).await? } else { open };
        for (nth, one) in each.iter().take(BATCH).enumerate() {
            if let Some(until) = self.send(one).await? {
                let rest: Vec<&Due> = each.iter().skip(nth).copied().collect();
                postpone(self.world, &rest, until, "").await?;
                return Ok(Turn::Worked);
            }
        }
        Ok(Turn::Worked)
    }

    /// What certainly is not sent any more.
    fn ended(&self, one: &Due) -> Option<Outcome> {
        if one.lost && !self.manifest.repeat_is_safe {
            let why = "发送中断，可能已发出，不再重发 / interrupted: it may have gone out, and is not sent again";
            return Some(Outcome::Unknown(why.to_owned()));
        }
        let late = self.world.moment().now > one.give_up_at;
        late.then(|| Outcome::Dead("已过时 / too late to be of use".to_owned()))
    }

    /// Holds until morning what may wait. Programs do not sleep; buyers are never woken.
    async fn undisturbing<'d>(&self, open: Vec<&'d Due>) -> Result<Vec<&'d Due>, StoreError> {
        if self.way.audience == "system" {
            return Ok(open);
        }
        let Some(morning) = quiet_until(&self.rules, self.world.moment().now) else { return Ok(open) };
        let urgent = |due: &&Due| {
            let by_itself = topic::of(&due.topic).is_some_and(|topic| topic.urgent);
            self.way.audience == "team" && (by_itself || topic::wanted(&self.rules.urgent, &due.topic))
        };
        let (now, later): (Vec<&Due>, Vec<&Due>) = open.into_iter().partition(urgent);
        postpone(self.world, &later, morning, "免打扰时段 / quiet hours").await?;
        Ok(now)
    }

    /// Sends one by one what is few, makes one of what is many, and lets the rest of a storm wait.
    async fn paced<'d>(&self, open: Vec<&'d Due>) -> Result<Vec<&'d Due>, StoreError> {
        let since = self.world.moment().now.plus_seconds(-i64::from(self.rules.bundle_window_s));
        let recent = self.world.main(async |db| notices::recent(db, &self.way.id, since).await).await?;
        let mut topics: BTreeMap<&str, Vec<&'d Due>> = BTreeMap::new();
        let mut each = Vec::new();
        for one in open {
            // What was tried or bundled before has its place; a test is never one of a storm.
            if one.summary || one.tries > 0 || one.topic == "notice.test" {
                each.push(one);
            } else {
                topics.entry(&one.topic).or_default().push(one);
            }
        }
        for (topic, of) in topics {
            match pace(&self.rules, of.len(), recent.get(topic).copied()) {
                Pace::Each => each.extend(of),
                Pace::Bundle => self.bundle(&of).await?,
                Pace::Wait(until) => {
                    postpone(self.world, &of, until, "同类消息较多，稍后合并 / many of a kind: bundled later").await?;
                }
            }
        }
        Ok(each)
    }

    async fn bundle(&self, of: &[&Due]) -> Result<(), StoreError> {
        let facts = say::bundled(of);
        self.world
            .main(async |db| {
                let work = async |db: &W::Db| notices::bundle(db, self.world.moment(), &self.way.id, of, &facts).await;
                transaction(db, work).await
            })
            .await
    }

    /// Claims, calls and settles one message. Answers until when the way rests, where it must.
    async fn send(&self, one: &Due) -> Result<Option<Millis>, StoreError> {
        let buyer = match self.way.audience.as_str() {
            "buyer" => match self.buyer(one).await? {
                Ok(buyer) => Some(buyer),
                Err(outcome) => {
                    settle(self.world, &one.id, None, &outcome).await?;
                    return Ok(None);
                }
            },
            _ => None,
        };
        let approved_only = self.manifest.approved_only;
        let words = Words { way: &self.way, texts: &self.texts, zone: &self.rules.zone, approved_only };
        let (to, due) = match &buyer {
            Some((to, due)) => (vec![to.clone()], due),
            None => (Vec::new(), one),
        };
        let message = say::message(&words, due, to);
        let said = if message.payload.is_empty() { &message.text } else { &message.payload };
        // A link opens a parcel to whoever has it: it goes out and is not kept.
        let said: String = say::without_links(said).chars().take(2_000).collect();
        let claimed = self
            .world
            .main(async |db| notices::claim(db, self.world.moment(), &one.id, &said, outcome::LEASE_MS).await)
            .await?;
        let Some(lease) = claimed else { return Ok(None) };
        let Next { outcome, trouble, ends, rests } =
            outcome::of(self.world, &self.way, &self.manifest, one, message).await;
        self.world
            .main(async |db| {
                transaction(db, async |db| {
                    notices::settle(db, self.world.moment(), &one.id, Some(&lease), &outcome).await?;
                    match &trouble {
                        Some(why) if ends => notices::end_way(db, self.world.moment(), &self.way.id, why).await,
                        Some(why) => notices::trouble(db, &self.way.id, why).await,
                        None => Ok(()),
                    }
                })
                .await
            })
            .await?;
        Ok(rests)
    }

    /// A buyer's phone or mailbox, and the message with what a buyer is told of the parcel; opened here, at the last
    /// moment.
    async fn buyer(&self, one: &Due) -> Result<Result<(String, Due), Outcome>, StoreError> {
        let keys = buyer::receiver_keys(self.world).await?;
        let contacts = self.world.main(async |db| notices::contacts(db, &keys, &[&one.about]).await).await?;
        let rejected = |why: &str| Ok(Err(Outcome::Rejected(why.to_owned())));
        let Some((contact, receiver)) = contacts.into_iter().next().and_then(|mut contact| {
            let receiver = contact.receiver.take()?;
            Some((contact, receiver))
        }) else {
            return rejected(buyer::NOBODY);
        };
        let (reached, reach) = (Reached::of(&receiver), self.manifest.reach.as_str());
        let Some(to) = reached.at(reach) else {
            return rejected(reached.lacks(reach == "phone", reach == "mailbox"));
        };
        if reached.wants_none(self.world, &keys).await? {
            return Ok(Err(Outcome::Skipped(buyer::UNWANTED.to_owned())));
        }
        let mut facts: serde_json::Value = serde_json::from_str(&one.facts).unwrap_or_default();
        if let Some(facts) = facts.as_object_mut() {
            facts.insert("number".to_owned(), contact.number.into());
            facts.insert("carrier".to_owned(), contact.carrier.into());
            facts.insert("order".to_owned(), contact.order.into());
            if let Some(link) = self.link(one).await? {
                facts.insert("link".to_owned(), link.into());
            }
        }
        Ok(Ok((to.to_owned(), Due { facts: facts.to_string(), ..one.clone() })))
    }
}

/// What stands before an exception's id in the key of its news.
const EXCEPTION: &str = "exception/";

impl<W: World> Shift<'_, W> {
    /// A page where the buyer sees the parcel, and where something is wrong may say what to do; `None` where nobody can
    /// reach this house.
    async fn link(&self, one: &Due) -> Result<Option<String>, StoreError> {
        let Some(public) = self.world.variable("public_url").await else { return Ok(None) };
        let (code, sha) = code::code_of(self.world, &one.id).await.ok_or(StoreError::Sealed)?;
        let exception = one.key.strip_prefix(EXCEPTION);
        let package = exception.is_none().then_some(one.about.as_str());
        let make =
            async |db: &W::Db| buyers::make(db, self.world.moment(), "flow-notify", &sha, package, exception).await;
        let made = self.world.main(async |db| transaction(db, &make).await).await?;
        Ok(made.map(|_| format!("{}/t/{code}", public.trim_end_matches('/'))))
    }
}

async fn settle<W: World>(world: &W, id: &str, lease: Option<&str>, outcome: &Outcome) -> Result<(), StoreError> {
    world
        .main(async |db| {
            transaction(db, async |db| notices::settle(db, world.moment(), id, lease, outcome).await).await
        })
        .await
}

async fn postpone<W: World>(world: &W, of: &[&Due], until: Millis, why: &str) -> Result<(), StoreError> {
    let ids: Vec<&str> = of.iter().map(|one| one.id.as_str()).collect();
    world.main(async |db| notices::postpone(db, &ids, until, why).await).await
}
