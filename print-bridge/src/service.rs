//! `print-bridge install`: the bridge as a service of the operating system, started with it and again when it ends.
//!
//! Linux: a unit of systemd, with its watchdog. macOS: an agent or daemon of launchd. Windows: a task that starts with the
//! machine, since a service there must speak the service manager's own protocol and a task need not.

use std::{
    ffi::OsString,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use clap::ValueEnum;

/// What the service is called.
const NAME: &str = "huidan-print-bridge";
/// What launchd calls it.
const LABEL: &str = "cn.huidan.print-bridge";

/// Who starts services.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Manager {
    /// Linux.
    Systemd,
    /// macOS.
    Launchd,
    /// The Task Scheduler of Windows.
    Windows,
}

impl Manager {
    /// This machine's.
    #[must_use]
    pub const fn of_this_machine() -> Self {
        if cfg!(windows) {
            Self::Windows
        } else if cfg!(target_os = "macos") {
            Self::Launchd
        } else {
            Self::Systemd
        }
    }
}

/// What is to run.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// This program.
    pub program: PathBuf,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// For the person who is signed in, rather than for the machine.
    pub user: bool,
}

/// A file to write and the commands that go with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Where.
    pub file: PathBuf,
    /// What.
    pub text: String,
    /// What starts it, after the file is written.
    pub start: Vec<Vec<OsString>>,
    /// What stops it, before the file is removed.
    pub stop: Vec<Vec<OsString>>,
}

/// How a service is made.
///
/// # Errors
/// A bilingual sentence where there is no home folder to put it in.
pub fn plan(manager: Manager, wanted: &Wanted) -> Result<Plan, String> {
    let home = || {
        let home = std::env::var_os("HOME").or_else(|| std::env::var_os("USERPROFILE")).map(PathBuf::from);
        home.ok_or_else(|| "找不到主目录 / there is no home folder".to_owned())
    };
    let command = |words: &[&str]| words.iter().map(OsString::from).collect::<Vec<_>>();
    Ok(match manager {
        Manager::Systemd => {
            let (folder, scope): (PathBuf, &[&str]) = match wanted.user {
                true => (home()?.join(".config/systemd/user"), &["systemctl", "--user"]),
                false => (PathBuf::from("/etc/systemd/system"), &["systemctl"]),
            };
            let unit = format!("{NAME}.service");
            let control = |words: &[&str]| command(&[scope, words].concat());
            Plan {
                file: folder.join(&unit),
                text: systemd(wanted),
                start: vec![control(&["daemon-reload"]), control(&["enable", "--now", &unit])],
                stop: vec![control(&["disable", "--now", &unit])],
            }
        }
        Manager::Launchd => {
            let folder = match wanted.user {
                true => home()?.join("Library/LaunchAgents"),
                false => PathBuf::from("/Library/LaunchDaemons"),
            };
            let file = folder.join(format!("{LABEL}.plist"));
            let path = file.to_string_lossy().into_owned();
            Plan {
                start: vec![command(&["launchctl", "load", "-w", &path])],
                stop: vec![command(&["launchctl", "unload", "-w", &path])],
                text: launchd(wanted),
                file,
            }
        }
        Manager::Windows => {
            let folder = std::env::var_os("ProgramData").map_or_else(home, |path| Ok(PathBuf::from(path)))?;
            let file = folder.join("huidan").join(format!("{NAME}.xml"));
            let path = file.to_string_lossy().into_owned();
            Plan {
                start: vec![
                    command(&["schtasks", "/Create", "/F", "/TN", NAME, "/XML", &path]),
                    command(&["schtasks", "/Run", "/TN", NAME]),
                ],
                stop: vec![
                    command(&["schtasks", "/End", "/TN", NAME]),
                    command(&["schtasks", "/Delete", "/F", "/TN", NAME]),
                ],
                text: windows(wanted),
                file,
            }
        }
    })
}

impl Plan {
    /// What would be done, for a person to read.
    #[must_use]
    pub fn shown(&self) -> String {
        let mut shown = format!("# {}\n{}", self.file.display(), self.text);
        for command in &self.start {
            let words: Vec<_> = command.iter().map(|word| word.to_string_lossy()).collect();
            let _ = write!(shown, "\n$ {}", words.join(" "));
        }
        shown
    }

    /// Writes the file and starts the service.
    ///
    /// # Errors
    /// A bilingual sentence that names the file, or the command to run by hand.
    pub fn install(&self) -> Result<(), String> {
        let refused = |error: std::io::Error| {
            let path = self.file.display();
            format!(
                "无法写入 {path}（{error}）：请用管理员身份运行，或加 --user\ncannot write {path} ({error}): run as administrator, or add --user"
            )
        };
        if let Some(folder) = self.file.parent() {
            fs::create_dir_all(folder).map_err(refused)?;
        }
        write(&self.file, &self.text).map_err(refused)?;
        self.start.iter().try_for_each(|command| run(command))
    }

    /// Stops the service and removes the file. One that is not there is no error.
    ///
    /// # Errors
    /// A bilingual sentence that names the file.
    pub fn uninstall(&self) -> Result<(), String> {
        for command in &self.stop {
            // It may have been stopped, or never started.
            let _ = run(command);
        }
        match fs::remove_file(&self.file) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                let path = self.file.display();
                Err(format!("无法删除 {path}：{error}\ncannot remove {path}: {error}"))
            }
            _ => Ok(()),
        }
    }
}

/// The Task Scheduler reads UTF-16 by its mark.
fn write(file: &Path, text: &str) -> std::io::Result<()> {
    if file.extension().is_none_or(|ending| ending != "xml") {
        return fs::write(file, text);
    }
    let bytes: Vec<u8> = std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    fs::write(file, bytes)
}

fn run(command: &[OsString]) -> Result<(), String> {
    let Some((program, arguments)) = command.split_first() else { return Ok(()) };
    let words: Vec<_> = command.iter().map(|word| word.to_string_lossy()).collect();
    let words = words.join(" ");
    match Command::new(program).args(arguments).status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!(
            "命令没有成功，请手动运行：{words}\nthe command did not succeed ({status}), run it by hand: {words}"
        )),
        Err(error) => Err(format!("无法运行命令：{words}（{error}）\ncannot run: {words} ({error})")),
    }
}

/// A word as a unit of systemd takes it: quoted, and its own signs doubled.
fn unit_word(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=?&+,@".contains(c);
    let escaped = word.replace('%', "%%").replace('$', "$$");
    if !escaped.is_empty() && escaped.chars().all(plain) {
        return escaped;
    }
    format!("\"{}\"", escaped.replace('\\', "\\\\").replace('"', "\\\""))
}

fn systemd(wanted: &Wanted) -> String {
    let program = wanted.program.to_string_lossy();
    let words: Vec<String> =
        std::iter::once(&*program).chain(wanted.arguments.iter().map(String::as_str)).map(unit_word).collect();
    let (target, devices) = match wanted.user {
        true => ("default.target", ""),
        // Printers are of the group lp, serial ports of dialout, keyboards of input.
        false => ("multi-user.target", "SupplementaryGroups=lp dialout input\n"),
    };
    format!(
        "[Unit]\n\
         Description=汇单打印桥 Huidan print bridge\n\
         Wants=network-online.target\n\
         After=network-online.target cups.service\n\
         \n\
         [Service]\n\
         Type=notify\n\
         ExecStart={}\n\
         Restart=always\n\
         RestartSec=2\n\
         WatchdogSec=60\n\
         # The label under way is finished first.\n\
         TimeoutStopSec=90\n\
         NoNewPrivileges=true\n\
         {devices}\
         \n\
         [Install]\n\
         WantedBy={target}\n",
        words.join(" ")
    )
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn launchd(wanted: &Wanted) -> String {
    let program = wanted.program.to_string_lossy();
    let words = std::iter::once(&*program).chain(wanted.arguments.iter().map(String::as_str));
    let words: String = words.map(|word| format!("    <string>{}</string>\n", escaped(word))).collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
         <!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\" \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">\n\
         <plist version=\"1.0\">\n<dict>\n\
         \x20 <key>Label</key>\n  <string>{LABEL}</string>\n\
         \x20 <key>ProgramArguments</key>\n  <array>\n{words}  </array>\n\
         \x20 <key>RunAtLoad</key>\n  <true/>\n\
         \x20 <key>KeepAlive</key>\n  <true/>\n\
         \x20 <key>ExitTimeOut</key>\n  <integer>90</integer>\n\
         </dict>\n</plist>\n"
    )
}

/// A word as the command line of Windows takes it.
fn windows_word(word: &str) -> String {
    if !word.is_empty() && !word.contains([' ', '\t', '"']) {
        return word.to_owned();
    }
    // Backslashes before a quote, and at the end, are doubled.
    let mut quoted = String::from("\"");
    let mut slashes = 0;
    for c in word.chars() {
        match c {
            '\\' => slashes += 1,
            '"' => {
                quoted.push_str(&"\\".repeat(slashes + 1));
                slashes = 0;
            }
            _ => slashes = 0,
        }
        quoted.push(c);
    }
    quoted.push_str(&"\\".repeat(slashes));
    quoted.push('"');
    quoted
}

fn windows(wanted: &Wanted) -> String {
    let arguments: Vec<String> = wanted.arguments.iter().map(|word| windows_word(word)).collect();
    let (trigger, who) = match wanted.user {
        true => ("LogonTrigger", "<LogonType>InteractiveToken</LogonType>"),
        false => ("BootTrigger", "<UserId>S-1-5-18</UserId><RunLevel>HighestAvailable</RunLevel>"),
    };
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-16\"?>\n\
         <Task version=\"1.2\" xmlns=\"http://schemas.microsoft.com/windows/2004/02/mit/task\">\n\
         \x20 <RegistrationInfo><Description>汇单打印桥 Huidan print bridge</Description></RegistrationInfo>\n\
         \x20 <Triggers><{trigger}><Enabled>true</Enabled></{trigger}></Triggers>\n\
         \x20 <Principals><Principal id=\"Author\">{who}</Principal></Principals>\n\
         \x20 <Settings>\n\
         \x20   <MultipleInstancesPolicy>IgnoreNew</MultipleInstancesPolicy>\n\
         \x20   <DisallowStartIfOnBatteries>false</DisallowStartIfOnBatteries>\n\
         \x20   <StopIfGoingOnBatteries>false</StopIfGoingOnBatteries>\n\
         \x20   <ExecutionTimeLimit>PT0S</ExecutionTimeLimit>\n\
         \x20   <RestartOnFailure><Interval>PT1M</Interval><Count>999</Count></RestartOnFailure>\n\
         \x20 </Settings>\n\
         \x20 <Actions Context=\"Author\"><Exec><Command>{}</Command><Arguments>{}</Arguments></Exec></Actions>\n\
         </Task>\n",
        escaped(&wanted.program.to_string_lossy()),
        escaped(&arguments.join(" "))
    )
}

#[cfg(test)]
mod tests;
