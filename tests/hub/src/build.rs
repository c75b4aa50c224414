//! Builds the components and the native programs; cargo decides what changed.

use std::fs;
use std::path::{Path, PathBuf};

use crate::error::{Context, Result};
use crate::say::Step;
use crate::test_programs::{self, Program};
use crate::wasm::{self, Toolchain};
use crate::workspace::{self, Workspace};

/// The embedded host. It is built by itself: cargo settles the features of all packages in one call together, so in
/// other company its wasmtime, the largest part of all there is to compile, would be compiled once more for each
/// combination. Nothing else depends on it (kept by a test below).
pub(crate) const HOST: &str = "huidan-host";
/// What stands beside the printer.
pub(crate) const BRIDGE: &str = "print-bridge";
/// The simulated shops and carriers, for the demo and the tests.
pub(crate) const PLATFORMS: &str = "huidan-platforms";
const BENCH: &str = "huidan-bench";

/// `cargo hub build`: components, host and print bridge.
pub(crate) fn everything(workspace: &Workspace) -> Result<()> {
    components(workspace, &workspace.functions()?)?;
    native(workspace, &[HOST])?;
    native(workspace, &[BRIDGE])
}

/// `cargo hub bench`: builds all, then runs the benchmarks with the given arguments; the answer is their exit code.
pub(crate) fn bench(workspace: &Workspace, arguments: &[String]) -> Result<u8> {
    all_components(workspace)?;
    native(workspace, &[HOST])?;
    native(workspace, &[BRIDGE, PLATFORMS, BENCH])?;
    let program = workspace.native(BENCH);
    let status = workspace.program(&program).args(arguments).env("CARGO_TARGET_DIR", &workspace.target).status();
    Ok(crate::supervise::exit_code(status.on(program.display())?))
}

/// The programs of tests: those that may run beside each other, and the host's own, which measure how quickly it answers.
pub(crate) type TestPrograms = (Vec<Program>, Vec<Program>);

/// What the tests need natively: the host, every other program, and the tests themselves.
pub(crate) fn programs_for_tests(workspace: &Workspace) -> Result<TestPrograms> {
    let step = Step::begin(format!("构建 {HOST} 及其测试"), format!("building {HOST} and its tests"));
    let alone = test_programs::build(workspace, &["-p", HOST, "--bins", "--tests"])?;
    step.done();
    let step = Step::begin("构建其他程序和测试", "building the other programs and the tests");
    let beside = test_programs::build(workspace, &["--workspace", "--exclude", HOST, "--bins", "--tests"])?;
    step.done();
    Ok((beside, alone))
}

/// The functions, and by a call of their own the components that only tests run, for the same reason as the host.
pub(crate) fn all_components(workspace: &Workspace) -> Result<()> {
    components(workspace, &workspace.functions()?)?;
    components(workspace, &workspace.test_components()?).map(|_| ())
}

/// Gets the wasm target if need be, builds components and puts them where `spin.toml` names them.
pub(crate) fn components(workspace: &Workspace, names: &[String]) -> Result<Toolchain> {
    let toolchain = wasm::ensure(workspace)?;
    if names.is_empty() {
        return Ok(toolchain);
    }
    let count = names.len();
    let step = Step::begin(format!("构建 {count} 个组件"), format!("building {count} components"));
    let target = toolchain.target_folder(workspace);
    let mut cargo = workspace.cargo(&["build", "--release", "--target", wasm::TARGET]);
    for name in names {
        cargo.args(["-p", name]);
    }
    workspace::run(toolchain.apply(&mut cargo).env("CARGO_TARGET_DIR", &target))?;
    let built = target.join(wasm::TARGET).join("release");
    let folder = workspace.components();
    fs::create_dir_all(&folder).on(folder.display())?;
    for name in names {
        let from = built.join(format!("{}.wasm", name.replace('-', "_")));
        copy_if_changed(&from, &folder.join(format!("{name}.wasm")))?;
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
    fn nothing_depends_on_the_host_so_that_wasmtime_is_compiled_once() {
        let root = Workspace::find().unwrap().root;
        let folders = ["functions/*/*", "shared/*", "print-bridge", "tests/*"];
        let mut seen = 0;
        for manifest in folders.into_iter().flat_map(|pattern| manifests(&root, pattern)) {
            let text = fs::read_to_string(&manifest).unwrap();
            seen += 1;
            if text.contains("name = \"huidan-host\"") {
                continue;
            }
            let named = text.lines().any(|line| line.starts_with("wasmtime") || line.starts_with("huidan-host"));
            assert!(!named, "{} depends on the host or on wasmtime", manifest.display());
        }
        assert!(seen > 1);
    }

    /// The manifests in the folders that a pattern with stars stands for.
    fn manifests(root: &Path, pattern: &str) -> Vec<PathBuf> {
        let mut folders = vec![root.to_owned()];
        for part in pattern.split('/') {
            folders = folders
                .iter()
                .flat_map(|folder| match part {
                    "*" => folder.read_dir().into_iter().flatten().map(|entry| entry.unwrap().path()).collect(),
                    name => vec![folder.join(name)],
                })
                .collect();
        }
        folders.into_iter().map(|folder| folder.join("Cargo.toml")).filter(|manifest| manifest.is_file()).collect()
    }

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
