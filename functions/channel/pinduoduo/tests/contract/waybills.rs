//! The contract of every carrier, and what is this waybill service's own.

use crate::fake::{SECRET, error, signed};
use crate::{caller as shop, credentials as of_shop};
use channel_pinduoduo::PinduoduoWaybill;
use huidan_carrier::{Booked, Cancelled, Carrier, Item, Paper, Parcel};
use huidan_domain::{Currency, Money, WaybillNo};
use huidan_exchange::{CallError, Credentials, Reply, Request, pairs};
use huidan_testkit::carrier::{self as contract, CLAIM, Fault, Operation, Subject};
use huidan_testkit::{Caller, drive, golden, reply, values};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const APPLY: &str = "param_waybill_cloud_print_apply_new_request";
const PRINT_DATA: &str = r#"{"encryptedData":"AES:9l2Yk/Qv+7x\u002Be0=","signature":"MD:Zm9vYmFy","templateUrl":"https://file-link.pinduoduo.com/sto_std","ver":"3"}"#;

/// What the account has itself, and what the shop lends it.
fn credentials() -> BTreeMap<String, String> {
    let own = [("shop", "shop-1"), ("wp_code", "YTO"), ("template_url", "https://file-link.pinduoduo.com/yto_std")];
    values(own.into_iter().chain(of_shop()))
}

fn caller_with(values: BTreeMap<String, String>) -> Caller {
    let mut caller = shop();
    caller.account.credentials = Credentials::new(values);
    caller
}

fn caller() -> Caller {
    caller_with(credentials())
}

fn parcel() -> Parcel {
    Parcel {
        receiver: contract::sealed(
            [
                "~AgAAAAJ1n0tARealNameCipher==~Wl3q~1~",
                "$AgAAAAJ1n0tARealPhoneCipher==$Zk9a$1$",
                "~AgAAAAJ1n0tARealStreetCipher==~Qm7c~1~",
            ],
            "261121-123456789012345",
        ),
        channel: "pinduoduo".into(),
        ext_ids: vec!["261121-123456789012345".into(), "261121-123456789012347".into()],
        items: vec![Item { sku: "TEA-250".into(), title: "明前龙井 250g".into(), qty: 2 }],
        value: Money::parse("200.07", Currency::CNY).unwrap(),
        remark: String::new(),
        ..contract::parcel()
    }
}

fn given() -> Reply {
    let module = json!({"object_id": CLAIM, "parent_waybill_code": "", "print_data": PRINT_DATA,
        "waybill_code": "YT8800000000001"});
    reply(200, json!({"pdd_waybill_get_response": {"modules": [module], "request_id": "r"}}).to_string())
}

fn booked() -> Booked {
    Booked {
        paper: Paper::PlatformTask { print_data: PRINT_DATA.into() },
        by: "yto".into(),
        ..contract::booked("YT8800000000001", "")
    }
}

fn field(request: &Request, name: &str) -> String {
    pairs::from_form(request.body(), name).unwrap_or_default()
}

/// Runs a check of the contract over the usual account and parcel.
fn with<R>(check: impl FnOnce(&Subject<'_, PinduoduoWaybill>) -> R) -> R {
    contract::over(&PinduoduoWaybill, &caller(), &parcel(), check)
}

/// What is sent for a parcel.
fn sent(caller: &Caller, parcel: &Parcel) -> Request {
    contract::sent(&PinduoduoWaybill, caller, parcel, &given())
}

#[test]
fn it_declares_itself_and_names_what_is_missing() {
    contract::declares_itself(&PinduoduoWaybill);
    with(|subject| contract::names_missing_credentials(subject, &credentials()));
    for missing in ["owner_id", "client_id", "client_secret", "access_token"] {
        let mut fewer = credentials();
        fewer.remove(missing);
        let refused = drive(
            &caller_with(fewer),
            |call| PinduoduoWaybill.book(call, &parcel()),
            |_| panic!("nothing is sent without {missing}"),
        );
        assert!(matches!(refused, Err(CallError::Credentials { field, .. }) if field == missing));
    }
}

#[test]
fn the_documented_answer_is_a_number_and_print_data_byte_by_byte() {
    with(|subject| contract::books(subject, &[given()], &booked()));
    assert!(PRINT_DATA.contains(r"\u002B"), "the escape inside the signed text is not undone");
}

#[test]
fn a_repeat_asks_the_same_and_a_lost_answer_is_left_to_a_person() {
    with(|subject| contract::repeats_itself(subject, |request| field(request, APPLY)));
    with(|subject| contract::resolves_a_lost_answer(subject, &given(), None, &booked()));
    let asked = drive(&caller(), |call| PinduoduoWaybill.query(call, &parcel()), |_| panic!("nothing is sent"));
    assert!(matches!(asked, Err(CallError::Rejected { code, .. }) if code == "query_unsupported"));
}

#[test]
fn spoilt_answers_leave_the_outcome_open() {
    with(|subject| {
        contract::doubts_spoilt_answers(subject, Operation::Book, &given());
        contract::doubts_spoilt_answers(subject, Operation::Cancel, &cancelled(true));
        contract::keeps_addresses_clean(subject, &[SECRET, "token-of-the-shop"], &given());
    });
}

#[test]
fn ciphertext_goes_on_unchanged_with_the_orders_it_belongs_to() {
    let request = sent(&caller(), &parcel());
    assert_eq!(request.uri(), "https://gw-api.pinduoduo.com/api/router");
    assert_eq!((field(&request, "type").as_str(), field(&request, "sign")), ("pdd.waybill.get", signed(&request)));
    golden::golden(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/golden/apply.txt"), &field(&request, APPLY));
}

#[test]
fn orders_in_clear_go_in_clear_by_their_channels_code() {
    let clear = |channel: &str| {
        let mut parcel = parcel();
        parcel.channel = channel.into();
        parcel.receiver.token = None;
        parcel.receiver.name = "王小明".into();
        parcel.receiver.phone = "13800138000".into();
        parcel.receiver.street = "科技园一路 1 号".into();
        let apply: Value = serde_json::from_str(&field(&sent(&caller(), &parcel), APPLY)).unwrap();
        let package = &apply["trade_order_info_dtos"][0];
        assert_eq!(package["recipient"]["mobile"], "13800138000");
        package["order_info"]["order_channels_type"].as_str().unwrap().to_owned()
    };
    assert_eq!([clear("pinduoduo"), clear("taobao"), clear("own-shop")], ["PDD", "TB", "OTHERS"]);
}

#[test]
fn a_mask_names_nobody_and_is_not_sent() {
    let refused = |change: &dyn Fn(&mut Parcel)| with(|subject| contract::refuses_unsent(subject, change));
    assert_eq!(refused(&|parcel| parcel.receiver.name = "王*".into()), "receiver_masked");
    assert_eq!(refused(&|parcel| parcel.receiver.street = String::new()), "receiver_masked");
    assert_eq!(refused(&|parcel| parcel.channel = "douyin".into()), "token_not_taken");
}

#[test]
fn the_user_is_the_shop_unless_another_is_named() {
    let user = |values: BTreeMap<String, String>| {
        let apply = field(&sent(&caller_with(values), &parcel()), APPLY);
        serde_json::from_str::<Value>(&apply).unwrap()["trade_order_info_dtos"][0]["user_id"].as_u64()
    };
    assert_eq!(user(credentials()), Some(9_007_199_254_740_993));
    let named = |text: &str| credentials().into_iter().chain([("user_id".to_owned(), text.to_owned())]).collect();
    assert_eq!(user(named("123456")), Some(123_456));
    let refused = drive(
        &caller_with(named("店铺")),
        |call| PinduoduoWaybill.book(call, &parcel()),
        |_| panic!("nothing is sent"),
    );
    assert!(matches!(refused, Err(CallError::Credentials { field, .. }) if field == "user_id"));
}

#[test]
fn who_really_carries_it_is_told_by_our_name() {
    let by = |wp_code: &str| {
        let mut values = credentials();
        values.insert("wp_code".into(), wp_code.into());
        drive(&caller_with(values), |call| PinduoduoWaybill.book(call, &parcel()), |_| given()).unwrap().by
    };
    assert_eq!(["SF", "JTSD", "JD", "YZXB"].map(by), ["sf", "jtexpress", "jd-logistics", "yzxb"].map(str::to_owned));
}

#[test]
fn an_answer_without_this_parcels_print_data_is_no_number_that_can_be_printed() {
    let body = String::from_utf8(given().body().to_vec()).unwrap();
    let broken = [
        body.replace("print_data", "other"),
        body.replace("{\\\"enc", "\\\"enc"),
        body.replace("0001A", "0001B"),
        body.replace("YT8800000000001", "圆通"),
    ];
    for broken in broken {
        let booked = drive(&caller(), |call| PinduoduoWaybill.book(call, &parcel()), |_| reply(200, broken.clone()));
        assert!(matches!(booked, Err(CallError::Unknown { .. })), "{booked:?}");
    }
}

fn cancelled(result: bool) -> Reply {
    reply(200, json!({"pdd_waybill_cancel_response": {"cancel_result": result, "request_id": "r"}}).to_string())
}

#[test]
fn giving_a_number_back_twice_is_no_error() {
    let cancel = |answer: Reply| {
        let number = WaybillNo::parse("YT8800000000001").unwrap();
        drive(
            &caller(),
            |call| PinduoduoWaybill.cancel(call, &number, CLAIM),
            |request| {
                let told = (field(request, "wp_code"), field(request, "waybill_code"));
                assert_eq!(told, ("YTO".into(), "YT8800000000001".into()));
                answer.clone()
            },
        )
    };
    assert_eq!(cancel(cancelled(true)), Ok(Cancelled::Done));
    let twice = error(50001, "10010", "面单已取消，请勿重复操作").to_string();
    assert_eq!(cancel(reply(200, twice)), Ok(Cancelled::AlreadyGone));
    assert!(matches!(cancel(cancelled(false)), Err(CallError::Rejected { code, .. }) if code == "cancel_refused"));
}

#[test]
fn every_documented_error_says_what_to_do_next_and_nothing_private() {
    use Operation::{Book, Cancel};
    let fault = |to, status, body: String, kind, code| Fault { to, status, body, kind, code };
    let said = |code, sub_code| error(code, sub_code, "{echo}").to_string();
    with(|subject| {
        let faults = [
            fault(Book, 200, said(10019, ""), "credentials", "access_token"),
            fault(Book, 200, said(20032, ""), "credentials", "access_token"),
            fault(Book, 200, said(20004, ""), "credentials", "client_secret"),
            fault(Book, 200, said(20031, ""), "credentials", "client_id"),
            fault(Book, 200, said(52101, ""), "limited", ""),
            fault(Book, 200, said(70031, ""), "limited", ""),
            fault(Book, 200, said(52102, ""), "transient", ""),
            fault(Book, 200, said(50000, ""), "unknown", ""),
            fault(Book, 200, said(52002, ""), "unknown", ""),
            fault(Cancel, 200, said(52002, ""), "transient", ""),
            fault(Book, 200, said(50001, "102"), "rejected", "102"),
            fault(Book, 200, said(21001, ""), "rejected", "21001"),
            fault(Cancel, 200, said(50001, "103"), "rejected", "103"),
            fault(Book, 500, String::new(), "unknown", ""),
            fault(Book, 503, String::new(), "transient", ""),
            fault(Book, 429, String::new(), "limited", ""),
        ];
        contract::maps_errors(subject, &[SECRET], &faults);
    });
}
