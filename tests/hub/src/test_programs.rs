//! The programs of tests that cargo built, run several at a time. The long ones mostly wait (for a lease to end, for a
//! channel to be asked again), so that a core serves more than one of them.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::error::{Error, Result};
use crate::say;
use crate::workspace::{self, Workspace};

/// Those that take longest, longest first: they begin before all others, so that none of them is left alone at the end.
/// What is missing here costs time and nothing else.
const LONG: [&str; 9] = [
    "tests/it/tests/kills.rs",
    "print-bridge/tests/it/main.rs",
    "tests/day/tests/day.rs",
    "tests/it/tests/webhooks.rs",
    "tests/it/tests/spin.rs",
    "tests/it/tests/scenario.rs",
    "tests/it/tests/faults.rs",
    "tests/day/tests/trouble.rs",
    "tests/hub/tests/new_channel.rs",
];

/// One that runs longer hangs; the rest of the tests has its turn nevertheless.
const LIMIT: Duration = Duration::from_secs(15 * 60);
/// How often is said what is still running.
const SAY_EVERY: Duration = Duration::from_secs(60);

/// A program that holds the tests of one target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Program {
    /// The file of its `main` or its crate's root, from the workspace on: `tests/it/tests/kills.rs`.
    pub(crate) name: String,
    /// The folder of its package, in which it expects to run.
    folder: PathBuf,
    file: PathBuf,
}

/// A program that has ended.
#[derive(Debug)]
pub(crate) struct Ended<'a> {
    /// Which.
    pub(crate) program: &'a Program,
    /// All it said, on both streams.
    pub(crate) output: String,
    /// Why it cannot be counted by what it said: it did not start, hung, or died.
    pub(crate) problem: Option<String>,
    /// How long it ran.
    pub(crate) took: Duration,
}

/// Builds by cargo, and says which programs of tests came of it, the longest first.
///
/// # Errors
///
/// Something does not compile.
pub(crate) fn build(workspace: &Workspace, arguments: &[&str]) -> Result<Vec<Program>> {
    let mut cargo = workspace.cargo(&["build", "--profile", "native", "--message-format=json-render-diagnostics"]);
    let messages = workspace::output(cargo.args(arguments))?;
    let mut programs: Vec<Program> = messages.lines().filter_map(|line| Program::read(&workspace.root, line)).collect();
    let place = |program: &Program| LONG.iter().position(|long| *long == program.name).unwrap_or(LONG.len());
    programs.sort_by(|a, b| (place(a), &a.name).cmp(&(place(b), &b.name)));
    if programs.is_empty() {
        return Err(Error::new("没有可运行的测试", "there are no tests to run"));
    }
    Ok(programs)
}

impl Program {
    /// Reads one of cargo's messages; `None` if it is about something else.
    fn read(root: &Path, message: &str) -> Option<Self> {
        let message: Value = serde_json::from_str(message).ok()?;
        let text = |path: &str| message.pointer(path).and_then(Value::as_str);
        let is_test = message.pointer("/profile/test").and_then(Value::as_bool) == Some(true);
        if text("/reason") != Some("compiler-artifact") || !is_test {
            return None;
        }
        let source = Path::new(text("/target/src_path")?);
        let name = source.strip_prefix(root).unwrap_or(source).to_string_lossy().replace('\\', "/");
        let folder = Path::new(text("/manifest_path")?).parent()?.to_owned();
        Some(Self { name, folder, file: text("/executable")?.into() })
    }

    fn run(&self, workspace: &Workspace, filter: Option<&str>, limit: Duration) -> Ended<'_> {
        let began = Instant::now();
        let kept = workspace.target.join("test-output").join(format!("{}.txt", self.name.replace(['/', '.'], "-")));
        let problem = match self.start(workspace, filter, &kept).and_then(|mut child| wait(&mut child, limit)) {
            Ok(Some(status)) if status.success() => None,
            Ok(Some(status)) => Some(status.to_string()),
            Ok(None) => Some(format!("killed after {} s", limit.as_secs())),
            Err(error) => Some(error.to_string()),
        };
        let output = fs::read(&kept).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
        Ended { program: self, output, problem, took: began.elapsed() }
    }

    /// What it says goes to a file and not through a pipe: a program that it leaves running would keep that open.
    fn start(&self, workspace: &Workspace, filter: Option<&str>, kept: &Path) -> io::Result<Child> {
        if let Some(folder) = kept.parent() {
            fs::create_dir_all(folder)?;
        }
        let output = File::create(kept)?;
        let mut command: Command = workspace.program(&self.file);
        command.args(filter).current_dir(&self.folder);
        command.env("CARGO", workspace::cargo()).env("CARGO_MANIFEST_DIR", &self.folder);
        command.env("CARGO_TARGET_DIR", &workspace.target);
        command.stdin(Stdio::null()).stderr(output.try_clone()?).stdout(output).spawn()
    }
}

/// Waits for an end; `None` if there was none in time, which there is then by force.
fn wait(child: &mut Child, limit: Duration) -> io::Result<Option<ExitStatus>> {
    let began = Instant::now();
    let mut pause = Duration::from_millis(1);
    while began.elapsed() < limit {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(50));
    }
    child.kill()?;
    child.wait().map(|_| None)
}

/// How many run at a time: mostly they wait, so one more than there are cores; more would want too much memory.
pub(crate) fn lanes() -> usize {
    thread::available_parallelism().map_or(2, usize::from).saturating_add(1).min(4)
}

/// Runs programs, `lanes` at a time, in their order; each is given to `ended` when it has ended.
pub(crate) fn run<'a>(
    workspace: &Workspace,
    programs: &'a [Program],
    lanes: usize,
    filter: Option<&str>,
    mut ended: impl FnMut(Ended<'a>),
) {
    let queue = Mutex::new(programs.iter());
    let running = Mutex::new(BTreeSet::new());
    let (sender, receiver) = mpsc::channel();
    let lane = |sender: mpsc::Sender<Ended<'a>>| {
        loop {
            let next = lock(&queue).next();
            let Some(program) = next else { return };
            lock(&running).insert(program.name.as_str());
            let outcome = program.run(workspace, filter, LIMIT);
            lock(&running).remove(program.name.as_str());
            if sender.send(outcome).is_err() {
                return;
            }
        }
    };
    let lane = &lane;
    thread::scope(|scope| {
        for _ in 0..lanes.max(1) {
            let sender = sender.clone();
            scope.spawn(move || lane(sender));
        }
        drop(sender);
        loop {
            match receiver.recv_timeout(SAY_EVERY) {
                Ok(outcome) => ended(outcome),
                Err(RecvTimeoutError::Timeout) => {
                    let names = lock(&running).iter().copied().collect::<Vec<_>>().join(", ");
                    say::line(format!("仍在运行：{names}"), "still running");
                }
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    });
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn workspace() -> (tempfile::TempDir, Workspace) {
        let root = tempfile::tempdir().unwrap();
        let workspace = Workspace { root: root.path().into(), target: root.path().join("target") };
        (root, workspace)
    }

    /// A program that does what a shell script says; what is searched for is its first argument.
    #[cfg(unix)]
    fn script(root: &Path, name: &str, text: &str) -> Program {
        use std::os::unix::fs::PermissionsExt as _;
        let file = root.join(name);
        fs::write(&file, format!("#!/bin/sh\n{text}\n")).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
        Program { name: name.into(), folder: root.into(), file }
    }

    #[test]
    fn only_programs_of_tests_are_read_from_cargos_messages() {
        let message = |reason: &str, test: bool, file: &str| {
            format!(
                r#"{{"reason":"{reason}","manifest_path":"/w/tests/it/Cargo.toml","profile":{{"test":{test}}},
                "target":{{"kind":["test"],"src_path":"/w/tests/it/tests/kills.rs"}},"executable":{file}}}"#
            )
        };
        let read = |message: &str| Program::read(Path::new("/w"), message);
        let kills =
            Program { name: "tests/it/tests/kills.rs".into(), folder: "/w/tests/it".into(), file: "/t/kills-1".into() };
        assert_eq!(read(&message("compiler-artifact", true, "\"/t/kills-1\"")), Some(kills));
        assert_eq!(read(&message("compiler-artifact", false, "\"/t/bench\"")), None);
        assert_eq!(read(&message("compiler-artifact", true, "null")), None);
        assert_eq!(read(&message("build-script-executed", true, "\"/t/x\"")), None);
        assert_eq!(read("   Compiling x v0.1.0"), None);
    }

    #[test]
    #[cfg(unix)]
    fn each_runs_once_in_its_folder_several_at_a_time_and_what_one_says_stays_together() {
        let (root, workspace) = workspace();
        // Each waits until the other has begun: one after the other, neither would end.
        let meets = |name: &str, other: &str| {
            let text = format!(
                "echo one $1; touch {name}.begun; until [ -e {other}.begun ]; do sleep 0.01; done; echo two >&2"
            );
            script(root.path(), name, &text)
        };
        let programs = [meets("a", "b"), meets("b", "a"), script(root.path(), "c", "cat a.begun; pwd; exit 7")];
        let mut ended = Vec::new();
        run(&workspace, &programs, 2, Some("word"), |one| ended.push(one));
        ended.sort_by(|a, b| a.program.name.cmp(&b.program.name));
        assert_eq!(ended.len(), 3);
        for (one, name) in ended.iter().zip(["a", "b"]) {
            assert_eq!((one.program.name.as_str(), one.output.as_str()), (name, "one word\ntwo\n"));
            assert_eq!(one.problem, None);
        }
        assert_eq!(ended[2].problem.as_deref(), Some("exit status: 7"));
        assert_eq!(ended[2].output.trim(), root.path().canonicalize().unwrap().to_str().unwrap());
    }

    #[test]
    #[cfg(unix)]
    fn one_that_hangs_or_is_not_there_is_a_problem_and_what_it_said_is_kept() {
        let (root, workspace) = workspace();
        let hangs = script(root.path(), "hangs", "echo begun; exec sleep 600");
        let ended = hangs.run(&workspace, None, Duration::from_millis(300));
        assert_eq!((ended.output.as_str(), ended.problem.as_deref()), ("begun\n", Some("killed after 0 s")));
        let nowhere = Program { file: root.path().join("nowhere"), ..hangs };
        assert!(nowhere.run(&workspace, None, LIMIT).problem.is_some());
    }

    #[test]
    fn the_long_ones_are_there() {
        let root = Workspace::find().unwrap().root;
        for name in LONG {
            assert!(root.join(name).is_file(), "{name} is gone");
        }
    }
}
