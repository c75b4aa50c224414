//! The contract of every carrier, and what is this one's own.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test's report")]

mod fixture;

use carrier_kdniao::Kdniao;
use fixture::{APP_KEY, booked, booked_pieces, caller, credentials, push, sampled};
use huidan_carrier::{Carrier, ScanKind, Tracked};
use huidan_exchange::{Account, CallError, Credentials, Refusal, Said};
use huidan_testkit::carrier::{self as contract, Fault, Operation, Subject, field, parcel, pieces, sample};
use huidan_testkit::{Caller, drive, golden, reply};

const SECRETS: [&str; 2] = [APP_KEY, "waybill-password"];

/// Runs a check of the contract over the usual account and parcel.
fn with<R>(check: impl FnOnce(&Subject<'_, Kdniao>) -> R) -> R {
    contract::over(&Kdniao, &caller(), &parcel(), check)
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
fn further_pieces_get_numbers_of_their_own_however_they_are_listed() {
    let (caller, parcel) = (caller(), pieces(3));
    let subject = Subject { carrier: &Kdniao, caller: &caller, parcel: &parcel };
    contract::books(&subject, &[sample("created-pieces.json")], &booked_pieces());
    let listed = contract::sample_text("created-pieces.json");
    let text =
        listed.replace(r#"["SF7444400043275","SF7444400043284"]"#, r#""[\"SF7444400043275\",\"SF7444400043284\"]""#);
    assert_ne!(text, listed);
    contract::books(&subject, &[reply(200, text)], &booked_pieces());
    let short = drive(&caller, |call| Kdniao.book(call, &pieces(4)), |_| sample("created-pieces.json"));
    assert!(matches!(short, Err(CallError::Unknown { .. })), "{short:?}");
}

#[test]
fn the_order_says_what_the_parcel_says() {
    let request = contract::sent(&Kdniao, &caller(), &parcel(), &sample("created.json"));
    let said = ["RequestType", "DataType", "EBusinessID", "RequestData"].map(|name| field(&request, name));
    let sent = format!("{} {}", request.uri(), said.join(" "));
    golden::golden("tests/golden/order.txt", &sent);
}

#[test]
fn a_repeat_says_the_same_and_gives_the_first_number() {
    with(|subject| contract::repeats_itself(subject, |request| field(request, "RequestData")));
    with(|subject| contract::resolves_a_lost_answer(subject, &sample("repeated.json"), None, &booked()));
}

#[test]
fn a_repeat_that_is_refused_without_the_first_number_leaves_the_outcome_open() {
    for success in [true, false] {
        let body = format!(r#"{{"Success":{success},"ResultCode":"106","Reason":"该订单号已下单成功"}}"#);
        let outcome = drive(&caller(), |call| Kdniao.book(call, &parcel()), |_| reply(200, body.clone()));
        assert!(matches!(outcome, Err(CallError::Unknown { .. })), "{outcome:?}");
    }
}

#[test]
fn spoilt_answers_leave_the_outcome_open() {
    with(|subject| {
        for operation in [Operation::Book, Operation::Query, Operation::Cancel, Operation::Subscribe] {
            contract::doubts_spoilt_answers(subject, operation, &sample("created.json"));
        }
        contract::doubts_spoilt_answers(subject, Operation::Track, &sample("query.json"));
        contract::keeps_addresses_clean(subject, &SECRETS, &sample("created.json"));
    });
}

#[test]
fn every_documented_error_says_what_to_do_next_and_nothing_private() {
    use Operation::{Book, Cancel, Subscribe, Track};
    let said = |code: &str, words: &str| {
        format!(r#"{{"EBusinessID":"1237100","Success":false,"ResultCode":"{code}","Reason":"{words} {{echo}}"}}"#)
    };
    let fault = |to, status, body: String, kind, code| Fault { to, status, body, kind, code };
    let mut faults = vec![
        fault(Book, 200, said("105", "面单余额不足"), "unknown", ""),
        fault(Book, 200, said("", "系统繁忙"), "unknown", ""),
        fault(Book, 200, said("104", "用户问题"), "credentials", "customer_name"),
        fault(Book, 200, said("105", "非法参数 DataSign"), "credentials", "app_key"),
        fault(Book, 200, said("105", "非法参数 EBusinessID"), "credentials", "ebusiness_id"),
        fault(Book, 200, said("105", "没有可用套餐"), "limited", ""),
        fault(Cancel, 200, said("105", "已揽收不能取消"), "rejected", "105"),
        fault(Track, 200, said("405", "超出查询次数限制"), "limited", ""),
        fault(Track, 200, said("105", "没有可用套餐"), "limited", ""),
        fault(Track, 200, said("", "不支持的快递公司"), "rejected", "refused"),
        fault(Subscribe, 200, said("402", "缺少快递单号"), "rejected", "402"),
        fault(Book, 200, r#"{"Success":true,"ResultCode":"100"}"#.to_owned(), "unknown", ""),
        fault(Book, 500, String::new(), "unknown", ""),
        fault(Book, 503, String::new(), "transient", ""),
        fault(Track, 502, String::new(), "transient", ""),
    ];
    for code in ["101", "102", "103", "401", "402", "403", "404"] {
        faults.push(fault(Book, 200, said(code, "缺少必要参数"), "rejected", code));
    }
    with(|subject| contract::maps_errors(subject, &SECRETS, &faults));
}

#[test]
fn giving_a_number_back_twice_is_no_error() {
    let done = reply(200, r#"{"EBusinessID":"1237100","Success":true,"ResultCode":"100","Reason":"成功"}"#);
    let again = reply(200, r#"{"EBusinessID":"1237100","Success":false,"ResultCode":"105","Reason":"订单已取消"}"#);
    with(|subject| contract::cancels(subject, &[done], &[again]));
}

#[test]
fn what_others_carry_is_asked_for_by_their_code_and_the_end_of_a_phone_where_it_is_wanted() {
    let parcel = Tracked { phone_tail: "8888".into(), ..Tracked::new("YT8801234567890", "yto") };
    let answers = [sample("query.json")];
    with(|subject| contract::tracks(subject, std::slice::from_ref(&parcel), &answers, "tests/golden/query.json"));
    let asked = |by: &str| {
        let (parcel, mut said) = (Tracked { by: by.into(), ..parcel.clone() }, String::new());
        let _ = drive(
            &caller(),
            |call| Kdniao.track(call, std::slice::from_ref(&parcel)),
            |request| {
                said = format!("{} {}", field(request, "RequestType"), field(request, "RequestData"));
                reply(200, r#"{"Success":true,"LogisticCode":"1","State":"0","Traces":[]}"#)
            },
        );
        said
    };
    assert_eq!(asked("jtexpress"), r#"8001 {"LogisticCode":"YT8801234567890","OrderCode":"","ShipperCode":"JTSD"}"#);
    assert!(
        asked("sf")
            .ends_with(r#"{"CustomerName":"8888","LogisticCode":"YT8801234567890","OrderCode":"","ShipperCode":"SF"}"#)
    );
    assert_eq!(asked("pigeon-post"), "", "a carrier without a code is not asked about");
}

#[test]
fn a_subscription_that_stands_already_is_success() {
    let fresh =
        reply(200, r#"{"EBusinessID":"1237100","UpdateTime":"2026-11-21 08:00:00","Success":true,"Reason":""}"#);
    let standing = reply(200, r#"{"EBusinessID":"1237100","Success":false,"ResultCode":"105","Reason":"重复订阅"}"#);
    let parcel = Tracked::new("773000000000001", "sto");
    let sent = with(|subject| contract::subscribes(subject, &parcel, &fresh, std::slice::from_ref(&standing)));
    assert_eq!(sent.uri(), "https://api.kdniao.com/api/dist");
    assert_eq!(field(&sent, "RequestType"), "8008");
    let mut set = credentials();
    set.insert("plan".into(), "basic".into());
    let caller = Caller { account: Account { credentials: Credentials::new(set), ..caller().account }, ..caller() };
    let subject = Subject { carrier: &Kdniao, caller: &caller, parcel: &contract::parcel() };
    assert_eq!(field(&contract::subscribes(&subject, &parcel, &fresh, &[]), "RequestType"), "1008");
}

#[test]
fn a_push_is_read_and_the_newest_row_bears_the_state() {
    let account = caller().account;
    contract::reads_push(&Kdniao, &account, &sampled("101"), "tests/golden/push-101.json");
    contract::reads_push(&Kdniao, &account, &sampled("107"), "tests/golden/push-107.json");
    contract::refuses_forged_pushes(&Kdniao, &account, &sampled("101"));
}

#[test]
fn states_mean_what_is_documented() {
    use ScanKind::{Moving, OutForDelivery, PickedUp, Problem, Refused, Returned, Returning, Signed};
    let table = [
        ("1", PickedUp),
        ("2", Moving),
        ("3", Signed),
        ("4", Problem),
        ("10", ScanKind::Other),
        ("201", Moving),
        ("202", OutForDelivery),
        ("211", OutForDelivery),
        ("301", Signed),
        ("311", Signed),
        ("404", Refused),
        ("405", Problem),
        ("406", Returned),
        ("407", Returning),
        ("418", ScanKind::Other),
        ("604", Problem),
    ];
    contract::keeps_unknown_codes(&Kdniao, &caller().account, &table, |code| {
        let row = format!(r#"{{"AcceptTime":"2026-11-20 22:01:09","AcceptStation":"x","Action":"{code}"}}"#);
        push("102", &format!(r#"{{"Data":[{{"LogisticCode":"YT1","Success":true,"State":"2","Traces":[{row}]}}]}}"#))
    });
}

#[test]
fn the_acknowledgement_names_the_account_and_the_time() {
    let at = huidan_domain::Millis(1_795_248_005_000);
    let account = caller().account;
    let headers = http::HeaderMap::new();
    let stored = Kdniao.answer_for(&Said::Stored, &headers, Some(&account), at);
    assert_eq!(
        (stored.status().as_u16(), String::from_utf8_lossy(stored.body()).as_ref()),
        (200, r#"{"EBusinessID":"1237100","UpdateTime":"2026-11-21 16:00:05","Success":true,"Reason":""}"#)
    );
    let refused = Kdniao.answer_for(&Said::Refused(Refusal::Signature), &headers, None, at);
    assert_eq!(
        (refused.status().as_u16(), String::from_utf8_lossy(refused.body()).as_ref()),
        (401, r#"{"EBusinessID":"","UpdateTime":"2026-11-21 16:00:05","Success":false,"Reason":"DataSign"}"#)
    );
    let body = r#"{"EBusinessID":"","UpdateTime":"1970-01-01 08:00:00","Success":true,"Reason":""}"#;
    contract::acknowledges_exactly(&Kdniao, &sampled("101"), "application/json", body);
}
