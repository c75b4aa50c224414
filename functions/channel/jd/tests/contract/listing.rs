//! The list: backwards, while orders change, and in parts where it is too long.

use crate::fake::{Jos, business, form, page_of, text, wrapped};
use crate::{at, caller, window};
use channel_jd::Jd;
use huidan_channel::Channel;
use huidan_domain::Window;
use huidan_exchange::{CallError, Reply, Request};
use huidan_testkit::channel::pages;
use huidan_testkit::{drive, reply};
use serde_json::json;
use std::cell::RefCell;
use std::collections::BTreeSet;

const SEARCH: &str = "jingdong.pop.order.enSearch";

fn all_pages(window: Window, answer: impl FnMut(&Request) -> Reply) -> Vec<String> {
    let pages = pages(&Jd, &caller(), window, answer).into_iter();
    pages.flat_map(|page| page.orders).map(|order| order.ext_id).collect()
}

#[test]
fn the_list_is_read_from_its_last_page_to_its_first() {
    let mut jos = Jos::new(&[]);
    let pages = RefCell::new(Vec::new());
    all_pages(window(), |request| {
        let asked = business(request);
        assert_eq!(
            (text(&asked["start_date"]), text(&asked["end_date"])),
            ("2026-11-21 16:00:00".to_owned(), "2026-11-21 16:29:01".to_owned())
        );
        assert_eq!((text(&asked["dateType"]), text(&asked["order_state"])), ("0".to_owned(), "ALL".to_owned()));
        pages.borrow_mut().push(text(&asked["page"]));
        jos.answer(request)
    });
    assert_eq!(*pages.borrow(), ["1", "3", "2", "1"], "once for the total, then backwards");
}

#[test]
fn an_order_that_changes_while_the_list_is_read_hides_no_other() {
    for leaves in [0_usize, 49, 50, 51, 99] {
        let mut left: Vec<String> = (0..130).map(|index| format!("{}", 500_001 + index)).collect();
        let all: BTreeSet<String> = left.iter().cloned().collect();
        let mut gone = BTreeSet::new();
        let seen = all_pages(window(), |request| {
            let answer = wrapped(SEARCH, page_of(&business(request), &left)).to_string();
            // Changed now: its time of change is past the window, and all behind it move up.
            gone.insert(left.remove(leaves.min(left.len() - 1)));
            reply(200, answer)
        });
        let known: BTreeSet<String> = seen.into_iter().chain(gone).collect();
        assert_eq!(known, all, "leaving at {leaves}");
    }
}

#[test]
fn a_window_of_more_pages_than_are_shown_is_read_in_parts() {
    // Four in every second: 140 pages of the whole window.
    let second = |order: usize| order / 4;
    let ids: Vec<String> = (0..6_960).map(|order| (700_001 + order).to_string()).collect();
    let from = window().from;
    let seen = all_pages(window(), |request| {
        let asked = business(request);
        let inside = |name: &str| (at(&text(&asked[name])).since(from) / 1000, name).0;
        let (first, last) = (inside("start_date"), inside("end_date"));
        let within = |order: &usize| (first..=last).contains(&i64::try_from(second(*order)).unwrap());
        let inside: Vec<String> = (0..ids.len()).filter(within).map(|order| ids[order].clone()).collect();
        assert_eq!(form(request, "method"), SEARCH);
        let page: u64 = text(&asked["page"]).parse().unwrap();
        assert!(page <= 100, "behind page 100 there is nothing");
        reply(200, wrapped(SEARCH, page_of(&asked, &inside)).to_string())
    });
    let seen: BTreeSet<String> = seen.into_iter().collect();
    assert_eq!(seen.len(), ids.len());
}

#[test]
fn a_list_of_one_page_is_one_call_and_an_empty_one_is_empty() {
    let ask = |inside: serde_json::Value| {
        let calls = RefCell::new(0);
        let page = drive(
            &caller(),
            |call| Jd.list(call, window(), None),
            |_| {
                *calls.borrow_mut() += 1;
                reply(200, wrapped(SEARCH, json!({ "searchorderinfo_result": inside })).to_string())
            },
        );
        (page, calls.into_inner())
    };
    let entry = json!({ "orderId": 292_230_000_000_100_001_u64, "modified": "2026-11-21 16:20:00" });
    let (page, calls) = ask(json!({ "orderTotal": "1", "orderInfoList": [entry] }));
    let page = page.unwrap();
    assert_eq!((page.orders[0].ext_id.as_str(), page.next, calls), ("292230000000100001", None, 1));
    assert_eq!(page.orders[0].updated_at, Some(at("2026-11-21 16:20:00").0));
    let (page, calls) = ask(json!({ "apiResult": { "success": "true" }, "orderTotal": 0 }));
    assert!(page.unwrap().orders.is_empty() && calls == 1);
    let (said_no, _) = ask(json!({ "apiResult": { "success": false, "chineseErrCode": "参数错误" }, "orderTotal": 0 }));
    assert!(matches!(said_no, Err(CallError::Rejected { .. })), "a no is not an empty list");
    let (lied, _) = ask(json!({ "orderTotal": 3, "orderInfoList": [] }));
    assert!(matches!(lied, Err(CallError::Transient { .. })), "three orders and none shown");
}

#[test]
fn a_window_longer_than_a_month_is_not_asked_for() {
    let window = Window { from: at("2026-10-20 00:00:00"), to: at("2026-11-21 00:00:01") };
    let refused = drive(&caller(), |call| Jd.list(call, window, None), |_| panic!("nothing is sent"));
    assert!(matches!(refused, Err(CallError::Rejected { code, .. }) if code == "window_too_long"));
}
