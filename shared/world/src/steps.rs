//! Passing batches through the normalize or route components, in the configured order.

use crate::company::{self, Company};
use crate::{Missed, Why, World};
use huidan_domain::Millis;
use huidan_store::{Db, StoreError, breaker};
use huidan_wire::step::{Batch, Facts, StepManifest};
use serde::{Serialize, de::DeserializeOwned};
use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

/// Limit of asking a step what it needs, in milliseconds.
const NEEDS_LIMIT_MS: u64 = 2_000;

thread_local! {
    // What a step needs does not change while an instance lives.
    static NEEDS: RefCell<HashMap<String, BTreeSet<String>>> = RefCell::default();
}

/// The steps of a kind, from the setting of that name (components separated by commas or spaces).
pub async fn configured<W: World>(world: &W, setting: &str) -> Vec<String> {
    let list = world.variable(setting).await.unwrap_or_default();
    list.split([',', ' ']).map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// What a step asks for.
async fn needs<W: World>(world: &W, step: &str) -> Result<BTreeSet<String>, Missed> {
    if let Some(known) = NEEDS.with_borrow(|known| known.get(step).cloned()) {
        return Ok(known);
    }
    let manifest: StepManifest = world.call(step, "/needs", &(), NEEDS_LIMIT_MS).await?;
    let needs: BTreeSet<String> = manifest.needs.into_iter().collect();
    NEEDS.with_borrow_mut(|known| known.insert(step.to_owned(), needs.clone()));
    Ok(needs)
}

/// Runs one step on a batch with the facts it asks for; when it fails on the whole, on each of it.
///
/// # Errors
/// The database's.
pub async fn run<W: World, T: Serialize + DeserializeOwned>(
    world: &W,
    step: &str,
    subjects: &[T],
    facts: impl AsyncFn(&W::Db, &BTreeSet<String>, &[T]) -> Result<Facts, StoreError>,
) -> Result<Company<T>, StoreError> {
    let needs = match needs(world, step).await {
        Ok(needs) => needs,
        Err(missed) => {
            let failed = (0..subjects.len()).map(|place| (place, missed.clone())).collect();
            return Ok(Company { well: Vec::new(), failed });
        }
    };
    let facts = match needs.is_empty() {
        true => Facts::default(),
        false => world.main(async |db| facts(db, &needs, subjects).await).await?,
    };
    let now = world.moment().now.0;
    Ok(company::each(subjects, async |some, limit| {
        // The facts of all serve each: a step finds its own by key.
        let batch = Batch { now, subjects: some.iter().collect(), facts: facts.clone() };
        world.call(step, "/step", &batch, limit).await
    })
    .await)
}

/// The breaker's name of a step.
pub fn breaker_of(step: &str) -> String {
    format!("step/{step}")
}

/// Which of the steps failed of late and have not worked since: until when the breaker is open, and why.
///
/// # Errors
/// The database's.
pub async fn doubted<D: Db>(db: &D, steps: &[String]) -> Result<HashMap<String, (Millis, String)>, StoreError> {
    let all = breaker::all(db).await?;
    Ok(all
        .into_iter()
        .filter_map(|(name, until, reason)| {
            let step = name.strip_prefix("step/")?.to_owned();
            steps.contains(&step).then_some((step, (Millis(until), reason)))
        })
        .collect())
}

/// Which of the steps have an open breaker, and why.
///
/// # Errors
/// The database's.
pub async fn ailing<D: Db>(db: &D, now: Millis, steps: &[String]) -> Result<HashMap<String, String>, StoreError> {
    let doubted = doubted(db, steps).await?;
    Ok(doubted.into_iter().filter_map(|(step, (until, reason))| (until > now).then_some((step, reason))).collect())
}

/// Counts a failure of a step on a subject alone.
///
/// # Errors
/// The database's.
pub async fn failed<W: World>(world: &W, step: &str, reason: &str) -> Result<(), StoreError> {
    let name = breaker_of(step);
    world.main(async |db| breaker::failed(db, world.moment(), &name, reason).await.map(|_| ())).await
}

/// Whether a failure tells of the step itself (it hangs, crashes or is not there) rather than of its answer.
pub fn tells_of_the_step(missed: &Missed) -> bool {
    matches!(missed.why, Why::Timeout | Why::Crashed | Why::Status(_))
}
