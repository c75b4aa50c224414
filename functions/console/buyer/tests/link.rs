//! A buyer's link, from outside, over a real database.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test's report")]

use bytes::Bytes;
use http::{Request, StatusCode};
use huidan_store::schema::Which;
use huidan_store::track::buyers;
use huidan_store::{Db, transaction};
use huidan_testkit::world::{TestWorld, block_on};
use huidan_world::{Outgoing, World, buyer};

struct House {
    world: TestWorld,
}

impl House {
    /// A parcel that lies in a hub, of a buyer whose name and street are in the order.
    async fn new() -> Self {
        let world = TestWorld::new(5);
        world.component("console-buyer", async |world, request| console_buyer::serve(&world, request).await);
        let db = world.connection(Which::Main);
        for statement in [
            "INSERT INTO shop (id, channel, name, mode, environment, created_at) VALUES ('s1', 'x', 'S', 'live', 'live', 0)",
            "INSERT INTO warehouse (id, name, position, sender) VALUES ('w1', 'W', 0, '{}')",
            "INSERT INTO carrier_account (id, carrier, name, environment, position) VALUES ('c1', 'x', '圆通 <b>', 'live', 0)",
            "INSERT INTO package (id, shop, channel, warehouse, account, service, status, weight_g, waybill, receiver_hash,
                 trace, created_at, updated_at)
             VALUES ('p1', 's1', 'x', 'w1', 'c1', '', 'in_transit', 500, 'b1', x'', '[]', 0, 0)",
            "INSERT INTO waybill (id, package, attempt, fence, account, carrier, claim, state, number, claimed_at, issued_at)
             VALUES ('b1', 'p1', 1, 1, 'c1', 'x', 'q1', 'traced', 'YT6186594166532', 0, 0)",
            "INSERT INTO scan (number, key, account, at, kind, code, text, place, received_at, used)
             VALUES ('YT6186594166532', 'k', 'c1', 1795248000000, 'moving', '1', '【王小明】13800138000', '杭州', 0, 1)",
            // Of the number's earlier life: another's parcel.
            "INSERT INTO scan (number, key, account, at, kind, code, text, place, received_at, used)
             VALUES ('YT6186594166532', 'old', 'c1', 1785248000000, 'returned', '1', '', '成都', 0, 0)",
            "INSERT INTO exception (id, package, kind, state, facts, opened_at) VALUES ('e1', 'p1', 'stalled', 'open', '{}', 0)",
        ] {
            db.run(statement, &[]).await.unwrap();
        }
        Self { world }
    }

    async fn link(&self, asks: bool) -> String {
        let (code, sha) = buyer::new_code(&self.world).await.unwrap();
        let (package, exception) = if asks { (None, Some("e1")) } else { (Some("p1"), None) };
        let moment = self.world.moment();
        let made = self
            .world
            .main(async |db| {
                transaction(db, async |db| buyers::make(db, moment, "ming", &sha, package, exception).await).await
            })
            .await
            .unwrap();
        assert!(made.is_some());
        format!("http://hub.example/t/{code}")
    }

    async fn get(&self, url: &str) -> (StatusCode, String, Outgoing) {
        let request = Request::get(url).header("accept-language", "en-GB,en;q=0.8").body(Bytes::new()).unwrap();
        self.sent(request).await
    }

    async fn choose(&self, url: &str, choice: &str) -> (StatusCode, String, Outgoing) {
        let request =
            Request::post(url).header("accept-language", "en").body(format!("choice={choice}").into()).unwrap();
        self.sent(request).await
    }

    async fn sent(&self, request: Request<Bytes>) -> (StatusCode, String, Outgoing) {
        let answer = self.world.request("console-buyer", request).await;
        (answer.status(), String::from_utf8(answer.body().to_vec()).unwrap(), answer)
    }
}

#[test]
fn a_link_shows_the_parcel_and_nothing_personal_and_is_kept_by_nobody() {
    block_on(async {
        let house = House::new().await;
        let (status, page, answer) = house.get(&house.link(false).await).await;
        assert_eq!(status, StatusCode::OK, "{page}");
        assert!(page.contains("On its way") && page.contains("6532") && page.contains("圆通 &lt;b&gt;"), "{page}");
        for hidden in ["王小明", "13800138000", "YT6186594166532", "<script", "<form", "Back with the seller"] {
            assert!(!page.contains(hidden), "{hidden}: {page}");
        }
        let header = |name: &str| answer.headers()[name].to_str().unwrap().to_owned();
        assert_eq!((header("referrer-policy"), header("cache-control")), ("no-referrer".into(), "no-store".into()));
        let (_, zh, _) = house.get(&format!("{}?lang=zh-CN", house.link(false).await)).await;
        assert!(zh.contains("您的包裹") && zh.contains("运输中"), "{zh}");
    });
}

#[test]
fn a_choice_is_taken_once_and_does_nothing_by_itself() {
    block_on(async {
        let house = House::new().await;
        let url = house.link(true).await;
        let (_, page, _) = house.get(&url).await;
        for choice in ["wait", "resend", "redirect", "refund"] {
            assert!(page.contains(&format!("value=\"{choice}\"")), "{page}");
        }
        let (_, odd, _) = house.choose(&url, "everything").await;
        assert!(odd.contains("nothing to choose") && odd.contains("<form"), "{odd}");
        let (status, taken, _) = house.choose(&url, "resend").await;
        assert!(status == StatusCode::OK && taken.contains("Thank you") && !taken.contains("<form"), "{taken}");
        let (_, again, _) = house.choose(&url, "refund").await;
        assert!(again.contains("You chose before") && again.contains("Send it again"), "{again}");
        let db = house.world.connection(Which::Main);
        let rows = db.run("SELECT wants, state FROM exception", &[]).await.unwrap();
        assert_eq!((rows.0[0].text(0).unwrap(), rows.0[0].text(1).unwrap()), ("resend", "open"), "a task for a person");
        assert_eq!(house.world.woken(), [], "and nothing else");
    });
}

#[test]
fn what_is_guessed_altered_or_over_shows_nothing() {
    block_on(async {
        let house = House::new().await;
        let url = house.link(true).await;
        let altered = format!("{}{}", &url[..url.len() - 1], if url.ends_with('0') { '1' } else { '0' });
        for wrong in ["http://hub.example/t/", "http://hub.example/t/0123", altered.as_str()] {
            assert_eq!(house.get(wrong).await.0, StatusCode::NOT_FOUND, "{wrong}");
            assert_eq!(house.choose(wrong, "refund").await.0, StatusCode::NOT_FOUND, "{wrong}");
        }
        let foreign = Request::post(&url).header("sec-fetch-site", "cross-site").body("choice=refund".into()).unwrap();
        assert_eq!(house.sent(foreign).await.0, StatusCode::FORBIDDEN);
        house.world.pass(7 * 86_400_000).await;
        assert_eq!(house.get(&url).await.0, StatusCode::NOT_FOUND, "after a week");
    });
}

#[test]
fn a_link_opened_again_and_again_is_told_to_wait() {
    block_on(async {
        let house = House::new().await;
        let url = house.link(false).await;
        let mut last = StatusCode::OK;
        for _ in 0..31 {
            last = house.get(&url).await.0;
        }
        assert_eq!(last, StatusCode::TOO_MANY_REQUESTS);
        house.world.pass(60_000).await;
        assert_eq!(house.get(&url).await.0, StatusCode::OK);
    });
}
