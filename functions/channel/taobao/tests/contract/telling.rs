//! Telling shipments and stock, and what errors become.

use crate::fake::{Top, error};
use crate::{LINES, PAID, TID, caller, levels, shipment};
use channel_taobao::Taobao;
use huidan_channel::{Channel, Confirmed, Shipment, StockOutcome};
use huidan_exchange::{CallError, Credentials, pairs};
use huidan_testkit::{drive, reply};

fn confirm(top: &mut Top, shipment: &Shipment) -> Result<Confirmed, CallError> {
    drive(&caller(), |call| Taobao.confirm(call, shipment), |request| top.answer(request))
}

fn invoices(top: &Top) -> Vec<&str> {
    let lines = top.trades[TID]["orders"]["order"].as_array().unwrap();
    lines.iter().map(|line| line["invoice_no"].as_str().unwrap_or("-")).collect()
}

#[test]
fn parcels_of_one_order_are_told_with_their_lines() {
    let mut top = Top::new(&[PAID]);
    assert_eq!(confirm(&mut top, &shipment(&LINES[..1], false)), Ok(Confirmed::Told));
    assert_eq!(top.called, ["taobao.logistics.offline.send"], "a parcel that leaves something behind is one call");
    let second = Shipment { waybill: "SF7444400043275".into(), ..shipment(&LINES[1..], true) };
    assert_eq!(confirm(&mut top, &second), Ok(Confirmed::Told));
    assert_eq!(invoices(&top), ["SF7444400043266", "SF7444400043275", "SF7444400043275"]);
    assert_eq!(
        confirm(&mut top, &shipment(&LINES[..1], false)),
        Ok(Confirmed::AlreadyThere),
        "refused, then read back"
    );
    let other = Shipment { waybill: "SF7444400043284".into(), ..shipment(&LINES[..1], false) };
    assert!(
        matches!(confirm(&mut top, &other), Err(CallError::Rejected { code, .. }) if code == "already_shipped_elsewhere")
    );
}

#[test]
fn a_number_may_take_the_place_of_another() {
    let mut top = Top::new(&[PAID]);
    confirm(&mut top, &shipment(&LINES, true)).unwrap();
    let changed = Shipment {
        waybill: "YT8800000000001".into(),
        carrier: "yto".into(),
        replaces: Some("SF7444400043266".into()),
        ..shipment(&LINES, true)
    };
    assert_eq!(confirm(&mut top, &changed), Ok(Confirmed::Told));
    assert_eq!(invoices(&top), ["YT8800000000001"; 3]);
    assert_eq!(confirm(&mut top, &changed), Ok(Confirmed::AlreadyThere));
    assert_eq!(top.trades[TID]["orders"]["order"][0]["logistics_company"], "YTO");
}

#[test]
fn pieces_of_a_line_are_told_by_the_newer_call() {
    let mut top = Top::new(&[PAID]);
    let mut shipment = shipment(&LINES[1..2], false);
    shipment.lines[0].whole = false;
    assert_eq!(confirm(&mut top, &shipment), Ok(Confirmed::Told));
    assert_eq!(top.called, ["alibaba.ascp.logistics.offline.send"]);
    assert_eq!(invoices(&top), ["-", "SF7444400043266", "-"]);
}

#[test]
fn a_carrier_without_a_code_is_mapped_by_the_seller_or_not_told() {
    let mut top = Top::new(&[PAID]);
    let named =
        Shipment { carrier: "cainiao".into(), waybill: "YT8800000000001".into(), ..shipment(&LINES[1..2], false) };
    assert_eq!(confirm(&mut top, &named), Ok(Confirmed::Told), "a number that bears its carrier's letters");
    assert_eq!(top.trades[TID]["orders"]["order"][1]["logistics_company"], "YTO");
    let unknown =
        Shipment { carrier: "cainiao".into(), waybill: "778800000000001".into(), ..shipment(&LINES[..1], false) };
    assert!(matches!(confirm(&mut top, &unknown), Err(CallError::Rejected { code, .. }) if code == "carrier_unmapped"));
    let mapped = Shipment { carrier_code: Some("HTKY".into()), ..unknown };
    assert_eq!(confirm(&mut top, &mapped), Ok(Confirmed::Told));
    assert_eq!(top.trades[TID]["orders"]["order"][0]["logistics_company"], "HTKY");
}

#[test]
fn an_order_that_ended_is_not_told_and_says_so() {
    for (status, code) in [("TRADE_CLOSED", "order_closed"), ("TRADE_CLOSED_BY_TAOBAO", "order_closed")] {
        let mut top = Top::new(&[&PAID.replacen("WAIT_SELLER_SEND_GOODS", status, 1)]);
        let refused = confirm(&mut top, &shipment(&LINES, true));
        assert!(matches!(refused, Err(CallError::Rejected { code: named, .. }) if named == code));
    }
    let gone = confirm(&mut Top::new(&[]), &shipment(&LINES, true));
    assert!(matches!(gone, Err(CallError::Rejected { code, .. }) if code == "order_missing"));
    let lines = confirm(&mut Top::new(&[PAID]), &shipment(&["1"], true));
    assert!(matches!(lines, Err(CallError::Rejected { code, .. }) if code == "line_missing"));
}

/// What a refusal of the sending call becomes when the trade, read back, knows nothing of the parcel.
fn refused_with(code: u32, sub_code: &str, sub_msg: &str) -> CallError {
    let mut top = Top::new(&[PAID]);
    let answer = error(code, sub_code, sub_msg).to_string();
    let told = drive(
        &caller(),
        |call| Taobao.confirm(call, &shipment(&LINES[..1], false)),
        |request| {
            let method = pairs::from_form(request.body(), "method").unwrap();
            if method.ends_with(".send") { reply(200, answer.clone()) } else { top.answer(request) }
        },
    );
    told.unwrap_err()
}

#[test]
fn errors_say_what_to_do_next() {
    let limited = "This ban will last for 31062 more seconds";
    let sub = "isv.logistics-offline-service-error";
    for (code, sub_code, sub_msg, kind) in [
        (7, "accesscontrol.limited-by-app-access-count", limited, "limited"),
        (27, "isv.invalid-session", "session 已过期", "credentials"),
        (26, "", "Missing Session", "credentials"),
        (25, "", "Invalid Signature", "credentials"),
        (29, "", "Invalid App Key", "credentials"),
        (11, "isv.permission-api-package-limit", "", "credentials"),
        (31, "", "Invalid Timestamp", "transient"),
        (15, "isp.remote-service-timeout", "", "transient"),
        (15, "isp.top-remote-connection-timeout", "", "transient"),
        (10, "", "Service Currently Unavailable", "transient"),
        (15, &format!("{sub}:B150"), "发货异常，请稍等后重试", "transient"),
        (15, &format!("{sub}:B60"), "运单号不符合规则或已经被使用", "rejected"),
        (15, &format!("{sub}:P38"), "拆单校验未通过", "rejected"),
        (41, "isv.invalid-parameter", "", "rejected"),
        (40, "", "Missing Required Arguments", "rejected"),
    ] {
        let error = refused_with(code, sub_code, sub_msg);
        assert_eq!(error.kind(), kind, "{code} {sub_code}: {error:?}");
    }
    assert_eq!(refused_with(7, "", limited), CallError::Limited { after_s: Some(31_062) });
    assert!(matches!(refused_with(27, "", ""), CallError::Credentials { field, .. } if field == "access_token"));
    assert!(matches!(refused_with(25, "", ""), CallError::Credentials { field, .. } if field == "app_secret"));
    let said = refused_with(15, "isv.x", "收件人 13800138000 不存在").to_string();
    assert!(!said.contains("13800138000"), "{said}");
}

#[test]
fn a_credential_that_is_missing_is_named_and_nothing_is_sent() {
    for field in ["app_key", "app_secret", "access_token"] {
        let mut caller = caller();
        let set = ["app_key", "app_secret", "access_token"].into_iter().filter(|name| *name != field);
        caller.account.credentials = Credentials::new(set.map(|name| (name.into(), "x".into())).collect());
        let refused = drive(&caller, |call| Taobao.fetch(call, TID), |_| panic!("nothing is sent"));
        assert!(matches!(refused, Err(CallError::Credentials { field: named, .. }) if named == field));
    }
}

#[test]
fn the_variants_of_an_item_are_set_together() {
    let mut top = Top::new(&[]);
    let set = drive(
        &caller(),
        |call| Taobao.stock(call, &levels()),
        |request| {
            assert_eq!(pairs::from_form(request.body(), "type").unwrap(), "1", "absolute numbers");
            top.answer(request)
        },
    );
    assert_eq!(set, Ok(vec![StockOutcome::Set; 4]));
    let stock: Vec<(&str, &str)> = top.stock.iter().map(|(item, numbers)| (item.as_str(), numbers.as_str())).collect();
    assert_eq!(stock, [("1", "11:5;12:0"), ("2", "7"), ("3", "9")]);
    assert_eq!(top.called.len(), 3);
}

#[test]
fn an_item_that_the_platform_refuses_leaves_the_others_set() {
    let mut top = Top::new(&[]);
    let set = drive(
        &caller(),
        |call| Taobao.stock(call, &levels()),
        |request| match pairs::from_form(request.body(), "num_iid").unwrap().as_str() {
            "1" => reply(200, error(15, "isv.item-is-delete", "商品已删除").to_string()),
            _ => top.answer(request),
        },
    );
    let set = set.unwrap();
    assert!(matches!(&set[0], StockOutcome::Rejected { code, .. } if code == "isv.item-is-delete"));
    assert_eq!((&set[0], &set[1], &set[3]), (&set[2], &StockOutcome::Set, &StockOutcome::Set));
}
