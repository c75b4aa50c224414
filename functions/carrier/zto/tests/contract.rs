//! The contract of every carrier, and what is this one's own.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test's report")]

mod fixture;

use carrier_zto::Zto;
use fixture::{PASSWORD, SECRET, booked, caller, credentials, push, push_of};
use huidan_carrier::{Balance, Carrier, Intercept, ScanKind, Tracked};
use huidan_domain::WaybillNo;
use huidan_exchange::{CallError, Credentials, Reply};
use huidan_testkit::carrier::{self as kit, Fault, Operation, Subject, sample};
use huidan_testkit::{drive, golden, reply};
use serde_json::{Value, json};

/// Runs a check of the contract over the usual account and parcel.
fn with<R>(check: impl FnOnce(&Subject<'_, Zto>) -> R) -> R {
    kit::over(&Zto, &caller(), &kit::parcel(), check)
}

fn done() -> Reply {
    reply(200, json!({"result": null, "message": "", "status": true, "statusCode": "SYS000"}).to_string())
}

fn refused(code: &str, words: &str) -> Value {
    json!({"result": null, "message": words, "status": false, "statusCode": code})
}

fn refusal(code: &str, words: &str) -> Reply {
    reply(200, refused(code, words).to_string())
}

#[test]
fn it_declares_itself_and_has_what_it_declares() {
    with(|subject| kit::is_what_it_says(subject, &credentials()));
}

#[test]
fn the_documented_answer_is_a_number_with_its_large_mark() {
    with(|subject| {
        kit::books(subject, &[sample("created.json")], &booked());
        kit::resolves_a_lost_answer(subject, &sample("created.json"), None, &booked());
    });
}

#[test]
fn the_order_says_what_the_parcel_says_and_its_very_bytes_are_signed() {
    let request = kit::sent(&Zto, &caller(), &kit::parcel(), &sample("created.json"));
    assert_eq!(request.uri(), "https://japi-test.zto.com/zto.open.createOrder");
    assert_eq!(kit::head(&request, "x-appkey"), "d577e7b5");
    let digest = huidan_exchange::sign::md5(&[request.body(), SECRET.as_bytes()]);
    assert_eq!(kit::head(&request, "x-datadigest"), huidan_exchange::sign::base64(&digest));
    golden::golden("tests/golden/order.txt", &kit::text(&request));
    with(|subject| kit::repeats_itself(subject, kit::text));
}

#[test]
fn a_group_customer_and_a_pick_up_are_ordered_as_such() {
    let mut caller = caller();
    let mut values = credentials();
    values.insert("customer_id".into(), "GPG1".into());
    caller.account.credentials = Credentials::new(values.clone());
    let mut parcel = kit::parcel();
    parcel.service = "2".into();
    let _ = drive(
        &caller,
        |call| Zto.book(call, &parcel),
        |request| {
            let body: Value = serde_json::from_slice(request.body()).unwrap();
            assert_eq!((&body["partnerType"], &body["orderType"]), (&json!("1"), &json!("2")));
            assert_eq!(body["accountInfo"]["customerId"], "GPG1");
            sample("created.json")
        },
    );
    values.insert("order_type".into(), "3".into());
    caller.account.credentials = Credentials::new(values);
    let named = drive(&caller, |call| Zto.book(call, &kit::parcel()), |_| panic!("nothing is sent"));
    assert!(matches!(named, Err(CallError::Credentials { field, .. }) if field == "order_type"));
}

#[test]
fn an_answer_about_another_order_is_no_number() {
    let body = String::from_utf8(sample("created.json").body().to_vec()).unwrap().replace("0001A", "0001B");
    let booked = drive(&caller(), |call| Zto.book(call, &kit::parcel()), |_| reply(200, body.clone()));
    assert!(matches!(booked, Err(CallError::Unknown { .. })), "{booked:?}");
}

#[test]
fn spoilt_answers_leave_the_outcome_open() {
    with(|subject| {
        kit::doubts_spoilt_answers(subject, Operation::Book, &sample("created.json"));
        kit::doubts_spoilt_answers(subject, Operation::Track, &sample("traces.json"));
        kit::doubts_spoilt_answers(subject, Operation::Balance, &sample("balance.json"));
        for operation in [Operation::Cancel, Operation::Subscribe, Operation::Intercept] {
            kit::doubts_spoilt_answers(subject, operation, &done());
        }
        kit::keeps_addresses_clean(subject, &[SECRET, PASSWORD], &sample("created.json"));
    });
}

#[test]
fn giving_a_number_back_twice_is_no_error_and_a_refusal_says_that_it_comes_back_alone() {
    with(|subject| kit::cancels(subject, &[done()], &[refusal("E110", "订单已取消")]));
    let number = WaybillNo::parse("73100000000001").unwrap();
    let kept = drive(&caller(), |call| Zto.cancel(call, &number, kit::CLAIM), |_| refusal("E111", "非预约件"));
    match kept {
        Err(CallError::Rejected { code, remedy }) => assert!(code == "E111" && remedy.contains("30–60"), "{remedy}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_balance_tells_what_is_left_and_what_came_back() {
    let expected = Balance { place: String::new(), numbers: Some(321), given_back: Some(12), money: None };
    with(|subject| kit::balances(subject, &[sample("balance.json")], std::slice::from_ref(&expected)));
}

#[test]
fn a_standing_subscription_is_success_and_the_phones_tail_goes_with_it() {
    let parcel = Tracked { phone_tail: "8000".into(), ..Tracked::new("73100000000001", "zto") };
    let sent = with(|subject| kit::subscribes(subject, &parcel, &done(), &[refusal("E120", "该运单已订阅")]));
    assert_eq!(sent.uri().path(), "/zto.merchant.waybill.track.subsrcibe");
    assert_eq!(kit::text(&sent), r#"{"billCode":"73100000000001","mobilePhone":"8000"}"#);
}

#[test]
fn a_parcel_is_called_back_or_sent_elsewhere_and_the_same_wish_stands_once() {
    let standing = [refusal("E23127", "已经有相同诉求,不允许再次发起")];
    let elsewhere = Intercept::Redirect(kit::parcel().receiver);
    with(|subject| {
        kit::intercepts(subject, &Intercept::Return, &[done()], &standing);
        kit::intercepts(subject, &elsewhere, &[done()], &standing);
        kit::intercepts(subject, &Intercept::Return, &[], &[refusal("E421", "拦截件已存在")]);
    });
    let number = WaybillNo::parse("73100000000001").unwrap();
    let wish = |wish: &Intercept| {
        let sent = std::cell::RefCell::new(Value::Null);
        let _ = drive(
            &caller(),
            |call| Zto.intercept(call, &number, kit::CLAIM, wish),
            |request| {
                *sent.borrow_mut() = serde_json::from_slice(request.body()).unwrap();
                done()
            },
        );
        sent.into_inner()
    };
    let (back, away) = (wish(&Intercept::Return), wish(&elsewhere));
    assert_eq!((&back["destinationType"], &away["destinationType"]), (&json!(2), &json!(3)));
    assert_eq!(away["receiveCity"], "深圳市");
    assert_ne!(back["requestId"], away["requestId"], "two wishes are two requests");
}

#[test]
fn an_intercept_that_is_refused_says_nothing_of_the_new_receiver() {
    let to = kit::parcel().receiver;
    let number = WaybillNo::parse("73100000000001").unwrap();
    let words = format!("{} {} {} 地址错误", to.name, to.phone, to.street);
    let elsewhere = Intercept::Redirect(to.clone());
    let refused =
        drive(&caller(), |call| Zto.intercept(call, &number, kit::CLAIM, &elsewhere), |_| refusal("E23148", &words));
    let said = format!("{refused:?}");
    assert!(said.contains("E23148"));
    assert!(![to.name, to.phone, to.street].iter().any(|private| said.contains(private.as_str())), "{said}");
}

#[test]
fn traces_are_read_one_number_after_the_other() {
    let parcels = ["73100000000001", "73100000000002"].map(|number| Tracked::new(number, "zto"));
    let answers = [sample("traces.json"), sample("nothing.json")];
    with(|subject| kit::tracks(subject, &parcels, &answers, "tests/golden/traces.json"));
}

#[test]
fn words_of_an_answer_mean_other_than_those_of_a_push() {
    let body = String::from_utf8(sample("traces.json").body().to_vec()).unwrap();
    let table = [
        ("发件", ScanKind::Moving),
        ("派件", ScanKind::OutForDelivery),
        ("退件", ScanKind::Returning),
        ("问题件", ScanKind::Problem),
        ("DEPARTURE", ScanKind::Problem),
        ("SIGNED", ScanKind::Signed),
        ("1", ScanKind::PickedUp),
        ("44", ScanKind::OutForDelivery),
        ("45", ScanKind::Signed),
        ("事件", ScanKind::Other),
    ];
    for (code, kind) in table {
        let answer = reply(200, body.replace("\"签收\"", &format!("\"{code}\"")));
        let parcel = Tracked::new("73100000000001", "zto");
        let scans =
            drive(&caller(), |call| Zto.track(call, std::slice::from_ref(&parcel)), |_| answer.clone()).unwrap();
        assert_eq!(scans.last().map(|scan| (scan.code.as_str(), scan.kind)), Some((code, kind)));
    }
}

#[test]
fn every_documented_error_says_what_to_do_next_and_nothing_private() {
    use Operation::{Balance as Left, Book, Cancel, Subscribe, Track};
    let fault = |to, status, body: Value, kind, code| Fault { to, status, body: body.to_string(), kind, code };
    let faults = [
        fault(Book, 200, refused("S200", "{echo}"), "unknown", ""),
        fault(Book, 200, refused("S202", "{echo}"), "unknown", ""),
        fault(Book, 200, refused("S203", "{echo}"), "unknown", ""),
        fault(Track, 200, refused("S203", "{echo}"), "transient", ""),
        fault(Book, 200, refused("S206", "{echo}"), "limited", ""),
        fault(Book, 200, refused("S221", "{echo}"), "limited", ""),
        fault(Book, 200, refused("S207", "{echo}"), "rejected", "S207"),
        fault(Book, 200, refused("S210", "{echo}"), "credentials", "app_key"),
        fault(Book, 200, refused("S211", "{echo}"), "credentials", "app_secret"),
        fault(Book, 200, refused("S212", "{echo}"), "credentials", "app_key"),
        fault(Book, 200, refused("S214", "{echo}"), "credentials", "app_secret"),
        fault(Book, 200, refused("S208", "{echo}"), "rejected", "S208"),
        fault(Book, 200, refused("E404", "{echo}"), "credentials", "account_id"),
        fault(Book, 200, refused("E106", "订单号重复 {echo}"), "unknown", ""),
        fault(Book, 200, refused("E409", "{echo}"), "rejected", "E409"),
        fault(Book, 200, refused("E413", "{echo}"), "rejected", "E413"),
        fault(Cancel, 200, refused("E416", "{echo}"), "rejected", "E416"),
        fault(Book, 200, refused("E418", "{echo}"), "credentials", "account_id"),
        fault(Subscribe, 200, refused("E416", "{echo}"), "rejected", "E416"),
        fault(Left, 200, refused("E404", "{echo}"), "credentials", "account_id"),
        fault(Book, 500, json!({}), "unknown", ""),
        fault(Book, 503, json!({}), "transient", ""),
        fault(Book, 403, json!({}), "credentials", "app_key"),
        fault(Book, 429, json!({}), "limited", ""),
    ];
    with(|subject| kit::maps_errors(subject, &[], &faults));
}

#[test]
fn pushes_of_both_interfaces_are_read_and_forged_ones_are_nobodys() {
    let account = caller().account;
    kit::reads_push(&Zto, &account, &push(), "tests/golden/push.json");
    let old = push_of(&kit::sample_text("push-2017.json"));
    kit::reads_push(&Zto, &account, &old, "tests/golden/push-2017.json");
    kit::reads_push(&Zto, &account, &push_of(r#"{"orderCode":"261121000000001"}"#), "tests/golden/other.json");
    kit::refuses_forged_pushes(&Zto, &account, &push());
}

#[test]
fn words_of_a_push_mean_what_is_documented_and_new_ones_are_kept() {
    let table = [
        ("GOT", ScanKind::PickedUp),
        ("ARRIVAL", ScanKind::Moving),
        ("DEPARTURE", ScanKind::Moving),
        ("DISPATCH", ScanKind::OutForDelivery),
        ("INBOUND", ScanKind::OutForDelivery),
        ("HANDOVERSCAN_SIGNED", ScanKind::OutForDelivery),
        ("SIGNED", ScanKind::Signed),
        ("DEPARTURE_SIGNED", ScanKind::Signed),
        ("PROBLEM", ScanKind::Problem),
        ("RETURN", ScanKind::Returning),
        ("RETURN_SCAN", ScanKind::Returning),
        ("RETURN_SIGN", ScanKind::Returned),
        ("SIGN", ScanKind::Signed),
        ("RESIGN", ScanKind::Returned),
    ];
    kit::keeps_unknown_codes(&Zto, &caller().account, &table, |code| {
        push_of(&kit::sample_text("push.json").replace("SIGNED", code))
    });
}

#[test]
fn what_is_stored_is_acknowledged_in_the_platforms_own_words() {
    let body = r#"{"message":"","result":"success","status":true,"statusCode":"0"}"#;
    kit::acknowledges_exactly(&Zto, &push(), "application/json", body);
}
