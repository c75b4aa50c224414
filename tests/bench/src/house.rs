//! A hub with one shop, one warehouse, one carrier account and goods without end: every order goes the whole way.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::{AUTHORIZATION, CONTENT_TYPE, HOST};
use http::{Method, Request};
use http_body_util::{BodyExt as _, Full};
use huidan_exchange::sign::{base64, hex, sha256};
use rusqlite::{Connection, OpenFlags};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::error::Result;
use crate::host::{Served, embedded, folder, manifest};
use crate::load::connect;
use crate::orders::{SECRET, SHOP, goods};
use crate::site::Site;

/// What the administrator of every house sends.
pub(crate) const BEARER: &str = "Bearer bench-admin-token-of-no-consequence";
const ADMIN: &str = "bench-admin-token-of-no-consequence";
const WAREHOUSE: &str = "bench-warehouse";
const CARRIER: &str = "bench-numbers";

/// Where the shop's webhooks go.
pub(crate) fn webhook_path() -> String {
    format!("/webhook/own-shop/{SHOP}")
}

/// A hub at work.
pub(crate) struct House {
    /// The embedded host.
    pub(crate) host: Served,
    folder: TempDir,
    site: Site,
    instead: Option<(&'static str, &'static str)>,
}

impl House {
    /// Starts a hub and sets it up by its API.
    pub(crate) async fn new() -> Result<Self> {
        Self::of(Site::start(Vec::new()).await?, None).await
    }

    /// The same beside a site, with the file of one component in the place of another's.
    pub(crate) async fn of(site: Site, instead: Option<(&'static str, &'static str)>) -> Result<Self> {
        let folder = folder()?;
        let house = Self { host: start(&folder, &site, instead)?, folder, site, instead };
        house.set_up().await?;
        Ok(house)
    }

    /// Ends the host, and starts it again on the same state.
    pub(crate) fn restart(self) -> Result<Self> {
        self.restart_after(|_| Ok(()))
    }

    /// The same with work on the main database's file in between.
    pub(crate) fn restart_after(self, work: impl FnOnce(&Path) -> Result<()>) -> Result<Self> {
        let Self { host, folder, site, instead } = self;
        host.stop()?;
        work(&main_file(&folder))?;
        Ok(Self { host: start(&folder, &site, instead)?, folder, site, instead })
    }

    /// Looks into both databases without the host: `main`, and `edge` under that name.
    pub(crate) fn look(&self) -> Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let main = main_file(&self.folder);
        let look = Connection::open_with_flags(&main, flags)?;
        look.execute("ATTACH ?1 AS edge", [main.with_file_name("edge.db").to_string_lossy()])?;
        look.pragma_update(None, "query_only", true)?;
        Ok(look)
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.host.address
    }

    async fn set_up(&self) -> Result<()> {
        self.add_shop(SHOP, "", "live").await?;
        self.post("warehouses", json!({"id": WAREHOUSE, "name": "标尺仓",
            "sender": {"name": "标尺仓", "phone": "13800100001", "province": "浙江省", "city": "杭州市", "district": "余杭区",
                "street": "良渚街道 1 号仓"}})).await?;
        self.post(
            "carriers",
            json!({"id": CARRIER, "carrier": "own-numbers", "name": "自有号段", "environment": "live",
            "price_first_fen": 900, "price_more_fen": 400,
            "credentials": {"prefix": "HB", "from": "100000001", "to": "109999999"}}),
        )
        .await?;
        for (sku, title) in goods() {
            self.post("skus", json!({"sku": sku, "title": title, "weight_g": 300})).await?;
            self.post(
                "listings",
                json!({"shop": SHOP, "ext_item": sku, "ext_sku": sku, "outer_code": sku,
                "skus": [{"sku": sku, "qty": 1}]}),
            )
            .await?;
            self.post("stock", json!({"warehouse": WAREHOUSE, "sku": sku, "on_hand": 10_000_000})).await?;
        }
        Ok(())
    }

    /// Adds a shop of the site, which it serves under `path`.
    pub(crate) async fn add_shop(&self, id: &str, path: &str, mode: &str) -> Result<()> {
        let base_url = format!("{}{path}", self.site.origin());
        let shop = json!({"id": id, "channel": "own-shop", "name": "标尺店", "mode": mode, "environment": "live",
            "base_url": base_url, "credentials": {"webhook_secret": SECRET}});
        self.post("shops", shop).await.map(drop)
    }

    /// `POST /api/v1/<path>`.
    pub(crate) async fn post(&self, path: &str, body: Value) -> Result<Value> {
        post(self.address(), path, body).await
    }

    /// The gauge of that name.
    pub(crate) async fn gauge(&self, name: &str) -> Result<i64> {
        let gauges = ask(self.address(), Method::GET, "/api/v1/gauges", BEARER, None, String::new()).await?;
        gauges.get(name).and_then(Value::as_i64).ok_or_else(|| format!("no gauge {name}").into())
    }

    /// Waits until everything that came in was read.
    pub(crate) async fn all_read(&self) -> Result<()> {
        let begun = Instant::now();
        while self.gauge("inbox_pending").await? > 0 {
            if begun.elapsed() > Duration::from_secs(300) {
                return Err("收件箱五分钟没有读完 · the inbox was not read within five minutes".into());
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        Ok(())
    }
}

fn main_file(folder: &TempDir) -> PathBuf {
    folder.path().join("state/default.db")
}

/// The host on the house's own `spin.toml`.
fn start(folder: &TempDir, site: &Site, instead: Option<(&str, &str)>) -> Result<Served> {
    let mut command = embedded(&manifest(folder.path(), instead)?, folder.path())?;
    for (name, byte) in [("RECEIVER", 1), ("CREDENTIAL", 2), ("LABEL", 3)] {
        command.env(format!("SPIN_VARIABLE_{name}_KEY"), base64(&[byte; 32]));
    }
    command.env("SPIN_VARIABLE_INTERNAL_TOKEN", "bench-internal-token").env("SPIN_VARIABLE_ADMIN_TOKEN", ADMIN);
    command.env("SPIN_VARIABLE_ALLOW_PRIVATE_HOSTS", site.origin());
    Served::start(command, folder.path())
}

/// `POST /api/v1/<path>` of the house at that address.
pub(crate) async fn post(to: SocketAddr, path: &str, body: Value) -> Result<Value> {
    let body = body.to_string();
    let key = hex(&sha256(&[path.as_bytes(), body.as_bytes()]));
    ask(to, Method::POST, &format!("/api/v1/{path}"), BEARER, Some(&key), body).await
}

/// Asks on a connection of its own; an answer that is not 2xx is an error.
pub(crate) async fn ask(
    to: SocketAddr,
    method: Method,
    path: &str,
    bearer: &str,
    idempotency: Option<&str>,
    body: String,
) -> Result<Value> {
    let mut request = Request::builder().method(&method).uri(path).header(HOST, to.to_string());
    request = request.header(AUTHORIZATION, bearer).header(CONTENT_TYPE, "application/json");
    if let Some(key) = idempotency {
        request = request.header("idempotency-key", key);
    }
    let response = connect(to).await?.send_request(request.body(Full::new(Bytes::from(body)))?).await?;
    let status = response.status();
    let body = response.into_body().collect().await?.to_bytes();
    if !status.is_success() {
        return Err(format!("{method} {path}: {status} {}", String::from_utf8_lossy(&body)).into());
    }
    Ok(serde_json::from_slice(&body)?)
}
