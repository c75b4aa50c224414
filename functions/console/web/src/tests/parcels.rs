use super::samples::EVIL;
use super::{Site, place};
use serde_json::{Value, json};

pub(super) fn parcels() -> Value {
    json!({"items": [{"id": "e1", "package": "p1", "orders": ["o1"], "shop": "s1", "carrier": EVIL, "waybill": "YT1",
        "status": "in_transit", "kind": "stalled", "state": "open", "incident": null,
        "facts": {"place": EVIL, "usual_ms": 90_000_000}, "wants": "resend", "asked_at": "2026-11-21T07:58:00Z",
        "intercept": "failed", "intercept_reason": EVIL, "opened_at": "2026-11-21T07:58:00Z", "closed_at": null,
        "closed_by": "", "notes": [{"at": "2026-11-21T07:58:00Z", "by": "ming", "text": EVIL}]}], "next": null})
}

pub(super) fn incidents() -> Value {
    json!({"items": [{"id": "i1", "carrier": EVIL, "place": EVIL, "province": "广东省", "state": "open", "parcels": 40,
        "open": 38, "opened_at": "2026-11-21T07:58:00Z", "closed_at": null, "closed_by": ""}], "next": null})
}

#[test]
fn parcels_and_incidents_are_shown_with_what_can_be_done() {
    let page = Site::new("operator").get("/parcels").1;
    for act in ["close", "note", "intercept", "ask-buyer", "claim-draft", "close-incident"] {
        assert!(page.contains(&format!("value=\"{act}\"")), "{act}: {page}");
    }
    assert!(page.contains("No scan for long") && page.contains("38 / 40") && page.contains("25 h"), "{page}");
}

#[test]
fn closing_goes_back_to_the_list_and_a_link_is_shown_once() {
    let site = Site::new("operator");
    let answer = site.post("/parcels", "csrf=c5rf&nonce=a1&act=close&id=e1");
    assert_eq!(place(&answer), "/parcels");
    assert_eq!(site.deeds().last().unwrap().path, "/api/v1/parcel-exceptions/e1/close");
    let answer = site.post("/parcels", "csrf=c5rf&nonce=a2&act=ask-buyer&id=e1");
    let page = String::from_utf8_lossy(answer.body()).into_owned();
    assert!(page.contains("https://hub.example/t/c0de"), "{page}");
}
