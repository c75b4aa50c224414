//! Builds the components and the native programs; cargo decides what changed.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{Context, Result};
use crate::say::{self, Step};
use crate::wasm::{self, Toolchain};
use crate::workspace::{self, Workspace};

/// What a normal day needs.
pub(crate) const NATIVE: [&str; 2] = ["huidan-host", "print-bridge"];
/// What the demo and the tests need on top.
pub(crate) const PLATFORMS: &str = "huidan-platforms";
const BENCH: &str = "huidan-bench";

/// `cargo hub build`: components, host and print bridge.
pub(crate) fn everything(workspace: &Workspace) -> Result<()> {
    components(workspace)?;
    native(workspace, &NATIVE)
}

/// `cargo hub bench`: builds all, then runs the benchmarks with the given arguments; the answer is their exit code.
pub(crate) fn bench(workspace: &Workspace, arguments: &[String]) -> Result<u8> {
    components(workspace)?;
    native(workspace, &[NATIVE.as_slice(), &[PLATFORMS, BENCH]].concat())?;
    let program = workspace.native(BENCH);
    let status = workspace.program(&program).args(arguments).env("CARGO_TARGET_DIR", &workspace.target).status();
    Ok(crate::supervise::exit_code(status.on(program.display())?))
}

/// Gets the wasm target if need be, builds every component and puts it where `spin.toml` names it.
pub(crate) fn components(workspace: &Workspace) -> Result<Toolchain> {
    let toolchain = wasm::ensure(workspace)?;
    let functions = workspace.functions()?;
    if functions.is_empty() {
        say::line("没有组件", "there are no components");
        return Ok(toolchain);
    }
    let count = functions.len();
    let step = Step::begin(format!("构建 {count} 个组件"), format!("building {count} components"));
    let target = toolchain.target_folder(workspace);
    let mut cargo = workspace.cargo(&["build", "--release", "--target", wasm::TARGET]);
    for function in &functions {
        cargo.args(["-p", function]);
    }
    workspace::run(toolchain.apply(&mut cargo).env("CARGO_TARGET_DIR", &target))?;
    let built = target.join(wasm::TARGET).join("release");
    let folder = workspace.components();
    fs::create_dir_all(&folder).on(folder.display())?;
    for function in &functions {
        let from = built.join(format!("{}.wasm", function.replace('-', "_")));
        copy_if_changed(&from, &folder.join(format!("{function}.wasm")))?;
    }
    step.done();
    Ok(toolchain)
}

/// Builds native programs by the names of their packages.
pub(crate) fn native(workspace: &Workspace, packages: &[&str]) -> Result<()> {
    let names = packages.join(", ");
    let step = Step::begin(format!("构建 {names}"), format!("building {names}"));
    let mut cargo = workspace.cargo(&["build", "--profile", "native"]);
    for package in packages {
        cargo.args(["-p", package]);
    }
    workspace::run(&mut cargo)?;
    step.done();
    Ok(())
}

/// Leaves an equal file alone, so that whoever watches or caches it by its time sees only real changes; a changed one
/// is replaced in one move, because a running host may have it mapped.
fn copy_if_changed(from: &Path, to: &Path) -> Result<bool> {
    let new = fs::read(from).on(from.display())?;
    if fs::read(to).is_ok_and(|old| old == new) {
        return Ok(false);
    }
    let unfinished: PathBuf = to.with_extension("new");
    fs::write(&unfinished, new).on(unfinished.display())?;
    fs::rename(&unfinished, to).on(to.display())?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_changed_file_is_copied() {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = (folder.path().join("a.wasm"), folder.path().join("b.wasm"));
        fs::write(&from, "one").unwrap();
        assert!(copy_if_changed(&from, &to).unwrap());
        assert!(!copy_if_changed(&from, &to).unwrap());
        fs::write(&from, "two").unwrap();
        assert!(copy_if_changed(&from, &to).unwrap());
        assert_eq!(fs::read(&to).unwrap(), b"two");
    }
}
