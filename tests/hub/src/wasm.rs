//! The wasm32-wasip2 target: found, or fetched by the first way that works on this machine.

mod debian;
mod newer_rustc;

use std::env;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::error::{Error, Result};
use crate::say::{self, Step};
use crate::workspace::{self, Workspace};

/// The target of all components.
pub(crate) const TARGET: &str = "wasm32-wasip2";

/// A compiler that knows the target.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Toolchain {
    /// The one that cargo uses anyway.
    Usual,
    /// A newer one in a folder of its own, for components alone.
    Newer {
        /// The script that starts it.
        rustc: PathBuf,
        /// Folders with the linkers that it needs on PATH.
        path: Vec<PathBuf>,
    },
}

impl Toolchain {
    /// Makes a cargo call use this compiler.
    pub(crate) fn apply<'a>(&self, cargo: &'a mut Command) -> &'a mut Command {
        let Self::Newer { rustc, path } = self else { return cargo };
        let usual = env::var_os("PATH").unwrap_or_default();
        let folders: Vec<PathBuf> = path.iter().cloned().chain(env::split_paths(&usual)).collect();
        cargo.env("RUSTC", rustc).env("PATH", env::join_paths(folders).unwrap_or(usual))
    }

    /// Where components are built: two compilers in one folder would rebuild each other's work at every turn.
    pub(crate) fn target_folder(&self, workspace: &Workspace) -> PathBuf {
        match self {
            Self::Usual => workspace.target.clone(),
            Self::Newer { .. } => workspace.target.join("newer-rustc"),
        }
    }
}

/// What is known of the compiler that cargo uses.
#[derive(Debug)]
struct Compiler {
    /// Where its libraries are.
    sysroot: PathBuf,
    /// `1.95.0`
    version: String,
    /// Its own platform, such as `x86_64-unknown-linux-gnu`.
    host: String,
    /// All it says of itself, which changes with every build of it.
    identity: String,
}

impl Compiler {
    fn ask(workspace: &Workspace) -> Result<Self> {
        let rustc = env::var_os("RUSTC").unwrap_or_else(|| OsString::from("rustc"));
        let sysroot = workspace::output(workspace.program(&rustc).args(["--print", "sysroot"]))?;
        let identity = workspace::output(workspace.program(&rustc).arg("-vV"))?;
        let field =
            |name: &str| identity.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default().to_owned();
        Ok(Self { sysroot: sysroot.trim_end().into(), version: field("release: "), host: field("host: "), identity })
    }

    fn target_folder(&self) -> PathBuf {
        self.sysroot.join("lib/rustlib").join(TARGET)
    }

    /// Whether the sysroot has the target, and built by this very compiler if it was us who built it: after an update
    /// of the compiler, what was made for the old one does not link.
    fn has_target(&self) -> bool {
        let folder = self.target_folder();
        let made_for = std::fs::read_to_string(folder.join(debian::MADE_FOR)).ok();
        has_std(&folder.join("lib")) && made_for.is_none_or(|made_for| made_for == self.identity)
    }
}

/// `cargo hub setup`: gets the target and says which compiler has it.
pub(crate) fn set_up(workspace: &Workspace) -> Result<()> {
    match ensure(workspace)? {
        Toolchain::Usual => say::line(format!("{TARGET} 已就绪"), format!("{TARGET} is there")),
        Toolchain::Newer { rustc, .. } => {
            let rustc = rustc.display();
            say::line(format!("{TARGET} 已就绪，使用 {rustc}"), format!("{TARGET} is there, by a rustc of its own"));
        }
    }
    Ok(())
}

/// Gets the target by the first way that works; a second call finds it there and does nothing.
///
/// # Errors
///
/// No way worked; each said why, and the error says what a person can do.
pub(crate) fn ensure(workspace: &Workspace) -> Result<Toolchain> {
    let compiler = Compiler::ask(workspace)?;
    if compiler.has_target() {
        return Ok(Toolchain::Usual);
    }
    if let Some(toolchain) = newer_rustc::installed(workspace, &compiler) {
        return Ok(toolchain);
    }
    let ways: [(&str, Way); 3] = [
        ("rustup target add", by_rustup),
        ("rust-src + wasi-libc (Debian)", debian::build_into_sysroot),
        ("rustc + libstd-rust-dev-wasm32 (Debian)", newer_rustc::install),
    ];
    let mut reasons = String::new();
    for (name, way) in ways {
        let step = Step::begin(format!("准备 {TARGET}：{name}"), format!("getting {TARGET}: {name}"));
        match way(workspace, &compiler) {
            Ok(toolchain) => {
                step.done();
                return Ok(toolchain);
            }
            Err(error) => {
                step.failed();
                println!("{error}");
                reasons.push_str(&format!("\n  {name}: {}", error.en()));
            }
        }
    }
    Err(nothing_worked(&reasons))
}

/// One way to get the target.
type Way = fn(&Workspace, &Compiler) -> Result<Toolchain>;

fn by_rustup(workspace: &Workspace, compiler: &Compiler) -> Result<Toolchain> {
    if workspace::on_path("rustup").is_none() {
        return Err(Error::new("PATH 中没有 rustup", "there is no rustup on PATH"));
    }
    // What an earlier call built here is not in rustup's books, and rustup refuses to write over it.
    let folder = compiler.target_folder();
    if folder.join(debian::MADE_FOR).is_file() {
        debian::remove(&folder)?;
    }
    workspace::run(workspace.program("rustup").args(["target", "add", TARGET]).stdin(Stdio::null()))?;
    if compiler.has_target() {
        return Ok(Toolchain::Usual);
    }
    Err(Error::new(
        "rustup 添加的目标不属于 cargo 使用的 rustc",
        "rustup added the target to another toolchain than the rustc that cargo uses",
    ))
}

fn nothing_worked(reasons: &str) -> Error {
    Error::new(
        format!(
            "无法获得 {TARGET}，各方式的原因见上。可在能联网（或设好 HTTPS_PROXY）时运行：rustup target add {TARGET}"
        ),
        format!(
            "{TARGET} could not be had:{reasons}\nWhat helps: `rustup target add {TARGET}` where the network allows it \
             (HTTPS_PROXY set if there is a proxy), or, on Debian, this command again as a user who may write to the \
             folder that `rustc --print sysroot` names"
        ),
    )
}

/// Whether a folder of libraries has the standard library.
fn has_std(folder: &Path) -> bool {
    let Ok(entries) = folder.read_dir() else { return false };
    entries.flatten().any(|entry| {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        name.starts_with("libstd-") && name.ends_with(".rlib")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn compiler(sysroot: &Path) -> Compiler {
        Compiler { sysroot: sysroot.into(), version: "1.95.0".into(), host: "x".into(), identity: "rustc one\n".into() }
    }

    #[test]
    fn the_target_is_there_only_with_its_standard_library() {
        let sysroot = tempfile::tempdir().unwrap();
        let compiler = compiler(sysroot.path());
        let lib = compiler.target_folder().join("lib");
        assert!(!compiler.has_target());
        fs::create_dir_all(&lib).unwrap();
        fs::write(lib.join("libcore-1.rlib"), "").unwrap();
        assert!(!compiler.has_target());
        fs::write(lib.join("libstd-1.rlib"), "").unwrap();
        assert!(compiler.has_target());
    }

    #[test]
    fn a_target_built_for_another_compiler_does_not_count() {
        let sysroot = tempfile::tempdir().unwrap();
        let compiler = compiler(sysroot.path());
        let folder = compiler.target_folder();
        fs::create_dir_all(folder.join("lib")).unwrap();
        fs::write(folder.join("lib/libstd-1.rlib"), "").unwrap();
        fs::write(folder.join(debian::MADE_FOR), "rustc zero\n").unwrap();
        assert!(!compiler.has_target());
        fs::write(folder.join(debian::MADE_FOR), &compiler.identity).unwrap();
        assert!(compiler.has_target());
    }

    #[test]
    fn a_newer_compiler_is_put_before_the_usual_one_and_builds_elsewhere() {
        let workspace = Workspace { root: "/w".into(), target: "/t".into() };
        let newer = Toolchain::Newer { rustc: "/n/rustc".into(), path: vec!["/n/bin".into()] };
        let mut cargo = Command::new("cargo");
        newer.apply(&mut cargo);
        let set: Vec<String> = cargo
            .get_envs()
            .filter_map(|(name, value)| Some(format!("{}={}", name.display(), value?.display())))
            .collect();
        assert!(set.contains(&"RUSTC=/n/rustc".to_owned()), "{set:?}");
        assert!(set.iter().any(|set| set.starts_with("PATH=/n/bin:")), "{set:?}");
        assert_eq!(newer.target_folder(&workspace), Path::new("/t/newer-rustc"));
        assert_eq!(Toolchain::Usual.target_folder(&workspace), Path::new("/t"));
    }
}
