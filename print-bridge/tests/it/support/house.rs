//! A hub whose `/print/v1` is the real one: print-queue over a test world, with a clock that moves only when told. It
//! lives on a thread of its own; taking its door down cuts every connection and leaves the house as it is.

use std::{net::SocketAddr, sync::mpsc, thread};

use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request, State},
    http::{HeaderValue, Response, header},
};
use chrono::DateTime;
use futures::future::LocalBoxFuture;
use huidan_store::{Db as _, Keyring, bridges, labels, samples};
use huidan_testkit::world::{TestWorld, block_on};
use huidan_world::World as _;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tokio::{runtime::Runtime, sync::oneshot};

use super::{hub::zpl, until};

type Work = Box<dyn FnOnce(TestWorld) -> LocalBoxFuture<'static, ()> + Send>;

/// A house with an address.
pub(crate) struct House {
    address: SocketAddr,
    work: mpsc::Sender<Work>,
    door: Option<Runtime>,
}

impl House {
    pub(crate) fn new() -> Self {
        let (work, todo) = mpsc::channel::<Work>();
        thread::spawn(move || {
            let world = TestWorld::new(11);
            world.component("print-queue", async |world, request| print_queue::serve(&world, request).await);
            block_on(world.main(async |db| samples::house(db).await)).unwrap();
            while let Ok(work) = todo.recv() {
                block_on(work(world.clone()));
            }
        });
        let mut house = Self { address: ([127, 0, 0, 1], 0).into(), work, door: None };
        house.up();
        house
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn up(&mut self) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
        let socket = std::net::TcpListener::bind(self.address).unwrap();
        socket.set_nonblocking(true).unwrap();
        self.address = socket.local_addr().unwrap();
        let routes = Router::new().fallback(serve).with_state(self.work.clone());
        runtime.spawn(async move {
            let listener = tokio::net::TcpListener::from_std(socket).unwrap();
            axum::serve(listener, routes).await.unwrap();
        });
        self.door = Some(runtime);
    }

    pub(crate) fn down(&mut self) {
        if let Some(door) = self.door.take() {
            door.shutdown_background();
        }
    }

    /// Does something in the house, and waits for it.
    pub(crate) async fn inside<T: Send + 'static>(
        &self,
        work: impl FnOnce(TestWorld) -> LocalBoxFuture<'static, T> + Send + 'static,
    ) -> T {
        inside(&self.work, work).await
    }

    pub(crate) async fn code(&self) -> String {
        let make = |world: TestWorld| -> LocalBoxFuture<'static, String> {
            Box::pin(async move {
                let moment = world.moment();
                world.main(async |db| bridges::new_code(db, moment, "person-1").await).await.unwrap()
            })
        };
        self.inside(make).await
    }

    /// Queues one batch of labels for the printer `p1`, `j01` and on.
    pub(crate) async fn queue(&self, count: u32) {
        self.inside(move |world| Box::pin(async move { queue(&world, count).await })).await;
    }

    /// Lets time pass, and the sweep of the schedule come by.
    pub(crate) async fn pass(&self, ms: i64) {
        let pass = move |world: TestWorld| -> LocalBoxFuture<'static, ()> {
            Box::pin(async move {
                world.pass(ms).await;
                assert!(world.post("print-queue", "/sweep", &()).await.status().is_success());
            })
        };
        self.inside(pass).await;
    }

    /// Every job's state and how often it was leased, in order.
    pub(crate) async fn jobs(&self) -> Vec<(String, i64)> {
        let read = |world: TestWorld| -> LocalBoxFuture<'static, Vec<(String, i64)>> {
            Box::pin(async move {
                let jobs = world.main(async |db| samples::jobs(db).await).await.unwrap();
                jobs.into_iter().map(|job| (job.state, job.attempt)).collect()
            })
        };
        self.inside(read).await
    }

    pub(crate) async fn states(&self) -> Vec<String> {
        self.jobs().await.into_iter().map(|(state, _)| state).collect()
    }

    /// Waits until every job has this state.
    pub(crate) async fn all(&self, state: &str) {
        let what = format!("every job to be {state}");
        until(&what, || async { self.states().await.iter().all(|is| is == state).then_some(()) }).await;
    }

    /// How often something is on the record.
    pub(crate) async fn events(&self, kind: &'static str) -> i64 {
        let read = move |world: TestWorld| -> LocalBoxFuture<'static, i64> {
            Box::pin(async move { world.main(async |db| samples::events(db, kind).await).await.unwrap() })
        };
        self.inside(read).await
    }
}

impl Drop for House {
    fn drop(&mut self) {
        self.down();
    }
}

async fn inside<T: Send + 'static>(
    house: &mpsc::Sender<Work>,
    work: impl FnOnce(TestWorld) -> LocalBoxFuture<'static, T> + Send + 'static,
) -> T {
    let (send, answer) = oneshot::channel();
    let work: Work = Box::new(move |world| {
        Box::pin(async move {
            let _ = send.send(work(world).await);
        })
    });
    house.send(work).unwrap();
    answer.await.unwrap()
}

async fn queue(world: &TestWorld, count: u32) {
    let moment = world.moment();
    let keys = Keyring::parse(&world.variable("receiver_key").await.unwrap()).unwrap();
    let label_keys = Keyring::parse(&world.variable("label_key").await.unwrap()).unwrap();
    for n in 1..=count {
        let (job, package, waybill) = (format!("j{n:02}"), format!("k{n:02}"), format!("w{n:02}"));
        let bytes = zpl(&job, 300);
        let sha = hex::encode(Sha256::digest(&bytes));
        let sealed = labels::seal(&label_keys, moment.chance, &sha, b"{}", &bytes).unwrap();
        world.keep_label(&sha, sealed).await.unwrap();
        let length = i64::try_from(bytes.len()).unwrap();
        world
            .main(async |db| {
                samples::package(db, moment, &keys, &package, "acc", samples::receiver()).await?;
                samples::number(db, &waybill, &package, &format!("HD{n:08}")).await?;
                samples::job(db, &job, &waybill, ("b1", n, count), &sha).await?;
                db.run("UPDATE print_job SET bytes = ?2 WHERE id = ?1", &[job.as_str().into(), length.into()]).await
            })
            .await
            .unwrap();
    }
}

/// A long poll would let hours pass in a house whose clock only moves when somebody waits: nobody waits here.
fn hurried(path: &str, body: &[u8]) -> Vec<u8> {
    match serde_json::from_slice::<Value>(body) {
        Ok(mut claim) if path.ends_with("/claim") => {
            claim["wait"] = 0.into();
            claim.to_string().into_bytes()
        }
        _ => body.to_vec(),
    }
}

async fn serve(State(house): State<mpsc::Sender<Work>>, request: Request) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, 1 << 20).await.unwrap();
    let body = hurried(parts.uri.path(), &body);
    let request = http::Request::from_parts(parts, body.into());
    let answer = move |world: TestWorld| -> LocalBoxFuture<'static, (http::Response<bytes::Bytes>, i64)> {
        Box::pin(async move { (world.request("print-queue", request).await, world.moment().now.0) })
    };
    let (answer, now) = inside(&house, answer).await;
    let mut answer = answer.map(Body::from);
    // By the house's own clock, which leases are measured by.
    let date = DateTime::from_timestamp_millis(now).unwrap().format("%a, %d %b %Y %H:%M:%S GMT").to_string();
    answer.headers_mut().insert(header::DATE, HeaderValue::from_str(&date).unwrap());
    answer
}
