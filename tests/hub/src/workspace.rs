//! Where things are, and how programs are run there.

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::error::{Context, Error, Result};

/// The checked-out source and the folder that cargo builds into.
#[derive(Debug)]
pub(crate) struct Workspace {
    /// The folder of the root `Cargo.toml`.
    pub(crate) root: PathBuf,
    /// Cargo's target folder.
    pub(crate) target: PathBuf,
}

impl Workspace {
    /// Finds the workspace that this command was started from by `cargo hub`.
    pub(crate) fn find() -> Result<Self> {
        let here = env::current_dir().on(".")?;
        let start = env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| here.clone(), PathBuf::from);
        let root = start.ancestors().find(|folder| is_root(folder)).map(Path::to_owned).ok_or_else(|| {
            Error::new("请在源码目录中用 cargo hub 启动", "start this by `cargo hub` in the folder of the source")
        })?;
        let target = match env::var_os("CARGO_TARGET_DIR") {
            Some(folder) => here.join(folder),
            None => own_target().unwrap_or_else(|| root.join("target")),
        };
        Ok(Self { root, target })
    }

    /// A call of cargo in the workspace. Every one of them builds into the same target folder, however that was set.
    pub(crate) fn cargo(&self, arguments: &[&str]) -> Command {
        let mut command = self.program(cargo());
        command.args(arguments).env("CARGO_TARGET_DIR", &self.target);
        command
    }

    /// A call of any program in the workspace, without what `cargo run` told this process about itself: build scripts
    /// that look at such variables would run again at each change between `cargo hub` and a plain `cargo build`.
    pub(crate) fn program(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root).stdin(Stdio::null());
        for (name, _) in env::vars_os() {
            if name.to_str().is_some_and(is_about_this_crate) {
                command.env_remove(name);
            }
        }
        command
    }

    /// A program that was built natively.
    pub(crate) fn native(&self, name: &str) -> PathBuf {
        self.target.join("native").join(format!("{name}{}", env::consts::EXE_SUFFIX))
    }

    /// The folder that `spin.toml` names its components in: always the workspace's own, because a manifest cannot know
    /// where else cargo was told to build.
    pub(crate) fn components(&self) -> PathBuf {
        self.root.join("target/components")
    }

    /// The package ids of all functions, sorted: `<role>-<name>` for every `functions/<role>/<name>/Cargo.toml`.
    pub(crate) fn functions(&self) -> Result<Vec<String>> {
        let mut ids = Vec::new();
        for (role, folder) in folders(&self.root.join("functions"))? {
            for (name, folder) in folders(&folder)? {
                if folder.join("Cargo.toml").is_file() {
                    ids.push(format!("{role}-{name}"));
                }
            }
        }
        ids.sort();
        Ok(ids)
    }

    /// The components that only tests and benchmarks run, as `host-probe`: every folder in `tests` that makes one.
    pub(crate) fn test_components(&self) -> Result<Vec<String>> {
        let makes_one = |folder: &Path| {
            std::fs::read_to_string(folder.join("Cargo.toml")).is_ok_and(|manifest| manifest.contains("\"cdylib\""))
        };
        let mut names: Vec<String> = folders(&self.root.join("tests"))?
            .into_iter()
            .filter(|(_, path)| makes_one(path))
            .map(|(name, _)| name)
            .collect();
        names.sort();
        Ok(names)
    }
}

/// The cargo that started this program.
pub(crate) fn cargo() -> OsString {
    env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"))
}

/// Runs a command to its end, its output going to the terminal.
///
/// # Errors
///
/// It could not be started, or did not end well.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let shown = shown(command);
    let status = command.status().on(&shown)?;
    if status.success() {
        return Ok(());
    }
    Err(Error::new(format!("命令失败（{status}）：{shown}"), format!("this command failed ({status}): {shown}")))
}

/// Runs a command to its end and gives its standard output.
///
/// # Errors
///
/// It could not be started, or did not end well.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let shown = shown(command);
    let output = command.stderr(Stdio::inherit()).output().on(&shown)?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let status = output.status;
    Err(Error::new(format!("命令失败（{status}）：{shown}"), format!("this command failed ({status}): {shown}")))
}

/// A command as a person would type it.
pub(crate) fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}

/// The first program of that name on PATH.
pub(crate) fn on_path(name: &str) -> Option<PathBuf> {
    let file = format!("{name}{}", env::consts::EXE_SUFFIX);
    env::split_paths(&env::var_os("PATH")?).map(|folder| folder.join(&file)).find(|path| path.is_file())
}

fn is_root(folder: &Path) -> bool {
    std::fs::read_to_string(folder.join("Cargo.toml")).is_ok_and(|text| text.lines().any(|line| line == "[workspace]"))
}

/// The target folder that this very program was built into, which tells cargo's own settings without reading them.
fn own_target() -> Option<PathBuf> {
    let program = env::current_exe().ok()?;
    program.ancestors().find(|folder| folder.join("CACHEDIR.TAG").is_file()).map(Path::to_owned)
}

fn is_about_this_crate(name: &str) -> bool {
    name.starts_with("CARGO_PKG_")
        || ["CARGO_MANIFEST_DIR", "CARGO_MANIFEST_PATH", "CARGO_CRATE_NAME", "CARGO_BIN_NAME", "LD_LIBRARY_PATH"]
            .contains(&name)
}

/// The folders inside a folder, with their names; none if it does not exist.
fn folders(path: &Path) -> Result<Vec<(String, PathBuf)>> {
    if !path.is_dir() {
        return Ok(Vec::new());
    }
    let mut found = Vec::new();
    for entry in path.read_dir().on(path.display())? {
        let entry = entry.on(path.display())?;
        if let Ok(name) = entry.file_name().into_string()
            && entry.path().is_dir()
        {
            found.push((name, entry.path()));
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_named_by_their_folders() {
        let root = tempfile::tempdir().unwrap();
        for member in ["carrier/sf", "channel/own-shop", "channel/shopify"] {
            let folder = root.path().join("functions").join(member);
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(folder.join("Cargo.toml"), "").unwrap();
        }
        std::fs::create_dir_all(root.path().join("functions/channel/unfinished")).unwrap();
        let workspace = Workspace { root: root.path().into(), target: root.path().join("target") };
        assert_eq!(workspace.functions().unwrap(), ["carrier-sf", "channel-own-shop", "channel-shopify"]);
    }

    #[test]
    fn only_folders_that_make_a_component_are_test_components() {
        let root = tempfile::tempdir().unwrap();
        for (name, manifest) in [("probe", "[lib]\ncrate-type = [\"cdylib\", \"rlib\"]\n"), ("hub", "[[bin]]\n")] {
            std::fs::create_dir_all(root.path().join("tests").join(name)).unwrap();
            std::fs::write(root.path().join("tests").join(name).join("Cargo.toml"), manifest).unwrap();
        }
        let workspace = Workspace { root: root.path().into(), target: root.path().join("target") };
        assert_eq!(workspace.test_components().unwrap(), ["probe"]);
    }

    #[test]
    fn this_very_workspace_is_found() {
        let workspace = Workspace::find().unwrap();
        assert!(workspace.root.join("tests/hub/src/main.rs").is_file());
        assert!(workspace.target.is_absolute());
    }

    #[test]
    fn a_command_is_shown_as_typed() {
        assert_eq!(shown(Command::new("cargo").args(["build", "-p", "x"])), "cargo build -p x");
    }
}
