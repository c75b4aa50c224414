//! On what machine, from what source, with which seed: without it a figure says nothing.

use std::fs::{self, File};
use std::io::Write as _;
use std::process::Command;
use std::time::Instant;

use crate::Scale;
use crate::error::Result;
use crate::host::{folder, workspace};
use crate::say;
use crate::timing::Times;

/// How many commits the disk is asked for.
const COMMITS: usize = 100;

/// Prints the facts.
pub(crate) fn print(scale: Scale) -> Result<()> {
    say::begin("机器与版本", "machine and versions");
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    say::line(format!("{} · {cores} 核 cores · {} GiB", processor(), memory_gib()));
    say::line(format!("kernel {}", read("/proc/sys/kernel/osrelease")));
    say::line(format!("负载 load {}（应接近 0 · should be near 0）", read("/proc/loadavg")));
    let commits = commits()?;
    let (p50, p99) = (commits.quantile(0.5), commits.quantile(0.99));
    say::line(format!("磁盘提交 disk commit (4 KiB + fdatasync, n = {COMMITS}): p50 {p50:.2} ms, p99 {p99:.2} ms"));
    say::line(format!("huidan {} · commit {} · SQLite {}", env!("CARGO_PKG_VERSION"), commit(), rusqlite::version()));
    say::line(format!("seed {} · {}", scale.seed, if scale.quick { "小样本 quick" } else { "全样本 full" }));
    Ok(())
}

fn read(path: &str) -> String {
    fs::read_to_string(path).map_or_else(|_| "?".to_owned(), |text| text.trim().to_owned())
}

fn processor() -> String {
    let text = read("/proc/cpuinfo");
    let model = text.lines().find_map(|line| line.strip_prefix("model name")?.split_once(": ").map(|(_, name)| name));
    model.unwrap_or(std::env::consts::ARCH).to_owned()
}

fn memory_gib() -> u64 {
    let text = read("/proc/meminfo");
    let total = text.lines().find_map(|line| line.strip_prefix("MemTotal:")?.trim().strip_suffix(" kB"));
    total.and_then(|kib| kib.trim().parse::<u64>().ok()).unwrap_or_default() >> 20
}

/// What everything durable here waits for.
fn commits() -> Result<Times> {
    let folder = folder()?;
    let mut file = File::create(folder.path().join("commits"))?;
    let mut times = Times::new()?;
    for _ in 0..COMMITS {
        let began = Instant::now();
        file.write_all(&[7; 4096])?;
        file.sync_data()?;
        times.add(began.elapsed());
    }
    Ok(times)
}

/// The source's commit, with `+` when files differ from it; `?` where git is not there.
fn commit() -> String {
    let git = |arguments: &[&str]| {
        let output = Command::new("git").args(arguments).current_dir(workspace()).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let changed = git(&["status", "--porcelain", "--untracked-files=no"]).is_some_and(|changes| !changes.is_empty());
    git(&["rev-parse", "--short", "HEAD"]).map_or("?".into(), |id| format!("{id}{}", if changed { "+" } else { "" }))
}
