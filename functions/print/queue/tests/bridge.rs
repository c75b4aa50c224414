//! `/print/v1` as a bridge speaks it.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test's report")]

mod house;

use house::{Hub, held, ids, json_of, p1};
use huidan_domain::JobState;
use huidan_store::{bridges, samples};
use huidan_testkit::world::block_on;
use huidan_world::World;
use serde_json::{Value, json};

#[test]
fn a_pairing_code_works_once_and_for_ten_minutes() {
    block_on(async {
        let hub = Hub::new().await;
        let code = hub.code().await;
        assert_eq!(code.len(), 8);
        assert!(!code.contains(['0', '1', 'I', 'O']), "{code}");
        let ask = |code: &str| json!({ "code": code, "name": "pc" });
        let typed = format!("{}-{}", code[..4].to_lowercase(), &code[4..]);
        let first = hub.post_as("", "pair", &ask(&typed)).await;
        assert_eq!(first.status(), 200);
        assert_eq!(json_of(&first)["token"].as_str().unwrap().len(), 64);
        let second = hub.post_as("", "pair", &ask(&code)).await;
        assert_eq!((second.status().as_u16(), json_of(&second)["code"].as_str()), (404, Some("code")));
        let late = hub.code().await;
        hub.world.pass(bridges::CODE_MS + 1).await;
        assert_eq!(hub.post_as("", "pair", &ask(&late)).await.status(), 404);
        assert_eq!(hub.post_as("", "pair", &ask("AAAA2222")).await.status(), 404);
    });
}

#[test]
fn nobody_comes_in_without_a_token_or_with_a_revoked_one() {
    block_on(async {
        let hub = Hub::with_jobs(1).await;
        for route in ["claim", "report", "weights", "scans"] {
            assert_eq!(hub.post_as("wrong", route, &json!({})).await.status(), 401, "{route}");
        }
        let sha = hub.jobs().await[0]["sha256"].as_str().unwrap().to_owned();
        assert_eq!(hub.label("", &sha).await.status(), 401);
        let moment = hub.world.moment();
        let revoked = hub
            .world
            .main(async |db| {
                let bridge = bridges::of_token(db, &hub.token).await?.unwrap();
                bridges::revoke(db, moment, "person-1", &bridge.id).await
            })
            .await
            .unwrap();
        assert!(revoked);
        assert_eq!(hub.label(&hub.token, &sha).await.status(), 401);
    });
}

#[test]
fn a_claim_answers_in_the_words_of_the_contract() {
    block_on(async {
        let hub = Hub::with_jobs(1).await;
        let job = hub.jobs().await.remove(0);
        for (field, value) in [
            ("id", json!("j1")),
            ("attempt", json!(1)),
            ("printer", json!("p1")),
            ("media", json!({ "width_mm": 100, "height_mm": 150, "dpi": 203 })),
            ("format", json!("zpl")),
            ("bytes", json!(3)),
            ("batch", json!("b1")),
            ("seq", json!(1)),
            ("of", json!(1)),
            ("fence", json!(1)),
            ("copy_no", json!(1)),
            ("waybill", json!("HD00000001")),
            ("lease_until", json!("2026-11-21T08:01:00Z")),
        ] {
            assert_eq!(job[field], value, "{field}");
        }
        assert_eq!(job["sha256"].as_str().unwrap().len(), 64);
    });
}

#[test]
fn jobs_come_in_the_order_of_their_batches_and_only_as_many_as_there_is_room() {
    block_on(async {
        let hub = Hub::with_jobs(0).await;
        for (n, batch, seq) in [(1, "b2", 1), (2, "b1", 2), (3, "b1", 1), (4, "b1", 10)] {
            hub.job(n, (batch, seq, 10)).await;
        }
        let mut printer = p1();
        printer["room"] = json!(3);
        let first = hub.claim(json!([printer]), 0, json!([])).await["jobs"].as_array().unwrap().clone();
        assert_eq!(ids(&first), ["j3", "j2", "j4"]);
    });
}

#[test]
fn a_repeated_claim_returns_the_same_leases_or_none() {
    block_on(async {
        let hub = Hub::with_jobs(2).await;
        let first = hub.jobs().await;
        assert_eq!(ids(&first), ["j1", "j2"]);
        // The answer was lost: the bridge holds nothing.
        assert_eq!(hub.jobs().await, first);
        // It came after all.
        let none = hub.claim(json!([p1()]), 0, held(&first)).await;
        assert_eq!(none["jobs"], json!([]));
        assert_eq!(none["held"][1]["lease_until"], first[1]["lease_until"]);
    });
}

#[test]
fn claims_renew_what_is_held_and_say_what_is_lost() {
    block_on(async {
        let hub = Hub::with_jobs(1).await;
        let jobs = hub.jobs().await;
        for _ in 0..5 {
            hub.world.pass(45_000).await;
            let answer = hub.claim(json!([p1()]), 0, held(&jobs)).await;
            assert!(answer["held"][0]["lease_until"].is_string());
        }
        assert_eq!(hub.states().await, ["leased"]);
        let strange = hub.claim(json!([p1()]), 0, json!([{ "id": "j1", "lease": "of another attempt" }])).await;
        assert_eq!(strange["held"][0]["lease_until"], Value::Null);
    });
}

#[test]
fn a_lease_that_runs_out_is_unconfirmed_and_never_queued() {
    block_on(async {
        for phase in [None, Some("sending"), Some("sent")] {
            let hub = Hub::with_jobs(1).await;
            let job = hub.jobs().await.remove(0);
            if let Some(phase) = phase {
                hub.report(&job, phase, false).await;
            }
            hub.world.pass(61_000).await;
            hub.world.post("print-queue", "/sweep", &()).await;
            assert_eq!(hub.states().await, ["unconfirmed"], "{phase:?}");
            assert!(hub.jobs().await.is_empty(), "nobody gets it again");
            // Late news of the same attempt.
            assert_eq!(hub.report(&job, "done", false).await, "done");
            assert_eq!(hub.package().await, "printed");
        }
    });
}

#[test]
fn a_stale_lease_changes_nothing() {
    block_on(async {
        let hub = Hub::with_jobs(1).await;
        let mut job = hub.jobs().await.remove(0);
        let lease = job["lease"].clone();
        job["lease"] = json!("made up");
        assert_eq!(hub.report(&job, "done", false).await, "leased");
        job["lease"] = lease;
        hub.world.pass(61_000).await;
        hub.jobs().await;
        assert_eq!(hub.person_says("j1", false).await, Some(JobState::Queued));
        let again = hub.jobs().await.remove(0);
        assert_eq!((&again["attempt"], again["lease"] == job["lease"]), (&json!(2), false));
        assert_eq!(hub.report(&job, "done", false).await, "leased", "the first attempt's word counts no more");
        assert_eq!(hub.report(&again, "done", false).await, "done");
        assert_eq!(hub.report(&again, "done", false).await, "done", "told twice is told once");
        assert_eq!(hub.report(&json!({ "id": "nobody", "lease": "x" }), "done", false).await, "unknown");
    });
}

#[test]
fn only_the_bridges_word_that_it_never_started_queues_a_job_again() {
    block_on(async {
        let hub = Hub::with_jobs(2).await;
        let jobs = hub.jobs().await;
        assert_eq!(hub.report(&jobs[0], "failed", true).await, "queued");
        assert_eq!(hub.report(&jobs[1], "failed", false).await, "failed");
        assert_eq!(hub.report(&jobs[0], "failed", true).await, "queued", "told twice");
        let again = hub.jobs().await;
        assert_eq!((ids(&again), &again[0]["attempt"]), (vec!["j1"], &json!(2)));
    });
}

#[test]
fn a_batch_in_a_persons_order_waits_behind_an_open_question() {
    block_on(async {
        let hub = Hub::with_jobs(3).await;
        hub.world.main(async |db| samples::strict(db, "b1").await).await.unwrap();
        let jobs = hub.jobs().await;
        hub.report(&jobs[0], "unconfirmed", false).await;
        hub.report(&jobs[1], "failed", true).await;
        hub.report(&jobs[2], "failed", true).await;
        assert!(hub.jobs().await.is_empty());
        hub.person_says("j1", true).await;
        assert_eq!(ids(&hub.jobs().await), ["j2", "j3"]);
    });
}

#[test]
fn a_persons_answer_ends_the_question() {
    block_on(async {
        let hub = Hub::with_jobs(2).await;
        assert_eq!(hub.person_says("j1", true).await, None, "there is no question yet");
        let jobs = hub.jobs().await;
        for job in &jobs {
            hub.report(job, "unconfirmed", false).await;
        }
        assert_eq!(hub.person_says("j1", true).await, Some(JobState::Done));
        assert_eq!(hub.person_says("j1", true).await, Some(JobState::Done), "a second click");
        assert_eq!(hub.package().await, "printed");
        // The parcel was changed meanwhile: its paper must not come.
        hub.world.main(async |db| samples::raise_fence(db, "k2").await).await.unwrap();
        assert_eq!(hub.person_says("j2", false).await, Some(JobState::Cancelled));
        assert!(hub.jobs().await.is_empty());
    });
}

#[test]
fn stale_paper_is_not_handed_out_and_moves_nothing() {
    block_on(async {
        let hub = Hub::with_jobs(2).await;
        hub.world.main(async |db| samples::raise_fence(db, "k1").await).await.unwrap();
        let jobs = hub.jobs().await;
        assert_eq!(ids(&jobs), ["j2"]);
        hub.world.post("print-queue", "/sweep", &()).await;
        assert_eq!(hub.states().await, ["cancelled", "leased"]);
        hub.world.main(async |db| samples::raise_fence(db, "k2").await).await.unwrap();
        assert_eq!(hub.report(&jobs[0], "done", false).await, "done");
        assert_eq!(hub.world.main(async |db| samples::events(db, "stale_paper_out").await).await.unwrap(), 1);
        assert_eq!(hub.package().await, "numbered");
    });
}

#[test]
fn a_label_opens_for_the_bridge_that_has_its_job() {
    block_on(async {
        let hub = Hub::with_jobs(1).await;
        let job = hub.world.main(async |db| samples::jobs(db).await).await.unwrap().remove(0);
        assert_eq!(hub.label(&hub.token, &job.sha).await.status(), 404, "not leased yet");
        hub.jobs().await;
        for _ in 0..2 {
            let label = hub.label(&hub.token, &job.sha).await;
            assert_eq!((label.status().as_u16(), &label.body()[..]), (200, &b"^XA^FX1^XZ"[..]));
        }
        let other = hub.pair("pc-2").await;
        assert_eq!(hub.label(&other, &job.sha).await.status(), 404);
        hub.world.set("label_key", &huidan_exchange::sign::base64(&[9; 32]));
        assert_eq!(hub.label(&hub.token, &job.sha).await.status(), 500, "another key opens nothing");
    });
}

#[test]
fn a_claim_waits_for_a_job_and_not_longer() {
    block_on(async {
        let hub = Hub::with_jobs(0).await;
        let start = hub.world.moment().now;
        assert_eq!(hub.claim(json!([p1()]), 60, json!([])).await["jobs"], json!([]));
        assert_eq!(hub.world.moment().now.since(start), 20_000, "20 seconds at most");
        for (queued, handed_out) in [(100, 120), (3_100, 3_270)] {
            let hub = Hub::with_jobs(0).await;
            let later = Hub { world: hub.world.clone(), token: hub.token.clone() };
            hub.world.later(queued, async move { later.job(1, ("b1", 1, 1)).await });
            let start = hub.world.moment().now;
            assert_eq!(ids(hub.claim(json!([p1()]), 20, json!([])).await["jobs"].as_array().unwrap()), ["j1"]);
            assert_eq!(hub.world.moment().now.since(start), handed_out);
        }
    });
}

#[test]
fn what_is_no_request_is_refused_with_a_reason() {
    block_on(async {
        let hub = Hub::new().await;
        for (route, body, status) in [
            ("claim", json!({ "printers": "p1" }), 400),
            ("claim", json!({ "printers": [{ "name": "p", "lang": "zpl", "dpi": 203, "media": "large" }] }), 400),
            ("report", json!([{ "id": "j", "lease": "l", "phase": "printed" }]), 400),
            ("weights", json!({ "scale": "s", "grams": -1 }), 400),
            ("weights", json!({ "scale": "s", "grams": 0 }), 400),
            ("scans", json!({ "station": "s", "code": "x".repeat(300) }), 400),
            ("scans", json!({ "station": "s", "code": " " }), 400),
            ("nothing", json!({}), 404),
        ] {
            let answer = hub.post_as(&hub.token, route, &body).await;
            assert_eq!(answer.status().as_u16(), status, "{route} {body}");
            assert_eq!(answer.headers()["content-type"], "application/problem+json");
        }
        let sweep = http::Request::post("http://hub/sweep").body(bytes::Bytes::new()).unwrap();
        assert_eq!(hub.world.request("print-queue", sweep).await.status(), 403, "the sweep is ours alone");
    });
}
