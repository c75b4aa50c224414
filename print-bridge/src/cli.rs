//! The command line.

use std::{
    fmt::Display,
    fs,
    io::{self, IsTerminal as _},
    path::{Path, PathBuf},
    process::ExitCode,
};

use chrono::DateTime;
use clap::{Parser, Subcommand};
use tracing_subscriber::{filter::Targets, layer::SubscriberExt as _, util::SubscriberInitExt as _};

use crate::{
    hub::{Hub, HubError},
    journal,
    protocol::Phase,
    run::{self, Options, RunError},
    state::{StateDir, hub_address},
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
    Run {
        /// 中心地址 / the hub, e.g. http://127.0.0.1:3000
        #[arg(long, env = "PRINT_BRIDGE_HUB", value_parser = hub_address)]
        hub: String,
        /// 状态目录 / folder of the journal and the token
        #[arg(long, value_name = "DIR")]
        state: Option<PathBuf>,
        /// 打印机，可多个 / a printer; may be given several times; none: those of the last run.
        /// TARGET: tcp://host:9100  dir:///folder  cnprint://127.0.0.1:13528  discard:
        /// with ?lang=zpl|tspl|png&dpi=203|300&media=100x150, for tcp also timeout=SECONDS, confirm=close|sent,
        /// status=auto|off, for cnprint also timeout=SECONDS, printer=NAME
        #[arg(long = "printer", value_name = "NAME=TARGET", verbatim_doc_comment)]
        printers: Vec<Printer>,
    },
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
    /// 列出打印机 / list printers: those of the last run, and USB devices of this machine
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
    /// 查看打印日志 / the journal at a glance
    Status {
        /// 状态目录 / folder of the journal and the token
        #[arg(long, value_name = "DIR")]
        state: Option<PathBuf>,
    },
}

/// Runs a command. 0: done. 1: it went wrong. 2: what was asked makes no sense.
pub async fn main(cli: Cli) -> ExitCode {
    log();
    match cli.command {
        Command::Run { hub, state, printers } => {
            ended(run::run(Options { hub, state, printers }).await, |error| match error {
                RunError::NotPaired(_) | RunError::NoPrinter | RunError::Target(_) => 2,
                RunError::State(_) | RunError::Journal(_) | RunError::Client(_) => 1,
            })
        }
        Command::Pair { hub, code, name, state } => {
            ended(pair(&hub, &code, name.unwrap_or_else(machine_name), state.as_deref()).await, |_| 1)
        }
        Command::Printers { state } => ended(printers(state.as_deref()), |_| 1),
        Command::TestPage { printer } => ended(test_page::print(&printer).await.map(say), |_| 1),
        Command::Status { state } => ended(status(state.as_deref()), |_| 1),
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

fn printers(state: Option<&Path>) -> Result<(), String> {
    let state = StateDir::open(state).map_err(|error| error.to_string())?;
    let known = state.printers().map_err(|error| error.to_string())?;
    say("已配置 / configured:");
    for (name, target) in &known {
        say(format!("  {name} = {target}"));
    }
    if known.is_empty() {
        say("  （无：用 run --printer 名称=地址 添加 / none yet: add one with run --printer NAME=TARGET）");
    }
    let devices = usb_devices(Path::new("/dev/usb"));
    say("本机 USB 打印设备 / USB printing devices of this machine:");
    for device in &devices {
        say(format!("  {device}（本版本尚不能直接打印 / this version does not print to it directly）"));
    }
    if devices.is_empty() {
        say("  （无 / none）");
    }
    Ok(())
}

fn usb_devices(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else { return Vec::new() };
    let names = entries.flatten().filter(|entry| entry.file_name().to_string_lossy().starts_with("lp"));
    let mut devices: Vec<_> = names.map(|entry| entry.path().display().to_string()).collect();
    devices.sort();
    devices
}

fn status(state: Option<&Path>) -> Result<(), String> {
    let state = StateDir::open(state).map_err(|error| error.to_string())?;
    let Some(lines) = journal::glance(state.path()).map_err(|error| error.to_string())? else {
        say("还没有打印日志 / no journal yet");
        return Ok(());
    };
    if lines.is_empty() {
        say("打印日志为空 / the journal is empty");
    }
    for line in lines {
        let at = DateTime::from_timestamp_millis(line.moved_ms).unwrap_or_default().format("%Y-%m-%d %H:%M:%S UTC");
        let untold = match line.unreported {
            0 => String::new(),
            untold => format!("  未上报 / not yet reported: {untold}"),
        };
        say(format!("{}  {}  {}  {at}{untold}", line.printer, in_words(line.phase), line.jobs));
    }
    Ok(())
}

const fn in_words(phase: Phase) -> &'static str {
    match phase {
        Phase::Received => "等待打印 / waiting",
        Phase::Sending => "发送中 / sending",
        Phase::Sent => "已发送 / sent",
        Phase::Done => "已打印 / done",
        Phase::Failed => "未打印 / failed",
        Phase::Unconfirmed => "待确认 / unconfirmed",
    }
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
    fn usb_devices_are_found_by_name() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["lp1", "lp0", "hiddev0"] {
            fs::write(folder.path().join(name), "").unwrap();
        }
        let found = usb_devices(folder.path());
        assert!(found.len() == 2 && found[0].ends_with("lp0"), "{found:?}");
        assert!(usb_devices(&folder.path().join("none")).is_empty());
    }
}
