//! A hub that keeps the contract of `/print/v1`, with faults to order. It runs on a runtime of its own, so that taking it
//! down cuts every connection.

mod routes;

use std::{
    collections::{HashMap, VecDeque},
    net::SocketAddr,
    sync::{Arc, Mutex, MutexGuard},
    time::{Duration, Instant, SystemTime},
};

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
    routing::{get, post},
};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::runtime::Runtime;

use super::until;

pub(crate) const CODE: &str = "PAIR-1234";
/// What must never be seen outside a label.
pub(crate) const SECRETS: [&str; 3] = ["张三丰", "13800138000", "解放路88号"];

/// One job as the hub sees it.
#[derive(Debug, Clone)]
pub(crate) struct Job {
    pub(crate) id: String,
    pub(crate) printer: String,
    pub(crate) batch: String,
    pub(crate) seq: u32,
    pub(crate) of: u32,
    pub(crate) format: String,
    pub(crate) sha256: String,
    pub(crate) bytes: usize,
    pub(crate) state: String,
    pub(crate) attempt: u32,
    pub(crate) detail: String,
    lease: String,
    lease_until: Instant,
}

/// The hub's memory and its faults.
pub(crate) struct Memory {
    pub(crate) jobs: Vec<Job>,
    pub(crate) labels: HashMap<String, Vec<u8>>,
    pub(crate) tokens: Vec<String>,
    /// How long a lease lasts.
    pub(crate) lease: Duration,
    /// Queue again what never started, as soon as it is reported.
    pub(crate) requeues: bool,
    /// Send every leased job with every claim, held or not.
    pub(crate) repeats: bool,
    /// Hand out the newest first.
    pub(crate) shuffles: bool,
    /// Forget to answer this many claims after leasing.
    pub(crate) loses_answers: u32,
    /// Answer these first, with Retry-After.
    pub(crate) refusals: VecDeque<u16>,
    /// Minutes by which the hub's clock is ahead of ours.
    pub(crate) ahead: i64,
    /// The `printers` of the last claim.
    pub(crate) printers: Value,
    pub(crate) claims: u32,
    /// Every report line, as it came.
    pub(crate) reports: Vec<Value>,
    /// What scales and scanners saw, as it came.
    pub(crate) seen: Vec<Value>,
    /// What a claim says of its printers.
    pub(crate) twins: Value,
    /// What the next scan or weight is answered with.
    pub(crate) says: Value,
}

/// A hub with an address of its own.
pub(crate) struct Hub {
    address: SocketAddr,
    memory: Arc<Mutex<Memory>>,
    runtime: Option<Runtime>,
}

type Shared = State<Arc<Mutex<Memory>>>;

impl Hub {
    pub(crate) fn new() -> Self {
        let memory = Memory {
            jobs: Vec::new(),
            labels: HashMap::new(),
            tokens: Vec::new(),
            lease: Duration::from_secs(30),
            requeues: true,
            repeats: false,
            shuffles: false,
            loses_answers: 0,
            refusals: VecDeque::new(),
            ahead: 0,
            printers: Value::Null,
            claims: 0,
            reports: Vec::new(),
            seen: Vec::new(),
            twins: json!([]),
            says: json!({}),
        };
        let mut hub = Self { address: ([127, 0, 0, 1], 0).into(), memory: Arc::new(Mutex::new(memory)), runtime: None };
        hub.up();
        hub
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap()
    }

    /// Serves, at the address it had before.
    pub(crate) fn up(&mut self) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let socket = std::net::TcpListener::bind(self.address).unwrap();
        socket.set_nonblocking(true).unwrap();
        self.address = socket.local_addr().unwrap();
        let routes = Router::new()
            .route("/print/v1/pair", post(routes::pair))
            .route("/print/v1/claim", post(routes::claim))
            .route("/print/v1/labels/{sha256}", get(routes::label))
            .route("/print/v1/report", post(routes::report))
            .route("/print/v1/weights", post(routes::seen))
            .route("/print/v1/scans", post(routes::seen))
            .with_state(Arc::clone(&self.memory));
        runtime.spawn(async move {
            let listener = tokio::net::TcpListener::from_std(socket).unwrap();
            axum::serve(listener, routes).await.unwrap();
        });
        self.runtime = Some(runtime);
    }

    /// Cuts every connection and answers nothing more.
    pub(crate) fn down(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }

    /// Queues one batch of ZPL labels, `job-<batch>-1` and on, all at the same moment.
    pub(crate) fn queue(&self, printer: &str, batch: &str, labels: u32) {
        let mut memory = self.memory();
        for seq in 1..=labels {
            memory.push(printer, batch, (seq, labels), "zpl", zpl(&format!("job-{batch}-{seq}"), 2000));
        }
    }

    pub(crate) fn queue_one(&self, printer: &str, batch: &str, place: (u32, u32), format: &str, label: Vec<u8>) {
        self.memory().push(printer, batch, place, format, label);
    }

    pub(crate) fn job(&self, id: &str) -> Job {
        self.memory().jobs.iter().find(|job| job.id == id).unwrap().clone()
    }

    pub(crate) fn states(&self) -> Vec<String> {
        self.memory().jobs.iter().map(|job| job.state.clone()).collect()
    }

    /// Waits until every job has one of these states.
    pub(crate) async fn all(&self, states: &[&str]) {
        let there = |state: &String| states.contains(&state.as_str());
        let what = format!("every job to be one of {states:?}");
        until(&what, || async { self.states().iter().all(there).then_some(()) }).await;
    }

    pub(crate) async fn becomes(&self, id: &str, state: &str) {
        until(&format!("{id} to be {state}"), || async { (self.job(id).state == state).then_some(()) }).await;
    }

    /// A person says: print it again.
    pub(crate) fn requeue_by_hand(&self, id: &str) {
        let mut memory = self.memory();
        let job = memory.jobs.iter_mut().find(|job| job.id == id).unwrap();
        assert!(matches!(job.state.as_str(), "unconfirmed" | "failed"), "{}", job.state);
        "queued".clone_into(&mut job.state);
    }
}

impl Drop for Hub {
    fn drop(&mut self) {
        self.down();
    }
}

/// A label that names its job, with a receiver on it.
pub(crate) fn zpl(id: &str, size: usize) -> Vec<u8> {
    let receiver = SECRETS.join(" ");
    format!("^XA^FX{id};^FO20,20^FD{receiver}^FS^FX{}^FS^XZ", "0".repeat(size)).into_bytes()
}

impl Memory {
    fn push(&mut self, printer: &str, batch: &str, (seq, of): (u32, u32), format: &str, label: Vec<u8>) {
        let sha256 = hex::encode(Sha256::digest(&label));
        self.jobs.push(Job {
            id: format!("job-{batch}-{seq}"),
            printer: printer.to_owned(),
            batch: batch.to_owned(),
            seq,
            of,
            format: format.to_owned(),
            sha256: sha256.clone(),
            bytes: label.len(),
            state: "queued".to_owned(),
            attempt: 0,
            detail: String::new(),
            lease: String::new(),
            lease_until: Instant::now(),
        });
        self.labels.insert(sha256, label);
    }

    fn knows(&mut self, headers: &HeaderMap) -> Result<(), Box<Response>> {
        if let Some(status) = self.refusals.pop_front() {
            let status = StatusCode::from_u16(status).unwrap();
            return Err(Box::new((status, [("retry-after", "1")]).into_response()));
        }
        let token = headers.get("authorization").and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
        match token {
            Some(token) if self.tokens.iter().any(|known| known == token) => Ok(()),
            _ => Err(Box::new(StatusCode::UNAUTHORIZED.into_response())),
        }
    }

    /// A lease that runs out becomes unconfirmed, never queued.
    fn expire(&mut self) {
        for job in self.jobs.iter_mut().filter(|job| job.state == "leased" && job.lease_until < Instant::now()) {
            "unconfirmed".clone_into(&mut job.state);
        }
    }

    fn lease(&mut self, body: &Value) -> Vec<Value> {
        let held: Vec<&str> =
            body["held"].as_array().unwrap().iter().map(|held| held["lease"].as_str().unwrap()).collect();
        let mut left = usize::try_from(body["max"].as_u64().unwrap()).unwrap();
        let mut rooms: HashMap<&str, u64> = HashMap::new();
        for printer in body["printers"].as_array().unwrap() {
            rooms.insert(printer["name"].as_str().unwrap(), printer["room"].as_u64().unwrap());
        }
        let questions: Vec<(String, String)> = self
            .jobs
            .iter()
            .filter(|job| matches!(job.state.as_str(), "unconfirmed" | "failed"))
            .map(|job| (job.printer.clone(), job.batch.clone()))
            .collect();
        let (until, lease) = (Instant::now() + self.lease, self.lease);
        let mut answer = Vec::new();
        for job in &mut self.jobs {
            let lost = job.state == "leased" && (self.repeats || !held.contains(&job.lease.as_str()));
            // A batch with an open question waits for its answer.
            let free = job.state == "queued" && !questions.contains(&(job.printer.clone(), job.batch.clone()));
            let Some(room) = rooms.get_mut(job.printer.as_str()) else { continue };
            if !(lost || free && *room > 0 && left > 0) {
                continue;
            }
            if free {
                (*room, left) = (*room - 1, left - 1);
                job.attempt += 1;
                job.lease = format!("lease-{}-{}", job.id, job.attempt);
                job.lease_until = until;
                "leased".clone_into(&mut job.state);
            }
            answer.push(job.json(lease, self.ahead));
        }
        if self.shuffles {
            answer.reverse();
        }
        answer
    }

    fn renew(&mut self, body: &Value) -> Vec<Value> {
        let (until, instant) = (Instant::now() + self.lease, wall(self.lease, self.ahead));
        let mut answer = Vec::new();
        for held in body["held"].as_array().unwrap() {
            let mine = |job: &&mut Job| job.lease == held["lease"] && matches!(job.state.as_str(), "leased" | "sent");
            let renewed = self.jobs.iter_mut().find(mine).map(|job| {
                job.lease_until = until;
                instant.clone()
            });
            answer.push(json!({ "id": held["id"], "lease": held["lease"], "lease_until": renewed }));
        }
        answer
    }

    fn hear(&mut self, line: &Value) -> Value {
        let text = |name: &str| line[name].as_str().unwrap().to_owned();
        self.reports.push(line.clone());
        let requeues = self.requeues;
        let job = self.jobs.iter_mut().find(|job| job.id == text("id")).unwrap();
        let phase = text("phase");
        let legal = matches!(
            (job.state.as_str(), phase.as_str()),
            ("leased", _) | ("sent", "done" | "failed" | "unconfirmed") | ("unconfirmed", "sent" | "done" | "failed")
        );
        // The token is of one attempt: with another attempt's token nothing changes.
        if legal && job.lease == text("lease") {
            job.detail = text("detail");
            job.state = match phase.as_str() {
                "sending" => "leased".to_owned(),
                "failed" if requeues && line["requeue"] == true => "queued".to_owned(),
                other => other.to_owned(),
            };
        }
        json!({ "id": job.id, "state": job.state })
    }
}

impl Job {
    fn json(&self, lease: Duration, ahead: i64) -> Value {
        json!({
            "id": self.id, "attempt": self.attempt, "lease": self.lease, "lease_until": wall(lease, ahead),
            "printer": self.printer, "media": { "width_mm": 100, "height_mm": 150, "dpi": 203 },
            "format": self.format, "sha256": self.sha256, "bytes": self.bytes, "batch": self.batch,
            "seq": self.seq, "of": self.of, "fence": 1, "copy_no": 1, "waybill": format!("SF{}", self.seq),
        })
    }
}

fn wall(from_now: Duration, ahead: i64) -> String {
    (DateTime::<Utc>::from(SystemTime::now() + from_now) + chrono::Duration::minutes(ahead)).to_rfc3339()
}
