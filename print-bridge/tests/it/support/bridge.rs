//! The real process.

use std::{
    io::{BufRead as _, BufReader},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Output, Stdio},
    sync::{Arc, Mutex},
    thread,
};

use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::until;

/// A running `print-bridge run`, killed when dropped.
pub(crate) struct Bridge {
    child: Child,
    lines: Arc<Mutex<Vec<String>>>,
}

/// How to start one.
pub(crate) struct Setup {
    pub(crate) hub: String,
    pub(crate) state: PathBuf,
    pub(crate) printers: Vec<String>,
    /// Further arguments of `run`.
    pub(crate) more: Vec<String>,
}

pub(crate) fn command() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_print-bridge"));
    command.env("PRINT_BRIDGE_LOG", "trace").env_remove("PRINT_BRIDGE_DIE_AT");
    command
}

/// A command that ends by itself.
pub(crate) fn once(args: &[&str]) -> Output {
    command().args(args).output().unwrap()
}

impl Setup {
    pub(crate) fn new(hub: &str, state: &Path, printers: &[&str]) -> Self {
        let printers = printers.iter().map(|printer| (*printer).to_owned()).collect();
        Self { hub: hub.to_owned(), state: state.to_owned(), printers, more: Vec::new() }
    }

    /// Pairs, so that `start` has a token.
    pub(crate) fn pair(&self, code: &str) -> Output {
        let state = self.state.to_string_lossy();
        once(&["pair", "--hub", &self.hub, code, "--name", "bench", "--state", &state])
    }

    pub(crate) fn start(&self) -> Bridge {
        self.start_with(&[])
    }

    /// Starts one that ends at an exact step.
    pub(crate) fn start_dying_at(&self, step: &str) -> Bridge {
        self.start_with(&[("PRINT_BRIDGE_DIE_AT", step)])
    }

    pub(crate) fn start_with(&self, variables: &[(&str, &str)]) -> Bridge {
        let mut command = command();
        command.args(["run", "--hub", &self.hub, "--state"]).arg(&self.state);
        command.args(["--status-page", "127.0.0.1:0"]).args(&self.more);
        for printer in &self.printers {
            command.args(["--printer", printer]);
        }
        command.envs(variables.iter().copied()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Bridge::new(command.spawn().unwrap())
    }
}

impl Bridge {
    fn new(mut child: Child) -> Self {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let (out, err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        let keep =
            |lines: Arc<Mutex<Vec<String>>>| move |line: Result<String, _>| lines.lock().unwrap().push(line.unwrap());
        let (mine, theirs) = (keep(Arc::clone(&lines)), keep(Arc::clone(&lines)));
        thread::spawn(move || BufReader::new(out).lines().for_each(mine));
        thread::spawn(move || BufReader::new(err).lines().for_each(theirs));
        Self { child, lines }
    }

    /// Everything it has written so far, on both streams.
    pub(crate) fn log(&self) -> String {
        self.lines.lock().unwrap().join("\n")
    }

    pub(crate) async fn says(&self, words: &str) {
        until(words, || async { self.log().contains(words).then_some(()) }).await;
    }

    /// Its status page.
    pub(crate) async fn page(&self) -> SocketAddr {
        self.says("status page: http://").await;
        let log = self.log();
        let address = log.split_once("status page: http://").and_then(|(_, rest)| rest.split_once('/')).unwrap().0;
        address.parse().unwrap()
    }

    /// What its status page says, as JSON.
    pub(crate) async fn status(&self) -> Value {
        let page = self.page().await;
        let mut stream = tokio::net::TcpStream::connect(page).await.unwrap();
        let request = format!("GET /status.json HTTP/1.0\r\nhost: {page}\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
    }

    /// Waits for it to end by itself.
    pub(crate) async fn ended(&mut self) -> ExitStatus {
        let child = Mutex::new(&mut self.child);
        until("the bridge to end", || async { child.lock().unwrap().try_wait().unwrap() }).await
    }

    /// `kill -9`.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// `kill -TERM`, as a service manager or Ctrl-C would.
    pub(crate) async fn stop(&mut self) -> ExitStatus {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        self.ended().await
    }
}

impl Drop for Bridge {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
