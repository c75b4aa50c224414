//! The reporter: tells the hub what the journal holds and the hub has not heard, in batches.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use tokio::{sync::watch, time::sleep};

use crate::{
    backoff::Backoff,
    desk::Desk,
    failpoint::{Step, reach},
    hub::HubError,
    journal::{Journal, JournalError, News},
    protocol::Report,
};

/// News is gathered for this long, so that a fast printer does not make a request per phase.
const GATHER: Duration = Duration::from_millis(200);
/// How often a bridge that runs for months drops what it need not remember; the next news brings it about.
const FORGET: Duration = Duration::from_secs(24 * 3600);
/// How many lines one report carries.
const LINES: u32 = 200;

/// Reports until `stop` turns true; what is left then is told by [`flush`].
///
/// # Errors
/// [`JournalError`].
pub async fn run(desk: Arc<Desk>, mut stop: watch::Receiver<bool>) -> Result<(), JournalError> {
    let mut backoff = Backoff::new(Duration::from_millis(500), Duration::from_secs(10));
    let mut late = Duration::ZERO;
    let mut forgot = Instant::now();
    while !*stop.borrow() {
        if forgot.elapsed() > FORGET {
            desk.journal.on_disk(Journal::forget_old).await?;
            forgot = Instant::now();
        }
        tokio::select! {
            () = desk.news.notified(), if late.is_zero() => sleep(GATHER).await,
            () = sleep(late), if !late.is_zero() => {}
            _ = stop.changed() => break,
        }
        late = match flush(&desk).await? {
            Ok(()) => {
                backoff.reset();
                Duration::ZERO
            }
            Err(HubError::Busy { after: Some(after), .. }) => backoff.after_failure().max(after),
            Err(_) => backoff.after_failure(),
        };
    }
    Ok(())
}

/// Tells everything there is. The inner error is the hub's: the news stays in the journal.
///
/// # Errors
/// [`JournalError`].
pub async fn flush(desk: &Desk) -> Result<Result<(), HubError>, JournalError> {
    loop {
        let news = desk.journal.on_disk(|journal| journal.news(LINES)).await?;
        if news.is_empty() {
            return Ok(Ok(()));
        }
        reach(Step::BeforeReport);
        match tell(desk, &news).await {
            Ok(()) => desk.heard(news).await?,
            Err(HubError::Refused(_)) => {
                if let Err(error) = tell_one_by_one(desk, news).await? {
                    return Ok(Err(error));
                }
            }
            Err(error) => return Ok(Err(error)),
        }
    }
}

async fn tell(desk: &Desk, news: &[News]) -> Result<(), HubError> {
    let reports: Vec<Report> = news.iter().map(|news| news.report.clone()).collect();
    for answer in desk.hub.report(&reports).await? {
        tracing::debug!(job = answer.id, state = answer.state, "hub");
    }
    Ok(())
}

/// One line the hub cannot take must not keep the others from it.
async fn tell_one_by_one(desk: &Desk, news: Vec<News>) -> Result<Result<(), HubError>, JournalError> {
    for one in news {
        match tell(desk, std::slice::from_ref(&one)).await {
            Ok(()) => {}
            Err(HubError::Refused(status)) => {
                tracing::error!(job = %one.key, phase = %one.report.phase, status, "the hub refuses this report");
            }
            Err(error) => return Ok(Err(error)),
        }
        desk.heard(vec![one]).await?;
    }
    Ok(Ok(()))
}
