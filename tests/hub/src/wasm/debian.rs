//! The target built from Debian's source of the same compiler version, and put where rustup would have put it.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Compiler, TARGET, Toolchain, has_std};
use crate::apt::{Apt, Version};
use crate::error::{Context, Error, Result};
use crate::say;
use crate::workspace::{self, Workspace};

/// Beside the libraries: the compiler they were built by.
pub(super) const MADE_FOR: &str = "huidan-made-for";

/// Releases that may carry an equal source, cheapest list first. These names are Debian's own aliases and move along
/// with it.
const RELEASES: [&str; 6] =
    ["stable-backports", "stable", "testing", "unstable", "oldstable-backports", "experimental"];

/// What a C library for the target consists of.
const C_LIBRARY: [&str; 3] = ["libc.a", "crt1-command.o", "crt1-reactor.o"];

/// Builds the standard library for the target and puts it into the compiler's own folder.
pub(super) fn build_into_sysroot(workspace: &Workspace, compiler: &Compiler) -> Result<Toolchain> {
    let place = compiler.target_folder();
    let unfinished = place.with_extension("unfinished");
    remove(&unfinished)?;
    fs::create_dir_all(&unfinished).map_err(|error| {
        let folder = unfinished.display();
        Error::new(
            format!("不能写入 {folder}（{error}）；请用拥有该目录的用户运行"),
            format!("{folder} cannot be written ({error}); run this as the user who owns that folder"),
        )
    })?;
    let built = fill(workspace, compiler, &unfinished);
    if let Err(error) = built {
        remove(&unfinished)?;
        return Err(error);
    }
    remove(&place)?;
    fs::rename(&unfinished, &place).on(place.display())?;
    Ok(Toolchain::Usual)
}

/// Removes a folder that may not be there.
pub(super) fn remove(folder: &Path) -> Result<()> {
    if folder.exists() { fs::remove_dir_all(folder).on(folder.display()) } else { Ok(()) }
}

/// Builds into `folder` what the target's folder in the sysroot holds.
fn fill(workspace: &Workspace, compiler: &Compiler, folder: &Path) -> Result<()> {
    let work = workspace.target.join("wasm-setup");
    let apt = Apt::new(workspace, work.join("apt"))?;
    let (source, libc) = find(&apt, &compiler.version)?;
    say::line(format!("下载 rust-src {}、wasi-libc {}", source.0, libc.0), "downloading and unpacking both");
    let unpacked = work.join("unpacked");
    apt.unpack(&[("rust-src", &source), ("wasi-libc", &libc)], &unpacked)?;

    let rlibs = build_std(workspace, compiler, &unpacked, &work)?;
    let lib = folder.join("lib");
    copy_all(&rlibs, &lib)?;
    if !has_std(&lib) {
        return Err(Error::new("编译结果中没有 std", "the build left no std"));
    }
    let self_contained = lib.join("self-contained");
    fs::create_dir_all(&self_contained).on(self_contained.display())?;
    for name in C_LIBRARY {
        let from = unpacked.join("usr/lib").join(TARGET).join(name);
        fs::copy(&from, self_contained.join(name)).on(from.display())?;
    }
    let made_for = folder.join(MADE_FOR);
    fs::write(&made_for, &compiler.identity).on(made_for.display())?;
    remove(&work)
}

/// The source of exactly this compiler, and the newest C library. Lists are read one release after the other, since
/// some are thirty times as long as others.
fn find(apt: &Apt<'_>, rustc: &str) -> Result<(Version, Version)> {
    let mut read: Vec<&str> = Vec::new();
    for release in RELEASES {
        read.push(release);
        // A mirror need not carry every release; what it lacks is passed over.
        if apt.update(&read).is_err() {
            read.pop();
            continue;
        }
        let source = apt.versions("rust-src")?.into_iter().find(|version| is_of(version, rustc));
        let libc = apt.versions("wasi-libc")?.into_iter().next();
        if let (Some(source), Some(libc)) = (source, libc) {
            return Ok((source, libc));
        }
    }
    Err(Error::new(
        format!("Debian 各版本中没有 {rustc} 的 rust-src，别的版本无法编译"),
        format!("no release of Debian carries rust-src {rustc}, and another version's does not compile"),
    ))
}

/// Whether a package is of a version of rustc: `1.95.0+dfsg1-2~bpo13+1` is of `1.95.0`.
fn is_of(package: &Version, rustc: &str) -> bool {
    package.0.strip_prefix(rustc).is_some_and(|rest| rest.starts_with(['+', '-']))
}

/// Builds the standard library; the answer is the folder with its parts.
fn build_std(workspace: &Workspace, compiler: &Compiler, unpacked: &Path, work: &Path) -> Result<PathBuf> {
    let source = unpacked.join("usr/src").join(format!("rustc-{}", compiler.version));
    let _guard = SourceInPlace::put(&source, compiler)?;
    let empty = work.join("empty");
    fs::create_dir_all(empty.join("src")).on(empty.display())?;
    let manifest = "[package]\nname = \"empty\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[workspace]\n";
    for (name, text) in [("Cargo.toml", manifest), ("src/lib.rs", "")] {
        fs::write(empty.join(name), text).on(empty.join(name).display())?;
    }
    say::line("编译 std，约半分钟", "compiling std, about half a minute");
    let mut cargo = workspace.cargo(&["build", "--release", "-Zbuild-std=std,panic_abort", "--target", TARGET]);
    // The one way to let a stable compiler build its own standard library.
    cargo.env("RUSTC_BOOTSTRAP", "1").env("CARGO_TARGET_DIR", empty.join("target")).current_dir(&empty);
    workspace::run(&mut cargo)?;
    Ok(empty.join("target").join(TARGET).join("release/deps"))
}

/// Debian's source, linked for the moment to where cargo looks for it.
struct SourceInPlace(Option<PathBuf>);

impl SourceInPlace {
    /// A source that is there already is rustup's own, equal by construction, and stays.
    fn put(source: &Path, compiler: &Compiler) -> Result<Self> {
        let place = compiler.sysroot.join("lib/rustlib/src/rust");
        if place.join("library/std").is_dir() {
            return Ok(Self(None));
        }
        if let Some(parent) = place.parent() {
            fs::create_dir_all(parent).on(parent.display())?;
        }
        link(source, &place)?;
        Ok(Self(Some(place)))
    }
}

impl Drop for SourceInPlace {
    fn drop(&mut self) {
        if let Some(place) = &self.0
            && let Err(error) = fs::remove_file(place)
        {
            say::line(format!("请删除 {}：{error}", place.display()), "please remove that link");
        }
        if let Some(parent) = self.0.as_deref().and_then(Path::parent) {
            // Goes only if it is empty, that is, if it was made for the link.
            let _others_use_it = fs::remove_dir(parent);
        }
    }
}

#[cfg(unix)]
fn link(source: &Path, place: &Path) -> Result<()> {
    if place.is_symlink() {
        // Left by an earlier call that was killed.
        fs::remove_file(place).on(place.display())?;
    }
    std::os::unix::fs::symlink(source, place).on(place.display())
}

#[cfg(not(unix))]
fn link(_source: &Path, place: &Path) -> Result<()> {
    Err(Error::new("仅限 Debian", format!("{}: only on Debian", place.display())))
}

/// Copies the libraries of a folder.
fn copy_all(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to).on(to.display())?;
    for entry in from.read_dir().on(from.display())? {
        let path = entry.on(from.display())?.path();
        let is_library = path.extension().is_some_and(|extension| extension == "rlib");
        let is_our_empty_crate = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("libempty-"));
        if let Some(name) = path.file_name().filter(|_| is_library && !is_our_empty_crate) {
            fs::copy(&path, to.join(name)).on(path.display())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_source_of_the_very_version_fits() {
        for (package, fits) in [
            ("1.95.0+dfsg1-2~bpo13+1", true),
            ("1.95.0-1", true),
            ("1.95.0~beta.3+dfsg1-1", false),
            ("1.95.01-1", false),
            ("1.94.1+dfsg1-1", false),
        ] {
            assert_eq!(is_of(&Version(package.into()), "1.95.0"), fits, "{package}");
        }
    }

    #[test]
    fn libraries_are_copied_without_the_crate_that_made_them() {
        let from = tempfile::tempdir().unwrap();
        let to = tempfile::tempdir().unwrap();
        for name in ["libstd-1.rlib", "libempty-2.rlib", "std-1.d", "libcore-3.rlib", "libcore-3.rmeta"] {
            fs::write(from.path().join(name), "").unwrap();
        }
        copy_all(from.path(), to.path()).unwrap();
        let mut copied: Vec<_> = to.path().read_dir().unwrap().map(|entry| entry.unwrap().file_name()).collect();
        copied.sort();
        assert_eq!(copied, ["libcore-3.rlib", "libstd-1.rlib"]);
    }

    #[cfg(unix)]
    #[test]
    fn the_source_is_linked_only_for_the_moment() {
        let sysroot = tempfile::tempdir().unwrap();
        let source = tempfile::tempdir().unwrap();
        let compiler = Compiler {
            sysroot: sysroot.path().into(),
            version: "1.95.0".into(),
            host: "x".into(),
            identity: String::new(),
        };
        let place = sysroot.path().join("lib/rustlib/src/rust");
        let guard = SourceInPlace::put(source.path(), &compiler).unwrap();
        assert!(place.exists());
        drop(guard);
        assert!(!place.is_symlink());
        assert!(!sysroot.path().join("lib/rustlib/src").exists());
    }
}
