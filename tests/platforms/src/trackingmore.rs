//! TrackingMore: trackings and their webhook, whose signature covers the time alone.

use crate::clock::rfc3339_beijing;
use crate::express::{self, Outgoing, Parcel, Pusher, Scan, ScanKind, Told, Watch};
use crate::fields::text;
use crate::order::Platform;
use crate::push::Outcome;
use crate::server::{Answer, Call, Face, json};
use crate::sign;
use crate::world::World;
use serde_json::{Value, json};

const ME: Platform = Platform::Trackingmore;

pub(crate) const FACE: Face = Face { platform: ME, operation, handle, limited, expired };
pub(crate) const PUSHER: Pusher = Pusher { whole: true, watched: true, say, acknowledged: Outcome::success, gap_s };

/// Up to fourteen times: 2^n half minutes.
fn gap_s(attempt: u32) -> Option<u64> {
    (attempt <= 14).then(|| 30_u64 << attempt)
}

fn operation(call: &Call) -> String {
    call.path.clone()
}

fn failure(status: u16, code: i64, message: &str) -> Answer {
    json(status, &json!({"meta": {"code": code, "message": message}, "data": []}))
}

fn success(data: Value) -> Answer {
    json(200, &json!({"meta": {"code": 200, "message": "Request response is successful"}, "data": data}))
}

fn limited(_: &World, _: &Call, _: Option<u32>) -> Answer {
    failure(429, 429, "Exceeded API request limits, please try again later.")
}

fn expired(world: &mut World, call: &Call) -> Answer {
    world.refuse(ME, &operation(call), "Tracking-Api-Key", true);
    failure(401, 401, "Authentication failed or has no permission.")
}

fn handle(world: &mut World, call: &Call) -> Answer {
    if express::over(world, ME) {
        return limited(world, call, None);
    }
    if call.header("tracking-api-key") != world.options.trackingmore.app_key {
        return expired(world, call);
    }
    match (call.method.as_str(), call.parts().as_slice()) {
        ("POST", ["v4", "trackings", "create"]) => {
            create(world, &serde_json::from_slice(&call.body).unwrap_or_default())
        }
        ("GET", ["v4", "trackings", "get"]) => {
            let asked = call.query_value("tracking_numbers").unwrap_or_default();
            let rows: Vec<Value> = asked.split(',').filter_map(|number| watched(world, number)).collect();
            success(Value::Array(rows))
        }
        _ => failure(404, 404, "The URI requested is invalid."),
    }
}

fn watched(world: &World, number: &str) -> Option<Value> {
    express::watch_of(world, ME, number)?;
    Some(tracking(world, express::by_number(world, number)?, &express::scans_of(world, number)))
}

fn create(world: &mut World, asked: &Value) -> Answer {
    let (number, courier) = (text(asked, "tracking_number"), text(asked, "courier_code"));
    if number.is_empty() || courier.is_empty() {
        world.refuse(ME, "create", "no tracking_number or courier_code", false);
        return failure(400, 4012, "Missing required parameters.");
    }
    if !express::watch(world, Watch::new(ME, &number, &courier)) {
        return failure(400, 4101, "Tracking No. already exists.");
    }
    success(watched(world, &number).unwrap_or_default())
}

fn status(scan: Option<&Scan>) -> &'static str {
    match scan.map(|s| s.kind) {
        None => "pending",
        Some(ScanKind::PickedUp | ScanKind::Departed | ScanKind::Arrived) => "transit",
        Some(ScanKind::OutForDelivery | ScanKind::AtStation) => "pickup",
        Some(ScanKind::Problem) => "undelivered",
        Some(ScanKind::Refused | ScanKind::Returning | ScanKind::Returned) => "exception",
        Some(ScanKind::Signed) => "delivered",
    }
}

fn tracking(world: &World, parcel: &Parcel, scans: &[Scan]) -> Value {
    let courier = express::watch_of(world, ME, &parcel.number).map(|w| w.carrier.clone()).unwrap_or_default();
    // Newest first.
    let rows: Vec<Value> = scans
        .iter()
        .rev()
        .map(|s| {
            json!({"checkpoint_date": rfc3339_beijing(s.at_ms), "tracking_detail": s.words, "location": s.city,
                "checkpoint_delivery_status": status(Some(s)), "checkpoint_delivery_substatus": ""})
        })
        .collect();
    json!({"id": format!("tm{}", parcel.number), "tracking_number": parcel.number, "courier_code": courier,
        "delivery_status": status(scans.last()), "substatus": "", "latest_event": scans.last().map(|s| s.words.clone()),
        "origin_info": {"courier_code": courier, "trackinfo": rows}})
}

/// In headers and in the body: where it stands, the description does not say.
fn say(world: &World, told: &Told) -> Vec<Outgoing> {
    let time = (world.now(ME) / 1_000).to_string();
    let signed = sign::trackingmore(&world.options.trackingmore.push_secret, &time);
    let body = json!({"code": 200, "message": "Success", "event": "TRACKING_UPDATED",
        "data": tracking(world, told.parcel, &told.scans), "verifyInfo": {"timeStr": time, "signature": signed}});
    vec![Outgoing::json("TRACKING_UPDATED", &body).with("timestamp", time).with("signature", signed)]
}
