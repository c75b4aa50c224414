//! 17TRACK: registered numbers and their webhook.

use crate::clock::{rfc3339_beijing, rfc3339_utc};
use crate::express::{self, Outgoing, Pusher, Scan, ScanKind, Told, Watch};
use crate::fields::{int, text};
use crate::order::Platform;
use crate::push::Outcome;
use crate::server::{Answer, Call, Face, json};
use crate::sign;
use crate::world::World;
use serde_json::{Value, json};

const ME: Platform = Platform::SeventeenTrack;
const PER_SECOND: u32 = 3;
const MOST: usize = 40;

pub(crate) const FACE: Face = Face { platform: ME, operation, handle, limited, expired };
pub(crate) const PUSHER: Pusher = Pusher { whole: true, watched: true, say, acknowledged, gap_s };

/// Three times: after 10, 30 and 60 minutes.
fn gap_s(attempt: u32) -> Option<u64> {
    [600, 1_800, 3_600].get(usize::try_from(attempt).ok()?.checked_sub(1)?).copied()
}

/// 200 and nothing else.
fn acknowledged(outcome: &Outcome) -> bool {
    outcome.status == 200
}

fn operation(call: &Call) -> String {
    call.path.rsplit('/').next().unwrap_or_default().to_owned()
}

fn failure(status: u16, code: i64, message: &str) -> Answer {
    json(status, &json!({"code": code, "data": {"errors": [{"code": code, "message": message}]}}))
}

fn limited(_: &World, _: &Call, _: Option<u32>) -> Answer {
    failure(429, -18_010_429, "Too many requests.")
}

fn expired(world: &mut World, call: &Call) -> Answer {
    world.refuse(ME, &operation(call), "17token", true);
    failure(401, -18_010_002, "Invalid security key.")
}

fn handle(world: &mut World, call: &Call) -> Answer {
    if express::over_second(world, ME, PER_SECOND) || express::over(world, ME) {
        return limited(world, call, None);
    }
    if call.header("17token") != world.options.seventeen_track.app_key {
        return expired(world, call);
    }
    let parts = call.parts();
    let (["track", "v2.2" | "v2.4", what], "POST") = (parts.as_slice(), call.method.as_str()) else {
        return failure(404, -18_010_004, "Not found.");
    };
    if *what == "getquota" {
        let left = express::left(world, ME);
        return json(200, &json!({"code": 0, "data": {"quota_remain": left}}));
    }
    let body: Value = serde_json::from_slice(&call.body).unwrap_or_default();
    let Some(rows) = body.as_array().filter(|rows| !rows.is_empty() && rows.len() <= MOST) else {
        world.refuse(ME, what, "not 1 to 40 numbers", false);
        return failure(200, -18_010_013, "Submitted data is invalid.");
    };
    let one: Row = match *what {
        "register" => register,
        "gettrackinfo" => info,
        "stoptrack" => stop,
        "retrack" | "changecarrier" => again,
        _ => return failure(404, -18_010_004, "Not found."),
    };
    let (mut accepted, mut rejected) = (Vec::new(), Vec::new());
    for row in rows {
        match one(world, row) {
            Ok(done) => accepted.push(done),
            Err((code, message)) => {
                world.refuse(ME, what, message, false);
                rejected.push(json!({"number": text(row, "number"), "error": {"code": code, "message": message}}));
            }
        }
    }
    json(200, &json!({"code": 0, "data": {"accepted": accepted, "rejected": rejected}}))
}

/// What becomes of one number of a call: accepted, or rejected with a code and words.
type Row = fn(&mut World, &Value) -> Result<Value, (i64, &'static str)>;

fn active(world: &World, number: &str) -> bool {
    express::watch_of(world, ME, number).is_some_and(|w| w.active)
}

const UNREGISTERED: (i64, &str) = (-18_019_902, "The tracking number is not registered, please register first.");

fn register(world: &mut World, row: &Value) -> Result<Value, (i64, &'static str)> {
    let number = text(row, "number");
    if number.is_empty() {
        return Err((-18_010_012, "The format of the number is invalid."));
    }
    if active(world, &number) {
        return Err((-18_019_901, "The tracking number has been registered, don't need to repeat registration."));
    }
    if express::left(world, ME) <= 0 {
        return Err((-18_019_908, "Not enough quota."));
    }
    express::recharge(world, ME, -1);
    let carrier = int(row, "carrier").unwrap_or(0).to_string();
    express::watch(world, Watch { order: text(row, "order_no"), ..Watch::new(ME, &number, &carrier) });
    Ok(json!({"origin": 1, "number": number, "carrier": int(row, "carrier").unwrap_or(0), "tag": row.get("tag")}))
}

fn info(world: &mut World, row: &Value) -> Result<Value, (i64, &'static str)> {
    let number = text(row, "number");
    let watch = express::watch_of(world, ME, &number).ok_or(UNREGISTERED)?;
    Ok(data(watch, &express::scans_of(world, &number)))
}

fn stop(world: &mut World, row: &Value) -> Result<Value, (i64, &'static str)> {
    let number = text(row, "number");
    if express::unwatch(world, ME, &number) { Ok(json!({"number": number})) } else { Err(UNREGISTERED) }
}

fn again(world: &mut World, row: &Value) -> Result<Value, (i64, &'static str)> {
    let number = text(row, "number");
    let before = express::watch_of(world, ME, &number).cloned().ok_or(UNREGISTERED)?;
    express::watch(world, Watch { active: true, ..before });
    Ok(json!({"number": number}))
}

/// Status and the finer one.
fn status(scan: Option<&Scan>) -> (&'static str, &'static str) {
    match scan.map(|s| s.kind) {
        None => ("NotFound", "NotFound_Other"),
        Some(ScanKind::PickedUp) => ("InTransit", "InTransit_PickedUp"),
        Some(ScanKind::Departed) => ("InTransit", "InTransit_Departure"),
        Some(ScanKind::Arrived) => ("InTransit", "InTransit_Arrival"),
        Some(ScanKind::OutForDelivery) => ("OutForDelivery", "OutForDelivery_Other"),
        Some(ScanKind::AtStation) => ("AvailableForPickup", "AvailableForPickup_Other"),
        Some(ScanKind::Problem) => ("DeliveryFailure", "DeliveryFailure_NoBody"),
        Some(ScanKind::Refused) => ("DeliveryFailure", "DeliveryFailure_Rejected"),
        Some(ScanKind::Returning) => ("Exception", "Exception_Returning"),
        Some(ScanKind::Returned) => ("Exception", "Exception_Returned"),
        Some(ScanKind::Signed) => ("Delivered", "Delivered_Other"),
    }
}

fn event(scan: &Scan) -> Value {
    let (stage, sub_status) = status(Some(scan));
    json!({"time_iso": rfc3339_beijing(scan.at_ms), "time_utc": rfc3339_utc(scan.at_ms), "description": scan.words,
        "location": scan.city, "stage": stage, "sub_status": sub_status,
        "address": {"country": "CN", "state": null, "city": scan.city, "street": null, "postal_code": null}})
}

/// Events newest first.
fn data(watch: &Watch, scans: &[Scan]) -> Value {
    let (now, fine) = status(scans.last());
    let events: Vec<Value> = scans.iter().rev().map(event).collect();
    json!({"number": watch.number, "carrier": watch.carrier.parse::<i64>().unwrap_or_default(), "param": null,
        "tag": watch.order, "track_info": {"shipping_info": {}, "latest_status": {"status": now, "sub_status": fine},
        "latest_event": events.first(), "time_metrics": {}, "milestone": [],
        "tracking": {"providers": [{"provider": {"key": 190_271, "name": "Simulated"}, "events": events}]}}})
}

fn say(world: &World, told: &Told) -> Vec<Outgoing> {
    let Some(watch) = told.watch else { return Vec::new() };
    let body = json!({"event": "TRACKING_UPDATED", "data": data(watch, &told.scans)});
    let outgoing = Outgoing::json("TRACKING_UPDATED", &body);
    let signed = sign::seventeen_track(&outgoing.body, &world.options.seventeen_track.app_key);
    vec![outgoing.with("sign", signed)]
}
