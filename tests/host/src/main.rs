//! `huidan-host`: serves a `spin.toml`.

use std::collections::HashMap;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Parser;
use huidan_host::{Options, serve};
use tracing_subscriber::EnvFilter;

/// A request makes a few hundred small allocations, many freed on another thread than they were made on.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// An embedded Spin host 内嵌的 Spin 运行环境
#[derive(Parser)]
#[command(version)]
struct Arguments {
    /// The application 应用清单
    #[arg(long, default_value = "spin.toml")]
    manifest: PathBuf,
    /// Where to listen; port 0 takes a free one 监听地址
    #[arg(long, default_value = "127.0.0.1:3000")]
    listen: SocketAddr,
    /// Folder of databases, stores and logs 数据目录
    #[arg(long)]
    state: PathBuf,
    /// Spin's runtime configuration file 运行时配置
    #[arg(long)]
    runtime_config_file: Option<PathBuf>,
    /// Lines SPIN_VARIABLE_<NAME>=value 变量文件
    #[arg(long)]
    env_file: Option<PathBuf>,
    /// Folder of compiled components; default: `.cache` beside each 编译缓存目录
    #[arg(long)]
    cache: Option<PathBuf>,
    /// How long a guest may compute without waiting, in ms: N for all, or <component>=N (repeatable) 组件连续计算上限
    #[arg(long, value_name = "[COMPONENT=]MS", env = "HUIDAN_HOST_GUEST_LIMIT_MS", value_delimiter = ',', value_parser = limit)]
    guest_limit_ms: Vec<(Option<String>, Duration)>,
    /// How long a request from outside may take, in ms 外部请求时限
    #[arg(long, default_value_t = 60_000, env = "HUIDAN_HOST_REQUEST_LIMIT_MS")]
    request_limit_ms: u64,
    /// How long a call between components may take, in ms 组件间调用时限
    #[arg(long, default_value_t = 120_000, env = "HUIDAN_HOST_CHAINED_LIMIT_MS")]
    chained_limit_ms: u64,
    /// Requests from outside served at a time 同时处理的外部请求数
    #[arg(long, default_value_t = 256)]
    at_work: usize,
    /// Requests from outside that wait; more get 503 排队的外部请求数
    #[arg(long, default_value_t = 1024)]
    waiting: usize,
    /// Copy what components print to stderr 在终端显示组件日志
    #[arg(long, env = "HUIDAN_HOST_VERBOSE")]
    verbose: bool,
    /// Send no POST /tick 不发送心跳
    #[arg(long)]
    no_heartbeat: bool,
}

fn limit(text: &str) -> Result<(Option<String>, Duration), String> {
    let (component, ms) = match text.split_once('=') {
        Some((component, ms)) => (Some(component.to_owned()), ms),
        None => (None, text),
    };
    let ms = ms.parse().map_err(|_| format!("{text:?} is not MS or COMPONENT=MS"))?;
    Ok((component, Duration::from_millis(ms)))
}

impl Arguments {
    fn options(self) -> Options {
        let mut options = Options::new(self.manifest, self.state);
        options.listen = self.listen;
        options.runtime_config_file = self.runtime_config_file;
        options.env_file = self.env_file;
        options.cache = self.cache;
        options.limits.outside = Duration::from_millis(self.request_limit_ms);
        options.limits.chained = Duration::from_millis(self.chained_limit_ms);
        options.at_work = self.at_work;
        options.waiting = self.waiting;
        options.verbose = self.verbose;
        options.heartbeat = !self.no_heartbeat;
        let mut single = HashMap::new();
        for (component, limit) in self.guest_limit_ms {
            match component {
                Some(component) => {
                    single.insert(component, limit);
                }
                None => options.limits.guest = limit,
            }
        }
        options.guest_limits = single;
        options
    }
}

fn main() -> ExitCode {
    let filter = EnvFilter::try_from_env("HUIDAN_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    let options = Arguments::parse().options();
    // What components do among themselves. Who knocks is served on threads of its own, which go first.
    let mut behind = tokio::runtime::Builder::new_multi_thread();
    behind.worker_threads(std::thread::available_parallelism().map_or(2, usize::from)).on_thread_start(step_back);
    behind.event_interval(TURNS);
    let runtime = match behind.enable_all().build() {
        Ok(runtime) => runtime,
        Err(problem) => return failed(&problem),
    };
    let code = runtime.block_on(run(options));
    // What guests still do after their answers is not waited for, as with Spin.
    runtime.shutdown_timeout(Duration::from_millis(200));
    code
}

/// Word from sockets and timers is looked for after so many turns. By default it is 61, and while guests compute on every
/// thread, each of those turns takes an epoch.
const TURNS: u32 = 4;

/// How far: a third of the share of a thread that has not stepped back. Not further, for these threads hold locks that
/// those in front wait for, and must get to where they let them go.
#[cfg(target_os = "linux")]
const STEP_BACK: i32 = 5;

/// Lets the threads of requests from outside go first where both want the same core.
fn step_back() {
    // Elsewhere it would hold for the whole process.
    #[cfg(target_os = "linux")]
    let _ = rustix::process::nice(STEP_BACK);
}

async fn run(options: Options) -> ExitCode {
    let mut signals = match Signals::new() {
        Ok(signals) => signals,
        Err(problem) => return failed(&problem),
    };
    let handle = tokio::select! {
        served = serve(options) => match served {
            Ok(handle) => handle,
            Err(problem) => return failed(&problem),
        },
        () = signals.next() => return ExitCode::SUCCESS,
    };
    let mut out = std::io::stdout();
    let _ = writeln!(out, "listening on http://{}", handle.address()).and_then(|()| out.flush());
    signals.next().await;
    tokio::select! {
        () = handle.shutdown() => ExitCode::SUCCESS,
        () = signals.next() => ExitCode::from(130),
    }
}

/// The system's ways of asking for an end.
struct Signals {
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
}

impl Signals {
    fn new() -> std::io::Result<Self> {
        #[cfg(unix)]
        {
            use tokio::signal::unix::{SignalKind, signal};
            Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
        }
        #[cfg(not(unix))]
        Ok(Self {})
    }

    async fn next(&mut self) {
        #[cfg(unix)]
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
        #[cfg(not(unix))]
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

fn failed(problem: &dyn std::fmt::Display) -> ExitCode {
    eprintln!("huidan-host: {problem}");
    ExitCode::FAILURE
}
