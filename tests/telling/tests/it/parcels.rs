//! One order in three parcels.

use crate::house::House;
use huidan_platforms::Platform;
use huidan_testkit::world::block_on;

#[test]
fn where_a_line_takes_one_number_the_first_of_three_is_told_and_the_others_are_noted() {
    block_on(async {
        let house = House::new(Platform::Xiaohongshu).await;
        house.splits.set(true);
        let (id, order) = house.order(&[("TEA-250", 3)]).await;
        let numbers = house.ship_all(&order).await;
        assert_eq!(numbers.len(), 3);
        house.run(3).await;
        let tellings = house.tellings(&order).await;
        let mut states: Vec<&str> = tellings.iter().map(|telling| telling["state"].as_str().unwrap()).collect();
        states.sort_unstable();
        assert_eq!(states, ["confirmed", "told_with_other", "told_with_other"], "{tellings:?}");
        assert_eq!(house.shown(id), [numbers[0].clone()], "the first that left is told, once");
        for telling in tellings.iter().filter(|telling| telling["state"] == "told_with_other") {
            assert_eq!(telling["theirs"][0], numbers[0].as_str(), "{telling}");
            assert_eq!((telling["class"].as_str(), telling["reason"].as_str()), (Some("settled"), Some("")));
        }
        house.run_hours(2).await;
        assert_eq!(house.gauge("shipped_here_not_there").await, 0);
        assert_eq!(house.gauge("outbox_dead").await, 0);
    });
}

#[test]
fn where_several_numbers_are_taken_all_three_are_told() {
    for platform in [Platform::Taobao, Platform::Shopify, Platform::Douyin, Platform::Amazon, Platform::OwnShop] {
        block_on(async {
            let house = House::new(platform).await;
            house.splits.set(true);
            let (id, order) = house.order(&[("TEA-250", 3)]).await;
            let mut numbers = house.ship_all(&order).await;
            house.run(3).await;
            assert_eq!(
                house.states(&order).await,
                ["confirmed"; 3],
                "{platform:?}: {:?}",
                house.tellings(&order).await
            );
            let mut shown = house.shown(id);
            shown.sort();
            numbers.sort();
            assert_eq!(shown, numbers, "{platform:?}");
        });
    }
}

#[test]
fn where_the_first_parcel_ships_the_whole_order_the_second_still_leaves() {
    block_on(async {
        let house = House::new(Platform::Jd).await;
        house.splits.set(true);
        let (_, order) = house.order(&[("TEA-250", 2)]).await;
        let packages = house.packages(&order).await;
        house.ship(&packages[0]).await;
        // The platform's word that the order is shipped comes back before the second parcel is packed.
        house.run(6).await;
        assert_eq!(house.gauge("shipped_there_not_here").await, 0);
        house.ship(&packages[1]).await;
        house.run(3).await;
        assert_eq!(house.states(&order).await, ["confirmed"; 2], "{:?}", house.tellings(&order).await);
    });
}
