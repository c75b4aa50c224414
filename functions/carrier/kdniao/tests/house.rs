//! The carrier in a house: a signed push is taken once, acknowledged with the account and the time.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test's report")]

#[allow(dead_code, reason = "the other test uses the rest")]
mod fixture;

use carrier_kdniao::Kdniao;
use fixture::{credentials, sampled};
use huidan_carrier::{Scan, ScanKind};
use huidan_exchange::{sign, time};
use huidan_store::Keyring;
use huidan_store::inbox::{self, Tray};
use huidan_store::schema::Which;
use huidan_testkit::world::{TestWorld, block_on};
use huidan_world::adapter::{self, inbox_keys};
use huidan_world::{Incoming, World, put_access};

const CARRIER: &str = "carrier-kdniao";

#[test]
fn a_push_is_taken_once_and_acknowledged_by_name_and_time() {
    block_on(async {
        let world = TestWorld::new(5);
        world
            .component(CARRIER, async |world, request: Incoming| adapter::carrier(&world, request, &Kdniao, &()).await);
        world.component("flow-track", async |_, _| http::Response::new(bytes::Bytes::new()));
        let keys = Keyring::parse(&sign::base64(&[2; 32])).unwrap();
        let (edge, moment) = (world.connection(Which::Edge), world.moment());
        let (role, id) = ("carrier", "k1");
        put_access(&edge, moment, &keys, role, id, "kdniao", "live", None, &credentials()).await.unwrap();
        let push = sampled("101");
        for _ in 0..2 {
            let request = http::Request::post("http://hub/track/kdniao/k1").header("content-type", push.content_type);
            let answer = world.request(CARRIER, request.body(push.body.clone().into()).unwrap()).await;
            let now = time::to_local(world.moment().now, time::CHINA);
            let said = format!(r#"{{"EBusinessID":"1237100","UpdateTime":"{now}","Success":true,"Reason":""}}"#);
            assert_eq!((answer.status().as_u16(), String::from_utf8_lossy(answer.body()).into_owned()), (200, said));
        }
        let keys = inbox_keys(&world).await.unwrap();
        let (edge, tray) = (world.connection(Which::Edge), Tray { kind: "scan", source: "kdniao" });
        let (_, taken) = inbox::lease(&edge, world.moment(), &keys, tray, false, 1000, 10).await.unwrap();
        let scans: Vec<Scan> = taken.iter().map(|row| serde_json::from_slice(&row.arrival.body).unwrap()).collect();
        assert_eq!(scans.len(), 3, "the second push brings nothing new");
        let ended = scans.iter().find(|scan| scan.kind == ScanKind::Unwatched).unwrap();
        assert_eq!(ended.at, world.moment().now, "what bears no time is true from when it came");
    });
}
