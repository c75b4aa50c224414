use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

/// The workspace's folder.
pub fn workspace() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).unwrap_or(here).to_path_buf()
}

/// A program of ours at work; ended when dropped.
pub struct Process {
    child: Child,
    /// Whether it has programs of its own to stop, so that it must be told to end and not killed.
    parent: bool,
    lines: Arc<Mutex<Vec<String>>>,
    news: mpsc::Receiver<String>,
}

impl Process {
    /// Starts one of the programs that `cargo hub build` makes.
    ///
    /// # Panics
    /// When it is not built or does not start.
    pub fn start(program: &str, args: &[String], variables: &[(String, String)]) -> Self {
        let path = built(program);
        let mut child = Command::new(&path)
            .args(args)
            .envs(variables.iter().cloned())
            .current_dir(workspace())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let lines = Arc::new(Mutex::new(Vec::new()));
        let (sender, news) = mpsc::channel();
        let out = child.stdout.take().map(|out| Box::new(out) as Box<dyn std::io::Read + Send>);
        let err = child.stderr.take().map(|err| Box::new(err) as Box<dyn std::io::Read + Send>);
        for stream in [out, err].into_iter().flatten() {
            let (lines, sender) = (lines.clone(), sender.clone());
            std::thread::spawn(move || {
                for line in BufReader::new(stream).lines().map_while(Result::ok) {
                    lines.lock().unwrap().push(line.clone());
                    if sender.send(line).is_err() {
                        return;
                    }
                }
            });
        }
        Self { child, parent: false, lines, news }
    }

    /// The same for one that starts programs of its own and stops them when it is told to end.
    ///
    /// # Panics
    /// When it is not built or does not start.
    pub fn start_parent(program: &str, args: &[String], variables: &[(String, String)]) -> Self {
        let mut process = Self::start(program, args, variables);
        process.parent = true;
        process
    }

    /// Waits for a line that holds one of `parts`, and answers it.
    ///
    /// # Panics
    /// When none comes in three minutes.
    pub fn wait_for(&self, parts: &[&str]) -> String {
        let limit = Duration::from_secs(180);
        loop {
            match self.news.recv_timeout(limit) {
                Ok(line) if parts.iter().any(|part| line.contains(part)) => return line,
                Ok(_) => {}
                Err(_) => panic!("no line with {parts:?}; it said:\n{}", self.said().join("\n")),
            }
        }
    }

    /// Everything it said so far, on both streams.
    pub fn said(&self) -> Vec<String> {
        self.lines.lock().unwrap().clone()
    }

    /// `kill -9`, and waits for its end.
    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// Its process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.parent && matches!(self.child.try_wait(), Ok(None)) {
            // By the shell's own `kill`: the standard library can only kill outright. It kills what does not end in time.
            let script = format!("kill -s TERM {}", self.child.id());
            let told = Command::new("sh").args(["-c", &script]).status();
            if told.is_ok_and(|told| told.success()) {
                let _ = self.child.wait();
                return;
            }
        }
        self.kill();
    }
}

/// A program that `cargo hub build` makes.
///
/// # Panics
/// When it is not built.
pub fn built(program: &str) -> PathBuf {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace().join("target"), PathBuf::from);
    let path = target.join("native").join(program);
    assert!(path.is_file(), "{} is not there; run `cargo hub test` or build it first", path.display());
    path
}
