//! A whole newer compiler from Debian, in a folder of its own, for machines whose version Debian does not carry or
//! whose toolchain belongs to somebody else. It is started through its own loader, so it fits any older system.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Compiler, TARGET, Toolchain, has_std};
use crate::apt::Apt;
use crate::error::{Context, Error, Result};
use crate::say;
use crate::workspace::Workspace;

/// Releases that are newer than anything a machine runs.
const RELEASES: [&str; 2] = ["testing", "unstable"];

/// The folder of the compiler; `cargo clean` takes it along.
fn folder(workspace: &Workspace) -> PathBuf {
    workspace.target.join("newer-rustc-toolchain")
}

/// The compiler that an earlier call installed.
pub(super) fn installed(workspace: &Workspace, compiler: &Compiler) -> Option<Toolchain> {
    let folder = folder(workspace);
    let rustc = folder.join("rustc");
    let complete = rustc.is_file() && has_std(&folder.join("usr/lib/rustlib").join(TARGET).join("lib"));
    complete.then(|| Toolchain::Newer { rustc, path: linkers(compiler) })
}

/// Downloads and unpacks the compiler, about 250 MB.
pub(super) fn install(workspace: &Workspace, compiler: &Compiler) -> Result<Toolchain> {
    let work = workspace.target.join("wasm-setup");
    let apt = Apt::new(workspace, work.join("apt-newer"))?;
    let folder = folder(workspace);
    let mut last = None;
    for release in RELEASES {
        say::line("下载一个单独的 rustc，约 250 MB", "downloading a rustc of its own, about 250 MB");
        let unpacked = apt
            .update(&[release])
            .and_then(|()| apt.unpack_with_needs(&["rustc", "libstd-rust-dev-wasm32"], release, &folder));
        match unpacked.and_then(|()| write_script(&folder, &compiler.host)) {
            Ok(()) => {
                super::debian::remove(&work)?;
                return installed(workspace, compiler).ok_or_else(|| {
                    Error::new(format!("软件包里没有 {TARGET}"), format!("the packages hold no {TARGET}"))
                });
            }
            Err(error) => last = Some(error),
        }
    }
    Err(last.unwrap_or_else(|| Error::new("没有可用版本", "there is no release to take it from")))
}

/// The linkers for WebAssembly come with the usual toolchain.
fn linkers(compiler: &Compiler) -> Vec<PathBuf> {
    let bin = compiler.sysroot.join("lib/rustlib").join(&compiler.host).join("bin");
    let lld = bin.join("gcc-ld");
    vec![bin, lld]
}

/// Writes the script that cargo calls as `RUSTC`.
fn write_script(folder: &Path, host: &str) -> Result<()> {
    let machine = host.split('-').next().unwrap_or_default();
    let loader =
        loader(folder).ok_or_else(|| Error::new("软件包里没有动态装载器", "the packages hold no dynamic loader"))?;
    let root = folder.display();
    let script = format!(
        "#!/bin/sh\nexec \"{loader}\" --library-path \"{root}/usr/lib/{machine}-linux-gnu:{root}/lib/{machine}-linux-gnu:{root}/usr/lib\" \
         \"{root}/usr/bin/rustc\" --sysroot \"{root}/usr\" \"$@\"\n",
        loader = loader.display()
    );
    let path = folder.join("rustc");
    fs::write(&path, script).on(path.display())?;
    #[cfg(unix)]
    fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o755)).on(path.display())?;
    Ok(())
}

/// The dynamic loader among the unpacked packages: `ld-linux-x86-64.so.2`, `ld-linux-aarch64.so.1`.
fn loader(folder: &Path) -> Option<PathBuf> {
    let folders = ["usr/lib64", "usr/lib", "lib64", "lib"].iter().filter_map(|name| folder.join(name).read_dir().ok());
    folders.flatten().flatten().map(|entry| entry.path()).find(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with("ld-linux-") && name.contains(".so.")
    })
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn the_script_starts_the_compiler_through_its_own_loader() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::create_dir_all(root.join("usr/lib64")).unwrap();
        // A loader that shows what it was asked to load.
        let loader = root.join("usr/lib64/ld-linux-x86-64.so.2");
        fs::write(&loader, "#!/bin/sh\necho \"$@\"\n").unwrap();
        fs::set_permissions(&loader, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        write_script(root, "x86_64-unknown-linux-gnu").unwrap();
        let output = std::process::Command::new(root.join("rustc")).arg("-vV").output().unwrap();
        let said = String::from_utf8(output.stdout).unwrap();
        let root = root.display().to_string();
        assert!(said.contains(&format!("{root}/usr/bin/rustc --sysroot {root}/usr -vV")), "{said}");
        assert!(said.contains(&format!("--library-path {root}/usr/lib/x86_64-linux-gnu:")), "{said}");
    }

    #[test]
    fn packages_without_a_loader_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        assert!(write_script(folder.path(), "x86_64-unknown-linux-gnu").is_err());
    }
}
