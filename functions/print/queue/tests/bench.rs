//! A scale and a scanner on a bridge: from the waybill under the scanner to the parcel that leaves.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test's report")]

mod house;

use house::{Hub, json_of};
use huidan_store::{Row, StoreError, samples};
use huidan_testkit::world::block_on;
use huidan_world::World;
use serde_json::{Value, json};

const BENCH: &str = "bench-1";

/// One printed parcel with two pieces of TEA, each of so many grams.
async fn parcel(grams: i64) -> Hub {
    let hub = Hub::with_jobs(1).await;
    hub.world
        .main(async |db| {
            use huidan_store::Db as _;
            db.run("UPDATE sku SET weight_g = ?1, barcode = '690'", &[grams.into()]).await
        })
        .await
        .unwrap();
    hub
}

async fn scan(hub: &Hub, code: &str) -> Value {
    json_of(&hub.post_as(&hub.token, "scans", &json!({ "station": BENCH, "code": code })).await)
}

async fn weigh(hub: &Hub, grams: u32) -> Value {
    json_of(&hub.post_as(&hub.token, "weights", &json!({ "scale": BENCH, "grams": grams })).await)
}

/// Its weight and its alarm.
async fn seen(hub: &Hub) -> (i64, String) {
    let read = |row: &Row| Ok::<_, StoreError>((row.int(0)?, row.string(1)?));
    hub.world
        .main(async |db| {
            use huidan_store::Db as _;
            read(db.run("SELECT weight_g, alarm FROM package", &[]).await?.first()?)
        })
        .await
        .unwrap()
}

async fn packed(hub: &Hub) {
    assert_eq!(scan(hub, " HD00000001\r").await["next"], "pack");
    assert_eq!(scan(hub, "690").await["lines"][0]["scanned"], 1);
    assert_eq!(scan(hub, "690").await["next"], "verified");
}

#[test]
fn a_parcel_is_packed_weighed_and_handed_over_by_the_benchs_own_scanner_and_scale() {
    block_on(async {
        let hub = parcel(250).await;
        packed(&hub).await;
        let weighed = weigh(&hub, 540).await;
        assert_eq!(
            (&weighed["next"], &weighed["package"], &weighed["expected_g"]),
            (&json!("weighed"), &json!("k1"), &json!(500))
        );
        assert_eq!(seen(&hub).await, (540, String::new()));
        assert_eq!(scan(&hub, "HD00000001").await["next"], "handed_over");
        assert!(hub.world.woken().contains(&("flow-deliver".to_owned(), "s1".to_owned())), "its shop is told");
        assert_eq!(scan(&hub, "HD00000001").await["code"], "already_handed_over");
        assert_eq!(weigh(&hub, 540).await["next"], "waiting", "it is not in hand any more");
    });
}

#[test]
fn a_parcel_that_is_too_light_is_not_let_out_until_it_is_right() {
    block_on(async {
        let hub = parcel(250).await;
        packed(&hub).await;
        assert_eq!(weigh(&hub, 290).await["next"], "differs", "a piece is missing");
        assert_eq!(seen(&hub).await, (290, "weight".to_owned()));
        let refused = scan(&hub, "HD00000001").await;
        assert_eq!((&refused["next"], &refused["code"]), (&json!("refused"), &json!("weight_differs")));
        for words in ["zh", "en"] {
            let says = refused[words].as_str().unwrap();
            assert!(says.contains("500") && says.contains("290"), "{says}");
        }
        assert_eq!(weigh(&hub, 545).await["next"], "weighed");
        assert_eq!(seen(&hub).await, (545, String::new()));
        assert_eq!(scan(&hub, "HD00000001").await["next"], "handed_over");
        let events =
            async |kind: &'static str| hub.world.main(async |db| samples::events(db, kind).await).await.unwrap();
        assert_eq!((events("weight_differs").await, events("weighed").await), (1, 1));
    });
}

#[test]
fn a_weight_belongs_to_the_parcel_that_is_in_hand_and_to_no_other() {
    block_on(async {
        let hub = parcel(250).await;
        // The parcel lies on the scale before it is scanned.
        assert_eq!(weigh(&hub, 530).await["next"], "waiting");
        hub.world.pass(5_000).await;
        scan(&hub, "HD00000001").await;
        assert_eq!(seen(&hub).await.0, 530);
        // Long after the last scan nobody knows what lies on the scale, and a weight waits only a moment.
        hub.world.pass(121_000).await;
        assert_eq!(weigh(&hub, 9_000).await["next"], "waiting");
        hub.world.pass(16_000).await;
        scan(&hub, "HD00000001").await;
        assert_eq!(seen(&hub).await.0, 530);
        // What was too old for this parcel is no other's either.
        scan(&hub, "HD00000001").await;
        assert_eq!(seen(&hub).await.0, 530);
    });
}

#[test]
fn where_the_weight_of_the_goods_is_not_known_there_is_no_alarm() {
    block_on(async {
        let hub = parcel(0).await;
        packed(&hub).await;
        let weighed = weigh(&hub, 15_000).await;
        assert_eq!((&weighed["next"], &weighed["expected_g"]), (&json!("weighed"), &Value::Null));
        assert_eq!(scan(&hub, "HD00000001").await["next"], "handed_over");
    });
}

#[test]
fn a_scan_that_cannot_go_on_says_what_to_do_in_both_languages() {
    block_on(async {
        let hub = parcel(250).await;
        for (code, why) in [("690", "no_parcel"), ("nobody knows", "unknown_code")] {
            let refused = scan(&hub, code).await;
            assert_eq!((&refused["next"], &refused["code"]), (&json!("refused"), &json!(why)));
            assert!(!refused["zh"].as_str().unwrap().is_ascii() && refused["en"].as_str().unwrap().is_ascii());
        }
        hub.world.main(async |db| samples::raise_fence(db, "k1").await).await.unwrap();
        assert_eq!(scan(&hub, "HD00000001").await["code"], "stale_paper", "a refund came: this paper must not leave");
    });
}
