//! What `cargo hub up` does with the programs that it starts: their order, their settings, their end. The programs
//! themselves are played by shell scripts here, so that this takes a moment; the scenarios run the real ones.
#![cfg(unix)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails by it")]

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// A program that writes its name, its arguments and the settings to the log, says what it must, and stays until it is
/// told to stop.
const PROGRAM: &str = r#"#!/bin/sh
name=$(basename "$0")
echo "$name $*" >> "$LOG"
echo "$name has SF_URL=$SPIN_VARIABLE_SF_URL RECEIVER_KEY=${SPIN_VARIABLE_RECEIVER_KEY:+set}" >> "$LOG"
trap 'echo "$name stops" >> "$LOG"; exit 0' TERM INT
"#;
const STAY: &str = "while :; do sleep 0.05; done\n";

/// A folder that looks like a workspace in which everything is built.
struct Stage {
    folder: tempfile::TempDir,
}

impl Stage {
    fn set() -> Self {
        let stage = Self { folder: tempfile::tempdir().unwrap() };
        stage.write("Cargo.toml", "[workspace]\n");
        stage.write("sysroot/lib/rustlib/wasm32-wasip2/lib/libstd-1.rlib", "");
        stage.script("cargo", "#!/bin/sh\n");
        stage.script("rustc", &format!("#!/bin/sh\necho {}\n", stage.path("sysroot").display()));
        stage.script("target/native/huidan-host", &format!("{PROGRAM}echo listening on http://$4\n{STAY}"));
        let platforms = "echo SPIN_VARIABLE_SF_URL=http://simulated > \"$5/platforms.env\"\n\
                         echo '{\"component\":\"ws://127.0.0.1:77\"}' > \"$5/platforms.json\"\n";
        stage.script("target/native/huidan-platforms", &format!("{PROGRAM}{platforms}{STAY}"));
        let bridge = format!("{PROGRAM}test \"$1\" = pair && exit 0\necho prints\n{STAY}");
        stage.script("target/native/print-bridge", &bridge);
        stage
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn script(&self, name: &str, text: &str) {
        self.write(name, text);
        fs::set_permissions(self.path(name), fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn log(&self) -> String {
        fs::read_to_string(self.path("log")).unwrap_or_default()
    }

    fn hub(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hub"));
        command.args(arguments).current_dir(self.folder.path()).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.env("CARGO_MANIFEST_DIR", self.folder.path()).env("CARGO_TARGET_DIR", self.path("target"));
        command.env("CARGO", self.path("cargo")).env("RUSTC", self.path("rustc")).env("LOG", self.path("log"));
        for name in ["RECEIVER_KEY", "ADMIN_TOKEN", "SF_URL"] {
            command.env_remove(format!("SPIN_VARIABLE_{name}"));
        }
        command
    }

    fn up(&self, arguments: &[&str]) -> Up {
        let mut child = self.hub(&[&["up", "--listen", "127.0.0.1:4999"], arguments].concat()).spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        Up { child, output }
    }
}

/// A running `cargo hub up`.
struct Up {
    child: Child,
    output: BufReader<std::process::ChildStdout>,
}

impl Up {
    /// Everything that was said up to the line that begins like this.
    fn said_until(&mut self, beginning: &str) -> String {
        let mut said = String::new();
        loop {
            let before = said.len();
            assert!(self.output.read_line(&mut said).unwrap() > 0, "it ended without {beginning}: {said}");
            if said[before..].starts_with(beginning) {
                return said;
            }
        }
    }

    /// Sends a signal; the answer is the exit code with what was said at the end.
    fn stop(mut self, signal: &str) -> (i32, String) {
        assert!(
            Command::new("sh")
                .args(["-c", &format!("kill -s {signal} {}", self.child.id())])
                .status()
                .unwrap()
                .success()
        );
        self.end()
    }

    fn end(&mut self) -> (i32, String) {
        let mut said = String::new();
        self.output.read_to_string(&mut said).unwrap();
        (self.child.wait().unwrap().code().unwrap(), said)
    }
}

impl Drop for Up {
    fn drop(&mut self) {
        let _ended_already = self.child.kill();
        let _waited = self.child.wait();
    }
}

#[test]
fn the_first_start_says_how_to_sign_in_and_the_second_does_not() {
    let stage = Stage::set();
    let mut first = stage.up(&[]);
    let said = first.said_until("  接口说明");
    let keys = fs::read_to_string(stage.path(".huidan/keys.env")).unwrap();
    let token = keys.lines().find_map(|line| line.strip_prefix("SPIN_VARIABLE_ADMIN_TOKEN=")).unwrap();
    assert!(said.contains(token), "{said}");
    assert!(said.contains("http://127.0.0.1:4999/api/v1/shops"), "{said}");
    assert_eq!(first.stop("TERM").0, 0);

    let mut second = stage.up(&[]);
    second.said_until("listening on ");
    let (code, said) = second.stop("TERM");
    assert_eq!(code, 0);
    assert!(!said.contains(token), "{said}");
    assert_eq!(fs::read_to_string(stage.path(".huidan/keys.env")).unwrap(), keys);
}

#[test]
fn the_host_gets_the_keys_and_is_told_to_stop_by_either_signal() {
    for signal in ["INT", "TERM"] {
        let stage = Stage::set();
        let mut up = stage.up(&[]);
        up.said_until("listening on ");
        assert_eq!(up.stop(signal).0, 0);
        let log = stage.log();
        assert!(log.contains("RECEIVER_KEY=set"), "{log}");
        assert!(log.ends_with("huidan-host stops\n"), "{log}");
    }
}

#[test]
fn a_state_folder_serves_one_hub_at_a_time() {
    let stage = Stage::set();
    let mut first = stage.up(&[]);
    first.said_until("listening on ");
    let second = stage.hub(&["up", "--listen", "127.0.0.1:4998"]).output().unwrap();
    assert_eq!(second.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&second.stderr).contains("in use by another cargo hub up"));
    assert_eq!(stage.log().matches("huidan-host --manifest").count(), 1);
    first.stop("TERM");
}

#[test]
fn when_the_host_dies_so_does_the_hub_with_its_exit_code() {
    let stage = Stage::set();
    stage.script("target/native/huidan-host", "#!/bin/sh\necho listening on http://x\nexit 9\n");
    let mut up = stage.up(&[]);
    let (code, said) = up.end();
    assert_eq!(code, 9);
    assert!(said.contains("huidan-host ended"), "{said}");
}

/// Answers so many requests as the hub would, and gives their heads.
fn desk(listener: TcpListener, requests: usize) -> std::thread::JoinHandle<String> {
    std::thread::spawn(move || {
        let mut heads = String::new();
        for _ in 0..requests {
            let (mut stream, _) = listener.accept().unwrap();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            while reader.read_line(&mut heads).unwrap() > 2 {}
            stream.write_all(b"HTTP/1.1 201 Created\r\n\r\n{\"code\":\"QX7\"}").unwrap();
        }
        heads
    })
}

#[test]
fn the_demo_starts_simulators_hub_and_bridge_in_turn_and_stops_them_the_other_way_round() {
    let stage = Stage::set();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = listener.local_addr().unwrap().to_string();
    let desk = desk(listener, 2);
    let mut command = stage.hub(&["up", "--demo", "--listen", &listen]);
    let mut child = command.env("SPIN_VARIABLE_SF_URL", "https://the.real.one").spawn().unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    let mut up = Up { child, output };
    up.said_until("prints");
    let (code, said) = up.stop("INT");

    assert_eq!(code, 0, "{said}");
    let asked = desk.join().unwrap();
    assert!(asked.starts_with("POST /api/v1/users "), "{asked}");
    assert!(asked.contains("POST /api/v1/printers/pairing-codes "), "{asked}");
    assert!(asked.contains("Authorization: Bearer "), "{asked}");
    let log = stage.log();
    let place = |words: &str| log.find(words).unwrap_or_else(|| panic!("{words} in {log}"));
    let demo = fs::canonicalize(stage.path(".huidan/demo")).unwrap();
    let printer = format!(
        "--printer demo=dir://{} --printer demo-platform=cnprint://127.0.0.1:77 --state {}",
        demo.join("labels").display(),
        demo.join("bridge").display()
    );
    let order = [
        place(&format!("huidan-platforms demo --hub http://{listen} --state {}", demo.display())),
        place("huidan-host --manifest"),
        place("huidan-host has SF_URL=http://simulated"),
        place(&format!("print-bridge pair --hub http://{listen} QX7 --state ")),
        place(&format!("print-bridge run --hub http://{listen} {printer}")),
        place("print-bridge stops"),
        place("huidan-host stops"),
        place("huidan-platforms stops"),
    ];
    assert!(order.is_sorted(), "{log}");
    assert!(!Path::new(&stage.path(".huidan/keys.env")).exists(), "the demo's keys are its own");
}

/// The stage with a program called `spin` of that version.
fn stage_with_spin(version: &str) -> Stage {
    let stage = Stage::set();
    let serve = format!("test \"$1\" = --version && echo 'spin {version} (abc 2026-05-01)' && exit 0\n{PROGRAM}");
    let script = format!("#!/bin/sh\n{serve}echo \"Serving http://$5\"\n{STAY}");
    stage.script("bin/spin", &script);
    stage.write("runtime-config.toml", "[sqlite_database.edge]\ntype = \"spin\"\npath = \".huidan/edge.db\"\n");
    stage
}

fn path_with(folder: &Path) -> std::ffi::OsString {
    let usual = std::env::var_os("PATH").unwrap_or_default();
    std::env::join_paths(std::iter::once(folder.to_owned()).chain(std::env::split_paths(&usual))).unwrap()
}

#[test]
fn a_spin_that_is_too_old_is_named_and_refused() {
    let stage = stage_with_spin("4.0.2");
    let output = stage.hub(&["up", "--spin"]).env("PATH", path_with(&stage.path("bin"))).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("says \"spin 4.0.2 (abc 2026-05-01)\"; 4.1 or newer is needed"), "{said}");
}

#[test]
fn spin_serves_from_the_state_folder_and_gets_a_heartbeat() {
    let stage = stage_with_spin("4.1.0");
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let listen = listener.local_addr().unwrap().to_string();
    let heart = desk(listener, 2);
    let mut command = stage.hub(&["up", "--spin", "--listen", &listen]);
    let mut child = command.env("PATH", path_with(&stage.path("bin"))).spawn().unwrap();
    let output = BufReader::new(child.stdout.take().unwrap());
    let mut up = Up { child, output };
    up.said_until(&format!("listening on http://{listen}"));
    let asked = heart.join().unwrap();
    assert!(asked.contains("POST /api/v1/users ") && asked.contains("POST /tick "), "{asked}");
    assert_eq!(up.stop("TERM").0, 0);

    let state = fs::canonicalize(stage.path(".huidan")).unwrap();
    let configuration = state.join("runtime-config.toml");
    let log = stage.log();
    assert!(log.contains(&format!("--listen {listen} --state-dir {}", state.display())), "{log}");
    assert!(log.contains(&format!("--runtime-config-file {}", configuration.display())), "{log}");
    assert!(log.contains("RECEIVER_KEY=set"), "{log}");
    let configuration = fs::read_to_string(configuration).unwrap();
    assert!(configuration.contains(&format!("path = \"{}/edge.db\"", state.display())), "{configuration}");
}
