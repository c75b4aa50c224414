//! flow-plan: from stored orders to packages.
//!
//! Lanes: `plan` takes orders in batches; `careful` one at a time those that were in a batch on which a step failed, so
//! that only the order at fault waits, with a reason.

#[cfg(target_family = "wasm")]
mod shell;

use http::StatusCode;
use huidan_domain::{Hold, Millis};
use huidan_flow::plan::{Verdict, decide};
use huidan_store::plan::{self, Decided, ToPlan};
use huidan_store::{StoreError, breaker, facts, transaction};
use huidan_wire::form::Form;
use huidan_wire::step::Proposal;
use huidan_world::{Begun, Incoming, Missed, Outgoing, World, company, serve as front, steps, work_beside};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Most orders in a batch.
const BATCH: u32 = 200;
/// How often an order may lose the race for stock before it is held.
const TRIES: u32 = 5;

/// Serves `POST /wake?lane=…`.
pub async fn serve<W: World>(world: &W, request: Incoming) -> Outgoing {
    if let Err(refused) = front::private(world, &request).await {
        return refused;
    }
    let careful = front::lane(&request) == "careful";
    match lane(world, careful).await {
        Ok(()) => front::json(StatusCode::OK, &true),
        Err(error) => {
            world.log(format_args!("flow-plan: {error}"));
            front::store_failed(&error)
        }
    }
}

async fn lane<W: World>(world: &W, careful: bool) -> Result<(), StoreError> {
    let (lane, column) = if careful { ("plan/careful", "careful") } else { ("plan", "due") };
    let due = async || {
        let now = world.moment().now;
        world.main(async |db| plan::any_due(db, column, now).await).await
    };
    let taken = RefCell::default();
    work_beside(world, lane, due, async || turn(world, careful, &taken).await).await
}

/// Orders of batches that the runner left behind: nothing in their rows says that somebody is at work on them.
type Taken = RefCell<BTreeSet<String>>;

async fn turn<'a, W: World>(world: &'a W, careful: bool, taken: &'a Taken) -> Result<Begun<'a>, StoreError> {
    let now = world.moment().now;
    let (column, limit) = if careful { ("careful", 1) } else { ("due", BATCH) };
    let limit = limit + u32::try_from(taken.borrow().len()).unwrap_or(u32::MAX - BATCH);
    let (mut orders, unreadable) = world.main(async |db| plan::due(db, column, now, limit).await).await?;
    orders.retain(|order| !taken.borrow().contains(&order.id));
    if !unreadable.is_empty() {
        world
            .main(async |db| transaction(db, async |db| plan::set_aside(db, world.moment(), &unreadable).await).await)
            .await?;
    }
    if orders.is_empty() {
        return Ok(if unreadable.is_empty() { Begun::Idle } else { Begun::Worked });
    }
    if careful {
        plan_batch(world, orders, careful).await?;
        return Ok(Begun::Worked);
    }
    Ok(Begun::Going(Box::pin(async move {
        let ids: Vec<String> = orders.iter().map(|order| order.id.clone()).collect();
        taken.borrow_mut().extend(ids.iter().cloned());
        let planned = plan_batch(world, orders, careful).await;
        taken.borrow_mut().retain(|id| !ids.contains(id));
        planned
    })))
}

async fn plan_batch<W: World>(world: &W, mut orders: Vec<ToPlan>, careful: bool) -> Result<(), StoreError> {
    let mut verdicts: Vec<Verdict> = orders.iter().map(|order| decide(&order.order)).collect();
    let proposals: Vec<Proposal> = orders
        .iter()
        .zip(&verdicts)
        .filter(|(_, verdict)| !verdict.propose.is_empty())
        .map(|(order, verdict)| Proposal { lines: verdict.propose.clone(), ..order.proposal.clone() })
        .collect();
    let proposals = world
        .main(async |db| {
            let mut weighed = proposals.clone();
            plan::weigh(db, &mut weighed).await?;
            Ok(weighed)
        })
        .await?;
    let routed = routed(world, proposals, careful).await?;
    let failed: Vec<String> = routed.failed.keys().cloned().collect();
    if !failed.is_empty() {
        let hung = routed.failed.values().any(company::hung);
        let ids: Vec<&str> = failed.iter().map(String::as_str).collect();
        world.main(async |db| transaction(db, async |db| plan::careful(db, &ids).await).await).await?;
        // What hung may still be at work, and two at a time take both cores of a small machine: then the clock comes by
        // soon enough.
        if !hung {
            world.wake("flow-plan", "careful");
        }
        (orders, verdicts) = orders.into_iter().zip(verdicts).filter(|(order, _)| !failed.contains(&order.id)).unzip();
    }
    store(world, orders, verdicts, routed).await
}

/// What became of the proposals: the packages per order, what a missing step holds, and on which orders one failed.
#[derive(Default)]
struct Routed {
    proposals: BTreeMap<String, Vec<Proposal>>,
    away: HashMap<String, (String, Millis)>,
    failed: BTreeMap<String, Missed>,
}

/// Passes proposals through the route steps. Orders that a step fails on are for the careful lane; there, or while the
/// step's breaker is open, the step holds the order until it is back.
async fn routed<W: World>(world: &W, proposals: Vec<Proposal>, careful: bool) -> Result<Routed, StoreError> {
    let mut routed = Routed::default();
    if proposals.is_empty() {
        return Ok(routed);
    }
    let configured = steps::configured(world, "route_steps").await;
    let now = world.moment().now;
    let ailing = world.main(async |db| steps::ailing(db, now, &configured).await).await?;
    if let Some((step, reason)) = configured.iter().find_map(|step| ailing.get_key_value(step)) {
        routed.holds_all(&proposals, &format!("{step}: {reason}"), now);
        return Ok(routed);
    }
    let mut batch = proposals;
    for step in &configured {
        let ran = steps::run(world, step, &batch, async |db, needs, proposals| {
            facts::for_proposals(db, needs, step, proposals, now.0).await
        })
        .await?;
        match ran.failed.first() {
            Some((_, missed)) if careful => {
                let reason = missed.to_string();
                steps::failed(world, step, &reason).await?;
                routed.holds_all(&batch, &reason, now);
                return Ok(routed);
            }
            None if careful => {
                world.main(async |db| breaker::worked(db, &steps::breaker_of(step)).await).await?;
            }
            _ => {}
        }
        let key = |place: usize| batch.get(place).map(|proposal| proposal.key.clone());
        routed.failed.extend(ran.failed.into_iter().filter_map(|(place, missed)| Some((key(place)?, missed))));
        batch = ran.well;
        // One of an order's packages is as good as all: it is planned as a whole.
        batch.retain(|proposal| !routed.failed.contains_key(&proposal.key));
        if batch.is_empty() {
            break;
        }
    }
    for proposal in batch {
        routed.proposals.entry(proposal.key.clone()).or_default().push(proposal);
    }
    Ok(routed)
}

/// How long an order whose step is away waits before it is tried again, in milliseconds.
const AWAY_MS: i64 = 15_000;

impl Routed {
    fn holds_all(&mut self, proposals: &[Proposal], reason: &str, now: Millis) {
        for proposal in proposals {
            self.away.insert(proposal.key.clone(), (reason.to_owned(), Millis(now.0 + AWAY_MS)));
        }
    }
}

async fn store<W: World>(
    world: &W,
    orders: Vec<ToPlan>,
    verdicts: Vec<Verdict>,
    mut routed: Routed,
) -> Result<(), StoreError> {
    let decided: Vec<Decided> =
        orders.into_iter().zip(verdicts).map(|(order, verdict)| decision(order, verdict, &mut routed)).collect();
    let lanes = world
        .main(async |db| transaction(db, async |db| plan::store(db, world.moment(), &decided).await).await)
        .await?;
    for account in lanes {
        world.wake("flow-book", &account);
    }
    Ok(())
}

fn decision(order: ToPlan, verdict: Verdict, routed: &mut Routed) -> Decided {
    let mut decided = Decided {
        wanted_at: order.wanted_at,
        receiver: order.order.receiver,
        live: order.live,
        holds: verdict.hold.into_iter().collect(),
        cancel: verdict.cancel,
        packages: Vec::new(),
        again: None,
        order: order.id,
    };
    if let Some((reason, at)) = routed.away.remove(&decided.order) {
        decided.holds.push(Hold {
            handle: "step".to_owned(),
            reason: "step_failed".to_owned(),
            detail: format!(
                "规则组件不可用，稍后自动重试：{reason} / a rule component is away, tried again by itself: {reason}"
            ),
        });
        decided.again = Some((at, reason));
        return decided;
    }
    let proposals = routed.proposals.remove(&decided.order).unwrap_or_default();
    for hold in proposals.iter().flat_map(|proposal| proposal.holds.clone()) {
        decided.holds.extend(Hold::from_wire(hold));
    }
    if !decided.holds.is_empty() {
        return decided;
    }
    if proposals.iter().any(|proposal| proposal.warehouse.is_none() || proposal.account.is_none()) {
        decided.holds.push(Hold {
            handle: huidan_flow::plan::HANDLE.to_owned(),
            reason: "not_routed".to_owned(),
            detail: "没有规则选定仓库或快递 / no rule chose a warehouse or a carrier".to_owned(),
        });
        return decided;
    }
    if order.tries >= TRIES && !proposals.is_empty() {
        decided.holds.push(plan::contended());
        return decided;
    }
    decided.packages = proposals;
    decided
}
