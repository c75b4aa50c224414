//! Hands over to a real Spin.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Duration;

use crate::error::{Context, Error, Result};
use crate::http;
use crate::say;
use crate::state;
use crate::supervise::{Children, Waited};
use crate::up::{LISTENING, Serving};
use crate::workspace;

/// The name that Spin goes by in messages.
const SPIN: &str = "spin";
/// The oldest version that serves WASI 0.3 as the components are built for it.
const NEEDED: (u32, u32) = (4, 1);
/// What Spin says when it serves.
const SERVING: &str = "Serving http://";

/// A Spin that is new enough.
#[derive(Debug)]
pub(crate) struct Spin {
    program: PathBuf,
}

/// The `spin` on PATH.
///
/// # Errors
///
/// There is none, or it is too old; the error says what was found.
pub(crate) fn find() -> Result<Spin> {
    let (major, minor) = NEEDED;
    let Some(program) = workspace::on_path(SPIN) else {
        return Err(Error::new(
            format!("PATH 中没有 spin，需要 {major}.{minor} 或更新；不带 --spin 则使用自带的宿主"),
            format!(
                "there is no spin on PATH; {major}.{minor} or newer is needed; without --spin the embedded host serves"
            ),
        ));
    };
    let said = workspace::output(Command::new(&program).arg("--version"))?;
    let said = said.trim();
    if version(said).is_some_and(|found| found >= NEEDED) {
        return Ok(Spin { program });
    }
    Err(Error::new(
        format!("{} 是“{said}”，需要 {major}.{minor} 或更新", program.display()),
        format!("{} says \"{said}\"; {major}.{minor} or newer is needed", program.display()),
    ))
}

/// Starts Spin, waits until it serves, and gives it the heartbeat that the embedded host has built in.
pub(crate) fn serve(spin: &Spin, serving: &Serving<'_>, children: &mut Children) -> Result<Waited> {
    children.start(SPIN, &mut command(spin, serving)?)?;
    let waited = children.wait_for(SPIN, SERVING)?;
    let Waited::Line(line) = waited else { return Ok(waited) };
    let authority = line.trim_start_matches(SERVING).trim_end_matches('/').to_owned();
    let listening = format!("{LISTENING}http://{authority}");
    println!("{listening}");
    thread::spawn(move || beat(&authority));
    Ok(Waited::Line(listening))
}

fn command(spin: &Spin, serving: &Serving<'_>) -> Result<Command> {
    let mut command = serving.workspace.program(&spin.program);
    command.arg("up").arg("--from").arg(serving.workspace.root.join("spin.toml"));
    command.args(["--listen", serving.listen]).arg("--state-dir").arg(&serving.state.path);
    let configuration = match &serving.runtime_config_file {
        Some(file) => file.clone(),
        None => own_configuration(serving)?,
    };
    command.arg("--runtime-config-file").arg(configuration);
    command.envs(&serving.variables).stdin(serving.state.lock_handle()?);
    Ok(command)
}

/// Spin knows one database unless a runtime configuration names more. Ours is a pattern with the default state folder
/// in it; here it is laid into the chosen one.
fn own_configuration(serving: &Serving<'_>) -> Result<PathBuf> {
    let pattern = serving.workspace.root.join("runtime-config.toml");
    let text = fs::read_to_string(&pattern).on(pattern.display())?;
    let file = serving.state.path.join("runtime-config.toml");
    state::write_private(&file, &laid_into(&text, &serving.state.path))?;
    Ok(file)
}

/// The pattern with every path under `.huidan` led under `folder`.
fn laid_into(pattern: &str, folder: &Path) -> String {
    pattern.replace("\".huidan/", &format!("\"{}/", folder.display()))
}

/// Runs what is due, every second. A beat that fails is said once, until one succeeds again.
fn beat(authority: &str) {
    let mut failing = false;
    loop {
        thread::sleep(Duration::from_secs(1));
        let beat = http::post(authority, "/tick", None);
        if let Err(error) = &beat
            && !failing
        {
            say::line(format!("心跳失败：{}", error.en()), "the heartbeat fails");
        }
        failing = beat.is_err();
    }
}

/// Reads `spin 4.1.0 (abc 2026-01-01)`.
fn version(said: &str) -> Option<(u32, u32)> {
    let mut parts = said.strip_prefix("spin ")?.split(['.', ' ', '-']);
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

/// Whether the components can be tried under a real Spin on this machine.
pub(crate) fn is_there() -> bool {
    find().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_runtime_configuration_follows_the_state_folder() {
        let pattern = include_str!("../../../runtime-config.toml");
        let text = laid_into(pattern, Path::new("/data/shop"));
        assert!(pattern.contains("path = \".huidan/edge.db\""), "{pattern}");
        assert!(text.contains("path = \"/data/shop/edge.db\""), "{text}");
        assert!(!text.contains(".huidan/"), "{text}");
    }

    #[test]
    fn versions_are_read_and_compared_as_numbers() {
        for (said, fits) in [
            ("spin 4.1.0 (59a 2026-05-01)", true),
            ("spin 4.1.0-pre0 (59a 2026-05-01)", true),
            ("spin 4.10.2", true),
            ("spin 5.0.0", true),
            ("spin 4.0.2 (1f2 2026-02-01)", false),
            ("spin 3.12.0", false),
            ("SPIN model checker 6.5.2", false),
            ("", false),
        ] {
            assert_eq!(version(said).is_some_and(|found| found >= NEEDED), fits, "{said}");
        }
    }
}
