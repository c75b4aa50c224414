//! What scans change, in whatever order they are heard of.

use super::*;

impl House {
    /// Scans of parcel 0 that are heard of together, in this order.
    fn batch(&self, hours: i64, scans: &[(&str, i64)]) {
        let scan = |(nth, (kind, hours)): (usize, &(&str, i64))| NewScan {
            number: "NO000000".to_owned(),
            key: format!("batch{nth}/{hours}"),
            account: "c1".to_owned(),
            at: hours * HOUR,
            kind: (*kind).to_owned(),
            code: (*kind).to_owned(),
            text: String::new(),
            place: String::new(),
        };
        let scans: Vec<NewScan> = scans.iter().enumerate().map(scan).collect();
        block_on(transaction(&self.db, async |db| merge(db, self.at(hours), "x", &scans).await)).unwrap();
    }
}

#[test]
fn scans_count_in_the_order_of_their_own_time_and_one_told_late_takes_nothing_back() {
    let house = House::new(1);
    // Whoever is asked tells the newest first.
    house.batch(40, &[("moving", 20), ("moving", 9), ("picked_up", 2)]);
    let stays = "SELECT stage FROM pace WHERE lane = '' AND spot = '' ORDER BY stage";
    assert_eq!(house.rows(stays), ["first_hub", "hub", "pick_up"], "each stay is learnt from");
    house.batch(41, &[("problem", 15)]);
    let seen =
        "SELECT (last_scan_at / 3600000) || (SELECT ' ' || stage || ' ' || (since / 3600000) FROM way) FROM package";
    assert_eq!((house.rows(seen), house.open()), (vec!["20 hub 20".to_owned()], vec![]));
}

#[test]
fn a_scan_told_again_opens_nothing_that_a_person_closed() {
    let house = House::new(1);
    let told = || house.batch(11, &[("problem", 10), ("problem", 11)]);
    told();
    let opened = "SELECT count(*) || '' FROM event_log WHERE kind = 'exception_problem'";
    assert_eq!((house.open(), house.rows(opened)), (vec!["p0 problem".to_owned()], vec!["1".to_owned()]), "once");
    assert_eq!(house.alarm(0), "problem", "the package shows it");
    let id = house.rows("SELECT id FROM exception").remove(0);
    let close = async |db: &Native| tickets::close(db, house.at(12), "ming", &id).await;
    assert!(block_on(transaction(&house.db, close)).unwrap());
    assert!(!block_on(transaction(&house.db, close)).unwrap(), "closed once");
    told();
    assert_eq!((house.open(), house.alarm(0)), (vec![], String::new()));
}

#[test]
fn a_carriers_first_scan_hands_the_parcel_over_and_its_shop_is_told() {
    let house = House::new(0);
    house.parcel(0, "printed");
    house.run("UPDATE waybill SET state = 'printed'");
    house.run("UPDATE orders SET status = 'to_ship'");
    house.scan(0, "picked_up", 3, "杭州");
    assert_eq!(house.rows("SELECT status FROM package"), ["in_transit"]);
    assert_eq!(house.rows("SELECT lane FROM outbox"), ["s1"], "nobody said here that it left");
}

#[test]
fn a_number_that_was_replaced_raises_nothing() {
    let house = House::new(1);
    house.run("UPDATE waybill SET state = 'voided'");
    house.run(
        "INSERT INTO waybill (id, package, attempt, fence, account, carrier, claim, state, number, claimed_at, issued_at)
         VALUES ('b9', 'p0', 2, 2, 'c1', 'x', 'q9', 'handed_over', 'NEW9', 0, 0)",
    );
    house.run("UPDATE package SET waybill = 'b9'");
    house.scan(0, "problem", 5, "杭州");
    house.scan(0, "signed", -45 * 24, "成都市");
    assert_eq!((house.open(), house.rows("SELECT package FROM way")), (vec![], vec![]));
}
