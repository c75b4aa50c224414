//! The waybill service: sealed receivers go in unchanged, sealed paper comes out unchanged.

use crate::{account, credentials};
use channel_kuaishou::KuaishouWaybill;
use huidan_carrier::{Booked, Cancelled, Carrier, Item, Paper, Parcel};
use huidan_domain::{Currency, Millis, Money, WaybillNo};
use huidan_exchange::{CallError, Reply, Request, pairs};
use huidan_testkit::carrier::{self as contract, CLAIM, Fault, Operation, Subject};
use huidan_testkit::{Caller, drive, golden, reply};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::BTreeMap;

const SEALED: &str = r"Tn8\/4lX1cQ0K\u002Bz9w==";

/// The account's own settings and what its shop lends it.
fn values() -> BTreeMap<String, String> {
    let own = [
        ("shop", "shop-1"),
        ("express_company_code", "SF"),
        ("template_url", "https://s2-11586.kwimgs.com/kos/nlav11586/eBillTemplate/template-101.json"),
        ("settle_account", "5717170000"),
        ("isv_client_code", "HDCLIENT"),
    ];
    credentials().into_iter().chain(contract::values(own)).collect()
}

fn caller() -> Caller {
    Caller { account: account(values()), now: Millis(1_795_300_000_000) }
}

fn parcel() -> Parcel {
    Parcel {
        receiver: contract::sealed(
            ["#KsN1aQ==#2Rt9bXlZ0w==1#", "$Ks8vM0c4Q2Y=$7pTzWq3eYg==1$", "~KsAdr9fHk2L0mQ==~Zx81nB6uVt==1~"],
            "9007199254740995",
        ),
        channel: "kuaishou".into(),
        ext_ids: vec!["9007199254740995".into(), "9007199254740997".into()],
        items: vec![Item { sku: "TEA-250".into(), title: "明前龙井 250g".into(), qty: 2 }],
        value: Money::parse("200.07", Currency::CNY).unwrap(),
        ..contract::parcel()
    }
}

fn given_for(claim: &str) -> Reply {
    let paper = format!(
        r#"{{"waybillCode":"SF7444400043266","parentWaybillCode":"","waybillPackageCode":"","printData":"{SEALED}","signature":"MD:Zm9v","version":"waybill_1","key":"k:1"}}"#
    );
    reply(
        200,
        format!(
            r#"{{"result":1,"msg":"success","data":[{{"requestId":"{claim}","baseResponse":{{"result":1,"message":"success","success":true}},"data":[{paper}]}}],"requestId":"r"}}"#
        ),
    )
}

fn given() -> Reply {
    given_for(CLAIM)
}

fn with<R>(check: impl FnOnce(&Subject<'_, KuaishouWaybill>) -> R) -> R {
    contract::over(&KuaishouWaybill, &caller(), &parcel(), check)
}

fn book(answer: &Reply) -> Result<Booked, CallError> {
    drive(&caller(), |call| KuaishouWaybill.book(call, &parcel()), |_| answer.clone())
}

fn asked(request: &Request) -> String {
    pairs::from_form(request.body(), "param").unwrap()
}

#[test]
fn it_declares_itself_and_names_what_is_missing() {
    contract::declares_itself(&KuaishouWaybill);
    with(|subject| contract::names_missing_credentials(subject, &values()));
    let mut fewer = values();
    fewer.remove("open_id");
    let caller = Caller { account: account(fewer), ..caller() };
    let refused = drive(&caller, |call| KuaishouWaybill.book(call, &parcel()), |_| panic!("nothing is sent"));
    assert!(matches!(refused, Err(CallError::Credentials { field, .. }) if field == "open_id"));
}

#[test]
fn it_books_and_a_repeat_gives_the_first_number() {
    let booked = book(&given()).unwrap();
    with(|subject| {
        contract::books(subject, &[given()], &booked);
        contract::repeats_itself(subject, asked);
        contract::resolves_a_lost_answer(subject, &given(), None, &booked);
        contract::keeps_addresses_clean(subject, &["sign-secret-of-ks", "ChFvYXV0aC5hY2Nlc3NUb2tlbg"], &given());
    });
    assert_eq!((booked.number.as_str(), booked.by.as_str()), ("SF7444400043266", "sf"));
}

#[test]
fn what_is_asked_is_what_was_read_line_by_line() {
    let sent = contract::sent(&KuaishouWaybill, &caller(), &parcel(), &given());
    assert_eq!(sent.uri().path(), "/open/express/ebill/get");
    let asked: Value = serde_json::from_str(&asked(&sent)).unwrap();
    golden::golden_json("tests/golden/ebill.json", &asked);
}

#[test]
fn the_paper_is_what_the_platform_sealed_byte_by_byte() {
    let Paper::PlatformTask { print_data } = book(&given()).unwrap().paper else { panic!("no paper") };
    assert!(print_data.contains(&format!(r#""encryptedData":"{SEALED}""#)), "{print_data}");
    let read: Value = serde_json::from_str(&print_data).unwrap();
    assert_eq!(
        (&read["signature"], &read["key"], &read["ver"]),
        (&json!("MD:Zm9v"), &json!("k:1"), &json!("waybill_1"))
    );
    assert_eq!(read["templateURL"], values()["template_url"]);
    assert_eq!(read["addData"]["senderInfo"]["contact"], json!({"name": "汇单茶仓", "telephone": "0571-88888888"}));
}

#[test]
fn spoilt_answers_leave_the_outcome_open() {
    with(|subject| {
        contract::doubts_spoilt_answers(subject, Operation::Book, &given());
        contract::doubts_spoilt_answers(subject, Operation::Cancel, &reply(200, r#"{"result":1}"#));
    });
    let text = String::from_utf8(given().body().to_vec()).unwrap();
    for broken in [
        text.replace("waybillCode", "other"),
        text.replace("printData", "other"),
        text.replace(SEALED, ""),
        text.replace("signature", "other"),
        text.replace("SF7444400043266", ""),
        text.replace("0001A", "0001B"),
    ] {
        let booked = book(&reply(200, broken.clone()));
        assert!(matches!(booked, Err(CallError::Unknown { .. })), "{broken}: {booked:?}");
    }
}

#[test]
fn who_carries_it_is_told_by_our_id() {
    for (company, carrier, by) in
        [("YTO", "", "yto"), ("DBKD", "", "deppon"), ("ZJS", "", "zjs"), ("ZJS", "zhaijisong", "zhaijisong")]
    {
        let mut values = values();
        values.insert("express_company_code".into(), company.into());
        values.insert("carrier".into(), carrier.into());
        let caller = Caller { account: account(values), ..caller() };
        let booked = drive(&caller, |call| KuaishouWaybill.book(call, &parcel()), |_| given());
        assert_eq!(booked.unwrap().by, by);
    }
}

#[test]
fn only_the_platforms_own_sealed_receivers_are_taken() {
    let refused = |change: &dyn Fn(&mut Parcel)| with(|subject| contract::refuses_unsent(subject, change));
    assert_eq!(refused(&|parcel| parcel.channel = "taobao".into()), "token_not_taken");
    assert_eq!(refused(&|parcel| parcel.receiver.token = None), "receiver_masked");
    assert_eq!(refused(&|parcel| parcel.receiver.phone = "138****8000".into()), "receiver_masked");
}

#[test]
fn the_post_office_is_told_how_it_is_paid() {
    let mut values = values();
    values.insert("express_company_code".into(), "POSTB".into());
    values.remove("isv_client_code");
    values.remove("settle_account");
    let caller = Caller { account: account(values), ..caller() };
    let sent = RefCell::new(String::new());
    let booked = drive(
        &caller,
        |call| KuaishouWaybill.book(call, &parcel()),
        |request| {
            *sent.borrow_mut() = asked(request);
            given()
        },
    );
    assert_eq!(booked.unwrap().by, "ems");
    let sent: Value = serde_json::from_str(&sent.borrow()).unwrap();
    let order = &sent["getEbillOrderRequest"][0];
    assert_eq!((&order["extData"], order.get("settleAccount")), (&json!(r#"{"oneBillFeeType":1}"#), None));
}

#[test]
fn giving_a_number_back_twice_is_no_error() {
    let cancel = |answer: Value| {
        let number = WaybillNo::parse("SF7444400043266").unwrap();
        drive(
            &caller(),
            |call| KuaishouWaybill.cancel(call, &number, CLAIM),
            |request| {
                assert_eq!(request.uri().path(), "/open/express/ebill/cancel");
                assert_eq!(asked(request), r#"{"expressCompanyCode":"SF","waybillCode":"SF7444400043266"}"#);
                reply(200, answer.to_string())
            },
        )
    };
    assert_eq!(cancel(json!({"result": 1})), Ok(Cancelled::Done));
    assert_eq!(cancel(json!({"result": 2, "error_msg": "电子面单已取消"})), Ok(Cancelled::AlreadyGone));
    let kept = cancel(json!({"result": 2, "error_msg": "已揽收，不能取消"}));
    assert!(matches!(kept, Err(CallError::Rejected { code, .. }) if code == "2"));
}

#[test]
fn errors_say_what_to_do_next_and_nothing_private() {
    use Operation::{Book, Cancel};
    let said = |result: i64, words: &str| json!({"result": result, "error_msg": words}).to_string();
    let inside = |success: bool, words: &str| {
        json!({"result": 1, "data": [{"requestId": CLAIM, "data": [],
            "baseResponse": {"result": 1_000_010, "message": words, "success": success}}]})
        .to_string()
    };
    let fault = |to, status, body, kind, code| Fault { to, status, body, kind, code };
    with(|subject| {
        let faults = [
            fault(Book, 200, said(24, "AUTHORIZATION_REVOKED {echo}"), "credentials", "access_token"),
            fault(Book, 200, said(1017, "Exceed quota limit {echo}"), "limited", ""),
            fault(Book, 200, said(2001, "{echo} 参数无效"), "rejected", "2001"),
            fault(Book, 200, said(9, "系统异常 {echo}"), "unknown", ""),
            fault(Cancel, 200, said(9, "系统异常 {echo}"), "transient", ""),
            fault(Book, 200, inside(false, "{echo} 电子面单余额不足"), "rejected", "1000010"),
            fault(Book, 200, inside(true, ""), "unknown", ""),
            fault(Book, 500, String::new(), "unknown", ""),
            fault(Book, 503, String::new(), "transient", ""),
            fault(Book, 429, String::new(), "limited", ""),
        ];
        contract::maps_errors(subject, &["sign-secret-of-ks"], &faults);
    });
}

#[test]
fn there_is_nothing_to_ask_but_the_booking_itself() {
    let refused = drive(&caller(), |call| KuaishouWaybill.query(call, &parcel()), |_| panic!("nothing is sent"));
    assert!(matches!(refused, Err(CallError::Rejected { code, .. }) if code == "query_unsupported"));
}
