//! The contract of a carrier, over the platform's own waybills.
#![expect(clippy::unwrap_used, reason = "tests")]

use channel_xiaohongshu::XiaohongshuWaybill;
use huidan_carrier::{Booked, Cancelled, Carrier, Item, Paper, Parcel};
use huidan_domain::{Currency, Millis, Money, Receiver, WaybillNo};
use huidan_exchange::{CallError, Reply, Request, sign};
use huidan_testkit::carrier::{self as contract, Fault, Operation, Subject};
use huidan_testkit::{Caller, account, drive, golden, reply, values};
use serde_json::{Value, json};
use std::collections::BTreeMap;

const GIVEN: &str = include_str!("samples/waybill-given.json");
const TOKEN: &str = "9f2c1b7e4d8a4f0e93b6c5d1a7e80f42";
/// As the platform sealed it.
const PRINT_DATA: &str = r#"{"encryptedData":"9l2Yk/Qv+7x\u002Be0=","sign":"Zm9vYmFy","templateUrl":"https://template.example/standard/101","ver":"2"}"#;

/// Every credential: the account's own, and what the shop lends.
fn credentials() -> BTreeMap<String, String> {
    values([
        ("shop", "xhs-1"),
        ("cp_code", "zto"),
        ("template_id", "1024"),
        ("branch_code", "57103"),
        ("seller_name", "汇单茶铺"),
        ("app_id", "testappid"),
        ("app_secret", "testsecret"),
        ("access_token", "token-0f1e2d3c4b5a"),
    ])
}

fn caller_with(more: &[(&str, &str)]) -> Caller {
    let credentials = credentials().into_iter().chain(values(more.iter().copied()));
    let account = account("xw1", "https://ark.xiaohongshu.com", credentials);
    Caller { account, now: Millis(1_795_248_005_000) }
}

fn parcel() -> Parcel {
    Parcel {
        receiver: Receiver {
            province: "浙江省".into(),
            city: "杭州市".into(),
            district: "西湖区".into(),
            ..contract::sealed(["#tVx3lP0s#mQ8=#1##", "#Jk92hZ7q#8000#1##", "#uW5nYb6d#wen3lu=#1##"], TOKEN)
        },
        channel: "xiaohongshu".into(),
        ext_ids: vec!["P790600755242471711".into()],
        items: vec![Item { sku: "TEA-250".into(), title: "明前龙井 250g".into(), qty: 2 }],
        value: Money::parse("256.07", Currency::CNY).unwrap(),
        remark: String::new(),
        ..contract::parcel()
    }
}

fn booked() -> Booked {
    Booked {
        paper: Paper::PlatformTask { print_data: PRINT_DATA.into() },
        by: "zto".into(),
        ..contract::booked("78689455849606", "210-A12 03")
    }
}

fn given() -> Reply {
    reply(200, GIVEN.trim_end())
}

/// Runs a check of the contract over the usual account and parcel.
fn with<R>(check: impl FnOnce(&Subject<'_, XiaohongshuWaybill>) -> R) -> R {
    contract::over(&XiaohongshuWaybill, &caller_with(&[]), &parcel(), check)
}

fn fields(request: &Request) -> Value {
    serde_json::from_slice(request.body()).unwrap()
}

/// What is sent for a parcel.
fn sent(caller: &Caller, parcel: &Parcel) -> Value {
    fields(&contract::sent(&XiaohongshuWaybill, caller, parcel, &given()))
}

#[test]
fn it_declares_itself_and_names_what_is_missing() {
    contract::declares_itself(&XiaohongshuWaybill);
    with(|subject| contract::names_missing_credentials(subject, &credentials()));
}

#[test]
fn the_documented_answer_is_a_number_and_print_data_byte_by_byte() {
    with(|subject| contract::books(subject, &[given()], &booked()));
    let other = reply(200, GIVEN.trim_end().replace("wayBillList", "tradeOrderInfoList"));
    with(|subject| contract::books(subject, &[other], &booked()));
}

#[test]
fn a_repeat_asks_the_same() {
    with(|subject| {
        contract::repeats_itself(subject, |request| fields(request).get("tradeOrderInfoList").unwrap().to_string());
    });
}

#[test]
fn a_lost_answer_is_for_a_person_since_nothing_finds_a_number_by_its_parcel() {
    with(|subject| contract::resolves_a_lost_answer(subject, &given(), None, &booked()));
    let asked =
        drive(&caller_with(&[]), |call| XiaohongshuWaybill.query(call, &parcel()), |_| panic!("nothing is asked"));
    assert!(matches!(asked, Err(CallError::Unknown { .. })));
}

#[test]
fn spoilt_answers_leave_the_outcome_open() {
    with(|subject| {
        contract::doubts_spoilt_answers(subject, Operation::Book, &given());
        contract::doubts_spoilt_answers(subject, Operation::Cancel, &cancelled());
        contract::keeps_addresses_clean(subject, &["testsecret", "token-0f1e2d3c4b5a", TOKEN], &given());
    });
}

#[test]
fn ciphertext_and_handle_go_in_as_they_came() {
    let sent = sent(&caller_with(&[]), &parcel());
    let text = "express.createEbillOrders?appId=testappid&timestamp=1795248005&version=2.0testsecret";
    assert_eq!(sent.get("sign").unwrap(), &sign::hex(&sign::md5(&[text.as_bytes()])));
    golden::golden_json("tests/golden/waybill-asked.json", &sent);
}

#[test]
fn orders_that_go_together_go_by_the_handle_that_they_share() {
    let both = Parcel { ext_ids: vec!["P790600755242471711".into(), "P790600755242471713".into()], ..parcel() };
    let asked = sent(&caller_with(&[]), &both);
    let get = |path: &str| asked.pointer(&format!("/tradeOrderInfoList/0/{path}")).cloned().unwrap_or_default();
    assert_eq!(get("orderInfo/xhsOrderList"), json!(both.ext_ids));
    let region = json!({"province": "浙江省", "city": "杭州市", "district": "西湖区"});
    assert_eq!(get("recipient"), json!({"openAddressId": TOKEN, "address": region}));
}

#[test]
fn a_carrier_without_branches_goes_by_its_account_and_product() {
    let sf = [
        ("cp_code", "shunfeng"),
        ("branch_code", ""),
        ("customer_code", "5710000001"),
        ("brand_code", "SF"),
        ("product_code", "1"),
        ("pay_method", "1"),
    ];
    let asked = sent(&caller_with(&sf), &parcel());
    let get = |name: &str| asked.get(name).cloned().unwrap_or_default();
    assert_eq!((get("customerCode"), get("branchCode")), ("5710000001".into(), "".into()));
    assert_eq!((get("brandCode"), get("productCode"), get("payMethod")), ("SF".into(), "1".into(), json!(1)));
    let express = Parcel { service: "2".into(), ..parcel() };
    assert_eq!(sent(&caller_with(&sf), &express).get("productCode"), Some(&"2".into()), "the parcel's own wins");
    let by = drive(&caller_with(&sf), |call| XiaohongshuWaybill.book(call, &parcel()), |_| given()).unwrap().by;
    assert_eq!(by, "sf", "channels are told who really carries it");
}

#[test]
fn who_has_no_handle_or_is_another_platforms_gets_no_number() {
    let refused = |change: &dyn Fn(&mut Parcel)| with(|subject| contract::refuses_unsent(subject, change));
    assert_eq!(refused(&|parcel| parcel.receiver.token = None), "receiver_token_missing");
    assert_eq!(refused(&|parcel| parcel.channel = "taobao".into()), "channel_not_taken");
}

#[test]
fn a_setting_that_is_no_number_is_named() {
    for field in ["template_id", "pay_method"] {
        let caller = caller_with(&[(field, "标准")]);
        let refused = drive(&caller, |call| XiaohongshuWaybill.book(call, &parcel()), |_| panic!("nothing is sent"));
        assert!(matches!(refused, Err(CallError::Credentials { field: named, .. }) if named == field));
    }
}

#[test]
fn an_answer_without_this_parcel_or_its_print_data_leaves_the_outcome_open() {
    for (that, this) in
        [("0001A", "0001B"), ("printData", "other"), ("78689455849606", "?"), ("\"success\":true,\"w", "\"w")]
    {
        let broken = GIVEN.trim_end().replacen(that, this, 1);
        assert_ne!(broken, GIVEN.trim_end());
        let booked =
            drive(&caller_with(&[]), |call| XiaohongshuWaybill.book(call, &parcel()), |_| reply(200, broken.clone()));
        assert!(matches!(booked, Err(CallError::Unknown { .. })), "{that}: {booked:?}");
    }
}

fn cancelled() -> Reply {
    reply(200, json!({"success": true, "error_code": 0, "error_msg": "", "data": null}).to_string())
}

fn no(code: i64, words: &str) -> String {
    json!({"success": false, "error_code": code, "error_msg": words}).to_string()
}

/// The gateway says yes, the carrier no.
fn not_given(code: i64, words: &str) -> String {
    let entry =
        json!({"objectId": "01JDCLAIM0000000000000001A", "success": false, "errorCode": code, "errorMsg": words});
    json!({"success": true, "error_code": 0, "data": {"wayBillList": [entry]}}).to_string()
}

#[test]
fn giving_a_number_back_twice_is_no_error() {
    let cancel = |answer: Reply| {
        let number = WaybillNo::parse("78689455849606").unwrap();
        drive(
            &caller_with(&[]),
            |call| XiaohongshuWaybill.cancel(call, &number, "claim"),
            |request| {
                let asked = fields(request);
                let get = |name: &str| asked.get(name).cloned().unwrap();
                assert_eq!((get("cpCode"), get("waybillCode")), ("zto".into(), "78689455849606".into()));
                assert_eq!((get("method"), get("billVersion")), ("express.cancelEbillOrder".into(), json!(2)));
                answer.clone()
            },
        )
    };
    assert_eq!(cancel(cancelled()), Ok(Cancelled::Done));
    assert_eq!(cancel(reply(200, no(-8, "面单已取消，请勿重复操作"))), Ok(Cancelled::AlreadyGone));
    assert!(matches!(cancel(reply(200, no(-8, "面单已揽收"))), Err(CallError::Rejected { code, .. }) if code == "-8"));
}

#[test]
fn every_error_says_what_to_do_next_and_nothing_private() {
    use Operation::{Book, Cancel};
    let fault = |to, status, body: String, kind, code| Fault { to, status, body, kind, code };
    with(|subject| {
        let faults = [
            fault(Book, 200, no(-9013, "触发Method维度的限流 {echo}"), "limited", ""),
            fault(Book, 200, no(-2, "accessToken 已过期 {echo}"), "credentials", "access_token"),
            fault(Book, 200, no(-3, "签名错误 {echo}"), "credentials", "app_secret"),
            fault(Book, 200, no(-4, "没有接口权限 {echo}"), "credentials", "app_id"),
            fault(Book, 200, no(-6, "系统异常 {echo}"), "unknown", ""),
            fault(Cancel, 200, no(-6, "系统异常 {echo}"), "transient", ""),
            fault(Book, 200, no(-12, "寄件地址与订购关系不一致 {echo}"), "rejected", "-12"),
            fault(Book, 200, not_given(3001, "面单余额不足 {echo}"), "rejected", "3001"),
            fault(Book, 200, not_given(3002, "快递公司服务异常 {echo}"), "unknown", ""),
            fault(Book, 500, String::new(), "unknown", ""),
            fault(Book, 503, String::new(), "transient", ""),
            fault(Book, 429, String::new(), "limited", ""),
        ];
        contract::maps_errors(subject, &[TOKEN, "testsecret"], &faults);
    });
}
