use crate::{Client, Process, until, workspace};
use huidan_platforms::{Options, Platform, Platforms, Running, demo};
use serde_json::{Value, json};
use std::fs;
use std::io::Write as _;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::Once;
use tempfile::TempDir;

/// The owner's token of every test house.
const ADMIN: &str = "test-admin-token-of-no-consequence";

/// What serves a house.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Under {
    /// The embedded host, started as it is.
    Host,
    /// A Spin on PATH, started by `cargo hub up --spin`, which gives it its arguments, its runtime configuration and its
    /// heartbeat.
    Spin,
}

impl Under {
    /// Both.
    const BOTH: [Self; 2] = [Self::Host, Self::Spin];
}

/// Plays a scenario in a house under the embedded host, and in a new one under a real Spin where one is found.
///
/// # Panics
/// When a house does not come up.
pub async fn under_both(wanted: Wanted, scenario: impl AsyncFn(House)) {
    for under in Under::BOTH {
        if let Some(house) = House::under(Wanted { under, ..wanted.clone() }).await {
            scenario(house).await;
        }
    }
}

/// How a house is furnished.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// What serves it.
    pub under: Under,
    /// A folder in which `spin` is looked for before PATH is.
    pub spin_in: Option<PathBuf>,
    /// The label printer's language: `zpl` or `tspl`.
    pub lang: &'static str,
    /// Whether a bridge prints.
    pub bridge: bool,
    /// Where the house listens; chosen when `None`.
    pub listen: Option<String>,
    /// Seed of the platforms.
    pub seed: u64,
    /// How many times faster the platforms' retries are than the real ones'.
    pub speed: u32,
    /// More settings for the hub.
    pub variables: Vec<(String, String)>,
    /// A component to put in the place of another: (the component, the one whose file stands in).
    pub instead: Option<(&'static str, &'static str)>,
}

impl Default for Wanted {
    fn default() -> Self {
        Self {
            under: Under::Host,
            spin_in: None,
            lang: "zpl",
            bridge: true,
            listen: None,
            seed: 7,
            speed: 120,
            variables: Vec::new(),
            instead: None,
        }
    }
}

/// A hub between simulated platforms.
pub struct House {
    /// The platforms.
    pub platforms: Running,
    /// The hub's API.
    pub api: Client,
    /// The hub's origin.
    pub hub: String,
    wanted: Wanted,
    folder: TempDir,
    host: Option<Process>,
    bridge: Option<Process>,
    past: Vec<String>,
}

impl House {
    /// Builds a house: platforms, hub, settings by the API, a paired bridge.
    ///
    /// # Panics
    /// When any of it does not come up.
    pub async fn new(wanted: Wanted) -> Self {
        Self::under(wanted).await.unwrap_or_else(|| panic!("there is no Spin of the right version"))
    }

    /// The same; where a Spin is wanted and none of the right version is there, it says `NOT RUN: real Spin` and answers
    /// `None`.
    ///
    /// # Panics
    /// When any of it does not come up.
    pub async fn under(wanted: Wanted) -> Option<Self> {
        let options = Options { seed: wanted.seed, speed: wanted.speed, ..Options::default() };
        let platforms = Platforms::start(options).await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let listen = wanted.listen.clone().unwrap_or_else(free_port);
        let hub = format!("http://{listen}");
        let api = Client::new(&hub, ADMIN);
        let mut house = Self { platforms, api, hub, wanted, folder, host: None, bridge: None, past: Vec::new() };
        if !house.try_start_hub() {
            if house.wanted.spin_in.is_none() {
                say_not_run("real Spin");
            }
            return None;
        }
        let refused = demo::set_up(&house.hub, ADMIN, &house.platforms).await.unwrap();
        assert_eq!(refused, 0, "the hub refused settings of the demo");
        if house.wanted.bridge {
            house.pair().await;
            house.start_bridge();
        }
        Some(house)
    }

    /// Its folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    /// The real manifest, or a copy in which one component's file stands in for another's.
    fn manifest(&self) -> PathBuf {
        let real = workspace().join("spin.toml");
        let Some((component, stand_in)) = self.wanted.instead else { return real };
        let text = fs::read_to_string(&real).unwrap();
        let folder = workspace().join("target/components");
        let text = text
            .replace(&format!("target/components/{component}.wasm"), &format!("target/components/{stand_in}.wasm"))
            .replace("\"target/components", &format!("\"{}", folder.display()));
        let copy = self.folder.path().join("spin.toml");
        fs::write(&copy, text).unwrap();
        copy
    }

    /// Starts the hub (again) and waits until it serves.
    ///
    /// # Panics
    /// When it does not.
    pub fn start_hub(&mut self) {
        assert!(self.try_start_hub(), "there is no Spin of the right version");
    }

    /// Answers whether there was something to start it under.
    fn try_start_hub(&mut self) -> bool {
        let host = match self.wanted.under {
            Under::Host => Process::start("huidan-host", &self.arguments("--manifest"), &self.variables()),
            Under::Spin => {
                assert!(self.wanted.instead.is_none(), "`cargo hub up` serves the real manifest");
                Process::start_parent("hub", &self.arguments("up"), &self.variables())
            }
        };
        let said = host.wait_for(&["listening on", "or newer is needed"]);
        let serves = said.contains("listening on");
        self.host = serves.then_some(host);
        serves
    }

    /// What the host, or `cargo hub up`, is started with.
    fn arguments(&self, first: &str) -> Vec<String> {
        let (manifest, state) = (self.manifest().display().to_string(), self.state().display().to_string());
        let listen = self.hub.trim_start_matches("http://");
        let second = if first == "up" { "--spin" } else { &manifest };
        [first, second, "--listen", listen, "--state", &state].map(str::to_owned).to_vec()
    }

    fn variables(&self) -> Vec<(String, String)> {
        let key = |byte: u8| huidan_exchange::sign::base64(&[byte; 32]);
        let mut variables: Vec<(String, String)> = vec![
            ("SPIN_VARIABLE_RECEIVER_KEY".into(), key(1)),
            ("SPIN_VARIABLE_CREDENTIAL_KEY".into(), key(2)),
            ("SPIN_VARIABLE_LABEL_KEY".into(), key(3)),
            ("SPIN_VARIABLE_INTERNAL_TOKEN".into(), "test-internal-token".into()),
            ("SPIN_VARIABLE_ADMIN_TOKEN".into(), ADMIN.into()),
            // `cargo hub up` is not to build over what was built for the tests.
            ("HUIDAN_BUILT".into(), "1".into()),
        ];
        for (name, value) in demo::variables(self.platforms.addresses()) {
            variables.push((name.to_owned(), value));
        }
        if let Some(folder) = &self.wanted.spin_in {
            let usual = std::env::var_os("PATH").unwrap_or_default();
            let all = std::iter::once(folder.clone()).chain(std::env::split_paths(&usual));
            let path = std::env::join_paths(all).unwrap();
            variables.push(("PATH".into(), path.to_string_lossy().into_owned()));
        }
        variables.extend(self.wanted.variables.iter().cloned());
        variables
    }

    async fn pair(&self) {
        let code = self.api.post("printers/pairing-codes", &json!({})).await;
        let code = code.get("code").and_then(Value::as_str).unwrap_or_default().to_owned();
        let args = ["pair", "--hub", &self.hub, &code, "--state", &self.bridge_state()];
        let pairing = Process::start("print-bridge", &args.map(str::to_owned), &[]);
        let token = self.folder.path().join("bridge/token.json");
        until("the bridge is paired", async || token.is_file().then_some(())).await;
        drop(pairing);
    }

    fn bridge_state(&self) -> String {
        self.folder.path().join("bridge").display().to_string()
    }

    /// Starts the bridge (again): a label printer and the platforms' print component.
    pub fn start_bridge(&mut self) {
        let at = self.platforms.addresses();
        let printer = format!("bench=tcp://{}?lang={}&dpi=203&media=100x150", at.printer, self.wanted.lang);
        let component = at.component.trim_start_matches("ws://").trim_end_matches('/');
        let component = format!("platform=cnprint://{component}");
        let args = [
            "run",
            "--hub",
            &self.hub,
            "--state",
            &self.bridge_state(),
            "--printer",
            &printer,
            "--printer",
            &component,
        ];
        self.bridge = Some(Process::start("print-bridge", &args.map(str::to_owned), &[]));
    }

    /// `kill -9` of the hub.
    pub fn kill_hub(&mut self) {
        if let Some(mut host) = self.host.take() {
            host.kill();
            self.past.extend(host.said());
        }
    }

    /// `kill -9` of the bridge.
    pub fn kill_bridge(&mut self) {
        if let Some(mut bridge) = self.bridge.take() {
            bridge.kill();
            self.past.extend(bridge.said());
        }
    }

    /// The hub's process id.
    pub fn hub_process(&self) -> Option<u32> {
        self.host.as_ref().map(Process::id)
    }

    /// Everything that was said or logged so far by hub, components and bridge.
    pub fn logs(&self) -> String {
        let mut all = self.past.join("\n");
        for process in [&self.host, &self.bridge].into_iter().flatten() {
            all.push_str(&process.said().join("\n"));
        }
        if let Ok(files) = fs::read_dir(self.state().join("logs")) {
            for file in files.flatten() {
                all.push_str(&fs::read_to_string(file.path()).unwrap_or_default());
            }
        }
        all
    }

    /// Every file the hub and the bridge keep, as bytes: databases, their journals, labels.
    pub fn bytes_at_rest(&self) -> Vec<(PathBuf, Vec<u8>)> {
        let mut found = Vec::new();
        let mut folders = vec![self.folder.path().to_path_buf()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
                let path = entry.path();
                if path.is_dir() {
                    folders.push(path);
                } else if let Ok(bytes) = fs::read(&path) {
                    found.push((path, bytes));
                }
            }
        }
        found
    }

    /// A site that signs with the secret of the demo's own shop.
    pub fn own_site(&self) -> crate::OwnSite {
        let secret = self.platforms.options().own_shop.webhook_secret.clone();
        crate::OwnSite { client: self.api.clone(), shop: "s-own".into(), secret }
    }

    /// A SKU of the catalogue that every shop sells.
    pub fn sku(&self) -> String {
        self.platforms.goods().first().map(|good| good.sku.clone()).unwrap_or_default()
    }

    /// The hub's order for a platform's id, once it is there.
    pub async fn order(&self, platform: Platform, ext_id: i64) -> Value {
        let path = format!("orders?channel={}&ext_id={ext_id}", platform.name());
        until("the order arrives", async || {
            let page = self.api.get(&path).await;
            page.pointer("/items/0").cloned()
        })
        .await
    }

    /// Waits until an order's status is one of these.
    pub async fn order_is(&self, platform: Platform, ext_id: i64, statuses: &[&str]) -> Value {
        let path = format!("orders?channel={}&ext_id={ext_id}", platform.name());
        // A channel that cannot push is asked once a minute.
        until(&format!("order {ext_id} becomes {statuses:?}"), async || {
            let order = self.api.get(&path).await.pointer("/items/0").cloned()?;
            let status = order.get("status").and_then(Value::as_str).unwrap_or_default();
            statuses.contains(&status).then_some(order)
        })
        .await
    }

    /// Waits until the (only) package of an order has one of these statuses.
    pub async fn package_is(&self, order: &Value, statuses: &[&str]) -> Value {
        let id = order.get("id").and_then(Value::as_str).unwrap_or_default().to_owned();
        until(&format!("a package of {id} becomes {statuses:?}"), async || {
            let order = self.api.get(&format!("orders/{id}")).await;
            let package = order.pointer("/packages/0").and_then(Value::as_str)?.to_owned();
            let package = self.api.get(&format!("packages/{package}")).await;
            let status = package.get("status").and_then(Value::as_str).unwrap_or_default();
            statuses.contains(&status).then_some(package)
        })
        .await
    }
}

/// Says what cannot run on this machine, once, and past the tests' own capturing: `cargo hub test` reads it, and a person
/// who runs one test sees it.
fn say_not_run(what: &str) {
    static SAID: Once = Once::new();
    SAID.call_once(|| {
        // On a line of its own, whatever the test runner has begun; a closed terminal is no failure of the test.
        let _ = writeln!(std::io::stdout(), "\nNOT RUN: {what}");
    });
}

fn free_port() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().to_string()
}
