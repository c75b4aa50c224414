//! `print-bridge run`: puts the parts together, and takes them apart in an order that loses nothing.

use std::{net::SocketAddr, path::PathBuf, sync::Arc, time::Duration};

use tokio::{
    sync::watch,
    task::JoinSet,
    time::{sleep, timeout},
};

use crate::{
    attached::{self, Device},
    backoff::Backoff,
    claim::Claims,
    desk::Desk,
    driver::Driver,
    hub::Hub,
    journal::{Journal, JournalError},
    lane::Lane,
    notify,
    page::{self, Listen},
    recover, report,
    state::{StateDir, StateError},
    target::{Printer, TargetError, distinct},
    worker::Worker,
};

/// How long the labels under way may take to end after a stop signal.
const FINISH: Duration = Duration::from_secs(60);
/// How long the last report may take; what is not told stays in the journal.
const FAREWELL: Duration = Duration::from_secs(5);

/// What `run` needs.
#[derive(Debug)]
pub struct Options {
    /// The hub's address, as [`crate::state::hub_address`] spells it.
    pub hub: String,
    /// The state folder; `None` for the default.
    pub state: Option<PathBuf>,
    /// The printers; empty for those of the last run.
    pub printers: Vec<Printer>,
    /// Scales and scanners.
    pub devices: Vec<Device>,
    /// How long labels that are here are printed while the hub cannot be reached.
    pub offline: Duration,
    /// Where the status page is.
    pub page: Listen,
}

/// Why a run ends other than by a signal. Each text names the remedy, in Chinese and English.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The state folder.
    #[error(transparent)]
    State(#[from] StateError),
    /// The journal.
    #[error(transparent)]
    Journal(#[from] JournalError),
    /// A printer.
    #[error(transparent)]
    Target(#[from] TargetError),
    /// No token for this hub.
    #[error(
        "还没有与 {0} 配对：请在中心页面生成配对码，再运行 print-bridge pair --hub {0} 配对码\n\
         not paired with {0}: make a code on the hub's page, then run print-bridge pair --hub {0} CODE"
    )]
    NotPaired(String),
    /// No printer named, now or before.
    #[error(
        "没有打印机：请加 --printer 名称=地址，例如 --printer packing-1=tcp://192.168.1.50:9100\n\
         no printer: add --printer NAME=TARGET, for example --printer packing-1=tcp://192.168.1.50:9100"
    )]
    NoPrinter,
    /// The HTTP client could not be made.
    #[error("无法建立网络客户端：{0}\ncannot make an HTTP client: {0}")]
    Client(String),
}

/// Runs until a stop signal.
///
/// # Errors
/// [`RunError`].
pub async fn run(options: Options) -> Result<(), RunError> {
    let state = StateDir::open(options.state.as_deref())?;
    let _lock = state.lock()?;
    let printers = printers(&state, options.printers, options.devices.is_empty())?;
    let paired = state.token(&options.hub)?.ok_or_else(|| RunError::NotPaired(options.hub.clone()))?;
    let hub = Hub::new(&options.hub, &paired.token).map_err(RunError::Client)?;
    let journal = Journal::open(state.path(), &options.hub)?;
    let lanes = printers.into_iter().map(|printer| Arc::new(Lane::new(printer))).collect();
    let desk = Arc::new(Desk::new(hub, journal, lanes));
    let page = page::bind(options.page).await;
    let mut claims = Claims::new(Arc::clone(&desk), state.clone(), &options.hub, options.offline);
    recover::earlier_run(&desk, &mut claims).await?;
    say_ready(&desk, &options.hub, page.as_ref().map(page::Bound::address));

    let (stop, stopped) = watch::channel(false);
    let mut tasks: JoinSet<Result<(), JournalError>> = JoinSet::new();
    for lane in &desk.lanes {
        tasks.spawn(supervised(Arc::clone(&desk), Arc::clone(lane), stopped.clone()));
    }
    tasks.spawn(claims.run(stopped.clone()));
    tasks.spawn(report::run(Arc::clone(&desk), stopped.clone()));
    let mut beside = JoinSet::new();
    for device in options.devices {
        beside.spawn(attached::run(Arc::clone(&desk), device, stopped.clone()));
    }
    if let Some(page) = page {
        beside.spawn(page.serve(Arc::clone(&desk), state.path().to_owned(), options.hub));
    }
    notify::ready();
    beside.spawn(notify::alive());
    let ended = tokio::select! {
        () = stop_signal() => Ok(()),
        // No part ends by itself unless something is wrong.
        Some(ended) = tasks.join_next() => flatten(ended),
    };
    notify::stopping();
    stop.send_replace(true);
    let finished = timeout(FINISH, finish(&mut tasks)).await.unwrap_or(Ok(()));
    ended.and(finished)?;
    hand_back(&desk).await?;
    Ok(())
}

/// A bench with a scale or a scanner needs no printer.
fn printers(state: &StateDir, given: Vec<Printer>, needed: bool) -> Result<Vec<Printer>, RunError> {
    let printers = if given.is_empty() {
        let known = state.printers()?;
        known.iter().map(|(name, target)| format!("{name}={target}").parse()).collect::<Result<Vec<_>, _>>()?
    } else {
        given
    };
    if printers.is_empty() && needed {
        return Err(RunError::NoPrinter);
    }
    distinct(&printers)?;
    let saved: Vec<_> = printers.iter().map(|p: &Printer| (p.name.clone(), p.target.to_string())).collect();
    state.save_printers(&saved)?;
    Ok(printers)
}

/// Runs one printer's worker, and another when it breaks: the printers beside it go on.
async fn supervised(desk: Arc<Desk>, lane: Arc<Lane>, mut stop: watch::Receiver<bool>) -> Result<(), JournalError> {
    let mut backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(60));
    loop {
        let driver = Driver::new(&lane.printer.target);
        let worker = Worker::new(Arc::clone(&desk), Arc::clone(&lane), driver, stop.clone());
        let broken = match tokio::spawn(worker.run()).await {
            Ok(ended) => return ended,
            Err(broken) => broken,
        };
        tracing::error!(
            printer = lane.printer.name,
            error = %broken,
            "这台打印机的任务出错，重新开始；其他打印机不受影响 / this printer's worker broke and starts again; the others go on"
        );
        recover::broken_worker(&desk, &lane).await?;
        tokio::select! {
            () = sleep(backoff.after_failure()) => {}
            _ = stop.changed() => return Ok(()),
        }
    }
}

#[expect(clippy::print_stdout, reason = "the one line that tells a person or a script that printing can begin")]
fn say_ready(desk: &Desk, hub: &str, page: Option<SocketAddr>) {
    for lane in &desk.lanes {
        tracing::info!(printer = lane.printer.name, lang = %lane.printer.target.lang, "printer");
    }
    if hub.starts_with("http://") && !crate::hub::is_loopback(hub) {
        tracing::warn!(
            "与中心的连接未加密：请仅在可信的内网使用 / \
             the connection to the hub is not encrypted: use it only inside a network you trust"
        );
    }
    if let Some(page) = page {
        println!("状态页 / status page: http://{page}/");
    }
    println!("print-bridge ready: {} printer(s), hub {hub}", desk.lanes.len());
}

async fn finish(tasks: &mut JoinSet<Result<(), JournalError>>) -> Result<(), JournalError> {
    let mut result = Ok(());
    while let Some(ended) = tasks.join_next().await {
        result = result.and(flatten(ended));
    }
    result
}

/// A part that panicked is a fault of ours; printing on without it would be worse than stopping.
fn flatten(ended: Result<Result<(), JournalError>, tokio::task::JoinError>) -> Result<(), JournalError> {
    ended.unwrap_or_else(|error| Err(JournalError::Unknown(error.to_string())))
}

/// What has not started goes back to the hub, so that its leases do not run out into questions for a person.
async fn hand_back(desk: &Desk) -> Result<(), JournalError> {
    let waiting = desk.lanes.iter().flat_map(|lane| lane.drain()).collect();
    desk.give_back(waiting, "the bridge was stopped: never started").await?;
    match timeout(FAREWELL, report::flush(desk)).await {
        Ok(told) => drop(told?),
        Err(_) => tracing::warn!("the hub does not answer: the journal will tell it at the next start"),
    }
    Ok(())
}

async fn stop_signal() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let terminate = async {
            match signal(SignalKind::terminate()) {
                Ok(mut terminate) => drop(terminate.recv().await),
                Err(_) => std::future::pending().await,
            }
        };
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            () = terminate => {}
        }
    }
    #[cfg(not(unix))]
    drop(tokio::signal::ctrl_c().await);
}
