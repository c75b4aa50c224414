//! An embedded Spin host: serves the application of a `spin.toml` on wasmtime, where no Spin is installed.
//!
//! It keeps Spin's semantics, oddities included, so that what passes here passes there; what differs is what a guest
//! cannot see: TCP without delays, writers that queue in turn, commits that are shared, components compiled once.

mod app;
mod bindings;
mod caller;
mod clock;
mod compile;
mod component;
mod engine;
mod error;
mod front;
mod guest;
mod heartbeat;
mod hosts;
mod key_value;
mod logs;
mod manifest;
mod outbound;
mod route;
mod runtime_config;
mod server;
mod sqlite;
mod variables;

use std::collections::HashMap;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::time::Duration;

use tokio::runtime::Handle as Runtime;
use tokio::sync::{Semaphore, watch};
use tokio::task::JoinHandle;
use wasmtime_wasi_http::p3::bindings::ServicePre;

pub use component::Limits;
pub use error::Error;

use app::{App, Granted};
use component::{Ready, Registry};
use front::Front;
use outbound::{Network, Outbound};
use server::Server;

/// What to serve and how.
#[derive(Clone, Debug)]
pub struct Options {
    /// The application's `spin.toml`.
    pub manifest: PathBuf,
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Databases, stores and logs go here.
    pub state: PathBuf,
    /// Spin's runtime configuration file.
    pub runtime_config_file: Option<PathBuf>,
    /// Lines `SPIN_VARIABLE_<NAME>=value`.
    pub env_file: Option<PathBuf>,
    /// Where compiled components are kept; beside each component, in `.cache`, if not given.
    pub cache: Option<PathBuf>,
    /// Time limits.
    pub limits: Limits,
    /// Other computing limits for single components, by id.
    pub guest_limits: HashMap<String, Duration>,
    /// Requests from outside that are served at a time.
    pub at_work: usize,
    /// Requests from outside that wait for their turn; more are told to come again.
    pub waiting: usize,
    /// Whether what guests print also goes to stderr.
    pub verbose: bool,
    /// Whether `POST /tick` is sent each second.
    pub heartbeat: bool,
}

impl Options {
    /// The defaults, for the application at `manifest` with its state in `state`.
    pub fn new(manifest: impl Into<PathBuf>, state: impl Into<PathBuf>) -> Self {
        Self {
            manifest: manifest.into(),
            listen: ([127, 0, 0, 1], 3000).into(),
            state: state.into(),
            runtime_config_file: None,
            env_file: None,
            cache: None,
            limits: Limits {
                guest: Duration::from_secs(10),
                outside: Duration::from_secs(60),
                chained: Duration::from_secs(120),
            },
            guest_limits: HashMap::new(),
            at_work: 256,
            waiting: 1024,
            verbose: false,
            heartbeat: true,
        }
    }
}

/// How long a component may compute that is granted nothing at all: a pure function over what it was sent. It can wait for
/// nobody, so one that takes this long hangs, and with it whoever shares its instance.
const GRANTED_NOTHING: Duration = Duration::from_secs(1);

/// A host that serves.
pub struct Handle {
    address: SocketAddr,
    stop: watch::Sender<bool>,
    serving: JoinHandle<()>,
}

impl Handle {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops accepting, lets open requests finish (10 s at most), and returns when they have.
    pub async fn shutdown(self) {
        let _ = self.stop.send(true);
        let _ = self.serving.await;
    }
}

/// Starts serving. When it returns, the next request is served.
///
/// # Errors
/// If anything is missing or not as Spin would have it; the error's text says what to do.
pub async fn serve(options: Options) -> Result<Handle, Error> {
    let cannot = |source| Error::Listen { address: options.listen.to_string(), source };
    let listener = TcpListener::bind(options.listen).map_err(cannot)?;
    listener.set_nonblocking(true).map_err(cannot)?;
    let address = listener.local_addr().map_err(cannot)?;
    let (at_work, waiting, heartbeat) = (options.at_work, options.waiting, options.heartbeat);
    let behind = Runtime::current();
    let network_behind = behind.clone();
    let prepared = tokio::task::spawn_blocking(move || prepare(&options, network_behind)).await;
    let Prepared { app, network, registry, fronts } = prepared.map_err(|e| Error::Engine(e.to_string()))??;
    // Weak, for the components hold the network.
    let _ = network.registry.set(Arc::downgrade(&registry));
    let server = Arc::new(Server {
        router: app.router,
        registry,
        behind,
        name: app.name,
        version: app.version,
        places: Arc::new(Semaphore::new(at_work)),
        waiting: Arc::default(),
        most_waiting: waiting,
    });
    let (stop, stopped) = watch::channel(false);
    if heartbeat && server.router.find("/tick").is_some() {
        heartbeat::beat(&server).await;
        tokio::spawn(heartbeat::run(server.clone(), stopped.clone()));
    }
    let first = fronts.first().map_or_else(Runtime::current, |front| front.runtime.clone());
    let serving = first.spawn(server.run(listener, fronts, stopped));
    Ok(Handle { address, stop, serving })
}

/// Everything that serving needs.
struct Prepared {
    app: App,
    network: Arc<Network>,
    registry: Arc<Registry>,
    fronts: Vec<Front>,
}

fn prepare(options: &Options, behind: Runtime) -> Result<Prepared, Error> {
    let mut app = App::read(options)?;
    let (engine, clock) = engine::start()?;
    let granted = std::mem::take(&mut app.components);
    let sources: Vec<_> = granted.iter().map(|g| compile::Source { id: &g.grants.id, path: &g.source }).collect();
    let compiled = compile::all(&engine, options.cache.as_deref(), &sources)?;
    let linker = guest::linker(&engine).map_err(|e| Error::Engine(format!("{e:#}")))?;
    let network = Arc::new(Network::new(behind));
    let mut components = Vec::new();
    for (Granted { grants, .. }, compiled) in granted.into_iter().zip(compiled) {
        let refused = |e: wasmtime::Error| Error::Component {
            component: grants.id.clone(),
            problem: format!("imports or exports something that this host does not have: {e:#}"),
        };
        let pre = linker.instantiate_pre(&compiled).map_err(refused)?;
        let pre = ServicePre::new(pre).map_err(refused)?;
        let mut limits = options.limits;
        let usual = if grants.nothing() { limits.guest.min(GRANTED_NOTHING) } else { limits.guest };
        limits.guest = options.guest_limits.get(&grants.id).copied().unwrap_or(usual);
        let outbound = Outbound::new(grants, network.clone());
        components.push(Ready { engine: engine.clone(), clock: clock.clone(), pre, outbound, limits });
    }
    let at_work = Arc::new(AtomicUsize::new(0));
    let own = || Arc::new(Registry::new(&components, &at_work));
    let fronts = (0..front::count()).map(|_| Front::start(own())).collect::<Result<_, _>>();
    let fronts = fronts.map_err(|e| Error::Engine(e.to_string()))?;
    Ok(Prepared { app, network, registry: own(), fronts })
}
