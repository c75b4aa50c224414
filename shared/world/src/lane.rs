use crate::World;
use futures::future::{Either, FutureExt, LocalBoxFuture, select};
use futures::stream::{FuturesUnordered, StreamExt};
use huidan_domain::Millis;
use huidan_store::StoreError;
use huidan_store::runner::{self, Shift};
use std::future::Future;
use std::pin::pin;

/// What one turn of a runner found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Turn {
    /// It did something; there may be more.
    Worked,
    /// Nothing is due.
    Idle,
}

/// What one turn of a runner found that need not stay until the end of what it began.
pub enum Begun<'a> {
    /// It did something; there may be more.
    Worked,
    /// Nothing is due.
    Idle,
    /// It took a batch on, and this is the rest of the work on it. Its rows are kept from later turns.
    Going(LocalBoxFuture<'a, Result<(), StoreError>>),
}

/// How long one wake works before it hands over to a fresh one, in milliseconds: short against a request's limit.
const SHIFT_MS: i64 = 20_000;
/// Turns begin no closer together than this, in milliseconds. The first begins at once; what comes while it works and
/// rests is taken together by the next. Without the rest a steady trickle is handled one by one, and each pays alone for
/// the calls and commits that a batch shares.
const PACE_MS: i64 = 25;
/// How long a runner stays with a batch that it took on before it goes on beside it, in milliseconds. A batch takes a few;
/// one that takes longer may hang, and those that come after it must not wait to find out.
const PATIENCE_MS: u64 = 50;
/// How many batches are left behind at a time. A machine on which everything is slow, or a step that hangs on everything,
/// must not be asked for ever more at once.
const BESIDE: usize = 4;

/// Runs a lane until nothing is due, unless somebody is at work on it already.
///
/// `due` looks without locking; `turn` does a batch. What arrives between the last look and the end of the shift found
/// a runner at work and went away, so the lane is looked at once more after the shift.
///
/// # Errors
/// The first error of either; the lane is free again then.
pub async fn work<W: World>(
    world: &W,
    lane: &str,
    due: impl AsyncFn() -> Result<bool, StoreError>,
    turn: impl AsyncFn() -> Result<Turn, StoreError>,
) -> Result<(), StoreError> {
    work_beside(world, lane, due, async || {
        Ok(match turn().await? {
            Turn::Worked => Begun::Worked,
            Turn::Idle => Begun::Idle,
        })
    })
    .await
}

/// The same for a lane whose batches may hang: the runner goes on beside a batch that takes long, and has its lane until
/// all of them have ended.
///
/// # Errors
/// The first error of any; the lane is free again then.
pub async fn work_beside<'a, W: World>(
    world: &W,
    lane: &str,
    due: impl AsyncFn() -> Result<bool, StoreError>,
    turn: impl AsyncFn() -> Result<Begun<'a>, StoreError>,
) -> Result<(), StoreError> {
    let began = world.moment().now;
    while due().await? {
        let begun = world.main(async |db| runner::begin(db, world.moment(), lane).await).await?;
        let Some(shift) = begun else { return Ok(()) };
        let (renewed, beside) = (world.moment().now, Beside::default());
        let mut runner = Runner { world, shift, began, renewed, lost: false, beside };
        let worked = runner.work(&due, &turn).await;
        if worked == Ok(Left::Lost) {
            return Ok(());
        }
        world.main(async |db| runner::end(db, &runner.shift).await).await?;
        worked?;
        if runner.over() {
            return Ok(());
        }
    }
    Ok(())
}

/// How a runner left its lane.
#[derive(Debug, PartialEq, Eq)]
enum Left {
    /// Nothing is due, or its shift is over.
    Done,
    /// Another took the lane meanwhile.
    Lost,
}

struct Runner<'w, 'a, W> {
    world: &'w W,
    shift: Shift,
    began: Millis,
    renewed: Millis,
    lost: bool,
    beside: Beside<'a>,
}

impl<'a, W: World> Runner<'_, 'a, W> {
    /// Takes turns until nothing is due and nothing goes on beside, or the shift is over.
    async fn work(
        &mut self,
        due: &impl AsyncFn() -> Result<bool, StoreError>,
        turn: &impl AsyncFn() -> Result<Begun<'a>, StoreError>,
    ) -> Result<Left, StoreError> {
        loop {
            let turned = self.world.moment().now;
            let mut idle = false;
            match self.beside.along(turn()).await {
                Ok(Begun::Worked) => {}
                Ok(Begun::Idle) => idle = true,
                Ok(Begun::Going(rest)) => self.beside.stay(self.world, rest).await,
                Err(error) => self.beside.failed(error),
            }
            let left = if idle { PACE_MS } else { PACE_MS - self.world.moment().now.since(turned) };
            if self.done(idle) || (left > 0 && !self.rest(left, due).await) {
                break;
            }
            self.renew().await;
            if self.done(false) {
                break;
            }
        }
        if self.lost { Ok(Left::Lost) } else { self.beside.end().await }
    }

    /// Rests so long, and then looks; while something goes on beside, again and again, since who comes meanwhile finds
    /// this runner at work and goes away. Answers whether something is due.
    async fn rest(&mut self, ms: i64, due: &impl AsyncFn() -> Result<bool, StoreError>) -> bool {
        let mut ms = ms;
        loop {
            self.beside.along(self.world.sleep(u64::try_from(ms).unwrap_or(0))).await;
            match self.beside.along(due()).await {
                Ok(true) => return true,
                Ok(false) => {}
                Err(error) => self.beside.failed(error),
            }
            self.renew().await;
            if self.done(true) {
                return false;
            }
            ms = PACE_MS;
        }
    }

    /// Whether there is nothing more to do in this shift.
    fn done(&self, idle: bool) -> bool {
        self.lost || self.beside.failed.is_some() || (idle && self.beside.is_empty()) || self.over()
    }

    /// Whether the next wake should have the lane. What goes on beside is waited for at the end of a shift, and what
    /// comes meanwhile waits with it, so a shift is stretched to where nothing does.
    fn over(&self) -> bool {
        let worked = self.world.moment().now.since(self.began);
        worked > SHIFT_MS && (self.beside.is_empty() || worked > 2 * SHIFT_MS)
    }

    /// Renews the lease in time.
    async fn renew(&mut self) {
        let now = self.world.moment().now;
        if now.since(self.renewed) <= runner::LEASE_MS / 6 {
            return;
        }
        self.renewed = now;
        let (world, shift) = (self.world, &self.shift);
        match self.beside.along(world.main(async |db| runner::renew(db, world.moment(), shift).await)).await {
            Ok(kept) => self.lost = !kept,
            Err(error) => self.beside.failed(error),
        }
    }
}

/// Batches that were left behind and go on.
#[derive(Default)]
struct Beside<'a> {
    going: FuturesUnordered<LocalBoxFuture<'a, (u64, Result<(), StoreError>)>>,
    taken: u64,
    failed: Option<StoreError>,
}

impl<'a> Beside<'a> {
    fn is_empty(&self) -> bool {
        self.going.is_empty()
    }

    fn failed(&mut self, error: StoreError) {
        self.failed.get_or_insert(error);
    }

    /// The next of them that ends, by its number.
    async fn next(&mut self) -> Option<u64> {
        let (number, ended) = self.going.next().await?;
        if let Err(error) = ended {
            self.failed(error);
        }
        Some(number)
    }

    /// Waits for something, while they go on.
    async fn along<T>(&mut self, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        while !self.is_empty() {
            // They first: what is waited for may be there at once, again and again.
            match select(pin!(self.next()), work.as_mut()).await {
                Either::Left(_) => {}
                Either::Right((done, _)) => return done,
            }
        }
        work.await
    }

    /// Stays with a batch until it ends or patience does; as long as it takes while too many were left behind.
    async fn stay<W: World>(&mut self, world: &W, rest: LocalBoxFuture<'a, Result<(), StoreError>>) {
        self.taken += 1;
        let number = self.taken;
        self.going.push(rest.map(move |ended| (number, ended)).boxed_local());
        let mut patience = pin!(world.sleep(PATIENCE_MS).fuse());
        loop {
            match select(pin!(self.next()), patience.as_mut()).await {
                Either::Left((ended, _)) if ended == Some(number) => return,
                Either::Left(_) => {}
                Either::Right(_) => break,
            }
        }
        while self.going.len() > BESIDE {
            if self.next().await == Some(number) {
                return;
            }
        }
    }

    /// Waits for all of them; the first error there was is the answer.
    async fn end(&mut self) -> Result<Left, StoreError> {
        while self.next().await.is_some() {}
        self.failed.take().map_or(Ok(Left::Done), Err)
    }
}
