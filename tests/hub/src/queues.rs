//! A print queue and an IPP printer for the bridge's tests: CUPS from Debian, unpacked beside what is built, unless the
//! machine has its own. The tests start them privately; nothing is installed, nothing runs afterwards.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use crate::apt::Apt;
use crate::error::{Context, Error, Result};
use crate::say::{self, Step};
use crate::workspace::{self, Workspace};

/// Where the tests look (`print-bridge/tests/it/real_queue.rs`); `cargo clean` takes it along.
const FOLDER: &str = "cups";

/// The programs, the queue's way to a network printer (`cups`), and of their libraries what slim machines lack, by the
/// names of each release: what a release does not have is passed over.
const PACKAGES: [&str; 20] = [
    "cups-daemon",
    "cups-client",
    "cups-common",
    "cups-ipp-utils",
    "cups",
    "libcups2",
    "libcups2t64",
    "libpaper1",
    "libpaper2",
    "libavahi-client3",
    "libavahi-common3",
    "dbus-daemon",
    "libdbus-1-3",
    "libgssapi-krb5-2",
    "libkrb5-3",
    "libkrb5support0",
    "libk5crypto3",
    "libkeyutils1",
    "libgnutls30",
    "libgnutls30t64",
];

/// Gets them if need be. Where they cannot be had, says why; the tests that wanted them say that they did not run.
pub(crate) fn get(workspace: &Workspace) {
    let folder = workspace.target.join(FOLDER);
    if is_whole(Path::new("/")) || is_whole(&folder) {
        return say::line("打印队列（测试用）已就绪", "the print queue for the tests is there");
    }
    let step = Step::begin("准备测试用的打印队列：cups (Debian)", "getting a print queue for the tests: cups (Debian)");
    match unpack(workspace, &folder) {
        Ok(()) => step.done(),
        Err(error) => {
            step.failed();
            println!("{error}");
        }
    }
}

/// Whether all three programs are below `root`.
fn is_whole(root: &Path) -> bool {
    let there = |name: &str| root.join("usr/sbin").join(name).is_file() || root.join("usr/bin").join(name).is_file();
    ["cupsd", "lpadmin", "ippeveprinter"].into_iter().all(there)
}

fn unpack(workspace: &Workspace, folder: &Path) -> Result<()> {
    let release = release()?;
    let work = workspace.target.join("cups-setup");
    let apt = Apt::new(workspace, work.clone())?;
    apt.update(&[&release])?;
    let mut found = Vec::new();
    for package in PACKAGES {
        if let Some(version) = apt.versions(package)?.into_iter().next() {
            found.push((package, version));
        }
    }
    let found: Vec<_> = found.iter().map(|(name, version)| (*name, version)).collect();
    apt.unpack(&found, folder)?;
    fs::remove_dir_all(&work).on(work.display())?;
    runs(workspace, folder).inspect_err(|_| {
        // What does not run here is as good as absent, and must not be taken for there.
        let _ = fs::remove_dir_all(folder);
    })
}

/// The release this machine is: libraries of another would not fit its C library.
fn release() -> Result<String> {
    let path = "/etc/os-release";
    let text = fs::read_to_string(path).on(path)?;
    let codename = text.lines().find_map(|line| line.strip_prefix("VERSION_CODENAME="));
    codename.map(|name| name.trim_matches('"').to_owned()).ok_or_else(|| {
        Error::new("这台机器没有说明它是 Debian 的哪个版本", "this machine does not say which release of Debian it is")
    })
}

/// Starts a program of each kind once, to see that it finds its libraries.
fn runs(workspace: &Workspace, folder: &Path) -> Result<()> {
    let lib = folder.join("usr/lib");
    let libraries: Vec<PathBuf> = lib
        .read_dir()
        .on(lib.display())?
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.to_string_lossy().ends_with("-linux-gnu"))
        .collect();
    let path = std::env::join_paths(&libraries).unwrap_or_default();
    for (program, question) in [("usr/sbin/cupsd", "-h"), ("usr/sbin/ippeveprinter", "--help")] {
        let mut command = workspace.program(folder.join(program));
        command.arg(question).env("LD_LIBRARY_PATH", &path).stdin(Stdio::null());
        let asked = command.output().on(program)?;
        let said = [asked.stdout, asked.stderr].concat();
        if !String::from_utf8_lossy(&said).contains("sage") {
            return Err(Error::new(
                format!("下载的 {program} 不能运行"),
                format!("{program} was unpacked and does not run: {}", workspace::shown(&command)),
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_is_there_only_with_all_its_programs() {
        let root = tempfile::tempdir().unwrap();
        for name in ["usr/sbin/cupsd", "usr/sbin/lpadmin", "usr/bin/ippeveprinter"] {
            assert!(!is_whole(root.path()), "{name} is missing");
            let path = root.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        assert!(is_whole(root.path()));
    }
}
