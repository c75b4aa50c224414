//! A buyer moves, or buys less, after the label was printed, at a carrier that changes booked parcels: the number stays,
//! the paper does not.
#![expect(clippy::indexing_slicing, reason = "a test that cannot set itself up has failed")]

mod house;

use house::House;
use http::Method;
use huidan_exchange::sign;
use huidan_store::schema::Which;
use huidan_store::{Db, Keyring, notices};
use huidan_testkit::world::{Fault, block_on};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::rc::Rc;

/// What a carrier was asked for: numbers, changes, numbers to take back.
#[derive(Default)]
struct Carrier {
    booked: Vec<Value>,
    changed: Vec<Value>,
    taken_back: usize,
    refuses: bool,
}

fn manifest() -> Value {
    json!({"id": "demo", "zh": "示例速运", "en": "Demo", "unknown_outcome": "query", "needs_serial": false,
        "takes_tokens_of": [], "pushes": false, "secret_path": false, "track_batch": 0, "updates": true,
        "most_pieces": 1, "credentials": []})
}

fn given(number: &str, routing: &str) -> Value {
    json!({"done": {"number": number, "paper": {"by": "hub"}, "routing": routing, "by": "", "children": []}})
}

/// A live house whose carrier changes booked parcels, with one order whose label came out.
async fn printed() -> (House, Rc<RefCell<Carrier>>) {
    let house = House::new("live", true).await;
    let carrier = Rc::new(RefCell::new(Carrier::default()));
    let memory = Rc::clone(&carrier);
    house.world.answers("carrier-demo", move |path, body| {
        let mut memory = memory.borrow_mut();
        let subject = body["subject"][0].clone();
        match path {
            "/waybill/manifest" => manifest(),
            "/waybill/book" => {
                memory.booked.push(subject);
                json!([given(&format!("DM000000{}", memory.booked.len()), "571-A")])
            }
            "/waybill/update" if memory.refuses => {
                let why = json!({"kind": "rejected", "code": "E1", "detail": "已揽收", "after_s": null});
                json!([{ "failed": why }])
            }
            "/waybill/update" => {
                let number = subject["number"].as_str().unwrap_or_default().to_owned();
                memory.changed.push(subject["parcel"].clone());
                json!([given(&number, "571-B")])
            }
            "/waybill/cancel" => {
                memory.taken_back += 1;
                json!([{"done": "done"}])
            }
            other => json!({ "unexpected": other }),
        }
    });
    let main = house.world.connection(Which::Main);
    let demo = "UPDATE carrier_account SET carrier = 'demo', next_serial = 0 WHERE id = 'c1'";
    assert!(main.run(demo, &[]).await.is_ok());
    // The planner looks for a place to send it from before it lets go of what the package holds.
    assert!(main.run("UPDATE stock SET on_hand = 4", &[]).await.is_ok());
    let mut order = house.order("1", "TEA-250");
    order["lines"][0]["qty"] = json!(2);
    house.arrives(order).await;
    paper_out(&house).await;
    assert_eq!(package(&house).await["status"], "printed");
    (house, carrier)
}

/// Everything that is queued comes out, as a bridge tells it.
async fn paper_out(house: &House) {
    use huidan_store::{print, transaction};
    let main = house.world.connection(Which::Main);
    let moment = huidan_world::World::moment(&house.world);
    let rooms = [print::Room { printer: "p1".into(), room: 9 }];
    let out = transaction(&main, async |db| {
        let ids = print::waiting(db, "b1", &rooms, &[], 9).await?;
        let jobs = print::claim(db, moment, "b1", &ids).await?;
        let done = |job: &print::Job| print::Line {
            id: job.id.clone(),
            lease: job.lease.clone(),
            phase: print::Phase::Done,
            detail: String::new(),
        };
        let lines: Vec<print::Line> = jobs.iter().map(done).collect();
        print::report(db, moment, "b1", &lines).await
    });
    assert_eq!(out.await.map(|out| out.len()), Ok(1));
}

async fn package(house: &House) -> Value {
    let id = house.order_of("1").await["packages"][0].as_str().unwrap_or_default().to_owned();
    house.get(&format!("packages/{id}")).await
}

fn moved(house: &House, street: &str, minute: u32) -> Value {
    let mut order = house.order("1", "TEA-250");
    order["lines"][0]["qty"] = json!(2);
    order["updated_at"] = json!(format!("2026-11-21T16:{minute}:00+08:00"));
    order["receiver"]["address"] = json!(street);
    order
}

async fn scan(house: &House, code: &str) -> Value {
    house.ask(Method::POST, "scan", json!({"code": code, "station": "b1"})).await.1
}

async fn heartbeat(house: &House) {
    house.world.pass(60_000).await;
    house.tick().await;
    house.world.settle().await;
}

#[test]
fn a_changed_address_keeps_its_number_and_the_old_paper_is_refused_until_the_new_is_out() {
    block_on(async {
        let (house, carrier) = printed().await;
        let before = package(&house).await;
        house.world.pass(60_000).await;
        house.arrives(moved(&house, "天目山路 9 号", 30)).await;

        let after = package(&house).await;
        assert_eq!((&after["id"], &after["waybill"]), (&before["id"], &json!("DM0000001")), "{after}");
        assert!(after["fence"].as_i64() > before["fence"].as_i64(), "the paper is stale");
        {
            let carrier = carrier.borrow();
            assert_eq!((carrier.booked.len(), carrier.changed.len(), carrier.taken_back), (1, 1, 0));
            assert_eq!(carrier.changed[0]["receiver"]["street"], "天目山路 9 号", "all of it is told anew");
            assert_eq!(carrier.changed[0]["claim"], carrier.booked[0]["claim"]);
        }
        assert_eq!(scan(&house, "DM0000001").await["code"], "stale_paper", "the paper on the parcel is the old one");
        let ship = format!("packages/{}/ship", after["id"].as_str().unwrap_or_default());
        assert_eq!(house.ask(Method::POST, &ship, json!({})).await.1["code"], "stale_paper");

        paper_out(&house).await;
        let copies = "SELECT max(copy_no) FROM print_job WHERE state = 'done'";
        assert_eq!(house.count(copies).await, 2, "a further copy, with its mark");
        assert_eq!(package(&house).await["status"], "printed");
        assert_eq!(scan(&house, "DM0000001").await["next"], "pack");
        assert_eq!(house.count("SELECT sum(reserved) FROM stock").await, 2, "stock is held once");
    });
}

#[test]
fn a_changed_mailbox_is_kept_and_changes_no_paper_and_no_carrier_hears_of_it() {
    block_on(async {
        let (house, carrier) = printed().await;
        let before = package(&house).await;
        let papers = house.count("SELECT count(*) FROM print_job").await;
        let id = before["id"].as_str().unwrap().to_owned();
        let keys = Keyring::parse(&sign::base64(&[1; 32])).unwrap();
        for (email, minute) in [("li@example.com", 30), ("wang@example.com", 31), ("", 32)] {
            house.world.pass(60_000).await;
            let mut order = moved(&house, "文三路 1 号", minute);
            order["receiver"]["email"] = json!(email);
            house.arrives(order).await;
            heartbeat(&house).await;
            assert_eq!(package(&house).await, before, "{email:?}");
            assert_eq!(house.count("SELECT count(*) FROM print_job").await, papers, "{email:?}");
            let main = house.world.connection(Which::Main);
            let contacts = notices::contacts(&main, &keys, &[&id]).await.unwrap();
            assert_eq!(contacts[0].receiver.as_ref().unwrap().email, email, "what is known now is kept");
        }
        // One that has a mailbox from the beginning.
        let mut order = house.order("2", "TEA-250");
        order["receiver"]["email"] = json!("li@example.com");
        house.arrives(order).await;
        {
            let carrier = carrier.borrow();
            assert_eq!((carrier.booked.len(), carrier.changed.len(), carrier.taken_back), (2, 0, 0));
            let heard = json!(carrier.booked).to_string();
            assert!(heard.contains("文三路") && !heard.contains("example.com"), "{heard}");
        }
        let mut shown = house.world.logged().join("\n");
        for path in ["orders", "packages", "gauges"] {
            shown.push_str(&house.get(path).await.to_string());
        }
        assert!(!shown.contains("li@") && !shown.contains("wang@"), "{shown}");
    });
}

#[test]
fn fewer_goods_are_told_and_their_stock_is_free() {
    block_on(async {
        let (house, carrier) = printed().await;
        let mut order = house.order("1", "TEA-250");
        order["updated_at"] = json!("2026-11-21T16:30:00+08:00");
        house.world.pass(60_000).await;
        house.arrives(order).await;
        assert_eq!(carrier.borrow().changed[0]["items"][0]["qty"], 1);
        assert_eq!(carrier.borrow().booked.len(), 1);
        assert_eq!(house.count("SELECT sum(reserved) FROM stock").await, 1);
        assert_eq!(house.count("SELECT sum(qty) FROM package_line").await, 1);
    });
}

#[test]
fn a_change_whose_answer_is_lost_is_told_again_and_what_changes_meanwhile_wins() {
    block_on(async {
        let (house, carrier) = printed().await;
        house.world.fail("carrier-demo", "/waybill/update", Fault::AnswerLost);
        house.world.pass(60_000).await;
        house.arrives(moved(&house, "天目山路 9 号", 30)).await;
        assert_eq!(carrier.borrow().changed.len(), 1, "the carrier has it, and nobody here knows");
        assert_eq!(scan(&house, "DM0000001").await["code"], "stale_paper");
        house.world.pass(1_000).await;
        house.arrives(moved(&house, "解放路 7 号", 40)).await;
        assert_eq!(carrier.borrow().changed.len(), 1, "not while the first call may still be under way");
        for _ in 0..3 {
            heartbeat(&house).await;
        }
        assert_eq!(package(&house).await["status"], "numbered");
        let carrier = carrier.borrow();
        let last = carrier.changed.last().map(|parcel| parcel["receiver"]["street"].clone());
        assert_eq!((last, carrier.booked.len(), carrier.taken_back), (Some(json!("解放路 7 号")), 1, 0));
    });
}

#[test]
fn what_the_carrier_does_not_change_gets_another_number_and_the_old_one_goes_back() {
    block_on(async {
        let (house, carrier) = printed().await;
        carrier.borrow_mut().refuses = true;
        house.world.pass(60_000).await;
        house.arrives(moved(&house, "天目山路 9 号", 30)).await;
        heartbeat(&house).await;
        {
            let carrier = carrier.borrow();
            assert_eq!((carrier.booked.len(), carrier.taken_back), (2, 1));
            assert_eq!(carrier.booked[1]["receiver"]["street"], "天目山路 9 号");
        }
        let live = "SELECT count(*) FROM package WHERE status <> 'cancelled'";
        assert_eq!(house.count(live).await, 1);
        assert_eq!(house.count("SELECT sum(reserved) FROM stock").await, 2);
    });
}

#[test]
fn every_account_says_its_price_or_why_not_and_nothing_is_bought() {
    block_on(async {
        let house = House::new("live", true).await;
        house.world.answers("carrier-demo", |path, body| match path {
            "/waybill/manifest" => {
                let mut manifest = manifest();
                manifest["prices"] = json!(true);
                manifest
            }
            _ => {
                assert_eq!((path, &body["account"]), ("/waybill/price", &json!("c2")));
                let price = json!({"amount": "12.50", "currency": "CNY"});
                json!([{"done": [{"service": "1", "title": "标快", "price": price, "days": 2}]}])
            }
        });
        let main = house.world.connection(Which::Main);
        let further = "INSERT INTO carrier_account (id, carrier, name, environment, position)
                       VALUES ('c2', 'demo', '示例', 'live', 1), ('c3', 'away', '不在', 'live', 2)";
        assert!(main.run(further, &[]).await.is_ok());
        house.arrives(house.order("1", "TEA-250")).await;
        let id = package(&house).await["id"].as_str().unwrap_or_default().to_owned();
        let before = house.count("SELECT count(*) FROM waybill").await;
        let (status, prices) = house.ask(Method::POST, &format!("packages/{id}/prices"), json!({})).await;
        assert_eq!(status, 200, "{prices}");
        let accounts = prices["accounts"].as_array().cloned().unwrap_or_default();
        let seen: Vec<(&str, &Value)> = accounts
            .iter()
            .map(|one| (one["account"].as_str().unwrap_or_default(), &one["offers"][0]["price"]["amount"]))
            .collect();
        assert_eq!(seen, [("c1", &Value::Null), ("c2", &json!("12.50")), ("c3", &Value::Null)]);
        assert!(accounts[0]["reason"].as_str().is_some_and(|why| why.contains("no prices")));
        assert!(accounts[2]["reason"].as_str().is_some_and(|why| why.contains("carrier-away")));
        assert_eq!(house.count("SELECT count(*) FROM waybill").await, before);
        assert_eq!(house.ask(Method::POST, "packages/none/prices", json!({})).await.0, 404);
    });
}
