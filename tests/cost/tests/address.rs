//! A buyer moves after the label was printed.
#![expect(clippy::indexing_slicing, reason = "a test that cannot set itself up has failed")]

mod house;

use house::House;
use http::{Method, StatusCode};
use huidan_store::Db;
use huidan_store::schema::Which;
use huidan_testkit::world::block_on;
use serde_json::{Value, json};

fn moved(house: &House) -> Value {
    let mut order = house.order("1", "TEA-250");
    order["updated_at"] = json!("2026-11-21T16:30:00+08:00");
    order["receiver"]["address"] = json!("天目山路 9 号");
    order
}

#[test]
fn a_changed_address_makes_the_paper_stale_at_every_stage_and_takes_a_new_number() {
    for stage in ["numbered", "printed", "verified"] {
        block_on(async {
            let house = House::new("live", true).await;
            house.arrives(house.order("1", "TEA-250")).await;
            let first = house.order_of("1").await["packages"][0].as_str().unwrap().to_owned();
            let before = house.get(&format!("packages/{first}")).await;
            assert_eq!(before["status"], "numbered", "{before}");
            // As the bridge's report and the bench's scan leave it.
            let main = house.world.connection(Which::Main);
            for statement in [
                "UPDATE package SET status = ?1 WHERE status = 'numbered'",
                "UPDATE print_job SET state = iif(?1 = 'numbered', state, 'done')",
                "UPDATE waybill SET state = iif(?1 = 'numbered', state, ?1) WHERE state = 'issued'",
            ] {
                main.run(statement, &[stage.into()]).await.unwrap();
            }

            house.world.pass(60_000).await;
            house.arrives(moved(&house)).await;
            house.world.pass(60_000).await;
            house.tick().await;
            house.world.settle().await;

            let old = house.get(&format!("packages/{first}")).await;
            assert_eq!(old["status"], "cancelled", "{stage}: {old}");
            assert!(old["fence"].as_i64() > before["fence"].as_i64(), "{stage}: the paper is stale");
            let given_back = house.count("SELECT count(*) FROM waybill WHERE state = 'voided'").await;
            assert_eq!(given_back, 1, "{stage}: the number goes back");

            let packages = house.order_of("1").await["packages"].as_array().unwrap().clone();
            let second = packages.iter().filter_map(Value::as_str).find(|id| *id != first).unwrap().to_owned();
            let new = house.get(&format!("packages/{second}")).await;
            assert_eq!((&new["status"], packages.len()), (&json!("numbered"), 2), "{stage}: {new}");
            assert_ne!(new["waybill"], before["waybill"], "{stage}");
            assert_eq!(new["jobs"][0]["state"], "queued", "{stage}: and is printed anew");

            let scan = json!({"code": before["waybill"], "station": "b1"});
            let (_, scanned) = house.ask(Method::POST, "scan", scan).await;
            let scanned = scanned.to_string();
            assert!(scanned.contains("cancelled"), "{stage}: the old label is refused: {scanned}");
            let (status, refused) = house.ask(Method::POST, &format!("packages/{first}/ship"), json!({})).await;
            assert_eq!((status, &refused["code"]), (StatusCode::CONFLICT, &json!("cancelled")), "{stage}");
            assert_eq!(house.count("SELECT sum(reserved) FROM stock").await, 1, "{stage}: stock is held once");
        });
    }
}

#[test]
fn a_changed_address_of_a_parcel_that_left_changes_nothing_here() {
    block_on(async {
        let house = House::new("live", true).await;
        house.arrives(house.order("1", "TEA-250")).await;
        let package = house.order_of("1").await["packages"][0].as_str().unwrap().to_owned();
        let (status, shipped) = house.ask(Method::POST, &format!("packages/{package}/ship"), json!({})).await;
        assert_eq!(status, StatusCode::OK, "{shipped}");
        house.world.pass(60_000).await;
        house.arrives(moved(&house)).await;
        assert_eq!(house.order_of("1").await["packages"], json!([package]));
        assert_eq!(house.numbers("1").await, 1);
    });
}
