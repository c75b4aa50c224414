//! A hub with a paired bridge.
#![allow(dead_code, reason = "each test file uses a part of it")]

use huidan_domain::JobState;
use huidan_store::{Keyring, bridges, labels, print, samples, transaction};
use huidan_testkit::world::TestWorld;
use huidan_world::{Incoming, Outgoing, World};
use serde_json::{Value, json};

/// A hub with a bridge.
pub(crate) struct Hub {
    pub(crate) world: TestWorld,
    pub(crate) token: String,
}

impl Hub {
    /// A hub with a paired bridge and no jobs.
    pub(crate) async fn new() -> Self {
        let world = TestWorld::new(11);
        world.component("print-queue", async |world, request| print_queue::serve(&world, request).await);
        world.main(async |db| samples::house(db).await).await.unwrap();
        let mut hub = Self { world, token: String::new() };
        hub.token = hub.pair("pc-1").await;
        hub
    }

    /// The same with one batch of `count` ZPL labels for its printer `p1`, `j1` and on.
    pub(crate) async fn with_jobs(count: u32) -> Self {
        let hub = Self::new().await;
        hub.claim(json!([p1()]), 0, json!([])).await;
        for n in 1..=count {
            hub.job(n, ("b1", n, count)).await;
        }
        hub
    }

    pub(crate) async fn code(&self) -> String {
        let moment = self.world.moment();
        self.world.main(async |db| bridges::new_code(db, moment, "person-1").await).await.unwrap()
    }

    pub(crate) async fn pair(&self, name: &str) -> String {
        let code = self.code().await;
        let paired = self.post_as("", "pair", &json!({ "code": code, "name": name })).await;
        json_of(&paired)["token"].as_str().unwrap().to_owned()
    }

    /// A package with a number and a label in the store, and a job that prints it.
    pub(crate) async fn job(&self, n: u32, place: (&str, u32, u32)) {
        let (package, waybill) = (format!("k{n}"), format!("w{n}"));
        let moment = self.world.moment();
        let keys = Keyring::parse(&self.world.variable("receiver_key").await.unwrap()).unwrap();
        let label_keys = Keyring::parse(&self.world.variable("label_key").await.unwrap()).unwrap();
        let bytes = format!("^XA^FX{n}^XZ").into_bytes();
        let sha = huidan_exchange::sign::hex(&huidan_exchange::sign::sha256(&[&bytes]));
        let sealed = labels::seal(&label_keys, moment.chance, &sha, b"{}", &bytes).unwrap();
        self.world.keep_label(&sha, sealed).await.unwrap();
        self.world
            .main(async |db| {
                samples::package(db, moment, &keys, &package, "acc", samples::receiver()).await?;
                samples::number(db, &waybill, &package, &format!("HD{n:08}")).await?;
                samples::job(db, &format!("j{n}"), &waybill, place, &sha).await
            })
            .await
            .unwrap();
    }

    pub(crate) async fn post_as(&self, token: &str, route: &str, body: &Value) -> Outgoing {
        let request = http::Request::post(format!("http://hub/print/v1/{route}"))
            .header("authorization", format!("Bearer {token}"))
            .body(body.to_string().into())
            .unwrap();
        self.world.request("print-queue", request).await
    }

    pub(crate) async fn claim(&self, printers: Value, wait: u32, held: Value) -> Value {
        let body = json!({ "printers": printers, "max": 50, "wait": wait, "held": held });
        let answer = self.post_as(&self.token, "claim", &body).await;
        assert_eq!(answer.status(), 200, "{}", String::from_utf8_lossy(answer.body()));
        json_of(&answer)
    }

    /// A claim for `p1` that holds nothing.
    pub(crate) async fn jobs(&self) -> Vec<Value> {
        self.claim(json!([p1()]), 0, json!([])).await["jobs"].as_array().unwrap().clone()
    }

    pub(crate) async fn report(&self, job: &Value, phase: &str, requeue: bool) -> String {
        let line = json!({ "id": job["id"], "lease": job["lease"], "phase": phase, "detail": "x", "requeue": requeue });
        let answer = self.post_as(&self.token, "report", &json!([line])).await;
        json_of(&answer)[0]["state"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn label(&self, token: &str, sha: &str) -> Outgoing {
        let request: Incoming = http::Request::get(format!("http://hub/print/v1/labels/{sha}"))
            .header("authorization", format!("Bearer {token}"))
            .body(bytes::Bytes::new())
            .unwrap();
        self.world.request("print-queue", request).await
    }

    pub(crate) async fn states(&self) -> Vec<String> {
        let jobs = self.world.main(async |db| samples::jobs(db).await).await.unwrap();
        jobs.into_iter().map(|job| job.state).collect()
    }

    pub(crate) async fn person_says(&self, job: &str, saw_paper: bool) -> Option<JobState> {
        let moment = self.world.moment();
        self.world
            .main(async |db| {
                transaction(db, async |db| print::confirm_unconfirmed(db, moment, "person-1", job, saw_paper).await)
                    .await
            })
            .await
            .unwrap()
    }

    pub(crate) async fn package(&self) -> String {
        self.world.main(async |db| samples::packages(db).await).await.unwrap().remove(0).status
    }
}

pub(crate) fn p1() -> Value {
    json!({ "name": "p1", "lang": "zpl", "dpi": 203, "media": "100x150", "status": "ready", "room": 50 })
}

pub(crate) fn json_of(answer: &Outgoing) -> Value {
    serde_json::from_slice(answer.body()).unwrap()
}

pub(crate) fn ids(jobs: &[Value]) -> Vec<&str> {
    jobs.iter().map(|job| job["id"].as_str().unwrap()).collect()
}

pub(crate) fn held(jobs: &[Value]) -> Value {
    jobs.iter().map(|job| json!({ "id": job["id"], "lease": job["lease"] })).collect()
}
