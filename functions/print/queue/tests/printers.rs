//! Several bridges, several printers, and printers that move.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test's report")]

mod house;

use house::{Hub, held, ids, p1};
use huidan_store::console::{Part, seller};
use huidan_store::{bridges, samples};
use huidan_testkit::world::block_on;
use huidan_world::World;
use serde_json::{Value, json};

#[test]
fn a_new_printer_is_the_warehouses_and_what_changes_is_rendered_anew() {
    block_on(async {
        let hub = Hub::with_jobs(0).await;
        assert_eq!(hub.world.woken(), [("flow-clock".to_owned(), "printer".to_owned())], "labels may wait for it");
        hub.world.settle().await;
        hub.job(1, ("b1", 1, 1)).await;
        let mut other = p1();
        other["dpi"] = json!(300);
        assert_eq!(hub.claim(json!([other]), 0, json!([])).await["jobs"], json!([]), "it is for 203 dpi");
        let seen = hub.world.main(async |db| samples::packages(db).await).await.unwrap();
        assert_eq!(seen[0].work, "render");
        assert_eq!(hub.world.woken().len(), 1);
    });
}

#[test]
fn a_warehouse_that_comes_after_its_printer_takes_it_unless_it_says_otherwise() {
    block_on(async {
        let hub = Hub::with_jobs(0).await;
        shows(&hub, &["p1", "p2"]).await;
        let add = async |id: &str, printer: Option<&str>| {
            let new = json!({"id": id, "name": id, "sender": {"name": "仓", "phone": "13800100001", "province": "浙江省",
                "city": "杭州市", "street": "x"}, "printer": printer});
            let new = serde_json::from_value(new).unwrap();
            let moment = hub.world.moment();
            let added = async |db: &_| seller::add_warehouse(db, moment, "owner", &new).await;
            assert!(hub.world.main(added).await.unwrap());
            let all = hub.world.main(async |db| seller::warehouses(db, Part::one(id)).await).await.unwrap();
            all[0].printer.clone()
        };
        assert_eq!(add("none", Some("")).await, None, "it is to have none");
        assert_eq!(add("second", None).await.as_deref(), Some("p2"), "p1 is the first one's");
        assert_eq!(add("third", None).await, None, "there is no other");
    });
}

#[test]
fn two_bridges_may_use_one_name_and_a_machine_paired_anew_keeps_its_own() {
    block_on(async {
        let mut hub = Hub::with_jobs(1).await;
        let first = hub.token.clone();
        let job = hub.jobs().await.remove(0);
        hub.token = hub.pair("pc-2").await;
        assert!(hub.jobs().await.is_empty(), "another machine's p1 is another printer");
        hub.token = hub.pair("pc-1").await;
        assert_eq!(hub.post_as(&first, "claim", &json!({})).await.status(), 401, "its earlier self is gone");
        let answer = hub.claim(json!([p1()]), 0, held(std::slice::from_ref(&job))).await;
        assert!(answer["held"][0]["lease_until"].is_string(), "what it holds it keeps");
        assert_eq!(hub.report(&job, "failed", true).await, "queued");
        assert_eq!(ids(&hub.jobs().await), ["j1"], "and it has its printer again");
    });
}

/// A second machine with a bridge, beside the first.
async fn other(hub: &Hub) -> Hub {
    let token = hub.pair("pc-2").await;
    Hub { world: hub.world.clone(), token }
}

fn named(name: &str) -> Value {
    let mut printer = p1();
    printer["name"] = json!(name);
    printer
}

async fn shows(hub: &Hub, names: &[&str]) -> Value {
    let printers: Value = names.iter().map(|name| named(name)).collect();
    hub.claim(printers, 0, json!([])).await
}

#[test]
fn a_second_printer_of_one_name_is_another_and_its_bridge_is_told_whose_the_first_is() {
    block_on(async {
        let hub = Hub::with_jobs(1).await;
        let second = other(&hub).await;
        let answer = shows(&second, &["p1", "p2"]).await;
        assert_eq!(answer["jobs"], json!([]));
        let printers = &answer["printers"];
        assert_eq!((&printers[0]["name"], &printers[0]["twin"]), (&json!("p1"), &json!("pc-1")));
        assert!(printers[0]["id"].as_str().unwrap().starts_with("p1@"));
        assert_eq!(printers[1], json!({ "name": "p2", "id": "p2" }));
        assert_eq!(shows(&second, &["p1", "p2"]).await["printers"][0]["twin"], "pc-1", "and again, nothing written");
    });
}

#[test]
fn a_printer_carried_to_another_bridge_takes_its_queue_along() {
    block_on(async {
        let hub = Hub::with_jobs(3).await;
        let second = other(&hub).await;
        let leased = hub.claim(json!([named("p1")]), 0, json!([])).await["jobs"][0].clone();
        // It is plugged in over there and shown before it is taken away here.
        assert_eq!(shows(&second, &["p1"]).await["jobs"], json!([]));
        assert_eq!(hub.report(&leased, "failed", true).await, "queued");
        shows(&hub, &["q"]).await;
        // Where nothing changes, printers are looked at every half minute.
        hub.world.pass(31_000).await;
        let answer = shows(&second, &["p1"]).await;
        assert_eq!(answer["printers"], json!([{ "name": "p1", "id": "p1" }]));
        assert_eq!(ids(answer["jobs"].as_array().unwrap())[0], "j1", "what had not started comes out over there");
        let moved = hub.world.main(async |db| samples::events(db, "moved").await).await.unwrap();
        assert_eq!(moved, 1);
        // Back again.
        shows(&second, &["r"]).await;
        let back = shows(&hub, &["q", "p1"]).await;
        assert_eq!(back["printers"][1], json!({ "name": "p1", "id": "p1" }));
    });
}

#[test]
fn what_the_first_bridge_has_leased_is_not_printed_by_the_second() {
    block_on(async {
        let hub = Hub::with_jobs(2).await;
        let second = other(&hub).await;
        let leased = hub.jobs().await;
        shows(&hub, &["q"]).await;
        let taken = shows(&second, &["p1"]).await;
        assert_eq!((&taken["printers"][0]["id"], &taken["jobs"]), (&json!("p1"), &json!([])), "leased is leased");
        assert_eq!(hub.report(&leased[0], "done", false).await, "done");
        assert_eq!(hub.report(&leased[1], "failed", true).await, "queued");
        assert_eq!(ids(shows(&second, &["p1"]).await["jobs"].as_array().unwrap()), ["j2"]);
    });
}

#[test]
fn a_silent_bridge_keeps_its_printers_until_it_is_revoked() {
    block_on(async {
        let hub = Hub::with_jobs(1).await;
        let second = other(&hub).await;
        hub.world.pass(3 * 86_400_000).await;
        assert_eq!(shows(&second, &["p1"]).await["jobs"], json!([]), "it may be switched off for the night");
        let moment = hub.world.moment();
        let first = hub.world.main(async |db| bridges::of_token(db, &hub.token).await).await.unwrap().unwrap();
        hub.world.main(async |db| bridges::revoke(db, moment, "person-1", &first.id).await).await.unwrap();
        hub.world.pass(31_000).await;
        assert_eq!(ids(shows(&second, &["p1"]).await["jobs"].as_array().unwrap()), ["j1"]);
    });
}

#[test]
fn a_bridge_that_wants_to_print_through_an_outage_gets_longer_leases_and_not_too_long_ones() {
    block_on(async {
        let hub = Hub::with_jobs(1).await;
        let claim = async |lease_s: i64, held: Value| {
            let body = json!({ "printers": [p1()], "max": 9, "held": held, "lease_s": lease_s });
            let answer = hub.post_as(&hub.token, "claim", &body).await;
            serde_json::from_slice::<Value>(answer.body()).unwrap()
        };
        let job = claim(7200, json!([])).await["jobs"][0].clone();
        assert_eq!(job["lease_until"], "2026-11-21T10:00:00Z");
        hub.world.pass(3_600_000).await;
        hub.world.post("print-queue", "/sweep", &()).await;
        assert_eq!(hub.states().await, ["leased"], "no question while the lease lasts");
        let renewed = claim(999_999, held(std::slice::from_ref(&job))).await;
        assert_eq!(renewed["held"][0]["lease_until"], "2026-11-21T13:00:00Z", "four hours at most");
    });
}
