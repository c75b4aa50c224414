//! The contract of a waybill service, and what is WeChat's own.

use crate::fake::TOKEN;
use channel_wechat_shop::WechatShopWaybill as Waybill;
use huidan_carrier::{Booked, Cancelled, Carrier, Item, Paper, Parcel};
use huidan_domain::{Currency, Millis, Money, WaybillNo};
use huidan_exchange::{CallError, Request};
use huidan_testkit::carrier::{self as contract, CLAIM, Fault, Operation, Subject};
use huidan_testkit::{Caller, account, drive, reply, values};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// What WeChat's print component takes, as it stands in the answer.
const PRINT: &str = r#""eyJhIjoi5rGHIn0=\u002fx""#;
/// The id that follows from the claim.
const ORDER_ID: &str = "6085120316038450541";

fn credentials() -> BTreeMap<String, String> {
    values([
        ("shop", "shop-1"),
        ("access_token", TOKEN),
        ("delivery_id", "ZTO"),
        ("ewaybill_acct_id", "6620678153"),
        ("shop_id", "5009819858149"),
        ("site_code", "571001"),
    ])
}

fn caller() -> Caller {
    Caller { account: account("wx-zto", "https://api.weixin.qq.com", credentials()), now: Millis(1_795_248_000_000) }
}

pub(crate) fn parcel() -> Parcel {
    Parcel {
        service: "323".into(),
        receiver: contract::sealed(["王**", "138****8000", "粤海街道科技路****"], "9d4e1e23bd5b727046a9e3b4b7db57bd"),
        channel: "wechat-shop".into(),
        ext_ids: vec!["3705115058471208929".into(), "3705115058471208931".into()],
        items: vec![
            Item { sku: "TEA-250".into(), title: "明前龙井 250g".into(), qty: 2 },
            Item { sku: "CUP-1".into(), title: "玻璃杯".into(), qty: 1 },
        ],
        value: Money::parse("256.07", Currency::CNY).unwrap(),
        ..contract::parcel()
    }
}

fn booked() -> Booked {
    Booked {
        paper: Paper::PlatformTask { print_data: PRINT.into() },
        by: "zto".into(),
        ..contract::booked("78901234567890", "")
    }
}

fn created() -> String {
    format!(
        r#"{{"errcode":0,"errmsg":"ok","ewaybill_order_id":"{ORDER_ID}","waybill_id":"78901234567890","print_info":{PRINT}}}"#
    )
}

fn bare() -> String {
    format!(r#"{{"errcode":0,"errmsg":"ok","ewaybill_order_id":"{ORDER_ID}","waybill_id":"78901234567890"}}"#)
}

fn found() -> String {
    format!(
        r#"{{"errcode":0,"errmsg":"ok","order_info":{{"ewaybill_order_id":"{ORDER_ID}","delivery_id":"ZTO","waybill_id":"78901234567890","status":2}},"print_info":{PRINT}}}"#
    )
}

fn code(code: i64, words: &str) -> String {
    json!({"errcode": code, "errmsg": format!("{words} rid: 67ea453d"), "waybill_id_list": []}).to_string()
}

fn with<R>(check: impl FnOnce(&Subject<'_, Waybill>) -> R) -> R {
    contract::over(&Waybill, &caller(), &parcel(), check)
}

fn asked(request: &Request) -> Value {
    serde_json::from_slice(request.body()).unwrap()
}

#[test]
fn it_keeps_the_contract_of_a_carrier() {
    contract::declares_itself(&Waybill);
    contract::refuses_every_push(&Waybill, &caller().account);
    with(|subject| {
        contract::names_missing_credentials(subject, &credentials());
        contract::books(subject, &[reply(200, created())], &booked());
        contract::repeats_itself(subject, |request| asked(request).to_string());
        contract::resolves_a_lost_answer(
            subject,
            &reply(200, found()),
            Some(&reply(200, code(10_025_010, "电子面单订单不存在"))),
            &booked(),
        );
        contract::doubts_spoilt_answers(subject, Operation::Book, &reply(200, created()));
        contract::doubts_spoilt_answers(subject, Operation::Query, &reply(200, found()));
        contract::doubts_spoilt_answers(subject, Operation::Cancel, &reply(200, r#"{"errcode":0,"errmsg":"ok"}"#));
        // The token of the call is the one secret that WeChat wants in the address.
        contract::keeps_addresses_clean(subject, &["app-secret"], &reply(200, created()));
    });
}

#[test]
fn print_data_that_did_not_come_along_is_asked_for() {
    with(|subject| {
        let answers = [bare(), format!(r#"{{"errcode":0,"errmsg":"ok","print_info":{PRINT}}}"#)];
        contract::books(subject, &answers.map(|body| reply(200, body)), &booked());
    });
}

#[test]
fn a_claim_that_wechat_knows_gets_its_first_number() {
    with(|subject| {
        let answers = [code(10_025_019, "电子面单已存在"), found(), found()];
        contract::books(subject, &answers.map(|body| reply(200, body)), &booked());
    });
}

#[test]
fn once_a_number_may_be_taken_every_failure_leaves_the_outcome_open() {
    let exists = code(10_025_019, "电子面单已存在");
    for (first, second) in [
        (bare(), code(42_001, "access_token expired")),
        (bare(), code(10_025_106, "模板ID不存在")),
        (bare(), code(45_009, "quota")),
        (exists.clone(), code(10_025_010, "电子面单订单不存在")),
        (exists.clone(), code(42_001, "access_token expired")),
        (exists, r#"{"errcode":0,"order_info":{"delivery_id":"ZTO","waybill_id":""}}"#.to_owned()),
    ] {
        let mut answers = [first.clone(), second.clone()].into_iter();
        let outcome = drive(&caller(), |call| Waybill.book(call, &parcel()), |_| reply(200, answers.next().unwrap()));
        assert!(matches!(outcome, Err(CallError::Unknown { .. })), "{first} {second}: {outcome:?}");
    }
}

#[test]
fn the_receiver_goes_in_as_the_order_gave_it() {
    let sent = contract::sent(&Waybill, &caller(), &parcel(), &reply(200, created()));
    assert_eq!(sent.uri().path(), "/channels/ec/logistics/ewaybill/biz/order/create");
    assert_eq!(
        asked(&sent),
        json!({
            "ewaybill_order_id": ORDER_ID, "delivery_id": "ZTO", "ewaybill_acct_id": "6620678153",
            "shop_id": "5009819858149", "site_code": "571001", "template_id": "single", "order_type": 323, "remark": "轻放",
            "sender": {"name": "汇单茶仓", "mobile": "0571-88888888", "province": "浙江省", "city": "杭州市",
                "county": "西湖区", "street": "", "address": "龙井路 8 号"},
            "receiver": {"name": "王**", "mobile": "138****8000", "province": "广东省", "city": "深圳市",
                "county": "南山区", "street": "", "address": "粤海街道科技路****"},
            "ec_order_list": [
                {"ec_order_id": 3_705_115_058_471_208_929_u64, "goods_list": [
                    {"good_name": "明前龙井 250g", "good_count": 2}, {"good_name": "玻璃杯", "good_count": 1}]},
                {"ec_order_id": 3_705_115_058_471_208_931_u64, "goods_list": [{"good_name": "合并发货", "good_count": 1}]},
            ],
            "ext_info": {"package_weight_g": 1250},
        })
    );
}

#[test]
fn what_wechat_cannot_ship_is_not_asked_for() {
    let refused = |change: &dyn Fn(&mut Parcel)| with(|subject| contract::refuses_unsent(subject, change));
    assert_eq!(refused(&|parcel| parcel.channel = "taobao".into()), "token_not_taken");
    assert_eq!(refused(&|parcel| parcel.ext_ids.clear()), "order_missing");
    assert_eq!(refused(&|parcel| parcel.ext_ids = vec!["SPH-1".into()]), "order_id_unknown");
    assert_eq!(refused(&|parcel| parcel.service = "标快".into()), "service_unknown");
}

#[test]
fn who_carries_it_is_told_by_our_name() {
    let by = |company: &str| {
        let body = found().replace("\"ZTO\"", &format!("\"{company}\""));
        let booked = drive(&caller(), |call| Waybill.query(call, &parcel()), |_| reply(200, body.clone()));
        booked.unwrap().unwrap().by
    };
    let names = ["SF", "JD", "JTSD", "DBKD", "CNSD"].map(by);
    assert_eq!(names, ["sf", "jd", "jtexpress", "deppon", "cnsd"]);
}

#[test]
fn a_number_is_given_back_once() {
    let cancel = |body: String| {
        let number = WaybillNo::parse("78901234567890").unwrap();
        drive(
            &caller(),
            |call| Waybill.cancel(call, &number, CLAIM),
            |request| {
                assert_eq!(
                    asked(request),
                    json!({"ewaybill_order_id": ORDER_ID, "delivery_id": "ZTO", "waybill_id": "78901234567890"})
                );
                reply(200, body.clone())
            },
        )
    };
    assert_eq!(cancel(r#"{"errcode":0,"errmsg":"ok"}"#.to_owned()), Ok(Cancelled::Done));
    assert_eq!(cancel(code(10_025_010, "电子面单不存在")), Ok(Cancelled::AlreadyGone));
    let refused = r#"{"errcode":10025006,"errmsg":"取消下单失败","delivery_error_msg":"已揽收"}"#;
    let refused = cancel(refused.to_owned());
    assert!(
        matches!(&refused, Err(CallError::Rejected { code, remedy }) if code == "10025006" && remedy.contains("已揽收")),
        "{refused:?}"
    );
}

#[test]
fn every_documented_error_says_what_to_do_next_and_nothing_private() {
    use Operation::{Book, Cancel, Query};
    let fault = |to, number, kind, named| Fault { to, status: 200, body: code(number, "{echo}"), kind, code: named };
    with(|subject| {
        let faults = [
            fault(Book, -1, "unknown", ""),
            fault(Book, 42_001, "credentials", "access_token"),
            fault(Book, 40_001, "credentials", "access_token"),
            fault(Book, 48_001, "credentials", "appid"),
            fault(Book, 45_009, "limited", ""),
            fault(Book, 10_025_005, "rejected", "10025005"),
            fault(Book, 10_025_011, "transient", ""),
            fault(Book, 10_025_012, "rejected", "10025012"),
            fault(Book, 10_025_014, "rejected", "10025014"),
            fault(Book, 10_025_017, "rejected", "10025017"),
            fault(Query, -1, "transient", ""),
            fault(Cancel, 10_025_030, "transient", ""),
            fault(Cancel, 10_025_006, "rejected", "10025006"),
            Fault { to: Book, status: 500, body: String::new(), kind: "unknown", code: "" },
            Fault { to: Book, status: 503, body: String::new(), kind: "transient", code: "" },
            Fault { to: Book, status: 429, body: String::new(), kind: "limited", code: "" },
        ];
        contract::maps_errors(subject, &[TOKEN, "app-secret"], &faults);
    });
}
