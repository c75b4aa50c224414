//! What was told is looked at again.

use crate::house::House;
use huidan_platforms::Platform;
use huidan_testkit::world::block_on;

#[test]
fn a_shipment_that_the_channel_lost_is_found_and_told_again_and_raised_the_second_time() {
    for platform in [Platform::Taobao, Platform::OwnShop] {
        block_on(async {
            let house = House::new(platform).await;
            let (id, order) = house.order(&[("TEA-250", 1)]).await;
            let numbers = house.ship_all(&order).await;
            house.run(2).await;
            assert_eq!(house.states(&order).await, ["confirmed"], "{:?}", house.tellings(&order).await);
            house.platforms.borrow().running().withdraw(platform, id).unwrap();
            assert_eq!(house.shown(id), Vec::<String>::new());
            house.run(65).await;
            assert_eq!(house.shown(id), numbers, "{platform:?}: {:?}", house.tellings(&order).await);
            assert_eq!(house.states(&order).await, ["confirmed"]);
            assert_eq!(house.gauge("shipped_here_not_there").await, 0);
            house.platforms.borrow().running().withdraw(platform, id).unwrap();
            house.run(65).await;
            let telling = house.tellings(&order).await[0].clone();
            assert_eq!((telling["state"].as_str(), telling["code"].as_str()), (Some("rejected"), Some("not_shown")));
            assert_eq!(house.gauge("shipped_here_not_there").await, 1, "{platform:?}");
        });
    }
}

#[test]
fn each_shipment_is_looked_at_three_times_within_two_days_and_then_left_alone() {
    block_on(async {
        let house = House::new(Platform::OwnShop).await;
        let (_, order) = house.order(&[("TEA-250", 1)]).await;
        house.ship_all(&order).await;
        house.run(2).await;
        let looks = |house: &House| house.world.calls().iter().filter(|(_, path)| path == "/call/look").count();
        assert_eq!(looks(&house), 0);
        house.run_hours(2).await;
        assert_eq!(looks(&house), 1);
        house.run_hours(11).await;
        assert_eq!(looks(&house), 2);
        house.run_hours(37).await;
        assert_eq!(looks(&house), 3);
        assert_eq!(house.states(&order).await, ["confirmed"]);
    });
}
