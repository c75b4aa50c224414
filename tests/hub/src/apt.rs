//! Debian packages, downloaded and unpacked into folders of our own. Nothing is installed, the machine's own lists and
//! settings stay as they are, signatures are checked; the mirror is whatever the machine's own sources name.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::error::{Context, Error, Result};
use crate::say;
use crate::workspace::{self, Workspace};

/// An apt that keeps everything it knows in one folder.
#[derive(Debug)]
pub(crate) struct Apt<'a> {
    workspace: &'a Workspace,
    folder: PathBuf,
    /// Mirrors of the Debian archive, best guess first.
    mirrors: Vec<String>,
}

/// A package as it stands in a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Version(pub(crate) String);

/// Debian signs its releases with keys that stand here on every machine of the family.
const KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

impl<'a> Apt<'a> {
    /// Prepares an apt in `folder`.
    ///
    /// # Errors
    ///
    /// This is no Debian machine, or its sources name no mirror.
    pub(crate) fn new(workspace: &'a Workspace, folder: PathBuf) -> Result<Self> {
        for program in ["apt-get", "apt-cache", "dpkg-deb"] {
            if workspace::on_path(program).is_none() {
                return Err(Error::new(
                    format!("这台机器没有 {program}（不是 Debian）"),
                    format!("this machine has no {program} (it is no Debian)"),
                ));
            }
        }
        for name in ["lists/partial", "cache/archives/partial", "parts"] {
            let path = folder.join(name);
            fs::create_dir_all(&path).on(path.display())?;
        }
        let status = folder.join("status");
        fs::write(&status, "").on(status.display())?;
        // Also what was never fetched: container images come without lists.
        let own = ["indextargets", "--no-release-info", "--format", "$(REPO_URI)"];
        let listed = workspace::output(workspace.program("apt-get").args(own))?;
        let mirrors = archive_mirrors(&listed);
        if mirrors.is_empty() {
            return Err(Error::new("apt 的软件源里没有 Debian 镜像", "apt's sources name no mirror of Debian"));
        }
        Ok(Self { workspace, folder, mirrors })
    }

    /// Reads the lists of these releases, from the first mirror that has them.
    pub(crate) fn update(&self, releases: &[&str]) -> Result<()> {
        let keyring = if Path::new(KEYRING).is_file() { format!("[signed-by={KEYRING}] ") } else { String::new() };
        let mut last = None;
        for mirror in &self.mirrors {
            let sources: String =
                releases.iter().map(|release| format!("deb {keyring}{mirror} {release} main\n")).collect();
            let file = self.folder.join("sources.list");
            fs::write(&file, sources).on(file.display())?;
            say::line(format!("读取软件包列表：{}", releases.join(" ")), "reading lists of packages");
            match workspace::run(self.apt("apt-get").args(["--quiet", "--error-on=any", "update"])) {
                Ok(()) => return Ok(()),
                Err(error) => last = Some(error),
            }
        }
        Err(last.unwrap_or_else(|| Error::new("没有镜像", "there is no mirror")))
    }

    /// The versions of a package in the releases that were read, newest first.
    pub(crate) fn versions(&self, package: &str) -> Result<Vec<Version>> {
        let table = workspace::output(self.apt("apt-cache").args(["madison", package]))?;
        Ok(versions_in(&table))
    }

    /// Downloads packages and unpacks them into `into`.
    pub(crate) fn unpack(&self, packages: &[(&str, &Version)], into: &Path) -> Result<()> {
        let archives = self.folder.join("archives");
        clear(&archives)?;
        let mut download = self.apt("apt-get");
        download.current_dir(&archives).args(["--quiet", "download"]);
        download.args(packages.iter().map(|(name, version)| format!("{name}={}", version.0)));
        workspace::run(&mut download)?;
        self.unpack_folder(&archives, into)
    }

    /// Downloads packages of a release with all they need, as if nothing were installed, and unpacks them into `into`.
    pub(crate) fn unpack_with_needs(&self, packages: &[&str], release: &str, into: &Path) -> Result<()> {
        let mut install = self.apt("apt-get");
        install.args(["--quiet", "--yes", "--download-only", "--no-install-recommends"]);
        install.args(["--target-release", release, "install"]).args(packages);
        workspace::run(&mut install)?;
        self.unpack_folder(&self.folder.join("cache/archives"), into)
    }

    /// Downloads packages with all they need that this machine lacks, and unpacks them into `into`.
    pub(crate) fn unpack_what_lacks(&self, packages: &[&str], into: &Path) -> Result<()> {
        let mut install = self.apt("apt-get");
        // Reads what is installed; `--download-only` writes nothing there.
        install.args(["-o", "Dir::State::Status=/var/lib/dpkg/status"]);
        install.args(["--quiet", "--yes", "--download-only", "--no-install-recommends", "install"]).args(packages);
        workspace::run(&mut install)?;
        self.unpack_folder(&self.folder.join("cache/archives"), into)
    }

    fn unpack_folder(&self, archives: &Path, into: &Path) -> Result<()> {
        clear(into)?;
        for entry in archives.read_dir().on(archives.display())? {
            let archive = entry.on(archives.display())?.path();
            if archive.extension().is_some_and(|extension| extension == "deb") {
                workspace::run(self.workspace.program("dpkg-deb").arg("--extract").arg(&archive).arg(into))?;
            }
        }
        Ok(())
    }

    /// A program of apt's that reads and writes our folder alone.
    fn apt(&self, program: &str) -> Command {
        let mut command = self.workspace.program(program);
        let at = |name: &str| self.folder.join(name).display().to_string();
        for option in [
            format!("Dir::Etc::SourceList={}", at("sources.list")),
            format!("Dir::Etc::SourceParts={}", at("parts")),
            format!("Dir::Etc::PreferencesParts={}", at("parts")),
            format!("Dir::State={}", at("")),
            format!("Dir::State::Lists={}", at("lists")),
            format!("Dir::State::Status={}", at("status")),
            format!("Dir::Cache={}", at("cache")),
            // Machines often call a mirror whose release files are past their date; their signatures still hold.
            "Acquire::Check-Valid-Until=false".to_owned(),
            "Acquire::Languages=none".to_owned(),
            "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false".to_owned(),
            "APT::Keep-Downloaded-Packages=true".to_owned(),
            // Another user's process could not write into a folder that is ours alone.
            "APT::Sandbox::User=".to_owned(),
            "Debug::NoLocking=true".to_owned(),
        ] {
            command.arg("-o").arg(option);
        }
        command.stdin(Stdio::null()).env("DEBIAN_FRONTEND", "noninteractive").env("LC_ALL", "C.UTF-8");
        command
    }
}

/// The mirrors of the main archive among the machine's sources: each once, those called `debian` first, and no
/// security archive, which carries no whole release.
fn archive_mirrors(listed: &str) -> Vec<String> {
    let mut mirrors: Vec<String> = Vec::new();
    for uri in listed.lines().map(str::trim).filter(|uri| !uri.is_empty() && !uri.contains("security")) {
        if !mirrors.iter().any(|known| known == uri) {
            mirrors.push(uri.to_owned());
        }
    }
    mirrors.sort_by_key(|uri| !uri.trim_end_matches('/').ends_with("/debian"));
    mirrors
}

/// Reads `apt-cache madison`: lines of `package | version | source`.
fn versions_in(table: &str) -> Vec<Version> {
    let mut versions: Vec<Version> = Vec::new();
    for version in table.lines().filter_map(|line| line.split('|').nth(1)) {
        let version = Version(version.trim().to_owned());
        if !versions.contains(&version) {
            versions.push(version);
        }
    }
    versions
}

/// Makes an empty folder.
fn clear(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).on(folder.display())?;
    }
    fs::create_dir_all(folder).on(folder.display())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_main_archive_is_found_among_the_sources() {
        let listed = "http://m.example/extra/\nhttp://m.example/debian-security/\nhttp://m.example/debian/\n\nhttp://m.example/debian/\n";
        assert_eq!(archive_mirrors(listed), ["http://m.example/debian/", "http://m.example/extra/"]);
        assert!(archive_mirrors("").is_empty());
    }

    #[test]
    fn versions_are_read_once_each_in_order() {
        let table = " rust-src | 1.97.1+dfsg1-1 | http://m.example testing/main amd64 Packages\n \
                     rust-src | 1.97.1+dfsg1-1 | http://m.example unstable/main amd64 Packages\n \
                     rust-src | 1.95.0+dfsg1-2~bpo13+1 | http://m.example stable-backports/main amd64 Packages\n";
        let versions: Vec<String> = versions_in(table).into_iter().map(|version| version.0).collect();
        assert_eq!(versions, ["1.97.1+dfsg1-1", "1.95.0+dfsg1-2~bpo13+1"]);
        assert!(versions_in("N: Unable to locate package\n").is_empty());
    }
}
