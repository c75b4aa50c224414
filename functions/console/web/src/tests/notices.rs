use super::samples::EVIL;
use super::{Site, place};
use http::StatusCode;
use serde_json::{Value, json};

pub(super) fn ways() -> Value {
    json!({"items": [{"id": "robot", "provider": "robot", "name": EVIL, "audience": "team", "environment": "live",
        "address": null, "takes": ["parcel.*"], "shops": [], "language": "zh", "position": 0, "active": true,
        "trouble": EVIL, "created_at": "2026-11-21T07:00:00Z"}], "next": null})
}

pub(super) fn systems() -> Value {
    json!({"items": [{"id": "erp", "name": "ERP", "url": EVIL, "takes": ["*"], "shops": [], "active": false,
        "trouble": "对方已关闭 / closed by the other side", "created_at": "2026-11-21T07:00:00Z"}], "next": null})
}

pub(super) fn rules() -> Value {
    json!({"zone": "+08:00", "quiet": true, "quiet_from": "22:00", "quiet_to": "08:00", "urgent": [], "bundle_over": 5,
        "bundle_window_s": 600, "gather_s": 5, "buyer_topics": []})
}

pub(super) fn told() -> Value {
    let notice = |id: &str, state: &str| {
        json!({"id": id, "way": "robot", "topic": "parcel.stalled", "entity": "package", "about": EVIL, "shop": "s1",
            "state": state, "tries": 1, "next_at": null, "said": EVIL, "receipt": "", "reason": EVIL, "bundle": null,
            "created_at": "2026-11-21T07:00:00Z", "sent_at": null})
    };
    json!({"items": [notice("n1", "sent"), notice("n2", "unknown")], "next": null})
}

#[test]
fn what_a_person_should_look_at_can_be_sent_again() {
    let site = Site::new("operator");
    let page = site.get("/notices").1;
    assert!(!page.contains("<script>"), "{page}");
    assert!(page.contains("22:00 – 08:00 (+08:00)") && page.contains("closed by the other side"), "{page}");
    assert_eq!(page.matches("value=\"resend\"").count(), 1, "only what may be missing: {page}");
    assert!(page.contains("value=\"test\"") && !page.contains("value=\"off\""), "turning off is the owner's: {page}");
    for (form, path) in [("act=test&id=robot", "notice-ways/robot/test"), ("act=resend&id=n2", "notices/n2/resend")] {
        let answer = site.post("/notices", &format!("csrf=c5rf&nonce=n1&{form}"));
        assert_eq!((answer.status(), place(&answer)), (StatusCode::SEE_OTHER, "/notices"));
        assert_eq!(site.deeds().pop().unwrap().path, format!("/api/v1/{path}"));
    }
}

#[test]
fn the_owner_sets_quiet_hours_and_turns_ways_off() {
    let site = Site::new("owner");
    site.post("/notices", "csrf=c5rf&nonce=n1&act=quiet&from=21:30&to=07:30");
    let deed = site.deeds().pop().unwrap();
    assert_eq!((deed.method.as_str(), deed.path.as_str()), ("PUT", "/api/v1/notice-rules"));
    assert_eq!((&deed.body["quiet_from"], &deed.body["bundle_over"]), (&json!("21:30"), &json!(5)), "the rest stays");
    for (form, path, active) in
        [("act=off&kind=way&id=robot", "notice-ways/robot", false), ("act=on&kind=system&id=erp", "webhooks/erp", true)]
    {
        site.post("/notices", &format!("csrf=c5rf&nonce=n2&{form}"));
        let deed = site.deeds().pop().unwrap();
        assert_eq!((deed.path, &deed.body["active"]), (format!("/api/v1/{path}"), &json!(active)));
    }
}
