//! AfterShip: trackings and their webhook.

use crate::clock::rfc3339_beijing;
use crate::express::{self, Outgoing, Parcel, Pusher, Scan, ScanKind, Told, Watch};
use crate::fields::{part, text};
use crate::order::Platform;
use crate::push::Outcome;
use crate::server::{Answer, Call, Face, json, set};
use crate::sign;
use crate::world::World;
use serde_json::{Value, json};

const ME: Platform = Platform::Aftership;

pub(crate) const FACE: Face = Face { platform: ME, operation, handle, limited, expired };
pub(crate) const PUSHER: Pusher = Pusher { whole: true, watched: true, say, acknowledged: Outcome::success, gap_s };

/// Fourteen times, each wait twice the one before.
fn gap_s(attempt: u32) -> Option<u64> {
    (attempt <= 14).then(|| 30_u64 << attempt)
}

fn operation(call: &Call) -> String {
    call.path.clone()
}

fn failure(status: u16, code: i64, kind: &str, message: &str) -> Answer {
    json(status, &json!({"meta": {"code": code, "type": kind, "message": message}, "data": {}}))
}

fn limited(_: &World, _: &Call, seconds: Option<u32>) -> Answer {
    let mut answer = failure(429, 429, "TooManyRequests", "You have exceeded the API call rate limit.");
    if let Some(seconds) = seconds {
        set(&mut answer, "retry-after", &seconds.to_string());
    }
    answer
}

fn expired(world: &mut World, call: &Call) -> Answer {
    world.refuse(ME, &operation(call), "as-api-key", true);
    failure(401, 401, "Unauthorized", "Invalid API key.")
}

fn handle(world: &mut World, call: &Call) -> Answer {
    if express::over(world, ME) {
        return limited(world, call, None);
    }
    if call.header("as-api-key") != world.options.aftership.app_key {
        return expired(world, call);
    }
    match (call.method.as_str(), call.parts().as_slice()) {
        ("POST", ["tracking", _, "trackings"]) => {
            create(world, &serde_json::from_slice(&call.body).unwrap_or_default())
        }
        ("GET", ["tracking", _, "trackings"]) => {
            let number = call.query_value("tracking_numbers").unwrap_or_default();
            let found: Vec<Value> = watched(world, &number).into_iter().collect();
            json(200, &json!({"meta": {"code": 200}, "data": {"trackings": found}}))
        }
        // By its id; older versions by slug and number.
        ("GET", ["tracking", _, "trackings", id] | ["tracking", _, "trackings", _, id]) => {
            match watched(world, id.trim_start_matches("as")) {
                Some(one) => json(200, &json!({"meta": {"code": 200}, "data": one})),
                None => failure(404, 4004, "NotFound", "Tracking does not exist."),
            }
        }
        _ => failure(404, 404, "NotFound", "The URI requested is invalid."),
    }
}

fn watched(world: &World, number: &str) -> Option<Value> {
    express::watch_of(world, ME, number)?;
    Some(tracking(world, express::by_number(world, number)?, &express::scans_of(world, number)))
}

fn create(world: &mut World, body: &Value) -> Answer {
    // Older versions wrap it.
    let inner = part(body, "tracking");
    let asked = if inner.is_null() { body.clone() } else { inner };
    let (number, slug) = (text(&asked, "tracking_number"), text(&asked, "slug"));
    if number.is_empty() {
        world.refuse(ME, "trackings", "no tracking_number", false);
        return failure(422, 4001, "BadRequest", "The value of `tracking_number` is invalid.");
    }
    let order = text(&asked, "order_id");
    if !express::watch(world, Watch { order, ..Watch::new(ME, &number, &slug) }) {
        return failure(400, 4003, "BadRequest", "Tracking already exists.");
    }
    let one = watched(world, &number).unwrap_or_default();
    json(201, &json!({"meta": {"code": 201}, "data": one}))
}

/// Tag and subtag.
fn tags(scan: Option<&Scan>) -> (&'static str, &'static str) {
    match scan.map(|s| s.kind) {
        None => ("Pending", "Pending_001"),
        Some(ScanKind::PickedUp) => ("InTransit", "InTransit_002"),
        Some(ScanKind::Departed) => ("InTransit", "InTransit_007"),
        Some(ScanKind::Arrived) => ("InTransit", "InTransit_003"),
        Some(ScanKind::OutForDelivery) => ("OutForDelivery", "OutForDelivery_001"),
        Some(ScanKind::AtStation) => ("AvailableForPickup", "AvailableForPickup_001"),
        Some(ScanKind::Problem) => ("AttemptFail", "AttemptFail_002"),
        Some(ScanKind::Refused) => ("Exception", "Exception_005"),
        Some(ScanKind::Returning) => ("Exception", "Exception_010"),
        Some(ScanKind::Returned) => ("Exception", "Exception_011"),
        Some(ScanKind::Signed) => ("Delivered", "Delivered_001"),
    }
}

fn tracking(world: &World, parcel: &Parcel, scans: &[Scan]) -> Value {
    let watch = express::watch_of(world, ME, &parcel.number);
    let checkpoints: Vec<Value> = scans
        .iter()
        .map(|s| {
            let (tag, subtag) = tags(Some(s));
            json!({"checkpoint_time": rfc3339_beijing(s.at_ms), "message": s.words, "location": s.city, "tag": tag,
                "subtag": subtag, "country_region": "CHN", "city": s.city})
        })
        .collect();
    let (tag, subtag) = tags(scans.last());
    json!({"id": format!("as{}", parcel.number), "tracking_number": parcel.number,
        "slug": watch.map(|w| w.carrier.clone()), "tag": tag, "subtag": subtag,
        "order_id": watch.map(|w| w.order.clone()), "expected_delivery": null, "checkpoints": checkpoints})
}

/// As a UUID of version 4 looks, the same for the same scan.
fn event_id(scan: &str) -> String {
    let digest = sign::sha256_hex(scan.as_bytes());
    let cut = |from: usize, to: usize| digest.get(from..to).unwrap_or_default().to_owned();
    format!("{}-{}-4{}-a{}-{}", cut(0, 8), cut(8, 12), cut(12, 15), cut(15, 18), cut(18, 30))
}

fn say(world: &World, told: &Told) -> Vec<Outgoing> {
    let Some(scan) = told.new else { return Vec::new() };
    let (tag, _) = tags(Some(scan));
    let first = told.scans.iter().filter(|s| tags(Some(s)).0 == tag).count() == 1;
    let body = json!({"event": "tracking_update", "event_id": event_id(&scan.id), "is_tracking_first_tag": first,
        "ts": scan.at_ms / 1_000, "msg": tracking(world, told.parcel, &told.scans)});
    let outgoing = Outgoing::json("tracking_update", &body);
    let signed = sign::webhook(&world.options.aftership.push_secret, outgoing.body.as_bytes());
    vec![outgoing.with("aftership-hmac-sha256", signed)]
}
