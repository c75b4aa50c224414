//! A host in this process, serving the probe under several ids, and a client for it.

#![allow(dead_code, reason = "each test file uses its part")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "this is a test")]

use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{HeaderMap, Request};
use http_body_util::{BodyExt as _, Full};
use huidan_host::{Handle, Options, serve};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use tempfile::TempDir;

/// The workspace's root.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).expect("tests/host lies two folders deep")
}

fn newest(folder: &Path) -> SystemTime {
    let entries = std::fs::read_dir(folder).expect("the probe's source").flatten();
    let times = entries.map(|e| match e.path() {
        path if path.is_dir() => newest(&path),
        path => std::fs::metadata(path).and_then(|m| m.modified()).expect("a file's time"),
    });
    times.max().unwrap_or(SystemTime::UNIX_EPOCH)
}

/// The probe as a component: what `cargo hub` built, or built now if that is missing or old.
pub(crate) fn probe() -> &'static Path {
    static PROBE: OnceLock<PathBuf> = OnceLock::new();
    PROBE.get_or_init(|| {
        let built = root().join("target/components/host-probe.wasm");
        let age = std::fs::metadata(&built).and_then(|m| m.modified());
        if age.is_ok_and(|built| built >= newest(&root().join("tests/host-probe"))) {
            return built;
        }
        let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("probe");
        let status = std::process::Command::new(env!("CARGO"))
            .args(["build", "--release", "--target", "wasm32-wasip2", "-p", "host-probe"])
            .current_dir(root())
            .env("CARGO_TARGET_DIR", &target)
            .status()
            .expect("cargo runs");
        assert!(status.success(), "the probe does not build");
        target.join("wasm32-wasip2/release/host_probe.wasm")
    })
}

/// The application: `probe` is granted a lot, `bare` nothing, `hidden` is private, `ticker` owns `/tick`.
pub(crate) fn manifest() -> String {
    let source = probe();
    format!(
        r#"spin_manifest_version = 2
[application]
name = "probe"
version = "1"
[variables]
shop_key = {{ required = true, secret = true }}
upstream = {{ default = "http://127.0.0.1:1" }}
[[trigger.http]]
route = "/probe/..."
component = "probe"
[[trigger.http]]
route = "/named/:shop/..."
component = "probe"
[[trigger.http]]
route = "/bare/..."
component = "bare"
[[trigger.http]]
route = "/tick"
component = "ticker"
[[trigger.http]]
route = {{ private = true }}
component = "hidden"
[component.probe]
source = {source:?}
sqlite_databases = ["default", "edge"]
key_value_stores = ["default", "labels"]
allowed_outbound_hosts = ["{{{{ upstream }}}}", "http://hidden.spin.internal", "http://probe.spin.internal",
                          "http://nobody.spin.internal"]
variables = {{ key = "<{{{{ shop_key }}}}>" }}
environment = {{ COLOUR = "green" }}
[component.bare]
source = {source:?}
[component.hidden]
source = {source:?}
[component.ticker]
source = {source:?}
sqlite_databases = ["default"]
"#
    )
}

/// A host and its state.
pub(crate) struct Host {
    pub(crate) handle: Handle,
    pub(crate) folder: TempDir,
    client: Client<HttpConnector, Full<Bytes>>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

/// Options for a host with the probe in `folder`, on a free port.
pub(crate) fn options(folder: &Path) -> Options {
    std::fs::write(folder.join("spin.toml"), manifest()).expect("the manifest is written");
    std::fs::write(folder.join("env"), "SPIN_VARIABLE_SHOP_KEY=s3cret\n").expect("the env file is written");
    let mut options = Options::new(folder.join("spin.toml"), folder.join("state"));
    options.listen = ([127, 0, 0, 1], 0).into();
    options.env_file = Some(folder.join("env"));
    options.cache = Some(Path::new(env!("CARGO_TARGET_TMPDIR")).join("cwasm"));
    options.heartbeat = false;
    options
}

impl Host {
    /// A host with default settings.
    pub(crate) async fn start() -> Self {
        Self::with(|_| {}).await
    }

    /// A host with settings changed.
    pub(crate) async fn with(change: impl FnOnce(&mut Options)) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut options = options(folder.path());
        change(&mut options);
        let handle = serve(options).await.expect("the host starts");
        Self { handle, folder, client: client() }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask(Request::get(self.url(path)).body(Full::default()).expect("a request")).await
    }

    pub(crate) async fn post(&self, path: &str, body: impl Into<Bytes>) -> Answer {
        self.ask(Request::post(self.url(path)).body(Full::new(body.into())).expect("a request")).await
    }

    /// Runs the lines of `script` on one connection of the component `probe`.
    pub(crate) async fn sql(&self, script: &str) -> String {
        self.post("/probe/sql?db=default", script.to_owned()).await.body
    }

    pub(crate) async fn ask(&self, request: Request<Full<Bytes>>) -> Answer {
        let response = self.client.request(request).await.expect("an answer");
        let (head, body) = response.into_parts();
        let body = body.collect().await.expect("a whole body").to_bytes();
        let body = String::from_utf8_lossy(&body).into_owned();
        Answer { status: head.status.as_u16(), headers: head.headers, body }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.handle.address())
    }

    pub(crate) fn log(&self, component: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(format!("state/logs/{component}.log"))).unwrap_or_default()
    }
}

/// A client without delays.
pub(crate) fn client() -> Client<HttpConnector, Full<Bytes>> {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    Client::builder(TokioExecutor::new()).build(connector)
}

/// Waits until `ready` says so, 10 s at most.
pub(crate) async fn eventually(mut ready: impl AsyncFnMut() -> bool) {
    for _ in 0..400 {
        if ready().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(25)).await;
    }
    panic!("it did not come to pass");
}
