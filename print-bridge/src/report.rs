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
    protocol::{JobKey, Phase, Report},
};

/// News is gathered for this long, so that a fast printer does not make a request per phase.
const GATHER: Duration = Duration::from_millis(200);
/// How often a bridge that runs for months drops what it need not remember; the next news brings it about.
const FORGET: Duration = Duration::from_secs(24 * 3600);
/// How often it is asked what became of open questions, so that the status page does not ask a person twice.
const ASK: Duration = Duration::from_secs(60);
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
    let mut asks = true;
    while !*stop.borrow() {
        if forgot.elapsed() > FORGET {
            desk.journal.on_disk(Journal::forget_old).await?;
            forgot = Instant::now();
        }
        tokio::select! {
            () = desk.news.notified(), if late.is_zero() => sleep(GATHER).await,
            () = sleep(late), if !late.is_zero() => {}
            () = sleep(ASK), if asks && late.is_zero() => {}
            _ = stop.changed() => break,
        }
        late = match flush(&desk).await? {
            Ok(()) => {
                backoff.reset();
                asks = ask(&desk).await?;
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

/// Asks the hub what a person said of the labels that we left unconfirmed; answers whether some are still open. A report
/// under no lease changes nothing and is answered with the state that holds.
async fn ask(desk: &Desk) -> Result<bool, JournalError> {
    let open = desk.journal.on_disk(Journal::open_questions).await?;
    let line = |key: &JobKey| Report {
        id: key.id.clone(),
        lease: String::new(),
        phase: Phase::Sending,
        detail: String::new(),
        requeue: false,
    };
    let lines: Vec<Report> = open.iter().map(line).collect();
    if lines.is_empty() {
        return Ok(false);
    }
    let Ok(states) = desk.hub.report(&lines).await else { return Ok(true) };
    let settled = |key: &&JobKey| states.iter().any(|told| told.id == key.id && told.state != "unconfirmed");
    let answered: Vec<JobKey> = open.iter().filter(settled).cloned().collect();
    let left = answered.len() < open.len();
    desk.journal.on_disk(move |journal| journal.answered(&answered)).await?;
    Ok(left)
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
