use crate::World;
use huidan_channel::Limit;
use huidan_domain::Millis;
use huidan_exchange::CallError;
use huidan_store::budget::{self, Rate};

/// What a call is for: which limit counts it, and how much of the bucket it leaves to what matters more.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Purpose {
    api: &'static str,
    /// Of a hundred.
    keep: u32,
}

impl Purpose {
    /// A parcel has left: the deadline runs.
    pub(crate) const CONFIRM: Self = Self { api: "confirm", keep: 0 };
    /// Somebody may be about to buy what is gone.
    pub(crate) const STOCK: Self = Self { api: "stock", keep: 10 };
    /// An order that is known to have changed.
    pub(crate) const FETCH: Self = Self { api: "fetch", keep: 20 };
    /// Looking whether what was told is shown.
    pub(crate) const LOOK: Self = Self { api: "fetch", keep: 50 };
    /// Looking for what changed.
    pub(crate) const LIST: Self = Self { api: "list", keep: 30 };
    /// Looking whether anything was missed.
    pub(crate) const RECONCILE: Self = Self { api: "list", keep: 50 };
}

/// A platform's limits, and what they are to be spent on.
#[derive(Clone, Copy)]
pub(crate) struct Budget {
    /// From the manifest.
    pub(crate) limits: &'static [Limit],
    /// For what.
    pub(crate) purpose: Purpose,
}

/// The longest a call waits for its turn here, in milliseconds; what takes longer comes back later.
const PATIENCE_MS: i64 = 3_000;

impl Budget {
    /// Waits for this call's turn.
    ///
    /// # Errors
    /// `Limited` with the seconds until its turn when that is too long to wait for.
    pub(crate) async fn turn<W: World>(&self, world: &W, account: &str) -> Result<(), CallError> {
        let Some(limit) = self.limit() else { return Ok(()) };
        let began = world.moment().now;
        loop {
            let now = world.moment().now;
            let rate = Rate { calls: limit.calls, per_s: limit.per_s };
            let taken =
                world.edge(async |db| budget::take(db, now, account, limit.api, rate, self.purpose.keep).await).await;
            // Who cannot count must not stop: the platform counts too, and says so.
            let Ok(Some(wait)) = taken else { return Ok(()) };
            if now.since(began) + wait > PATIENCE_MS {
                return Err(CallError::Limited { after_s: u32::try_from((wait + 999) / 1000).ok() });
            }
            world.sleep(u64::try_from(wait).unwrap_or(1)).await;
        }
    }

    /// The platform said that it was too much.
    pub(crate) async fn spent<W: World>(&self, world: &W, account: &str, after_s: Option<u32>) {
        let Some(limit) = self.limit() else { return };
        let until = Millis(world.moment().now.0 + after_s.map_or(1_000, |s| i64::from(s) * 1000));
        let stored = world.edge(async |db| budget::exhausted(db, account, limit.api, until).await).await;
        if let Err(error) = stored {
            world.log(format_args!("the limit of {account} is not noted: {error}"));
        }
    }

    fn limit(&self) -> Option<&'static Limit> {
        let of = |api: &str| self.limits.iter().find(|limit| limit.api == api);
        of(self.purpose.api).or_else(|| of("*"))
    }
}
