//! EasyPost: trackers and their events.

use crate::clock::rfc3339_utc;
use crate::express::{self, Outgoing, Parcel, Pusher, Scan, ScanKind, Told, Watch};
use crate::fields::{part, text};
use crate::order::Platform;
use crate::push::Outcome;
use crate::server::{Answer, Call, Face, json};
use crate::sign;
use crate::world::World;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Value, json};

const ME: Platform = Platform::Easypost;

pub(crate) const FACE: Face = Face { platform: ME, operation, handle, limited, expired };
pub(crate) const PUSHER: Pusher = Pusher { whole: true, watched: true, say, acknowledged: Outcome::success, gap_s };

/// About six times.
fn gap_s(attempt: u32) -> Option<u64> {
    (attempt <= 6).then(|| 60_u64 << attempt)
}

fn operation(call: &Call) -> String {
    call.path.clone()
}

fn failure(status: u16, code: &str, message: &str) -> Answer {
    json(status, &json!({"error": {"code": code, "message": message, "errors": []}}))
}

fn limited(_: &World, _: &Call, seconds: Option<u32>) -> Answer {
    let mut answer = failure(429, "RATE_LIMITED", "Too many requests, please try again later.");
    if let Some(seconds) = seconds {
        crate::server::set(&mut answer, "retry-after", &seconds.to_string());
    }
    answer
}

fn expired(world: &mut World, call: &Call) -> Answer {
    world.refuse(ME, &operation(call), "API key", true);
    failure(401, "APIKEY.INACTIVE", "This api key is no longer active. Please use a different api key.")
}

/// The key is the user's name; there is no password.
fn known(world: &World, call: &Call) -> bool {
    let given = call.header("authorization").strip_prefix("Basic ").and_then(|t| STANDARD.decode(t).ok());
    let user = given.and_then(|t| String::from_utf8(t).ok()).and_then(|t| Some(t.split_once(':')?.0.to_owned()));
    user.as_deref() == Some(world.options.easypost.app_key.as_str())
}

fn handle(world: &mut World, call: &Call) -> Answer {
    if express::over(world, ME) {
        return limited(world, call, None);
    }
    if !known(world, call) {
        return expired(world, call);
    }
    match (call.method.as_str(), call.parts().as_slice()) {
        ("POST", ["v2", "trackers"]) => create(world, &serde_json::from_slice(&call.body).unwrap_or_default()),
        ("GET", ["v2", "trackers"]) => {
            let number = call.query_value("tracking_code").unwrap_or_default();
            let found = express::watch_of(world, ME, &number).and_then(|w| express::by_number(world, &w.number));
            let rows: Vec<Value> =
                found.map(|p| tracker(world, p, &express::scans_of(world, &number))).into_iter().collect();
            json(200, &json!({"trackers": rows, "has_more": false}))
        }
        ("GET", ["v2", "trackers", id]) => {
            let number = id.trim_start_matches("trk_").to_owned();
            match express::by_number(world, &number).filter(|_| express::watch_of(world, ME, &number).is_some()) {
                Some(parcel) => json(200, &tracker(world, parcel, &express::scans_of(world, &number))),
                None => failure(404, "TRACKER.NOT_FOUND", "The requested resource could not be found."),
            }
        }
        _ => failure(404, "NOT_FOUND", "The requested resource could not be found."),
    }
}

fn create(world: &mut World, body: &Value) -> Answer {
    let asked = part(body, "tracker");
    let (number, carrier) = (text(&asked, "tracking_code"), text(&asked, "carrier"));
    if number.is_empty() {
        world.refuse(ME, "/v2/trackers", "no tracking_code", false);
        return failure(422, "TRACKER.CREATE.ERROR", "tracking_code is required");
    }
    // The same code again is the same tracker.
    express::watch(world, Watch::new(ME, &number, &carrier));
    let scans = express::scans_of(world, &number);
    match express::by_number(world, &number) {
        Some(parcel) => json(201, &tracker(world, parcel, &scans)),
        None => failure(500, "INTERNAL_SERVER_ERROR", "no tracker"),
    }
}

fn status(scan: Option<&Scan>) -> &'static str {
    match scan.map(|s| s.kind) {
        None => "pre_transit",
        Some(ScanKind::PickedUp | ScanKind::Departed | ScanKind::Arrived) => "in_transit",
        Some(ScanKind::OutForDelivery) => "out_for_delivery",
        Some(ScanKind::AtStation) => "available_for_pickup",
        Some(ScanKind::Problem) => "failure",
        Some(ScanKind::Refused | ScanKind::Returning | ScanKind::Returned) => "return_to_sender",
        Some(ScanKind::Signed) => "delivered",
    }
}

fn fine(scan: Option<&Scan>) -> &'static str {
    match scan.map(|s| s.kind) {
        None => "status_update",
        Some(ScanKind::PickedUp) => "received_at_origin_facility",
        Some(ScanKind::Departed) => "departed_facility",
        Some(ScanKind::Arrived) => "arrived_at_facility",
        Some(ScanKind::OutForDelivery) => "out_for_delivery",
        Some(ScanKind::AtStation) => "available_for_pickup",
        Some(ScanKind::Problem) => "delivery_exception",
        Some(ScanKind::Refused) => "refused",
        Some(ScanKind::Returning) => "return",
        Some(ScanKind::Returned) => "returned",
        Some(ScanKind::Signed) => "arrived_at_destination",
    }
}

fn tracker(world: &World, parcel: &Parcel, scans: &[Scan]) -> Value {
    let carrier = express::watch_of(world, ME, &parcel.number).map(|w| w.carrier.clone()).unwrap_or_default();
    let details: Vec<Value> = scans
        .iter()
        .map(|s| {
            json!({"object": "TrackingDetail", "status": status(Some(s)), "status_detail": fine(Some(s)),
                "message": s.words, "description": s.words, "datetime": rfc3339_utc(s.at_ms), "source": carrier,
                "carrier_code": "", "tracking_location": {"object": "TrackingLocation", "city": s.city, "state": null,
                "country": "CN", "zip": null}})
        })
        .collect();
    let last = scans.last();
    let ended = last.is_some_and(|s| matches!(s.kind, ScanKind::Signed | ScanKind::Returned));
    json!({"id": format!("trk_{}", parcel.number), "object": "Tracker", "mode": "test",
        "tracking_code": parcel.number, "status": status(last), "status_detail": fine(last), "carrier": carrier,
        "est_delivery_date": null, "signed_by": null, "weight": null, "shipment_id": null, "tracking_details": details,
        "carrier_detail": null, "finalized": ended, "is_return": status(last) == "return_to_sender",
        "public_url": format!("https://track.example/{}", parcel.number)})
}

fn say(world: &World, told: &Told) -> Vec<Outgoing> {
    let before = told.scans.iter().rev().nth(1);
    let id = told.new.map(|s| s.id.clone()).unwrap_or_default();
    let now = told.new.map_or(0, |s| s.at_ms);
    let body = json!({"id": format!("evt_{id}"), "object": "Event", "mode": "test", "description": "tracker.updated",
        "created_at": rfc3339_utc(now), "updated_at": rfc3339_utc(now), "previous_attributes": {"status": status(before)},
        "status": "pending", "pending_urls": [], "completed_urls": [], "user_id": "user_sim",
        "result": tracker(world, told.parcel, &told.scans)});
    let outgoing = Outgoing::json("tracker.updated", &body);
    let signed = sign::easypost(&world.options.easypost.push_secret, outgoing.body.as_bytes());
    vec![outgoing.with("x-hmac-signature", signed)]
}
