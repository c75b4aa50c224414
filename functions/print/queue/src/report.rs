//! `POST report`: how far jobs have come.

use crate::door;
use http::StatusCode;
use huidan_store::bridges::Bridge;
use huidan_store::print::{self, Line, Phase};
use huidan_store::{StoreError, transaction};
use huidan_world::{Incoming, Outgoing, World, serve as front};
use serde::{Deserialize, Serialize};

/// Longest reason that is kept, in characters.
const DETAIL: usize = 500;

#[derive(Deserialize)]
struct ReportLine {
    id: String,
    lease: String,
    phase: PhaseName,
    #[serde(default)]
    detail: String,
    #[serde(default)]
    requeue: bool,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
enum PhaseName {
    Sending,
    Sent,
    Done,
    Failed,
    Unconfirmed,
}

#[derive(Serialize)]
struct Reported {
    id: String,
    state: &'static str,
}

/// Takes a report; answers the state that now holds, line by line.
pub(crate) async fn serve<W: World>(world: &W, request: &Incoming, bridge: &Bridge) -> Result<Outgoing, StoreError> {
    let lines: Vec<ReportLine> = match door::body(request) {
        Ok(lines) => lines,
        Err(refused) => return Ok(refused),
    };
    let lines: Vec<Line> = lines.into_iter().map(line).collect();
    let states = world
        .main(async |db| transaction(db, async |db| print::report(db, world.moment(), &bridge.id, &lines).await).await)
        .await?;
    let reported: Vec<Reported> = lines
        .into_iter()
        .zip(states)
        .map(|(line, state)| Reported { id: line.id, state: state.map_or("unknown", |state| state.name()) })
        .collect();
    Ok(front::json(StatusCode::OK, &reported))
}

fn line(line: ReportLine) -> Line {
    let phase = match line.phase {
        PhaseName::Sending => Phase::Sending,
        PhaseName::Sent => Phase::Sent,
        PhaseName::Done => Phase::Done,
        PhaseName::Failed if line.requeue => Phase::NeverStarted,
        PhaseName::Failed => Phase::Failed,
        PhaseName::Unconfirmed => Phase::Unconfirmed,
    };
    Line { id: line.id, lease: line.lease, phase, detail: line.detail.chars().take(DETAIL).collect() }
}
