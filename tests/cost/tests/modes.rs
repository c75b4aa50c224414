//! How far Huidan acts in a shop: what shadow shows, and what becomes of its plans when the shop goes live.

mod house;

use house::House;
use http::{Method, StatusCode};
use huidan_testkit::world::block_on;
use serde_json::{Value, json};

#[test]
fn shadow_takes_no_number_prints_nothing_tells_nobody_and_shows_what_it_would_have_done() {
    block_on(async {
        let house = House::new("shadow", true).await;
        for (id, sku) in [("1", "TEA-250"), ("2", "TEA-250"), ("3", "NOBODY-KNOWS")] {
            house.world.pass(1_000).await;
            house.arrives(house.order(id, sku)).await;
        }
        for table in ["waybill", "print_job", "outbox", "reservation"] {
            assert_eq!(house.count(&format!("SELECT count(*) FROM {table}")).await, 0, "{table}");
        }
        assert!(house.site.borrow().told.is_empty());

        let shadow = house.get("shops/s1/shadow").await;
        let summary = &shadow["summary"];
        for (name, count) in [("orders", 3), ("shipped", 2), ("packages", 2), ("waiting", 1)] {
            assert_eq!(summary[name], count, "{name}: {summary}");
        }
        assert_eq!(summary["reasons"], json!([{"reason": "sku_unmapped", "orders": 1}]));
        let orders = shadow["items"].as_array().unwrap();
        let of = |ext_id: &str| orders.iter().find(|order| order["ext_id"] == ext_id).unwrap();
        let package = &of("1")["packages"][0];
        assert_eq!((&package["warehouse_name"], &package["account"]), (&json!("杭州仓"), &json!("c1")), "{package}");
        assert_eq!(package["lines"], json!([{"sku": "TEA-250", "title": "茶", "qty": 1}]));
        assert!(!package["trace"].as_array().unwrap().is_empty(), "why it would go this way");
        let told = json!({"ext_id": "1", "carrier": "own-numbers", "carrier_name": "自有单号",
            "lines": [{"ext_line_id": "L1", "qty": 1}], "completes": true});
        assert_eq!(package["confirm"], told);
        assert_eq!((&of("3")["packages"], &of("3")["holds"][0]["reason"]), (&json!([]), &json!("sku_unmapped")));

        let id = package["id"].as_str().unwrap();
        let (status, refused) = house.ask(Method::POST, &format!("packages/{id}/book"), Value::Null).await;
        assert_eq!((status, &refused["code"]), (StatusCode::CONFLICT, &json!("shadow")), "not even by hand");
        house.world.settle().await;
        assert_eq!(house.count("SELECT count(*) FROM waybill").await, 0);
    });
}

#[test]
fn what_shadow_shows_is_paged_and_keeps_what_was_shipped_by_hand() {
    block_on(async {
        let house = House::new("shadow", true).await;
        for id in ["1", "2", "3"] {
            house.arrives(house.order(id, "TEA-250")).await;
        }
        house.shipped_by_hand("2");
        let shipped = house.site.borrow().orders["2"].clone();
        house.arrives(shipped).await;
        assert_eq!(house.order_of("2").await["status"], "shipped", "and nobody has to look at it");

        let (mut seen, mut cursor) = (Vec::new(), String::new());
        for _ in 0..3 {
            let page = house.get(&format!("shops/s1/shadow?limit=1{cursor}")).await;
            assert_eq!(page["summary"]["packages"], 3, "{page}");
            assert_eq!(page["items"][0]["packages"].as_array().unwrap().len(), 1, "{page}");
            seen.push(page["items"][0]["ext_id"].as_str().unwrap().to_owned());
            cursor = format!("&cursor={}", page["next"].as_str().unwrap_or_default());
        }
        seen.sort();
        assert_eq!((seen, cursor.as_str()), (vec!["1".to_owned(), "2".to_owned(), "3".to_owned()], "&cursor="));
    });
}

#[test]
fn going_live_books_what_is_still_to_be_shipped_once_and_never_what_was_shipped_by_hand() {
    block_on(async {
        let house = House::new("shadow", true).await;
        for id in ["1", "2"] {
            house.arrives(house.order(id, "TEA-250")).await;
        }
        house.shipped_by_hand("1");
        house.goes("live").await;
        assert_eq!((house.numbers("1").await, house.numbers("2").await), (0, 1));
        assert_eq!(house.order_of("1").await["status"], "shipped");
        assert_eq!(house.order_of("1").await["holds"], json!([]));
        assert_eq!(house.count("SELECT sum(reserved) FROM stock").await, 1, "only what counts holds stock");

        for mode in ["shadow", "live", "observe", "live", "shadow", "live"] {
            house.goes(mode).await;
        }
        assert_eq!((house.numbers("1").await, house.numbers("2").await), (0, 1));
        assert_eq!(house.count("SELECT count(*) FROM print_job").await, 1);
        assert_eq!(house.count("SELECT count(*) FROM package WHERE status <> 'cancelled'").await, 1);
        assert_eq!(house.count("SELECT sum(reserved) FROM stock").await, 1);
        assert_eq!(house.count("SELECT count(*) FROM hold").await, 0);
    });
}

#[test]
fn nothing_is_booked_before_the_channel_was_asked_even_when_it_is_away_and_told_of_late() {
    block_on(async {
        let house = House::new("observe", true).await;
        house.arrives(house.order("1", "TEA-250")).await;
        house.arrives(house.order("2", "TEA-250")).await;
        house.shipped_by_hand("1");
        house.site.borrow_mut().down = true;
        house.goes("live").await;
        // A word that was under way for long: newer than what is here, older than what the seller did.
        let mut late = house.order("1", "TEA-250");
        late["updated_at"] = json!("2026-11-21T16:30:00+08:00");
        let truth = house.site.borrow().orders["1"].clone();
        house.arrives(late).await;
        house.site.borrow_mut().orders.insert("1".to_owned(), truth);
        for id in ["1", "2"] {
            let order = house.order_of(id).await;
            assert_eq!((&order["status"], &order["holds"][0]["reason"]), (&json!("held"), &json!("going_live")));
        }
        assert_eq!(house.count("SELECT count(*) FROM waybill").await, 0);

        house.site.borrow_mut().down = false;
        house.world.pass(120_000).await;
        house.tick().await;
        house.world.settle().await;
        assert_eq!((house.numbers("1").await, house.numbers("2").await), (0, 1), "the heartbeat asks again");
        assert_eq!(house.order_of("1").await["status"], "shipped");
    });
}

#[test]
fn a_parcel_that_left_in_shadow_is_told_once_the_shop_is_live_and_an_order_that_is_gone_waits_for_a_person() {
    block_on(async {
        let house = House::new("live", true).await;
        house.arrives(house.order("1", "TEA-250")).await;
        house.goes("shadow").await;
        let package = house.order_of("1").await["packages"][0].as_str().unwrap().to_owned();
        let (status, shipped) = house.ask(Method::POST, &format!("packages/{package}/ship"), json!({})).await;
        assert_eq!(status, StatusCode::OK, "{shipped}");
        house.arrives(house.order("2", "TEA-250")).await;
        assert!(house.site.borrow().told.is_empty());
        house.site.borrow_mut().orders.remove("2");
        house.goes("live").await;
        house.goes("live").await;
        assert_eq!(house.site.borrow().told, [format!("1/shipments/{package}")]);
        assert_eq!(house.order_of("2").await["holds"][0]["reason"], "channel_gone");
        assert_eq!(house.numbers("2").await, 0);
    });
}

#[test]
fn a_shop_without_an_address_goes_live_by_what_was_sent() {
    block_on(async {
        let house = House::new("shadow", false).await;
        house.arrives(house.order("1", "TEA-250")).await;
        house.goes("live").await;
        assert_eq!(house.numbers("1").await, 1);
        assert!(house.site.borrow().asked.is_empty());
    });
}

#[test]
fn observing_plans_nothing_and_calls_off_what_was_only_planned() {
    block_on(async {
        let house = House::new("shadow", true).await;
        house.arrives(house.order("1", "TEA-250")).await;
        assert_eq!(house.order_of("1").await["status"], "to_ship");
        house.goes("observe").await;
        house.arrives(house.order("2", "TEA-250")).await;
        for id in ["1", "2"] {
            assert_eq!(house.order_of(id).await["status"], "to_plan");
        }
        assert_eq!(house.count("SELECT count(*) FROM package WHERE status <> 'cancelled'").await, 0);
        house.goes("shadow").await;
        assert_eq!(house.get("shops/s1/shadow").await["summary"]["packages"], 2);
    });
}
