//! The contract of every carrier, and what is this one's own.
#![expect(clippy::panic, reason = "a test's report")]

use carrier_own_numbers::OwnNumbers;
use huidan_carrier::{Booked, Cancelled, Carrier, Parcel, Tracked};
use huidan_domain::WaybillNo;
use huidan_exchange::{CallError, Credentials, Next, Said};
use huidan_testkit::carrier::{self as contract, Subject};
use huidan_testkit::{Caller, drive, reply};
use std::collections::BTreeMap;

fn settings() -> BTreeMap<String, String> {
    contract::values([("prefix", "YT"), ("from", "8800000000000"), ("to", "8800000000002"), ("carrier", "yto")])
}

fn caller() -> Caller {
    contract::caller("", &settings())
}

fn parcel(serial: Option<u64>) -> Parcel {
    Parcel { serial, ..contract::parcel() }
}

fn booked(number: &str) -> Booked {
    Booked { by: "yto".into(), ..contract::booked(number, "") }
}

fn book(parcel: &Parcel) -> Result<Booked, CallError> {
    drive(&caller(), |call| OwnNumbers.book(call, parcel), |_| panic!("nobody is called"))
}

#[test]
fn the_contract_of_a_carrier_is_kept() {
    let (caller, parcel) = (caller(), parcel(Some(1)));
    let subject = Subject { carrier: &OwnNumbers, caller: &caller, parcel: &parcel };
    contract::declares_itself(&OwnNumbers);
    contract::names_missing_credentials(&subject, &settings());
    contract::books(&subject, &[], &booked("YT8800000000001"));
    contract::repeats_itself(&subject, |_| String::new());
    contract::resolves_a_lost_answer(&subject, &reply(200, ""), None, &booked("YT8800000000001"));
    contract::refuses_every_push(&OwnNumbers, &caller.account);
    contract::rejects_what_it_has_not(&subject);
}

#[test]
fn serials_count_from_the_first_number_to_the_last() {
    let numbers: Vec<String> = (0..3).map(|serial| book(&parcel(Some(serial))).unwrap().number).collect();
    assert_eq!(numbers, ["YT8800000000000", "YT8800000000001", "YT8800000000002"]);
}

#[test]
fn beyond_the_last_number_booking_stops_and_says_what_to_do_in_both_languages() {
    for serial in [3, u64::MAX] {
        match book(&parcel(Some(serial))) {
            Err(CallError::Rejected { code, remedy }) => {
                assert_eq!(code, "range_exhausted");
                assert!(remedy.contains("号段") && remedy.contains("new account"), "{remedy}");
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn without_a_serial_no_number_is_made_up() {
    assert!(matches!(book(&parcel(None)), Err(CallError::Rejected { code, .. }) if code == "serial_missing"));
}

#[test]
fn an_encrypted_receiver_is_not_printed_here() {
    let mut parcel = parcel(Some(0));
    parcel.receiver.token = Some("oaid".into());
    assert!(matches!(book(&parcel), Err(CallError::Rejected { code, .. }) if code == "encrypted_receiver"));
}

#[test]
fn a_number_that_no_scanner_reads_names_the_setting() {
    let mut caller = caller();
    let mut values = settings();
    values.insert("prefix".into(), "圆通".into());
    caller.account.credentials = Credentials::new(values);
    let refused = drive(&caller, |call| OwnNumbers.book(call, &parcel(Some(0))), |_| panic!("nobody is called"));
    assert!(matches!(refused, Err(CallError::Credentials { field, .. }) if field == "prefix"));
}

#[test]
fn a_number_goes_back_at_once_and_cannot_be_tracked() {
    let (caller, number) = (caller(), WaybillNo::parse("YT8800000000001").unwrap());
    let call =
        huidan_exchange::Call { account: &caller.account, now: caller.now, nonce: &"0".repeat(32), replies: &[] };
    assert!(matches!(OwnNumbers.cancel(&call, &number, "claim"), Ok(Next::Done(Cancelled::Done))));
    assert!(matches!(
        OwnNumbers.track(&call, &[Tracked::new("YT8800000000001", "yto")]),
        Err(CallError::Rejected { .. })
    ));
    assert_eq!(OwnNumbers.answer(&Said::Busy, &http::HeaderMap::new()).status(), 503);
}
