//! Parcels that a person should look at: listed, noted, stopped once, asked about, claimed, closed.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test's report")]

mod fixture;

use fixture::{House, OWNER};
use http::StatusCode;
use huidan_store::Db;
use huidan_store::schema::Which;
use huidan_testkit::world::Fault;
use serde_json::{Value as Json, json};

/// A parcel of an account that can be stopped, lying in a hub; its carrier answers every wish with this.
async fn lies(house: &House, answer: Json) {
    house.set_up().await;
    house.world.set("public_url", "https://hub.example");
    house.world.answers("carrier-sf", move |path, _| match path {
        "/waybill/manifest" => json!({"id": "sf", "zh": "顺丰速运", "en": "SF", "unknown_outcome": "query",
            "needs_serial": false, "takes_tokens_of": [], "pushes": true, "secret_path": true, "track_batch": 10,
            "intercepts": true, "credentials": []}),
        "/waybill/intercept" => json!([answer]),
        other => panic!("{other}"),
    });
    let db = house.world.connection(Which::Main);
    for statement in [
        "INSERT INTO package (id, shop, channel, warehouse, account, service, status, weight_g, waybill, receiver_hash,
             trace, created_at, updated_at)
         VALUES ('p1', 's1', 'own-shop', 'w1', 'sf1', '', 'in_transit', 500, 'b1', x'', '[]', 0, 0)",
        "INSERT INTO waybill (id, package, attempt, fence, account, carrier, claim, state, number, claimed_at, issued_at)
         VALUES ('b1', 'p1', 1, 1, 'sf1', 'sf', 'q1', 'traced', 'SF1234567890', 0, 0)",
        "INSERT INTO scan (number, key, account, at, kind, code, text, place, received_at, used)
         VALUES ('SF1234567890', 'k', 'sf1', 1795161600000, 'moving', '1', '', '杭州转运中心', 0, 1)",
        r#"INSERT INTO exception (id, package, kind, state, facts, opened_at)
         VALUES ('e1', 'p1', 'stalled', 'open', '{"place":"杭州转运中心","usual_ms":72000000}', 1)"#,
        "INSERT INTO incident (id, carrier, place, goal, state, opened_at) VALUES ('i1', 'sf', 'H', '', 'open', 1)",
        "INSERT INTO exception (id, package, kind, state, facts, opened_at, incident)
         VALUES ('e2', 'p1', 'problem', 'open', '{}', 2, 'i1')",
    ] {
        db.run(statement, &[]).await.unwrap();
    }
}

#[test]
fn exceptions_are_listed_page_by_page_noted_and_closed() {
    House::new().run(async |house| {
        lies(house, json!({"done": "accepted"})).await;
        let first = house.get(OWNER, "parcel-exceptions?state=open&limit=1").await.json;
        assert_eq!((&first["items"][0]["id"], &first["items"][0]["waybill"]), (&json!("e2"), &json!("SF1234567890")));
        let next = first["next"].as_str().unwrap();
        let second = house.get(OWNER, &format!("parcel-exceptions?state=open&limit=1&cursor={next}")).await.json;
        assert_eq!((&second["items"][0]["id"], &second["next"]), (&json!("e1"), &Json::Null));
        let alone = house.get(OWNER, "parcel-exceptions?alone=true").await.json;
        assert_eq!(alone["items"].as_array().unwrap().len(), 1);

        let noted = house.post(OWNER, "parcel-exceptions/e1/note", json!({"text": "已致电网点"})).await;
        assert_eq!(noted.json["notes"][0]["text"], "已致电网点", "{}", noted.text);
        assert_eq!(house.post(OWNER, "parcel-exceptions/e1/note", json!({"text": " "})).await.status, 422);
        let closed = house.post(OWNER, "parcel-exceptions/e1/close", json!({})).await;
        assert_eq!((&closed.json["state"], &closed.json["closed_by"]), (&json!("closed"), &json!("owner")));
        let incident = house.post(OWNER, "incidents/i1/close", json!({})).await;
        assert_eq!(
            (&incident.json["state"], &incident.json["open"]),
            (&json!("closed"), &json!(0)),
            "{}",
            incident.text
        );
        assert_eq!(house.get(OWNER, "parcel-exceptions?state=open").await.json["items"], json!([]));
        assert_eq!(house.get(OWNER, "parcel-exceptions/none").await.status, StatusCode::NOT_FOUND);
    });
}

#[test]
fn a_parcel_is_stopped_once_however_often_it_is_clicked() {
    House::new().run(async |house| {
        lies(house, json!({"done": "accepted"})).await;
        for _ in 0..3 {
            let said = house.post(OWNER, "parcel-exceptions/e1/intercept", json!({})).await;
            assert_eq!(said.json["state"], "accepted", "{}", said.text);
        }
        let asked = |path: &str| house.world.calls().iter().filter(|call| call.1 == path).count();
        assert_eq!(asked("/waybill/intercept"), 1);
    });
}

#[test]
fn a_lost_answer_is_no_reason_to_ask_the_carrier_again() {
    House::new().run(async |house| {
        lies(house, json!({"done": "accepted"})).await;
        house.world.fail("carrier-sf", "/waybill/intercept", Fault::AnswerLost);
        for _ in 0..2 {
            let said = house.post(OWNER, "parcel-exceptions/e1/intercept", json!({})).await;
            assert_eq!(said.json["state"], "unknown", "{}", said.text);
        }
        assert_eq!(house.world.calls().iter().filter(|call| call.1 == "/waybill/intercept").count(), 1);
    });
}

#[test]
fn what_never_reached_the_carrier_may_be_asked_again() {
    House::new().run(async |house| {
        let failure = json!({"kind": "transient", "code": "503", "detail": "繁忙 / busy", "after_s": null});
        lies(house, json!({"failed": failure})).await;
        for _ in 0..2 {
            let said = house.post(OWNER, "parcel-exceptions/e1/intercept", json!({})).await;
            assert_eq!(said.json["state"], "failed", "{}", said.text);
        }
        assert_eq!(house.world.calls().iter().filter(|call| call.1 == "/waybill/intercept").count(), 2);
    });
}

#[test]
fn a_buyers_link_is_made_a_claim_is_drafted_and_a_watcher_is_named() {
    House::new().run(async |house| {
        lies(house, json!({"done": "accepted"})).await;
        let link = house.post(OWNER, "parcel-exceptions/e1/ask-buyer", json!({})).await;
        let url = link.json["url"].as_str().unwrap_or_else(|| panic!("{}", link.text));
        let code = url.strip_prefix("https://hub.example/t/").unwrap();
        let db = house.world.connection(Which::Main);
        let kept = db.run("SELECT hex(code_sha) FROM buyer_link", &[]).await.unwrap();
        assert!(!kept.0[0].text(0).unwrap().to_lowercase().contains(code), "only its digest is kept");
        assert_eq!(house.post(OWNER, "packages/p1/buyer-link", json!({})).await.status, StatusCode::CREATED);
        assert_eq!(house.post(OWNER, "packages/none/buyer-link", json!({})).await.status, StatusCode::NOT_FOUND);

        let claim = house.post(OWNER, "parcel-exceptions/e1/claim-draft", json!({})).await;
        let text = claim.json["text"].as_str().unwrap();
        for fact in ["顺丰速运", "SF1234567890", "轨迹长时间没有更新", "24 小时。", "20 小时内", "杭州转运中心"]
        {
            assert!(text.contains(fact), "{fact}: {text}");
        }
        let named = house.post(OWNER, "carriers/sf1/watched-by", json!({"account": "sf1"})).await;
        assert_eq!(named.status, StatusCode::OK, "{}", named.text);
        let none = house.post(OWNER, "carriers/sf1/watched-by", json!({"account": "none"})).await;
        assert_eq!(none.status, StatusCode::NOT_FOUND);
    });
}
