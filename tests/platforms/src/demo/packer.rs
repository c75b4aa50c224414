//! The demo's packer: hands over every parcel whose paper came out, some seconds after it did, through the hub's API as
//! the page does.

use crate::push::{Http, client, send};
use bytes::Bytes;
use http::Method;
use serde_json::Value;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// From paper to the carrier's hands.
const PACKING: Duration = Duration::from_secs(4);
/// Between two looks.
const LOOK: Duration = Duration::from_secs(1);

pub(super) struct Packer {
    http: Http,
    hub: String,
    bearer: String,
    bench: BTreeMap<String, Instant>,
    looked: Instant,
}

impl Packer {
    pub(super) fn new(hub: &str, admin_token: &str) -> Packer {
        Packer {
            http: client(),
            hub: hub.to_owned(),
            bearer: format!("Bearer {admin_token}"),
            bench: BTreeMap::new(),
            looked: Instant::now(),
        }
    }

    /// Looks at the bench and hands over what is packed; answers its waybill numbers.
    pub(super) async fn work(&mut self) -> Vec<String> {
        let mut gone = Vec::new();
        if self.looked.elapsed() < LOOK {
            return gone;
        }
        self.looked = Instant::now();
        let page = self.ask(Method::GET, "packages?status=printed&limit=100").await;
        let packages = page.get("items").and_then(Value::as_array).cloned().unwrap_or_default();
        for package in packages {
            let Some(id) = package.get("id").and_then(Value::as_str) else { continue };
            let since = *self.bench.entry(id.to_owned()).or_insert_with(Instant::now);
            if since.elapsed() < PACKING {
                continue;
            }
            self.bench.remove(id);
            let shipped = self.ask(Method::POST, &format!("packages/{id}/ship")).await;
            if let Some(number) = shipped.get("waybill").and_then(Value::as_str) {
                gone.push(number.to_owned());
            }
        }
        gone
    }

    async fn ask(&self, method: Method, path: &str) -> Value {
        let headers = [("authorization", self.bearer.clone()), ("content-type", "application/json".to_owned())];
        let body = if method == Method::POST { Bytes::from_static(b"{}") } else { Bytes::new() };
        let answer = send(&self.http, method, &format!("{}/api/v1/{path}", self.hub), &headers, body).await;
        answer.and_then(|answer| serde_json::from_slice(&answer.body).ok()).unwrap_or_default()
    }
}
