//! Passing batches through the normalize or route components, in the configured order.

use crate::{Missed, Why, World};
use huidan_domain::Millis;
use huidan_store::{Db, StoreError, breaker};
use huidan_wire::step::{Batch, Facts, StepManifest};
use serde::{Serialize, de::DeserializeOwned};
use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

/// Limit of one step's work on one batch, in milliseconds. A batch takes a few; what takes this long hangs.
const STEP_LIMIT_MS: u64 = 2_000;

thread_local! {
    // What a step needs does not change while an instance lives.
    static NEEDS: RefCell<HashMap<String, BTreeSet<String>>> = RefCell::default();
}

/// The steps of a kind, from the setting of that name (components separated by commas or spaces).
pub async fn configured<W: World>(world: &W, setting: &str) -> Vec<String> {
    let list = world.variable(setting).await.unwrap_or_default();
    list.split([',', ' ']).map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// Why a batch did not pass.
#[derive(Debug)]
pub enum Stopped {
    /// A step failed on it.
    Step(Missed),
    /// The store failed.
    Store(StoreError),
}

impl From<StoreError> for Stopped {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// What a step asks for.
async fn needs<W: World>(world: &W, step: &str) -> Result<BTreeSet<String>, Missed> {
    if let Some(known) = NEEDS.with_borrow(|known| known.get(step).cloned()) {
        return Ok(known);
    }
    let manifest: StepManifest = world.call(step, "/needs", &(), STEP_LIMIT_MS).await?;
    let needs: BTreeSet<String> = manifest.needs.into_iter().collect();
    NEEDS.with_borrow_mut(|known| known.insert(step.to_owned(), needs.clone()));
    Ok(needs)
}

/// Runs one step on a batch with the facts it asks for.
///
/// # Errors
/// [`Stopped`].
pub async fn run<W: World, T: Serialize + DeserializeOwned>(
    world: &W,
    step: &str,
    subjects: Vec<T>,
    facts: impl AsyncFn(&W::Db, &BTreeSet<String>, &[T]) -> Result<Facts, StoreError>,
) -> Result<Vec<T>, Stopped> {
    let needs = needs(world, step).await.map_err(Stopped::Step)?;
    let facts = match needs.is_empty() {
        true => Facts::default(),
        false => world.main(async |db| facts(db, &needs, &subjects).await).await?,
    };
    let batch = Batch { now: world.moment().now.0, subjects, facts };
    world.call(step, "/step", &batch, STEP_LIMIT_MS).await.map_err(Stopped::Step)
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

/// Whether a failure tells of the step itself (it hangs, crashes or is not there) rather than of its answer.
pub fn tells_of_the_step(missed: &Missed) -> bool {
    matches!(missed.why, Why::Timeout | Why::Crashed | Why::Status(_))
}
