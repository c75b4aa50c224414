//! Waves in a whole house: labels wait for theirs, come in the order of its list with slot and place on them, and what
//! is held falls out; lists and slips are drawn and printed once.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "what goes wrong in a helper ends the test")]

mod house;

use bytes::Bytes;
use house::House;
use http::{Method, StatusCode};
use huidan_store::print::{self, Room};
use huidan_store::schema::Which;
use huidan_store::{Db as _, Keyring, labels};
use huidan_testkit::world::block_on;
use huidan_world::World as _;
use serde_json::{Value, json};

/// A house that packs in waves, with two kinds of goods on its shelves.
async fn house() -> House {
    let house = House::new("live", true).await;
    house.world.component("print-queue", async |world, request| print_queue::serve(&world, request).await);
    house.world.component("print-paper", async |world, request| print_paper::serve(&world, request).await);
    done(&house, Method::POST, "warehouses/w1/labels", json!({"wait": true})).await;
    done(&house, Method::PATCH, "skus/TEA-250", json!({"bin": "A-10"})).await;
    done(&house, Method::POST, "skus", json!({"sku": "CUP", "title": "盖碗", "weight_g": 200, "bin": "A-2"})).await;
    for sku in ["TEA-250", "CUP"] {
        done(&house, Method::POST, "stock", json!({"sku": sku, "warehouse": "w1", "on_hand": 50})).await;
    }
    house
}

async fn done(house: &House, method: Method, path: &str, body: Value) -> Value {
    let (status, answer) = house.ask(method, path, body).await;
    assert!(status.is_success(), "{path}: {status} {answer}");
    answer
}

/// An order of these goods, one piece each.
async fn arrives(house: &House, id: &str, skus: &[&str]) {
    let mut order = house.order(id, "TEA-250");
    let line = |(at, sku): (usize, &&str)| json!({"id": format!("L{at}"), "sku": sku, "title": sku, "spec": "", "qty": 1, "unit_price": "60.00"});
    order["lines"] = skus.iter().enumerate().map(line).collect();
    house.arrives(order).await;
}

async fn file(house: &House, path: &str) -> Vec<u8> {
    let request = http::Request::get(format!("http://house/api/v1/{path}")).header("authorization", "Bearer owner");
    let answer = house.world.request("console-api", request.body(Bytes::new()).unwrap()).await;
    assert_eq!(answer.status(), StatusCode::OK, "{path}: {}", String::from_utf8_lossy(answer.body()));
    assert_eq!(answer.headers()["content-type"], "application/pdf");
    assert_eq!(answer.headers()["huidan-paper-problems"], "0");
    answer.body().to_vec()
}

/// The jobs that the printer would get now, in order: what stands on each label.
async fn at_the_printer(house: &House) -> Vec<Value> {
    let rooms = [Room { printer: "p1".into(), room: 50 }];
    let ids = house.world.main(async |db| print::waiting(db, "b1", &rooms, &[], 50).await).await.unwrap();
    let keys = Keyring::parse(&house.world.variable("label_key").await.unwrap()).unwrap();
    let db = house.world.connection(Which::Main);
    let mut models = Vec::new();
    for id in ids {
        let rows = db.run("SELECT sha, kind FROM print_job WHERE id = ?1", &[id.into()]).await.unwrap();
        let (sha, kind) = (rows.first().unwrap().string(0).unwrap(), rows.first().unwrap().string(1).unwrap());
        let kept = labels::open(&keys, &sha, &house.world.labels()[&sha]).unwrap();
        models.push(serde_json::from_slice(&kept.model).unwrap_or(json!({ "kind": kind })));
    }
    models
}

#[test]
fn labels_wait_for_their_wave_and_come_in_its_order_without_what_fell_out() {
    block_on(async {
        let house = house().await;
        for (id, skus) in
            [("1", &["TEA-250", "CUP"][..]), ("2", &["TEA-250"]), ("3", &["CUP", "TEA-250"]), ("4", &["CUP"])]
        {
            arrives(&house, id, skus).await;
        }
        assert_eq!(house.count("SELECT count(*) FROM waybill WHERE state = 'issued'").await, 4);
        assert_eq!(house.count("SELECT count(*) FROM print_job").await, 0, "no label before a wave wants it");

        let preview = house.get("waves/preview?warehouse=w1&mix_carriers=false").await;
        let kinds: Vec<(&str, i64)> = preview["kinds"]
            .as_array()
            .unwrap()
            .iter()
            .map(|kind| (kind["kind"].as_str().unwrap(), kind["parcels"].as_i64().unwrap()))
            .collect();
        assert_eq!(kinds, [("single_piece", 2), ("put_wall", 2)]);
        let waves = done(&house, Method::POST, "waves", json!({"warehouse": "w1"})).await;
        let waves = waves["items"].as_array().unwrap();
        assert_eq!(waves.len(), 2);
        assert_eq!(done(&house, Method::POST, "waves", json!({"warehouse": "w1"})).await["items"], json!([]));

        // The wall: three slots would be three parcels; here two.
        let wall = format!("waves/{}", waves[1]["id"].as_str().unwrap());
        assert!(file(&house, &format!("{wall}/pick-list.pdf")).await.starts_with(b"%PDF"));
        done(&house, Method::POST, &format!("{wall}/print"), json!({})).await;
        house.world.settle().await;
        let places: Vec<(Value, Value)> =
            at_the_printer(&house).await.iter().map(|model| (model["slot"].clone(), model["seq"].clone())).collect();
        assert_eq!(
            places,
            [(json!("A1"), json!([1, 2])), (json!("A2"), json!([2, 2]))],
            "slot and place are on the label"
        );

        // The single pieces go along the bins: A-2 before A-10.
        let single = format!("waves/{}", waves[0]["id"].as_str().unwrap());
        done(&house, Method::POST, &format!("{single}/print"), json!({})).await;
        house.world.settle().await;
        let goods: Vec<Value> =
            at_the_printer(&house).await.iter().map(|model| model["lines"][0]["sku"].clone()).collect();
        assert!(
            goods.ends_with(&[json!("CUP"), json!("TEA-250")]) || goods.starts_with(&[json!("CUP"), json!("TEA-250")]),
            "{goods:?}"
        );

        let order = house.order_of("3").await["id"].as_str().unwrap().to_owned();
        done(&house, Method::POST, &format!("orders/{order}/hold"), json!({"detail": "等一等"})).await;
        let wave = house.get(&wall).await;
        let out: Vec<&str> =
            wave["members"].as_array().unwrap().iter().map(|member| member["left_out"].as_str().unwrap()).collect();
        assert_eq!(out.iter().filter(|why| **why == "held").count(), 1, "{wave}");
        assert_eq!((&wave["counts"]["parcels"], &wave["counts"]["left_out"]), (&json!(1), &json!(1)));
        assert_eq!(at_the_printer(&house).await.len(), 3, "its label is not printed");

        done(&house, Method::POST, &format!("{single}/stop"), json!({})).await;
        assert_eq!(at_the_printer(&house).await.len(), 1);
        done(&house, Method::POST, &format!("{single}/resume"), json!({})).await;
        house.world.settle().await;
        assert_eq!(at_the_printer(&house).await.len(), 3);
    });
}

#[test]
fn lists_and_slips_are_drawn_as_pdf_and_printed_once_on_label_stock() {
    block_on(async {
        let house = house().await;
        for id in ["1", "2", "3"] {
            arrives(&house, id, &["TEA-250", "CUP"]).await;
        }
        let waves = done(&house, Method::POST, "waves", json!({"warehouse": "w1", "slots": 6})).await;
        let wave = format!("waves/{}", waves["items"][0]["id"].as_str().unwrap());
        for media in ["a4", "100x150", "76x130"] {
            for paper in ["pick-list.pdf", "packing-slips.pdf"] {
                assert!(file(&house, &format!("{wave}/{paper}?media={media}")).await.starts_with(b"%PDF"));
            }
        }
        let (status, refused) = house.ask(Method::GET, &format!("{wave}/pick-list.pdf?media=a5"), Value::Null).await;
        assert_eq!((status, &refused["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("unknown_value")));

        let jobs = async || house.count("SELECT count(*) FROM print_job").await;
        for (what, copy, count) in [
            ("pick_list", 1, 1),
            ("pick_list", 1, 1),
            ("pick_list", 2, 2),
            ("packing_slips", 1, 5),
            ("packing_slips", 1, 5),
        ] {
            done(&house, Method::POST, &format!("{wave}/print"), json!({"what": what, "copy": copy})).await;
            assert_eq!(jobs().await, count, "{what} {copy}");
        }
        let kinds: Vec<Value> = at_the_printer(&house).await.iter().map(|model| model["kind"].clone()).collect();
        assert_eq!(kinds.iter().filter(|kind| **kind == "packing_slip").count(), 3, "{kinds:?}");
        assert_eq!(kinds.len(), 5, "lists are not stopped with a wave that does not print");
        // No receiver stands on them.
        for name in ["王小明", "13800138000"] {
            assert!(!house.world.logged().join("\n").contains(name));
        }
        let (status, _) =
            house.ask(Method::POST, &format!("{wave}/print"), json!({"what": "pick_list", "printer": "none"})).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    });
}
