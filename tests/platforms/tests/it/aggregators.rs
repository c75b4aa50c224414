//! EasyPost, AfterShip, 17TRACK and TrackingMore: watched numbers, signed webhooks, retries.

use crate::carriers::{book, start, start_with, targets};
use crate::web::{Got, Hub, Reply, call, until};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use huidan_platforms::{Platform, Running, Until, sign};
use serde_json::{Value, json};

const ALL: [Platform; 4] = [Platform::Easypost, Platform::Aftership, Platform::SeventeenTrack, Platform::Trackingmore];

async fn watch(running: &Running, at: Platform, number: &str, key: Option<&str>) -> Reply {
    let (addresses, options) = (running.addresses(), running.options());
    match at {
        Platform::Easypost => {
            let user = STANDARD.encode(format!("{}:", key.unwrap_or(&options.easypost.app_key)));
            let body = json!({"tracker": {"tracking_code": number, "carrier": "YTO"}}).to_string();
            let headers = [("authorization", &*format!("Basic {user}")), ("content-type", "application/json")];
            call("POST", &format!("{}/v2/trackers", addresses.easypost), &headers, body).await
        }
        Platform::Aftership => {
            let body = json!({"tracking_number": number, "slug": "yto", "order_id": "HD-1"}).to_string();
            let headers = [("as-api-key", key.unwrap_or(&options.aftership.app_key))];
            call("POST", &format!("{}/tracking/2025-01/trackings", addresses.aftership), &headers, body).await
        }
        Platform::SeventeenTrack => {
            let body = json!([{"number": number, "carrier": 190_157, "order_no": "HD-1"}]).to_string();
            let headers = [("17token", key.unwrap_or(&options.seventeen_track.app_key))];
            call("POST", &format!("{}/track/v2.4/register", addresses.seventeen_track), &headers, body).await
        }
        _ => {
            let body = json!({"tracking_number": number, "courier_code": "yto"}).to_string();
            let headers = [("tracking-api-key", key.unwrap_or(&options.trackingmore.app_key))];
            call("POST", &format!("{}/v4/trackings/create", addresses.trackingmore), &headers, body).await
        }
    }
}

/// Whether a webhook bears the documented signature.
fn signed(running: &Running, at: Platform, got: &Got) -> bool {
    let options = running.options();
    let text = String::from_utf8_lossy(&got.body).into_owned();
    match at {
        Platform::Easypost => {
            got.header("x-hmac-signature") == sign::easypost(&options.easypost.push_secret, &got.body)
        }
        Platform::Aftership => {
            got.header("aftership-hmac-sha256") == sign::webhook(&options.aftership.push_secret, &got.body)
        }
        Platform::SeventeenTrack => {
            got.header("sign") == sign::seventeen_track(&text, &options.seventeen_track.app_key)
        }
        _ => {
            let time = got.header("timestamp");
            got.header("signature") == sign::trackingmore(&options.trackingmore.push_secret, time)
        }
    }
}

/// The status of the latest event.
fn status(at: Platform, body: &Value) -> String {
    let value = match at {
        Platform::Easypost => &body["result"]["status"],
        Platform::Aftership => &body["msg"]["tag"],
        Platform::SeventeenTrack => &body["data"]["track_info"]["latest_status"]["status"],
        _ => &body["data"]["delivery_status"],
    };
    value.as_str().unwrap().to_lowercase()
}

#[tokio::test]
async fn a_wrong_key_is_refused() {
    let running = start().await;
    for at in ALL {
        assert_eq!(watch(&running, at, "YT1", Some("nobody")).await.status, 401, "{at:?}");
    }
    assert_eq!(running.ledger().bad_signatures.len(), 4);
}

#[tokio::test]
async fn webhooks_come_only_of_watched_numbers_signed_and_again_until_a_2xx() {
    for at in ALL {
        let (running, hub) = (start().await, Hub::start().await);
        running.connect(&targets(at, &hub.url));
        let number = book(&running, Platform::Yto, "HD-1").await.unwrap();
        running.advance(&number, Until::PickedUp, false).unwrap();
        assert!(running.ledger().pushes.is_empty(), "{at:?}");
        assert!(watch(&running, at, &number, None).await.status < 300, "{at:?}");
        hub.answer(500, "");
        running.advance(&number, Until::Delivered, false).unwrap();
        let got = hub.wait(2).await;
        assert_eq!(got[0].body, got[1].body, "{at:?}");
        assert!(signed(&running, at, &got[0]), "{at:?}");
        assert_eq!(status(at, &got[0].json()), "delivered", "{at:?}");
        hub.answer(200, "");
        until(|| running.ledger().pushes[0].outcome == "acknowledged").await;
    }
}

#[tokio::test]
async fn a_second_watch_is_the_same_tracker_or_an_error_that_says_so() {
    let running = start().await;
    for at in ALL {
        let first = watch(&running, at, "YT000000000001", None).await;
        let again = watch(&running, at, "YT000000000001", None).await;
        match at {
            Platform::Easypost => assert_eq!(first.json()["id"], again.json()["id"]),
            Platform::Aftership => assert_eq!((again.status, &again.json()["meta"]["code"]), (400, &json!(4_003))),
            Platform::SeventeenTrack => {
                assert_eq!(again.json()["data"]["rejected"][0]["error"]["code"], -18_019_901);
            }
            _ => assert_eq!(again.json()["meta"]["code"], 4_101),
        }
    }
}

#[tokio::test]
async fn seventeen_track_counts_numbers_takes_forty_and_answers_thrice_a_second() {
    let at = Platform::SeventeenTrack;
    let running = start_with(at, |o| o.numbers = 1).await;
    let ask = async |what: &str, body: Value| {
        let headers = [("17token", running.options().seventeen_track.app_key)];
        let headers: Vec<(&str, &str)> = headers.iter().map(|(k, v)| (*k, v.as_str())).collect();
        let url = format!("{}/track/v2.2/{what}", running.addresses().seventeen_track);
        loop {
            let reply = call("POST", &url, &headers, body.to_string()).await;
            if reply.status != 429 {
                return reply.json();
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
    };
    let both = ask("register", json!([{"number": "A1"}, {"number": "A2"}])).await;
    assert_eq!(
        (&both["data"]["accepted"][0]["number"], &both["data"]["rejected"][0]["error"]["code"]),
        (&json!("A1"), &json!(-18_019_908))
    );
    let many: Vec<Value> = (0..41).map(|n| json!({"number": format!("B{n}")})).collect();
    assert_eq!(ask("register", json!(many)).await["code"], -18_010_013);
    running.advance("A1", Until::InTransit, false).unwrap();
    let info = ask("gettrackinfo", json!([{"number": "A1"}])).await;
    let track = &info["data"]["accepted"][0]["track_info"];
    assert_eq!(track["latest_status"]["status"], "InTransit");
    assert_eq!(ask("stoptrack", json!([{"number": "A1"}])).await["data"]["accepted"][0]["number"], "A1");
    let mut limited = 0;
    for _ in 0..8 {
        let key = running.options().seventeen_track.app_key;
        let url = format!("{}/track/v2.2/getquota", running.addresses().seventeen_track);
        limited += usize::from(call("POST", &url, &[("17token", &key)], "").await.status == 429);
    }
    assert!(limited >= 2);
}
