//! The command line.

use std::{
    fmt::Display,
    fs,
    io::{self, IsTerminal as _},
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use clap::{Args, Parser, Subcommand};
use tracing_subscriber::{filter::Targets, layer::SubscriberExt as _, util::SubscriberInitExt as _};

use crate::{
    attached::{ScaleDevice, ScannerDevice},
    discover,
    hub::{Hub, HubError},
    page::Listen,
    run::{self, Options, RunError},
    service::{self, Manager, Wanted},
    state::{StateDir, hub_address},
    status,
    target::Printer,
    test_page,
};

/// 汇单打印桥：从中心领取打印任务，逐张打印，每张最多一次。
/// Takes print jobs from a Huidan hub and prints each at most once.
#[derive(Debug, Parser)]
#[command(name = "print-bridge", version, about, verbatim_doc_comment)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// 开始打印 / print what the hub queues
    Run(RunArgs),
    /// 与中心配对 / pair with a hub, by the code its page shows
    Pair {
        /// 中心地址 / the hub
        #[arg(long, env = "PRINT_BRIDGE_HUB", value_parser = hub_address)]
        hub: String,
        /// 配对码 / the code
        code: String,
        /// 名称，默认本机名 / a name for this bridge; default: this machine's
        #[arg(long)]
        name: Option<String>,
        /// 状态目录 / folder of the journal and the token
        #[arg(long, value_name = "DIR")]
        state: Option<PathBuf>,
    },
    /// 列出打印机 / list printers: those of the last run, and what can be found (USB, queues, network, serial)
    Printers {
        /// 状态目录 / folder of the journal and the token
        #[arg(long, value_name = "DIR")]
        state: Option<PathBuf>,
    },
    /// 打印测试页 / print a test label
    TestPage {
        /// 打印机 / the printer
        #[arg(long, value_name = "NAME=TARGET")]
        printer: Printer,
    },
    /// 查看打印情况 / the bridge and its journal at a glance
    Status {
        /// 状态目录 / folder of the journal and the token
        #[arg(long, value_name = "DIR")]
        state: Option<PathBuf>,
        /// 输出 JSON / as JSON
        #[arg(long)]
        json: bool,
    },
    /// 安装为系统服务（systemd、launchd、Windows 计划任务）/ install as a service of the operating system
    Install {
        /// What the service runs.
        #[command(flatten)]
        run: RunArgs,
        /// How.
        #[command(flatten)]
        service: ServiceArgs,
    },
    /// 卸载系统服务 / remove the service
    Uninstall {
        /// Which.
        #[command(flatten)]
        service: ServiceArgs,
    },
}

/// What `run` takes.
#[derive(Debug, Clone, Args)]
pub struct RunArgs {
    /// 中心地址 / the hub, e.g. http://127.0.0.1:3000
    #[arg(long, env = "PRINT_BRIDGE_HUB", value_parser = hub_address)]
    hub: String,
    /// 状态目录 / folder of the journal and the token
    #[arg(long, value_name = "DIR")]
    state: Option<PathBuf>,
    /// 打印机，可多个 / a printer; may be given several times; none: those of the last run.
    /// `print-bridge printers` finds some; every kind of TARGET and its parameters are in the README
    #[arg(long = "printer", value_name = "NAME=TARGET", verbatim_doc_comment)]
    printers: Vec<Printer>,
    /// 电子秤 / a scale at the station NAME: serial:///dev/ttyUSB1?baud=9600&protocol=text|toledo|yaohua|reversed&min=20
    /// or tcp://host:port
    #[arg(long = "scale", value_name = "NAME=SOURCE", verbatim_doc_comment)]
    scales: Vec<ScaleDevice>,
    /// 扫码枪 / a scanner at the station NAME: serial:///dev/ttyACM0, tcp://host:port, stdin:, evdev:///dev/input/event3
    #[arg(long = "scanner", value_name = "NAME=SOURCE")]
    scanners: Vec<ScannerDevice>,
    /// 中心不可达时，已取到的面单最多再打印多少分钟；默认只打印租约内的（约一分钟）
    /// for how many minutes labels that are here are printed while the hub cannot be reached; without it, while their
    /// leases last (a minute). A refund in that time is seen at the packing bench, not by the printer
    #[arg(long, value_name = "MINUTES", default_value_t = 0, value_parser = clap::value_parser!(u64).range(0..=240),
        verbatim_doc_comment)]
    offline_minutes: u64,
    /// 本机状态页 / the status page of this machine: 127.0.0.1:PORT or off; default: port 9180, or another if it is taken
    #[arg(long, value_name = "ADDRESS")]
    status_page: Option<Listen>,
}

/// What `install` and `uninstall` take.
#[derive(Debug, Clone, Args)]
pub struct ServiceArgs {
    /// 只显示，不写入 / show what would be written and run, and do nothing
    #[arg(long)]
    dry_run: bool,
    /// 为当前用户安装，无需管理员 / for the person who is signed in; needs no administrator
    #[arg(long)]
    user: bool,
    /// 为哪种系统（与 --dry-run 一起用）/ for which system; default: this one
    #[arg(long, value_enum, requires = "dry_run")]
    system: Option<Manager>,
}

impl RunArgs {
    fn options(self) -> Options {
        let scales = self.scales.into_iter().map(|scale| scale.0);
        Options {
            hub: self.hub,
            state: self.state,
            printers: self.printers,
            devices: scales.chain(self.scanners.into_iter().map(|scanner| scanner.0)).collect(),
            offline: Duration::from_secs(self.offline_minutes * 60),
            page: self.status_page.unwrap_or(Listen::Usual),
        }
    }

    /// The same as words of a command line; the state folder always by its whole path, since a service has no home.
    fn words(&self, state: &Path) -> Vec<String> {
        let mut words = vec!["run".to_owned(), "--hub".to_owned(), self.hub.clone()];
        let mut add = |name: &str, value: String| words.extend([name.to_owned(), value]);
        add("--state", state.to_string_lossy().into_owned());
        self.printers.iter().for_each(|printer| add("--printer", format!("{}={}", printer.name, printer.target)));
        self.scales.iter().for_each(|scale| add("--scale", scale.0.to_string()));
        self.scanners.iter().for_each(|scanner| add("--scanner", scanner.0.to_string()));
        if self.offline_minutes > 0 {
            add("--offline-minutes", self.offline_minutes.to_string());
        }
        match self.status_page {
            Some(Listen::Off) => add("--status-page", "off".to_owned()),
            Some(Listen::At(at)) => add("--status-page", at.to_string()),
            Some(Listen::Usual) | None => {}
        }
        words
    }
}

/// Runs a command. 0: done. 1: it went wrong. 2: what was asked makes no sense.
pub async fn main(cli: Cli) -> ExitCode {
    log();
    match cli.command {
        Command::Run(run) => ended(run::run(run.options()).await, |error| match error {
            RunError::NotPaired(_) | RunError::NoPrinter | RunError::Target(_) => 2,
            RunError::State(_) | RunError::Journal(_) | RunError::Client(_) => 1,
        }),
        Command::Pair { hub, code, name, state } => {
            ended(pair(&hub, &code, name.unwrap_or_else(machine_name), state.as_deref()).await, |_| 1)
        }
        Command::Printers { state } => ended(printers(state.as_deref()).await, |_| 1),
        Command::TestPage { printer } => ended(test_page::print(&printer).await.map(say), |_| 1),
        Command::Status { state, json } => ended(look(state.as_deref(), json).await, |_| 1),
        Command::Install { run, service } => ended(install(&run, &service), |_| 1),
        Command::Uninstall { service } => ended(uninstall(&service), |_| 1),
    }
}

#[expect(clippy::print_stderr, reason = "this is where a command says why it ended")]
fn ended<E: Display>(result: Result<(), E>, code: impl FnOnce(&E) -> u8) -> ExitCode {
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::from(code(&error))
        }
    }
}

#[expect(clippy::print_stdout, reason = "the answer of a command")]
fn say(line: impl Display) {
    println!("{line}");
}

/// Only our own lines, on standard error: libraries would log addresses and, at their lowest level, payloads.
fn log() {
    let level = std::env::var("PRINT_BRIDGE_LOG").ok().and_then(|level| level.parse().ok());
    let ours = Targets::new().with_target("print_bridge", level.unwrap_or(tracing::Level::INFO));
    let lines = tracing_subscriber::fmt::layer()
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .with_target(false);
    tracing_subscriber::registry().with(ours).with(lines).init();
}

async fn pair(hub: &str, code: &str, name: String, state: Option<&Path>) -> Result<(), String> {
    let state = StateDir::open(state).map_err(|error| error.to_string())?;
    let client = Hub::new(hub, "")?;
    let paired = client.pair(code.trim(), &name).await.map_err(|error| match error {
        HubError::Refused(_) => format!(
            "配对码不对、已用过或已过期（10 分钟）：请在中心页面重新生成\n\
             the code is wrong, was used, or is older than ten minutes: make a new one on the hub's page ({error})"
        ),
        HubError::Away(_) => format!("连接不上中心 {hub}：请检查地址和网络\n{error}: look at the address {hub}"),
        other => format!("中心没有完成配对：请稍后再试\nthe hub did not pair: try again later ({other})"),
    })?;
    let bridge = paired.bridge.clone();
    state.save_token(hub, paired).map_err(|error| error.to_string())?;
    say(format!("已配对 / paired: {bridge} ({name}) ↔ {hub}"));
    Ok(())
}

/// The machine's name as its system keeps it.
fn machine_name() -> String {
    let variable = |name| std::env::var(name).ok();
    fs::read_to_string("/etc/hostname")
        .ok()
        .or_else(|| variable("COMPUTERNAME"))
        .or_else(|| variable("HOSTNAME"))
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| "print-bridge".to_owned())
}

async fn printers(state: Option<&Path>) -> Result<(), String> {
    let state = StateDir::open(state).map_err(|error| error.to_string())?;
    let known = state.printers().map_err(|error| error.to_string())?;
    say("已配置 / configured:");
    for (name, target) in &known {
        say(format!("  {name} = {target}"));
    }
    if known.is_empty() {
        say("  （无：用 run --printer 名称=地址 添加 / none yet: add one with run --printer NAME=TARGET）");
    }
    say("找到的（可直接用于 run --printer，名称可改）/ found (ready for run --printer; the name may be another):");
    for (place, found) in discover::everything(discover::LISTEN).await {
        say(format!("  {place}:"));
        for found in &found {
            say(format!("    --printer '{}'   {}", found.word, found.about));
        }
        if found.is_empty() {
            say("    （无 / none）");
        }
    }
    Ok(())
}

async fn look(state: Option<&Path>, json: bool) -> Result<(), String> {
    let state = StateDir::open(state).map_err(|error| error.to_string())?;
    let hubs = state.hubs().map_err(|error| error.to_string())?;
    let seen = status::at_rest(state.path(), &hubs).await.map_err(|error| error.to_string())?;
    if json {
        say(serde_json::to_string_pretty(&seen).map_err(|error| error.to_string())?);
        return Ok(());
    }
    seen.hubs.iter().for_each(|hub| say(hub.line()));
    if seen.printers.is_empty() {
        say("还没有打印记录 / nothing was printed yet");
    }
    seen.printers.iter().for_each(|printer| say(printer.line()));
    if !seen.unconfirmed.is_empty() {
        say("待确认，请在中心页面回答是否出纸 / answer on the hub's page whether these came out:");
        seen.unconfirmed.iter().for_each(|question| say(format!("  {}", status::question(question))));
    }
    let running = state.lock().is_err();
    say(if running {
        "打印桥正在运行 / a bridge is running"
    } else {
        "打印桥没有运行 / no bridge is running"
    });
    Ok(())
}

fn install(run: &RunArgs, service: &ServiceArgs) -> Result<(), String> {
    let state = StateDir::open(run.state.as_deref()).map_err(|error| error.to_string())?;
    let folder = fs::canonicalize(state.path()).map_err(|error| error.to_string())?;
    let paired = state.token(&run.hub).map_err(|error| error.to_string())?.is_some();
    if !service.dry_run && !paired {
        return Err(RunError::NotPaired(run.hub.clone()).to_string());
    }
    let plan = plan(service, run.words(&folder))?;
    if service.dry_run {
        say(plan.shown());
        return Ok(());
    }
    plan.install()?;
    say(format!("已安装 / installed: {}", plan.file.display()));
    Ok(())
}

fn uninstall(service: &ServiceArgs) -> Result<(), String> {
    let plan = plan(service, Vec::new())?;
    if service.dry_run {
        say(format!("# {}", plan.file.display()));
        return Ok(());
    }
    plan.uninstall()?;
    say(format!("已卸载 / removed: {}", plan.file.display()));
    Ok(())
}

fn plan(service: &ServiceArgs, arguments: Vec<String>) -> Result<service::Plan, String> {
    let program = std::env::current_exe().map_err(|error| error.to_string())?;
    let manager = service.system.unwrap_or_else(Manager::of_this_machine);
    service::plan(manager, &Wanted { program, arguments, user: service.user })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_service_gets_every_word_of_the_run_and_a_state_folder_by_its_path() {
        let given = [
            "print-bridge",
            "install",
            "--hub",
            "http://h:1",
            "--printer",
            "p=discard:",
            "--scale",
            "s=serial:COM3",
            "--scanner",
            "s=stdin:",
            "--offline-minutes",
            "30",
            "--status-page",
            "off",
            "--dry-run",
        ];
        let Command::Install { run, .. } = Cli::try_parse_from(given).unwrap().command else { panic!() };
        let words = run.words(Path::new("/var/lib/bridge"));
        assert_eq!(words[..5], ["run", "--hub", "http://h:1", "--state", "/var/lib/bridge"]);
        let again = Cli::try_parse_from(std::iter::once("print-bridge".to_owned()).chain(words.clone())).unwrap();
        let Command::Run(again) = again.command else { panic!() };
        assert_eq!(again.words(Path::new("/var/lib/bridge")), words, "it reads what it wrote");
        assert_eq!(again.options().offline, Duration::from_secs(1800));
    }
}
