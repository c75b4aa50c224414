//! Several programs that start in turn and stop together.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use crate::error::{Context, Error, Result};
use crate::say;
use crate::workspace;

/// How long a program may take to finish what it has begun. The host drains its requests in this time.
const GRACE: Duration = Duration::from_secs(30);
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// The programs, in the order of their start. What is still running when this value goes is stopped.
#[derive(Debug)]
pub(crate) struct Children {
    running: Vec<Running>,
    events: Receiver<Event>,
    sender: Sender<Event>,
}

#[derive(Debug)]
struct Running {
    name: &'static str,
    child: Child,
}

/// What a running program, or somebody at the terminal, lets us know.
#[derive(Debug)]
enum Event {
    Line { of: &'static str, text: String },
    Signal(Signal),
}

/// The ways to be told to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Signal {
    Interrupt,
    Terminate,
}

/// How waiting for a program ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Waited {
    /// The program said this line.
    Line(String),
    /// Everything has stopped, with this exit code.
    Stopped(u8),
}

impl Children {
    /// Begins to listen for signals.
    pub(crate) fn new() -> Result<Self> {
        let (sender, events) = mpsc::channel();
        listen_for_signals(sender.clone())?;
        Ok(Self { running: Vec::new(), events, sender })
    }

    /// Starts a program. Its standard output is passed on line by line, so that [`Self::wait_for`] can read along.
    pub(crate) fn start(&mut self, name: &'static str, command: &mut Command) -> Result<()> {
        // A group of its own: Ctrl-C at the terminal then reaches this process alone, which passes it on once and in
        // order, instead of every program at the same moment.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(command, 0);
        let mut child = command.stdout(Stdio::piped()).spawn().on(workspace::shown(command))?;
        if let Some(output) = child.stdout.take() {
            let sender = self.sender.clone();
            thread::spawn(move || {
                for text in BufReader::new(output).lines().map_while(std::io::Result::ok) {
                    println!("{text}");
                    // Nobody listens any more once everything stops; the lines are still printed.
                    let _unheard = sender.send(Event::Line { of: name, text });
                }
            });
        }
        self.running.push(Running { name, child });
        Ok(())
    }

    /// Waits until a program says a line that begins like this. If one of them ends before, or a signal comes, all are
    /// stopped.
    pub(crate) fn wait_for(&mut self, name: &'static str, beginning: &str) -> Result<Waited> {
        loop {
            match self.next_event()? {
                Some(Event::Line { of, text }) if of == name && text.starts_with(beginning) => {
                    return Ok(Waited::Line(text));
                }
                Some(Event::Line { .. }) => {}
                Some(Event::Signal(signal)) => return self.stop_told(signal).map(Waited::Stopped),
                None => {
                    if let Some(code) = self.stop_if_one_ended()? {
                        return Ok(Waited::Stopped(code));
                    }
                }
            }
        }
    }

    /// Waits until something is so that the programs bring about, likewise.
    pub(crate) fn wait_until(&mut self, is_so: impl Fn() -> bool) -> Result<Option<u8>> {
        while !is_so() {
            match self.next_event()? {
                Some(Event::Line { .. }) => {}
                Some(Event::Signal(signal)) => return self.stop_told(signal).map(Some),
                None => {
                    if let Some(code) = self.stop_if_one_ended()? {
                        return Ok(Some(code));
                    }
                }
            }
        }
        Ok(None)
    }

    /// Waits for a signal or for the end of any program, and stops the rest; the answer is the exit code.
    pub(crate) fn supervise(mut self) -> Result<u8> {
        loop {
            match self.next_event()? {
                Some(Event::Signal(signal)) => return self.stop_told(signal),
                Some(Event::Line { .. }) => {}
                None => {
                    if let Some(code) = self.stop_if_one_ended()? {
                        return Ok(code);
                    }
                }
            }
        }
    }

    /// The next thing that happens; none if nothing did for a moment.
    fn next_event(&self) -> Result<Option<Event>> {
        match self.events.recv_timeout(LOOK_EVERY) {
            Ok(event) => Ok(Some(event)),
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(RecvTimeoutError::Disconnected) => Err(Error::new("信号监听已中断", "the signal listener ended")),
        }
    }

    fn stop_if_one_ended(&mut self) -> Result<Option<u8>> {
        for index in 0..self.running.len() {
            let Some(running) = self.running.get_mut(index) else { break };
            let Some(status) = running.child.try_wait().on(running.name)? else { continue };
            let name = running.name;
            self.running.remove(index);
            say::line(format!("{name} 已退出（{status}）"), format!("{name} ended ({status})"));
            self.stop_all(Signal::Terminate);
            // Whatever ended by itself should not have: that is a failure even if it called itself a success.
            return Ok(Some(exit_code(status).max(1)));
        }
        Ok(None)
    }

    /// Stops all because a person or the system said so; the answer is the exit code of the first that failed at it,
    /// else 0.
    fn stop_told(&mut self, signal: Signal) -> Result<u8> {
        say::line("正在停止，等未完成的请求做完", "stopping, what has begun is finished first");
        let codes = self.stop_all(signal);
        Ok(codes.into_iter().find(|code| *code != 0).unwrap_or(0))
    }

    /// Stops the programs, the last one started first, so that each still finds what it relies on. A second signal
    /// ends the waiting.
    fn stop_all(&mut self, signal: Signal) -> Vec<u8> {
        let mut codes = Vec::new();
        while let Some(mut running) = self.running.pop() {
            tell(&running.child, signal);
            let until = Instant::now() + GRACE;
            let status = loop {
                if let Ok(Some(status)) = running.child.try_wait() {
                    break Some(status);
                }
                let impatient = matches!(self.events.recv_timeout(LOOK_EVERY), Ok(Event::Signal(_)));
                if impatient || Instant::now() > until {
                    say::line(format!("强制结束 {}", running.name), format!("killing {}", running.name));
                    // Already gone is as good.
                    let _gone = running.child.kill();
                    break running.child.wait().ok();
                }
            };
            codes.push(status.map_or(1, exit_code_when_told));
        }
        codes
    }
}

impl Drop for Children {
    fn drop(&mut self) {
        self.stop_all(Signal::Terminate);
    }
}

/// The exit code that a shell would show: 128 and the signal's number for a killed program.
pub(crate) fn exit_code(status: ExitStatus) -> u8 {
    #[cfg(unix)]
    if let Some(signal) = std::os::unix::process::ExitStatusExt::signal(&status) {
        return u8::try_from(128 + signal).unwrap_or(1);
    }
    status.code().and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}

/// The exit code of a program that was told to stop: one that has nothing to finish may simply die of it.
fn exit_code_when_told(status: ExitStatus) -> u8 {
    match exit_code(status) {
        DIED_OF_INTERRUPT | DIED_OF_TERMINATE => 0,
        code => code,
    }
}

const DIED_OF_INTERRUPT: u8 = 128 + 2;
const DIED_OF_TERMINATE: u8 = 128 + 15;

/// Sends a signal by the shell's own `kill`: the standard library can only kill outright. The child is not waited for
/// yet, so its number cannot belong to anybody else.
#[cfg(unix)]
fn tell(child: &Child, signal: Signal) {
    let name = match signal {
        Signal::Interrupt => "INT",
        Signal::Terminate => "TERM",
    };
    let script = format!("kill -s {name} {} 2>/dev/null", child.id());
    // If the shell cannot be started, the waiting ends with a kill.
    let _best_effort = Command::new("sh").arg("-c").arg(script).status();
}

#[cfg(not(unix))]
fn tell(_child: &Child, _signal: Signal) {}

#[cfg(unix)]
fn listen_for_signals(sender: Sender<Event>) -> Result<()> {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    let mut signals = signal_hook::iterator::Signals::new([SIGHUP, SIGINT, SIGTERM]).on("signals")?;
    thread::spawn(move || {
        for number in signals.forever() {
            let signal = if number == SIGINT { Signal::Interrupt } else { Signal::Terminate };
            if sender.send(Event::Signal(signal)).is_err() {
                return;
            }
        }
    });
    Ok(())
}

#[cfg(not(unix))]
fn listen_for_signals(_sender: Sender<Event>) -> Result<()> {
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    fn sh(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn a_line_is_waited_for() {
        let mut children = Children::new().unwrap();
        children.start("a", &mut sh("echo other; echo listening on http://x; sleep 60")).unwrap();
        assert_eq!(children.wait_for("a", "listening on ").unwrap(), Waited::Line("listening on http://x".into()));
    }

    #[test]
    fn when_one_ends_the_others_are_stopped_and_it_counts_as_a_failure() {
        let mark = tempfile::tempdir().unwrap();
        let file = mark.path().join("stopped");
        let mut children = Children::new().unwrap();
        let script = format!("trap 'touch {}; exit 0' TERM; echo up; while :; do sleep 0.05; done", file.display());
        children.start("stays", &mut sh(&script)).unwrap();
        children.wait_for("stays", "up").unwrap();
        children.start("ends", &mut sh("exit 0")).unwrap();
        assert_eq!(children.supervise().unwrap(), 1);
        assert!(file.exists());
    }

    #[test]
    fn waiting_ends_when_the_program_ends() {
        let mut children = Children::new().unwrap();
        children.start("a", &mut sh("exit 7")).unwrap();
        assert_eq!(children.wait_for("a", "never").unwrap(), Waited::Stopped(7));
    }

    #[test]
    fn a_signal_is_passed_on_and_the_exit_code_comes_back() {
        let mut children = Children::new().unwrap();
        children.start("a", &mut sh("trap 'exit 3' INT; echo up; while :; do sleep 0.05; done")).unwrap();
        children.wait_for("a", "up").unwrap();
        children.sender.send(Event::Signal(Signal::Interrupt)).unwrap();
        assert_eq!(children.supervise().unwrap(), 3);
    }

    #[test]
    fn to_die_of_the_signal_is_a_good_end_and_to_be_killed_is_not() {
        for (script, code) in [("kill -TERM $$", 0), ("kill -INT $$", 0), ("kill -KILL $$", 137), ("exit 4", 4)] {
            assert_eq!(exit_code_when_told(sh(script).status().unwrap()), code, "{script}");
        }
    }

    #[test]
    fn a_file_is_waited_for() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("f");
        let mut children = Children::new().unwrap();
        children.start("a", &mut sh(&format!("sleep 0.1; touch {}; sleep 60", file.display()))).unwrap();
        assert_eq!(children.wait_until(|| file.exists()).unwrap(), None);
        children.start("b", &mut sh("exit 6")).unwrap();
        assert_eq!(children.wait_until(|| false).unwrap(), Some(6));
    }

    #[test]
    fn a_killed_program_gives_the_shells_exit_code() {
        let status = sh("kill -KILL $$").status().unwrap();
        assert_eq!(exit_code(status), 137);
    }
}
