//! The host's own heartbeat: `POST /tick` each second, to whatever component owns that route.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http_body_util::{BodyExt as _, Full};
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};

use crate::component::Origin;
use crate::server::Server;

/// Between two beats.
const BEAT: Duration = Duration::from_secs(1);

/// Beats until `stop`. A beat that takes long delays the next: they never overlap.
pub(crate) async fn run(server: Arc<Server>, mut stop: watch::Receiver<bool>) {
    if server.router.find("/tick").is_none() {
        return;
    }
    let mut beats = interval(BEAT);
    beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = beats.tick() => {}
            _ = stop.wait_for(|stop| *stop) => return,
        }
        beat(&server).await;
    }
}

/// One beat. The first is awaited before anybody is told that the host listens: it brings the databases up to date.
pub(crate) async fn beat(server: &Arc<Server>) {
    let body = Full::new(Bytes::new()).map_err(|never| match never {}).boxed_unsync();
    let Ok(request) = Request::post("http://localhost/tick").body(body) else { return };
    // Its time limit is the one of calls between components: a beat may set a lot of work going.
    let response = server.route(request, ([127, 0, 0, 1], 0).into(), &server.registry, Origin::Chained).await;
    let status = response.status();
    if !status.is_success() {
        tracing::warn!(%status, "POST /tick");
    }
    // Read to its end: a guest may do its work while it answers.
    let _ = response.into_body().collect().await;
}
