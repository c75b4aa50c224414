//! The contract of every carrier, and what is this one's own.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test's report")]

mod fixture;

use carrier_kuaidi100::Kuaidi100;
use fixture::{SALT, SECRETS, booked, booked_pieces, caller, credentials, push, sampled};
use huidan_carrier::{Cancelled, Carrier, Intercept, Quote, ScanKind, Tracked};
use huidan_domain::{Currency, Money, WaybillNo};
use huidan_exchange::CallError;
use huidan_testkit::carrier::{self as contract, Fault, Operation, Subject, field, parcel, pieces, sample};
use huidan_testkit::{drive, golden, reply};

/// Runs a check of the contract over the usual account and parcel.
fn with<R>(check: impl FnOnce(&Subject<'_, Kuaidi100>) -> R) -> R {
    contract::over(&Kuaidi100, &caller(), &parcel(), check)
}

#[test]
fn it_declares_itself_and_has_what_it_declares() {
    with(|subject| contract::is_what_it_says(subject, &credentials()));
}

#[test]
fn the_documented_answer_is_a_number_with_its_routing_and_its_carrier() {
    with(|subject| contract::books(subject, &[sample("created.json")], &booked()));
}

#[test]
fn further_pieces_get_numbers_of_their_own_and_as_many_as_were_asked_for() {
    let (caller, parcel) = (caller(), pieces(3));
    let subject = Subject { carrier: &Kuaidi100, caller: &caller, parcel: &parcel };
    contract::books(&subject, &[sample("created-pieces.json")], &booked_pieces());
    let short = drive(&caller, |call| Kuaidi100.book(call, &pieces(4)), |_| sample("created-pieces.json"));
    assert!(matches!(short, Err(CallError::Unknown { .. })), "{short:?}");
}

#[test]
fn the_order_says_what_the_parcel_says() {
    let request = contract::sent(&Kuaidi100, &caller(), &parcel(), &sample("created.json"));
    let sent = format!("{} {} {}", request.uri(), field(&request, "method"), field(&request, "param"));
    golden::golden("tests/golden/order.txt", &sent);
}

#[test]
fn a_repeat_says_the_same_and_gives_the_first_number() {
    with(|subject| contract::repeats_itself(subject, |request| field(request, "param")));
    with(|subject| contract::resolves_a_lost_answer(subject, &sample("repeated.json"), None, &booked()));
}

#[test]
fn spoilt_answers_leave_the_outcome_open() {
    with(|subject| {
        for operation in [Operation::Book, Operation::Query, Operation::Cancel, Operation::Intercept] {
            contract::doubts_spoilt_answers(subject, operation, &sample("created.json"));
        }
        contract::doubts_spoilt_answers(subject, Operation::Price, &sample("prices.json"));
        contract::doubts_spoilt_answers(subject, Operation::Track, &sample("query.json"));
        contract::doubts_spoilt_answers(subject, Operation::Subscribe, &reply(200, r#"{"returnCode":"200"}"#));
        contract::keeps_addresses_clean(subject, &SECRETS, &sample("created.json"));
    });
}

#[test]
fn every_documented_error_says_what_to_do_next_and_nothing_private() {
    use Operation::{Book, Cancel, Price, Subscribe, Track};
    let label = |code: u32| format!(r#"{{"success":false,"code":{code},"message":"失败 {{echo}}"}}"#);
    let poll = |code: u32| format!(r#"{{"result":false,"returnCode":"{code}","message":"失败 {{echo}}"}}"#);
    let fault = |to, status, body: String, kind, code| Fault { to, status, body, kind, code };
    let mut faults = vec![
        fault(Book, 200, label(30005), "unknown", ""),
        fault(Book, 200, label(500), "unknown", ""),
        fault(Book, 200, r#"{"success":true,"code":200,"data":null}"#.to_owned(), "unknown", ""),
        fault(Book, 200, r#"{"success":true,"code":30001,"message":"{echo}"}"#.to_owned(), "rejected", "30001"),
        fault(Cancel, 200, label(30005), "rejected", "30005"),
        fault(Price, 200, label(30001), "rejected", "30001"),
        fault(Book, 500, String::new(), "unknown", ""),
        fault(Book, 503, String::new(), "transient", ""),
        fault(Book, 429, String::new(), "limited", ""),
    ];
    for code in ["30001", "30002", "30003", "30004", "30006", "30007"] {
        faults.push(fault(Book, 200, label(code.parse().unwrap()), "rejected", code));
    }
    for to in [Track, Subscribe] {
        faults.extend([
            fault(to, 200, poll(502), "transient", ""),
            fault(to, 200, poll(503), "credentials", "key"),
            fault(to, 200, poll(600), "credentials", "customer"),
            fault(to, 200, poll(601), "credentials", "key"),
            fault(to, 200, poll(700), "rejected", "700"),
            fault(to, 200, poll(701), "rejected", "701"),
            fault(to, 200, poll(702), "rejected", "702"),
            fault(to, 200, poll(799), "rejected", "799"),
        ]);
    }
    faults.push(fault(Subscribe, 200, poll(500), "transient", ""));
    with(|subject| contract::maps_errors(subject, &SECRETS, &faults));
}

#[test]
fn a_receiver_that_nobody_can_read_is_not_sent() {
    let (mut encrypted, mut masked) = (parcel(), parcel());
    encrypted.receiver.token = Some("oaid".into());
    masked.receiver.name = "王**".into();
    for parcel in [encrypted, masked] {
        let refused = drive(&caller(), |call| Kuaidi100.book(call, &parcel), |_| panic!("nothing is sent"));
        assert!(matches!(refused, Err(CallError::Rejected { .. })));
    }
}

#[test]
fn giving_a_number_back_twice_is_no_error() {
    let done = reply(200, r#"{"success":true,"code":200,"message":"取消成功","data":null}"#);
    let again = reply(200, r#"{"success":false,"code":30009,"message":"该订单已取消"}"#);
    with(|subject| contract::cancels(subject, &[done], &[again]));
}

#[test]
fn the_carriers_own_order_number_goes_back_with_the_number() {
    for (reference, told) in [("01745833873064PT1bzn", true), ("", false)] {
        let sent = std::cell::RefCell::new(String::new());
        let number = WaybillNo::parse("YT8801234567890").unwrap();
        let cancelled = drive(
            &caller(),
            |call| Kuaidi100.cancel_by(call, &number, "claim", reference),
            |request| {
                *sent.borrow_mut() = String::from_utf8_lossy(request.body()).into_owned();
                reply(200, r#"{"success":true,"code":200,"message":"取消成功","data":null}"#)
            },
        );
        assert_eq!(cancelled, Ok(Cancelled::Done));
        let sent = sent.borrow();
        assert_eq!((sent.contains("orderId"), sent.contains("01745833873064PT1bzn")), (told, told), "{sent}");
    }
}

#[test]
fn prices_stand_cheapest_first() {
    let quote = |service: &str, fen| Quote {
        service: service.into(),
        title: service.into(),
        price: Money::from_minor(fen, Currency::CNY),
        days: None,
    };
    let expected = [quote("标准快递", 850), quote("圆准达", 1200)];
    with(|subject| contract::prices(subject, &[sample("prices.json")], &expected));
}

#[test]
fn a_parcel_goes_back_or_to_somebody_else() {
    let taken = || [reply(200, r#"{"success":true,"code":200,"message":"提交成功"}"#)];
    with(|subject| contract::intercepts(subject, &Intercept::Return, &taken(), &[]));
    with(|subject| contract::intercepts(subject, &Intercept::Redirect(parcel().receiver), &taken(), &[]));
}

#[test]
fn what_others_carry_is_asked_for_by_their_code() {
    let parcel = Tracked { phone_tail: "8888".into(), ..Tracked::new("YT8801234567890", "yto") };
    let answers = [sample("query.json")];
    with(|subject| contract::tracks(subject, std::slice::from_ref(&parcel), &answers, "tests/golden/query.json"));
    let mut asked = String::new();
    let nothing = drive(
        &caller(),
        |call| Kuaidi100.track(call, std::slice::from_ref(&parcel)),
        |request| {
            asked = field(request, "param");
            reply(200, r#"{"result":false,"returnCode":"500","message":"查询无结果，请隔段时间再查"}"#)
        },
    );
    assert_eq!(nothing, Ok(Vec::new()), "a number that nothing is known of yet is no error");
    assert_eq!(
        asked,
        r#"{"com":"yuantong","num":"YT8801234567890","order":"desc","phone":"8888","resultv2":"4","show":"0"}"#
    );
    let stranger = Tracked::new("XX123456", "pigeon-post");
    let refused = drive(&caller(), |call| Kuaidi100.track(call, std::slice::from_ref(&stranger)), |_| panic!("sent"));
    assert!(matches!(refused, Err(CallError::Rejected { code, .. }) if code == "carrier_not_covered"));
}

#[test]
fn a_subscription_gives_our_address_and_the_salt_and_a_standing_one_is_success() {
    let fresh = reply(200, r#"{"result":true,"returnCode":"200","message":"提交成功"}"#);
    let standing = reply(200, r#"{"result":false,"returnCode":"501","message":"POLL:重复订阅"}"#);
    let parcel = Tracked::new("SF1234567890123", "sf");
    let sent = with(|subject| contract::subscribes(subject, &parcel, &fresh, &[standing]));
    assert_eq!(sent.uri(), "https://poll.kuaidi100.com/poll");
    assert_eq!(field(&sent, "schema"), "json");
    let param = field(&sent, "param");
    for said in
        [r#""company":"shunfeng""#, r#""callbackurl":"https://hub.example/track/"#, &format!(r#""salt":"{SALT}""#)]
    {
        assert!(param.contains(said), "{param}");
    }
}

#[test]
fn a_push_is_read_and_the_newest_row_bears_the_state() {
    let account = caller().account;
    contract::reads_push(&Kuaidi100, &account, &sampled("push.json"), "tests/golden/push.json");
    contract::reads_push(&Kuaidi100, &account, &sampled("abort.json"), "tests/golden/abort.json");
    contract::refuses_forged_pushes(&Kuaidi100, &account, &sampled("push.json"));
}

#[test]
fn a_row_is_the_same_row_in_every_push() {
    let account = caller().account;
    let keys = |param: &str| -> Vec<String> {
        let push = push(param);
        let hook = huidan_exchange::Webhook::new("/", http::HeaderMap::new(), push.body.into());
        let proven = Kuaidi100.verify(hook, &account, None, huidan_domain::Millis(0)).unwrap();
        Kuaidi100.read(&proven).unwrap().into_iter().map(|scan| scan.event_id).collect()
    };
    let row = |time: &str| format!(r#"{{"context":"已到达","ftime":"{time}"}}"#);
    let of = |rows: &str| format!(r#"{{"status":"polling","lastResult":{{"nu":"1","state":"0","data":[{rows}]}}}}"#);
    let (old, new) = (row("2026-11-20 22:01:09"), row("2026-11-21 08:00:00"));
    let both = keys(&of(&format!("{new},{old}")));
    assert_eq!(both[1], keys(&of(&old))[0], "the row is known again though it is the newest no more");
    assert_ne!(both[0], both[1]);
}

#[test]
fn states_mean_what_is_documented() {
    use ScanKind::{Moving, OutForDelivery, PickedUp, Problem, Refused, Returned, Returning, Signed};
    let table = [
        ("0", Moving),
        ("1", PickedUp),
        ("2", Problem),
        ("3", Signed),
        ("4", Returned),
        ("5", OutForDelivery),
        ("6", Returning),
        ("7", Moving),
        ("8", Moving),
        ("13", Problem),
        ("14", Refused),
        ("101", ScanKind::Other),
        ("102", ScanKind::Other),
        ("103", PickedUp),
        ("1001", Moving),
        ("501", OutForDelivery),
        ("203", Refused),
        ("204", Problem),
        ("304", Signed),
        ("401", Problem),
    ];
    contract::keeps_unknown_codes(&Kuaidi100, &caller().account, &table, |code| {
        let row = format!(r#"{{"context":"x","ftime":"2026-11-20 22:01:09","statusCode":"{code}"}}"#);
        push(&format!(r#"{{"status":"polling","lastResult":{{"nu":"YT1","state":"0","data":[{row}]}}}}"#))
    });
}

#[test]
fn the_acknowledgement_is_exact() {
    let body = r#"{"result":true,"returnCode":"200","message":"成功"}"#;
    contract::acknowledges_exactly(&Kuaidi100, &sampled("push.json"), "application/json", body);
}
