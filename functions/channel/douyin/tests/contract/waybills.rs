//! The contract of the waybill service, and what is its own.

use crate::fake::{SECRET, error, success};
use channel_douyin::DouyinWaybill;
use huidan_carrier::{Booked, Cancelled, Carrier, Paper, Parcel};
use huidan_domain::{Currency, Millis, Money, Receiver, WaybillNo};
use huidan_exchange::{CallError, Reply, Request, sign};
use huidan_testkit::carrier::{self as contract, CLAIM, Fault, Operation, Subject};
use huidan_testkit::{Caller, account, drive, golden, reply, values};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::BTreeMap;

/// The first fifteen hex digits of the claim's SHA-256, computed apart.
const PACK: &str = "debdb68aef22a08";
const TOKEN: &str = "a-token-of-the-shop";
const TEMPLATE: &str = "https://lf6-cm.ecombdstatic.com/obj/logistics-davinci/template/zto.xml";

fn credentials() -> BTreeMap<String, String> {
    values([
        ("shop", "shop-1"),
        ("logistics_code", "zhongtong"),
        ("template_url", TEMPLATE),
        ("app_key", "key-1"),
        ("app_secret", SECRET),
        ("access_token", TOKEN),
    ])
}

fn caller_with(credentials: BTreeMap<String, String>) -> Caller {
    let account = account("dy1", "https://openapi-sandbox.jinritemai.com", credentials);
    Caller { account, now: Millis(1_795_249_800_000) }
}

fn caller() -> Caller {
    caller_with(credentials())
}

fn parcel() -> Parcel {
    Parcel {
        receiver: Receiver {
            province: "浙江省".into(),
            city: "杭州市".into(),
            district: "西湖区".into(),
            ..contract::sealed(
                ["##RkFLRQ==##name0+/=*CgQI##", "$RkFLRQ==$tel0+/=$1$$", "##d2Vu==##addr1+/=*CgYI##"],
                "6938210000000000001/翠苑街道",
            )
        },
        channel: "douyin".into(),
        ext_ids: vec!["6938210000000000001".into(), "6938210000000000101".into()],
        value: Money::parse("256.07", Currency::CNY).unwrap(),
        ..contract::parcel()
    }
}

/// Number and paper in one answer: the fields that each of the two calls looks at.
fn both() -> Reply {
    let mut data = created();
    data["waybill_infos"] = papers()["waybill_infos"].clone();
    reply(200, success(&data).to_string())
}

fn created() -> Value {
    json!({"err_infos": [], "ebill_infos": [
        {"order_id": "6938210000000000001", "pack_id": "another", "track_no": "75000000000009", "company": "zhongtong"},
        {"order_id": "6938210000000000001", "pack_id": PACK, "track_no": "75000000000001", "company": "zhongtong",
         "sort_code": "510-00 A1", "short_address_name": "杭州"},
    ]})
}

fn papers() -> Value {
    json!({"err_infos": [], "waybill_infos": [{"order_id": "6938210000000000001", "track_no": "75000000000001",
        "print_data": "KBA1hYT8Pn+/x\"\\=", "sign": "b6d1a7f0c1"}]})
}

fn booked() -> Booked {
    let text = format!("{SECRET}app_keykey-1methodlogistics.getShopKeyparam_json{{}}timestamp1795249800v2{SECRET}");
    let sign = sign::hex(&sign::hmac_sha256(SECRET.as_bytes(), &[text.as_bytes()]));
    let params = format!(
        "access_token={TOKEN}&app_key=key-1&method=logistics.getShopKey&param_json={{}}&timestamp=1795249800&v=2\
         &sign={sign}&sign_method=hmac-sha256"
    );
    let data = format!(
        r#"{{"params":"{params}","encryptedData":"KBA1hYT8Pn+/x\"\\=","signature":"b6d1a7f0c1","templateURL":"{TEMPLATE}"}}"#
    );
    Booked {
        paper: Paper::PlatformTask { print_data: data },
        by: "zto".into(),
        ..contract::booked("75000000000001", "510-00 A1")
    }
}

/// Runs a check of the contract over the usual account and parcel.
fn with<R>(check: impl FnOnce(&Subject<'_, DouyinWaybill>) -> R) -> R {
    contract::over(&DouyinWaybill, &caller(), &parcel(), check)
}

/// What is asked first.
fn sent(caller: &Caller, parcel: &Parcel) -> Result<Request, CallError> {
    let sent = RefCell::new(None);
    drive(
        caller,
        |call| DouyinWaybill.book(call, parcel),
        |request| {
            sent.borrow_mut().get_or_insert_with(|| request.clone());
            both()
        },
    )?;
    Ok(sent.into_inner().unwrap())
}

#[test]
fn it_declares_itself_and_names_what_is_missing() {
    contract::declares_itself(&DouyinWaybill);
    with(|subject| contract::names_missing_credentials(subject, &credentials()));
}

#[test]
fn a_number_and_its_paper_are_two_calls() {
    let answers = [reply(200, success(&created()).to_string()), reply(200, success(&papers()).to_string())];
    with(|subject| contract::books(subject, &answers, &booked()));
}

#[test]
fn a_repeat_asks_the_same_and_gives_the_first_number() {
    let body = |request: &Request| String::from_utf8(request.body().to_vec()).unwrap();
    with(|subject| contract::repeats_itself(subject, body));
    with(|subject| contract::resolves_a_lost_answer(subject, &both(), None, &booked()));
}

#[test]
fn spoilt_answers_leave_the_outcome_open() {
    with(|subject| {
        contract::doubts_spoilt_answers(subject, Operation::Book, &both());
        contract::doubts_spoilt_answers(subject, Operation::Cancel, &cancelled(true));
        // The token stands in the address because the platform wants it there.
        contract::keeps_addresses_clean(subject, &[SECRET], &both());
    });
}

#[test]
fn cipher_texts_go_in_unchanged_with_the_streets_name_beside_them() {
    let request = sent(&caller(), &parcel()).unwrap();
    assert_eq!(request.uri().path(), "/logistics/newCreateOrder");
    let pretty: Value = serde_json::from_slice(request.body()).unwrap();
    golden::golden_json("tests/golden/waybill-create.json", &pretty);
    let body = std::str::from_utf8(request.body()).unwrap();
    assert!(body.contains("玻璃杯 & 杯垫"), "nothing is escaped for HTML: it would not be what was signed");
}

#[test]
fn settings_of_the_account_go_along() {
    let mut values = credentials();
    for (name, value) in
        [("logistics_code", "shunfeng"), ("net_code", "57101"), ("monthly_account", "9876"), ("user_id", "463799")]
    {
        values.insert(name.into(), value.into());
    }
    let asked: Value = serde_json::from_slice(sent(&caller_with(values.clone()), &parcel()).unwrap().body()).unwrap();
    assert_eq!(asked["order_infos"][0]["net_info"], json!({"net_code": "57101", "monthly_account": "9876"}));
    assert_eq!((&asked["user_id"], &asked["order_infos"][0]["total_weight"]), (&json!(463_799), &json!("1250")));
    values.insert("user_id".into(), "店铺".into());
    let refused = sent(&caller_with(values), &parcel());
    assert!(matches!(refused, Err(CallError::Credentials { field, .. }) if field == "user_id"));
}

#[test]
fn what_is_not_douyins_or_only_masked_is_not_sent() {
    let refused = |change: &dyn Fn(&mut Parcel)| with(|subject| contract::refuses_unsent(subject, change));
    assert_eq!(refused(&|parcel| parcel.channel = "taobao".into()), "channel_not_taken");
    let masked = |parcel: &mut Parcel| {
        parcel.receiver.token = None;
        parcel.receiver.name = "王**".into();
    };
    assert_eq!(refused(&masked), "receiver_masked");
}

/// What comes of these answers to the two calls of a booking.
fn outcome(first: &Value, second: &Value) -> Result<Booked, CallError> {
    let calls = RefCell::new(0);
    drive(
        &caller(),
        |call| DouyinWaybill.book(call, &parcel()),
        |_| {
            *calls.borrow_mut() += 1;
            reply(200, if *calls.borrow() == 1 { first.to_string() } else { second.to_string() })
        },
    )
}

#[test]
fn once_a_number_is_taken_nothing_says_that_none_was() {
    for second in [
        error(50002, "isv.business-failed:1003", "运单号有误，请检查运单号"),
        error(60000, "", "限流"),
        error(40003, "isv.access-token-expired", "access_token已过期"),
        success(
            &json!({"waybill_infos": [], "err_infos": [{"track_no": "75000000000001", "err_code": 1, "err_msg": "x"}]}),
        ),
    ] {
        let outcome = outcome(&success(&created()), &second);
        assert!(matches!(outcome, Err(CallError::Unknown { .. })), "{outcome:?}");
    }
}

#[test]
fn a_parcel_that_is_refused_by_itself_is_refused_and_one_in_doubt_stays_open() {
    let wrong = |code: &str, words: &str| {
        success(&json!({"ebill_infos": [], "err_infos":
            [{"order_id": "6938210000000000001", "pack_id": PACK, "err_code": code, "err_msg": words}]}))
    };
    let refused = outcome(&wrong("1105", "网点余额不足 ##d2Vu==##addr1+/=*CgYI##"), &Value::Null).unwrap_err();
    assert!(matches!(&refused, CallError::Rejected { code, .. } if code == "1105"));
    assert!(!refused.to_string().contains("addr1"), "{refused}");
    for (code, words) in [("4029", "系统内部错误"), ("7001", "物流商接口超时"), ("4007", "查询订单信息失败")]
    {
        assert!(matches!(outcome(&wrong(code, words), &Value::Null), Err(CallError::Unknown { .. })), "{words}");
    }
    let nobody = success(&json!({"ebill_infos": [], "err_infos": []}));
    assert!(matches!(outcome(&nobody, &Value::Null), Err(CallError::Unknown { .. })));
}

fn cancelled(done: bool) -> Reply {
    reply(200, success(&json!({"cancel_result": {"success": done}})).to_string())
}

#[test]
fn giving_a_number_back_twice_is_no_error() {
    let cancel = |answer: Reply| {
        let number = WaybillNo::parse("75000000000001").unwrap();
        drive(
            &caller(),
            |call| DouyinWaybill.cancel(call, &number, CLAIM),
            |request| {
                assert_eq!(request.uri().path(), "/logistics/cancelOrder");
                assert_eq!(&request.body()[..], br#"{"logistics_code":"zhongtong","track_no":"75000000000001"}"#);
                answer.clone()
            },
        )
    };
    assert_eq!(cancel(cancelled(true)), Ok(Cancelled::Done));
    let twice = error(50002, "isv.business-failed:1102", "1102:重复取消");
    assert_eq!(cancel(reply(200, twice.to_string())), Ok(Cancelled::AlreadyGone));
    assert!(matches!(cancel(cancelled(false)), Err(CallError::Rejected { code, .. }) if code == "cancel_refused"));
}

#[test]
fn every_documented_error_says_what_to_do_next_and_nothing_private() {
    use Operation::{Book, Cancel};
    let fault = |to, code, sub_code: &str, kind, named| {
        let body = error(code, sub_code, "{echo}").to_string();
        Fault { to, status: 200, body, kind, code: named }
    };
    let status = |status, kind| Fault { to: Book, status, body: String::new(), kind, code: "" };
    let faults = [
        fault(Book, 40003, "isv.access-token-expired", "credentials", "access_token"),
        fault(Book, 40003, "isv.signature-invalid", "credentials", "app_secret"),
        fault(Book, 30001, "isv.app-permissions-insufficient", "credentials", "app_key"),
        fault(Book, 60000, "", "limited", ""),
        fault(Book, 20000, "isp.service-error:15001", "unknown", ""),
        fault(Book, 50002, "isv.business-failed:4029", "unknown", ""),
        fault(Book, 50002, "isv.business-failed:15002", "rejected", "isv.business-failed:15002"),
        fault(Book, 40004, "isv.parameter-invalid:4006", "rejected", "isv.parameter-invalid:4006"),
        fault(Cancel, 20000, "isp.service-error:4001", "transient", ""),
        fault(Cancel, 50002, "isv.business-failed:1105", "rejected", "isv.business-failed:1105"),
        status(500, "unknown"),
        status(503, "transient"),
        status(429, "limited"),
    ];
    with(|subject| contract::maps_errors(subject, &[SECRET, TOKEN], &faults));
}

#[test]
fn the_question_that_nobody_answers_is_not_asked() {
    let asked = drive(&caller(), |call| DouyinWaybill.query(call, &parcel()), |_| panic!("nothing is sent"));
    assert!(matches!(asked, Err(CallError::Rejected { code, .. }) if code == "query_unsupported"));
}
