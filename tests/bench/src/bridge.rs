//! A print bridge without a printer: claims jobs and says at once that they are done.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use http::Method;
use serde_json::{Value, json};

use crate::error::Result;
use crate::house::{House, ask};

/// How often a job is looked for; the error of every time that is measured by it.
const LOOK: Duration = Duration::from_millis(5);
/// How long to wait for the next job before giving up.
const PATIENCE: Duration = Duration::from_secs(120);
/// Most jobs of a claim.
const MOST: usize = 200;

/// A paired bridge with one label printer: ZPL, 100 × 150 mm, 203 dpi.
#[derive(Clone, Debug)]
pub(crate) struct Bridge {
    hub: SocketAddr,
    bearer: String,
}

impl Bridge {
    /// Pairs with the house and shows it the printer.
    pub(crate) async fn pair(house: &House) -> Result<Self> {
        let code = house.post("printers/pairing-codes", json!({})).await?;
        let asked = json!({"code": code.get("code"), "name": "bench"}).to_string();
        let paired = ask(house.address(), Method::POST, "/print/v1/pair", "", None, asked).await?;
        let token = paired.get("token").and_then(Value::as_str).ok_or("no token")?;
        let bridge = Self { hub: house.address(), bearer: format!("Bearer {token}") };
        bridge.claim().await?;
        Ok(bridge)
    }

    /// Claims what there is, and reports it done; answers how many jobs that were, and when the claim was answered.
    async fn claim(&self) -> Result<(usize, Instant)> {
        let asked = json!({"max": MOST, "wait": 0, "held": [], "printers": [{"name": "bench", "lang": "zpl", "dpi": 203,
            "media": "100x150", "status": "ready", "room": MOST}]});
        let claimed = ask(self.hub, Method::POST, "/print/v1/claim", &self.bearer, None, asked.to_string()).await?;
        let answered = Instant::now();
        let jobs = claimed.get("jobs").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        if !jobs.is_empty() {
            let done: Vec<Value> = jobs
                .iter()
                .map(|job| json!({"id": job.get("id"), "lease": job.get("lease"), "phase": "done", "detail": ""}))
                .collect();
            let done = Value::from(done).to_string();
            ask(self.hub, Method::POST, "/print/v1/report", &self.bearer, None, done).await?;
        }
        Ok((jobs.len(), answered))
    }

    /// Takes so many jobs; answers when the last of them was there to be claimed.
    ///
    /// # Errors
    /// None came for two minutes.
    pub(crate) async fn take(&self, count: usize) -> Result<Instant> {
        let (mut taken, mut last) = (0, Instant::now());
        while taken < count {
            let (jobs, answered) = self.claim().await?;
            if jobs > 0 {
                (taken, last) = (taken + jobs, answered);
            } else if last.elapsed() > PATIENCE {
                return Err(format!(
                    "只等到 {taken}/{count} 张面单 · {taken} of {count} labels came, then none for two minutes"
                )
                .into());
            } else {
                tokio::time::sleep(LOOK).await;
            }
        }
        Ok(last)
    }
}
