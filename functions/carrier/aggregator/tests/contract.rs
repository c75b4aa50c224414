//! The contract of every carrier, and what is this one's own.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test's report")]

mod fixture;

use carrier_aggregator::Aggregator;
use fixture::{KEY, PATH, PROVIDERS, SECRET, caller, push, sampled};
use huidan_carrier::{Carrier, ScanKind, Tracked};
use huidan_domain::Millis;
use huidan_exchange::{Account, CallError, Credentials, Reply, Webhook};
use huidan_testkit::carrier::{self as contract, Fault, Operation, Push, Subject, head, parcel, sample, text};
use huidan_testkit::{Caller, drive, reply};

/// Runs a check of the contract over the account at a service.
fn at<R>(provider: &str, check: impl FnOnce(&Subject<'_, Aggregator>) -> R) -> R {
    contract::over(&Aggregator, &caller(provider), &parcel(), check)
}

fn listed(provider: &str) -> Reply {
    sample(&format!("{provider}-list.json"))
}

#[test]
fn it_declares_itself_and_books_nothing() {
    contract::declares_itself(&Aggregator);
    for provider in PROVIDERS {
        at(provider, contract::has_what_it_declares);
    }
}

#[test]
fn without_a_service_or_its_key_nothing_is_asked() {
    for (provider, key, field) in
        [("", KEY, "provider"), ("carrier pigeon", KEY, "provider"), ("17track", "", "api_key")]
    {
        let set = contract::values([("provider", provider), ("api_key", key)]);
        let caller = Caller {
            account: Account { credentials: Credentials::new(set), ..caller("17track").account },
            now: Millis(0),
        };
        let parcel = Tracked::new("RB123456789CN", "china-post");
        let asked = drive(&caller, |call| Aggregator.subscribe(call, &parcel, ""), |_| panic!("something is sent"));
        assert!(matches!(&asked, Err(CallError::Credentials { field: named, .. }) if named == field), "{asked:?}");
    }
}

#[test]
fn scans_are_asked_for_and_read() {
    for (provider, number) in [
        ("easypost", "9400110898825022579493"),
        ("aftership", "SF7444400043266"),
        ("17track", "RB123456789CN"),
        ("trackingmore", "LZ448865302CN"),
    ] {
        let parcels = [Tracked::new(number, "sf")];
        let file = format!("tests/golden/{provider}-list.json");
        at(provider, |subject| contract::tracks(subject, &parcels, &[listed(provider)], &file));
    }
    let parcels = ["RB123456789CN", "RB123456790CN"].map(|number| Tracked::new(number, "china-post"));
    let mut asked = Vec::new();
    for provider in PROVIDERS {
        let _ = drive(
            &caller(provider),
            |call| Aggregator.track(call, &parcels),
            |request| {
                asked.push(format!("{} {} {}", request.method(), request.uri(), text(request)));
                if provider == "easypost" { reply(200, r#"{"trackers":[]}"#) } else { reply(503, "") }
            },
        );
    }
    assert_eq!(
        asked,
        [
            "GET https://api.easypost.com/v2/trackers?tracking_code=RB123456789CN ",
            "GET https://api.easypost.com/v2/trackers?tracking_code=RB123456790CN ",
            "GET https://api.aftership.com/tracking/2025-07/trackings?tracking_numbers=RB123456789CN,RB123456790CN ",
            "POST https://api.17track.net/track/v2.2/gettrackinfo \
             [{\"carrier\":3011,\"number\":\"RB123456789CN\"},{\"carrier\":3011,\"number\":\"RB123456790CN\"}]",
            "GET https://api.trackingmore.com/v4/trackings/get?tracking_numbers=RB123456789CN,RB123456790CN ",
        ]
    );
}

#[test]
fn a_subscription_names_the_carrier_in_the_services_words_and_a_standing_one_is_success() {
    let rejected = r#"{"code":0,"data":{"accepted":[],"rejected":[{"number":"1","error":{"code":-18019901,"message":"registered"}}]}}"#;
    let taken = r#"{"code":0,"data":{"accepted":[{"number":"1","carrier":100012}],"rejected":[]}}"#;
    let table = [
        (
            "easypost",
            r#"{"id":"trk_1","object":"Tracker"}"#,
            200,
            r#"{"id":"trk_1","object":"Tracker"}"#,
            r#"{"tracker":{"carrier":"SFExpress","tracking_code":"SF7444400043266"}}"#,
        ),
        (
            "aftership",
            r#"{"meta":{"code":201},"data":{"id":"a1"}}"#,
            400,
            r#"{"meta":{"code":4003,"message":"Tracking already exists."},"data":{"id":"a1"}}"#,
            r#"{"slug":"sf-express","tracking_number":"SF7444400043266"}"#,
        ),
        ("17track", taken, 200, rejected, r#"[{"carrier":100012,"number":"SF7444400043266"}]"#),
        (
            "trackingmore",
            r#"{"meta":{"code":200},"data":{"id":"t1"}}"#,
            400,
            r#"{"meta":{"code":4101,"message":"Tracking No. already exists."}}"#,
            r#"{"courier_code":"sf-express","tracking_number":"SF7444400043266"}"#,
        ),
    ];
    for (provider, fresh, status, standing, said) in table {
        let parcel = Tracked::new("SF7444400043266", "sf");
        let answers = (reply(201, fresh), reply(status, standing));
        let sent = at(provider, |subject| {
            contract::subscribes(subject, &parcel, &answers.0, std::slice::from_ref(&answers.1))
        });
        assert_eq!(text(&sent), said);
        let header =
            ["authorization", "as-api-key", "17token", "tracking-api-key"].map(|name| sent.headers().get(name));
        assert_eq!(header.iter().flatten().count(), 1, "{provider}");
        assert!(header.iter().flatten().all(|value| value.is_sensitive()), "{provider}: the key is kept out of logs");
    }
    let parcel = Tracked::new("1", "sf");
    let sent = at("easypost", |subject| contract::subscribes(subject, &parcel, &reply(200, r#"{"id":"trk_1"}"#), &[]));
    assert_eq!(head(&sent, "authorization"), "Basic a2V5LTU1NjY3Nzg4OTk6", "the key with a colon and no password");
}

#[test]
fn spoilt_answers_are_no_answers() {
    for provider in PROVIDERS {
        at(provider, |subject| {
            contract::doubts_spoilt_answers(subject, Operation::Track, &listed(provider));
            contract::keeps_addresses_clean(subject, &[KEY, SECRET, PATH], &listed(provider));
        });
    }
    at("easypost", |s| contract::doubts_spoilt_answers(s, Operation::Subscribe, &reply(200, r#"{"id":"trk_1"}"#)));
    at("aftership", |s| {
        contract::doubts_spoilt_answers(s, Operation::Subscribe, &reply(200, r#"{"meta":{"code":201}}"#))
    });
    let taken = reply(200, r#"{"code":0,"data":{"accepted":[{"number":"1"}]}}"#);
    at("17track", |s| contract::doubts_spoilt_answers(s, Operation::Subscribe, &taken));
}

#[test]
fn every_documented_error_says_what_to_do_next() {
    use Operation::{Subscribe, Track};
    let fault = |to, status, body: String, kind, code| Fault { to, status, body, kind, code };
    for provider in PROVIDERS {
        let faults = [
            fault(Track, 401, "{}".into(), "credentials", "api_key"),
            fault(Track, 402, "{}".into(), "limited", ""),
            fault(Track, 429, "{}".into(), "limited", ""),
            fault(Track, 502, String::new(), "transient", ""),
        ];
        at(provider, |subject| contract::maps_errors(subject, &[KEY], &faults));
    }
    let error =
        |code: &str| format!(r#"{{"error":{{"code":"{code}","message":"no {{echo}} {KEY}x"}}}}"#).replace(KEY, "");
    at("easypost", |subject| {
        let faults = [
            fault(Subscribe, 422, error("TRACKER.CREATE.ERROR"), "rejected", "TRACKER.CREATE.ERROR"),
            fault(Subscribe, 400, error("APIKEY.WRONG_MODE"), "credentials", "api_key"),
            fault(Track, 404, "{}".into(), "rejected", "refused"),
        ];
        contract::maps_errors(subject, &[KEY], &faults);
    });
    let meta = |code: u32| format!(r#"{{"meta":{{"code":{code},"message":"no {{echo}}"}},"data":{{}}}}"#);
    at("aftership", |subject| {
        let faults = [
            fault(Subscribe, 400, meta(4005), "rejected", "4005"),
            fault(Subscribe, 200, meta(402), "limited", ""),
            fault(Track, 200, meta(401), "credentials", "api_key"),
            fault(Track, 200, meta(500), "transient", ""),
        ];
        contract::maps_errors(subject, &[KEY], &faults);
    });
    let number = |code: i64| {
        format!(
            r#"{{"code":0,"data":{{"accepted":[],"rejected":[{{"number":"1","error":{{"code":{code},"message":"no {{echo}}"}}}}]}}}}"#
        )
    };
    let whole = |code: i64| format!(r#"{{"code":{code},"data":{{}},"message":"no {{echo}}"}}"#);
    at("17track", |subject| {
        let faults = [
            fault(Subscribe, 200, number(-18_019_908), "limited", ""),
            fault(Subscribe, 200, number(-18_019_907), "limited", ""),
            fault(Subscribe, 200, number(-18_019_903), "rejected", "-18019903"),
            fault(Track, 200, number(-18_019_908), "limited", ""),
            fault(Track, 200, whole(-18_010_002), "credentials", "api_key"),
            fault(Track, 200, whole(-18_010_003), "transient", ""),
            fault(Track, 200, whole(-18_010_012), "rejected", "-18010012"),
        ];
        contract::maps_errors(subject, &[KEY], &faults);
    });
    at("trackingmore", |subject| {
        let faults = [
            fault(Subscribe, 200, meta(4190), "rejected", "carrier_not_covered"),
            fault(Track, 200, meta(4190), "limited", ""),
            fault(Track, 200, meta(4021), "limited", ""),
            fault(Track, 200, meta(4001), "credentials", "api_key"),
            fault(Track, 400, meta(4110), "rejected", "4110"),
        ];
        contract::maps_errors(subject, &[KEY], &faults[1..]);
    });
    let nothing = [("aftership", meta(4004)), ("17track", number(-18_019_902)), ("trackingmore", meta(4102))];
    for (provider, body) in nothing {
        let parcel = [Tracked::new("RB123456789CN", "ems")];
        let known = drive(&caller(provider), |call| Aggregator.track(call, &parcel), |_| reply(200, body.clone()));
        assert_eq!(known, Ok(Vec::new()), "{provider}: a number nobody knows is no error");
    }
    let stranger = Tracked::new("1", "pigeon-post");
    let asked = drive(&caller("trackingmore"), |call| Aggregator.subscribe(call, &stranger, ""), |_| panic!("sent"));
    assert!(matches!(asked, Err(CallError::Rejected { code, .. }) if code == "carrier_not_covered"));
}

#[test]
fn pushes_are_read() {
    for provider in PROVIDERS {
        let file = format!("tests/golden/{provider}-push.json");
        contract::reads_push(&Aggregator, &caller(provider).account, &sampled(provider), &file);
        contract::refuses_forged_pushes(&Aggregator, &caller(provider).account, &sampled(provider));
    }
}

fn proven(provider: &str, push: &Push) -> bool {
    let mut headers = http::HeaderMap::new();
    for (name, value) in &push.headers {
        headers.insert(*name, http::HeaderValue::from_str(value).unwrap());
    }
    let hook = Webhook::new("/", headers, push.body.clone().into());
    Aggregator.verify(hook, &caller(provider).account, push.secret.as_deref(), Millis(0)).is_ok()
}

#[test]
fn the_secret_in_the_address_is_not_enough() {
    for provider in PROVIDERS {
        let push = sampled(provider);
        assert!(proven(provider, &push));
        assert!(!proven(provider, &Push { headers: Vec::new(), ..push.clone() }), "{provider}: without a signature");
        for other in PROVIDERS.into_iter().filter(|other| *other != provider) {
            assert!(!proven(other, &push), "{provider}'s push is taken for {other}'s");
        }
        if provider != "trackingmore" {
            for at in 0..push.body.len() {
                let mut forged = push.clone();
                forged.body[at] ^= 1;
                assert!(!proven(provider, &forged), "{provider}: a changed byte {at} gets through");
            }
        }
    }
}

#[test]
fn states_mean_what_is_documented() {
    use ScanKind::{Moving, Other, OutForDelivery, PickedUp, Problem, Refused, Returned, Returning, Signed};
    let check = |provider: &str, table: &[(&str, ScanKind)], body: &dyn Fn(&str) -> String| {
        contract::keeps_unknown_codes(&Aggregator, &caller(provider).account, table, |code| {
            push(provider, &body(code))
        });
    };
    let table = [
        ("pre_transit", Other),
        ("in_transit", Moving),
        ("out_for_delivery", OutForDelivery),
        ("delivered", Signed),
        ("return_to_sender", Returning),
        ("failure", Problem),
    ];
    check("easypost", &table, &|code| {
        format!(
            r#"{{"description":"tracker.updated","result":{{"object":"Tracker","tracking_code":"1","tracking_details":[{{"status":"{code}","datetime":"2026-11-20T14:01:09Z"}}]}}}}"#
        )
    });
    let table = [
        ("Pending", Other),
        ("InTransit", Moving),
        ("AttemptFail", Problem),
        ("Delivered", Signed),
        ("AvailableForPickup", OutForDelivery),
    ];
    check("aftership", &table, &|code| {
        format!(
            r#"{{"event":"tracking_update","msg":{{"tracking_number":"1","checkpoints":[{{"tag":"{code}","checkpoint_time":"2026-11-20T14:01:09Z"}}]}}}}"#
        )
    });
    let table = [
        ("InfoReceived", Other),
        ("InTransit_PickedUp", PickedUp),
        ("InTransit_Arrival", Moving),
        ("OutForDelivery_Other", OutForDelivery),
        ("AvailableForPickup_Other", OutForDelivery),
        ("DeliveryFailure_NoBody", Problem),
        ("DeliveryFailure_Rejected", Refused),
        ("Exception_Returning", Returning),
        ("Exception_Returned", Returned),
        ("Delivered_Other", Signed),
    ];
    check("17track", &table, &|code| {
        format!(
            r#"{{"event":"TRACKING_UPDATED","data":{{"number":"1","track_info":{{"tracking":{{"providers":[{{"events":[{{"sub_status":"{code}","time_utc":"2026-11-20T14:01:09Z"}}]}}]}}}}}}}}"#
        )
    });
    let table = [
        ("pending", Other),
        ("transit", Moving),
        ("pickup", OutForDelivery),
        ("delivered", Signed),
        ("undelivered", Problem),
        ("exception", Problem),
    ];
    check("trackingmore", &table, &|code| {
        format!(
            r#"{{"data":{{"tracking_number":"1","origin_info":{{"trackinfo":[{{"checkpoint_delivery_status":"{code}","checkpoint_date":"2026-11-20 14:01"}}]}}}}}}"#
        )
    });
}

#[test]
fn a_watch_that_ends_after_delivery_is_no_news() {
    let body =
        r#"{"event":"TRACKING_STOPPED","data":{"number":"1","track_info":{"latest_status":{"status":"Delivered"}}}}"#;
    let hook = push("17track", body);
    let mut headers = http::HeaderMap::new();
    headers.insert("sign", http::HeaderValue::from_str(&hook.headers[0].1).unwrap());
    let account = caller("17track").account;
    let proven =
        Aggregator.verify(Webhook::new("/", headers, hook.body.into()), &account, Some(PATH), Millis(0)).unwrap();
    assert_eq!(Aggregator.read(&proven), Ok(Vec::new()));
}

#[test]
fn the_acknowledgement_is_a_status() {
    contract::acknowledges_exactly(&Aggregator, &sampled("17track"), "application/json", r#"{"ok":true}"#);
}
