//! The contract of every carrier, and what is this one's own.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test's report")]

mod fixture;

use carrier_jtexpress::JtExpress;
use fixture::{KEY, booked, caller, credentials, push, sampled};
use huidan_carrier::{Balance, Carrier, ScanKind, Tracked};
use huidan_exchange::CallError;
use huidan_testkit::carrier::{self as contract, Fault, Operation, Subject, field, head, parcel, sample};
use huidan_testkit::{drive, golden, reply};

const SECRETS: [&str; 2] = [KEY, "order-password"];

/// Runs a check of the contract over the usual account and parcel.
fn with<R>(check: impl FnOnce(&Subject<'_, JtExpress>) -> R) -> R {
    contract::over(&JtExpress, &caller(), &parcel(), check)
}

fn coded(code: &str, words: &str) -> String {
    format!(r#"{{"code":"{code}","msg":"{words}","data":null}}"#)
}

#[test]
fn it_declares_itself_and_has_what_it_declares() {
    with(|subject| contract::is_what_it_says(subject, &credentials()));
}

#[test]
fn the_documented_answer_is_a_number_with_its_routing() {
    with(|subject| contract::books(subject, &[sample("created.json")], &booked()));
}

#[test]
fn where_the_repeat_is_called_an_error_the_first_result_is_asked_for() {
    for code in ["145003101", "145002001"] {
        let repeated = reply(200, coded(code, "客户订单号已存在"));
        with(|subject| contract::books(subject, &[repeated, sample("orders.json")], &booked()));
        let mut answers =
            [reply(200, coded(code, "")), reply(200, r#"{"code":"1","msg":"success","data":[]}"#)].into_iter();
        let lost = drive(&caller(), |call| JtExpress.book(call, &parcel()), |_| answers.next().unwrap());
        assert!(matches!(lost, Err(CallError::Unknown { .. })), "{lost:?}");
    }
}

#[test]
fn the_order_says_what_the_parcel_says_and_is_signed_twice() {
    let request = contract::sent(&JtExpress, &caller(), &parcel(), &sample("created.json"));
    let heads = ["apiaccount", "timestamp", "digest"].map(|name| head(&request, name).to_owned());
    let sent = format!("{} {} {}", request.uri(), heads.join(" "), field(&request, "bizContent"));
    golden::golden("tests/golden/order.txt", &sent);
}

#[test]
fn a_lost_answer_is_asked_for_by_our_order_number() {
    with(|subject| contract::repeats_itself(subject, |request| field(request, "bizContent")));
    for nothing in [reply(200, coded("145003064", "数据未找到")), reply(200, r#"{"code":1,"msg":"success","data":[]}"#)]
    {
        with(|subject| contract::resolves_a_lost_answer(subject, &sample("orders.json"), Some(&nothing), &booked()));
    }
    let cancelled = contract::sample_text("orders.json").replace(r#""orderStatus":100"#, r#""orderStatus":104"#);
    let found = drive(&caller(), |call| JtExpress.query(call, &parcel()), |_| reply(200, cancelled.clone()));
    assert_eq!(found, Ok(None), "a cancelled number is nobody's");
}

#[test]
fn spoilt_answers_leave_the_outcome_open() {
    with(|subject| {
        for operation in [Operation::Book, Operation::Cancel] {
            contract::doubts_spoilt_answers(subject, operation, &sample("created.json"));
        }
        contract::doubts_spoilt_answers(subject, Operation::Query, &sample("orders.json"));
        contract::doubts_spoilt_answers(subject, Operation::Track, &sample("trace.json"));
        contract::doubts_spoilt_answers(
            subject,
            Operation::Balance,
            &reply(200, r#"{"code":"1","data":{"balance":1}}"#),
        );
        contract::keeps_addresses_clean(subject, &SECRETS, &sample("created.json"));
    });
}

#[test]
fn every_documented_error_says_what_to_do_next_and_nothing_private() {
    use Operation::{Balance, Book, Cancel, Query, Track};
    let fault = |to, status, body: String, kind, code| Fault { to, status, body, kind, code };
    let said = |code: &str| coded(code, "失败 {echo}");
    let mut faults = vec![
        fault(Book, 200, said("0"), "unknown", ""),
        fault(Book, 200, said("145003040"), "unknown", ""),
        fault(Book, 200, said("145003041"), "unknown", ""),
        fault(Book, 200, said("145005000"), "unknown", ""),
        fault(Book, 200, said("145003010"), "credentials", "api_account"),
        fault(Book, 200, said("145003012"), "credentials", "api_account"),
        fault(Book, 200, said("145003030"), "credentials", "private_key"),
        fault(Book, 200, said("145003031"), "credentials", "password"),
        fault(Book, 200, said("999001030"), "rejected", "999001030"),
        fault(Book, 200, r#"{"code":"1","msg":"success","data":null}"#.to_owned(), "unknown", ""),
        fault(Cancel, 200, said("999002010"), "rejected", "999002010"),
        fault(Cancel, 200, said("145003201"), "rejected", "145003201"),
        fault(Cancel, 200, said("999002000"), "rejected", "order_not_found"),
        fault(Query, 200, said("145005000"), "transient", ""),
        fault(Track, 200, said("145003050"), "rejected", "145003050"),
        fault(Track, 200, said("145005000"), "transient", ""),
        fault(Balance, 200, said("145003031"), "credentials", "password"),
        fault(Book, 500, String::new(), "unknown", ""),
        fault(Book, 503, String::new(), "transient", ""),
        fault(Book, 429, String::new(), "limited", ""),
    ];
    for code in ["145003050", "145003060", "145003084", "145003092", "145003111", "145003200", "999001010"] {
        faults.push(fault(Book, 200, said(code), "rejected", code));
    }
    with(|subject| contract::maps_errors(subject, &SECRETS, &faults));
}

#[test]
fn giving_a_number_back_twice_is_no_error() {
    let done = reply(200, r#"{"code":"1","msg":"success","data":{"billCode":"JT0000498364212","txlogisticId":"x"}}"#);
    for again in [coded("145003202", "已取消状态不能修改"), coded("0", "订单已取消")] {
        with(|subject| contract::cancels(subject, std::slice::from_ref(&done), &[reply(200, again.clone())]));
    }
}

#[test]
fn what_is_left_of_the_numbers_is_told() {
    let expected = [Balance { place: String::new(), numbers: Some(812), given_back: None, money: None }];
    for written in ["812", "\"812\""] {
        let answer = reply(200, format!(r#"{{"code":"1","msg":"success","data":{{"balance":{written}}}}}"#));
        with(|subject| contract::balances(subject, &[answer], &expected));
    }
}

#[test]
fn traces_of_several_numbers_are_asked_for_at_once() {
    let parcels = ["JT0000498364212", "JT0000498364299"].map(|number| Tracked::new(number, "jtexpress"));
    with(|subject| contract::tracks(subject, &parcels, &[sample("trace.json")], "tests/golden/trace.json"));
    let mut asked = String::new();
    let nothing = drive(
        &caller(),
        |call| JtExpress.track(call, &parcels),
        |request| {
            asked = field(request, "bizContent");
            reply(200, r#"{"code":"1","msg":"success","data":null}"#)
        },
    );
    assert_eq!(nothing, Ok(Vec::new()));
    assert_eq!(asked, r#"{"billCodes":"JT0000498364212,JT0000498364299"}"#);
}

#[test]
fn a_push_is_read_and_proven_by_its_header() {
    let account = caller().account;
    contract::reads_push(&JtExpress, &account, &sampled(), "tests/golden/push.json");
    contract::refuses_forged_pushes(&JtExpress, &account, &sampled());
    let alone = r#"{"billCode":"JT0000498364212","scanType":"3","scanTime":"2026-11-20 22:01:09","desc":"x"}"#;
    contract::reads_push(&JtExpress, &account, &push(alone), "tests/golden/push-alone.json");
}

#[test]
fn scans_go_by_number_or_by_name() {
    use ScanKind::{Moving, OutForDelivery, PickedUp, Problem, Returning, Signed};
    let table = [
        ("1", PickedUp),
        ("快件揽收", PickedUp),
        ("3", Moving),
        ("发件扫描", Moving),
        ("到件扫描", Moving),
        ("5", OutForDelivery),
        ("出仓扫描", OutForDelivery),
        ("6", OutForDelivery),
        ("8", ScanKind::Other),
        ("10", Signed),
        ("快件签收", Signed),
        ("11", Problem),
        ("问题件扫描", Problem),
        ("13", ScanKind::Other),
        ("14", Returning),
    ];
    contract::keeps_unknown_codes(&JtExpress, &caller().account, &table, |code| {
        push(&format!(r#"{{"billCode":"JT1","details":[{{"scanTime":"2026-11-20 22:01:09","scanType":"{code}"}}]}}"#))
    });
}

#[test]
fn the_acknowledgement_is_exact() {
    let body = r#"{"code":"1","msg":"success","data":"SUCCESS"}"#;
    contract::acknowledges_exactly(&JtExpress, &sampled(), "application/json", body);
}
