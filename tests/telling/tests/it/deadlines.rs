//! By when orders must leave.

use crate::house::House;
use http::{Method, StatusCode};
use huidan_platforms::Platform;
use huidan_testkit::world::block_on;
use serde_json::json;

#[test]
fn an_order_is_late_soon_before_its_last_pick_up_and_late_when_it_is_due_and_news_once_each() {
    block_on(async {
        let house = House::new(Platform::OwnShop).await;
        house.rule_with(json!({"ship_within_h": 24})).await;
        let (status, said) = house.ask(Method::PUT, "warehouses/w1/cut-off", json!({"at": "25:00"})).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{said}");
        let (status, said) = house.ask(Method::PUT, "warehouses/w1/cut-off", json!({"at": "16:00"})).await;
        assert_eq!(status, StatusCode::OK, "{said}");
        // Placed at nine in the morning: due at nine tomorrow, and the last pick-up before that is at four today.
        let (_, order) = house.order(&[("TEA-250", 1)]).await;
        let report = house.get("reports/deadlines").await;
        let due = &report["items"][0];
        assert_eq!((due["order"].as_str(), due["state"].as_str()), (Some(&*order), Some("in_time")), "{report}");
        assert!(due["due"].as_str().unwrap().starts_with("2026-11-21T01:0"), "{due}");
        assert_eq!(due["leave_by"], "2026-11-20T08:00:00Z");
        assert_eq!((house.gauge("late_soon").await, house.gauge("late_now").await), (0, 0));
        house.run_hours(4).await;
        assert_eq!((house.gauge("late_soon").await, house.gauge("late_now").await), (1, 0));
        house.run_hours(21).await;
        assert_eq!((house.gauge("late_soon").await, house.gauge("late_now").await), (0, 1));
        let news = house.news().await;
        assert_eq!(news.iter().filter(|topic| topic.starts_with("order.late")).count(), 2, "{news:?}");
        house.ship_all(&order).await;
        assert_eq!(house.gauge("late_now").await, 0);
        assert_eq!(house.get("reports/deadlines").await["items"], json!([]));
    });
}

#[test]
fn the_forecast_says_which_orders_will_be_late_at_the_present_pace() {
    block_on(async {
        let house = House::new(Platform::OwnShop).await;
        house.rule_with(json!({"ship_within_h": 6})).await;
        let mut orders = Vec::new();
        for _ in 0..3 {
            orders.push(house.order(&[("TEA-250", 1)]).await.1);
        }
        let report = house.get("reports/deadlines").await;
        assert!(report["will_be_late"].is_null(), "nothing left yet, so that nobody can say: {report}");
        house.ship_all(&orders[0]).await;
        // One in four hours: the first of the rest leaves within its six hours, the second after eight.
        let report = house.get("reports/deadlines").await;
        assert_eq!(report["will_be_late"], 1, "{report}");
        assert_eq!(report["items"][0]["will_be_late"], false);
        assert_eq!(report["items"][1]["will_be_late"], true);
        assert_eq!(report["paces"], json!([{"warehouse": "w1", "left": 1, "to_leave": 2}]));
    });
}
