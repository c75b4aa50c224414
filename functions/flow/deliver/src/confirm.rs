//! One shipment told to its channel, or read back.

use crate::shown::{self, Asked};
use crate::way::{self, Telling, Way};
use crate::{again, failed};
use huidan_channel::{Confirmed, Shipment};
use huidan_domain::Millis;
use huidan_store::outbox::{self, Leased, Looked, Outcome, ShipmentFacts, ToldNow};
use huidan_store::{StoreError, shops};
use huidan_wire::call::{Answer, ChannelManifest, Failure, For, TellingRules};
use huidan_world::{World, known_channel};

/// Limit of telling one shipment, in milliseconds: a few requests of 15 s each.
const TELL_LIMIT_MS: u64 = 60_000;
/// When a told shipment is read back, in milliseconds after it was told.
const READ_BACK_MS: i64 = 30_000;
/// How often the channel is asked before it is told again.
const READ_BACKS: u32 = 5;
/// How soon a parcel is looked at again that waits for the rest of its order, in seconds.
const REST_S: u32 = 600;
/// The code by which adapters say that the order is shipped there under another number.
const ELSEWHERE: &str = "already_shipped_elsewhere";

/// A shipment's row with what it takes to tell it.
struct Cx<'a, W> {
    world: &'a W,
    shop: &'a str,
    channel: &'a str,
    row: &'a Leased,
    facts: ShipmentFacts,
}

/// Tells or reads back, as the row wants.
pub(crate) async fn outcome<W: World>(
    world: &W,
    shop: &str,
    channel: &str,
    row: &Leased,
) -> Result<Outcome, StoreError> {
    let manifest = match known_channel(world, channel).await {
        Ok(manifest) => manifest,
        Err(missed) => return Ok(again(world, row, missed.to_string(), None)),
    };
    let Some(rules) = &manifest.telling else { return Ok(Outcome::Confirmed) };
    let facts = world.main(async |db| outbox::shipment(db, row.order(), row.package()).await).await?;
    let Some(facts) = facts else {
        return Ok(Outcome::rejected("no_number", "包裹没有运单号 / the package has no waybill number"));
    };
    let cx = Cx { world, shop, channel, row, facts };
    match (row.was.as_str(), cx.facts.waybill.clone()) {
        ("sent", _) => cx.read_back(rules).await,
        (_, None) if cx.facts.cancelled => Ok(Outcome::Dropped),
        (_, Some(_)) if cx.facts.cancelled => Ok(Outcome::Dropped),
        (_, None) => Ok(Outcome::rejected("no_number", "包裹没有运单号 / the package has no waybill number")),
        (_, Some(number)) => cx.tell(&manifest, rules, number).await,
    }
}

impl<W: World> Cx<'_, W> {
    async fn tell(
        &self,
        manifest: &ChannelManifest,
        rules: &TellingRules,
        number: String,
    ) -> Result<Outcome, StoreError> {
        let now = self.world.moment().now;
        match way::way(rules, &self.facts, self.row.package(), &number, now) {
            Way::Tell(telling) => self.send(number, telling).await,
            Way::WithOther(numbers) => Ok(Outcome::ToldWithOther(numbers)),
            Way::Wait => {
                let why = "平台一单只收一个单号，等最后一个包裹 / the channel takes one number per order: it waits for the last parcel";
                Ok(Outcome::Again(Millis(now.0 + i64::from(REST_S) * 1000), why.to_owned()))
            }
            Way::Refunding => Ok(refund_open()),
            Way::Refunded => Ok(Outcome::rejected(
                "refunded",
                "包裹里的商品都已退款，请拦回包裹 / everything in the parcel was refunded: stop the parcel",
            )),
            Way::CannotChange(old) => {
                let (zh, en) = (&manifest.zh, &manifest.en);
                let why = format!(
                    "{zh}不再允许改单号：请在平台后台把 {old} 改为 {number}，再点“保留平台的” / {en} changes no number (any more): \
                     change {old} to {number} on its page, then let theirs stand"
                );
                Ok(Outcome::Conflict { code: "cannot_change".to_owned(), theirs: vec![old], why })
            }
        }
    }

    async fn send(&self, number: String, telling: Telling) -> Result<Outcome, StoreError> {
        let Telling { lines, in_all, replaces, completes } = telling;
        let facts = &self.facts;
        let told = ToldNow { number, carrier: facts.carrier.clone(), lines: in_all, replaces: replaces.clone() };
        let shipment = Shipment {
            ext_id: facts.ext_id.clone(),
            parcel: self.row.package().to_owned(),
            carrier: facts.carrier.clone(),
            carrier_name: facts.carrier_name.clone(),
            carrier_code: facts.carrier_code.clone(),
            waybill: told.number.clone(),
            replaces,
            lines,
            completes,
        };
        let asked = For { account: self.shop.to_owned(), subject: shipment };
        let component = format!("channel-{}", self.channel);
        let answer: Result<Answer<Confirmed>, _> =
            self.world.call(&component, "/call/confirm", &asked, TELL_LIMIT_MS).await;
        match answer {
            Ok(Answer::Done(_)) => {
                self.world.main(async |db| shops::trouble(db, self.shop, "").await).await?;
                Ok(Outcome::Told(Millis(self.world.moment().now.0 + READ_BACK_MS), told))
            }
            Ok(Answer::Failed(failure)) if failure.kind == "rejected" && failure.code == ELSEWHERE => {
                self.elsewhere(told, failure).await
            }
            Ok(Answer::Failed(failure)) => failed(self.world, self.shop, self.row, &failure).await,
            Err(missed) => Ok(again(self.world, self.row, missed.to_string(), None)),
        }
    }

    /// Shipped there under another number: which one, a person is shown with ours.
    async fn elsewhere(&self, told: ToldNow, failure: Failure) -> Result<Outcome, StoreError> {
        let theirs = match shown::order(self.world, self.shop, self.channel, &self.facts.ext_id).await {
            Asked::Shows(order) => match shown::compared(&order, &told.number, &self.ours(), false) {
                Looked::Shown if !order.waybills.is_empty() => {
                    return Ok(Outcome::Told(Millis(self.world.moment().now.0 + READ_BACK_MS), told));
                }
                Looked::Others(theirs) => theirs,
                _ => order.waybills.clone(),
            },
            Asked::Failed(failure) if failure.kind != "rejected" => {
                return failed(self.world, self.shop, self.row, &failure).await;
            }
            Asked::Missed(missed) => return Ok(again(self.world, self.row, missed, None)),
            Asked::Failed(_) | Asked::Gone => Vec::new(),
        };
        Ok(Outcome::Conflict { code: failure.code, theirs, why: failure.detail })
    }

    fn ours(&self) -> Vec<String> {
        self.facts.told.iter().map(|told| told.number.clone()).collect()
    }

    async fn read_back(&self, rules: &TellingRules) -> Result<Outcome, StoreError> {
        let (world, row) = (self.world, self.row);
        if way::unseen(rules, &self.facts, &row.number) {
            return Ok(self.stands(rules));
        }
        let order = match shown::order(world, self.shop, self.channel, &self.facts.ext_id).await {
            Asked::Shows(order) => order,
            // A channel that cannot be asked has said all it will when it took the word.
            Asked::Failed(failure) if failure.kind == "rejected" => return Ok(self.stands(rules)),
            Asked::Failed(failure) => return failed(world, self.shop, row, &failure).await,
            Asked::Missed(missed) => return Ok(again(world, row, missed, None)),
            Asked::Gone => {
                let why = "平台已没有这个订单 / the platform has no such order any more";
                return Ok(Outcome::rejected("order_missing", why));
            }
        };
        let not_shown = || "平台尚未显示发货 / the platform does not show the shipment yet".to_owned();
        Ok(match shown::compared(&order, &row.number, &self.ours(), false) {
            Looked::Shown => self.stands(rules),
            _ if row.tries < READ_BACKS => again(world, row, not_shown(), None),
            Looked::Others(theirs) => Outcome::Conflict {
                code: ELSEWHERE.to_owned(),
                theirs,
                why: "平台显示的是另一个单号 / the channel shows another number".to_owned(),
            },
            Looked::NotShown | Looked::Nothing => Outcome::TellAgain(world.moment().now, not_shown()),
        })
    }

    /// The channel has what it was told; what was held back from it is told once it may be.
    fn stands(&self, rules: &TellingRules) -> Outcome {
        match way::untold(rules, &self.facts, &self.row.number) {
            None => Outcome::Confirmed,
            Some(true) => refund_open(),
            Some(false) => Outcome::TellAgain(self.world.moment().now, String::new()),
        }
    }
}

fn refund_open() -> Outcome {
    Outcome::rejected(
        "refund_open",
        "包裹里有商品正在退款，平台不收；退款撤销或拒绝后自动告知，同意退款则拦回包裹 / a refund in the parcel is open and \
         the platform refuses it: it is told by itself when the refund is withdrawn or refused; stop the parcel when it is \
         agreed to",
    )
}
