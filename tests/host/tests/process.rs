//! The program itself: its arguments, what it prints, how it ends.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, reason = "this is a test")]

mod common;

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A host process that is killed with its test.
struct Process {
    child: Child,
    address: String,
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn command(folder: &Path) -> Command {
    with_cache(folder, &Path::new(env!("CARGO_TARGET_TMPDIR")).join("cwasm"))
}

fn with_cache(folder: &Path, cache: &Path) -> Command {
    common::options(folder);
    let mut command = Command::new(env!("CARGO_BIN_EXE_huidan-host"));
    command
        .args(["--listen", "127.0.0.1:0", "--no-heartbeat"])
        .arg("--manifest")
        .arg(folder.join("spin.toml"))
        .arg("--state")
        .arg(folder.join("state"))
        .arg("--env-file")
        .arg(folder.join("env"))
        .arg("--cache")
        .arg(cache)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn start(command: &mut Command) -> Process {
    let mut child = command.spawn().expect("the host starts");
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().expect("stdout")).read_line(&mut line).expect("a line");
    let address = line.trim().strip_prefix("listening on http://").expect("the line that means ready").to_owned();
    Process { child, address }
}

fn signal(process: &Process, name: &str) {
    let sent = Command::new("kill").args([name, &process.child.id().to_string()]).status();
    assert!(sent.expect("kill runs").success());
}

async fn get(address: &str, path: &str) -> Result<String, String> {
    use http_body_util::BodyExt as _;
    let uri = format!("http://{address}{path}").parse().expect("uri");
    let response = common::client().get(uri).await.map_err(|e| format!("{e:?}"))?;
    let body = response.into_body().collect().await.map_err(|e| e.to_string())?.to_bytes();
    Ok(String::from_utf8_lossy(&body).into_owned())
}

fn stderr(process: &mut Process) -> String {
    let mut text = String::new();
    process.child.stderr.as_mut().expect("stderr").read_to_string(&mut text).expect("text");
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn on_sigterm_open_requests_finish_and_new_ones_are_not_accepted() {
    let folder = tempfile::tempdir().expect("folder");
    let mut process = start(&mut command(folder.path()));
    let address = process.address.clone();
    let slow = tokio::spawn(async move { get(&address, "/probe/sleep?ms=1500").await });
    tokio::time::sleep(Duration::from_millis(400)).await;
    signal(&process, "-TERM");
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert!(get(&process.address, "/probe/seen").await.is_err());
    assert_eq!(slow.await.expect("joined").as_deref(), Ok("slept"));
    assert!(process.child.wait().expect("ended").success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_signal_ends_it_at_once() {
    let folder = tempfile::tempdir().expect("folder");
    let mut process = start(&mut command(folder.path()));
    let address = process.address.clone();
    let slow = tokio::spawn(async move { get(&address, "/probe/sleep?ms=8000").await });
    tokio::time::sleep(Duration::from_millis(400)).await;
    let began = Instant::now();
    signal(&process, "-INT");
    tokio::time::sleep(Duration::from_millis(200)).await;
    signal(&process, "-INT");
    assert!(!process.child.wait().expect("ended").success());
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    assert!(slow.await.expect("joined").is_err());
}

/// What a process has computed so far, in hundredths of a second.
#[cfg(target_os = "linux")]
fn computed(process: &Process) -> u64 {
    let stat = std::fs::read_to_string(format!("/proc/{}/stat", process.child.id())).expect("its times");
    let times = stat.rsplit(") ").next().expect("fields after the name").split(' ').skip(11).take(2);
    times.map(|ticks| ticks.parse::<u64>().expect("ticks")).sum()
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_guest_whose_caller_has_given_up_holds_no_core() {
    let folder = tempfile::tempdir().expect("folder");
    let mut process = start(command(folder.path()).args(["--guest-limit-ms", "hidden=20000"]));
    for _ in 0..2 {
        let told = get(&process.address, "/probe/send?url=http://hidden.spin.internal/loop&limit=100").await;
        assert_eq!(told.as_deref(), Ok("given up"));
    }
    tokio::time::sleep(Duration::from_millis(100)).await;
    let before = computed(&process);
    tokio::time::sleep(Duration::from_millis(600)).await;
    let spent = computed(&process) - before;
    assert!(spent < 15, "{spent} of 60 hundredths of a second");
    signal(&process, "-TERM");
    let told = stderr(&mut process);
    assert_eq!(told.matches("a caller that has given up").count(), 2, "{told}");
}

#[test]
fn a_missing_variable_is_named_with_the_setting_that_gives_it() {
    let folder = tempfile::tempdir().expect("folder");
    let mut command = command(folder.path());
    std::fs::write(folder.path().join("env"), "").expect("emptied");
    let output = command.output().expect("it runs");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!output.status.success());
    assert!(told.contains("SPIN_VARIABLE_SHOP_KEY") && told.contains("环境变量"), "{told}");
}

#[test]
fn an_unknown_key_of_the_manifest_is_named_with_its_line() {
    let folder = tempfile::tempdir().expect("folder");
    let mut command = command(folder.path());
    let path = folder.path().join("spin.toml");
    let text = std::fs::read_to_string(&path).expect("manifest");
    std::fs::write(&path, text.replace("version = \"1\"", "version = \"1\"\nflavour = \"x\"")).expect("written");
    let output = command.output().expect("it runs");
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(told.contains("flavour") && told.contains("line 5"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_start_compiles_nothing_and_what_is_kept_is_private() {
    let folder = tempfile::tempdir().expect("folder");
    let cache = folder.path().join("cache");
    let mut first = start(&mut with_cache(folder.path(), &cache));
    signal(&first, "-TERM");
    assert!(stderr(&mut first).contains("compiling "));
    let mut second = start(&mut with_cache(folder.path(), &cache));
    assert_eq!(get(&second.address, "/probe/seen").await.as_deref(), Ok("0"));
    signal(&second, "-TERM");
    assert!(!stderr(&mut second).contains("compiling"));
    for entry in std::fs::read_dir(&cache).expect("cache").flatten() {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(entry.metadata().expect("metadata").permissions().mode() & 0o777, 0o600);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kept_component_that_was_damaged_is_compiled_anew() {
    let folder = tempfile::tempdir().expect("folder");
    let cache = folder.path().join("cache");
    let first = start(&mut with_cache(folder.path(), &cache));
    drop(first);
    for entry in std::fs::read_dir(&cache).expect("cache").flatten() {
        std::fs::write(entry.path(), b"").expect("emptied");
    }
    let second = start(&mut with_cache(folder.path(), &cache));
    assert_eq!(get(&second.address, "/probe/seen").await.as_deref(), Ok("0"));
}
