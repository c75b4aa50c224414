//! The carrier in a house: numbers and scans come from two origins.
#![allow(clippy::unwrap_used, reason = "a test's report")]

#[allow(dead_code, reason = "the other test uses the rest")]
mod fixture;

use carrier_kuaidi100::Kuaidi100;
use fixture::{booked, credentials};
use huidan_carrier::{Booked, Parcel, Scan, Tracked};
use huidan_exchange::{Request, sign};
use huidan_store::Keyring;
use huidan_store::schema::Which;
use huidan_testkit::carrier::{parcel, sample};
use huidan_testkit::world::{TestWorld, block_on};
use huidan_wire::call::{Answer, For};
use huidan_world::{Incoming, World, adapter, put_access};

const CARRIER: &str = "carrier-kuaidi100";

#[test]
fn numbers_and_scans_come_from_two_origins() {
    block_on(async {
        let world = TestWorld::new(5);
        world.component(CARRIER, async |world, request: Incoming| {
            adapter::carrier(&world, request, &Kuaidi100, &()).await
        });
        world.outside(async |request: Request| {
            Ok(match (request.uri().host(), request.uri().path()) {
                (Some("api.kuaidi100.com"), "/label/order") => sample("created.json"),
                (Some("poll.kuaidi100.com"), "/poll/query.do") => sample("query.json"),
                _ => huidan_testkit::reply(404, ""),
            })
        });
        let keys = Keyring::parse(&sign::base64(&[2; 32])).unwrap();
        let (edge, moment) = (world.connection(Which::Edge), world.moment());
        let (role, id) = ("carrier", "k1");
        put_access(&edge, moment, &keys, role, id, "kuaidi100", "live", None, &credentials()).await.unwrap();
        let order: For<Vec<Parcel>> = For { account: id.into(), subject: vec![parcel()] };
        let numbers: Vec<Answer<Booked>> = world.call(CARRIER, "/waybill/book", &order, 1000).await.unwrap();
        assert!(matches!(numbers.as_slice(), [Answer::Done(given)] if *given == booked()), "{numbers:?}");
        let question = For { account: id.into(), subject: vec![Tracked::new("YT8801234567890", "yto")] };
        let scans: Answer<Vec<Scan>> = world.call(CARRIER, "/waybill/track", &question, 1000).await.unwrap();
        assert!(matches!(&scans, Answer::Done(scans) if scans.len() == 3), "{scans:?}");
    });
}
