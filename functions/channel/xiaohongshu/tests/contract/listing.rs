//! Lists, and what is fetched.

use crate::fake::{Ark, fields, yes};
use crate::{ORDER, PAID, PART, caller, facts, window};
use channel_xiaohongshu::Xiaohongshu;
use huidan_channel::{Channel, Document, Page};
use huidan_domain::{Millis, Window};
use huidan_exchange::{CallError, Reply, Request};
use huidan_testkit::channel::pages;
use huidan_testkit::{drive, reply};
use serde_json::json;
use std::cell::RefCell;

fn list(cursor: Option<&str>, answer: impl FnMut(&Request) -> Reply) -> Result<Page, CallError> {
    drive(&caller(), |call| Xiaohongshu.list(call, window(), cursor), answer)
}

#[test]
fn orders_are_read_from_their_last_page_to_their_first_and_then_after_sales() {
    let mut ark = Ark::new(&[]);
    let mut asked = Vec::new();
    pages(&Xiaohongshu, &caller(), window(), |request| {
        let fields = fields(request);
        let what = if fields["method"] == "order.getOrderList" { "o" } else { "a" };
        asked.push(format!("{what}{}", fields["pageNo"]));
        ark.answer(request)
    });
    assert_eq!(asked, ["o1", "o3", "o2", "o1", "a1", "a2", "a1"], "once for the total, then backwards");
}

#[test]
fn an_order_that_changes_while_it_is_listed_hides_no_other() {
    let mut ark = Ark::new(&[]);
    let all = ark.listed.clone();
    let (mut seen, mut cursor) = (Vec::new(), None);
    loop {
        let page = list(cursor.as_deref(), |request| ark.answer(request)).unwrap();
        seen.extend(page.orders.into_iter().map(|listed| listed.ext_id));
        // Two of those not read yet change: they leave this window for the next, and all behind them move up.
        ark.listed.drain(..2.min(ark.listed.len()));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    let missed: Vec<&String> = all[6..].iter().filter(|id| !seen.contains(id)).collect();
    assert!(missed.is_empty(), "{missed:?}");
}

#[test]
fn a_window_with_more_pages_than_can_be_asked_for_is_narrowed() {
    let asked = RefCell::new(Vec::new());
    let answer = |request: &Request| {
        let fields = fields(request);
        let (from, to) = (fields["startTime"].as_i64().unwrap(), fields["endTime"].as_i64().unwrap());
        asked.borrow_mut().push((to - from, fields["pageNo"].as_i64().unwrap()));
        reply(200, yes(&json!({"total": (to - from) * 10, "orderList": []})).to_string())
    };
    let page = list(None, answer).unwrap();
    assert_eq!(*asked.borrow(), [(1740, 1), (870, 1), (870, 87)], "174 pages are too many, 87 are not");
    let from = window().from.0 / 1000;
    assert_eq!(page.next, Some(format!("o.{from}.{}.86", from + 870)));
    let first = list(Some(&format!("o.{from}.{}.1", from + 870)), answer).unwrap();
    assert_eq!(first.next, Some(format!("o.{}.{}.0", from + 870, from + 1740)), "the other half follows");
    let second = list(first.next.as_deref(), answer).unwrap();
    assert_eq!(second.next, Some(format!("o.{}.{}.86", from + 870, from + 1740)));
}

#[test]
fn what_cannot_be_listed_says_why() {
    let crowded = list(None, |_| reply(200, yes(&json!({"total": 1_000_000, "orderList": []})).to_string()));
    assert!(matches!(crowded, Err(CallError::Rejected { code, .. }) if code == "too_many_changes"));
    let long = Window { from: window().from, to: Millis(window().from.0 + 1_801_000) };
    let refused = drive(&caller(), |call| Xiaohongshu.list(call, long, None), |_| panic!("nothing is sent"));
    assert!(matches!(refused, Err(CallError::Rejected { code, .. }) if code == "window_too_long"));
    for cursor in ["", "o", "x.1.2.3", "o.1.2.3.4", "o.1.2.-3"] {
        let refused = list(Some(cursor), |_| panic!("nothing is sent"));
        assert!(matches!(refused, Err(CallError::Rejected { code, .. }) if code == "bad_cursor"), "{cursor}");
    }
}

#[test]
fn an_empty_window_costs_one_call_for_orders_and_one_for_after_sales() {
    let mut ark = Ark::new(&[]);
    (ark.listed, ark.returning) = (Vec::new(), Vec::new());
    let orders = list(None, |request| ark.answer(request)).unwrap();
    assert!(orders.orders.is_empty());
    let sales = list(orders.next.as_deref(), |request| ark.answer(request)).unwrap();
    assert!(sales.orders.is_empty() && sales.next.is_none());
    assert_eq!(ark.called, ["order.getOrderList", "afterSale.listAfterSaleInfos"]);
}

fn fetch(ark: &mut Ark, id: &str) -> Result<Option<Document>, CallError> {
    drive(&caller(), |call| Xiaohongshu.fetch(call, id), |request| ark.answer(request))
}

#[test]
fn an_order_is_put_together_from_all_that_the_platform_tells_apart() {
    let mut ark = Ark::new(&[PAID, PART]);
    let body = fetch(&mut ark, ORDER).unwrap().unwrap().body;
    assert_eq!(ark.called, ["order.getOrderDetail", "order.getOrderReceiverInfo", "afterSale.listAfterSaleInfos"]);
    assert_eq!(facts(body), facts(PAID), "the same as the sample");
    ark.called.clear();
    let body = fetch(&mut ark, "P790600755242471733").unwrap().unwrap().body;
    let asked = ark.called.iter().filter(|method| *method == "afterSale.getAfterSaleInfo").count();
    assert_eq!(asked, 3, "price protection touches no goods and is not asked for");
    assert_eq!(facts(body), facts(PART));
}

#[test]
fn a_receiver_is_asked_for_only_while_the_order_is_to_ship() {
    for (status, asked) in [(1, false), (2, false), (3, false), (4, true), (5, true), (6, false), (9, false)] {
        let mut ark = Ark::new(&[PAID]);
        ark.orders.get_mut(ORDER).unwrap()["orderStatus"] = status.into();
        let body = fetch(&mut ark, ORDER).unwrap().unwrap().body;
        assert_eq!(ark.called.iter().any(|method| method == "order.getOrderReceiverInfo"), asked, "{status}");
        let receiver = facts(body).receiver;
        assert_eq!(receiver.name.is_empty(), !asked);
        assert_eq!((receiver.city.as_str(), receiver.token.is_some()), ("杭州市", true), "always there");
    }
}

/// Fetches while one call is answered in another way.
fn fetch_with(method: &str, answer: &serde_json::Value) -> Result<Option<Document>, CallError> {
    let mut ark = Ark::new(&[PAID]);
    drive(
        &caller(),
        |call| Xiaohongshu.fetch(call, ORDER),
        |request| {
            let good = ark.answer(request);
            if fields(request)["method"] == method { reply(200, answer.to_string()) } else { good }
        },
    )
}

#[test]
fn an_address_that_changed_between_two_calls_is_read_again() {
    let changed = yes(&json!({"receiverInfos": [{"orderId": ORDER, "matched": false}]}));
    let again = fetch_with("order.getOrderReceiverInfo", &changed);
    assert!(matches!(again, Err(CallError::Transient { after_s: Some(5), .. })), "{again:?}");
}

#[test]
fn a_receiver_that_is_not_shown_leaves_the_handle_that_waybills_need() {
    let refused = crate::fake::no(-1, "订单不支持查看收件信息");
    let body = fetch_with("order.getOrderReceiverInfo", &refused).unwrap().unwrap().body;
    let receiver = facts(body).receiver;
    assert_eq!((receiver.name.as_str(), receiver.token.as_deref()), ("", Some("9f2c1b7e4d8a4f0e93b6c5d1a7e80f42")));
}

#[test]
fn an_inner_envelope_that_says_no_is_no_list_of_after_sales() {
    let refused = yes(&json!({"success": false, "code": 5001, "msg": "参数错误", "data": null}));
    let seen = fetch_with("afterSale.listAfterSaleInfos", &refused);
    assert!(matches!(seen, Err(CallError::Rejected { code, .. }) if code == "5001"));
}
