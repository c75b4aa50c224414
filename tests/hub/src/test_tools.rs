//! Programs that some tests ask: a print queue and an IPP printer for the bridge, second readers for documents and
//! barcodes. From Debian, unpacked beside what is built, unless the machine has its own; nothing is installed, nothing
//! runs afterwards.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use crate::apt::{Apt, Version};
use crate::error::{Context, Error, Result};
use crate::say::{self, Step};
use crate::workspace::{self, Workspace};

/// Programs that are of use only together.
struct Kit {
    zh: &'static str,
    en: &'static str,
    /// Where the tests look, beside what is built; `cargo clean` takes it along.
    folder: &'static str,
    programs: &'static [&'static str],
    packages: Packages,
    /// Programs that say how they are used when asked so: they find their libraries.
    asked: &'static [(&'static str, &'static str)],
}

enum Packages {
    /// These alone, by the names of each release: what a release does not have is passed over.
    Named(&'static [&'static str]),
    /// These, and what they need that the machine lacks.
    WithNeeds(&'static [&'static str]),
}

/// For `print-bridge/tests/it/real_queue.rs`. The programs, the queue's way to a network printer (`cups`), and of their
/// libraries what slim machines lack: all that `cups` needs would be ten times as much, filters that no test runs.
const QUEUE: Kit = Kit {
    zh: "打印队列（测试用）",
    en: "a print queue for the tests",
    folder: "cups",
    programs: &["cupsd", "lpadmin", "ippeveprinter"],
    packages: Packages::Named(&[
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
    ]),
    asked: &[("usr/sbin/cupsd", "-h"), ("usr/sbin/ippeveprinter", "--help")],
};

/// For `tests/labels`: poppler draws documents and reads their text, zbar reads barcodes.
const READERS: Kit = Kit {
    zh: "面单与条码的第二读者（测试用）",
    en: "second readers of documents and barcodes for the tests",
    folder: "readers",
    programs: &["pdftoppm", "pdftotext", "zbarimg"],
    packages: Packages::WithNeeds(&["poppler-utils", "zbar-tools"]),
    asked: &[("usr/bin/pdftoppm", "-h"), ("usr/bin/pdftotext", "-h"), ("usr/bin/zbarimg", "-h")],
};

/// Gets them if need be. Where they cannot be had, says why; the tests that wanted them say that they did not run.
pub(crate) fn get(workspace: &Workspace) {
    for kit in [QUEUE, READERS] {
        kit.get(workspace);
    }
}

impl Kit {
    fn get(&self, workspace: &Workspace) {
        let (zh, en) = (self.zh, self.en);
        let folder = workspace.target.join(self.folder);
        if self.is_whole(Path::new("/")) || self.is_whole(&folder) {
            return say::line(format!("{zh}已就绪"), format!("{en}: there"));
        }
        let step = Step::begin(format!("准备{zh}：{} (Debian)", self.folder), format!("getting {en} (Debian)"));
        match self.unpack(workspace, &folder) {
            Ok(()) => step.done(),
            Err(error) => {
                step.failed();
                println!("{error}");
            }
        }
    }

    /// Whether all programs are below `root`.
    fn is_whole(&self, root: &Path) -> bool {
        let there = |name: &&str| ["usr/sbin", "usr/bin"].iter().any(|bin| root.join(bin).join(name).is_file());
        self.programs.iter().all(there)
    }

    fn unpack(&self, workspace: &Workspace, folder: &Path) -> Result<()> {
        let release = release()?;
        let work = workspace.target.join(format!("{}-setup", self.folder));
        let apt = Apt::new(workspace, work.clone())?;
        apt.update(&[&release])?;
        match self.packages {
            Packages::Named(names) => {
                let mut found: Vec<(&str, Version)> = Vec::new();
                for name in names {
                    found.extend(apt.versions(name)?.into_iter().next().map(|version| (*name, version)));
                }
                let found: Vec<_> = found.iter().map(|(name, version)| (*name, version)).collect();
                apt.unpack(&found, folder)?;
            }
            Packages::WithNeeds(names) => apt.unpack_what_lacks(names, folder)?,
        }
        fs::remove_dir_all(&work).on(work.display())?;
        self.runs(workspace, folder).inspect_err(|_| {
            // What does not run here is as good as absent, and must not be taken for there.
            let _ = fs::remove_dir_all(folder);
        })
    }

    /// Starts the programs once, to see that they find their libraries.
    fn runs(&self, workspace: &Workspace, folder: &Path) -> Result<()> {
        let lib = folder.join("usr/lib");
        let libraries: Vec<PathBuf> = lib
            .read_dir()
            .on(lib.display())?
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| path.to_string_lossy().ends_with("-linux-gnu"))
            .collect();
        let path = std::env::join_paths(&libraries).unwrap_or_default();
        for (program, question) in self.asked {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kit_is_there_only_with_all_its_programs() {
        for kit in [QUEUE, READERS] {
            let root = tempfile::tempdir().unwrap();
            for (number, name) in kit.programs.iter().enumerate() {
                assert!(!kit.is_whole(root.path()), "{name} is missing");
                let path = root.path().join(["usr/sbin", "usr/bin"][number % 2]).join(name);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, "").unwrap();
            }
            assert!(kit.is_whole(root.path()));
        }
    }
}
