//! A server of ours at work: the embedded host, or the yardstick.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::cost::{self, Computed, Resident};
use crate::error::Result;

/// The workspace's folder.
pub(crate) fn workspace() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
}

/// A program that was built beside this one.
pub(crate) fn beside(name: &str) -> Result<PathBuf> {
    let path = std::env::current_exe()?.with_file_name(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    match path.is_file() {
        true => Ok(path),
        false => Err(format!("没有 {name}，请运行 cargo hub bench · no {name} here: run cargo hub bench").into()),
    }
}

/// Where databases are kept if not on the disk that is built on.
static DISK: OnceLock<PathBuf> = OnceLock::new();

/// Keeps databases in `parent`, whose disk is the one that commits are measured on.
pub(crate) fn keep_in(parent: PathBuf) {
    let _ = DISK.set(parent);
}

/// A folder for databases, on the chosen disk or the one that is built on: a folder for temporary files may be memory,
/// which makes every commit free.
pub(crate) fn folder() -> Result<TempDir> {
    let parent = match DISK.get() {
        Some(disk) => disk.clone(),
        None => std::env::current_exe()?.with_file_name("bench"),
    };
    fs::create_dir_all(&parent)?;
    Ok(tempfile::Builder::new().prefix("run-").tempdir_in(parent)?)
}

/// Where components are read from if not from where they are built to.
static COMPONENTS: OnceLock<PathBuf> = OnceLock::new();

/// Takes components from `folder`, so that two states of the house can be measured in turns.
pub(crate) fn take_components_from(folder: PathBuf) {
    let _ = COMPONENTS.set(folder);
}

/// The real manifest, or a copy in `folder`: when components are taken from elsewhere, or when the file of one stands
/// in for another's (the component, the one whose file it is).
pub(crate) fn manifest(folder: &Path, instead: Option<(&str, &str)>) -> Result<PathBuf> {
    let real = workspace().join("spin.toml");
    let elsewhere = COMPONENTS.get().cloned();
    if elsewhere.is_none() && instead.is_none() {
        return Ok(real);
    }
    let from = elsewhere.unwrap_or_else(|| workspace().join("target/components"));
    let mut text = fs::read_to_string(&real)?;
    if let Some((component, stand_in)) = instead {
        text = text.replace(&format!("components/{component}.wasm"), &format!("components/{stand_in}.wasm"));
    }
    let copy = folder.join("spin.toml");
    fs::write(&copy, text.replace("\"target/components", &format!("\"{}", from.display())))?;
    Ok(copy)
}

/// The embedded host on `manifest`, with its state in `folder`.
pub(crate) fn embedded(manifest: &Path, folder: &Path) -> Result<Command> {
    let mut command = Command::new(beside("huidan-host")?);
    command.arg("--manifest").arg(manifest).args(["--listen", "127.0.0.1:0", "--state"]).arg(folder.join("state"));
    command.env("HUIDAN_LOG", "warn");
    Ok(command)
}

/// `cargo hub up`, with its state in `folder`.
pub(crate) fn hub_up(folder: &Path) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(["hub", "up", "--listen", "127.0.0.1:0", "--state"]).arg(folder.join("state"));
    command.current_dir(workspace());
    // Into the folder that this program was built into, or everything would be built a second time.
    if let Some(target) = std::env::current_exe().ok().as_deref().and_then(Path::parent).and_then(Path::parent) {
        command.env("CARGO_TARGET_DIR", target);
    }
    command
}

/// A process that serves; killed when dropped.
#[derive(Debug)]
pub(crate) struct Served {
    child: Child,
    pid: Pid,
    /// Where it listens.
    pub(crate) address: SocketAddr,
    /// From its start to its line `listening on`.
    pub(crate) ready_in: Duration,
}

impl Served {
    /// Starts a program, and waits until it says where it listens. What it complains of goes to `log` in `folder`.
    ///
    /// # Errors
    /// It ends before; the last of its log is in the error.
    pub(crate) fn start(mut command: Command, folder: &Path) -> Result<Self> {
        let log = folder.join("log");
        let complaints = File::options().create(true).append(true).open(&log)?;
        let began = Instant::now();
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(complaints).spawn()?;
        let pid = Pid::from_child(&child);
        let mut lines = BufReader::new(child.stdout.take().ok_or("no stdout")?).lines();
        let address = loop {
            let Some(line) = lines.next().transpose()? else {
                child.wait()?;
                return Err(last_lines(&log).into());
            };
            if let Some(address) = line.split("listening on http://").nth(1) {
                break address.trim().parse()?;
            }
        };
        let ready_in = began.elapsed();
        // Nobody reads what it says later, but it must not wait for a reader either.
        std::thread::spawn(move || lines.count());
        Ok(Self { child, pid, address, ready_in })
    }

    /// Stops it where it stands, so that it takes nothing from who is measured now.
    pub(crate) fn pause(&self) -> Result<()> {
        Ok(kill_process(self.pid, Signal::STOP)?)
    }

    /// Lets it go on.
    pub(crate) fn resume(&self) -> Result<()> {
        Ok(kill_process(self.pid, Signal::CONT)?)
    }

    /// What it has computed so far.
    pub(crate) fn computed(&self) -> Result<Computed> {
        cost::computed(self.child.id())
    }

    /// Its process.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Asks it to end, and waits.
    pub(crate) fn stop(mut self) -> Result<()> {
        kill_process(self.pid, Signal::TERM)?;
        self.child.wait()?;
        Ok(())
    }

    /// What it holds in memory.
    pub(crate) fn resident(&self) -> Result<Resident> {
        cost::resident(self.child.id())
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn last_lines(log: &Path) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    let last = lines.get(lines.len().saturating_sub(10)..).unwrap_or_default();
    format!("服务没有起来 · the server did not come up:\n{}", last.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_does_not_come_up_says_why() {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new("sh");
        command.args(["-c", "echo no such port >&2; exit 1"]);
        let problem = Served::start(command, folder.path()).unwrap_err().to_string();
        assert!(problem.contains("no such port"), "{problem}");
    }

    #[test]
    fn a_server_is_paused_resumed_and_measured() {
        let folder = tempfile::tempdir().unwrap();
        let mut command = Command::new("sh");
        command.args(["-c", "echo listening on http://127.0.0.1:1; sleep 60"]);
        let served = Served::start(command, folder.path()).unwrap();
        let state = || {
            let stat = fs::read_to_string(format!("/proc/{}/stat", served.child.id())).unwrap();
            stat.rsplit(") ").next().unwrap().chars().next().unwrap()
        };
        let becomes = |wanted: char| {
            (0..200).any(|_| {
                std::thread::sleep(Duration::from_millis(5));
                state() == wanted
            })
        };
        served.pause().unwrap();
        assert!(becomes('T'));
        served.resume().unwrap();
        assert!(becomes('S'));
        assert!(served.resident().unwrap().now > 0.0);
    }
}
