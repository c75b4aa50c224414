use super::samples::EVIL;
use super::{Site, place};
use http::StatusCode;
use serde_json::{Value, json};

pub(super) fn house() -> Value {
    json!({"id": "w1", "name": EVIL, "sender": {"name": "仓", "phone": "0571-55501234", "province": "浙江省",
        "city": "杭州市", "district": "", "street": "示例路 18 号"}, "serves": [], "zone": "+08:00", "printer": null,
        "task_printer": null, "position": 1, "active": true})
}

pub(super) fn preview() -> Value {
    json!({"parcels": 40, "kinds": [{"kind": "put_wall", "waves": 2, "parcels": 40, "bins": 47}]})
}

pub(super) fn wave(state: &str) -> Value {
    let member = |seq: u32, left_out: &str, paper: &str| {
        json!({"package": format!("p{seq}"), "seq": seq, "slot": format!("A{seq}"), "left_out": left_out,
            "status": "printed", "waybill": "HD0000012345", "waits_for": EVIL, "paper": paper})
    };
    json!({"id": "v1", "number": 12, "warehouse": EVIL, "kind": "put_wall", "account": EVIL, "zone": "A",
        "state": state, "size": 3, "cut_off": null, "printer": null, "members": [
            member(1, "", "done"), member(2, "held", "queued"), member(3, "", "unconfirmed")],
        "counts": {"parcels": 2, "left_out": 1, "numbered": 2, "printed": 1, "verified": 0, "at_printer": 0,
            "questions": 1, "failed": 0},
        "created_at": "2026-11-21T07:00:00Z", "updated_at": "2026-11-21T07:10:00Z"})
}

#[test]
fn what_is_built_is_what_was_looked_at() {
    let site = Site::new("packer");
    let page = site.get("/waves?warehouse=w1&kind=put_wall&cut_off=14:00&slots=20&zone=").1;
    let asked = site.asked.borrow().iter().find(|asked| asked.path.contains("/preview")).cloned().unwrap();
    assert!(asked.path.contains("warehouse=w1&cut_off=14%3A00") && !asked.path.contains("zone"), "{}", asked.path);
    assert!(page.contains("<td class=\"count\">1.17</td>"), "bins for each order: {page}");
    assert!(page.contains("name=\"cut_off\" value=\"14:00\""), "{page}");
    let answer = site.post("/waves", "csrf=c5rf&nonce=n1&act=build&warehouse=w1&kind=put_wall&cut_off=14:00&slots=20");
    assert_eq!((answer.status(), place(&answer)), (StatusCode::SEE_OTHER, "/waves/v1"));
    let deed = site.deeds().pop().unwrap();
    assert_eq!(deed.path, "/api/v1/waves");
    assert_eq!(
        (&deed.body["kind"], &deed.body["cut_off"], &deed.body["slots"]),
        (&json!("put_wall"), &json!("14:00"), &json!(20))
    );
}

#[test]
fn a_wave_that_prints_is_looked_at_again_without_a_script_and_can_be_stopped() {
    let site = Site::new("packer");
    let page = site.get("/waves/v1").1;
    assert!(page.contains("<meta http-equiv=\"refresh\" content=\"5\">"), "{page}");
    assert!(page.contains("value=\"stop\"") && !page.contains("value=\"resume\""), "{page}");
    assert!(page.contains("<progress max=\"2\" value=\"1\">"), "{page}");
    assert!(page.contains("A2</b> stays empty") && page.contains("Order held"), "{page}");
    assert!(page.contains("href=\"/waves/v1/pick-list.pdf\""), "{page}");
    let stopped = site.get("/waves/v2").1;
    assert!(!stopped.contains("http-equiv=\"refresh\"") && stopped.contains("value=\"resume\""), "{stopped}");
    for (form, path) in [
        ("act=stop", "stop"),
        ("act=resume", "resume"),
        ("act=pick", "pick"),
        ("act=print", "print"),
        ("act=close", "close"),
        ("act=drop&package=p3", "drop"),
        ("act=labels-list&printer=p1", "print"),
    ] {
        site.post("/waves/v1", &format!("csrf=c5rf&nonce=n1&{form}"));
        assert_eq!(site.deeds().pop().unwrap().path, format!("/api/v1/waves/v1/{path}"));
    }
    assert_eq!(site.deeds().pop().unwrap().body, json!({"what": "pick_list", "printer": "p1", "copy": null}));
}
