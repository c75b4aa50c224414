//! What a provider's answer means for its message and its way.

use huidan_domain::Millis;
use huidan_notice::{GONE, Message, Sent};
use huidan_store::notices::{Due, Outcome, Way};
use huidan_wire::call::{Answer, Failure, For};
use huidan_wire::notice::{NoticeManifest, notice_component};
use huidan_world::{Missed, Why, World};

/// Limit of sending one message, in milliseconds.
const SEND_LIMIT_MS: u64 = 30_000;
/// How long a claimed message belongs to who claimed it, in milliseconds: longer than sending can take.
pub(crate) const LEASE_MS: i64 = 120_000;
/// How long a message that did not get through waits, in seconds, try by try: nine tries within a day.
const WAITS_S: [i64; 8] = [5, 60, 300, 1_800, 7_200, 14_400, 21_600, 28_800];
/// How long a way rests whose provider is away, in seconds.
const DOWN_S: i64 = 30;

/// What follows from a try.
pub(crate) struct Next {
    /// For the message.
    pub(crate) outcome: Outcome,
    /// What a person must know of the way; empty: that it is well again.
    pub(crate) trouble: Option<String>,
    /// Whether the way is closed.
    pub(crate) ends: bool,
    /// Until when the way rests.
    pub(crate) rests: Option<Millis>,
}

/// Calls the provider, and says what follows.
pub(crate) async fn of<W: World>(world: &W, way: &Way, manifest: &NoticeManifest, due: &Due, message: Message) -> Next {
    let asked = For { account: way.id.clone(), subject: message };
    let answer: Result<Answer<Sent>, Missed> =
        world.call(&notice_component(&way.provider), "/notice/send", &asked, SEND_LIMIT_MS).await;
    let plain = |outcome| Next { outcome, trouble: None, ends: false, rests: None };
    match answer {
        Ok(Answer::Done(sent)) => {
            let mended = (!way.trouble.is_empty()).then(String::new);
            Next { trouble: mended, ..plain(Outcome::Sent(sent.receipt)) }
        }
        Ok(Answer::Failed(failure)) => failed(world, manifest, due, &failure),
        // These answers are given before anything is sent.
        Err(Missed { why: Why::Status(403 | 404 | 405 | 409 | 503), component }) => {
            let why = format!("{component} 暂不可用 / is not available");
            Next { rests: Some(down(world)), ..plain(again(world, due, why, None)) }
        }
        Err(missed) => plain(open(world, manifest, due, missed.to_string())),
    }
}

fn failed<W: World>(world: &W, manifest: &NoticeManifest, due: &Due, failure: &Failure) -> Next {
    let plain = |outcome| Next { outcome, trouble: None, ends: false, rests: None };
    let said =
        if failure.code.is_empty() { failure.detail.clone() } else { format!("{}: {}", failure.code, failure.detail) };
    match failure.kind.as_str() {
        "limited" => {
            let after = failure.after_s.unwrap_or(60);
            let until = world.moment().now.plus_seconds(i64::from(after));
            // A phone that had its share is one buyer's; a robot that had its share is everybody's.
            let rests = (manifest.reach != "phone").then_some(until);
            Next { rests, ..plain(again(world, due, said, Some(after))) }
        }
        "transient" => Next { rests: Some(down(world)), ..plain(again(world, due, said, failure.after_s)) },
        "credentials" => {
            Next { trouble: Some(said.clone()), rests: Some(down(world)), ..plain(again(world, due, said, None)) }
        }
        "rejected" if failure.code == GONE => {
            Next { trouble: Some(failure.detail.clone()), ends: true, ..plain(Outcome::Rejected(said)) }
        }
        "rejected" => plain(Outcome::Rejected(said)),
        _ => plain(open(world, manifest, due, said)),
    }
}

/// It may have gone out: sent again only where the other side knows it by its id.
fn open<W: World>(world: &W, manifest: &NoticeManifest, due: &Due, why: String) -> Outcome {
    if manifest.repeat_is_safe { again(world, due, why, None) } else { Outcome::Unknown(why) }
}

fn down<W: World>(world: &W) -> Millis {
    world.moment().now.plus_seconds(DOWN_S)
}

/// Later: as the other side said, or after a wait that grows, with jitter so that a crowd does not come back as one.
fn again<W: World>(world: &W, due: &Due, why: String, after_s: Option<u32>) -> Outcome {
    let moment = world.moment();
    let tries = usize::try_from(due.tries).unwrap_or(usize::MAX);
    let planned = WAITS_S.get(tries).or_else(|| WAITS_S.last()).copied().unwrap_or_default();
    let wait = after_s.map_or(planned, i64::from) * 1_000;
    let mut random = [0_u8; 1];
    moment.chance.fill(&mut random);
    let at = moment.now.0 + wait + wait * i64::from(random[0]) / 2_560;
    if at > due.give_up_at.0 { Outcome::Dead(why) } else { Outcome::Again(Millis(at), why) }
}
